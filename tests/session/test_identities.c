/* SPDX-License-Identifier: Apache-2.0 */
/* Identities in active mode (PROTOCOL.md 3.5, 8.2, 8.3, 8.9 and 8.10): keys and
 * callbacks of the host that sign and verify, on both sides; and identities
 * that are missing or invalid. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "support/cheating_client.h"
#include "support/main.h"

#define N 5
#define T 4 /* one may be corrupt */

static void begin(party *p, secagg_phase phase)
{
    const secagg_params params = active_params(N, T, 1);

    party_init(p, &params, 51);
    party_input(p);
    party_run_to(p, phase);
}

static void finish(party *p)
{
    OK(party_run(p));
    party_check_sum(p);
    check_none_blamed(p);
    party_free(p);
}

/* ---- callbacks of the host ---------------------------------------------- */

/* A host that signs with one key and trusts all; a test can make it fail. */
typedef struct host {
    uint32_t index;
    secagg_err sign, verify;
    uint32_t doubts; /* the client for which it answers `verify` */
    int signs, verifies;
    size_t spoil; /* a byte of its signatures that is wrong, unless 0 */
} host;

/* The text begins with its label, the 00 and H_ctx; the index is where 3.5 has
 * it, and KEYS ends with the identity and the digest of the credential. */
static void check_text(const uint8_t *msg, size_t len, uint32_t index,
    const uint8_t public_key[32])
{
    const bool keys = len == 174;

    ck_assert(keys || len == 153);
    if (keys)
        ck_assert_mem_eq(msg, "LSA1 keys", 10);
    else
        ck_assert_mem_eq(msg, "LSA1 confirm", 13);
    ck_assert_uint_eq(sa_get_be32(msg + (keys ? 42 : 85)), index);
    if (keys)
        ck_assert_mem_eq(msg + 110, public_key, 32);
    else
        ck_assert_uint_eq(sa_get_be64(msg + 77), 7);
}

static secagg_err sign(void *user, uint8_t signature[64], const uint8_t *msg,
    size_t len)
{
    uint8_t public_key[32], secret_key[64];
    host *h = user;

    h->signs++;
    party_identity(h->index, public_key, secret_key);
    check_text(msg, len, h->index, public_key);
    if (h->sign != SECAGG_OK) {
        memset(signature, 0x99, 64);
        return h->sign;
    }
    ck_assert_int_eq(crypto_sign_detached(signature, NULL, msg, len,
        secret_key), 0);
    signature[h->spoil] ^= h->spoil != 0;
    return SECAGG_OK;
}

/* Calls come in ascending order of index, all with valid identities. */
static secagg_err verify(void *user, uint32_t index,
    const uint8_t public_key[32], const uint8_t *credential, size_t len)
{
    uint8_t known_key[32], secret_key[64];
    host *h = user;

    (void)credential;
    ck_assert_uint_eq(len, 0);
    h->verifies++;
    party_identity(index, known_key, secret_key);
    ck_assert_mem_eq(public_key, known_key, 32);
    return index == h->doubts ? h->verify : SECAGG_OK;
}

/* Bit 0 of a client's index selects a callback or a key to sign with, bit 1 to
 * verify with; `server` selects it for the server. */
static void introduce(party *p, host *hosts, bool server)
{
    uint8_t public_key[32], secret_key[64];

    hosts[N] = (host){ .index = N };
    if (server)
        OK(secagg_server_trust_with(p->server, verify, &hosts[N]));
    for (uint32_t i = 0; i < N; i++) {
        hosts[i] = (host){ .index = i };
        party_identity(i, public_key, secret_key);
        if (!server)
            OK(secagg_server_trust(p->server, i, public_key));
        if ((i & 1) != 0)
            OK(secagg_client_identify_with(p->clients[i], public_key, sign,
                &hosts[i]));
        else
            OK(secagg_client_identify(p->clients[i], secret_key));
        if ((i & 2) != 0)
            OK(secagg_client_trust_with(p->clients[i], verify, &hosts[i]));
        for (uint32_t k = 0; k < N && (i & 2) == 0; k++) {
            party_identity(k, public_key, secret_key);
            OK(secagg_client_trust(p->clients[i], k, public_key));
        }
    }
}

