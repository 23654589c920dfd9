/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cheating_client.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "crypto/scalar.h"
#include "crypto/shamir.h"
#include "crypto/share_key.h"
#include "crypto/share_seal.h"
#include "crypto/x25519.h"
#include "message/msg_roster.h"
#include "message/msg_shares.h"
#include "session/roster.h"
#include "support/util.h"

/* ---- its secrets -------------------------------------------------------- */

/* Read the ROSTER that the server sends it (PROTOCOL.md 8.3). */
static void read_roster(cheater *l, party *p)
{
    size_t len;
    uint8_t *msg = party_server_send(p->server, l->index, &len);
    sa_roster_msg roster;
    sa_reader r, entries;
    sa_msg_type type;

    OK(sa_header_read(&r, &type, l->params, l->index, false, msg, len, NULL));
    OK(sa_roster_read(&r, &roster, l->params));
    entries = sa_roster_entries(&roster);
    for (uint32_t i = 0; i < roster.count; i++) {
        const sa_roster_entry e = sa_roster_next_entry(&entries, l->params);
        l->present[e.index] = true;
        memcpy(l->enc[e.index], e.enc, 32);
    }
    OK(sa_roster_digest(l->binding.roster, l->params->context,
        roster.graph_seed, roster.present, roster.root));
    free(msg);
}

void cheater_init(cheater *l, party *p, uint32_t index)
{
    uint8_t seed[32];

    *l = (cheater){ .index = index };
    ck_assert_uint_le(p->params.clients, CHEATER_MAX);
    OK(sa_params_new(&l->params, &p->params));
    l->binding.round = p->params.round;
    read_roster(l, p);
    OK(sa_derive_prk(l->prk, l->params->context, p->seeds[index]));
    OK(sa_derive_enc_key(l->enc_key, l->prk));
    OK(sa_derive_mask_secret(l->mask_secret, l->prk));
    OK(sa_derive_self_secret(l->self_secret, l->prk, &l->binding));
    OK(sa_commitment(l->commitment, &l->binding, index, l->self_secret));
    for (uint32_t kind = 0; kind < 2; kind++) {
        OK(sa_derive_poly_seed(seed, l->prk, kind, &l->binding));
        OK(secagg_shamir_split(l->shares[kind][0], p->params.clients,
            p->params.threshold, kind == 0 ? l->self_secret : l->mask_secret,
            seed));
    }
}

void cheater_free(cheater *l)
{
    sa_params_free(l->params);
}

/* ---- its shares --------------------------------------------------------- */

void cheater_split(cheater *l, uint32_t kind, const uint8_t root[32],
    uint32_t threshold, uint64_t state)
{
    uint8_t seed[32];

    prng_bytes(&state, seed, sizeof seed);
    OK(secagg_shamir_split(l->shares[kind][0], l->params->own.clients,
        threshold, root, seed));
}

void cheater_shift_share(cheater *l, uint32_t kind, uint32_t holder,
    uint64_t by)
{
    sa_sc share, shift;

    ck_assert(sa_sc_decode(&share, l->shares[kind][holder]));
    sa_sc_set(&shift, by);
    sa_sc_add(&share, &share, &shift);
    sa_sc_encode(l->shares[kind][holder], &share);
}

static void put_pair(const cheater *l, sa_writer *w, uint32_t holder)
{
    uint8_t prk[32], key[32], sealed[2][SA_SEALED_SHARE_BYTES];
    const sa_share_pair pair = { holder, { sealed[0], sealed[1] } };

    OK(sa_share_prk(prk, l->binding.roster, l->enc_key, l->enc[holder]));
    for (uint32_t kind = 0; kind < 2; kind++) {
        const sa_share_id id = { l->binding.roster, l->binding.round, kind,
            l->index, holder };
        OK(sa_share_key(key, prk, kind, id.round, l->index, holder,
            l->enc[l->index], l->enc[holder]));
        OK(sa_share_seal(sealed[kind], key, &id, l->shares[kind][holder]));
        sealed[kind][0] ^= l->corrupted[kind][holder];
    }
    sa_share_pair_put(w, &pair);
}

