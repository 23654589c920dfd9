/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_check.h"

#include <string.h>

#include "client/client_recv.h"
#include "core/bits.h"
#include "core/mem.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/scalar.h"
#include "crypto/x25519.h"
#include "message/msg_confirm.h"
#include "message/msg_keys.h"
#include "message/msg_shares.h"
#include "message/msg_unmask.h"
#include "session/roster.h"

/* Returns the error of a rule that holds or does not. Whether it holds is
 * public, even if it is a rule about secrets. */
static secagg_err rule(bool holds)
{
    sa_declassify(&holds, sizeof holds);
    return holds ? SECAGG_OK : SECAGG_ERR_MESSAGE;
}

/* Returns whether SHARES was built, after which there is no key for it. */
static bool has_dealt(const secagg_client *c)
{
    return c->phase > SECAGG_PHASE_SHARES
        || (c->phase == SECAGG_PHASE_SHARES && c->built);
}

/* ---- phase and input ---------------------------------------------------- */

/* Returns the number of messages that the whole input takes; 0 if the size of a
 * part is not one that 8.7 allows. */
static uint64_t count_parts(const secagg_client *c)
{
    const sa_lanes *lanes = &c->params->lanes;
    const uint64_t size = c->input.part_blocks;

    if (size == 0)
        return 1;
    if (size < sa_lanes_min_part(lanes) || size > UINT32_MAX)
        return 0;
    return lanes->blocks / size + (lanes->blocks % size != 0);
}

/* INPUT is built when all its parts are, and UNMASK ends the session (9.1). */
static secagg_err check_phase(const secagg_client *c)
{
    const uint64_t all = count_parts(c);
    const bool input = c->phase == SECAGG_PHASE_INPUT;

    if (all == 0 || c->error != SECAGG_OK || c->parts > all)
        return SECAGG_ERR_MESSAGE;
    if (c->phase == SECAGG_PHASE_CONFIRM && !sa_params_active(c->params))
        return SECAGG_ERR_MESSAGE;
    if (c->phase >= SECAGG_PHASE_UNMASK
        && c->built != (c->phase == SECAGG_PHASE_DONE))
        return SECAGG_ERR_MESSAGE;
    if (input)
        return rule(c->built == (c->parts == all));
    return rule(c->parts == (c->phase > SECAGG_PHASE_INPUT ? all : 0));
}

/* ---- secrets and points ------------------------------------------------- */

/* A point must be that of its secret key. */
static secagg_err check_own_point(const uint8_t point[SA_POINT_BYTES],
    const uint8_t key[SECAGG_SEED_BYTES])
{
    uint8_t computed[SA_POINT_BYTES];

    SA_TRY(sa_x25519_public(computed, key));
    return rule(sa_ct_equal(computed, point, sizeof computed));
}

static secagg_err check_scalar(const uint8_t bytes[SA_SC_BYTES])
{
    sa_sc scalar;
    const bool canonical = sa_sc_decode(&scalar, bytes);

    sa_wipe(&scalar, sizeof scalar);
    return rule(canonical);
}

/* Secrets that derive from others. */
typedef struct derived {
    uint8_t enc_key[32], mask_secret[32], mask_key[32], rounding[32];
} derived;

/* Copy them from a state. */
static void copy_derived(const secagg_client *c, derived *d)
{
    memcpy(d->enc_key, c->secret.enc_key, sizeof d->enc_key);
    memcpy(d->mask_secret, c->secret.mask_secret, sizeof d->mask_secret);
    memcpy(d->mask_key, c->secret.mask_key, sizeof d->mask_key);
    memcpy(d->rounding, c->secret.rounding, sizeof d->rounding);
}

/* Derive those whose source the state has (3.6): the mask key from the mask
 * secret, and until ROSTER all else from PRK_u. */
static secagg_err derive(const secagg_client *c, derived *d)
{
    if (c->phase == SECAGG_PHASE_KEYS) {
        SA_TRY(sa_derive_enc_key(d->enc_key, c->secret.prk));
        SA_TRY(sa_derive_mask_secret(d->mask_secret, c->secret.prk));
        SA_TRY(sa_derive_rounding_seed(d->rounding, c->secret.prk,
            c->binding.round));
    }
    return sa_derive_mask_key(d->mask_key, c->params->context, d->mask_secret,
        c->index);
}

