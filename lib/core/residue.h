/* SPDX-License-Identifier: Apache-2.0 */
/* residue: clear what a call leaves behind in registers and on the stack. Code
 * wipes the objects in which it keeps secrets. But compilers spill registers
 * and copy arguments, other libraries leave copies, and the dynamic linker
 * saves all vector registers on the stack when a function is called for the
 * first time. So each call that has computed with secrets ends with
 * sa_leave(), but for two that may be many and short: a piece of input that is
 * less than a block leaves it to the piece that completes the input, to
 * the next message, or to the end of the handle; and a read of a sum does it
 * where it unmasks a range, since the result is the host's. */
#ifndef SA_RESIDUE_H
#define SA_RESIDUE_H

#include <secagg/base.h>

/* Clear the vector registers and the stack below the caller, and return
 * `err`. */
secagg_err sa_leave(secagg_err err);

#endif
