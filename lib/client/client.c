/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/random.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "message/msg_abort.h"
#include "message/msg_part.h"
#include "session/policy.h"

/* The phases of a client (PROTOCOL.md 9.1): the message that it makes, then
 * the one that it waits for. Semi-honest sessions pass over CONFIRM. */
static const struct step {
    secagg_err (*send)(secagg_client *);
    sa_msg_type expects;
    secagg_err (*recv)(secagg_client *, sa_reader *);
    secagg_phase next, next_active;
} steps[SECAGG_PHASE_DONE] = {
    [SECAGG_PHASE_KEYS] = { sa_client_send_keys, SA_MSG_ROSTER,
        sa_client_recv_roster, SECAGG_PHASE_SHARES, SECAGG_PHASE_SHARES },
    [SECAGG_PHASE_SHARES] = { sa_client_send_shares, SA_MSG_RELAY,
        sa_client_recv_relay, SECAGG_PHASE_INPUT, SECAGG_PHASE_INPUT },
    [SECAGG_PHASE_INPUT] = { sa_client_send_input, SA_MSG_SURVIVORS,
        sa_client_recv_survivors, SECAGG_PHASE_UNMASK,
        SECAGG_PHASE_CONFIRM },
    [SECAGG_PHASE_CONFIRM] = { sa_client_send_confirm, SA_MSG_SIGNATURES,
        sa_client_recv_signatures, SECAGG_PHASE_FAILED,
        SECAGG_PHASE_UNMASK },
    [SECAGG_PHASE_UNMASK] = { sa_client_send_unmask, SA_MSG_RESULT, NULL,
        SECAGG_PHASE_DONE, SECAGG_PHASE_DONE },
};

static secagg_phase next_of(const secagg_client *c)
{
    return sa_params_active(c->params) ? steps[c->phase].next_active
                                       : steps[c->phase].next;
}

/* ---- making and ending -------------------------------------------------- */

/* The secrets that stand from the start (PROTOCOL.md 3.6). */
static secagg_err derive(secagg_client *c, const uint8_t seed[32])
{
    const uint8_t *context = c->params->context;

    SA_TRY(sa_derive_prk(c->secret.prk, context, seed));
    SA_TRY(sa_derive_enc_key(c->secret.enc_key, c->secret.prk));
    SA_TRY(sa_derive_mask_secret(c->secret.mask_root, c->secret.prk));
    SA_TRY(sa_derive_mask_key(c->secret.mask_key, context,
        c->secret.mask_root, c->index));
    SA_TRY(sa_x25519_public(c->enc, c->secret.enc_key));
    SA_TRY(sa_x25519_public(c->mask, c->secret.mask_key));
    sa_declassify(c->enc, sizeof c->enc);
    sa_declassify(c->mask, sizeof c->mask);
    return SECAGG_OK;
}

secagg_err sa_client_init(secagg_client *c, const secagg_params *params)
{
    size_t map;

    SA_TRY(sa_init());
    SA_TRY(sa_params_new(&c->params, params));
    if (c->index >= c->params->own.clients)
        return SECAGG_ERR_ARG;
    c->peer_count = c->params->holders - 1;
    c->trust.n = c->params->own.clients;
    c->binding.round = c->params->own.round;
    SA_TRY(sa_input_buffer_init(&c->input, c->params,
        sa_part_head_size(c->peer_count)));
    map = sa_bitmap_bytes(c->params->own.clients);
    c->u2 = sa_alloc(map, 1);
    c->u3 = sa_alloc(map, 1);
    c->peers = sa_alloc(c->peer_count, sizeof *c->peers);
    return c->u2 != NULL && c->u3 != NULL && c->peers != NULL
        ? SECAGG_OK : SECAGG_ERR_MEMORY;
}

