/* SPDX-License-Identifier: Apache-2.0 */
/* A client that was ever saved gives out no message that its latest state does
 * not know (PROTOCOL.md 11.3), so that no rollback makes it build a second
 * one. */
#include <string.h>

#include "support/main.h"
#include "support/parts_driver.h"

static const uint8_t key[SECAGG_SEED_BYTES] = { 0x51 };

static void save(secagg_client *c)
{
    const size_t len = secagg_client_save_size(c);
    uint8_t *state = malloc(len);

    ck_assert_ptr_nonnull(state);
    OK(secagg_client_save(c, state, len, key));
    free(state);
}

/* Check that the client has built a message, and waits. */
static void check_waits(secagg_client *c)
{
    const uint8_t *msg = NULL;
    size_t len = 77;

    for (int times = 0; times < 3; times++) {
        ck_assert_int_eq(secagg_client_send(c, &msg, &len), SECAGG_ERR_STATE);
        ck_assert_ptr_null(msg);
        ck_assert_uint_eq(len, 77);
    }
    ck_assert_int_eq(secagg_client_error(c), SECAGG_OK);
}

/* The message that the client gives out now. */
static uint8_t *take(secagg_client *c, size_t *len)
{
    const uint8_t *msg;
    uint8_t *copy;

    OK(secagg_client_send(c, &msg, len));
    ck_assert_uint_gt(*len, 0);
    copy = malloc(*len);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, msg, *len);
    return copy;
}

static void check_no_message(secagg_client *c)
{
    const uint8_t *msg;
    size_t len;

    OK(secagg_client_send(c, &msg, &len));
    ck_assert_uint_eq(len, 0);
}

/* ---- whole messages ----------------------------------------------------- */

/* Resume client 1 after its message, and take that message once more. Neither
 * the signing key nor the input is in the state: supply them again, the input
 * only if it was not built. */
static void resume(party *p, secagg_phase phase)
{
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
    uint64_t values[PARTY_LENGTH];
    secagg_client *c = driver_copy_client(p->clients[1]);
    size_t len;

    secagg_client_free(p->clients[1]);
    p->clients[1] = c;
    party_identity(1, public_key, secret_key);
    if (p->params.mode == SECAGG_ACTIVE && phase < SECAGG_PHASE_UNMASK)
        OK(secagg_client_identify(c, secret_key));
    if (phase != SECAGG_PHASE_INPUT)
        free(take(c, &len));
    for (uint64_t e = 0; e < PARTY_LENGTH; e++)
        values[e] = party_entry(1, e);
    if (phase < SECAGG_PHASE_INPUT)
        OK(secagg_client_input_u64(c, 0, 0, values, PARTY_LENGTH));
}

/* Client 1 is saved once before its message of `first`; from then on each of
 * its messages waits, and is the one that it would have sent otherwise. With
 * `resumed`, the client is resumed after each message, and needs no input again
 * because the server has it. */
static void try_from(int mode, int first, bool resumed)
{
    const secagg_params params = params_of_mode(mode, 4, 3, 0);
    party p, other;

    party_init(&p, &params, 41);
    party_init(&other, &params, 41);
    party_input(&p);
    party_input(&other);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const int phase = (int)secagg_server_phase(p.server);
        secagg_client *c = p.clients[1];
        uint8_t *msg, *want;
        size_t len, want_len;
        if (phase == first)
            save(c);
        if (phase >= first) {
            check_waits(c);
            save(c);
        }
        msg = take(c, &len);
        want = take(other.clients[1], &want_len);
        ck_assert_uint_eq(len, want_len);
        ck_assert_mem_eq(msg, want, len);
        check_no_message(c);
        OK(secagg_server_recv(p.server, 1, msg, len));
        OK(secagg_server_recv(other.server, 1, msg, len));
        free(msg);
        free(want);
        if (resumed && phase >= first)
            resume(&p, (secagg_phase)phase);
        OK(party_collect(&p));
        OK(party_collect(&other));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
            party_deliver(&p);
            party_deliver(&other);
        }
    }
    party_check_sum(&p);
    party_free(&p);
    party_free(&other);
}

START_TEST(a_saved_client_waits_with_each_message_for_a_save)
{
    for (int first = SECAGG_PHASE_KEYS; first <= SECAGG_PHASE_UNMASK; first++)
        for (int mode = 0; mode < 2; mode++)
            for (int resumed = 0; resumed < 2; resumed++)
                if (first != SECAGG_PHASE_CONFIRM || mode == SECAGG_ACTIVE)
                    try_from(mode, first, resumed != 0);
}
END_TEST

