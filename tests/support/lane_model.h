/* SPDX-License-Identifier: Apache-2.0 */
/* lane_model: lanes and blocks of a full vector (PROTOCOL.md 6.1), counted
 * again from lists of bits and lengths. */
#ifndef LANE_MODEL_H
#define LANE_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* Segments in the order of their numbers, the hidden one last. */
typedef struct lane_model {
    const uint32_t *bits;
    const uint64_t *lengths;
    size_t count;
} lane_model;

/* Entries of the lane `bits` that belong to segments below number `end`. */
static inline uint64_t lane_entries(const lane_model *m, uint32_t bits,
    size_t end)
{
    uint64_t entries = 0;

    for (size_t s = 0; s < end; s++)
        entries += m->bits[s] == bits ? m->lengths[s] : 0;
    return entries;
}

static inline uint64_t lane_place(const lane_model *m, size_t s)
{
    return lane_entries(m, m->bits[s], s);
}

/* Number of blocks, and bytes, of all lanes below `bits`; 65: of all. */
static inline uint64_t lane_first(const lane_model *m, uint32_t bits)
{
    uint64_t blocks = 0;

    for (uint32_t b = 1; b < bits; b++)
        blocks += (lane_entries(m, b, m->count) + 511) / 512;
    return blocks;
}

static inline uint64_t lane_bytes(const lane_model *m, uint32_t bits)
{
    uint64_t bytes = 0;

    for (uint32_t b = 1; b < bits; b++)
        bytes += b * ((lane_entries(m, b, m->count) + 7) / 8);
    return bytes;
}

/* Bytes before a block: of the lanes before its own, and of whole blocks. */
static inline uint64_t lane_at(const lane_model *m, uint64_t block)
{
    uint32_t b = 1;

    while (b < 65 && lane_first(m, b + 1) <= block)
        b++;
    return b == 65 ? lane_bytes(m, 65)
                   : lane_bytes(m, b) + 64 * b * (block - lane_first(m, b));
}

/* The entries [*from, *to) of a segment that are in blocks [start, end) of the
 * full vector; none if they are equal. */
static inline void lane_cut(const lane_model *m, size_t s, uint64_t start,
    uint64_t end, uint64_t *from, uint64_t *to)
{
    const uint64_t first = lane_first(m, m->bits[s]);
    const uint64_t place = lane_place(m, s);

    *from = 0;
    while (*from < m->lengths[s] && first + (place + *from) / 512 < start)
        ++*from;
    *to = *from;
    while (*to < m->lengths[s] && first + (place + *to) / 512 < end)
        ++*to;
}

#endif
