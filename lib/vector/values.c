/* SPDX-License-Identifier: Apache-2.0 */
#include "vector/values.h"

#include <string.h>

#include "core/ieee.h"
#include "core/mem.h"
#include "vector/fixed.h"

/* ---- types -------------------------------------------------------------- */

static const sa_type types[] = {
    { 0, 0, false, false, false },
    { SECAGG_F16, 2, true, false, false },
    { SECAGG_BF16, 2, true, false, false },
    { SECAGG_F32, 4, true, false, false },
    { SECAGG_F64, 8, true, false, false },
    { SECAGG_I8, 1, true, true, true },
    { SECAGG_U8, 1, true, true, false },
    { SECAGG_I16, 2, true, true, true },
    { SECAGG_U16, 2, true, true, false },
    { SECAGG_I32, 4, true, true, true },
    { SECAGG_U32, 4, true, true, false },
    { SECAGG_I64, 8, false, true, true },
    { SECAGG_U64, 8, false, true, false },
};

const sa_type *sa_type_of(uint32_t name)
{
    return &types[name < sizeof types / sizeof *types ? name : 0];
}

/* ---- runs --------------------------------------------------------------- */

/* Copy values of `size` bytes, a constant, next to each other. */
#define GATHER(size)                                                          \
    for (size_t k = 0; k < count; k++)                                        \
        memcpy(out + (size) * k, from + (ptrdiff_t)k * stride, size)

static void gather(uint8_t *out, const uint8_t *from, ptrdiff_t stride,
    size_t count, size_t size)
{
    switch (size) {
    case 1: GATHER(1); break;
    case 2: GATHER(2); break;
    case 4: GATHER(4); break;
    default: GATHER(8);
    }
}

static void mark_used(sa_run *run, size_t count)
{
    if (run->count < count)
        run->count = count;
}

void sa_run_wipe(sa_run *run)
{
    if (run->count == 0)
        return;
    sa_wipe(&run->raw, 4 * run->count);
    sa_wipe(&run->wide, 8 * run->count);
    run->count = 0;
}

/* Returns a run of values next to each other and aligned: in place, or copied
 * to the scratch memory. */
static const void *read_run(const sa_values *v, size_t i, size_t count,
    sa_run *run)
{
    const uint8_t *from = v->first + (ptrdiff_t)i * v->stride;
    void *out = v->type->size == 8 ? (void *)&run->wide : (void *)&run->raw;

    if (v->packed)
        return from;
    mark_used(run, count);
    gather(out, from, v->stride, count, v->type->size);
    return out;
}

/* ---- widening ----------------------------------------------------------- */

/* WIDEN(name, from, to, x, widened) defines a loop that widens values x. They
 * are loaded by memcpy, because the host may have declared them as another type
 * of the same size, such as _Float16. */
#define WIDEN(name, from, to, x, widened)                                     \
    static void name(to *restrict out, const void *restrict in, size_t count) \
    {                                                                         \
        const uint8_t *bytes = in;                                            \
                                                                              \
        for (size_t k = 0; k < count; k++) {                                  \
            from x;                                                           \
            memcpy(&x, bytes + k * sizeof x, sizeof x);                       \
            out[k] = widened;                                                 \
        }                                                                     \
    }

/* Returns the float whose upper 16 bits are x. */
static inline float bf16_to_float(uint16_t x)
{
    const uint32_t bits = (uint32_t)x << 16;
    float f;

    memcpy(&f, &bits, sizeof f);
    return f;
}

WIDEN(widen_bf16, uint16_t, float, x, bf16_to_float(x))
WIDEN(i8_to_float, int8_t, float, x, (float)x)
WIDEN(u8_to_float, uint8_t, float, x, (float)x)
WIDEN(i16_to_float, int16_t, float, x, (float)x)
WIDEN(u16_to_float, uint16_t, float, x, (float)x)
WIDEN(i32_to_double, int32_t, double, x, (double)x)
WIDEN(u32_to_double, uint32_t, double, x, (double)x)
WIDEN(i8_to_u64, int8_t, uint64_t, x, (uint64_t)(int64_t)x)
WIDEN(u8_to_u64, uint8_t, uint64_t, x, x)
WIDEN(i16_to_u64, int16_t, uint64_t, x, (uint64_t)(int64_t)x)
WIDEN(u16_to_u64, uint16_t, uint64_t, x, x)
WIDEN(i8_to_u32, int8_t, uint32_t, x, (uint32_t)(int32_t)x)
WIDEN(u8_to_u32, uint8_t, uint32_t, x, x)
WIDEN(i16_to_u32, int16_t, uint32_t, x, (uint32_t)(int32_t)x)
WIDEN(u16_to_u32, uint16_t, uint32_t, x, x)
WIDEN(i32_to_u64, int32_t, uint64_t, x, (uint64_t)(int64_t)x)
WIDEN(u32_to_u64, uint32_t, uint64_t, x, x)

