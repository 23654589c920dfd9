/* SPDX-License-Identifier: Apache-2.0 */
/* party: whole sessions in memory for the tests, on the public interface
 * alone. A dropout is named by the message that a client does not send any
 * more: LEAVES_KEYS never speaks, STAYS goes to the end. */
#ifndef PARTY_H
#define PARTY_H

#include <secagg.h>

#define PARTY_MAX 128

enum { LEAVES_KEYS, LEAVES_SHARES, LEAVES_INPUT, LEAVES_UNMASK, STAYS };

typedef struct party {
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[PARTY_MAX];
    int leaves[PARTY_MAX];
    uint64_t up[PARTY_MAX], down[PARTY_MAX]; /* bytes of each client */
} party;

/* Make server and clients from seeds; min_corrupt of the policy is 0 so that
 * small cohorts of every kind run. Fails the test on an error. */
void party_make(party *p, const secagg_params *params, uint64_t seed);
void party_free(party *p);

/* Let every client that has not left in this phase speak, and end the phase;
 * returns what secagg_server_advance says. */
secagg_err party_collect(party *p);

/* Bring the messages of the new phase to the clients that have not left. */
void party_deliver(party *p);

/* Phase after phase until the session is over. */
secagg_err party_run(party *p);

/* What a client says now, copied to the end of an exact allocation; NULL
 * where it says nothing. The caller frees it. */
uint8_t *party_says(secagg_client *client, size_t *len);
uint8_t *party_told(secagg_server *server, uint32_t to, size_t *len);

#endif
