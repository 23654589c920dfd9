/* SPDX-License-Identifier: Apache-2.0 */
/* mask: sets of seeds (secagg/mask.h), and their masks for several lanes. */
#ifndef SA_MASK_H
#define SA_MASK_H

#include <secagg/mask.h>

/* A mask set with all memory and all algorithms that masking takes. */
typedef struct sa_masking sa_masking;

/* Allocate for a set, which must not change from here on. The public function
 * that creates one must free it before it returns; see sa_digest. Returns
 * SECAGG_ERR_MEMORY, or SECAGG_ERR_CRYPTO if an algorithm is missing. */
SECAGG_MUST_CHECK secagg_err sa_masking_new(sa_masking **masking,
    const secagg_masks *masks);

/* Wipe and free; NULL is allowed. */
void sa_masking_free(sa_masking *masking);

/* As secagg_masks_apply(), but allocates nothing: it never returns
 * SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_masking_apply(sa_masking *masking,
    uint32_t bits, uint64_t offset, uint8_t *acc, size_t count);

#endif
