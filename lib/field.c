/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <gmp.h>
#include <string.h>

#include "bits.h"
#include "mem.h"

/* ---- GMP's limbs -------------------------------------------------------- */

#define LIMBS (256 / GMP_NUMB_BITS)
#define SCRATCH (1024 / GMP_NUMB_BITS * 4)

#if GMP_NUMB_BITS != 64 && GMP_NUMB_BITS != 32
#error "limbs of 32 or 64 bits are needed"
#endif

/* L, least significant word first. */
static const uint64_t order[4] = { UINT64_C(0x5812631a5cf5d3ed),
    UINT64_C(0x14def9dea2f79cd6), 0, UINT64_C(0x1000000000000000) };

static void to_limbs(mp_limb_t *out, const uint64_t *in, size_t words)
{
#if GMP_NUMB_BITS == 64
    for (size_t i = 0; i < words; i++)
        out[i] = in[i];
#else
    for (size_t i = 0; i < words; i++) {
        out[2 * i] = (mp_limb_t)(in[i] & 0xffffffff);
        out[2 * i + 1] = (mp_limb_t)(in[i] >> 32);
    }
#endif
}

static void from_limbs(sa_fe *out, const mp_limb_t *in)
{
#if GMP_NUMB_BITS == 64
    for (size_t i = 0; i < 4; i++)
        out->v[i] = in[i];
#else
    for (size_t i = 0; i < 4; i++)
        out->v[i] = in[2 * i] | (uint64_t)in[2 * i + 1] << 32;
#endif
}

/* in, of `words` 64-bit words, modulo L; in and scratch are wiped. */
static void reduce(sa_fe *r, mp_limb_t *in, size_t words)
{
    mp_limb_t modulus[LIMBS], scratch[SCRATCH];

    to_limbs(modulus, order, 4);
    mpn_sec_div_r(in, (mp_size_t)(words * 64 / GMP_NUMB_BITS), modulus, LIMBS,
        scratch);
    from_limbs(r, in);
    sa_wipe(scratch, sizeof scratch);
    sa_wipe(in, words * 8);
}

/* ---- elements ----------------------------------------------------------- */

bool sa_fe_decode(sa_fe *r, const uint8_t in[SA_FE_BYTES])
{
    uint64_t borrow = 0, keep;

    for (int i = 0; i < 4; i++)
        r->v[i] = sa_get_le64(in + 8 * i);
    for (int i = 0; i < 4; i++) { /* borrow of r - L */
        const uint64_t a = r->v[i], b = order[i];
        borrow = ((~a & b) | (~(a ^ b) & (a - b - borrow))) >> 63;
    }
    keep = 0 - sa_barrier(borrow);
    for (int i = 0; i < 4; i++)
        r->v[i] &= keep;
    sa_public(&borrow, sizeof borrow);
    return borrow != 0;
}

void sa_fe_encode(uint8_t out[SA_FE_BYTES], const sa_fe *a)
{
    for (int i = 0; i < 4; i++)
        sa_put_le64(out + 8 * i, a->v[i]);
}

void sa_fe_reduce(sa_fe *r, const uint8_t in[64])
{
    uint64_t words[8];
    mp_limb_t limbs[2 * LIMBS];

    for (int i = 0; i < 8; i++)
        words[i] = sa_get_le64(in + 8 * i);
    to_limbs(limbs, words, 8);
    reduce(r, limbs, 8);
    sa_wipe(words, sizeof words);
}

void sa_fe_set(sa_fe *r, uint64_t x)
{
    *r = (sa_fe){ { x, 0, 0, 0 } };
}

void sa_fe_add(sa_fe *r, const sa_fe *a, const sa_fe *b)
{
    mp_limb_t x[LIMBS], y[LIMBS], modulus[LIMBS], borrow;

    to_limbs(x, a->v, 4);
    to_limbs(y, b->v, 4);
    to_limbs(modulus, order, 4);
    mpn_add_n(x, x, y, LIMBS); /* below 2^254: no carry */
    borrow = mpn_sub_n(x, x, modulus, LIMBS);
    mpn_cnd_add_n(borrow, x, x, modulus, LIMBS);
    from_limbs(r, x);
    sa_wipe(x, sizeof x);
    sa_wipe(y, sizeof y);
}

void sa_fe_sub(sa_fe *r, const sa_fe *a, const sa_fe *b)
{
    mp_limb_t x[LIMBS], y[LIMBS], modulus[LIMBS], borrow;

    to_limbs(x, a->v, 4);
    to_limbs(y, b->v, 4);
    to_limbs(modulus, order, 4);
    borrow = mpn_sub_n(x, x, y, LIMBS);
    mpn_cnd_add_n(borrow, x, x, modulus, LIMBS);
    from_limbs(r, x);
    sa_wipe(x, sizeof x);
    sa_wipe(y, sizeof y);
}

