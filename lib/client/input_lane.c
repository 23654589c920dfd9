/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_lane.h"

#include <string.h>

#include "core/mem.h"
#include "vector/planar.h"

secagg_err sa_input_lane_prepare(sa_input_lane *l, sa_cipher cipher,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    if (l->gathered == NULL)
        l->gathered = sa_alloc(SA_BLOCK, sizeof *l->gathered);
    if (l->gathered == NULL)
        return SECAGG_ERR_MEMORY;
    if (seed == NULL || l->rounding != NULL)
        return SECAGG_OK;
    return sa_rounding_new(&l->rounding, cipher, l->lane->bits, seed);
}

/* Lay out entries that are in no plane yet. */
static void write(sa_input_lane *l, uint64_t entry, const uint64_t *entries,
    size_t count)
{
    sa_planar_write_u64(l->planes, l->part.count, l->lane->bits,
        entry - l->part.offset, entries, count);
}

void sa_input_lane_flush(sa_input_lane *l)
{
    uint64_t *entries;

    if (l->count == 0)
        return;
    entries = l->gathered + l->from % SA_BLOCK;
    write(l, l->from, entries, l->count);
    sa_wipe(entries, l->count * sizeof *entries);
    l->count = 0;
}

/* Gathered entries are contiguous; after the last entry of a block no piece
 * continues them. */
uint64_t *sa_input_lane_gather(sa_input_lane *l, uint64_t entry,
    size_t count)
{
    if (entry != l->from + l->count || entry % SA_BLOCK == 0)
        sa_input_lane_flush(l);
    if (l->count == 0)
        l->from = entry;
    l->count += count;
    return l->gathered + entry % SA_BLOCK;
}

static void gather(sa_input_lane *l, uint64_t entry, const uint64_t *entries,
    size_t count)
{
    if (count > 0)
        memcpy(sa_input_lane_gather(l, entry, count), entries,
            count * sizeof *entries);
}

/* The piece consists of the end of a block, whole blocks, and the beginning of
 * a block. */
void sa_input_lane_put_u64(sa_input_lane *l, uint64_t entry,
    const uint64_t *entries, size_t count)
{
    const size_t rest = (size_t)((SA_BLOCK - entry % SA_BLOCK) % SA_BLOCK);
    const size_t head = count < rest ? count : rest;
    const size_t whole = (count - head) / SA_BLOCK * SA_BLOCK;
    const size_t tail = count - head - whole;

    gather(l, entry, entries, head);
    if (whole > 0)
        write(l, entry + head, entries + head, whole);
    gather(l, entry + head + whole, entries + head + whole, tail);
}

void sa_input_lane_put_u32(sa_input_lane *l, uint64_t entry,
    const uint32_t *entries, size_t count)
{
    sa_planar_write_u32(l->planes, l->part.count, l->lane->bits,
        entry - l->part.offset, entries, count);
}

void sa_input_lane_reset(sa_input_lane *l)
{
    sa_rounding_free(l->rounding);
    sa_free(l->gathered);
    sa_intervals_free(&l->given);
    l->rounding = NULL;
    l->gathered = NULL;
    l->count = 0;
}
