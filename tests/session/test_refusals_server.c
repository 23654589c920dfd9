/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals of a server: each cause has a sentence of its own, with what
 * came and what was expected. The numbers follow from the parameters and from
 * the bytes that a test changes (PROTOCOL.md 8 and 9.2). */
#include <pthread.h>
#include <stdlib.h>

#include "support/main.h"
#include "support/party.h"
#include "support/refusal_list.h"

#define N 4
#define T 3

/* Offsets in bodies (PROTOCOL.md 8.2, 8.4, 8.6, 8.7, 8.11). */
#define ENC (PARTY_HEADER + 32)
#define MASK (PARTY_HEADER + 64)
#define ID (PARTY_HEADER + 96)
#define SIGNATURE (PARTY_HEADER + 128)
#define CREDENTIAL_LEN (PARTY_HEADER + 192)
#define COMMITMENT (PARTY_HEADER + 32)
#define PAIR_COUNT (PARTY_HEADER + 64)
#define PAIRS (PARTY_HEADER + 68)
#define PAIR_BYTES 100
#define COMPLAINT_COUNT (PARTY_HEADER + 32)
#define COMPLAINTS (PARTY_HEADER + 36)
#define PART_FIRST (PARTY_HEADER + 36)
#define PART_BLOCKS (PARTY_HEADER + 44)
#define KEY_COUNT (PARTY_HEADER + 32)
#define KEYS (PARTY_HEADER + 36)
#define KEY_BYTES 36

/* ---- tools -------------------------------------------------------------- */

static party session(int mode, secagg_phase phase)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    party p;

    party_init(&p, &params, 1);
    party_input(&p);
    if (phase > SECAGG_PHASE_KEYS)
        party_run_to(&p, phase);
    return p;
}

static void add(const party *p, secagg_err got, secagg_err want,
    const char *words)
{
    refusal_add(refusal_of_server, p->server, got, want, words);
}

/* Pass `len` bytes as those of a client; they are refused. */
static void refuse(const party *p, uint32_t from, const uint8_t *msg,
    size_t len, secagg_err want, const char *words)
{
    const secagg_err got = secagg_server_recv(p->server, from, msg, len);

    CHECK_REFUSAL(refusal_fault_of_server(p->server, from, got));
    add(p, got, want, words);
}

static void put_u32(uint8_t *at, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(x >> (24 - 8 * i) & 255);
}

/* Refuse the message with one byte, or four, replaced. */
static void refuse_byte(const party *p, uint32_t from, uint8_t *msg, size_t len,
    size_t at, uint8_t byte, secagg_err want, const char *words)
{
    const uint8_t old = msg[at];

    msg[at] = byte;
    refuse(p, from, msg, len, want, words);
    msg[at] = old;
}

static void refuse_u32(const party *p, uint32_t from, uint8_t *msg, size_t len,
    size_t at, uint32_t x, const char *words)
{
    uint8_t old[4];

    memcpy(old, msg + at, sizeof old);
    put_u32(msg + at, x);
    refuse(p, from, msg, len, SECAGG_ERR_MESSAGE, words);
    memcpy(msg + at, old, sizeof old);
}

/* Refuse it cut or extended to `to` bytes, with the length in the header. */
static void refuse_length(const party *p, uint32_t from, const uint8_t *msg,
    size_t len, size_t to, const char *words)
{
    uint8_t *forged = party_forge(msg, len, to, from);

    refuse(p, from, forged, to, SECAGG_ERR_MESSAGE, words);
    free(forged);
}

/* ---- headers (8.1) ------------------------------------------------------ */

