/* SPDX-License-Identifier: Apache-2.0 */
/* Points of small order in identities and signatures (PROTOCOL.md 3.5): clients
 * with different libraries would disagree on them, so that one client could end
 * a session for some of the others. Here the equation without the cofactor
 * holds for each identity, and the one with the cofactor for each signature. */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "crypto/hash.h"
#include "support/cheating_client.h"
#include "support/main.h"
#include "support/torsion.h"

#define N 5
#define T 4 /* one may be corrupt */
#define BAD 1
#define VICTIM 2

/* KEYS and an entry of ROSTER, from enc on. */
#define KEYS_AT 80
#define ENTRY(i) (120 + 166 * (size_t)(i))
#define ID 64
#define SIGNATURE 96
#define SIGNED(i) (52 + 68 * (size_t)(i))

static void begin(party *p, secagg_phase phase)
{
    const secagg_params params = active_params(N, T, 1);

    party_init(p, &params, 71);
    party_input(p);
    party_open_phase(p, phase);
}

/* Sign anew what client BAD advertises (enc, mask, identity), without
 * credential. */
static void sign_keys(const uint8_t h_ctx[32], uint8_t *entry, int in_key,
    int in_r)
{
    const sa_bytes none = { NULL, 0 };
    uint8_t text[174] = "LSA1 keys", public_key[32], secret_key[64];

    party_identity(BAD, public_key, secret_key);
    memcpy(entry + ID, public_key, 32);
    torsion_add(entry + ID, in_key);
    memcpy(text + 10, h_ctx, 32);
    sa_put_be32(text + 42, BAD);
    memcpy(text + 46, entry, 96);
    OK(sa_hash(text + 142, "LSA1 credential", &none, 1));
    torsion_sign(entry + SIGNATURE, text, sizeof text, secret_key, in_key,
        in_r);
}

static secagg_err believe(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *credential, size_t len)
{
    (void)user;
    (void)index;
    (void)public_key;
    (void)credential;
    (void)len;
    return SECAGG_OK;
}

/* A server whose host believes any identity: only the library refuses it. */
START_TEST(server_refuses_keys_with_points_of_small_order)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64], *msg;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 71);
    OK(secagg_server_trust_with(p.server, believe, NULL));
    party_identity(BAD, key, secret);
    OK(secagg_client_identify(p.clients[BAD], secret));
    msg = party_client_send(p.clients[BAD], &len);
    for (int j = 0; j < 16; j++) {
        uint8_t *bent = party_forge(msg, len, len, BAD);
        sign_keys(msg + PARTY_HEADER, bent + KEYS_AT, j < 8 ? j : 0,
            j < 8 ? 0 : j - 8);
        if (j % 8 != 0)
            ck_assert_int_eq(secagg_server_recv(p.server, BAD, bent, len),
                SECAGG_ERR_AUTH);
        free(bent);
    }
    OK(secagg_server_recv(p.server, BAD, msg, len));
    free(msg);
    party_free(&p);
}
END_TEST

START_TEST(nobody_may_trust_a_key_with_a_point_of_small_order)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64];
    party p;

    party_init_anonymous(&p, &params, 72);
    for (int j = 1; j < 8; j++) {
        party_identity(0, key, secret);
        torsion_add(key, j);
        ck_assert_int_eq(secagg_client_trust(p.clients[1], 0, key),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_server_trust(p.server, 0, key),
            SECAGG_ERR_ARG);
        torsion_point(key, j);
        ck_assert_int_eq(secagg_client_trust(p.clients[1], 0, key),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_server_trust(p.server, 0, key),
            SECAGG_ERR_ARG);
    }
    party_free(&p);
}
END_TEST

/* A malicious server relays such an entry: fatal for its reader. */
static void try_roster(int in_key, int in_r)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64], *msg, *keys;
    size_t len, keys_len;
    party p, q;

    begin(&p, SECAGG_PHASE_SHARES);
    msg = party_server_send(p.server, VICTIM, &len);
    party_init_anonymous(&q, &params, 71);
    party_identity(VICTIM, key, secret);
    OK(secagg_client_identify(q.clients[VICTIM], secret));
    OK(secagg_client_trust_with(q.clients[VICTIM], believe, NULL));
    keys = party_client_send(q.clients[VICTIM], &keys_len);
    sign_keys(keys + PARTY_HEADER, msg + ENTRY(BAD) + 4, in_key, in_r);
    update_roster_root(&p, msg, len);
    ck_assert_int_eq(party_client_recv(&q, VICTIM, msg, len),
        in_key == 0 && in_r == 0 ? SECAGG_OK : SECAGG_ERR_AUTH);
    free(msg);
    free(keys);
    party_free(&p);
    party_free(&q);
}

