/* SPDX-License-Identifier: Apache-2.0 */
/* prg: seekable keystreams (PROTOCOL.md 6.2): AES-128-CTR (NIST SP 800-38A,
 * 6.5) and ChaCha20 (RFC 8439, 2.4). The door to OpenSSL's ciphers. */
#ifndef SA_PRG_H
#define SA_PRG_H

#include <secagg/base.h>

#define SA_PRG_KEY_MAX 44

/* A cipher context of one suite; re-keyed by each call. */
typedef struct sa_prg sa_prg;

/* Bytes of key || nonce: 28 for suite 1, 44 for suite 2, 0 for no suite. */
size_t sa_prg_key_bytes(uint32_t suite);

SECAGG_MUST_CHECK secagg_err sa_prg_new(sa_prg **prg, uint32_t suite);
void sa_prg_free(sa_prg *prg);

/* Key and nonce that the following reads use. */
SECAGG_MUST_CHECK secagg_err sa_prg_key(sa_prg *prg, const uint8_t *key);

/* Bytes [offset, offset + len) of the keystream; offset is a multiple of 64,
 * offset + len <= 2^36. */
SECAGG_MUST_CHECK secagg_err sa_prg_read(sa_prg *prg, uint64_t offset,
    uint8_t *out, size_t len);

#endif
