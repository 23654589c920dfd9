/* SPDX-License-Identifier: Apache-2.0 */
/* A server that crashes before and after every call on it, and is resumed from
 * its saved state (PROTOCOL.md 11.5): the session is, message for message, the
 * one of a server that never crashed. The linker passes all calls of this
 * program to the functions __wrap_..., which replace the server. */
#include <sodium.h>
#include <string.h>

#include "core/bits.h"
#include "server/server_state.h"
#include "support/cheat_session.h"
#include "support/main.h"
#include "support/parts_driver.h"
#include "support/util.h"

#define TEST_CASES 160 /* sessions with random dropouts and cheats */

static const uint8_t key[SECAGG_SEED_BYTES] = { 0x5e, 1 };

static bool crashes;                      /* in this run */
static crypto_hash_sha256_state history;  /* of all calls and messages */
static size_t calls;

secagg_err __real_secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len);
secagg_err __real_secagg_server_advance(secagg_server *s);
secagg_err __real_secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len);
secagg_err __wrap_secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len);
secagg_err __wrap_secagg_server_advance(secagg_server *s);
secagg_err __wrap_secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len);

/* ---- the crash ---------------------------------------------------------- */

static void swap(secagg_server *a, secagg_server *b)
{
    const secagg_server kept = *a;

    *a = *b;
    *b = kept;
}

/* Save the server, free it, and resume another one in its place. The encoding
 * is canonical: the resumed server has the same state. */
static void crash(secagg_server *s)
{
    const size_t len = secagg_server_save_size(s);
    uint8_t *state = malloc(len), *again = malloc(len);
    secagg_server *next;

    if (!crashes) {
        free(state);
        free(again);
        return;
    }
    OK(secagg_server_save(s, state, len, key));
    OK(secagg_server_resume(&next, state, len, key, s->generation,
        secagg_server_params(s)));
    ck_assert_uint_eq(secagg_server_generation(next), s->generation);
    ck_assert_uint_eq(secagg_server_save_size(next), len);
    next->generation--;
    OK(secagg_server_save(next, again, len, key));
    ck_assert_mem_eq(state, again, len);
    swap(s, next);
    secagg_server_free(next);
    free(state);
    free(again);
}

static void note(const void *at, size_t len)
{
    if (len > 0)
        crypto_hash_sha256_update(&history, at, len);
}

/* All that the host can ask a server about clients and blame. */
static void note_status(const secagg_server *s)
{
    const uint32_t n = secagg_server_params(s)->clients;
    uint8_t owing[8] = { 0 };
    uint32_t plain[3] = { (uint32_t)secagg_server_phase(s),
        secagg_server_pending(s), secagg_server_survivors(s) };
    uint64_t weight = secagg_server_weight(s);
    char why[512];
    secagg_err err;

    note(plain, sizeof plain);
    note(&weight, sizeof weight);
    OK(secagg_server_owing(s, owing, sizeof owing));
    note(owing, sizeof owing);
    (void)secagg_server_error(s, why, sizeof why);
    note(why, strlen(why));
    for (uint32_t i = 0; i < n; i++) {
        secagg_phase lost = SECAGG_PHASE_DONE;
        const bool has[2] = { secagg_server_includes(s, i),
            secagg_server_answered(s, i) };
        err = SECAGG_OK;
        (void)!secagg_server_lost(s, i, &lost, &err);
        note(has, sizeof has);
        note(&lost, sizeof lost);
        note(&err, sizeof err);
    }
    for (size_t i = 0; secagg_server_blamed(s, i, &plain[0], &err)
             == SECAGG_OK; i++) {
        note(plain, sizeof *plain);
        note(&err, sizeof err);
    }
    for (size_t i = 0; secagg_server_disputed(s, i, &plain[0], &plain[1])
             == SECAGG_OK; i++)
        note(plain, 2 * sizeof *plain);
}

secagg_err __wrap_secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len)
{
    secagg_err err;

    crash(s);
    err = __real_secagg_server_recv(s, from, msg, len);
    note(msg, len);
    note(&err, sizeof err);
    note_status(s);
    calls++;
    return err;
}

secagg_err __wrap_secagg_server_advance(secagg_server *s)
{
    secagg_err err;

    crash(s);
    err = __real_secagg_server_advance(s);
    crash(s);
    note(&err, sizeof err);
    note_status(s);
    calls++;
    return err;
}

/* A message belongs to the server until the next call. */
secagg_err __wrap_secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len)
{
    secagg_err err;

    crash(s);
    err = __real_secagg_server_send(s, to, msg, len);
    note(&err, sizeof err);
    if (err == SECAGG_OK)
        note(*msg, *len);
    calls++;
    return err;
}

