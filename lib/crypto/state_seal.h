/* SPDX-License-Identifier: Apache-2.0 */
/* vault: state under the host's key (PROTOCOL.md 11.2): XChaCha20-Poly1305
 * (draft-irtf-cfrg-xchacha-03) whose nonce is a function of the state, so that
 * two states never share one, whatever was set back. */
#ifndef SA_STATE_SEAL_H
#define SA_STATE_SEAL_H

#include <secagg/base.h>

/* Bytes that a sealed state has more than the state. */
#define SA_STATE_SEAL_EXTRA (24 + 16)

/* sealed has len + SA_STATE_SEAL_EXTRA bytes. */
SECAGG_MUST_CHECK secagg_err sa_state_seal(uint8_t *sealed,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

/* state has len - SA_STATE_SEAL_EXTRA bytes, len of the sealed one being that
 * much at least. SECAGG_ERR_AUTH where it does not open. */
SECAGG_MUST_CHECK secagg_err sa_state_open(uint8_t *state,
    const uint8_t *sealed, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

#endif
