/* SPDX-License-Identifier: Apache-2.0 */
/* planar: vectors modulo 2^bits in planes of bits (PROTOCOL.md 6.1), at any
 * entry: the public functions are for whole vectors. Time depends on lengths,
 * never on entries. */
#ifndef SA_PLANAR_H
#define SA_PLANAR_H

#include <secagg/planar.h>

/* Entries of a block, and bytes of one plane of it. */
#define SA_BLOCK 512
#define SA_PLANE 64

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

/* Add one block to another: acc += in, or acc -= in where flip is all ones
 * instead of zero (acc + ~in + 1). Planes are stride bytes apart in acc, 64 at
 * the most, and in_stride apart in in. */
void sa_planar_add_block(uint8_t *acc, size_t stride, const uint8_t *in,
    size_t in_stride, uint32_t bits, uint64_t flip);

#endif
