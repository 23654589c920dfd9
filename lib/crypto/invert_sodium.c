/* SPDX-License-Identifier: Apache-2.0 */
/* invert_sodium: inversion with libsodium, which computes a^(ell - 2) in
 * constant time. */
#include <sodium.h>

#include "core/mem.h"
#include "crypto/invert.h"

/* libsodium reports that a is 0, and returns 0 as its inverse. */
void sa_sc_invert(sa_sc *r, const sa_sc *a)
{
    uint8_t bytes[SA_SC_BYTES], inverse[SA_SC_BYTES];

    sa_sc_encode(bytes, a);
    (void)crypto_core_ed25519_scalar_invert(inverse, bytes);
    (void)sa_sc_decode(r, inverse); /* it is below ell */
    sa_wipe(bytes, sizeof bytes);
    sa_wipe(inverse, sizeof inverse);
}

void sa_sc_invert_vartime(sa_sc *r, const sa_sc *a)
{
    sa_sc_invert(r, a);
}
