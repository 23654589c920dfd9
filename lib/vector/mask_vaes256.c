/* SPDX-License-Identifier: Apache-2.0 */
/* mask_vaes256: the AES backend for VAES and AVX2: 256-bit registers, two AES
 * blocks each, of which two hold a plane. A batch is sixteen AES blocks in
 * eight registers, four planes. */
#include "vector/mask_aesni.h"

#if defined(__VAES__) && defined(__AVX2__)
#include "vector/mask_adder256.h"

/* Load 16 bytes into both lanes. */
SA_INLINE __m256i load_twice(const uint8_t block[16])
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const void *)block));
}

#define PLANES 4

/* Add `planes` planes of a block, a constant up to 4: rounds 3 to 10 (FIPS 197,
 * 5.1) of two registers for each plane, and the adders. The macros are those of
 * mask_aesni.c, for register i of the batch: two AES blocks, half a plane. */
SA_INLINE void add_batch(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, batch_state *state, const int planes)
{
    __m256i x[8], k;

#define START(i)                                                              \
    x[i] = _mm256_xor_si256(load_twice(key->high[(counter + 2 * i) >> 8]),    \
        _mm256_load_si256((const void *)key->low[(counter + 2 * i) & 255]))
#define KEY(r) load_twice(key->round[r])
#define ROUND(i) x[i] = _mm256_aesenc_epi128(x[i], k)
#define LAST_ROUND(i) x[i] = _mm256_aesenclast_epi128(x[i], k)
#define ADD(i) add_half(out, in, state, i, x[i])

    SA_EACH(2 * planes, START);
    SA_ROUNDS(2 * planes);
    SA_EACH(2 * planes, ADD);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_vaes256 = { sa_aesni_set_key, sa_aesni_set_high,
    add_tile };

#else
const sa_aes_backend sa_aes_vaes256 = { NULL, NULL, NULL };
#endif
