/* SPDX-License-Identifier: Apache-2.0 */
/* sim: simulate a session in memory, measuring the time that each client and
 * the server spend in the library; and, for a large session, the time of its
 * parts measured alone. */
#ifndef SIM_H
#define SIM_H

#include <secagg.h>

typedef struct sim_kind {
    uint32_t clients, neighbours, threshold;
    uint32_t percent; /* of the clients that drop out */
    uint64_t length;
    uint32_t value_bits;
    bool active;
} sim_kind;

/* The messages of the server to client 0. */
typedef struct sim_transcript {
    uint8_t *msg[SECAGG_PHASE_DONE];
    size_t len[SECAGG_PHASE_DONE], count;
} sim_transcript;

typedef struct sim {
    const sim_kind *kind;
    secagg_segment segment;
    secagg_params params;
    secagg_server *server;
    secagg_client **clients;
    uint8_t (*keys)[SECAGG_PUBLIC_BYTES]; /* of active sessions */
    float *values;
    double *seconds, server_seconds;
    uint64_t *up, *down;
    sim_transcript *transcript; /* of a large session, or NULL */
    double parts;   /* seconds of the server's parts, measured alone */
    uint8_t *planes;
} sim;

sim *sim_new(const sim_kind *kind, sim_transcript *transcript);
void sim_free(sim *s);
void sim_transcript_free(sim_transcript *transcript);

/* Run the session from KEYS to the mean. */
void sim_run(sim *s);

bool sim_drops(const sim_kind *kind, uint32_t client);
size_t sim_planes(const sim_kind *kind);

/* Measure the seconds of one X25519. */
double sim_x25519(void);

/* Measure client 0 again from its seed and the transcript; and its parts. */
double sim_replay(sim *s);
double sim_client_parts(sim *s);

#endif
