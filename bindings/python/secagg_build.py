# SPDX-License-Identifier: Apache-2.0
"""How the extension ``secagg._secagg`` is built (cffi, API mode).

It links an installed libsecagg, which pkg-config finds, or else builds the
sources of the library that this folder is distributed with. The environment
decides otherwise:

SECAGG_LIBRARY   ``system``: an installed library, or an error. ``bundled``:
                 the sources. Default: ``system`` if there is one.
SECAGG_STATIC    ``1``: link libsodium and libcrypto statically, for wheels.
SECAGG_CONFIGURE arguments of ``configure`` for the bundled library, such as
                 ``--with-crypto=sodium``; the default is ``--without-gmp``.
PKG_CONFIG, CC   as usual.
"""
from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import sysconfig
import tempfile

import cffi

HERE = pathlib.Path(__file__).resolve().parent
NAME = "libsecagg"
# Sizes of buffers for sentences, and functions of the host.
CALLBACKS = """
extern "Python" secagg_err secagg_py_sign(void *user, uint8_t *signature,
    const uint8_t *msg, size_t len);
extern "Python" secagg_err secagg_py_verify(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len);
"""


def sources() -> pathlib.Path | None:
    """The folder of the C library: in its tree, or in a source distribution."""
    for root in (HERE / NAME, HERE.parents[1]):
        if (root / "configure.ac").is_file():
            return root
    return None


def version() -> str:
    """The version of the library whose sources these are."""
    root = sources()
    if root is None:
        raise SystemExit("secagg: the sources of libsecagg are missing")
    text = (root / "include/secagg/base.h").read_text()
    return ".".join(re.findall(r"#define SECAGG_VERSION_\w+ (\d+)", text))


def run(*command: str, cwd: pathlib.Path | None = None) -> str:
    """The output of a command; its failure ends the build."""
    return subprocess.run(command, cwd=cwd, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def pkg_config(*arguments: str, path: pathlib.Path | None = None) -> list[str]:
    """What pkg-config prints, as words."""
    tool = shlex.split(os.environ.get("PKG_CONFIG", "pkg-config"))
    env = dict(os.environ)
    if path is not None:
        env["PKG_CONFIG_PATH"] = os.pathsep.join(
            [str(path)] + env.get("PKG_CONFIG_PATH", "").split(os.pathsep))
    done = subprocess.run([*tool, *arguments], text=True, check=True, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return shlex.split(done.stdout)


def compiler() -> list[str]:
    """The C compiler."""
    return shlex.split(os.environ.get("CC")
                       or sysconfig.get_config_var("CC") or "cc")


def declarations(include: pathlib.Path) -> str:
    """The public headers as text for cffi, made as secagg(3) says."""
    with tempfile.TemporaryDirectory() as empty:
        for name in ("stdbool.h", "stddef.h", "stdint.h"):
            pathlib.Path(empty, name).touch()
        text = run(*compiler(), "-E", "-P", "-nostdinc", "-I", empty, "-I",
                   str(include), "-DSECAGG_MUST_CHECK=",
                   str(include / "secagg.h"))
    return "".join(line for line in text.splitlines(True)
                   if not line.startswith("#"))


def system() -> dict[str, list[str]] | None:
    """Link flags of an installed library of this version, if there is one."""
    least = version().rsplit(".", 1)[0]
    try:
        pkg_config("--exists", f"{NAME} >= {least}")
    except (OSError, subprocess.CalledProcessError):
        return None
    return flags(pkg_config("--cflags", NAME), pkg_config("--libs", NAME),
                 pkg_config("--variable=includedir", NAME))


def flags(compile_: list[str], link: list[str],
          include: list[str]) -> dict[str, list[str]]:
    """Arguments of ``set_source``, with the folder of the headers."""
    return {"extra_compile_args": compile_, "extra_link_args": link,
            "include": include}


def bundled(build: pathlib.Path) -> dict[str, list[str]]:
    """Build the sources in a folder and link the archive."""
    root = sources()
    assert root is not None
    build.mkdir(parents=True, exist_ok=True)
    if not (root / "configure").exists():
        run("autoconf", cwd=root)
    arguments = shlex.split(os.environ.get("SECAGG_CONFIGURE",
                                           "--without-gmp"))
    run(str(root / "configure"), "-q", "--disable-shared", "--prefix=/",
        f"CC={shlex.join(compiler())}", *arguments, cwd=build)
    jobs = str(os.cpu_count() or 1)
    # Flags of an outer make are not for this one.
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
    subprocess.run(["make", "-s", f"-j{jobs}", "lib/libsecagg.a"], cwd=build,
                   check=True, env=env)
    requires = re.search(r"^Requires\.private: *(.*)$",
                         (build / "lib/libsecagg.pc").read_text(), re.M)
    needed = re.findall(r"[a-z][\w.+-]*", requires[1]) if requires else []
    return flags([f"-I{root / 'include'}"],
                 [str(build / "lib/libsecagg.a"), *dependencies(needed),
                  "-lm"],
                 [str(root / "include")])


def dependencies(needed: list[str]) -> list[str]:
    """Link flags of the libraries that the archive needs."""
    if os.environ.get("SECAGG_STATIC") != "1":
        return pkg_config("--libs", *needed)
    out = []
    for package in needed:
        folder = pathlib.Path(
            pkg_config("--variable=libdir", package)[0])
        out += [str(folder / f"lib{word[2:]}.a") for word in
                pkg_config("--libs-only-l", package)]
    # No name of the libraries leaves the extension, and unused code goes.
    return [*out, "-ldl", "-lpthread", "-Wl,--exclude-libs,ALL",
            "-Wl,--gc-sections", "-Wl,-s"]


def library() -> dict[str, list[str]]:
    """The library that the environment selects."""
    choice = os.environ.get("SECAGG_LIBRARY", "")
    if choice not in ("", "system", "bundled"):
        raise SystemExit(f"SECAGG_LIBRARY is {choice!r}: it must be system or "
                         "bundled")
    found = None if choice == "bundled" else system()
    if found is None and choice == "system":
        raise SystemExit(f"secagg: pkg-config finds no {NAME} of version "
                         f"{version()}")
    return found or bundled(pathlib.Path(
        os.environ.get("SECAGG_BUILD", HERE / "build" / NAME)).resolve())


def builder() -> cffi.FFI:
    """The description of the extension, for setuptools."""
    link = library()
    include = pathlib.Path(link.pop("include")[0])
    ffi = cffi.FFI()
    ffi.cdef(declarations(include) + CALLBACKS)
    ffi.set_source("secagg._secagg", "#include <secagg.h>\n", **link)
    return ffi


ffibuilder = builder
