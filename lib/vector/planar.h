/* SPDX-License-Identifier: Apache-2.0 */
/* planar: vectors modulo 2^bits in planes of bits (PROTOCOL.md 6.1), at any
 * entry: the public functions are for whole vectors. Time depends on lengths,
 * never on entries. */
#ifndef SA_PLANAR_H
#define SA_PLANAR_H

#include <secagg/planar.h>

#include "vector/planar_backend.h"

/* Bytes of a vector of length entries, in 64 bits. */
static inline uint64_t sa_planar_bytes(uint64_t length, uint32_t bits)
{
    return bits * (length / 8 + (length % 8 != 0));
}

/* Where the block of entry `offset`, a multiple of 512, begins. */
static inline uint64_t sa_planar_at(uint64_t offset, uint32_t bits)
{
    return bits * (offset / 8);
}

/* Put entries [offset, offset + count) of a vector of length entries, below
 * 2^bits each, into planes that hold zeros there; other entries stay. */
void sa_planar_put(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint64_t *entries, size_t count);

void sa_planar_put_u32(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count);

/* A block whose planes are narrow, stride bytes each, to one of whole planes
 * with zeros, and back. */
void sa_planar_widen(uint8_t *block, const uint8_t *narrow, size_t stride,
    uint32_t bits);
void sa_planar_narrow(uint8_t *narrow, size_t stride, const uint8_t *block,
    uint32_t bits);

/* The best level of this machine. */
const sa_planar_backend *sa_planar_best(void);

#endif
