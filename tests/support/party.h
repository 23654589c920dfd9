/* SPDX-License-Identifier: Apache-2.0 */
/* party: whole sessions in memory for the tests, on the public interface
 * alone. A dropout is named by the message that a client does not send any
 * more: LEAVES_KEYS never speaks, STAYS goes to the end. LEAVES_CONFIRM is of
 * active mode; elsewhere it is LEAVES_UNMASK. */
#ifndef PARTY_H
#define PARTY_H

#include <secagg.h>
#include <stdbool.h>

#define PARTY_MAX 1000

/* Of the messages, as PROTOCOL.md 8.1 lays them out. */
#define PARTY_HEADER 48
#define PARTY_AT_TYPE 2
#define PARTY_AT_INDEX 32
#define PARTY_AT_LENGTH 40

/* The one segment of small_params(). */
#define PARTY_LENGTH 37
#define PARTY_BITS 13

enum { LEAVES_KEYS, LEAVES_SHARES, LEAVES_INPUT, LEAVES_CONFIRM,
    LEAVES_UNMASK, STAYS };

/* Those of a semi-honest session, in this order. */
#define PARTY_DROPOUTS 5
extern const int party_dropouts[PARTY_DROPOUTS];

enum { UP, DOWN };

/* For tests, which have check.h. */
#define OK(call) ck_assert_int_eq((call), SECAGG_OK)

#define BOTH_MODES(test)                                                      \
    for (int mode = SECAGG_SEMI_HONEST; mode <= SECAGG_ACTIVE; mode++)        \
        test(mode)

/* All that was said in a session: up by the phase in which it was sent, down
 * by the phase that it opened. */
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
    transcript *transcript; /* where it is written down, or NULL */
} party;

/* Make server and clients from seeds; min_corrupt of the policy is 0 so that
 * small cohorts of every kind run. In active mode each has the identity below,
 * and all know those of all. Fails the test on an error. */
void party_init(party *p, const secagg_params *params, uint64_t seed);
void party_free(party *p);

/* The same without identities, and what is then missing in active mode. */
void party_init_anonymous(party *p, const secagg_params *params, uint64_t seed);
void party_identify(party *p);

/* Another client in the place of one, of these parameters and this seed, and
 * with that one's identity in active mode. */
void party_replace(party *p, uint32_t client, const secagg_params *params,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/* The long-term key pair of a client: the same in all sessions. */
void party_identity(uint32_t client, uint8_t public_key[SECAGG_PUBLIC_BYTES],
    uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/* Parameters of a small session of integers, the input of its clients, and
 * the exact sum over those who left after their INPUT, if at all. */
secagg_params small_params(uint32_t n, uint32_t t, uint32_t corrupt);
secagg_params active_params(uint32_t n, uint32_t t, uint32_t corrupt);
secagg_params params_of_mode(int mode, uint32_t n, uint32_t t,
    uint32_t corrupt);
uint64_t party_entry(uint32_t client, uint64_t e);
void party_input(party *p);
void party_check_sum(const party *p);

/* Let every client that has not left in this phase speak, and end the phase;
 * returns what secagg_server_advance says. */
secagg_err party_collect(party *p);

/* Bring the messages of the new phase to the clients that have not left. */
void party_deliver(party *p);

/* Phase after phase until the session is over; and in which one it ended. */
secagg_err party_run(party *p);
secagg_err party_run_until(party *p, secagg_phase *last);

/* Phase after phase until a phase begins; its messages are delivered, or they
 * are not. */
void party_run_to(party *p, secagg_phase phase);
void party_open_phase(party *p, secagg_phase phase);

/* What a client says now, copied to the end of an exact allocation; NULL
 * where it says nothing. The caller frees it. */
uint8_t *party_client_send(secagg_client *client, size_t *len);
uint8_t *party_server_send(secagg_server *server, uint32_t to, size_t *len);

/* A client hears such a copy. */
secagg_err party_client_recv(party *p, uint32_t to, const uint8_t *msg,
    size_t len);

/* A copy with the length in its header made to fit, and the index. */
uint8_t *party_forge(const uint8_t *msg, size_t have, size_t len,
    uint32_t index);

/* What a session of small_params() says from first to last. */
transcript *party_record(const secagg_params *params, uint64_t seed);
void transcript_free(transcript *said);

/* Whether one message is the same in two. */
bool transcript_same(const transcript *a, const transcript *b, int way,
    int phase, int i);

#endif
