# SPDX-License-Identifier: Apache-2.0
"""A framework's keys and certificates vouch for the identities of a session.

Sessions sign with Ed25519 keys (PROTOCOL.md 3.5). Frameworks give their nodes
other keys: Flower elliptic-curve keys, NVFLARE and OpenFL certificates. Such a
key signs the identity of its node once (`vouch`), and the signature travels as
the credential of the identity to the other parties, who check it (`Vouched`).

Signatures are ECDSA on P-256, P-384 or P-521 with the digest of the size of
the curve (FIPS 186-5, section 6), RSASSA-PKCS1-v1_5 with SHA-256 and keys of
2,048 to 8,192 bits (RFC 8017, section 8.2), or Ed25519 (RFC 8032), as the
package ``cryptography`` makes them. They cover the certificate, too.

A certificate is that of a node, directly below an issuer: there are no chains,
and no lists of revoked certificates. Who must be shut out before a certificate
expires is left out of the names, or refused by `accept`.
"""
from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import secrets
from typing import Callable, Iterable, Union

from cryptography import x509
from cryptography.exceptions import (InvalidSignature,
                                     UnsupportedAlgorithm)
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from .._errors import ArgumentError, StateError
from .._identity import Identity
from .._secagg import lib
from .._store import _opener

if not hasattr(x509.Certificate, "verify_directly_issued_by"):
    raise ImportError("secagg.host.credentials needs version 40 or later of "
                      "the package cryptography")

PrivateKey = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey,
                   ed25519.Ed25519PrivateKey]
PublicKey = Union[ec.EllipticCurvePublicKey, rsa.RSAPublicKey,
                  ed25519.Ed25519PublicKey]

CONTEXT = b"libsecagg: this Ed25519 key is my identity\0"
KEY, CERTIFICATE = b"K", b"C"  # what a credential begins with
RSA_BITS = range(2048, 8193)
# What parsing and checking raises for bytes that somebody made up.
UNUSABLE = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm,
            x509.DuplicateExtension, x509.UnsupportedGeneralNameType,
            x509.InvalidVersion)
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)


def identity_file(path: str | os.PathLike[str]) -> Identity:
    """The identity in a file of mode 0600, which is made if it is absent.

    Raises
    ------
    StateError
        Others can read the file.
    """
    path = pathlib.Path(path)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with open(new, "xb", opener=_opener) as file:
            file.write(Identity.generate().secret())
            file.flush()
            os.fsync(file.fileno())
        # Of processes that start at the same time, one makes the identity.
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    status = path.stat()
    if status.st_mode & 0o077 or status.st_uid != os.getuid():
        raise StateError(f"{path} must have mode 0600 and belong to this "
                         "user: it is a secret key")
    return Identity.from_secret(path.read_bytes())


def vouch(identity: Identity, key: PrivateKey,
          certificate: x509.Certificate | None = None) -> None:
    """Let a key of the framework vouch for an identity.

    Parameters
    ----------
    identity : Identity
        Its `credential` is set.
    key : private key
        The key of the node: elliptic curve, RSA or Ed25519.
    certificate : x509.Certificate, optional
        The certificate of this key, if the parties trust its issuer rather
        than keys.

    Raises
    ------
    ArgumentError
        The key is too small or of another kind, the credential has over 2,048
        bytes, or the certificate is of another key.
    """
    public = _der(_suitable(key.public_key()))
    if certificate is None:
        head, who = KEY, public
    elif _der(certificate.public_key()) != public:
        raise ArgumentError("the certificate is not that of the key")
    else:
        head = CERTIFICATE
        who = certificate.public_bytes(serialization.Encoding.DER)
    credential = (head + len(who).to_bytes(2, "big") + who
                  + _sign(key, CONTEXT + identity.public_key + who))
    if len(credential) > lib.SECAGG_CREDENTIAL_MAX:
        raise ArgumentError(f"the credential has {len(credential)} bytes: at "
                            f"most {lib.SECAGG_CREDENTIAL_MAX} fit")
    identity.credential = credential