START_TEST(client_refuses_a_roster_with_points_of_small_order)
{
    for (int j = 0; j < 8; j++) {
        try_roster(j, 0);
        try_roster(0, j);
    }
}
END_TEST

/* CONFIRM: the server refuses it, so that no other client ever sees it. */
static void sign_confirm(const party *p, uint8_t signature[64], uint32_t i,
    const uint8_t *text, int in_r)
{
    uint8_t public_key[32], secret_key[64];

    (void)p;
    party_identity(i, public_key, secret_key);
    torsion_sign(signature, text, 153, secret_key, 0, in_r);
}

/* The text of client i, rebuilt by its host's signing function. */
typedef struct recorder {
    uint32_t index;
    uint8_t text[153];
} recorder;

static secagg_err record(void *user, uint8_t *signature, const uint8_t *msg,
    size_t len)
{
    uint8_t public_key[32], secret_key[64];
    recorder *r = user;

    party_identity(r->index, public_key, secret_key);
    if (len == sizeof r->text)
        memcpy(r->text, msg, len);
    crypto_sign_detached(signature, NULL, msg, len, secret_key);
    return SECAGG_OK;
}

static void begin_recorded(party *p, recorder texts[N])
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64];

    party_init_anonymous(p, &params, 73);
    for (uint32_t i = 0; i < N; i++) {
        texts[i].index = i;
        party_identity(i, key, secret);
        OK(secagg_client_identify_with(p->clients[i], key, record,
            &texts[i]));
        OK(secagg_server_trust(p->server, i, key));
        for (uint32_t k = 0; k < N; k++)
            OK(secagg_client_trust(p->clients[k], i, key));
    }
    party_input(p);
}

START_TEST(server_refuses_a_confirmation_with_a_point_of_small_order)
{
    recorder texts[N];
    uint8_t *msg;
    size_t len;
    party p;

    begin_recorded(&p, texts);
    party_run_to(&p, SECAGG_PHASE_CONFIRM);
    msg = party_client_send(p.clients[BAD], &len);
    for (int j = 1; j < 8; j++) {
        uint8_t *bent = party_forge(msg, len, len, BAD);
        sign_confirm(&p, bent + PARTY_HEADER, BAD, texts[BAD].text, j);
        ck_assert_int_eq(secagg_server_recv(p.server, BAD, bent, len),
            SECAGG_ERR_AUTH);
        free(bent);
    }
    OK(secagg_server_recv(p.server, BAD, msg, len));
    free(msg);
    OK(party_run(&p));
    party_check_sum(&p);
    check_none_blamed(&p);
    party_free(&p);
}
END_TEST

/* SIGNATURES: such signatures are skipped, and do not count. */
static void try_signatures(int bad, int j)
{
    recorder texts[N];
    uint8_t *msg;
    size_t len;
    party p;

    begin_recorded(&p, texts);
    party_run_to(&p, SECAGG_PHASE_CONFIRM);
    OK(party_collect(&p));
    msg = party_server_send(p.server, VICTIM, &len);
    for (uint32_t i = 0, done = 0; i < N; i++)
        if (i != VICTIM && (int)done++ < bad)
            sign_confirm(&p, msg + SIGNED(i) + 4, i, texts[i].text, j);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
        bad <= N - T ? SECAGG_OK : SECAGG_ERR_THRESHOLD);
    free(msg);
    party_free(&p);
}

START_TEST(client_skips_signatures_with_a_point_of_small_order)
{
    for (int bad = 0; bad < N; bad++)
        for (int j = 1; j < 8; j += 3)
            try_signatures(bad, j);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        server_refuses_keys_with_points_of_small_order,
        nobody_may_trust_a_key_with_a_point_of_small_order,
        client_refuses_a_roster_with_points_of_small_order,
        server_refuses_a_confirmation_with_a_point_of_small_order,
        client_skips_signatures_with_a_point_of_small_order };
    return RUN(tests);
}
