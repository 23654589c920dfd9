/* SPDX-License-Identifier: Apache-2.0 */
/* A client that is saved and resumed at any point says what it would have said
 * otherwise, bit for bit; and nothing else. */
#include <sodium.h>
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"

#define CLIENTS 6
#define SAYINGS 64
#define NEVER UINT32_MAX

/* ---- what was said, and where a client is put in another's place --------- */

typedef struct diary {
    uint8_t said[CLIENTS][SAYINGS][32];
    uint32_t count[CLIENTS]; /* said when nobody was resumed */
    uint32_t next[CLIENTS];
    bool recording;
    bool lazy;       /* INPUT is not given again once it was made */
    uint32_t seen;   /* turns so far */
    uint32_t cut;    /* turn at which its client is resumed */
    bool always;     /* at each turn */
} diary;

static void write_down(rink *r, uint32_t i, const uint8_t *msg, size_t len)
{
    diary *d = r->user;
    uint8_t digest[32];

    crypto_hash_sha256(digest, msg, len);
    ck_assert_uint_lt(d->next[i], SAYINGS);
    if (d->recording)
        memcpy(d->said[i][d->next[i]], digest, 32);
    ck_assert_mem_eq(d->said[i][d->next[i]], digest, 32);
    d->next[i]++;
    if (d->recording)
        d->count[i] = d->next[i];
}

/* It says what was said last once more, and then no more. */
static void says_again(rink *r, uint32_t i)
{
    const diary *d = r->user;
    uint8_t digest[32];
    size_t len;
    uint8_t *msg = rink_says(r->clients[i], &len);

    ck_assert_ptr_nonnull(msg);
    crypto_hash_sha256(digest, msg, len);
    ck_assert_uint_gt(d->next[i], 0);
    ck_assert_mem_eq(digest, d->said[i][d->next[i] - 1], 32);
    free(msg);
}

/* The input is not in the state: nothing is said until it is given again, the
 * part made last first. */
static void give_again(rink *r, uint32_t i, turn now, uint64_t part)
{
    const diary *d = r->user;
    const uint64_t step = r->chunk > 0 ? r->chunk / 512 : r->blocks;
    const bool made = part * step >= r->blocks;
    const uint8_t *msg = NULL;
    size_t len = 1;

    ck_assert_int_eq(secagg_client_send(r->clients[i], &msg, &len),
        made ? SECAGG_OK : SECAGG_ERR_STATE);
    ck_assert_uint_eq(len, !made);
    if (made && d->lazy)
        return;
    if (part > 1) /* with the first part it comes by itself */
        ck_assert_int_eq(secagg_client_weight(r->clients[i], weight(i)),
            SECAGG_OK);
    if (part > 0) {
        r->give(r, i, (part - 1) * step, part * step);
        says_again(r, i);
    }
    if (now == GIVEN)
        r->give(r, i, part * step, (part + 1) * step);
}

static void be_reborn(rink *r, uint32_t i, turn now, uint64_t part)
{
    diary *d = r->user;
    secagg_client *old = r->clients[i];

    if (d->seen++ != d->cut && !d->always)
        return;
    r->clients[i] = rink_twin(old);
    ck_assert_int_eq(secagg_client_phase(r->clients[i]),
        secagg_client_phase(old));
    secagg_client_free(old);
    rink_identify(r, r->clients[i], i);
    if (secagg_client_phase(r->clients[i]) == SECAGG_PHASE_INPUT
        && (now == GIVEN || now == SAID))
        give_again(r, i, now, part);
    else if (now == SAID)
        says_again(r, i);
}

static void run(const secagg_params *params, uint64_t chunk, diary *d,
    uint8_t digest[32])
{
    rink r;

    memset(d->next, 0, sizeof d->next);
    d->seen = 0;
    mixed_make(&r, params);
    r.chunk = chunk;
    r.user = d;
    r.said = write_down;
    r.at = be_reborn;
    ck_assert_int_eq(rink_run(&r), SECAGG_OK);
    mixed_check(&r);
    mixed_digest(&r, digest);
    for (uint32_t i = 0; i < params->clients; i++)
        ck_assert_uint_eq(d->next[i], d->count[i]);
    rink_free(&r);
}