START_TEST(keys_and_callbacks_work_together)
{
    const secagg_params params = active_params(N, T, 1);

    for (int server = 0; server < 2; server++) {
        host hosts[N + 1];
        party p;
        party_init_anonymous(&p, &params, 52);
        introduce(&p, hosts, server == 1);
        party_input(&p);
        OK(party_run(&p));
        for (uint32_t i = 0; i < N; i++) {
            ck_assert_int_eq(hosts[i].signs, (i & 1) != 0 ? 2 : 0);
            ck_assert_int_eq(hosts[i].verifies,
                (i & 2) != 0 ? N - 1 : 0);
        }
        ck_assert_int_eq(hosts[N].verifies, server == 1 ? N : 0);
        finish(&p);
    }
}
END_TEST

/* The call returns the error of the signing callback and changes nothing. */
START_TEST(send_returns_the_error_of_the_signing_callback)
{
    static const secagg_err errors[] = { SECAGG_ERR_CRYPTO,
        SECAGG_ERR_MEMORY, SECAGG_ERR_ARG, SECAGG_ERR_MESSAGE, -77 };
    const secagg_params params = active_params(N, T, 1);
    host hosts[N + 1];
    party p;

    party_init_anonymous(&p, &params, 53);
    introduce(&p, hosts, false);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_client_phase(p.clients[1]);
        const bool signs = phase == SECAGG_PHASE_KEYS
            || phase == SECAGG_PHASE_CONFIRM;
        for (size_t k = 0; k < 5 && signs; k++) {
            const uint8_t *msg = NULL;
            size_t len = 0;
            hosts[1].sign = errors[k];
            ck_assert_int_eq(secagg_client_send(p.clients[1], &msg, &len),
                errors[k]);
            ck_assert_int_eq(secagg_client_phase(p.clients[1]), phase);
            ck_assert_int_eq(secagg_client_error(p.clients[1]), SECAGG_OK);
        }
        hosts[1].sign = SECAGG_OK;
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    finish(&p);
}
END_TEST

/* A signature that is not valid under the identity does not leave the client: a
 * faulty device costs itself only. */
START_TEST(a_client_verifies_the_signatures_of_its_callback)
{
    static const size_t bytes[] = { 1, 31, 32, 63 };
    const secagg_params params = active_params(N, T, 1);
    host hosts[N + 1];
    party p;

    party_init_anonymous(&p, &params, 53);
    introduce(&p, hosts, false);
    party_input(&p);
    while (secagg_server_phase(p.server) < SECAGG_PHASE_DONE) {
        const secagg_phase phase = secagg_client_phase(p.clients[1]);
        const bool signs = phase == SECAGG_PHASE_KEYS
            || phase == SECAGG_PHASE_CONFIRM;
        for (size_t k = 0; k < 4 && signs; k++) {
            const uint8_t *msg = NULL;
            size_t len = 0;
            hosts[1].spoil = bytes[k];
            ck_assert_int_eq(secagg_client_send(p.clients[1], &msg, &len),
                SECAGG_ERR_AUTH);
            ck_assert_ptr_null(msg);
            ck_assert_int_eq(secagg_client_phase(p.clients[1]), phase);
        }
        hosts[1].spoil = 0;
        OK(party_collect(&p));
        if (secagg_server_phase(p.server) < SECAGG_PHASE_DONE)
            party_deliver(&p);
    }
    finish(&p);
}
END_TEST

/* STATE: the message may come again. Anything else but OK is AUTH, which the
 * server survives and a client does not. */
START_TEST(the_server_returns_the_answer_of_the_verify_callback)
{
    static const secagg_err answers[] = { SECAGG_ERR_STATE, SECAGG_ERR_AUTH,
        SECAGG_ERR_MEMORY, SECAGG_ERR_ARG, -77 };
    const secagg_params params = active_params(N, T, 1);
    uint8_t *msg;
    size_t len;
    host hosts[N + 1];
    party p;

    party_init_anonymous(&p, &params, 54);
    introduce(&p, hosts, true);
    party_input(&p);
    msg = party_client_send(p.clients[2], &len);
    hosts[N].doubts = 2;
    for (size_t k = 0; k < 5; k++) {
        hosts[N].verify = answers[k];
        ck_assert_int_eq(secagg_server_recv(p.server, 2, msg, len),
            k == 0 ? SECAGG_ERR_STATE : SECAGG_ERR_AUTH);
        ck_assert(!secagg_server_answered(p.server, 2));
    }
    hosts[N].verify = SECAGG_OK;
    OK(secagg_server_recv(p.server, 2, msg, len));
    ck_assert_int_eq(hosts[N].verifies, 6);
    free(msg);
    finish(&p);
}
END_TEST

