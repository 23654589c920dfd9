/* SPDX-License-Identifier: Apache-2.0 */
/* What a client on the ring does not believe: neighbours that are not its own,
 * sets beyond its roster, and parameters below its policy. */
#include <string.h>

#include "support/hypergeometric.h"
#include "support/main.h"
#include "support/ring_model.h"

#define ENTRY 68
#define AT_COUNT (PARTY_HEADER + 68) /* of ROSTER */
#define AT_ENTRIES (PARTY_HEADER + 72)

/* ---- rosters and sets --------------------------------------------------- */

/* A session of twelve clients, of which client 11 sends no KEYS, with the
 * messages of this phase not yet delivered. */
static void begin(driver *r, ring_model *m, secagg_phase phase)
{
    const secagg_params params = ring_params(12, 4, 3, 10);

    driver_init(r, &params, 79);
    model_init(m, &params);
    r->user = m;
    r->on_server_msg = check_server_msg;
    r->leaves[11] = SECAGG_PHASE_KEYS;
    while (secagg_server_phase(r->server) < phase) {
        if (secagg_server_phase(r->server) > SECAGG_PHASE_KEYS)
            driver_deliver(r);
        ck_assert_int_eq(driver_collect(r), SECAGG_OK);
    }
}

/* Check the error of a copy of the client for this message, cut or extended to
 * len bytes. */
static void check_copy_recv(driver *r, uint32_t v, const uint8_t *msg,
    size_t have, size_t len, secagg_err want)
{
    secagg_client *copy = driver_copy_client(r->clients[v]);
    uint8_t *forged = party_forge(msg, have, len, v);

    ck_assert_int_eq(secagg_client_recv(copy, forged, len), want);
    ck_assert_int_eq(secagg_client_error(copy), want);
    free(forged);
    secagg_client_free(copy);
}

/* Flip each bit of the graph seed: the client accepts the roster just if its
 * entries are neighbours under the changed seed, too. Counts the rosters that
 * it rejects. */
static void change_seed(driver *r, const ring_model *m, uint32_t v,
    uint8_t *msg, size_t len, uint32_t *rejected)
{
    const uint32_t count = get(msg + AT_COUNT);
    ring_model other = *m;

    for (int bit = 0; bit < 256; bit++) {
        bool fits = true;
        uint8_t *byte = msg + PARTY_HEADER + bit / 8;
        *byte = (uint8_t)(*byte ^ 1u << bit % 8);
        model_permute(&other, msg + PARTY_HEADER);
        for (uint32_t j = 0; j < count; j++) {
            const uint32_t w = get(msg + AT_ENTRIES + ENTRY * j);
            fits &= w == v || model_adjacent(&other, v, w);
        }
        check_copy_recv(r, v, msg, len, len, fits ? SECAGG_OK
                                            : SECAGG_ERR_MESSAGE);
        *rejected += !fits;
        *byte = (uint8_t)(*byte ^ 1u << bit % 8);
    }
}

/* Write each index into each entry. The client accepts only the original one,
 * or client 11 if that is a neighbour. */
static void change_indices(driver *r, const ring_model *m, uint32_t v,
    uint8_t *msg, size_t len)
{
    const uint32_t count = get(msg + AT_COUNT);

    for (uint32_t j = 0; j < count; j++) {
        uint8_t *at = msg + AT_ENTRIES + ENTRY * j;
        const uint32_t good = get(at);
        for (uint32_t w = 0; w < 14; w++) {
            put(at, w);
            if (w != good && (w != 11 || !model_adjacent(m, v, w)))
                check_copy_recv(r, v, msg, len, len, SECAGG_ERR_MESSAGE);
        }
        put(at, good);
    }
}

/* Remove each subset of the entries. */
static void remove_entries(driver *r, uint32_t v, const uint8_t *msg,
    size_t len)
{
    const uint32_t count = get(msg + AT_COUNT);

    for (uint32_t set = 0; set < (uint32_t)1 << count; set++) {
        uint8_t *less = party_forge(msg, len, len, v);
        bool own = false;
        uint32_t left = 0;
        for (uint32_t j = 0; j < count; j++) {
            const uint8_t *entry = msg + AT_ENTRIES + ENTRY * j;
            if (!(set >> j & 1))
                continue;
            memcpy(less + AT_ENTRIES + ENTRY * left++, entry, ENTRY);
            own |= get(entry) == v;
        }
        put(less + AT_COUNT, left);
        check_copy_recv(r, v, less, len, AT_ENTRIES + ENTRY * left,
            !own ? SECAGG_ERR_MESSAGE : left < r->params.threshold
                ? SECAGG_ERR_THRESHOLD : SECAGG_OK);
        free(less);
    }
}

/* Add an entry for a client that is no neighbour, with new points; then
 * false counts of entries. */
