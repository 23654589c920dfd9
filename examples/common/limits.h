/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the examples' arrays. */
#ifndef EXAMPLE_LIMITS_H
#define EXAMPLE_LIMITS_H

#define MAX_CLIENTS 40   /* of a server that examples/common hosts */
#define MAX_WEIGHTS 4097 /* of a model */
#define MAX_TENSORS 6    /* of a model */

#endif
