/* SPDX-License-Identifier: Apache-2.0 */
/* The saved state of a server (PROTOCOL.md 11.5): how it is sealed, which states
 * a server must not be resumed from, and when a server that is saved gives out
 * messages. A test of a rule breaks it in a copy of a server, in memory, and
 * saves that; so it needs no knowledge of the layout. */
#include <sodium.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "server/server_state.h"
#include "support/main.h"
#include "support/oracle.h"
#include "support/parts_driver.h"
#include "support/util.h"

#define HEAD 52 /* "LSAS", version, 0, generation, index, H_ctx */
#define NONCE 24
#define EXTRA (HEAD + NONCE + 16)
#define AT_GENERATION 8
#define AT_INDEX 16
#define AT_CONTEXT 20

static const uint8_t key[SECAGG_SEED_BYTES] = { 7, 7, 1 };

typedef struct state {
    uint8_t *bytes;
    size_t len;
} state;

static state save(secagg_server *s)
{
    state out = { NULL, secagg_server_save_size(s) };

    out.bytes = malloc(out.len);
    ck_assert_ptr_nonnull(out.bytes);
    OK(secagg_server_save(s, out.bytes, out.len, key));
    return out;
}

/* The error of a resume. */
static secagg_err error_of(const uint8_t *bytes, size_t len, uint64_t least,
    const secagg_params *params)
{
    uint8_t *copy = exact_copy(bytes, len);
    secagg_server *s = NULL;
    const secagg_err err = secagg_server_resume(&s, copy, len, key, least,
        params);

    ck_assert_int_eq(s != NULL, err == SECAGG_OK);
    secagg_server_free(s);
    free(copy);
    return err;
}

/* ---- servers in every phase --------------------------------------------- */

enum { COMPLETE = 1, RING = 2, ACTIVE = 4, ALL = 7 };

#define AT(phase) (1u << (phase))
#define KEYS AT(SECAGG_PHASE_KEYS)
#define SHARES AT(SECAGG_PHASE_SHARES)
#define INPUT AT(SECAGG_PHASE_INPUT)
#define CONFIRM AT(SECAGG_PHASE_CONFIRM)
#define UNMASK AT(SECAGG_PHASE_UNMASK)
#define DONE AT(SECAGG_PHASE_DONE)
#define FAILED AT(SECAGG_PHASE_FAILED)
#define LIVE (KEYS | SHARES | INPUT | CONFIRM | UNMASK)
#define EVERYWHERE (LIVE | DONE | FAILED)
#define FROM_U1 (SHARES | INPUT | CONFIRM | UNMASK)
#define FROM_U2 (INPUT | CONFIRM | UNMASK)
#define FROM_U3 (CONFIRM | UNMASK)

/* Client 7 is never there and client 6 leaves in SHARES; in the middle of
 * INPUT client 5 has sent one part, and then it leaves. */
#define CLIENTS 8
#define GONE 7
#define LATE 6
#define STAGED 5

static secagg_params params_of(int form)
{
    secagg_params p = mixed_params(1);

    p.clients = CLIENTS;
    p.threshold = form == RING ? 4 : 5;
    p.neighbours = form == RING ? 6 : 0;
    p.min_survivors = 2;
    p.mode = form == ACTIVE ? SECAGG_ACTIVE : SECAGG_SEMI_HONEST;
    return p;
}

static void send(driver *r, uint32_t i)
{
    size_t len;
    uint8_t *msg = driver_client_send(r->clients[i], &len);

    OK(secagg_server_recv(r->server, i, msg, len));
    free(msg);
}

static void send_part(driver *r, uint32_t i)
{
    OK(secagg_client_set_part_size(r->clients[i], 512 * 3));
    mixed_input(r, i, 0, 3);
    send(r, i);
}

