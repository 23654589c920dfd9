/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fp_env.h"

#if defined(__x86_64__)
/* Doubles are computed with SSE, which MXCSR controls. Its bits: flags 0 to 5,
 * DAZ 6, masks of exceptions 7 to 12, rounding mode 13 and 14, FTZ 15. */
#include <xmmintrin.h>

#define MXCSR_DEFAULT 0x1f80U /* all exceptions are masked */

secagg_err sa_fp_enter(sa_fp_env *host)
{
    *host = _mm_getcsr();
    _mm_setcsr(MXCSR_DEFAULT);
    return SECAGG_OK;
}

void sa_fp_leave(const sa_fp_env *host)
{
    _mm_setcsr((unsigned)*host);
}

#elif defined(__aarch64__)
/* FPCR 0 is rounding to nearest, subnormal numbers, no traps. The flags are in
 * FPSR. */
#define GET(reg, value) __asm__ volatile("mrs %0, " reg : "=r"(value))
#define SET(reg, value) __asm__ volatile("msr " reg ", %0" : : "r"(value))
#define FPCR_DEFAULT ((uint64_t)0)

secagg_err sa_fp_enter(sa_fp_env *host)
{
    uint64_t control, flags;

    GET("fpcr", control);
    GET("fpsr", flags);
    *host = control << 32 | (flags & UINT32_MAX);
    SET("fpcr", FPCR_DEFAULT);
    return SECAGG_OK;
}

void sa_fp_leave(const sa_fp_env *host)
{
    SET("fpcr", *host >> 32);
    SET("fpsr", *host & UINT32_MAX);
}

#else

secagg_err sa_fp_enter(sa_fp_env *host)
{
    return fegetenv(host) == 0 && fesetenv(FE_DFL_ENV) == 0
        ? SECAGG_OK : SECAGG_ERR_STATE;
}

void sa_fp_leave(const sa_fp_env *host)
{
    (void)fesetenv(host);
}

#endif