static void add_entry(driver *r, const ring_model *m, uint32_t v,
    const uint8_t *msg, size_t len)
{
    const uint32_t count = get(msg + AT_COUNT);
    uint8_t *longer = party_forge(msg, len, len + ENTRY, v);

    put(longer + AT_COUNT, count + 1);
    memcpy(longer + len, longer + len - ENTRY, ENTRY);
    longer[len + 4] ^= 1;
    longer[len + 36] ^= 1;
    for (uint32_t w = get(longer + len) + 1; w < m->n; w++) {
        put(longer + len, w);
        if (!model_adjacent(m, v, w))
            check_copy_recv(r, v, longer, len + ENTRY, len + ENTRY,
                SECAGG_ERR_MESSAGE);
    }
    for (uint32_t lie = 0; lie < 40; lie++) {
        put(longer + AT_COUNT, lie < 20 ? lie : UINT32_MAX / (lie - 19));
        if (lie != count)
            check_copy_recv(r, v, longer, len, len, SECAGG_ERR_MESSAGE);
    }
    free(longer);
}

/* Change the number of clients in U1. */
static void change_present_count(driver *r, uint32_t v, uint8_t *msg,
    size_t len)
{
    const uint32_t count = get(msg + AT_COUNT);

    for (uint32_t n = 0; n < 15; n++) {
        put(msg + AT_COUNT - 4, n);
        check_copy_recv(r, v, msg, len, len, n < count || n > 12
                ? SECAGG_ERR_MESSAGE
                : n < r->params.min_survivors ? SECAGG_ERR_THRESHOLD
                                              : SECAGG_OK);
    }
    put(msg + AT_COUNT - 4, 11);
}

/* Replace each point by each other one, and by zeros. */
static void change_points(driver *r, uint32_t v, uint8_t *msg, size_t len)
{
    const uint32_t count = get(msg + AT_COUNT);
    uint8_t kept[32];

    for (uint32_t a = 0; a < 2 * count; a++) {
        uint8_t *to = msg + AT_ENTRIES + ENTRY * (a / 2) + 4 + 32 * (a % 2);
        memcpy(kept, to, 32);
        for (uint32_t b = 0; b < 2 * count; b++) {
            if (a == b)
                continue;
            memcpy(to, msg + AT_ENTRIES + ENTRY * (b / 2) + 4 + 32 * (b % 2),
                32);
            check_copy_recv(r, v, msg, len, len, SECAGG_ERR_MESSAGE);
        }
        memset(to, 0, 32);
        check_copy_recv(r, v, msg, len, len, SECAGG_ERR_MESSAGE);
        memcpy(to, kept, 32);
    }
}

START_TEST(a_client_accepts_only_its_own_neighbours)
{
    uint32_t rejected = 0;
    static ring_model m;
    driver r;

    begin(&r, &m, SECAGG_PHASE_SHARES);
    for (uint32_t v = 0; v < 11; v += 5) {
        size_t len;
        uint8_t *msg = party_server_send(r.server, v, &len);
        model_permute(&m, msg + PARTY_HEADER);
        check_copy_recv(&r, v, msg, len, len, SECAGG_OK);
        change_seed(&r, &m, v, msg, len, &rejected);
        change_indices(&r, &m, v, msg, len);
        remove_entries(&r, v, msg, len);
        add_entry(&r, &m, v, msg, len);
        change_present_count(&r, v, msg, len);
        change_points(&r, v, msg, len);
        free(msg);
    }
    ck_assert_uint_gt(rejected, 700);
    driver_deliver(&r);
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

/* Flip the bit of client w in the U2 of a RELAY, and add a pair of shares of it
 * to the list or not. */
static void flip_u2_bit(driver *r, const ring_model *m, uint32_t v, uint32_t w,
    bool pair)
{
    size_t len, at = PARTY_HEADER + 6;
    uint8_t *msg = party_server_send(r->server, v, &len);
    uint8_t *longer = party_forge(msg, len, len + PAIR, v);
    const uint32_t count = get(msg + PARTY_HEADER + 2);
    secagg_err want = SECAGG_ERR_MESSAGE;

    longer[PARTY_HEADER + w / 8] =
        (uint8_t)(longer[PARTY_HEADER + w / 8] ^ 1u << w % 8);
    while (at < len && get(longer + at) < w)
        at += PAIR;
    memmove(longer + at + PAIR, longer + at, len - at);
    put(longer + at, w);
    put(longer + PARTY_HEADER + 2, count + 1);
    if (!pair && !model_adjacent(m, v, w) && v != w && w != 11)
        want = SECAGG_OK; /* it cannot know, and U2 is large enough */
    check_copy_recv(r, v, pair ? longer : msg, pair ? len + PAIR : len,
        pair ? len + PAIR : len, pair ? want : SECAGG_OK);
    if (!pair) {
        memcpy(msg + PARTY_HEADER, longer + PARTY_HEADER, 2);
        check_copy_recv(r, v, msg, len, len, want);
    }
    free(longer);
    free(msg);
}

START_TEST(a_client_rejects_a_u2_that_contradicts_its_part_of_the_roster)
{
    static ring_model m;
    driver r;

    begin(&r, &m, SECAGG_PHASE_INPUT);
    for (uint32_t v = 0; v < 11; v += 3)
        for (uint32_t w = 0; w < 12; w++) {
            flip_u2_bit(&r, &m, v, w, false);
            flip_u2_bit(&r, &m, v, w, true);
        }
    driver_deliver(&r);
    ck_assert_int_eq(driver_run(&r), SECAGG_OK);
    driver_check_sum(&r);
    driver_free(&r);
}
END_TEST

/* ---- policy ------------------------------------------------------------- */

static secagg_err try_policy(const secagg_params *p)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 5 };
    secagg_client *c;
    const secagg_err err = secagg_client_new_seeded(&c, p, 0, NULL, seed);

    if (err == SECAGG_OK)
        secagg_client_free(c);
    return err;
}

