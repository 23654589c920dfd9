/* SPDX-License-Identifier: Apache-2.0 */
/* kernel: what every mask kernel is. A kernel stands in a file of its own, is
 * chosen a set, and gives the same bytes as the portable one. */
#ifndef SA_KERNEL_H
#define SA_KERNEL_H

#include "prg.h"

/* Key || nonce of one seed's stream for one segment and modulus; flip is all
 * ones where the mask is subtracted, else zero. */
typedef struct sa_mask_key {
    uint8_t bytes[SA_PRG_KEY_MAX];
    uint64_t flip;
} sa_mask_key;

/* The masks of one segment. */
typedef struct sa_mask_stream {
    uint32_t suite, bits;
    const sa_mask_key *keys;
    size_t count;
} sa_mask_stream;

/* Add all masks of `entries` entries from block `block` on to acc. */
typedef secagg_err sa_kernel_apply(const sa_mask_stream *stream,
    uint64_t block, uint8_t *acc, size_t entries);

/* Over the keystream of prg; runs everywhere. */
SECAGG_MUST_CHECK secagg_err sa_mask_portable(const sa_mask_stream *stream,
    uint64_t block, uint8_t *acc, size_t entries);

#endif
