# SPDX-License-Identifier: Apache-2.0
"""A framework's keys and certificates vouch for the identities of a session.

Sessions sign with Ed25519 keys (PROTOCOL.md 3.5). Frameworks give their nodes
other keys: Flower elliptic-curve keys, NVFLARE and OpenFL certificates. Such a
key signs the identity of its node once (`vouch`), and the signature travels as
the credential of the identity to the other parties, who check it (`Vouched`).

Signatures are ECDSA with the digest of the size of the curve (FIPS 186-5,
section 6), RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2) or Ed25519
(RFC 8032), as the package ``cryptography`` makes them.
"""
from __future__ import annotations

import datetime
import os
import pathlib
from typing import Iterable, Union

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from .._errors import ArgumentError, StateError
from .._identity import Identity
from .._secagg import lib
from .._store import _opener

PrivateKey = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey,
                   ed25519.Ed25519PrivateKey]
PublicKey = Union[ec.EllipticCurvePublicKey, rsa.RSAPublicKey,
                  ed25519.Ed25519PublicKey]

CONTEXT = b"libsecagg: this Ed25519 key is my identity\0"
KEY, CERTIFICATE = b"K", b"C"  # what a credential begins with


def identity_file(path: str | os.PathLike[str]) -> Identity:
    """The identity in a file of mode 0600, which is made if it is absent.

    Raises
    ------
    StateError
        Others can read the file.
    """
    path = pathlib.Path(path)
    if not path.exists():
        made = Identity.generate()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=_opener) as file:
            file.write(made.secret())
    if path.stat().st_mode & 0o077:
        raise StateError(f"{path} must have mode 0600: it is a secret key")
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
        The credential has over 2,048 bytes, or the certificate is of another
        key.
    """
    public = _der(key.public_key())
    if certificate is None:
        head, who = KEY, public
    elif _der(certificate.public_key()) != public:
        raise ArgumentError("the certificate is not that of the key")
    else:
        head = CERTIFICATE
        who = certificate.public_bytes(serialization.Encoding.DER)
    credential = (head + len(who).to_bytes(2, "big") + who
                  + _sign(key, CONTEXT + identity.public_key))
    if len(credential) > lib.SECAGG_CREDENTIAL_MAX:
        raise ArgumentError(f"the credential has {len(credential)} bytes: at "
                            f"most {lib.SECAGG_CREDENTIAL_MAX} fit")
    identity.credential = credential


class Vouched:
    """Decides whom to trust by what vouches for an identity, in one session.

    No key vouches for two identities of a session. So a corrupt node takes
    part once, however many identities it makes.

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
    """

    def __init__(self, *, keys: Iterable[PublicKey | bytes] = (),
                 issuers: Iterable[x509.Certificate | bytes] = (),
                 names: dict[int, str] | None = None) -> None:
        self._keys = {_der(load_public(k) if isinstance(k, bytes) else k)
                      for k in keys}
        self._issuers = [x509.load_pem_x509_certificate(c)
                         if isinstance(c, bytes) else c for c in issuers]
        self._names = names
        self._seen: dict[bytes, bytes] = {}  # identity by key

    def __call__(self, index: int, public_key: bytes, credential: bytes
                 ) -> bool:
        """Whether the credential vouches for this identity."""
        size = int.from_bytes(credential[1:3], "big")
        who, signature = credential[3:3 + size], credential[3 + size:]
        try:
            key = self._trusted(index, credential[:1], who)
            if key is None:
                return False
            _verify(key, signature, CONTEXT + public_key)
        except (ValueError, InvalidSignature, TypeError):
            return False  # bytes from the network that do not parse
        return self._seen.setdefault(_der(key), public_key) == public_key

    def _trusted(self, index: int, head: bytes, who: bytes
                 ) -> PublicKey | None:
        """The key in a credential, if it may vouch for this index."""
        if head == KEY and who in self._keys and self._names is None:
            key = serialization.load_der_public_key(who)
        elif head == CERTIFICATE:
            certificate = x509.load_der_x509_certificate(who)
            if not self._issued(certificate):
                return None
            if self._names is not None and common_name(
                    certificate) != self._names.get(index):
                return None
            key = certificate.public_key()
        else:
            return None
        return key if isinstance(key, (
            ec.EllipticCurvePublicKey, rsa.RSAPublicKey,
            ed25519.Ed25519PublicKey)) else None

    def _issued(self, certificate: x509.Certificate) -> bool:
        """Whether an issuer signed the certificate, and it is valid now."""
        now = datetime.datetime.now(datetime.timezone.utc)
        if not (_utc(certificate, "before") <= now
                <= _utc(certificate, "after")):
            return False
        for issuer in self._issuers:
            try:
                certificate.verify_directly_issued_by(issuer)
                return True
            except (ValueError, TypeError, InvalidSignature):
                continue
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
    if not isinstance(key, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey,
                            ed25519.Ed25519PublicKey)):
        raise ArgumentError(f"a {type(key).__name__} cannot vouch")
    return key


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
    return key


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