static secagg_err check_derived(const secagg_client *c)
{
    derived saved, computed;
    secagg_err err;

    copy_derived(c, &saved);
    computed = saved;
    err = derive(c, &computed);
    if (err == SECAGG_OK)
        err = rule(sa_ct_equal(&computed, &saved, sizeof saved));
    sa_wipe(&saved, sizeof saved);
    sa_wipe(&computed, sizeof computed);
    return err;
}

/* Secrets that are wiped are zero, which is a scalar. */
static secagg_err check_secrets(const secagg_client *c)
{
    SA_TRY(check_scalar(c->secret.mask_secret));
    SA_TRY(check_scalar(c->secret.self_secret));
    SA_TRY(check_scalar(c->secret.own_share));
    if (!has_dealt(c)) {
        SA_TRY(check_derived(c));
        SA_TRY(check_own_point(c->enc, c->secret.enc_key));
    }
    return c->phase <= SECAGG_PHASE_INPUT
        ? check_own_point(c->mask, c->secret.mask_key) : SECAGG_OK;
}

/* The roster root follows from the points on a complete graph in semi-honest
 * mode. On the ring a client does not know all points; in active mode it has
 * dropped signatures and credentials. */
static secagg_err check_roster_root(const secagg_client *c,
    const sa_roster *roster)
{
    uint8_t root[SECAGG_DIGEST_BYTES];

    if (sa_params_ring(c->params) || sa_params_active(c->params))
        return SECAGG_OK;
    SA_TRY(sa_roster_root(roster, root));
    return rule(sa_ct_equal(root, c->roster_root, sizeof root));
}

/* H_ros binds the graph seed, |U1| and the roster root. */
static secagg_err check_roster_digest(const secagg_client *c,
    const sa_roster *roster)
{
    uint8_t digest[SECAGG_DIGEST_BYTES];

    if (c->phase == SECAGG_PHASE_KEYS)
        return SECAGG_OK;
    SA_TRY(check_roster_root(c, roster));
    SA_TRY(sa_roster_digest(digest, c->params->context, c->graph_seed,
        c->present, c->roster_root));
    return rule(sa_ct_equal(digest, c->binding.roster, sizeof digest));
}

/* All points, and from ROSTER on all identities, are valid and distinct. */
static secagg_err check_entries(const secagg_client *c, const sa_roster *roster)
{
    bool distinct, ids = true;

    for (uint32_t i = 0; i < roster->n; i++)
        if (sa_bitmap_has(roster->map, i)
            && (!sa_x25519_valid(roster->enc[i])
                || !sa_x25519_valid(roster->mask[i])
                || (roster->id != NULL && !sa_ed25519_valid(roster->id[i]))))
            return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_roster_distinct(roster, &distinct));
    if (roster->id != NULL)
        SA_TRY(sa_roster_ids_distinct(roster, &ids));
    return distinct && ids ? check_roster_digest(c, roster)
                           : SECAGG_ERR_MESSAGE;
}

/* The roster as far as the client knows it. On the ring that is a few entries,
 * by their number. */
static secagg_err check_points(const secagg_client *c)
{
    static const uint8_t no_signature[SECAGG_SIGNATURE_BYTES];
    const bool ring = sa_params_ring(c->params);
    sa_identity identity = { c->id, no_signature, { NULL, 0 } };
    sa_roster roster;
    secagg_err err;

    SA_TRY(sa_roster_init(&roster,
        ring ? c->params->holders : c->params->own.clients, c->ids != NULL));
    sa_roster_add(&roster, ring ? 0 : c->index, c->enc, c->mask, &identity);
    for (uint32_t i = 0; i < c->peer_count; i++) {
        const sa_peer *p = &c->peers[i];
        if (!p->present)
            continue;
        if (c->ids != NULL)
            identity.id = c->ids[p->index];
        sa_roster_add(&roster, ring ? i + 1 : p->index, p->enc, p->mask,
            &identity);
    }
    err = check_entries(c, &roster);
    sa_roster_free(&roster);
    return err;
}

/* ---- identities (active mode) ------------------------------------------- */

