/* SPDX-License-Identifier: Apache-2.0 */
/* fp_modes: a host's rounding mode, its treatment of subnormal numbers and its
 * exception flags change no byte of a session, and the library leaves them as
 * they are. Each is compared with the same session in the default
 * environment. */
#include <float.h>
#include <math.h>

#include "support/fp_modes.h"
#include "support/laxest_policy.h"
#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

#define CLIENTS 3
#define LENGTH 1500
#define SEGMENTS 3

/* With these clips values and steps are subnormal floats. */
static const secagg_segment segments[SEGMENTS] = {
    { .length = LENGTH, .kind = SECAGG_REAL, .value_bits = 16,
        .clip = 0x1p-130 },
    { .length = LENGTH, .kind = SECAGG_REAL, .value_bits = 10, .clip = 0.3 },
    { .length = LENGTH, .kind = SECAGG_WEIGHTED, .value_bits = 24, .clip = 0.7,
        .rounding = SECAGG_NEAREST },
};

/* Input of a client, computed in the default environment. */
typedef struct sample_input {
    float f32[SEGMENTS][LENGTH];
    double f64[SEGMENTS][LENGTH];
} sample_input;

static void fill(sample_input *in, uint64_t state)
{
    for (size_t s = 0; s < SEGMENTS; s++)
        for (size_t e = 0; e < LENGTH; e++) {
            const double unit = (double)(int64_t)prng_next(&state) * 0x1p-63;
            in->f64[s][e] = unit * 1.1 * segments[s].clip;
            in->f32[s][e] = (float)in->f64[s][e];
        }
    in->f64[1][0] = 0x1p-1074;
    in->f64[1][1] = -0x1p-1074;
    in->f32[1][2] = 0x1p-149F;
    in->f32[1][3] = -0.0F;
}

/* Everything that a session gives out about its sums. */
typedef struct results {
    float sum32[SEGMENTS][LENGTH], mean32[SEGMENTS][LENGTH];
    double sum64[SEGMENTS][LENGTH], mean64[SEGMENTS][LENGTH];
    uint64_t clipped[CLIENTS][SEGMENTS];
} results;

/* Client 1 gives floats, the others doubles. */
static void supply(party *p, size_t mode)
{
    for (uint32_t i = 0; i < CLIENTS; i++) {
        static sample_input in;
        fill(&in, i);
        OK(secagg_client_weight(p->clients[i], i + 1));
        for (size_t s = 0; s < SEGMENTS; s++) {
            secagg_err err;
            fp_set(mode);
            err = i == 1
                ? secagg_client_input_f32(p->clients[i], s, 0, in.f32[s],
                    LENGTH)
                : secagg_client_input_f64(p->clients[i], s, 0, in.f64[s],
                    LENGTH);
            ck_assert(fp_reset(mode));
            OK(err);
        }
    }
}

static void read_results(const party *p, size_t mode, results *r)
{
    secagg_err err[4];

    for (size_t s = 0; s < SEGMENTS; s++) {
        fp_set(mode);
        err[0] = secagg_server_sum_f32(p->server, s, 0, r->sum32[s], LENGTH);
        err[1] = secagg_server_mean_f32(p->server, s, 0, r->mean32[s], LENGTH);
        err[2] = secagg_server_sum_f64(p->server, s, 0, r->sum64[s], LENGTH);
        err[3] = secagg_server_mean_f64(p->server, s, 0, r->mean64[s], LENGTH);
        ck_assert(fp_reset(mode));
        for (int i = 0; i < 4; i++)
            OK(err[i]);
        for (uint32_t i = 0; i < CLIENTS; i++)
            r->clipped[i][s] = secagg_client_clipped(p->clients[i], s);
    }
}

static secagg_params params_of(uint32_t suite)
{
    secagg_params params = SECAGG_PARAMS_INIT;

    params.suite = suite;
    params.clients = params.threshold = CLIENTS;
    params.min_survivors = 3;
    params.max_weight = 3;
    params.segments = segments;
    params.segment_count = SEGMENTS;
    return params;
}

/* Run a session whose host has an environment; returns its messages. */
static transcript *run(const secagg_params *params, size_t mode, results *r)
{
    transcript *said;
    party p;

    party_init(&p, params, 5);
    p.transcript = said = calloc(1, sizeof *said);
    ck_assert_ptr_nonnull(said);
    supply(&p, mode);
    OK(party_run(&p));
    read_results(&p, mode, r);
    party_free(&p);
    return said;
}

START_TEST(the_environment_of_the_host_changes_no_byte)
{
    static results want, got;

    for (uint32_t suite = FIRST_SUITE; suite <= 2; suite++) {
        const secagg_params params = params_of(suite);
        transcript *said = run(&params, 0, &want), *again;
        for (size_t mode = 0; mode < FP_MODES; mode++) {
            memset(&got, 0, sizeof got);
            again = run(&params, mode, &got);
            ck_assert_mem_eq(&got, &want, sizeof got);
            for (int i = 0; i < CLIENTS; i++)
                ck_assert(transcript_same(said, again, UP, SECAGG_PHASE_INPUT,
                    i));
            transcript_free(again);
        }
        transcript_free(said);
    }
}
END_TEST

/* Sums of the first segment are subnormal floats, and not 0. */
START_TEST(subnormal_results_are_the_doubles_converted_once)
{
    static results r;
    const secagg_params params = params_of(FIRST_SUITE);
    size_t subnormal = 0;

    for (size_t mode = 0; mode < FP_MODES; mode++) {
        transcript_free(run(&params, mode, &r));
        for (size_t s = 0; s < SEGMENTS; s++)
            for (size_t e = 0; e < LENGTH; e++) {
                const float sum = (float)r.sum64[s][e];
                const float mean = (float)r.mean64[s][e];
                ck_assert_mem_eq(&r.sum32[s][e], &sum, sizeof sum);
                ck_assert_mem_eq(&r.mean32[s][e], &mean, sizeof mean);
                subnormal += fpclassify(sum) == FP_SUBNORMAL;
            }
    }
    ck_assert_uint_gt(subnormal, FP_MODES * LENGTH / 2);
}
END_TEST

/* The arithmetic itself raises FE_INEXACT; a host may have set it or not. */
START_TEST(exception_flags_of_the_host_stay_as_they_are)
{
#ifdef FE_INEXACT
    const secagg_params params = params_of(FIRST_SUITE);
    static const int flags[] = { 0, FE_INEXACT, FE_ALL_EXCEPT };
    static sample_input in;
    const secagg_policy policy = laxest_policy();
    float out[3];
    party p;

    for (int i = 0; i < 3; i++) {
        party_init(&p, &params, 5);
        supply(&p, 0);
        fill(&in, 9);
        OK(party_run(&p));
        secagg_client_free(p.clients[0]);
        OK(secagg_client_new_seeded(&p.clients[0], &params, 0,
            &policy, p.seeds[0]));
        feclearexcept(FE_ALL_EXCEPT);
        feraiseexcept(flags[i]);
        OK(secagg_client_input_f64(p.clients[0], 1, 0, in.f64[1], LENGTH));
        ck_assert_int_eq(fetestexcept(FE_ALL_EXCEPT), flags[i]);
        OK(secagg_server_mean_f32(p.server, 1, 0, out, 3));
        ck_assert_int_eq(fetestexcept(FE_ALL_EXCEPT), flags[i]);
        party_free(&p);
    }
#endif
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { the_environment_of_the_host_changes_no_byte,
        subnormal_results_are_the_doubles_converted_once,
        exception_flags_of_the_host_stay_as_they_are };
    return RUN(tests);
}