class Vouched:
    """Decides whom to trust by what vouches for an identity, in one session.

    No key and no subject of a certificate vouches for two identities of a
    session. So a corrupt node takes part once, however many identities or
    certificates it has. Make a new one for each session.

    Parameters
    ----------
    keys : iterable of public keys or bytes
        Keys of nodes that may take part, or their files' contents (PEM, or a
        line of OpenSSH).
    issuers : iterable of x509.Certificate or bytes
        Certificates (or PEM) whose holders issue certificates to nodes that
        may take part.
    names : mapping of int to str, optional
        The common name that the certificate of each index must have.
    accept : callable, optional
        Decides about a certificate that an issuer signed. One authority often
        certifies servers and administrators, too.

    Raises
    ------
    ArgumentError
        A key cannot vouch, or an issuer's certificate does not allow it to
        sign certificates.
    """

    def __init__(self, *, keys: Iterable[PublicKey | bytes] = (),
                 issuers: Iterable[x509.Certificate | bytes] = (),
                 names: dict[int, str] | None = None,
                 accept: Callable[[x509.Certificate], bool] | None = None
                 ) -> None:
        self._keys = {_der(load_public(k) if isinstance(k, bytes)
                           else _suitable(k)) for k in keys}
        self._issuers = [_issuer(x509.load_pem_x509_certificate(c)
                                 if isinstance(c, bytes) else c)
                         for c in issuers]
        self._names, self._accept = names, accept
        self._seen: dict[bytes, bytes] = {}  # identity by key or subject

    def __call__(self, index: int, public_key: bytes, credential: bytes
                 ) -> bool:
        """Whether the credential vouches for this identity."""
        size = int.from_bytes(credential[1:3], "big")
        who, signature = credential[3:3 + size], credential[3 + size:]
        try:
            found = self._trusted(index, credential[:1], who)
            if found is None:
                return False
            key, sources = found
            _verify(key, signature, CONTEXT + public_key + who)
        except UNUSABLE:
            return False  # bytes from the network that do not parse
        if any(self._seen.get(s, public_key) != public_key for s in sources):
            return False
        self._seen.update(dict.fromkeys(sources, public_key))
        return True

    def _trusted(self, index: int, head: bytes, who: bytes
                 ) -> tuple[PublicKey, list[bytes]] | None:
        """The key in a credential, if it may vouch for this index, and what
        may vouch only once."""
        if head == KEY and who in self._keys and self._names is None:
            key = _suitable(serialization.load_der_public_key(who))
            return key, [b"key " + who]
        if head != CERTIFICATE:
            return None
        certificate = x509.load_der_x509_certificate(who)
        if not self._issued(certificate) or not _is_node(certificate):
            return None
        name = common_name(certificate)
        if self._names is not None and (
                name is None or name != self._names.get(index)):
            return None
        if self._accept is not None and not self._accept(certificate):
            return None
        key = _suitable(certificate.public_key())
        return key, [b"key " + _der(key),
                     b"subject " + certificate.subject.public_bytes()]

    def _issued(self, certificate: x509.Certificate) -> bool:
        """Whether an issuer signed the certificate, and both are valid now."""
        if not _valid_now(certificate):
            return False
        for issuer in self._issuers:
            try:
                certificate.verify_directly_issued_by(issuer)
            except UNUSABLE:
                continue
            if _valid_now(issuer) and _strong(certificate):
                return True
        return False


