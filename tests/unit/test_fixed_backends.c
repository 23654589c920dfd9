/* SPDX-License-Identifier: Apache-2.0 */
/* fixed_backends: each backend of the encoder and decoder, the portable one
 * included, returns the bits of the operations of PROTOCOL.md 7, which are
 * computed here again with one IEEE operation each, and writes no byte outside
 * its buffer. */
#include <float.h>
#include <math.h>

#include "core/cpu.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/util.h"
#include "vector/fixed.h"

#define COUNT 203 /* whole vector registers, and a few entries more */
#define FENCE 64
#define FILL 0x5a

static const struct backend {
    const char *name;
    const sa_fixed_backend *code;
    sa_cpu_vectors least;
} backends[] = {
    { "avx2", &sa_fixed_avx2, SA_CPU_AVX2 },
    { "avx512", &sa_fixed_avx512, SA_CPU_AVX512 },
    { "portable", &sa_fixed_portable, SA_CPU_BASE },
};

static const double clips[] = { 1, 0.1, 3, 1e-9, 7e22, 0x1p-500, 0x1p500,
    0x1.fffffep127, 0x1.ffffffp127, 0x1p-149, 0x1p-150 };
static const uint64_t weights[] = { 0, 1, 2, 3, 1000, 65537, 4294967295 };

#define SIZE(array) (sizeof(array) / sizeof *(array))

static bool present(const struct backend *l)
{
    return l->code->f32_to_u32 != NULL && sa_cpu_best() >= l->least;
}

/* A buffer of COUNT objects between two fences. */
typedef struct fenced {
    uint8_t before[FENCE];
    union {
        uint32_t u32[COUNT];
        uint64_t u64[COUNT];
        float f32[COUNT];
        double f64[COUNT];
    } at;
    uint8_t after[FENCE];
} fenced;

static void clear(fenced *g)
{
    memset(g, FILL, sizeof *g);
}

/* Check that only the first len bytes of the buffer were written. */
static void check_fences(const fenced *g, size_t len)
{
    const uint8_t *all = (const void *)g;
    size_t touched = 0;

    for (size_t i = 0; i < sizeof *g; i++)
        if (i < FENCE || i >= FENCE + len)
            touched += all[i] != FILL;
    ck_assert_uint_eq(touched, 0);
}

/* ---- encoding ----------------------------------------------------------- */

/* Values as doubles and as floats, and their random words. */
typedef struct set {
    secagg_segment segment;
    double wide[COUNT];
    float narrow[COUNT];
    uint8_t words[4 * COUNT];
} set;

static double zero_of(const secagg_segment *s)
{
    return ldexp(1, (int)s->value_bits - 1) - 1;
}

/* Returns `fixed` of 7.1, with one IEEE operation after another. */
static uint64_t expected_fixed(double x, const secagg_segment *s)
{
    const volatile double kept = fmin(fabs(x), s->clip);
    const volatile double scale = zero_of(s) / s->clip;
    volatile double scaled = kept * scale;

    if (scaled > zero_of(s))
        scaled = zero_of(s);
    return (uint64_t)(scaled * 0x1p32);
}

/* Quantise x as 7.1 does; r is the random word. */
static uint64_t expected_entry(double x, const secagg_segment *s, bool nearest,
    uint32_t r)
{
    const uint64_t zero = (uint64_t)zero_of(s);
    const uint64_t steps = (expected_fixed(x, s) + 4294967295
        - (nearest ? 2147483647 : r)) / 4294967296;

    return x >= 0 ? zero + steps : zero - steps;
}

/* Limits of [-C, C], multiples of half a step, and random values around it. */
static void fill(set *s, uint32_t q, double clip, uint64_t state)
{
    const double edges[] = { 0.0, -0.0, clip, -clip, nextafter(clip, 0),
        nextafter(-clip, 0), nextafter(clip, INFINITY),
        nextafter(-clip, -INFINITY), 2 * clip, -2 * clip, DBL_MAX, -DBL_MAX,
        DBL_MIN, -DBL_MIN, 0x1p-1074, -0x1p-1074, FLT_MAX, -FLT_MAX, FLT_MIN,
        0x1p-149, -0x1p-149 };
    size_t i = SIZE(edges);

    s->segment = (secagg_segment){ .length = COUNT, .kind = SECAGG_REAL,
        .value_bits = q, .clip = clip };
    memcpy(s->wide, edges, sizeof edges);
    for (; i < COUNT; i++) {
        const double at = (double)(prng_next(&state) >> 32) * 0x1p-32;
        s->wide[i] = i % 3 == 0 ? (at - 0.5) * 2.5 * clip
            : (floor(at * zero_of(&s->segment)) + (i % 2 ? 0.5 : 0))
                * (clip / zero_of(&s->segment)) * (i % 8 < 4 ? 1 : -1);
    }
    for (i = 0; i < COUNT; i++)
        s->narrow[i] = fabs(s->wide[i]) > FLT_MAX
            ? copysignf(FLT_MAX, s->wide[i] < 0 ? -1 : 1) : (float)s->wide[i];
    s->narrow[COUNT - 1] = nextafterf(s->narrow[2], INFINITY) <= FLT_MAX
        ? nextafterf(s->narrow[2], INFINITY) : FLT_MAX;
    s->narrow[COUNT - 2] = nextafterf(s->narrow[2], 0);
    prng_bytes(&state, s->words, sizeof s->words);
}

