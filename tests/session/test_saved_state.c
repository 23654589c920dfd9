/* SPDX-License-Identifier: Apache-2.0 */
/* The saved state of a client (PROTOCOL.md 11): how it is sealed, what it
 * contains, and which states a client must not be resumed from. A client that
 * goes back to an old state could reveal its input. */
#include <sodium.h>
#include <string.h>

#include "support/main.h"
#include "support/oracle_state.h"
#include "support/parts_driver.h"

#define STATE_MAX 8192

/* Offsets of fields in the head. */
#define AT_VERSION 4
#define AT_ZERO 6

static const uint8_t key[SECAGG_SEED_BYTES] = { 1, 2, 3 };

typedef struct state {
    uint8_t bytes[STATE_MAX];
    size_t len;
} state;

static state save(secagg_client *c)
{
    state s = { .len = secagg_client_save_size(c) };

    ck_assert_uint_le(s.len, sizeof s.bytes);
    ck_assert_int_eq(secagg_client_save(c, s.bytes, s.len, key), SECAGG_OK);
    return s;
}

/* Resume the client of a session that the host may know, use it, and free it;
 * returns the error of the resume. */
static secagg_err try_resume_as(const uint8_t *bytes, size_t len,
    uint64_t min_generation, const secagg_params *params, int64_t index)
{
    uint8_t *copy = exact_copy(bytes, len);
    secagg_client *c = NULL;
    const secagg_err err = secagg_client_resume(&c, copy, len, key,
        min_generation, params, index);
    const uint8_t *msg;

    ck_assert_int_eq(c != NULL, err == SECAGG_OK);
    if (c != NULL) {
        (void)!secagg_client_send(c, &msg, &len);
        (void)!secagg_client_recv(c, copy, len);
    }
    secagg_client_free(c);
    free(copy);
    return err;
}

static secagg_err try_resume(const uint8_t *bytes, size_t len,
    uint64_t min_generation)
{
    return try_resume_as(bytes, len, min_generation, NULL, -1);
}

/* ---- the seal ----------------------------------------------------------- */

static size_t open_state(uint8_t *plain, const state *s)
{
    return state_open(plain, s->bytes, s->len, key);
}

static state seal_state(const uint8_t *head, const uint8_t *plain, size_t len)
{
    state s = { .len = len + EXTRA };

    state_seal(s.bytes, head, plain, len, key);
    return s;
}

/* ---- states at each event of a session ---------------------------------- */

static void begin(driver *r, int active)
{
    secagg_params params = mixed_params(FIRST_SUITE);

    if (active) {
        params.mode = SECAGG_ACTIVE;
        params.threshold = 4;
    }
    mixed_init(r, &params);
}

/* Called with a new state of client 0 at each of its events. */
typedef void visit(secagg_client *c, const state *s);

static void visit_event(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    visit *f = *(visit **)r->user;

    (void)now;
    (void)part;
    if (i == 0) {
        const state s = save(r->clients[0]);
        f(r->clients[0], &s);
    }
}

static void visit_all(visit *f)
{
    for (int form = 0; form < 3; form++) {
        driver r;
        begin(&r, form == 1);
        r.part_size = form == 2 ? 512 * 6 : 0;
        r.user = &f;
        r.on_event = visit_event;
        ck_assert_int_eq(driver_run(&r), SECAGG_OK);
        mixed_check(&r);
        driver_free(&r);
    }
}

/* ---- the seal ----------------------------------------------------------- */

/* The head of a client's state, built here. */
static void head_of(uint8_t head[HEAD], const secagg_client *c,
    uint64_t generation)
{
    const secagg_params *params = secagg_client_params(c);
    const size_t len = secagg_params_encoded_size(params);
    uint8_t text[9 + 2048] = "LSA1 ctx";

    memset(head, 0, HEAD);
    memcpy(head, "LSAS", 4);
    head[AT_VERSION + 1] = 1;
    for (int i = 0; i < 8; i++)
        head[AT_GENERATION + i] = (uint8_t)(generation >> (56 - 8 * i) & 255);
    head[AT_INDEX + 3] = (uint8_t)secagg_client_index(c);
    ck_assert_uint_le(len, 2048);
    ck_assert_int_eq(secagg_params_encode(params, text + 9, len), SECAGG_OK);
    crypto_hash_sha256(head + AT_CONTEXT, text, 9 + len);
}

