/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mixed_segments.h"

#include <check.h>
#include <string.h>

#include "support/util.h"

#define INTEGERS(n, b) { .length = (n), .kind = SECAGG_INTEGER, .bits = (b) }
#define REALS(n, k, r)                                                        \
    { .length = (n), .kind = (k), .value_bits = VALUE_BITS,                   \
        .rounding = (r), .clip = CLIP }

const secagg_segment segments[SEGMENTS] = {
    INTEGERS(7, 1),
    REALS(513, SECAGG_REAL, SECAGG_STOCHASTIC),
    INTEGERS(1500, 13),
    REALS(1, SECAGG_REAL, SECAGG_NEAREST),
    REALS(1500, SECAGG_WEIGHTED, SECAGG_STOCHASTIC),
    INTEGERS(512, 64),
    REALS(512, SECAGG_WEIGHTED, SECAGG_NEAREST),
    INTEGERS(1, 13),
    REALS(1500, SECAGG_REAL, SECAGG_NEAREST),
    REALS(7, SECAGG_WEIGHTED, SECAGG_NEAREST),
    INTEGERS(513, 1),
};

/* 15 bits hold five times 4095, 25 that a thousandfold, 13 five thousand. */
const lane_model mixed_lanes = {
    (const uint32_t[]){ 1, 15, 13, 15, 25, 64, 25, 13, 15, 25, 1, 13 },
    (const uint64_t[]){ 7, 513, 1500, 1, 1500, 512, 512, 1, 1500, 7, 513, 1 },
    SEGMENTS + 1 };

secagg_params mixed_params(uint32_t suite)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    memset(p.session, 0x3c, sizeof p.session);
    p.suite = suite < FIRST_SUITE ? FIRST_SUITE : suite;
    p.clients = N;
    p.threshold = T;
    p.min_survivors = 2;
    p.max_weight = MAX_WEIGHT;
    p.segments = segments;
    p.segment_count = SEGMENTS;
    return p;
}

/* ---- input of the clients ----------------------------------------------- */

static uint64_t entry_bits(uint32_t i, size_t s, uint64_t e)
{
    uint64_t state = (i + 1) * (uint64_t)7919 + s * 104729 + e * 1299709;
    return prng_next(&state);
}

uint64_t segment_mask(size_t s)
{
    return UINT64_MAX >> (64 - segments[s].bits);
}

uint64_t integer_entry(uint32_t i, size_t s, uint64_t e)
{
    return entry_bits(i, s, e) & segment_mask(s);
}

double real_entry(uint32_t i, size_t s, uint64_t e)
{
    const double unit = (double)(entry_bits(i, s, e) >> 40) / 16777216.0;

    return (double)(float)(unit * 6.0 - 3.0);
}

uint64_t weight(uint32_t i)
{
    return i == 3 ? 0 : i == 4 ? MAX_WEIGHT : 17 * i + 1;
}

void input_range(secagg_client *c, uint32_t i, size_t s, uint64_t from,
    uint64_t to)
{
    uint64_t u64[MAX_LENGTH];
    int64_t i64[MAX_LENGTH];
    double f64[MAX_LENGTH];
    float f32[MAX_LENGTH];
    const size_t count = (size_t)(to - from);
    secagg_err err;

    for (size_t k = 0; k < count; k++) {
        f64[k] = real_entry(i, s, from + k);
        f32[k] = (float)f64[k];
        u64[k] = segments[s].kind == SECAGG_INTEGER
            ? integer_entry(i, s, from + k)
                                                    : 0;
        i64[k] = (int64_t)u64[k];
    }
    if (segments[s].kind == SECAGG_INTEGER)
        err = i % 2 ? secagg_client_input_i64(c, s, from, i64, count)
                    : secagg_client_input_u64(c, s, from, u64, count);
    else
        err = i % 2 ? secagg_client_input_f32(c, s, from, f32, count)
                    : secagg_client_input_f64(c, s, from, f64, count);
    ck_assert_int_eq(err, SECAGG_OK);
}
