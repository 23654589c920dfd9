/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of PROTOCOL.md 11.2, check 5: a state that breaks it is MESSAGE,
 * although the right key seals it. A test breaks a rule in a copy of a client,
 * in memory, and saves that; so it needs no knowledge of the layout. */
#include <stdlib.h>
#include <string.h>

#include "client/client_check.h"
#include "client/client_layout.h"
#include "client/client_state.h"
#include "core/bits.h"
#include "core/mem.h"
#include "crypto/hash.h"
#include "message/msg_header.h"
#include "session/graph.h"
#include "session/roster.h"
#include "support/main.h"
#include "support/party.h"
#include "support/session_driver.h"

/* Forms of a session. */
enum { COMPLETE = 1, RING = 2, ACTIVE = 4, ALL = 7 };

/* Clients that leave in these phases. On the ring any three may. */
#define LEAVES_AT_KEYS 8
#define LEAVES_AT_SHARES 7
#define LEAVES_AT_INPUT 6

/* Phases, each with its message not built or built. */
#define NOT_BUILT(phase) (1u << 2 * (phase))
#define BUILT(phase) (2u << 2 * (phase))
#define AT(phase) (3u << 2 * (phase))
#define KEYS AT(SECAGG_PHASE_KEYS)
#define SHARES AT(SECAGG_PHASE_SHARES)
#define INPUT AT(SECAGG_PHASE_INPUT)
#define CONFIRM AT(SECAGG_PHASE_CONFIRM)
#define UNMASK AT(SECAGG_PHASE_UNMASK)
#define DONE AT(SECAGG_PHASE_DONE)
#define FROM_SURVIVORS (CONFIRM | UNMASK | DONE)
#define FROM_RELAY (INPUT | FROM_SURVIVORS)
#define FROM_ROSTER (SHARES | FROM_RELAY)
#define EVERYWHERE (KEYS | FROM_ROSTER)
#define NOT_DEALT (KEYS | NOT_BUILT(SECAGG_PHASE_SHARES))
#define DEALT                                                                 \
    (BUILT(SECAGG_PHASE_SHARES) | INPUT | CONFIRM | UNMASK)
#define HAS_MESSAGE                                                           \
    (BUILT(SECAGG_PHASE_KEYS) | BUILT(SECAGG_PHASE_SHARES)                    \
        | BUILT(SECAGG_PHASE_CONFIRM) | BUILT(SECAGG_PHASE_DONE))

/* ---- tools -------------------------------------------------------------- */

/* Present peer number k. */
static sa_peer *peer(secagg_client *c, uint32_t k)
{
    uint32_t i = 0;

    for (; !c->peers[i].present || k-- > 0; i++)
        ck_assert_uint_lt(i + 1, c->peer_count);
    return &c->peers[i];
}

/* Make the digests those of the sets, so that no other rule is broken. */
static void fix_digests(secagg_client *c)
{
    const secagg_params *own = &c->params->own;

    OK(sa_set_digest(c->h_u2, &c->binding, own->app_digest, 2, own->clients,
        c->u2));
    OK(sa_set_digest(c->h_u3, &c->binding, own->app_digest, 3, own->clients,
        c->u3));
}

static void fix_roster_digest(secagg_client *c)
{
    OK(sa_roster_digest(c->binding.roster, c->params->context, c->graph_seed,
        c->present, c->roster_root));
    fix_digests(c);
}

/* Make the digest of the message accepted last that of SIGNATURES. */
static void fix_last_digest(secagg_client *c)
{
    uint8_t header[PARTY_HEADER];
    sa_writer w = sa_writer_on(header, sizeof header);
    const sa_bytes message[] = { { header, sizeof header },
        { c->signatures, c->signatures_len } };

    sa_header_write(&w, c->params, SA_MSG_SIGNATURES, c->index,
        PARTY_HEADER + c->signatures_len);
    OK(sa_sha256(c->last_digest, message, 2));
}

static uint32_t own_parts(const secagg_client *c)
{
    return c->phase > SECAGG_PHASE_INPUT ? 1 : c->built;
}

