/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials in KEYS and ROSTER (PROTOCOL.md 3.5, 8.2, 8.3): their lengths,
 * what the hosts' verifiers are given, and that the signature covers them. */
#include <stdlib.h>
#include <string.h>

#include "core/bits.h"
#include "support/cheating_client.h"
#include "support/main.h"

#define N 4
#define T 3 /* one may be corrupt */
#define VICTIM 2

/* KEYS: identity, signature, be16 length, credential. */
#define KEYS_ID 144
#define KEYS_SIGNATURE 176
#define KEYS_LEN 240
#define KEYS_CREDENTIAL 242

static const size_t lengths[N] = { 0, 1, 2047, SECAGG_CREDENTIAL_MAX };

/* The credential of client i: its bytes say whose it is. */
static const uint8_t *credential(uint32_t i)
{
    static uint8_t bytes[N][SECAGG_CREDENTIAL_MAX];

    for (size_t k = 0; k < lengths[i]; k++)
        bytes[i][k] = (uint8_t)(i * 50 + k % 50);
    return bytes[i];
}

/* What a verifier was asked, in order. */
typedef struct witness {
    uint32_t asked[4 * N];
    int count;
} witness;

static secagg_err verify(void *user, uint32_t index,
    const uint8_t public_key[32], const uint8_t *bytes, size_t len)
{
    uint8_t known[32], secret[64];
    witness *w = user;

    party_identity(index, known, secret);
    ck_assert_mem_eq(public_key, known, 32);
    ck_assert_uint_eq(len, lengths[index]);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(memcmp(bytes, credential(index), len), 0);
    w->asked[w->count++] = index;
    return SECAGG_OK;
}

static void begin(party *p, witness *witnesses)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64];

    memset(witnesses, 0, (N + 1) * sizeof *witnesses);
    party_init_anonymous(p, &params, 81);
    OK(secagg_server_trust_with(p->server, verify, &witnesses[N]));
    for (uint32_t i = 0; i < N; i++) {
        party_identity(i, key, secret);
        OK(secagg_client_identify(p->clients[i], secret));
        OK(secagg_client_trust_with(p->clients[i], verify, &witnesses[i]));
        OK(secagg_client_present(p->clients[i], credential(i), lengths[i]));
    }
    party_input(p);
}

START_TEST(each_verifier_gets_every_other_clients_credential_once)
{
    witness w[N + 1];
    party p;

    begin(&p, w);
    OK(party_run(&p));
    party_check_sum(&p);
    ck_assert_int_eq(w[N].count, N); /* server: in the order of arrival */
    for (uint32_t i = 0; i < N; i++) {
        ck_assert_uint_eq(w[N].asked[i], i);
        ck_assert_int_eq(w[i].count, N - 1);
        for (uint32_t k = 0; k < N - 1; k++)
            ck_assert_uint_eq(w[i].asked[k], k < i ? k : k + 1);
    }
    party_free(&p);
}
END_TEST

START_TEST(credential_is_presented_once_before_keys_and_not_too_long)
{
    static const uint8_t bytes[SECAGG_CREDENTIAL_MAX + 1];
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64], *msg;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 82);
    ck_assert_int_eq(secagg_client_present(p.clients[0], bytes,
        sizeof bytes), SECAGG_ERR_SIZE);
    OK(secagg_client_present(p.clients[0], bytes, SECAGG_CREDENTIAL_MAX));
    ck_assert_int_eq(secagg_client_present(p.clients[0], bytes, 1),
        SECAGG_ERR_STATE);
    OK(secagg_client_present(p.clients[1], NULL, 0));
    ck_assert_int_eq(secagg_client_present(p.clients[1], bytes, 1),
        SECAGG_ERR_STATE);
    for (uint32_t i = 0; i < 3; i++) {
        party_identity(i, key, secret);
        OK(secagg_client_identify(p.clients[i], secret));
        msg = party_client_send(p.clients[i], &len);
        ck_assert_uint_eq(len, KEYS_CREDENTIAL
            + (i == 0 ? SECAGG_CREDENTIAL_MAX : 0));
        ck_assert_int_eq(secagg_client_present(p.clients[i], bytes, 1),
            SECAGG_ERR_STATE);
        free(msg);
    }
    party_free(&p);
}
END_TEST

/* KEYS with a credential of another length. The signature is that of the old
 * one, so that none is valid; the server looks at lengths first. */
static secagg_err send_length(party *p, uint32_t from, const uint8_t *msg,
    size_t have, size_t credential_len)
{
    const size_t len = KEYS_CREDENTIAL + credential_len;
    uint8_t *bent = calloc(1, len);
    secagg_err err;

    memcpy(bent, msg, have < len ? have : len);
    sa_put_be16(bent + KEYS_LEN, (uint16_t)credential_len);
    sa_put_be64(bent + PARTY_AT_LENGTH, len - PARTY_HEADER);
    err = secagg_server_recv(p->server, from, bent, len);
    free(bent);
    return err;
}

START_TEST(server_refuses_another_credential_under_the_same_signature)
{
    witness w[N + 1];
    party p;

    begin(&p, w);
    for (uint32_t i = 0; i < N; i++) {
        size_t len;
        uint8_t *msg = party_client_send(p.clients[i], &len);
        ck_assert_uint_eq(len, KEYS_CREDENTIAL + lengths[i]);
        for (size_t k = 0; k < lengths[i]; k += 511) {
            msg[KEYS_CREDENTIAL + k] ^= 0x40;
            ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
                SECAGG_ERR_AUTH);
            msg[KEYS_CREDENTIAL + k] ^= 0x40;
        }
        for (size_t other = 0; other <= 2050; other += 205)
            if (other != lengths[i])
                ck_assert_int_eq(send_length(&p, i, msg, len, other),
                    other <= SECAGG_CREDENTIAL_MAX ? SECAGG_ERR_AUTH
                                                   : SECAGG_ERR_MESSAGE);
        ck_assert_int_eq(send_length(&p, i, msg, len,
            SECAGG_CREDENTIAL_MAX + 1), SECAGG_ERR_MESSAGE);
        ck_assert_int_eq(w[N].count, (int)i); /* it is asked last */
        OK(secagg_server_recv(p.server, i, msg, len));
        free(msg);
    }
    OK(party_run(&p));
    party_check_sum(&p);
    party_free(&p);
}
END_TEST

