/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The server of a session.
 *
 * In each phase the server collects one message from each client. The host
 * closes a phase. A client that has not answered by then drops out, and the
 * sum contains the inputs of the other clients:
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

/**
 * @addtogroup server
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** The server of one session. */
typedef struct secagg_server secagg_server;

/**
 * Create a server that takes its seed from the randomness of the system.
 *
 * @param[out] server the new handle
 * @param[in] params  the parameters of the session; the server copies them
 * @retval SECAGG_ERR_ARG    the parameters break a rule (secagg_params_check()
 *                           returns the reason)
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_RANDOM the system provided no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_new(secagg_server **server,
    const secagg_params *params);

/**
 * Create a server from a given seed. The seed and the sequence of calls on the
 * handle determine all its messages and results, so a host that logs the
 * messages and the calls of secagg_server_advance() can replay a session bit
 * for bit.
 *
 * @param[out] server the new handle
 * @param[in] params  the parameters of the session; the server copies them
 * @param[in] seed    32 secret bytes
 * @retval SECAGG_ERR_ARG    see secagg_server_new()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_new_seeded(secagg_server **server,
    const secagg_params *params, const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Wipe and free a server.
 *
 * @param server the handle, or NULL
 */
void secagg_server_free(secagg_server *server);

/**
 * Process a message from a client. If the server rejects a message, nothing
 * changes: the client may send a valid one until the phase closes, and drops
 * out otherwise. The session goes on after every error. In #SECAGG_PHASE_KEYS
 * a client that has answered may send other keys, which replace the first ones:
 * it may have restarted without a saved state.
 *
 * `from` must come from the transport, never from the header of the message:
 * otherwise a client could send messages in the name of another one, which
 * would then be blamed for them. SHARES, INPUT and UNMASK have no signature, in
 * active mode either, so blame convinces only those who trust the server's
 * transport (PROTOCOL.md 14.1).
 *
 * A client may send its input in parts. The server stores the parts of a
 * client separately and adds them to the sum when the last part arrives, so it
 * stores one more vector for each client with an incomplete input. A host that
 * spools the parts of each client and passes in a complete input at a time
 * keeps that at one vector.
 *
 * @param server  the handle
 * @param from    the index of the sender, as authenticated by the transport
 * @param[in] msg the message
 * @param len     its length in bytes
 * @retval SECAGG_ERR_ARG     `from` is not below params->clients
 * @retval SECAGG_ERR_REPEAT  this is the message with which the client has
 *                            answered this phase, once more: it has arrived,
 *                            and the client need not send it again. The
 *                            masked entries of an input are not compared
 * @retval SECAGG_ERR_STATE   the server does not expect this message from this
 *                            client now: the client dropped out or has already
 *                            answered, the message is of another phase, or the
 *                            part is not the next one; or the host does not
 *                            know yet whether to trust its identity
 * @retval SECAGG_ERR_MESSAGE the message is malformed, comes from another
 *                            session or client, refers to other parameters,
 *                            keys or sets, or breaks a rule of the protocol
 * @retval SECAGG_ERR_AUTH    the identity is not trusted, not valid or that of
 *                            another client, or its signature is not valid
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 * @retval SECAGG_ERR_CRYPTO  a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_server_recv(secagg_server *server,
    uint32_t from, const uint8_t *msg, size_t len);

/**
 * Returns the number of clients that have not answered yet in this phase.
 *
 * @param[in] server the handle
 * @return the number of clients that take part and have not answered; 0 when
 *         the session is over
 */
uint32_t secagg_server_pending(const secagg_server *server);

/**
 * Close the phase. The clients that have not answered drop out. For each other
 * client, secagg_server_send() then returns a message.
 *
 * @param server the handle
 * @retval SECAGG_ERR_STATE     the session is over; or the process is not the
 *                              one that created the handle (PROTOCOL.md 14.6)
 * @retval SECAGG_ERR_THRESHOLD too few clients or valid shares remain; the
 *                              session fails, and secagg_server_error()
 *                              returns the numbers
 * @retval SECAGG_ERR_CHEAT     enough shares of a secret were opened, but they
 *                              do not determine it; the session fails, and
 *                              secagg_server_blamed() returns its dealer
 * @retval SECAGG_ERR_MEMORY    the system has no memory left; the phase is
 *                              still open
 * @retval SECAGG_ERR_CRYPTO    a cryptographic library failed; the phase is
 *                              still open
 */