def common_name(certificate: x509.Certificate) -> str | None:
    """The common name of the subject of a certificate."""
    found = certificate.subject.get_attributes_for_oid(
        x509.NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else None


def load_public(data: bytes) -> PublicKey:
    """A public key in PEM, or a line of OpenSSH."""
    if data.lstrip().startswith(b"-----"):
        key = serialization.load_pem_public_key(data)
    else:
        key = serialization.load_ssh_public_key(data)
    return _suitable(key)


def load_private(data: bytes, password: bytes | None = None) -> PrivateKey:
    """A private key in PEM or in the format of OpenSSH."""
    if b"OPENSSH" in data[:64]:
        key = serialization.load_ssh_private_key(data, password)
    else:
        key = serialization.load_pem_private_key(  # type: ignore[assignment]
            data, password)
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey,
                            ed25519.Ed25519PrivateKey)):
        raise ArgumentError(f"a {type(key).__name__} cannot vouch")
    _suitable(key.public_key())
    return key


def _suitable(key: object) -> PublicKey:
    """The key, if it is of a kind and of a size that can vouch."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if isinstance(key.curve, CURVES):
            return key
        raise ArgumentError(f"a key on the curve {key.curve.name} cannot "
                            "vouch: P-256, P-384 and P-521 can")
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size in RSA_BITS and key.public_numbers().e > 3:
            return key
        raise ArgumentError(f"an RSA key of {key.key_size} bits cannot vouch: "
                            f"it must have {RSA_BITS[0]} to {RSA_BITS[-1]} "
                            "bits, and an exponent above 3")
    raise ArgumentError(f"a {type(key).__name__} cannot vouch")


def _issuer(certificate: x509.Certificate) -> x509.Certificate:
    """The certificate, if its holder may sign certificates: RFC 5280, sections
    4.2.1.3 and 4.2.1.9. Certificates without extensions, of version 1, do not
    say so."""
    basic, usage = _constraints(certificate)
    if basic is None or not basic.ca:
        raise ArgumentError(f"{certificate.subject.rfc4514_string()} is not a "
                            "certificate authority")
    if usage is not None and not usage.key_cert_sign:
        raise ArgumentError(f"{certificate.subject.rfc4514_string()} may not "
                            "sign certificates")
    return certificate


def _is_node(certificate: x509.Certificate) -> bool:
    """Whether a certificate is that of a node: it may sign, and is not an
    authority."""
    basic, usage = _constraints(certificate)
    return not (basic is not None and basic.ca) and (
        usage is None or usage.digital_signature)


def _constraints(certificate: x509.Certificate
                 ) -> tuple[x509.BasicConstraints | None,
                            x509.KeyUsage | None]:
    basic = usage = None
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            basic = extension.value
        elif isinstance(extension.value, x509.KeyUsage):
            usage = extension.value
        elif extension.critical and isinstance(
                extension.value, x509.UnrecognizedExtension):
            raise ValueError(f"the critical extension {extension.oid} is not "
                             "known")
    return basic, usage


def _strong(certificate: x509.Certificate) -> bool:
    """Whether the issuer signed a digest without known collisions. Ed25519
    has none of its own."""
    digest = certificate.signature_hash_algorithm
    return digest is None or not isinstance(digest, (hashes.MD5, hashes.SHA1))


def _valid_now(certificate: x509.Certificate) -> bool:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (_utc(certificate, "before") <= now
            <= _utc(certificate, "after"))


def _der(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)


def _utc(certificate: x509.Certificate, end: str) -> datetime.datetime:
    """A limit of the validity; older packages give it without a zone."""
    modern = getattr(certificate, f"not_valid_{end}_utc", None)
    if modern is not None:
        return modern  # type: ignore[no-any-return]
    plain: datetime.datetime = getattr(certificate, f"not_valid_{end}")
    return plain.replace(tzinfo=datetime.timezone.utc)


def _digest(curve: ec.EllipticCurve) -> hashes.HashAlgorithm:
    if curve.key_size <= 256:
        return hashes.SHA256()
    return hashes.SHA384() if curve.key_size <= 384 else hashes.SHA512()


def _sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(_digest(key.curve)))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message)


def _verify(key: PublicKey, signature: bytes, message: bytes) -> None:
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(_digest(key.curve)))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, message)
