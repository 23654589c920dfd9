/* SPDX-License-Identifier: Apache-2.0 */
/* policy: each rule of PROTOCOL.md 2.2, met and missed by one, with the
 * sentence of the refusal. The numbers of rings are from PROTOCOL.md A.8 and
 * from exact rationals (vectors/params.json has more). */
#include <math.h>
#include <secagg.h>
#include <stdarg.h>
#include <string.h>

#include "session/params_check.h"
#include "session/policy.h"
#include "support/hypergeometric.h"
#include "support/laxest_policy.h"
#include "support/main.h"

static const secagg_policy defaults = SECAGG_POLICY_INIT;

static secagg_params complete(uint32_t n, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors)
{
    static secagg_segment segment = { .length = 1, .bits = 1 };
    secagg_params p = SECAGG_PARAMS_INIT;

    p.clients = n;
    p.threshold = t;
    p.corrupt = corrupt;
    p.min_survivors = min_survivors;
    p.segments = &segment;
    p.segment_count = 1;
    return p;
}

static secagg_params ring(uint32_t n, uint32_t k, uint32_t t, uint32_t corrupt,
    uint32_t min_survivors)
{
    secagg_params p = complete(n, t, corrupt, min_survivors);

    p.neighbours = k;
    return p;
}

/* What a client says; a refusal leaves the handle alone. */
static secagg_err offer(const secagg_params *p, const secagg_policy *policy)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 3 };
    secagg_client *client = NULL;
    const secagg_err err = secagg_client_new_seeded(&client, p, 0, policy,
        seed);

    ck_assert_int_eq(client != NULL, err == SECAGG_OK);
    secagg_client_free(client);
    return err;
}

static void accept(secagg_params p, const secagg_policy *policy)
{
    char reason[SA_REASON_BYTES] = "";

    ck_assert_msg(sa_policy_check(&p, policy, reason) == SECAGG_OK, "%s",
        reason);
    ck_assert_str_eq(reason, "");
    ck_assert_int_eq(offer(&p, policy), SECAGG_OK);
}

/* The reason has these words, up to NULL. */
static void refuse(secagg_params p, const secagg_policy *policy, ...)
{
    char reason[SA_REASON_BYTES] = "";
    va_list words;

    ck_assert_int_eq(sa_policy_check(&p, policy, reason), SECAGG_ERR_POLICY);
    ck_assert_int_eq(offer(&p, policy), SECAGG_ERR_POLICY);
    ck_assert_uint_lt(strlen(reason), SA_REASON_BYTES - 1);
    va_start(words, policy);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        ck_assert_msg(strstr(reason, word) != NULL, "no '%s': %s", word,
            reason);
    va_end(words);
}

/* ---- both graphs -------------------------------------------------------- */

/* A caller of another language fills it with zeros. */
START_TEST(zero_bytes_are_the_default_policy)
{
    secagg_policy zeros, init = SECAGG_POLICY_INIT;

    memset(&zeros, 0, sizeof zeros);
    zeros.size = sizeof zeros;
    ck_assert(memcmp(&zeros, &init, sizeof zeros) == 0);
    accept(complete(3, 3, 1, 3), &zeros);
    refuse(complete(3, 3, 0, 3), &zeros, "corrupt is 0", "1 of 3", NULL);
    refuse(complete(3, 3, 0, 3), NULL, "corrupt is 0", "1 of 3", NULL);
    zeros.min_corrupt = -0.0;
    refuse(complete(3, 3, 0, 3), &zeros, "corrupt is 0", "1 of 3", NULL);
}
END_TEST

START_TEST(a_number_of_clients_is_required)
{
    secagg_policy policy = laxest_policy();

    accept(complete(2, 2, 0, 2), &policy);
    policy.min_clients = 0;
    refuse(complete(2, 2, 0, 2), &policy, "2 clients", "3", NULL);
    accept(complete(3, 2, 0, 2), &policy);
    policy.min_clients = 5;
    refuse(complete(4, 3, 1, 3), &policy, "4 clients", "5", NULL);
    accept(complete(5, 4, 1, 3), &policy);
    refuse(ring(4, 2, 2, 0, 4), &policy, "4 clients", "5", NULL);
}
END_TEST