/* ---- phase, error, flags ------------------------------------------------ */

static void error_without_failure(secagg_client *c)
{
    c->error = SECAGG_ERR_STATE;
}

static void built_too_early(secagg_client *c)
{
    c->built = true;
}

static void built_taken_back(secagg_client *c)
{
    c->built = false;
}

static void failed_without_error(secagg_client *c)
{
    c->phase = SECAGG_PHASE_FAILED;
}

/* ---- secrets and own points --------------------------------------------- */

static void other_prk(secagg_client *c)
{
    c->secret.prk[31] ^= 1;
}

static void other_rounding_seed(secagg_client *c)
{
    c->secret.rounding[0] ^= 1;
}

static void other_mask_secret(secagg_client *c)
{
    c->secret.mask_secret[0] ^= 1;
}

static void other_index(secagg_client *c)
{
    c->index ^= 1;
}

static void other_enc_key(secagg_client *c)
{
    c->secret.enc_key[5] ^= 1;
}

static void other_mask_key(secagg_client *c)
{
    c->secret.mask_key[5] ^= 1;
}

static void mask_secret_over_ell(secagg_client *c)
{
    memset(c->secret.mask_secret, 0xff, 32);
}

static void self_secret_over_ell(secagg_client *c)
{
    memset(c->secret.self_secret, 0xff, 32);
}

static void own_share_over_ell(secagg_client *c)
{
    memset(c->secret.own_share, 0xff, 32);
}

static void other_enc(secagg_client *c)
{
    c->enc[5] ^= 1;
}

static void other_mask(secagg_client *c)
{
    c->mask[5] ^= 1;
}

static void enc_of_low_order(secagg_client *c)
{
    memset(c->enc, 0, sizeof c->enc);
}

static void mask_not_canonical(secagg_client *c)
{
    memset(c->mask, 0xff, sizeof c->mask);
}

/* ---- roster ------------------------------------------------------------- */

static void peer_enc_of_low_order(secagg_client *c)
{
    memset(peer(c, 1)->enc, 0, 32);
}

static void peer_mask_not_canonical(secagg_client *c)
{
    memset(peer(c, 0)->mask, 0xff, 32);
}

static void one_point_for_two_peers(secagg_client *c)
{
    memcpy(peer(c, 0)->enc, peer(c, 1)->mask, 32);
}

static void own_point_for_a_peer(secagg_client *c)
{
    memcpy(peer(c, 0)->enc, c->enc, 32);
}

static void graph_seed_without_a_ring(secagg_client *c)
{
    c->graph_seed[31] = 1;
}

static void more_than_all_present(secagg_client *c)
{
    c->present = c->params->own.clients + 1;
}

static void fewer_present_than_listed(secagg_client *c)
{
    c->present--;
    fix_roster_digest(c);
}

static void more_present_than_listed(secagg_client *c)
{
    c->present++;
    fix_roster_digest(c);
}

static void one_more_present(secagg_client *c)
{
    c->present++;
}

/* Fewer than the threshold. */
static void roster_below_its_minimum(secagg_client *c)
{
    for (uint32_t i = 1; i < c->peer_count; i++)
        c->peers[i].present = false;
    c->present = 2;
}

static void present_below_the_minimum(secagg_client *c)
{
    c->present = c->params->min_set - 1;
}

static void other_roster_digest(secagg_client *c)
{
    c->binding.roster[0] ^= 1;
}

static void other_graph_seed(secagg_client *c)
{
    c->graph_seed[31] ^= 0x80;
}

static void other_roster_root(secagg_client *c)
{
    c->roster_root[31] ^= 0x80;
}

static void roster_root_of_other_points(secagg_client *c)
{
    c->roster_root[31] ^= 0x80;
    fix_roster_digest(c);
}

static void complaint_before_relay(secagg_client *c)
{
    peer(c, 0)->complaint = true;
}

/* ---- U2 ----------------------------------------------------------------- */

static void not_in_u2(secagg_client *c)
{
    sa_bitmap_remove(c->u2, c->index);
    fix_digests(c);
}

