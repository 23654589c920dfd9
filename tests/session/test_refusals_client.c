/* SPDX-License-Identifier: Apache-2.0 */
/* The refusals of a client: each cause has a sentence of its own, with what
 * came and what was expected. The numbers follow from the parameters and from
 * the bytes that a test changes (PROTOCOL.md 8 and 9.1). */
#include <math.h>
#include <stdlib.h>

#include "support/main.h"
#include "support/party.h"
#include "support/refusal_list.h"

#define N 4
#define T 3

/* Offsets in bodies (PROTOCOL.md 8.3, 8.5, 8.8, 8.10, 8.12). */
#define ROOT (PARTY_HEADER + 32)
#define PRESENT (PARTY_HEADER + 64)
#define ENTRY_COUNT (PARTY_HEADER + 68)
#define ENTRIES (PARTY_HEADER + 72)
#define ENTRY_BYTES 68
#define ACTIVE_ENTRY_BYTES 166
#define PAIR_COUNT (PARTY_HEADER + 1)
#define PAIRS (PARTY_HEADER + 5)
#define PAIR_BYTES 100
#define SIGNERS (PARTY_HEADER + 4)
#define SIGNER_BYTES 68
#define ABORT_COUNT (PARTY_HEADER + 6)

/* ---- tools -------------------------------------------------------------- */

static void add(const secagg_client *c, secagg_err got, secagg_err want,
    const char *words)
{
    refusal_add(refusal_of_client, c, got, want, words);
}

static void put_u32(uint8_t *at, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(x >> (24 - 8 * i) & 255);
}

/* A session in which no client has received the message that opens a phase. */
static party before(int mode, secagg_phase phase)
{
    const secagg_params params = params_of_mode(mode, N, T, 1);
    party p;

    party_init(&p, &params, 1);
    party_input(&p);
    party_open_phase(&p, phase);
    return p;
}

/* Client 1 of a new session refuses the message that opens a phase, with four
 * bytes replaced at `at`, cut or extended by `more` bytes. */
static void refuse(int mode, secagg_phase phase, size_t at, uint32_t x,
    int more, secagg_err want, const char *words)
{
    party p = before(mode, phase);
    size_t len;
    uint8_t *msg = party_server_send(p.server, 1, &len);
    const size_t to = (size_t)((int)len + more);
    uint8_t *forged = party_forge(msg, len, to, 1);

    if (at > 0)
        put_u32(forged + at, x);
    add(p.clients[1], secagg_client_recv(p.clients[1], forged, to), want,
        words);
    free(forged);
    free(msg);
    party_free(&p);
}

/* ---- input -------------------------------------------------------------- */

/* Segments of each kind; weights from 1 to 9. */
static secagg_client *with_segments(void)
{
    static const secagg_segment segments[] = {
        { .length = 600, .kind = SECAGG_REAL, .value_bits = 8, .clip = 1 },
        { .length = 10, .kind = SECAGG_WEIGHTED, .value_bits = 8, .clip = 1 },
        { .length = 700, .kind = SECAGG_UNSIGNED, .value_bits = 3 } };
    const uint8_t seed[SECAGG_SEED_BYTES] = { 1 };
    secagg_params params = small_params(N, T, 1);
    secagg_client *c;

    params.segments = segments;
    params.segment_count = 3;
    params.max_weight = 9;
    params.min_weight = 1;
    OK(secagg_client_new_seeded(&c, &params, 1, NULL, seed));
    return c;
}

