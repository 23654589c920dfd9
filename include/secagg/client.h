/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The client of a session.
 *
 * A client sends the first message and then answers each message of the
 * server, until its phase is #SECAGG_PHASE_DONE:
 *
 * @code
 * err = secagg_client_new(&client, params, index, NULL);
 * err = secagg_client_input_f32(client, 0, 0, update, length);
 * while (secagg_client_phase(client) < SECAGG_PHASE_DONE) {
 *     err = secagg_client_send(client, &msg, &len);   -- if len > 0, send msg
 *     err = secagg_client_recv(client, msg, len);     -- else receive msg
 * }
 * secagg_client_free(client);
 * @endcode
 *
 * The host may supply the input at any time before the client sends its INPUT
 * message, so training can run while keys and shares travel.
 */
#ifndef SECAGG_CLIENT_H
#define SECAGG_CLIENT_H

#include <secagg/base.h>
#include <secagg/keys.h>
#include <secagg/params.h>

/**
 * @addtogroup client
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** A client in one session. */
typedef struct secagg_client secagg_client;

/** Whether the vector of a client may be in a sum (PROTOCOL.md 11.4). */
typedef enum secagg_spent {
    SECAGG_SPENT_NOTHING = 0, /**< no part of it was built */
    SECAGG_SPENT_INPUT = 1,   /**< INPUT, or its first part, was built */
    SECAGG_SPENT_UNMASK = 2   /**< UNMASK was built */
} secagg_spent;

/**
 * Create a client that takes its seed from the randomness of the system.
 *
 * @param[out] client the new handle
 * @param[in] params  the parameters of the session; the client copies them
 * @param[in] index   the index of this client, below params->clients
 * @param[in] policy  the minimum that this client accepts; NULL selects all
 *                    defaults
 * @retval SECAGG_ERR_ARG    the parameters break a rule (secagg_params_check()
 *                           returns the reason), or the index or the policy is
 *                           out of range
 * @retval SECAGG_ERR_POLICY the parameters are valid but below the policy
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_RANDOM the system provided no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed, or this machine
 *                           does not serve the suite; see secagg_available()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_new(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy);

/**
 * Create a client from a given seed, for tests, simulation and replay. The
 * seed, the input and the server's messages determine all its messages.
 *
 * The host must use a seed for one session id and one run only. If two runs
 * share a seed and a session id, the server can compute the input as soon as
 * the rosters or the inputs differ. A retry needs a new session id and a new
 * seed.
 *
 * @param[out] client the new handle
 * @param[in] params  the parameters of the session; the client copies them
 * @param[in] index   the index of this client, below params->clients
 * @param[in] policy  the minimum that this client accepts; NULL selects all
 *                    defaults
 * @param[in] seed    32 secret bytes; the caller must wipe its copy
 * @retval SECAGG_ERR_ARG    see secagg_client_new()
 * @retval SECAGG_ERR_POLICY see secagg_client_new()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO see secagg_client_new()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_new_seeded(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Wipe and free a client.
 *
 * @param client the handle, or NULL
 */
void secagg_client_free(secagg_client *client);

/**
 * Make the client send its input in parts, so that it never stores more than
 * one part. The host must call this before it supplies any input or weight.
 *
 * The segments lie end to end in lanes (secagg_params_place()), and the lanes
 * in blocks of 512 entries, of which the last one of a lane may be shorter. A
 * part consists of entries / 512 consecutive blocks, through all lanes in
 * ascending order of their bits. The host supplies the pieces of one part,
 * calls secagg_client_send(), and then supplies the pieces of the next part. It
 * supplies the weight before the first part is sent.
 *
 * @param client  the handle
 * @param entries the number of entries in a part, a positive multiple of 512;
 *                an input has at most 65535 parts
 * @retval SECAGG_ERR_ARG   `entries` is not a positive multiple of 512, or
 *                          there would be too many parts, or a part would have
 *                          more than 2^32 - 1 blocks
 * @retval SECAGG_ERR_STATE the client already has input or a weight, or has
 *                          already built INPUT
 */
SECAGG_MUST_CHECK secagg_err secagg_client_set_part_size(secagg_client *client,
    uint64_t entries);

