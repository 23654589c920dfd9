/* SPDX-License-Identifier: Apache-2.0 */
/* ieee: refuses to compile arithmetic of doubles that is not that of IEEE 754.
 * Codes of reals and bounds of probabilities would differ from those of other
 * parties (PROTOCOL.md 7). The Makefile adds flags that undo those of the user;
 * this header is for compilers that do not know them, and for other builds. */
#ifndef SA_IEEE_H
#define SA_IEEE_H

#include <float.h>

#if defined(__FAST_MATH__)                                                    \
    || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ + 0 != 0)       \
    || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)          \
    || defined(__NO_SIGNED_ZEROS__) || defined(_M_FP_FAST)
#error "without -ffast-math: parties that round differently have no common sum"
#endif

/* A compiler that gives no number may use any precision. */
#if FLT_EVAL_METHOD < 0 || FLT_EVAL_METHOD == 2
#error "doubles must have 53 bits in registers, too: use -msse2 -mfpmath=sse"
#endif

#if FLT_RADIX != 2 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "libsecagg needs the doubles of IEEE 754"
#endif

#endif
