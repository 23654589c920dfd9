/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes256: AES-128-CTR fused with the adder at 256 bits, where two
 * registers are a plane. */
#include "mask_aesni.h"

#if defined(__VAES__) && defined(__AVX2__)
#include <immintrin.h>

SA_INLINE __m256i two(const uint8_t block[16])
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const void *)block));
}

/* n / 2 planes of a block, n a constant, from counter `low` on, through rounds
 * 3 to 10 (FIPS 197, 5.1) and the adders. */
SA_INLINE void batch(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, __m256i carry[2], const int n)
{
    __m256i x[8], k, a, t;

#define START(i)                                                              \
    x[i] = _mm256_xor_si256(two(key->high[(low + 2 * i) >> 8]),               \
        _mm256_load_si256((const void *)key->low[(low + 2 * i) & 255]))
#define KEY(r) two(key->round[r])
#define ROUND(i) x[i] = _mm256_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm256_aesenclast_epi128(x[i], k)
#define ADD(i)                                                                \
    a = _mm256_loadu_si256((const void *)(in + 32 * i));                      \
    t = _mm256_xor_si256(a, x[i]);                                            \
    _mm256_storeu_si256((void *)(out + 32 * i),                               \
        _mm256_xor_si256(t, carry[i % 2]));                                   \
    carry[i % 2] = _mm256_or_si256(_mm256_and_si256(a, x[i]),                 \
        _mm256_and_si256(t, carry[i % 2]))

    SA_EACH(n, START);
    SA_ROUNDS(n);
    SA_EACH(n, ADD);
}

static void tile(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, size_t blocks, uint32_t bits)
{
    const __m256i flip = _mm256_set1_epi64x((long long)key->flip);

    for (; blocks > 0; blocks--) {
        __m256i carry[2] = { flip, flip };
        uint32_t left = bits;
        for (; left >= 4; left -= 4, low += 16) {
            batch(key, low, out, in, carry, 8);
            out += 4 * SA_PLANE;
            in += 4 * SA_PLANE;
        }
        switch (left) {
        case 1: batch(key, low, out, in, carry, 2); break;
        case 2: batch(key, low, out, in, carry, 4); break;
        case 3: batch(key, low, out, in, carry, 6); break;
        default: break;
        }
        low += 4 * left;
        out += (size_t)SA_PLANE * left;
        in += (size_t)SA_PLANE * left;
    }
}

const sa_aes_level sa_aes_vaes256 = { sa_aesni_key, sa_aesni_high, tile };

#else
const sa_aes_level sa_aes_vaes256 = { NULL, NULL, NULL };
#endif
