/* SPDX-License-Identifier: Apache-2.0 */
/* server: the public functions of a server, and the phases that they go
 * through. */
#include <secagg/arrays.h>
#include <secagg/identity.h>

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "core/process.h"
#include "core/reason.h"
#include "core/residue.h"
#include "crypto/random.h"
#include "message/msg_header.h"
#include "server/server_advance.h"
#include "server/server_part.h"
#include "server/server_recv.h"
#include "server/server_send.h"

typedef secagg_err recv_fn(secagg_server *s, uint32_t from, sa_reader *r);
typedef secagg_err send_fn(const secagg_server *s, uint32_t to, uint8_t **out,
    size_t *len);
typedef secagg_err close_fn(secagg_server *s);

/* The phases of a server (PROTOCOL.md 9.2): the message that it accepts, the
 * message that it sends first, how it closes the phase, and the phase that
 * follows. In active mode SURVIVORS opens CONFIRM and SIGNATURES opens
 * UNMASK; a semi-honest session omits CONFIRM. */
static const struct phase {
    sa_msg_type accepts;
    recv_fn *recv;
    send_fn *send, *send_active;
    close_fn *close;
    secagg_phase next, next_active;
} phases[] = {
    [SECAGG_PHASE_KEYS] = { SA_MSG_KEYS, sa_server_recv_keys, NULL, NULL,
        sa_server_close_keys, SECAGG_PHASE_SHARES, SECAGG_PHASE_SHARES },
    [SECAGG_PHASE_SHARES] = { SA_MSG_SHARES, sa_server_recv_shares,
        sa_server_send_roster, sa_server_send_roster,
        sa_server_close_shares, SECAGG_PHASE_INPUT, SECAGG_PHASE_INPUT },
    [SECAGG_PHASE_INPUT] = { SA_MSG_INPUT, sa_server_recv_input,
        sa_server_send_relay, sa_server_send_relay, sa_server_close_input,
        SECAGG_PHASE_UNMASK, SECAGG_PHASE_CONFIRM },
    [SECAGG_PHASE_CONFIRM] = { SA_MSG_CONFIRM, sa_server_recv_confirm, NULL,
        sa_server_send_survivors, sa_server_close_confirm,
        SECAGG_PHASE_UNMASK, SECAGG_PHASE_UNMASK },
    [SECAGG_PHASE_UNMASK] = { SA_MSG_UNMASK, sa_server_recv_unmask,
        sa_server_send_survivors, sa_server_send_signatures,
        sa_server_close_unmask, SECAGG_PHASE_DONE, SECAGG_PHASE_DONE },
    /* Nothing is accepted or closed in the last two. */
    [SECAGG_PHASE_DONE] = { .next = SECAGG_PHASE_DONE,
        .next_active = SECAGG_PHASE_DONE },
    [SECAGG_PHASE_FAILED] = { .send = sa_server_send_abort,
        .send_active = sa_server_send_abort, .next = SECAGG_PHASE_FAILED,
        .next_active = SECAGG_PHASE_FAILED },
};

/* ---- the handle --------------------------------------------------------- */

secagg_err secagg_server_new_seeded(secagg_server **server,
    const secagg_params *params, const uint8_t seed[SECAGG_SEED_BYTES])
{
    return sa_server_new(server, params, seed);
}

secagg_err secagg_server_new(secagg_server **server,
    const secagg_params *params)
{
    uint8_t seed[SECAGG_SEED_BYTES];
    secagg_err err;

    SA_TRY(sa_random(seed, sizeof seed));
    err = sa_server_new(server, params, seed);
    sa_wipe(seed, sizeof seed);
    return err;
}

void secagg_server_free(secagg_server *s)
{
    sa_server_free(s);
}

const secagg_params *secagg_server_params(const secagg_server *server)
{
    return &server->params->own;
}

/* ---- refusals ----------------------------------------------------------- */

/* End a public call: keep its error, if it has one. `index` is the client that
 * the call is about, or SA_NO_CLIENT. */
static secagg_err end(secagg_server *s, uint32_t index, secagg_err error)
{
    return sa_leave(sa_refusal_keep(s->refusal, index, error));
}

/* A sentence of the call that runs, with its error. */
#define DEMAND(condition, error, s, ...)                                       \
    SA_REQUIRE(condition, error, (s)->refusal->draft, __VA_ARGS__)

secagg_err secagg_server_refusal(const secagg_server *s, uint32_t *index,
    char *why, size_t why_len)
{
    return sa_refusal_get(s->refusal, index, why, why_len);
}

