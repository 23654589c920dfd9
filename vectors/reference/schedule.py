# SPDX-License-Identifier: Apache-2.0
"""Key schedule (3.5 to 3.11)."""
import field
from errors import Refusal
from hashes import H, L, be32, be64, extract, sha256, u8
from suites import X, pk, seal, unseal

BETA, OMEGA = 0, 1


def keys_text(h_ctx, u, enc, mask):
    """3.5: what KEYS signs."""
    return b"LSA1 keys\0" + h_ctx + be32(u) + enc + mask


def confirm_text(h_ctx, h_ros, round_, u, h_u2, h_u3):
    """3.5: what CONFIRM signs."""
    return (b"LSA1 confirm\0" + h_ctx + h_ros + be64(round_) + be32(u)
            + h_u2 + h_u3)


def prk(h_ctx, ms):
    """3.6: PRK_u."""
    return extract(h_ctx, ms)


def enc_secret(prk_u):
    """3.6: enc_sk."""
    return L(prk_u, "enc key", b"", 32)


def omega(prk_u):
    """3.6: the mask root, an integer."""
    return field.reduce(L(prk_u, "mask root", b"", 64))


def mask_secret(h_ctx, root, u):
    """3.6: mask_sk of a mask root."""
    return L(extract(h_ctx, field.encode(root)), "mask key", be32(u), 32)


def rounding_seed(prk_u, round_, segment):
    """3.6: rounding_s."""
    return L(prk_u, "round", be64(round_) + be32(segment), 32)


def beta(prk_u, h_ros, round_):
    """3.6: the self root, an integer."""
    return field.reduce(L(prk_u, "self root", h_ros + be64(round_), 64))


def poly_key(prk_u, kind, h_ros, round_):
    """3.6: poly_kind."""
    return L(prk_u, "poly", u8(kind) + h_ros + be64(round_), 32)


def entry(u, enc, mask, sig=b""):
    """3.7: entry_u; sig is empty in a semi-honest session."""
    return be32(u) + enc + mask + sig


def tree(leaves):
    """3.7: the tree of RFC 6962, 2.1, over hashed leaves."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while 2 * left < len(leaves):
        left *= 2
    return sha256(b"\1" + tree(leaves[:left]) + tree(leaves[left:]))


def roster_root(n, entries):
    """3.7: root; entries maps the indices of U1 to entry_u."""
    return tree([sha256(b"\0" + entries.get(u, be32(u))) for u in range(n)])


def roster_hash(h_ctx, graph_seed, present, root):
    """3.7: H_ros."""
    return H("LSA1 roster", h_ctx + graph_seed + be32(present) + root)


def pair_prk(h_ros, enc_sk, point):
    """3.8: P_uv, from one side."""
    return extract(h_ros, X(enc_sk, point))


def share_key(p_uv, kind, round_, u, v, enc_u, enc_v):
    """3.8: K(kind, u, v), u the dealer."""
    context = u8(kind) + be64(round_) + be32(u) + be32(v) + enc_u + enc_v
    return L(p_uv, "share", context, 32)


def share_aad(h_ros, round_, kind, u, v):
    """3.8: AAD."""
    return h_ros + be64(round_) + u8(kind) + be32(u) + be32(v)


def seal_share(key, h_ros, round_, kind, u, v, share):
    """3.8: a sealed share."""
    return seal(key, share_aad(h_ros, round_, kind, u, v), field.encode(share))


def open_share(key, h_ros, round_, kind, u, v, sealed):
    """3.8: a sealed share opened: AUTH, or MESSAGE for a scalar that is
    not canonical."""
    plain = unseal(key, share_aad(h_ros, round_, kind, u, v), sealed)
    return field.decode(plain)


def opens(*arguments):
    """3.8: the share if it opens, else None."""
    try:
        return open_share(*arguments)
    except Refusal:
        return None


def pair_seed(h_ros, mask_sk, point, round_, u, v, h_u2):
    """3.9: pair_{u,v}; mask_sk is u's, point is v's."""
    mine = pk(mask_sk)
    first, second = (mine, point) if u < v else (point, mine)
    context = be64(round_) + be32(min(u, v)) + be32(max(u, v))
    secret = extract(h_ros, X(mask_sk, point))
    return L(secret, "pair mask", context + first + second + h_u2, 32)


def self_seed(h_ros, root, round_, u, h_u2):
    """3.9: self_u."""
    secret = extract(h_ros, field.encode(root))
    return L(secret, "self mask", be64(round_) + be32(u) + h_u2, 32)


def commitment(h_ros, round_, u, root):
    """3.10: com_u."""
    return H("LSA1 com", h_ros + be64(round_) + be32(u) + field.encode(root))


def set_digest(h_ros, round_, app_digest, number, n, members):
    """3.11: H_U2 or H_U3."""
    return H("LSA1 set", h_ros + be64(round_) + app_digest + u8(number)
             + be32(n) + bitmap(n, members))


def bitmap(n, members):
    """1.4: a bitmap over n."""
    out = bytearray((n + 7) // 8)
    for i in members:
        out[i // 8] |= 1 << i % 8
    return bytes(out)
