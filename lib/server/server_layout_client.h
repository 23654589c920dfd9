/* SPDX-License-Identifier: Apache-2.0 */
/* server_layout_client: the fields of one client in the saved state of a server
 * whose session goes on (PROTOCOL.md 11.5): its commitment, shares, complaints,
 * parts and answer. */
#ifndef SA_SERVER_LAYOUT_CLIENT_H
#define SA_SERVER_LAYOUT_CLIENT_H

#include "core/transfer.h"
#include "server/server_state.h"

/* Measure, write or read the fields of a client. Roster and sets come first. */
void sa_server_move_client(sa_transfer *t, secagg_server *s, uint32_t i);

#endif