static secagg_err require_client(secagg_server *s, uint32_t index)
{
    const uint32_t n = s->params->own.clients;

    DEMAND(index < n, SECAGG_ERR_ARG, s, "there is no client %" PRIu32
        ": the session has %" PRIu32 " clients", index, n);
    return SECAGG_OK;
}

static secagg_err require_running(secagg_server *s)
{
    DEMAND(s->phase != SECAGG_PHASE_FAILED, SECAGG_ERR_STATE, s,
        "the session has failed: %s", secagg_strerror(s->error));
    DEMAND(s->phase != SECAGG_PHASE_DONE, SECAGG_ERR_STATE, s,
        "the session is over and has its sum");
    return SECAGG_OK;
}

/* ---- trust -------------------------------------------------------------- */

static secagg_err may_trust(secagg_server *s)
{
    DEMAND(sa_params_active(s->params), SECAGG_ERR_POLICY, s,
        "the session is semi-honest: it has no identities");
    DEMAND(s->phase == SECAGG_PHASE_KEYS, SECAGG_ERR_STATE, s,
        "the phase KEYS is closed: the phase is %s", sa_phase_name(s->phase));
    return SECAGG_OK;
}

secagg_err secagg_server_trust(secagg_server *s, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    secagg_err err = may_trust(s);

    if (err == SECAGG_OK)
        err = sa_trust_add(&s->trust, index, public_key);
    return end(s, index, err);
}

secagg_err secagg_server_trust_whole(secagg_server *s)
{
    secagg_err err = may_trust(s);

    if (err == SECAGG_OK)
        err = sa_trust_whole(&s->trust);
    return end(s, SA_NO_CLIENT, err);
}

secagg_err secagg_server_trust_with(secagg_server *s,
    secagg_verify_fn *verify, void *user)
{
    secagg_err err = may_trust(s);

    if (err == SECAGG_OK)
        err = sa_trust_with(&s->trust, verify, user);
    return end(s, SA_NO_CLIENT, err);
}

/* ---- messages and phases ------------------------------------------------ */

/* Returns whether a type is that of an answer in this phase. */
static bool is_of_phase(const secagg_server *s, sa_msg_type type)
{
    return type == phases[s->phase].accepts
        || (type == SA_MSG_INPUT_PART && s->phase == SECAGG_PHASE_INPUT);
}

static secagg_err require_phase(secagg_server *s, sa_msg_type type)
{
    DEMAND(is_of_phase(s, type), SECAGG_ERR_STATE, s, "the phase is %s, in "
        "which the server accepts %s", sa_phase_name(s->phase),
        sa_msg_name(phases[s->phase].accepts));
    return SECAGG_OK;
}

/* The client has answered this phase. Its answer may come once more, because
 * the network repeats it or because the client was resumed (9.3). Other
 * KEYS replace its KEYS until these are closed (8.2); then this returns OK. */
static secagg_err recv_again(secagg_server *s, uint32_t from,
    sa_msg_type type, const uint8_t *msg, size_t len)
{
    bool repeats;

    SA_TRY(sa_accepted_compare(&s->clients[from].accepted, msg, len,
        &repeats));
    DEMAND(!repeats, SECAGG_ERR_REPEAT, s, "it was accepted before, and need "
        "not come again");
    SA_TRY(require_phase(s, type));
    if (s->phase == SECAGG_PHASE_KEYS)
        return SECAGG_OK;
    DEMAND(false, SECAGG_ERR_STATE, s, "it differs from the answer in %s that "
        "was accepted", sa_phase_name(s->phase));
    return SECAGG_OK;
}

/* Accept a message that is not one of several parts. */
static secagg_err recv_whole(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len)
{
    uint64_t planes = s->phase == SECAGG_PHASE_INPUT ? s->params->vector : 0;
    sa_accepted accepted;

    if (planes > len)
        planes = 0; /* too short for an INPUT: recv rejects it */
    SA_TRY(sa_accepted_set(&accepted, msg, len, (size_t)planes));
    SA_TRY(phases[s->phase].recv(s, from, r));
    s->clients[from].accepted = accepted;
    return SECAGG_OK;
}

