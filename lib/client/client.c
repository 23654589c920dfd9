/* SPDX-License-Identifier: Apache-2.0 */
/* client: the public functions of a client, except those of saved states, and
 * the phases that they go through. */
#include <inttypes.h>
#include <string.h>

#include "client/client_input.h"
#include "client/client_recv.h"
#include "client/client_send.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/reason.h"
#include "crypto/hash.h"
#include "crypto/random.h"
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
    char reason[SA_REASON_BYTES]; /* see secagg_policy_check() */
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

secagg_err secagg_client_refusal(const secagg_client *client, char *why,
    size_t why_len)
{
    return sa_refusal_get(client->refusal, NULL, why, why_len);
}

/* INPUT and UNMASK are spent from the moment when they are built, because a
 * message that was built may have left (PROTOCOL.md 11.4). */
secagg_spent secagg_client_spent(const secagg_client *client)
{
    if (client->phase == SECAGG_PHASE_DONE)
        return SECAGG_SPENT_UNMASK;
    return client->parts > 0 ? SECAGG_SPENT_INPUT : SECAGG_SPENT_NOTHING;
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

/* Each message is made from secrets that the other process has, too. */
static secagg_err require_process(secagg_client *c)
{
    SA_CLIENT_REQUIRE(c->process == sa_process_id(), SECAGG_ERR_STATE, c,
        "the client was made in process %" PRId64 " and a message is asked for "
        "in process %" PRId64 ": a copy of a client must not make it",
        c->process, sa_process_id());
    return SECAGG_OK;
}

static secagg_err send_next(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    SA_TRY(require_process(c));
    /* A part that is due again is lost when the next one is begun. */
    if (c->phase == SECAGG_PHASE_INPUT && !c->input.finished)
        c->due = false;
    if (must_build(c))
        SA_TRY(build(c));
    SA_CLIENT_REQUIRE(!c->due || !c->unsaved, SECAGG_ERR_STATE, c, "the client "
        "has built a message since generation %" PRIu64 " was saved: save it "
        "and call again", c->generation); /* 11.3 */
    SA_TRY(c->due ? SECAGG_OK : sa_client_require_running(c));
    *msg = c->due ? c->out : NULL;
    *len = c->due ? c->out_len : 0;
    c->due = c->held = false;
    return SECAGG_OK;
}

secagg_err secagg_client_send(secagg_client *c, const uint8_t **msg,
    size_t *len)
{
    return sa_client_end(c, send_next(c, msg, len));
}

/* Returns the error of an ABORT, if it is one of the three that a server may
 * name (PROTOCOL.md 8.12), or MESSAGE. */
static secagg_err read_abort(sa_reader *r, const sa_params *params)
{
    sa_abort_msg msg;

    SA_TRY(sa_abort_read(r, &msg, params));
    SA_REQUIRE(msg.complaint_count == 0, SECAGG_ERR_MESSAGE, r->reason,
        "it has %" PRIu32 " complaints, and a server has none",
        msg.complaint_count);
    SA_REQUIRE(msg.code != (uint32_t)-SECAGG_ERR_STATE, SECAGG_ERR_STATE,
        r->reason, "the server says that this client is out: its answer did "
        "not come in time");
    SA_REQUIRE(msg.code != (uint32_t)-SECAGG_ERR_THRESHOLD,
        SECAGG_ERR_THRESHOLD, r->reason, "the server ended the session: "
        "too few clients or shares remain");
    SA_REQUIRE(msg.code != (uint32_t)-SECAGG_ERR_CHEAT, SECAGG_ERR_CHEAT,
        r->reason, "the server ended the session: a client cheated");
    sa_reason_set(r->reason, "it names the error -%" PRIu32 ", which is not a "
        "server's", msg.code);
    return SECAGG_ERR_MESSAGE;
}

/* The server's ABORT ends the session. */
static secagg_err recv_abort(secagg_client *c, sa_reader *r)
{
    const secagg_err error = read_abort(r, c->params);

    sa_client_fail(c, error);
    return error;
}

/* Returns the type of the message that was accepted last, or 0. */
static uint32_t accepted_type(const secagg_client *c)
{
    const uint32_t phase = c->phase == SECAGG_PHASE_UNMASK
            && !sa_params_active(c->params)
        ? SECAGG_PHASE_INPUT : c->phase - 1;

    return c->phase == SECAGG_PHASE_KEYS ? 0 : phases[phase].awaits;
}

/* Explain why a message is out of phase. */
static void explain_phase(secagg_client *c, sa_msg_type type)
{
    char *reason = c->refusal->draft;

    if (c->phase == SECAGG_PHASE_DONE)
        sa_reason_set(reason, "the client is done: it accepts only its last "
            "message again");
    else if (type == accepted_type(c))
        sa_reason_set(reason, "it differs from the one that was accepted");
    else if (phases[c->phase].recv == NULL)
        sa_reason_set(reason, "the phase is %s, in which the client waits for "
            "no message: call secagg_client_send()", sa_phase_name(c->phase));
    else if (type != phases[c->phase].awaits)
        sa_reason_set(reason, "the phase is %s, in which the client waits for "
            "%s", sa_phase_name(c->phase),
            sa_msg_name(phases[c->phase].awaits));
    else
        sa_reason_set(reason, "the client has not built its %s yet: call "
            "secagg_client_send() first", sa_phase_name(c->phase));
}

/* A message that is out of phase is STATE, unless it is the one accepted last:
 * then its answer is due again, if it is built (9.3). */
static secagg_err recv_repeat(secagg_client *c, sa_msg_type type,
    const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    if (!sa_ct_equal(digest, c->last_digest, sizeof c->last_digest)) {
        explain_phase(c, type);
        return SECAGG_ERR_STATE;
    }
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
    c->built = c->due = c->held = c->unsaved = c->rebuild = false;
    return SECAGG_OK;
}

static secagg_err receive(secagg_client *c, const uint8_t *msg, size_t len)
{
    const sa_bytes whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];
    sa_msg_type type;
    sa_reader r;

    SA_TRY(sa_client_require_running(c));
    c->refusal->clause = "8.1";
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, false, msg, len,
        c->refusal->draft));
    sa_refusal_about(c->refusal, "%s", sa_msg_name(type));
    c->refusal->clause = sa_msg_info_of(type)->clause;
    SA_TRY(sa_sha256(digest, &whole, 1));
    if (c->phase == SECAGG_PHASE_DONE)
        return recv_repeat(c, type, digest);
    if (type == SA_MSG_ABORT_SERVER)
        return recv_abort(c, &r);
    if (!c->built || type != phases[c->phase].awaits)
        return recv_repeat(c, type, digest);
    return recv_awaited(c, &r, digest);
}

secagg_err secagg_client_recv(secagg_client *c, const uint8_t *msg,
    size_t len)
{
    return sa_client_end(c, receive(c, msg, len));
}
