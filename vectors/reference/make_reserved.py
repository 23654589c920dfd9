# SPDX-License-Identifier: Apache-2.0
"""Parameters with what clause 13 reserves: extensions and graph 2. A reader
rejects them with MESSAGE, before any ARG (2.3)."""
from dataclasses import replace

import params
from hashes import be16
from vector_file import test_bytes

EXTENSIONS = {1: "EPOCH", 2: "CELL", 3: "NORM", 4: "NOISE", 5: "ACCEPT",
              6: "SEATS", 7: "RECORD"}
# Bytes of an item; the registry leaves those of ACCEPT and RECORD open.
SIZES = {"EPOCH": 4, "CELL": 76, "NORM": 16, "NOISE": 24, "ACCEPT": 32,
         "SEATS": 96, "RECORD": 36}


def item(type_, size):
    """13: encode an item of the extension block."""
    return be16(type_) + be16(size) + test_bytes("extension %d" % type_, size)


def with_block(p, block, size=None):
    """2.3: encode parameters with an extension block, whose length may
    lie."""
    size = len(block) if size is None else size
    return params.encode(p)[:-2] + be16(size) + block


def extension_rows(p):
    """13: yield blocks that are not empty: a comment and the bytes."""
    items = {name: item(type_, SIZES[name])
             for type_, name in EXTENSIONS.items()}
    for name, data in items.items():
        yield "extension " + name, with_block(p, data)
    for type_, name in EXTENSIONS.items():
        yield "extension %s without bytes" % name, with_block(
            p, item(type_, 0))
    yield "all reserved extensions", with_block(p, b"".join(items.values()))
    for type_ in (0, 8, 0x0100, 0x0600, 0xffff):
        yield "extension %d" % type_, with_block(p, item(type_, 4))
        yield "extension %d without bytes" % type_, with_block(
            p, item(type_, 0))
    epoch, record = items["EPOCH"], items["RECORD"]
    yield "extensions out of order", with_block(p, record + epoch)
    yield "an extension twice", with_block(p, epoch + epoch)
    yield "an extension beyond the block", with_block(p, be16(1) + be16(5)
                                                      + bytes(4))
    yield "a block of two bytes", with_block(p, be16(1))
    yield "a block longer than its bytes", with_block(p, epoch,
                                                      len(epoch) + 1)
    yield "a block shorter than its bytes", with_block(p, epoch,
                                                       len(epoch) - 1)
    yield "an empty block and an extension", with_block(p, epoch, 0)
    yield "a block without bytes", with_block(p, b"", 8)


def reserved_rows(kinds):
    """13: yield comment and bytes of parameters that a later version may
    accept."""
    for name, p in kinds.items():
        good = params.encode(p)
        yield "%s, graph 2, STAR" % name, good[:5] + b"\2" + good[6:]
        if name == "complete":
            for comment, data in extension_rows(p):
                yield comment, data
            yield "an extension, and unsound", with_block(
                replace(p, threshold=0), item(1, 4))
            unsound = params.encode(replace(p, threshold=0))
            yield "graph 2, and unsound", unsound[:5] + b"\2" + unsound[6:]
        else:
            for type_, extension in EXTENSIONS.items():
                yield "%s, extension %s" % (name, extension), with_block(
                    p, item(type_, SIZES[extension]))
