/* SPDX-License-Identifier: Apache-2.0 */
/* server_unmask: the masks that are left in the sum, from the shares that the
 * clients opened (Bonawitz et al. 2017, Figure 4, round 4; PROTOCOL.md 4.5, 4.6
 * and 9.5): the self mask of each survivor, from its self secret, and the pair
 * masks of each dropout with the survivors, from its mask secret. */
#ifndef SA_SERVER_UNMASK_H
#define SA_SERVER_UNMASK_H

#include "server/server_state.h"

/* Add these masks to `masks`, with the sign that removes them from the sum.
 * Blames the dealers of wrong shares.
 *
 * Returns SECAGG_ERR_CHEAT if shares do not give the secret to which their
 * dealer is committed, and SECAGG_ERR_THRESHOLD if there are too few shares of
 * a secret; the session has failed then. MEMORY or CRYPTO: `masks` is
 * incomplete. */
SECAGG_MUST_CHECK secagg_err sa_server_recover_masks(secagg_server *s,
    secagg_masks *masks);

#endif
