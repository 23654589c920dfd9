/* SPDX-License-Identifier: Apache-2.0 */
#include "common/registry.h"

#include "common/transport.h"

registry *registry_new(uint32_t count, identity *identities)
{
    registry *r = shared_memory(sizeof *r);
    if (r == NULL)
        return NULL;
    r->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (secagg_keypair(r->keys[i], identities[i].secret_key)) {
            registry_free(r);
            return NULL;
        }
    }
    return r;
}

void registry_free(registry *r)
{
    shared_memory_free(r, sizeof *r);
}

secagg_err registry_set_up_client(const registry *r, secagg_client *client,
    uint32_t index, const identity *own)
{
    secagg_err err = secagg_client_identify(client, own->secret_key);
    for (uint32_t i = 0; !err && i < r->count; i++)
        if (i != index && !r->revoked[i])
            err = secagg_client_trust(client, i, r->keys[i]);
    /* A client without a key, such as a revoked one, may not take part. */
    return err ? err : secagg_client_trust_whole(client);
}

secagg_err registry_set_up_server(const registry *r, secagg_server *server)
{
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; !err && i < r->count; i++)
        if (!r->revoked[i])
            err = secagg_server_trust(server, i, r->keys[i]);
    return err ? err : secagg_server_trust_whole(server);
}
