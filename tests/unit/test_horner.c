/* SPDX-License-Identifier: Apache-2.0 */
/* horner: each backend compared with Horner's rule in integers of GMP, and limb
 * by limb with the portable backend. */
#include <gmp.h>

#include "core/cpu.h"
#include "crypto/horner.h"
#include "support/main.h"
#include "support/util.h"

#define STEPS 40

static const struct backend {
    const char *name;
    sa_horner *run;
    sa_horner_sums *sums;
    sa_cpu_vectors minimum;
} backends[] = {
    { "portable", sa_horner_portable, sa_horner_sums_portable,
        SA_CPU_BASE },
    { "avx2", sa_horner_avx2, sa_horner_sums_avx2,
        SA_CPU_AVX2 },
    { "avx512", sa_horner_avx512, sa_horner_sums_avx512,
        SA_CPU_AVX512 },
};

#define BACKENDS (sizeof backends / sizeof *backends)

/* Arguments of one run: initial values, points, and added coefficients. */
typedef struct job {
    uint64_t y[6][SA_LANES], x[STEPS][SA_LANES], a[STEPS][6];
    size_t x_step, a_step, steps;
} job;

static uint64_t limb(uint64_t *state, int i, int edge)
{
    const uint64_t all = ((uint64_t)1 << (i < 5 ? 43 : 37)) - 1;
    return edge == 1 ? all : edge == 2 ? 0 : prng_next(state) & all;
}

/* Random arguments; edge 1: the maximum of each, 2: the minimum. */
static void fill(job *j, uint64_t *state, int edge, size_t steps)
{
    *j = (job){ .x_step = prng_next(state) % 2 ? SA_LANES : 0,
        .a_step = prng_next(state) % 2 ? 6 : 0, .steps = steps };
    for (int i = 0; i < 6; i++)
        for (int l = 0; l < SA_LANES; l++)
            j->y[i][l] = limb(state, i, edge);
    for (size_t s = 0; s < STEPS; s++) {
        for (int l = 0; l < SA_LANES; l++)
            j->x[s][l] = edge == 1 ? 4096 : edge == 2 ? 0
                : prng_next(state) % 4097;
        for (int i = 0; i < 6; i++)
            j->a[s][i] = limb(state, i, edge);
    }
}

static void run(const struct backend *l, const job *j, uint64_t y[6][SA_LANES])
{
    memcpy(y, j->y, sizeof j->y);
    l->run(y, j->x[0], j->x_step, j->a[0], j->a_step, j->steps);
}

/* The sum of limbs times powers of 2^43; limbs are `stride` apart. */
static void value(mpz_t out, const uint64_t *limbs, size_t stride)
{
    mpz_set_ui(out, 0);
    for (int i = 5; i >= 0; i--) {
        mpz_mul_2exp(out, out, 43);
        mpz_add_ui(out, out, limbs[(size_t)i * stride]);
    }
}

/* Check one lane of the output: its value modulo ell, and the bounds of its
 * limbs. */
static void check_lane(const job *j, uint64_t y[6][SA_LANES], size_t lane)
{
    mpz_t want, got, a, order;

    mpz_inits(want, got, a, NULL);
    mpz_init_set_str(order, "7237005577332262213973186563042994240857116359379"
        "907606001950938285454250989", 10);
    value(want, &j->y[0][lane], SA_LANES);
    for (size_t s = 0; s < j->steps; s++) {
        value(a, j->a[j->a_step ? s : 0], 1);
        mpz_mul_ui(want, want, j->x[j->x_step ? s : 0][lane]);
        mpz_add(want, want, a);
        mpz_mod(want, want, order);
    }
    value(got, &y[0][lane], SA_LANES);
    mpz_sub(got, got, want);
    ck_assert(mpz_divisible_p(got, order));
    for (int i = 0; i < 5; i++)
        ck_assert(y[i][lane] < ((uint64_t)1 << 43) + ((uint64_t)1 << 16));
    ck_assert(y[5][lane] < ((uint64_t)1 << 38) + ((uint64_t)1 << 16));
    mpz_clears(want, got, a, order, NULL);
}

START_TEST(every_backend_agrees_with_horners_rule_in_gmp)
{
    uint64_t state = 1, y[6][SA_LANES];
    static job j;

    for (size_t l = 0; l < BACKENDS; l++) {
        if (sa_cpu_best() < backends[l].minimum) {
            printf("backend not present here: %s\n", backends[l].name);
            continue;
        }
        for (int edge = 0; edge < 3; edge++)
            for (size_t steps = 0; steps <= STEPS; steps++) {
                fill(&j, &state, edge, steps);
                run(&backends[l], &j, y);
                for (size_t lane = 0; lane < SA_LANES; lane++)
                    check_lane(&j, y, lane);
            }
    }
}
END_TEST

START_TEST(backends_agree_limb_by_limb)
{
    uint64_t state = 2, want[6][SA_LANES], got[6][SA_LANES];
    static job j;

    for (int times = 0; times < 2000; times++) {
        fill(&j, &state, times % 8, prng_next(&state) % (STEPS + 1));
        run(&backends[0], &j, want);
        for (size_t l = 1; l < BACKENDS; l++)
            if (sa_cpu_best() >= backends[l].minimum) {
                run(&backends[l], &j, got);
                ck_assert_mem_eq(got, want, sizeof got);
            }
    }
}
END_TEST

/* Term j of the sums of two groups is the sum of their values after j steps. */
START_TEST(sums_of_powers_are_sums_of_the_values_after_each_step)
{
    static const uint64_t none[6];
    uint64_t state = 3, y[2][6][SA_LANES], sums[STEPS][6][SA_LANES];
    static job j[2];

    for (size_t l = 0; l < BACKENDS; l++) {
        if (sa_cpu_best() < backends[l].minimum)
            continue;
        memset(sums, 0, sizeof sums);
        for (int g = 0; g < 2; g++) {
            fill(&j[g], &state, (int)l, STEPS);
            memcpy(y[g], j[g].y, sizeof y[g]);
            backends[l].sums(sums, y[g], j[g].x[0], STEPS);
        }
        for (size_t s = 0; s <= STEPS; s++) {
            for (int i = 0; i < 6 && s < STEPS; i++)
                for (size_t lane = 0; lane < SA_LANES; lane++)
                    ck_assert_uint_eq(sums[s][i][lane],
                        j[0].y[i][lane] + j[1].y[i][lane]);
            for (int g = 0; g < 2 && s < STEPS; g++)
                sa_horner_portable(j[g].y, j[g].x[0], 0, none, 0, 1);
        }
        for (int g = 0; g < 2; g++)
            ck_assert_mem_eq(y[g], j[g].y, sizeof y[g]);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_backend_agrees_with_horners_rule_in_gmp,
        backends_agree_limb_by_limb,
        sums_of_powers_are_sums_of_the_values_after_each_step };

    return RUN(tests);
}