/* The greatest words that round up, and the least that do not. */
static void pick_words(set *s, bool floats)
{
    for (size_t i = 0; i < COUNT; i++) {
        const double x = floats ? (double)s->narrow[i] : s->wide[i];
        const uint64_t edge = expected_fixed(x, &s->segment) % 4294967296;
        const uint64_t word = edge > 0 && i % 2 ? edge - 1 : edge;
        if (i % 4 < 2)
            for (int j = 0; j < 4; j++)
                s->words[4 * i + (size_t)j] = (uint8_t)(word >> 8 * j & 255);
    }
}

/* Compare one of the four encoders of a backend with the operations of 7.1. */
static void check_encoder(const struct backend *l, const set *s, size_t count,
    bool floats, bool narrow, bool nearest, uint64_t weight)
{
    static fenced g;
    const sa_fixed_scale scale = sa_fixed_scale_of(&s->segment, weight);
    const uint8_t *words = nearest ? NULL : s->words;
    uint64_t clipped, beyond = 0, e, got;

    clear(&g);
    if (floats)
        clipped = narrow
            ? l->code->f32_to_u32(g.at.u32, s->narrow, count, &scale, words)
            : l->code->f32_to_u64(g.at.u64, s->narrow, count, &scale, words);
    else
        clipped = narrow
            ? l->code->f64_to_u32(g.at.u32, s->wide, count, &scale, words)
            : l->code->f64_to_u64(g.at.u64, s->wide, count, &scale, words);
    check_fences(&g, count * (narrow ? 4 : 8));
    for (size_t i = 0; i < count; i++) {
        const double x = floats ? (double)s->narrow[i] : s->wide[i];
        e = expected_entry(x, &s->segment, nearest, word_at(s->words, i));
        e *= narrow ? 1 : weight;
        got = narrow ? g.at.u32[i] : g.at.u64[i];
        beyond += fabs(x) > s->segment.clip;
        if (got != e)
            ck_abort_msg("%s: %zu: %a of %a in %u bits, times %llu: %llu, "
                "not %llu", l->name, i, x, s->segment.clip,
                s->segment.value_bits, (unsigned long long)weight,
                (unsigned long long)got, (unsigned long long)e);
    }
    ck_assert_uint_eq(clipped, beyond);
}

static void check_encoders(const struct backend *l, const set *s, size_t count,
    bool floats)
{
    for (int nearest = 0; nearest < 2; nearest++) {
        check_encoder(l, s, count, floats, true, nearest, 1);
        for (size_t w = 0; w < SIZE(weights); w++)
            check_encoder(l, s, count, floats, false, nearest, weights[w]);
    }
}

START_TEST(every_backend_encodes_as_specified)
{
    static set s;

    for (size_t l = 0; l < SIZE(backends); l++) {
        if (!present(&backends[l])) {
            printf("level not present here: %s\n", backends[l].name);
            continue;
        }
        for (uint32_t q = 2; q <= 32; q++)
            for (size_t c = 0; c < SIZE(clips); c++)
                for (int floats = 0; floats < 2; floats++) {
                    fill(&s, q, clips[c], q * 100 + c);
                    pick_words(&s, floats);
                    check_encoders(&backends[l], &s, COUNT, floats);
                }
    }
}
END_TEST

START_TEST(every_backend_encodes_vectors_of_every_length)
{
    static set s;

    fill(&s, 20, 0.7, 5);
    for (size_t l = 0; l < SIZE(backends); l++)
        for (size_t count = 0; count <= 70 && present(&backends[l]); count++)
            for (int floats = 0; floats < 2; floats++)
                check_encoders(&backends[l], &s, count, floats);
}
END_TEST

/* ---- decoding ----------------------------------------------------------- */

/* Decode a sum with the operations of 7.5. */
static double expected_value(uint64_t sum, const secagg_segment *s, uint64_t w,
    bool mean)
{
    const volatile double value = sa_fixed_decode(sum, s, w);
    const volatile double over = value / (double)w;

    return mean ? over : value;
}

