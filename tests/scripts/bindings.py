# SPDX-License-Identifier: Apache-2.0
"""Use the library with cffi: bindings.py HEADER-TEXT SHARED-LIBRARY.

The text is that of the headers, as secagg(3) says to make it. The script runs a
session of three clients, one of whose functions each is called."""
import pathlib
import sys

import cffi


def main(text, library):
    """Run a session; a failed assertion ends the script."""
    ffi = cffi.FFI()
    ffi.cdef(pathlib.Path(text).read_text())
    lib = ffi.dlopen(library)

    def good(err):
        assert err == lib.SECAGG_OK, ffi.string(lib.secagg_strerror(err))

    params = ffi.new("secagg_params *")
    policy = ffi.new("secagg_policy *")
    lib.secagg_params_init(params)
    lib.secagg_policy_init(policy)
    assert params.size == ffi.sizeof("secagg_params")
    assert policy.size == ffi.sizeof("secagg_policy")
    assert lib.SECAGG_SEED_BYTES == 32
    assert ffi.sizeof(params.session) == lib.SECAGG_SESSION_BYTES
    if lib.secagg_available(lib.SECAGG_SUITE_AES, ffi.NULL, 0):
        params.suite = lib.SECAGG_SUITE_CHACHA
    segment = ffi.new("secagg_segment *")
    segment.length, segment.kind, segment.bits = 2, lib.SECAGG_INTEGER, 32
    params.clients, params.corrupt, params.threshold = 3, 1, 3
    params.segments, params.segment_count = segment, 1
    good(lib.secagg_params_new_session(params))

    handle = ffi.new("secagg_server **")
    good(lib.secagg_server_new(handle, params))
    server = ffi.gc(handle[0], lib.secagg_server_free)
    clients = []
    for i in range(3):
        handle = ffi.new("secagg_client **")
        good(lib.secagg_client_new(handle, params, i, policy))
        clients.append(ffi.gc(handle[0], lib.secagg_client_free))
        good(lib.secagg_client_input_u64(clients[i], 0, 0,
                                         [i, 10 * i], 2))
    msg, size = ffi.new("const uint8_t **"), ffi.new("size_t *")
    while lib.secagg_server_phase(server) < lib.SECAGG_PHASE_DONE:
        for i, client in enumerate(clients):
            good(lib.secagg_client_send(client, msg, size))
            if size[0]:
                good(lib.secagg_server_recv(server, i, msg[0], size[0]))
        good(lib.secagg_server_advance(server))
        for i, client in enumerate(clients):
            good(lib.secagg_server_send(server, i, msg, size))
            if size[0]:
                good(lib.secagg_client_recv(client, msg[0], size[0]))
    total = ffi.new("uint64_t[2]")
    good(lib.secagg_server_sum_u64(server, 0, 0, total, 2))
    assert list(total) == [3, 30]


if __name__ == "__main__":
    main(*sys.argv[1:])