static void headers(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    const secagg_err bad = SECAGG_ERR_MESSAGE;
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);

    refuse(&p, 4, msg, len, SECAGG_ERR_ARG,
        "there is no client 4: the session has 4 clients");
    refuse(&p, 1, msg, 20, bad,
        "client 1: the message has 20 bytes, and a header has 48");
    refuse_byte(&p, 1, msg, len, 1, 2, bad, "version 2, not 1");
    refuse_byte(&p, 1, msg, len, 2, 14, bad, "reserved type 14");
    refuse_byte(&p, 1, msg, len, 3, 6, bad, "flags 6 and cell 0");
    refuse_byte(&p, 1, msg, len, 5, 2, bad, "suite 2, not 1");
    refuse_byte(&p, 1, msg, len, 7, 3, bad, "flags 0 and cell 3");
    refuse_byte(&p, 1, msg, len, 8, 0x11, bad,
        "session 115e5e5e..., not of 5e5e5e5e...");
    refuse_byte(&p, 1, msg, len, 31, 9, bad, "round 9, not 7");
    refuse(&p, 2, msg, len, bad, "client 2: the header names client 1, not 2");
    refuse_byte(&p, 1, msg, len, 39, 5, bad, "part 5, but KEYS has no parts");
    refuse_byte(&p, 1, msg, len, 47, 95, bad,
        "announces 95 bytes, and 96 follow");
    refuse_byte(&p, 1, msg, len, 2, 2, bad,
        "ROSTER goes from the server to a client");
    free(msg);
    party_free(&p);
}

/* ---- the order of messages (9.2) ---------------------------------------- */

static void order_of_messages(void)
{
    const secagg_err state = SECAGG_ERR_STATE;
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    uint8_t *keys[N], *abort_msg;
    size_t len, abort_len = PARTY_HEADER + 10;

    for (uint32_t i = 0; i < N; i++)
        keys[i] = party_client_send(p.clients[i], &len);
    OK(secagg_server_recv(p.server, 0, keys[0], len));
    OK(secagg_server_recv(p.server, 1, keys[1], len));
    OK(secagg_server_recv(p.server, 2, keys[2], len));
    refuse(&p, 0, keys[0], len, SECAGG_ERR_REPEAT,
        "client 0, KEYS: it was accepted before, and need not come again");
    refuse_byte(&p, 0, keys[0], len, ENC, 1, state,
        "client 0, KEYS: it differs from the answer in KEYS");
    refuse_byte(&p, 0, keys[0], len, 2, 3, state,
        "client 0, SHARES: the phase is KEYS, in which the server accepts "
        "KEYS");
    refuse_byte(&p, 3, keys[3], len, 2, 9, state,
        "client 3, UNMASK: the phase is KEYS");
    abort_msg = party_forge(keys[2], PARTY_HEADER, abort_len, 2);
    abort_msg[2] = 11;
    put_u32(abort_msg + PARTY_HEADER + 6, 1);
    refuse(&p, 2, abort_msg, abort_len, SECAGG_ERR_MESSAGE, "client 2, ABORT: "
        "it ends within a list: 1 items of 4 bytes are announced, and 0");
    put_u32(abort_msg + PARTY_HEADER + 6, 0);
    OK(secagg_server_recv(p.server, 2, abort_msg, abort_len));
    refuse(&p, 2, keys[2], len, state,
        "client 2, KEYS: the client has sent ABORT");
    OK(secagg_server_advance(p.server));
    refuse(&p, 3, keys[3], len, state, "client 3, KEYS: the client is out");
    refuse(&p, 0, keys[0], len, state,
        "client 0, KEYS: the phase is SHARES, in which the server accepts "
        "SHARES");
    add(&p, secagg_server_advance(p.server), SECAGG_ERR_THRESHOLD,
        "0 of 4 clients sent SHARES; 3 are needed; clients 0, 1 did not answer "
        "in SHARES. Nothing was opened.");
    refuse(&p, 0, keys[0], len, state,
        "the session has failed: too few clients left");
    for (uint32_t i = 0; i < N; i++)
        free(keys[i]);
    free(abort_msg);
    party_free(&p);
}

