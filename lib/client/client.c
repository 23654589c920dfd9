/* SPDX-License-Identifier: Apache-2.0 */
/* client: the public functions of a client, except those of saved states, and
 * the phases that they go through. */
#include <string.h>

#include "client/client_input.h"
#include "client/client_recv.h"
#include "client/client_send.h"
#include "core/mem.h"
#include "core/random.h"
#include "core/residue.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"
#include "message/msg_abort.h"
#include "session/params_check.h"
#include "session/policy.h"

typedef secagg_err send_fn(secagg_client *c);
typedef secagg_err recv_fn(secagg_client *c, sa_reader *r);

/* The phases of a client (PROTOCOL.md 9.1): the message that it sends, the
 * message that it waits for, and the phase that follows. A semi-honest session
 * omits CONFIRM. */
static const struct phase {
    send_fn *send;
    sa_msg_type awaits;
    recv_fn *recv; /* NULL: the next phase begins with the client's message */
    secagg_phase next, next_active;
} phases[SECAGG_PHASE_DONE] = {
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
    [SECAGG_PHASE_UNMASK] = { .send = sa_client_send_unmask,
        .next = SECAGG_PHASE_DONE, .next_active = SECAGG_PHASE_DONE },
};

static secagg_phase next_phase(const secagg_client *c)
{
    return sa_params_active(c->params) ? phases[c->phase].next_active
                                       : phases[c->phase].next;
}

/* ---- the handle --------------------------------------------------------- */

/* Derive the secrets that a client has from the start (PROTOCOL.md 3.6). */
static secagg_err derive_secrets(secagg_client *c, const uint8_t seed[32])
{
    const uint8_t *context = c->params->context;

    SA_TRY(sa_derive_prk(c->secret.prk, context, seed));
    SA_TRY(sa_derive_enc_key(c->secret.enc_key, c->secret.prk));
    SA_TRY(sa_derive_mask_secret(c->secret.mask_secret, c->secret.prk));
    SA_TRY(sa_derive_mask_key(c->secret.mask_key, context,
        c->secret.mask_secret, c->index));
    SA_TRY(sa_derive_rounding_seed(c->secret.rounding, c->secret.prk,
        c->binding.round));
    SA_TRY(sa_x25519_public(c->enc, c->secret.enc_key));
    SA_TRY(sa_x25519_public(c->mask, c->secret.mask_key));
    sa_declassify(c->enc, sizeof c->enc);
    sa_declassify(c->mask, sizeof c->mask);
    return SECAGG_OK;
}

