/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bits.h"

uint32_t sa_bitmap_count(const uint8_t *map, uint32_t n)
{
    uint32_t count = 0;

    for (size_t i = 0; i < sa_bitmap_bytes(n); i++)
        for (uint32_t byte = map[i]; byte != 0; byte &= byte - 1)
            count++;
    return count;
}

bool sa_bitmap_is_subset(const uint8_t *a, const uint8_t *b, uint32_t n)
{
    for (size_t i = 0; i < sa_bitmap_bytes(n); i++)
        if ((a[i] & ~b[i] & 255) != 0)
            return false;
    return true;
}

bool sa_bitmap_canonical(const uint8_t *map, uint32_t n)
{
    return n % 8 == 0 || map[n / 8] >> n % 8 == 0;
}
