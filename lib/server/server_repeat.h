/* SPDX-License-Identifier: Apache-2.0 */
/* server_repeat: whether a message repeats the one that the server accepted
 * last from the same client (PROTOCOL.md 9.3). The planes of an input are not
 * compared, because a digest of them would cost about as much as adding them
 * to the sum. */
#ifndef SA_SERVER_REPEAT_H
#define SA_SERVER_REPEAT_H

#include <secagg/base.h>
#include <stdbool.h>

/* An accepted message. */
typedef struct sa_accepted {
    size_t len;      /* of the message */
    size_t compared; /* bytes before its planes */
    uint8_t digest[SECAGG_DIGEST_BYTES]; /* of these bytes */
} sa_accepted;

/* Fill *accepted from a message that ends in so many bytes of planes. Returns
 * CRYPTO or MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_accepted_set(sa_accepted *accepted,
    const uint8_t *msg, size_t len, size_t planes);

/* Set *repeats to whether a message repeats the accepted one. Returns CRYPTO or
 * MEMORY. */
SECAGG_MUST_CHECK secagg_err sa_accepted_compare(const sa_accepted *accepted,
    const uint8_t *msg, size_t len, bool *repeats);

#endif