/* F, the larger of threshold and min_survivors on the complete graph. */
START_TEST(a_number_of_survivors_is_required)
{
    secagg_policy policy = laxest_policy();

    policy.min_survivors = 4;
    refuse(complete(5, 3, 0, 3), &policy, "3 survivors", "4 of 5", NULL);
    accept(complete(5, 3, 0, 4), &policy);
    accept(complete(5, 4, 0, 2), &policy);
    refuse(ring(9, 4, 3, 0, 3), &policy, "3 survivors", "4 of 9", NULL);
    refuse(ring(9, 4, 4, 0, 3), &policy, "3 survivors", "4 of 9", NULL);
    accept(ring(9, 4, 3, 0, 4), &policy);
    /* the default: max(3, floor((n + A) / 2) + 1) */
    policy.min_survivors = 0;
    refuse(complete(3, 2, 0, 2), &policy, "2 survivors", "3 of 3", NULL);
    refuse(ring(9, 4, 3, 0, 4), &policy, "4 survivors", "5 of 9", NULL);
    accept(ring(9, 4, 3, 0, 5), &policy);
    policy.min_corrupt = 0.3;
    refuse(complete(10, 7, 2, 4), &policy, "corrupt is 2", "3 of 10", NULL);
    accept(complete(10, 7, 3, 5), &policy);
}
END_TEST

/* Whatever min_survivors is, two inputs are honest: F >= A + 2. */
START_TEST(two_honest_inputs_are_required)
{
    secagg_policy policy = laxest_policy();

    policy.min_corrupt = 0.5;
    refuse(ring(100, 98, 98, 49, 51), &policy, "51 survivors", "52 of 100",
        NULL);
    accept(ring(100, 98, 98, 50, 52), &policy);
    policy.min_corrupt = 1.0;
    refuse(complete(10, 10, 8, 10), &policy, "10 survivors", "12 of 10", NULL);
}
END_TEST

/* A third of two clients is nobody, and yet the default is one. */
START_TEST(somebody_may_be_corrupt_by_default)
{
    secagg_policy policy = laxest_policy();

    policy.min_corrupt = 0;
    refuse(complete(2, 2, 0, 2), &policy, NULL);
    policy.min_corrupt = SECAGG_NOBODY_CORRUPT;
    accept(complete(2, 2, 0, 2), &policy);
}
END_TEST

START_TEST(a_third_or_a_twentieth_may_be_corrupt_by_default)
{
    static const uint32_t floors[][2] = { { 3, 1 }, { 4, 1 }, { 5, 1 },
        { 6, 2 }, { 98, 32 }, { 99, 33 }, { 100, 33 }, { 679, 33 },
        { 680, 34 }, { 1000, 50 }, { 4095, 204 } };

    for (size_t k = 0; k < sizeof floors / sizeof *floors; k++) {
        const uint32_t n = floors[k][0], c = floors[k][1];
        refuse(complete(n, (n + c) / 2 + 1, c - 1, n), NULL, "corrupt is",
            NULL);
        accept(complete(n, (n + c) / 2 + 1, c, n), NULL);
    }
}
END_TEST

/* 5 % of 10 clients are no client, and yet one. */
START_TEST(a_corrupt_share_above_0_is_never_nobody)
{
    static const double shares[] = { 1e-9, 5e-324, 0.05, 0.1 };
    secagg_policy policy = laxest_policy();

    accept(complete(10, 6, 0, 6), &policy);
    for (size_t i = 0; i < 4; i++) {
        policy.min_corrupt = shares[i];
        refuse(complete(10, 6, 0, 6), &policy, "corrupt is 0", "1 of 10",
            NULL);
        accept(complete(10, 6, 1, 6), &policy);
    }
    policy.min_corrupt = -1e-9;
    accept(complete(10, 6, 0, 6), &policy);
    policy.min_corrupt = -INFINITY;
    accept(complete(10, 6, 0, 6), &policy);
}
END_TEST

START_TEST(active_mode_may_be_required)
{
    secagg_policy policy = laxest_policy();
    secagg_params p = complete(4, 3, 1, 3);

    policy.require_active = 1;
    refuse(p, &policy, "semi-honest", NULL);
    p.mode = SECAGG_ACTIVE;
    accept(p, &policy);
}
END_TEST

START_TEST(a_weight_may_be_required_where_there_are_weights)
{
    secagg_policy policy = laxest_policy();
    secagg_params p = complete(4, 3, 1, 3);
    char reason[SA_REASON_BYTES];

    policy.min_weight = 1;
    accept(p, &policy);
    p.max_weight = 10;
    refuse(p, &policy, "min_weight", NULL);
    p.min_weight = 1;
    ck_assert_int_eq(sa_policy_check(&p, &policy, reason), SECAGG_OK);
    policy.min_weight = 0;
    ck_assert_int_eq(sa_policy_check(&p, &policy, reason), SECAGG_OK);
}
END_TEST

/* Each bit of the digest counts. */
START_TEST(a_model_may_be_required)
{
    secagg_policy policy = laxest_policy();
    secagg_params p = complete(4, 3, 1, 3);

    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)
        for (size_t i = 0; i < SECAGG_DIGEST_BYTES; i++) {
            p.mode = (uint32_t)mode;
            policy.app_digest[i] = 0x10;
            refuse(p, &policy, "app_digest", NULL);
            p.app_digest[i] = 0x10;
            accept(p, &policy);
            p.app_digest[31 - i] ^= 0x01;
            refuse(p, &policy, "app_digest", NULL);
            memset(p.app_digest, 0, sizeof p.app_digest);
            memset(policy.app_digest, 0, sizeof policy.app_digest);
        }
}
END_TEST

