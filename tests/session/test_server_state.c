/* SPDX-License-Identifier: Apache-2.0 */
/* The saved state of a server (PROTOCOL.md 11.5): how it is sealed, which
 * states it must not be resumed from, and when a server that is saved gives out
 * messages. */
#include <string.h>

#include "core/bits.h"
#include "support/main.h"
#include "support/oracle_state.h"
#include "support/saved_server.h"
#include "support/util.h"

/* ---- the seal ----------------------------------------------------------- */

static size_t open_state(uint8_t *plain, const sealed *s)
{
    return state_open(plain, s->bytes, s->len, saved_key);
}

/* Seals `len` bytes under a head. */
static sealed seal_state(const uint8_t *head, const uint8_t *plain, size_t len)
{
    sealed s = { malloc(len + EXTRA), len + EXTRA };

    ck_assert_ptr_nonnull(s.bytes);
    state_seal(s.bytes, head, plain, len, saved_key);
    return s;
}

static void check_seal(driver *r, int form)
{
    static const uint8_t nobody[4] = { 0xff, 0xff, 0xff, 0xff };
    sealed s = saved_save(r->server), again;
    uint8_t *plain = malloc(s.len), generation[8];
    const size_t len = open_state(plain, &s);

    (void)form;
    sa_put_be64(generation, secagg_server_generation(r->server));
    ck_assert_mem_eq(s.bytes, "LSAS\0\1\0", AT_GENERATION);
    ck_assert_mem_eq(s.bytes + AT_GENERATION, generation, 8);
    ck_assert_mem_eq(s.bytes + AT_INDEX, nobody, sizeof nobody);
    again = seal_state(s.bytes, plain, len);
    ck_assert_mem_eq(again.bytes, s.bytes, s.len);
    free(again.bytes);
    free(plain);
    free(s.bytes);
}

START_TEST(the_state_of_a_server_is_sealed_as_specified)
{
    saved_visit(check_seal);
}
END_TEST

static void check_size(driver *r, int form)
{
    const size_t size = secagg_server_save_size(r->server);
    const uint64_t before = secagg_server_generation(r->server);
    uint8_t *bytes = malloc(size + 1);

    (void)form;
    ck_assert_ptr_nonnull(bytes);
    for (size_t len = size - 1; len <= size + 1; len++)
        ck_assert_int_eq(secagg_server_save(r->server, bytes, len, saved_key),
            len == size ? SECAGG_OK : SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_server_save(r->server, bytes, 0, saved_key),
        SECAGG_ERR_SIZE);
    ck_assert_uint_eq(secagg_server_generation(r->server), before + 1);
    free(bytes);
}

START_TEST(save_requires_the_exact_size)
{
    saved_visit(check_size);
}
END_TEST

/* ---- heads -------------------------------------------------------------- */

