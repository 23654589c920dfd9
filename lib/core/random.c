/* SPDX-License-Identifier: Apache-2.0 */
#include "core/random.h"

#include <openssl/rand.h>

secagg_err sa_random(uint8_t *out, size_t len)
{
    if (len > 256 || RAND_priv_bytes(out, (int)len) != 1)
        return SECAGG_ERR_RANDOM;
    return SECAGG_OK;
}