/* Process a message whose header is valid. */
static secagg_err recv_body(secagg_server *s, uint32_t from, sa_msg_type type,
    sa_reader *r, const uint8_t *msg, size_t len)
{
    bool complete = true;

    DEMAND(!sa_bitmap_has(s->aborted, from), SECAGG_ERR_STATE, s,
        "the client has sent ABORT");
    DEMAND(sa_bitmap_has(s->in, from), SECAGG_ERR_STATE, s, "the client is "
        "out: it was silent when a phase was closed");
    if (type == SA_MSG_ABORT_CLIENT)
        return sa_server_recv_abort(s, from, r);
    if (sa_bitmap_has(s->answered, from))
        SA_TRY(recv_again(s, from, type, msg, len));
    SA_TRY(require_phase(s, type));
    if (type == SA_MSG_INPUT_PART)
        SA_TRY(sa_server_recv_part(s, from, r, msg, len, &complete));
    else
        SA_TRY(recv_whole(s, from, r, msg, len));
    if (complete)
        sa_bitmap_add(s->answered, from);
    return SECAGG_OK;
}

static secagg_err receive(secagg_server *s, uint32_t from, const uint8_t *msg,
    size_t len)
{
    sa_msg_type type;
    sa_reader r;

    SA_TRY(require_client(s, from));
    SA_TRY(require_running(s));
    sa_refusal_about(s->refusal, "client %" PRIu32, from);
    s->refusal->clause = "8.1";
    SA_TRY(sa_header_read(&r, &type, s->params, from, true, msg, len,
        s->refusal->draft));
    sa_refusal_about(s->refusal, "client %" PRIu32 ", %s", from,
        sa_msg_name(type));
    s->refusal->clause = sa_msg_info_of(type)->clause;
    return recv_body(s, from, type, &r, msg, len);
}

secagg_err secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len)
{
    return end(s, from, receive(s, from, msg, len));
}

/* The clients that have not answered the phase that is closed fall out. */
static void lose_silent(secagg_server *s, secagg_phase phase)
{
    for (uint32_t i = 0; i < s->params->own.clients; i++)
        if (sa_bitmap_has(s->in, i) && !sa_bitmap_has(s->answered, i))
            sa_server_lose(s, i, phase, 0);
}

/* Two processes would fix two sets of clients (PROTOCOL.md 14.4, 14.6). */
static secagg_err require_process(secagg_server *s)
{
    DEMAND(s->process == sa_process_id(), SECAGG_ERR_STATE, s, "the server was "
        "made in another process");
    return SECAGG_OK;
}

static secagg_err advance(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;
    const secagg_phase phase = s->phase;
    secagg_err err;

    SA_TRY(require_process(s));
    SA_TRY(require_running(s));
    err = phases[phase].close(s);
    if (err != SECAGG_OK && s->phase != SECAGG_PHASE_FAILED)
        return err;
    lose_silent(s, phase);
    s->unsaved = s->generation > 0;
    if (err != SECAGG_OK)
        return err;
    for (uint32_t i = 0; i < n; i++)
        if (sa_server_is_lost(s, i))
            sa_bitmap_remove(s->in, i);
    memset(s->answered, 0, sa_bitmap_bytes(n));
    s->abort_count = 0;
    s->phase = sa_params_active(s->params) ? phases[phase].next_active
                                           : phases[phase].next;
    return SECAGG_OK;
}

secagg_err secagg_server_advance(secagg_server *s)
{
    return end(s, SA_NO_CLIENT, advance(s));
}

/* Returns the function that makes the message for a client, or NULL if there is
 * none (9.2). A client that is out because it was late hears of it. */
static send_fn *sender(const secagg_server *s, uint32_t to)
{
    if (sa_bitmap_has(s->aborted, to))
        return NULL;
    if (!sa_bitmap_has(s->in, to))
        return sa_server_send_out;
    return sa_params_active(s->params) ? phases[s->phase].send_active
                                       : phases[s->phase].send;
}

static secagg_err send_to(secagg_server *s, uint32_t to, const uint8_t **msg,
    size_t *len)
{
    send_fn *send;
    uint8_t *out;

    SA_TRY(require_client(s, to));
    SA_TRY(require_process(s));
    DEMAND(!s->unsaved, SECAGG_ERR_STATE, s, "the server was saved before, and "
        "must be saved in %s before it gives out a message",
        sa_phase_name(s->phase));
    send = sender(s, to);
    if (send == NULL) {
        *msg = NULL;
        *len = 0;
        return SECAGG_OK;
    }
    SA_TRY(send(s, to, &out, len));
    sa_free(s->out);
    s->out = out;
    *msg = out;
    return SECAGG_OK;
}

secagg_err secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len)
{
    return end(s, to, send_to(s, to, msg, len));
}

/* ---- the aggregate ------------------------------------------------------ */

uint32_t secagg_server_survivors(const secagg_server *s)
{
    return s->aggregate.survivors;
}