static void u2_beyond_n(secagg_client *c)
{
    c->u2[sa_bitmap_bytes(c->params->own.clients) - 1] |= 0x80;
    fix_digests(c);
}

static void absent_peer_in_u2(secagg_client *c)
{
    sa_bitmap_add(c->u2, LEAVES_AT_KEYS);
    fix_digests(c);
}

static void u2_larger_than_u1(secagg_client *c)
{
    c->present = sa_bitmap_count(c->u2, c->params->own.clients) - 1;
}

/* The client and two more. */
static void u2_below_its_minimum(secagg_client *c)
{
    memset(c->u2, 0, sa_bitmap_bytes(c->params->own.clients));
    sa_bitmap_add(c->u2, c->index);
    sa_bitmap_add(c->u2, peer(c, 0)->index);
    sa_bitmap_add(c->u2, peer(c, 1)->index);
    if (c->phase > SECAGG_PHASE_INPUT)
        memcpy(c->u3, c->u2, sa_bitmap_bytes(c->params->own.clients));
    fix_digests(c);
}

static void too_many_complaints(secagg_client *c)
{
    for (uint32_t i = 0; i < c->peer_count; i++)
        c->peers[i].complaint = sa_bitmap_has(c->u2, c->peers[i].index);
}

static void complaint_of_an_absent_peer(secagg_client *c)
{
    for (uint32_t i = 0; i < c->peer_count; i++)
        c->peers[i].complaint |= c->peers[i].index == LEAVES_AT_SHARES;
}

static void other_digest_of_u2(secagg_client *c)
{
    c->h_u2[31] ^= 0x80;
}

/* ---- U3 ----------------------------------------------------------------- */

static void not_in_u3(secagg_client *c)
{
    sa_bitmap_remove(c->u3, c->index);
    fix_digests(c);
}

static void u3_not_within_u2(secagg_client *c)
{
    sa_bitmap_add(c->u3, LEAVES_AT_SHARES);
    fix_digests(c);
}

static void u3_below_its_minimum(secagg_client *c)
{
    memset(c->u3, 0, sa_bitmap_bytes(c->params->own.clients));
    sa_bitmap_add(c->u3, c->index);
    sa_bitmap_add(c->u3, peer(c, 0)->index);
    fix_digests(c);
}

static void other_digest_of_u3(secagg_client *c)
{
    c->h_u3[0] ^= 1;
}

/* U3 is the client, its neighbours in U2, and one that none of them knows. */
static void u3_not_connected(secagg_client *c)
{
    const secagg_params *own = &c->params->own;
    uint32_t far = 0;
    sa_graph graph;

    OK(sa_graph_init(&graph, own->clients, own->neighbours, c->graph_seed));
    for (uint32_t v = 0; v < own->clients; v++)
        if (v != c->index && !sa_graph_adjacent(&graph, v, c->index))
            sa_bitmap_remove(c->u3, v);
    for (bool near = true; near; far += near) {
        near = far == c->index || sa_graph_adjacent(&graph, far, c->index)
            || !sa_bitmap_has(c->u2, far);
        for (uint32_t v = 0; v < own->clients; v++)
            near |= sa_bitmap_has(c->u3, v)
                && sa_graph_adjacent(&graph, far, v);
        ck_assert_uint_lt(far, own->clients);
    }
    sa_bitmap_add(c->u3, far);
    ck_assert_uint_ge(sa_bitmap_count(c->u3, own->clients),
        own->min_survivors);
    sa_graph_free(&graph);
    fix_digests(c);
}

/* ---- the message accepted last ------------------------------------------ */

#define SIGNED (4 + SECAGG_SIGNATURE_BYTES) /* an item of SIGNATURES */

static void other_last_digest(secagg_client *c)
{
    c->last_digest[31] ^= 0x80;
}

static void cut_signatures(secagg_client *c, uint32_t count)
{
    sa_put_be32(c->signatures, count);
    c->signatures_len = 4 + (size_t)count * SIGNED;
    fix_last_digest(c);
}

