/* SPDX-License-Identifier: Apache-2.0 */
#include "support/saved_server.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "support/party.h"
#include "support/util.h"

const uint8_t saved_key[SECAGG_SEED_BYTES] = { 7, 7, 1 };

sealed saved_save(secagg_server *s)
{
    sealed out = { NULL, secagg_server_save_size(s) };

    out.bytes = malloc(out.len);
    ck_assert_ptr_nonnull(out.bytes);
    OK(secagg_server_save(s, out.bytes, out.len, saved_key));
    return out;
}

/* The error of a resume. */
secagg_err saved_error(const uint8_t *bytes, size_t len, uint64_t least,
    const secagg_params *params)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    secagg_server *s = NULL;
    secagg_err err;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, len);
    err = secagg_server_resume(&s, copy, len, saved_key, least, params);
    ck_assert_int_eq(s != NULL, err == SECAGG_OK);
    secagg_server_free(s);
    free(copy);
    return err;
}

secagg_params saved_params(int form)
{
    secagg_params p = mixed_params(1);

    p.clients = CLIENTS;
    p.threshold = form == RING ? 4 : 5;
    p.neighbours = form == RING ? 6 : 0;
    p.min_survivors = 2;
    p.mode = form == ACTIVE ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    return p;
}

static void send(driver *r, uint32_t i)
{
    size_t len;
    uint8_t *msg = driver_client_send(r->clients[i], &len);

    OK(secagg_server_recv(r->server, i, msg, len));
    free(msg);
}

static void send_part(driver *r, uint32_t i)
{
    OK(secagg_client_set_part_size(r->clients[i], 512 * 3));
    mixed_input(r, i, 0, 3);
    send(r, i);
}

/* Clients 0 to 4 answer; the others as said above. */
void saved_answer(driver *r)
{
    const secagg_phase phase = secagg_server_phase(r->server);

    for (uint32_t i = 0; i < STAGED; i++) {
        if (phase == SECAGG_PHASE_INPUT)
            mixed_input(r, i, 0, r->blocks);
        send(r, i);
    }
    if (phase == SECAGG_PHASE_KEYS)
        send(r, LATE);
    if (phase < SECAGG_PHASE_INPUT)
        send(r, STAGED);
    else if (phase == SECAGG_PHASE_INPUT)
        send_part(r, STAGED);
    r->leaves[GONE] = SECAGG_PHASE_KEYS;
    r->leaves[LATE] = SECAGG_PHASE_SHARES;
    r->leaves[STAGED] = SECAGG_PHASE_INPUT;
}

/* Calls f with the server of a session: in each phase before the first answer
 * and after the last one, and when it is over. */
static void visit(int form, void (*f)(driver *r, int form))
{
    const secagg_params params = saved_params(form);
    driver r;

    mixed_init(&r, &params);
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        f(&r, form);
        saved_answer(&r);
        f(&r, form);
        OK(secagg_server_advance(r.server));
        if (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
            sealed s = saved_save(r.server); /* then it gives out messages */
            driver_deliver(&r);
            free(s.bytes);
        }
    }
    f(&r, form);
    mixed_check(&r);
    driver_free(&r);
    mixed_init(&r, &params);
    saved_answer(&r);
    OK(secagg_server_advance(r.server));
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_ERR_THRESHOLD);
    f(&r, form);
    driver_free(&r);
}

void saved_visit(void (*f)(driver *r, int form))
{
    for (int form = COMPLETE; form <= ACTIVE; form *= 2)
        visit(form, f);
}

/* ---- broken states ------------------------------------------------------ */

static void *fill(void *at, bool wanted, size_t size)
{
    return at == NULL && wanted ? sa_alloc(size, 1) : at;
}

/* Only members of U3 have opened shares. */
static void close_others(secagg_server *s, uint32_t dealer)
{
    const uint32_t *peers = sa_server_peers(s, dealer);

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (!sa_bitmap_has(s->u3, peers[i]))
            sa_bitmap_remove(s->clients[dealer].opened, i);
}

/* Allocate what the sets of a broken state say that there is. */
void saved_complete(secagg_server *s)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    const bool fixed = s->phase > SECAGG_PHASE_INPUT;

    for (uint32_t i = 0; i < CLIENTS && s->phase < SECAGG_PHASE_DONE; i++) {
        sa_client_record *c = &s->clients[i];
        c->slots = fill(c->slots, true, s->peer_count * SA_SLOT_BYTES);
        c->opened = fill(c->opened, fixed, map);
        if (fixed)
            close_others(s, i);
        c->complaints = fill(c->complaints,
            fixed && sa_bitmap_has(s->u3, i), map);
        c->confirm = fill(c->confirm, s->phase == SECAGG_PHASE_CONFIRM
            && sa_bitmap_has(s->answered, i), SECAGG_SIGNATURE_BYTES);
        c->credential = fill(c->credential, true, 1);
    }
}