void sa_fe_mul(sa_fe *r, const sa_fe *a, const sa_fe *b)
{
    mp_limb_t x[LIMBS], y[LIMBS], product[2 * LIMBS], scratch[SCRATCH];

    to_limbs(x, a->v, 4);
    to_limbs(y, b->v, 4);
    mpn_sec_mul(product, x, LIMBS, y, LIMBS, scratch);
    reduce(r, product, 8);
    sa_wipe(x, sizeof x);
    sa_wipe(y, sizeof y);
    sa_wipe(scratch, sizeof scratch);
}

void sa_fe_invert(sa_fe *r, const sa_fe *a)
{
    mp_limb_t x[LIMBS], inverse[LIMBS] = { 0 }, modulus[LIMBS];
    mp_limb_t scratch[SCRATCH];
    uint64_t keep;

    to_limbs(x, a->v, 4);
    to_limbs(modulus, order, 4);
    keep = 0 - sa_barrier((uint64_t)mpn_sec_invert(inverse, x, modulus,
                   LIMBS, 2 * LIMBS * GMP_NUMB_BITS, scratch)); /* 1 or 0 */
    from_limbs(r, inverse);
    for (int i = 0; i < 4; i++)
        r->v[i] &= keep;
    sa_wipe(x, sizeof x);
    sa_wipe(inverse, sizeof inverse);
    sa_wipe(scratch, sizeof scratch);
}

bool sa_fe_equal(const sa_fe *a, const sa_fe *b)
{
    return sa_equal(a->v, b->v, sizeof a->v);
}

/* ---- evaluation at small points ----------------------------------------- */

/*
 * Horner's rule, y = y x + a, on eight points side by side, in six limbs of 43
 * bits (B = 2^43), the top one of 37: 2^252 stands where it overflows, and
 * 2^252 = -c modulo L, c = L - 2^252 of 125 bits. One step, with x <= 2^12:
 *
 *     t = y x + a          limb by limb
 *     q = t5 >> 37         what is above 2^252
 *     t5 = t5 mod 2^37
 *     u = t + L - q c      limb by limb, L written so that no limb is negative
 *     y = u, each limb's carry added to the next limb, all at once
 *
 * Bounds. y_i < 2^43 + 2^16 and y_5 < 2^38 + 2^16 hold at the start (a
 * canonical element) and after each step: t_i < 2^55 + 2^44 and t_5 < 2^50 +
 * 2^39, so q < 2^13 + 2^2 and q c_i < 2^56 + 2^45 < 2^57 - 2^14, hence u_i >=
 * 0 and u_i < 2^58; a carry is below 2^15, y_i < 2^43 + 2^15, and y_5 < 2^37 +
 * 2^37 + 2^15. Nothing reaches 2^64. No step branches or indexes on a value.
 */
#define LANES 8
#define LIMB 43
#define LOW (((uint64_t)1 << LIMB) - 1)
#define TOP 37

/* The two words of c, and c in limbs. */
#define C0 UINT64_C(0x5812631a5cf5d3ed)
#define C1 UINT64_C(0x14def9dea2f79cd6)
#define C_LIMB0 (C0 & LOW)
#define C_LIMB1 ((C0 >> LIMB | C1 << (64 - LIMB)) & LOW)
#define C_LIMB2 (C1 >> (2 * LIMB - 64))

static const uint64_t c_limb[3] = { C_LIMB0, C_LIMB1, C_LIMB2 };

/* L in limbs of which the lower three are at least 2^57 - 2^14: what one limb
 * has too much, the next has too little. */
#define LEND ((uint64_t)1 << 57)
#define OWED ((uint64_t)1 << (57 - LIMB))

static const uint64_t raised[6] = { C_LIMB0 + LEND, C_LIMB1 + LEND - OWED,
    C_LIMB2 + LEND - OWED, LOW + 1 - OWED, LOW, ((uint64_t)1 << TOP) - 1 };

static void to_43(uint64_t out[6], const sa_fe *a)
{
    const uint64_t *v = a->v;

    out[0] = v[0] & LOW;
    out[1] = (v[0] >> 43 | v[1] << 21) & LOW;
    out[2] = (v[1] >> 22 | v[2] << 42) & LOW;
    out[3] = (v[2] >> 1) & LOW;
    out[4] = (v[2] >> 44 | v[3] << 20) & LOW;
    out[5] = v[3] >> 23;
}

