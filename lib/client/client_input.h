/* SPDX-License-Identifier: Apache-2.0 */
/* client_input: INPUT, whole (PROTOCOL.md 8.6) or in parts (8.7). The input
 * buffer has the encoded input, which is masked in place. */
#ifndef SA_CLIENT_INPUT_H
#define SA_CLIENT_INPUT_H

#include "client/client_state.h"

/* Build INPUT, or its next part, or the last part again after a resume. Returns
 * SECAGG_ERR_INPUT_DUE if entries or the weight are missing; MEMORY or CRYPTO.
 * An error while masking ends the session, and so does SECAGG_ERR_STATE if the
 * input differs from the one before the resume. */
SECAGG_MUST_CHECK secagg_err sa_client_send_input(secagg_client *c);

/* Compute the digest of the INPUT, or the part of it, that was built last
 * (PROTOCOL.md 11.1). */
SECAGG_MUST_CHECK secagg_err sa_client_input_digest(const secagg_client *c,
    uint8_t digest[SECAGG_DIGEST_BYTES]);

#endif
