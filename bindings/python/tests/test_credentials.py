# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates of frameworks that vouch for identities."""
import datetime
import os
import warnings

import numpy as np
import pytest

pytest.importorskip("cryptography", minversion="40")
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import (  # noqa: E402
    dsa, ec, ed25519, rsa)

import secagg  # noqa: E402
from secagg.host import Layout, Member, Rounds, Setup  # noqa: E402
from secagg.host import credentials as creds  # noqa: E402

MAKE = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def keys():
    """A key of each kind, made once."""
    return {name: make() for name, make in MAKE.items()}


def name_of(common, **more):
    attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, common)]
    attributes += [x509.NameAttribute(getattr(x509.NameOID, k), v)
                   for k, v in more.items()]
    return x509.Name(attributes)


def certify(key, common, issuer, issuer_key, *, ca=False, start=NOW - DAY,
            end=NOW + DAY, digest=hashes.SHA256(), extensions=(), **more):
    """A certificate as an authority of a project makes it."""
    builder = (x509.CertificateBuilder()
               .subject_name(name_of(common, **more))
               .issuer_name(name_of(issuer))
               .public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(start).not_valid_after(end))
    if ca is not None:
        builder = builder.add_extension(
            x509.BasicConstraints(ca, None), critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    if isinstance(issuer_key, ed25519.Ed25519PrivateKey):
        digest = None
    return builder.sign(issuer_key, digest)


def usage(**allowed):
    names = ("digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign",
             "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{n: allowed.get(n, False) for n in names})


@pytest.fixture(scope="module")
def root(keys):
    """The authority of a project: key and certificate."""
    key = keys["p256"]
    return key, certify(key, "root", "root", key, ca=True)


def vouched(key, certificate=None):
    identity = secagg.Identity.generate()
    creds.vouch(identity, key, certificate)
    return identity


def ask(trust, identity, index=0):
    return trust(index, identity.public_key, identity.credential)


@pytest.mark.parametrize("kind", MAKE)
def test_a_listed_key_vouches(keys, kind):
    identity = vouched(keys[kind])
    assert len(identity.credential) <= 2048
    assert ask(creds.Vouched(keys=[keys[kind].public_key()]), identity)
    others = [k.public_key() for n, k in keys.items() if n != kind]
    assert not ask(creds.Vouched(keys=others), identity)
    assert not ask(creds.Vouched(), identity)
    # A key alone has no name.
    named = creds.Vouched(keys=[keys[kind].public_key()], names={0: "a"})
    assert not ask(named, identity)


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("issuer", MAKE)
def test_a_certificate_vouches(keys, kind, issuer):
    top = certify(keys[issuer], "root", "root", keys[issuer], ca=True)
    identity = vouched(keys[kind], certify(keys[kind], "site-1", "root",
                                           keys[issuer]))
    assert len(identity.credential) <= 2048
    assert ask(creds.Vouched(issuers=[top]), identity)
    pem = top.public_bytes(serialization.Encoding.PEM)
    assert ask(creds.Vouched(issuers=[pem], names={3: "site-1"}), identity, 3)


def test_another_name_or_index_is_refused(keys, root):
    identity = vouched(keys["p384"], certify(keys["p384"], "site-1", "root",
                                             root[0]))
    for names in ({0: "site-2"}, {1: "site-1"}, {}, {0: ""}):
        assert not ask(creds.Vouched(issuers=[root[1]], names=names),
                       identity)


def test_a_certificate_without_a_name_has_no_index(keys, root):
    key = keys["p384"]
    for subject in (x509.Name([]), x509.Name([
            x509.NameAttribute(x509.NameOID.COMMON_NAME, n)
            for n in ("site-1", "site-2")])):
        certificate = (x509.CertificateBuilder().subject_name(subject)
                       .issuer_name(name_of("root"))
                       .public_key(key.public_key()).serial_number(7)
                       .not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
                       .sign(root[0], hashes.SHA256()))
        trust = creds.Vouched(issuers=[root[1]], names={0: "site-1"})
        assert not ask(trust, vouched(key, certificate))
        assert not ask(trust, vouched(key, certificate), 5)


@pytest.mark.parametrize("start, end", [
    (NOW - 2 * DAY, NOW - DAY), (NOW + DAY, NOW + 2 * DAY)])
def test_a_certificate_that_is_not_valid_now_is_refused(keys, root, start,
                                                        end):
    identity = vouched(keys["p384"], certify(
        keys["p384"], "site-1", "root", root[0], start=start, end=end))
    assert not ask(creds.Vouched(issuers=[root[1]]), identity)


def test_an_expired_issuer_is_refused(keys, root):
    old = certify(root[0], "root", "root", root[0], ca=True,
                  start=NOW - 9 * DAY, end=NOW - DAY)
    identity = vouched(keys["p384"], certify(keys["p384"], "site-1", "root",
                                             root[0]))
    assert not ask(creds.Vouched(issuers=[old]), identity)
    assert ask(creds.Vouched(issuers=[old, root[1]]), identity)


def test_another_issuer_of_the_same_name_is_refused(keys, root):
    rogue = keys["p521"]
    identity = vouched(keys["p384"], certify(keys["p384"], "site-1", "root",
                                             rogue))
    assert not ask(creds.Vouched(issuers=[root[1]]), identity)


def test_a_leaf_is_no_issuer(keys, root):
    leaf = certify(keys["p384"], "site-1", "root", root[0])
    below = certify(keys["rsa2048"], "site-2", "site-1", keys["p384"])
    assert not ask(creds.Vouched(issuers=[root[1]]),
                   vouched(keys["rsa2048"], below))
    for wrong in (leaf, certify(keys["p384"], "old", "root", root[0],
                                ca=None),
                  certify(keys["p384"], "x", "root", root[0], ca=True,
                          extensions=[(usage(crl_sign=True), True)])):
        with pytest.raises(secagg.ArgumentError):
            creds.Vouched(issuers=[wrong])


def test_an_authority_is_no_node(keys, root):
    assert not ask(creds.Vouched(issuers=[root[1]]), vouched(*root))
    sub = certify(keys["p384"], "sub", "root", root[0], ca=True)
    assert not ask(creds.Vouched(issuers=[root[1]]),
                   vouched(keys["p384"], sub))


def test_the_usage_of_a_key_is_obeyed(keys, root):
    for allowed, good in (({"digital_signature": True}, True),
                          ({"key_encipherment": True}, False)):
        certificate = certify(keys["p384"], "site-1", "root", root[0],
                              extensions=[(usage(**allowed), True)])
        assert ask(creds.Vouched(issuers=[root[1]]),
                   vouched(keys["p384"], certificate)) is good


def test_an_unknown_critical_extension_is_refused(keys, root):
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\0")
    for critical in (False, True):
        certificate = certify(keys["p384"], "site-1", "root", root[0],
                              extensions=[(odd, critical)])
        assert ask(creds.Vouched(issuers=[root[1]]),
                   vouched(keys["p384"], certificate)) is not critical


def test_accept_has_the_last_word(keys, root):
    admin = certify(keys["p384"], "admin", "root", root[0],
                    UNSTRUCTURED_NAME="project_admin")
    client = certify(keys["p384"], "site-1", "root", root[0])

    def no_role(certificate):
        return not certificate.subject.get_attributes_for_oid(
            x509.NameOID.UNSTRUCTURED_NAME)

    for certificate, good in ((admin, False), (client, True)):
        trust = creds.Vouched(issuers=[root[1]], accept=no_role)
        assert ask(trust, vouched(keys["p384"], certificate)) is good


def test_a_key_vouches_for_one_identity_of_a_session(keys, root):
    trust = creds.Vouched(keys=[keys["p384"].public_key()])
    first, second = vouched(keys["p384"]), vouched(keys["p384"])
    assert ask(trust, first, 0) and ask(trust, first, 0)
    assert not ask(trust, second, 1)
    assert ask(trust, first, 0)
    # Not as a key and in a certificate either, nor in two certificates.
    trust = creds.Vouched(keys=[keys["p384"].public_key()],
                          issuers=[root[1]])
    assert ask(trust, first, 0)
    for common in ("site-1", "site-2"):
        assert not ask(trust, vouched(keys["p384"], certify(
            keys["p384"], common, "root", root[0])), 1)


def test_a_subject_vouches_for_one_identity_of_a_session(keys, root):
    trust = creds.Vouched(issuers=[root[1]])
    for kind, good in (("p384", True), ("p521", False)):
        certificate = certify(keys[kind], "site-1", "root", root[0])
        assert ask(trust, vouched(keys[kind], certificate)) is good


def test_a_refused_credential_takes_nobodys_place(keys, root):
    # A bad signature with the certificate of another node must not make the
    # node itself a duplicate.
    certificate = certify(keys["p384"], "site-1", "root", root[0])
    node = vouched(keys["p384"], certificate)
    thief = secagg.Identity.generate()
    trust = creds.Vouched(issuers=[root[1]])
    assert not trust(1, thief.public_key, node.credential)
    assert ask(trust, node, 0)


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("with_certificate", [False, True])
def test_no_byte_of_a_credential_can_be_changed(keys, root, kind,
                                                with_certificate):
    certificate = (certify(keys[kind], "site-1", "root", root[0])
                   if with_certificate else None)
    identity = vouched(keys[kind], certificate)
    whole = identity.credential

    def good(credential, public=identity.public_key):
        return creds.Vouched(keys=[keys[kind].public_key()],
                             issuers=[root[1]])(0, public, credential)

    assert good(whole)
    # The parser warns of some certificates that it will refuse one day.
    warnings.simplefilter("ignore")
    for at in range(len(whole)):
        for flip in (1, 0x80):
            bad = bytearray(whole)
            bad[at] ^= flip
            assert not good(bytes(bad)), f"byte {at} ^ {flip}"
    for size in range(len(whole)):
        assert not good(whole[:size])
    assert not good(whole + b"\0")
    other = bytearray(identity.public_key)
    other[0] ^= 1
    assert not good(whole, bytes(other))


def test_credentials_of_random_bytes_are_refused(keys, root):
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    trust = creds.Vouched(keys=[keys["p384"].public_key()],
                          issuers=[root[1]])
    head = st.sampled_from([b"", b"K", b"C", b"K\0\5", b"C\0\x30\x30"])

    @hypothesis.settings(max_examples=300, deadline=None, database=None)
    @hypothesis.given(head, st.binary(max_size=300))
    def check(start, rest):
        assert trust(0, bytes(32), start + rest) is False

    check()


def test_weak_keys_cannot_vouch(keys, root):
    for weak in (rsa.generate_private_key(65537, 1024),
                 rsa.generate_private_key(3, 2048),
                 ec.generate_private_key(ec.SECP224R1()),
                 ec.generate_private_key(ec.SECP256K1())):
        with pytest.raises(secagg.ArgumentError):
            vouched(weak)
        with pytest.raises(secagg.ArgumentError):
            creds.Vouched(keys=[weak.public_key()])
        pem = weak.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
        with pytest.raises(secagg.ArgumentError):
            creds.load_private(pem)
        # Nor does a certificate with such a key that somebody made by hand.
        identity, der = secagg.Identity.generate(), certify(
            weak, "site-1", "root", root[0]).public_bytes(
                serialization.Encoding.DER)
        credential = (creds.CERTIFICATE + len(der).to_bytes(2, "big") + der
                      + creds._sign(weak, creds.CONTEXT
                                    + identity.public_key + der))
        assert not creds.Vouched(issuers=[root[1]])(
            0, identity.public_key, credential)


def test_another_kind_of_key_cannot_vouch():
    key = dsa.generate_private_key(2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(secagg.ArgumentError, match="cannot vouch"):
        creds.load_public(pem)


def test_a_credential_that_is_too_long_is_an_error(keys, root):
    names = x509.SubjectAlternativeName(
        [x509.DNSName(f"host-{i}.example") for i in range(120)])
    certificate = certify(keys["p384"], "site-1", "root", root[0],
                          extensions=[(names, False)])
    with pytest.raises(secagg.ArgumentError, match="2048"):
        vouched(keys["p384"], certificate)


def test_the_certificate_of_another_key_is_an_error(keys, root):
    with pytest.raises(secagg.ArgumentError, match="not that of the key"):
        vouched(keys["p521"], certify(keys["p384"], "a", "root", root[0]))


@pytest.mark.parametrize("kind", MAKE)
def test_keys_are_read_from_pem_and_openssh(keys, kind):
    key = keys[kind]
    none = serialization.NoEncryption()
    secret = serialization.BestAvailableEncryption(b"pass")
    forms = [(serialization.PrivateFormat.PKCS8, none, None),
             (serialization.PrivateFormat.PKCS8, secret, b"pass"),
             (serialization.PrivateFormat.OpenSSH, none, None)]
    if kind != "ed25519":
        forms.append((serialization.PrivateFormat.TraditionalOpenSSL, none,
                      None))
    for form, cipher, password in forms:
        data = key.private_bytes(serialization.Encoding.PEM, form, cipher)
        read = creds.load_private(data, password)
        assert creds._der(read.public_key()) == creds._der(key.public_key())
    public = [key.public_key().public_bytes(*how) for how in (
        (serialization.Encoding.PEM,
         serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH))]
    for data in public:
        assert ask(creds.Vouched(keys=[data]), vouched(key))
    for junk in (b"", b"-----BEGIN JUNK-----", b"ssh-rsa AAAA"):
        with pytest.raises(ValueError):
            creds.load_public(junk)


def test_an_identity_is_made_once(tmp_path):
    path = tmp_path / "deep" / "identity"
    first, second = creds.identity_file(path), creds.identity_file(path)
    assert first.public_key == second.public_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["identity"]
    os.chmod(path, 0o640)
    with pytest.raises(secagg.StateError, match="0600"):
        creds.identity_file(path)


# ---- real sessions ---------------------------------------------------------

class Nodes:
    """Members with certificates, whose hosts keep nothing but a store."""

    def __init__(self, folder, root, kinds, keys):
        self.layout = Layout({"w": (4,)}, {"w": np.dtype("f4")})
        self.model = {"w": np.zeros(4, "f4")}
        self.digest = self.layout.digest(self.model)
        self.root, self.names = root, {}
        self.stores, self.identities = [], []
        for i, kind in enumerate(kinds):
            key = MAKE[kind]() if kind != "rsa2048" else keys[kind]
            certificate = certify(key, f"site-{i}", "root", root[0])
            self.names[i] = f"site-{i}"
            self.stores.append(secagg.FileStore(folder / str(i)))
            self.identities.append(vouched(key, certificate))

    def answer(self, i, packet):
        def supply(client):
            self.layout.supply(client, {"w": np.full(4, i / 10, "f4")},
                               self.model, 1, {})
        member = Member(
            self.stores[i], identity=self.identities[i],
            trust=lambda params: creds.Vouched(issuers=[self.root[1]]),
            keep_when_done=False)
        return member.answer(packet, supply, self.digest)

    def run(self, mode="active"):
        def exchange(phase, packets, timeout):
            for i, packet in packets.items():
                yield i, self.answer(i, packet)
        rounds = Rounds(
            Setup(1.0, mode=mode, attempts=1), exchange, lambda packets: None,
            trust=lambda params, members: creds.Vouched(
                issuers=[self.root[1]], names=self.names))
        return rounds.run(range(len(self.stores)), self.layout, self.digest,
                          1)


KINDS = ["p256", "p384", "rsa2048", "ed25519", "p521", "p256"]


@pytest.mark.parametrize("mode", ["active", "semi-honest"])
def test_certificates_vouch_in_a_session(tmp_path, root, keys, mode):
    nodes = Nodes(tmp_path, root, KINDS, keys)
    out = nodes.run(mode)
    assert out.error is None and out.survivors == list(range(6))
    step = 2 * 1.0 / (2 ** 16 - 2)
    assert np.abs(out.mean - 0.25).max() <= step
    # Nobody asks a client again: its secrets are gone.
    assert [store.names() for store in nodes.stores] == [[]] * 6


def test_a_client_with_anothers_certificate_is_not_in_the_sum(tmp_path, root,
                                                              keys):
    nodes = Nodes(tmp_path, root, KINDS, keys)
    thief = secagg.Identity.generate()
    thief.credential = nodes.identities[1].credential
    nodes.identities[4] = thief
    out = nodes.run()
    assert out.error is None and out.survivors == [0, 1, 2, 3, 5]
    assert any(member == 4 for member, _ in out.refused)