/* Every `stride`-th turn of the session by itself; then all of them. */
static void cut_everywhere(const secagg_params *params, uint64_t chunk,
    bool lazy)
{
    static diary d;
    const uint32_t stride = getenv("SECAGG_LONG") != NULL ? 1 : 5;
    uint8_t once[32], again[32];
    uint32_t turns;

    memset(&d, 0, sizeof d);
    d.recording = true;
    d.cut = NEVER;
    run(params, chunk, &d, once);
    d.recording = false;
    d.lazy = lazy;
    turns = d.seen;
    ck_assert_uint_gt(turns, 8 * params->clients);
    for (d.cut = 0; d.cut < turns; d.cut += stride) {
        run(params, chunk, &d, again);
        ck_assert_mem_eq(again, once, 32);
    }
    d.always = true;
    run(params, chunk, &d, again);
    ck_assert_mem_eq(again, once, 32);
}

/* Complete, ring, active. */
static secagg_params form(int kind)
{
    secagg_params p = mixed(1 + (uint32_t)kind % 2);

    if (kind == 1) {
        p.clients = CLIENTS;
        p.neighbours = 4;
    } else if (kind == 2) {
        p.mode = SECAGG_ACTIVE;
        p.threshold = 4;
        p.corrupt = 1;
        p.min_survivors = 3;
    }
    return p;
}

START_TEST(a_resumed_client_says_what_it_would_have_said)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        cut_everywhere(&params, 0, false);
    }
}
END_TEST

START_TEST(a_client_resumed_between_parts_says_the_same)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        cut_everywhere(&params, 512 * 5, false);
    }
}
END_TEST

START_TEST(a_client_that_is_not_given_its_input_again_goes_on)
{
    for (int kind = 0; kind < 3; kind++) {
        const secagg_params params = form(kind);
        cut_everywhere(&params, 0, true);
        cut_everywhere(&params, 512 * 11, true);
    }
}
END_TEST

/* ---- resumed and given something else ----------------------------------- */

/* To INPUT, which client 0 has said, whole or up to a part. */
static void to_input(rink *r, uint64_t chunk, uint64_t said)
{
    const secagg_params params = form(0);
    const uint64_t step = chunk > 0 ? chunk / 512 : 1000;

    mixed_make(r, &params);
    r->chunk = chunk;
    rink_reach(r, SECAGG_PHASE_INPUT);
    if (chunk > 0)
        ck_assert_int_eq(secagg_client_set_part_size(r->clients[0], chunk),
            SECAGG_OK);
    for (uint64_t part = 0; part < said; part++) {
        size_t len;
        give_mixed(r, 0, part * step, (part + 1) * step);
        free(rink_says(r->clients[0], &len));
    }
}

/* The client fails, and says ABORT with STATE. */
static void check_refusal(secagg_client *c)
{
    const uint8_t *msg;
    size_t len;

    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_phase(c), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(c), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_OK);
    ck_assert_uint_eq(len, PARTY_HEADER + 6);
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], 11);
    ck_assert_uint_eq(msg[PARTY_HEADER + 1], 11);
    ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_ERR_STATE);
}

/* Its input again, but for one entry, or for the weight. */
static void give_other(secagg_client *c, size_t segment, uint64_t w)
{
    static uint64_t u64[LONGEST];

    ck_assert_int_eq(secagg_client_weight(c, w), SECAGG_OK);
    for (size_t s = 0; s < SEGMENTS; s++) {
        const size_t length = (size_t)segments[s].length;
        if (s != segment) {
            give_range(c, 0, s, 0, length);
            continue;
        }
        for (size_t e = 0; e < length; e++)
            u64[e] = integer(0, s, e);
        u64[length - 1] ^= 1;
        ck_assert_int_eq(secagg_client_input_u64(c, s, 0, u64, length),
            SECAGG_OK);
    }
}

START_TEST(another_input_under_the_same_masks_is_refused)
{
    static const size_t integers[] = { 0, 2, 5, 7, 10 };
    rink r;

    to_input(&r, 0, 1);
    for (size_t k = 0; k < 7; k++) {
        secagg_client *twin = rink_twin(r.clients[0]);
        size_t len;
        give_other(twin, k < 5 ? integers[k] : SEGMENTS,
            weight(0) + (k == 5));
        if (k < 6) {
            check_refusal(twin);
        } else {
            free(rink_says(twin, &len)); /* the same */
            ck_assert_uint_gt(len, 0);
        }
        secagg_client_free(twin);
    }
    rink_free(&r);
}
END_TEST

/* The same of each part; and a state that was saved when the next part was
 * begun already knows the part before. */