/* Own signature, and those of fewer others than the threshold needs. */
static void too_few_signatures(secagg_client *c)
{
    cut_signatures(c, c->params->own.threshold - 1);
}

static void no_signatures(secagg_client *c)
{
    cut_signatures(c, 0);
}

static void signatures_without_a_count(secagg_client *c)
{
    c->signatures_len = 3;
    fix_last_digest(c);
}

static void a_byte_after_the_signatures(secagg_client *c)
{
    sa_put_be32(c->signatures, sa_get_be32(c->signatures) - 1);
    fix_last_digest(c);
}

static void signatures_not_valid(secagg_client *c)
{
    const uint32_t count = sa_get_be32(c->signatures);

    for (uint32_t i = 0; i < count; i++)
        c->signatures[4 + i * SIGNED + 4] ^= 1;
    fix_last_digest(c);
}

/* Enough of them are valid, but the last signer is not in U3. */
static void signature_of_a_dropout(secagg_client *c)
{
    const uint32_t count = sa_get_be32(c->signatures);

    sa_put_be32(c->signatures + 4 + (count - 1) * SIGNED, LEAVES_AT_INPUT);
    fix_last_digest(c);
}

/* Enough of them are valid, but SIGNATURES had one more. */
static void one_signature_less(secagg_client *c)
{
    uint8_t digest[sizeof c->last_digest];

    memcpy(digest, c->last_digest, sizeof digest);
    cut_signatures(c, sa_get_be32(c->signatures) - 1);
    memcpy(c->last_digest, digest, sizeof digest);
}

/* Another U3, for which nobody signed; all digests fit it. */
static void u3_not_confirmed(secagg_client *c)
{
    sa_bitmap_remove(c->u3, peer(c, 0)->index);
    fix_digests(c);
}

/* ---- identities --------------------------------------------------------- */

static void no_identity(secagg_client *c)
{
    c->has_id = false;
}

static void own_identity_not_valid(secagg_client *c)
{
    memset(c->id, 0, sizeof c->id);
    if (c->ids != NULL)
        memset(c->ids[c->index], 0, 32);
}

static void peer_identity_not_valid(secagg_client *c)
{
    memset(c->ids[peer(c, 0)->index], 0, 32);
}

static void one_identity_for_two_peers(secagg_client *c)
{
    memcpy(c->ids[peer(c, 0)->index], c->ids[peer(c, 1)->index], 32);
}

static void own_identity_for_a_peer(secagg_client *c)
{
    memcpy(c->ids[peer(c, 1)->index], c->id, 32);
}

static void trusted_key_not_valid(secagg_client *c)
{
    memset(c->trust.keys[2], 0, 32);
}

static void one_trusted_key_for_two(secagg_client *c)
{
    memcpy(c->trust.keys[2], c->trust.keys[3], 32);
}

static void trusted_keys_beyond_n(secagg_client *c)
{
    c->trust.map[sa_bitmap_bytes(c->trust.n) - 1] |= 0x80;
}

static void long_credential(secagg_client *c)
{
    sa_free(c->credential);
    c->credential_len = SECAGG_CREDENTIAL_MAX + 1;
    c->credential = sa_alloc(c->credential_len, 1);
    ck_assert_ptr_nonnull(c->credential);
}

/* ---- input and messages ------------------------------------------------- */

static void part_too_large(secagg_client *c)
{
    c->input.part_blocks = 1ull << 32;
}

static void more_parts_than_all(secagg_client *c)
{
    c->parts = own_parts(c) + 1;
}

static void parts_missing(secagg_client *c)
{
    c->parts--;
}

static void short_message(secagg_client *c)
{
    const uint64_t body = --c->message_len - PARTY_HEADER;

    c->message[PARTY_AT_LENGTH + 6] = (uint8_t)(body >> 8 & 255);
    c->message[PARTY_AT_LENGTH + 7] = (uint8_t)(body & 255);
}

