# SPDX-License-Identifier: Apache-2.0
"""Identities of active mode: with which key a client signs, and which keys the
parties trust."""
from __future__ import annotations

from typing import Any, Callable, Mapping, NoReturn, Union

from ._errors import ArgumentError, check
from ._secagg import ffi, lib

#: Whether a public key is the identity of a client: called with its index, the
#: key and its credential. None: not known yet, pass the message again later.
#: The same holds if it raises an exception: the call that passed the message
#: raises StateError with the exception as its cause.
Verifier = Callable[[int, bytes, bytes], Union[bool, None]]
#: Keys by index, or a function. A mapping is the whole list: a client that it
#: lacks may not take part.
Trust = Union[Mapping[int, bytes], Verifier]


class Identity:
    """A long-term Ed25519 key pair of a client, or a function that signs.

    Parameters
    ----------
    public_key : bytes
        The identity, 32 bytes.
    sign : callable
        Signs a message of fewer than 200 bytes: ``sign(message)`` returns 64
        bytes. For keys in a hardware module. If it raises an exception, the
        call that needed the signature raises CryptoError with the exception
        as its cause, and may be repeated.
    credential : bytes
        What vouches for the key to the other parties, up to 2,048 bytes: a
        certificate, or the signature of a framework's key.
    """

    def __init__(self, public_key: bytes, sign: Callable[[bytes], bytes], *,
                 credential: bytes = b"") -> None:
        if len(public_key) != lib.SECAGG_PUBLIC_BYTES:
            raise ArgumentError(f"public_key has {len(public_key)} bytes: it "
                                f"must have {lib.SECAGG_PUBLIC_BYTES}")
        self.public_key, self.credential = bytes(public_key), credential
        self._sign: Callable[[bytes], bytes] | None = sign
        self._secret = bytearray()

    @classmethod
    def generate(cls, *, credential: bytes = b"") -> Identity:
        """A new key pair from the randomness of the system."""
        public = bytearray(lib.SECAGG_PUBLIC_BYTES)
        secret = bytearray(lib.SECAGG_SECRETKEY_BYTES)
        check(lib.secagg_keypair(ffi.from_buffer(public),
                                 ffi.from_buffer(secret)))
        return cls._of(bytes(public), secret, credential)

    @classmethod
    def from_secret(cls, secret: bytes, *, credential: bytes = b""
                    ) -> Identity:
        """A key pair from the 64 bytes that `secret` returns."""
        if len(secret) != lib.SECAGG_SECRETKEY_BYTES:
            raise ArgumentError(f"the secret key has {len(secret)} bytes: it "
                                f"must have {lib.SECAGG_SECRETKEY_BYTES}")
        return cls._of(bytes(secret[32:]), bytearray(secret), credential)

    @classmethod
    def _of(cls, public: bytes, secret: bytearray, credential: bytes
            ) -> Identity:
        self = cls.__new__(cls)
        self.public_key, self.credential = public, credential
        self._sign, self._secret = None, secret
        return self

    def secret(self) -> bytes:
        """The secret key: store it where only this client reads it.

        Raises
        ------
        ArgumentError
            The key is elsewhere: a function signs.
        """
        if not self._secret:
            raise ArgumentError("a function signs for this identity, or its "
                                "key was wiped")
        return bytes(self._secret)

    def wipe(self) -> None:
        """Overwrite the secret key."""
        if self._secret:
            lib.secagg_wipe(ffi.from_buffer(self._secret), len(self._secret))
            self._secret = bytearray()

    def _give(self, c: Any, host: Callable[[Any], Any], resumed: bool) -> int:
        """Set this identity on a client; the error of the library."""
        if self._sign is not None:
            err = lib.secagg_client_identify_with(
                c, ffi.from_buffer(self.public_key), lib.secagg_py_sign,
                host(self._sign))
        else:
            if not self._secret:
                raise ArgumentError("the key of this identity was wiped")
            err = lib.secagg_client_identify(
                c, ffi.from_buffer(self._secret))
        if not err and self.credential:
            err = lib.secagg_client_present(
                c, ffi.from_buffer(self.credential), len(self.credential))
            if resumed and err == lib.SECAGG_ERR_STATE:
                err = 0  # KEYS was built with it before the state was saved
        return int(err)

    def __repr__(self) -> str:
        return f"<secagg.Identity {self.public_key.hex()[:16]}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("an Identity has a secret key and cannot be copied or "
                        "pickled: see secret()")


def set_trust(c: Any, trust: Trust, party: str, resumed: bool, open_: bool,
              host: Callable[[Any], Any]) -> int:
    """Tell a party whom to trust; the error of the library.

    A party that was resumed has the keys in its state, and STATE means that
    the list there is whole or was needed already. A function is set again
    while it is still needed, in an `open_` party.
    """
    if not isinstance(trust, Mapping):
        if not callable(trust):
            raise TypeError("trust must be a mapping or a function")
        return 0 if not open_ else int(getattr(
            lib, f"secagg_{party}_trust_with")(
                c, lib.secagg_py_verify, host(trust)))
    one = getattr(lib, f"secagg_{party}_trust")
    passed = {0, lib.SECAGG_ERR_STATE} if resumed else {0}
    for index, key in trust.items():
        if len(key) != lib.SECAGG_PUBLIC_BYTES:
            raise ArgumentError(f"the key of client {index} has {len(key)} "
                                f"bytes: it must have "
                                f"{lib.SECAGG_PUBLIC_BYTES}", index=index)
        err = int(one(c, index, ffi.from_buffer(key)))
        if err not in passed:
            return err
    err = int(getattr(lib, f"secagg_{party}_trust_whole")(c))
    return 0 if err in passed else err


# The exception of a function of the host is raised by the call that called it,
# see `Host`. Should even that fail, cffi prints it and the call fails.
@ffi.def_extern(error=-32)  # type: ignore[untyped-decorator]
def secagg_py_sign(user: Any, signature: Any, msg: Any, size: int) -> int:
    host = ffi.from_handle(user)
    try:
        made = bytes(host(bytes(ffi.buffer(msg, size))))
        if len(made) != lib.SECAGG_SIGNATURE_BYTES:
            raise ValueError(f"the signature has {len(made)} bytes: it must "
                             f"have {lib.SECAGG_SIGNATURE_BYTES}")
    except BaseException as error:
        host.failed(error)
        return int(lib.SECAGG_ERR_CRYPTO)
    ffi.memmove(signature, made, len(made))
    return 0


@ffi.def_extern(error=-21)  # type: ignore[untyped-decorator]
def secagg_py_verify(user: Any, index: int, key: Any, credential: Any,
                     size: int) -> int:
    host = ffi.from_handle(user)
    try:
        trusted = host(
            index, bytes(ffi.buffer(key, lib.SECAGG_PUBLIC_BYTES)),
            bytes(ffi.buffer(credential, size)) if size else b"")
        if trusted is None:
            return int(lib.SECAGG_ERR_STATE)
        return 0 if trusted else int(lib.SECAGG_ERR_AUTH)
    except BaseException as error:
        # No verdict: the message may be passed again.
        host.failed(error)
        return int(lib.SECAGG_ERR_STATE)
