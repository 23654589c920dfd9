/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The server of a session: messages in and out, then the sum.
 *
 * The server collects one message a client in each phase; the host says when
 * a phase is over. Who is silent then is out, and the sum is that of the
 * others:
 *
 * @code
 * err = secagg_server_new(&server, params);
 * while (secagg_server_phase(server) < SECAGG_PHASE_DONE) {
 *     while (secagg_server_pending(server) > 0 && ...time is left...)
 *         err = secagg_server_recv(server, from, msg, len);
 *     err = secagg_server_advance(server);
 *     for (i = 0; i < params->clients; i++)
 *         err = secagg_server_send(server, i, &msg, &len);
 * }
 * err = secagg_server_mean_f32(server, 0, 0, mean, length);
 * @endcode
 */
#ifndef SECAGG_SERVER_H
#define SECAGG_SERVER_H

#include <secagg/base.h>
#include <secagg/keys.h>
#include <secagg/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The server of one session. */
typedef struct secagg_server secagg_server;

/**
 * Make a server with fresh randomness of the system's.
 *
 * @param[out] server the new handle
 * @param[in] params  what all parties agreed on; copied
 * @retval SECAGG_ERR_ARG    the parameters are unsound (secagg_params_check()
 *                           says why)
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_RANDOM the system gave no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_new(secagg_server **server,
    const secagg_params *params);

/**
 * Make a server that is a function of a seed and of the calls on it, so that
 * a log of messages and advances replays bit for bit.
 *
 * @param[out] server the new handle
 * @param[in] params  what all parties agreed on; copied
 * @param[in] seed    32 bytes
 * @retval SECAGG_ERR_ARG    as secagg_server_new()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_new_seeded(secagg_server **server,
    const secagg_params *params, const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Wipe and release a server.
 *
 * @param server the handle, or NULL
 */
void secagg_server_free(secagg_server *server);

/**
 * Say whose key an index has, in an active session, before its KEYS come: a
 * false signature then costs its sender here and is never passed on.
 *
 * @param server         the handle
 * @param index          the client
 * @param[in] public_key its long-term key
 * @retval SECAGG_ERR_ARG    no such client, no valid key, or a key that
 *                           another index has
 * @retval SECAGG_ERR_STATE  the session is not active, the index has another
 *                           key, or a function was given
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_server_trust(secagg_server *server,
    uint32_t index, const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/**
 * Give a function that verifies, in place of secagg_server_trust(). It is
 * called from secagg_server_recv().
 *
 * @param server the handle
 * @param verify the function
 * @param user   handed to it
 * @retval SECAGG_ERR_STATE the session is not active, or keys or a function
 *                          were given
 */
SECAGG_MUST_CHECK secagg_err secagg_server_trust_with(secagg_server *server,
    secagg_verify_fn *verify, void *user);

/**
 * Hand over a message of a client's. A message that is refused changes
 * nothing and costs its sender alone: the client may send a good one until
 * secagg_server_advance(), and is out then if it has not.
 *
 * An input may come in parts. They are kept aside and reach the sum with the
 * last one, so that the server holds one vector more for each client whose
 * parts are under way; a host that spools the parts of a client until it has
 * the last, and hands them over one after another, keeps that at one.
 *
 * @param server  the handle
 * @param from    the client that the transport says it is from
 * @param[in] msg the message
 * @param len     its length in bytes
 * @retval SECAGG_ERR_ARG     no such client
 * @retval SECAGG_ERR_STATE   not expected from this client now: it is out, it
 *                            has answered already, the message is of another
 *                            phase, or the part is not the next one. Or
 *                            nobody was said to be believed in an active
 *                            session
 * @retval SECAGG_ERR_MESSAGE malformed, from another session or client, with
 *                            other parameters, keys or sets than the
 *                            session's, or breaking a rule of the protocol
 * @retval SECAGG_ERR_AUTH    a signature that is not this client's
 * @retval SECAGG_ERR_MEMORY  no memory
 * @retval SECAGG_ERR_CRYPTO  a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_recv(secagg_server *server,
    uint32_t from, const uint8_t *msg, size_t len);

/**
 * Tell how many clients are yet to answer in this phase.
 *
 * @param[in] server the handle
 * @return clients that are in and have not answered; 0 once the session is
 *         over
 */
