# SPDX-License-Identifier: Apache-2.0
"""The parts of the package that pyproject.toml cannot say: the extension, the
version, and the sources of the C library in a source distribution."""
import pathlib
import shutil
import sys

from setuptools import setup
from setuptools.command.sdist import sdist

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import secagg_build  # noqa: E402

# What the build of the archive reads.
BUNDLE = ("configure.ac", "Makefile", "LICENSE", "lib", "include")
GENERATED = ("*.o", "*.d", "*.a", "*.so*", "libsecagg.pc", "libsecagg.map",
             "secagg-config.cmake", "secagg-config-version.cmake")


class WithLibrary(sdist):
    """Adds the sources of the library to a source distribution."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        root, to = secagg_build.sources(), pathlib.Path(base_dir, "libsecagg")
        secagg_build.run("autoconf", cwd=root)
        for name in (*BUNDLE, "configure"):
            if (root / name).is_dir():
                shutil.copytree(root / name, to / name, dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns(*GENERATED))
            else:
                to.mkdir(exist_ok=True)
                shutil.copy2(root / name, to / name)


setup(version=secagg_build.version(),
      cffi_modules=["secagg_build.py:ffibuilder"],
      cmdclass={"sdist": WithLibrary},
      # One wheel for all versions of Python from this one on.
      options={"bdist_wheel": {"py_limited_api": "cp310"}})
