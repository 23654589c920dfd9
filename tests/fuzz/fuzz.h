/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: sessions that an input of a fuzzer's plays. The input is a tape of
 * operations; the parties are seeded and honest, so that the tape gets past
 * signatures and sealed shares, and bends what they say. What must hold holds
 * by HOLD, which ends the process. */
#ifndef FUZZ_H
#define FUZZ_H

#include "support/session_driver.h"

#define FUZZ_MOST 8     /* clients */
#define FUZZ_KINDS 4    /* of sessions */
#define FUZZ_SEED 5     /* of server and clients */
#define FUZZ_INPUT 4096 /* bytes of a tape that are read */

#define HOLD(what)                                                            \
    ((what) ? (void)0 : fuzz_broken(#what, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* What is left of an input; its end reads as zeros. */
typedef struct tape {
    const uint8_t *at;
    size_t left;
} tape;

uint8_t tape_byte(tape *t);
size_t tape_below(tape *t, size_t end); /* two bytes; 0 where end is 0 */

/* A session of a kind that the tape chooses: complete, active, ring, or with
 * the input in parts. */
typedef struct play {
    driver r;
    tape tape;
} play;

void play_make(play *p, const uint8_t *input, size_t len);
void play_free(play *p);

/* What a client of index i says now, copied, or NULL where it says nothing.
 * It is given the input that is due; how many blocks it has is counted. */
uint8_t *play_says(const play *p, secagg_client *c, uint32_t i,
    uint64_t *given, size_t *len);

/* The sum is exactly that of all that the server names. */
void play_check_sum(const play *p);

/* A message as a tape bends it, once or more, in an exact allocation; other
 * bytes to splice from. */
uint8_t *play_bend(tape *t, const uint8_t *msg, size_t len,
    const uint8_t *other, size_t other_len, size_t *out_len);

/* A good header for index, with a type and a body from the tape. */
uint8_t *play_forge(tape *t, const uint8_t *header, uint32_t index,
    size_t *len);

/* What libFuzzer, or fuzz_main.c, calls. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#endif
