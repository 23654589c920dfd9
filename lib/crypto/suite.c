/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/suite.h"

#include <secagg/params.h>

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