secagg_err secagg_client_new_seeded(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy,
    const uint8_t seed[SECAGG_SEED_BYTES])
{
    char reason[SA_REASON_BYTES]; /* no caller reads it */
    secagg_client *c;
    secagg_err err;

    SA_TRY(sa_client_new(&c, params, index));
    err = sa_policy_check(&c->params->own, policy, reason);
    if (err == SECAGG_OK)
        err = sa_leave(derive_secrets(c, seed));
    if (err == SECAGG_OK)
        *client = c;
    else
        sa_client_free(c);
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

void secagg_client_free(secagg_client *c)
{
    sa_client_free(c);
}

const secagg_params *secagg_client_params(const secagg_client *client)
{
    return &client->params->own;
}

uint32_t secagg_client_index(const secagg_client *client)
{
    return client->index;
}

secagg_phase secagg_client_phase(const secagg_client *client)
{
    return client->phase;
}

secagg_err secagg_client_error(const secagg_client *client)
{
    return client->error;
}

/* INPUT and UNMASK are spent from the moment when they are built, because a
 * message that was built may have left (PROTOCOL.md 11.4). */
secagg_spent secagg_client_spent(const secagg_client *client)
{
    if (client->phase == SECAGG_PHASE_DONE)
        return SECAGG_SPENT_UNMASK;
    return client->parts > 0 ? SECAGG_SPENT_INPUT : SECAGG_SPENT_NOTHING;
}

/* ---- input -------------------------------------------------------------- */

/* Returns whether input may be supplied: until all of INPUT is built, and again
 * after a resume. A part that is held must leave first, since the next one
 * replaces it in the buffer. */
static bool accepts_input(const secagg_client *c)
{
    return c->phase < SECAGG_PHASE_INPUT
        || (c->phase == SECAGG_PHASE_INPUT && !c->held
            && (!c->built || c->rebuild));
}

/* CRYPTO leaves a piece partly encoded, which ends the session. */
static secagg_err fail_on_crypto(secagg_client *c, secagg_err err)
{
    if (err == SECAGG_ERR_CRYPTO)
        sa_client_fail(c, err);
    return err;
}

secagg_err secagg_client_set_part_size(secagg_client *client, uint64_t entries)
{
    if (!accepts_input(client) || client->parts > 0
        || sa_input_buffer_has_input(&client->input))
        return SECAGG_ERR_STATE;
    if (entries % 512 != 0)
        return SECAGG_ERR_ARG;
    return sa_input_buffer_set_part_size(&client->input, entries / 512);
}

secagg_err secagg_client_weight(secagg_client *client, uint64_t weight)
{
    secagg_err err = SECAGG_ERR_STATE;

    if (accepts_input(client))
        err = sa_leave(sa_input_buffer_weight(&client->input, weight));
    sa_wipe(&weight, sizeof weight);
    return err;
}

secagg_err secagg_client_input_f32(secagg_client *client, size_t segment,
    uint64_t offset, const float *values, size_t count)
{
    if (!accepts_input(client))
        return SECAGG_ERR_STATE;
    return sa_leave(fail_on_crypto(client, sa_input_buffer_f32(
        &client->input, client->secret.rounding, segment, offset, values,
        count)));
}

secagg_err secagg_client_input_f64(secagg_client *client, size_t segment,
    uint64_t offset, const double *values, size_t count)
{
    if (!accepts_input(client))
        return SECAGG_ERR_STATE;
    return sa_leave(fail_on_crypto(client, sa_input_buffer_f64(
        &client->input, client->secret.rounding, segment, offset, values,
        count)));
}

secagg_err secagg_client_input_u64(secagg_client *client, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    if (!accepts_input(client))
        return SECAGG_ERR_STATE;
    return sa_leave(sa_input_buffer_u64(&client->input, segment, offset,
        values, count));
}

secagg_err secagg_client_input_i64(secagg_client *client, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    if (!accepts_input(client))
        return SECAGG_ERR_STATE;
    return sa_leave(sa_input_buffer_i64(&client->input, segment, offset,
        values, count));
}

uint64_t secagg_client_clipped(const secagg_client *client, size_t segment)
{
    if (segment >= client->params->own.segment_count)
        return 0;
    return client->input.clipped[segment];
}

/* ---- messages ----------------------------------------------------------- */

/* Returns whether the next send() must build a message. After a resume INPUT is
 * built again as soon as its input is complete; until then nothing is due. */
static bool must_build(const secagg_client *c)
{
    if (c->due || c->phase >= SECAGG_PHASE_DONE)
        return false;
    return !c->built || (c->rebuild && sa_input_buffer_complete(&c->input));
}

/* Build the message of the phase. A client that was ever saved holds it until
 * it is saved again (11.3), unless it was saved with it before. */
static secagg_err build(secagg_client *c)
{
    const bool again = c->rebuild;

    SA_TRY(phases[c->phase].send(c));
    c->due = true;
    c->held = c->unsaved = c->generation > 0 && !again;
    c->built = c->phase != SECAGG_PHASE_INPUT
        || sa_input_buffer_at_end(&c->input);
    if (phases[c->phase].recv == NULL)
        c->phase = next_phase(c);
    return SECAGG_OK;
}

secagg_err secagg_client_send(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    SA_TRY(sa_process_check(&c->process));
    /* A part that is due again is lost when the next one is begun. */
    if (c->phase == SECAGG_PHASE_INPUT && !c->input.finished)
        c->due = false;
    if (must_build(c))
        SA_TRY(sa_leave(build(c)));
    if (c->due && c->unsaved)
        return SECAGG_ERR_STATE; /* 11.3 */
    if (!c->due && c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_ERR_STATE;
    *msg = c->due ? c->out : NULL;
    *len = c->due ? c->out_len : 0;
    c->due = c->held = false;
    return SECAGG_OK;
}

/* The server's ABORT ends the session with the error that it names, if that is
 * one of the two that a server may name (PROTOCOL.md 8.12). */
static secagg_err recv_abort(secagg_client *c, sa_reader *r)
{
    secagg_err error = SECAGG_ERR_MESSAGE;
    sa_abort_msg msg;

    if (sa_abort_read(r, &msg, c->params) == SECAGG_OK
        && msg.complaint_count == 0) {
        if (msg.code == (uint32_t)-SECAGG_ERR_THRESHOLD)
            error = SECAGG_ERR_THRESHOLD;
        else if (msg.code == (uint32_t)-SECAGG_ERR_CHEAT)
            error = SECAGG_ERR_CHEAT;
    }
    sa_client_fail(c, error);
    return error;
}

/* A message that is out of phase is STATE, unless it is the one accepted last:
 * then its answer is due again, if it is built (9.3). */
static secagg_err recv_repeat(secagg_client *c,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    if (!sa_ct_equal(digest, c->last_digest, sizeof c->last_digest))
        return SECAGG_ERR_STATE;
    c->due = c->phase == SECAGG_PHASE_INPUT
        ? c->input.finished && c->out != NULL : c->built;
    return SECAGG_OK;
}

/* Verify and store the message that this phase waits for. STATE is the answer
 * to a roster whose identities the host does not know yet (PROTOCOL.md 8.3). */
static secagg_err recv_awaited(secagg_client *c, sa_reader *r,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    const secagg_err err = phases[c->phase].recv(c, r);

    if (err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_CRYPTO
        || err == SECAGG_ERR_STATE)
        return err;
    if (err != SECAGG_OK) {
        sa_client_fail(c, err);
        return err;
    }
    memcpy(c->last_digest, digest, sizeof c->last_digest);
    c->phase = next_phase(c);
    c->built = c->due = c->held = c->unsaved = false;
    return SECAGG_OK;
}

secagg_err secagg_client_recv(secagg_client *c, const uint8_t *msg,
    size_t len)
{
    const sa_bytes whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_msg_type type;
    sa_reader r;

    if (c->phase == SECAGG_PHASE_FAILED)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, false, msg, len));
    SA_TRY(sa_sha256(digest, &whole, 1));
    if (c->phase == SECAGG_PHASE_DONE)
        return recv_repeat(c, digest);
    if (type == SA_MSG_ABORT_SERVER)
        return sa_leave(recv_abort(c, &r));
    if (!c->built || type != phases[c->phase].awaits)
        return recv_repeat(c, digest);
    return sa_leave(recv_awaited(c, &r, digest));
}
