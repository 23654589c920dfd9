# SPDX-License-Identifier: Apache-2.0
"""Formats of the files about messages and whole sessions."""

PARTIES = [
    ("params", "hex", "encoded parameters"),
    ("serverSeed", "b32", "server_seed"),
    ("masterSeeds", "b32s", "ms of client 0, 1, ..., n - 1"),
    ("identitySeeds", "b32s", "RFC 8032 seeds of clients 0 to n - 1; empty in "
     "semi-honest mode"),
    ("trustAll", "bool", "before the operations every client is given its "
     "identity, and every client and the server all n public keys"),
    ("serverOnly", "bool", "the clients are played by their messages alone: "
     "of the operations only take, up (as take), serve, down (as serve), "
     "trustServer and end are for the reader, all others are passed over")]

OPERATIONS = [
    ("identify", "client, error", "the client is given its own identity"),
    ("trust", "client, index, public, error", "the client is told the key of "
     "`index`"),
    ("trustServer", "index, public, error", "the server is told the key of "
     "`index`"),
    ("weight", "client, weight (u64), error", "the client is given its "
     "weight"),
    ("chunk", "client, entries, error", "the client is to send its input in "
     "parts of so many entries; it is given the weight next, then the entries "
     "of one part at a time"),
    ("input", "client, segment, offset, values (u64s), error", "the client "
     "is given entries: of an INTEGER segment integers, of a REAL or WEIGHTED "
     "one bits of doubles, of one that does not exist any"),
    ("make", "client, message, error", "the client is asked for its message, "
     "which is this; empty: it has none"),
    ("hear", "client, message, error", "the client is given a message"),
    ("serve", "client, message, error", "the server is asked for its message "
     "for the client, which is this; empty: it has none"),
    ("take", "client, message, error", "the server is given a message that "
     "came from the client"),
    ("up", "client, message, error", "make without error, then take; the "
     "error is that of take"),
    ("down", "client, message, error", "serve without error, then hear; the "
     "error is that of hear"),
    ("end", "error", "the host of the server ends the phase"),
]

FILES = {
    "messages": {"concern": "single messages (8.1 to 8.12)", "types": {
        "ToServer": ("8, 9.2", PARTIES + [
            ("setup", "operations", "done before each test, without error")],
            [("client", "int", "whom the transport names"),
             ("direction", "text", "up"), ("messageType", "text", "its name"),
             ("message", "hex", "a message given to the server"),
             ("phase", "phase", "the server's phase afterwards")]),
        "ToClient": ("8, 9.1", PARTIES + [
            ("setup", "operations", "done before each test, without error")],
            [("client", "int", "the client it is given to"),
             ("direction", "text", "down"),
             ("messageType", "text", "its name"),
             ("message", "hex", "a message given to the client"),
             ("phase", "phase", "the client's phase afterwards; FAILED where "
              "the error is fatal"),
             ("answer", "hex", "what the client makes then if asked: ABORT "
              "where it FAILED, else empty and not to be asked for")]),
    }},
    "sessions": {"concern": "whole sessions", "types": {
        "Session": ("all", PARTIES, [
            ("operations", "operations", "in this order"),
            ("survivors", "u32s", "U3, ascending; empty without a sum, and "
             "all below likewise"),
            ("weightSum", "u64", "sum of the weights, 0 without weights"),
            ("sums", "u64lists", "sums of each segment as integers"),
            ("means", "u64lists", "means as doubles; empty for INTEGER"),
            ("blamed", "u32s", "the blame list in its order"),
            ("blamedFor", "texts", "error of each on the list")]),
    }},
}