secagg_err secagg_client_new_seeded(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    secagg_client *c = sa_alloc(1, sizeof *c);
    char reason[SA_REASON_BYTES]; /* no caller reads it */
    secagg_err err;

    if (c == NULL)
        return SECAGG_ERR_MEMORY;
    c->index = index;
    err = sa_client_init(c, params);
    if (err == SECAGG_OK)
        err = sa_policy_check(&c->params->own, policy, reason);
    if (err == SECAGG_OK)
        err = derive(c, seed);
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

void sa_client_wipe_input(secagg_client *c)
{
    sa_wipe(c->secret.prk, sizeof c->secret.prk);
    sa_wipe(c->secret.mask_key, sizeof c->secret.mask_key);
    sa_wipe(c->secret.self_root, sizeof c->secret.self_root);
    sa_input_buffer_wipe(&c->input);
}

void sa_client_wipe(secagg_client *c)
{
    sa_free(c->secret.pair);
    sa_wipe(&c->secret, sizeof c->secret);
    sa_input_buffer_wipe(&c->input);
}

void secagg_client_free(secagg_client *c)
{
    if (c == NULL)
        return;
    sa_client_wipe(c);
    sa_input_buffer_free(&c->input);
    sa_trust_free(&c->trust);
    sa_free(c->peers);
    sa_free(c->message);
    sa_free(c->u2);
    sa_free(c->u3);
    sa_params_free(c->params);
    sa_free(c);
}

void sa_client_fail(secagg_client *c, secagg_err why)
{
    const sa_abort_msg msg = { (uint32_t)-why, SA_ABORT_NOBODY };

    sa_client_wipe(c);
    c->phase = SECAGG_PHASE_FAILED;
    c->why = why;
    c->made = true;
    c->due = sa_abort_write(c->abort, sizeof c->abort, c->params,
                 SA_MSG_ABORT_CLIENT, c->index, &msg) == SECAGG_OK;
    c->out = c->abort;
    c->out_len = sizeof c->abort;
}

/* ---- peers -------------------------------------------------------------- */

uint32_t sa_client_peer_position(const secagg_client *c, uint32_t index)
{
    uint32_t low = 0, high = c->peer_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->peers[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

sa_peer *sa_client_peer(const secagg_client *c, uint32_t index)
{
    const uint32_t i = sa_client_peer_position(c, index);
    return i < c->peer_count && c->peers[i].index == index ? &c->peers[i]
                                                           : NULL;
}

secagg_err sa_client_load_peers(const secagg_client *c,
    const uint8_t graph_seed[SECAGG_SEED_BYTES], sa_peer *peers)
{
    uint32_t *list = sa_alloc(c->peer_count, sizeof *list);
    sa_graph graph = { 0 };
    secagg_err err = SECAGG_ERR_MEMORY;

    if (list != NULL)
        err = sa_graph_init(&graph, c->params->own.clients,
            c->params->own.neighbours, graph_seed);
    if (err == SECAGG_OK) {
        sa_graph_list(&graph, list, c->index);
        for (uint32_t i = 0; i < c->peer_count; i++)
            peers[i] = (sa_peer){ .index = list[i] };
    }
    sa_graph_free(&graph);
    sa_free(list);
    return err;
}

/* ---- identities (active mode) ------------------------------------------- */

/* An identity and trusted keys ask for active mode (PROTOCOL.md 2.2): a host
 * that supplies them to a semi-honest session was given parameters of less than
 * it expects, and the client takes no part. */
static secagg_err require_active(secagg_client *c)
{
    if (sa_params_active(c->params))
        return SECAGG_OK;
    if (c->phase >= SECAGG_PHASE_DONE)
        return SECAGG_ERR_STATE;
    sa_client_fail(c, SECAGG_ERR_POLICY);
    return SECAGG_ERR_POLICY;
}

static secagg_err may_identify(secagg_client *c)
{
    SA_TRY(require_active(c));
    return c->phase < SECAGG_PHASE_DONE && !c->secret.signer.ready
        ? SECAGG_OK : SECAGG_ERR_STATE;
}

secagg_err secagg_client_identify(secagg_client *c,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES])
{
    SA_TRY(may_identify(c));
    SA_TRY(sa_signer_key(&c->secret.signer, secret_key));
    return SECAGG_OK;
}

secagg_err secagg_client_identify_with(secagg_client *c,
    secagg_sign_fn *sign, void *user)
{
    SA_TRY(may_identify(c));
    c->secret.signer = (sa_signer){ .sign = sign, .user = user,
        .ready = true };
    return SECAGG_OK;
}

secagg_err secagg_client_trust(secagg_client *c, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    SA_TRY(require_active(c));
    return sa_trust_add(&c->trust, index, public_key);
}

secagg_err secagg_client_trust_with(secagg_client *c,
    secagg_verify_fn *verify, void *user)
{
    SA_TRY(require_active(c));
    return sa_trust_with(&c->trust, verify, user);
}

/* ---- messages ----------------------------------------------------------- */

/* Make what is to be said in this phase, if it is not made yet. INPUT is made
 * once its last part is; what a resumed client cannot make again for lack of
 * its input is passed over. */
static secagg_err make(secagg_client *c)
{
    const bool input = c->phase == SECAGG_PHASE_INPUT;

    if (c->phase >= SECAGG_PHASE_DONE || (c->made && !c->again))
        return SECAGG_OK;
    if (c->made && !sa_input_buffer_complete(&c->input))
        return SECAGG_OK;
    SA_TRY(steps[c->phase].send(c));
    c->due = true;
    c->made = !input || sa_input_buffer_at_end(&c->input);
    if (steps[c->phase].recv == NULL)
        c->phase = next_of(c);
    return SECAGG_OK;
}

secagg_err secagg_client_send(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    /* A part that was due again is gone once the next one is begun. */
    if (c->phase == SECAGG_PHASE_INPUT && !c->input.spent)
        c->due = false;
    if (!c->due)
        SA_TRY(make(c));
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

/* A message out of its phase: the one accepted last is answered again (9.3). */
static secagg_err recv_again(secagg_client *c,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    if (!sa_ct_equal(digest, c->last_digest, sizeof c->last_digest))
        return SECAGG_ERR_STATE;
    c->due = c->phase == SECAGG_PHASE_INPUT
        ? c->input.spent && c->out != NULL : c->made;
    return SECAGG_OK;
}

/* Check and take the body of a message that this phase waits for: in active
 * mode only once there is somebody to believe, for the client may have been
 * resumed (PROTOCOL.md 9.1). */
static secagg_err take(secagg_client *c, sa_reader *r,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    secagg_err err;

    if (sa_params_active(c->params) && !sa_trust_ready(&c->trust))
        return SECAGG_ERR_STATE;
    err = steps[c->phase].recv(c, r);
    if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO
        || err == SECAGG_ERR_STATE)
        return err;
    if (err != SECAGG_OK) {
        sa_client_fail(c, err);
        return err;
    }
    memcpy(c->last_digest, digest, sizeof c->last_digest);
    c->phase = next_of(c);
    c->made = c->due = false;
    return SECAGG_OK;
}

secagg_err secagg_client_recv(secagg_client *c, const uint8_t *msg,
    size_t len)
{
    const sa_bytes whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_reader r;
    sa_msg_type type;

    if (c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, false, msg, len));
    SA_TRY(sa_sha256(digest, &whole, 1));
    if (c->phase == SECAGG_PHASE_DONE)
        return recv_again(c, digest);
    if (type == SA_MSG_ABORT_SERVER)
        return recv_abort(c, &r);
    if (!c->made || type != steps[c->phase].expects)
        return recv_again(c, digest);
    return take(c, &r, digest);
}

secagg_phase secagg_client_phase(const secagg_client *client)
{
    return client->phase;
}

secagg_err secagg_client_error(const secagg_client *client)
{
    return client->why;
}
