/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: a session driven by the input of a fuzzer. The input is a tape: bytes
 * that select operations and their arguments. The parties are honest and run
 * from fixed seeds, so that the tape need not forge signatures or sealed
 * shares: it changes the messages of the parties. CHECK() ends the process if a
 * condition is false. */
#ifndef FUZZ_H
#define FUZZ_H

#include "support/session_driver.h"

#define FUZZ_MAX_CLIENTS 8
#define FUZZ_KINDS 4    /* kinds of sessions */
#define FUZZ_SEED 5     /* seed of server and clients */
#define FUZZ_INPUT 32768 /* maximum bytes of an input */

#define CHECK(what)                                                           \
    ((what) ? (void)0 : fuzz_failed(#what, __FILE__, __LINE__))
_Noreturn void fuzz_failed(const char *what, const char *file, int line);

/* The rest of an input; after its end tape_byte() returns zeros. */
typedef struct tape {
    const uint8_t *at;
    size_t left;
} tape;

uint8_t tape_byte(tape *t);
size_t tape_below(tape *t, size_t end); /* reads two bytes; 0 if end is 0 */

/* A session whose kind the tape selects: complete graph, active mode, ring, or
 * input in parts. */
typedef struct fuzz_session {
    driver r;
    tape tape;
} fuzz_session;

void fuzz_init(fuzz_session *p, const uint8_t *input, size_t len);
void fuzz_free(fuzz_session *p);

/* Pass the input that client i accepts now, and return a copy of its message,
 * or NULL if it has none. `given` counts the blocks of its input. */
uint8_t *fuzz_client_send(const fuzz_session *p, secagg_client *c, uint32_t i,
    uint64_t *given, size_t *len);

/* Check that the sum is exactly that of the included clients. */
void fuzz_check_sum(const fuzz_session *p);

/* A copy, in an exact allocation, of a message that the tape changes one to
 * three times; a change may insert bytes of `other`. */
uint8_t *fuzz_mutate(tape *t, const uint8_t *msg, size_t len,
    const uint8_t *other, size_t other_len, size_t *out_len);

/* A message with a valid header for `index`; type and body are from the
 * tape. */
uint8_t *fuzz_forge(tape *t, const uint8_t *header, uint32_t index,
    size_t *len);

/* Read the header of a message without a handle. What it says is in the bytes;
 * an accepted message is one of this client in this direction. */
void fuzz_peek(const uint8_t *msg, size_t len, uint32_t index,
    bool from_client, bool accepted);

/* The entry point that libFuzzer, or fuzz_main.c, calls. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#endif
