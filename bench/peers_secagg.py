# SPDX-License-Identifier: Apache-2.0
"""The functions of libsecagg that peers.py needs, through ctypes."""
import ctypes
import os
import sys
import time

import numpy as np

from peers_flower import CLIP, MAX_WEIGHT, VALUE_BITS, WEIGHT

AES, WEIGHTED, REAL, DONE = 1, 2, 1, 5


class Segment(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint64), ("kind", ctypes.c_uint32),
                ("bits", ctypes.c_uint32), ("value_bits", ctypes.c_uint32),
                ("rounding", ctypes.c_uint32), ("clip", ctypes.c_double),
                ("reserved", ctypes.c_uint32 * 4)]


class Params(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("session", ctypes.c_uint8 * 16),
                ("round", ctypes.c_uint64), ("suite", ctypes.c_uint32),
                ("mode", ctypes.c_uint32), ("clients", ctypes.c_uint32),
                ("threshold", ctypes.c_uint32), ("corrupt", ctypes.c_uint32),
                ("neighbours", ctypes.c_uint32),
                ("min_survivors", ctypes.c_uint32),
                ("max_weight", ctypes.c_uint64),
                ("segments", ctypes.POINTER(Segment)),
                ("segment_count", ctypes.c_size_t),
                ("app_digest", ctypes.c_uint8 * 32)]


LIB = ctypes.CDLL(os.path.abspath(os.environ["SECAGG_LIBRARY"]))
HANDLE = ctypes.c_void_p
SIZE, U32, U64 = ctypes.c_size_t, ctypes.c_uint32, ctypes.c_uint64
WORDS = {
    "secagg_strerror": (ctypes.c_char_p, ctypes.c_int),
    "secagg_version": (ctypes.c_char_p,),
    "secagg_kernels": (ctypes.POINTER(ctypes.c_char_p),),
    "secagg_planar_size": (SIZE, SIZE, U32),
    "secagg_masks_free": (None, HANDLE),
    "secagg_client_free": (None, HANDLE),
    "secagg_server_free": (None, HANDLE),
    "secagg_server_phase": (ctypes.c_int, HANDLE),
    "secagg_server_weight": (U64, HANDLE),
}
CALLS = {
    "secagg_masks_new": (HANDLE, U32),
    "secagg_masks_add": (HANDLE, HANDLE, ctypes.c_int),
    "secagg_masks_apply": (HANDLE, U32, U64, HANDLE, SIZE),
    "secagg_shamir_split": (HANDLE, SIZE, SIZE, HANDLE, HANDLE),
    "secagg_shamir_join": (HANDLE, HANDLE, HANDLE, SIZE),
    "secagg_fixed_encode_f32": (HANDLE, HANDLE, SIZE, HANDLE, U32, U32,
                                HANDLE, HANDLE),
    "secagg_params_new_session": (HANDLE,),
    "secagg_client_new": (HANDLE, HANDLE, U32, HANDLE),
    "secagg_client_weight": (HANDLE, U64),
    "secagg_client_input_f32": (HANDLE, SIZE, U64, HANDLE, SIZE),
    "secagg_client_send": (HANDLE, HANDLE, HANDLE),
    "secagg_client_recv": (HANDLE, HANDLE, SIZE),
    "secagg_server_new": (HANDLE, HANDLE),
    "secagg_server_recv": (HANDLE, U32, HANDLE, SIZE),
    "secagg_server_advance": (HANDLE,),
    "secagg_server_send": (HANDLE, U32, HANDLE, HANDLE),
    "secagg_server_mean_f32": (HANDLE, SIZE, U64, HANDLE, SIZE),
}


def checked(err, call, _):
    if err:
        sys.exit("peers: %s: %s" % (call.__name__,
                                    LIB.secagg_strerror(err).decode()))
    return err


for word, types in WORDS.items():
    getattr(LIB, word).restype = types[0]
    getattr(LIB, word).argtypes = types[1:]
for word, types in CALLS.items():
    getattr(LIB, word).restype = ctypes.c_int
    getattr(LIB, word).argtypes = types
    getattr(LIB, word).errcheck = checked


