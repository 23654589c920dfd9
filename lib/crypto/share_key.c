/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/share_key.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

secagg_err sa_share_prk(uint8_t prk[SECAGG_SEED_BYTES],
    const uint8_t roster[SECAGG_DIGEST_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t point[SECAGG_SEED_BYTES])
{
    uint8_t shared[SECAGG_SEED_BYTES];
    secagg_err err = sa_x25519(shared, key, point);

    if (err == SECAGG_OK)
        err = sa_extract(prk, roster, shared, sizeof shared);
    sa_wipe(shared, sizeof shared);
    return err;
}

/* Derive(PRK, "share", u8 kind || be64 round || be32 dealer || be32 holder ||
 * enc_dealer || enc_holder, 32) (PROTOCOL.md 3.8). */
secagg_err sa_share_key(uint8_t key[SECAGG_SEED_BYTES],
    const uint8_t prk[SECAGG_SEED_BYTES], uint32_t kind, uint64_t round,
    uint32_t dealer, uint32_t holder, const uint8_t dealer_point[32],
    const uint8_t holder_point[32])
{
    uint8_t context[81];

    context[0] = (uint8_t)kind;
    sa_put_be64(context + 1, round);
    sa_put_be32(context + 9, dealer);
    sa_put_be32(context + 13, holder);
    memcpy(context + 17, dealer_point, 32);
    memcpy(context + 49, holder_point, 32);
    return sa_expand(key, SECAGG_SEED_BYTES, prk, "share", context,
        sizeof context);
}