static void check_seal(secagg_client *c, const state *s)
{
    uint8_t head[HEAD], plain[STATE_MAX];
    const size_t len = open_state(plain, s);
    state again;

    head_of(head, c, secagg_client_generation(c));
    ck_assert_mem_eq(head, s->bytes, HEAD);
    again = seal_state(head, plain, len);
    ck_assert_mem_eq(again.bytes, s->bytes, s->len);
    ck_assert_int_eq(try_resume(again.bytes, again.len,
        secagg_client_generation(c)), SECAGG_OK);
}

START_TEST(a_saved_state_is_sealed_as_specified)
{
    visit_all(check_seal);
}
END_TEST

static void check_size(secagg_client *c, const state *s)
{
    const uint64_t generation = secagg_client_generation(c);
    uint8_t buffer[STATE_MAX];

    for (size_t len = s->len - 2; len <= s->len + 2; len++) {
        const secagg_err err = secagg_client_save(c, buffer, len, key);
        ck_assert_int_eq(err, len == s->len ? SECAGG_OK : SECAGG_ERR_SIZE);
    }
    ck_assert_int_eq(secagg_client_save(c, buffer, 0, key), SECAGG_ERR_SIZE);
    ck_assert_uint_eq(secagg_client_generation(c), generation + 1);
    ck_assert_mem_ne(buffer + HEAD, s->bytes + HEAD, NONCE);
}

/* Each state has another generation, and so another nonce. */
START_TEST(save_requires_the_exact_size)
{
    visit_all(check_size);
}
END_TEST

/* Magic, version and the zero are not authenticated before they are read. */
static secagg_err error_of_change(size_t at)
{
    return at < AT_GENERATION ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH;
}

