/* SPDX-License-Identifier: Apache-2.0 */
/* mask_tile: the loop of an AES level over the blocks of a tile and the planes
 * of a block (PROTOCOL.md 6.2, 6.3). The level says before it asks for this how
 * many PLANES a batch takes, which type its `carries` have, what they begin
 * with, flipped(), and what batch() does with a number of planes that is a
 * constant, from counter `low` on. */
#ifndef SA_MASK_TILE_H
#define SA_MASK_TILE_H

#include "vector/mask_backend.h"

/* The end of a block: fewer planes than PLANES. */
#define REST(n)                                                               \
    case n:                                                                   \
        if (n < PLANES)                                                       \
            batch(key, low, out, in, &carry, n);                              \
        break

static void tile(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, size_t blocks, uint32_t bits)
{
    const carries flip = flipped(key);

    for (; blocks > 0; blocks--) {
        carries carry = flip;
        uint32_t left = bits;
        for (; left >= PLANES; left -= PLANES) {
            batch(key, low, out, in, &carry, PLANES);
            low += 4 * PLANES;
            out += PLANES * SA_PLANE;
            in += PLANES * SA_PLANE;
        }
        switch (left) {
            REST(1);
            REST(2);
            REST(3);
            REST(4);
            REST(5);
            REST(6);
            REST(7);
        default: break;
        }
        low += 4 * left;
        out += (size_t)SA_PLANE * left;
        in += (size_t)SA_PLANE * left;
    }
}

#endif
