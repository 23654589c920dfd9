/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/random.h"

#include "crypto/provider.h"

secagg_err sa_random(uint8_t *out, size_t len)
{
    return len <= 256 ? sa_provider_random(out, len) : SECAGG_ERR_RANDOM;
}