/* Carry through, back to words, and reduce; limbs below 2^57. */
static void from_43(sa_fe *r, uint64_t y[6])
{
    uint64_t words[5];
    mp_limb_t limbs[2 * LIMBS];

    for (int i = 0; i < 5; i++) {
        y[i + 1] += y[i] >> LIMB;
        y[i] &= LOW;
    }
    words[0] = y[0] | y[1] << 43;
    words[1] = y[1] >> 21 | y[2] << 22;
    words[2] = y[2] >> 42 | y[3] << 1 | y[4] << 44;
    words[3] = y[4] >> 20 | y[5] << 23;
    words[4] = y[5] >> 41;
    to_limbs(limbs, words, 5);
    reduce(r, limbs, 5);
    sa_wipe(words, sizeof words);
}

/* One step for all lanes. */
static void horner(uint64_t y[6][LANES], const uint64_t x[LANES],
    const uint64_t a[6])
{
    for (int l = 0; l < LANES; l++) {
        uint64_t u[6], q;
        for (int i = 0; i < 6; i++)
            u[i] = y[i][l] * x[l] + a[i];
        q = u[5] >> TOP;
        u[5] &= ((uint64_t)1 << TOP) - 1;
        for (int i = 0; i < 6; i++)
            u[i] += raised[i];
        for (int i = 0; i < 3; i++)
            u[i] -= q * c_limb[i];
        y[0][l] = u[0] & LOW;
        for (int i = 1; i < 5; i++)
            y[i][l] = (u[i] & LOW) + (u[i - 1] >> LIMB);
        y[5][l] = u[5] + (u[4] >> LIMB);
    }
}

/* The polynomial at x = first, first + 1, ... on all lanes. */
static void eval_lanes(uint64_t y[6][LANES], uint32_t first,
    const sa_fe *coefs, size_t terms)
{
    uint64_t x[LANES], a[6];

    to_43(a, &coefs[terms - 1]);
    for (int l = 0; l < LANES; l++) {
        x[l] = (uint64_t)first + (uint64_t)l;
        for (int i = 0; i < 6; i++)
            y[i][l] = a[i];
    }
    for (size_t j = terms - 1; j > 0; j--) {
        to_43(a, &coefs[j - 1]);
        horner(y, x, a);
    }
    sa_wipe(a, sizeof a);
}

void sa_fe_eval(sa_fe *out, size_t count, uint32_t first, const sa_fe *coefs,
    size_t terms)
{
    uint64_t y[6][LANES], one[6];

    for (size_t i = 0; i < count; i += LANES) {
        eval_lanes(y, first + (uint32_t)i, coefs, terms);
        for (size_t l = 0; l < LANES && i + l < count; l++) {
            for (int k = 0; k < 6; k++)
                one[k] = y[k][l];
            from_43(&out[i + l], one);
        }
    }
    sa_wipe(y, sizeof y);
    sa_wipe(one, sizeof one);
}

/* The points that one step takes, with value zero where there are too few. */
static void load_lanes(uint64_t y[6][LANES], uint64_t x[LANES],
    const uint32_t *points, const sa_fe *values, size_t count)
{
    uint64_t a[6] = { 0 };

    memset(y, 0, 6 * sizeof *y);
    memset(x, 0, LANES * sizeof *x);
    for (size_t l = 0; l < LANES && l < count; l++) {
        to_43(a, &values[l]);
        x[l] = points[l];
        for (int i = 0; i < 6; i++)
            y[i][l] = a[i];
    }
    sa_wipe(a, sizeof a);
}

/* Horner's step with a = 0 is y = y x. Limbs are summed as they are: of 4096
 * points each sum is below 2^56. */
secagg_err sa_fe_power_sums(sa_fe *out, size_t terms, const uint32_t *points,
    const sa_fe *values, size_t count)
{
    static const uint64_t nothing[6];
    uint64_t y[6][LANES], x[LANES];
    uint64_t(*sums)[6] = sa_alloc(terms, sizeof *sums);

    if (sums == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < count; i += LANES) {
        load_lanes(y, x, points + i, values + i, count - i);
        for (size_t j = 0; j < terms; j++) {
            for (int k = 0; k < 6; k++)
                for (int l = 0; l < LANES; l++)
                    sums[j][k] += y[k][l];
            horner(y, x, nothing);
        }
    }
    for (size_t j = 0; j < terms; j++)
        from_43(&out[j], sums[j]);
    sa_wipe(y, sizeof y);
    sa_free(sums, terms * sizeof *sums);
    return SECAGG_OK;
}
