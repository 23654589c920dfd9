# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about masks, values, parameters and the graph."""

SEGMENT = [
    ("kind", "int", "kind of the segment: 1 REAL, 2 WEIGHTED"),
    ("valueBits", "int", "q"),
    ("rounding", "int", "0 stochastic, 1 nearest"),
    ("clip", "double", "clip")]

INTEGERS = [
    ("kind", "int", "kind of the segment: 0 INTEGER, 3 UNSIGNED, 4 SIGNED"),
    ("bits", "int", "b"), ("valueBits", "int", "q")]

CHOICE_INPUT = [
    ("clients", "int", "n"),
    ("active", "bool", "true: active mode; false: semi-honest mode"),
    ("gamma", "double", "gamma"), ("delta", "double", "delta"),
    ("sigma", "int", "sigma, in bits"), ("eta", "int", "eta, in bits")]
CHOICE_OUTPUT = [
    ("neighbours", "int", "k; 0 for the complete graph"),
    ("threshold", "int", "t"), ("corrupt", "int", "c"),
    ("minSurvivors", "int", "min_survivors. For the complete graph an "
     "implementation may answer 0, the default, instead")]

FILES = {
    "mask": {"concern": "streams, masks, mask sets (6.2 to 6.6)", "types": {
        "Cipher": ("6.2", "Encrypt with a stream cipher.", [], [
            ("cipher", "text", "AES-128-CTR or ChaCha20"),
            ("key", "hex", "key"),
            ("counter", "b16", "AES: the first counter block; ChaCha20: the "
             "last four words of the first state, each little-endian"),
            ("input", "hex", "plaintext"), ("output", "hex", "ciphertext")]),
        "Stream": ("6.2", "Derive key and nonce, and compute the "
                   "keystream.", [], [
            ("suite", "int", "suite"), ("seed", "b32", "seed"),
            ("bits", "int", "b, the lane"),
            ("secret", "hex", "key \\|\\| nonce"),
            ("stream", "hex", "first bytes of KS")]),
        "Range": ("6.3, 6.4, 6.5", "Apply all masks of a mask set to a range "
                  "of entries.", [], [
            ("set", "hex", "encoded mask set (6.6)"),
            ("bits", "int", "b, the lane"),
            ("offset", "u64", "number of the first entry in its lane"),
            ("count", "int", "number of entries"),
            ("before", "hex", "planes of the range"),
            ("after", "hex", "planes after masking, ragged bits included; "
             "empty if invalid")]),
        "Set": ("6.6", "Decode a mask set and encode it again, which gives "
                "the same bytes.", [], [
            ("set", "hex", "encoded mask set"),
            ("suite", "int", "suite; 0 if invalid"),
            ("signs", "hex", "one byte for each seed, in order: 0 plus, 1 "
             "minus"),
            ("seeds", "b32s", "the seeds, in order")]),
    }},
    "planar": {"concern": "planar layout (6.1)", "types": {
        "Planes": ("6.1", "Lay out entries in planes, and read them "
                   "back.", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("entries", "u64s", "entries"), ("planes", "hex", "planes")]),
        "Ragged": ("6.1", "Read planes whose ragged bits are not zero.", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("planes", "hex", "planes"),
            ("entries", "u64s", "entries; ragged bits have no effect")]),
        "Sum": ("6.4", "Add and subtract two vectors, ragged positions "
                "included.", [], [
            ("bits", "int", "b"), ("count", "int", "m"),
            ("left", "hex", "planes"), ("right", "hex", "planes"),
            ("sum", "hex", "planes of left + right"),
            ("difference", "hex", "planes of left - right")]),
    }},
    "encoding": {"concern": "encoding of values (7.1 to 7.5)", "types": {
        "Words": ("7.2", "Compute the words of stochastic rounding.", [], [
            ("suite", "int", "suite"), ("roundingSeed", "b32", "rounding"),
            ("bits", "int", "b, the lane"),
            ("offset", "int", "number of the first entry in its lane"),
            ("words", "u32s", "rnd of the entries from offset on")]),
        "Quantise": ("7.1", "Encode reals of a segment. The error is VALUE "
                     "if one is not finite.", SEGMENT, [
            ("suite", "int", "suite"), ("roundingSeed", "b32", "rounding"),
            ("bits", "int", "b, the lane"),
            ("offset", "int", "number of the first entry in its lane"),
            ("weight", "u64", "w; without effect for REAL"),
            ("words", "u32s", "rnd of each entry; empty if rounding is to "
             "nearest"),
            ("values", "doubles", "values to encode"),
            ("entries", "u64s", "encoded entries; empty if invalid"),
            ("clipped", "int", "number of clipped values")]),
        "Rounded": ("7.1", "Encode reals of a REAL segment with stochastic "
                    "rounding and one word for all.", [], [
            ("valueBits", "int", "q"), ("clip", "double", "clip"),
            ("word", "int", "rnd of each entry"),
            ("values", "doubles", "values to encode"),
            ("entries", "u64s", "encoded entries")]),
        "Integers": ("7.1", "Encode integers. The error is VALUE if one is "
                     "out of range.", INTEGERS, [
            ("signed", "bool", "true: the values are signed integers, in two's "
             "complement; false: they are unsigned"),
            ("values", "u64s", "integers"),
            ("planes", "hex", "planes; empty if invalid")]),
        "Decode": ("7.5", "Decode a sum or a mean of reals.", [
            ("valueBits", "int", "q"), ("clip", "double", "clip")], [
            ("mean", "bool", "true: the mean; false: the sum"),
            ("addends", "u64", "W"), ("total", "u64", "total"),
            ("value", "double", "the result; zero if invalid"),
            ("single", "singles", "the result as f32; empty if it is VALUE")]),
        "Total": ("7.5", "Decode a sum of integers. The error is that of the "
                  "check of the total.", INTEGERS, [
            ("survivors", "int", "\\|U3\\|"), ("total", "u64", "total"),
            ("unsigned", "u64s", "the sum as an unsigned integer; empty if it "
             "is VALUE"),
            ("signed", "u64s", "the sum as a signed integer, two's complement "
             "in 64 bits; empty if it is VALUE")]),
        "WeightSum": ("7.5", "Check the sum of the weights.", [
            ("minWeight", "int", "min_weight"),
            ("maxWeight", "int", "max_weight"),
            ("bits", "int", "bits of the hidden segment")], [
            ("survivors", "int", "\\|U3\\|"),
            ("total", "u64", "total of the hidden segment")]),
    }},
    "params": {"concern": "parameters and policies (2.1 to 2.4)", "types": {
        "Params": ("2.2 to 2.4", "Decode parameters, check their soundness "
                   "and encode them again, which gives the same bytes.", [], [
            ("params", "hex", "encoded parameters"),
            ("hCtx", "hex", "H_ctx; empty if invalid"),
            ("floor", "int", "F, the effective minimum of survivors; 0 if "
             "invalid"),
            ("vectorSize", "u64", "V, in bytes; 0 if invalid. The rule about "
             "the memory of the machine (2.2) is not in the vectors: if V is "
             "too large for an implementation, it may answer ARG to a valid "
             "test")]),
        "Fill": ("2.1, 7.4", "Fill in defaults, check the soundness and "
                 "encode.", [], [
            ("unfilled", "hex", "members in the layout of 2.3, but with "
             "defaults given as 0, and possibly -0 for +0; this is not a "
             "valid encoding"),
            ("params", "hex", "encoded parameters, with the defaults; empty "
             "if invalid")]),
        "Policy": ("2.2", "Check sound parameters against a client's policy. "
                   "The error is POLICY if they are below it, ARG if the "
                   "policy is not valid or there is no such client.", [], [
            ("params", "hex", "encoded parameters"),
            ("index", "int", "index of the client"),
            ("minClients", "int", "min_clients; 0: the default"),
            ("minRing", "int", "min_ring; 0: the default"),
            ("minSurvivors", "int", "min_survivors; 0: the default"),
            ("minCorrupt", "double", "min_corrupt; 0: the default; below 0: "
             "nobody is corrupt"),
            ("requireActive", "bool", "require_active"),
            ("minWeight", "int", "min_weight"),
            ("appDigest", "b32", "app_digest"),
            ("anyDigest", "bool", "any_digest")]),
        "Lanes": ("6.1, 8.7", "Lay out the lanes of sound parameters.", [], [
            ("params", "hex", "encoded parameters"),
            ("times", "int", "the list of segments in `params` is taken this "
             "many times, end to end"),
            ("lanes", "hex", "b of each lane, ascending, one byte each"),
            ("counts", "u64s", "m_b of each lane"),
            ("nblocks", "u64", "nblocks"),
            ("vectorSize", "u64", "V, in bytes; as in Params, it may be too "
             "large for an implementation"),
            ("minPart", "int", "s_min, in blocks"),
            ("segments", "u32s", "numbers of segments, the hidden one "
             "included"),
            ("places", "u64s", "place(s) of each of them"),
            ("blocks", "u64s", "numbers of blocks"),
            ("offsets", "u64s", "At of each of them")]),
        "Part": ("8.7", "Check the blocks and the length of an INPUT_PART, "
                 "which has no complaints, and in h_u2 and the planes zero "
                 "bytes.", [], [
            ("params", "hex", "encoded parameters"),
            ("accepted", "u64", "number of blocks accepted from the client "
             "before"),
            ("first", "u64", "first"), ("blocks", "int", "blocks"),
            ("planeBytes", "int", "number of bytes of its planes")]),
    }},
    "choice": {"concern": "choice of parameters (2.2, 2.5)", "types": {
        "Choice": ("2.5", "Choose parameters, with no policy. The error is "
                   "ARG. If invalid, all outputs are 0.", [],
                   CHOICE_INPUT + CHOICE_OUTPUT),
        "PolicyChoice": ("2.5", "Choose parameters that a policy accepts. The "
                         "error is ARG. If invalid, all outputs are 0.", [],
                         CHOICE_INPUT + [
            ("policyClients", "int", "min_clients of the policy"),
            ("policyRing", "int", "min_ring"),
            ("policySurvivors", "int", "min_survivors"),
            ("policyCorrupt", "double", "min_corrupt"),
            ("policyActive", "bool", "require_active")] + CHOICE_OUTPUT),
        "Accepted": ("2.2, 2.5", "Compute what the default policy accepts.",
                     [], [
            ("clients", "int", "n"),
            ("corrupt", "int", "A of the default policy"),
            ("threshold", "int", "the least t on the complete graph with c = "
             "A, and the least F"),
            ("dropouts", "int", "n - F, clients that may drop out"),
            ("neighbours", "int", "k of the ring that is chosen for delta = "
             "0.05, sigma = 40 and eta = 20; 0 if the policy refuses rings"),
            ("ringThreshold", "int", "t of that ring"),
            ("ringCorrupt", "int", "c of that ring"),
            ("ringSurvivors", "int", "min_survivors of that ring")]),
        "Cut": ("2.5", "Compute P_cut.", [], [
            ("clients", "int", "n"), ("neighbours", "int", "k"),
            ("threshold", "int", "t"), ("corrupt", "int", "A"),
            ("minSurvivors", "int", "min_survivors"),
            ("numerator", "hex", "of P_cut in lowest terms, big-endian"),
            ("denominator", "hex", "the denominator, likewise"),
            ("sigma", "int", "the greatest sigma up to 128 for which E2' "
             "holds; 0 if there is none")]),
    }},
    "graph": {"concern": "the graph (5.2 to 5.5)", "types": {
        "GraphSeed": ("5.2", "Derive the seed of a ring.", [], [
            ("serverSeed", "b32", "server_seed"), ("hCtx", "b32", "H_ctx"),
            ("root", "b32", "roster_root"),
            ("graphSeed", "b32", "graph_seed")]),
        "Permutation": ("5.3", "Compute the permutation of the clients.", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("permutation", "u32s", "perm[0] to perm[n - 1]")]),
        "Peers": ("5.1, 5.4", "Compute the peers of a client.", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k; 0 for the complete graph"),
            ("index", "int", "u"), ("peers", "u32s", "N(u), ascending")]),
        "Connected": ("5.5", "Tell whether the survivors are connected.", [], [
            ("graphSeed", "b32", "graph_seed"), ("clients", "int", "n"),
            ("neighbours", "int", "k"), ("u3", "hex", "bitmap of U3"),
            ("connected", "bool", "connected(U3)")]),
    }},
}
