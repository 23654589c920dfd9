/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x25519.h"

#include <sodium.h>

#include "core/mem.h"

/* Returns whether a little-endian number is below p = 2^255 - 19. RFC 7748,
 * section 5, masks the top bit and accepts values from p on; this library
 * rejects both. */
static bool canonical(const uint8_t point[SA_POINT_BYTES])
{
    if (point[31] != 0x7f)
        return point[31] < 0x7f;
    for (int i = 30; i > 0; i--)
        if (point[i] != 0xff)
            return true;
    return point[0] < 0xed;
}

/* The canonical u coordinates of the points of low order: 0, 1, p - 1, and the
 * two of order 8 (RFC 7748, section 6.1 with section 7). */
static const uint8_t low_order[][SA_POINT_BYTES] = {
    { 0 },
    { 1 },
    { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa,
        0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd,
        0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
    { 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55,
        0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86,
        0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
};

bool sa_x25519_valid(const uint8_t point[SA_POINT_BYTES])
{
    for (size_t i = 0; i < sizeof low_order / sizeof *low_order; i++)
        if (sa_ct_equal(point, low_order[i], SA_POINT_BYTES))
            return false;
    return canonical(point);
}

secagg_err sa_x25519_public(uint8_t point[SA_POINT_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES])
{
    return crypto_scalarmult_curve25519_base(point, key) == 0
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

secagg_err sa_x25519(uint8_t shared[SECAGG_SEED_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES], const uint8_t point[SA_POINT_BYTES])
{
    int failed; /* libsodium rejects points of low order */

    if (!canonical(point))
        return SECAGG_ERR_MESSAGE;
    failed = crypto_scalarmult_curve25519(shared, key, point);
    sa_declassify(&failed, sizeof failed);
    return failed == 0 ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}
