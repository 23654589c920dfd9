# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about messages and whole sessions."""

PARTIES = [
    ("params", "hex", "encoded parameters"),
    ("serverSeed", "b32", "server_seed"),
    ("masterSeeds", "b32s", "ms of clients 0 to n - 1"),
    ("identitySeeds", "b32s", "RFC 8032 seeds of the signing keys of clients "
     "0 to n - 1; empty in semi-honest mode"),
    ("trustAll", "bool", "true: before the first operation, each client is "
     "given its own signing key, and each client and the server trust all n "
     "public keys"),
    ("serverOnly", "bool", "true: the test has no clients, only their "
     "messages. Perform the operations take, up (as take), serve, down (as "
     "serve; its error is the client's and is not checked), end, and those for "
     "the server's trust, and skip all others")]

SERVER_TRUST_OPS = ("trustServer", "trustServerWhole", "trustServerWith",
                    "verdictServer")

GROUP = PARTIES + [
    ("setup", "operations", "operations before each test; none fails")]

OPERATIONS = [
    ("identify", "client, error", "Give the client its own signing key."),
    ("identifyAs", "client, secret, error", "Give the client the signing key "
     "whose RFC 8032 seed is `secret`."),
    ("present", "client, credential, error", "Give the client the credential "
     "of its KEYS."),
    ("trust", "client, index, public, error", "Add the key `public` of "
     "`index` to the client's list."),
    ("trustWhole", "client, error", "Declare the client's list whole."),
    ("trustWith", "client, error", "Give the client a verifier."),
    ("verdict", "client, index, public, credential, answer, error", "Announce "
     "a call of the client's verifier. Calls come in the order in which they "
     "are announced, with this index, identity and credential; none comes that "
     "is not announced, and each comes during the next message to the "
     "client. `answer` is the error with which the "
     "verifier answers; empty: accepted."),
    ("trustServer", "index, public, error", "As trust, for the server."),
    ("trustServerWhole", "error", "As trustWhole, for the server."),
    ("trustServerWith", "error", "As trustWith, for the server."),
    ("verdictServer", "index, public, credential, answer, error", "As "
     "verdict, for the server."),
    ("weight", "client, weight (u64), error", "Supply the client's weight."),
    ("chunk", "client, entries, error", "Let the client send its input in "
     "parts of `entries` entries. The weight is supplied next, then the "
     "entries of one part at a time. Entries of the part that is due may be "
     "supplied before the message that calls for them."),
    ("input", "client, segment, offset, values (u64s), error", "Supply "
     "entries of the client's input, from entry `offset` of the segment on. "
     "The values are the bits of doubles for a REAL or WEIGHTED segment, signed "
     "integers in two's complement for a SIGNED one, and unsigned integers for "
     "others. If the segment does not exist, their form does not matter."),
    ("save", "client, state, key, generation (u64), error", "Save the client, "
     "sealed with the host key `key`, and keep the sealed state by the number "
     "`state`, from 0 to 15. Its generation must be `generation`. An "
     "implementation without saved states skips tests with this operation."),
    ("resume", "client, state, key, least (u64), error", "Resume a client "
     "from the kept state `state`, which may be that of another client, with "
     "`key`, `least`, the index `client` and the session's H_ctx. If the step "
     "succeeds, it replaces the client before. Its signing key and its "
     "verifier must be given again."),
    ("make", "client, message, error", "Ask the client for its message. It "
     "must be `message`; empty: the client has none, or the step fails."),
    ("hear", "client, message, error", "Give the client this message of the "
     "server."),
    ("serve", "client, message, error", "Ask the server for its message to "
     "the client, which need not exist. It must be `message`; empty: the "
     "server has none, or the step fails."),
    ("take", "client, message, error", "Give the server this message of the "
     "client."),
    ("up", "client, message, error", "Do make, which does not fail, then "
     "take; `error` is that of take."),
    ("down", "client, message, error", "Do serve, which does not fail, then "
     "hear; `error` is that of hear."),
    ("end", "error", "Close the phase at the server."),
    ("spent", "client, spent, error", "Ask whether the client's vector is "
     "spent (11.4). The answer must be `spent`: NOTHING, INPUT or UNMASK."),
]

SPENT = ("NOTHING", "INPUT", "UNMASK")

FILES = {
    "messages": {"concern": "single messages (8.1 to 8.12)", "types": {
        "ToServer": ("8, 9.2", "Give the server one message.", GROUP, [
            ("client", "int", "the client that the transport names as the "
             "sender"),
            ("direction", "text", "\"up\""),
            ("messageType", "text", "name of the message's type"),
            ("message", "hex", "the message"),
            ("phase", "phase", "the server's phase after the message")]),
        "ToClient": ("8, 9.1", "Give a client one message.", GROUP, [
            ("client", "int", "the client that receives the message"),
            ("direction", "text", "\"down\""),
            ("messageType", "text", "name of the message's type"),
            ("message", "hex", "the message"),
            ("phase", "phase", "the client's phase after the message; FAILED "
             "if the error is fatal"),
            ("answer", "hex", "if the phase is FAILED, the ABORT that the "
             "client makes next; else empty, and the client is not "
             "asked")]),
    }},
    "sessions": {"concern": "whole sessions", "types": {
        "Session": ("all", "Perform the operations with new parties. The "
                    "server then is DONE (valid) or FAILED with the error of "
                    "the test (invalid). If it is FAILED, all members below "
                    "except blamed to lostFor are empty or zero.",
                    PARTIES, [
            ("operations", "operations", "operations, in this order"),
            ("survivors", "u32s", "U3, ascending"),
            ("weightSum", "u64", "sum of the weights; 0 without weights, and "
             "if the sum is VALUE"),
            ("sums", "u64lists", "sums of each segment as integers, of SIGNED "
             "in two's complement; of reals, the sums of their entries; empty "
             "if they are VALUE"),
            ("means", "u64lists", "means of each segment as the bits of "
             "doubles; empty for integers, and if they are VALUE"),
            ("blamed", "u32s", "the blame list, in its order"),
            ("blamedFor", "texts", "the error of each client on the blame "
             "list"),
            ("disputed", "u32s", "the disputes, dealer and holder of each; "
             "ascending by dealer, then holder"),
            ("lost", "u32s", "the clients that dropped out or sent ABORT, "
             "ascending"),
            ("lostIn", "texts", "the phase that each of them did not answer, "
             "or in which it sent ABORT"),
            ("lostFor", "texts", "the error in the ABORT of each; empty if it "
             "did not answer before the phase was closed")]),
    }},
}
