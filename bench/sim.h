/* SPDX-License-Identifier: Apache-2.0 */
/* sim: a session in memory, with the time that each client and the server
 * spend in the library, and the parts of a large one measured by themselves. */
#ifndef SIM_H
#define SIM_H

#include <secagg.h>

typedef struct sim_kind {
    uint32_t clients, neighbours, threshold, percent; /* that drop out */
    uint64_t length;
    uint32_t value_bits;
    bool active;
} sim_kind;

/* What the server said to client 0. */
typedef struct sim_talk {
    uint8_t *msg[SECAGG_PHASE_DONE];
    size_t len[SECAGG_PHASE_DONE], count;
} sim_talk;

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
    sim_talk *talk; /* of a large session, or NULL */
    double parts;   /* of the server's time, measured alone beside it */
    uint8_t *planes;
} sim;

sim *sim_new(const sim_kind *kind, sim_talk *talk);
void sim_free(sim *s);
void sim_forget(sim_talk *talk);

/* From KEYS to the mean. */
void sim_run(sim *s);

bool sim_drops(const sim_kind *kind, uint32_t client);
size_t sim_planes(const sim_kind *kind);

/* Seconds of one X25519, now. */
double sim_x25519(void);

/* Seconds of client 0's session, done again, and of its parts. */
double sim_replay(sim *s);
double sim_client_parts(sim *s);

#endif
