# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about hashes, scalars, shares, keys and signatures.

Each type has its clauses, the task of a test, the members that the tests of a
group share, and the members of a test. A member is (name, kind, meaning). The
`concern` of a file is part of the JSON files."""

SCHEDULE = {
    "ClientSecrets": ("3.6", "Derive the secrets of client u and their public "
                      "keys.", [], [
        ("hCtx", "b32", "H_ctx"), ("hRos", "b32", "H_ros"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("masterSeed", "b32", "ms"), ("prk", "b32", "PRK_u"),
        ("encSecret", "b32", "enc_sk"), ("encPoint", "b32", "enc_u"),
        ("omega", "b32", "omega_u, a scalar"),
        ("maskSecret", "b32", "mask_sk"), ("maskPoint", "b32", "mask_u"),
        ("beta", "b32", "beta_u, a scalar"),
        ("polyBeta", "b32", "poly_0"), ("polyOmega", "b32", "poly_1")]),
    "RoundingSeed": ("3.6", "Derive the rounding seed.", [], [
        ("prk", "b32", "PRK_u"), ("round", "u64", "round"),
        ("seed", "b32", "rounding")]),
    "ShareKey": ("3.8", "Derive the key that seals a share. Both sides derive "
                 "the same key.", [], [
        ("hRos", "b32", "H_ros"), ("encSecretDealer", "b32", "enc_sk of u"),
        ("encSecretHolder", "b32", "enc_sk of v"),
        ("encDealer", "b32", "enc_u"), ("encHolder", "b32", "enc_v"),
        ("kind", "int", "kind of the secret"), ("round", "u64", "round"),
        ("dealer", "int", "u"), ("holder", "int", "v"),
        ("pairPrk", "b32", "PRK_uv"), ("key", "b32", "K(kind, u, v)")]),
    "PairSeed": ("3.9", "Derive the seed of a pair mask.", [], [
        ("hRos", "b32", "H_ros"), ("hU2", "b32", "H_U2"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("peer", "int", "v"), ("maskSecret", "b32", "mask_sk of u"),
        ("maskPoint", "b32", "mask_u"), ("peerPoint", "b32", "mask_v"),
        ("seed", "b32", "pair_{u,v}")]),
    "SelfSeed": ("3.9", "Derive the seed of a self mask.", [], [
        ("hRos", "b32", "H_ros"), ("hU2", "b32", "H_U2"),
        ("round", "u64", "round"), ("index", "int", "u"),
        ("beta", "b32", "beta_u"), ("seed", "b32", "self_u")]),
    "Commitment": ("3.10", "Compute the commitment to the self secret.", [], [
        ("hRos", "b32", "H_ros"), ("round", "u64", "round"),
        ("index", "int", "u"), ("beta", "b32", "beta_u"),
        ("com", "b32", "com_u")]),
    "SetDigest": ("3.11", "Compute the digest of the set U2 or U3.", [], [
        ("hRos", "b32", "H_ros"), ("round", "u64", "round"),
        ("appDigest", "b32", "app_digest"),
        ("set", "int", "2 for U2, 3 for U3"),
        ("clients", "int", "n"), ("bitmap", "hex", "bitmap of the set"),
        ("digest", "b32", "H_U2 or H_U3")]),
}

FILES = {
    "hash": {"concern": "H, Extract and L (3.1, 3.2)", "types": {
        "Sha256": ("3.1", "Compute SHA-256.", [], [
            ("data", "hex", "input"),
            ("digest", "b32", "SHA-256 of the input")]),
        "Hash": ("3.1", "Compute the labelled hash.", [], [
            ("label", "text", "label"), ("data", "hex", "data"),
            ("digest", "b32", "H(label; data)")]),
        "Extract": ("3.2", "Compute Extract.", [], [
            ("salt", "hex", "salt; may have other lengths than 32 bytes here"),
            ("ikm", "hex", "input keying material"),
            ("prk", "b32", "Extract(salt, ikm)")]),
        "Expand": ("3.2", "Compute HKDF-Expand.", [], [
            ("prk", "hex", "prk"), ("info", "hex", "info"),
            ("size", "int", "length of the output in bytes"),
            ("output", "hex", "HKDF-Expand(prk, info, size)")]),
        "L": ("3.2", "Compute Derive. (The type has the name that Derive had "
              "when this file was made.)", [], [
            ("prk", "b32", "prk or seed"),
            ("name", "text", "name, without \"LSA1 \""),
            ("context", "hex", "context"),
            ("size", "int", "len, in bytes"),
            ("output", "hex", "Derive(prk, name, context, len)")]),
    }},
    "field": {"concern": "the share field (1.3, 4.1, 4.2)", "types": {
        "Reduce": ("4.2", "Reduce 64 bytes modulo ell.", [], [
            ("input", "b64", "64 bytes, little-endian"),
            ("scalar", "b32", "reduce(input)")]),
        "Scalar": ("1.3", "Decode a scalar and encode it again, which gives "
                   "the same bytes.", [], [
            ("scalar", "hex", "encoded scalar; MESSAGE if it is not "
             "canonical or does not have 32 bytes")]),
    }},
    "shamir": {"concern": "splitting, joining, ranks (4.3 to 4.5)", "types": {
        "Split": ("4.3", "Split a secret.", [], [
            ("threshold", "int", "t"),
            ("count", "int", "number of shares, at x = 1 to count"),
            ("secret", "b32", "secret, a scalar"),
            ("polySeed", "b32", "poly_kind"),
            ("shares", "b32s", "all shares in ascending order of x; empty if "
             "invalid")]),
        "Join": ("4.5", "Join shares to the secret.", [], [
            ("ranks", "u32s", "rank of each share, x - 1"),
            ("shares", "b32s", "the shares, one for each rank"),
            ("secret", "hex", "secret; empty if invalid")]),
        "Rank": ("4.4", "Compute the x-coordinate of a share.", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k; 0 for the complete graph"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("x", "int", "x of v's share of u, its rank + 1")]),
    }},
    "decode": {"concern": "decoding with wrong shares (4.6)", "types": {
        "Decode": ("4.6", "Recover a secret from shares of which some may be "
                   "wrong. The error is THRESHOLD or CHEAT.", [], [
            ("threshold", "int", "t"),
            ("kind", "int", "kind of the secret: 0 self secret, 1 mask "
             "secret"),
            ("hCtx", "b32", "H_ctx, needed for kind 1"),
            ("hRos", "b32", "H_ros, needed for kind 0"),
            ("round", "u64", "round"), ("dealer", "int", "u"),
            ("com", "hex", "com_u; empty for kind 1"),
            ("maskPoint", "hex", "mask_u; empty for kind 0"),
            ("xs", "u32s", "x of each share, ascending"),
            ("shares", "b32s", "the shares"),
            ("root", "hex", "the secret; empty if invalid"),
            ("wrong", "u32s", "x of each wrong share, ascending")]),
    }},
    "agreement": {"concern": "points and X25519 (1.3, 3.3)", "types": {
        "PublicKey": ("3.3", "Compute a public key.", [], [
            ("secret", "b32", "sk"), ("point", "b32", "pk(sk)")]),
        "Agreement": ("3.3", "Check a point and compute X25519.", [], [
            ("secret", "b32", "sk"),
            ("point", "b32", "P; MESSAGE if it is not canonical or of low "
             "order"),
            ("shared", "hex", "X25519(sk, P); empty if invalid")]),
    }},
    "schedule": {"concern": "the key schedule (3.6, 3.8 to 3.11)",
                 "types": SCHEDULE},
    "roster": {"concern": "roster hash (3.7)", "types": {
        "Roster": ("3.7", "Compute roster_root and H_ros.", [], [
            ("hCtx", "b32", "H_ctx"), ("graphSeed", "b32", "graph_seed"),
            ("clients", "int", "n"),
            ("signed", "bool", "true: roster entries of active mode; false: "
             "of 68 bytes"),
            ("present", "int", "\\|U1\\|"),
            ("entries", "hex", "entry_u of each u in U1, ascending, "
             "concatenated"),
            ("root", "b32", "roster_root"), ("hRos", "b32", "H_ros")]),
    }},
    "sealed": {"concern": "sealed shares (3.8)", "types": {
        "Seal": ("3.8", "Seal a share.", [], [
            ("key", "b32", "K(kind, u, v)"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"),
            ("kind", "int", "kind of the secret"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("share", "b32", "share, a scalar"),
            ("sealed", "b48", "sealed share")]),
        "Open": ("3.8", "Open a sealed share. AUTH means that the tag is "
                 "wrong, MESSAGE that the plaintext is not a canonical "
                 "scalar; in the protocol both mean that the share does not "
                 "open.", [], [
            ("key", "b32", "K(kind, u, v)"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"),
            ("kind", "int", "kind of the secret"),
            ("dealer", "int", "u"), ("holder", "int", "v"),
            ("sealed", "b48", "sealed share"),
            ("share", "hex", "share; empty if invalid")]),
        "Aead": ("3.8", "Encrypt with ChaCha20-Poly1305.", [], [
            ("key", "b32", "key"), ("nonce", "hex", "nonce, 12 bytes"),
            ("aad", "hex", "associated data"),
            ("plaintext", "hex", "plaintext"),
            ("ciphertext", "hex", "ciphertext, then tag")]),
    }},
    "states": {"concern": "sealed states of clients (11.2)", "types": {
        "SealState": ("11.2", "Seal a state.", [], [
            ("key", "b32", "key of the host"),
            ("generation", "u64", "generation"), ("index", "int", "u"),
            ("hCtx", "b32", "H_ctx"), ("state", "hex", "the state"),
            ("saveKey", "b32", "save_key"),
            ("nonceKey", "b32", "nonce_key"),
            ("sealed", "hex", "the sealed state")]),
        "OpenState": ("11.2", "Make checks 1 to 4 of a sealed state.", [], [
            ("key", "b32", "key of the host"), ("least", "u64", "least"),
            ("index", "u32s", "the index that the host expects; empty if it "
             "does not know it"),
            ("hCtx", "hex", "H_ctx that the host expects; empty if it does "
             "not know it"),
            ("sealed", "hex", "the sealed state"),
            ("generation", "u64", "generation; 0 if invalid"),
            ("state", "hex", "the state; empty if invalid")]),
    }},
    "signatures": {"concern": "signatures (3.5)", "types": {
        "KeysText": ("3.5", "Build the keys input, sign it and verify the "
                     "signature.", [], [
            ("hCtx", "b32", "H_ctx"), ("index", "int", "u"),
            ("enc", "b32", "enc_u"), ("mask", "b32", "mask_u"),
            ("credential", "hex", "credential_u"),
            ("credentialDigest", "b32", "H(\"LSA1 credential\"; "
             "credential_u)"),
            ("secret", "b32", "Ed25519 secret key, the RFC 8032 seed"),
            ("public", "b32", "its public key, id_u"),
            ("text", "hex", "keys input, 174 bytes"),
            ("signature", "b64", "signature of text")]),
        "ConfirmText": ("3.5", "Build the confirm input, sign it and verify "
                        "the signature.", [], [
            ("hCtx", "b32", "H_ctx"), ("hRos", "b32", "H_ros"),
            ("round", "u64", "round"), ("index", "int", "u"),
            ("hU2", "b32", "H_U2"), ("hU3", "b32", "H_U3"),
            ("secret", "b32", "Ed25519 secret key, the RFC 8032 seed"),
            ("public", "b32", "its public key"),
            ("text", "hex", "confirm input, 153 bytes"),
            ("signature", "b64", "signature of text")]),
        "Verify": ("3.5", "Verify a signature. The error is AUTH if it is not "
                   "valid.", [], [
            ("public", "b32", "public key"), ("text", "hex", "signed bytes"),
            ("signature", "b64", "signature")]),
        "Equation": ("3.5", "Verify a signature as in Verify. Verifiers in "
                     "use disagree on most of these.", [], [
            ("public", "b32", "public key"),
            ("text", "hex", "the bytes that are signed"),
            ("signature", "b64", "signature"),
            ("withoutCofactor", "bool", "whether the equation of 3.5 holds "
             "for the points that are encoded, whatever else is wrong"),
            ("withCofactor", "bool", "the same after a multiplication by 8")]),
        "TrustedKey": ("3.5", "Trust a public key. The error is ARG if it is "
                       "not valid.", [], [
            ("public", "b32", "public key")]),
    }},
}
