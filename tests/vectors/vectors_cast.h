/* SPDX-License-Identifier: Apache-2.0 */
/* vectors_cast: the parties of messages and sessions, and the operations of
 * vectors/README.md. */
#ifndef VECTORS_CAST_H
#define VECTORS_CAST_H

#include "vectors/vectors.h"

/* Entries of a segment. */
typedef struct cast_piece {
    uint64_t segment, offset;
    const uint64_t *values;
    size_t count;
} cast_piece;

/* What a client that sends in parts is yet to be given. */
typedef struct cast_pieces {
    bool parts;
    cast_piece *at;
    size_t count;
} cast_pieces;

/* Clients are NULL where they are played by their messages alone. */
typedef struct cast {
    vec *v;
    secagg_params *params;
    secagg_server *server;
    secagg_client **clients;
    cast_pieces *kept; /* by client */
    uint8_t (*public_keys)[SECAGG_PUBLIC_BYTES];
    uint8_t (*secret_keys)[SECAGG_SECRETKEY_BYTES];
    bool alone; /* the server is */
} cast;

/* From what the group of a test says; false where something differs. The cast
 * is to be freed in any case. */
bool cast_make(cast *c, vec *v);
void cast_free(cast *c);

/* Do the operations of a member, up to the first that differs. */
void cast_do(cast *c, const char *name);

#endif
