/* SPDX-License-Identifier: Apache-2.0 */
#include "client/input_lane.h"

#include <string.h>

#include "core/mem.h"
#include "vector/planar.h"

secagg_err sa_input_lane_prepare(sa_input_lane *l, sa_cipher cipher,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    if (l->gathered == NULL)
        l->gathered = sa_alloc(1, sizeof *l->gathered);
    if (l->gathered == NULL)
        return SECAGG_ERR_MEMORY;
    if (seed == NULL || l->rounding != NULL)
        return SECAGG_OK;
    return sa_rounding_new(&l->rounding, cipher, l->lane->bits, seed);
}

void sa_input_lane_lay_out(sa_input_lane *l)
{
    const uint64_t offset = l->from - l->part.offset;
    const size_t first = l->from % SA_BLOCK;

    if (l->count == 0)
        return;
    if (sa_input_lane_narrow(l))
        sa_planar_write_u32(l->planes, l->part.count, l->lane->bits, offset,
            l->gathered->narrow + first, l->count);
    else
        sa_planar_write_u64(l->planes, l->part.count, l->lane->bits, offset,
            l->gathered->wide + first, l->count);
    l->count = 0;
}

void sa_input_lane_flush(sa_input_lane *l)
{
    sa_input_lane_lay_out(l);
    if (l->gathered != NULL)
        sa_wipe(l->gathered, sizeof *l->gathered);
}

void sa_input_lane_reset(sa_input_lane *l)
{
    sa_rounding_free(l->rounding);
    sa_free(l->gathered);
    sa_intervals_free(&l->given);
    sa_wipe(&l->scale, sizeof l->scale);
    l->scaled = NULL;
    l->rounding = NULL;
    l->gathered = NULL;
    l->count = 0;
}