static void pieces(void)
{
    static const uint64_t integers[700];
    secagg_client *c = with_segments();
    double reals[600] = { 0 };
    float floats[600] = { 0 };
    int64_t negative = -1;

    add(c, secagg_client_input_f64(c, 3, 0, reals, 1), SECAGG_ERR_ARG,
        "there is no segment 3: the session has 3 segments");
    add(c, secagg_client_input_f64(c, 2, 0, reals, 1), SECAGG_ERR_ARG,
        "segment 2 has integers, not reals");
    add(c, secagg_client_input_u64(c, 0, 0, integers, 1), SECAGG_ERR_ARG,
        "segment 0 has reals, not integers");
    add(c, secagg_client_input_u64(c, 2, 690, integers, 11), SECAGG_ERR_SIZE,
        "segment 2 has 700 entries: 11 from entry 690 on extend beyond it");
    add(c, secagg_client_input_f64(c, 1, 0, reals, 10), SECAGG_ERR_STATE,
        "segment 1 is weighted: supply the weight first");
    floats[599] = NAN;
    add(c, secagg_client_input_f32(c, 0, 0, floats, 600), SECAGG_ERR_VALUE,
        "segment 0: the value of entry 599 is NaN or infinite");
    reals[7] = INFINITY;
    add(c, secagg_client_input_f64(c, 0, 3, reals, 10), SECAGG_ERR_VALUE,
        "segment 0: the value of entry 10 is NaN or infinite");
    add(c, secagg_client_input_i64(c, 2, 44, &negative, 1), SECAGG_ERR_VALUE,
        "segment 2: the value of entry 44 is not from 0 to 2^3 - 1");
    add(c, secagg_client_weight(c, 10), SECAGG_ERR_VALUE,
        "the weight is not from 1 to 9");
    OK(secagg_client_weight(c, 9));
    add(c, secagg_client_weight(c, 9), SECAGG_ERR_STATE,
        "the client has its weight already");
    OK(secagg_client_input_u64(c, 2, 5, integers, 10));
    add(c, secagg_client_input_u64(c, 2, 0, integers, 6), SECAGG_ERR_STATE,
        "segment 2: one of the entries 0 to 5 was supplied before");
    add(c, secagg_client_set_part_size(c, 512), SECAGG_ERR_STATE,
        "the client has input already");
    secagg_client_free(c);
}

static void part_sizes(void)
{
    static const uint64_t values[700];
    secagg_client *c = with_segments();

    add(c, secagg_client_set_part_size(c, 513), SECAGG_ERR_ARG,
        "513 entries are not a multiple of 512");
    add(c, secagg_client_set_part_size(c, 0), SECAGG_ERR_ARG,
        "a part of 0 entries: it must have from 512 to 2199023255040");
    OK(secagg_client_set_part_size(c, 512));
    add(c, secagg_client_input_u64(c, 2, 0, values, 513), SECAGG_ERR_STATE,
        "segment 2: not all entries from 0 to 512 are in the part that is due");
    secagg_client_free(c);
}

/* ---- sending ------------------------------------------------------------ */

static void add_send(secagg_client *c, secagg_err want, const char *words)
{
    const uint8_t *msg;
    size_t len;

    add(c, secagg_client_send(c, &msg, &len), want, words);
}

/* A session of one client that waits for input. */
static party waiting(const secagg_segment *segments, size_t count,
    uint64_t max_weight)
{
    secagg_params params = small_params(N, T, 1);
    party p;

    params.segments = segments;
    params.segment_count = count;
    params.max_weight = max_weight;
    party_init(&p, &params, 1);
    party_run_to(&p, SECAGG_PHASE_INPUT);
    return p;
}

/* Segments 0 and 2 share a lane, in which segment 2 begins at entry 20. */
static void input_that_is_due(void)
{
    static const secagg_segment segments[] = { { .length = 20, .bits = 9 },
        { .length = 5, .bits = 3 }, { .length = 30, .bits = 9 } };
    static const uint64_t values[50];
    party p = waiting(segments, 3, 0);
    secagg_client *c = p.clients[1];

    add_send(c, SECAGG_ERR_INPUT_DUE, "no entry of the input was supplied");
    OK(secagg_client_input_u64(c, 1, 0, values, 2));
    OK(secagg_client_input_u64(c, 0, 0, values, 20));
    OK(secagg_client_input_u64(c, 2, 0, values, 7));
    OK(secagg_client_input_u64(c, 2, 8, values, 22));
    add_send(c, SECAGG_ERR_INPUT_DUE, "segment 1: entry 2 of 5 is missing");
    OK(secagg_client_input_u64(c, 1, 2, values, 3));
    add_send(c, SECAGG_ERR_INPUT_DUE, "segment 2: entry 7 of 30 is missing");
    add(c, secagg_client_weight(c, 1), SECAGG_ERR_STATE,
        "the session has no weights: max_weight is 0");
    party_free(&p);
    p = waiting(segments, 3, 4);
    OK(secagg_client_input_u64(p.clients[1], 0, 0, values, 20));
    add_send(p.clients[1], SECAGG_ERR_INPUT_DUE, "the weight is missing");
    party_free(&p);
}