/* Trusted keys are valid, and no two indices have one. */
static secagg_err check_trust(const sa_trust *trust)
{
    sa_trust again = { .n = trust->n, .own = trust->own };
    secagg_err err = SECAGG_OK;

    for (uint32_t i = 0; i < trust->n && err == SECAGG_OK; i++)
        if (trust->keys != NULL && sa_bitmap_has(trust->map, i))
            err = sa_trust_add(&again, i, trust->keys[i]);
    sa_trust_free(&again);
    return err == SECAGG_ERR_ARG ? SECAGG_ERR_MESSAGE : err;
}

/* KEYS was signed under the own identity. */
static secagg_err check_identity(const secagg_client *c)
{
    if (!sa_params_active(c->params))
        return SECAGG_OK;
    if (c->has_id ? !sa_ed25519_valid(c->id)
                  : c->built || c->phase > SECAGG_PHASE_KEYS)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(rule(c->credential_len <= SECAGG_CREDENTIAL_MAX));
    return check_trust(&c->trust);
}

/* ---- roster and sets ---------------------------------------------------- */

/* The minimum numbers are those that ROSTER had to meet (9.4). */
static secagg_err check_roster(const secagg_client *c)
{
    static const uint8_t no_graph[SECAGG_SEED_BYTES];
    const bool ring = sa_params_ring(c->params);
    uint32_t count = 1;

    for (uint32_t i = 0; i < c->peer_count; i++) {
        count += c->peers[i].present;
        if (c->peers[i].complaint && !c->peers[i].present)
            return SECAGG_ERR_MESSAGE;
    }
    return rule(c->present <= c->params->own.clients
        && (ring ? count <= c->present : count == c->present)
        && (ring || sa_ct_equal(c->graph_seed, no_graph, sizeof no_graph))
        && c->present >= c->params->min_set
        && count >= c->params->own.threshold);
}

/* The digest of U2 or U3 is that of the bitmap. */
static secagg_err check_set(const secagg_client *c, uint32_t set,
    const uint8_t *map, const uint8_t digest[SECAGG_DIGEST_BYTES])
{
    const secagg_params *own = &c->params->own;
    uint8_t computed[SECAGG_DIGEST_BYTES];

    if (!sa_bitmap_canonical(map, own->clients)
        || !sa_bitmap_has(map, c->index)
        || sa_bitmap_count(map, own->clients) < own->min_survivors
        || sa_client_count_dealers(c, map) < sa_params_min_dealers(c->params))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_set_digest(computed, &c->binding, own->app_digest, set,
        own->clients, map));
    return rule(sa_ct_equal(computed, digest, sizeof computed));
}

