# SPDX-License-Identifier: Apache-2.0
"""The key schedule (3.5 to 3.11)."""
import scalar
from errors import ProtocolError
from hashes import H, be16, be32, be64, derive, extract, sha256, u8
from suites import aead_open, aead_seal, pk, x25519

BETA, OMEGA = 0, 1


def credential_digest(credential):
    """3.5: hash a credential."""
    return H("LSA1 credential", credential)


def keys_input(h_ctx, u, enc, mask, identity, credential):
    """3.5: return the bytes that the signature in KEYS signs."""
    return (b"LSA1 keys\0" + h_ctx + be32(u) + enc + mask + identity
            + credential_digest(credential))


def confirm_input(h_ctx, h_ros, round_, u, h_u2, h_u3):
    """3.5: return the bytes that the signature in CONFIRM signs."""
    return (b"LSA1 confirm\0" + h_ctx + h_ros + be64(round_) + be32(u)
            + h_u2 + h_u3)


def derive_prk(h_ctx, ms):
    """3.6: derive PRK_u."""
    return extract(h_ctx, ms)


def derive_enc_sk(prk_u):
    """3.6: derive enc_sk."""
    return derive(prk_u, "enc key", b"", 32)


def derive_omega(prk_u):
    """3.6: derive the mask secret omega_u, an integer."""
    return scalar.reduce(derive(prk_u, "mask root", b"", 64))


def derive_mask_sk(h_ctx, omega_u, u):
    """3.6: derive mask_sk from the mask secret."""
    prk = extract(h_ctx, scalar.encode(omega_u))
    return derive(prk, "mask key", be32(u), 32)


def derive_rounding(prk_u, round_):
    """3.6: derive the rounding seed."""
    return derive(prk_u, "rounding", be64(round_), 32)


def derive_beta(prk_u, h_ros, round_):
    """3.6: derive the self secret beta_u, an integer."""
    return scalar.reduce(derive(prk_u, "self root", h_ros + be64(round_), 64))


def derive_poly_seed(prk_u, kind, h_ros, round_):
    """3.6: derive poly_kind."""
    return derive(prk_u, "poly", u8(kind) + h_ros + be64(round_), 32)


def encode_proof(identity, sig, credential):
    """8.2, 8.3: encode what KEYS and entries of ROSTER have in active mode
    after the points."""
    return identity + sig + be16(len(credential)) + credential


def roster_entry(u, enc, mask, *proof):
    """3.7: encode entry_u; `proof` is (identity, sig, credential), or nothing
    in a semi-honest session."""
    return be32(u) + enc + mask + (encode_proof(*proof) if proof else b"")


def tree(leaves):
    """3.7: compute the root of the tree of RFC 6962, section 2.1, over leaves
    that are already hashed."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while 2 * left < len(leaves):
        left *= 2
    return sha256(b"\1" + tree(leaves[:left]) + tree(leaves[left:]))


def roster_root(n, entries):
    """3.7: compute roster_root. `entries` maps the indices of U1 to their
    entry_u."""
    return tree([sha256(b"\0" + entries.get(u, be32(u))) for u in range(n)])


def roster_hash(h_ctx, graph_seed, present, secret):
    """3.7: compute H_ros."""
    return H("LSA1 roster", h_ctx + graph_seed + be32(present) + secret)


def derive_pair_prk(h_ros, enc_sk, point):
    """3.8: derive PRK_uv from the secret key of one side and the point of the
    other."""
    return extract(h_ros, x25519(enc_sk, point))


def derive_share_key(prk_uv, kind, round_, u, v, enc_u, enc_v):
    """3.8: derive K(kind, u, v) for dealer u and holder v."""
    context = u8(kind) + be64(round_) + be32(u) + be32(v) + enc_u + enc_v
    return derive(prk_uv, "share", context, 32)


def share_aad(h_ros, round_, kind, u, v):
    """3.8: encode the associated data of a sealed share."""
    return h_ros + be64(round_) + u8(kind) + be32(u) + be32(v)


def seal_share(key, h_ros, round_, kind, u, v, share):
    """3.8: seal a share."""
    aad = share_aad(h_ros, round_, kind, u, v)
    return aead_seal(key, aad, scalar.encode(share))


def open_share(key, h_ros, round_, kind, u, v, sealed):
    """3.8: open a sealed share. A wrong tag is AUTH, a plaintext that is not a
    canonical scalar is MESSAGE."""
    plain = aead_open(key, share_aad(h_ros, round_, kind, u, v), sealed)
    return scalar.decode(plain)


def open_share_or_none(*arguments):
    """3.8: return the share if it opens, else None."""
    try:
        return open_share(*arguments)
    except ProtocolError:
        return None


def derive_pair_seed(h_ros, mask_sk, mask_v, round_, u, v, h_u2):
    """3.9: derive pair_{u,v} from mask_sk of u and the mask point of v."""
    mask_u = pk(mask_sk)
    mask_lo, mask_hi = (mask_u, mask_v) if u < v else (mask_v, mask_u)
    context = (be64(round_) + be32(min(u, v)) + be32(max(u, v))
               + mask_lo + mask_hi + h_u2)
    prk = extract(h_ros, x25519(mask_sk, mask_v))
    return derive(prk, "pair mask", context, 32)


def derive_self_seed(h_ros, beta_u, round_, u, h_u2):
    """3.9: derive self_u from beta_u."""
    prk = extract(h_ros, scalar.encode(beta_u))
    return derive(prk, "self mask", be64(round_) + be32(u) + h_u2, 32)


def commitment(h_ros, round_, u, beta_u):
    """3.10: compute com_u."""
    return H("LSA1 com",
             h_ros + be64(round_) + be32(u) + scalar.encode(beta_u))


def set_digest(h_ros, round_, app_digest, number, n, members):
    """3.11: compute H_U2 (number 2) or H_U3 (number 3)."""
    return H("LSA1 set", h_ros + be64(round_) + app_digest + u8(number)
             + be32(n) + bitmap(n, members))


def bitmap(n, members):
    """1.4: encode a set of clients as a bitmap over n."""
    out = bytearray((n + 7) // 8)
    for i in members:
        out[i // 8] |= 1 << i % 8
    return bytes(out)
