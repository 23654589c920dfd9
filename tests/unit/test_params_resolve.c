/* SPDX-License-Identifier: Apache-2.0 */
/* secagg_params_resolve and secagg_policy_check: parameters with their defaults
 * filled in encode to the same bytes, and a policy is checked as the client
 * checks it. */
#include <stdlib.h>

#include <secagg.h>

#include "session/params.h"
#include "support/laxest_policy.h"
#include "support/main.h"
#include "support/params_fixture.h"

/* ---- resolve ------------------------------------------------------------ */

static uint8_t *encode(const secagg_params *p, size_t *len)
{
    uint8_t *bytes;

    *len = secagg_params_encoded_size(p);
    bytes = malloc(*len);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(secagg_params_encode(p, bytes, *len), SECAGG_OK);
    return bytes;
}

/* Both encode to the same bytes and have the same digest. */
static void check_same(const secagg_params *a, const secagg_params *b)
{
    size_t a_len, b_len;
    uint8_t *a_bytes = encode(a, &a_len), *b_bytes = encode(b, &b_len);
    sa_params *a_own, *b_own;

    ck_assert_uint_eq(a_len, b_len);
    ck_assert_mem_eq(a_bytes, b_bytes, a_len);
    ck_assert_int_eq(sa_params_new(&a_own, a), SECAGG_OK);
    ck_assert_int_eq(sa_params_new(&b_own, b), SECAGG_OK);
    ck_assert_mem_eq(a_own->context, b_own->context, SECAGG_DIGEST_BYTES);
    sa_params_free(a_own);
    sa_params_free(b_own);
    free(a_bytes);
    free(b_bytes);
}

/* The members, but for the pointer to the segments. */
static void check_equal(const secagg_params *a, const secagg_params *b)
{
    ck_assert_uint_eq(a->size, b->size);
    ck_assert_uint_eq(a->suite, b->suite);
    ck_assert_uint_eq(a->min_survivors, b->min_survivors);
    ck_assert_uint_eq(a->threshold, b->threshold);
    ck_assert_uint_eq(a->segment_count, b->segment_count);
    ck_assert_ptr_ne(a->segments, b->segments);
    for (size_t i = 0; i < a->segment_count; i++)
        ck_assert_mem_eq(&a->segments[i], &b->segments[i],
            sizeof a->segments[i]);
}

/* Resolve, forget the original, resolve again. */
static secagg_params *check_resolved(fixture *w)
{
    secagg_params *once, *twice;

    w->p.segments = w->s;
    ck_assert_int_eq(secagg_params_resolve(&once, &w->p), SECAGG_OK);
    check_same(once, &w->p);
    memset(w->s, 0xee, sizeof w->s);
    ck_assert_int_eq(secagg_params_resolve(&twice, once), SECAGG_OK);
    check_equal(once, twice);
    check_same(once, twice);
    secagg_params_free(once);
    return twice;
}

/* 12 clients of 2^16 - 2 at most: bits of 12 * 65534 (PROTOCOL.md 7.4). */
START_TEST(resolve_fills_in_every_default)
{
    fixture w = valid_params();
    secagg_params *p;

    p = check_resolved(&w);
    ck_assert_uint_eq(p->suite, FIRST_SUITE);
    ck_assert_uint_eq(p->min_survivors, 9); /* the threshold */
    ck_assert_uint_eq(p->segments[0].bits, 20);
    secagg_params_free(p);
    w = valid_params();
    w.p.clients = 3;
    w.p.threshold = 2;
    w.p.corrupt = 0;
    p = check_resolved(&w);
    ck_assert_uint_eq(p->min_survivors, 3);
    secagg_params_free(p);
}
END_TEST

