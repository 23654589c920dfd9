/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"

#include <gmp.h>
#include <string.h>

#include "bits.h"
#include "cpu.h"
#include "horner.h"
#include "mem.h"

/* ---- GMP's limbs -------------------------------------------------------- */

#define LIMBS (256 / GMP_NUMB_BITS)
#define SCRATCH (1024 / GMP_NUMB_BITS * 4)
#define SUM_LIMBS (576 / GMP_NUMB_BITS)

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

static void from_limbs(uint64_t *out, const mp_limb_t *in, size_t words)
{
#if GMP_NUMB_BITS == 64
    for (size_t i = 0; i < words; i++)
        out[i] = in[i];
#else
    for (size_t i = 0; i < words; i++)
        out[i] = in[2 * i] | (uint64_t)in[2 * i + 1] << 32;
#endif
}

/* 2^252 = -c modulo L, c = L - 2^252 of 125 bits. */
#define ORDER_BITS 252
#define ABOVE (ORDER_BITS / GMP_NUMB_BITS)
#define SHIFT (ORDER_BITS % GMP_NUMB_BITS)
#define C_LIMBS (128 / GMP_NUMB_BITS)

/* Room for a number of 576 bits on its way, and for what is on the way. */
typedef struct folding {
    mp_limb_t x[SUM_LIMBS], high[SUM_LIMBS], product[SUM_LIMBS + C_LIMBS];
    mp_limb_t scratch[2 * SUM_LIMBS];
} folding;

/* x = h 2^252 + l, of n limbs, becomes l + 2^raise L - h c, for which h c is
 * at most 2^raise L. */
static void fold(folding *f, size_t n, size_t raise)
{
    const mp_size_t above = (mp_size_t)(n - ABOVE);
    mp_limb_t modulus[LIMBS], lifted[SUM_LIMBS] = { 0 };
    const size_t at = raise / GMP_NUMB_BITS, by = raise % GMP_NUMB_BITS;

    to_limbs(modulus, order, 4);
    mpn_rshift(f->high, f->x + ABOVE, above, SHIFT);
    f->x[ABOVE] &= ((mp_limb_t)1 << SHIFT) - 1;
    for (size_t i = ABOVE + 1; i < n; i++)
        f->x[i] = 0;
    for (size_t i = n - ABOVE + C_LIMBS; i < n; i++)
        f->product[i] = 0;
    mpn_sec_mul(f->product, f->high, above, modulus, C_LIMBS, f->scratch);
    if (by > 0)
        lifted[at + LIMBS] = mpn_lshift(lifted + at, modulus, LIMBS,
            (unsigned)by);
    else
        memcpy(lifted + at, modulus, sizeof modulus);
    mpn_add_n(f->x, f->x, lifted, (mp_size_t)n);
    mpn_sub_n(f->x, f->x, f->product, (mp_size_t)n);
}

/* f->x, of 8 or 9 words of 64 bits or below 2^320 in 6, modulo L; f is wiped.
 * Bounds, for 9: h < 2^324 and h c < 2^449, so that what comes is below 2^450,
 * in 8 words; then h c < 2^323, below 2^324, in 6 words; then h c < 2^197 < L,
 * and what is left is below 2 L. GMP wants h to have no fewer limbs than c. */
static void reduce(sa_fe *r, folding *f, size_t words)
{
    const size_t limbs = 64 / GMP_NUMB_BITS;
    mp_limb_t modulus[LIMBS], borrow;

    if (words > 6) {
        fold(f, words * limbs, 197);
        fold(f, 8 * limbs, 71);
        words = 6;
    }
    fold(f, words * limbs, 0);
    to_limbs(modulus, order, 4);
    borrow = mpn_sub_n(f->x, f->x, modulus, LIMBS);
    mpn_cnd_add_n(borrow, f->x, f->x, modulus, LIMBS);
    from_limbs(r->v, f->x, 4);
    sa_wipe(f, sizeof *f);
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
    folding f;

    for (int i = 0; i < 8; i++)
        words[i] = sa_get_le64(in + 8 * i);
    to_limbs(f.x, words, 8);
    reduce(r, &f, 8);
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
    from_limbs(r->v, x, 4);
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
    from_limbs(r->v, x, 4);
    sa_wipe(x, sizeof x);
    sa_wipe(y, sizeof y);
}

