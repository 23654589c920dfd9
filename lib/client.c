/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <string.h>

#include "agree.h"
#include "bits.h"
#include "hash.h"
#include "mem.h"
#include "msg_abort.h"
#include "msg_input.h"
#include "random.h"

/* The phases of a semi-honest client (PROTOCOL.md 9.1): the message that it
 * makes, then the one that it waits for. */
static const struct step {
    secagg_err (*send)(secagg_client *);
    sa_type expects;
    secagg_err (*recv)(secagg_client *, sa_reader *);
    secagg_phase next;
} steps[SECAGG_PHASE_DONE] = {
    [SECAGG_PHASE_KEYS] = { sa_client_send_keys, SA_ROSTER,
        sa_client_recv_roster, SECAGG_PHASE_SHARES },
    [SECAGG_PHASE_SHARES] = { sa_client_send_shares, SA_RELAY,
        sa_client_recv_relay, SECAGG_PHASE_INPUT },
    [SECAGG_PHASE_INPUT] = { sa_client_send_input, SA_SURVIVORS,
        sa_client_recv_survivors, SECAGG_PHASE_UNMASK },
    [SECAGG_PHASE_UNMASK] = { sa_client_send_unmask, SA_RESULT, NULL,
        SECAGG_PHASE_DONE },
};

/* ---- making and ending -------------------------------------------------- */