START_TEST(resolve_changes_nothing_that_is_set)
{
    fixture w = valid_params();
    secagg_params *p;

    w.p.suite = SECAGG_SUITE_CHACHA;
    w.p.min_survivors = 7;
    w.p.segment_count = 2;
    w.s[0].bits = 33;
    w.p.round = 5;
    p = check_resolved(&w);
    ck_assert_uint_eq(p->suite, SECAGG_SUITE_CHACHA);
    ck_assert_uint_eq(p->min_survivors, 7);
    ck_assert_uint_eq(p->segments[0].bits, 33);
    ck_assert_uint_eq(p->segments[1].bits, 20);
    ck_assert_uint_eq(p->segments[1].length, 3);
    ck_assert_uint_eq(p->round, 5);
    secagg_params_free(p);
}
END_TEST

/* -0 is the clip of integers, too, but has one encoding. */
START_TEST(resolve_returns_what_decode_returns)
{
    fixture w = ring_params(100, 20);
    secagg_params *resolved, *decoded;
    uint8_t *bytes;
    size_t len;

    w.p.segments = w.s;
    w.p.segment_count = 2;
    w.s[1].clip = -0.0;
    bytes = encode(&w.p, &len);
    ck_assert_int_eq(secagg_params_decode(&decoded, bytes, len), SECAGG_OK);
    ck_assert_int_eq(secagg_params_resolve(&resolved, &w.p), SECAGG_OK);
    check_equal(resolved, decoded);
    secagg_params_free(decoded);
    secagg_params_free(resolved);
    free(bytes);
}
END_TEST

START_TEST(resolve_refuses_what_check_refuses)
{
    fixture w = valid_params();
    secagg_params *p = NULL;

    w.p.segments = w.s;
    w.p.threshold = 8;
    ck_assert_int_eq(secagg_params_resolve(&p, &w.p), SECAGG_ERR_ARG);
    w = valid_params();
    w.p.segments = w.s;
    w.s[0].value_bits = 1;
    ck_assert_int_eq(secagg_params_resolve(&p, &w.p), SECAGG_ERR_ARG);
    ck_assert_ptr_null(p);
}
END_TEST

START_TEST(handles_have_resolved_parameters)
{
    fixture w = valid_params();
    const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    secagg_params *p;
    secagg_server *server;
    secagg_client *client;

    w.p.segments = w.s;
    ck_assert_int_eq(secagg_params_resolve(&p, &w.p), SECAGG_OK);
    ck_assert_int_eq(secagg_server_new_seeded(&server, &w.p, seed), SECAGG_OK);
    ck_assert_int_eq(secagg_client_new_seeded(&client, &w.p, 5, NULL, seed),
        SECAGG_OK);
    check_equal(p, secagg_server_params(server));
    check_equal(p, secagg_client_params(client));
    secagg_server_free(server);
    secagg_client_free(client);
    secagg_params_free(p);
}
END_TEST

/* ---- the policy --------------------------------------------------------- */

/* The parameters are refused with this error and exactly this sentence, at
 * every size of the buffer; and so a client refuses them. */
static void check_policy(fixture w, const secagg_policy *policy,
    secagg_err error, const char *sentence)
{
    const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    const size_t whole = strlen(sentence);
    secagg_client *client = NULL;
    char why[300];

    w.p.segments = w.s;
    ck_assert_int_eq(secagg_policy_check(&w.p, policy, NULL, 0), error);
    for (size_t len = 0; len < sizeof why; len++) {
        const size_t kept = len <= whole ? len - 1 : whole;
        memset(why, '#', sizeof why);
        ck_assert_int_eq(secagg_policy_check(&w.p, policy, why, len), error);
        ck_assert_int_eq(why[len], '#');
        if (len == 0)
            continue;
        ck_assert_msg(memcmp(why, sentence, kept) == 0 && why[kept] == '\0',
            "%s", why);
    }
    ck_assert_int_eq(secagg_client_new_seeded(&client, &w.p, 0, policy, seed),
        error);
    secagg_client_free(client);
}