SECAGG_MUST_CHECK secagg_err secagg_server_advance(secagg_server *server);

/**
 * Return the message of this phase for one client. The server returns the same
 * bytes until the next secagg_server_advance(), so the host may send a message
 * again. After the session has failed, the message is an ABORT for each client
 * that took part in the last phase and sent no ABORT itself.
 *
 * For a client that fell out because it did not answer in time, the message is
 * an ABORT that says so, in each later phase, also when the session is over: a
 * host sends it once, and again when the client calls (PROTOCOL.md 8.12).
 *
 * @param server   the handle
 * @param to       the index of the client
 * @param[out] msg the message; it stays valid until the next call on the
 *                 handle that takes it as non-const
 * @param[out] len its length in bytes; 0 if there is no message for this
 *                 client
 * @retval SECAGG_ERR_ARG    `to` is not below params->clients
 * @retval SECAGG_ERR_STATE  the process is not the one that made the handle
 *                           (PROTOCOL.md 14.6), or the server was saved before
 *                           and must be saved again before it gives out a
 *                           message of this phase (secagg_server_save())
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_server_send(secagg_server *server,
    uint32_t to, const uint8_t **msg, size_t *len);

/**
 * Returns whether a client takes part.
 *
 * @param[in] server the handle
 * @param index      the client
 * @return true if the client has not dropped out; from #SECAGG_PHASE_CONFIRM
 *         to #SECAGG_PHASE_DONE, true if its input is in the sum
 */
bool secagg_server_includes(const secagg_server *server, uint32_t index);

/**
 * Returns whether a client has answered in this phase.
 *
 * @param[in] server the handle
 * @param index      the client
 * @return true if the server accepted its message
 */
bool secagg_server_answered(const secagg_server *server, uint32_t index);

/**
 * Returns the error that made the session fail, and the reason in sentences:
 * what was too few, how many clients were silent or gave up, the disputes, and
 * whether secrets were opened. They name a client as at fault only if
 * secagg_server_blamed() returns it. If the session failed in
 * #SECAGG_PHASE_UNMASK, the sum may be known all the same, and the clients must
 * not supply the same vectors again (PROTOCOL.md 11.4).
 *
 * @param[in] server the handle
 * @param[out] why   a buffer for the reason, of 512 bytes for all of it. The
 *                   text always ends with a NUL; it is empty if the session
 *                   has not failed. May be NULL.
 * @param len        the size of the buffer in bytes
 * @return the error, or SECAGG_OK if the session has not failed
 */
secagg_err secagg_server_error(const secagg_server *server, char *why,
    size_t len);

/**
 * Returns the last error that a call on this server returned, and its cause in
 * a sentence: which check of which clause failed, what came and what was
 * expected, with the numbers, and from whom. The next error replaces it; a call
 * that succeeds does not. If the system is at fault, the sentence is the one
 * that secagg_strerror() returns. If secagg_server_advance() failed the
 * session, the text is the one that secagg_server_error() returns.
 *
 * If several threads read sums at the same time, one of them sets the last
 * error. The end of a list, as in secagg_server_blamed(), is no refusal.
 *
 * A text is one line of printable ASCII, which contains numbers and the first
 * bytes of identifiers, but no value of a key, a share, a signature or an
 * entry. So the host may log it. Programs must not parse it: the words may
 * change.
 *
 * @param[in] server the handle
 * @param[out] index the client that the call was about; 2^32 - 1 if it was
 *                   about none, or if no call has failed. May be NULL.
 * @param[out] why   a buffer for the sentence. It always ends with a NUL, and
 *                   is empty if no call has failed. May be NULL.
 * @param why_len    the size of the buffer in bytes; 512 suffice
 * @return the error, or SECAGG_OK if no call on the handle has failed
 */