/* Compare two results bit by bit, as floats or as doubles. */
static bool differs(double got, double want, bool floats)
{
    const float a = (float)got, b = (float)want;

    return floats ? memcmp(&a, &b, sizeof a) != 0
                  : memcmp(&got, &want, sizeof got) != 0;
}

static void check_decoder(const struct backend *l, const secagg_segment *s,
    const fenced *in, size_t count, uint64_t w, bool narrow, bool floats,
    bool mean)
{
    static fenced g;
    const sa_fixed_unit u = sa_fixed_unit_of(s, w, mean);

    clear(&g);
    if (narrow && floats)
        l->code->u32_to_f32(g.at.f32, in->at.u32, count, &u);
    else if (narrow)
        l->code->u32_to_f64(g.at.f64, in->at.u32, count, &u);
    else if (floats)
        l->code->u64_to_f32(g.at.f32, in->at.u64, count, &u);
    else
        l->code->u64_to_f64(g.at.f64, in->at.u64, count, &u);
    check_fences(&g, count * (floats ? 4 : 8));
    for (size_t i = 0; i < count; i++) {
        const uint64_t sum = narrow ? in->at.u32[i] : in->at.u64[i];
        const double want = expected_value(sum, s, w, mean);
        const double got = floats ? (double)g.at.f32[i] : g.at.f64[i];
        if (differs(got, want, floats))
            ck_abort_msg("%s: %llu of %llu, %u bits, clip %a: %a, not %a",
                l->name, (unsigned long long)sum, (unsigned long long)w,
                s->value_bits, s->clip, got, want);
    }
}

/* Random sums of so many bits, sums that a session can have (at most `most`),
 * and sums next to the middle. */
static void fill_sums(fenced *in, uint64_t most, uint32_t bits, bool narrow,
    uint64_t *state)
{
    const uint64_t all = ((uint64_t)1 << bits) - 1;

    for (size_t i = 0; i < COUNT; i++) {
        const uint64_t x = prng_next(state);
        uint64_t sum = i % 3 == 0 ? (x & all) >> x % bits
            : i % 3 == 1 ? x % (most + 1) : most / 2 + x % 5 - 2;
        sum = i == 0 ? 0 : i == 1 ? all : sum & all;
        if (narrow)
            in->at.u32[i] = (uint32_t)sum;
        else
            in->at.u64[i] = sum;
    }
}

/* Sums of any modulus; of 24 bits, where a backend computes floats in floats;
 * and of 25 bits, where it cannot. */
static void check_decoders(const struct backend *l, const secagg_segment *s,
    size_t count, uint64_t w, uint64_t *state)
{
    static const uint32_t moduli[] = { 0, 24, 25 };
    static fenced in;
    const uint64_t n = 2 * (uint64_t)zero_of(s);
    secagg_segment with = *s;

    for (size_t i = 0; i < SIZE(moduli); i++)
        for (int form = 0; form < 8; form++) {
            const bool narrow = form & 1, mean = (form & 4) && w > 0;
            with.bits = moduli[i];
            fill_sums(&in, w * n, with.bits > 0 ? with.bits : 52, narrow,
                state);
            check_decoder(l, &with, &in, count, w, narrow, form & 2, mean);
        }
}

START_TEST(every_backend_decodes_as_specified)
{
    uint64_t state = 3;

    for (size_t l = 0; l < SIZE(backends); l++)
        for (uint32_t q = 2; q <= 32 && present(&backends[l]); q++)
            for (size_t c = 0; c < SIZE(clips); c++) {
                const secagg_segment s = { .length = COUNT,
                    .kind = SECAGG_REAL, .value_bits = q, .clip = clips[c] };
                for (size_t w = 0; w < SIZE(weights); w++)
                    if (sa_fixed_fits(&s, weights[w]))
                        check_decoders(&backends[l], &s, COUNT, weights[w],
                            &state);
                for (int i = 0; i < 4; i++) {
                    const uint64_t w = prng_next(&state) >> 32
                        >> prng_next(&state) % 32;
                    if (sa_fixed_fits(&s, w))
                        check_decoders(&backends[l], &s, COUNT, w, &state);
                }
            }
}
END_TEST

/* Returns a clip with which the value of d is as near to the middle of two
 * floats as a double can be, or `beside` doubles next to that. */
static double near_middle(uint64_t d, uint64_t zero, uint64_t w, bool mean,
    int beside, uint64_t *state)
{
    const uint64_t middle = (uint64_t)1 << 24 | (prng_next(state) >> 40) | 1;
    double clip = ldexp((double)middle, (int)(prng_next(state) % 40) - 60)
        * (double)zero * (mean ? (double)w : 1) / (double)d;

    for (; beside > 0; beside--)
        clip = nextafter(clip, INFINITY);
    for (; beside < 0; beside++)
        clip = nextafter(clip, 0);
    return clip;
}

