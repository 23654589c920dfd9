/* SPDX-License-Identifier: Apache-2.0 */
/* mask_tile: the loops of an AES backend over the blocks of a tile and the
 * planes of a block (PROTOCOL.md 6.2, 6.3). Static, so that each backend
 * compiles them with its own flags. A backend defines before it includes this
 * file:
 *
 *     PLANES             planes per batch, a constant up to 8
 *     batch_state        type of the registers that pass from one batch to the
 *                        next: the carries of the adders, and perhaps keys
 *     start_state(key)   returns the state for the first plane of a block: all
 *                        carries are flip, that is 0 to add, and 1 to subtract
 *                        (acc + ~mask + 1)
 *     add_batch(key, counter, out, in, state, planes)
 *                        sets `planes` planes of out, a constant up to PLANES,
 *                        to the planes of `in` plus the keystream from
 *                        `counter` on */
#ifndef SA_MASK_TILE_H
#define SA_MASK_TILE_H

#include "vector/mask_backend.h"

/* A case of the switch below for the last n planes of a block, n < PLANES. n is
 * a constant in each case, so that the compiler unrolls add_batch(). */
#define LAST_PLANES(n)                                                        \
    case n:                                                                   \
        if (n < PLANES)                                                       \
            add_batch(key, counter, out, in, &state, n);                      \
        break

/* A plane takes four AES blocks. */
static void add_tile(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, size_t blocks, uint32_t bits)
{
    const batch_state start = start_state(key);

    for (; blocks > 0; blocks--) {
        batch_state state = start;
        uint32_t left = bits;
        for (; left >= PLANES; left -= PLANES) {
            add_batch(key, counter, out, in, &state, PLANES);
            counter += 4 * PLANES;
            out += PLANES * SA_PLANE;
            in += PLANES * SA_PLANE;
        }
        switch (left) {
            LAST_PLANES(1);
            LAST_PLANES(2);
            LAST_PLANES(3);
            LAST_PLANES(4);
            LAST_PLANES(5);
            LAST_PLANES(6);
            LAST_PLANES(7);
        default: break; /* 0 */
        }
        counter += 4 * left;
        out += (size_t)SA_PLANE * left;
        in += (size_t)SA_PLANE * left;
    }
}

#endif