uint64_t secagg_server_weight(const secagg_server *s)
{
    return s->aggregate.weight;
}

/* Read a range of the sum, maybe at the same time as other threads. */
static secagg_err read_to(const secagg_server *s, sa_sum_format format,
    size_t segment, uint64_t offset, const sa_results *out)
{
    char draft[SA_REASON_BYTES]; /* mostly not used: do not fill it */
    secagg_err err;

    draft[0] = '\0';
    err = sa_aggregate_read_to(&s->aggregate, format, segment, offset, out,
        draft);
    if (s->aggregate.masks == NULL)
        sa_reason_add(draft, ": the phase is %s", sa_phase_name(s->phase));
    return sa_refusal_keep_shared(s->refusal, SA_NO_CLIENT, err, draft);
}

static secagg_err read_sum(const secagg_server *s, sa_sum_format format,
    size_t segment, uint64_t offset, void *out, size_t count)
{
    const size_t size = format == SA_SUM_F32 || format == SA_MEAN_F32
        ? sizeof(float) : sizeof(double);
    const sa_results to = { out, (ptrdiff_t)size, count };

    return read_to(s, format, segment, offset, &to);
}

static secagg_err refuse_type(const secagg_server *s)
{
    return sa_refusal_keep_shared(s->refusal, SA_NO_CLIENT, SECAGG_ERR_ARG,
        "results do not have this type");
}

secagg_err secagg_server_sum_u64(const secagg_server *s, size_t segment,
    uint64_t offset, uint64_t *out, size_t count)
{
    return read_sum(s, SA_SUM_U64, segment, offset, out, count);
}

secagg_err secagg_server_sum_i64(const secagg_server *s, size_t segment,
    uint64_t offset, int64_t *out, size_t count)
{
    return read_sum(s, SA_SUM_I64, segment, offset, out, count);
}

secagg_err secagg_server_sum_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return read_sum(s, SA_SUM_F32, segment, offset, out, count);
}

secagg_err secagg_server_sum_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return read_sum(s, SA_SUM_F64, segment, offset, out, count);
}

secagg_err secagg_server_mean_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return read_sum(s, SA_MEAN_F32, segment, offset, out, count);
}

secagg_err secagg_server_mean_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return read_sum(s, SA_MEAN_F64, segment, offset, out, count);
}

secagg_err secagg_server_sum_strided(const secagg_server *s, size_t segment,
    uint64_t offset, void *out, uint32_t type, size_t count, ptrdiff_t stride)
{
    const sa_results to = { out, stride, count };

    switch (type) {
    case SECAGG_U64: return read_to(s, SA_SUM_U64, segment, offset, &to);
    case SECAGG_I64: return read_to(s, SA_SUM_I64, segment, offset, &to);
    case SECAGG_F32: return read_to(s, SA_SUM_F32, segment, offset, &to);
    case SECAGG_F64: return read_to(s, SA_SUM_F64, segment, offset, &to);
    default: return refuse_type(s);
    }
}

secagg_err secagg_server_mean_strided(const secagg_server *s, size_t segment,
    uint64_t offset, void *out, uint32_t type, size_t count, ptrdiff_t stride)
{
    const sa_results to = { out, stride, count };

    if (type != SECAGG_F32 && type != SECAGG_F64)
        return refuse_type(s);
    return read_to(s, type == SECAGG_F32 ? SA_MEAN_F32 : SA_MEAN_F64, segment,
        offset, &to);
}

size_t secagg_server_masks_size(const secagg_server *s)
{
    const secagg_masks *masks = s->aggregate.masks;

    return masks != NULL ? secagg_masks_encoded_size(masks) : 0;
}

secagg_err secagg_server_masks(const secagg_server *s, uint8_t *bytes,
    size_t len)
{
    char draft[SA_REASON_BYTES] = "";
    const size_t size = secagg_server_masks_size(s);
    secagg_err err = SECAGG_ERR_STATE;

    if (s->aggregate.masks != NULL)
        err = secagg_masks_encode(s->aggregate.masks, bytes, len);
    if (err == SECAGG_ERR_STATE)
        sa_reason_set(draft, "the session has no masks: the phase is %s",
            sa_phase_name(s->phase));
    if (err == SECAGG_ERR_SIZE)
        sa_reason_set(draft, "the masks have %zu bytes, and the buffer %zu",
            size, len);
    return sa_leave(sa_refusal_keep_shared(s->refusal, SA_NO_CLIENT, err,
        draft));
}
