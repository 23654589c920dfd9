/* SPDX-License-Identifier: Apache-2.0 */
#include "common/deck.h"

#include <stdbool.h>

static uint8_t *row(const deck *all, size_t i)
{
    return (uint8_t *)all->rows + i * all->row_bytes;
}

static bool kind(const deck *all, size_t i)
{
    return *(const bool *)(row(all, i) + all->kind_at);
}

static void swap_rows(const deck *all, size_t i, size_t j)
{
    uint8_t *a = row(all, i), *b = row(all, j);
    for (size_t k = 0; k < all->row_bytes; k++) {
        uint8_t t = a[k];
        a[k] = b[k];
        b[k] = t;
    }
}

void deck_shuffle(const deck *all, size_t count, dice d)
{
    for (size_t i = count; i > 1; i--)
        swap_rows(all, i - 1, dice_below(&d, (uint32_t)i));
}

void deck_deal(const deck *all, const size_t *first, uint32_t parties,
    const uint32_t percent[3], dice d)
{
    for (uint32_t i = 0; i < parties; i++) {
        for (size_t p = first[i]; p < first[i + 1]; p++) {
            bool wish = dice_below(&d, 100) < percent[i % 3];
            size_t q = p;
            while (q < first[parties] && kind(all, q) != wish)
                q++;
            if (q < first[parties])
                swap_rows(all, p, q);
        }
    }
}
