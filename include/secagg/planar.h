/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Vectors modulo 2^bits in planes of bits, as they are masked, summed
 * and sent.
 *
 * A vector is laid out in blocks of 512 entries. Bit j of entry e of a block
 * is bit e mod 8, least significant first, of byte 64 j + e / 8 of the block.
 * Of a last block with r < 512 entries each plane keeps its first ceil(r / 8)
 * bytes, so that a vector takes bits * ceil(count / 8) bytes: every modulus
 * costs exactly its bits (PROTOCOL.md 6.1).
 *
 * Packing writes zeros into the unused bits of the last bytes; masks treat
 * them like entries of zero, and unpacking ignores them.
 */
#ifndef SECAGG_PLANAR_H
#define SECAGG_PLANAR_H

#include <secagg/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Count the bytes of a planar vector.
 *
 * @param count entries
 * @param bits  of an entry, 1 to 64
 * @return bits * ceil(count / 8); 0 where bits is out of range or the product
 *         does not fit a size_t
 */
size_t secagg_planar_size(size_t count, uint32_t bits);

/**
 * Lay out 32-bit entries in planes. Constant time.
 *
 * @param[out] out secagg_planar_size() bytes
 * @param[in] in   count entries, taken modulo 2^bits
 * @param count    entries
 * @param bits     of an entry, 1 to 32
 * @retval SECAGG_ERR_ARG  bits is out of range
 * @retval SECAGG_ERR_SIZE the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_pack_u32(uint8_t *out,
    const uint32_t *in, size_t count, uint32_t bits);

/**
 * Lay out 64-bit entries in planes. Constant time.
 *
 * @param[out] out secagg_planar_size() bytes
 * @param[in] in   count entries, taken modulo 2^bits
 * @param count    entries
 * @param bits     of an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  bits is out of range
 * @retval SECAGG_ERR_SIZE the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_pack_u64(uint8_t *out,
    const uint64_t *in, size_t count, uint32_t bits);

/**
 * Read planes back as 32-bit entries. Constant time.
 *
 * @param[out] out count entries below 2^bits
 * @param[in] in   secagg_planar_size() bytes
 * @param count    entries
 * @param bits     of an entry, 1 to 32
 * @retval SECAGG_ERR_ARG  bits is out of range
 * @retval SECAGG_ERR_SIZE the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_unpack_u32(uint32_t *out,
    const uint8_t *in, size_t count, uint32_t bits);

/**
 * Read planes back as 64-bit entries. Constant time.
 *
 * @param[out] out count entries below 2^bits
 * @param[in] in   secagg_planar_size() bytes
 * @param count    entries
 * @param bits     of an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  bits is out of range
 * @retval SECAGG_ERR_SIZE the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_unpack_u64(uint64_t *out,
    const uint8_t *in, size_t count, uint32_t bits);

/**
 * Add a planar vector to another, entry by entry modulo 2^bits. Constant time.
 *
 * @param[in,out] acc secagg_planar_size() bytes
 * @param[in] in      as many; not overlapping acc
 * @param count       entries
 * @param bits        of an entry, 1 to 64
 * @retval SECAGG_ERR_ARG  bits is out of range
 * @retval SECAGG_ERR_SIZE the vector does not fit a size_t
 */
SECAGG_MUST_CHECK secagg_err secagg_planar_add(uint8_t *acc, const uint8_t *in,
    size_t count, uint32_t bits);

#ifdef __cplusplus
}
#endif

#endif