/**
 * Set the weight of this client. The host must call this once, before the
 * first piece of a #SECAGG_WEIGHTED segment and before the client sends INPUT.
 * The server learns the sum of the weights but no single weight.
 *
 * @param client the handle
 * @param weight params->min_weight to params->max_weight, for example a number
 *               of examples
 * @retval SECAGG_ERR_STATE  the session has no weights, the client already has
 *                           one, or it has already built INPUT
 * @retval SECAGG_ERR_VALUE  `weight` is out of this range
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_client_weight(secagg_client *client,
    uint64_t weight);

/**
 * Supply a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment. The host may
 * supply pieces of any size in any order, but must supply each entry exactly
 * once. The client encodes the piece at once and keeps no pointer to it.
 * It clips values outside [-clip, clip] and counts them
 * (secagg_client_clipped()). secagg/arrays.h has functions for other types and
 * for arrays with a stride.
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` finite values
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains integers
 * @retval SECAGG_ERR_STATE  the client already has one of the entries; the
 *                           segment needs a weight first; an entry is not in
 *                           the current part (secagg_client_set_part_size());
 *                           or the client has already built INPUT
 * @retval SECAGG_ERR_SIZE   the piece extends beyond the segment
 * @retval SECAGG_ERR_VALUE  a value is NaN or infinite; the client rejects the
 *                           whole piece
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the session fails
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_f32(secagg_client *client,
    size_t segment, uint64_t offset, const float *values, size_t count);

/**
 * Supply a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment in double
 * precision. The function is otherwise secagg_client_input_f32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` finite values
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_f32()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_f32()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the session fails
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_f64(secagg_client *client,
    size_t segment, uint64_t offset, const double *values, size_t count);

/**
 * Supply a piece of a segment of integers of any kind. The rules for pieces are
 * those of secagg_client_input_f32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers: below 2^bits for #SECAGG_INTEGER, below
 *                   2^value_bits for #SECAGG_UNSIGNED, below 2^(value_bits-1)
 *                   for #SECAGG_SIGNED
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    the segment does not exist or contains reals
 * @retval SECAGG_ERR_STATE  the client already has one of the entries; an
 *                           entry is not in the current part; or the client
 *                           has already built INPUT
 * @retval SECAGG_ERR_SIZE   the piece extends beyond the segment
 * @retval SECAGG_ERR_VALUE  an integer is out of range; the client rejects the
 *                           whole piece
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_u64(secagg_client *client,
    size_t segment, uint64_t offset, const uint64_t *values, size_t count);

/**
 * Supply a piece of a segment of integers of any kind as signed integers.
 * secagg_server_sum_i64() reads the sums as signed integers. The rules for
 * pieces are those of secagg_client_input_f32().
 *
 * @param client     the handle
 * @param segment    the number of the segment in the parameters
 * @param offset     the first entry of the piece
 * @param[in] values `count` integers: any for #SECAGG_INTEGER, which the client
 *                   reduces modulo 2^bits; from 0 to below 2^value_bits for
 *                   #SECAGG_UNSIGNED; from -2^(value_bits-1) to below
 *                   2^(value_bits-1) for #SECAGG_SIGNED
 * @param count      the number of entries; 0 has no effect
 * @retval SECAGG_ERR_ARG    see secagg_client_input_u64()
 * @retval SECAGG_ERR_STATE  see secagg_client_input_u64()
 * @retval SECAGG_ERR_SIZE   see secagg_client_input_u64()
 * @retval SECAGG_ERR_VALUE  see secagg_client_input_u64()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_i64(secagg_client *client,
    size_t segment, uint64_t offset, const int64_t *values, size_t count);

/**
 * Returns the number of values in a segment that the client has clipped so
 * far. The number is secret: it depends on the input of this client. To sum
 * such numbers over clients, use an integer segment. A saved state does not
 * contain it; a resumed client counts the values that it receives again.
 *
 * @param[in] client the handle
 * @param segment    the number of the segment in the parameters
 * @return the number of clipped values; 0 if the segment does not exist
 */
uint64_t secagg_client_clipped(const secagg_client *client, size_t segment);

