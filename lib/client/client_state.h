/* SPDX-License-Identifier: Apache-2.0 */
/* client_state: the state of a client (PROTOCOL.md 9.1). Handlers of messages
 * work on it (client_recv, client_send, client_input), and so do saved states
 * (client_save); the public functions (client) call the handlers. */
#ifndef SA_CLIENT_STATE_H
#define SA_CLIENT_STATE_H

#include <secagg/client.h>

#include "client/input_buffer.h"
#include "core/reason.h"
#include "core/residue.h"
#include "crypto/identity.h"
#include "message/msg_abort.h"
#include "session/key_schedule.h"

/* Another client that this one shares a pair mask with, and shares of its
 * secrets. */
typedef struct sa_peer {
    uint32_t index;
    bool present;   /* in U1 */
    bool complaint; /* a share that it dealt did not open: not in G_v */
    uint8_t enc[32], mask[32]; /* its points */
} sa_peer;

struct secagg_client {
    sa_params *params;
    uint32_t index;
    int64_t process;     /* that made the handle (14.6) */
    secagg_phase phase;
    secagg_err error;    /* SECAGG_OK, unless the session has failed */
    sa_refusal *refusal; /* the last one, of any call */
    uint64_t generation; /* of the last saved state; 0: never saved */
    bool resumed;        /* from a saved state */

    /* The message that answers this phase. An input in parts has several. */
    bool built;          /* it is built; in parts: the last one is */
    bool due;            /* the next send() returns `out` */
    bool held;           /* `out` was built for a saved client, and no send()
                            has returned it yet */
    bool unsaved;        /* so it was, and no save followed (11.3) */
    const uint8_t *out;  /* built last: `message`, `abort` or the input's */
    size_t out_len;
    uint8_t *message;    /* any message but INPUT and ABORT */
    size_t message_len;
    uint8_t *abort;      /* room for a complaint of each peer */
    uint8_t last_digest[SECAGG_DIGEST_BYTES]; /* of the last one accepted */

    sa_input_buffer input;
    /* Messages of the input that were built. The number survives failure and
     * is in the saved state: above 0 the vector is spent (11.4). */
    uint32_t parts;
    bool rebuild;   /* resumed: the last of them must be built again, with this
                       digest */
    uint8_t input_digest[SECAGG_DIGEST_BYTES];

    uint8_t graph_seed[SECAGG_SEED_BYTES];
    uint8_t roster_root[SECAGG_DIGEST_BYTES]; /* as ROSTER has it */
    uint32_t present;   /* |U1| */
    uint32_t peer_count;
    sa_peer *peers;     /* N(u), ascending */
    sa_binding binding; /* to roster and round */
    uint8_t *u2, *u3;   /* bitmaps over all invited clients */
    uint8_t h_u2[SECAGG_DIGEST_BYTES], h_u3[SECAGG_DIGEST_BYTES];
    uint8_t enc[32], mask[32]; /* its own points */

    /* Active mode. */
    bool has_id;      /* the host supplied a signing key: */
    uint8_t id[SECAGG_PUBLIC_BYTES]; /* its public key */
    uint8_t signature[SECAGG_SIGNATURE_BYTES]; /* in KEYS, once it is built */
    uint8_t *credential; /* NULL: none was given, or ROSTER is accepted */
    size_t credential_len;
    sa_trust trust;      /* until ROSTER is accepted */
    uint8_t (*ids)[SECAGG_PUBLIC_BYTES]; /* by index, from then on; zero bytes
                                            for clients that are not in U1 */
    uint8_t *signatures; /* the body of SIGNATURES, once it is accepted: proof
                            in a saved state that U3 is confirmed */
    size_t signatures_len;

    /* Each is wiped after the message, or with the event, that is named
     * (9.1). */
    struct {
        sa_signer signer;        /* CONFIRM */
        uint8_t prk[32];         /* ROSTER is accepted */
        uint8_t enc_key[32];     /* SHARES */
        uint8_t mask_secret[32]; /* SHARES */
        uint8_t poly_seed[2][32]; /* SHARES; by kind, from ROSTER on */
        uint8_t mask_key[32];    /* SURVIVORS is accepted */
        uint8_t rounding[32];    /* SURVIVORS is accepted; rounding seed */
        uint8_t self_secret[32]; /* SURVIVORS is accepted; from ROSTER on */
        uint8_t own_share[32];   /* UNMASK; of the self secret */
        uint8_t (*pair_prk)[32]; /* UNMASK; PRK_uv with each peer */
    } secret;
};

/* Allocate the state in phase KEYS, without secrets. Returns SECAGG_ERR_ARG if
 * secagg_params_check() rejects the parameters or they have no such index,
 * MEMORY or CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_client_new(secagg_client **client,
    const secagg_params *params, uint32_t index);

/* End a public call: keep its error and its sentence, if it failed. Returns
 * `error`. */
static inline secagg_err sa_client_end(secagg_client *c, secagg_err error)
{
    return sa_leave(sa_refusal_keep(c->refusal, c->index, error));
}

/* SA_REQUIRE() with the sentence of the call that runs on `c`. */
#define SA_CLIENT_REQUIRE(condition, error, c, ...)                            \
    SA_REQUIRE(condition, error, (c)->refusal->draft, __VA_ARGS__)

/* Returns SECAGG_ERR_STATE if the session has failed. */
SECAGG_MUST_CHECK secagg_err sa_client_require_running(secagg_client *c);

/* Wipe and free the state; NULL does nothing. */
void sa_client_free(secagg_client *c);

/* End the session: wipe every secret and build the ABORT, which has the
 * complaints that are known by now (8.12). */
void sa_client_fail(secagg_client *c, secagg_err error);

/* Wipe every secret. */
void sa_client_wipe(secagg_client *c);

/* Wipe the secrets that only INPUT needs. */
void sa_client_wipe_input(secagg_client *c);

/* Set `peers` to N(u), ascending, as computed from a graph seed, with no other
 * member set. Returns SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_client_load_peers(const secagg_client *c,
    const uint8_t graph_seed[SECAGG_SEED_BYTES], sa_peer *peers);

/* Write the complaints of this client, a list of be32 (8.6). Returns their
 * number, which is at most `peer_count`. */
uint32_t sa_client_list_complaints(const secagg_client *c, uint8_t *list);

/* Returns the position of a client among the peers, or where it would be. */
uint32_t sa_client_peer_position(const secagg_client *c, uint32_t index);

#endif