START_TEST(active_mode_needs_some_model_unless_it_is_waived)
{
    secagg_policy policy = defaults;
    secagg_params p = complete(4, 3, 1, 3);

    accept(p, &policy);
    p.mode = SECAGG_ACTIVE;
    refuse(p, &policy, "app_digest", "any_digest", NULL);
    refuse(p, NULL, "app_digest", "any_digest", NULL);
    policy.any_digest = 1;
    accept(p, &policy);
    policy.any_digest = 0;
    for (size_t i = 0; i < SECAGG_DIGEST_BYTES; i++) {
        p.app_digest[i] = 1;
        accept(p, &policy);
        accept(p, NULL);
        p.app_digest[i] = 0;
    }
}
END_TEST

/* ---- rings -------------------------------------------------------------- */

/* Rings that a policy of a share alone let pass: a twentieth of 19 is nobody,
 * where the complete graph must bear six. */
START_TEST(rings_of_under_a_hundred_clients_are_refused_by_default)
{
    refuse(ring(19, 2, 2, 0, 19), NULL, "sparse", "19", "100", NULL);
    refuse(ring(39, 4, 4, 1, 39), NULL, "sparse", "39", "100", NULL);
    for (uint32_t n = 4; n < 100; n++) {
        const uint32_t k = n - 2 - n % 2;
        refuse(ring(n, 2, 2, 0, n), NULL, "sparse", "100", NULL);
        refuse(ring(n, k, k, k - 2, n), NULL, "sparse", "100", NULL);
    }
    accept(ring(100, 44, 39, 32, 95), NULL);
}
END_TEST

START_TEST(a_number_of_clients_is_required_of_a_ring)
{
    secagg_policy policy = laxest_policy();

    for (uint32_t n = 4; n < 200; n += 7) {
        policy.min_ring = n;
        accept(ring(n, 2, 2, 0, n), &policy);
        policy.min_ring = n + 1;
        refuse(ring(n, 2, 2, 0, n), &policy, "sparse", NULL);
        accept(complete(n, n, 0, n), &policy);
    }
}
END_TEST

/* The ring that is right for 5 % is too little for the default of 33. */
START_TEST(the_default_is_the_same_on_both_graphs)
{
    secagg_policy policy = defaults;

    refuse(ring(100, 18, 13, 5, 95), NULL, "33 corrupt", NULL);
    policy.min_corrupt = 0.05;
    accept(ring(100, 18, 13, 5, 95), &policy);
    refuse(ring(100, 18, 13, 4, 95), &policy, "corrupt is 4", "5 corrupt",
        NULL);
    accept(ring(100, 44, 39, 32, 95), NULL);
    refuse(ring(100, 44, 39, 31, 95), NULL, "corrupt is 31", "33 corrupt",
        "32 may", NULL);
    accept(ring(1000, 58, 42, 21, 950), NULL);
    refuse(ring(1000, 58, 42, 20, 950), NULL, "corrupt is 20", NULL);
}
END_TEST

/* E2' fails at one vote less, one neighbour pair less or one survivor less,
 * though the parameters are sound. */
START_TEST(a_ring_that_can_be_cut_is_refused)
{
    refuse(ring(1000, 58, 41, 21, 950), NULL, "58 neighbours", "threshold 41",
        "50 corrupt", "50 dropouts", "2^-41", NULL);
    refuse(ring(1000, 52, 37, 20, 950), NULL, "52 neighbours", NULL);
    accept(ring(1000, 58, 43, 21, 950), NULL); /* t above t_low */
    accept(ring(1000, 58, 58, 21, 950), NULL);
}
END_TEST

/* The number of dropouts alone: exact rationals tell where it ends. */
START_TEST(survivors_keep_a_ring_from_being_cut)
{
    secagg_policy policy = defaults;
    size_t ends = 0;

    policy.min_survivors = 35;
    for (uint32_t n = 100; n <= 400; n += 20) {
        secagg_params p = SECAGG_PARAMS_INIT;
        bool held = true;
        p = complete(n, 0, 0, 0);
        ck_assert_int_eq(secagg_params_choose(&p, 0, 0.05, 40, 20, NULL, NULL,
            0), SECAGG_OK);
        ck_assert_uint_gt(p.neighbours, 0);
        for (; held && p.min_survivors >= 35; p.min_survivors--) {
            held = exact_cut_holds(n, p.neighbours, p.threshold, 33,
                p.min_survivors, 40);
            if (held)
                accept(p, &policy);
            else
                refuse(p, &policy, "neighbours", NULL);
        }
        ends += !held;
    }
    ck_assert_uint_gt(ends, 10);
}
END_TEST