static void after_the_end(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    const uint8_t *msg;
    size_t len;
    uint8_t *keys = party_client_send(p.clients[0], &len);

    party_free(&p);
    p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    OK(party_run(&p));
    refuse(&p, 0, keys, len, SECAGG_ERR_STATE,
        "the session is over and has its sum");
    ck_assert_int_eq(secagg_server_send(p.server, N + 1, &msg, &len),
        SECAGG_ERR_ARG);
    add(&p, SECAGG_ERR_ARG, SECAGG_ERR_ARG, "there is no client 5");
    free(keys);
    party_free(&p);
}

/* ---- bodies ------------------------------------------------------------- */

static void bodies_of_keys(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    const secagg_err bad = SECAGG_ERR_MESSAGE;
    size_t len;
    uint8_t *other = party_client_send(p.clients[0], &len);
    uint8_t *msg = party_client_send(p.clients[1], &len), *old = malloc(len);

    ck_assert_ptr_nonnull(old);
    memcpy(old, msg, len);
    OK(secagg_server_recv(p.server, 0, other, len));
    refuse_length(&p, 1, msg, len, len - 3, "client 1, KEYS: it ends within a "
        "field: of 32 bytes 29 are there (PROTOCOL.md 8.2)");
    refuse_length(&p, 1, msg, len, len + 7, "7 bytes follow its last field");
    put_u32(msg + PARTY_HEADER, 0xdecade07);
    refuse(&p, 1, msg, len, bad,
        "its digest of the parameters is decade07..., not ");
    memcpy(msg, old, len);
    memset(msg + ENC, 0, 32);
    refuse(&p, 1, msg, len, bad, "enc is not a valid point");
    memcpy(msg, old, len);
    memset(msg + MASK, 0xff, 32);
    refuse(&p, 1, msg, len, bad, "mask is not a valid point");
    memcpy(msg + MASK, msg + ENC, 32);
    refuse(&p, 1, msg, len, bad, "enc and mask are one point");
    memcpy(msg + MASK, other + ENC, 32);
    refuse(&p, 1, msg, len, bad, "another client has sent mask before");
    memcpy(msg, old, len);
    memcpy(msg + ENC, other + ENC, 32);
    refuse(&p, 1, msg, len, bad, "another client has sent enc before");
    free(other);
    free(msg);
    free(old);
    party_free(&p);
}

static void bodies_of_shares(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);

    refuse_u32(&p, 1, msg, len, PARTY_HEADER, 0x01020304,
        "its digest of the roster is 01020304..., not ");
    refuse_u32(&p, 1, msg, len, PAIR_COUNT, 4,
        "4 items of 100 bytes are announced, and 300 bytes are left");
    refuse_u32(&p, 1, msg, len, PAIR_COUNT, 2, "100 bytes follow");
    refuse_u32(&p, 1, msg, len, PAIRS, 9,
        "item 0 of its list names client 9 of 4 clients");
    refuse_u32(&p, 1, msg, len, PAIRS + PAIR_BYTES, 0,
        "item 1 of its list names client 0 after client 0");
    refuse_u32(&p, 1, msg, len, PAIRS, 1, "item 0 of its 3 pairs is not for "
        "client 0, which is a neighbour with keys (PROTOCOL.md 8.4)");
    put_u32(msg + PAIR_COUNT, 2);
    refuse_length(&p, 1, msg, len, len - PAIR_BYTES,
        "item 2 of its 2 pairs is not for client 3");
    free(msg);
    party_free(&p);
}

static void bodies_of_input(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_INPUT);
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);
    uint8_t *more = party_forge(msg, COMPLAINTS, len + 4, 1);
    const size_t planes = len - COMPLAINTS;

    refuse_u32(&p, 1, msg, len, PARTY_HEADER, 0xffffffff,
        "its digest of the set U2 is ffffffff..., not ");
    put_u32(more + COMPLAINT_COUNT, 1);
    memcpy(more + COMPLAINTS + 4, msg + COMPLAINTS, planes);
    refuse_u32(&p, 1, more, len + 4, COMPLAINTS, 1,
        "it complains of client 1, which is not a neighbour that sent SHARES");
    refuse_u32(&p, 1, more, len + 4, COMPLAINTS, 8,
        "item 0 of its list names client 8 of 4 clients (PROTOCOL.md 8.6)");
    free(more);
    more = party_forge(msg, COMPLAINTS, len + 8, 1);
    put_u32(more + COMPLAINT_COUNT, 2);
    put_u32(more + COMPLAINTS + 4, 2);
    refuse(&p, 1, more, len + 8, SECAGG_ERR_MESSAGE,
        "it complains of 2 of 4 dealers: 3 must be left");
    free(more);
    free(msg);
    party_free(&p);
}

