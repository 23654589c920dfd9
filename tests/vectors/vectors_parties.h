/* SPDX-License-Identifier: Apache-2.0 */
/* vectors_parties: the server and the clients of a test of messages or
 * sessions, and the operations of vectors/README.md. */
#ifndef VECTORS_PARTIES_H
#define VECTORS_PARTIES_H

#include "vectors/vectors_trust.h"

#define PARTIES_STATES 16  /* saved states that a test may keep */
#define PARTIES_LIMIT 4096 /* clients of a test */

typedef struct parties {
    vec *v;
    secagg_params *params;
    secagg_server *server;
    secagg_client **clients; /* NULL each if server_only */
    uint8_t (*public_keys)[SECAGG_PUBLIC_BYTES];
    uint8_t (*secret_keys)[SECAGG_SECRETKEY_BYTES];
    verifier *verifiers;     /* by client, and last the server's */
    vec_bytes states[PARTIES_STATES]; /* sealed, by number */
    bool server_only; /* the test has no clients, only their messages */
} parties;

/* Makes the parties of a test from the members of its group. Returns false if
 * the test has failed. The parties must be freed in any case. */
bool parties_init(parties *c, vec *v);
void parties_free(parties *c);

/* Performs the operations of the member `name`, up to the first failure. */
void parties_run(parties *c, const char *name);

#endif
