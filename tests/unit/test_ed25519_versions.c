/* SPDX-License-Identifier: Apache-2.0 */
/* ed25519 with libsodium of other versions (PROTOCOL.md 3.5): the linker
 * replaces two of its functions (LINK_test_ed25519_versions in the Makefile,
 * --wrap). One verifies with the cofactor, as versions after 1.0.18 do; the
 * other multiplies points without a test of their order, as if that test were
 * wrong (CVE-2025-69277). */
#include <sodium.h>

#include "crypto/ed25519.h"
#include "support/main.h"
#include "support/torsion.h"

static const uint8_t identity[32] = { 1 };

int __wrap_crypto_sign_verify_detached(const unsigned char *sig,
    const unsigned char *m, unsigned long long len, const unsigned char *pk);
int __wrap_crypto_scalarmult_ed25519_noclamp(unsigned char *q,
    const unsigned char *n, const unsigned char *p);

/* [n] P by additions alone. */
static bool multiply(uint8_t out[32], const uint8_t n[32],
    const uint8_t point[32])
{
    uint8_t sum[32] = { 1 };

    for (int bit = 254; bit >= 0; bit--) {
        if (crypto_core_ed25519_add(sum, sum, sum) != 0)
            return false;
        if ((n[bit / 8] >> bit % 8 & 1) != 0
            && crypto_core_ed25519_add(sum, sum, point) != 0)
            return false;
    }
    memcpy(out, sum, 32);
    return true;
}

int __wrap_crypto_scalarmult_ed25519_noclamp(unsigned char *q,
    const unsigned char *n, const unsigned char *p)
{
    return multiply(q, n, p) && memcmp(q, identity, 32) != 0 ? 0 : -1;
}

/* [8] R = [8] ([S] B - [h] A), S < ell; keys are not tested. */
int __wrap_crypto_sign_verify_detached(const unsigned char *sig,
    const unsigned char *m, unsigned long long len, const unsigned char *pk)
{
    uint8_t wide[64] = { 0 }, s[32], h[32], sb[32], ha[32];

    memcpy(wide, sig + 32, 32);
    crypto_core_ed25519_scalar_reduce(s, wide);
    if (memcmp(s, sig + 32, 32) != 0)
        return -1;
    torsion_hash(h, sig, pk, m, (size_t)len);
    if (crypto_scalarmult_ed25519_base_noclamp(sb, s) != 0
        || !multiply(ha, h, pk) || crypto_core_ed25519_sub(sb, sb, ha) != 0
        || crypto_core_ed25519_sub(sb, sig, sb) != 0)
        return -1;
    for (int i = 0; i < 3; i++)
        if (crypto_core_ed25519_add(sb, sb, sb) != 0)
            return -1;
    return memcmp(sb, identity, 32) == 0 ? 0 : -1;
}

static void make_key(uint8_t secret[64], uint64_t state)
{
    uint8_t public[32], seed[32];

    prng_bytes(&state, seed, sizeof seed);
    ck_assert_int_eq(crypto_sign_seed_keypair(public, secret, seed), 0);
}

/* The verifier of this file accepts j T in R, and the library does not. */
START_TEST(a_verifier_with_the_cofactor_accepts_no_torsion_in_r)
{
    for (uint64_t run = 0; run < 6; run++)
        for (int j = 0; j < 8; j++) {
            uint8_t secret[64], msg[40], signature[64];
            uint64_t state = run + 10;
            make_key(secret, run);
            prng_bytes(&state, msg, sizeof msg);
            torsion_sign(signature, msg, sizeof msg, secret, 0, j);
            ck_assert_int_eq(__wrap_crypto_sign_verify_detached(signature, msg,
                sizeof msg, secret + 32), 0);
            ck_assert_int_eq(sa_ed25519_verify(signature, msg, sizeof msg,
                secret + 32), j == 0 ? SECAGG_OK : SECAGG_ERR_AUTH);
            signature[40] ^= 1;
            ck_assert_int_eq(sa_ed25519_verify(signature, msg, sizeof msg,
                secret + 32), SECAGG_ERR_AUTH);
        }
}
END_TEST

/* Nor R = j T with S = h a. */
START_TEST(the_library_accepts_no_r_of_small_order_from_such_a_verifier)
{
    uint8_t secret[64], wide[64] = { 0 }, a[32], h[32], signature[64];
    const uint8_t msg[5] = "text";

    make_key(secret, 7);
    crypto_sign_ed25519_sk_to_curve25519(wide, secret);
    crypto_core_ed25519_scalar_reduce(a, wide);
    for (int j = 0; j < 8; j++) {
        torsion_point(signature, j);
        torsion_hash(h, signature, secret + 32, msg, sizeof msg);
        crypto_core_ed25519_scalar_mul(signature + 32, h, a);
        ck_assert_int_eq(__wrap_crypto_sign_verify_detached(signature, msg,
            sizeof msg, secret + 32), 0);
        ck_assert_int_eq(sa_ed25519_verify(signature, msg, sizeof msg,
            secret + 32), SECAGG_ERR_AUTH);
    }
}
END_TEST

/* The multiplication of this file takes any point. */
START_TEST(the_library_tests_the_order_of_keys_itself)
{
    for (uint64_t run = 0; run < 6; run++)
        for (int j = 0; j < 8; j++) {
            uint8_t secret[64], key[32];
            make_key(secret, run);
            memcpy(key, secret + 32, 32);
            torsion_add(key, j);
            ck_assert_int_eq(sa_ed25519_valid(key), j == 0);
            torsion_point(key, j);
            ck_assert(!sa_ed25519_valid(key));
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_verifier_with_the_cofactor_accepts_no_torsion_in_r,
        the_library_accepts_no_r_of_small_order_from_such_a_verifier,
        the_library_tests_the_order_of_keys_itself };
    return sodium_init() < 0 || RUN(tests);
}
