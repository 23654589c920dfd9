/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/suite.h"

#include <inttypes.h>
#include <secagg/params.h>
#include <stdio.h>

#include "core/mem.h"

_Static_assert(sizeof(secagg_suite) >= sizeof(uint32_t),
    "the conversion to secagg_suite keeps every value");

secagg_err sa_suite_cipher(sa_cipher *cipher, uint32_t suite)
{
    switch ((secagg_suite)suite) {
    case SECAGG_SUITE_AES: *cipher = SA_AES_128_CTR; return SECAGG_OK;
    case SECAGG_SUITE_CHACHA: *cipher = SA_CHACHA20; return SECAGG_OK;
    }
    return SECAGG_ERR_ARG;
}

secagg_err sa_suite_check(uint32_t suite, char reason[SA_PROVIDER_REASON])
{
    sa_cipher cipher;

    reason[0] = '\0';
    if (sa_suite_cipher(&cipher, suite) != SECAGG_OK) {
        (void)snprintf(reason, SA_PROVIDER_REASON, "there is no suite %" PRIu32,
            suite);
        return SECAGG_ERR_ARG;
    }
    if (sa_init() != SECAGG_OK) {
        (void)snprintf(reason, SA_PROVIDER_REASON, "libsodium cannot be "
            "initialised");
        return SECAGG_ERR_CRYPTO;
    }
    return sa_provider_check(cipher, reason);
}
