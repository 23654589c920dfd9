/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Masks from sets of seeds.
 *
 * A mask is a keystream, read as entries modulo 2^bits and added to a vector.
 * A mask set holds many seeds, each with a sign, and represents the sum of
 * their masks. A client's set holds its self mask and its pair masks; the
 * server's set holds the masks that remain in the sum. Any range of a mask can
 * be computed on its own.
 *
 * Clients and servers create their sets themselves. The functions are public
 * for workers that hold ranges of a large sum (secagg_server_masks()) and for
 * hosts that mask without a session.
 */
#ifndef SECAGG_MASK_H
#define SECAGG_MASK_H

#include <secagg/base.h>

/**
 * @addtogroup masks
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** A set of seeds with signs, for one suite. */
typedef struct secagg_masks secagg_masks;

/**
 * Create an empty mask set. secagg_masks_free() frees it.
 *
 * @param[out] masks the new handle
 * @param suite      #SECAGG_SUITE_AES or #SECAGG_SUITE_CHACHA
 * @retval SECAGG_ERR_ARG    `suite` is not a known suite
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO this machine does not serve the suite; see
 *                           secagg_available()
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_new(secagg_masks **masks,
    uint32_t suite);

/**
 * Add a seed to a set. The same seed may be added more than once.
 *
 * @param masks    the handle
 * @param[in] seed 32 secret bytes
 * @param sign     1 if the set adds the mask of this seed, -1 if it subtracts
 *                 the mask
 * @retval SECAGG_ERR_ARG    `sign` is neither 1 nor -1
 * @retval SECAGG_ERR_SIZE   the set already has 2^24 seeds
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_add(secagg_masks *masks,
    const uint8_t seed[SECAGG_SEED_BYTES], int sign);

/**
 * Returns the size of the encoding that secagg_masks_encode() writes.
 *
 * @param[in] masks the handle
 * @return 12 bytes plus 33 bytes for each seed
 */
size_t secagg_masks_encoded_size(const secagg_masks *masks);

/**
 * Encode a set for a worker on another machine (PROTOCOL.md 6.6). The
 * encoding is as secret as the seeds.
 *
 * @param[in] masks  the handle
 * @param[out] bytes a buffer of `len` bytes for the encoding
 * @param len        secagg_masks_encoded_size()
 * @retval SECAGG_ERR_SIZE `len` is not secagg_masks_encoded_size()
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_encode(const secagg_masks *masks,
    uint8_t *bytes, size_t len);

/**
 * Decode a set that secagg_masks_encode() or secagg_server_masks() wrote.
 * secagg_masks_free() frees it.
 *
 * @param[out] masks the new handle
 * @param[in] bytes  the encoding
 * @param len        its length in bytes
 * @retval SECAGG_ERR_MESSAGE the bytes do not encode a set
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 * @retval SECAGG_ERR_CRYPTO  this machine does not serve the suite of the set
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_decode(secagg_masks **masks,
    const uint8_t *bytes, size_t len);

/**
 * Wipe and free a set.
 *
 * @param masks the handle, or NULL
 */
void secagg_masks_free(secagg_masks *masks);

/**
 * Add the masks of a set to entries [offset, offset + count) of a lane: all
 * segments whose entries have the same number of bits, end to end (PROTOCOL.md
 * 6.1 to 6.4; secagg_params_place()). If a caller splits a range, the result is
 * the same. Several threads may call this function on one set at the same time.
 *
 * Each call derives the keys of all seeds, so large ranges are faster.
 *
 * @param[in] masks   the handle
 * @param bits        the lane: the bits in an entry, 1 to 64
 * @param offset      the first entry of the range in its lane, a multiple of
 *                    512
 * @param[in,out] acc the range as a planar vector of
 *                    secagg_planar_size(count, bits) bytes
 * @param count       the number of entries in the range
 * @retval SECAGG_ERR_ARG    `bits` or `offset` is out of range
 * @retval SECAGG_ERR_SIZE   the range ends beyond 2^36 bytes of a keystream,
 *                           or its size does not fit a size_t
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the contents of
 *                           `acc` are undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_apply(const secagg_masks *masks,
    uint32_t bits, uint64_t offset, uint8_t *acc, size_t count);

/**
 * List the mask kernels that this machine can run. A kernel is an
 * implementation of secagg_masks_apply(). All kernels compute the same bytes.
 *
 * @return an array of names, fastest first, that ends with NULL
 */
const char *const *secagg_kernels(void);

/**
 * Select the kernel of a set, for tests and benchmarks. A new set uses the
 * fastest kernel.
 *
 * @param masks      the handle
 * @param[in] kernel a name from secagg_kernels()
 * @retval SECAGG_ERR_ARG this machine has no kernel of that name
 */
SECAGG_MUST_CHECK secagg_err secagg_masks_use(secagg_masks *masks,
    const char *kernel);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
