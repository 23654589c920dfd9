/* SPDX-License-Identifier: Apache-2.0 */
/* fp_modes: floating-point environments that a host may have set: each rounding
 * mode, with subnormal numbers and with FTZ and DAZ, which treat them as
 * zeros. */
#ifndef FP_MODES_H
#define FP_MODES_H

#include <fenv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static const int fp_roundings[] = {
    FE_TONEAREST,
#ifdef FE_UPWARD
    FE_UPWARD,
#endif
#ifdef FE_DOWNWARD
    FE_DOWNWARD,
#endif
#ifdef FE_TOWARDZERO
    FE_TOWARDZERO,
#endif
};

#define FP_ROUNDINGS (sizeof fp_roundings / sizeof *fp_roundings)
#define FP_MODES (2 * FP_ROUNDINGS)

/* The control bits that a mode sets; 0 where they are not known. */
static inline uint64_t fp_control(void)
{
#if defined(__x86_64__)
    return _mm_getcsr() & 0xffc0; /* no flags */
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return control;
#else
    return 0;
#endif
}

static inline void fp_flush_subnormals(void)
{
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(fp_control() | 1 << 24));
#endif
}

/* Set mode i, from 0 to FP_MODES - 1. Mode 0 is the default. */
static inline void fp_set(size_t i)
{
    fesetenv(FE_DFL_ENV);
    fesetround(fp_roundings[i % FP_ROUNDINGS]);
    if (i >= FP_ROUNDINGS)
        fp_flush_subnormals();
}

/* Set the default again. Returns whether the environment was that of mode i. */
static inline bool fp_reset(size_t i)
{
    const int rounding = fegetround();
    const uint64_t control = fp_control();
    bool same;

    fp_set(i);
    same = rounding == fegetround() && control == fp_control();
    fesetenv(FE_DFL_ENV);
    return same;
}

#endif