static void begin(bool with_crashes)
{
    crashes = with_crashes;
    calls = 0;
    crypto_hash_sha256_init(&history);
}

/* Run a session without and with crashes. */
static void compare(void (*run)(const void *what), const void *what)
{
    uint8_t digest[2][crypto_hash_sha256_BYTES];
    size_t count[2];

    for (int k = 0; k < 2; k++) {
        begin(k == 1);
        run(what);
        crypto_hash_sha256_final(&history, digest[k]);
        count[k] = calls;
    }
    ck_assert_uint_eq(count[0], count[1]);
    ck_assert_mem_eq(digest[0], digest[1], sizeof digest[0]);
}

/* ---- honest sessions of all kinds of segments --------------------------- */

typedef struct form {
    int mode;
    uint32_t clients, neighbours, threshold;
    uint64_t part_size;
    const char *leaves; /* phases as digits, or "-", by client */
} form;

/* Also late messages, repeats and messages of others reach the server. */
static void send_again(driver *r, uint32_t i, const uint8_t *msg, size_t len)
{
    if (secagg_server_recv(r->server, i, msg, len) == SECAGG_OK)
        ck_assert_int_eq(secagg_server_recv(r->server, i, msg, len),
            msg[PARTY_AT_TYPE] == INPUT_PART
                    && !secagg_server_answered(r->server, i)
                ? SECAGG_OK : SECAGG_ERR_REPEAT);
    (void)!secagg_server_recv(r->server, (i + 1) % r->params.clients, msg,
        len);
}

static void run_mixed(const void *what)
{
    const form *f = what;
    secagg_params params = mixed_params(1 + f->clients % 2);
    uint8_t sums[32];
    driver r;

    params.mode = (uint32_t)f->mode;
    params.clients = f->clients;
    params.neighbours = f->neighbours;
    params.threshold = f->threshold;
    mixed_init(&r, &params);
    r.part_size = f->part_size;
    for (uint32_t i = 0; i < f->clients; i++)
        if (f->leaves[i] != '-')
            r.leaves[i] = (uint8_t)(f->leaves[i] - '0');
    OK(driver_run(&r));
    mixed_check(&r);
    mixed_digest(&r, sums);
    note(sums, sizeof sums);
    driver_free(&r);
}

START_TEST(crashes_change_no_honest_session)
{
    static const form forms[] = {
        { SECAGG_SEMI_HONEST, 5, 0, 3, 0, "-----" },
        { SECAGG_SEMI_HONEST, 9, 0, 5, 0, "0124-----" },
        { SECAGG_SEMI_HONEST, 5, 0, 3, 512, "--4-2" },
        { SECAGG_SEMI_HONEST, 8, 6, 4, 0, "01------" },
        { SECAGG_SEMI_HONEST, 8, 6, 4, 1024, "-2--4-0-" },
        { SECAGG_ACTIVE, 6, 0, 4, 0, "------" },
        { SECAGG_ACTIVE, 7, 0, 4, 1536, "013----" },
    };

    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
        compare(run_mixed, &forms[k]);
}
END_TEST

/* ---- repeats, and parts that never end ---------------------------------- */

static void run_repeats(const void *what)
{
    parts p;

    (void)what;
    parts_init(&p, 6);
    for (uint32_t k = 0; k + 1 < p.count; k++) {
        OK(parts_send(&p, k));
        OK(parts_send(&p, k));
        if (k + 2 < p.count)
            ck_assert_int_eq(parts_send(&p, k + 2), SECAGG_ERR_STATE);
    }
    for (uint32_t i = 1; i < p.r.params.clients; i++) {
        size_t len;
        uint8_t *msg;
        mixed_input(&p.r, i, 0, p.r.blocks);
        msg = driver_client_send(p.r.clients[i], &len);
        send_again(&p.r, i, msg, len);
        send_again(&p.r, i, msg, len);
        free(msg);
    }
    OK(secagg_server_advance(p.r.server));
    ck_assert_int_eq(parts_send(&p, p.count - 1), SECAGG_ERR_STATE);
    p.r.leaves[0] = SECAGG_PHASE_INPUT;
    driver_deliver(&p.r);
    OK(driver_run(&p.r));
    mixed_check(&p.r);
    parts_free(&p);
}

START_TEST(crashes_change_no_repeats_and_no_parts_that_stay_incomplete)
{
    compare(run_repeats, NULL);
}
END_TEST

/* ---- cheats ------------------------------------------------------------- */

static uint64_t below(uint64_t *state, uint64_t end)
{
    return prng_next(state) % end;
}