void sa_fe_mul(sa_fe *r, const sa_fe *a, const sa_fe *b)
{
    folding f;

    to_limbs(f.high, a->v, 4);
    to_limbs(f.product, b->v, 4);
    mpn_sec_mul(f.x, f.high, LIMBS, f.product, LIMBS, f.scratch);
    reduce(r, &f, 8);
}

void sa_fe_sum_add(sa_fe_sum *sum, const sa_fe *a, const sa_fe *b)
{
    mp_limb_t x[LIMBS], y[LIMBS], product[2 * LIMBS], all[SUM_LIMBS];
    mp_limb_t scratch[SCRATCH];

    to_limbs(x, a->v, 4);
    to_limbs(y, b->v, 4);
    to_limbs(all, sum->v, 9);
    mpn_sec_mul(product, x, LIMBS, y, LIMBS, scratch);
    (void)mpn_sec_add_1(all + 2 * LIMBS, all + 2 * LIMBS,
        SUM_LIMBS - 2 * LIMBS, mpn_add_n(all, all, product, 2 * LIMBS),
        scratch);
    from_limbs(sum->v, all, 9);
}

void sa_fe_sum_get(sa_fe *r, const sa_fe_sum *sum)
{
    folding f;

    to_limbs(f.x, sum->v, 9);
    reduce(r, &f, 9);
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
    from_limbs(r->v, inverse, 4);
    for (int i = 0; i < 4; i++)
        r->v[i] &= keep;
    sa_wipe(x, sizeof x);
    sa_wipe(inverse, sizeof inverse);
    sa_wipe(scratch, sizeof scratch);
}

/* The cofactor S of a in 1 = a S + L T; it may come negative. */
void sa_fe_invert_vartime(sa_fe *r, const sa_fe *a)
{
    mp_limb_t x[LIMBS], modulus[LIMBS], one[LIMBS], cofactor[LIMBS + 1];
    sa_fe zero = { { 0 } };
    mp_size_t size;

    to_limbs(x, a->v, 4);
    to_limbs(modulus, order, 4);
    memset(cofactor, 0, sizeof cofactor);
    (void)mpn_gcdext(one, cofactor, &size, x, LIMBS, modulus, LIMBS);
    for (mp_size_t i = size < 0 ? -size : size; i < LIMBS; i++)
        cofactor[i] = 0;
    from_limbs(r->v, cofactor, 4);
    if (size < 0)
        sa_fe_sub(r, &zero, r);
}

bool sa_fe_equal(const sa_fe *a, const sa_fe *b)
{
    return sa_equal(a->v, b->v, sizeof a->v);
}

/* ---- evaluation at small points ----------------------------------------- */

/* By Horner's rule, eight values at a time, in limbs of 43 bits. */
#define LIMB 43
#define LOW (((uint64_t)1 << LIMB) - 1)

static sa_horner *best_horner(void)
{
    static sa_horner *const levels[] = {
        [SA_CPU_BASE] = sa_horner_portable,
        [SA_CPU_NEON] = sa_horner_portable,
        [SA_CPU_AVX2] = sa_horner_avx2,
        [SA_CPU_AVX512] = sa_horner_avx512,
    };
    return levels[sa_cpu_best()];
}

static const uint64_t nothing[6];

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
    uint64_t words[6];
    folding f;

    for (int i = 0; i < 5; i++) {
        y[i + 1] += y[i] >> LIMB;
        y[i] &= LOW;
    }
    words[0] = y[0] | y[1] << 43;
    words[1] = y[1] >> 21 | y[2] << 22;
    words[2] = y[2] >> 42 | y[3] << 1 | y[4] << 44;
    words[3] = y[4] >> 20 | y[5] << 23;
    words[4] = y[5] >> 41;
    words[5] = 0;
    to_limbs(f.x, words, 6);
    reduce(r, &f, 6);
    sa_wipe(words, sizeof words);
}

/* Lanes back to elements, as many as are asked for. */
static void from_lanes(sa_fe *out, uint64_t y[6][SA_LANES], size_t count)
{
    uint64_t one[6];

    for (size_t l = 0; l < SA_LANES && l < count; l++) {
        for (int k = 0; k < 6; k++)
            one[k] = y[k][l];
        from_43(&out[l], one);
    }
    sa_wipe(one, sizeof one);
}