/* Where the entry of a client is in ROSTER, credentials being what they are. */
static size_t entry(uint32_t i)
{
    size_t at = 120;

    for (uint32_t k = 0; k < i; k++)
        at += 166 + lengths[k];
    return at;
}

static void try_entry(uint32_t whose, size_t at)
{
    witness w[N + 1];
    uint8_t *msg;
    size_t len;
    party p;

    begin(&p, w);
    OK(party_collect(&p));
    msg = party_server_send(p.server, VICTIM, &len);
    ck_assert_uint_eq(len, entry(N));
    msg[entry(whose) + at] ^= 0x04;
    update_roster_root(&p, msg, len);
    ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
        whose == VICTIM ? SECAGG_ERR_MESSAGE : SECAGG_ERR_AUTH);
    ck_assert_int_eq(secagg_client_phase(p.clients[VICTIM]),
        SECAGG_PHASE_FAILED);
    ck_assert_int_eq(w[VICTIM].count, 0);
    free(msg);
    party_free(&p);
}

/* An entry that is not what its client sent, with a root that fits: the own one
 * is MESSAGE, another's is AUTH before a verifier is asked. */
START_TEST(client_refuses_an_entry_with_another_identity_or_credential)
{
    for (uint32_t whose = 0; whose < N; whose++) {
        for (size_t at = 68; at < 164; at += 19) /* identity, signature */
            try_entry(whose, at);
        if (lengths[whose] > 0) {
            try_entry(whose, 166);
            try_entry(whose, 166 + lengths[whose] - 1);
        }
    }
}
END_TEST

/* ROSTER with a length that is not that of its credential. */
START_TEST(client_refuses_a_roster_whose_credentials_have_wrong_lengths)
{
    static const int changes[] = { -1, 1, 2, 40 };

    for (uint32_t whose = 0; whose < N; whose++)
        for (int k = 0; k < 4; k++) {
            const size_t at = entry(whose) + 164;
            witness w[N + 1];
            uint8_t *msg;
            size_t len;
            party p;
            begin(&p, w);
            OK(party_collect(&p));
            msg = party_server_send(p.server, VICTIM, &len);
            sa_put_be16(msg + at, (uint16_t)(sa_get_be16(msg + at)
                + changes[k]));
            ck_assert_int_eq(party_client_recv(&p, VICTIM, msg, len),
                SECAGG_ERR_MESSAGE);
            free(msg);
            party_free(&p);
        }
}
END_TEST

static secagg_err believe(void *user, uint32_t index,
    const uint8_t *public_key, const uint8_t *bytes, size_t len)
{
    (void)index;
    (void)public_key;
    (void)bytes;
    (void)len;
    ++*(int *)user;
    return SECAGG_OK;
}

/* Two clients with one identity: the server accepts the first and does not ask
 * its host about the second. */
START_TEST(one_identity_cannot_be_two_clients)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[32], secret[64], *msg;
    int asked = 0;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 83);
    OK(secagg_server_trust_with(p.server, believe, &asked));
    party_identity(0, key, secret);
    for (uint32_t i = 0; i < 2; i++) {
        OK(secagg_client_identify(p.clients[i], secret));
        msg = party_client_send(p.clients[i], &len);
        ck_assert_int_eq(secagg_server_recv(p.server, i, msg, len),
            i == 0 ? SECAGG_OK : SECAGG_ERR_AUTH);
        free(msg);
    }
    ck_assert_int_eq(asked, 1);
    party_free(&p);
}
END_TEST

/* A client that is saved before ROSTER knows its credential again. */
START_TEST(saved_client_keeps_its_credential)
{
    const uint8_t save_key[32] = { 9 };

    for (uint32_t i = 0; i < N; i++) {
        uint8_t key[32], secret[64], *state;
        uint64_t values[PARTY_LENGTH];
        witness w[N + 1];
        size_t size;
        party p;
        begin(&p, w);
        OK(party_collect(&p));
        size = secagg_client_save_size(p.clients[i]);
        state = malloc(size);
        OK(secagg_client_save(p.clients[i], state, size, save_key));
        secagg_client_free(p.clients[i]);
        OK(secagg_client_resume(&p.clients[i], state, size, save_key, 1,
            &p.params, -1));
        free(state);
        party_identity(i, key, secret);
        OK(secagg_client_identify(p.clients[i], secret));
        OK(secagg_client_trust_with(p.clients[i], verify, &w[i]));
        for (uint64_t e = 0; e < PARTY_LENGTH; e++)
            values[e] = party_entry(i, e);
        OK(secagg_client_input_u64(p.clients[i], 0, 0, values,
            PARTY_LENGTH));
        party_deliver(&p);
        OK(party_run(&p));
        party_check_sum(&p);
        party_free(&p);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_verifier_gets_every_other_clients_credential_once,
        credential_is_presented_once_before_keys_and_not_too_long,
        server_refuses_another_credential_under_the_same_signature,
        client_refuses_an_entry_with_another_identity_or_credential,
        client_refuses_a_roster_whose_credentials_have_wrong_lengths,
        one_identity_cannot_be_two_clients,
        saved_client_keeps_its_credential };
    return RUN(tests);
}
