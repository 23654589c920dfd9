/* SPDX-License-Identifier: Apache-2.0 */
/* mask_halves: the adder of the AES levels at 256 bits, where two registers are
 * a plane. */
#ifndef SA_MASK_ADDER256_H
#define SA_MASK_ADDER256_H

#include <immintrin.h>

#include "vector/mask_aesni.h"

typedef struct carries {
    __m256i at[2]; /* of a plane's halves */
} carries;

SA_INLINE carries flipped(const sa_aes_key *key)
{
    const __m256i flip = _mm256_set1_epi64x((long long)key->flip);
    return (carries){ { flip, flip } };
}

/* Half number i from the first plane of a batch on. */
SA_INLINE void add_half(uint8_t *out, const uint8_t *in, carries *carry,
    const int i, __m256i b)
{
    __m256i *c = &carry->at[i % 2];
    const __m256i a = _mm256_loadu_si256((const void *)(in + 32 * i));
    const __m256i t = _mm256_xor_si256(a, b);

    _mm256_storeu_si256((void *)(out + 32 * i), _mm256_xor_si256(t, *c));
    *c = _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(t, *c));
}

#endif