/* Clients 0 to 4 answer; the others as said above. */
static void answer_all(driver *r)
{
    const secagg_phase phase = secagg_server_phase(r->server);

    for (uint32_t i = 0; i < STAGED; i++) {
        if (phase == SECAGG_PHASE_INPUT)
            mixed_input(r, i, 0, r->blocks);
        send(r, i);
    }
    if (phase == SECAGG_PHASE_KEYS)
        send(r, LATE);
    if (phase < SECAGG_PHASE_INPUT)
        send(r, STAGED);
    else if (phase == SECAGG_PHASE_INPUT)
        send_part(r, STAGED);
    r->leaves[GONE] = SECAGG_PHASE_KEYS;
    r->leaves[LATE] = SECAGG_PHASE_SHARES;
    r->leaves[STAGED] = SECAGG_PHASE_INPUT;
}

/* Calls f with the server of a session: in each phase before the first answer
 * and after the last one, and when it is over. */
static void visit(int form, void (*f)(driver *r, int form))
{
    const secagg_params params = params_of(form);
    driver r;

    mixed_init(&r, &params);
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        f(&r, form);
        answer_all(&r);
        f(&r, form);
        OK(secagg_server_advance(r.server));
        if (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
            state s = save(r.server); /* then it gives out messages */
            driver_deliver(&r);
            free(s.bytes);
        }
    }
    f(&r, form);
    mixed_check(&r);
    driver_free(&r);
    mixed_init(&r, &params);
    answer_all(&r);
    OK(secagg_server_advance(r.server));
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_ERR_THRESHOLD);
    f(&r, form);
    driver_free(&r);
}

static void visit_all(void (*f)(driver *r, int form))
{
    for (int form = COMPLETE; form <= ACTIVE; form *= 2)
        visit(form, f);
}

/* ---- the seal, computed again with libsodium ---------------------------- */

static void derive(uint8_t derived[32], const char *label, const uint8_t *head)
{
    uint8_t context[36];

    memcpy(context, head + AT_CONTEXT, 32);
    memcpy(context + 32, head + AT_INDEX, 4);
    naive_expand(derived, 32, key, label, context, sizeof context);
}

static size_t open_state(uint8_t *plain, const state *s)
{
    const uint8_t *nonce = s->bytes + HEAD;
    uint8_t derived[32];

    derive(derived, "LSA1 save key", s->bytes);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL,
        NULL, nonce + NONCE, s->len - HEAD - NONCE, s->bytes, HEAD, nonce,
        derived), 0);
    return s->len - EXTRA;
}

/* Seals `len` bytes under a head. */
static state seal_state(const uint8_t *head, const uint8_t *plain, size_t len)
{
    state s = { malloc(len + EXTRA), len + EXTRA };
    uint8_t *nonce = s.bytes + HEAD, derived[32], tag[32];
    crypto_auth_hmacsha256_state hmac;

    ck_assert_ptr_nonnull(s.bytes);
    memcpy(s.bytes, head, HEAD);
    derive(derived, "LSA1 save nonce", head);
    crypto_auth_hmacsha256_init(&hmac, derived, sizeof derived);
    crypto_auth_hmacsha256_update(&hmac, head, HEAD);
    crypto_auth_hmacsha256_update(&hmac, plain, len);
    crypto_auth_hmacsha256_final(&hmac, tag);
    memcpy(nonce, tag, NONCE);
    derive(derived, "LSA1 save key", head);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE,
        NULL, plain, len, head, HEAD, NULL, nonce, derived), 0);
    return s;
}

static void check_seal(driver *r, int form)
{
    static const uint8_t nobody[4] = { 0xff, 0xff, 0xff, 0xff };
    state s = save(r->server), again;
    uint8_t *plain = malloc(s.len), generation[8];
    const size_t len = open_state(plain, &s);

    (void)form;
    sa_put_be64(generation, secagg_server_generation(r->server));
    ck_assert_mem_eq(s.bytes, "LSAS\0\1\0", AT_GENERATION);
    ck_assert_mem_eq(s.bytes + AT_GENERATION, generation, 8);
    ck_assert_mem_eq(s.bytes + AT_INDEX, nobody, sizeof nobody);
    again = seal_state(s.bytes, plain, len);
    ck_assert_mem_eq(again.bytes, s.bytes, s.len);
    free(again.bytes);
    free(plain);
    free(s.bytes);
}