START_TEST(every_backend_rounds_correctly_near_the_middle_of_two_floats)
{
    static fenced in;
    uint64_t state = 9;

    for (size_t l = 0; l < SIZE(backends); l++)
        for (int i = 0; i < 20000 && present(&backends[l]); i++) {
            const uint32_t q = 2 + (uint32_t)(prng_next(&state) % 22);
            const uint64_t zero = ((uint64_t)1 << (q - 1)) - 1;
            const uint64_t w = 1 + prng_next(&state) % (0x7fffff / zero);
            const uint64_t d = 1 + prng_next(&state) % (w * zero);
            const uint64_t sum = i % 4 < 2 ? w * zero + d : w * zero - d;
            const bool mean = i & 1;
            const secagg_segment s = { .kind = SECAGG_REAL, .value_bits = q,
                .bits = 24, .clip = near_middle(d, zero, w, mean, i % 9 - 4,
                    &state) };
            fill_sums(&in, 2 * w * zero, 24, true, &state);
            in.at.u32[i % COUNT] = (uint32_t)sum;
            check_decoder(&backends[l], &s, &in, COUNT, w, true, true, mean);
        }
}
END_TEST

START_TEST(every_backend_decodes_vectors_of_every_length)
{
    const secagg_segment s = { .length = COUNT, .kind = SECAGG_REAL,
        .value_bits = 20, .clip = 0.7 };
    uint64_t state = 4;

    for (size_t l = 0; l < SIZE(backends); l++)
        for (size_t count = 0; count <= 40 && present(&backends[l]); count++)
            check_decoders(&backends[l], &s, count, 7, &state);
}
END_TEST

/* The limits are W zero < 2^52 and W < 2^32. */
START_TEST(sums_that_are_not_exact_in_doubles_do_not_fit_a_backend)
{
    secagg_segment s = { .value_bits = 32 };

    ck_assert(sa_fixed_fits(&s, 2097152));
    ck_assert(!sa_fixed_fits(&s, 2097153));
    s.value_bits = 2;
    ck_assert(sa_fixed_fits(&s, UINT32_MAX));
    ck_assert(!sa_fixed_fits(&s, (uint64_t)UINT32_MAX + 1));
    ck_assert(!sa_fixed_fits(&s, UINT64_MAX));
}
END_TEST

/* ---- the check of totals ------------------------------------------------ */

/* All totals but one are the maximum, which is next to an edge. */
static void check_over(const struct backend *l, size_t count, uint64_t max)
{
    uint64_t wide[COUNT];
    uint32_t narrow[COUNT];
    const bool fits = max <= UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        wide[i] = max;
        narrow[i] = (uint32_t)max;
    }
    ck_assert(!l->code->over_u64(wide, count, max));
    ck_assert(!fits || !l->code->over_u32(narrow, count, (uint32_t)max));
    for (size_t i = 0; i < count; i++) {
        if (max < UINT64_MAX) {
            wide[i] = i % 2 ? max + 1 : UINT64_MAX;
            ck_assert(l->code->over_u64(wide, count, max));
        }
        if (max < UINT32_MAX) {
            narrow[i] = i % 2 ? (uint32_t)max + 1 : UINT32_MAX;
            ck_assert(l->code->over_u32(narrow, count, (uint32_t)max));
        }
        wide[i] = i % 2 ? 0 : max;
        narrow[i] = (uint32_t)wide[i];
        ck_assert(!l->code->over_u64(wide, count, max));
        ck_assert(!fits || !l->code->over_u32(narrow, count, (uint32_t)max));
    }
}

START_TEST(every_backend_finds_a_total_over_the_maximum)
{
    static const uint64_t edges[] = { 1, 0x7fffffff, 0x80000000, 0xffffffff,
        0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
        0xffffffffffffffff };

    for (size_t l = 0; l < SIZE(backends); l++)
        for (size_t count = 0; count <= 70 && present(&backends[l]); count++)
            for (size_t i = 0; i < SIZE(edges); i++) {
                check_over(&backends[l], count, edges[i] - 1);
                check_over(&backends[l], count, edges[i]);
            }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_backend_encodes_as_specified,
        every_backend_encodes_vectors_of_every_length,
        every_backend_decodes_as_specified,
        every_backend_rounds_correctly_near_the_middle_of_two_floats,
        every_backend_decodes_vectors_of_every_length,
        sums_that_are_not_exact_in_doubles_do_not_fit_a_backend,
        every_backend_finds_a_total_over_the_maximum };

    return RUN(tests);
}