/* At most a third of the clients cheats, each in a random way. */
static void choose_cheats(cheat_session *l, uint64_t *state)
{
    const uint32_t liars = (uint32_t)below(state, 1 + l->n / 3);

    for (uint32_t k = 0; k < liars; k++) {
        cheats *c = &l->cheats[below(state, l->n)];
        const uint32_t some = (uint32_t)prng_next(state);
        switch (below(state, 8)) {
        case 0: c->deals = some; break;
        case 1: c->complains = some; break;
        case 2: c->commitment = true; break;
        case 3: c->own_share = true; break;
        case 4: c->keys = true; break;
        case 5: c->aborts_in = 1 + (int)below(state, 5); break;
        case 6: c->deals = some & (uint32_t)prng_next(state); break;
        default: c->silent_from = 1 + (int)below(state, 5); break;
        }
    }
}

static void hear_all(cheat_session *l)
{
    const uint8_t *msg;
    size_t len;

    for (uint32_t i = 0; i < l->n; i++)
        OK(secagg_server_send(l->server, i, &msg, &len));
}

/* `what` is the seed of a random session. */
static void run_cheats(const void *what)
{
    uint64_t state = *(const uint64_t *)what, sum = 0;
    const uint32_t n = 4 + (uint32_t)below(&state, 9);
    const int mode = (int)below(&state, 2);
    const uint32_t k = mode == SECAGG_SEMI_HONEST && n >= 8
        ? 2 * (uint32_t)below(&state, n / 2 - 1) : 0;
    const secagg_params params = cheats_params(mode, n, k > 0 ? 0
        : (uint32_t)below(&state, n / 4 + 1), k, 0);
    cheat_session l;

    if (secagg_params_check(&params, NULL, 0) != SECAGG_OK)
        return;
    cheats_init(&l, &params, state);
    choose_cheats(&l, &state);
    while (secagg_server_phase(l.server) < SECAGG_PHASE_DONE) {
        cheats_run_phase(&l);
        hear_all(&l);
    }
    if (l.error == SECAGG_OK)
        sum = cheats_sum(&l);
    note(&sum, sizeof sum);
    note(&l.error, sizeof l.error);
    cheats_free(&l);
}

START_TEST(crashes_change_no_session_with_cheats)
{
    const uint64_t count = getenv("SECAGG_SMALL") != NULL ? TEST_CASES / 8
                                                         : TEST_CASES;

    for (uint64_t seed = 1; seed <= count; seed++)
        compare(run_cheats, &seed);
}
END_TEST

/* ---- keys that are replaced, and a callback ----------------------------- */

static secagg_err accept_all(void *user, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES], const uint8_t *credential,
    size_t len)
{
    (void)public_key;
    (void)credential;
    (void)len;
    *(uint32_t *)user = index;
    return SECAGG_OK;
}

/* A host sets its function again; keys that were accepted stay accepted. */
START_TEST(a_resumed_server_has_no_function_of_the_host)
{
    const secagg_params params = active_params(4, 3, 0);
    uint32_t asked = 9;
    secagg_server *server;
    uint8_t *msg, *copied;
    size_t len;
    party p;

    begin(true);
    party_init(&p, &params, 3);
    OK(secagg_server_new(&server, &params));
    OK(secagg_server_trust_with(server, accept_all, &asked));
    for (uint32_t i = 0; i < 2; i++) {
        msg = party_client_send(p.clients[i], &len);
        OK(__real_secagg_server_recv(server, i, msg, len));
        ck_assert_uint_eq(asked, i);
        free(msg);
    }
    crash(server);
    msg = party_client_send(p.clients[2], &len);
    ck_assert_int_eq(secagg_server_recv(server, 2, msg, len),
        SECAGG_ERR_STATE);
    copied = party_forge(msg, len, len, 3);
    memcpy(copied + PARTY_HEADER + 32, server->roster.mask[1], 32);
    ck_assert_int_eq(secagg_server_recv(server, 3, copied, len),
        SECAGG_ERR_MESSAGE); /* a point of client 1 */
    free(copied);
    OK(secagg_server_trust_with(server, accept_all, &asked));
    OK(__real_secagg_server_recv(server, 2, msg, len));
    ck_assert_uint_eq(asked, 2);
    ck_assert_uint_eq(secagg_server_pending(server), 1);
    free(msg);
    secagg_server_free(server);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { crashes_change_no_honest_session,
        crashes_change_no_repeats_and_no_parts_that_stay_incomplete,
        crashes_change_no_session_with_cheats,
        a_resumed_server_has_no_function_of_the_host };
    return sodium_init() < 0 || RUN(tests);
}