static void input_in_parts(void)
{
    static const secagg_segment segment = { .length = 1200, .bits = 9 };
    static const uint64_t values[1200];
    secagg_params params = small_params(N, T, 1);
    const uint8_t *msg;
    size_t len;
    party p;

    params.segments = &segment;
    party_init(&p, &params, 1);
    OK(secagg_client_set_part_size(p.clients[1], 512));
    party_run_to(&p, SECAGG_PHASE_INPUT);
    OK(secagg_client_input_u64(p.clients[1], 0, 0, values, 512));
    OK(secagg_client_send(p.clients[1], &msg, &len));
    add_send(p.clients[1], SECAGG_ERR_INPUT_DUE,
        "no entry of the part that is due was supplied");
    OK(secagg_client_input_u64(p.clients[1], 0, 512, values, 511));
    add_send(p.clients[1], SECAGG_ERR_INPUT_DUE,
        "segment 0: entry 1023 of 1200 is missing");
    party_free(&p);
}

static void input_too_late(void)
{
    static const uint64_t values[PARTY_LENGTH];
    party p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_UNMASK);

    add(p.clients[1], secagg_client_input_u64(p.clients[1], 0, 0, values, 1),
        SECAGG_ERR_STATE, "all of INPUT is built: the phase is INPUT");
    party_deliver(&p);
    add(p.clients[1], secagg_client_input_u64(p.clients[1], 0, 0, values, 1),
        SECAGG_ERR_STATE, "all of INPUT is built: the phase is UNMASK");
    party_free(&p);
}

/* ---- saving ------------------------------------------------------------- */

static const uint8_t save_key[SECAGG_SEED_BYTES] = { 9 };

static uint8_t *save(secagg_client *c, size_t *len)
{
    uint8_t *state;

    *len = secagg_client_save_size(c);
    state = malloc(*len);
    ck_assert_ptr_nonnull(state);
    OK(secagg_client_save(c, state, *len, save_key));
    return state;
}

static void saved_clients(void)
{
    party p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_INPUT);
    uint64_t values[PARTY_LENGTH] = { 1 };
    secagg_client *c = p.clients[1], *resumed;
    uint8_t short_state[12];
    size_t len, len_of_state, relay_len;
    uint8_t *state, *relay = party_server_send(p.server, 1, &relay_len);
    const uint8_t *msg;
    char words[100];

    (void)snprintf(words, sizeof words, "the state has %zu bytes, and the "
        "buffer 12", secagg_client_save_size(c));
    add(c, secagg_client_save(c, short_state, sizeof short_state, save_key),
        SECAGG_ERR_SIZE, words);
    free(save(c, &len));
    OK(secagg_client_recv(c, relay, relay_len));
    add_send(c, SECAGG_ERR_STATE,
        "built a message since generation 1 was saved: save it");
    state = save(c, &len_of_state);
    OK(secagg_client_send(c, &msg, &len));
    OK(secagg_client_resume(&resumed, state, len_of_state, save_key, 2, NULL,
        -1));
    ck_assert_int_eq(secagg_client_refusal(resumed, words, sizeof words),
        SECAGG_OK);
    ck_assert_str_eq(words, "");
    OK(secagg_client_input_u64(resumed, 0, 0, values, PARTY_LENGTH));
    add_send(resumed, SECAGG_ERR_STATE, "the input differs from the one before "
        "the resume, of which part 0 was built");
    secagg_client_free(resumed);
    free(state);
    free(relay);
    party_free(&p);
}