static void check_altered(secagg_client *c, const state *s)
{
    state changed = *s;
    uint8_t other[SECAGG_SEED_BYTES];
    secagg_client *client = NULL;

    for (size_t at = 0; at < s->len; at++) {
        changed.bytes[at] = (uint8_t)(changed.bytes[at] ^ (1u << at % 8));
        ck_assert_int_eq(try_resume(changed.bytes, s->len, 0),
            error_of_change(at));
        changed.bytes[at] = s->bytes[at];
    }
    for (size_t len = 0; len < s->len; len++)
        ck_assert_int_eq(try_resume(s->bytes, len, 0), len < EXTRA
                ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    ck_assert_int_eq(try_resume(changed.bytes, s->len + 1, 0), SECAGG_ERR_AUTH);
    for (int bit = 0; bit < 256; bit++) {
        memcpy(other, key, sizeof other);
        other[bit / 8] = (uint8_t)(other[bit / 8] ^ 1u << bit % 8);
        ck_assert_int_eq(secagg_client_resume(&client, s->bytes, s->len, other,
            0, NULL, -1), SECAGG_ERR_AUTH);
        ck_assert_ptr_null(client);
    }
    (void)c;
}

START_TEST(resume_rejects_a_changed_state_and_another_key)
{
    visit_all(check_altered);
}
END_TEST

/* Plaintexts that are no states, sealed with the right key. A change of a byte
 * may be one to another state; none may do harm. */
static void check_content(secagg_client *c, const state *s)
{
    uint8_t plain[STATE_MAX];
    const size_t len = open_state(plain, s);
    state other;

    (void)c;
    for (size_t cut = 0; cut < len; cut += 1 + cut / 64) {
        other = seal_state(s->bytes, plain, cut);
        ck_assert_int_eq(try_resume(other.bytes, other.len, 0),
            SECAGG_ERR_MESSAGE);
    }
    plain[len] = 0;
    other = seal_state(s->bytes, plain, len + 1);
    ck_assert_int_eq(try_resume(other.bytes, other.len, 0), SECAGG_ERR_MESSAGE);
    for (size_t at = 0; at < len; at++) {
        secagg_err err;
        plain[at] ^= 0xff;
        other = seal_state(s->bytes, plain, len);
        err = try_resume(other.bytes, other.len, 0);
        ck_assert(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
        plain[at] ^= 0xff;
    }
}

/* The state of one client, sealed as that of another session, or of a client
 * that does not exist. */
static void check_foreign_head(secagg_client *c, const state *s)
{
    uint8_t plain[STATE_MAX], head[HEAD];
    const size_t len = open_state(plain, s);
    state other;

    memcpy(head, s->bytes, HEAD);
    head[AT_CONTEXT + 31] ^= 1;
    other = seal_state(head, plain, len);
    ck_assert_int_eq(try_resume(other.bytes, other.len, 0),
        SECAGG_ERR_MESSAGE);
    head[AT_CONTEXT + 31] ^= 1;
    head[AT_INDEX + 3] = (uint8_t)secagg_client_params(c)->clients;
    other = seal_state(head, plain, len);
    ck_assert_int_eq(try_resume(other.bytes, other.len, 0),
        SECAGG_ERR_MESSAGE);
}

START_TEST(resume_rejects_a_state_under_another_head)
{
    visit_all(check_foreign_head);
}
END_TEST

START_TEST(resume_rejects_a_sealed_plaintext_that_is_no_state)
{
    visit_all(check_content);
}
END_TEST

/* ---- generations -------------------------------------------------------- */

START_TEST(generations_count_saves_across_resumes)
{
    secagg_client *c, *next;
    state s;
    driver r;

    begin(&r, 0);
    c = r.clients[0];
    ck_assert_uint_eq(secagg_client_generation(c), 0);
    for (uint64_t g = 1; g < 10; g++) {
        s = save(c);
        ck_assert_uint_eq(secagg_client_generation(c), g);
        ck_assert_int_eq(try_resume(s.bytes, s.len, g + 1),
            SECAGG_ERR_STALE);
        ck_assert_int_eq(try_resume(s.bytes, s.len, UINT64_MAX),
            SECAGG_ERR_STALE);
        ck_assert_int_eq(secagg_client_resume(&next, s.bytes, s.len, key, g,
            &r.params, 0), SECAGG_OK);
        ck_assert_uint_eq(secagg_client_generation(next), g);
        secagg_client_free(c);
        c = next;
    }
    r.clients[0] = c;
    driver_free(&r);
}
END_TEST

/* States saved between KEYS and ROSTER, before INPUT, and before UNMASK or
 * CONFIRM. A host that saves before it sends knows a later generation, so that
 * it cannot resume from a state that would reveal an input. */
START_TEST(resume_rejects_a_state_before_the_given_generation)
{
    for (int active = 0; active < 2; active++) {
        uint64_t newest;
        state old[3];
        size_t len;
        driver r;
        begin(&r, active);
        ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
        old[0] = save(r.clients[0]); /* KEYS are out */
        driver_deliver(&r);
        ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
        driver_deliver(&r);
        old[1] = save(r.clients[0]); /* INPUT is due */
        ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
        (void)save(r.clients[0]);
        driver_deliver(&r);
        old[2] = save(r.clients[0]); /* UNMASK or CONFIRM is due */
        free(driver_client_send(r.clients[0], &len));
        (void)save(r.clients[0]);
        newest = secagg_client_generation(r.clients[0]);
        ck_assert_uint_eq(newest, 8); /* three messages waited for a save */
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(try_resume(old[i].bytes, old[i].len, newest),
                SECAGG_ERR_STALE);
            ck_assert_int_eq(try_resume(old[i].bytes, old[i].len, 0),
                SECAGG_OK); /* without a generation */
        }
        driver_free(&r);
    }
}
END_TEST

/* The claim of PROTOCOL.md 11.3: before it goes on, the host of a resumed
 * client accepts only later generations. The next save has the first of them.
 */
START_TEST(a_claimed_state_is_resumed_once)
{
    secagg_client *next;
    uint64_t least = 0;
    state s, later;
    driver r;

    begin(&r, 0);
    s = save(r.clients[0]);
    for (int times = 0; times < 5; times++) {
        ck_assert_int_eq(secagg_client_resume(&next, s.bytes, s.len, key,
            least, &r.params, 0), SECAGG_OK);
        least = secagg_client_generation(next) + 1; /* the claim */
        ck_assert_int_eq(try_resume(s.bytes, s.len, least), SECAGG_ERR_STALE);
        later = save(next);
        ck_assert_uint_eq(secagg_client_generation(next), least);
        secagg_client_free(next);
        s = later;
    }
    driver_free(&r);
}
END_TEST

/* ---- clients and sessions ----------------------------------------------- */

/* The state of a client in a session that has just begun. */
static state state_of(const secagg_params *params, uint32_t index)
{
    state s;
    driver r;

    mixed_init(&r, params);
    s = save(r.clients[index]);
    driver_free(&r);
    return s;
}

/* One key of a host serves all of them. A host that knows which client it
 * resumes gets no other; and the head of one state does not open another. */
START_TEST(states_of_clients_and_sessions_cannot_be_swapped)
{
    const secagg_params here = mixed_params(FIRST_SUITE);
    secagg_params there = here;
    state s[3];

    there.session[0] ^= 1;
    s[0] = state_of(&here, 0);
    s[1] = state_of(&here, 1);
    s[2] = state_of(&there, 0);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            const secagg_err want = i == k ? SECAGG_OK : SECAGG_ERR_AUTH;
            state swapped = s[i];
            ck_assert_int_eq(try_resume_as(s[i].bytes, s[i].len, 0,
                k == 2 ? &there : &here, k == 1), want);
            memcpy(swapped.bytes, s[k].bytes, HEAD);
            ck_assert_int_eq(try_resume(swapped.bytes, swapped.len, 0), want);
        }
    ck_assert_int_eq(try_resume_as(s[1].bytes, s[1].len, 0, NULL, 0),
        SECAGG_ERR_AUTH);
    ck_assert_int_eq(try_resume_as(s[1].bytes, s[1].len, 0, &here, -1),
        SECAGG_OK);
    ck_assert_int_eq(try_resume_as(s[2].bytes, s[2].len, 0, &here, -1),
        SECAGG_ERR_AUTH);
    ck_assert_int_eq(try_resume_as(s[0].bytes, s[0].len, 0, NULL, 1LL << 32),
        SECAGG_ERR_AUTH);
}
END_TEST

