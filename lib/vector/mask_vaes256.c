/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes256: AES-128-CTR fused with the adder at 256 bits, where two
 * registers are a plane. */
#include "vector/mask_aesni.h"

#if defined(__VAES__) && defined(__AVX2__)
#include "vector/mask_adder256.h"

SA_INLINE __m256i two(const uint8_t block[16])
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const void *)block));
}

#define PLANES 4

/* Planes of a block, a constant up to 4, through rounds 3 to 10 (FIPS 197, 5.1)
 * and the adders. */
SA_INLINE void batch(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, carries *carry, const int planes)
{
    __m256i x[8], k;

#define START(i)                                                              \
    x[i] = _mm256_xor_si256(two(key->high[(low + 2 * i) >> 8]),               \
        _mm256_load_si256((const void *)key->low[(low + 2 * i) & 255]))
#define KEY(r) two(key->round[r])
#define ROUND(i) x[i] = _mm256_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm256_aesenclast_epi128(x[i], k)
#define ADD(i) add_half(out, in, carry, i, x[i])

    SA_EACH(2 * planes, START);
    SA_ROUNDS(2 * planes);
    SA_EACH(2 * planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_vaes256 = { sa_aesni_key, sa_aesni_set_high, tile };

#else
const sa_aes_backend sa_aes_vaes256 = { NULL, NULL, NULL };
#endif