/* Each number of a chosen ring at one less; where E2' ends, exact rationals
 * tell. */
START_TEST(chosen_parameters_pass_the_policy_and_no_weaker_ones)
{
    static const uint32_t sizes[] = { 100, 150, 200, 500, 1000 };
    static const double dropout[] = { 0.02, 0.05, 0.1, 0.3 };
    int sparse = 0;

    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 4; j++) {
            secagg_params p = small_params(sizes[i], 0, 0), q;
            const uint32_t n = sizes[i], corrupt = n / 20 > 33 ? n / 20 : 33;
            if (secagg_params_choose(&p, 0, dropout[j], 40, 20, NULL, NULL, 0)
                != SECAGG_OK)
                continue;
            ck_assert_int_eq(try_policy(&p), SECAGG_OK);
            if (p.neighbours == 0)
                continue;
            sparse++;
            q = p;
            q.threshold--;
            ck_assert_int_ne(try_policy(&q), SECAGG_OK);
            q = p;
            q.corrupt--;
            ck_assert_int_eq(try_policy(&q), SECAGG_ERR_POLICY);
            q = p;
            q.neighbours -= 2;
            if (q.threshold <= q.neighbours)
                ck_assert_int_eq(try_policy(&q) == SECAGG_OK,
                    q.corrupt >= exact_max(n - 1, corrupt, q.neighbours, n,
                        41) && exact_cut_holds(n, q.neighbours, q.threshold,
                        corrupt, q.min_survivors, 40));
            q = p;
            q.min_survivors = (n + corrupt) / 2 + 1;
            ck_assert_int_eq(try_policy(&q) == SECAGG_OK,
                exact_cut_holds(n, q.neighbours, q.threshold, corrupt,
                    q.min_survivors, 40));
            q.min_survivors--;
            ck_assert_int_eq(try_policy(&q), SECAGG_ERR_POLICY);
        }
    ck_assert_int_ge(sparse, 15);
}
END_TEST

/* Policies that ask for more, or less, than the default. */
START_TEST(a_client_enforces_its_own_policy_on_the_ring)
{
    secagg_params p = small_params(500, 0, 0);
    static const struct {
        secagg_policy policy;
        secagg_err want;
    } cases[] = {
        { { .size = sizeof(secagg_policy) }, SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = 0.05 }, SECAGG_OK },
        { { .size = sizeof(secagg_policy), .min_corrupt = 0.1 },
            SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = 1.0 },
            SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = 1.1 },
            SECAGG_ERR_ARG },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1 }, SECAGG_OK },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1,
            .min_clients = 500, .min_survivors = 475, .min_ring = 500 },
            SECAGG_OK },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1,
            .min_clients = 501 }, SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1,
            .min_ring = 501 }, SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1,
            .min_survivors = 476 }, SECAGG_ERR_POLICY },
        { { .size = sizeof(secagg_policy), .min_corrupt = -1,
            .require_active = 1 }, SECAGG_ERR_POLICY },
        { { .size = 1 }, SECAGG_ERR_ARG },
    };

    ck_assert_int_eq(secagg_params_choose(&p, 0, 0.05, 40, 20,
        &cases[1].policy, NULL, 0), SECAGG_OK);
    ck_assert_uint_gt(p.neighbours, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const uint8_t seed[SECAGG_SEED_BYTES] = { 5 };
        secagg_client *c = NULL;
        ck_assert_int_eq(secagg_client_new_seeded(&c, &p, 1,
            &cases[i].policy, seed), cases[i].want);
        secagg_client_free(c);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_client_accepts_only_its_own_neighbours,
        a_client_rejects_a_u2_that_contradicts_its_part_of_the_roster,
        chosen_parameters_pass_the_policy_and_no_weaker_ones,
        a_client_enforces_its_own_policy_on_the_ring };
    return sodium_init() < 0 || RUN(tests);
}