/* The order of the checks: head, client and session, generation, seal. */
START_TEST(resume_checks_the_head_in_the_order_of_the_protocol)
{
    const secagg_params params = mixed_params(FIRST_SUITE);
    secagg_params invalid = params;
    state s = state_of(&params, 0);

    invalid.threshold = 0;
    ck_assert_int_eq(try_resume_as(s.bytes, s.len, 0, &invalid, 0),
        SECAGG_ERR_ARG);
    s.bytes[s.len - 1] ^= 1;
    ck_assert_int_eq(try_resume_as(s.bytes, s.len, 1, &params, 0),
        SECAGG_ERR_AUTH);
    ck_assert_int_eq(try_resume_as(s.bytes, s.len, 2, &params, 0),
        SECAGG_ERR_STALE);
    ck_assert_int_eq(try_resume_as(s.bytes, s.len, 2, &params, 1),
        SECAGG_ERR_AUTH);
    s.bytes[AT_ZERO] ^= 1;
    ck_assert_int_eq(try_resume_as(s.bytes, s.len, 2, &params, 1),
        SECAGG_ERR_MESSAGE);
}
END_TEST

/* ---- what a resumed client rejects -------------------------------------- */

/* A client that is resumed after it accepted a roster, or survivors, rejects
 * any other. */
START_TEST(a_resumed_client_rejects_another_roster_or_survivors)
{
    uint8_t *roster, *survivors;
    size_t roster_len, len;
    secagg_client *copy;
    driver r;

    begin(&r, 0);
    ck_assert_int_eq(driver_collect(&r), SECAGG_OK);
    roster = party_server_send(r.server, 0, &roster_len);
    driver_deliver(&r);
    copy = driver_copy_client(r.clients[0]);
    roster[roster_len - 1] ^= 1;
    ck_assert_int_eq(secagg_client_recv(copy, roster, roster_len),
        SECAGG_ERR_STATE);
    roster[roster_len - 1] ^= 1;
    ck_assert_int_eq(secagg_client_recv(copy, roster, roster_len),
        SECAGG_OK);
    secagg_client_free(copy);
    driver_run_to(&r, SECAGG_PHASE_UNMASK);
    survivors = party_server_send(r.server, 0, &len);
    for (int answered = 0; answered < 2; answered++) {
        size_t out;
        copy = driver_copy_client(r.clients[0]);
        survivors[PARTY_HEADER] ^= 0x10;
        ck_assert_int_eq(secagg_client_recv(copy, survivors, len),
            SECAGG_ERR_STATE);
        survivors[PARTY_HEADER] ^= 0x10;
        ck_assert_int_eq(secagg_client_recv(copy, survivors, len),
            SECAGG_OK);
        free(driver_client_send(copy, &out));
        ck_assert_uint_gt(out, 0);
        secagg_client_free(copy);
        if (answered == 0)
            free(driver_client_send(r.clients[0], &out));
    }
    free(roster);
    free(survivors);
    driver_free(&r);
}
END_TEST

