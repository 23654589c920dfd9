/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Vectors modulo 2^bits, stored as bit planes.
 *
 * Sessions mask, add and send vectors in this layout. A planar vector consists
 * of blocks of 512 entries. Bit j of entry e of a block is bit e mod 8 (0 is
 * the least significant) of byte 64 j + floor(e / 8) of the block. In a last
 * block of r < 512 entries each plane has only ceil(r / 8) bytes. A vector of
 * `count` entries therefore has bits * ceil(count / 8) bytes, and no bit is
 * wasted on padding for any modulus (PROTOCOL.md 6.1).
 *
 * If r is not a multiple of 8, the last byte of each plane has unused bits.
 * Packing sets them to zero, masking treats them as entries of value zero, and
 * unpacking ignores them.
 */
#ifndef SECAGG_PLANAR_H
#define SECAGG_PLANAR_H

#include <secagg/base.h>

/**
 * @addtogroup planar
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * Returns the size of a planar vector.
 *
 * @param count the number of entries
 * @param bits  the bits in an entry, 1 to 64
 * @return bits * ceil(count / 8) bytes; 0 if `bits` is out of range or the
 *         product does not fit a size_t
 */
size_t secagg_planar_size(size_t count, uint32_t bits);

/**
 * Pack 32-bit entries into bit planes. The function runs in constant time.
 *
 * @param[out] out a buffer of secagg_planar_size() bytes
 * @param[in] in   `count` entries; the function uses their low `bits` bits
 * @param count    the number of entries
 * @param bits     the bits in an entry, 1 to 32
 * @retval SECAGG_ERR_ARG  `bits` is out of range
 * @retval SECAGG_ERR_SIZE the size of the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_pack_u32(uint8_t *out,
    const uint32_t *in, size_t count, uint32_t bits);

/**
 * Pack 64-bit entries into bit planes. The function runs in constant time.
 *
 * @param[out] out a buffer of secagg_planar_size() bytes
 * @param[in] in   `count` entries; the function uses their low `bits` bits
 * @param count    the number of entries
 * @param bits     the bits in an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  `bits` is out of range
 * @retval SECAGG_ERR_SIZE the size of the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_pack_u64(uint8_t *out,
    const uint64_t *in, size_t count, uint32_t bits);

/**
 * Unpack bit planes into 32-bit entries. The function runs in constant time.
 *
 * @param[out] out a buffer for `count` entries, each below 2^bits
 * @param[in] in   a planar vector of secagg_planar_size() bytes
 * @param count    the number of entries
 * @param bits     the bits in an entry, 1 to 32
 * @retval SECAGG_ERR_ARG  `bits` is out of range
 * @retval SECAGG_ERR_SIZE the size of the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_unpack_u32(uint32_t *out,
    const uint8_t *in, size_t count, uint32_t bits);

/**
 * Unpack bit planes into 64-bit entries. The function runs in constant time.
 *
 * @param[out] out a buffer for `count` entries, each below 2^bits
 * @param[in] in   a planar vector of secagg_planar_size() bytes
 * @param count    the number of entries
 * @param bits     the bits in an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  `bits` is out of range
 * @retval SECAGG_ERR_SIZE the size of the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_unpack_u64(uint64_t *out,
    const uint8_t *in, size_t count, uint32_t bits);

/**
 * Add a planar vector to another, entry by entry modulo 2^bits. The function
 * runs in constant time.
 *
 * @param[in,out] acc the vector to add to, secagg_planar_size() bytes
 * @param[in] in      the vector to add, of the same size; it must not overlap
 *                    `acc`
 * @param count       the number of entries
 * @param bits        the bits in an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  `bits` is out of range
 * @retval SECAGG_ERR_SIZE the size of the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_add(uint8_t *acc, const uint8_t *in,
    size_t count, uint32_t bits);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
