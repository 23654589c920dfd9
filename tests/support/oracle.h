/* SPDX-License-Identifier: Apache-2.0 */
/* oracle: bit planes and keystreams computed again, slowly and without code of
 * the library: planes bit by bit, HMAC and ChaCha20 by libsodium, AES-CTR from
 * single blocks of OpenSSL's AES if the build has suite 1. Also buffers between
 * guard bytes. */
#ifndef ORACLE_H
#define ORACLE_H

#include <check.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if FIRST_SUITE == 1
#include <openssl/evp.h>
#endif

/* ---- planes (PROTOCOL.md 6.1) ------------------------------------------- */

/* Returns the position, in bits, of bit j of entry i in a planar vector of m
 * entries. i may be up to padded(m) - 1. */
static inline size_t bit_at(size_t m, uint32_t bits, size_t i, uint32_t j)
{
    const size_t block = i / 512, in_block = i % 512;
    const size_t left = m - 512 * block;
    const size_t stride = left >= 512 ? 64 : (left + 7) / 8;

    return 8 * (64 * bits * block + stride * j) + in_block;
}

static inline uint64_t naive_get(const uint8_t *planes, size_t m,
    uint32_t bits, size_t i)
{
    uint64_t entry = 0;

    for (uint32_t j = 0; j < bits; j++) {
        const size_t at = bit_at(m, bits, i, j);
        entry |= (uint64_t)(planes[at / 8] >> at % 8 & 1) << j;
    }
    return entry;
}

static inline void naive_set(uint8_t *planes, size_t m, uint32_t bits,
    size_t i, uint64_t entry)
{
    for (uint32_t j = 0; j < bits; j++) {
        const size_t at = bit_at(m, bits, i, j);
        const unsigned one = 1U << at % 8;
        planes[at / 8] = (uint8_t)(entry >> j & 1 ? planes[at / 8] | one
                                                  : planes[at / 8] & ~one);
    }
}

/* m and the padding entries that complete its last byte. */
static inline size_t padded(size_t m)
{
    return (m + 7) / 8 * 8;
}

static inline uint64_t modulo(uint64_t x, uint32_t bits)
{
    return bits == 64 ? x : x % ((uint64_t)1 << bits);
}

/* ---- keystreams (PROTOCOL.md 3.2, 6.2) ---------------------------------- */

/* HKDF-Expand (RFC 5869, 2.3) of at most 64 bytes; label is the full label. */
static inline void naive_expand(uint8_t *out, size_t len,
    const uint8_t prk[32], const char *label, const uint8_t *context,
    size_t context_len)
{
    uint8_t block[32];

    for (uint8_t i = 1; 32 * (size_t)(i - 1) < len; i++) {
        const size_t done = 32 * (size_t)(i - 1), left = len - done;
        const uint8_t head[3] = { 0, (uint8_t)len, (uint8_t)strlen(label) };
        const uint8_t middle[2] = { 0, (uint8_t)context_len };
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, prk, 32);
        if (i > 1)
            crypto_auth_hmacsha256_update(&state, block, 32);
        crypto_auth_hmacsha256_update(&state, head, 3);
        crypto_auth_hmacsha256_update(&state, (const uint8_t *)label,
            strlen(label));
        crypto_auth_hmacsha256_update(&state, middle, 2);
        crypto_auth_hmacsha256_update(&state, context, context_len);
        crypto_auth_hmacsha256_update(&state, &i, 1);
        crypto_auth_hmacsha256_final(&state, block);
        memcpy(out + done, block, left < 32 ? left : 32);
    }
}

/* Key || nonce of a keystream of the lane `bits`: 28 bytes for AES, 44 for
 * ChaCha20. */
static inline void naive_key(uint8_t key[44], uint32_t suite,
    const uint8_t seed[32], const char *label, uint32_t bits)
{
    const uint8_t context = (uint8_t)bits;

    naive_expand(key, suite == 1 ? 28 : 44, seed, label, &context, 1);
}

#if FIRST_SUITE == 1
/* AES of nonce || be32 counter, one block at a time by ECB. */
static inline void naive_aes(uint8_t *out, size_t blocks, uint64_t first,
    const uint8_t key[28])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    ck_assert_int_eq(EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key,
        NULL), 1);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    for (size_t i = 0; i < blocks; i++) {
        const uint64_t counter = first + i;
        uint8_t block[16];
        int made;
        memcpy(block, key + 16, 12);
        for (int j = 0; j < 4; j++)
            block[12 + j] = (uint8_t)(counter >> (24 - 8 * j) & 255);
        if (EVP_EncryptUpdate(ctx, out + 16 * i, &made, block, 16) != 1)
            ck_abort_msg("AES failed");
    }
    EVP_CIPHER_CTX_free(ctx);
}
#endif

/* Bytes [64 first, 64 (first + count)) of a keystream. */
static inline void naive_stream(uint8_t *out, size_t count, uint64_t first,
    uint32_t suite, const uint8_t key[44])
{
#if FIRST_SUITE == 1
    if (suite == 1) {
        naive_aes(out, 4 * count, 4 * first, key);
        return;
    }
#endif
    ck_assert_uint_eq(suite, 2);
    memset(out, 0, 64 * count);
    crypto_stream_chacha20_ietf_xor_ic(out, out, 64 * count, key + 32,
        (uint32_t)first, key);
}

/* Random words of entries 0 to count - 1 of the lane `bits` (7.2). The caller
 * frees them. */
static inline uint8_t *naive_random(uint32_t suite, const uint8_t seed[32],
    uint32_t bits, size_t count)
{
    const size_t blocks = (count + 15) / 16;
    uint8_t key[44], *words = malloc(64 * blocks + 1);

    naive_key(key, suite, seed, "LSA1 rounding words", bits);
    naive_stream(words, blocks, 0, suite, key);
    return words;
}

static inline uint32_t word_at(const uint8_t *words, size_t i)
{
    const uint8_t *p = words + 4 * i;
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
        | (uint32_t)p[3] << 24;
}

/* ---- memory ------------------------------------------------------------- */

#define GUARD 16

/* Returns a buffer between two guards; all bytes are 0xa5. */
static inline uint8_t *guarded_alloc(size_t len)
{
    uint8_t *buffer = malloc(len + 2 * (size_t)GUARD);

    ck_assert_ptr_nonnull(buffer);
    memset(buffer, 0xa5, len + 2 * (size_t)GUARD);
    return buffer + GUARD;
}

static inline void check_guards(const uint8_t *ptr, size_t len)
{
    for (size_t i = 0; i < GUARD; i++)
        if (ptr[len + i] != 0xa5 || *(ptr - 1 - i) != 0xa5)
            ck_abort_msg("a byte outside the %zu is written", len);
}

static inline void guarded_free(uint8_t *ptr, size_t len)
{
    check_guards(ptr, len);
    free(ptr - GUARD);
}

/* Returns a copy in an exact allocation, so that a sanitizer reports an access
 * past its end. */
static inline void *exact_copy(const void *bytes, size_t len)
{
    void *copy = malloc(len > 0 ? len : 1);

    ck_assert_ptr_nonnull(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

#endif
