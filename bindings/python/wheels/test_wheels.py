# SPDX-License-Identifier: Apache-2.0
"""The ways to install the package: wheel, source distribution, tree; with the
bundled library, an installed one, and one that has libsodium alone. check.sh
runs these tests. Each installs into a virtual environment of its own and runs
first_sum.py there."""
import glob
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
LINUX = sys.platform == "linux"
JOBS = f"-j{os.cpu_count() or 1}"
# Nothing but these may be loaded by a wheel for Linux.
SYSTEM = re.compile(r"(libc|libm|libdl|libpthread|ld-linux[\w-]*)\.so\.\d+"
                    r"|libc\.musl-\w+\.so\.1|libc\.so")


def clean(**extra):
    """The environment without the variables that select a library."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("SECAGG_") and k not in (
                "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHONPATH")}
    return {**kept, **extra}


def run(*command, error=False, **extra):
    """The output of a command that must succeed, or fail."""
    done = subprocess.run([str(word) for word in command], env=clean(**extra),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=1200)
    assert (done.returncode != 0) == error, done.stdout
    return done.stdout


def pythons():
    """Interpreters from 3.10 on, one a version."""
    found = {}
    for place in (os.environ.get("PATH", "").split(os.pathsep)
                  + glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin"))):
        for file in sorted(pathlib.Path(place).glob("python3.[0-9]*")):
            name = re.fullmatch(r"python3\.(\d+)", file.name)
            if name and int(name[1]) >= 10 and "shims" not in file.parts:
                found.setdefault(int(name[1]), file)
    return [found[minor] for minor in sorted(found)]


class Environment:
    """A virtual environment."""

    def __init__(self, folder, python=sys.executable):
        run(python, "-m", "venv", folder)
        self.python = folder / "bin" / "python"

    def install(self, what, **options):
        return run(self.python, "-m", "pip", "-q", "install",
                   "--disable-pip-version-check", "--no-compile", what,
                   **options)

    def first_sum(self, **extra):
        """The suite and the version that a session prints."""
        return run(self.python, HERE / "first_sum.py", **extra).split()


def version():
    text = (ROOT / "include/secagg/base.h").read_text()
    return ".".join(re.findall(r"#define SECAGG_VERSION_\w+ (\d+)", text))


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """Two builds, in different folders, of wheel and source distribution."""
    folders = [tmp_path_factory.mktemp("one"),
               tmp_path_factory.mktemp("another") / "with a blank"]
    for folder in folders:
        temporary = folder.parent / f"tmp-{folder.name.replace(' ', '-')}"
        temporary.mkdir()
        run("sh", HERE / "build.sh", folder, TMPDIR=str(temporary))
    return folders


@pytest.fixture(scope="module")
def wheel(builds):
    return one(builds[0], "*.whl")


@pytest.fixture(scope="module")
def sdist(builds):
    return one(builds[0], "*.tar.gz")


def one(folder, pattern):
    file, = folder.glob(pattern)
    return file


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path / "environment")


# ---- what is built --------------------------------------------------------

@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_two_builds_have_the_same_bytes(builds, pattern):
    digests = {hashlib.sha256(one(folder, pattern).read_bytes()).hexdigest()
               for folder in builds}
    assert len(digests) == 1


def test_the_wheel_is_for_all_versions_of_python_and_small(wheel):
    assert re.fullmatch(rf"secagg-{version()}-cp310-abi3-\w+\.whl", wheel.name)
    assert wheel.stat().st_size < 3_000_000
    if LINUX:
        assert "linux_" in wheel.name and "-linux_" not in wheel.name


def test_the_wheel_has_the_licences_of_what_is_inside(wheel):
    with zipfile.ZipFile(wheel) as files:
        names = {name.split("/licenses/")[1]: name for name in files.namelist()
                 if ".dist-info/licenses/" in name}
        metadata = files.read(one_name(files, "/METADATA")).decode()
        ours = files.read(names["LICENSE"])
        sodium = files.read(names["licences/libsodium.txt"]).decode()
        openssl = files.read(names["licences/openssl.txt"]).decode()
    assert "License-Expression: Apache-2.0 AND ISC\n" in metadata
    assert ours == (ROOT / "LICENSE").read_bytes()
    assert "Frank Denis" in sodium and "Permission to use" in sodium
    assert "OpenSSL Project Authors" in openssl


def one_name(files, end):
    name, = (name for name in files.namelist() if name.endswith(end))
    return name


@pytest.fixture
def extension(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as files:
        return pathlib.Path(files.extract(
            one_name(files, "_secagg.abi3.so"), tmp_path))


@pytest.mark.skipif(not LINUX or not shutil.which("readelf"),
                    reason="no readelf, or no ELF")
def test_the_extension_loads_the_c_library_alone_and_has_one_symbol(extension):
    dynamic = run("readelf", "-d", extension)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    assert needed and all(SYSTEM.fullmatch(name) for name in needed), needed
    assert "PATH)" not in dynamic
    symbols = run("nm", "-D", "--defined-only", extension).split()
    assert symbols[2::3] == ["PyInit__secagg"]
    headers = run("readelf", "-lW", extension)
    assert "GNU_RELRO" in headers
    assert re.search(r"GNU_STACK.* RW ", headers)
    assert "NOW" in dynamic


def test_the_extension_names_no_folder_of_this_machine(extension):
    data = extension.read_bytes()
    for folder in (ROOT, pathlib.Path.home(), sys.prefix, "/tmp"):
        assert f"{folder}/".encode() not in data


# ---- installing -----------------------------------------------------------

@pytest.mark.parametrize("python", pythons(), ids=lambda file: file.name)
def test_the_wheel_runs_a_session(wheel, python, tmp_path):
    environment = Environment(tmp_path / "environment", python)
    environment.install(wheel)
    assert environment.first_sum() == ["aes", version()]


@pytest.fixture
def no_autoconf(tmp_path):
    """A folder whose autoconf fails, for the front of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "autoconf").write_text("#!/bin/sh\nexit 1\n")
    (folder / "autoconf").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_source_distribution_builds_its_library(sdist, environment,
                                                    no_autoconf):
    environment.install(sdist, SECAGG_LIBRARY="bundled", PATH=no_autoconf)
    assert environment.first_sum() == ["aes", version()]


