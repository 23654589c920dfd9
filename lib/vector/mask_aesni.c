/* SPDX-License-Identifier: Apache-2.0 */
/* mask_aesni: AES-128-CTR of x86-64 at 128 bits: keys for all levels, and the
 * kernel that needs nothing beyond AES-NI and SSE2. */
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

/* Next round key from the last and from what the instruction makes of it
 * (FIPS 197, 5.2, for four words). */
SA_INLINE __m128i next_key(__m128i key, __m128i assist)
{
    key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
    key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
    return _mm_xor_si128(key, _mm_shuffle_epi32(assist, 0xff));
}

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

/* The state after round 2 for the big-endian counter whose bytes, read as
 * little-endian, are `swapped`. */
SA_INLINE __m128i two_rounds(const sa_aes_key *key, uint32_t swapped)
{
    __m128i x = _mm_slli_si128(_mm_cvtsi32_si128((int)swapped), 12);

    x = _mm_xor_si128(x, load(key->round[0]));
    x = _mm_aesenc_si128(x, load(key->round[1]));
    return _mm_aesenc_si128(x, load(key->round[2]));
}

void sa_aesni_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip)
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

/* ---- the kernel --------------------------------------------------------- */

#define PLANES 2

typedef struct carries {
    __m128i at[4]; /* of a plane's quarters */
} carries;

SA_INLINE carries flipped(const sa_aes_key *key)
{
    const __m128i flip = _mm_set1_epi64x((long long)key->flip);
    return (carries){ { flip, flip, flip, flip } };
}

/* Two planes of a block, or one, through rounds 3 to 10 (FIPS 197, 5.1) and
 * the adders. */
SA_INLINE void batch(const sa_aes_key *key, uint32_t low, uint8_t *out,
    const uint8_t *in, carries *carry, const int planes)
{
    __m128i x[8], k, a, t;

#define START(i)                                                              \
    x[i] = _mm_xor_si128(load(key->high[(low + (i & 4)) >> 8]),               \
        load(key->low[((low + (i & 4)) & 255) + (i & 3)]))
#define KEY(r) load(key->round[r])
#define ROUND(i) x[i] = _mm_aesenc_si128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm_aesenclast_si128(x[i], k)
#define CARRY(i) carry->at[i % 4]
#define ADD(i)                                                                \
    a = _mm_loadu_si128((const void *)(in + 16 * i));                         \
    t = _mm_xor_si128(a, x[i]);                                               \
    _mm_storeu_si128((void *)(out + 16 * i), _mm_xor_si128(t, CARRY(i)));     \
    CARRY(i) = _mm_or_si128(_mm_and_si128(a, x[i]),                           \
        _mm_and_si128(t, CARRY(i)))

    SA_EACH(4 * planes, START);
    SA_ROUNDS(4 * planes);
    SA_EACH(4 * planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_sse2 = { sa_aesni_key, sa_aesni_set_high, tile };

#else
void sa_aesni_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip)
{
    (void)key, (void)bytes, (void)flip;
}
const sa_aes_backend sa_aes_sse2 = { NULL, NULL, NULL };
#endif