/* 5.5 sees each cut of dropouts alone. */
START_TEST(nobody_corrupt_leaves_every_sound_ring)
{
    secagg_policy policy = defaults;

    policy.min_corrupt = SECAGG_NOBODY_CORRUPT;
    accept(ring(100, 2, 2, 0, 51), &policy);
    refuse(ring(100, 2, 2, 0, 50), &policy, "50 survivors", "51", NULL);
    accept(ring(1000, 10, 6, 0, 501), &policy);
}
END_TEST

/* ---- range -------------------------------------------------------------- */

static void check_range(secagg_policy policy)
{
    const secagg_params p = complete(4, 3, 1, 3);
    char reason[SA_REASON_BYTES] = "";

    ck_assert_int_eq(sa_policy_check(&p, &policy, reason), SECAGG_ERR_ARG);
    ck_assert_ptr_nonnull(strstr(reason, "policy"));
    ck_assert_int_eq(offer(&p, &policy), SECAGG_ERR_ARG);
}

START_TEST(a_policy_out_of_range_is_the_callers_error)
{
    static const double bad[] = { 1.5, NAN, INFINITY, 1 + 1e-15 };
    secagg_policy policy = defaults;

    policy.size--;
    check_range(policy);
    policy.size = 0;
    check_range(policy);
    for (size_t i = 0; i < 4; i++) {
        policy = defaults;
        policy.min_corrupt = bad[i];
        check_range(policy);
    }
    policy = defaults;
    policy.require_active = 2;
    check_range(policy);
    policy = defaults;
    policy.min_weight = 2;
    check_range(policy);
    policy = defaults;
    policy.any_digest = 2;
    check_range(policy);
}
END_TEST

/* A policy is a client's own: an identity asks for active mode. */
START_TEST(an_identity_or_a_trusted_key_asks_for_active_mode)
{
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 3 };
    const secagg_params p = complete(4, 3, 1, 3);
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];

    ck_assert_int_eq(secagg_keypair(public_key, secret_key), SECAGG_OK);
    for (int way = 0; way < 4; way++) {
        secagg_client *c;
        secagg_err err;
        ck_assert_int_eq(secagg_client_new_seeded(&c, &p, 0, NULL, seed),
            SECAGG_OK);
        err = way == 0 ? secagg_client_identify(c, secret_key)
            : way == 1 ? secagg_client_identify_with(c, public_key, NULL,
                  NULL)
            : way == 2 ? secagg_client_trust(c, 1, public_key)
                       : secagg_client_trust_with(c, NULL, NULL);
        ck_assert_int_eq(err, SECAGG_ERR_POLICY);
        ck_assert_int_eq(secagg_client_phase(c), SECAGG_PHASE_KEYS);
        secagg_client_free(c);
    }
}
END_TEST

/* The function overwrites every member, also of memory with other contents. */
START_TEST(an_initialised_policy_is_the_default)
{
    secagg_policy p;

    memset(&p, 0x5a, sizeof p);
    secagg_policy_init(&p);
    ck_assert_uint_eq(p.size, sizeof p);
    ck_assert_uint_eq(p.min_clients, 0);
    ck_assert_uint_eq(p.min_ring, 0);
    ck_assert_uint_eq(p.min_survivors, 0);
    ck_assert_uint_eq(p.require_active, 0);
    ck_assert(p.min_corrupt == 0);
    ck_assert_uint_eq(p.min_weight, 0);
    ck_assert_uint_eq(p.any_digest, 0);
    for (size_t i = 0; i < sizeof p.app_digest; i++)
        ck_assert_uint_eq(p.app_digest[i], 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { an_initialised_policy_is_the_default,
        zero_bytes_are_the_default_policy,
        a_number_of_clients_is_required, a_number_of_survivors_is_required,
        two_honest_inputs_are_required,
        somebody_may_be_corrupt_by_default,
        a_third_or_a_twentieth_may_be_corrupt_by_default,
        a_corrupt_share_above_0_is_never_nobody, active_mode_may_be_required,
        a_weight_may_be_required_where_there_are_weights,
        a_model_may_be_required,
        active_mode_needs_some_model_unless_it_is_waived,
        rings_of_under_a_hundred_clients_are_refused_by_default,
        a_number_of_clients_is_required_of_a_ring,
        the_default_is_the_same_on_both_graphs,
        a_ring_that_can_be_cut_is_refused,
        survivors_keep_a_ring_from_being_cut,
        nobody_corrupt_leaves_every_sound_ring,
        a_policy_out_of_range_is_the_callers_error,
        an_identity_or_a_trusted_key_asks_for_active_mode };
    return RUN(tests);
}
