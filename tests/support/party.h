/* SPDX-License-Identifier: Apache-2.0 */
/* party: whole sessions in memory, by the public interface alone. The mark
 * leaves[i] of a client names the first message that it does not send: a client
 * with LEAVES_KEYS sends nothing, and one with STAYS sends everything.
 * LEAVES_CONFIRM is for active mode; in semi-honest mode it means
 * LEAVES_UNMASK. */
#ifndef PARTY_H
#define PARTY_H

#include <secagg.h>
#include <stdbool.h>

#define PARTY_MAX 1000

/* Bytes of a header, and offsets in it (PROTOCOL.md 8.1). */
#define PARTY_HEADER 48
#define PARTY_AT_TYPE 2
#define PARTY_AT_INDEX 32
#define PARTY_AT_PART 36
#define PARTY_AT_LENGTH 40

/* Entries and bits of the only segment of small_params(). */
#define PARTY_LENGTH 37
#define PARTY_BITS 13

enum { LEAVES_KEYS, LEAVES_SHARES, LEAVES_INPUT, LEAVES_CONFIRM,
    LEAVES_UNMASK, STAYS };

/* The marks of a semi-honest session, ascending. */
#define PARTY_DROPOUTS 5
extern const int party_dropouts[PARTY_DROPOUTS];

/* From a client to the server, and from the server to a client. */
enum { UP, DOWN };

/* For tests that include check.h. */
#define OK(call) ck_assert_int_eq((call), SECAGG_OK)

#define BOTH_MODES(test)                                                      \
    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)        \
        test(mode)

/* All messages of a session: UP by the phase in which the client sent it, DOWN
 * by the phase that it opens. */
typedef struct transcript {
    uint8_t *msg[2][SECAGG_PHASE_DONE][PARTY_MAX];
    size_t len[2][SECAGG_PHASE_DONE][PARTY_MAX];
} transcript;

typedef struct party {
    secagg_params params;
    secagg_server *server;
    secagg_client *clients[PARTY_MAX];
    uint8_t seeds[PARTY_MAX][SECAGG_SEED_BYTES]; /* of the clients */
    int leaves[PARTY_MAX];
    uint64_t up[PARTY_MAX], down[PARTY_MAX]; /* bytes of each client */
    transcript *transcript; /* receives copies of all messages; may be NULL */
} party;

/* Create server and clients from seeds, with a policy that accepts small
 * cohorts and no corrupt clients. In active mode each client gets the identity
 * of party_identity() and trusts those of all clients. Fails the test on an
 * error. */
void party_init(party *p, const secagg_params *params, uint64_t seed);
void party_free(party *p);

/* party_init() in two steps: without identities, and the identities of active
 * mode. */
void party_init_anonymous(party *p, const secagg_params *params, uint64_t seed);
void party_identify(party *p);

/* Replace a client by a new one with these parameters and this seed; in active
 * mode with the same identity, but without trusted keys. */
void party_replace(party *p, uint32_t client, const secagg_params *params,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/* The long-term key pair of a client, the same in all sessions. */
void party_identity(uint32_t client, uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Parameters of a small session of integers: semi-honest, active, or in the
 * given mode. */
secagg_params small_params(uint32_t n, uint32_t t, uint32_t corrupt);
secagg_params active_params(uint32_t n, uint32_t t, uint32_t corrupt);
secagg_params params_of_mode(int mode, uint32_t n, uint32_t t,
    uint32_t corrupt);

/* Entry e of a client's input; pass the input to all clients; and check the
 * sum over the clients that sent INPUT. */
uint64_t party_entry(uint32_t client, uint64_t e);
void party_input(party *p);
void party_check_sum(const party *p);

/* Pass the messages of all clients that have not dropped out to the server, and
 * close the phase; returns what secagg_server_advance() returns. */
secagg_err party_collect(party *p);

/* Pass the server's messages of the new phase to these clients. */
void party_deliver(party *p);

/* Run all phases; `last` receives the phase in which the session ended. */
secagg_err party_run(party *p);
secagg_err party_run_until(party *p, secagg_phase *last);

/* Run until a phase has begun: party_run_to() delivers the server's messages of
 * that phase, party_open_phase() does not. */
void party_run_to(party *p, secagg_phase phase);
void party_open_phase(party *p, secagg_phase phase);

/* secagg_client_send() by a host that saves clients: a client that was saved
 * before is saved again where it waits for that (PROTOCOL.md 11.3). */
secagg_err party_send_saving(secagg_client *client, const uint8_t **msg,
    size_t *len);

/* A copy, in an exact allocation, of the message that a client, or the server
 * to client `to`, sends now; NULL if there is none. The caller frees it. */
uint8_t *party_client_send(secagg_client *client, size_t *len);
uint8_t *party_server_send(secagg_server *server, uint32_t to, size_t *len);

/* Pass a copy in an exact allocation to a client. */
secagg_err party_client_recv(party *p, uint32_t to, const uint8_t *msg,
    size_t len);

/* A copy of `have` bytes, cut or extended with zeros to len, whose header has
 * that length and the given index. The caller frees it. */
uint8_t *party_forge(const uint8_t *msg, size_t have, size_t len,
    uint32_t index);

/* The messages of a whole session with the input of party_input(). */
transcript *party_record(const secagg_params *params, uint64_t seed);
void transcript_free(transcript *said);

/* Whether one message is the same in two transcripts. */
bool transcript_same(const transcript *a, const transcript *b, int way,
    int phase, int i);

#endif
