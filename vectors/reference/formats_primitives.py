# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about hashes, the field, keys and signatures. A
member is (name, kind, meaning); what a group shares stands in `group`."""

SCHEDULE = {
    "ClientSecrets": ("3.6", [], [
        ("hCtx", "b32", "H_ctx"), ("hRos", "b32", "H_ros"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("masterSeed", "b32", "ms"), ("prk", "b32", "PRK_u"),
        ("encSecret", "b32", "enc_sk"), ("encPoint", "b32", "enc_u"),
        ("omega", "b32", "omega_u, a scalar"),
        ("maskSecret", "b32", "mask_sk"), ("maskPoint", "b32", "mask_u"),
        ("beta", "b32", "beta_u, a scalar"),
        ("polyBeta", "b32", "poly_0"), ("polyOmega", "b32", "poly_1")]),
    "RoundingSeed": ("3.6", [], [
        ("prk", "b32", "PRK_u"), ("round", "u64", "round"),
        ("segment", "int", "s"), ("seed", "b32", "rounding_s")]),
    "ShareKey": ("3.8", [], [
        ("hRos", "b32", "H_ros"), ("encSecretDealer", "b32", "enc_sk of u"),
        ("encSecretHolder", "b32", "enc_sk of v"),
        ("encDealer", "b32", "enc_u"), ("encHolder", "b32", "enc_v"),
        ("kind", "int", "kind"), ("round", "u64", "round"),
        ("dealer", "int", "u"), ("holder", "int", "v"),
        ("pairPrk", "b32", "P_uv"), ("key", "b32", "K(kind, u, v)")]),
    "PairSeed": ("3.9", [], [
        ("hRos", "b32", "H_ros"), ("hU2", "b32", "H_U2"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("peer", "int", "v"), ("maskSecret", "b32", "mask_sk of u"),
        ("maskPoint", "b32", "mask_u"), ("peerPoint", "b32", "mask_v"),
        ("seed", "b32", "pair_{u,v}")]),
    "SelfSeed": ("3.9", [], [
        ("hRos", "b32", "H_ros"), ("hU2", "b32", "H_U2"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("beta", "b32", "beta_u"), ("seed", "b32", "self_u")]),
    "Commitment": ("3.10", [], [
        ("hRos", "b32", "H_ros"), ("round", "u64", "round"),
        ("index", "int", "u"), ("beta", "b32", "beta_u"),
        ("com", "b32", "com_u")]),
    "SetDigest": ("3.11", [], [
        ("hRos", "b32", "H_ros"), ("round", "u64", "round"),
        ("appDigest", "b32", "app_digest"), ("set", "int", "2 or 3"),
        ("clients", "int", "n"), ("bitmap", "hex", "bitmap of the set"),
        ("digest", "b32", "H_U2 or H_U3")]),
}

FILES = {
    "hash": {"concern": "H, Extract and L (3.1, 3.2)", "types": {
        "Sha256": ("3.1", [], [
            ("data", "hex", "bytes that are hashed"),
            ("digest", "b32", "SHA-256 of them")]),
        "Hash": ("3.1", [], [
            ("label", "text", "label"), ("data", "hex", "x"),
            ("digest", "b32", "H(label; x)")]),
        "Extract": ("3.2", [], [
            ("salt", "hex", "salt"), ("ikm", "hex", "keying material"),
            ("prk", "b32", "Extract(salt, ikm)")]),
        "Expand": ("3.2", [], [
            ("prk", "hex", "key"), ("info", "hex", "info"),
            ("size", "int", "bytes wanted"),
            ("output", "hex", "HKDF-Expand(prk, info, size)")]),
        "L": ("3.2", [], [
            ("prk", "b32", "prk or seed"),
            ("name", "text", "name, without \"LSA1 \""),
            ("context", "hex", "context"), ("size", "int", "len"),
            ("output", "hex", "L(prk, name, context, len)")]),
    }},
    "field": {"concern": "the share field (1.3, 4.1, 4.2)", "types": {
        "Reduce": ("4.2", [], [
            ("input", "b64", "64 bytes"),
            ("scalar", "b32", "reduce(input)")]),
        "Scalar": ("1.3", [], [
            ("scalar", "hex", "bytes read as a canonical scalar; MESSAGE if "
             "they are none")]),
    }},
    "shamir": {"concern": "splitting, joining, ranks (4.3 to 4.5)", "types": {
        "Split": ("4.3", [], [
            ("threshold", "int", "t"), ("count", "int", "shares, at x = 1 "
             "to count"), ("secret", "b32", "root"),
            ("polySeed", "b32", "poly_kind"),
            ("shares", "b32s", "all shares; empty where refused")]),
        "Join": ("4.5", [], [
            ("ranks", "u32s", "ranks, x - 1, of the shares"),
            ("shares", "b32s", "as many shares"),
            ("secret", "hex", "the root; empty where refused")]),
        "Rank": ("4.4", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k, 0: complete"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("x", "int", "where v's share of u lies, its rank + 1")]),
    }},
    "decode": {"concern": "decoding with wrong shares (4.6)", "types": {
        "Decode": ("4.6", [], [
            ("threshold", "int", "t"), ("kind", "int", "0 beta, 1 omega"),
            ("hCtx", "b32", "H_ctx, for kind 1"),
            ("hRos", "b32", "H_ros, for kind 0"),
            ("round", "u64", "round"), ("dealer", "int", "u"),
            ("com", "hex", "com_u; empty for kind 1"),
            ("maskPoint", "hex", "mask_u; empty for kind 0"),
            ("xs", "u32s", "x of each share, ascending"),
            ("shares", "b32s", "the shares"),
            ("root", "hex", "the root; empty where refused"),
            ("wrong", "u32s", "x of each wrong share")]),
    }},
    "agreement": {"concern": "points and X25519 (1.3, 3.3)", "types": {
        "PublicKey": ("3.3", [], [
            ("secret", "b32", "sk"), ("point", "b32", "pk(sk)")]),
        "Agreement": ("3.3", [], [
            ("secret", "b32", "sk"), ("point", "b32", "P; refused as a point "
             "of KEYS is, with MESSAGE"),
            ("shared", "hex", "X(sk, P); empty where refused")]),
    }},
    "schedule": {"concern": "the key schedule (3.6, 3.8 to 3.11)",
                 "types": SCHEDULE},
    "roster": {"concern": "roster hash (3.7)", "types": {
        "Roster": ("3.7", [], [
            ("hCtx", "b32", "H_ctx"), ("graphSeed", "b32", "graph_seed"),
            ("clients", "int", "n"), ("signed", "bool", "entries of 132 "
             "bytes and not 68"), ("present", "int", "|U1|"),
            ("entries", "hex", "entry_u of U1, ascending, end to end"),
            ("root", "b32", "root"), ("hRos", "b32", "H_ros")]),
    }},
    "sealed": {"concern": "sealed shares (3.8)", "types": {
        "Seal": ("3.8", [], [
            ("key", "b32", "K"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"), ("kind", "int", "kind"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("share", "b32", "the share"),
            ("sealed", "b48", "sealed")]),
        "Open": ("3.8", [], [
            ("key", "b32", "K"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"), ("kind", "int", "kind"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("sealed", "b48", "sealed: AUTH where the tag is wrong, MESSAGE "
             "where the plaintext is no canonical scalar. To a receiver "
             "both are one: it does not open"),
            ("share", "hex", "the share; empty where it does not open")]),
        "Aead": ("3.8", [], [
            ("key", "b32", "key"), ("nonce", "hex", "12 bytes"),
            ("aad", "hex", "AAD"), ("plaintext", "hex", "plaintext"),
            ("ciphertext", "hex", "ciphertext and tag of "
             "ChaCha20-Poly1305")]),
    }},
    "signatures": {"concern": "signatures (3.5)", "types": {
        "KeysText": ("3.5", [], [
            ("hCtx", "b32", "H_ctx"), ("index", "int", "u"),
            ("enc", "b32", "enc_u"), ("mask", "b32", "mask_u"),
            ("secret", "b32", "RFC 8032 seed"),
            ("public", "b32", "public key"),
            ("text", "hex", "keys: the 110 bytes that are signed"),
            ("signature", "b64", "signature")]),
        "ConfirmText": ("3.5", [], [
            ("hCtx", "b32", "H_ctx"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"), ("index", "int", "u"),
            ("hU2", "b32", "H_U2"), ("hU3", "b32", "H_U3"),
            ("secret", "b32", "RFC 8032 seed"),
            ("public", "b32", "public key"),
            ("text", "hex", "confirm: the 153 bytes that are signed"),
            ("signature", "b64", "signature")]),
        "Verify": ("3.5", [], [
            ("public", "b32", "public key"), ("text", "hex", "signed bytes"),
            ("signature", "b64", "signature; AUTH if it is not valid")]),
        "TrustedKey": ("3.5", [], [
            ("public", "b32", "key given as trusted; ARG if it is not "
             "valid")]),
    }},
}
