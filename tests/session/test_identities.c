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
    int signs, verifies;
} host;

/* A signed text begins with its label, a zero byte and H_ctx; the index is at
 * the offset of 3.5. */
static void check_text(const uint8_t *msg, size_t len, uint32_t index)
{
    const bool keys = len == 110;

    ck_assert(keys || len == 153);
    if (keys)
        ck_assert_mem_eq(msg, "LSA1 keys", 10);
    else
        ck_assert_mem_eq(msg, "LSA1 confirm", 13);
    ck_assert_uint_eq(sa_get_be32(msg + (keys ? 42 : 85)), index);
    if (!keys)
        ck_assert_uint_eq(sa_get_be64(msg + 77), 7);
}

static secagg_err sign(void *user, uint8_t signature[64], const uint8_t *msg,
    size_t len)
{
    uint8_t public_key[32], secret_key[64];
    host *h = user;

    h->signs++;
    check_text(msg, len, h->index);
    if (h->sign != SECAGG_OK) {
        memset(signature, 0x99, 64);
        return h->sign;
    }
    party_identity(h->index, public_key, secret_key);
    ck_assert_int_eq(crypto_sign_detached(signature, NULL, msg, len,
        secret_key), 0);
    return SECAGG_OK;
}

static secagg_err verify(void *user, uint32_t index,
    const uint8_t signature[64], const uint8_t *msg, size_t len)
{
    uint8_t public_key[32], secret_key[64];
    host *h = user;

    h->verifies++;
    check_text(msg, len, index);
    party_identity(index, public_key, secret_key);
    if (h->verify != SECAGG_OK)
        return h->verify;
    return crypto_sign_verify_detached(signature, msg, len, public_key) == 0
        ? SECAGG_OK : SECAGG_ERR_VALUE;
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
            OK(secagg_client_identify_with(p->clients[i], sign, &hosts[i]));
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
                (i & 2) != 0 ? 2 * (N - 1) : 0);
        }
        ck_assert_int_eq(hosts[N].verifies, server == 1 ? 2 * N : 0);
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

/* If the callback returns anything but OK the signature is false: fatal in
 * ROSTER, ignored in SIGNATURES, rejected by the server. */
START_TEST(an_error_of_the_verify_callback_counts_as_a_false_signature)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t *msg;
    size_t len;
    host hosts[N + 1];
    party p;

    party_init_anonymous(&p, &params, 54);
    introduce(&p, hosts, true);
    party_input(&p);
    msg = party_client_send(p.clients[2], &len);
    hosts[N].verify = SECAGG_ERR_MEMORY;
    ck_assert_int_eq(secagg_server_recv(p.server, 2, msg, len),
        SECAGG_ERR_AUTH);
    hosts[N].verify = SECAGG_OK;
    OK(secagg_server_recv(p.server, 2, msg, len));
    free(msg);
    OK(party_collect(&p));
    hosts[2].verify = SECAGG_ERR_STATE;
    msg = party_server_send(p.server, 2, &len);
    ck_assert_int_eq(party_client_recv(&p, 2, msg, len), SECAGG_ERR_AUTH);
    free(msg);
    ck_assert_int_eq(secagg_client_error(p.clients[2]), SECAGG_ERR_AUTH);
    p.leaves[2] = LEAVES_KEYS;
    party_deliver(&p);
    p.leaves[2] = LEAVES_SHARES;
    party_run_to(&p, SECAGG_PHASE_CONFIRM);
    OK(party_collect(&p));
    hosts[3].verify = SECAGG_ERR_MEMORY;
    msg = party_server_send(p.server, 3, &len);
    ck_assert_int_eq(party_client_recv(&p, 3, msg, len), SECAGG_ERR_THRESHOLD);
    free(msg);
    party_free(&p);
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
    OK(secagg_client_identify_with(p.clients[1], sign, &h));
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_int_eq(secagg_client_identify(p.clients[i], secret),
            SECAGG_ERR_STATE);
        ck_assert_int_eq(secagg_client_identify_with(p.clients[i], sign,
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
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_identify_with(p.clients[0], sign, &h),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust(p.clients[0], 0, key),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_trust_with(p.clients[0], verify, &h),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust(p.server, 0, key),
        SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_server_trust_with(p.server, verify, &h),
        SECAGG_ERR_STATE);
    party_free(&p);
}
END_TEST

/* ---- missing identities ------------------------------------------------- */

/* Without an identity, or without trusted keys, a call returns STATE and
 * changes nothing; once they are set the session goes on. */
START_TEST(a_session_waits_for_missing_identities)
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
            i == 0 ? SECAGG_ERR_STATE : SECAGG_ERR_AUTH);
        OK(secagg_server_trust(p.server, i, keys[i]));
        OK(secagg_server_recv(p.server, i, msg, len));
        free(msg);
    }
    OK(secagg_server_advance(p.server));
    for (uint32_t i = 0; i < N; i++) {
        msg = party_server_send(p.server, i, &len);
        ck_assert_int_eq(party_client_recv(&p, i, msg, len), SECAGG_ERR_STATE);
        ck_assert_int_eq(secagg_client_phase(p.clients[i]),
            SECAGG_PHASE_KEYS);
        free(msg);
        for (uint32_t k = 0; k < N; k++)
            OK(secagg_client_trust(p.clients[i], k, keys[k]));
    }
    party_deliver(&p);
    finish(&p);
}
END_TEST

/* A client resumed from a saved state needs its identities again; until it has
 * trusted keys it accepts no message. */
START_TEST(a_resumed_client_waits_for_trusted_keys)
{
    static const secagg_phase phases[] = { SECAGG_PHASE_KEYS,
        SECAGG_PHASE_SHARES, SECAGG_PHASE_INPUT, SECAGG_PHASE_CONFIRM };
    const uint8_t key[32] = { 1 };

    for (int k = 0; k < 4; k++) {
        uint8_t public_key[32], secret_key[64], *msg, *state;
        size_t len, size;
        party p;
        begin(&p, phases[k]);
        OK(party_collect(&p));
        size = secagg_client_save_size(p.clients[3]);
        state = malloc(size);
        OK(secagg_client_save(p.clients[3], state, size, key));
        secagg_client_free(p.clients[3]);
        OK(secagg_client_resume(&p.clients[3], state, size, key, 1));
        free(state);
        msg = party_server_send(p.server, 3, &len);
        ck_assert_int_eq(party_client_recv(&p, 3, msg, len), SECAGG_ERR_STATE);
        ck_assert_int_eq(secagg_client_phase(p.clients[3]), phases[k]);
        free(msg);
        for (uint32_t i = 0; i < N; i++) {
            party_identity(i, public_key, secret_key);
            OK(secagg_client_trust(p.clients[3], i, public_key));
            if (i == 3)
                OK(secagg_client_identify(p.clients[3], secret_key));
        }
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
        an_error_of_the_verify_callback_counts_as_a_false_signature,
        trust_and_identify_reject_invalid_keys,
        identities_are_set_once_and_only_in_active_mode,
        a_session_waits_for_missing_identities,
        a_resumed_client_waits_for_trusted_keys };
    return RUN(tests);
}
