/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Secure aggregation for federated learning: all of the library.
 *
 * | Header             | What                                                |
 * | ------------------ | --------------------------------------------------- |
 * | secagg/base.h      | conventions, errors, version, wiping                |
 * | secagg/params.h    | what all parties of a session agree on              |
 * | secagg/client.h    | the client: input in, messages out and in           |
 * | secagg/server.h    | the server: messages in and out, the sum            |
 * | secagg/keys.h      | long-term identities                                |
 * | secagg/planar.h    | vectors modulo 2^bits in planes of bits             |
 * | secagg/mask.h      | sets of signed seeds as one seekable mask           |
 * | secagg/shamir.h    | sharing a secret                                    |
 * | secagg/graph.h     | neighbours on the sparse graph                      |
 * | secagg/fixed.h     | reals to integers and back                          |
 */
#ifndef SECAGG_H
#define SECAGG_H

#include <secagg/base.h>
#include <secagg/client.h>
#include <secagg/fixed.h>
#include <secagg/graph.h>
#include <secagg/keys.h>
#include <secagg/mask.h>
#include <secagg/params.h>
#include <secagg/planar.h>
#include <secagg/server.h>
#include <secagg/shamir.h>

#endif
