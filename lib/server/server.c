/* SPDX-License-Identifier: Apache-2.0 */
/* server: the public functions of a server, and the phases that they go
 * through. */
#include <secagg/identity.h>

#include <string.h>

#include "core/mem.h"
#include "core/random.h"
#include "core/residue.h"
#include "crypto/hash.h"
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

static secagg_err may_trust(const secagg_server *s)
{
    if (!sa_params_active(s->params))
        return SECAGG_ERR_POLICY;
    return s->phase == SECAGG_PHASE_KEYS ? SECAGG_OK : SECAGG_ERR_STATE;
}

secagg_err secagg_server_trust(secagg_server *s, uint32_t index,
    const uint8_t public_key[SECAGG_PUBLIC_BYTES])
{
    SA_TRY(may_trust(s));
    return sa_trust_add(&s->trust, index, public_key);
}

secagg_err secagg_server_trust_whole(secagg_server *s)
{
    SA_TRY(may_trust(s));
    return sa_trust_whole(&s->trust);
}

secagg_err secagg_server_trust_with(secagg_server *s,
    secagg_verify_fn *verify, void *user)
{
    SA_TRY(may_trust(s));
    return sa_trust_with(&s->trust, verify, user);
}

/* ---- messages and phases ------------------------------------------------ */

/* The client has answered this phase. Its answer may come once more, because
 * the network repeats it or because the client was resumed (9.2). */
static secagg_err recv_again(const secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len)
{
    const sa_bytes whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_sha256(digest, &whole, 1));
    return sa_ct_equal(digest, s->clients[from].last_digest, sizeof digest)
        ? SECAGG_ERR_REPEAT : SECAGG_ERR_STATE;
}

/* Accept a message that is not one of several parts, and keep its digest. */
static secagg_err recv_whole(secagg_server *s, uint32_t from, sa_reader *r,
    const uint8_t *msg, size_t len)
{
    const sa_bytes whole = { msg, len };
    uint8_t digest[SECAGG_DIGEST_BYTES];

    SA_TRY(sa_sha256(digest, &whole, 1));
    SA_TRY(sa_leave(phases[s->phase].recv(s, from, r)));
    memcpy(s->clients[from].last_digest, digest, sizeof digest);
    return SECAGG_OK;
}

secagg_err secagg_server_recv(secagg_server *s, uint32_t from,
    const uint8_t *msg, size_t len)
{
    bool complete = true;
    sa_msg_type type;
    sa_reader r;

    if (from >= s->params->own.clients)
        return SECAGG_ERR_ARG;
    if (s->phase >= SECAGG_PHASE_DONE)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_header_read(&r, &type, s->params, from, true, msg, len));
    if (!sa_bitmap_has(s->in, from) || sa_bitmap_has(s->aborted, from))
        return SECAGG_ERR_STATE;
    if (type == SA_MSG_ABORT_CLIENT)
        return sa_server_recv_abort(s, from, &r);
    if (sa_bitmap_has(s->answered, from))
        return recv_again(s, from, msg, len);
    if (type == SA_MSG_INPUT_PART && s->phase == SECAGG_PHASE_INPUT)
        SA_TRY(sa_server_recv_part(s, from, &r, msg, len, &complete));
    else if (type == phases[s->phase].accepts)
        SA_TRY(recv_whole(s, from, &r, msg, len));
    else
        return SECAGG_ERR_STATE;
    if (complete)
        sa_bitmap_add(s->answered, from);
    return SECAGG_OK;
}

uint32_t secagg_server_pending(const secagg_server *s)
{
    if (s->phase >= SECAGG_PHASE_DONE)
        return 0;
    return sa_bitmap_count(s->in, s->params->own.clients)
        - sa_bitmap_count(s->answered, s->params->own.clients);
}