START_TEST(the_state_of_a_server_is_sealed_as_specified)
{
    visit_all(check_seal);
}
END_TEST

static void check_size(driver *r, int form)
{
    const size_t size = secagg_server_save_size(r->server);
    const uint64_t before = secagg_server_generation(r->server);
    uint8_t *bytes = malloc(size + 1);

    (void)form;
    ck_assert_ptr_nonnull(bytes);
    for (size_t len = size - 1; len <= size + 1; len++)
        ck_assert_int_eq(secagg_server_save(r->server, bytes, len, key),
            len == size ? SECAGG_OK : SECAGG_ERR_SIZE);
    ck_assert_int_eq(secagg_server_save(r->server, bytes, 0, key),
        SECAGG_ERR_SIZE);
    ck_assert_uint_eq(secagg_server_generation(r->server), before + 1);
    free(bytes);
}

START_TEST(save_requires_the_exact_size)
{
    visit_all(check_size);
}
END_TEST

/* ---- heads -------------------------------------------------------------- */

static void check_head(driver *r, int form)
{
    const uint64_t generation = secagg_server_generation(r->server) + 1;
    secagg_params other = r->params;
    state s = save(r->server);
    uint64_t rng = s.len;

    other.session[3] ^= 1;
    OK(error_of(s.bytes, s.len, 0, NULL));
    OK(error_of(s.bytes, s.len, generation, &r->params));
    ck_assert_int_eq(error_of(s.bytes, s.len, generation + 1, NULL),
        SECAGG_ERR_STALE);
    ck_assert_int_eq(error_of(s.bytes, s.len, UINT64_MAX, &r->params),
        SECAGG_ERR_STALE);
    ck_assert_int_eq(error_of(s.bytes, s.len, UINT64_MAX, &other),
        SECAGG_ERR_AUTH);
    other.threshold = 0;
    ck_assert_int_eq(error_of(s.bytes, s.len, 0, &other), SECAGG_ERR_ARG);
    for (int k = 0; k < 200; k++) {
        const size_t at = k < EXTRA ? (size_t)k
                                    : (size_t)(prng_next(&rng) % s.len);
        s.bytes[at] ^= 0x40;
        ck_assert_int_eq(error_of(s.bytes, s.len, 0, NULL),
            at < AT_GENERATION ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
        s.bytes[at] ^= 0x40;
    }
    for (size_t len = 0; len < s.len; len += 1 + len / 16)
        ck_assert_int_eq(error_of(s.bytes, len, 0, NULL), len < EXTRA
                ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    free(s.bytes);
    (void)form;
}

START_TEST(resume_rejects_altered_old_and_foreign_states)
{
    visit_all(check_head);
}
END_TEST

/* The state of a client is none of a server, and the other way about, though
 * one key seals both. */
START_TEST(a_client_and_a_server_cannot_be_swapped)
{
    const secagg_params params = params_of(COMPLETE);
    secagg_client *c = NULL;
    secagg_server *s = NULL;
    uint8_t *bytes, *plain;
    state sealed;
    size_t len;
    driver r;

    mixed_init(&r, &params);
    sealed = save(r.server);
    len = secagg_client_save_size(r.clients[0]);
    bytes = malloc(len);
    plain = malloc(sealed.len);
    ck_assert_ptr_nonnull(bytes);
    OK(secagg_client_save(r.clients[0], bytes, len, key));
    ck_assert_int_eq(secagg_server_resume(&s, bytes, len, key, 0, NULL),
        SECAGG_ERR_AUTH);
    ck_assert_int_eq(secagg_client_resume(&c, sealed.bytes, sealed.len, key, 0,
        NULL, 0), SECAGG_ERR_AUTH);
    ck_assert_int_eq(secagg_client_resume(&c, sealed.bytes, sealed.len, key, 0,
        NULL, -1), SECAGG_ERR_MESSAGE);
    ck_assert_ptr_null(c);
    ck_assert_ptr_null(s);
    free(bytes);
    free(plain);
    free(sealed.bytes);
    driver_free(&r);
}
END_TEST

/* ---- plaintexts that are no states -------------------------------------- */

/* Any cut and any byte more is found. A byte that is changed gives another
 * state or none; if it gives one, saving that gives the same bytes. */
static void check_content(driver *r, int form)
{
    state s = save(r->server), other;
    uint8_t *plain = malloc(s.len), *again = malloc(s.len);
    const size_t len = open_state(plain, &s);
    uint64_t rng = len + (uint64_t)form;

    for (size_t cut = 0; cut < len; cut += 1 + cut / 8) {
        other = seal_state(s.bytes, plain, cut);
        ck_assert_int_eq(error_of(other.bytes, other.len, 0, NULL),
            SECAGG_ERR_MESSAGE);
        free(other.bytes);
    }
    plain[len] = 0;
    other = seal_state(s.bytes, plain, len + 1);
    ck_assert_int_eq(error_of(other.bytes, other.len, 0, NULL),
        SECAGG_ERR_MESSAGE);
    free(other.bytes);
    for (int k = 0; k < 400; k++) {
        const size_t at = (size_t)(prng_next(&rng) % (k < 200 && len > 800
            ? 800 : len));
        const uint8_t bit = (uint8_t)(1u << prng_next(&rng) % 8);
        secagg_server *next = NULL;
        secagg_err err;
        plain[at] ^= bit;
        other = seal_state(s.bytes, plain, len);
        err = secagg_server_resume(&next, other.bytes, other.len, key, 0,
            NULL);
        ck_assert(err == SECAGG_OK || err == SECAGG_ERR_MESSAGE);
        if (err == SECAGG_OK) {
            ck_assert_uint_eq(secagg_server_save_size(next), other.len);
            next->generation--;
            OK(secagg_server_save(next, again, other.len, key));
            ck_assert_mem_eq(again, other.bytes, other.len);
        }
        secagg_server_free(next);
        free(other.bytes);
        plain[at] ^= bit;
    }
    free(plain);
    free(again);
    free(s.bytes);
}

START_TEST(a_state_has_one_encoding_and_what_is_none_is_rejected)
{
    visit_all(check_content);
}
END_TEST

/* ---- each rule ---------------------------------------------------------- */

/* Returns false if the rule cannot be broken in this server. */
typedef bool breaking(secagg_server *s);

static bool has(const uint8_t *map, uint32_t i)
{
    return sa_bitmap_has(map, i);
}

static bool error_out_of_range(secagg_server *s)
{
    s->error = SECAGG_ERR_STATE;
    return true;
}

static bool no_reason(secagg_server *s)
{
    s->reason[0] = '\0';
    return true;
}

static bool confirm_without_active_mode(secagg_server *s)
{
    s->phase = SECAGG_PHASE_CONFIRM;
    return true;
}

static bool answered_but_not_in(secagg_server *s)
{
    sa_bitmap_add(s->answered, GONE);
    return !has(s->in, GONE);
}


static bool in_and_lost(secagg_server *s)
{
    sa_server_lose(s, 0, SECAGG_PHASE_KEYS, 0);
    return true;
}

static bool out_and_not_lost(secagg_server *s)
{
    s->losses[GONE].after_phase = 0;
    return !has(s->in, GONE);
}

static bool lost_in_another_phase(secagg_server *s)
{
    sa_server_lose(s, GONE, SECAGG_PHASE_INPUT, 0);
    return !has(s->in, GONE);
}

static bool lost_later_than_now(secagg_server *s)
{
    sa_server_lose(s, LATE, SECAGG_PHASE_DONE, 0);
    return !has(s->in, LATE);
}

static bool aborted_and_not_lost(secagg_server *s)
{
    sa_bitmap_add(s->aborted, 0);
    return true;
}

static bool silent_in_this_phase(secagg_server *s)
{
    sa_bitmap_remove(s->in, 0);
    sa_bitmap_remove(s->answered, 0);
    sa_server_lose(s, 0, s->phase, 0);
    return s->phase < SECAGG_PHASE_DONE;
}

static bool u1_too_small(secagg_server *s)
{
    for (uint32_t i = 0; i < s->params->min_set - 1; i++)
        if (!has(s->roster.map, i))
            return false;
    memset(s->roster.map, 0, sa_bitmap_bytes(CLIENTS));
    for (uint32_t i = 0; i < s->params->min_set - 1; i++)
        sa_bitmap_add(s->roster.map, i);
    memcpy(s->u2, s->roster.map, sa_bitmap_bytes(CLIENTS));
    memcpy(s->u3, s->roster.map, sa_bitmap_bytes(CLIENTS));
    return true;
}

static bool u2_beyond_u1(secagg_server *s)
{
    sa_bitmap_add(s->u2, GONE);
    return true;
}

static bool u3_beyond_u2(secagg_server *s)
{
    sa_bitmap_add(s->u3, LATE);
    return true;
}

static bool u3_too_small(secagg_server *s)
{
    sa_bitmap_remove(s->u3, 0);
    return true;
}

static bool u4_too_small(secagg_server *s)
{
    sa_free(s->clients[0].confirm);
    s->clients[0].confirm = NULL;
    return true;
}

static bool point_of_low_order(secagg_server *s)
{
    memset(s->roster.enc[0], 0, 32);
    return has(s->roster.map, 0);
}

static bool point_not_canonical(secagg_server *s)
{
    memset(s->roster.mask[0], 0xff, 32);
    return has(s->roster.map, 0);
}

static bool one_point_for_two(secagg_server *s)
{
    memcpy(s->roster.mask[0], s->roster.enc[1], 32);
    return has(s->roster.map, 0) && has(s->roster.map, 1);
}

static bool identity_not_valid(secagg_server *s)
{
    memset(s->roster.id[0], 0, 32);
    return has(s->roster.map, 0);
}

static bool one_identity_for_two(secagg_server *s)
{
    memcpy(s->roster.id[0], s->roster.id[1], 32);
    return has(s->roster.map, 0) && has(s->roster.map, 1);
}

static bool long_credential(secagg_server *s)
{
    const size_t len = SECAGG_CREDENTIAL_MAX + 1;

    sa_free(s->clients[0].credential);
    s->clients[0].credential = sa_alloc(len, 1);
    s->roster.credential[0] = (sa_bytes){ s->clients[0].credential, len };
    return has(s->roster.map, 0);
}

static bool trusted_key_not_valid(secagg_server *s)
{
    memset(s->trust.keys[2], 0, 32);
    return true;
}

static bool one_trusted_key_for_two(secagg_server *s)
{
    memcpy(s->trust.keys[2], s->trust.keys[3], 32);
    return true;
}

static bool complaint_of_nobody(secagg_server *s)
{
    const uint32_t at = sa_server_peer_position(s, 0, GONE);

    if (s->clients[0].complaints == NULL || at == s->peer_count
        || sa_server_peers(s, 0)[at] != GONE)
        return false;
    sa_bitmap_add(s->clients[0].complaints, at);
    return true;
}

static bool complaints_of_all(secagg_server *s)
{
    const uint32_t *peers = sa_server_peers(s, 0);

    if (s->clients[0].complaints == NULL)
        return false;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (has(s->u2, peers[i]))
            sa_bitmap_add(s->clients[0].complaints, i);
    return true;
}

static bool complaints_without_input(secagg_server *s)
{
    if (s->clients[1].complaints != NULL)
        return false;
    s->clients[1].complaints = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
    return true;
}

static bool input_without_complaints(secagg_server *s)
{
    sa_free(s->clients[0].complaints);
    s->clients[0].complaints = NULL;
    return has(s->answered, 0);
}

static bool part_of_no_blocks(secagg_server *s)
{
    if (s->clients[STAGED].staging == NULL)
        return false;
    s->clients[STAGED].staging->parts->blocks = 0;
    return true;
}

static bool parts_of_all_blocks(secagg_server *s)
{
    sa_staging *staging = s->clients[STAGED].staging;
    const size_t size = (size_t)s->params->vector;
    sa_staged_part *part;

    if (staging == NULL)
        return false;
    part = sa_alloc(sizeof *part + size, 1);
    ck_assert_ptr_nonnull(part);
    sa_staging_append(staging, part,
        (uint32_t)(s->params->lanes.blocks - staging->blocks));
    return true;
}

static bool no_parts(secagg_server *s)
{
    if (s->clients[STAGED].staging == NULL)
        return false;
    sa_free(s->clients[STAGED].staging->parts);
    *s->clients[STAGED].staging = (sa_staging){ 0 };
    return true;
}

static bool parts_and_an_answer(secagg_server *s)
{
    sa_bitmap_add(s->answered, STAGED);
    return s->clients[STAGED].staging != NULL;
}

/* The first opened share of a dealer; the holder's position. */
static bool find_opened(secagg_server *s, uint32_t *at)
{
    for (*at = 0; *at < s->peer_count; ++*at)
        if (has(s->clients[0].opened, *at))
            return true;
    return false;
}

static bool opened_share_over_ell(secagg_server *s)
{
    uint32_t at;

    if (!find_opened(s, &at))
        return false;
    memset(sa_server_share(s, 0, at, sa_server_kind(s, 0)), 0xff, 32);
    return true;
}

static bool opened_in_spite_of_a_complaint(secagg_server *s)
{
    uint32_t at, holder;

    if (!find_opened(s, &at))
        return false;
    holder = sa_server_peers(s, 0)[at];
    sa_bitmap_add(s->clients[holder].complaints,
        sa_server_peer_position(s, holder, 0));
    return true;
}

static bool own_share_over_ell(secagg_server *s)
{
    memset(s->clients[0].own_share, 0xff, 32);
    return has(s->answered, 0);
}

static bool compared_beyond_the_message(secagg_server *s)
{
    s->clients[0].accepted.compared = s->clients[0].accepted.len + 1;
    return has(s->answered, 0);
}

static void blame(secagg_server *s, uint32_t index, secagg_err error)
{
    s->blames[s->blame_count++] = (sa_blame){ index, error };
}

static bool blames_nobody(secagg_server *s)
{
    blame(s, CLIENTS, SECAGG_ERR_AUTH);
    return true;
}

static bool blames_one_twice(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_AUTH);
    blame(s, 1, SECAGG_ERR_AUTH);
    return true;
}

static bool blames_with_another_error(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_THRESHOLD);
    return true;
}