/* ---- identities (3.5) --------------------------------------------------- */

static secagg_err answer;

static secagg_err verify(void *user, uint32_t index, const uint8_t *key,
    const uint8_t *credential, size_t len)
{
    (void)user;
    (void)key;
    (void)credential;
    (void)len;
    return index == 2 ? answer : SECAGG_OK;
}

static secagg_err no_pen(void *user, uint8_t *signature, const uint8_t *text,
    size_t len)
{
    (void)user;
    (void)signature;
    (void)text;
    (void)len;
    return SECAGG_ERR_SIZE;
}

static void own_identity(void)
{
    const secagg_params params = active_params(N, T, 1);
    uint8_t key[SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];
    uint8_t bad[SECAGG_SECRETKEY_BYTES] = { 0 };
    const uint8_t credential[3000] = { 0 };
    const uint8_t *msg;
    secagg_client *c;
    size_t len;
    party p;

    party_init_anonymous(&p, &params, 1);
    c = p.clients[1];
    party_identity(1, key, secret);
    add_send(c, SECAGG_ERR_STATE, "KEYS needs a signing key");
    add(c, secagg_client_identify(c, bad), SECAGG_ERR_ARG, "the second half of "
        "the 64 bytes is not the public key of the first");
    add(c, secagg_client_identify_with(c, bad, no_pen, NULL), SECAGG_ERR_ARG,
        "the identity is not a valid public key");
    add(c, secagg_client_present(c, credential, 2049), SECAGG_ERR_SIZE,
        "the credential has 2049 bytes, over 2048");
    OK(secagg_client_present(c, credential, 5));
    add(c, secagg_client_present(c, credential, 5), SECAGG_ERR_STATE,
        "the client has a credential of 5 bytes already");
    OK(secagg_client_identify_with(c, key, no_pen, NULL));
    add_send(c, SECAGG_ERR_SIZE,
        "KEYS could not be signed: the host's function returned -12");
    add(c, secagg_client_identify(c, secret), SECAGG_ERR_STATE,
        "the client has a signing key or function already");
    c = p.clients[2];
    party_identity(2, key, secret);
    OK(secagg_client_identify(c, secret));
    OK(secagg_client_send(c, &msg, &len));
    add(c, secagg_client_present(c, credential, 5), SECAGG_ERR_STATE,
        "KEYS is built: the phase is KEYS");
    party_free(&p);
}

static void resumed_identity(void)
{
    party p = before(SECAGG_ACTIVE, SECAGG_PHASE_SHARES);
    uint8_t key[N][SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];
    size_t len;
    uint8_t *state = save(p.clients[1], &len);
    secagg_client *c;

    OK(secagg_client_resume(&c, state, len, save_key, 1, NULL, -1));
    party_identity(2, key[2], secret);
    party_identity(3, key[3], secret);
    add(c, secagg_client_identify(c, secret), SECAGG_ERR_AUTH,
        "the identity of client 1 in the saved state is another key");
    add(c, secagg_client_trust(c, 2, key[3]), SECAGG_ERR_AUTH,
        "the saved state has another key for client 2");
    secagg_client_free(c);
    free(state);
    party_free(&p);
}

static void trust_at_a_wrong_time(void)
{
    party p = before(SECAGG_ACTIVE, SECAGG_PHASE_INPUT);
    uint8_t key[SECAGG_PUBLIC_BYTES], secret[SECAGG_SECRETKEY_BYTES];

    party_identity(1, key, secret);
    add(p.clients[1], secagg_client_trust(p.clients[1], 1, key),
        SECAGG_ERR_STATE, "the roster is accepted, or the session over: the "
        "phase is SHARES");
    party_free(&p);
    p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    add(p.clients[1], secagg_client_trust_whole(p.clients[1]),
        SECAGG_ERR_POLICY, "the session is semi-honest: it has no identities");
    party_free(&p);
    p = before(SECAGG_ACTIVE, SECAGG_PHASE_UNMASK);
    party_deliver(&p);
    OK(party_collect(&p));
    add(p.clients[1], secagg_client_identify(p.clients[1], secret),
        SECAGG_ERR_STATE, "the session is over: the phase is DONE");
    party_free(&p);
}

