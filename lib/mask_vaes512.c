/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes512: AES-128-CTR fused with the adder at 512 bits, where a register
 * is a plane: the keystream never sees memory. */
#include "mask_aesni.h"

#if defined(__VAES__) && defined(__AVX512F__)
#include <immintrin.h>

SA_INLINE __m512i four(const uint8_t block[16])
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)block));
}

/* n planes of a block, n a constant, from counter `low` on, through rounds 3
 * to 10 (FIPS 197, 5.1) and the adders. Returns the carry out. */
SA_INLINE __m512i batch(const sa_aes_key *key, const __m512i round[8],
    uint32_t low, uint8_t *out, const uint8_t *in, __m512i carry, const int n)
{
    __m512i x[8], k, a;

#define START(i)                                                              \
    x[i] = _mm512_xor_si512(four(key->high[(low + 4 * i) >> 8]),              \
        _mm512_load_si512(key->low[(low + 4 * i) & 255]))
#define KEY(r) round[(r) - 3]
#define ROUND(i) x[i] = _mm512_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm512_aesenclast_epi128(x[i], k)
/* Sum and majority of three bits as truth tables. */
#define ADD(i)                                                                \
    a = _mm512_loadu_si512(in + SA_PLANE * i);                                \
    _mm512_storeu_si512(out + SA_PLANE * i,                                   \
        _mm512_ternarylogic_epi64(a, x[i], carry, 0x96));                     \
    carry = _mm512_ternarylogic_epi64(a, x[i], carry, 0xe8)

    SA_EACH(n, START);
    SA_ROUNDS(n);
    SA_EACH(n, ADD);
    return carry;
}

/* What is left of a block, fewer than 8 planes. */
SA_INLINE void rest(const sa_aes_key *key, const __m512i round[8],
    uint32_t low, uint8_t *out, const uint8_t *in, __m512i carry, uint32_t n)
{
    switch (n) {
    case 1: batch(key, round, low, out, in, carry, 1); break;
    case 2: batch(key, round, low, out, in, carry, 2); break;
    case 3: batch(key, round, low, out, in, carry, 3); break;
    case 4: batch(key, round, low, out, in, carry, 4); break;
    case 5: batch(key, round, low, out, in, carry, 5); break;
    case 6: batch(key, round, low, out, in, carry, 6); break;
    case 7: batch(key, round, low, out, in, carry, 7); break;
    default: break;
    }
}

static void tile(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, size_t blocks, uint32_t bits)
{
    const __m512i flip = _mm512_set1_epi64((long long)key->flip);
    __m512i round[8], carry;

#define ROUND_KEY(i) round[i] = four(key->round[3 + i])
    SA_EACH(8, ROUND_KEY);
    for (; blocks > 0; blocks--) {
        uint32_t left = bits;
        carry = flip;
        for (; left >= 8; left -= 8, low += 32) {
            carry = batch(key, round, low, out, in, carry, 8);
            out += 8 * SA_PLANE;
            in += 8 * SA_PLANE;
        }
        rest(key, round, low, out, in, carry, left);
        low += 4 * left;
        out += (size_t)SA_PLANE * left;
        in += (size_t)SA_PLANE * left;
    }
}

const sa_aes_level sa_aes_vaes512 = { sa_aesni_key, sa_aesni_high, tile };

#else
const sa_aes_level sa_aes_vaes512 = { NULL, NULL, NULL };
#endif