/* The polynomial at x = first, first + 1, ... on all lanes; the limbs of its
 * coefficients begin with the highest. */
static void eval_lanes(uint64_t y[6][SA_LANES], uint32_t first,
    const uint64_t *limbs, size_t terms)
{
    uint64_t x[SA_LANES];

    for (int l = 0; l < SA_LANES; l++) {
        x[l] = (uint64_t)first + (uint64_t)l;
        for (int i = 0; i < 6; i++)
            y[i][l] = limbs[i];
    }
    best_horner()(y, x, 0, limbs + 6, 6, terms - 1);
}

secagg_err sa_fe_eval(sa_fe *out, size_t count, uint32_t first,
    const sa_fe *coefs, size_t terms)
{
    uint64_t y[6][SA_LANES], *limbs = sa_alloc(terms, 6 * sizeof *limbs);

    if (limbs == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t j = 0; j < terms; j++)
        to_43(limbs + 6 * j, &coefs[terms - 1 - j]);
    for (size_t i = 0; i < count; i += SA_LANES) {
        eval_lanes(y, first + (uint32_t)i, limbs, terms);
        from_lanes(out + i, y, count - i);
    }
    sa_wipe(y, sizeof y);
    sa_free(limbs, terms * 6 * sizeof *limbs);
    return SECAGG_OK;
}

/* The factors of eight denominators that come of one point: x itself, or the
 * distance to it. */
static void load_distances(uint64_t x[SA_LANES], const uint32_t *points,
    size_t count, size_t at, size_t j)
{
    const uint32_t q = points[j];

    for (size_t l = 0; l < SA_LANES && at + l < count; l++) {
        const uint32_t p = points[at + l];
        x[l] = (p < q ? q - p : p - q) + (p == q ? p : 0);
    }
}

static bool is_negative(const uint32_t *points, size_t count, uint32_t p)
{
    bool minus = false;

    for (size_t j = 0; j < count; j++)
        minus ^= points[j] < p;
    return minus;
}

secagg_err sa_fe_denominators(sa_fe *out, const uint32_t *points,
    size_t count)
{
    static const sa_fe zero;
    uint64_t y[6][SA_LANES], *x = sa_alloc(count, SA_LANES * sizeof *x);

    if (x == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < count; i += SA_LANES) {
        memset(y, 0, sizeof y);
        for (size_t l = 0; l < SA_LANES; l++)
            y[0][l] = 1;
        for (size_t j = 0; j < count; j++)
            load_distances(x + SA_LANES * j, points, count, i, j);
        best_horner()(y, x, SA_LANES, nothing, 0, count);
        from_lanes(out + i, y, count - i);
    }
    for (size_t i = 0; i < count; i++)
        if (is_negative(points, count, points[i]))
            sa_fe_sub(&out[i], &zero, &out[i]);
    sa_free(x, count * SA_LANES * sizeof *x);
    return SECAGG_OK;
}

/* The points that one step takes, with value zero where there are too few. */
static void load_lanes(uint64_t y[6][SA_LANES], uint64_t x[SA_LANES],
    const uint32_t *points, const sa_fe *values, size_t count)
{
    uint64_t a[6] = { 0 };

    memset(y, 0, 6 * sizeof *y);
    memset(x, 0, SA_LANES * sizeof *x);
    for (size_t l = 0; l < SA_LANES && l < count; l++) {
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
    uint64_t y[6][SA_LANES], x[SA_LANES];
    sa_horner *horner = best_horner();
    uint64_t(*sums)[6] = sa_alloc(terms, sizeof *sums);

    if (sums == NULL)
        return SECAGG_ERR_MEMORY;
    for (size_t i = 0; i < count; i += SA_LANES) {
        load_lanes(y, x, points + i, values + i, count - i);
        for (size_t j = 0; j < terms; j++) {
            for (int k = 0; k < 6; k++)
                for (int l = 0; l < SA_LANES; l++)
                    sums[j][k] += y[k][l];
            horner(y, x, 0, nothing, 0, 1);
        }
    }
    for (size_t j = 0; j < terms; j++)
        from_43(&out[j], sums[j]);
    sa_wipe(y, sizeof y);
    sa_free(sums, terms * sizeof *sums);
    return SECAGG_OK;
}