/* Before RELAY no peer has a complaint; then it is about members of U2. */
static secagg_err check_u2(const secagg_client *c)
{
    for (uint32_t i = 0; i < c->peer_count; i++) {
        const sa_peer *p = &c->peers[i];
        const bool in = sa_bitmap_has(c->u2, p->index);
        if ((in && !p->present) || (p->complaint && !in))
            return SECAGG_ERR_MESSAGE;
    }
    if (c->phase < SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    SA_TRY(rule(sa_bitmap_count(c->u2, c->params->own.clients) <= c->present));
    return check_set(c, 2, c->u2, c->h_u2);
}

static secagg_err check_sets(const secagg_client *c)
{
    secagg_err err;

    if (c->phase == SECAGG_PHASE_KEYS)
        return SECAGG_OK;
    SA_TRY(check_roster(c));
    SA_TRY(check_u2(c));
    if (c->phase < SECAGG_PHASE_CONFIRM)
        return SECAGG_OK;
    if (!sa_bitmap_is_subset(c->u3, c->u2, c->params->own.clients))
        return SECAGG_ERR_MESSAGE;
    SA_TRY(check_set(c, 3, c->u3, c->h_u3));
    err = sa_client_require_connected(c, c->u3);
    return err == SECAGG_ERR_THRESHOLD ? SECAGG_ERR_MESSAGE : err;
}

/* ---- the message accepted last ------------------------------------------ */

/* Compute the digest of a message from the server to this client. */
static secagg_err digest_message(uint8_t digest[SECAGG_DIGEST_BYTES],
    const secagg_client *c, sa_msg_type type, const uint8_t *body, size_t len)
{
    uint8_t header[SA_HEADER_BYTES];
    sa_writer w = sa_writer_on(header, sizeof header);
    const sa_bytes message[] = { { header, sizeof header }, { body, len } };

    sa_header_write(&w, c->params, type, c->index, sizeof header + len);
    return sa_sha256(digest, message, 2);
}

/* UNMASK follows SIGNATURES, which must still be a proof that enough survivors
 * confirmed U3 (8.10). */
static secagg_err check_signatures(const secagg_client *c)
{
    sa_reader r = sa_reader_on(c->signatures, c->signatures_len);
    const secagg_err err = sa_client_verify_signatures(c, &r);

    return err == SECAGG_ERR_THRESHOLD ? SECAGG_ERR_MESSAGE : err;
}

/* The digest of the message accepted last is that of SIGNATURES or of
 * SURVIVORS, which the state has. It has no ROSTER and no RELAY. */
static secagg_err check_last(const secagg_client *c)
{
    uint8_t digest[SECAGG_DIGEST_BYTES] = { 0 };
    const bool confirmed = sa_params_active(c->params)
        && c->phase >= SECAGG_PHASE_UNMASK;

    if (c->phase == SECAGG_PHASE_SHARES || c->phase == SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    if (confirmed) {
        SA_TRY(check_signatures(c));
        SA_TRY(digest_message(digest, c, SA_MSG_SIGNATURES, c->signatures,
            c->signatures_len));
    } else if (c->phase != SECAGG_PHASE_KEYS)
        SA_TRY(digest_message(digest, c, SA_MSG_SURVIVORS, c->u3,
            sa_bitmap_bytes(c->params->own.clients)));
    return rule(sa_ct_equal(digest, c->last_digest, sizeof digest));
}

/* ---- the message -------------------------------------------------------- */

/* The type and the size of the message of a phase. */
static sa_msg_type expected_message(const secagg_client *c, size_t *size)
{
    uint32_t present = 0;

    for (uint32_t i = 0; i < c->peer_count; i++)
        present += c->peers[i].present;
    if (c->phase == SECAGG_PHASE_KEYS) {
        *size = sa_keys_size(c->params, c->credential_len);
        return SA_MSG_KEYS;
    }
    if (c->phase == SECAGG_PHASE_SHARES) {
        *size = sa_shares_size(present);
        return SA_MSG_SHARES;
    }
    if (c->phase == SECAGG_PHASE_CONFIRM) {
        *size = sa_confirm_size();
        return SA_MSG_CONFIRM;
    }
    *size = sa_unmask_size(sa_client_count_dealers(c, c->u2) - 1);
    return SA_MSG_UNMASK;
}

static secagg_err check_message(const secagg_client *c)
{
    sa_msg_type type, expected;
    sa_reader r;
    size_t size;

    if (!c->built || c->phase == SECAGG_PHASE_INPUT)
        return SECAGG_OK;
    expected = expected_message(c, &size);
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, true, c->message,
        c->message_len, NULL));
    return rule(type == expected && c->message_len == size);
}

/* ---- a client that failed ----------------------------------------------- */

/* Returns whether a session can fail with an error. */
static bool is_fatal(secagg_err error)
{
    return error == SECAGG_ERR_STATE || error == SECAGG_ERR_MESSAGE
        || error == SECAGG_ERR_AUTH || error == SECAGG_ERR_THRESHOLD
        || error == SECAGG_ERR_CHEAT || error == SECAGG_ERR_MEMORY
        || error == SECAGG_ERR_CRYPTO;
}

static secagg_err check_failed(const secagg_client *c)
{
    sa_msg_type type;
    sa_abort_msg msg;
    sa_reader r;

    if (!is_fatal(c->error) || !c->built || c->parts > SA_PARTS_MAX)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_header_read(&r, &type, c->params, c->index, true, c->out,
        c->out_len, NULL));
    SA_TRY(rule(type == SA_MSG_ABORT_CLIENT));
    SA_TRY(sa_abort_read(&r, &msg, c->params));
    return rule(msg.code == (uint32_t)-c->error
        && msg.blamed == SA_ABORT_NOBODY);
}

/* ---- all ---------------------------------------------------------------- */

secagg_err sa_client_check(const secagg_client *c)
{
    if (c->phase == SECAGG_PHASE_FAILED)
        return check_failed(c);
    SA_TRY(check_phase(c));
    SA_TRY(check_identity(c));
    SA_TRY(check_sets(c));
    SA_TRY(check_points(c));
    SA_TRY(check_secrets(c));
    SA_TRY(check_last(c));
    return check_message(c);
}
