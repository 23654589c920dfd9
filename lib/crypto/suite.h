/* SPDX-License-Identifier: Apache-2.0 */
/* suite: the cipher that a public suite selects (PROTOCOL.md 3.4). */
#ifndef SA_SUITE_H
#define SA_SUITE_H

#include "crypto/provider.h"

/* Set `cipher` to the cipher of a secagg_suite. Returns SECAGG_ERR_ARG if
 * there is no such suite. */
SECAGG_MUST_CHECK secagg_err sa_suite_cipher(sa_cipher *cipher,
    uint32_t suite);

/* Initialise libsodium and check that this build and machine serve a
 * secagg_suite. Returns SECAGG_ERR_ARG if there is no such suite, and
 * SECAGG_ERR_CRYPTO if an algorithm is missing; then `reason` names it. Returns
 * SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_suite_check(uint32_t suite,
    char reason[SA_PROVIDER_REASON]);

#endif
