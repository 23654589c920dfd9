/* SPDX-License-Identifier: Apache-2.0 */
/* values: arrays of the host, of any type, stride and alignment, read as floats
 * or doubles for segments of reals and as 64-bit integers for the others
 * (PROTOCOL.md 7). Values are widened exactly, a run of at most SA_BLOCK of
 * them at a time, in scratch memory that stays in the L1 cache. Arrays that
 * need no change are used in place. The time does not depend on the values. */
#ifndef SA_VALUES_H
#define SA_VALUES_H

#include <secagg/params.h>

#include "vector/planar_backend.h"

/* A type of values, a secagg_type. */
typedef struct sa_type {
    uint32_t name;
    size_t size;
    bool real;      /* each value is a double */
    bool integer;
    bool is_signed; /* integers, which may be negative */
} sa_type;

/* Value k is at the address first + k stride. */
typedef struct sa_values {
    const uint8_t *first;
    const sa_type *type;
    ptrdiff_t stride; /* bytes; negative or 0, too */
    size_t count;
    bool packed;      /* next to each other, and aligned for the type */
} sa_values;

/* Scratch memory for runs. Set `count` to 0 before the first one, and wipe the
 * memory after the last one. */
typedef struct sa_run {
    size_t count; /* values that it has had at most */
    union {
        uint8_t bytes[4 * SA_BLOCK];
        uint32_t u32[SA_BLOCK];
    } raw; /* values of at most 32 bits, next to each other */
    union {
        uint32_t u32[SA_BLOCK];
        float f32[SA_BLOCK];
        double f64[SA_BLOCK];
        uint64_t u64[SA_BLOCK];
    } wide;
} sa_run;

/* A run as reals; one of the two is NULL. */
typedef struct sa_reals {
    const float *f32;
    const double *f64;
} sa_reals;

/* Returns a type by its name. If there is none, it has size 0 and is neither
 * real nor integer. */
const sa_type *sa_type_of(uint32_t name);

/* Returns `count` values, of which the first is at `first`, of any alignment.
 * They need not have a type. */
static inline sa_values sa_values_of(const void *first, const sa_type *type,
    ptrdiff_t stride, size_t count)
{
    const bool aligned = ((uintptr_t)first & (type->size - 1)) == 0;

    return (sa_values){ first, type, stride, count,
        aligned && stride == (ptrdiff_t)type->size };
}

/* Returns the length of the run that begins with value i. */
static inline size_t sa_run_length(const sa_values *values, size_t i)
{
    return values->count - i < SA_BLOCK ? values->count - i : SA_BLOCK;
}

/* Wipe what the scratch memory has had. */
void sa_run_wipe(sa_run *run);

/* Returns whether all values of a real type are finite. Only the result is
 * public. */
bool sa_values_finite(const sa_values *values);

/* Return values [i, i + count), at most SA_BLOCK: as reals, if the type is
 * real; or as integers, in two's complement, or their lower 32 bits, if the
 * type has no more than 32. They are valid until `run` is used again.
 * sa_values_reals() is called in the default floating-point environment
 * (core/fp_env.h). */
sa_reals sa_values_reals(const sa_values *values, size_t i, size_t count,
    sa_run *run);
const uint64_t *sa_values_integers(const sa_values *values, size_t i,
    size_t count, sa_run *run);
const uint32_t *sa_values_lower(const sa_values *values, size_t i,
    size_t count, sa_run *run);

#endif
