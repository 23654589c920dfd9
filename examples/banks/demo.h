/* SPDX-License-Identifier: Apache-2.0 */
/* The five parts of the story. Each prints its findings and returns false if
 * something was not as it must be. */
#ifndef BANKS_DEMO_H
#define BANKS_DEMO_H

#include "banks/loans.h"
#include "banks/model.h"
#include "common/federation.h"

/* The parts of the story, by bank. */
#define IMPERSONATED 3 /* the server puts a key of its own in its place */
#define SPLIT 5        /* the server wants both secrets of this bank */
#define CHEATER 7      /* this bank opens a share with a false key */
#define DEALER 2       /* this bank deals a bad share to another, */
#define HOLDER 6       /* which complains */

/* The header of a message (vectors/PROTOCOL.md 8.1). */
enum { TYPE_AT = 2, BODY_LENGTH_AT = 40, HEADER_BYTES = 48 };
enum { TYPE_CONFIRM = 7, TYPE_SIGNATURES = 8, TYPE_UNMASK = 9 };

bool show_registry(federation *f);
bool show_training(federation *f);
bool show_dispute(federation *f);
bool show_admission(federation *f);
bool show_result(const federation *f);

/* In one round of the training: the server tells the banks two stories. */
bool show_equivocation(federation *f, uint64_t round);

/* Compare the mean of a session with the plain mean of the same updates.
 * member[i] is the bank with index i. Returns false if there is no mean. */
bool demo_check_mean(federation *f, const secagg_server *server,
    const uint32_t *member, uint64_t round);

/* In percent, of the loans that test. */
double demo_auc(const federation *f, const float *model);
double demo_accuracy(const federation *f, const float *model);

/* The rounds in which the server and a bank cheat. */
uint64_t demo_split_round(const federation *f);
uint64_t demo_cheat_round(const federation *f);

#endif