/* Client 3 sends no INPUT: of it the mask secret is revealed, kind 1. */
static void bodies_of_unmask(void)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    uint8_t *msg;
    size_t len;

    p.leaves[3] = LEAVES_INPUT;
    party_run_to(&p, SECAGG_PHASE_UNMASK);
    msg = party_client_send(p.clients[1], &len);
    refuse_byte(&p, 1, msg, len, KEYS, 1, SECAGG_ERR_MESSAGE,
        "key 0 is of client 0 and kind 1, not of client 0 and kind 0");
    refuse_byte(&p, 1, msg, len, KEYS + 2 * KEY_BYTES, 0, SECAGG_ERR_MESSAGE,
        "key 2 is of client 3 and kind 0, not of client 3 and kind 1");
    refuse_byte(&p, 1, msg, len, KEYS, 7, SECAGG_ERR_MESSAGE,
        "item 0 of its list has the kind 7, not 0 or 1 (PROTOCOL.md 8.11)");
    refuse_u32(&p, 1, msg, len, KEYS, 1, "key 0 is of client 1 and kind 0");
    put_u32(msg + KEY_COUNT, 2);
    refuse_length(&p, 1, msg, len, len - KEY_BYTES,
        "it has 2 keys, and none of client 3");
    put_u32(msg + KEY_COUNT, 3);
    memset(msg + PARTY_HEADER, 0xff, 32);
    refuse(&p, 1, msg, len, SECAGG_ERR_MESSAGE,
        "its own share is not a scalar");
    free(msg);
    party_free(&p);
}

/* ---- parts (8.7) -------------------------------------------------------- */

/* One segment of three blocks; client 1 sends them one by one. */
static void parts(void)
{
    static const secagg_segment long_segment = { .length = 1200, .bits = 9 };
    static const uint64_t values[1200];
    secagg_params params = small_params(N, T, 1);
    uint8_t *msg[3], *whole;
    size_t len[3], whole_len;
    party p;

    params.segments = &long_segment;
    party_init(&p, &params, 1);
    OK(secagg_client_set_part_size(p.clients[1], 512));
    OK(secagg_client_input_u64(p.clients[0], 0, 0, values, 1200));
    party_run_to(&p, SECAGG_PHASE_INPUT);
    for (size_t i = 0; i < 3; i++) {
        OK(secagg_client_input_u64(p.clients[1], 0, 512 * i, values,
            i < 2 ? 512 : 176));
        msg[i] = party_client_send(p.clients[1], &len[i]);
    }
    whole = party_client_send(p.clients[0], &whole_len);
    whole[PARTY_AT_INDEX + 3] = 1;
    refuse(&p, 1, msg[1], len[1], SECAGG_ERR_STATE, "client 1, INPUT_PART: it "
        "is part 1, and the next one is part 0");
    refuse_u32(&p, 1, msg[0], len[0], PART_BLOCKS, 4,
        "it has 4 blocks, not from 1 to 3");
    refuse_u32(&p, 1, msg[0], len[0], PART_FIRST + 4, 1,
        "it begins with block 1, not 0 (PROTOCOL.md 8.7)");
    OK(secagg_server_recv(p.server, 1, msg[0], len[0]));
    refuse_byte(&p, 1, msg[0], len[0], PARTY_HEADER, msg[0][PARTY_HEADER] ^ 1,
        SECAGG_ERR_STATE, "it differs from the part 0 that was accepted");
    refuse(&p, 1, whole, whole_len, SECAGG_ERR_STATE,
        "client 1, INPUT: the client has sent 1 parts of its input");
    OK(secagg_server_recv(p.server, 1, msg[1], len[1]));
    OK(secagg_server_recv(p.server, 1, msg[2], len[2]));
    for (size_t i = 0; i < 3; i++)
        free(msg[i]);
    free(whole);
    party_free(&p);
}