/**
 * Process a message from the server.
 *
 * If the message is the one that the client accepted last, the client accepts
 * it again, and secagg_client_send() returns the same answer again, bit for
 * bit (PROTOCOL.md 9.3). If the input goes in parts, that answer is the latest
 * part, until the host supplies input for the next one.
 *
 * @param client  the handle
 * @param[in] msg the message
 * @param len     its length in bytes
 * @retval SECAGG_ERR_STATE     the header is valid but the message is not of
 *                              this phase, or the host does not know yet
 *                              whether an identity in the roster is to be
 *                              trusted; the session goes on. Or the server
 *                              says that this client is out, because it did
 *                              not answer in time, and the session fails:
 *                              secagg_client_phase() tells the cases apart.
 *                              secagg_client_spent() does not change; the
 *                              input may have arrived
 * @retval SECAGG_ERR_MESSAGE   the header is malformed or names another client
 *                              or session, and the session goes on; or the
 *                              body breaks a rule of the protocol, and the
 *                              session fails. secagg_client_phase() tells the
 *                              two cases apart.
 * @retval SECAGG_ERR_AUTH      the roster contains an identity that is not
 *                              trusted, or an invalid signature; the session
 *                              fails
 * @retval SECAGG_ERR_THRESHOLD fewer clients, valid shares or valid signatures
 *                              remain than the parameters require, the sparse
 *                              graph is not connected, or the server aborted
 *                              for such a reason; the session fails
 * @retval SECAGG_ERR_CHEAT     the server aborted because of a cheating
 *                              client; the session fails
 * @retval SECAGG_ERR_MEMORY    the system has no memory left
 * @retval SECAGG_ERR_CRYPTO    a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_recv(secagg_client *client,
    const uint8_t *msg, size_t len);

/**
 * Build and return the next message to the server. Call this function until
 * the length is 0; then wait for a message from the server. A client whose
 * session failed returns one ABORT message.
 *
 * @param client   the handle
 * @param[out] msg the message. It stays valid until the next call on the
 *                 handle other than secagg_client_save().
 * @param[out] len its length in bytes; 0 if the client waits for the server
 * @retval SECAGG_ERR_INPUT_DUE INPUT or its next part lacks an entry or the
 *                           weight: supply it and call again
 * @retval SECAGG_ERR_STATE  the client was saved before and must be saved again
 *                           before it gives out the message that it has built
 *                           (secagg_client_save()). Or the session is active
 *                           and the client has no signing key. Or the session
 *                           failed and its ABORT was already returned. Or the
 *                           process is not the one that made or resumed the
 *                           handle (PROTOCOL.md 14.6): two processes after
 *                           fork() must not make messages from the same
 *                           secrets. Or the client was resumed and its
 *                           input differs from the saved one; then the session
 *                           fails.
 * @retval SECAGG_ERR_MEMORY the system has no memory left; nothing has changed,
 *                           and the caller may call again
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed. The caller may call
 *                           again, unless this happened during masking: then
 *                           the session fails, and secagg_client_phase() says
 *                           so.
 */
SECAGG_MUST_CHECK secagg_err secagg_client_send(secagg_client *client,
    const uint8_t **msg, size_t *len);

/**
 * Returns the parameters of the session, with every default filled in.
 *
 * @param[in] client the handle
 * @return the client's copy, valid until secagg_client_free()
 */
const secagg_params *secagg_client_params(const secagg_client *client);

/**
 * Returns the index of the client.
 *
 * @param[in] client the handle
 * @return the index
 */
uint32_t secagg_client_index(const secagg_client *client);

/**
 * Returns the phase of the client.
 *
 * @param[in] client the handle
 * @return the phase whose message the client builds or has built;
 *         #SECAGG_PHASE_DONE after it has built UNMASK
 */
secagg_phase secagg_client_phase(const secagg_client *client);

/**
 * Returns how much of the vector of this client may be known in a sum
 * (PROTOCOL.md 11.4). The value never goes back: a failure does not change it,
 * and a resumed client has it from its saved state.
 *
 * The host must not supply a vector to another session once this function
 * returns anything but #SECAGG_SPENT_NOTHING, whatever became of the session
 * and whatever the server says: a session that ends without a sum may have
 * given the sum to the server, and with another sum the difference of the two
 * can be this vector. A retry takes a new update. The one exception: a
 * semi-honest session, #SECAGG_SPENT_INPUT, and the host of the server says
 * that the session ended in KEYS, SHARES or INPUT.
 *
 * @param[in] client the handle
 * @return the state of the vector
 */
secagg_spent secagg_client_spent(const secagg_client *client);

/**
 * Returns the error that made the session fail.
 *
 * @param[in] client the handle
 * @return the error, or SECAGG_OK if the session has not failed
 */
secagg_err secagg_client_error(const secagg_client *client);

