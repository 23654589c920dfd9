/* SPDX-License-Identifier: Apache-2.0 */
/* msg_identity: identity, signature and credential of a client, with which the
 * body of KEYS and each entry of ROSTER end in active mode (PROTOCOL.md 8.2,
 * 8.3). In semi-honest mode they have no bytes. */
#ifndef SA_MSG_IDENTITY_H
#define SA_MSG_IDENTITY_H

#include "crypto/identity.h"
#include "message/msg_header.h"

/* Returns the bytes of an identity with a credential of this length. */
size_t sa_identity_size(const sa_params *params, size_t credential_len);

void sa_identity_write(sa_writer *w, const sa_params *params,
    const sa_identity *identity);

/* Read views into the message; the reader fails if the credential is too long.
 * In semi-honest mode all views are NULL. */
void sa_identity_read(sa_reader *r, const sa_params *params,
    sa_identity *identity);

#endif
