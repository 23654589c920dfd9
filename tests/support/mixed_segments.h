/* SPDX-License-Identifier: Apache-2.0 */
/* mixed_segments: a session whose segments have every kind and rounding and
 * lengths around the multiples of 512, and the input of its clients. */
#ifndef MIXED_SEGMENTS_H
#define MIXED_SEGMENTS_H

#include "support/lane_model.h"
#include "support/party.h"

#define N 5
#define T 3
#define SEGMENTS 11
#define MAX_LENGTH 1500
#define MAX_WEIGHT 1000
#define CLIP 2.5
#define VALUE_BITS 12
#define MAX_VALUE 4095.0 /* 2^VALUE_BITS - 1 */

extern const secagg_segment segments[SEGMENTS];

/* Parameters of the session; every client has a weight. */
secagg_params mixed_params(uint32_t suite);

/* The lanes of the segments and of the hidden one, number SEGMENTS. The moduli
 * of reals are the least (PROTOCOL.md 7.4). */
#define HIDDEN SEGMENTS
extern const lane_model mixed_lanes;

/* Entry e of segment s of client i: an integer below 2^bits, or a real in
 * [-3, 3) that a float represents exactly; one in six reals is clipped. */
uint64_t integer_entry(uint32_t i, size_t s, uint64_t e);
double real_entry(uint32_t i, size_t s, uint64_t e);
uint64_t weight(uint32_t i);

/* 2^bits - 1 of an integer segment. */
uint64_t segment_mask(size_t s);

/* Pass entries [from, to) of a segment to client i. Odd clients pass them as
 * f32 and i64, even ones as f64 and u64. */
void input_range(secagg_client *c, uint32_t i, size_t s, uint64_t from,
    uint64_t to);

#endif