/* A host must not do this; but both clients send the same message. */
START_TEST(two_clients_resumed_from_one_state_send_the_same_message)
{
    secagg_client *twins[2];
    uint8_t *msgs[2];
    size_t lens[2];
    state s;
    driver r;

    begin(&r, 0);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    s = save(r.clients[0]);
    for (int k = 0; k < 2; k++) {
        secagg_client *kept = r.clients[0];
        ck_assert_int_eq(secagg_client_resume(&twins[k], s.bytes, s.len, key,
            1, NULL, -1), SECAGG_OK);
        r.clients[0] = twins[k];
        mixed_input(&r, 0, 0, r.blocks);
        r.clients[0] = kept;
        msgs[k] = driver_client_send(twins[k], &lens[k]);
    }
    ck_assert_uint_eq(lens[0], lens[1]);
    ck_assert_mem_eq(msgs[0], msgs[1], lens[0]);
    for (int k = 0; k < 2; k++) {
        secagg_client_free(twins[k]);
        free(msgs[k]);
    }
    driver_free(&r);
}
END_TEST

/* ---- contents ----------------------------------------------------------- */

/* States of two clients that differ only in their input. They are equal before
 * INPUT is built; afterwards they differ only in the digest of that message. */
START_TEST(a_saved_state_has_only_a_digest_of_the_input)
{
    static const char label[] = "LSA1 input";
    uint8_t plain[2][STATE_MAX], digest[2][32];
    crypto_hash_sha256_state hash;
    size_t len, differ = 0, first = 0;

    for (int k = 0; k < 2; k++) {
        uint8_t before[STATE_MAX], after[STATE_MAX], *msg;
        secagg_client *kept;
        state s;
        driver r;
        begin(&r, 0);
        driver_run_to(&r, SECAGG_PHASE_INPUT);
        s = save(r.clients[0]);
        len = open_state(before, &s);
        kept = r.clients[k];
        r.clients[k] = r.clients[0];
        mixed_input(&r, (uint32_t)k, 0, r.blocks); /* as client k would */
        r.clients[k] = kept;
        s = save(r.clients[0]);
        ck_assert_uint_eq(open_state(after, &s), len);
        ck_assert_mem_eq(before, after, len);
        msg = driver_client_send(r.clients[0], &len);
        crypto_hash_sha256_init(&hash);
        crypto_hash_sha256_update(&hash, (const uint8_t *)label,
            sizeof label);
        crypto_hash_sha256_update(&hash, msg, len);
        crypto_hash_sha256_final(&hash, digest[k]);
        free(msg);
        s = save(r.clients[0]);
        len = open_state(plain[k], &s);
        driver_free(&r);
    }
    for (size_t at = 0; at < len; at++) {
        first = differ == 0 ? at : first;
        differ += plain[0][at] != plain[1][at];
    }
    ck_assert_uint_gt(differ, 16);
    for (int k = 0; k < 2; k++) {
        size_t at = 0; /* of the digest */
        while (at + 32 <= len && memcmp(plain[k] + at, digest[k], 32) != 0)
            at++;
        ck_assert_uint_le(at + 32, len);
        memset(plain[k] + at, 0, 32);
    }
    ck_assert_mem_eq(plain[0], plain[1], len);
}
END_TEST

/* The state does not include the count of clipped values. */
START_TEST(a_resumed_client_counts_clipped_values_from_zero)
{
    uint64_t counted;
    driver r;

    begin(&r, 0);
    mixed_input(&r, 0, 0, r.blocks);
    counted = secagg_client_clipped(r.clients[0], 1);
    ck_assert_uint_gt(counted, 10);
    for (int times = 0; times < 2; times++) {
        secagg_client *old = r.clients[0];
        r.clients[0] = driver_copy_client(old);
        secagg_client_free(old);
        ck_assert_uint_eq(secagg_client_clipped(r.clients[0], 1), 0);
        mixed_input(&r, 0, 0, r.blocks);
        ck_assert_uint_eq(secagg_client_clipped(r.clients[0], 1), counted);
    }
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_saved_state_is_sealed_as_specified,
        save_requires_the_exact_size,
        resume_rejects_a_changed_state_and_another_key,
        resume_rejects_a_state_under_another_head,
        resume_rejects_a_sealed_plaintext_that_is_no_state,
        generations_count_saves_across_resumes,
        resume_rejects_a_state_before_the_given_generation,
        a_claimed_state_is_resumed_once,
        states_of_clients_and_sessions_cannot_be_swapped,
        resume_checks_the_head_in_the_order_of_the_protocol,
        a_resumed_client_rejects_another_roster_or_survivors,
        two_clients_resumed_from_one_state_send_the_same_message,
        a_saved_state_has_only_a_digest_of_the_input,
        a_resumed_client_counts_clipped_values_from_zero };
    return sodium_init() < 0 || RUN(tests);
}
