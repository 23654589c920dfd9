/* SPDX-License-Identifier: Apache-2.0 */
/* suite: the cipher that a public suite selects (PROTOCOL.md 3.4). */
#ifndef SA_SUITE_H
#define SA_SUITE_H

#include "crypto/keystream.h"

/* Set `cipher` to the cipher of a secagg_suite. Returns SECAGG_ERR_ARG if
 * there is no such suite. */
SECAGG_MUST_CHECK secagg_err sa_suite_cipher(sa_cipher *cipher,
    uint32_t suite);

#endif