static void try_answer(secagg_err answer, uint32_t doubts)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t *msg;
    size_t len;
    host hosts[N + 1];
    party p;

    party_init_anonymous(&p, &params, 54);
    introduce(&p, hosts, true);
    party_input(&p);
    OK(party_collect(&p));
    hosts[2].verify = answer;
    hosts[2].doubts = doubts;
    msg = party_server_send(p.server, 2, &len);
    ck_assert_int_eq(party_client_recv(&p, 2, msg, len),
        answer == SECAGG_ERR_STATE ? SECAGG_ERR_STATE : SECAGG_ERR_AUTH);
    /* 0 to `doubts`, and not for itself. */
    ck_assert_int_eq(hosts[2].verifies, (int)doubts + (doubts < 2));
    if (answer == SECAGG_ERR_STATE) {
        ck_assert_int_eq(secagg_client_phase(p.clients[2]),
            SECAGG_PHASE_KEYS);
        hosts[2].verify = SECAGG_OK;
        party_deliver(&p);
        finish(&p);
    } else {
        ck_assert_int_eq(secagg_client_error(p.clients[2]), SECAGG_ERR_AUTH);
        party_free(&p);
    }
    free(msg);
}

START_TEST(a_client_returns_the_answer_of_the_verify_callback)
{
    for (uint32_t doubts = 0; doubts < N; doubts++)
        if (doubts != 2) {
            try_answer(SECAGG_ERR_STATE, doubts);
            try_answer(SECAGG_ERR_AUTH, doubts);
            try_answer(SECAGG_ERR_POLICY, doubts);
            try_answer(-77, doubts);
        }
}
END_TEST

/* ---- rejected identities ------------------------------------------------ */

START_TEST(trust_and_identify_reject_invalid_keys)
{
    /* y = 1, the neutral point; y = 2^255 - 18, y = 1 again; y = 2 lies on no
     * point of the curve. */
    static const uint8_t bad[3][32] = { { 1 }, { 0xee, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }, { 2 } };
    const secagg_params params = active_params(N, T, 1);
    uint8_t a[32], b[32], secret_a[64], secret_b[64];
    party p;

    party_init_anonymous(&p, &params, 55);
    party_identity(0, a, secret_a);
    party_identity(1, b, secret_b);
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(secagg_client_trust(p.clients[0], 1, bad[k]),
            SECAGG_ERR_ARG);
        ck_assert_int_eq(secagg_server_trust(p.server, 1, bad[k]),
            SECAGG_ERR_ARG);
    }
    ck_assert_int_eq(secagg_client_trust(p.clients[0], N, a),
        SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_server_trust(p.server, UINT32_MAX, a),
        SECAGG_ERR_ARG);
    OK(secagg_client_trust(p.clients[0], 0, a));
    OK(secagg_server_trust(p.server, 0, a));
    OK(secagg_client_trust(p.clients[0], 0, a)); /* once more, the same */
    ck_assert_int_eq(secagg_client_trust(p.clients[0], 1, a),
        SECAGG_ERR_ARG); /* it would vote twice */
    ck_assert_int_eq(secagg_server_trust(p.server, 1, a), SECAGG_ERR_ARG);
    ck_assert_int_eq(secagg_client_trust(p.clients[0], 0, b),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust(p.server, 0, b), SECAGG_ERR_STATE);
    memcpy(secret_b + 32, a, 32); /* halves of two pairs */
    ck_assert_int_eq(secagg_client_identify(p.clients[1], secret_b),
        SECAGG_ERR_ARG);
    for (int k = 0; k < 3; k++)
        ck_assert_int_eq(secagg_client_identify_with(p.clients[1], bad[k],
            sign, NULL), SECAGG_ERR_ARG);
    party_free(&p);
}
END_TEST