uint32_t secagg_server_pending(const secagg_server *server);

/**
 * End the phase: clients that have not answered are out. Then each client
 * that is in has a message to be taken by secagg_server_send().
 *
 * @param server the handle
 * @retval SECAGG_ERR_STATE     the session is over
 * @retval SECAGG_ERR_THRESHOLD too few clients or good shares are left; the
 *                              session has failed, secagg_server_error() says
 *                              it with numbers
 * @retval SECAGG_ERR_CHEAT     a secret could not be had although enough
 *                              shares were opened; secagg_server_blamed()
 *                              names its dealer; the session has failed
 * @retval SECAGG_ERR_MEMORY    no memory; nothing has changed
 * @retval SECAGG_ERR_CRYPTO    a cryptographic library failed; nothing has
 *                              changed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_advance(secagg_server *server);

/**
 * Take the message of this phase for one client. The same call yields the
 * same bytes until the next secagg_server_advance(), so that it may be sent
 * again. When the session has failed, it is an ABORT for each client that was
 * in.
 *
 * @param server   the handle
 * @param to       the client that it is for
 * @param[out] msg the message, borrowed until the next call on the handle
 * @param[out] len its length in bytes; 0 where there is nothing for this
 *                 client
 * @retval SECAGG_ERR_ARG    no such client
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_server_send(secagg_server *server,
    uint32_t to, const uint8_t **msg, size_t *len);

/**
 * Tell whether a client is still in.
 *
 * @param[in] server the handle
 * @param index      the client
 * @return true where it takes part in this phase; from #SECAGG_PHASE_CONFIRM
 *         to #SECAGG_PHASE_DONE, where its input is in the sum
 */
bool secagg_server_includes(const secagg_server *server, uint32_t index);

/**
 * Tell whether a client has answered in this phase.
 *
 * @param[in] server the handle
 * @param index      the client
 * @return true where its message was accepted
 */
bool secagg_server_answered(const secagg_server *server, uint32_t index);

/**
 * Tell what made the session fail, as an error and as a sentence.
 *
 * @param[in] server the handle
 * @param[out] why   room for the sentence, always ended by a NUL, empty where
 *                   the session has not failed; may be NULL
 * @param len        bytes of room
 * @return the error, or SECAGG_OK where the session has not failed
 */
secagg_err secagg_server_error(const secagg_server *server, char *why,
    size_t len);

/**
 * Tell where the server stands.
 *
 * @param[in] server the handle
 * @return the phase whose messages are being collected, #SECAGG_PHASE_DONE
 *         when the sum is known, #SECAGG_PHASE_FAILED when there is none.
 *         Semi-honest sessions pass over #SECAGG_PHASE_CONFIRM.
 */
secagg_phase secagg_server_phase(const secagg_server *server);

/**
 * Name who was caught, one after another.
 *
 * @param[in] server the handle
 * @param i          0 for the first
 * @param[out] index the client
 * @param[out] what  #SECAGG_ERR_CHEAT: a share, a key or a secret of this
 *                   client's that is provably wrong; #SECAGG_ERR_AUTH: more
 *                   than params->corrupt holders could not open what it
 *                   dealt them
 * @retval SECAGG_ERR_STATE there is no more
 */
SECAGG_MUST_CHECK secagg_err secagg_server_blamed(const secagg_server *server,
    size_t i, uint32_t *index, secagg_err *what);

/**
 * Count the inputs in the sum.
 *
 * @param[in] server the handle
 * @return survivors; 0 before #SECAGG_PHASE_DONE
 */
