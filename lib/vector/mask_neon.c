/* SPDX-License-Identifier: Apache-2.0 */
/* mask_neon: the AES backend for ARMv8 with AES instructions: 128-bit
 * registers, one AES block each, of which four hold a plane. A batch is eight
 * AES blocks, two planes.
 *
 * The instruction aese adds the round key before SubBytes and ShiftRows, but a
 * round of FIPS 197 adds it at the end. So each aese below adds the key of the
 * round before. */
#include "vector/mask_backend.h"

#if defined(__AARCH64EL__) && defined(__ARM_FEATURE_CRYPTO)
#include <arm_neon.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* ---- keys --------------------------------------------------------------- */

/* SubWord of FIPS 197, 5.2. aese with a zero key is SubBytes and ShiftRows; on
 * four equal columns ShiftRows changes nothing. */
static uint32_t sub_word(uint32_t word)
{
    const uint8x16_t x = vreinterpretq_u8_u32(vdupq_n_u32(word));
    return vgetq_lane_u32(vreinterpretq_u32_u8(vaeseq_u8(x, vdupq_n_u8(0))),
        0);
}

/* Expand a key (FIPS 197, 5.2). Words are little-endian here, so that RotWord
 * rotates them to the right. */
static void expand(uint8_t round[11][16], const uint8_t bytes[16])
{
    static const uint8_t constants[10] = { 0x01, 0x02, 0x04, 0x08, 0x10, 0x20,
        0x40, 0x80, 0x1b, 0x36 };
    uint32_t w[4], s;

    memcpy(w, bytes, sizeof w);
    memcpy(round[0], w, sizeof w);
    for (int i = 0; i < 10; i++) {
        s = sub_word(w[3]);
        w[0] ^= (s >> 8 | s << 24) ^ constants[i];
        w[1] ^= w[0];
        w[2] ^= w[1];
        w[3] ^= w[2];
        memcpy(round[i + 1], w, sizeof w);
    }
}

/* Add the key, and run SubBytes, ShiftRows and MixColumns. */
INLINE uint8x16_t aes_round(uint8x16_t x, const uint8_t key[16])
{
    return vaesmcq_u8(vaeseq_u8(x, vld1q_u8(key)));
}

/* Returns the state after round 2, with the key of round 2 added
 * (mask_backend.h, sa_aes_key). The counter is big-endian in the block. */
INLINE uint8x16_t two_rounds(const sa_aes_key *key, uint32_t counter)
{
    uint8x16_t x = vreinterpretq_u8_u32(vsetq_lane_u32(
        __builtin_bswap32(counter), vdupq_n_u32(0), 3));

    x = aes_round(x, key->round[0]);
    x = aes_round(x, key->round[1]);
    return veorq_u8(x, vld1q_u8(key->round[2]));
}

static void set_key(sa_aes_key *key, const uint8_t *bytes, uint64_t flip)
{
    const uint8x16_t ones = vreinterpretq_u8_u64(vdupq_n_u64(flip));
    uint8_t *first = key->round[0], *last = key->round[10];

    expand(key->round, bytes);
    for (int i = 0; i < 12; i++)
        first[i] = (uint8_t)(first[i] ^ bytes[16 + i]);
    vst1q_u8(last, veorq_u8(vld1q_u8(last), ones));
    key->flip = flip;
    for (uint32_t i = 0; i < 256; i++)
        vst1q_u8(key->low[i], two_rounds(key, i));
}

static void set_high(sa_aes_key *key, uint32_t high)
{
    const uint8x16_t zero = vld1q_u8(key->low[0]);

    for (uint32_t i = 0; i < sizeof key->high / 16; i++)
        vst1q_u8(key->high[i],
            veorq_u8(zero, two_rounds(key, (high + i) << 8)));
}

/* ---- masking ------------------------------------------------------------ */

/* Macros for AES block number i of a batch, in x[i], where k is the key of the
 * round before:
 *
 *     START(i)         sets x[i] to the state after round 2: four blocks share
 *                      an element of high[], as `counter` is a multiple of 4
 *     ROUND(i)         is a round with MixColumns
 *     LAST_ROUND(i)    is round 10, without MixColumns, and adds its key `last`
 *
 * EIGHT(f) expands f(i) for i = 0 to 7. */
#define EIGHT(f) f(0); f(1); f(2); f(3); f(4); f(5); f(6); f(7)
#define START(i)                                                              \
    x[i] = veorq_u8(vld1q_u8(key->high[(counter + ((i) & 4)) >> 8]),          \
        vld1q_u8(key->low[((counter + ((i) & 4)) & 255) + ((i) & 3)]))
#define ROUND(i) x[i] = vaesmcq_u8(vaeseq_u8(x[i], k))
#define LAST_ROUND(i) x[i] = veorq_u8(vaeseq_u8(x[i], k), last)

/* Compute eight AES blocks of keystream from `counter` on: rounds 3 to 10 (FIPS
 * 197, 5.1). The state after round 2 already contains the key of round 2, so
 * that round 3 begins with a zero key. */
INLINE void keystream(uint8x16_t x[8], const sa_aes_key *key,
    uint32_t counter)
{
    const uint8x16_t last = vld1q_u8(key->round[10]);
    uint8x16_t k = vdupq_n_u8(0);

    EIGHT(START);
    EIGHT(ROUND);
    for (int r = 3; r < 9; r++) {
        k = vld1q_u8(key->round[r]);
        EIGHT(ROUND);
    }
    k = vld1q_u8(key->round[9]);
    EIGHT(LAST_ROUND);
}

/* Add a quarter of a plane, 128 full adders; returns the new carries. The carry
 * of a bit is the carry in where a and b differ, else a. */
INLINE uint8x16_t add_quarter(uint8_t *out, const uint8_t *in, uint8x16_t b,
    uint8x16_t carry)
{
    const uint8x16_t a = vld1q_u8(in), either = veorq_u8(a, b);

    vst1q_u8(out, veorq_u8(either, carry));
    return vbslq_u8(either, carry, a);
}

#define PLANES 2

/* The carries of the four quarters of a plane (mask_tile.h). */
typedef struct batch_state {
    uint8x16_t carry[4];
} batch_state;

INLINE batch_state start_state(const sa_aes_key *key)
{
    const uint8x16_t flip = vreinterpretq_u8_u64(vdupq_n_u64(key->flip));
    return (batch_state){ { flip, flip, flip, flip } };
}

INLINE void add_plane(uint8_t *out, const uint8_t *in,
    const uint8x16_t x[4], batch_state *state)
{
    uint8x16_t *carry = state->carry;

    carry[0] = add_quarter(out, in, x[0], carry[0]);
    carry[1] = add_quarter(out + 16, in + 16, x[1], carry[1]);
    carry[2] = add_quarter(out + 32, in + 32, x[2], carry[2]);
    carry[3] = add_quarter(out + 48, in + 48, x[3], carry[3]);
}

/* Add two planes of a block, or one; for one plane, half of the keystream is
 * not used. */
INLINE void add_batch(const sa_aes_key *key, uint32_t counter, uint8_t *out,
    const uint8_t *in, batch_state *state, const int planes)
{
    uint8x16_t x[8];

    keystream(x, key, counter);
    add_plane(out, in, x, state);
    if (planes == 2)
        add_plane(out + SA_PLANE, in + SA_PLANE, x + 4, state);
}

#include "vector/mask_tile.h"

const sa_aes_backend sa_aes_neon = { set_key, set_high, add_tile };

#else
const sa_aes_backend sa_aes_neon = { NULL, NULL, NULL };
#endif
