/* SPDX-License-Identifier: Apache-2.0 */
/* msg_header: the 48 bytes before every body (PROTOCOL.md 8.1). A message
 * file holds struct, writer, reader and size, and nothing else touches bytes.
 * Writers fill exactly the size that the size function gives; readers refuse
 * a byte too few or too many, and leave views into the message. */
#ifndef SA_MSG_HEADER_H
#define SA_MSG_HEADER_H

#include "core/wire.h"
#include "session/params.h"

#define SA_HEADER_BYTES 48

typedef enum sa_msg_type { /* odd: client to server; even: server to client */
    SA_MSG_KEYS = 1,
    SA_MSG_ROSTER = 2,
    SA_MSG_SHARES = 3,
    SA_MSG_RELAY = 4,
    SA_MSG_INPUT = 5,
    SA_MSG_SURVIVORS = 6,
    SA_MSG_CONFIRM = 7,
    SA_MSG_SIGNATURES = 8,
    SA_MSG_UNMASK = 9,
    SA_MSG_RESULT = 10,
    SA_MSG_ABORT_CLIENT = 11,
    SA_MSG_ABORT_SERVER = 12,
    SA_MSG_INPUT_PART = 15
} sa_msg_type;

/* Write the header of a message of `size` bytes in all. index is the client's
 * in both directions. */
void sa_header_write(sa_writer *w, const sa_params *params, sa_msg_type type,
    uint32_t index, uint64_t size);

/* The same with the number of a part: INPUT_PART alone has one. */
void sa_header_write_part(sa_writer *w, const sa_params *params,
    sa_msg_type type, uint32_t index, uint32_t part, uint64_t size);

/* Number of the part, of a message whose header was read. */
uint32_t sa_header_part(const uint8_t *msg);

/* Read the header of a message of len bytes in all; *type is its type and the
 * reader stands at the body. SECAGG_ERR_MESSAGE where it is malformed, from
 * another session, suite or round, or not for this index. The type is not
 * looked at beyond its range and direction: from_client tells which types are
 * expected. */
SECAGG_MUST_CHECK secagg_err sa_header_read(sa_reader *r, sa_msg_type *type,
    const sa_params *params, uint32_t index, bool from_client,
    const uint8_t *msg, size_t len);

/* Whether the index at the head of each item of a list is above the one
 * before it and below n (PROTOCOL.md 1.4). */
bool sa_list_ascends(const uint8_t *list, uint32_t count, size_t size,
    uint32_t n);

#endif
