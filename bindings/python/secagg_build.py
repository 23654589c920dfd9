# SPDX-License-Identifier: Apache-2.0
"""How the extension ``secagg._secagg`` is built (cffi, API mode).

It links an installed libsecagg, which pkg-config finds, or else builds the
sources of the library, which every source distribution has. The environment
decides otherwise:

SECAGG_LIBRARY   ``system``: an installed library, or an error. ``bundled``:
                 the sources. Default: ``system`` if there is one.
SECAGG_LIBS      linker flags for an installed library that pkg-config does not
                 find; with SECAGG_CFLAGS, its compiler flags.
SECAGG_CONFIGURE arguments of ``configure`` for the bundled library, such as
                 ``--with-crypto=sodium``; the default is ``--without-gmp``.
SECAGG_STATIC    ``1``: build the sources and link libsodium and libcrypto
                 statically, for wheels.
PKG_CONFIG, CC, CFLAGS, LDFLAGS and the variables of ``configure``: as usual.

``python secagg_build.py FOLDER`` writes the extension into FOLDER/secagg,
without setuptools and its metadata.
"""
from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import sys
import sysconfig
import tempfile

import cffi

HERE = pathlib.Path(__file__).resolve().parent
NAME = "libsecagg"
MODULE = "secagg._secagg"
# Functions of the host that the library calls.
CALLBACKS = """
extern "Python" secagg_err secagg_py_sign(void *user, uint8_t *signature,
    const uint8_t *msg, size_t len);
extern "Python" secagg_err secagg_py_verify(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len);
"""


@dataclasses.dataclass
class Flags:
    """Flags with which the extension is compiled and linked."""

    compile: list[str]
    link: list[str]


# ---- tools ----------------------------------------------------------------

def run(*command: str, **options: object) -> str:
    """The output of a command; its failure ends the build."""
    done = subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE, **options)  # type: ignore
    return str(done.stdout)


def words(variable: str, default: str = "") -> list[str]:
    """The words of an environment variable."""
    return shlex.split(os.environ.get(variable) or default)