sa_reals sa_values_reals(const sa_values *values, size_t i, size_t count,
    sa_run *run)
{
    const void *in = read_run(values, i, count, run);
    float *f32 = run->wide.f32;
    double *f64 = run->wide.f64;

    if (values->type->name == SECAGG_F32)
        return (sa_reals){ in, NULL };
    if (values->type->name == SECAGG_F64)
        return (sa_reals){ NULL, in };
    mark_used(run, count);
    switch (values->type->name) {
    case SECAGG_F16: sa_fixed_best()->f16_to_f32(f32, in, count); break;
    case SECAGG_BF16: widen_bf16(f32, in, count); break;
    case SECAGG_I8: i8_to_float(f32, in, count); break;
    case SECAGG_U8: u8_to_float(f32, in, count); break;
    case SECAGG_I16: i16_to_float(f32, in, count); break;
    case SECAGG_U16: u16_to_float(f32, in, count); break;
    case SECAGG_I32: i32_to_double(f64, in, count);
        return (sa_reals){ NULL, f64 };
    default: u32_to_double(f64, in, count);
        return (sa_reals){ NULL, f64 };
    }
    return (sa_reals){ f32, NULL };
}

const uint64_t *sa_values_integers(const sa_values *values, size_t i,
    size_t count, sa_run *run)
{
    const void *in = read_run(values, i, count, run);
    uint64_t *out = run->wide.u64;

    if (values->type->size == sizeof *out)
        return in;
    mark_used(run, count);
    switch (values->type->name) {
    case SECAGG_I8: i8_to_u64(out, in, count); break;
    case SECAGG_U8: u8_to_u64(out, in, count); break;
    case SECAGG_I16: i16_to_u64(out, in, count); break;
    case SECAGG_U16: u16_to_u64(out, in, count); break;
    case SECAGG_I32: i32_to_u64(out, in, count); break;
    default: u32_to_u64(out, in, count);
    }
    return out;
}

const uint32_t *sa_values_lower(const sa_values *values, size_t i,
    size_t count, sa_run *run)
{
    const void *in = read_run(values, i, count, run);
    uint32_t *out = run->wide.u32;

    if (values->type->size == sizeof *out)
        return in;
    mark_used(run, count);
    switch (values->type->name) {
    case SECAGG_I8: i8_to_u32(out, in, count); break;
    case SECAGG_U8: u8_to_u32(out, in, count); break;
    case SECAGG_I16: i16_to_u32(out, in, count); break;
    default: u16_to_u32(out, in, count);
    }
    return out;
}

/* ---- checks ------------------------------------------------------------- */

/* Returns whether the exponents of 16-bit reals, which `mask` selects, are not
 * all ones: then adding 1 does not carry into the sign bit of the sum. */
static bool finite_16(const void *values, size_t count, uint32_t mask)
{
    const uint32_t one = mask & (0 - mask); /* lowest bit of the exponent */
    const uint8_t *bytes = values;
    uint32_t bad = 0;

    for (size_t k = 0; k < count; k++) {
        uint16_t x;
        memcpy(&x, bytes + k * sizeof x, sizeof x);
        bad |= (x & mask) + one;
    }
    bad >>= 15;
    sa_declassify(&bad, sizeof bad);
    return bad == 0;
}

static bool run_is_finite(const void *in, size_t count, uint32_t type)
{
    switch (type) {
    case SECAGG_F16: return finite_16(in, count, 0x7c00);
    case SECAGG_BF16: return finite_16(in, count, 0x7f80);
    case SECAGG_F32: return sa_fixed_finite_f32(in, count);
    case SECAGG_F64: return sa_fixed_finite_f64(in, count);
    default: return false; /* no other type comes here */
    }
}

/* Test values that are not packed. */
static bool runs_are_finite(const sa_values *values)
{
    bool finite = true;
    sa_run run;

    run.count = 0;
    for (size_t i = 0, n; finite && i < values->count; i += n) {
        n = sa_run_length(values, i);
        finite = run_is_finite(read_run(values, i, n, &run), n,
            values->type->name);
    }
    sa_run_wipe(&run);
    return finite;
}

bool sa_values_finite(const sa_values *values)
{
    if (values->type->integer)
        return true;
    return values->packed
        ? run_is_finite(values->first, values->count, values->type->name)
        : runs_are_finite(values);
}
