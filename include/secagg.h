/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief Includes every public header of the library.
 *
 * | Header             | Contents                                            |
 * | ------------------ | --------------------------------------------------- |
 * | secagg/base.h      | conventions, errors, version, wiping                |
 * | secagg/params.h    | the parameters on which all parties agree           |
 * | secagg/client.h    | the client: input, messages, saved state            |
 * | secagg/server.h    | the server: messages, sums and means                |
 * | secagg/server_save.h | saved states of the server                        |
 * | secagg/message.h   | the header of a message, without a handle            |
 * | secagg/keys.h      | long-term keys for active mode                      |
 * | secagg/identity.h  | identities and trust in active mode                 |
 * | secagg/mask.h      | masks from sets of seeds                            |
 * | secagg/planar.h    | vectors modulo 2^bits, stored as bit planes         |
 * | secagg/fixed.h     | encoding of reals as integers                       |
 * | secagg/shamir.h    | Shamir secret sharing                               |
 * | secagg/graph.h     | neighbours on the sparse graph                      |
 */
#ifndef SECAGG_H
#define SECAGG_H

#include <secagg/base.h>
#include <secagg/client.h>
#include <secagg/fixed.h>
#include <secagg/graph.h>
#include <secagg/identity.h>
#include <secagg/keys.h>
#include <secagg/mask.h>
#include <secagg/message.h>
#include <secagg/params.h>
#include <secagg/planar.h>
#include <secagg/server.h>
#include <secagg/server_save.h>
#include <secagg/shamir.h>

#endif
