/* SPDX-License-Identifier: Apache-2.0 */
/* sodium_scalar: arithmetic of scalars modulo ell, by libsodium. */
#ifndef SODIUM_SCALAR_H
#define SODIUM_SCALAR_H

#include <check.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "support/util.h"

typedef struct scalar {
    uint8_t at[32];
} scalar;

/* x is below 2^16. */
static inline scalar from_u32(uint32_t x)
{
    scalar r = { { (uint8_t)(x & 255), (uint8_t)(x >> 8 & 255) } };

    return r;
}

static inline scalar add(scalar a, scalar b)
{
    scalar r;
    crypto_core_ristretto255_scalar_add(r.at, a.at, b.at);
    return r;
}

static inline scalar sub(scalar a, scalar b)
{
    scalar r;
    crypto_core_ristretto255_scalar_sub(r.at, a.at, b.at);
    return r;
}

static inline scalar mul(scalar a, scalar b)
{
    scalar r;
    crypto_core_ristretto255_scalar_mul(r.at, a.at, b.at);
    return r;
}

/* a / b; b must not be zero. */
static inline scalar quotient(scalar a, scalar b)
{
    scalar r;
    ck_assert_int_eq(crypto_core_ristretto255_scalar_invert(r.at, b.at), 0);
    return mul(a, r);
}

static inline bool equal(scalar a, scalar b)
{
    return memcmp(a.at, b.at, 32) == 0;
}

static inline scalar random_scalar(uint64_t *state)
{
    uint8_t wide[64];
    scalar r;

    prng_bytes(state, wide, sizeof wide);
    crypto_core_ristretto255_scalar_reduce(r.at, wide);
    return r;
}

#endif
