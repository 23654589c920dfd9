/* SPDX-License-Identifier: Apache-2.0 */
/* saved_server: sessions whose server is saved in every phase, on both graphs
 * and in both modes. */
#ifndef SAVED_SERVER_H
#define SAVED_SERVER_H

#include "server/server_state.h"
#include "support/parts_driver.h"

/* Forms of a session. */
enum { COMPLETE = 1, RING = 2, ACTIVE = 4, ALL = 7 };

/* Client 7 is never there and client 6 leaves in SHARES; in the middle of
 * INPUT client 5 has sent one part, and then it leaves. */
#define CLIENTS 8
#define GONE 7
#define LATE 6
#define STAGED 5

/* A sealed state. */
typedef struct sealed {
    uint8_t *bytes;
    size_t len;
} sealed;

/* The key of all states. */
extern const uint8_t saved_key[SECAGG_SEED_BYTES];

/* Save a server; the caller frees the bytes. */
sealed saved_save(secagg_server *s);

/* The error of a resume. */
secagg_err saved_error(const uint8_t *bytes, size_t len, uint64_t least,
    const secagg_params *params);

/* Parameters of a session in a form, and one phase of it: the clients that are
 * there answer. */
secagg_params saved_params(int form);
void saved_answer(driver *r);

/* Call f with the server of a session in each form: in each phase before the
 * first answer and after the last one, and when it is over, with and without a
 * sum. */
void saved_visit(void (*f)(driver *r, int form));

/* Make the memory of a server agree with sets that a test has changed. */
void saved_complete(secagg_server *s);

#endif
