/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aesni: the AES backend for x86-64 with AES-NI and SSE2: 128-bit
 * registers, one AES block each, of which four hold a plane. A batch is eight
 * AES blocks, two planes. The key expansion is that of all AES backends of
 * x86-64. */
#include "vector/mask_aesni.h"

#if defined(__AES__)
#include <wmmintrin.h>

SA_INLINE __m128i load(const uint8_t p[16])
{
    return _mm_load_si128((const void *)p);
}

SA_INLINE void store(uint8_t p[16], __m128i x)
{
    _mm_store_si128((void *)p, x);
}

/* ---- keys --------------------------------------------------------------- */

/* Returns the round key after `key` (FIPS 197, 5.2, for four words at once).
 * `assist` is the result of aeskeygenassist for `key`: its last word is SubWord
 * and RotWord of the last word, XORed with the round constant. */
SA_INLINE __m128i next_key(__m128i key, __m128i assist)
{
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

/* NEXT(i, constant) makes round key i from round key i - 1, in k. */
static void expand(uint8_t round[11][16], const uint8_t bytes[16])
{
    __m128i k = _mm_loadu_si128((const void *)bytes);

#define NEXT(i, constant)                                                     \
    k = next_key(k, _mm_aeskeygenassist_si128(k, constant));                  \
    store(round[i], k)
    store(round[0], k);
    NEXT(1, 0x01);
    NEXT(2, 0x02);
    NEXT(3, 0x04);
    NEXT(4, 0x08);
    NEXT(5, 0x10);
    NEXT(6, 0x20);
    NEXT(7, 0x40);
    NEXT(8, 0x80);
    NEXT(9, 0x1b);
    NEXT(10, 0x36);
}

/* Returns the state after round 2 for the counter whose byte-swapped value is
 * `swapped` (mask_backend.h, sa_aes_key). The counter is big-endian in the
 * block, and this machine is little-endian. */
SA_INLINE __m128i two_rounds(const sa_aes_key *key, uint32_t swapped)
{
    __m128i x = _mm_slli_si128(_mm_cvtsi32_si128((int)swapped), 12);

    x = _mm_xor_si128(x, load(key->round[0]));
    x = _mm_aesenc_si128(x, load(key->round[1]));
    return _mm_aesenc_si128(x, load(key->round[2]));
}

void sa_aesni_set_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip)
{
    const __m128i nonce = _mm_srli_si128(
        _mm_loadu_si128((const void *)(bytes + 12)), 4);
    const __m128i ones = _mm_set1_epi64x((long long)flip);

    expand(key->round, bytes);
    store(key->round[0], _mm_xor_si128(load(key->round[0]), nonce));
    store(key->round[10], _mm_xor_si128(load(key->round[10]), ones));
    key->flip = flip;
    for (uint32_t i = 0; i < 256; i++)
        store(key->low[i], two_rounds(key, i << 24));
}

void sa_aesni_set_high(sa_aes_key *key, uint32_t high)
{
    const __m128i zero = load(key->low[0]);

    for (uint32_t i = 0; i < sizeof key->high / 16; i++) {
        const uint32_t counter = (high + i) << 8;
        store(key->high[i], _mm_xor_si128(zero,
            two_rounds(key, __builtin_bswap32(counter))));
    }
}

/* ---- masking ------------------------------------------------------------ */

#define PLANES 2

/* The carries of the four quarters of a plane (mask_tile.h). */
typedef struct batch_state {
    __m128i carry[4];
} batch_state;

SA_INLINE batch_state start_state(const sa_aes_key *key)
{
    const __m128i flip = _mm_set1_epi64x((long long)key->flip);
    return (batch_state){ { flip, flip, flip, flip } };
}

/* Add two planes of a block, or one: rounds 3 to 10 (FIPS 197, 5.1) of eight or
 * four AES blocks, and the adders. The macros work on AES block number i of the
 * batch, in x[i]; k is the round key.
 *
 *     START(i)              sets x[i] to the state after round 2: four blocks
 *                           share an element of high[], as `counter` is a
 *                           multiple of 4
 *     KEY(r)                is the key of round r
 *     ROUND(i)              is a round with MixColumns
 *     LAST_ROUND(i)         is round 10, without MixColumns
 *     ADD(i)                adds quarter-plane i: 128 full adders */
SA_INLINE void add_batch(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, batch_state *state, const int planes)
{
    __m128i x[8], k, a, either;

#define START(i)                                                              \
    x[i] = _mm_xor_si128(load(key->high[(counter + (i & 4)) >> 8]),           \
        load(key->low[((counter + (i & 4)) & 255) + (i & 3)]))
#define KEY(r) load(key->round[r])
#define ROUND(i) x[i] = _mm_aesenc_si128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm_aesenclast_si128(x[i], k)
#define CARRY(i) state->carry[i % 4]
#define ADD(i)                                                                \
    a = _mm_loadu_si128((const void *)(in + 16 * i));                         \
    either = _mm_xor_si128(a, x[i]);                                          \
    _mm_storeu_si128((void *)(out + 16 * i),                                  \
        _mm_xor_si128(either, CARRY(i)));                                     \
    CARRY(i) = _mm_or_si128(_mm_and_si128(a, x[i]),                           \
        _mm_and_si128(either, CARRY(i)))

    SA_EACH(4 * planes, START);
    SA_ROUNDS(4 * planes);
    SA_EACH(4 * planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_sse2 = { sa_aesni_set_key, sa_aesni_set_high,
    add_tile };

#else
void sa_aesni_set_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip)
{
    (void)key, (void)bytes, (void)flip;
}
const sa_aes_backend sa_aes_sse2 = { NULL, NULL, NULL };
#endif
