/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes512: AES-128-CTR fused with the adder at 512 bits, where a register
 * is a plane: the keystream never sees memory. */
#include "vector/mask_aesni.h"

#if defined(__VAES__) && defined(__AVX512F__)
#include <immintrin.h>

SA_INLINE __m512i four(const uint8_t block[16])
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)block));
}

#define PLANES 8

/* And the keys of rounds 3 to 10, for which there are registers. */
typedef struct carries {
    __m512i at, round[8];
} carries;

SA_INLINE carries flipped(const sa_aes_key *key)
{
    carries c = { .at = _mm512_set1_epi64((long long)key->flip) };

#define ROUND_KEY(i) c.round[i] = four(key->round[3 + i])
    SA_EACH(8, ROUND_KEY);
    return c;
}

/* Planes of a block, a constant up to 8, through rounds 3 to 10 (FIPS 197, 5.1)
 * and the adders. */
SA_INLINE void batch(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, carries *carry, const int planes)
{
    __m512i x[8], k, a;

#define START(i)                                                              \
    x[i] = _mm512_xor_si512(four(key->high[(low + 4 * i) >> 8]),              \
        _mm512_load_si512(key->low[(low + 4 * i) & 255]))
#define KEY(r) carry->round[(r) - 3]
#define ROUND(i) x[i] = _mm512_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm512_aesenclast_epi128(x[i], k)
/* Sum and majority of three bits as truth tables. */
#define ADD(i)                                                                \
    a = _mm512_loadu_si512(in + SA_PLANE * i);                                \
    _mm512_storeu_si512(out + SA_PLANE * i,                                   \
        _mm512_ternarylogic_epi64(a, x[i], carry->at, 0x96));                 \
    carry->at = _mm512_ternarylogic_epi64(a, x[i], carry->at, 0xe8)

    SA_EACH(planes, START);
    SA_ROUNDS(planes);
    SA_EACH(planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_vaes512 = { sa_aesni_key, sa_aesni_set_high, tile };

#else
const sa_aes_backend sa_aes_vaes512 = { NULL, NULL, NULL };
#endif
