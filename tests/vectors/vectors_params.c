/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of params, choice and graph (PROTOCOL.md 2, 5). */
#include <math.h>
#include <string.h>

#include "core/bits.h"
#include "core/wire.h"
#include "message/msg_part.h"
#include "session/graph.h"
#include "session/key_schedule.h"
#include "session/params.h"
#include "session/tails.h"
#include "support/laxest_policy.h"
#include "vectors/vectors.h"

/* ---- params ------------------------------------------------------------- */

/* The library refuses a vector of more than half of the address space, since a
 * message could not contain it; on a 32-bit machine some tests have one. */
static void expect_size_limit(vec *v)
{
    if (v->error[0] == '\0' && vec_u64(v, "vectorSize") > SIZE_MAX / 2)
        v->error = "ARG";
}

static void run_params(vec *v)
{
    const vec_bytes in = vec_hex(v, "params");
    uint8_t *out = vec_alloc(v, in.len, 1);
    secagg_params *given = NULL;
    sa_params *own = NULL;

    expect_size_limit(v);
    if (vec_check(v, secagg_params_decode(&given, in.ptr, in.len))
        && vec_ok(v, secagg_params_encode(given, out, in.len))
        && vec_ok(v, sa_params_new(&own, given))) {
        vec_expect_bytes(v, "params", out, in.len);
        vec_expect_bytes(v, "hCtx", own->context, sizeof own->context);
        vec_expect_int(v, "floor", own->min_set);
        vec_expect_u64(v, "vectorSize", own->vector);
    }
    sa_params_free(own);
    secagg_params_free(given);
}

/* Reads the members from the layout of 2.3, without any check. */
static bool read_layout(vec *v, vec_bytes in, secagg_params *p)
{
    const uint8_t *at = in.ptr;
    secagg_segment *segments;

    if (in.len < 98 || (in.len - 98) / 20 != sa_get_be32(at + 92))
        return false;
    *p = (secagg_params)SECAGG_PARAMS_INIT;
    p->suite = sa_get_be16(at + 2);
    p->mode = at[4];
    memcpy(p->session, at + 8, sizeof p->session);
    p->round = sa_get_be64(at + 24);
    p->clients = sa_get_be32(at + 32);
    p->neighbours = sa_get_be32(at + 36);
    p->threshold = sa_get_be32(at + 40);
    p->corrupt = sa_get_be32(at + 44);
    p->min_survivors = sa_get_be32(at + 48);
    p->max_weight = sa_get_be64(at + 52);
    p->min_weight = at[6];
    memcpy(p->app_digest, at + 60, sizeof p->app_digest);
    p->segment_count = sa_get_be32(at + 92);
    p->segments = segments = vec_alloc(v, p->segment_count, sizeof *segments);
    at += 96;
    for (size_t i = 0; i < p->segment_count; i++, at += 20) {
        const uint64_t clip = sa_get_be64(at + 12);
        segments[i] = (secagg_segment){ .length = sa_get_be64(at),
            .kind = at[8], .bits = at[9], .value_bits = at[10],
            .rounding = at[11] };
        memcpy(&segments[i].clip, &clip, sizeof clip);
    }
    return true;
}

static void run_fill(vec *v)
{
    const vec_bytes in = vec_hex(v, "unfilled");
    uint8_t *out = vec_alloc(v, in.len, 1);
    secagg_params p;

    if (!read_layout(v, in, &p))
        vec_fail(v, "unfilled: not the layout of parameters");
    else if (vec_check(v, secagg_params_encode(&p, out, in.len)))
        vec_expect_bytes(v, "params", out, in.len);
}

static void run_policy(vec *v)
{
    static const uint8_t seed[SECAGG_SEED_BYTES];
    const vec_bytes in = vec_hex(v, "params");
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_client *client = NULL;
    secagg_params *given;

    policy.min_clients = vec_u32(v, "minClients");
    policy.min_survivors = vec_u32(v, "minSurvivors");
    policy.min_corrupt = vec_double(v, "minCorrupt");
    policy.require_active = vec_bool(v, "requireActive");
    policy.min_ring = vec_u32(v, "minRing");
    policy.min_weight = vec_u32(v, "minWeight");
    policy.any_digest = vec_bool(v, "anyDigest");
    memcpy(policy.app_digest, vec_fixed(v, "appDigest",
        sizeof policy.app_digest), sizeof policy.app_digest);
    if (!vec_ok(v, secagg_params_decode(&given, in.ptr, in.len)))
        return;
    vec_check(v, secagg_client_new_seeded(&client, given, vec_u32(v, "index"),
        &policy, seed));
    secagg_client_free(client);
    secagg_params_free(given);
}

