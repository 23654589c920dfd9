# SPDX-License-Identifier: Apache-2.0
"""The parts of the package that pyproject.toml cannot say: the extension, the
version, and the sources of the C library in a source distribution."""
import gzip
import os
import pathlib
import shutil
import sys
import sysconfig
import tarfile

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import secagg_build  # noqa: E402

# What the build of the archive reads.
BUNDLE = ("configure.ac", "configure", "Makefile", "LICENSE", "lib", "include")
GENERATED = ("*.o", "*.d", "*.a", "*.so*", "*.dylib", "MANIFEST",
             "libsecagg.pc", "libsecagg.map", "secagg-config.cmake",
             "secagg-config-version.cmake")
# One wheel serves all versions of Python from this one on, except builds
# without the stable ABI.
ABI3 = (sys.implementation.name == "cpython"
        and not sysconfig.get_config_var("Py_GIL_DISABLED")
        and not hasattr(sys, "gettotalrefcount"))


class Build(build_ext):
    """Builds the library and writes the source of the extension first."""

    def run(self):
        temporary = pathlib.Path(self.build_temp)
        flags = secagg_build.library(temporary)
        source = temporary / "_secagg.c"
        source.parent.mkdir(parents=True, exist_ok=True)
        secagg_build.binding(flags).emit_c_code(str(source))
        for extension in self.extensions:
            extension.sources = [str(source)]
            extension.extra_compile_args = flags.compile
            extension.extra_link_args = flags.link
            extension.depends = [word for word in flags.link
                                 if word.endswith(".a")]
        super().run()


class WithLibrary(sdist):
    """Adds the sources of the library to a source distribution."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        root, to = secagg_build.sources(), pathlib.Path(base_dir, "libsecagg")
        secagg_build.autoconf(root)
        to.mkdir(exist_ok=True)
        for name in BUNDLE:
            if (root / name).is_dir():
                shutil.copytree(root / name, to / name, dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns(*GENERATED))
            else:
                shutil.copy2(root / name, to / name)

    def make_archive(self, base_name, format, root_dir=None, base_dir=None,
                     owner=None, group=None):
        """Write the same bytes each time if SOURCE_DATE_EPOCH is set."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch is None or format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir,
                                        owner, group)

        def normal(entry):
            entry.mtime, entry.uid, entry.gid = int(epoch), 0, 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755 if entry.mode & 0o100 else 0o644
            return entry

        name = f"{base_name}.tar.gz"
        with open(name, "wb") as file, gzip.GzipFile(
                "", "wb", fileobj=file, mtime=int(epoch)) as packed:
            with tarfile.open(fileobj=packed, mode="w",
                              format=tarfile.PAX_FORMAT) as archive:
                # Folders are entered in the order of their names.
                archive.add(base_dir, filter=normal)
        return name


HERE = pathlib.Path(__file__).resolve().parent
if not (HERE / "LICENSE").exists():
    shutil.copy2(secagg_build.sources() / "LICENSE", HERE / "LICENSE")

setup(version=secagg_build.version(),
      # With libsodium and libcrypto inside, their licences are added.
      license_expression=("Apache-2.0 AND ISC" if secagg_build.static()
                          else "Apache-2.0"),
      ext_modules=[Extension(
          secagg_build.MODULE, sources=[], py_limited_api=ABI3,
          define_macros=[] if ABI3 else [("_CFFI_NO_LIMITED_API", None)])],
      cmdclass={"build_ext": Build, "sdist": WithLibrary},
      options={"bdist_wheel": {"py_limited_api": "cp310"}} if ABI3 else {})
