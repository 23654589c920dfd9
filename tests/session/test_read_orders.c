/* SPDX-License-Identifier: Apache-2.0 */
/* Segments of one modulus that encode values in different ways share a lane of
 * the sum. Each is read in each format right after each other one; the expected
 * sums follow from the definitions of PROTOCOL.md 7.1, 7.3 and 7.5. */
#include <math.h>

#include "support/main.h"
#include "support/party.h"
#include "support/util.h"

#define CLIENTS 3
#define LENGTH 9
#define SUM_OF_WEIGHTS (1 + 2 + 5)

/* All clients supply the same values: 0, and for odd entries the greatest real
 * or this integer. */
#define INTEGER 77

static const uint64_t weights[CLIENTS] = { 1, 2, 5 };

static const secagg_segment segments[] = {
    { .length = LENGTH, .bits = 32, .value_bits = 16, .clip = 1,
        .kind = SECAGG_REAL },
    { .length = LENGTH, .bits = 32, .value_bits = 16, .clip = 4,
        .kind = SECAGG_REAL },
    { .length = LENGTH, .bits = 32, .value_bits = 12, .clip = 4,
        .kind = SECAGG_REAL },
    { .length = LENGTH, .bits = 32, .value_bits = 12, .clip = 4,
        .kind = SECAGG_WEIGHTED },
    { .length = LENGTH, .bits = 32, .value_bits = 12,
        .kind = SECAGG_UNSIGNED },
    { .length = LENGTH, .bits = 32, .value_bits = 12, .kind = SECAGG_SIGNED },
    { .length = LENGTH, .bits = 32, .kind = SECAGG_INTEGER },
};

#define SEGMENTS (sizeof segments / sizeof *segments)

static bool is_real(const secagg_segment *s)
{
    return s->clip > 0;
}

/* The number of addends, or their sum of weights. */
static uint64_t addends(const secagg_segment *s)
{
    return s->kind == SECAGG_WEIGHTED ? SUM_OF_WEIGHTS : CLIENTS;
}

/* ---- formats ------------------------------------------------------------ */

enum { U64, I64, F32, F64, MEAN_F32, MEAN_F64, FORMATS };

static void check_real(const secagg_segment *s, bool mean, double sum,
    size_t e)
{
    const double one = e % 2 ? s->clip : 0;
    const double want = mean ? one : one * (double)addends(s);

    ck_assert(fabs(sum - want) <= 1e-6 * s->clip);
}

/* The sum of an entry of reals has its codes, of which 0 has the middle one, 2
 * zero is the greatest, and zero = 2^(q-1) - 1. */
static void check_integer(const secagg_segment *s, uint64_t sum, size_t e)
{
    uint64_t one = INTEGER * (e % 2);

    if (is_real(s))
        one = (((uint64_t)1 << (s->value_bits - 1)) - 1) * (1 + e % 2);
    ck_assert_uint_eq(sum, one * addends(s));
}

static void read_integers(const secagg_server *server, size_t k, int format)
{
    uint64_t u64[LENGTH];
    int64_t i64[LENGTH];

    if (format == U64)
        OK(secagg_server_sum_u64(server, k, 0, u64, LENGTH));
    else
        OK(secagg_server_sum_i64(server, k, 0, i64, LENGTH));
    for (size_t e = 0; e < LENGTH; e++)
        check_integer(&segments[k], format == U64 ? u64[e]
                                                  : (uint64_t)i64[e], e);
}

static void read_reals(const secagg_server *server, size_t k, int format)
{
    const bool mean = format == MEAN_F32 || format == MEAN_F64;
    const bool is_float = format == F32 || format == MEAN_F32;
    double f64[LENGTH];
    float f32[LENGTH];

    if (is_float)
        OK((mean ? secagg_server_mean_f32 : secagg_server_sum_f32)(server, k,
            0, f32, LENGTH));
    else
        OK((mean ? secagg_server_mean_f64 : secagg_server_sum_f64)(server, k,
            0, f64, LENGTH));
    for (size_t e = 0; e < LENGTH; e++)
        check_real(&segments[k], mean, is_float ? (double)f32[e] : f64[e], e);
}

static void read_segment(const secagg_server *server, size_t k, int format)
{
    if (format <= I64)
        read_integers(server, k, format);
    else if (is_real(&segments[k]))
        read_reals(server, k, format);
}

/* ---- the session -------------------------------------------------------- */

static void supply(secagg_client *client, size_t k)
{
    double reals[LENGTH];
    uint64_t integers[LENGTH];

    for (size_t e = 0; e < LENGTH; e++) {
        reals[e] = e % 2 ? segments[k].clip : 0;
        integers[e] = INTEGER * (e % 2);
    }
    if (is_real(&segments[k]))
        OK(secagg_client_input_f64(client, k, 0, reals, LENGTH));
    else
        OK(secagg_client_input_u64(client, k, 0, integers, LENGTH));
}

START_TEST(every_segment_can_be_read_after_every_other_one)
{
    const size_t reads = SEGMENTS * FORMATS;
    secagg_params params = small_params(CLIENTS, 2, 0);
    party p;

    params.segments = segments;
    params.segment_count = SEGMENTS;
    params.max_weight = 10;
    party_init(&p, &params, 31);
    for (size_t i = 0; i < CLIENTS; i++) {
        OK(secagg_client_weight(p.clients[i], weights[i]));
        for (size_t k = 0; k < SEGMENTS; k++)
            supply(p.clients[i], k);
    }
    OK(party_run(&p));
    for (size_t a = 0; a < reads; a++)
        for (size_t b = 0; b < reads; b++) {
            read_segment(p.server, a / FORMATS, (int)(a % FORMATS));
            read_segment(p.server, b / FORMATS, (int)(b % FORMATS));
        }
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_segment_can_be_read_after_every_other_one };
    return RUN(tests);
}