/* The roster of an active session, with what client 1 does not trust. */
static void rosters_of_identities(void)
{
    const secagg_params params = active_params(N, T, 1);
    const size_t id2 = ENTRIES + 2 * ACTIVE_ENTRY_BYTES + 68;
    party p = before(SECAGG_ACTIVE, SECAGG_PHASE_SHARES);
    size_t len;
    uint8_t *msg = party_server_send(p.server, 1, &len);

    party_replace(&p, 1, &params, p.seeds[1]);
    free(party_client_send(p.clients[1], &len));
    len = ENTRIES + N * ACTIVE_ENTRY_BYTES;
    add(p.clients[1], secagg_client_recv(p.clients[1], msg, len),
        SECAGG_ERR_STATE, "ROSTER: the list of trusted keys has no key for "
        "client 0 yet and is not whole");
    OK(secagg_client_trust_with(p.clients[1], verify, NULL));
    answer = SECAGG_ERR_STATE;
    add(p.clients[1], secagg_client_recv(p.clients[1], msg, len),
        SECAGG_ERR_STATE, "ROSTER: the host does not know yet whether to trust "
        "the identity of client 2");
    answer = SECAGG_ERR_AUTH;
    add(p.clients[1], secagg_client_recv(p.clients[1], msg, len),
        SECAGG_ERR_AUTH, "the host does not trust the identity of client 2: "
        "its function returned -21 (PROTOCOL.md 8.3)");
    free(msg);
    party_free(&p);
    /* the identity is hashed into the root */
    refuse(SECAGG_ACTIVE, SECAGG_PHASE_SHARES, id2, 0x12345678, 0,
        SECAGG_ERR_MESSAGE, "ROSTER: its root is ");
}

/* ---- messages of the server --------------------------------------------- */

static void rosters(void)
{
    const int mode = SECAGG_SEMI_HONEST;
    const secagg_phase phase = SECAGG_PHASE_SHARES;
    const secagg_err bad = SECAGG_ERR_MESSAGE;

    refuse(mode, phase, PRESENT, 5, 0, bad, "it has 4 entries of 5 clients "
        "with keys, of 4 clients (PROTOCOL.md 8.3)");
    refuse(mode, phase, PRESENT, 3, 0, bad,
        "it has 4 entries of 3 clients with keys, of 4 clients");
    refuse(mode, phase, ENTRY_COUNT, 3, 0, bad, "68 bytes follow");
    refuse(mode, phase, 0, 0, -1, bad,
        "it ends within a field: of 32 bytes 31 are there");
    refuse(mode, phase, ENTRIES + ENTRY_BYTES, 0, 0, bad,
        "item 1 of its list names client 0 after client 0");
    refuse(mode, phase, PARTY_HEADER, 1, 0, bad,
        "it has a graph seed, and the graph is complete");
    refuse(mode, phase, ENTRIES + ENTRY_BYTES + 4, 1, 0, bad,
        "its entry of client 1, this client, is not what KEYS sent");
    refuse(mode, phase, ROOT, 0xabcdef01, 0, bad,
        "its root is abcdef01..., and that of its entries ");
}