/* ---- identities (3.5) --------------------------------------------------- */

static secagg_err answer;

static secagg_err verify(void *user, uint32_t index, const uint8_t *key,
    const uint8_t *credential, size_t len)
{
    (void)user;
    (void)index;
    (void)key;
    (void)credential;
    (void)len;
    return answer;
}

static party nobody_trusted(void)
{
    const secagg_params params = active_params(N, T, 1);
    party p;

    party_init_anonymous(&p, &params, 1);
    for (uint32_t i = 0; i < N; i++)
        party_replace(&p, i, &params, p.seeds[i]);
    return p;
}

static void identities_in_a_list(void)
{
    party p = nobody_trusted();
    uint8_t key[N][SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];
    const secagg_err auth = SECAGG_ERR_AUTH, state = SECAGG_ERR_STATE;
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);

    for (uint32_t i = 0; i < N; i++)
        party_identity(i, key[i], secret);
    refuse(&p, 1, msg, len, state, "client 1, KEYS: the list of trusted keys "
        "has no key for client 1 yet and is not whole");
    OK(secagg_server_trust(p.server, 1, key[0]));
    refuse(&p, 1, msg, len, auth, "client 1, KEYS: the list of trusted keys "
        "has another key for client 1 (PROTOCOL.md 8.2)");
    add(&p, secagg_server_trust(p.server, 1, key[1]), state,
        "the list of trusted keys has another key for client 1");
    add(&p, secagg_server_trust(p.server, 9, key[1]), SECAGG_ERR_ARG,
        "there is no client 9");
    add(&p, secagg_server_trust(p.server, 2, key[0]), SECAGG_ERR_ARG,
        "client 1 has the key for client 2 already");
    memset(key[3], 0xff, sizeof key[3]);
    add(&p, secagg_server_trust(p.server, 3, key[3]), SECAGG_ERR_ARG,
        "the key for client 3 is not a valid public key");
    add(&p, secagg_server_trust_with(p.server, verify, NULL), state,
        "there is a list of 1 trusted keys already");
    OK(secagg_server_trust_whole(p.server));
    add(&p, secagg_server_trust(p.server, 2, key[2]), state,
        "the list of trusted keys was declared whole");
    free(msg);
    msg = party_client_send(p.clients[2], &len);
    refuse(&p, 2, msg, len, auth,
        "the list of trusted keys is whole and has no key for client 2");
    refuse_u32(&p, 2, msg, len, CREDENTIAL_LEN - 2, 0xffffffff,
        "it has a credential of 65535 bytes, over 2048");
    memset(msg + ID, 0, 32);
    refuse(&p, 2, msg, len, auth, "the identity is not a valid public key");
    free(msg);
    party_free(&p);
}

static void identities_by_a_function(void)
{
    party p = nobody_trusted();
    uint8_t key[SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len), *other;

    party_identity(1, key, secret);
    OK(secagg_server_trust_with(p.server, verify, NULL));
    add(&p, secagg_server_trust_whole(p.server), SECAGG_ERR_STATE,
        "the host has set a function that decides about identities");
    answer = SECAGG_ERR_STATE;
    refuse(&p, 1, msg, len, SECAGG_ERR_STATE,
        "the host does not know yet whether to trust the identity of client 1");
    answer = SECAGG_ERR_VALUE;
    refuse(&p, 1, msg, len, SECAGG_ERR_AUTH, "the host does not trust the "
        "identity of client 1: its function returned -13");
    refuse_byte(&p, 1, msg, len, SIGNATURE, msg[SIGNATURE] ^ 1,
        SECAGG_ERR_AUTH, "the signature is not valid under the identity");
    answer = SECAGG_OK;
    OK(secagg_server_recv(p.server, 1, msg, len));
    other = party_client_send(p.clients[2], &len);
    memcpy(other + ID, msg + ID, 32);
    refuse(&p, 2, other, len, SECAGG_ERR_AUTH,
        "another client has sent the identity before");
    free(msg);
    free(other);
    party_free(&p);
}

