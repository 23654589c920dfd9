/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes512: the AES backend for VAES and AVX-512: 512-bit registers, four
 * AES blocks each, of which one holds a plane. A batch is 32 AES blocks in
 * eight registers, eight planes. There are enough registers for the round keys,
 * too. */
#include "vector/mask_aesni.h"

#if defined(__VAES__) && defined(__AVX512F__)
#include <immintrin.h>

/* Load 16 bytes into all four lanes. */
SA_INLINE __m512i load_4_times(const uint8_t block[16])
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const void *)block));
}

#define PLANES 8

/* The carries of a plane (mask_tile.h), and the keys of rounds 3 to 10. */
typedef struct batch_state {
    __m512i carry, round[8];
} batch_state;

SA_INLINE batch_state start_state(const sa_aes_key *key)
{
    batch_state start = {
        .carry = _mm512_set1_epi64((long long)key->flip) };

#define LOAD_KEY(i) start.round[i] = load_4_times(key->round[3 + i])
    SA_EACH(8, LOAD_KEY);
    return start;
}

/* Add `planes` planes of a block, a constant up to 8: rounds 3 to 10 (FIPS 197,
 * 5.1) of one register for each plane, and the adders. The macros are those of
 * mask_aesni.c, for register i of the batch: four AES blocks, a plane. ADD(i)
 * uses the truth tables of the sum (0x96) and of the carry (0xe8) of three
 * bits. */
SA_INLINE void add_batch(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, batch_state *state, const int planes)
{
    __m512i x[8], k, a;

#define START(i)                                                              \
    x[i] = _mm512_xor_si512(load_4_times(key->high[(counter + 4 * i) >> 8]),  \
        _mm512_load_si512(key->low[(counter + 4 * i) & 255]))
#define KEY(r) state->round[(r) - 3]
#define ROUND(i) x[i] = _mm512_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm512_aesenclast_epi128(x[i], k)
#define ADD(i)                                                                \
    a = _mm512_loadu_si512(in + SA_PLANE * i);                                \
    _mm512_storeu_si512(out + SA_PLANE * i,                                   \
        _mm512_ternarylogic_epi64(a, x[i], state->carry, 0x96));              \
    state->carry = _mm512_ternarylogic_epi64(a, x[i], state->carry, 0xe8)

    SA_EACH(planes, START);
    SA_ROUNDS(planes);
    SA_EACH(planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_vaes512 = { sa_aesni_set_key, sa_aesni_set_high,
    add_tile };

#else
const sa_aes_backend sa_aes_vaes512 = { NULL, NULL, NULL };
#endif