START_TEST(another_part_under_the_same_masks_is_refused)
{
    for (uint64_t said = 1; said <= 3; said++)
        for (int form_of = 0; form_of < 4; form_of++) {
            secagg_client *twin;
            size_t len;
            rink r;
            to_input(&r, 512 * 5, said);
            if (form_of >= 2)
                give_mixed(&r, 0, 5 * said, 5 * said + 1);
            twin = rink_twin(r.clients[0]);
            if (said > 1)
                ck_assert_int_eq(secagg_client_weight(twin, weight(0)),
                    SECAGG_OK);
            /* as client 0, or as client 2 would have */
            secagg_client_free(r.clients[0]);
            r.clients[0] = twin;
            if (form_of % 2 == 0) {
                give_mixed(&r, 0, 5 * (said - 1), 5 * said);
                free(rink_says(twin, &len));
                ck_assert_uint_gt(len, 0);
            } else {
                secagg_client *kept = r.clients[2];
                r.clients[2] = twin;
                give_mixed(&r, 2, 5 * (said - 1), 5 * said);
                r.clients[2] = kept;
                check_refusal(twin);
            }
            rink_free(&r);
        }
}
END_TEST

/* A client that failed stays so, and says its ABORT once more. */
START_TEST(a_failed_client_is_resumed_as_one)
{
    const secagg_params params = form(0);
    uint8_t *msg, *one, *two;
    size_t len, one_len, two_len;
    secagg_client *twin;
    rink r;

    mixed_make(&r, &params);
    free(rink_says(r.clients[0], &len));
    for (uint32_t i = 1; i < 5; i++) {
        msg = rink_says(r.clients[i], &len);
        ck_assert_int_eq(secagg_server_recv(r.server, i, msg, len),
            SECAGG_OK);
        free(msg);
    }
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_OK);
    msg = party_told(r.server, 1, &len);
    msg[PARTY_HEADER + 40] ^= 1;
    ck_assert_int_eq(secagg_client_recv(r.clients[1], msg, len),
        SECAGG_ERR_MESSAGE);
    twin = rink_twin(r.clients[1]);
    ck_assert_int_eq(secagg_client_phase(twin), SECAGG_PHASE_FAILED);
    ck_assert_int_eq(secagg_client_error(twin), SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(secagg_client_recv(twin, msg, len), SECAGG_ERR_STATE);
    one = rink_says(r.clients[1], &one_len);
    two = rink_says(twin, &two_len);
    ck_assert_uint_eq(one_len, two_len);
    ck_assert_mem_eq(one, two, one_len);
    ck_assert_int_eq(secagg_client_send(twin, &(const uint8_t *){ NULL },
        &len), SECAGG_ERR_STATE);
    free(one);
    free(two);
    free(msg);
    secagg_client_free(twin);
    rink_free(&r);
}
END_TEST

/* Active: a resumed client knows whom it trusts, and waits for its signing
 * key. */
START_TEST(a_resumed_client_waits_for_its_signing_key)
{
    const secagg_params params = form(2);
    secagg_client *twin;
    const uint8_t *out;
    uint8_t *msg;
    size_t len;
    rink r;

    mixed_make(&r, &params);
    ck_assert_int_eq(rink_collect(&r), SECAGG_OK);
    twin = rink_twin(r.clients[0]);
    msg = party_told(r.server, 0, &len);
    ck_assert_int_eq(secagg_client_recv(twin, msg, len), SECAGG_OK);
    free(msg);
    secagg_client_free(twin);
    rink_deliver(&r);
    rink_reach(&r, SECAGG_PHASE_CONFIRM);
    twin = rink_twin(r.clients[0]);
    ck_assert_int_eq(secagg_client_send(twin, &out, &len), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_phase(twin), SECAGG_PHASE_CONFIRM);
    secagg_client_free(twin);
    ck_assert_int_eq(rink_collect(&r), SECAGG_OK);
    twin = rink_twin(r.clients[0]);
    msg = party_told(r.server, 0, &len);
    ck_assert_int_eq(secagg_client_recv(twin, msg, len), SECAGG_OK);
    ck_assert_int_eq(secagg_client_phase(twin), SECAGG_PHASE_UNMASK);
    free(msg);
    secagg_client_free(twin);
    rink_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_resumed_client_says_what_it_would_have_said,
        a_client_resumed_between_parts_says_the_same,
        a_client_that_is_not_given_its_input_again_goes_on,
        another_input_under_the_same_masks_is_refused,
        another_part_under_the_same_masks_is_refused,
        a_failed_client_is_resumed_as_one,
        a_resumed_client_waits_for_its_signing_key };
    return sodium_init() < 0 || RUN(tests);
}
