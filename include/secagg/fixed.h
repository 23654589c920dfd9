/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Encoding of reals as integers.
 *
 * These functions encode and decode #SECAGG_REAL segments. Clients and servers
 * do this themselves. The functions are public for hosts that mask without a
 * session and for tests. The protocol defines the encoding bit for bit, as
 * IEEE 754 double operations in a fixed order (PROTOCOL.md 7). The functions
 * set the rounding mode that it prescribes and restore that of the host.
 *
 * A value x in [-C, C], where C is the clip of the segment, becomes an integer
 * e in [0, 2 H], where H = 2^(value_bits-1) - 1. One step of e is C / H, and H
 * is the code of 0, so that a sum of zeros is exactly 0. The sum of n decoded
 * values differs from the sum of the clipped values by less than n steps with
 * stochastic rounding and by at most n half steps with nearest rounding
 * (PROTOCOL.md 7.6).
 */
#ifndef SECAGG_FIXED_H
#define SECAGG_FIXED_H

#include <secagg/base.h>
#include <secagg/params.h>

/**
 * @addtogroup fixed
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/**
 * Encode entries 0 to count - 1 of a #SECAGG_REAL segment (PROTOCOL.md 7.1).
 * Stochastic rounding uses the random words that a client with this rounding
 * seed uses for the first entries of the lane `bits` (PROTOCOL.md 7.2).
 *
 * @param[out] out     a buffer for `count` integers in [0, 2^value_bits - 2]
 * @param[in] in       `count` finite values
 * @param count        the number of entries, at most 2^34 for stochastic
 *                     rounding
 * @param[in] segment  supplies clip, value_bits and rounding
 * @param suite        a #secagg_suite, whose keystream supplies the random
 *                     words
 * @param bits         the lane that begins with these entries, 1 to 64
 * @param[in] seed     32 secret bytes; may be NULL for #SECAGG_NEAREST
 * @param[out] clipped the number of values outside [-clip, clip]; may be NULL
 * @retval SECAGG_ERR_ARG    `segment` is not a valid #SECAGG_REAL segment, the
 *                           suite is unknown, `bits` is out of range, or
 *                           stochastic rounding has no seed
 * @retval SECAGG_ERR_STATE  the floating-point environment cannot be set;
 *                           `out` is unchanged
 * @retval SECAGG_ERR_SIZE   `count` is over 2^34 with stochastic rounding
 * @retval SECAGG_ERR_VALUE  a value is NaN or infinite; `out` is unchanged
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the contents of
 *                           `out` are undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_encode_f32(uint64_t *out,
    const float *in, size_t count, const secagg_segment *segment,
    uint32_t suite, uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES],
    uint64_t *clipped);

/**
 * Encode doubles. The function is otherwise secagg_fixed_encode_f32().
 *
 * @param[out] out     a buffer for `count` integers in [0, 2^value_bits - 2]
 * @param[in] in       `count` finite values
 * @param count        the number of entries, at most 2^34 for stochastic
 *                     rounding
 * @param[in] segment  supplies clip, value_bits and rounding
 * @param suite        a #secagg_suite, whose keystream supplies the random
 *                     words
 * @param bits         the lane that begins with these entries, 1 to 64
 * @param[in] seed     32 secret bytes; may be NULL for #SECAGG_NEAREST
 * @param[out] clipped the number of values outside [-clip, clip]; may be NULL
 * @retval SECAGG_ERR_ARG    see secagg_fixed_encode_f32()
 * @retval SECAGG_ERR_STATE  see secagg_fixed_encode_f32()
 * @retval SECAGG_ERR_SIZE   `count` is over 2^34 with stochastic rounding
 * @retval SECAGG_ERR_VALUE  a value is NaN or infinite; `out` is unchanged
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the contents of
 *                           `out` are undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_encode_f64(uint64_t *out,
    const double *in, size_t count, const secagg_segment *segment,
    uint32_t suite, uint32_t bits, const uint8_t seed[SECAGG_SEED_BYTES],
    uint64_t *clipped);

/**
 * Decode sums of encoded values into sums of reals (PROTOCOL.md 7.5).
 *
 * @param[out] out    a buffer for `count` values
 * @param[in] sum     `count` sums, none of which may have overflowed
 * @param count       the number of entries
 * @param[in] segment supplies clip and value_bits
 * @param addends     the number of values in each sum
 * @retval SECAGG_ERR_ARG   `segment` is not a valid #SECAGG_REAL segment
 * @retval SECAGG_ERR_VALUE no values have such a sum: it is more than addends *
 *                          (2^value_bits - 2). All of `out` is zeros
 * @retval SECAGG_ERR_STATE see secagg_fixed_encode_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_decode_f64(double *out,
    const uint64_t *sum, size_t count, const secagg_segment *segment,
    uint32_t addends);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