secagg_err secagg_server_refusal(const secagg_server *server, uint32_t *index,
    char *why, size_t why_len);

/**
 * Returns the parameters of the session, with every default filled in.
 *
 * @param[in] server the handle
 * @return the server's copy, valid until secagg_server_free()
 */
const secagg_params *secagg_server_params(const secagg_server *server);

/**
 * Returns the phase of the server.
 *
 * @param[in] server the handle
 * @return the phase whose messages the server collects; #SECAGG_PHASE_DONE if
 *         the sum is available, #SECAGG_PHASE_FAILED if there is none.
 *         Semi-honest sessions omit #SECAGG_PHASE_CONFIRM.
 */
secagg_phase secagg_server_phase(const secagg_server *server);

/**
 * Return the clients that the server blames, one for each value of `i`
 * (PROTOCOL.md 9.5). The list is available whether or not the session failed.
 *
 * @param[in] server the handle
 * @param i          the position in the list, from 0
 * @param[out] index the client
 * @param[out] what  #SECAGG_ERR_CHEAT if a share, key or secret of this client
 *                   is provably wrong; #SECAGG_ERR_AUTH if more than
 *                   params->corrupt other clients (or more than one, if that
 *                   is 0) have disputes with this client, see
 *                   secagg_server_disputed()
 * @retval SECAGG_ERR_STATE the list has no position `i`
 */
SECAGG_MUST_CHECK secagg_err secagg_server_blamed(const secagg_server *server,
    size_t i, uint32_t *index, secagg_err *what);

/**
 * Return the disputes, one for each value of `i` (PROTOCOL.md 9.5): pairs of a
 * dealer and a holder that complained, in INPUT or in its ABORT, that a share
 * from this dealer did not open. At least one of the two is at fault, and the
 * server cannot know which: a host leaves both out of the next session (9.6).
 * The list ascends by dealer, then holder. It is available from the end of
 * #SECAGG_PHASE_INPUT on, whether or not the session failed.
 *
 * @param[in] server  the handle
 * @param i           the position in the list, from 0
 * @param[out] dealer the client that dealt the share
 * @param[out] holder the client that complained
 * @retval SECAGG_ERR_STATE the list has no position `i`
 */
SECAGG_MUST_CHECK secagg_err secagg_server_disputed(
    const secagg_server *server, size_t i, uint32_t *dealer, uint32_t *holder);

/**
 * Returns the number of inputs in the sum.
 *
 * @param[in] server the handle
 * @return the number of survivors; 0 before #SECAGG_PHASE_DONE
 */
uint32_t secagg_server_survivors(const secagg_server *server);

/**
 * Returns the sum of the survivors' weights.
 *
 * @param[in] server the handle
 * @return the sum; 0 before #SECAGG_PHASE_DONE, if the session has no weights,
 *         or if no weights of the survivors have this sum: a client has
 *         cheated, and reading a #SECAGG_WEIGHTED segment is SECAGG_ERR_VALUE
 */
uint64_t secagg_server_weight(const secagg_server *server);