/* The message of another phase, or of no client. */
static void message_of_another_type(secagg_client *c)
{
    c->message[PARTY_AT_TYPE] = c->message[PARTY_AT_TYPE] == 7 ? 9 : 7;
}

static void message_of_the_server(secagg_client *c)
{
    c->message[PARTY_AT_TYPE] = 2;
}

static void message_of_another_client(secagg_client *c)
{
    c->message[PARTY_AT_INDEX + 3] ^= 1;
}

static void message_of_another_session(secagg_client *c)
{
    c->message[8] ^= 1;
}

static void message_without_header(secagg_client *c)
{
    c->message_len = PARTY_HEADER - 1;
}

/* ---- the table ---------------------------------------------------------- */

typedef struct rule {
    void (*break_it)(secagg_client *c);
    int forms;
    unsigned at; /* phases in which it can be broken */
} rule;

static const rule rules[] = {
    { error_without_failure, ALL, EVERYWHERE },
    { failed_without_error, ALL, EVERYWHERE },
    { built_too_early, ALL, NOT_BUILT(SECAGG_PHASE_KEYS)
        | NOT_BUILT(SECAGG_PHASE_SHARES) | NOT_BUILT(SECAGG_PHASE_INPUT)
        | NOT_BUILT(SECAGG_PHASE_CONFIRM) | UNMASK },
    { built_taken_back, ALL, BUILT(SECAGG_PHASE_SHARES)
        | BUILT(SECAGG_PHASE_INPUT) | DONE },
    { other_prk, ALL, KEYS },
    { other_rounding_seed, ALL, KEYS },
    { other_mask_secret, ALL, NOT_DEALT },
    { other_index, ALL, NOT_DEALT | HAS_MESSAGE },
    { other_enc_key, ALL, NOT_DEALT },
    { other_mask_key, ALL, KEYS | SHARES | INPUT },
    { mask_secret_over_ell, ALL, NOT_DEALT },
    { self_secret_over_ell, ALL, SHARES | INPUT },
    { own_share_over_ell, ALL, DEALT },
    { other_enc, ALL, NOT_DEALT },
    { other_mask, ALL, KEYS | SHARES | INPUT },
    { enc_of_low_order, ALL, EVERYWHERE },
    { mask_not_canonical, ALL, EVERYWHERE },
    { peer_enc_of_low_order, ALL, FROM_ROSTER },
    { peer_mask_not_canonical, ALL, FROM_ROSTER },
    { one_point_for_two_peers, ALL, FROM_ROSTER },
    { own_point_for_a_peer, ALL, FROM_ROSTER },
    { graph_seed_without_a_ring, COMPLETE | ACTIVE, FROM_ROSTER },
    { more_than_all_present, ALL, FROM_ROSTER },
    { fewer_present_than_listed, COMPLETE | ACTIVE, FROM_ROSTER },
    { more_present_than_listed, COMPLETE | ACTIVE, FROM_ROSTER },
    { one_more_present, ALL, FROM_ROSTER },
    { roster_below_its_minimum, ALL, SHARES },
    { present_below_the_minimum, RING, FROM_ROSTER },
    { other_roster_digest, ALL, FROM_ROSTER },
    { other_graph_seed, RING, FROM_ROSTER },
    { other_roster_root, ALL, FROM_ROSTER },
    { roster_root_of_other_points, COMPLETE, FROM_ROSTER },
    { complaint_before_relay, ALL, SHARES },
    { not_in_u2, ALL, FROM_RELAY },
    { u2_beyond_n, ALL, FROM_RELAY },
    { absent_peer_in_u2, COMPLETE | ACTIVE, FROM_RELAY },
    { u2_larger_than_u1, RING, FROM_RELAY },
    { u2_below_its_minimum, ALL, FROM_RELAY },
    { too_many_complaints, ALL, FROM_RELAY },
    { complaint_of_an_absent_peer, COMPLETE | ACTIVE, FROM_RELAY },
    { other_digest_of_u2, ALL, FROM_RELAY },
    { not_in_u3, ALL, FROM_SURVIVORS },
    { u3_not_within_u2, ALL, FROM_SURVIVORS },
    { u3_below_its_minimum, ALL, FROM_SURVIVORS },
    { other_digest_of_u3, ALL, FROM_SURVIVORS },
    { u3_not_connected, RING, FROM_SURVIVORS },
    { other_last_digest, ALL, KEYS | FROM_SURVIVORS },
    { no_signatures, ACTIVE, UNMASK | DONE },
    { too_few_signatures, ACTIVE, UNMASK | DONE },
    { signatures_without_a_count, ACTIVE, UNMASK | DONE },
    { a_byte_after_the_signatures, ACTIVE, UNMASK | DONE },
    { signatures_not_valid, ACTIVE, UNMASK | DONE },
    { signature_of_a_dropout, ACTIVE, UNMASK | DONE },
    { one_signature_less, ACTIVE, UNMASK | DONE },
    { u3_not_confirmed, ACTIVE, UNMASK },
    { no_identity, ACTIVE, BUILT(SECAGG_PHASE_KEYS) | FROM_ROSTER },
    { own_identity_not_valid, ACTIVE, EVERYWHERE },
    { peer_identity_not_valid, ACTIVE, FROM_ROSTER },
    { one_identity_for_two_peers, ACTIVE, FROM_ROSTER },
    { own_identity_for_a_peer, ACTIVE, FROM_ROSTER },
    { trusted_key_not_valid, ACTIVE, KEYS },
    { one_trusted_key_for_two, ACTIVE, KEYS },
    { trusted_keys_beyond_n, ACTIVE, KEYS },
    { long_credential, ACTIVE, KEYS },
    { part_too_large, ALL, EVERYWHERE },
    { more_parts_than_all, ALL, EVERYWHERE },
    { parts_missing, ALL, BUILT(SECAGG_PHASE_INPUT) | FROM_SURVIVORS },
    { short_message, ALL, HAS_MESSAGE },
    { message_of_another_type, ALL, HAS_MESSAGE },
    { message_of_the_server, ALL, HAS_MESSAGE },
    { message_of_another_client, ALL, HAS_MESSAGE },
    { message_of_another_session, ALL, HAS_MESSAGE },
    { message_without_header, ALL, HAS_MESSAGE },
};
#define RULES (sizeof rules / sizeof *rules)

