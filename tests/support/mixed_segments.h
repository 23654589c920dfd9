/* SPDX-License-Identifier: Apache-2.0 */
/* mixed: a session of many segments of every kind and of awkward lengths, and
 * what its clients give. */
#ifndef MIXED_SEGMENTS_H
#define MIXED_SEGMENTS_H

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

/* Its parameters, with weights. */
secagg_params mixed_params(uint32_t suite);

/* Entry e of segment s of client i, of integers below 2^bits or of reals in
 * [-3, 3) that are floats exactly, so that one in six is clipped. */
uint64_t integer_entry(uint32_t i, size_t s, uint64_t e);
double real_entry(uint32_t i, size_t s, uint64_t e);
uint64_t weight(uint32_t i);
uint64_t segment_mask(size_t s);

/* Give entries [from, to) of a segment; odd clients as f32 and i64. */
void input_range(secagg_client *c, uint32_t i, size_t s, uint64_t from,
    uint64_t to);

#endif