/* The maximum number of segments in a test, one more than is allowed. */
#define SEGMENTS_LIMIT 65536

/* Reads parameters and takes their segments `times` times. */
static void read_segments(vec *v, secagg_params *p)
{
    const size_t times = vec_up_to(v, "times", SEGMENTS_LIMIT);
    const vec_bytes in = vec_hex(v, "params");
    secagg_segment *segments;

    if (!read_layout(v, in, p) || times == 0
        || p->segment_count > SEGMENTS_LIMIT / times) {
        vec_fail(v, "params, times: not parameters");
        return;
    }
    segments = vec_alloc(v, p->segment_count * times, sizeof *segments);
    for (size_t i = 0; i < times; i++)
        memcpy(segments + i * p->segment_count, p->segments,
            p->segment_count * sizeof *segments);
    p->segments = segments;
    p->segment_count *= times;
}

static void expect_lanes(vec *v, const sa_lanes *lanes)
{
    uint8_t bits[SA_LANES_MAX];
    uint64_t counts[SA_LANES_MAX];

    for (size_t i = 0; i < lanes->count; i++) {
        bits[i] = (uint8_t)lanes->lane[i].bits;
        counts[i] = lanes->lane[i].entries;
    }
    vec_expect_bytes(v, "lanes", bits, lanes->count);
    vec_expect_u64s(v, "counts", counts, lanes->count);
    vec_expect_u64(v, "nblocks", lanes->blocks);
    vec_expect_int(v, "minPart", sa_lanes_min_part(lanes));
}

static void expect_offsets(vec *v, const sa_lanes *lanes)
{
    size_t count;
    uint64_t *at = vec_u64s(v, "blocks", &count);

    for (size_t i = 0; i < count; i++)
        if (at[i] <= lanes->blocks)
            at[i] = sa_lanes_at(lanes, at[i]);
        else
            vec_fail(v, "blocks: %zu is beyond the vector", i);
    vec_expect_u64s(v, "offsets", at, count);
}

static void expect_places(vec *v, const sa_params *own,
    const secagg_params *given)
{
    size_t count;
    const uint32_t *segments = vec_u32s(v, "segments", &count);
    uint64_t *places = vec_alloc(v, count, sizeof *places), place;
    uint32_t bits;

    for (size_t i = 0; i < count; i++) {
        if (!vec_ok(v, secagg_params_place(given, segments[i], &bits,
            &places[i])))
            return;
        place = own->places[segments[i]];
        if (place != places[i] || bits != own->segments[segments[i]].bits)
            vec_fail(v, "places: not that of secagg_params_place");
    }
    vec_expect_u64s(v, "places", places, count);
}

static void run_lanes(vec *v)
{
    secagg_params given = SECAGG_PARAMS_INIT;
    sa_params *own = NULL;

    expect_size_limit(v);
    read_segments(v, &given);
    if (v->failure[0] == '\0' && vec_check(v, sa_params_new(&own, &given))) {
        vec_expect_u64(v, "vectorSize", own->vector);
        expect_lanes(v, &own->lanes);
        expect_offsets(v, &own->lanes);
        expect_places(v, own, &given);
    }
    sa_params_free(own);
}

#define PLANES_LIMIT 4096

/* The body of an INPUT_PART, after `accepted` blocks. */
static void run_part(vec *v)
{
    const vec_bytes in = vec_hex(v, "params");
    const size_t len = 48 + vec_up_to(v, "planeBytes", PLANES_LIMIT);
    uint8_t *body = vec_alloc(v, len, 1);
    sa_reader r = sa_reader_on(body, len);
    secagg_params *given;
    sa_params *own;
    sa_part_msg part;

    sa_put_be64(body + 36, vec_u64(v, "first"));
    sa_put_be32(body + 44, vec_u32(v, "blocks"));
    if (!vec_ok(v, secagg_params_decode(&given, in.ptr, in.len)))
        return;
    if (vec_ok(v, sa_params_new(&own, given))) {
        vec_check(v, sa_part_read(&r, &part, own, vec_u64(v, "accepted")));
        sa_params_free(own);
    }
    secagg_params_free(given);
}

/* ---- choice ------------------------------------------------------------- */

/* The library may leave min_survivors at 0, its default. */
static void want_choice(vec *v, secagg_params *p)
{
    vec_expect_int(v, "neighbours", p->neighbours);
    vec_expect_int(v, "threshold", p->threshold);
    vec_expect_int(v, "corrupt", p->corrupt);
    if (p->neighbours == 0 && p->min_survivors == 0
        && vec_int(v, "minSurvivors") != 0)
        p->min_survivors = p->threshold > 3 ? p->threshold : 3;
    vec_expect_int(v, "minSurvivors", p->min_survivors);
}

