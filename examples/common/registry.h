/* SPDX-License-Identifier: Apache-2.0 */
/* example_registry: whose long-term key is whose.
 *
 * It stands for what the members of a consortium agree on once and off the
 * line: a signed list, a notary, certificates. The coordinator must not be
 * able to write to it: whoever can, can be all the others of a client.
 *
 * It lies in memory that all processes of an example share, so that each sees
 * when a member is struck from it. */
#ifndef EXAMPLE_REGISTRY_H
#define EXAMPLE_REGISTRY_H

#include <secagg.h>

#include "common/limits.h"

typedef struct registry {
    uint32_t count;
    uint8_t keys[MAX_CLIENTS][SECAGG_PUBLIC_BYTES];
    bool struck[MAX_CLIENTS];
} registry;

/* The secret half of a key; one a client, which keeps it to itself. */
typedef struct identity {
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
} identity;

/* Make so many keys. NULL: no memory, or no randomness. */
registry *registry_new(uint32_t count, identity *identities);
void registry_free(registry *keys);

/* Tell a client who it is and whom it may believe. */
secagg_err registry_introduce(const registry *keys, secagg_client *client,
    uint32_t index, const identity *own);

/* The same for a server, which signs nothing. */
secagg_err registry_introduce_server(const registry *keys,
    secagg_server *server);

#endif