static bool blames_a_cheat_too_early(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_CHEAT);
    return true;
}

static void dispute(secagg_server *s, uint32_t dealer, uint32_t holder)
{
    sa_dispute *d = sa_realloc_wipe(s->disputes, s->dispute_count + 1u,
        sizeof *d);

    ck_assert_ptr_nonnull(d);
    s->disputes = d;
    d[s->dispute_count++] = (sa_dispute){ dealer, holder };
}

static bool dispute_with_oneself(secagg_server *s)
{
    dispute(s, 1, 1);
    return true;
}

static bool dispute_of_nobody(secagg_server *s)
{
    dispute(s, 1, CLIENTS);
    return true;
}

static bool disputes_not_ascending(secagg_server *s)
{
    dispute(s, 1, 0);
    dispute(s, 0, 1);
    return true;
}

static bool one_dispute_twice(secagg_server *s)
{
    dispute(s, 0, 1);
    dispute(s, 0, 1);
    return true;
}

static bool dispute_with_one_that_dealt_nothing(secagg_server *s)
{
    dispute(s, 0, GONE);
    return true;
}

static bool masks_of_another_suite(secagg_server *s)
{
    secagg_masks_free(s->aggregate.masks);
    OK(secagg_masks_new(&s->aggregate.masks, 3 - s->params->own.suite));
    return true;
}

