/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* memory that is mapped from no file */

#include "common/registry.h"

#include <sys/mman.h>

registry *registry_new(uint32_t count, identity *identities)
{
    registry *keys = mmap(NULL, sizeof *keys, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (keys == MAP_FAILED)
        return NULL;
    keys->count = count;
    for (uint32_t i = 0; i < count; i++) {
        if (secagg_keypair(keys->keys[i], identities[i].secret_key)
            != SECAGG_OK) {
            registry_free(keys);
            return NULL;
        }
    }
    return keys;
}

void registry_free(registry *keys)
{
    if (keys != NULL)
        munmap(keys, sizeof *keys);
}

secagg_err registry_introduce(const registry *keys, secagg_client *client,
    uint32_t index, const identity *own)
{
    secagg_err err = secagg_client_identify(client, own->secret_key);
    for (uint32_t i = 0; err == SECAGG_OK && i < keys->count; i++)
        if (i != index && !keys->struck[i])
            err = secagg_client_trust(client, i, keys->keys[i]);
    return err;
}

secagg_err registry_introduce_server(const registry *keys,
    secagg_server *server)
{
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; err == SECAGG_OK && i < keys->count; i++)
        if (!keys->struck[i])
            err = secagg_server_trust(server, i, keys->keys[i]);
    return err;
}