static void check_head(driver *r, int form)
{
    const uint64_t generation = secagg_server_generation(r->server) + 1;
    secagg_params other = r->params;
    sealed s = saved_save(r->server);
    uint64_t rng = s.len;

    other.session[3] ^= 1;
    OK(saved_error(s.bytes, s.len, 0, NULL));
    OK(saved_error(s.bytes, s.len, generation, &r->params));
    ck_assert_int_eq(saved_error(s.bytes, s.len, generation + 1, NULL),
        SECAGG_ERR_STALE);
    ck_assert_int_eq(saved_error(s.bytes, s.len, UINT64_MAX, &r->params),
        SECAGG_ERR_STALE);
    ck_assert_int_eq(saved_error(s.bytes, s.len, UINT64_MAX, &other),
        SECAGG_ERR_AUTH);
    other.threshold = 0;
    ck_assert_int_eq(saved_error(s.bytes, s.len, 0, &other), SECAGG_ERR_ARG);
    for (int k = 0; k < 200; k++) {
        const size_t at = k < EXTRA ? (size_t)k
                                    : (size_t)(prng_next(&rng) % s.len);
        s.bytes[at] ^= 0x40;
        ck_assert_int_eq(saved_error(s.bytes, s.len, 0, NULL),
            at < AT_GENERATION ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
        s.bytes[at] ^= 0x40;
    }
    for (size_t len = 0; len < s.len; len += 1 + len / 16)
        ck_assert_int_eq(saved_error(s.bytes, len, 0, NULL), len < EXTRA
                ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    free(s.bytes);
    (void)form;
}

START_TEST(resume_rejects_altered_old_and_foreign_states)
{
    saved_visit(check_head);
}
END_TEST

/* The state of a client is none of a server, and the other way about, though
 * one key seals both. */
START_TEST(a_client_and_a_server_cannot_be_swapped)
{
    const secagg_params params = saved_params(COMPLETE);
    secagg_client *c = NULL;
    secagg_server *s = NULL;
    uint8_t *bytes, *plain;
    sealed whole;
    size_t len;
    driver r;

    mixed_init(&r, &params);
    whole = saved_save(r.server);
    len = secagg_client_save_size(r.clients[0]);
    bytes = malloc(len);
    plain = malloc(whole.len);
    ck_assert_ptr_nonnull(bytes);
    OK(secagg_client_save(r.clients[0], bytes, len, saved_key));
    ck_assert_int_eq(secagg_server_resume(&s, bytes, len, saved_key, 0, NULL),
        SECAGG_ERR_AUTH);
    ck_assert_int_eq(secagg_client_resume(&c, whole.bytes, whole.len,
        saved_key, 0, NULL, 0), SECAGG_ERR_AUTH);
    ck_assert_int_eq(secagg_client_resume(&c, whole.bytes, whole.len,
        saved_key, 0, NULL, -1), SECAGG_ERR_MESSAGE);
    ck_assert_ptr_null(c);
    ck_assert_ptr_null(s);
    free(bytes);
    free(plain);
    free(whole.bytes);
    driver_free(&r);
}
END_TEST

/* ---- plaintexts that are no states -------------------------------------- */

/* Any cut and any byte more is found. A byte that is changed gives another
 * state or none; if it gives one, saving that gives the same bytes. */
static void check_content(driver *r, int form)
{
    sealed s = saved_save(r->server), other;
    uint8_t *plain = malloc(s.len), *again = malloc(s.len);
    const size_t len = open_state(plain, &s);
    uint64_t rng = len + (uint64_t)form;

    for (size_t cut = 0; cut < len; cut += 1 + cut / 8) {
        other = seal_state(s.bytes, plain, cut);
        ck_assert_int_eq(saved_error(other.bytes, other.len, 0, NULL),
            SECAGG_ERR_MESSAGE);
        free(other.bytes);
    }
    plain[len] = 0;
    other = seal_state(s.bytes, plain, len + 1);
    ck_assert_int_eq(saved_error(other.bytes, other.len, 0, NULL),
        SECAGG_ERR_MESSAGE);
    free(other.bytes);
    for (int k = 0; k < 400; k++) {
        const size_t at = (size_t)(prng_next(&rng) % (k < 200 && len > 800
            ? 800 : len));
        const uint8_t bit = (uint8_t)(1u << prng_next(&rng) % 8);
        secagg_server *next = NULL;
        secagg_err err;
        plain[at] ^= bit;
        other = seal_state(s.bytes, plain, len);
        err = secagg_server_resume(&next, other.bytes, other.len, saved_key, 0,
            NULL);
        ck_assert(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
        if (err == SECAGG_OK) {
            ck_assert_uint_eq(secagg_server_save_size(next), other.len);
            next->generation--;
            OK(secagg_server_save(next, again, other.len, saved_key));
            ck_assert_mem_eq(again, other.bytes, other.len);
        }
        secagg_server_free(next);
        free(other.bytes);
        plain[at] ^= bit;
    }
    free(plain);
    free(again);
    free(s.bytes);
}

START_TEST(a_state_has_one_encoding_and_what_is_none_is_rejected)
{
    saved_visit(check_content);
}
END_TEST

/* ---- save before send --------------------------------------------------- */

/* Returns the server's answer when it is asked for a message. */
static secagg_err ask(secagg_server *s, uint32_t to)
{
    const uint8_t *msg;
    size_t len;

    return secagg_server_send(s, to, &msg, &len);
}

/* A server that is saved once waits for a save in each later phase; so does one
 * that was resumed. Messages of clients do not make it wait. */
static void try_waiting(bool resumes, secagg_phase first)
{
    const secagg_params params = saved_params(COMPLETE);
    bool saved = false;
    driver r;

    mixed_init(&r, &params);
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(r.server);
        if (phase == first) {
            const sealed s = saved_save(r.server);
            saved = true;
            if (resumes) {
                secagg_server_free(r.server);
                OK(secagg_server_resume(&r.server, s.bytes, s.len, saved_key, 1,
                    NULL));
            }
            OK(ask(r.server, 0));
            free(s.bytes);
        }
        saved_answer(&r);
        OK(ask(r.server, 0));
        OK(secagg_server_advance(r.server));
        if (saved) {
            sealed s;
            for (uint32_t i = 0; i < CLIENTS; i++)
                ck_assert_int_eq(ask(r.server, i), SECAGG_ERR_STATE);
            s = saved_save(r.server);
            free(s.bytes);
        }
        OK(ask(r.server, 0));
        if (secagg_server_phase(r.server) < SECAGG_PHASE_DONE)
            driver_deliver(&r);
    }
    mixed_check(&r);
    driver_free(&r);
}

START_TEST(a_saved_server_gives_out_a_message_only_after_a_save_in_its_phase)
{
    for (secagg_phase first = SECAGG_PHASE_KEYS; first <= SECAGG_PHASE_UNMASK;
         first++) {
        try_waiting(false, first);
        try_waiting(true, first);
    }
}
END_TEST

START_TEST(the_end_of_a_session_is_saved_before_clients_hear_of_it)
{
    const secagg_params params = saved_params(COMPLETE);
    sealed s;
    driver r;

    mixed_init(&r, &params);
    s = saved_save(r.server);
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(ask(r.server, 0), SECAGG_ERR_STATE);
    free(s.bytes);
    s = saved_save(r.server);
    OK(ask(r.server, 0));
    free(s.bytes);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_state_of_a_server_is_sealed_as_specified,
        save_requires_the_exact_size,
        resume_rejects_altered_old_and_foreign_states,
        a_client_and_a_server_cannot_be_swapped,
        a_state_has_one_encoding_and_what_is_none_is_rejected,
        a_saved_server_gives_out_a_message_only_after_a_save_in_its_phase,
        the_end_of_a_session_is_saved_before_clients_hear_of_it };
    return sodium_init() < 0 || RUN(tests);
}