typedef struct rule {
    breaking *break_it;
    int forms;
    unsigned at; /* phases in which it can be broken */
} rule;

static const rule rules[] = {
    { error_out_of_range, ALL, FAILED },
    { no_reason, ALL, FAILED },
    { confirm_without_active_mode, COMPLETE | RING, UNMASK },
    { answered_but_not_in, ALL, FROM_U1 | DONE | FAILED },
    { in_and_lost, ALL, LIVE | DONE },
    { out_and_not_lost, ALL, FROM_U1 | DONE | FAILED },
    { lost_in_another_phase, ALL, FROM_U1 },
    { lost_later_than_now, ALL, FROM_U2 | DONE },
    { aborted_and_not_lost, ALL, EVERYWHERE },
    { silent_in_this_phase, ALL, LIVE },
    { u1_too_small, ALL, FROM_U1 },
    { u2_beyond_u1, ALL, FROM_U2 },
    { u3_beyond_u2, ALL, FROM_U3 },
    { u3_too_small, ALL, FROM_U3 | DONE },
    { u4_too_small, ACTIVE, UNMASK },
    { point_of_low_order, ALL, LIVE },
    { point_not_canonical, ALL, LIVE },
    { one_point_for_two, ALL, LIVE },
    { identity_not_valid, ACTIVE, LIVE },
    { one_identity_for_two, ACTIVE, LIVE },
    { long_credential, ACTIVE, KEYS | SHARES },
    { trusted_key_not_valid, ACTIVE, KEYS },
    { one_trusted_key_for_two, ACTIVE, KEYS },
    { complaint_of_nobody, ALL, FROM_U2 },
    { complaints_of_all, ALL, FROM_U2 },
    { complaints_without_input, ALL, INPUT },
    { input_without_complaints, ALL, INPUT },
    { part_of_no_blocks, ALL, INPUT },
    { parts_of_all_blocks, ALL, INPUT },
    { no_parts, ALL, INPUT },
    { parts_and_an_answer, ALL, INPUT },
    { opened_share_over_ell, ALL, UNMASK },
    { opened_in_spite_of_a_complaint, ALL, UNMASK },
    { own_share_over_ell, ALL, UNMASK },
    { compared_beyond_the_message, ALL, LIVE },
    { blames_nobody, ALL, FROM_U3 | DONE | FAILED },
    { blames_one_twice, ALL, FROM_U3 | DONE | FAILED },
    { blames_with_another_error, ALL, FROM_U3 | DONE | FAILED },
    { blames_a_cheat_too_early, ACTIVE, CONFIRM },
    { dispute_with_oneself, ALL, FROM_U3 | DONE | FAILED },
    { dispute_of_nobody, ALL, FROM_U3 | DONE | FAILED },
    { disputes_not_ascending, ALL, FROM_U3 | DONE | FAILED },
    { one_dispute_twice, ALL, FROM_U3 | DONE | FAILED },
    { dispute_with_one_that_dealt_nothing, ALL, FROM_U3 },
    { masks_of_another_suite, ALL, DONE },
};

