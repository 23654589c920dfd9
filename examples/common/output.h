/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that all examples print alike. */
#ifndef EXAMPLE_OUTPUT_H
#define EXAMPLE_OUTPUT_H

#include <stdbool.h>

#include <secagg.h>

/* The name of a phase in which messages are collected. */
const char *phase_name(secagg_phase phase);

/* Show a phase in the live line, and how many answers are missing. */
void print_phase(uint64_t round, secagg_phase phase, uint32_t missing);

/* Erase the live line, if there is one. */
void clear_line(bool live);

/* Print why there is no sum, or that there must be none. */
void print_failure(secagg_err err, const char *reason);

/* Returns the end of a line about a check: "passed" or "FAILED". */
const char *verdict(bool good);

#endif
