/* SPDX-License-Identifier: Apache-2.0 */
/* state_seal: authenticated encryption of a saved state under a key of the host
 * (PROTOCOL.md 11.2) with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). Keys
 * are derived for one party of one session, and the head in clear is
 * authenticated, so that states cannot be swapped. The nonce is derived from
 * head and state, so that two states never share one, even if the host restores
 * an older copy of its machine. */
#ifndef SA_STATE_SEAL_H
#define SA_STATE_SEAL_H

#include <secagg/base.h>

/* "LSAS" || be16 version || be16 0 || be64 generation || be32 index || H_ctx */
#define SA_STATE_HEAD_BYTES (4 + 2 + 2 + 8 + 4 + SECAGG_DIGEST_BYTES)

/* Bytes by which sealing lengthens a state: head, nonce and tag. */
#define SA_STATE_SEAL_EXTRA (SA_STATE_HEAD_BYTES + 24 + 16)

typedef struct sa_state_head {
    uint64_t generation;
    uint32_t index;
    uint8_t context[SECAGG_DIGEST_BYTES]; /* H_ctx */
} sa_state_head;

/* The index in the state of a server, which no client has. */
#define SA_STATE_SERVER UINT32_MAX

/* Where a state may lie that is sealed in place: offset in the sealed bytes. */
#define SA_STATE_AT (SA_STATE_HEAD_BYTES + 24)

/* The states that a host accepts. */
typedef struct sa_state_wanted {
    uint64_t least_generation;
    int64_t index;          /* negative: any */
    const uint8_t *context; /* NULL: any */
} sa_state_wanted;

/* Encrypt `len` bytes of state into len + SA_STATE_SEAL_EXTRA bytes. `state`
 * may be sealed + SA_STATE_AT. Returns SECAGG_ERR_MEMORY or SECAGG_ERR_CRYPTO;
 * then the caller wipes `sealed`. */
SECAGG_MUST_CHECK secagg_err sa_state_seal(uint8_t *sealed,
    const sa_state_head *head, const uint8_t *state, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES]);

/* Read the head of `len` sealed bytes. Returns SECAGG_ERR_MESSAGE if they are
 * fewer than SA_STATE_SEAL_EXTRA or have no head of this version;
 * SECAGG_ERR_AUTH if it is that of another client or session than wanted;
 * SECAGG_ERR_STALE if the generation is too low. The head is authentic only
 * after sa_state_open(). */
SECAGG_MUST_CHECK secagg_err sa_state_read_head(sa_state_head *head,
    const uint8_t *sealed, size_t len, const sa_state_wanted *wanted);

/* Decrypt `len` sealed bytes, whose head was read, into
 * len - SA_STATE_SEAL_EXTRA bytes of state. Returns SECAGG_ERR_AUTH if
 * authentication fails; SECAGG_ERR_MEMORY; SECAGG_ERR_CRYPTO. */
SECAGG_MUST_CHECK secagg_err sa_state_open(uint8_t *state,
    const sa_state_head *head, const uint8_t *sealed, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES]);

/* Read the head of `len` sealed bytes and decrypt them: *state gets
 * len - SA_STATE_SEAL_EXTRA bytes, which the caller frees with sa_free().
 * Returns the errors of sa_state_read_head() and sa_state_open(). */
SECAGG_MUST_CHECK secagg_err sa_state_unseal(uint8_t **state,
    sa_state_head *head, const uint8_t *sealed, size_t len,
    const uint8_t key[SECAGG_SEED_BYTES], const sa_state_wanted *wanted);

#endif
