/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server_send.h"

#include "core/mem.h"
#include "message/msg_abort.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"

/* Pass a message to the caller, or free it if it could not be written. */
static secagg_err finish(secagg_err err, uint8_t *message, size_t size,
    uint8_t **out, size_t *len)
{
    if (err != SECAGG_OK) {
        sa_free(message);
        return err;
    }
    *out = message;
    *len = size;
    return SECAGG_OK;
}

static uint32_t count_peers_in(const secagg_server *s, const uint32_t *peers,
    const uint8_t *map)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->peer_count; i++)
        count += sa_bitmap_has(map, peers[i]);
    return count;
}

/* ---- ROSTER (8.3) ------------------------------------------------------- */

/* Write the entry of a client if it is in U1. */
static void put_entry(const secagg_server *s, sa_writer *w, uint32_t i)
{
    const sa_roster_entry entry = { i, s->roster.enc[i], s->roster.mask[i],
        sa_roster_identity(&s->roster, i) };

    if (sa_bitmap_has(s->roster.map, i))
        sa_roster_put_entry(w, s->params, &entry);
}

secagg_err sa_server_send_roster(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t *peers = sa_server_peers(s, to);
    const sa_roster_msg msg = { s->graph_seed, s->roster_root,
        s->roster.present, 1 + count_peers_in(s, peers, s->roster.map),
        { NULL, 0 } };
    const size_t size = sa_roster_size(s->params, msg.count,
        sa_roster_credential_bytes(&s->roster));
    uint8_t *message = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(message, size);
    uint32_t i = 0;

    if (message == NULL)
        return SECAGG_ERR_MEMORY;
    sa_roster_write(&w, s->params, to, &msg, size);
    for (; i < s->peer_count && peers[i] < to; i++)
        put_entry(s, &w, peers[i]);
    put_entry(s, &w, to);
    for (; i < s->peer_count; i++)
        put_entry(s, &w, peers[i]);
    return finish(sa_writer_end(&w), message, size, out, len);
}

/* ---- RELAY (8.5) -------------------------------------------------------- */

secagg_err sa_server_send_relay(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t *peers = sa_server_peers(s, to);
    const sa_relay_msg msg = { s->u2, count_peers_in(s, peers, s->u2), NULL };
    const size_t size = sa_relay_size(s->params, msg.count);
    uint8_t *message = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(message, size);

    if (message == NULL)
        return SECAGG_ERR_MEMORY;
    sa_server_prefetch(s, peers, to);
    sa_relay_write(&w, s->params, to, &msg);
    for (uint32_t i = 0; i < s->peer_count; i++) {
        sa_share_pair pair = { peers[i], { NULL, NULL } };
        uint32_t position;
        if (!sa_bitmap_has(s->u2, peers[i]))
            continue;
        position = sa_server_peer_position(s, peers[i], to);
        pair.sealed[SA_KIND_SELF] = sa_server_share(s, peers[i], position,
            SA_KIND_SELF);
        pair.sealed[SA_KIND_MASK] = sa_server_share(s, peers[i], position,
            SA_KIND_MASK);
        sa_share_pair_put(&w, &pair);
    }
    return finish(sa_writer_end(&w), message, size, out, len);
}

/* ---- SURVIVORS (8.8) ---------------------------------------------------- */

secagg_err sa_server_send_survivors(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_survivors_msg msg = { s->u3 };
    const size_t size = sa_survivors_size(s->params);
    uint8_t *message = sa_alloc(size, 1);

    if (message == NULL)
        return SECAGG_ERR_MEMORY;
    return finish(sa_survivors_write(message, size, s->params, to, &msg),
        message, size, out, len);
}

/* ---- SIGNATURES (8.10) -------------------------------------------------- */

/* The signatures are those of U4: all clients that sent CONFIRM, including
 * those that dropped out after it. */
secagg_err sa_server_send_signatures(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t n = s->params->own.clients;
    uint32_t count = 0;
    uint8_t *message;
    size_t size;
    sa_writer w;

    for (uint32_t i = 0; i < n; i++)
        count += s->clients[i].confirm != NULL;
    size = sa_signatures_size(count);
    message = sa_alloc(size, 1);
    if (message == NULL)
        return SECAGG_ERR_MEMORY;
    w = sa_writer_on(message, size);
    sa_signatures_write(&w, s->params, to, count);
    for (uint32_t i = 0; i < n; i++) {
        const sa_signed_by by = { i, s->clients[i].confirm };
        if (by.signature != NULL)
            sa_signed_by_put(&w, &by);
    }
    return finish(sa_writer_end(&w), message, size, out, len);
}

/* ---- ABORT (8.12) ------------------------------------------------------- */

static secagg_err send_abort(const secagg_server *s, uint32_t to,
    const sa_abort_msg *msg, uint8_t **out, size_t *len)
{
    const size_t size = sa_abort_size(0);
    uint8_t *message = sa_alloc(size, 1);

    if (message == NULL)
        return SECAGG_ERR_MEMORY;
    return finish(sa_abort_write_head(message, size, s->params,
        SA_MSG_ABORT_SERVER, to, msg), message, size, out, len);
}

secagg_err sa_server_send_abort(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_abort_msg msg = { (uint32_t)-s->error,
        s->blame_count > 0 ? s->blames[0].index : SA_ABORT_NOBODY, 0, NULL };

    return send_abort(s, to, &msg, out, len);
}

secagg_err sa_server_send_out(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_abort_msg msg = { (uint32_t)-SECAGG_ERR_STATE, SA_ABORT_NOBODY,
        0, NULL };

    return send_abort(s, to, &msg, out, len);
}