static uint32_t broken[RULES]; /* how often each was */

/* ---- running ------------------------------------------------------------ */

/* Save a client and resume it; returns the error. Frees the client. */
static secagg_err save_and_resume(secagg_client *c)
{
    static const uint8_t key[SECAGG_SEED_BYTES] = { 0x21 };
    const size_t len = secagg_client_save_size(c);
    uint8_t *state = malloc(len);
    secagg_client *again = NULL;
    secagg_err err;

    ck_assert_ptr_nonnull(state);
    OK(secagg_client_save(c, state, len, key));
    secagg_client_free(c);
    err = secagg_client_resume(&again, state, len, key, 0, NULL, -1);
    ck_assert_int_eq(again != NULL, err == SECAGG_OK);
    secagg_client_free(again);
    free(state);
    return err;
}

static secagg_params params_of(int form)
{
    secagg_params params = params_of_mode(
        form == ACTIVE ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST,
        form == RING ? 23 : 9, form == RING ? 3 : 5, 0);

    params.neighbours = form == RING ? 4 : 0;
    params.min_survivors = form == RING ? 4 : 5;
    return params;
}

/* Break each rule that can be broken now in a copy of client 0. */
static void break_rules(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    const int form = *(const int *)r->user;
    const secagg_client *c = r->clients[0];
    const unsigned at = c->built ? BUILT(c->phase) : NOT_BUILT(c->phase);

    (void)now;
    (void)part;
    if (i != 0)
        return;
    OK(save_and_resume(driver_copy_client(r->clients[0])));
    for (size_t k = 0; k < RULES; k++) {
        secagg_client *copy;
        secagg_err err;
        if ((rules[k].forms & form) == 0 || (rules[k].at & at) == 0)
            continue;
        copy = driver_copy_client(r->clients[0]);
        rules[k].break_it(copy);
        err = save_and_resume(copy);
        ck_assert_msg(err == SECAGG_ERR_MESSAGE, "rule %zu, form %d, phase "
            "%d: %d", k, form, (int)c->phase, err);
        broken[k]++;
    }
}

