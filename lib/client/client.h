/* SPDX-License-Identifier: Apache-2.0 */
/* client: the state of a client, for the files that make it one: client.c
 * (handle and phase table), client_recv.c (what comes in), client_send.c (what
 * goes out), client_input.c (the input and its message) and client_save.c (the
 * state as bytes). PROTOCOL.md 9.1. */
#ifndef SA_CLIENT_H
#define SA_CLIENT_H

#include <secagg/client.h>

#include "client/input_buffer.h"
#include "crypto/identity.h"
#include "message/msg_abort.h"
#include "session/graph.h"
#include "session/key_schedule.h"

/* Another client that this one masks with and deals to. */
typedef struct sa_peer {
    uint32_t index;
    bool present; /* in U1 */
    bool bad;     /* a share that it dealt did not open */
    uint8_t enc[32], mask[32];
} sa_peer;

struct secagg_client {
    sa_params *params;
    uint32_t index;
    secagg_phase phase;
    secagg_err why;
    uint64_t generation; /* of the last state that was saved */

    bool made, due;     /* this phase's message is made; is to be taken */
    const uint8_t *out; /* it, in the message below or in the input */
    size_t out_len;
    uint8_t *message;
    size_t message_len;
    uint8_t abort[SA_ABORT_BYTES];
    uint8_t last_digest[SECAGG_DIGEST_BYTES]; /* of the last message accepted */

    sa_input_buffer input;
    uint32_t parts; /* of INPUT that were made */
    bool again;     /* resumed: the last of them is to be made once more */
    uint8_t digest[SECAGG_DIGEST_BYTES]; /* of it, as it was saved */

    uint8_t graph_seed[SECAGG_SEED_BYTES];
    uint32_t present;   /* |U1| */
    uint32_t peer_count;
    sa_peer *peers;     /* ascending: N(u) */
    sa_binding binding; /* to H_ros and the round */
    uint8_t *u2, *u3;   /* bitmaps over all invited */
    uint8_t h_u2[SECAGG_DIGEST_BYTES], h_u3[SECAGG_DIGEST_BYTES];
    uint8_t enc[32], mask[32]; /* own points */
    uint8_t signature[SECAGG_SIGNATURE_BYTES]; /* of them, in active mode */
    sa_trust trust;

    struct {
        sa_signer signer;    /* until CONFIRM */
        uint8_t prk[32];       /* until SURVIVORS comes */
        uint8_t enc_key[32];   /* until SHARES */
        uint8_t mask_root[32]; /* until SHARES */
        uint8_t mask_key[32];  /* until SURVIVORS comes */
        uint8_t self_root[32]; /* until SURVIVORS comes */
        uint8_t own_share[32]; /* until UNMASK */
        uint8_t (*pair)[32];   /* until UNMASK: PRK with each peer */
    } secret;
};

/* Where a client stands among the peers, or would. */
uint32_t sa_client_peer_position(const secagg_client *c, uint32_t index);

/* The peer of that index; NULL where it is none. */
sa_peer *sa_client_peer(const secagg_client *c, uint32_t index);

/* Rank of peer i, and of this client, among its holders (PROTOCOL.md 4.4). */
static inline uint32_t sa_client_rank(const secagg_client *c, uint32_t i)
{
    return i + (c->peers[i].index > c->index);
}

static inline uint32_t sa_client_own_rank(const secagg_client *c)
{
    return sa_client_peer_position(c, c->index);
}

/* Good dealers that a client wants among survivors (9.4): the threshold; in
 * active mode min_survivors, too. */
static inline uint32_t sa_client_floor(const secagg_client *c)
{
    const secagg_params *own = &c->params->own;
    return sa_params_active(c->params) && own->min_survivors > own->threshold
        ? own->min_survivors : own->threshold;
}

/* Bring the peers of the graph seed; in a complete graph all others. */
SECAGG_MUST_CHECK secagg_err sa_client_load_peers(const secagg_client *c,
    const uint8_t graph_seed[SECAGG_SEED_BYTES], sa_peer *peers);

/* Check and take in the body of a message: the phase table's right side. They
 * change nothing unless they return SECAGG_OK. */
SECAGG_MUST_CHECK secagg_err sa_client_recv_roster(secagg_client *c,
    sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_client_recv_relay(secagg_client *c,
    sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_client_recv_survivors(secagg_client *c,
    sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_client_recv_signatures(secagg_client *c,
    sa_reader *r);

/* Make the message of a phase: its left side. They change nothing unless they
 * return SECAGG_OK, but that sa_client_send_input may fail the session. */
SECAGG_MUST_CHECK secagg_err sa_client_send_keys(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_shares(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_input(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_confirm(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_unmask(secagg_client *c);

/* What a client of these parameters is before it has any secret; and its end.
 * A failed _make is followed by secagg_client_free. */
SECAGG_MUST_CHECK secagg_err sa_client_init(secagg_client *c,
    const secagg_params *params);

/* Digest of the INPUT, or the part of it, that was made last. */
SECAGG_MUST_CHECK secagg_err sa_client_input_digest(const secagg_client *c,
    uint8_t digest[SECAGG_DIGEST_BYTES]);

/* End the session for good: wipe every secret and make the ABORT. */
void sa_client_fail(secagg_client *c, secagg_err why);

/* Wipe every secret. */
void sa_client_wipe(secagg_client *c);

/* Wipe what only INPUT is made of. */
void sa_client_wipe_input(secagg_client *c);

#endif
