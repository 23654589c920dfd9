/* SPDX-License-Identifier: Apache-2.0 */
/* invert: inversion of scalars. configure chooses one of the files that
 * implement this header: invert_gmp.c, or, with --without-gmp,
 * invert_sodium.c. */
#ifndef SA_INVERT_H
#define SA_INVERT_H

#include "crypto/scalar.h"

/* r = 1 / a, or 0 if a = 0. Takes constant time. r may be a. */
void sa_sc_invert(sa_sc *r, const sa_sc *a);

/* r = 1 / a for a public a other than 0; several times faster with GMP. */
void sa_sc_invert_vartime(sa_sc *r, const sa_sc *a);

#endif