def pkg_config(*arguments: str) -> list[str] | None:
    """The words that pkg-config prints; None if it or the package is missing.

    Folders of the system are printed too: the headers are also read with
    ``-nostdinc``.
    """
    env = {**os.environ, "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1"}
    try:
        out = run(*words("PKG_CONFIG", "pkg-config"), *arguments, env=env,
                  stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return shlex.split(out)


def compiler() -> list[str]:
    """The C compiler."""
    return words("CC", sysconfig.get_config_var("CC") or "cc")


# ---- the library ----------------------------------------------------------

def sources() -> pathlib.Path:
    """The folder of the C library: in its tree, or in a source distribution."""
    for root in (HERE / NAME, HERE.parents[1]):
        if (root / "include/secagg/base.h").is_file():
            return root
    raise SystemExit(f"secagg: the sources of {NAME} are missing")


def version() -> str:
    """The version of the library whose sources these are."""
    text = (sources() / "include/secagg/base.h").read_text()
    return ".".join(re.findall(r"#define SECAGG_VERSION_\w+ (\d+)", text))


def installed() -> Flags | None:
    """Flags for an installed library with this interface, if there is one."""
    if "SECAGG_LIBS" in os.environ:
        return Flags(words("SECAGG_CFLAGS"), words("SECAGG_LIBS"))
    major, minor = version().split(".")[:2]
    range_ = (f"{NAME} >= {major}.{minor}", f"{NAME} < {major}.{int(minor)+1}")
    if pkg_config("--exists", *range_) is None:
        return None
    return Flags(pkg_config("--cflags", NAME) or [],
                 pkg_config("--libs", NAME) or [])


def autoconf(root: pathlib.Path) -> None:
    """Make configure in a git tree; a source distribution has it."""
    script = root / "configure"
    if root.parent != HERE and (
            not script.exists() or script.stat().st_mtime
            < (root / "configure.ac").stat().st_mtime):
        run("autoconf", cwd=root)


def configured(root: pathlib.Path, build: pathlib.Path) -> None:
    """Configure the bundled library, unless it is configured in this way."""
    command = [str(root / "configure"), "-q", "--disable-shared",
               f"CC={shlex.join(compiler())}",
               *words("SECAGG_CONFIGURE", "--without-gmp"), *archives()]
    done = build / "configured"
    if done.is_file() and done.read_text() == shlex.join(command):
        return
    autoconf(root)
    run(*command, cwd=build)
    done.write_text(shlex.join(command))


def bundled(build: pathlib.Path) -> Flags:
    """Build the library in a folder and link the archive."""
    root = sources()
    build.mkdir(parents=True, exist_ok=True)
    configured(root, build)
    # Flags of an outer make are not for this one.
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    command = words("MAKE", "make") + ["-s", f"-j{os.cpu_count() or 1}"]
    if root.parent == HERE:  # times of unpacked files must not call autoconf
        command += ["-o", str(root / "configure")]
    run(*command, "lib/libsecagg.a", cwd=build, env=env)
    libraries = re.search(r"^DEP_LIBS *=(.*)$",
                          (build / "config.mk").read_text(), re.M)
    return Flags([f"-I{root / 'include'}"], [
        str(build / "lib/libsecagg.a"),
        *shlex.split(libraries[1] if libraries else ""), "-lm", *hidden()])


def static() -> bool:
    """Whether libsodium and libcrypto are linked statically."""
    return os.environ.get("SECAGG_STATIC") == "1"


def archives() -> list[str]:
    """Arguments of configure that select static libraries.

    A variable that the user set is left alone, and configure says whether it
    needs a library that pkg-config does not find.
    """
    out = []
    for variable, package in (("SODIUM", "libsodium"), ("CRYPTO", "libcrypto")):
        own = pkg_config("--libs-only-l", package)
        folder = pkg_config("--variable=libdir", package)
        if not static() or not own or not folder or (
                f"{variable}_LIBS" in os.environ):
            continue
        files = [f"{folder[0]}/lib{word[2:]}.a" for word in own]
        rest = [word for word in pkg_config("--static", "--libs", package) or []
                if word not in own and not word.startswith("-L")]
        cflags = pkg_config("--cflags", package) or []
        out += [f"{variable}_LIBS={shlex.join(files + rest)}",
                f"{variable}_CFLAGS={shlex.join(cflags)}"]
    return out


def hidden() -> list[str]:
    """Linker flags that keep the names of static libraries in the extension.

    Otherwise they could replace, or be replaced by, those of another copy of
    OpenSSL in the process. Unused code and names are left out.
    """
    if not static():
        return []
    if sys.platform == "darwin":
        return ["-Wl,-exported_symbol,_PyInit__secagg", "-Wl,-dead_strip",
                "-Wl,-x"]
    return ["-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,-z,now",
            "-Wl,-s"]


def library(build: pathlib.Path) -> Flags:
    """The library that the environment selects; `build` is for bundled ones."""
    choice = os.environ.get("SECAGG_LIBRARY", "bundled" if static() else "")
    if choice not in ("", "system", "bundled"):
        raise SystemExit(f"SECAGG_LIBRARY is {choice!r}: it must be system or "
                         "bundled")
    found = None if choice == "bundled" else installed()
    if found is None and choice == "system":
        raise SystemExit(f"secagg: pkg-config finds no {NAME} whose version "
                         f"begins like {version()}")
    return found or bundled(build.resolve() / NAME)


# ---- the extension --------------------------------------------------------

def declarations(compile_: list[str]) -> str:
    """The public headers as text for cffi, made as secagg(3) says."""
    with tempfile.TemporaryDirectory() as empty:
        for name in ("stdbool.h", "stddef.h", "stdint.h"):
            pathlib.Path(empty, name).touch()
        main = pathlib.Path(empty, "main.c")
        main.write_text("#include <secagg.h>\n")
        text = run(*compiler(), "-E", "-P", "-nostdinc", "-I", empty,
                   *compile_, "-DSECAGG_MUST_CHECK=", str(main))
    return "".join(line for line in text.splitlines(True)
                   if not line.startswith("#"))


def binding(flags: Flags) -> cffi.FFI:
    """The description of the extension."""
    ffi = cffi.FFI()
    ffi.cdef(declarations(flags.compile) + CALLBACKS)
    ffi.set_source(MODULE, "#include <secagg.h>\n",
                   extra_compile_args=flags.compile,
                   extra_link_args=flags.link)
    return ffi


def main(folder: str) -> None:
    """Write the extension into a folder."""
    to = pathlib.Path(folder)
    with tempfile.TemporaryDirectory() as build:
        made = pathlib.Path(binding(library(pathlib.Path(build))).compile(
            tmpdir=build, target="_secagg.abi3.so"))
        (to / "secagg").mkdir(parents=True, exist_ok=True)
        (to / "secagg" / made.name).write_bytes(made.read_bytes())


if __name__ == "__main__":
    main(sys.argv[1])
