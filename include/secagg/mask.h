/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief A set of signed seeds, as one seekable mask.
 *
 * Both sides do the same thing: they apply a set of signed seeds to a range of
 * a planar vector. The client's set is its self mask and its pair masks; the
 * server's is what is left in the sum. Sessions do this by themselves; the
 * functions stand here for workers that hold ranges of a large sum
 * (secagg_server_masks()) and for hosts that mask elsewhere.
 */
#ifndef SECAGG_MASK_H
#define SECAGG_MASK_H

#include <secagg/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A set of signed seeds of one suite. */
typedef struct secagg_masks secagg_masks;

/**
 * Make an empty set.
 *
 * @param[out] masks the new handle
 * @param suite      #SECAGG_SUITE_AES or #SECAGG_SUITE_CHACHA
 * @retval SECAGG_ERR_ARG    no such suite
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_new(secagg_masks **masks,
    uint32_t suite);

/**
 * Add the mask of a seed to what the set stands for. A seed may come again.
 *
 * @param masks    the handle
 * @param[in] seed 32 secret bytes
 * @param sign     1: its entries are added; -1: subtracted
 * @retval SECAGG_ERR_ARG    another sign
 * @retval SECAGG_ERR_SIZE   there are 2^24 seeds already
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_add(secagg_masks *masks,
    const uint8_t seed[SECAGG_SEED_BYTES], int sign);

/**
 * Count the bytes that secagg_masks_encode() fills.
 *
 * @param[in] masks the handle
 * @return 12 + 33 a seed
 */
size_t secagg_masks_encoded_size(const secagg_masks *masks);

/**
 * Write a set as bytes (PROTOCOL.md 6.6), for a worker on another machine.
 * They are as secret as the seeds.
 *
 * @param[in] masks  the handle
 * @param[out] bytes room for the encoded set
 * @param len        secagg_masks_encoded_size()
 * @retval SECAGG_ERR_SIZE len is not that size
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_encode(const secagg_masks *masks,
    uint8_t *bytes, size_t len);

/**
 * Read a set that secagg_masks_encode() or secagg_server_masks() wrote.
 *
 * @param[out] masks the new handle
 * @param[in] bytes  the encoded set
 * @param len        its length
 * @retval SECAGG_ERR_MESSAGE not the bytes of a set
 * @retval SECAGG_ERR_MEMORY  no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_decode(secagg_masks **masks,
    const uint8_t *bytes, size_t len);

/**
 * Wipe and release a set.
 *
 * @param masks the handle, or NULL
 */
void secagg_masks_free(secagg_masks *masks);

/**
 * Add the masks of entries [offset, offset + count) of a segment to a planar
 * vector of count entries, modulo 2^bits (PROTOCOL.md 6.2 to 6.4). Any split
 * of a range gives the same result; calls on one set may run side by side.
 * Each call derives the keys of all seeds: take large ranges.
 *
 * @param[in] masks   the handle
 * @param segment     number of the segment
 * @param bits        of an entry, 1 to 64
 * @param offset      entry of the segment, a multiple of 512
 * @param[in,out] acc secagg_planar_size(count, bits) bytes
 * @param count       entries
 * @retval SECAGG_ERR_ARG    bits or offset is out of range
 * @retval SECAGG_ERR_SIZE   the range ends beyond 2^36 bytes of stream, or
 *                           does not fit a size_t
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; acc is undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_apply(const secagg_masks *masks,
    uint32_t segment, uint32_t bits, uint64_t offset, uint8_t *acc,
    size_t count);

/**
 * List the kernels that this machine has. All give the same bytes.
 *
 * @return names, best first, ended by NULL
 */
const char *const *secagg_kernels(void);

/**
 * Pick the kernel of a set, for tests and benches; a new set has the best.
 *
 * @param masks      the handle
 * @param[in] kernel one of secagg_kernels()
 * @retval SECAGG_ERR_ARG this machine has no such kernel
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_use(secagg_masks *masks,
    const char *kernel);

#ifdef __cplusplus
}
#endif

#endif
