/* SPDX-License-Identifier: Apache-2.0 */
#include "support/attack_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/refusals.h"

/* ---- rejected messages -------------------------------------------------- */

/* All that the public getters of a server return. */
typedef struct state {
    uint32_t word[4 + 2 * N];
} state;

uint32_t count_blamed(const secagg_server *s)
{
    uint32_t count = 0, index;
    secagg_err err;

    while (secagg_server_blamed(s, count, &index, &err) == SECAGG_OK)
        count++;
    return count;
}

static state state_of(const secagg_server *s)
{
    state out;

    out.word[0] = (uint32_t)secagg_server_phase(s);
    out.word[1] = secagg_server_pending(s);
    out.word[2] = (uint32_t)-secagg_server_error(s, NULL, 0);
    out.word[3] = count_blamed(s);
    for (uint32_t i = 0; i < N; i++) {
        out.word[4 + i] = secagg_server_includes(s, i);
        out.word[4 + N + i] = secagg_server_answered(s, i);
    }
    return out;
}

secagg_err check_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    const state before = state_of(p->server);
    uint8_t *exact = malloc(len > 0 ? len : 1);
    secagg_err err;
    state after;

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, msg, len);
    err = secagg_server_recv(p->server, from, len > 0 ? exact : NULL, len);
    ck_assert_msg(err == SECAGG_ERR_STATE || err == SECAGG_ERR_MESSAGE
            || err == SECAGG_ERR_REPEAT || err == SECAGG_ERR_ARG,
        "%zu bytes from %u in phase %d: %d",
        len, (unsigned)from, (int)secagg_server_phase(p->server), (int)err);
    CHECK_REFUSAL(refusal_fault_of_server(p->server, from, err));
    after = state_of(p->server);
    ck_assert_mem_eq(&before, &after, sizeof before);
    free(exact);
    return err;
}

void check_forged_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t have, size_t len)
{
    uint8_t *forged = party_forge(msg, have, len, from);

    (void)check_rejected(p, from, forged, len);
    free(forged);
}

/* ---- lengths ------------------------------------------------------------ */

void check_shorter_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    for (size_t cut = 0; cut < len; cut++) {
        ck_assert_int_eq(check_rejected(p, from, msg, cut), SECAGG_ERR_MESSAGE);
        if (cut >= PARTY_HEADER)
            check_forged_rejected(p, from, msg, len, cut);
    }
}

void check_longer_rejected(party *p, uint32_t from, const uint8_t *msg,
    size_t len)
{
    static const size_t extra[] = { 1, 2, 3, 4, 8, 36, 100, 4096, 70000 };

    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
        uint8_t *longer = calloc(1, len + extra[i]);
        ck_assert_ptr_nonnull(longer);
        memcpy(longer, msg, len);
        ck_assert_int_eq(check_rejected(p, from, longer, len + extra[i]),
            SECAGG_ERR_MESSAGE);
        check_forged_rejected(p, from, longer, len + extra[i], len + extra[i]);
        free(longer);
    }
}

/* ---- a session under attack --------------------------------------------- */

static void attack_phase(party *p, attack *before, attack *after)
{
    for (uint32_t i = 0; i < N; i++) {
        size_t len;
        uint8_t *msg = party_client_send(p->clients[i], &len);
        ck_assert_ptr_nonnull(msg);
        if (before != NULL)
            before(p, i, msg, len);
        ck_assert_int_eq(secagg_server_recv(p->server, i, msg, len),
            SECAGG_OK);
        if (after != NULL)
            after(p, i, msg, len);
        free(msg);
    }
    ck_assert_int_eq(secagg_server_advance(p->server), SECAGG_OK);
}

void run_under_attack(attack *before, attack *after)
{
    const secagg_params params = small_params(N, T, 1);
    party p;

    party_init(&p, &params, 3);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        attack_phase(&p, before, after);
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    party_check_sum(&p);
    ck_assert_uint_eq(count_blamed(p.server), 0);
    party_free(&p);
}
