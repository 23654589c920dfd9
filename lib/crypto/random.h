/* SPDX-License-Identifier: Apache-2.0 */
/* random: random bytes of the system. Handles draw a seed from here once and
 * derive everything else from it. */
#ifndef SA_RANDOM_H
#define SA_RANDOM_H

#include <secagg/base.h>

/* Fill `out` with `len` random bytes. Returns SECAGG_ERR_RANDOM if the system's
 * generator fails or len > 256, and SECAGG_ERR_MEMORY if there is no memory. */
SECAGG_MUST_CHECK secagg_err sa_random(uint8_t *out, size_t len);

#endif
