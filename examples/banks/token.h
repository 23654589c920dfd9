/* SPDX-License-Identifier: Apache-2.0 */
/* A token says, in the name of the consortium of all banks, that a key is that
 * of a bank, up to a round. A bank presents it as its credential in active
 * sessions (secagg_client_present()), and all others verify it: so they need no
 * list of keys, only the one key of the consortium.
 *
 * A token is a small certificate. Where banks have X.509 certificates, a chain
 * of at most SECAGG_CREDENTIAL_MAX bytes takes its place, and the library that
 * verifies chains must find the key, the bank and the date in it. */
#ifndef BANKS_TOKEN_H
#define BANKS_TOKEN_H

#include <secagg.h>
#include <stdbool.h>

/* be64 last round || Ed25519 signature (RFC 8032) of
 * "libsecagg example token" || 00 || be32 bank || be64 last round || key */
#define TOKEN_BYTES (8 + SECAGG_SIGNATURE_BYTES)

/* The key of the consortium. Its secret half signs tokens, on a machine that
 * takes part in no session. */
typedef struct consortium {
    uint8_t public_key[SECAGG_PUBLIC_BYTES];
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES];
} consortium;

/* Issue a token. Returns false if OpenSSL fails. */
bool token_issue(uint8_t token[TOKEN_BYTES], const consortium *c,
    uint32_t bank, const uint8_t key[SECAGG_PUBLIC_BYTES],
    uint64_t last_round);

/* Returns whether a credential, which comes from the network, is a token under
 * the public key of a consortium for this bank and key that is valid in a
 * round. */
bool token_is_valid(const uint8_t *credential, size_t len,
    const uint8_t consortium_key[SECAGG_PUBLIC_BYTES], uint32_t bank,
    const uint8_t key[SECAGG_PUBLIC_BYTES], uint64_t round);

#endif