#define RULES (sizeof rules / sizeof *rules)

static uint32_t broken[RULES]; /* how often */

static void *fill(void *at, bool wanted, size_t size)
{
    return at == NULL && wanted ? sa_alloc(size, 1) : at;
}

/* Only members of U3 have opened shares. */
static void close_others(secagg_server *s, uint32_t dealer)
{
    const uint32_t *peers = sa_server_peers(s, dealer);

    for (uint32_t i = 0; i < s->peer_count; i++)
        if (!has(s->u3, peers[i]))
            sa_bitmap_remove(s->clients[dealer].opened, i);
}

/* Allocate what the sets of a broken state say that there is. */
static void complete(secagg_server *s)
{
    const size_t map = sa_bitmap_bytes(s->peer_count);
    const bool fixed = s->phase > SECAGG_PHASE_INPUT;

    for (uint32_t i = 0; i < CLIENTS && s->phase < SECAGG_PHASE_DONE; i++) {
        sa_client_record *c = &s->clients[i];
        c->slots = fill(c->slots, true, s->peer_count * SA_SLOT_BYTES);
        c->opened = fill(c->opened, fixed, map);
        if (fixed)
            close_others(s, i);
        c->complaints = fill(c->complaints, fixed && has(s->u3, i), map);
        c->confirm = fill(c->confirm, s->phase == SECAGG_PHASE_CONFIRM
            && has(s->answered, i), SECAGG_SIGNATURE_BYTES);
        c->credential = fill(c->credential, true, 1);
    }
}

