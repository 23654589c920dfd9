/* SPDX-License-Identifier: Apache-2.0 */
/* client: the state of a client, for the files that make it one: client.c
 * (handle and phase table), client_recv.c (what comes in) and client_send.c
 * (what goes out). PROTOCOL.md 9.1. */
#ifndef SA_CLIENT_H
#define SA_CLIENT_H

#include <secagg/client.h>

#include "input.h"
#include "msg_header.h"
#include "roster.h"
#include "schedule.h"

#define SA_ABORT_BYTES (SA_HEADER_BYTES + 6)

struct secagg_client {
    sa_params *params;
    uint32_t index;
    secagg_phase phase;
    secagg_err why;

    bool made, due;      /* this phase's message is made; is to be taken */
    const uint8_t *out;  /* it, in the message below or in the input */
    size_t out_len;
    uint8_t *message;
    size_t message_len;
    uint8_t abort[SA_ABORT_BYTES];
    uint8_t heard[SECAGG_DIGEST_BYTES]; /* of the last message accepted */

    sa_input input;
    sa_roster roster;   /* U1 and its keys */
    sa_binding binding; /* to H_ros and the round */
    uint8_t *u2, *u3;   /* bitmaps over all invited */
    uint8_t *bad;       /* dealers whose shares did not open */
    uint8_t h_u2[SECAGG_DIGEST_BYTES];
    uint8_t enc[32], mask[32]; /* own points */

    struct {
        uint8_t prk[32];            /* until the input is complete */
        uint8_t enc_key[32];        /* until SHARES */
        uint8_t mask_root[32];      /* until SHARES */
        uint8_t mask_key[32];       /* until INPUT */
        uint8_t self_root[32];      /* until INPUT */
        uint8_t own_share[32];      /* until UNMASK */
        uint8_t (*pair)[32];        /* until UNMASK: PRK with each peer */
    } secret;
};

/* Whether v deals to and masks with this client (PROTOCOL.md 5.1). */
static inline bool sa_client_peer(const secagg_client *c, uint32_t v)
{
    return v != c->index;
}

/* Rank of a holder among this client's holders (PROTOCOL.md 4.4). */
static inline uint32_t sa_client_rank(const secagg_client *c, uint32_t holder)
{
    (void)c;
    return holder;
}

/* Check and take in the body of a message: the phase table's right side. They
 * change nothing unless they return SECAGG_OK. */
SECAGG_MUST_CHECK secagg_err sa_client_recv_roster(secagg_client *c,
    sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_client_recv_relay(secagg_client *c,
    sa_reader *r);
SECAGG_MUST_CHECK secagg_err sa_client_recv_survivors(secagg_client *c,
    sa_reader *r);

/* Make the message of a phase: its left side. They change nothing unless they
 * return SECAGG_OK, but that sa_client_send_input may fail the session. */
SECAGG_MUST_CHECK secagg_err sa_client_send_keys(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_shares(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_input(secagg_client *c);
SECAGG_MUST_CHECK secagg_err sa_client_send_unmask(secagg_client *c);

/* End the session for good: wipe every secret and make the ABORT. */
void sa_client_fail(secagg_client *c, secagg_err why);

/* Wipe every secret. */
void sa_client_wipe(secagg_client *c);

#endif