def at(array):
    return array.ctypes.data_as(HANDLE)


def mask(count, seeds, bits):
    masks = HANDLE()
    LIB.secagg_masks_new(ctypes.byref(masks), AES)
    for i in range(seeds):
        LIB.secagg_masks_add(masks, i.to_bytes(32, "little"), 1)
    planes = np.zeros(LIB.secagg_planar_size(count, bits), np.uint8)
    start = time.process_time()
    LIB.secagg_masks_apply(masks, bits, 0, at(planes), count)
    spent = time.process_time() - start
    LIB.secagg_masks_free(masks)
    return spent


def split(secret, n, t):
    shares = np.zeros(32 * n, np.uint8)
    LIB.secagg_shamir_split(at(shares), n, t, secret, os.urandom(32))
    return shares


def random_secret():
    return os.urandom(31) + b"\0"


def create(n, t, secrets):
    values = [random_secret() for _ in range(secrets)]
    start = time.process_time()
    for value in values:
        split(value, n, t)
    return time.process_time() - start


def join(n, t, used):
    secret = random_secret()
    shares = split(secret, n, t)
    out, holders = np.zeros(32, np.uint8), np.arange(used, dtype=np.uint32)
    start = time.process_time()
    LIB.secagg_shamir_join(at(out), at(holders), at(shares), used)
    spent = time.process_time() - start
    assert out.tobytes() == secret
    return spent


def quantise(values):
    segment = Segment(len(values), REAL, 0, VALUE_BITS, 0, CLIP)
    out, seed = np.zeros(len(values), np.uint64), os.urandom(32)
    start = time.process_time()
    LIB.secagg_fixed_encode_f32(at(out), at(values), len(values),
                                ctypes.byref(segment), AES, 64, seed, None)
    return time.process_time() - start


def new_params(n, threshold, corrupt, segment):
    params = Params(size=ctypes.sizeof(Params), clients=n,
                    threshold=threshold, corrupt=corrupt,
                    max_weight=MAX_WEIGHT, segments=ctypes.pointer(segment),
                    segment_count=1)
    LIB.secagg_params_new_session(ctypes.byref(params))
    return params


def send_messages(server, client, i):
    """Passes a client's messages to the server; returns their bytes."""
    msg, size, sent = HANDLE(), SIZE(), 0
    while True:
        LIB.secagg_client_send(client, ctypes.byref(msg), ctypes.byref(size))
        if size.value == 0:
            return sent
        LIB.secagg_server_recv(server, i, msg, size)
        sent += size.value


def one_round(params, updates, dropouts):
    server, clients, sent = HANDLE(), [], [0] * params.clients
    LIB.secagg_server_new(ctypes.byref(server), ctypes.byref(params))
    for i in range(params.clients):
        clients.append(HANDLE())
        LIB.secagg_client_new(ctypes.byref(clients[i]), ctypes.byref(params),
                              i, None)
    for phase in (0, 1, 2, 4):
        assert LIB.secagg_server_phase(server) == phase
        alive = [i for i in range(params.clients)
                 if phase < 2 or i not in dropouts]
        for i in alive:
            if phase == 2:
                LIB.secagg_client_weight(clients[i], WEIGHT)
                LIB.secagg_client_input_f32(clients[i], 0, 0, at(updates[i]),
                                            len(updates[i]))
            sent[i] += send_messages(server, clients[i], i)
        LIB.secagg_server_advance(server)
        msg, size = HANDLE(), SIZE()
        for i in alive:
            LIB.secagg_server_send(server, i, ctypes.byref(msg),
                                   ctypes.byref(size))
            if size.value:
                LIB.secagg_client_recv(clients[i], msg, size)
    assert LIB.secagg_server_phase(server) == DONE
    mean = np.zeros(len(updates[0]), np.float32)
    LIB.secagg_server_mean_f32(server, 0, 0, at(mean), len(mean))
    for client in clients:
        LIB.secagg_client_free(client)
    LIB.secagg_server_free(server)
    return mean, max(sent)
