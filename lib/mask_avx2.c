/* SPDX-License-Identifier: Apache-2.0 */
/* mask_avx2: AES-128-CTR at 128 bits, fused with an adder at 256. */
#include "mask_aesni.h"

#if defined(__AES__) && defined(__AVX2__)
#include <immintrin.h>

SA_INLINE __m128i load(const uint8_t p[16])
{
    return _mm_load_si128((const void *)p);
}

#define PLANES 2

typedef struct carries {
    __m256i at[2]; /* of a plane's halves */
} carries;

SA_INLINE carries flipped(const sa_aes_key *key)
{
    const __m256i flip = _mm256_set1_epi64x((long long)key->flip);
    return (carries){ { flip, flip } };
}

/* Two planes of a block, or one, through rounds 3 to 10 (FIPS 197, 5.1) and
 * the adders. */
SA_INLINE void batch(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, carries *carry, const int planes)
{
    __m128i x[8], k;
    __m256i a, b, t;

#define START(i)                                                              \
    x[i] = _mm_xor_si128(load(key->high[(low + (i & 4)) >> 8]),               \
        load(key->low[((low + (i & 4)) & 255) + (i & 3)]))
#define KEY(r) load(key->round[r])
#define ROUND(i) x[i] = _mm_aesenc_si128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm_aesenclast_si128(x[i], k)
#define CARRY(i) carry->at[i % 2]
#define ADD(i)                                                                \
    b = _mm256_inserti128_si256(_mm256_castsi128_si256(x[2 * i % 8]),         \
        x[2 * i % 8 + 1], 1);                                                 \
    a = _mm256_loadu_si256((const void *)(in + 32 * i));                      \
    t = _mm256_xor_si256(a, b);                                               \
    _mm256_storeu_si256((void *)(out + 32 * i),                               \
        _mm256_xor_si256(t, CARRY(i)));                                       \
    CARRY(i) = _mm256_or_si256(_mm256_and_si256(a, b),                        \
        _mm256_and_si256(t, CARRY(i)))

    SA_EACH(4 * planes, START);
    SA_ROUNDS(4 * planes);
    SA_EACH(2 * planes, ADD);
}

SA_INLINE void rest(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, carries *carry, uint32_t planes)
{
    if (planes > 0)
        batch(key, low, out, in, carry, 1);
}

#include "mask_tile.h"

const sa_aes_level sa_aes_avx2 = { sa_aesni_key, sa_aesni_high, tile };

#else
const sa_aes_level sa_aes_avx2 = { NULL, NULL, NULL };
#endif
