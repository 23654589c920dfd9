/* SPDX-License-Identifier: Apache-2.0 */
/* fp_env: the floating-point environment. A host may have set another rounding
 * mode, the treatment of subnormal numbers as zeros, or traps. A function whose
 * result must not depend on them brackets its arithmetic:
 *
 *     SA_TRY(sa_fp_enter(&host));
 *     err = compute(...);           (declared with SA_FP_BODY)
 *     sa_fp_leave(&host);
 *
 * The arithmetic is in a function of its own, because a compiler may move
 * arithmetic past a change of the environment, but not out of a function that
 * it does not inline. */
#ifndef SA_FP_ENV_H
#define SA_FP_ENV_H

#include <fenv.h>
#include <secagg/base.h>

#if defined(__x86_64__) || defined(__aarch64__)
typedef uint64_t sa_fp_env; /* control and flags */
#else
typedef fenv_t sa_fp_env;
#endif

#define SA_FP_BODY __attribute__((noinline))

/* Save the environment of the host, and set the default: rounding to nearest,
 * subnormal numbers, no traps. Returns SECAGG_ERR_STATE if the machine does not
 * allow that; then nothing has changed. */
SECAGG_MUST_CHECK secagg_err sa_fp_enter(sa_fp_env *host);

/* Set the environment of the host again, with its exception flags. */
void sa_fp_leave(const sa_fp_env *host);

#endif
