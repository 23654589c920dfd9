/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of long-term keys, for active sessions.
 *
 * In reality the members of a consortium agree on it once and without the
 * server: by a signed list, a notary or certificates. The server must not be
 * able to change it, or it could play all other members towards a client.
 *
 * It lies in shared memory, so that all processes of an example see when a
 * member is revoked. */
#ifndef EXAMPLE_REGISTRY_H
#define EXAMPLE_REGISTRY_H

#include <secagg.h>

#include "common/limits.h"

typedef struct registry {
    uint32_t count;
    uint8_t keys[MAX_PARTIES][SECAGG_PUBLIC_BYTES];
    bool revoked[MAX_PARTIES];
} registry;

/* The secret half of a key. Each client keeps its own to itself. */
typedef struct identity {
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
} identity;

/* Generate a key for each of `count` members. NULL: no memory, or no
 * randomness. */
registry *registry_new(uint32_t count, identity *identities);
void registry_free(registry *r);

/* Pass a client its own key, and the public keys of all other members that are
 * not revoked. */
secagg_err registry_set_up_client(const registry *r, secagg_client *client,
    uint32_t index, const identity *own);

/* Pass a server, which signs nothing, the public keys. */
secagg_err registry_set_up_server(const registry *r, secagg_server *server);

#endif
