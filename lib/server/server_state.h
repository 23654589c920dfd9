/* SPDX-License-Identifier: Apache-2.0 */
/* server_state: the state of a server (PROTOCOL.md 9.2). Handlers of messages
 * and phases work on it (server_recv, server_part, server_send, server_unmask,
 * server_advance), and the public functions (server) call the handlers. */
#ifndef SA_SERVER_STATE_H
#define SA_SERVER_STATE_H

#include <secagg/server.h>

#include "core/bits.h"
#include "core/reason.h"
#include "crypto/identity.h"
#include "crypto/share_seal.h"
#include "server/server_aggregate.h"
#include "server/server_repeat.h"
#include "session/graph.h"
#include "session/key_schedule.h"
#include "session/roster.h"

/* A part of an input: its planes follow the struct. */
typedef struct sa_staged_part {
    struct sa_staged_part *next; /* or NULL */
    uint32_t blocks;
} sa_staged_part;

/* The parts of an input, until the last one arrives (8.7). Their memory is that
 * of the messages that arrived, whatever the size of the whole vector. */
typedef struct sa_staging {
    sa_staged_part *parts, **end; /* in order; where the next one is linked */
    uint32_t count;      /* parts accepted so far */
    uint64_t blocks;     /* and their blocks */
} sa_staging;

/* The state of one client. Its bitmaps and slots follow the order of its
 * peers, so that memory grows with the degree of the graph. */
typedef struct sa_client_record {
    uint8_t commitment[32]; /* com_u, to its self secret */
    uint8_t *slots;         /* the shares that it dealt, one slot a peer */
    /* Peers whose shares it could not open, from its INPUT, part 0 or ABORT,
     * whichever the server accepted first (8.12); NULL before. */
    uint8_t *complaints;
    bool complains;         /* of any peer */
    uint8_t *opened;        /* peers for which the slot has the needed share
                               opened, in the place of the sealed one */
    uint8_t own_share[32];  /* of its own self secret, from its UNMASK */
    uint8_t *confirm;       /* the signature in its CONFIRM, or NULL */
    uint8_t *credential;    /* until SHARES is closed, or NULL */
    sa_staging *staging;    /* or NULL */
    sa_accepted accepted;   /* the message or part that was accepted last */
} sa_client_record;

/* A slot: both shares that one dealer sealed for one holder, by kind. */
#define SA_SLOT_BYTES (2 * SA_SEALED_SHARE_BYTES)

/* How a client fell out. */
typedef struct sa_loss {
    uint8_t after_phase; /* 1 + the phase in which it did; 0: it did not */
    uint16_t code;       /* of its ABORT; 0 if it was silent */
} sa_loss;

typedef struct sa_blame {
    uint32_t index;
    secagg_err error;
} sa_blame;

/* Holder `holder` complains that a share of `dealer` did not open. */
typedef struct sa_dispute {
    uint32_t dealer, holder;
} sa_dispute;

struct secagg_server {
    sa_params *params;
    secagg_phase phase;
    secagg_err error; /* SECAGG_OK, unless the session has failed */
    char reason[SA_REASON_BYTES]; /* the sentences that explain the error */
    sa_refusal *refusal; /* the last one, of any call */
    uint8_t seed[SECAGG_SEED_BYTES];
    uint64_t generation; /* of the last saved state; 0: never saved */
    bool unsaved;        /* saved before this phase, and not in it (11.5) */

    /* Sets of clients, as bitmaps over all invited ones. */
    uint8_t *in;       /* have not dropped out before this phase */
    uint8_t *answered; /* sent a message of this phase that was accepted */
    uint8_t *aborted;  /* sent ABORT; after its answer: out with this phase */
    uint8_t *u2, *u3;
    sa_loss *losses;   /* by client */

    sa_roster roster; /* U1 */
    sa_trust trust;
    sa_graph graph;   /* drawn when U1 is fixed */
    uint8_t graph_seed[SECAGG_SEED_BYTES]; /* zero: complete graph */
    uint32_t peer_count; /* peers of each client */
    uint32_t *peers;     /* the result of the last sa_server_peers */
    sa_binding binding;
    uint8_t roster_root[SECAGG_DIGEST_BYTES];
    uint8_t h_u2[SECAGG_DIGEST_BYTES], h_u3[SECAGG_DIGEST_BYTES];
    sa_client_record *clients; /* by index; NULL after a failure */
    sa_aggregate aggregate;

