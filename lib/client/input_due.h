/* SPDX-License-Identifier: Apache-2.0 */
/* input_due: the sentence for a message that waits for input. Which entries the
 * host has supplied is public; their values are not. */
#ifndef SA_INPUT_DUE_H
#define SA_INPUT_DUE_H

#include "client/input_buffer.h"

/* Write what is missing of a part that is not complete: the weight, or the
 * first entry. */
void sa_input_due_explain(const sa_input_buffer *input, char *reason);

#endif
