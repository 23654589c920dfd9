/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Reals to integers and back.
 *
 * #SECAGG_REAL segments on their own, for hosts that mask elsewhere; clients
 * and servers do this by themselves. The encoding is defined bit for bit
 * (PROTOCOL.md 7): IEEE double, in a stated order of operations.
 *
 * A value x of [-C, C] becomes an integer e of [0, N], N = 2^value_bits - 1,
 * in steps of 2 C / N. The sum of n values is off by at most n steps
 * (stochastic rounding) or n half steps (nearest).
 */
#ifndef SECAGG_FIXED_H
#define SECAGG_FIXED_H

#include <secagg/base.h>
#include <secagg/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Encode the entries 0 to count - 1 of a REAL segment. Stochastic rounding
 * draws the words that a client with that rounding seed draws for the
 * segment.
 *
 * @param[out] out     count integers of [0, 2^value_bits - 1]
 * @param[in] in       count finite values
 * @param count        entries, 2^34 at the most for stochastic rounding
 * @param[in] segment  clip, value_bits and rounding
 * @param suite        a #secagg_suite: whose keystream the words come from
 * @param number       number of the segment, 0 to 65535
 * @param[in] seed     32 secret bytes; NULL for #SECAGG_NEAREST only
 * @param[out] clipped values outside [-clip, clip]; may be NULL
 * @retval SECAGG_ERR_ARG    the segment is no sound REAL segment, no such
 *                           suite, or no seed for stochastic rounding
 * @retval SECAGG_ERR_SIZE   too many entries
 * @retval SECAGG_ERR_VALUE  a NaN or an infinity; out is untouched
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; out is undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_encode_f32(uint64_t *out,
    const float *in, size_t count, const secagg_segment *segment,
    uint32_t suite, uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES],
    uint64_t *clipped);

/**
 * Encode doubles; as secagg_fixed_encode_f32() otherwise.
 *
 * @param[out] out     count integers of [0, 2^value_bits - 1]
 * @param[in] in       count finite values
 * @param count        entries, 2^34 at the most for stochastic rounding
 * @param[in] segment  clip, value_bits and rounding
 * @param suite        a #secagg_suite: whose keystream the words come from
 * @param number       number of the segment, 0 to 65535
 * @param[in] seed     32 secret bytes; NULL for #SECAGG_NEAREST only
 * @param[out] clipped values outside [-clip, clip]; may be NULL
 * @retval SECAGG_ERR_ARG    as secagg_fixed_encode_f32()
 * @retval SECAGG_ERR_SIZE   too many entries
 * @retval SECAGG_ERR_VALUE  a NaN or an infinity; out is untouched
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; out is undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_encode_f64(uint64_t *out,
    const double *in, size_t count, const secagg_segment *segment,
    uint32_t suite, uint32_t number, const uint8_t seed[SECAGG_SEED_BYTES],
    uint64_t *clipped);

/**
 * Decode sums of encoded values to sums of reals.
 *
 * @param[out] out    count values
 * @param[in] sum     count sums, no overflow in them
 * @param count       entries
 * @param[in] segment clip and value_bits
 * @param addends     values in each sum
 * @retval SECAGG_ERR_ARG the segment is no sound REAL segment
 */
SECAGG_MUST_CHECK secagg_err secagg_fixed_decode_f64(double *out,
    const uint64_t *sum, size_t count, const secagg_segment *segment,
    uint32_t addends);

#ifdef __cplusplus
}
#endif

#endif
