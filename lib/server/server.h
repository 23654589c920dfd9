/* SPDX-License-Identifier: Apache-2.0 */
/* server: the state of a server, for the files that make it one: server.c
 * (handle and phase table), server_recv.c and server_part.c (what comes in),
 * server_send.c (what goes out), server_freeze.c (the end of a phase) and
 * recovery.c (secrets from opened shares). PROTOCOL.md 9.2. */
#ifndef SA_SERVER_H
#define SA_SERVER_H

#include <secagg/server.h>

#include "crypto/identity.h"
#include "message/msg_header.h"
#include "server/server_aggregate.h"
#include "session/graph.h"
#include "session/key_schedule.h"
#include "session/roster.h"

/* Both sealed shares of one dealer for one holder. */
#define SA_SLOT_BYTES 96

/* An input that comes in parts, until the last one. */
typedef struct sa_staging {
    uint8_t *planes;   /* params->vector bytes */
    uint8_t *bad;      /* what the first part reported */
    uint32_t parts;    /* that were taken */
    uint32_t segment;  /* where the next one begins */
    uint64_t offset;
    uint8_t last[SECAGG_DIGEST_BYTES]; /* of the part that was taken last */
} sa_staging;

/* What the server keeps of one client. Bitmaps and slots are over its peers,
 * in their order: memory grows with the degree of the graph. */
typedef struct sa_client_record {
    uint8_t commitment[32]; /* to its self root */
    uint8_t *slots;         /* what it sealed for each peer */
    uint8_t *bad;           /* dealers whose shares it could not open */
    bool complains;         /* of any */
    uint8_t *opened;        /* holders whose share of the needed secret was
                               opened; it stands in place of the sealed one */
    uint8_t own_share[32];  /* of its self root, from its UNMASK */
    uint8_t *confirm;       /* its signature of the survivors */
    sa_staging *staging;
} sa_client_record;

typedef struct sa_blame {
    uint32_t index;
    secagg_err what;
} sa_blame;

struct secagg_server {
    sa_params *params;
    secagg_phase phase;
    secagg_err why;
    char reason[200];
    uint8_t seed[SECAGG_SEED_BYTES];

    uint8_t *in;       /* who may answer in this phase */
    uint8_t *answered; /* who has */
    uint8_t *left;     /* who said that it is gone, having answered */
    uint8_t *u2, *u3;

    sa_roster roster;  /* U1 */
    sa_trust trust;
    sa_graph graph;    /* once U1 stands */
    uint8_t graph_seed[SECAGG_SEED_BYTES]; /* zero: complete graph */
    uint32_t peer_count;
    uint32_t *peers;   /* those of one client, for the call in progress */
    sa_binding binding;
    uint8_t root[SECAGG_DIGEST_BYTES];
    uint8_t h_u2[SECAGG_DIGEST_BYTES], h_u3[SECAGG_DIGEST_BYTES];
    sa_client_record *members; /* by index */
    sa_aggregate result;

    sa_blame *blames; /* room for one a client */
    uint32_t blame_count;

    uint8_t *out; /* the message taken last */
    size_t out_len;
};

/* The peers of a client, ascending, until the next call. */
static inline const uint32_t *sa_server_peers(const secagg_server *s,
    uint32_t index)
{
    sa_graph_list(&s->graph, s->peers, index);
    return s->peers;
}

/* Where one client stands among the peers of another. */
static inline uint32_t sa_server_peer_position(
    const secagg_server *s, uint32_t of, uint32_t peer)
{
    return sa_graph_rank(&s->graph, of, peer) - (peer > of);
}

/* Which secret of a member of U2 is opened, once U3 stands. */
static inline uint32_t sa_server_kind(const secagg_server *s, uint32_t dealer)
{
    const bool survives = s->u3[dealer / 8] >> dealer % 8 & 1;
    return survives ? 0 : 1;
}

/* The share of `kind` that a dealer in U2 sealed for a peer. */
/* Bring near what the dealers of a holder have for it: of many clients it is
 * all over the memory. */
void sa_server_prefetch(const secagg_server *s, const uint32_t *dealers,
    uint32_t holder);

uint8_t *sa_server_slot(const secagg_server *s, uint32_t dealer,
    uint32_t place, uint32_t kind);

/* Take over what a client reports, a bitmap over its peers. */
void sa_server_report(secagg_server *s, uint32_t from, uint8_t *bad);

/* Whether a survivor could not open what a dealer sealed for it. */
bool sa_server_complains(const secagg_server *s, uint32_t holder,
    uint32_t dealer);

/* Check and take in the body of a client's message; they change nothing
 * unless they return SECAGG_OK. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_keys(secagg_server *s,
    uint32_t from, sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_server_recv_shares(secagg_server *s,
    uint32_t from, sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_server_recv_input(secagg_server *s,
    uint32_t from, sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_server_recv_confirm(secagg_server *s,
    uint32_t from, sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_server_recv_unmask(secagg_server *s,
    uint32_t from, sa_reader *r);

/* A part of INPUT, of the whole message given; *last tells whether the input
 * is complete. */
SECAGG_MUST_CHECK secagg_err sa_server_recv_part(secagg_server *s,
    uint32_t from, sa_reader *r, const uint8_t *msg, size_t len, bool *last);

/* What INPUT and its parts have in common: the digest of U2 is ours, and the
 * dealers that are reported are peers in U2 of which enough are left. *bad,
 * the caller's, is a bitmap over the peers. */
SECAGG_MUST_CHECK secagg_err sa_server_read_bad(secagg_server *s,
    uint32_t from, const uint8_t *u2, const uint8_t *list, uint32_t count,
    uint8_t **bad);
void sa_server_drop_staging(secagg_server *s, uint32_t index);

/* Make the message of this phase for one client that is in: *out of *len
 * bytes, the caller's. */
SECAGG_MUST_CHECK secagg_err sa_server_send_roster(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_relay(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_survivors(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_signatures(
    const secagg_server *s, uint32_t to, uint8_t **out, size_t *len);
SECAGG_MUST_CHECK secagg_err sa_server_send_abort(const secagg_server *s,
    uint32_t to, uint8_t **out, size_t *len);

/* Freeze the set of those who answered in a phase. MEMORY and CRYPTO change
 * nothing; THRESHOLD and CHEAT have failed the session. */
SECAGG_MUST_CHECK secagg_err sa_server_close_keys(secagg_server *s);
SECAGG_MUST_CHECK secagg_err sa_server_close_shares(secagg_server *s);
SECAGG_MUST_CHECK secagg_err sa_server_close_input(secagg_server *s);
SECAGG_MUST_CHECK secagg_err sa_server_close_confirm(secagg_server *s);
SECAGG_MUST_CHECK secagg_err sa_server_close_unmask(secagg_server *s);

/* recovery: the masks that are left in the sum, from the shares that were
 * opened (PROTOCOL.md 4.5, 4.6, 9.5). */
SECAGG_MUST_CHECK secagg_err sa_recover_masks(secagg_server *s,
    secagg_masks *masks);

/* Put a client on the blame list, once. */
void sa_server_blame(secagg_server *s, uint32_t index, secagg_err what);

/* End the session for good, with the sentence in reason. Returns why. */
secagg_err sa_server_fail(secagg_server *s, secagg_err why);

#endif