secagg_err secagg_server_advance(secagg_server *s)
{
    const uint32_t n = s->params->own.clients;

    SA_TRY(sa_process_check(&s->process));
    if (s->phase >= SECAGG_PHASE_DONE)
        return SECAGG_ERR_STATE;
    SA_TRY(sa_leave(phases[s->phase].close(s)));
    for (uint32_t i = 0; i < n; i++)
        if (!sa_bitmap_has(s->answered, i) || sa_bitmap_has(s->aborted, i))
            sa_bitmap_remove(s->in, i);
    memset(s->answered, 0, sa_bitmap_bytes(n));
    s->abort_count = 0;
    s->phase = sa_params_active(s->params) ? phases[s->phase].next_active
                                           : phases[s->phase].next;
    return SECAGG_OK;
}

secagg_err secagg_server_send(secagg_server *s, uint32_t to,
    const uint8_t **msg, size_t *len)
{
    send_fn *send;
    uint8_t *out;

    SA_TRY(sa_process_check(&s->process));
    if (to >= s->params->own.clients)
        return SECAGG_ERR_ARG;
    send = sa_params_active(s->params) ? phases[s->phase].send_active
                                       : phases[s->phase].send;
    if (send == NULL || !sa_bitmap_has(s->in, to)
        || sa_bitmap_has(s->aborted, to)) {
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

/* ---- status ------------------------------------------------------------- */

bool secagg_server_includes(const secagg_server *s, uint32_t index)
{
    if (index >= s->params->own.clients)
        return false;
    if (s->phase >= SECAGG_PHASE_CONFIRM && s->phase <= SECAGG_PHASE_DONE)
        return sa_bitmap_has(s->u3, index);
    return sa_bitmap_has(s->in, index);
}

bool secagg_server_answered(const secagg_server *s, uint32_t index)
{
    return index < s->params->own.clients && sa_bitmap_has(s->answered, index);
}

secagg_err secagg_server_error(const secagg_server *s, char *why, size_t len)
{
    if (why != NULL && len > 0) {
        const size_t have = s->error != SECAGG_OK ? strlen(s->reason) : 0;
        const size_t kept = have < len ? have : len - 1;
        memcpy(why, s->reason, kept);
        why[kept] = '\0';
    }
    return s->error;
}

secagg_phase secagg_server_phase(const secagg_server *s)
{
    return s->phase;
}

secagg_err secagg_server_blamed(const secagg_server *s, size_t i,
    uint32_t *index, secagg_err *what)
{
    if (i >= s->blame_count)
        return SECAGG_ERR_STATE;
    *index = s->blames[i].index;
    *what = s->blames[i].error;
    return SECAGG_OK;
}

secagg_err secagg_server_disputed(const secagg_server *s, size_t i,
    uint32_t *dealer, uint32_t *holder)
{
    if (s->phase <= SECAGG_PHASE_INPUT || i >= s->dispute_count)
        return SECAGG_ERR_STATE;
    *dealer = s->disputes[i].dealer;
    *holder = s->disputes[i].holder;
    return SECAGG_OK;
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

secagg_err secagg_server_sum_u64(const secagg_server *s, size_t segment,
    uint64_t offset, uint64_t *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_SUM_U64, segment,
        offset, out, count));
}

secagg_err secagg_server_sum_i64(const secagg_server *s, size_t segment,
    uint64_t offset, int64_t *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_SUM_I64, segment,
        offset, out, count));
}

secagg_err secagg_server_sum_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_SUM_F32, segment,
        offset, out, count));
}

secagg_err secagg_server_sum_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_SUM_F64, segment,
        offset, out, count));
}

secagg_err secagg_server_mean_f32(const secagg_server *s, size_t segment,
    uint64_t offset, float *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_MEAN_F32, segment,
        offset, out, count));
}

secagg_err secagg_server_mean_f64(const secagg_server *s, size_t segment,
    uint64_t offset, double *out, size_t count)
{
    return sa_leave(sa_aggregate_read(&s->aggregate, SA_MEAN_F64, segment,
        offset, out, count));
}

size_t secagg_server_masks_size(const secagg_server *s)
{
    const secagg_masks *masks = s->aggregate.masks;

    return masks != NULL ? secagg_masks_encoded_size(masks) : 0;
}

secagg_err secagg_server_masks(const secagg_server *s, uint8_t *bytes,
    size_t len)
{
    if (s->aggregate.masks == NULL)
        return SECAGG_ERR_STATE;
    return secagg_masks_encode(s->aggregate.masks, bytes, len);
}
