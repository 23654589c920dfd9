/* SPDX-License-Identifier: Apache-2.0 */
#include "session/key_schedule.h"

#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "crypto/scalar.h"

/* Derive 64 bytes and reduce them to a scalar (PROTOCOL.md 4.2). */
static secagg_err expand_scalar(uint8_t out[32], const uint8_t prk[32],
    const char *name, const uint8_t *context, size_t len)
{
    uint8_t wide[64];
    sa_sc scalar;
    secagg_err err = sa_expand(wide, sizeof wide, prk, name, context, len);

    if (err == SECAGG_OK) {
        sa_sc_reduce(&scalar, wide);
        sa_sc_encode(out, &scalar);
        sa_wipe(&scalar, sizeof scalar);
    }
    sa_wipe(wide, sizeof wide);
    return err;
}

/* Extract(salt, ikm), then expand to 32 bytes. */
static secagg_err extract_expand(uint8_t out[32], const uint8_t salt[32],
    const uint8_t ikm[32], const char *name, const uint8_t *context,
    size_t len)
{
    uint8_t prk[32];
    secagg_err err = sa_extract(prk, salt, ikm, 32);

    if (err == SECAGG_OK)
        err = sa_expand(out, 32, prk, name, context, len);
    sa_wipe(prk, sizeof prk);
    return err;
}

/* H_ros || be64 round */
#define BINDING_BYTES (SECAGG_DIGEST_BYTES + 8)

static void write_binding(uint8_t out[BINDING_BYTES],
    const sa_binding *binding)
{
    memcpy(out, binding->roster, SECAGG_DIGEST_BYTES);
    sa_put_be64(out + SECAGG_DIGEST_BYTES, binding->round);
}

/* ---- secrets of a client (PROTOCOL.md 3.6) ------------------------------ */

secagg_err sa_derive_prk(uint8_t prk[32], const uint8_t context[32],
    const uint8_t seed[32])
{
    return sa_extract(prk, context, seed, 32);
}

secagg_err sa_derive_enc_key(uint8_t key[32], const uint8_t prk[32])
{
    return sa_expand(key, 32, prk, "enc key", NULL, 0);
}

secagg_err sa_derive_mask_secret(uint8_t mask_secret[32],
    const uint8_t prk[32])
{
    return expand_scalar(mask_secret, prk, "mask root", NULL, 0);
}

secagg_err sa_derive_mask_key(uint8_t key[32], const uint8_t context[32],
    const uint8_t mask_secret[32], uint32_t index)
{
    uint8_t client[4];

    sa_put_be32(client, index);
    return extract_expand(key, context, mask_secret, "mask key", client,
        sizeof client);
}

secagg_err sa_derive_self_secret(uint8_t self_secret[32],
    const uint8_t prk[32], const sa_binding *binding)
{
    uint8_t context[BINDING_BYTES];

    write_binding(context, binding);
    return expand_scalar(self_secret, prk, "self root", context,
        sizeof context);
}

secagg_err sa_derive_poly_seed(uint8_t seed[32], const uint8_t prk[32],
    uint32_t kind, const sa_binding *binding)
{
    uint8_t context[1 + BINDING_BYTES]; /* u8 kind || binding */

    context[0] = (uint8_t)kind;
    write_binding(context + 1, binding);
    return sa_expand(seed, 32, prk, "poly", context, sizeof context);
}

secagg_err sa_derive_rounding_seed(uint8_t seed[32], const uint8_t prk[32],
    uint64_t round)
{
    uint8_t context[8];

    sa_put_be64(context, round);
    return sa_expand(seed, 32, prk, "rounding", context, sizeof context);
}

/* ---- mask seeds (PROTOCOL.md 3.9) --------------------------------------- */

/* context: be64 round || be32 lo || be32 hi || mask_lo || mask_hi || H_U2 */

secagg_err sa_derive_pair_seed(uint8_t seed[32], const sa_binding *binding,
    const uint8_t shared[32], uint32_t a, uint32_t b,
    const uint8_t point_a[32], const uint8_t point_b[32],
    const uint8_t h_u2[32])
{
    uint8_t context[8 + 4 + 4 + 32 + 32 + 32];

    sa_put_be64(context, binding->round);
    sa_put_be32(context + 8, a < b ? a : b);
    sa_put_be32(context + 12, a < b ? b : a);
    memcpy(context + 16, a < b ? point_a : point_b, 32);
    memcpy(context + 48, a < b ? point_b : point_a, 32);
    memcpy(context + 80, h_u2, 32);
    return extract_expand(seed, binding->roster, shared, "pair mask", context,
        sizeof context);
}

/* context: be64 round || be32 index || H_U2 */
secagg_err sa_derive_self_seed(uint8_t seed[32], const sa_binding *binding,
    const uint8_t self_secret[32], uint32_t index, const uint8_t h_u2[32])
{
    uint8_t context[8 + 4 + 32];

    sa_put_be64(context, binding->round);
    sa_put_be32(context + 8, index);
    memcpy(context + 12, h_u2, 32);
    return extract_expand(seed, binding->roster, self_secret, "self mask",
        context, sizeof context);
}

/* ---- seeds of the server (PROTOCOL.md 5.2 and 4.6) ---------------------- */

secagg_err sa_derive_graph_seed(uint8_t seed[32], const uint8_t server_seed[32],
    const uint8_t context[32], const uint8_t roster_root[32])
{
    uint8_t digests[2 * SECAGG_DIGEST_BYTES]; /* H_ctx || roster root */

    memcpy(digests, context, 32);
    memcpy(digests + 32, roster_root, 32);
    return sa_expand(seed, 32, server_seed, "graph", digests, sizeof digests);
}

secagg_err sa_derive_test_seed(uint8_t seed[32], const uint8_t server_seed[32],
    const sa_binding *binding)
{
    uint8_t context[BINDING_BYTES];

    write_binding(context, binding);
    return sa_expand(seed, 32, server_seed, "test", context, sizeof context);
}

/* ---- digests (PROTOCOL.md 3.10, 3.11) ----------------------------------- */

/* binding || be32 index || self secret */
secagg_err sa_commitment(uint8_t commitment[32],
    const sa_binding *binding, uint32_t index, const uint8_t self_secret[32])
{
    uint8_t head[BINDING_BYTES + 4];
    const sa_bytes parts[] = { { head, sizeof head }, { self_secret, 32 } };

    write_binding(head, binding);
    sa_put_be32(head + BINDING_BYTES, index);
    return sa_hash(commitment, "LSA1 com", parts, 2);
}

/* binding || app_digest || u8 set || be32 n || bitmap */
secagg_err sa_set_digest(uint8_t digest[32], const sa_binding *binding,
    const uint8_t app_digest[32], uint32_t set, uint32_t n,
    const uint8_t *map)
{
    uint8_t head[BINDING_BYTES + 32 + 1 + 4];
    const sa_bytes parts[] = { { head, sizeof head },
        { map, sa_bitmap_bytes(n) } };

    write_binding(head, binding);
    memcpy(head + 40, app_digest, 32);
    head[72] = (uint8_t)set;
    sa_put_be32(head + 73, n);
    return sa_hash(digest, "LSA1 set", parts, 2);
}
