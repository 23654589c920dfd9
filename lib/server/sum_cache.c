/* SPDX-License-Identifier: Apache-2.0 */
#include "server/sum_cache.h"

#include <string.h>

#include "core/mem.h"
#include "core/residue.h"
#include "vector/planar.h"

/* Bytes of planes that a cache holds at most. Each range that is unmasked
 * derives the keys of all masks again, which costs as much as 12 KiB of
 * masks. */
#define CACHE_BYTES ((size_t)1 << 17)

void sa_sum_cache_init(sa_sum_cache *cache)
{
    atomic_flag_clear(&cache->busy);
    cache->start = cache->end = 0;
    cache->planes = NULL;
    cache->capacity = 0;
    cache->block = NULL;
    cache->unpacked = 0;
}

void sa_sum_cache_free(sa_sum_cache *cache)
{
    sa_free(cache->planes);
    sa_free(cache->block);
    sa_sum_cache_init(cache);
}

static size_t bytes_of(const sa_masked_lane *sum, uint64_t start,
    uint64_t end)
{
    return (size_t)sa_planar_bytes(end - start, sum->lane->bits);
}

secagg_err sa_sum_unmask(const sa_masked_lane *sum, uint64_t start,
    uint64_t end, uint8_t *out)
{
    memcpy(out, sum->planes + sa_planar_at(start, sum->lane->bits),
        bytes_of(sum, start, end));
    return sa_leave(secagg_masks_apply(sum->masks, sum->lane->bits, start, out,
        (size_t)(end - start)));
}

secagg_err sa_sum_unpack(const sa_masked_lane *sum, uint64_t at,
    const uint8_t *planes, bool narrow, sa_sum_block *block)
{
    const uint64_t left = sum->lane->entries - at;
    const size_t count = left < SA_BLOCK ? (size_t)left : SA_BLOCK;

    return narrow
        ? secagg_planar_unpack_u32(block->narrow, planes, count,
            sum->lane->bits)
        : secagg_planar_unpack_u64(block->wide, planes, count,
            sum->lane->bits);
}

/* Returns the end of what to unmask for a read of [start, end). If the read
 * continues the cached range, that is twice as long as the range: a host that
 * reads all of the lane has few ranges unmasked, and one that stops has at most
 * about twice the blocks unmasked that it read. */
static uint64_t fill_end(const sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t start, uint64_t end)
{
    const uint64_t max = CACHE_BYTES / ((size_t)SA_PLANE * sum->lane->bits)
        * SA_BLOCK;
    const uint64_t length = cache->end - cache->start;
    uint64_t wanted = end - start;

    if (length > 0 && start >= cache->start && start <= cache->end)
        wanted = 2 * length < max ? 2 * length : max;
    wanted += (SA_BLOCK - wanted % SA_BLOCK) % SA_BLOCK;
    if (wanted < end - start)
        return end;
    return wanted < sum->lane->entries - start ? start + wanted
                                               : sum->lane->entries;
}

/* Make the cache begin with [start, end). If that fails, it is empty. */
static secagg_err fill(sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t start, uint64_t end)
{
    const uint64_t until = fill_end(cache, sum, start, end);
    const size_t size = bytes_of(sum, start, until);

    cache->start = cache->end = 0;
    if (size > cache->capacity) {
        sa_free(cache->planes);
        cache->planes = sa_alloc(size, 1);
        cache->capacity = cache->planes != NULL ? size : 0;
        if (cache->planes == NULL)
            return SECAGG_ERR_MEMORY;
    }
    SA_TRY(sa_sum_unmask(sum, start, until, cache->planes));
    cache->start = start;
    cache->end = until;
    return SECAGG_OK;
}

bool sa_sum_cache_take(sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t start, uint64_t end)
{
    return bytes_of(sum, start, end) <= CACHE_BYTES / 2
        && !atomic_flag_test_and_set_explicit(&cache->busy,
            memory_order_acquire);
}

void sa_sum_cache_give(sa_sum_cache *cache)
{
    atomic_flag_clear_explicit(&cache->busy, memory_order_release);
}

secagg_err sa_sum_cache_load(sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t start, uint64_t end)
{
    if (start < cache->start || end > cache->end)
        SA_TRY(fill(cache, sum, start, end));
    if (cache->block == NULL)
        cache->block = sa_alloc(1, sizeof *cache->block);
    return cache->block != NULL ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

secagg_err sa_sum_cache_block(sa_sum_cache *cache, const sa_masked_lane *sum,
    uint64_t at, bool narrow, const sa_sum_block **block)
{
    const uint8_t *planes = cache->planes
        + sa_planar_at(at - cache->start, sum->lane->bits);

    *block = cache->block;
    if (cache->unpacked == at + 1 && cache->narrow == narrow)
        return SECAGG_OK;
    cache->unpacked = 0;
    SA_TRY(sa_sum_unpack(sum, at, planes, narrow, cache->block));
    cache->unpacked = at + 1;
    cache->narrow = narrow;
    return SECAGG_OK;
}
