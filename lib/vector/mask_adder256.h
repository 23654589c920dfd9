/* SPDX-License-Identifier: Apache-2.0 */
/* mask_adder256: the adder of the AES backends that add with 256-bit registers,
 * of which two hold a plane. */
#ifndef SA_MASK_ADDER256_H
#define SA_MASK_ADDER256_H

#include <immintrin.h>

#include "vector/mask_aesni.h"

/* The carries of the two halves of a plane (mask_tile.h). */
typedef struct batch_state {
    __m256i carry[2];
} batch_state;

SA_INLINE batch_state start_state(const sa_aes_key *key)
{
    const __m256i flip = _mm256_set1_epi64x((long long)key->flip);
    return (batch_state){ { flip, flip } };
}

/* Set half-plane number i of a batch to that of `in` plus the keystream b: 256
 * full adders. */
SA_INLINE void add_half(uint8_t *out, const uint8_t *in, batch_state *state,
    const int i, __m256i b)
{
    __m256i *carry = &state->carry[i % 2];
    const __m256i a = _mm256_loadu_si256((const void *)(in + 32 * i));
    const __m256i either = _mm256_xor_si256(a, b);

    _mm256_storeu_si256((void *)(out + 32 * i),
        _mm256_xor_si256(either, *carry));
    *carry = _mm256_or_si256(_mm256_and_si256(a, b),
        _mm256_and_si256(either, *carry));
}

#endif