/**
 * Compute a range of the sum of a segment as unsigned integers: for a segment
 * of integers their sum, of #SECAGG_INTEGER modulo 2^bits; for reals the sum of
 * their encoded entries.
 *
 * Before it gives out an entry, the server checks that inputs of the survivors
 * can have this sum (PROTOCOL.md 7.5). If one entry of the range fails, the
 * result is SECAGG_ERR_VALUE, and `out` has no entry but only zeros. Other
 * ranges may be read; secagg_server_refusal() names the entry. A client has
 * cheated then, and nobody knows which. The check does not see changes that
 * leave a sum possible, and integers without a bound have none.
 *
 * This function and the five that follow accept any range in any order, and
 * several threads may call them at the same time. A call generates the masks
 * of its range, at a fixed cost for each survivor and call; large ranges are
 * fastest. The server keeps up to 132 KiB of unmasked entries of each modulus,
 * so that one thread may read many short segments, in ascending order of their
 * numbers, at nearly the cost of one large range.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` integers
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    the segment does not exist
 * @retval SECAGG_ERR_STATE  the session has no sum, or none yet; or the
 *                           floating-point environment cannot be set
 * @retval SECAGG_ERR_SIZE   the range extends beyond the segment
 * @retval SECAGG_ERR_VALUE  no inputs have a sum as in this range; or the sum
 *                           of the weights is wrong and the segment weighted;
 *                           or a sum is negative (#SECAGG_SIGNED)
 * @retval SECAGG_ERR_MEMORY the system has no memory left; the contents of
 *                           `out` are undefined
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the contents of
 *                           `out` are undefined
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_u64(const secagg_server *server,
    size_t segment, uint64_t offset, uint64_t *out, size_t count);

/**
 * Compute a range of the sum of a segment as signed integers: for
 * #SECAGG_SIGNED and #SECAGG_UNSIGNED the sum itself, for other kinds that of
 * secagg_server_sum_u64() modulo 2^bits in [-2^(bits-1), 2^(bits-1)).
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` integers
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    see secagg_server_sum_u64()
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_sum_u64(); or a sum is over 2^63
 *                           - 1 (#SECAGG_UNSIGNED)
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_i64(const secagg_server *server,
    size_t segment, uint64_t offset, int64_t *out, size_t count);

/**
 * Compute a range of the sum of a segment of reals: the sum of the values for
 * #SECAGG_REAL, the sum of weight times value for #SECAGG_WEIGHTED.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` values
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_sum_u64(); or a result is greater
 *                           than every float
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_f32(const secagg_server *server,
    size_t segment, uint64_t offset, float *out, size_t count);

/**
 * Compute a range of the sum of a segment of reals in double precision. The
 * function is otherwise secagg_server_sum_f32().
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` values
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_sum_f64(const secagg_server *server,
    size_t segment, uint64_t offset, double *out, size_t count);

/**
 * Compute a range of the mean of a segment of reals: the sum divided by the
 * number of survivors for #SECAGG_REAL, by the sum of their weights for
 * #SECAGG_WEIGHTED.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` values
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_sum_f32(); or the sum of the
 *                           weights is 0
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_mean_f32(
    const secagg_server *server, size_t segment, uint64_t offset, float *out,
    size_t count);

/**
 * Compute a range of the mean of a segment of reals in double precision. The
 * function is otherwise secagg_server_mean_f32().
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the range
 * @param[out] out   a buffer for `count` values
 * @param count      the number of entries
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers
 * @retval SECAGG_ERR_STATE  see secagg_server_sum_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_server_sum_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_server_sum_f32(); or the sum of the
 *                           weights is 0
 * @retval SECAGG_ERR_MEMORY see secagg_server_sum_u64()
 * @retval SECAGG_ERR_CRYPTO see secagg_server_sum_u64()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_mean_f64(
    const secagg_server *server, size_t segment, uint64_t offset, double *out,
    size_t count);

/**
 * Returns the number of bytes that secagg_server_masks() writes.
 *
 * @param[in] server the handle
 * @return the size in bytes; 0 before #SECAGG_PHASE_DONE
 */
size_t secagg_server_masks_size(const secagg_server *server);

/**
 * Encode the masks that remain in the sum, for workers on other machines that
 * hold planar sums of ranges (PROTOCOL.md 6.6). A worker decodes them with
 * secagg_masks_decode() and removes them with secagg_masks_apply(). Together
 * with a single INPUT message they can reveal the input in it, so they are as
 * secret as the inputs.
 *
 * @param[in] server the handle, in #SECAGG_PHASE_DONE
 * @param[out] bytes a buffer of `len` bytes for the encoded mask set
 * @param len        secagg_server_masks_size()
 * @retval SECAGG_ERR_STATE the session has no sum, or none yet
 * @retval SECAGG_ERR_SIZE  `len` is not secagg_server_masks_size()
 */
SECAGG_MUST_CHECK secagg_err secagg_server_masks(const secagg_server *server,
    uint8_t *bytes, size_t len);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