static void check_rules(driver *r, int form)
{
    const state s = save(r->server);

    for (size_t k = 0; k < RULES; k++) {
        secagg_server *copy;
        state bad;
        if (!(rules[k].forms & form)
            || !(rules[k].at & AT(secagg_server_phase(r->server))))
            continue;
        OK(secagg_server_resume(&copy, s.bytes, s.len, key, 0, NULL));
        if (rules[k].break_it(copy)) {
            complete(copy);
            bad = save(copy);
            ck_assert_msg(error_of(bad.bytes, bad.len, 0, NULL)
                == SECAGG_ERR_MESSAGE, "rule %zu, form %d, phase %d", k, form,
                (int)secagg_server_phase(r->server));
            free(bad.bytes);
            broken[k]++;
        }
        secagg_server_free(copy);
    }
    free(s.bytes);
}

START_TEST(a_state_that_breaks_a_rule_is_rejected)
{
    visit_all(check_rules);
    for (size_t k = 0; k < RULES; k++)
        ck_assert_msg(broken[k] > 0, "rule %zu", k);
}
END_TEST

/* ---- save before send --------------------------------------------------- */

/* Returns the server's answer when it is asked for a message. */
static secagg_err ask(secagg_server *s, uint32_t to)
{
    const uint8_t *msg;
    size_t len;

    return secagg_server_send(s, to, &msg, &len);
}