/* The server's message once more does not make it give out its answer. */
START_TEST(a_repeat_does_not_free_a_message_that_waits)
{
    const secagg_params params = small_params(4, 3, 0);
    uint8_t *relay, *msg;
    size_t len;
    party p;

    party_init(&p, &params, 42);
    party_input(&p);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    relay = party_server_send(p.server, 1, &len);
    save(p.clients[1]);
    check_waits(p.clients[1]);
    OK(secagg_client_recv(p.clients[1], relay, len));
    check_waits(p.clients[1]);
    free(relay);
    save(p.clients[1]);
    msg = take(p.clients[1], &len);
    OK(secagg_server_recv(p.server, 1, msg, len));
    free(msg);
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* ABORT has no secret in it. */
START_TEST(an_abort_does_not_wait)
{
    const secagg_params params = small_params(4, 3, 0);
    const uint8_t *msg;
    uint8_t *roster;
    size_t len;
    party p;

    party_init(&p, &params, 43);
    OK(party_collect(&p));
    roster = party_server_send(p.server, 1, &len);
    roster[PARTY_HEADER + 40] ^= 1;
    save(p.clients[1]);
    ck_assert_int_eq(secagg_client_recv(p.clients[1], roster, len),
        SECAGG_ERR_MESSAGE);
    OK(secagg_client_send(p.clients[1], &msg, &len));
    ck_assert_uint_eq(msg[PARTY_AT_TYPE], 11);
    free(roster);
    party_free(&p);
}
END_TEST

/* ---- input -------------------------------------------------------------- */

/* Run to INPUT; client 0 sends in parts of five blocks. */
static void begin_parts(driver *r)
{
    const secagg_params params = mixed_params(FIRST_SUITE);

    mixed_init(r, &params);
    driver_run_to(r, SECAGG_PHASE_INPUT);
    OK(secagg_client_set_part_size(r->clients[0], 5 * 512));
}

/* A part that waits is not replaced in the buffer by the next one. */
START_TEST(no_input_is_accepted_while_a_part_waits)
{
    uint8_t *msg;
    size_t len;
    uint64_t entries[8] = { 0 };
    driver r;

    begin_parts(&r);
    save(r.clients[0]);
    for (uint64_t part = 0; part * 5 < r.blocks; part++) {
        secagg_client *c = r.clients[0];
        mixed_input(&r, 0, part * 5, part * 5 + 5);
        check_waits(c);
        for (int saved = 0; saved < 2; saved++) {
            for (size_t s = 0; s < SEGMENTS; s++)
                if (segments[s].kind == SECAGG_INTEGER)
                    ck_assert_int_eq(secagg_client_input_u64(c, s, 0, entries,
                        1), SECAGG_ERR_STATE);
            ck_assert_int_eq(secagg_client_weight(c, 1), SECAGG_ERR_STATE);
            if (saved == 0)
                save(c);
        }
        msg = take(c, &len);
        ck_assert_uint_eq(msg[AT_PART + 3], part);
        OK(secagg_server_recv(r.server, 0, msg, len));
        free(msg);
    }
    for (uint32_t i = 1; i < N; i++) {
        mixed_input(&r, i, 0, r.blocks);
        msg = take(r.clients[i], &len);
        OK(secagg_server_recv(r.server, i, msg, len));
        free(msg);
    }
    OK(secagg_server_advance(r.server));
    driver_deliver(&r);
    OK(driver_run(&r));
    mixed_check(&r);
    driver_free(&r);
}
END_TEST

/* A part that is built again after a resume was saved before; the next one was
 * not. */
START_TEST(only_new_parts_wait_after_a_resume)
{
    uint8_t *first, *again;
    size_t len, again_len;
    secagg_client *old;
    driver r;

    begin_parts(&r);
    mixed_input(&r, 0, 0, 5);
    first = take(r.clients[0], &len);
    old = r.clients[0];
    r.clients[0] = driver_copy_client(old);
    secagg_client_free(old);
    mixed_input(&r, 0, 0, 5);
    again = take(r.clients[0], &again_len);
    ck_assert_uint_eq(again_len, len);
    ck_assert_mem_eq(again, first, len);
    free(first);
    free(again);
    mixed_input(&r, 0, 5, 10);
    check_waits(r.clients[0]);
    save(r.clients[0]);
    free(take(r.clients[0], &len));
    driver_free(&r);
}
END_TEST

/* A host that saves once, goes on, loses its machine and trains again gets one
 * INPUT out of the state: the first one never left. */
START_TEST(a_rollback_never_makes_a_second_input)
{
    const secagg_params params = mixed_params(FIRST_SUITE);
    secagg_client *copy, *kept;
    uint8_t *msg;
    size_t len;
    driver r;

    mixed_init(&r, &params);
    driver_run_to(&r, SECAGG_PHASE_INPUT);
    copy = driver_copy_client(r.clients[0]); /* the state before INPUT */
    mixed_input(&r, 0, 0, r.blocks);
    check_waits(r.clients[0]);
    kept = r.clients[2];
    r.clients[2] = copy;
    mixed_input(&r, 2, 0, r.blocks); /* another input */
    r.clients[2] = kept;
    check_waits(copy);
    save(copy);
    msg = take(copy, &len);
    OK(secagg_server_recv(r.server, 0, msg, len));
    free(msg);
    secagg_client_free(copy);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_saved_client_waits_with_each_message_for_a_save,
        a_repeat_does_not_free_a_message_that_waits, an_abort_does_not_wait,
        no_input_is_accepted_while_a_part_waits,
        only_new_parts_wait_after_a_resume,
        a_rollback_never_makes_a_second_input };
    return RUN(tests);
}
