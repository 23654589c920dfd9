/* SPDX-License-Identifier: Apache-2.0 */
/* state_seal: authenticated encryption of a saved state under the host's key
 * (PROTOCOL.md 11.2) with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). The
 * nonce is derived from the state, so that two states never share one, even if
 * the host restores an older copy of its machine. */
#ifndef SA_STATE_SEAL_H
#define SA_STATE_SEAL_H

#include <secagg/base.h>

/* Bytes by which sealing lengthens a state: nonce and tag. */
#define SA_STATE_SEAL_EXTRA (24 + 16)

/* Encrypt `len` bytes of state into len + SA_STATE_SEAL_EXTRA bytes. Returns
 * SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_state_seal(uint8_t *sealed,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

/* Decrypt `len` sealed bytes, at least SA_STATE_SEAL_EXTRA, into
 * len - SA_STATE_SEAL_EXTRA bytes of state. Returns SECAGG_ERR_AUTH if
 * authentication fails; SECAGG_ERR_MEMORY; SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_state_open(uint8_t *state,
    const uint8_t *sealed, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

#endif