/**
 * Returns the last error that a call on this client returned, and its cause in
 * a sentence: which check failed, what came and what was expected, with the
 * numbers. The next error replaces it; a call that succeeds does not. If the
 * system is at fault, the sentence is the one that secagg_strerror() returns.
 *
 * A sentence is one line of printable ASCII. It has no value of a key, a share,
 * a weight or an entry, but for #SECAGG_ERR_VALUE the segment and the number of
 * the first entry that is not allowed. So the host may log it where it may log
 * the error. Programs must not parse it: the words may change.
 *
 * secagg_client_new() and secagg_client_resume() give no handle if they fail;
 * see secagg_policy_check() and secagg_params_check(). A resumed client has no
 * refusal.
 *
 * @param[in] client the handle
 * @param[out] why   a buffer for the sentence. It always ends with a NUL, and
 *                   is empty if no call has failed. May be NULL.
 * @param why_len    the size of the buffer in bytes; 512 suffice
 * @return the error, or SECAGG_OK if no call on the handle has failed
 */
secagg_err secagg_client_refusal(const secagg_client *client, char *why,
    size_t why_len);

/** @} */

/**
 * @addtogroup saving
 * @{
 */

/**
 * Returns the number of bytes that secagg_client_save() writes at this time.
 *
 * @param[in] client the handle
 * @return the size of the sealed state in bytes
 */
size_t secagg_client_save_size(const secagg_client *client);

/**
 * Save the client as bytes, sealed with a key of the host (PROTOCOL.md 11).
 * The state contains neither the input nor the weight, but the digest of INPUT
 * after that is built. It contains no signing key and none of the host's
 * functions. In active mode it contains SIGNATURES from phase UNMASK on, 68
 * bytes for each survivor that confirmed. One key may seal the states of many
 * clients and sessions; with a key for each client, erasing the key erases the
 * state.
 *
 * From its first save on, a client gives out a message only after it was saved
 * again: secagg_client_send() builds the message and returns
 * #SECAGG_ERR_STATE; the host saves, stores the state durably, and calls
 * secagg_client_send() again. A client that is never saved never waits.
 *
 * Each state has a generation, one higher than the previous state. The host
 * stores one number, the lowest generation that it still accepts, where no
 * snapshot of a disk or machine can revert it: see secagg_client_resume(). A
 * client that is set back, and then receives another roster or another input,
 * reveals its secrets. Count a client as corrupt if its host cannot follow
 * these rules.
 *
 * @param client     the handle; its generation increases by one
 * @param[out] state a buffer of `len` bytes for the sealed state
 * @param len        secagg_client_save_size()
 * @param[in] key    32 secret bytes
 * @retval SECAGG_ERR_STATE  the process is not the one that created or resumed
 *                           the handle (PROTOCOL.md 14.6)
 * @retval SECAGG_ERR_SIZE   `len` is not secagg_client_save_size()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_save(secagg_client *client,
    uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

/**
 * Returns the generation of the state that was saved last.
 *
 * @param[in] client the handle
 * @return the generation, from 1; 0 before the first save
 */
uint64_t secagg_client_generation(const secagg_client *client);

/**
 * Create a client from a saved state (PROTOCOL.md 11.2, 11.3).
 *
 * Before the host calls any other function on the client, it must claim the
 * state: it stores secagg_client_generation() + 1 durably as the new
 * `least_generation`. So no state is resumed twice. The next save has that
 * generation.
 *
 * secagg_client_send() returns the latest message again, because the host may
 * not have sent it before. If that message is INPUT or its latest part, the
 * host must supply the same input, and the weight, again first. The host must
 * also set its signing key and its functions again before the client needs
 * them. Trusted keys are in the state.
 *
 * @param[out] client      the new handle
 * @param[in] state        the sealed state
 * @param len              its length in bytes
 * @param[in] key          the key that sealed the state
 * @param least_generation the lowest generation that the host accepts; 0 before
 *                         the first resume
 * @param[in] params       the parameters of the session, or NULL if the host
 *                         does not know them: secagg_client_params() returns
 *                         those of the state
 * @param index            the index of the client, or a negative number if the
 *                         host does not know it: secagg_client_index()
 * @retval SECAGG_ERR_ARG     `params` break a rule
 * @retval SECAGG_ERR_STALE   the generation is below `least_generation`
 * @retval SECAGG_ERR_MESSAGE the bytes are not a state of a known version, or
 *                            the state in them breaks a rule of the protocol
 * @retval SECAGG_ERR_AUTH    the state is that of another session or client,
 *                            the key is wrong, or the bytes were altered
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 * @retval SECAGG_ERR_CRYPTO  a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_resume(secagg_client **client,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation, const secagg_params *params, int64_t index);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