START_TEST(a_policy_is_checked_as_the_client_checks_it)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    fixture w = valid_params();

    check_policy(w, NULL, SECAGG_OK, "");
    check_policy(w, &policy, SECAGG_OK, "");
    w.p.corrupt = 3;
    check_policy(w, NULL, SECAGG_ERR_POLICY, "corrupt is 3: the policy asks "
        "for 4 of 12 clients (min_corrupt, by default)");
    policy.min_corrupt = 0.4;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "corrupt is 3: the policy asks "
        "for 4 of 12 clients (min_corrupt)");
    policy = (secagg_policy)SECAGG_POLICY_INIT;
    policy.min_clients = 13;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "12 clients: the policy asks "
        "for 13 (min_clients)");
    w = valid_params();
    w.p.clients = w.p.threshold = w.p.min_survivors = 2;
    w.p.corrupt = 0;
    check_policy(w, NULL, SECAGG_ERR_POLICY, "2 clients: the policy asks for 3 "
        "(min_clients, by default)");
}
END_TEST

START_TEST(a_number_of_survivors_says_where_it_comes_from)
{
    secagg_policy policy = laxest_policy();
    fixture w = valid_params();

    w.p.corrupt = 0;
    w.p.threshold = 7;
    policy.min_survivors = 8;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "7 survivors suffice by "
        "default: the policy asks for 8 of 12 clients (min_survivors)");
    policy.min_survivors = 0;
    policy.min_corrupt = 0.5;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "7 survivors suffice by "
        "default: the policy asks for 10 of 12 clients (min_survivors, by "
        "default)");
    policy.min_survivors = 3;
    w.p.min_survivors = 5;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "7 survivors suffice: the "
        "policy asks for 8 of 12 clients (min_corrupt, and two honest inputs)");
}
END_TEST

START_TEST(modes_weights_and_digests_are_named)
{
    secagg_policy policy = laxest_policy();
    fixture w = valid_params();

    policy.require_active = 1;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "semi-honest mode: the policy "
        "asks for active mode (require_active)");
    w.p.mode = SECAGG_ACTIVE;
    policy.any_digest = 0;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "active mode and app_digest is "
        "zero: the policy has no app_digest, and any_digest is 0");
    policy.app_digest[0] = 0xab;
    policy.app_digest[3] = 0x01;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "app_digest is 00000000...: "
        "the policy asks for ab000001... (app_digest)");
    policy = laxest_policy();
    policy.min_weight = 1;
    w.p.max_weight = 5;
    check_policy(w, &policy, SECAGG_ERR_POLICY, "min_weight is 0: the policy "
        "asks for 1 (min_weight)");
}
END_TEST

START_TEST(rules_of_parameters_and_policies_come_first)
{
    secagg_policy policy = SECAGG_POLICY_INIT;
    fixture w = valid_params();

    w.p.threshold = 8;
    w.p.corrupt = 4;
    check_policy(w, NULL, SECAGG_ERR_ARG, "threshold 8 is too low: twice it "
        "must exceed 12 share holders and 4 corrupt ones");
    w = valid_params();
    w.p.clients = w.p.threshold = 2;
    w.p.corrupt = 0;
    check_policy(w, NULL, SECAGG_ERR_ARG, "min_survivors 3, its default, is "
        "not from 2 (corrupt + 2) to 2 clients");
    w.p.min_survivors = 3;
    check_policy(w, NULL, SECAGG_ERR_ARG, "min_survivors 3 is not from 2 "
        "(corrupt + 2) to 2 clients");
    w = valid_params();
    policy.min_corrupt = 1.5;
    check_policy(w, &policy, SECAGG_ERR_ARG,
        "policy: min_corrupt 1.5 is over 1");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { resolve_fills_in_every_default,
        resolve_changes_nothing_that_is_set,
        resolve_returns_what_decode_returns,
        resolve_refuses_what_check_refuses, handles_have_resolved_parameters,
        a_policy_is_checked_as_the_client_checks_it,
        a_number_of_survivors_says_where_it_comes_from,
        modes_weights_and_digests_are_named,
        rules_of_parameters_and_policies_come_first };
    return RUN(tests);
}