static void choose(vec *v, const secagg_policy *policy)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = vec_u32(v, "clients");
    p.mode = vec_bool(v, "active") ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    if (vec_check(v, secagg_params_choose(&p, vec_double(v, "gamma"),
        vec_double(v, "delta"), vec_u32(v, "sigma"), vec_u32(v, "eta"),
        policy, NULL, 0)))
        want_choice(v, &p);
}

/* Without a policy: one that asks for nothing. */
static void run_choice(vec *v)
{
    const secagg_policy lax = laxest_policy();

    choose(v, &lax);
}

static void run_policy_choice(vec *v)
{
    secagg_policy policy = SECAGG_POLICY_INIT;

    policy.min_clients = vec_u32(v, "policyClients");
    policy.min_ring = vec_u32(v, "policyRing");
    policy.min_survivors = vec_u32(v, "policySurvivors");
    policy.min_corrupt = vec_double(v, "policyCorrupt");
    policy.require_active = vec_bool(v, "policyActive");
    choose(v, &policy);
}

/* The choice for the default policy, but for min_ring. */
static secagg_params default_choice(vec *v, uint32_t min_ring, double dropout)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    secagg_params p = SECAGG_PARAMS_INIT;

    policy.min_ring = min_ring;
    p.clients = vec_u32(v, "clients");
    vec_ok(v, secagg_params_choose(&p, 0, dropout, 40, 20, &policy, NULL,
        0));
    return p;
}

static void run_accepted(vec *v)
{
    secagg_params p = default_choice(v, UINT32_MAX, 0);

    if (v->failure[0] != '\0')
        return;
    vec_expect_int(v, "corrupt", p.corrupt);
    vec_expect_int(v, "threshold", p.threshold);
    vec_expect_int(v, "dropouts", p.clients - p.threshold);
    p = default_choice(v, 0, 0.05);
    if (p.neighbours == 0)
        p.threshold = p.corrupt = p.min_survivors = 0;
    vec_expect_int(v, "neighbours", p.neighbours);
    vec_expect_int(v, "ringThreshold", p.threshold);
    vec_expect_int(v, "ringCorrupt", p.corrupt);
    vec_expect_int(v, "ringSurvivors", p.min_survivors);
}

#define CUT_MAX ((size_t)1 << 24) /* bytes of a number of draws */

static bool is_zero(vec_bytes number)
{
    for (size_t i = 0; i < number.len; i++)
        if (number.ptr[i] != 0)
            return false;
    return true;
}

/* Returns a / b. The numbers are big-endian, and b is not 0. */
static double quotient(vec_bytes a, vec_bytes b)
{
    const vec_bytes numbers[2] = { a, b };
    double high[2] = { 0, 0 };
    int scale[2] = { 0, 0 };

    for (int i = 0; i < 2; i++)
        for (size_t at = 0; at < numbers[i].len; at++)
            if (high[i] < 0x1p64)
                high[i] = high[i] * 256 + numbers[i].ptr[at];
            else
                scale[i] += 8;
    return ldexp(high[0] / high[1], scale[0] - scale[1]);
}

/* Doubles against rationals: the relative error is below 10^-10. */
static void run_cut(vec *v)
{
    const vec_bytes above = vec_hex(v, "numerator");
    const vec_bytes below = vec_hex(v, "denominator");
    const uint32_t n = vec_u32(v, "clients"), k = vec_u32(v, "neighbours");
    const uint32_t t = vec_u32(v, "threshold"), a = vec_u32(v, "corrupt");
    const uint32_t survivors = vec_u32(v, "minSurvivors");
    uint32_t sigma = 0;
    double cut, exact;

    if (n < 4 || n > SECAGG_RING_MAX || k < 2 || k % 2 != 0 || k > n - 2
        || k > 4094 || t < 1 || t > k + 1 || a > n || survivors > n
        || above.len > CUT_MAX || below.len > CUT_MAX || is_zero(below))
        vec_fail(v, "no ring, or no probability");
    if (v->failure[0] != '\0')
        return;
    cut = sa_tails_cut(n, k, t, a, survivors);
    exact = quotient(above, below);
    if (!(fabs(cut - exact) <= 1e-10 * fmax(cut, 1e-45)))
        vec_fail(v, "P_cut: %g, not %g", cut, exact);
    while (sigma < 128 && sa_tails_cut_holds(n, k, t, a, survivors, sigma + 1))
        sigma++;
    vec_expect_int(v, "sigma", sigma);
}