START_TEST(identities_are_set_once_and_only_in_active_mode)
{
    secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64];
    host h = { 0 };
    party p;

    party_identity(0, key, secret);
    party_init_anonymous(&p, &params, 56);
    OK(secagg_client_identify(p.clients[0], secret));
    OK(secagg_client_identify_with(p.clients[1], key, sign, &h));
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_int_eq(secagg_client_identify(p.clients[i], secret),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(secagg_client_identify_with(p.clients[i], key, sign,
            &h), SECAGG_ERR_STATE);
    }
    OK(secagg_client_trust(p.clients[0], 0, key));
    OK(secagg_client_trust_with(p.clients[1], verify, &h));
    ck_assert_int_eq(secagg_client_trust_with(p.clients[0], verify, &h),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust_with(p.clients[1], verify, &h),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust(p.clients[1], 0, key),
        SECAGG_ERR_STATE);
    OK(secagg_server_trust(p.server, 0, key));
    ck_assert_int_eq(secagg_server_trust_with(p.server, verify, &h),
        SECAGG_ERR_STATE);
    party_free(&p);
    params = small_params(N, T, 1);
    party_init_anonymous(&p, &params, 56);
    ck_assert_int_eq(secagg_client_identify(p.clients[0], secret),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_client_identify_with(p.clients[0], key, sign, &h),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_client_present(p.clients[0], key, 4),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_client_trust(p.clients[0], 0, key),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_client_trust_whole(p.clients[0]),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_client_trust_with(p.clients[0], verify, &h),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_server_trust(p.server, 0, key),
        SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_server_trust_whole(p.server), SECAGG_ERR_POLICY);
    ck_assert_int_eq(secagg_server_trust_with(p.server, verify, &h),
        SECAGG_ERR_POLICY);
    party_free(&p);
}
END_TEST

/* ---- missing identities ------------------------------------------------- */

/* No identity, or no trusted key: STATE, nothing changes, and once it is there
 * the session goes on. Keys are added one at a time, after the messages. */
START_TEST(a_session_waits_until_its_lists_are_whole)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t keys[N][32], secrets[N][64], *msg;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 57);
    party_input(&p);
    for (uint32_t i = 0; i < N; i++) {
        const uint8_t *none;
        party_identity(i, keys[i], secrets[i]);
        ck_assert_int_eq(secagg_client_send(p.clients[i], &none, &len),
            SECAGG_ERR_STATE);
        OK(secagg_client_identify(p.clients[i], secrets[i]));
        msg = party_client_send(p.clients[i], &len);
        ck_assert_ptr_nonnull(msg);
        ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
            SECAGG_ERR_STATE);
        OK(secagg_server_trust(p.server, i, keys[i]));
        OK(secagg_server_recv(p.server, i, msg, len));
        free(msg);
    }
    OK(secagg_server_advance(p.server));
    for (uint32_t i = 0; i < N; i++) {
        msg = party_server_send(p.server, i, &len);
        for (uint32_t k = 0; k < N; k++)
            if (k != i) { /* its own key is not needed */
                ck_assert_int_eq(party_client_recv(&p, i, msg, len),
                    SECAGG_ERR_STATE);
                ck_assert_int_eq(secagg_client_phase(p.clients[i]),
                    SECAGG_PHASE_KEYS);
                OK(secagg_client_trust(p.clients[i], k, keys[k]));
            }
        free(msg);
    }
    party_deliver(&p);
    finish(&p);
}
END_TEST

/* A list without the key of one client: STATE until it is declared whole, then
 * AUTH; nobody is trusted by an empty list. */
