/* SPDX-License-Identifier: Apache-2.0 */
/* mask_avx2: the AES backend for AES-NI and AVX2: AES in 128-bit registers, one
 * AES block each, and additions in 256-bit registers, of which two hold a
 * plane. A batch is eight AES blocks, two planes. */
#include "vector/mask_aesni.h"

#if defined(__AES__) && defined(__AVX2__)
#include "vector/mask_adder256.h"

SA_INLINE __m128i load(const uint8_t p[16])
{
    return _mm_load_si128((const void *)p);
}

#define PLANES 2

/* Add two planes of a block, or one: rounds 3 to 10 (FIPS 197, 5.1) of eight or
 * four AES blocks, and the adders. START, KEY, ROUND and LAST_ROUND are those
 * of mask_aesni.c; ADD(i) joins AES blocks 2 i and 2 i + 1 and adds half-plane
 * i. The index is reduced modulo 8, because the macro is also expanded, in
 * dead code, for i up to 7. */
SA_INLINE void add_batch(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, batch_state *state, const int planes)
{
    __m128i x[8], k;

#define START(i)                                                              \
    x[i] = _mm_xor_si128(load(key->high[(counter + (i & 4)) >> 8]),           \
        load(key->low[((counter + (i & 4)) & 255) + (i & 3)]))
#define KEY(r) load(key->round[r])
#define ROUND(i) x[i] = _mm_aesenc_si128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm_aesenclast_si128(x[i], k)
#define ADD(i)                                                                \
    add_half(out, in, state, i, _mm256_inserti128_si256(                      \
        _mm256_castsi128_si256(x[2 * i % 8]), x[2 * i % 8 + 1], 1))

    SA_EACH(4 * planes, START);
    SA_ROUNDS(4 * planes);
    SA_EACH(2 * planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_avx2 = { sa_aesni_set_key, sa_aesni_set_high,
    add_tile };

#else
const sa_aes_backend sa_aes_avx2 = { NULL, NULL, NULL };
#endif
