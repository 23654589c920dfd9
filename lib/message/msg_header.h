/* SPDX-License-Identifier: Apache-2.0 */
/* msg_header: the types of messages, and the 48-byte header of every message
 * (PROTOCOL.md 8.1).
 *
 * Each message has a module msg_NAME with its struct, writer, reader and size.
 * No other code reads or writes its bytes. These modules have conventions in
 * common:
 *
 * - sa_NAME_size() returns the bytes of the whole message, header included.
 * - A writer that returns an error code writes the whole message. It returns
 *   SECAGG_ERR_SIZE unless the buffer has exactly that size.
 * - A writer without a return value writes everything before the list that
 *   ends the message. The caller appends the items in ascending order and then
 *   calls sa_writer_end(), which checks the size.
 * - A reader starts at the body. It returns SECAGG_ERR_MESSAGE if the body is
 *   shorter or longer than its fields, or if a check that its comment names
 *   fails. Pointers in the struct that it fills point into the message. */
#ifndef SA_MSG_HEADER_H
#define SA_MSG_HEADER_H

#include "core/wire.h"
#include "session/params.h"

#define SA_HEADER_BYTES 48

/* Bytes of two fields that many bodies have: the index of a client, and the
 * number of items in a list. */
#define SA_INDEX_BYTES 4
#define SA_COUNT_BYTES 4

/* Codes on the wire: odd from client to server, even from server to client.
 * 0, 10, 13, 14 and 16 to 255 are reserved. A new type needs a line in the
 * table of msg_header.c and a case in msg_traffic.c. */
typedef enum sa_msg_type {
    SA_MSG_KEYS = 1,
    SA_MSG_ROSTER = 2,
    SA_MSG_SHARES = 3,
    SA_MSG_RELAY = 4,
    SA_MSG_INPUT = 5,
    SA_MSG_SURVIVORS = 6,
    SA_MSG_CONFIRM = 7,
    SA_MSG_SIGNATURES = 8,
    SA_MSG_UNMASK = 9,
    SA_MSG_RESULT = 10, /* reserved: no message has it */
    SA_MSG_ABORT_CLIENT = 11,
    SA_MSG_ABORT_SERVER = 12,
    SA_MSG_INPUT_PART = 15
} sa_msg_type;

#define SA_MSG_TYPE_MAX SA_MSG_INPUT_PART

/* In which sessions a client sends or receives a message of a type. */
typedef enum sa_msg_use {
    SA_USE_ALWAYS,  /* once in every session that the client completes */
    SA_USE_ACTIVE,  /* the same, but in active mode only */
    SA_USE_OPTIONAL /* ABORT; INPUT_PART, in place of INPUT */
} sa_msg_use;

typedef struct sa_msg_info {
    const char *name; /* as in PROTOCOL.md 8 */
    const char *clause; /* of PROTOCOL.md */
    bool from_client; /* else from the server */
    sa_msg_use use;
} sa_msg_info;

/* Returns NULL if `code` is reserved. */
const sa_msg_info *sa_msg_info_of(uint32_t code);

/* Returns the name of a type, or "a message" if `code` is reserved. */
const char *sa_msg_name(uint32_t code);

/* The fields of a header. */
typedef struct sa_msg_header {
    uint32_t version, type, flags, suite, cell;
    const uint8_t *session; /* points into the message */
    uint64_t round;
    uint32_t index, part;
} sa_msg_header;

/* Read a header and check the rules that are the same in all sessions: version,
 * flags, cell and length have their one valid value, the type is not reserved,
 * and only INPUT_PART has a part. Then *r is at the body. Returns
 * SECAGG_ERR_MESSAGE, with a sentence in r->reason. */
SECAGG_MUST_CHECK secagg_err sa_header_parse(sa_reader *r,
    sa_msg_header *header);

/* Write the header of a message of `size` bytes, header included. `index` is
 * the client's in both directions. */
void sa_header_write(sa_writer *w, const sa_params *params, sa_msg_type type,
    uint32_t index, uint64_t size);

/* Write the same with the number of a part, which only INPUT_PART has. */
void sa_header_write_part(sa_writer *w, const sa_params *params,
    sa_msg_type type, uint32_t index, uint32_t part, uint64_t size);

/* Read the header of a message of `len` bytes, header included; then *r is at
 * the body, and writes its sentences to `reason`, which may be NULL. Returns
 * SECAGG_ERR_MESSAGE if the header is malformed, is of another session, suite,
 * round or client than `index`, or if its type is reserved or does not go in
 * the direction that `from_client` names. The caller checks whether the type
 * belongs to the present phase. */
SECAGG_MUST_CHECK secagg_err sa_header_read(sa_reader *r, sa_msg_type *type,
    const sa_params *params, uint32_t index, bool from_client,
    const uint8_t *msg, size_t len, char *reason);

/* Returns the number of the part; sa_header_read() must have accepted `msg`. */
uint32_t sa_header_part(const uint8_t *msg);

/* Check that the clients that a list names are below n and strictly ascending
 * (PROTOCOL.md 1.4). Each of the `count` items has `item_bytes` bytes and
 * begins with the index of a client. Returns SECAGG_ERR_MESSAGE, with a
 * sentence. */
SECAGG_MUST_CHECK secagg_err sa_list_check(const uint8_t *list,
    uint32_t count, size_t item_bytes, uint32_t n, char *reason);

/* Check that two digests of `what` are equal: the one that a message names, and
 * the receiver's. */
SECAGG_MUST_CHECK secagg_err sa_digest_check(const char *what,
    const uint8_t digest[SECAGG_DIGEST_BYTES],
    const uint8_t own[SECAGG_DIGEST_BYTES], char *reason);

/* Check that a bitmap over n clients is canonical. */
SECAGG_MUST_CHECK secagg_err sa_map_check(const uint8_t *map, uint32_t n,
    char *reason);

/* The check of one item: `min` is the lowest index that it may have. */
SECAGG_MUST_CHECK secagg_err sa_list_check_item(uint32_t item, uint32_t index,
    uint64_t min, uint32_t n, char *reason);

#endif