static void relays_and_survivors(void)
{
    const int mode = SECAGG_SEMI_HONEST;
    const secagg_err bad = SECAGG_ERR_MESSAGE;

    /* the first byte is the bitmap, and the count of pairs follows */
    refuse(mode, SECAGG_PHASE_INPUT, PARTY_HEADER, 0x0d000000, 0, bad,
        "its set U2 does not have client 1, this client (PROTOCOL.md 8.5)");
    refuse(mode, SECAGG_PHASE_INPUT, PARTY_HEADER, 0x1f000000, 0, bad,
        "its bitmap has a bit beyond the 4 clients");
    refuse(mode, SECAGG_PHASE_INPUT, PARTY_HEADER, 0x07000000, 0, bad,
        "it has 3 pairs of 2 neighbours in U2");
    refuse(mode, SECAGG_PHASE_INPUT, PAIR_COUNT, 2, -PAIR_BYTES, bad,
        "item 2 of its 2 pairs is not of client 3, a neighbour in U2");
    refuse(mode, SECAGG_PHASE_INPUT, PAIRS, 7, 0, bad,
        "item 0 of its list names client 7 of 4 clients");
    refuse(mode, SECAGG_PHASE_UNMASK, 0, 0, 1, bad,
        "SURVIVORS: 1 bytes follow its last field (PROTOCOL.md 8.8)");
}

/* Client 1 of a session, in which client 3 sends no SHARES, receives this
 * bitmap of survivors. */
static void refuse_survivors(uint8_t bitmap, secagg_err want, const char *words)
{
    const secagg_params params = small_params(N, T, 1);
    uint8_t *msg;
    size_t len;
    party p;

    party_init(&p, &params, 1);
    party_input(&p);
    p.leaves[3] = LEAVES_SHARES;
    party_open_phase(&p, SECAGG_PHASE_UNMASK);
    msg = party_server_send(p.server, 1, &len);
    ck_assert_uint_eq(len, PARTY_HEADER + 1);
    msg[PARTY_HEADER] = bitmap;
    add(p.clients[1], secagg_client_recv(p.clients[1], msg, len), want, words);
    free(msg);
    party_free(&p);
}

static void sets_of_survivors(void)
{
    refuse_survivors(0x05, SECAGG_ERR_MESSAGE,
        "its set U3 does not have client 1, this client");
    refuse_survivors(0x0f, SECAGG_ERR_MESSAGE,
        "its set U3 of 4 clients is not within U2");
    refuse_survivors(0x03, SECAGG_ERR_THRESHOLD,
        "SURVIVORS: 2 clients sent INPUT; 3 are needed");
}

static void signatures(void)
{
    const secagg_phase phase = SECAGG_PHASE_UNMASK;

    refuse(SECAGG_ACTIVE, phase, SIGNERS + 3 * SIGNER_BYTES, 9, 0,
        SECAGG_ERR_MESSAGE, "SIGNATURES: item 3 of its list names client 9");
    refuse(SECAGG_ACTIVE, phase, PARTY_HEADER, 1, -3 * SIGNER_BYTES,
        SECAGG_ERR_THRESHOLD, "SIGNATURES: 2 survivors, this client included, "
        "have signed its U2 and U3; 3 are needed");
}

/* ---- the order of messages (9.1, 9.3) ----------------------------------- */

static void order_of_messages(void)
{
    const secagg_err state = SECAGG_ERR_STATE;
    party p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    secagg_client *c = p.clients[1];
    size_t len;
    uint8_t *msg = party_server_send(p.server, 1, &len);

    party_replace(&p, 0, &p.params, p.seeds[0]);
    msg[PARTY_AT_INDEX + 3] = 0;
    add(p.clients[0], secagg_client_recv(p.clients[0], msg, len), state,
        "ROSTER: the client has not built its KEYS yet: call "
        "secagg_client_send() first");
    msg[PARTY_AT_INDEX + 3] = 1;
    msg[2] = 4;
    add(c, secagg_client_recv(c, msg, len), state, "RELAY: the phase is KEYS, "
        "in which the client waits for ROSTER");
    msg[2] = 2;
    OK(secagg_client_recv(c, msg, len));
    msg[ENTRIES] = 1;
    add(c, secagg_client_recv(c, msg, len), state,
        "ROSTER: it differs from the one that was accepted");
    msg[PARTY_AT_INDEX + 3] = 3;
    add(c, secagg_client_recv(c, msg, len), SECAGG_ERR_MESSAGE,
        "the header names client 3, not 1");
    msg[PARTY_AT_INDEX + 3] = 1;
    msg[2] = 3;
    add(c, secagg_client_recv(c, msg, len), SECAGG_ERR_MESSAGE,
        "SHARES goes from a client to the server");
    free(msg);
    party_free(&p);
    p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_UNMASK);
    c = p.clients[1];
    msg = party_server_send(p.server, 1, &len);
    OK(secagg_client_recv(c, msg, len));
    msg[2] = 2;
    add(c, secagg_client_recv(c, msg, len), state, "ROSTER: the phase is "
        "UNMASK, in which the client waits for no message");
    free(party_client_send(c, &len));
    len = PARTY_HEADER + 1;
    add(c, secagg_client_recv(c, msg, len), state,
        "ROSTER: the client is done: it accepts only its last message again");
    free(msg);
    party_free(&p);
}

