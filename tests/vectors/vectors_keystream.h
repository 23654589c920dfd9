/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VECTORS_KEYSTREAM_H
#define VECTORS_KEYSTREAM_H

#include "crypto/keystream.h"
#include "vectors/vectors.h"

/* Reads a keystream from any offset on. */
secagg_err vec_keystream(vec *v, sa_cipher cipher, const uint8_t *key,
    uint64_t offset, uint8_t *out, size_t len);

#endif