static void confirmations_and_modes(void)
{
    party p = session(SECAGG_ACTIVE, SECAGG_PHASE_CONFIRM);
    uint8_t key[SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);

    party_identity(1, key, secret);
    refuse_byte(&p, 1, msg, len, PARTY_HEADER, msg[PARTY_HEADER] ^ 1,
        SECAGG_ERR_AUTH, "client 1, CONFIRM: the signature of U2 and U3 is not "
        "valid under the identity (PROTOCOL.md 8.9)");
    add(&p, secagg_server_trust(p.server, 1, key), SECAGG_ERR_STATE,
        "the phase KEYS is closed: the phase is CONFIRM");
    free(msg);
    party_free(&p);
    p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    add(&p, secagg_server_trust(p.server, 1, key), SECAGG_ERR_POLICY,
        "the session is semi-honest: it has no identities");
    party_free(&p);
}

/* ---- sums (7.5) --------------------------------------------------------- */

/* Reals, weighted reals and signed integers: entry 3 of these has the sum -8.
 * All weights are 0. */
static party with_sums(void)
{
    static const secagg_segment segments[] = {
        { .length = 5, .kind = SECAGG_REAL, .value_bits = 8, .clip = 1 },
        { .length = 5, .kind = SECAGG_WEIGHTED, .value_bits = 8, .clip = 1 },
        { .length = 5, .kind = SECAGG_SIGNED, .value_bits = 5 } };
    static const int64_t integers[5] = { 0, 1, 2, -2, -3 };
    static const double reals[5];
    secagg_params params = small_params(N, T, 1);
    party p;

    params.segments = segments;
    params.segment_count = 3;
    params.max_weight = 9;
    party_init(&p, &params, 1);
    for (uint32_t i = 0; i < N; i++) {
        OK(secagg_client_weight(p.clients[i], 0));
        OK(secagg_client_input_f64(p.clients[i], 0, 0, reals, 5));
        OK(secagg_client_input_f64(p.clients[i], 1, 0, reals, 5));
        OK(secagg_client_input_i64(p.clients[i], 2, 0, integers, 5));
    }
    return p;
}

static void sums(void)
{
    party p = with_sums();
    uint64_t out[6];
    double reals[5];
    char words[100];

    add(&p, secagg_server_sum_u64(p.server, 0, 0, out, 1), SECAGG_ERR_STATE,
        "the session has no sum: the phase is KEYS");
    add(&p, secagg_server_masks(p.server, (uint8_t *)out, 8), SECAGG_ERR_STATE,
        "the session has no masks: the phase is KEYS");
    OK(party_run(&p));
    add(&p, secagg_server_sum_u64(p.server, 3, 0, out, 1), SECAGG_ERR_ARG,
        "there is no segment 3: the session has 3 segments");
    add(&p, secagg_server_sum_f64(p.server, 2, 0, reals, 1), SECAGG_ERR_ARG,
        "segment 2 has integers, not reals");
    add(&p, secagg_server_sum_u64(p.server, 0, 2, out, 4), SECAGG_ERR_SIZE,
        "segment 0 has 5 entries: 4 from entry 2 on extend beyond it");
    add(&p, secagg_server_sum_u64(p.server, 2, 1, out, 4), SECAGG_ERR_VALUE,
        "segment 2: the type of the output cannot represent the sum of entry "
        "3");
    add(&p, secagg_server_mean_f64(p.server, 1, 0, reals, 1), SECAGG_ERR_VALUE,
        "segment 1 has no mean: the sum of the weights is 0");
    (void)snprintf(words, sizeof words, "the masks have %zu bytes, and the "
        "buffer 8", secagg_server_masks_size(p.server));
    add(&p, secagg_server_masks(p.server, (uint8_t *)out, 8), SECAGG_ERR_SIZE,
        words);
    party_free(&p);
}