def test_a_build_with_libsodium_alone_chooses_chacha(sdist, environment):
    environment.install(sdist, SECAGG_LIBRARY="bundled",
                        SECAGG_CONFIGURE="--with-crypto=sodium")
    assert environment.first_sum() == ["chacha", version()]
    run(environment.python, "-c", """if True:
        import sys
        import secagg
        assert "libsodium alone" in secagg.available("aes")
        assert secagg.available("chacha") == ""
        params = secagg.Params([secagg.Segment(1)], clients=5, suite="aes")
        try:
            secagg.Server(params.choose(.2, .2))
        except secagg.CryptoError:
            sys.exit()
        sys.exit("suite aes was accepted")""")


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """A folder in which the library is installed."""
    build = tmp_path_factory.mktemp("build")
    to = tmp_path_factory.mktemp("installed")
    run("sh", "-c", 'cd "$1" && "$2"/configure -q --without-gmp --prefix="$3" '
        '--libdir="$3"/lib && make -s "$4" install', "sh", build, ROOT, to,
        JOBS)
    return to


def test_the_source_distribution_uses_an_installed_library(
        sdist, environment, prefix):
    environment.install(sdist, SECAGG_LIBRARY="system",
                        PKG_CONFIG_PATH=f"{prefix}/lib/pkgconfig",
                        LDFLAGS=f"-Wl,-rpath,{prefix}/lib")
    assert environment.first_sum() == ["aes", version()]
    maps = run(environment.python, "-c",
               "import secagg; print(open('/proc/self/maps').read())")
    assert f"{prefix}/lib/libsecagg.so" in maps


def test_a_missing_library_is_named(sdist, environment, tmp_path):
    said = environment.install(sdist, error=True, SECAGG_LIBRARY="system",
                               PKG_CONFIG_LIBDIR=str(tmp_path))
    assert "pkg-config finds no libsecagg" in said


def test_the_tree_installs(environment, tmp_path):
    copy = tmp_path / "tree"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(
        ".git", "*.o", "*.a", "*.so*", "build*", "config.mk", "config.status",
        "configure"))
    environment.install(copy / "bindings/python", SECAGG_LIBRARY="bundled")
    assert environment.first_sum() == ["aes", version()]