START_TEST(a_whole_list_rejects_a_client_without_a_key)
{
    const secagg_params params = active_params(N, T, 1);

    for (uint32_t listed = 0; listed < N; listed++) {
        uint8_t key[32], secret[64], *msg, *roster;
        size_t len, roster_len;
        party p, other;
        begin(&other, SECAGG_PHASE_SHARES);
        roster = party_server_send(other.server, 4, &roster_len);
        party_init_anonymous(&p, &params, 51);
        for (uint32_t i = 0; i < listed; i++) {
            party_identity(i, key, secret);
            OK(secagg_server_trust(p.server, i, key));
            if (i < 3)
                OK(secagg_client_trust(p.clients[4], i, key));
        }
        party_identity(4, key, secret);
        OK(secagg_client_identify(p.clients[4], secret));
        msg = party_client_send(p.clients[4], &len);
        ck_assert_int_eq(secagg_server_recv(p.server, 4, msg, len),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(party_client_recv(&p, 4, roster, roster_len),
            SECAGG_ERR_STATE);
        OK(secagg_server_trust_whole(p.server));
        OK(secagg_client_trust_whole(p.clients[4]));
        ck_assert_int_eq(secagg_server_recv(p.server, 4, msg, len),
            SECAGG_ERR_AUTH);
        ck_assert_int_eq(secagg_server_trust(p.server, 4, key),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(party_client_recv(&p, 4, roster, roster_len),
            SECAGG_ERR_AUTH);
        ck_assert_int_eq(secagg_client_error(p.clients[4]), SECAGG_ERR_AUTH);
        free(msg);
        free(roster);
        party_free(&p);
        party_free(&other);
    }
}
END_TEST

/* Once the roster is accepted (server: KEYS closed), trust cannot change. */
START_TEST(trust_is_closed_after_the_roster)
{
    uint8_t key[32], secret[64];
    host h = { 0 };
    party p;

    begin(&p, SECAGG_PHASE_SHARES);
    party_deliver(&p);
    party_identity(0, key, secret);
    ck_assert_int_eq(secagg_client_trust(p.clients[1], 0, key),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust_whole(p.clients[1]),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust_with(p.clients[1], verify, &h),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_present(p.clients[1], key, 1),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust(p.server, 0, key),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust_whole(p.server), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust_with(p.server, verify, &h),
        SECAGG_ERR_STATE);
    finish(&p);
}
END_TEST

/* The state has the trusted keys, or the identities after ROSTER; the signing
 * key must come again, and must be the same. */
static void resume(party *p, uint32_t i, const uint8_t key[32])
{
    const size_t size = secagg_client_save_size(p->clients[i]);
    uint8_t *state = malloc(size);

    OK(secagg_client_save(p->clients[i], state, size, key));
    secagg_client_free(p->clients[i]);
    OK(secagg_client_resume(&p->clients[i], state, size, key, 1, NULL,
        i));
    free(state);
}

START_TEST(a_resumed_client_has_its_trusted_keys)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_CONFIRM };
    const uint8_t key[32] = { 1 };

    for (int k = 0; k < 4; k++) {
        uint8_t own[32], own_secret[64], other[32], other_secret[64];
        party p;
        begin(&p, phases[k]);
        OK(party_collect(&p));
        resume(&p, 3, key);
        party_identity(3, own, own_secret);
        party_identity(1, other, other_secret);
        ck_assert_int_eq(secagg_client_identify(p.clients[3], other_secret),
            SECAGG_ERR_AUTH);
        OK(secagg_client_identify(p.clients[3], own_secret));
        OK(secagg_client_trust(p.clients[3], 1, other));
        ck_assert_int_eq(secagg_client_trust(p.clients[3], 2, other),
            SECAGG_ERR_AUTH);
        if (phases[k] < SECAGG_PHASE_INPUT) {
            uint64_t values[PARTY_LENGTH];
            for (uint64_t e = 0; e < PARTY_LENGTH; e++)
                values[e] = party_entry(3, e);
            OK(secagg_client_input_u64(p.clients[3], 0, 0, values,
                PARTY_LENGTH));
        }
        party_deliver(&p);
        finish(&p);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { keys_and_callbacks_work_together,
        send_returns_the_error_of_the_signing_callback,
        a_client_verifies_the_signatures_of_its_callback,
        the_server_returns_the_answer_of_the_verify_callback,
        a_client_returns_the_answer_of_the_verify_callback,
        trust_and_identify_reject_invalid_keys,
        identities_are_set_once_and_only_in_active_mode,
        a_session_waits_until_its_lists_are_whole,
        a_whole_list_rejects_a_client_without_a_key,
        trust_is_closed_after_the_roster,
        a_resumed_client_has_its_trusted_keys };
    return RUN(tests);
}