uint32_t secagg_server_survivors(const secagg_server *server);

/**
 * Tell the sum of the survivors' weights.
 *
 * @param[in] server the handle
 * @return the sum; 0 before #SECAGG_PHASE_DONE or where there are no weights
 */
uint64_t secagg_server_weight(const secagg_server *server);

/**
 * Read a range of a sum as integers modulo 2^bits, of any kind of segment.
 *
 * This and the five calls after it take any range in any order, also from
 * several threads at once. The masks of a range are generated when it is
 * asked for, with a fixed cost a survivor and call: take large ranges that
 * begin at multiples of 512.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count entries
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    no such segment
 * @retval SECAGG_ERR_STATE  the sum is not known
 * @retval SECAGG_ERR_SIZE   the range reaches beyond the segment
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; out is undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_u64(const secagg_server *server,
    size_t segment, uint64_t offset, uint64_t *out, size_t count);

/**
 * Read a range of a sum as integers in [-2^(bits-1), 2^(bits-1)), of any kind
 * of segment.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count entries
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    as secagg_server_sum_u64()
 * @retval SECAGG_ERR_STATE  as secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   as secagg_server_sum_u64()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_i64(const secagg_server *server,
    size_t segment, uint64_t offset, int64_t *out, size_t count);

/**
 * Read a range of a real sum: of the values (#SECAGG_REAL), or of weight
 * times value (#SECAGG_WEIGHTED).
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count values
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    no such segment, or one of integers
 * @retval SECAGG_ERR_STATE  as secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   as secagg_server_sum_u64()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_f32(const secagg_server *server,
    size_t segment, uint64_t offset, float *out, size_t count);

/**
 * Read a range of a real sum in double precision; as
 * secagg_server_sum_f32() otherwise.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count values
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    no such segment, or one of integers
 * @retval SECAGG_ERR_STATE  as secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   as secagg_server_sum_u64()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_f64(const secagg_server *server,
    size_t segment, uint64_t offset, double *out, size_t count);

/**
 * Read a range of a mean: over the survivors (#SECAGG_REAL), or over the sum
 * of their weights (#SECAGG_WEIGHTED).
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count values
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    no such segment, or one of integers
 * @retval SECAGG_ERR_STATE  as secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   as secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  the sum of weights is 0
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_mean_f32(
    const secagg_server *server, size_t segment, uint64_t offset, float *out,
    size_t count);

/**
 * Read a range of a mean in double precision; as secagg_server_mean_f32()
 * otherwise.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    number of the segment in the parameters
 * @param offset     entry at which the range begins
 * @param[out] out   room for count values
 * @param count      entries of the range
 * @retval SECAGG_ERR_ARG    no such segment, or one of integers
 * @retval SECAGG_ERR_STATE  as secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   as secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  the sum of weights is 0
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_mean_f64(
    const secagg_server *server, size_t segment, uint64_t offset, double *out,
    size_t count);

/**
 * Count the bytes that secagg_server_masks() fills.
 *
 * @param[in] server the handle
 * @return bytes; 0 before #SECAGG_PHASE_DONE
 */
size_t secagg_server_masks_size(const secagg_server *server);

/**
 * Write the masks that are still in the sum, for workers on other machines
 * that hold planar sums of ranges: secagg_masks_decode() reads them, and
 * secagg_masks_apply() takes them away. They are as secret as the inputs are
 * to anyone who holds a single INPUT message.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param[out] bytes room for the encoded set
 * @param len        secagg_server_masks_size()
 * @retval SECAGG_ERR_STATE the sum is not known
 * @retval SECAGG_ERR_SIZE  len is not that size
 */
SECAGG_MUST_CHECK secagg_err secagg_server_masks(const secagg_server *server,
    uint8_t *bytes, size_t len);

#ifdef __cplusplus
}
#endif

#endif