/* A server that is saved once waits for a save in each later phase; so does one
 * that was resumed. Messages of clients do not make it wait. */
static void try_waiting(bool resumes, secagg_phase first)
{
    const secagg_params params = params_of(COMPLETE);
    bool saved = false;
    driver r;

    mixed_init(&r, &params);
    while (secagg_server_phase(r.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_server_phase(r.server);
        if (phase == first) {
            const state s = save(r.server);
            saved = true;
            if (resumes) {
                secagg_server_free(r.server);
                OK(secagg_server_resume(&r.server, s.bytes, s.len, key, 1,
                    NULL));
            }
            OK(ask(r.server, 0));
            free(s.bytes);
        }
        answer_all(&r);
        OK(ask(r.server, 0));
        OK(secagg_server_advance(r.server));
        if (saved) {
            state s;
            for (uint32_t i = 0; i < CLIENTS; i++)
                ck_assert_int_eq(ask(r.server, i), SECAGG_ERR_STATE);
            s = save(r.server);
            free(s.bytes);
        }
        OK(ask(r.server, 0));
        if (secagg_server_phase(r.server) < SECAGG_PHASE_DONE)
            driver_deliver(&r);
    }
    mixed_check(&r);
    driver_free(&r);
}

START_TEST(a_saved_server_gives_out_a_message_only_after_a_save_in_its_phase)
{
    for (secagg_phase first = SECAGG_PHASE_KEYS; first <= SECAGG_PHASE_UNMASK;
         first++) {
        try_waiting(false, first);
        try_waiting(true, first);
    }
}
END_TEST

START_TEST(the_end_of_a_session_is_saved_before_clients_hear_of_it)
{
    const secagg_params params = params_of(COMPLETE);
    state s;
    driver r;

    mixed_init(&r, &params);
    s = save(r.server);
    ck_assert_int_eq(secagg_server_advance(r.server), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(ask(r.server, 0), SECAGG_ERR_STATE);
    free(s.bytes);
    s = save(r.server);
    OK(ask(r.server, 0));
    free(s.bytes);
    driver_free(&r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_state_of_a_server_is_sealed_as_specified,
        save_requires_the_exact_size,
        resume_rejects_altered_old_and_foreign_states,
        a_client_and_a_server_cannot_be_swapped,
        a_state_has_one_encoding_and_what_is_none_is_rejected,
        a_state_that_breaks_a_rule_is_rejected,
        a_saved_server_gives_out_a_message_only_after_a_save_in_its_phase,
        the_end_of_a_session_is_saved_before_clients_hear_of_it };
    return sodium_init() < 0 || RUN(tests);
}