/* ---- graph -------------------------------------------------------------- */

static void run_graph_seed(vec *v)
{
    uint8_t seed[32];

    if (vec_check(v, sa_derive_graph_seed(seed, vec_fixed(v, "serverSeed", 32),
        vec_fixed(v, "hCtx", 32), vec_fixed(v, "root", 32))))
        vec_expect_bytes(v, "graphSeed", seed, sizeof seed);
}

/* The permutation does not depend on k. */
static void run_permutation(vec *v)
{
    const uint32_t n = vec_up_to(v, "clients", SECAGG_RING_MAX);
    const uint8_t *seed = vec_fixed(v, "graphSeed", 32);
    sa_graph g = { 0, 0, NULL, NULL };

    if (v->failure[0] == '\0' && vec_check(v, sa_graph_init(&g, n, 2, seed))) {
        vec_expect_u32s(v, "permutation", g.at, n);
        for (uint32_t p = 0; p < n; p++)
            if (g.position[g.at[p]] != p)
                vec_fail(v, "position: not the inverse at %u", p);
    }
    sa_graph_free(&g);
}

/* Gets the peers as a list, pair by pair, and by the public function. */
static void run_peers(vec *v)
{
    const uint32_t n = vec_up_to(v, "clients", SECAGG_RING_MAX);
    const uint32_t k = vec_u32(v, "neighbours");
    const uint32_t u = vec_up_to(v, "index", n > 0 ? n - 1 : 0);
    const uint8_t *seed = vec_fixed(v, "graphSeed", 32);
    uint32_t *list, count = 0;
    sa_graph g = { 0, 0, NULL, NULL };

    if (v->failure[0] == '\0' && n > 0
        && vec_check(v, sa_graph_init(&g, n, k, seed))) {
        list = vec_alloc(v, sa_graph_degree(&g), sizeof *list);
        sa_graph_list(&g, list, u);
        vec_expect_u32s(v, "peers", list, sa_graph_degree(&g));
        for (uint32_t w = 0; w < n && count < sa_graph_degree(&g); w++)
            if (sa_graph_adjacent(&g, u, w))
                list[count++] = w;
        vec_expect_u32s(v, "peers", list, count);
        if (k > 0 && vec_ok(v, secagg_graph_neighbours(list, n, k, seed,
            u)))
            vec_expect_u32s(v, "peers", list, k);
    }
    sa_graph_free(&g);
}

static void run_connected(vec *v)
{
    const uint32_t n = vec_up_to(v, "clients", SECAGG_RING_MAX);
    const uint32_t k = vec_u32(v, "neighbours");
    const uint8_t *seed = vec_fixed(v, "graphSeed", 32);
    const uint8_t *u3 = vec_sized(v, "u3", sa_bitmap_bytes(n));
    sa_graph g = { 0, 0, NULL, NULL };

    if (u3 != NULL && vec_check(v, sa_graph_init(&g, n, k, seed)))
        vec_expect_int(v, "connected", sa_graph_connected(&g, u3));
    sa_graph_free(&g);
}

const vec_type vec_params[] = {
    { "Params", "", "params hCtx floor vectorSize", run_params },
    { "Fill", "", "unfilled params", run_fill },
    { "Lanes", "", "params times lanes counts nblocks vectorSize minPart "
                   "segments places blocks offsets", run_lanes },
    { "Part", "", "params accepted first blocks planeBytes", run_part },
    { "Policy", "", "params index minClients minRing minSurvivors minCorrupt "
                    "requireActive minWeight appDigest anyDigest",
        run_policy },
    { "Choice", "", "clients active gamma delta sigma eta neighbours "
                    "threshold corrupt minSurvivors", run_choice },
    { "PolicyChoice", "", "clients active gamma delta sigma eta policyClients "
                          "policyRing policySurvivors policyCorrupt "
                          "policyActive neighbours threshold corrupt "
                          "minSurvivors", run_policy_choice },
    { "Accepted", "", "clients corrupt threshold dropouts neighbours "
                      "ringThreshold ringCorrupt ringSurvivors",
        run_accepted },
    { "Cut", "", "clients neighbours threshold corrupt minSurvivors "
                 "numerator denominator sigma", run_cut },
    { "GraphSeed", "", "serverSeed hCtx root graphSeed", run_graph_seed },
    { "Permutation", "", "graphSeed clients permutation", run_permutation },
    { "Peers", "", "graphSeed clients neighbours index peers", run_peers },
    { "Connected", "", "graphSeed clients neighbours u3 connected",
        run_connected },
    { NULL, NULL, NULL, NULL },
};