/* Threads that read ranges which do not exist. Each sees a whole sentence, of
 * one of them. */
static void *read_badly(void *user)
{
    const secagg_server *s = user;
    char why[REFUSAL_BYTES];
    uint64_t out[6];

    for (int i = 0; i < 2000; i++) {
        const secagg_err err = i % 2 ? secagg_server_sum_u64(s, 3, 0, out, 1)
                                     : secagg_server_sum_u64(s, 0, 0, out, 6);
        const secagg_err kept = secagg_server_refusal(s, NULL, why,
            sizeof why);
        ck_assert_int_eq(err, i % 2 ? SECAGG_ERR_ARG : SECAGG_ERR_SIZE);
        ck_assert_str_eq(why, kept == SECAGG_ERR_ARG
            ? "there is no segment 3: the session has 3 segments"
            : "segment 0 has 5 entries: 6 from entry 0 on extend beyond it");
    }
    return NULL;
}

START_TEST(threads_that_read_sums_see_whole_sentences)
{
    party p = with_sums();
    pthread_t thread[3];

    OK(party_run(&p));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, read_badly,
            p.server), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
    party_free(&p);
}
END_TEST

/* ---- all ---------------------------------------------------------------- */

START_TEST(every_cause_has_a_sentence_of_its_own)
{
    headers();
    order_of_messages();
    after_the_end();
    bodies_of_keys();
    bodies_of_shares();
    bodies_of_input();
    bodies_of_unmask();
    parts();
    identities_in_a_list();
    identities_by_a_function();
    confirmations_and_modes();
    sums();
    refusal_check_distinct(70);
}
END_TEST

/* A call that succeeds leaves the refusal, the next refusal replaces it. */
START_TEST(the_last_refusal_stays)
{
    party p = session(SECAGG_SEMI_HONEST, SECAGG_PHASE_KEYS);
    char why[REFUSAL_BYTES] = "#", again[REFUSAL_BYTES];
    uint32_t index = 7;
    size_t len;
    uint8_t *msg = party_client_send(p.clients[1], &len);

    OK(secagg_server_refusal(p.server, &index, why, sizeof why));
    ck_assert_str_eq(why, "");
    ck_assert_uint_eq(index, UINT32_MAX);
    ck_assert_int_eq(secagg_server_recv(p.server, 3, msg, len),
        SECAGG_ERR_MESSAGE);
    ck_assert_int_eq(secagg_server_refusal(p.server, &index, why, sizeof why),
        SECAGG_ERR_MESSAGE);
    ck_assert_uint_eq(index, 3);
    OK(secagg_server_recv(p.server, 1, msg, len));
    ck_assert_int_eq(secagg_server_refusal(p.server, &index, again,
        sizeof again), SECAGG_ERR_MESSAGE);
    ck_assert_str_eq(why, again);
    ck_assert_int_eq(secagg_server_recv(p.server, 1, msg, len),
        SECAGG_ERR_REPEAT);
    ck_assert_int_eq(secagg_server_refusal(p.server, NULL, NULL, 0),
        SECAGG_ERR_REPEAT);
    ck_assert_int_eq(secagg_server_advance(p.server), SECAGG_ERR_THRESHOLD);
    ck_assert_int_eq(secagg_server_refusal(p.server, &index, why, sizeof why),
        SECAGG_ERR_THRESHOLD);
    ck_assert_uint_eq(index, UINT32_MAX);
    ck_assert_int_eq(secagg_server_error(p.server, again, sizeof again),
        SECAGG_ERR_THRESHOLD);
    ck_assert_str_eq(why, again);
    free(msg);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_cause_has_a_sentence_of_its_own,
        the_last_refusal_stays, threads_that_read_sums_see_whole_sentences };
    return RUN(tests);
}