/* Give client 1 an ABORT of the server with this code; 10 bytes of body. */
static void receive_abort(uint32_t code, uint32_t complaints, secagg_err want,
    const char *words)
{
    party p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    const size_t len = PARTY_HEADER + 10 + 4 * complaints;
    size_t have;
    uint8_t *msg = party_server_send(p.server, 1, &have);
    uint8_t *forged = party_forge(msg, PARTY_HEADER, len, 1);

    forged[2] = 12;
    forged[PARTY_HEADER + 1] = (uint8_t)code;
    put_u32(forged + ABORT_COUNT, complaints);
    add(p.clients[1], secagg_client_recv(p.clients[1], forged, len), want,
        words);
    if (want == SECAGG_ERR_THRESHOLD) {
        free(party_client_send(p.clients[1], &have));
        add_send(p.clients[1], SECAGG_ERR_STATE,
            "the session has failed: too few clients left");
    }
    free(msg);
    free(forged);
    party_free(&p);
}

static void aborts(void)
{
    receive_abort(23, 0, SECAGG_ERR_THRESHOLD, "ABORT: the server ended the "
        "session: too few clients or shares remain");
    receive_abort(24, 0, SECAGG_ERR_CHEAT,
        "ABORT: the server ended the session: a client cheated");
    receive_abort(21, 0, SECAGG_ERR_MESSAGE, "ABORT: it names the error -21, "
        "which is not a server's (PROTOCOL.md 8.12)");
    receive_abort(23, 1, SECAGG_ERR_MESSAGE,
        "ABORT: it has 1 complaints, and a server has none");
}

/* ---- all ---------------------------------------------------------------- */

START_TEST(every_cause_has_a_sentence_of_its_own)
{
    pieces();
    part_sizes();
    input_that_is_due();
    input_in_parts();
    input_too_late();
    saved_clients();
    own_identity();
    resumed_identity();
    trust_at_a_wrong_time();
    rosters_of_identities();
    rosters();
    relays_and_survivors();
    sets_of_survivors();
    signatures();
    order_of_messages();
    aborts();
    refusal_check_distinct(70);
}
END_TEST

/* A call that succeeds leaves the refusal, and so does a failure: the error of
 * the session is another function. */
START_TEST(the_last_refusal_stays)
{
    party p = before(SECAGG_SEMI_HONEST, SECAGG_PHASE_SHARES);
    secagg_client *c = p.clients[1];
    char why[REFUSAL_BYTES] = "#", again[REFUSAL_BYTES];
    size_t len;
    uint8_t *msg = party_server_send(p.server, 1, &len);

    OK(secagg_client_refusal(c, why, sizeof why));
    ck_assert_str_eq(why, "");
    ck_assert_int_eq(secagg_client_weight(c, 1), SECAGG_ERR_STATE);
    ck_assert_int_eq(secagg_client_refusal(c, why, sizeof why),
        SECAGG_ERR_STATE);
    OK(secagg_client_recv(c, msg, len));
    ck_assert_int_eq(secagg_client_refusal(c, again, sizeof again),
        SECAGG_ERR_STATE);
    ck_assert_str_eq(why, again);
    OK(secagg_client_error(c));
    free(msg);
    party_free(&p);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { every_cause_has_a_sentence_of_its_own,
        the_last_refusal_stays };
    return RUN(tests);
}