uint8_t *cheater_shares(const cheater *l, size_t *len)
{
    sa_shares_msg msg = { l->binding.roster, l->commitment, 0, NULL };
    const uint32_t n = l->params->own.clients;
    uint8_t *out;
    sa_writer w;

    for (uint32_t v = 0; v < n; v++)
        msg.count += v != l->index && l->present[v];
    *len = sa_shares_size(msg.count);
    out = malloc(*len);
    ck_assert_ptr_nonnull(out);
    w = sa_writer_on(out, *len);
    sa_shares_write(&w, l->params, l->index, &msg);
    for (uint32_t v = 0; v < n; v++)
        if (v != l->index && l->present[v])
            put_pair(l, &w, v);
    OK(sa_writer_end(&w));
    return out;
}

void cheater_send_shares(const cheater *l, party *p)
{
    size_t len;
    uint8_t *msg;

    free(party_client_send(p->clients[l->index], &len));
    msg = cheater_shares(l, &len);
    OK(secagg_server_recv(p->server, l->index, msg, len));
    free(msg);
}

/* ---- edited messages ---------------------------------------------------- */

void send_complaints(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count)
{
    size_t len;
    uint8_t *msg = party_client_send(p->clients[from], &len);
    uint8_t *out = party_forge(msg, 80, len + 4 * (size_t)count, from);

    sa_put_be32(out + 80, count);
    for (uint32_t i = 0; i < count; i++)
        sa_put_be32(out + 84 + 4 * (size_t)i, dealers[i]);
    memcpy(out + 84 + 4 * (size_t)count, msg + 84, len - 84);
    OK(secagg_server_recv(p->server, from, out, len + 4 * (size_t)count));
    free(msg);
    free(out);
}

static bool contains(uint32_t x, const uint32_t *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == x)
            return true;
    return false;
}

void send_unmask_without(party *p, uint32_t from, const uint32_t *dealers,
    uint32_t count)
{
    size_t len, to = 84;
    uint8_t *msg = party_client_send(p->clients[from], &len);
    uint8_t *out;

    for (size_t at = 84; at < len; at += 36)
        if (!contains(sa_get_be32(msg + at) & 0xffffff, dealers, count)) {
            memmove(msg + to, msg + at, 36);
            to += 36;
        }
    out = party_forge(msg, to, to, from);
    sa_put_be32(out + 80, (uint32_t)((to - 84) / 36));
    OK(secagg_server_recv(p->server, from, out, to));
    free(msg);
    free(out);
}

secagg_err send_edited(party *p, uint32_t from, size_t at,
    const uint8_t *bytes, size_t count)
{
    size_t len;
    uint8_t *msg = party_client_send(p->clients[from], &len);
    secagg_err err;

    ck_assert_ptr_nonnull(msg);
    ck_assert_uint_le(at + count, len);
    if (count > 0)
        memcpy(msg + at, bytes, count);
    err = secagg_server_recv(p->server, from, msg, len);
    free(msg);
    return err;
}

void update_roster_root(const party *p, uint8_t *msg, size_t len)
{
    const bool active = p->params.mode == SECAGG_ACTIVE;
    sa_roster roster;
    size_t each;

    OK(sa_roster_init(&roster, p->params.clients, active));
    for (uint8_t *e = msg + 120; e < msg + len; e += each) {
        sa_identity identity = { NULL, NULL, { NULL, 0 } };
        each = 68;
        if (active) {
            identity = (sa_identity){ e + 68, e + 100,
                { e + 166, sa_get_be16(e + 164) } };
            each = 166 + identity.credential.len;
        }
        sa_roster_add(&roster, sa_get_be32(e), e + 4, e + 36, &identity);
    }
    OK(sa_roster_root(&roster, msg + 80));
    sa_roster_free(&roster);
}

void add_group_order(uint8_t signature[64])
{
    uint8_t order[32];
    unsigned carry = 0;

    unhex(order, "edd3f55c1a631258d69cf7a2def9de14"
                 "00000000000000000000000000000010");
    for (int i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)(carry & 255);
        carry >>= 8;
    }
}

/* ---- blame -------------------------------------------------------------- */

void check_only_blamed(const party *p, uint32_t index, secagg_err want)
{
    uint32_t client;
    secagg_err err;

    OK(secagg_server_blamed(p->server, 0, &client, &err));
    ck_assert_uint_eq(client, index);
    ck_assert_int_eq(err, want);
    ck_assert_int_eq(secagg_server_blamed(p->server, 1, &client, &err),
        SECAGG_ERR_STATE);
}

void check_none_blamed(const party *p)
{
    uint32_t client;
    secagg_err err;

    ck_assert_int_eq(secagg_server_blamed(p->server, 0, &client, &err),
        SECAGG_ERR_STATE);
}