/* floor((share + 1e-14) n), as the parameter choice counts (2.2). */
static uint32_t share_of(double share, uint32_t n)
{
    return (uint32_t)((share + 1e-14) * (double)n);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The client's own floor (PROTOCOL.md 2.2, 9.4). */
static secagg_err hold_policy(const sa_params *params,
    const secagg_policy *policy)
{
    static const secagg_policy defaults = SECAGG_POLICY_INIT;
    const secagg_params *own = &params->own;
    const secagg_policy *p = policy != NULL ? policy : &defaults;
    uint32_t clients, survivors, corrupt;

    if (p->size != sizeof *p || p->require_active > 1
        || !(p->min_corrupt <= 1.0))
        return SECAGG_ERR_ARG;
    clients = p->min_clients != 0 ? p->min_clients : 3;
    survivors = p->min_survivors != 0 ? p->min_survivors
                                      : most(3, own->threshold);
    corrupt = p->min_corrupt >= 0.0
        ? share_of(p->min_corrupt, own->clients)
        : most(least(own->clients / 3, 33), own->clients / 20);
    if (own->clients < clients || params->floor < survivors
        || own->corrupt < corrupt
        || (p->require_active == 1 && own->mode != SECAGG_ACTIVE))
        return SECAGG_ERR_POLICY;
    return SECAGG_OK;
}

/* The secrets that stand from the start (PROTOCOL.md 3.6). */
static secagg_err derive(secagg_client *c, const uint8_t seed[32])
{
    const uint8_t *context = c->params->context;

    SA_TRY(sa_schedule_client(c->secret.prk, context, seed));
    SA_TRY(sa_schedule_enc_key(c->secret.enc_key, c->secret.prk));
    SA_TRY(sa_schedule_mask_root(c->secret.mask_root, c->secret.prk));
    SA_TRY(sa_schedule_mask_key(c->secret.mask_key, context,
        c->secret.mask_root, c->index));
    SA_TRY(sa_agree_public(c->enc, c->secret.enc_key));
    return sa_agree_public(c->mask, c->secret.mask_key);
}

static secagg_err fill(secagg_client *c, const secagg_params *params,
    const secagg_policy *policy, const uint8_t seed[32])
{
    size_t map;

    SA_TRY(sa_ready());
    SA_TRY(sa_params_new(&c->params, params));
    if (c->index >= c->params->own.clients
        || c->params->own.mode != SECAGG_SEMI_HONEST
        || c->params->own.neighbours != 0)
        return SECAGG_ERR_ARG;
    SA_TRY(hold_policy(c->params, policy));
    SA_TRY(sa_input_init(&c->input, c->params,
        sa_input_head(c->params->holders - 1)));
    SA_TRY(sa_roster_init(&c->roster, c->params->own.clients));
    map = sa_map_bytes(c->params->own.clients);
    c->u2 = sa_alloc(map, 1);
    c->u3 = sa_alloc(map, 1);
    c->bad = sa_alloc(map, 1);
    if (c->u2 == NULL || c->u3 == NULL || c->bad == NULL)
        return SECAGG_ERR_MEMORY;
    c->binding.round = c->params->own.round;
    return derive(c, seed);
}

secagg_err secagg_client_new_seeded(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    secagg_client *c = sa_alloc(1, sizeof *c);
    secagg_err err;

    if (c == NULL)
        return SECAGG_ERR_MEMORY;
    c->index = index;
    err = fill(c, params, policy, seed);
    if (err == SECAGG_OK)
        *client = c;
    else
        secagg_client_free(c);
    return err;
}

secagg_err secagg_client_new(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    SA_TRY(sa_random(seed, sizeof seed));
    err = secagg_client_new_seeded(client, params, index, policy, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

void sa_client_wipe(secagg_client *c)
{
    if (c->params != NULL)
        sa_free(c->secret.pair,
            c->params->own.clients * sizeof *c->secret.pair);
    sa_wipe(&c->secret, sizeof c->secret);
    sa_input_free(&c->input);
}

void secagg_client_free(secagg_client *c)
{
    size_t map;

    if (c == NULL)
        return;
    sa_client_wipe(c);
    map = c->params != NULL ? sa_map_bytes(c->params->own.clients) : 0;
    sa_roster_free(&c->roster);
    sa_free(c->message, c->message_len);
    sa_free(c->u2, map);
    sa_free(c->u3, map);
    sa_free(c->bad, map);
    sa_params_free(c->params);
    sa_free(c, sizeof *c);
}

void sa_client_fail(secagg_client *c, secagg_err why)
{
    const sa_abort_msg msg = { (uint32_t)-why, SA_ABORT_NOBODY };

    sa_client_wipe(c);
    c->phase = SECAGG_PHASE_FAILED;
    c->why = why;
    c->due = sa_abort_write(c->abort, sizeof c->abort, c->params,
                 SA_ABORT_CLIENT, c->index, &msg) == SECAGG_OK;
    c->out = c->abort;
    c->out_len = sizeof c->abort;
}

/* ---- the input ---------------------------------------------------------- */

/* Whether input may still be given. */
static bool open_for_input(const secagg_client *c)
{
    return c->phase < SECAGG_PHASE_INPUT
        || (c->phase == SECAGG_PHASE_INPUT && !c->made);
}

/* A failure while a piece was being encoded leaves half of it: fatal. */
static secagg_err taken(secagg_client *c, secagg_err err)
{
    if (err == SECAGG_ERR_CRYPTO)
        sa_client_fail(c, err);
    return err;
}

secagg_err secagg_client_weight(secagg_client *client, uint64_t weight)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_weigh(&client->input, weight);
}

secagg_err secagg_client_input_f32(secagg_client *client, size_t segment,
    uint64_t offset, const float *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return taken(client, sa_input_f32(&client->input, client->secret.prk,
        segment, offset, values, count));
}

secagg_err secagg_client_input_f64(secagg_client *client, size_t segment,
    uint64_t offset, const double *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return taken(client, sa_input_f64(&client->input, client->secret.prk,
        segment, offset, values, count));
}

secagg_err secagg_client_input_u64(secagg_client *client, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_u64(&client->input, segment, offset, values, count);
}

secagg_err secagg_client_input_i64(secagg_client *client, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    if (!open_for_input(client))
        return SECAGG_ERR_STATE;
    return sa_input_i64(&client->input, segment, offset, values, count);
}

uint64_t secagg_client_clipped(const secagg_client *client, size_t segment)
{
    if (segment >= client->params->own.segment_count
        || client->input.clipped == NULL)
        return 0;
    return client->input.clipped[segment];
}

/* ---- messages ----------------------------------------------------------- */

secagg_err secagg_client_send(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    if (c->phase < SECAGG_PHASE_DONE && !c->made) {
        SA_TRY(steps[c->phase].send(c));
        c->made = c->due = true;
        if (steps[c->phase].recv == NULL)
            c->phase = steps[c->phase].next;
    }
    if (!c->due && c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_ERR_STATE;
    *msg = c->due ? c->out : NULL;
    *len = c->due ? c->out_len : 0;
    c->due = false;
    return SECAGG_OK;
}

/* The server's ABORT ends the session with the error that it names. */
static secagg_err recv_abort(secagg_client *c, sa_reader *r)
{
    sa_abort_msg msg;
    secagg_err why = SECAGG_ERR_MESSAGE;

    if (sa_abort_read(r, &msg) == SECAGG_OK
        && (msg.code == (uint32_t)-SECAGG_ERR_THRESHOLD
            || msg.code == (uint32_t)-SECAGG_ERR_CHEAT))
        why = msg.code == (uint32_t)-SECAGG_ERR_CHEAT ? SECAGG_ERR_CHEAT
                                                     : SECAGG_ERR_THRESHOLD;
    sa_client_fail(c, why);
    return why;
}

/* A message out of its phase: the one accepted last is answered again. */
static secagg_err recv_again(secagg_client *c,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    if (!sa_equal(digest, c->heard, sizeof c->heard))
        return SECAGG_ERR_STATE;
    c->due = c->made;
    return SECAGG_OK;
}

secagg_err secagg_client_recv(secagg_client *c, const uint8_t *msg,
    size_t len)
{
    const sa_part whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_reader r;
    sa_type type;
    secagg_err err;

    if (c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, false, msg, len));
    SA_TRY(sa_sha256(digest, &whole, 1));
    if (c->phase == SECAGG_PHASE_DONE)
        return recv_again(c, digest);
    if (type == SA_ABORT_SERVER)
        return recv_abort(c, &r);
    if (!c->made || type != steps[c->phase].expects)
        return recv_again(c, digest);
    err = steps[c->phase].recv(c, &r);
    if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO)
        return err;
    if (err != SECAGG_OK) {
        sa_client_fail(c, err);
        return err;
    }
    memcpy(c->heard, digest, sizeof digest);
    c->phase = steps[c->phase].next;
    c->made = c->due = false;
    return SECAGG_OK;
}

secagg_phase secagg_client_phase(const secagg_client *client)
{
    return client->phase;
}

secagg_err secagg_client_why(const secagg_client *client)
{
    return client->why;
}
