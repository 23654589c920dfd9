/* SPDX-License-Identifier: Apache-2.0 */
/* invalid_points: encodings that are not valid X25519 public keys: points of
 * low order on the curve and on its twist, and integers of at least 2^255 - 19
 * (RFC 7748, sections 5 and 6.1), little-endian. */
#ifndef INVALID_POINTS_H
#define INVALID_POINTS_H

#include <check.h>

#include "support/util.h"

static const char *const invalid_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0900000000000000000000000000000000000000000000000000000000000080",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

#define INVALID_POINTS (sizeof invalid_points / sizeof *invalid_points)

static inline void invalid_point(uint8_t out[32], size_t k)
{
    ck_assert_uint_eq(unhex(out, invalid_points[k]), 32);
}

#endif
