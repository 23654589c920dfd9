/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_state: the seal of a saved state (PROTOCOL.md 11.2), computed again
 * with libsodium. */
#ifndef ORACLE_STATE_H
#define ORACLE_STATE_H

#include <check.h>
#include <sodium.h>
#include <string.h>

#include "support/oracle.h"

#define HEAD 52 /* "LSAS", version, 0, generation, index, H_ctx */
#define NONCE 24
#define EXTRA (HEAD + NONCE + 16)
#define AT_GENERATION 8
#define AT_INDEX 16
#define AT_CONTEXT 20

/* Derive(key, name, H_ctx || be32 index); both are in the head in this order,
 * but the other way round. */
static inline void state_derive(uint8_t derived[32], const uint8_t key[32],
    const char *label, const uint8_t *head)
{
    uint8_t context[36];

    memcpy(context, head + AT_CONTEXT, 32);
    memcpy(context + 32, head + AT_INDEX, 4);
    naive_expand(derived, 32, key, label, context, sizeof context);
}

/* Open a sealed state of `len` bytes; returns the bytes of the state. */
static inline size_t state_open(uint8_t *plain, const uint8_t *bytes,
    size_t len, const uint8_t key[32])
{
    const uint8_t *nonce = bytes + HEAD;
    uint8_t derived[32];

    state_derive(derived, key, "LSA1 save key", bytes);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL,
        NULL, nonce + NONCE, len - HEAD - NONCE, bytes, HEAD, nonce,
        derived), 0);
    return len - EXTRA;
}

/* Seal `len` bytes under a head, into len + EXTRA bytes. */
static inline void state_seal(uint8_t *bytes, const uint8_t *head,
    const uint8_t *plain, size_t len, const uint8_t key[32])
{
    uint8_t *nonce = bytes + HEAD, derived[32], tag[32];
    crypto_auth_hmacsha256_state hmac;

    memmove(bytes, head, HEAD);
    state_derive(derived, key, "LSA1 save nonce", bytes);
    crypto_auth_hmacsha256_init(&hmac, derived, sizeof derived);
    crypto_auth_hmacsha256_update(&hmac, bytes, HEAD);
    crypto_auth_hmacsha256_update(&hmac, plain, len);
    crypto_auth_hmacsha256_final(&hmac, tag);
    memcpy(nonce, tag, NONCE);
    state_derive(derived, key, "LSA1 save key", bytes);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE,
        NULL, plain, len, bytes, HEAD, NULL, nonce, derived), 0);
}

#endif