    sa_blame *blames; /* has the capacity for every client */
    uint32_t blame_count;
    sa_dispute *disputes; /* by dealer, then holder; fixed with U3 */
    uint32_t dispute_count;
    uint32_t abort_count; /* clients that sent ABORT in this phase */
    uint32_t abort_code;  /* the code of all of them, or 0 */

    uint8_t *out; /* the message that the last send() returned */
};

/* Allocate the state in phase KEYS, with all clients in. Returns
 * SECAGG_ERR_ARG if secagg_params_check() rejects the parameters, MEMORY or
 * CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_server_new(secagg_server **server,
    const secagg_params *params, const uint8_t seed[SECAGG_SEED_BYTES]);

/* Wipe and free the state; NULL does nothing. */
void sa_server_free(secagg_server *s);

/* End the session: wipe the seed and all that clients sent, but the disputes.
 * The caller has written the reason. Returns `error`. */
secagg_err sa_server_fail(secagg_server *s, secagg_err error);

/* Append a client to the blame list, unless the list has it already. */
void sa_server_blame(secagg_server *s, uint32_t index, secagg_err error);

/* Note that a client fell out; `code` is that of its ABORT, or 0 if it was
 * silent. */
void sa_server_lose(secagg_server *s, uint32_t index, secagg_phase phase,
    uint32_t code);

/* Returns whether a client fell out, or will with this phase. */
static inline bool sa_server_is_lost(const secagg_server *s, uint32_t index)
{
    return s->losses[index].after_phase > 0;
}

/* Count the ABORTs of this phase. */
void sa_server_count_abort(secagg_server *s, uint32_t code);

/* Free the signatures and credentials of KEYS, which only ROSTER needs. */
void sa_server_drop_signatures(secagg_server *s);

/* Returns an empty list of parts, or NULL if there is no memory. */
sa_staging *sa_staging_new(void);

/* Append a part, which the staging then owns. */
void sa_staging_append(sa_staging *staging, sa_staged_part *part,
    uint32_t blocks);

/* Free the parts of a client's input, if there are any. */
void sa_server_drop_staging(secagg_server *s, uint32_t index);

/* Returns the peers of a client, ascending. The array is valid until the next
 * call. */
static inline const uint32_t *sa_server_peers(const secagg_server *s,
    uint32_t index)
{
    sa_graph_list(&s->graph, s->peers, index);
    return s->peers;
}

/* Returns the position of `peer` among the peers of client `of`. */
static inline uint32_t sa_server_peer_position(
    const secagg_server *s, uint32_t of, uint32_t peer)
{
    return sa_graph_rank(&s->graph, of, peer) - (peer > of);
}

/* Returns the kind of the secret of a dealer in U2 that holders open, once U3
 * is fixed: the self secret of a survivor, the mask secret of a dropout. */
static inline uint32_t sa_server_kind(const secagg_server *s, uint32_t dealer)
{
    return sa_bitmap_has(s->u3, dealer) ? SA_KIND_SELF : SA_KIND_MASK;
}

/* Returns whether a secret of a dealer in U2 is needed to unmask the sum (9.5):
 * not that of a dropout without a survivor among its peers. */
bool sa_server_is_needed(const secagg_server *s, const uint8_t *u3,
    uint32_t dealer, const uint32_t *peers);

/* Returns the share of a kind that a dealer in U2 sealed for the peer at a
 * position. */
uint8_t *sa_server_share(const secagg_server *s, uint32_t dealer,
    uint32_t position, uint32_t kind);

/* Prefetch the shares for `holder` of its peers; with many clients they are
 * scattered in memory. */
void sa_server_prefetch(const secagg_server *s, const uint32_t *peers,
    uint32_t holder);

/* Keep the complaints of a client, a bitmap over its peers, which the state
 * then owns. */
void sa_server_set_complaints(secagg_server *s, uint32_t from,
    uint8_t *complaints);

/* Returns whether a holder, which has sent its input, complained of a
 * dealer. */
bool sa_server_complains(const secagg_server *s, uint32_t holder,
    uint32_t dealer);

#endif