static void begin(driver *r, int *form)
{
    const secagg_params params = params_of(*form);

    driver_init(r, &params, 61);
    r->leaves[LEAVES_AT_KEYS] = SECAGG_PHASE_KEYS;
    r->leaves[LEAVES_AT_SHARES] = SECAGG_PHASE_SHARES;
    r->leaves[LEAVES_AT_INPUT] = SECAGG_PHASE_INPUT;
    r->user = form;
}

START_TEST(resume_rejects_a_state_that_breaks_a_rule)
{
    for (int form = COMPLETE; form <= ACTIVE; form *= 2) {
        driver r;
        begin(&r, &form);
        r.on_event = break_rules;
        OK(driver_run(&r));
        driver_check_sum(&r);
        driver_free(&r);
    }
    for (size_t k = 0; k < RULES; k++)
        ck_assert_msg(broken[k] > 0, "rule %zu was never broken", k);
}
END_TEST

/* A phase decides which fields there are, and what must bind them: a client
 * that is in another phase than its fields say is rejected. */
static void change_phase(driver *r, uint32_t i, driver_event now,
    uint64_t part)
{
    (void)now;
    (void)part;
    for (int phase = 0; phase < SECAGG_PHASE_FAILED && i == 0; phase++) {
        secagg_client *copy;
        secagg_err err;
        if (r->clients[0]->phase == (secagg_phase)phase)
            continue;
        copy = driver_copy_client(r->clients[0]);
        copy->phase = (secagg_phase)phase;
        err = save_and_resume(copy);
        ck_assert_msg(err == SECAGG_ERR_MESSAGE, "form %d, phase %d as %d: %d",
            *(const int *)r->user, (int)r->clients[0]->phase, phase, err);
    }
}

START_TEST(resume_rejects_a_state_in_another_phase)
{
    for (int form = COMPLETE; form <= ACTIVE; form *= 2) {
        driver r;
        begin(&r, &form);
        r.on_event = change_phase;
        OK(driver_run(&r));
        driver_free(&r);
    }
}
END_TEST

/* ---- what a state binds -------------------------------------------------- */

/* Read a client from the bytes of a state, before they are sealed, and check
 * it as secagg_client_resume() does. */
static secagg_err read_state(secagg_client **copy, const secagg_client *c,
    const uint8_t *bytes, size_t len)
{
    secagg_err err = sa_client_state_read(copy, c->index, bytes, len);

    if (err != SECAGG_OK)
        return err;
    err = sa_client_check(*copy);
    if (!sa_ct_equal((*copy)->params->context, c->params->context, 32))
        err = SECAGG_ERR_MESSAGE; /* that of the head */
    if (err != SECAGG_OK)
        sa_client_free(*copy);
    return err;
}

#define SAME(member)                                                          \
    ck_assert_mem_eq(&a->member, &b->member, sizeof a->member)

/* Two clients agree on all that a state binds: phase and messages; roster and
 * sets; the proof that U3 is confirmed; and where the whole roster is known,
 * the points of all. */
static void check_bound(const secagg_client *a, const secagg_client *b)
{
    const size_t map = sa_bitmap_bytes(a->params->own.clients);

    SAME(phase);
    SAME(error);
    SAME(built);
    SAME(parts);
    SAME(graph_seed);
    SAME(roster_root);
    SAME(present);
    SAME(binding);
    SAME(h_u2);
    SAME(h_u3);
    ck_assert_mem_eq(a->u2, b->u2, map);
    ck_assert_mem_eq(a->u3, b->u3, map);
    ck_assert_uint_eq(a->signatures_len, b->signatures_len);
    ck_assert_mem_eq(a->signatures_len > 0 ? a->signatures : a->u2,
        b->signatures_len > 0 ? b->signatures : b->u2, a->signatures_len);
    if (a->phase != SECAGG_PHASE_SHARES && a->phase != SECAGG_PHASE_INPUT)
        SAME(last_digest);
    if (sa_params_ring(a->params) || sa_params_active(a->params))
        return;
    SAME(enc);
    SAME(mask);
    for (uint32_t i = 0; i < a->peer_count; i++) {
        SAME(peers[i].present);
        SAME(peers[i].enc);
        SAME(peers[i].mask);
    }
}

