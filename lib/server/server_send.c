/* SPDX-License-Identifier: Apache-2.0 */
/* What the server says to one client: a function of the frozen sets, so that
 * the same call yields the same bytes. */
#include "server/server.h"

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/share_seal.h"
#include "message/msg_abort.h"
#include "message/msg_relay.h"
#include "message/msg_roster.h"
#include "message/msg_signatures.h"
#include "message/msg_survivors.h"

/* Hand out a buffer that was filled, or release it. */
static secagg_err give(secagg_err err, uint8_t *buffer, size_t size,
    uint8_t **out, size_t *len)
{
    if (err != SECAGG_OK) {
        sa_free(buffer);
        return err;
    }
    *out = buffer;
    *len = size;
    return SECAGG_OK;
}

/* The members of a set among the peers of a client and itself. */
static uint32_t count_near(const secagg_server *s, const uint32_t *peers,
    const uint8_t *map)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->peer_count; i++)
        count += sa_bitmap_has(map, peers[i]);
    return count;
}

static void put_entry(const secagg_server *s, sa_writer *w, uint32_t i)
{
    const sa_roster_entry entry = { i, s->roster.enc[i], s->roster.mask[i],
        s->roster.signature != NULL ? s->roster.signature[i] : NULL };

    if (sa_bitmap_has(s->roster.map, i))
        sa_roster_put_entry(w, s->params, &entry);
}

secagg_err sa_server_send_roster(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t *peers = sa_server_peers(s, to);
    const sa_roster_msg msg = { s->graph_seed, s->root, s->roster.present,
        1 + count_near(s, peers, s->roster.map), NULL };
    const size_t size = sa_roster_size(s->params, msg.count);
    uint8_t *buffer = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(buffer, size);
    uint32_t i = 0;

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    sa_roster_write(&w, s->params, to, &msg);
    for (; i < s->peer_count && peers[i] < to; i++)
        put_entry(s, &w, peers[i]);
    put_entry(s, &w, to);
    for (; i < s->peer_count; i++)
        put_entry(s, &w, peers[i]);
    return give(sa_writer_end(&w), buffer, size, out, len);
}

/* What each peer in U2 sealed for this client. */
static void put_pairs(const secagg_server *s, sa_writer *w,
    const uint32_t *peers, uint32_t to)
{
    for (uint32_t i = 0; i < s->peer_count; i++) {
        sa_share_pair pair = { peers[i], { NULL, NULL } };
        uint32_t place;
        if (!sa_bitmap_has(s->u2, peers[i]))
            continue;
        place = sa_server_peer_position(s, peers[i], to);
        pair.sealed[SA_KIND_SELF] = sa_server_slot(s, peers[i], place,
            SA_KIND_SELF);
        pair.sealed[SA_KIND_MASK] = sa_server_slot(s, peers[i], place,
            SA_KIND_MASK);
        sa_share_pair_put(w, &pair);
    }
}

secagg_err sa_server_send_relay(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t *peers = sa_server_peers(s, to);
    const sa_relay_msg msg = { s->u2, count_near(s, peers, s->u2), NULL };
    const size_t size = sa_relay_size(s->params, msg.count);
    uint8_t *buffer = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(buffer, size);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    sa_server_prefetch(s, peers, to);
    sa_relay_write(&w, s->params, to, &msg);
    put_pairs(s, &w, peers, to);
    return give(sa_writer_end(&w), buffer, size, out, len);
}

secagg_err sa_server_send_survivors(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_survivors_msg msg = { s->u3 };
    const size_t size = sa_survivors_size(s->params);
    uint8_t *buffer = sa_alloc(size, 1);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    return give(sa_survivors_write(buffer, size, s->params, to, &msg),
        buffer, size, out, len);
}

/* The signatures of U4 (8.10): who sent CONFIRM, whether or not it has left
 * since. */
static uint32_t count_signers(const secagg_server *s)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->params->own.clients; i++)
        count += s->members[i].confirm != NULL;
    return count;
}

secagg_err sa_server_send_signatures(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const uint32_t n = s->params->own.clients;
    const uint32_t count = count_signers(s);
    const size_t size = sa_signatures_size(count);
    uint8_t *buffer = sa_alloc(size, 1);
    sa_writer w = sa_writer_on(buffer, size);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    sa_signatures_write(&w, s->params, to, count);
    for (uint32_t i = 0; i < n; i++) {
        const sa_signed_by by = { i, s->members[i].confirm };
        if (by.signature != NULL)
            sa_signed_by_put(&w, &by);
    }
    return give(sa_writer_end(&w), buffer, size, out, len);
}

secagg_err sa_server_send_abort(const secagg_server *s, uint32_t to,
    uint8_t **out, size_t *len)
{
    const sa_abort_msg msg = { (uint32_t)-s->why,
        s->blame_count > 0 ? s->blames[0].index : SA_ABORT_NOBODY };
    const size_t size = sa_abort_size();
    uint8_t *buffer = sa_alloc(size, 1);

    if (buffer == NULL)
        return SECAGG_ERR_MEMORY;
    return give(sa_abort_write(buffer, size, s->params, SA_MSG_ABORT_SERVER, to,
        &msg), buffer, size, out, len);
}
