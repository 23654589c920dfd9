/* SPDX-License-Identifier: Apache-2.0 */
/* planar: vectors modulo 2^bits stored as bit planes (PROTOCOL.md 6.1). The
 * public functions convert whole vectors; the functions here also write ranges
 * that begin and end at any entry. Time depends on lengths, never on
 * entries. */
#ifndef SA_PLANAR_H
#define SA_PLANAR_H

#include <secagg/planar.h>

#include "vector/planar_backend.h"

/* Returns the bytes of a vector of `length` entries, in 64 bits on every
 * machine. The product must not overflow. */
static inline uint64_t sa_planar_bytes(uint64_t length, uint32_t bits)
{
    return bits * (length / 8 + (length % 8 != 0));
}

/* Returns the byte offset, in a planar vector, of the block that begins with
 * entry `offset`, a multiple of SA_BLOCK. */
static inline uint64_t sa_planar_at(uint64_t offset, uint32_t bits)
{
    return bits * (offset / 8);
}

/* Write `count` entries, each below 2^bits, to positions `offset` and on of a
 * planar vector of `length` entries, whose planes hold zeros there. Other
 * entries keep their values. */
void sa_planar_write_u64(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint64_t *entries, size_t count);

/* As sa_planar_write_u64; bits is 32 at most. */
void sa_planar_write_u32(uint8_t *vector, uint64_t length, uint32_t bits,
    uint64_t offset, const uint32_t *entries, size_t count);

/* Copy a last block, whose planes are only plane_len bytes each, to a whole
 * block: each plane is filled up with zeros to SA_PLANE bytes. */
void sa_planar_pad_block(uint8_t *block, const uint8_t *last,
    size_t plane_len, uint32_t bits);

/* Copy the first plane_len bytes of each plane of a whole block back to a last
 * block. */
void sa_planar_trim_block(uint8_t *last, size_t plane_len,
    const uint8_t *block, uint32_t bits);

/* Returns the fastest backend of this machine. */
const sa_planar_backend *sa_planar_best(void);

#endif
