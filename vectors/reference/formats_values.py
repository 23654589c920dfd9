# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about vectors, values, parameters and the graph."""

SEGMENT = [
    ("kind", "int", "1 REAL, 2 WEIGHTED"), ("valueBits", "int", "q"),
    ("rounding", "int", "0 stochastic, 1 nearest"),
    ("clip", "double", "C")]

CHOICE_IN = [
    ("clients", "int", "n"), ("active", "bool", "mode"),
    ("gamma", "double", "gamma"), ("delta", "double", "delta"),
    ("sigma", "int", "sigma"), ("eta", "int", "eta")]
CHOICE_OUT = [
    ("neighbours", "int", "k; all four are 0 where refused"),
    ("threshold", "int", "t"), ("corrupt", "int", "c"),
    ("minSurvivors", "int", "min_survivors; a complete answer may leave it 0 "
     "if it is the default")]

FILES = {
    "mask": {"concern": "streams, masks, mask sets (6.2 to 6.6)", "types": {
        "Cipher": ("6.2", [], [
            ("cipher", "text", "AES-128-CTR or ChaCha20"),
            ("key", "hex", "key"),
            ("counter", "b16", "first counter block: AES as it is; ChaCha20 "
             "the last four words of the state, as bytes"),
            ("input", "hex", "plaintext"), ("output", "hex", "ciphertext")]),
        "Stream": ("6.2", [], [
            ("suite", "int", "suite"), ("seed", "b32", "seed"),
            ("segment", "int", "segment"), ("bits", "int", "b"),
            ("secret", "hex", "key || nonce"),
            ("stream", "hex", "the first bytes of KS")]),
        "Range": ("6.3, 6.4, 6.5", [], [
            ("set", "hex", "encoded mask set (6.6), all of it is put on"),
            ("segment", "int", "segment"), ("bits", "int", "b"),
            ("offset", "u64", "first entry"), ("count", "int", "entries"),
            ("before", "hex", "planes of the range"),
            ("after", "hex", "the same with the masks on, ragged bits too; "
             "empty where refused")]),
        "Set": ("6.6", [], [
            ("set", "hex", "encoded mask set"),
            ("suite", "int", "suite; 0 where refused"),
            ("signs", "hex", "a byte a seed, in their order"),
            ("seeds", "b32s", "seeds in their order")]),
    }},
    "planar": {"concern": "planar layout (6.1)", "types": {
        "Planes": ("6.1", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("entries", "u64s", "entries"), ("planes", "hex", "planes")]),
        "Ragged": ("6.1", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("planes", "hex", "planes whose ragged bits are not zero"),
            ("entries", "u64s", "entries that a reader finds")]),
        "Sum": ("6.4", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("left", "hex", "planes"), ("right", "hex", "planes"),
            ("sum", "hex", "left + right, ragged positions too"),
            ("difference", "hex", "left - right, the same")]),
    }},
    "encoding": {"concern": "encoding of values (7.1 to 7.5)", "types": {
        "Words": ("7.2", [], [
            ("suite", "int", "suite"), ("roundingSeed", "b32", "rounding_s"),
            ("segment", "int", "s"), ("offset", "int", "first entry"),
            ("words", "u32s", "r of the entries from there on")]),
        "Quantise": ("7.1", SEGMENT, [
            ("suite", "int", "suite"), ("roundingSeed", "b32", "rounding_s"),
            ("segment", "int", "s, the segment's number"),
            ("offset", "int", "first entry"),
            ("weight", "u64", "w; for REAL without effect"),
            ("words", "u32s", "r of each entry; empty where rounding is to "
             "nearest"), ("values", "doubles", "input"),
            ("entries", "u64s", "entries; empty where refused"),
            ("clipped", "int", "number of clipped values")]),
        "Integers": ("7.1", [], [
            ("bits", "int", "b"), ("values", "u64s", "integers"),
            ("planes", "hex", "planes; empty where refused")]),
        "Decode": ("7.5", [
            ("valueBits", "int", "q"), ("clip", "double", "C")], [
            ("addends", "u64", "W"), ("total", "u64", "S"),
            ("sum", "double", "sum"), ("sumSingle", "single", "sum as f32"),
            ("mean", "double", "mean; zero where refused"),
            ("meanSingle", "single", "mean as f32; the error is that of the "
             "mean, the sum is there all the same")]),
        "Signed": ("7.5", [], [
            ("bits", "int", "b"), ("total", "u64", "S"),
            ("value", "u64", "S read as signed, two's complement in 64 "
             "bits")]),
    }},
    "params": {"concern": "parameters and policies (2.1 to 2.4)", "types": {
        "Params": ("2.2 to 2.4", [], [
            ("params", "hex", "encoded parameters"),
            ("hCtx", "hex", "H_ctx; empty where refused"),
            ("floor", "int", "F; 0 where refused"),
            ("vectorSize", "u64", "V; 0 where refused; over half of the "
             "address space, a library there answers ARG")]),
        "Fill": ("2.1, 7.4", [], [
            ("unfilled", "hex", "the layout of 2.3 with defaults given as 0 "
             "and -0 for +0; no encoding, only a way to write members down"),
            ("params", "hex", "encoded parameters, defaults filled in")]),
        "Policy": ("2.2", [], [
            ("params", "hex", "sound parameters"),
            ("minClients", "int", "min_clients, 0: default"),
            ("minRing", "int", "min_ring, 0: default"),
            ("minSurvivors", "int", "min_survivors, 0: default"),
            ("minCorrupt", "double", "min_corrupt, 0: default, below 0: "
             "nobody"),
            ("requireActive", "bool", "require_active"),
            ("minWeight", "int", "min_weight"),
            ("appDigest", "b32", "app_digest"),
            ("anyDigest", "bool", "any_digest")]),
    }},
    "choice": {"concern": "choice of parameters (2.2, 2.5)", "types": {
        "Choice": ("2.5", [], CHOICE_IN + CHOICE_OUT),
        "PolicyChoice": ("2.5", [], CHOICE_IN + [
            ("policyClients", "int", "min_clients of the policy"),
            ("policyRing", "int", "min_ring"),
            ("policySurvivors", "int", "min_survivors"),
            ("policyCorrupt", "double", "min_corrupt"),
            ("policyActive", "bool", "require_active")] + CHOICE_OUT),
        "Accepted": ("2.2, 2.5", [], [
            ("clients", "int", "n"),
            ("corrupt", "int", "A of the default policy"),
            ("threshold", "int", "least t on the complete graph with c = A, "
             "and least F"),
            ("dropouts", "int", "n - F: clients that may drop out"),
            ("neighbours", "int", "k of the ring that is chosen for 5 % of "
             "dropouts, sigma 40 and eta 20; 0 where the policy refuses "
             "rings"),
            ("ringThreshold", "int", "t of that ring"),
            ("ringCorrupt", "int", "c of that ring"),
            ("ringSurvivors", "int", "min_survivors of that ring")]),
        "Cut": ("2.5", [], [
            ("clients", "int", "n"), ("neighbours", "int", "k"),
            ("threshold", "int", "t"), ("corrupt", "int", "A"),
            ("minSurvivors", "int", "min_survivors"),
            ("numerator", "hex", "of P_cut in lowest terms, big-endian"),
            ("denominator", "hex", "likewise"),
            ("sigma", "int", "the greatest sigma up to 128 for which E2' "
             "holds; 0 if there is none")]),
    }},
    "graph": {"concern": "the graph (5.2 to 5.5)", "types": {
        "GraphSeed": ("5.2", [], [
            ("serverSeed", "b32", "server_seed"), ("hCtx", "b32", "H_ctx"),
            ("root", "b32", "root"), ("graphSeed", "b32", "graph_seed")]),
        "Permutation": ("5.3", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("permutation", "u32s", "perm")]),
        "Peers": ("5.1, 5.4", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k, 0: complete"), ("index", "int", "u"),
            ("peers", "u32s", "N(u), ascending")]),
        "Connected": ("5.5", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k"), ("u3", "hex", "bitmap of U3"),
            ("connected", "bool", "whether U3 is connected")]),
    }},
}
