/* SPDX-License-Identifier: Apache-2.0 */
/* saved_fields: fields that the saved states of clients and servers have in
 * common (PROTOCOL.md 11). */
#ifndef SA_SAVED_FIELDS_H
#define SA_SAVED_FIELDS_H

#include "core/transfer.h"
#include "crypto/identity.h"
#include "session/params.h"

/* Returns the bytes of parameters in a state. */
size_t sa_saved_params_size(const sa_params *params);

/* Write be32 length || encoded parameters. Returns the errors of
 * secagg_params_encode(). */
SECAGG_MUST_CHECK secagg_err sa_saved_params_write(sa_writer *w,
    const sa_params *params);

/* Read the same. *params is freed by secagg_params_free(). Returns
 * SECAGG_ERR_MESSAGE or SECAGG_ERR_MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_saved_params_read(sa_reader *r,
    secagg_params **params);

/* The list of trusted keys: whether it is declared whole, a bitmap, and the
 * keys of its members. The host's callback is not in the state. */
void sa_move_trust(sa_transfer *t, sa_trust *trust);

#endif
