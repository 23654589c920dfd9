/* SPDX-License-Identifier: Apache-2.0 */
/* cheat_session: sessions on any graph in which some clients cheat. They change
 * a message of an honest library client, or the RELAY before that client
 * receives it, so that a false complaint has all its consequences. Beside it,
 * the rule by which a host leaves clients out of the next session (PROTOCOL.md
 * 9.6). By the public interface alone. */
#ifndef CHEAT_SESSION_H
#define CHEAT_SESSION_H

#include <secagg.h>
#include <stdbool.h>

#define CHEAT_MAX 32

/* How one client cheats. Sets of clients are bit masks by index. For an
 * honest client all is zero. */
typedef struct cheats {
    uint32_t deals;      /* holders whose sealed shares it spoils */
    uint32_t complains;  /* dealers whose shares it spoils on arrival */
    int silent_from;     /* 1 + the phase from which it sends nothing, or 0 */
    int aborts_in;       /* 1 + the phase in which it sends ABORT, or 0 */
    bool commitment;     /* com_u is of another secret */
    bool own_share;      /* its own share in UNMASK is false */
    bool keys;           /* its first key in UNMASK is false */
} cheats;

typedef struct cheat_session {
    secagg_params params;
    uint32_t n;
    secagg_server *server;
    secagg_client *clients[CHEAT_MAX];
    cheats cheats[CHEAT_MAX];
    uint64_t values[CHEAT_MAX]; /* the input: one integer of 64 bits */
    secagg_err error;           /* of the session; SECAGG_OK: it has a sum */
    /* What a host sees: the clients that did not answer in a phase, those that
     * sent ABORT, and those of them whose ABORT had no complaint. */
    uint32_t silent, aborted, aborted_bare;
} cheat_session;

/* Parameters of n clients, of which c may be corrupt; `neighbours` 0 is the
 * complete graph. The threshold is the least that 2.2 allows, and
 * min_survivors is the maximum of it and c + 2 where that is 0. */
secagg_params cheats_params(int mode, uint32_t n, uint32_t c,
    uint32_t neighbours, uint32_t min_survivors);

/* Create server and clients, all of them honest, with the values 1000 i + seed
 * modulo 1000. The test then sets cheats and values. */
void cheats_init(cheat_session *l, const secagg_params *params, uint64_t seed);
void cheats_free(cheat_session *l);

/* Run the session, or one phase of it. */
void cheats_run(cheat_session *l);
void cheats_run_phase(cheat_session *l);

/* The sum; the test fails if there is none. */
uint64_t cheats_sum(const cheat_session *l);

/* The sum of the values of a set of clients. */
uint64_t cheats_values(const cheat_session *l, uint32_t set);

/* Clients on the blame list. */
uint32_t cheats_blamed(const cheat_session *l);

/* 9.6: the clients that the next session lacks, and in *steps by how much c
 * falls. */
uint32_t cheats_leave_out(const cheat_session *l, uint32_t *steps);

#endif
