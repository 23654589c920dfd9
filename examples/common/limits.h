/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes of the examples' arrays. */
#ifndef EXAMPLE_LIMITS_H
#define EXAMPLE_LIMITS_H

#define MAX_CLIENTS 5000 /* of a session */
#define MAX_PARTIES 40   /* of a federation; members of a registry */
#define MAX_WEIGHTS 4097 /* of a federation's model */
#define MAX_TENSORS 6    /* of a federation's model */

#endif