/* Flip a bit in bytes of the state, some more in each run of an event. */
static void flip_bits(driver *r, uint32_t i, driver_event now, uint64_t part)
{
    const size_t step = getenv("SECAGG_LONG") != NULL ? 1 : 7;
    const secagg_client *c = r->clients[0];
    const size_t len = i == 0 ? sa_client_state_size(c) : 0;
    uint8_t *bytes = malloc(len + 1);

    ck_assert_ptr_nonnull(bytes);
    if (i == 0)
        OK(sa_client_state_write(c, bytes, len));
    for (size_t at = ((size_t)now + part) % step; at < len; at += step) {
        secagg_client *copy = NULL;
        secagg_err err;
        bytes[at] = (uint8_t)(bytes[at] ^ 1u << at % 8);
        err = read_state(&copy, c, bytes, len);
        ck_assert(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
        if (err == SECAGG_OK) {
            check_bound(copy, c);
            sa_client_free(copy);
        }
        bytes[at] = (uint8_t)(bytes[at] ^ 1u << at % 8);
    }
    free(bytes);
}

START_TEST(no_changed_bit_of_a_state_changes_roster_sets_or_proof)
{
    for (int form = COMPLETE; form <= ACTIVE; form *= 2) {
        driver r;
        begin(&r, &form);
        r.on_event = flip_bits;
        OK(driver_run(&r));
        driver_free(&r);
    }
}
END_TEST

/* ---- clients that failed ------------------------------------------------ */

/* A copy of a client that has failed with AUTH. */
static secagg_client *failed_client(const driver *r)
{
    secagg_client *c = driver_copy_client(r->clients[0]);

    sa_client_fail(c, SECAGG_ERR_AUTH);
    return c;
}

/* The ABORT has a header of the client, its code is the error, and it blames
 * nobody. */
START_TEST(resume_rejects_a_failed_client_with_another_abort)
{
    static const secagg_err never[] = { SECAGG_OK, SECAGG_ERR_ARG,
        SECAGG_ERR_SIZE, SECAGG_ERR_VALUE, SECAGG_ERR_STALE,
        SECAGG_ERR_INPUT_DUE, SECAGG_ERR_REPEAT, SECAGG_ERR_POLICY,
        SECAGG_ERR_RANDOM };
    int form = COMPLETE;
    secagg_client *c;
    driver r;

    begin(&r, &form);
    OK(save_and_resume(failed_client(&r)));
    for (size_t at = 0; at < PARTY_HEADER + 10; at++) {
        c = failed_client(&r);
        c->abort[at] ^= 0x40;
        ck_assert_int_eq(save_and_resume(c), SECAGG_ERR_MESSAGE);
    }
    for (size_t k = 0; k < sizeof never / sizeof *never; k++) {
        c = driver_copy_client(r.clients[0]);
        sa_client_fail(c, never[k]);
        ck_assert_int_eq(save_and_resume(c), SECAGG_ERR_MESSAGE);
    }
    c = failed_client(&r);
    c->out_len--;
    ck_assert_int_eq(save_and_resume(c), SECAGG_ERR_MESSAGE);
    c = failed_client(&r);
    c->built = false;
    ck_assert_int_eq(save_and_resume(c), SECAGG_ERR_MESSAGE);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { resume_rejects_a_state_that_breaks_a_rule,
        resume_rejects_a_state_in_another_phase,
        no_changed_bit_of_a_state_changes_roster_sets_or_proof,
        resume_rejects_a_failed_client_with_another_abort };
    return RUN(tests);
}
