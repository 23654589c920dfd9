/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The client of a session: input in, messages out and in.
 *
 * A client speaks first and then answers each message of the server's, until
 * its phase is #SECAGG_PHASE_DONE:
 *
 * @code
 * err = secagg_client_new(&client, params, index, NULL);
 * err = secagg_client_input_f32(client, 0, 0, update, length);
 * while (secagg_client_phase(client) < SECAGG_PHASE_DONE) {
 *     err = secagg_client_send(client, &msg, &len);   -- send if len > 0
 *     err = secagg_client_recv(client, msg, len);     -- what came
 * }
 * secagg_client_free(client);
 * @endcode
 *
 * The input may be given at any time before the INPUT message is due, so that
 * training can run while keys and shares travel.
 */
#ifndef SECAGG_CLIENT_H
#define SECAGG_CLIENT_H

#include <secagg/base.h>
#include <secagg/keys.h>
#include <secagg/params.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A client in one session. */
typedef struct secagg_client secagg_client;

/**
 * The least that a client accepts of a session's parameters, whoever chose
 * them. Start from #SECAGG_POLICY_INIT.
 */
typedef struct secagg_policy {
    size_t size;            /**< set by #SECAGG_POLICY_INIT */
    uint32_t min_clients;   /**< fewest invited clients; 0: 3 */
    /** Fewest inputs in a sum; 0: max(3, threshold) on the complete graph, 3
     * on a sparse one. */
    uint32_t min_survivors;
    /** Share of the invited clients that must collude in vain, 0 to 1.
     * Negative: max(min(n / 3, 33), n / 20) of n clients, rounded down, on
     * the complete graph; one in twenty on a sparse one, where the tails of
     * PROTOCOL.md 2.5 must hold at 2^-40. */
    double min_corrupt;
    uint32_t require_active; /**< 1: refuse semi-honest sessions */
} secagg_policy;

/** A policy that asks for every default. */
#define SECAGG_POLICY_INIT { sizeof(secagg_policy), 0, 0, -1.0, 0 }

/**
 * Make a client with fresh randomness of the system's.
 *
 * @param[out] client the new handle
 * @param[in] params  what all parties agreed on; copied
 * @param[in] index   this client's number, below params->clients
 * @param[in] policy  the least to accept; NULL: every default
 * @retval SECAGG_ERR_ARG    the parameters are unsound (secagg_params_check()
 *                           says why), or the index or the policy is out of
 *                           range
 * @retval SECAGG_ERR_POLICY the parameters are sound but below the policy
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_RANDOM the system gave no randomness
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_new(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy);

/**
 * Make a client whose every message is a function of a seed, its input and
 * the server's messages: for tests, simulation and replay.
 *
 * A seed serves one session id and one run. Two runs with the same seed and
 * session id open the input to the server as soon as the roster or the input
 * differs; a retry takes a new session id and a new seed.
 *
 * @param[out] client the new handle
 * @param[in] params  what all parties agreed on; copied
 * @param[in] index   this client's number, below params->clients
 * @param[in] policy  the least to accept; NULL: every default
 * @param[in] seed    32 secret bytes; the caller wipes its copy
 * @retval SECAGG_ERR_ARG    as secagg_client_new()
 * @retval SECAGG_ERR_POLICY as secagg_client_new()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_new_seeded(secagg_client **client,
    const secagg_params *params, uint32_t index, const secagg_policy *policy,
    const uint8_t seed[SECAGG_SEED_BYTES]);

/**
 * Wipe and release a client.
 *
 * @param client the handle, or NULL
 */
void secagg_client_free(secagg_client *client);

/**
 * Give the long-term key that this client signs with, in an active session:
 * before its first message.
 *
 * @param client         the handle
 * @param[in] secret_key the key; copied, wiped when it is not needed any more
 * @retval SECAGG_ERR_ARG   the key is no pair of secagg_keypair()
 * @retval SECAGG_ERR_STATE the session is not active, or an identity was given
 */
SECAGG_MUST_CHECK secagg_err secagg_client_identify(secagg_client *client,
    const uint8_t secret_key[SECAGG_SECRETKEY_BYTES]);

/**
 * Give a function that signs, in place of secagg_client_identify(). It is
 * called from secagg_client_send(), for KEYS and for CONFIRM.
 *
 * @param client the handle
 * @param sign   the function
 * @param user   handed to it
 * @retval SECAGG_ERR_STATE as secagg_client_identify()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_identify_with(
    secagg_client *client, secagg_sign_fn *sign, void *user);

/**
 * Say whose key an index has, in an active session: one call for each peer
 * that may take part, before the roster comes. A roster with anybody else in
 * it is refused.
 *
 * @param client         the handle
 * @param index          the peer
 * @param[in] public_key its long-term key
 * @retval SECAGG_ERR_ARG    no such client, no valid key, or a key that
 *                           another index has
 * @retval SECAGG_ERR_STATE  the session is not active, the index has another
 *                           key, or a function was given
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_client_trust(secagg_client *client,
    uint32_t index, const uint8_t public_key[SECAGG_PUBLIC_BYTES]);

/**
 * Give a function that verifies, in place of secagg_client_trust(). It is
 * called from secagg_client_recv().
 *
 * @param client the handle
 * @param verify the function
 * @param user   handed to it
 * @retval SECAGG_ERR_STATE the session is not active, or keys or a function
 *                          were given
 */
SECAGG_MUST_CHECK secagg_err secagg_client_trust_with(secagg_client *client,
    secagg_verify_fn *verify, void *user);

/**
 * Send the input in parts, so that no more than one part is ever held: before
 * the first piece and the weight. The segments are cut into blocks of 512
 * entries, the last of each segment as short as it is; a part has `entries` /
 * 512 of those blocks, in order. Pieces of a part are given before
 * secagg_client_send() makes it; those of the next one after that. The weight
 * is given before the first part all the same.
 *
 * @param client  the handle
 * @param entries of a part, a multiple of 512
 * @retval SECAGG_ERR_ARG   not such a multiple, or 0
 * @retval SECAGG_ERR_STATE input was given, or INPUT is out
 */
SECAGG_MUST_CHECK secagg_err secagg_client_set_part_size(secagg_client *client,
    uint64_t entries);

/**
 * Give the weight of this client, once: before the first piece of a
 * #SECAGG_WEIGHTED segment and before INPUT is due. The server learns the sum
 * of the weights, not this one.
 *
 * @param client the handle
 * @param weight 0 to params->max_weight, such as a number of examples
 * @retval SECAGG_ERR_STATE  the parameters have no weights, one was given
 *                           already, or INPUT is out
 * @retval SECAGG_ERR_VALUE  over params->max_weight
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_client_weight(secagg_client *client,
    uint64_t weight);

/**
 * Give a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment. Pieces come in
 * any number and order; each entry is given exactly once. Values outside
 * [-clip, clip] are clipped and counted (secagg_client_clipped()).
 *
 * @param client     the handle
 * @param segment    number of the segment in the parameters
 * @param offset     entry of the segment at which the piece begins
 * @param[in] values count values, finite; read, not kept
 * @param count      entries of the piece; 0 does nothing
 * @retval SECAGG_ERR_ARG    no such segment, or one of integers
 * @retval SECAGG_ERR_STATE  an entry was given already, the weight is not
 *                           given yet, an entry is not of the part that is
 *                           due (secagg_client_set_part_size()), or INPUT is
 * out
 * @retval SECAGG_ERR_SIZE   the piece reaches beyond the segment
 * @retval SECAGG_ERR_VALUE  a NaN or an infinity; nothing of the piece is
 *                           taken
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the session has
 *                           failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_f32(secagg_client *client,
    size_t segment, uint64_t offset, const float *values, size_t count);

/**
 * Give a piece of a #SECAGG_REAL or #SECAGG_WEIGHTED segment in double
 * precision; as secagg_client_input_f32() otherwise.
 *
 * @param client     the handle
 * @param segment    number of the segment in the parameters
 * @param offset     entry of the segment at which the piece begins
 * @param[in] values count values, finite; read, not kept
 * @param count      entries of the piece; 0 does nothing
 * @retval SECAGG_ERR_ARG    as secagg_client_input_f32()
 * @retval SECAGG_ERR_STATE  as secagg_client_input_f32()
 * @retval SECAGG_ERR_SIZE   as secagg_client_input_f32()
 * @retval SECAGG_ERR_VALUE  as secagg_client_input_f32()
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO as secagg_client_input_f32()
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_f64(secagg_client *client,
    size_t segment, uint64_t offset, const double *values, size_t count);

/**
 * Give a piece of a #SECAGG_INTEGER segment.
 *
 * @param client     the handle
 * @param segment    number of the segment in the parameters
 * @param offset     entry of the segment at which the piece begins
 * @param[in] values count integers below 2^bits; read, not kept
 * @param count      entries of the piece; 0 does nothing
 * @retval SECAGG_ERR_ARG    no such segment, or one of reals
 * @retval SECAGG_ERR_STATE  an entry was given already, or INPUT is out
 * @retval SECAGG_ERR_SIZE   the piece reaches beyond the segment
 * @retval SECAGG_ERR_VALUE  an integer of 2^bits or more; nothing of the piece
 *                           is taken
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_u64(secagg_client *client,
    size_t segment, uint64_t offset, const uint64_t *values, size_t count);

/**
 * Give a piece of a #SECAGG_INTEGER segment as signed integers, which are
 * taken modulo 2^bits; secagg_server_sum_i64() reads such sums back.
 *
 * @param client     the handle
 * @param segment    number of the segment in the parameters
 * @param offset     entry of the segment at which the piece begins
 * @param[in] values count integers; read, not kept
 * @param count      entries of the piece; 0 does nothing
 * @retval SECAGG_ERR_ARG    no such segment, or one of reals
 * @retval SECAGG_ERR_STATE  an entry was given already, or INPUT is out
 * @retval SECAGG_ERR_SIZE   the piece reaches beyond the segment
 * @retval SECAGG_ERR_MEMORY no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_client_input_i64(secagg_client *client,
    size_t segment, uint64_t offset, const int64_t *values, size_t count);

/**
 * Tell how many values of a segment were clipped so far. It is this client's
 * own secret; to sum such counts, put them into an integer segment. It is not
 * part of a saved state: a resumed client counts what it is given.
 *
 * @param[in] client the handle
 * @param segment    number of the segment in the parameters
 * @return the count; 0 for a segment that does not exist
 */
uint64_t secagg_client_clipped(const secagg_client *client, size_t segment);

/**
 * Hand over a message of the server's.
 *
 * The message that was accepted last may come again: then
 * secagg_client_send() yields the same answer again, bit for bit; of an input
 * in parts the part made last, as long as the next one is not begun.
 *
 * @param client  the handle
 * @param[in] msg the message
 * @param len     its length in bytes
 * @retval SECAGG_ERR_STATE     a good header, but not of this phase, or
 *                              nobody is to be believed yet in an active
 *                              session; nothing has changed
 * @retval SECAGG_ERR_MESSAGE   the header is malformed or not for this client
 *                              and session: nothing has changed. Or the body
 *                              breaks a rule of the protocol: the session has
 *                              failed, secagg_client_phase() tells
 * @retval SECAGG_ERR_AUTH      the roster holds a signature that is not its
 *                              client's; the session has failed
 * @retval SECAGG_ERR_THRESHOLD fewer clients, good shares or valid signatures
 *                              are left than the parameters ask for, or the
 *                              sparse graph falls apart; the session has
 *                              failed
 * @retval SECAGG_ERR_MEMORY    no memory; nothing has changed
 * @retval SECAGG_ERR_CRYPTO    a cryptographic library failed; nothing has
 *                              changed
 *
 * Where the server ends the session by an ABORT, the error that it names is
 * returned, and the session has failed.
 */
SECAGG_MUST_CHECK secagg_err secagg_client_recv(secagg_client *client,
    const uint8_t *msg, size_t len);

/**
 * Take the next message to the server. Call it until the length is 0, then
 * wait for the server. A client that has failed yields one ABORT.
 *
 * @param client   the handle
 * @param[out] msg the message, borrowed until the next call on the handle
 *                 other than secagg_client_save()
 * @param[out] len its length in bytes; 0 where it is the server's turn
 * @retval SECAGG_ERR_STATE  INPUT or its next part is due and an entry or
 *                           the weight is missing: give it and call again.
 *                           Or nobody was said to sign or to be believed in
 *                           an active session. Or the session is over. Or,
 *                           after secagg_client_resume(), the input is not
 *                           the one that was saved: the session has failed
 * @retval SECAGG_ERR_MEMORY no memory; call again. Where it ran out while
 *                           masking, the session has failed:
 *                           secagg_client_phase() tells
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed; the same holds
 */
SECAGG_MUST_CHECK secagg_err secagg_client_send(secagg_client *client,
    const uint8_t **msg, size_t *len);

/**
 * Tell where the client stands.
 *
 * @param[in] client the handle
 * @return the phase whose message it makes or has made;
 *         #SECAGG_PHASE_DONE once it has opened its shares
 */
secagg_phase secagg_client_phase(const secagg_client *client);

/**
 * Tell what made the session fail.
 *
 * @param[in] client the handle
 * @return the error, or SECAGG_OK where it has not failed
 */
secagg_err secagg_client_error(const secagg_client *client);

/**
 * Count the bytes that secagg_client_save() fills now.
 *
 * @param[in] client the handle
 * @return bytes; the state has no input in it
 */
size_t secagg_client_save_size(const secagg_client *client);

/**
 * Write the state as bytes, sealed under a key of the host's: for hosts that
 * end the process between two messages (PROTOCOL.md 11). The input is not in
 * it, but its digest is once INPUT is made.
 *
 * A host saves after secagg_client_send() gave a message and makes the state
 * durable before it sends that message. Each state has the next generation;
 * the host keeps the highest one where no snapshot of a disk or a machine
 * takes it back, resumes none below it, and none twice: a client that is set
 * back and shown another roster, or given another input, gives away what it
 * protects. A client whose host cannot promise this counts as corrupt.
 *
 * @param client     the handle; its generation goes up by one
 * @param[out] state room for the state
 * @param len        secagg_client_save_size()
 * @param[in] key    32 secret bytes
 * @retval SECAGG_ERR_SIZE   len is not that size
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_save(secagg_client *client,
    uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES]);

/**
 * Tell the number of the last state that was saved.
 *
 * @param[in] client the handle
 * @return 0 before the first save
 */
uint64_t secagg_client_generation(const secagg_client *client);

/**
 * Go on from a saved state. The message that was made last is to be taken
 * again by secagg_client_send(), since it may not have left; INPUT or its
 * last part only once the same input was given again. Identities are given
 * again before they are needed.
 *
 * @param[out] client      the new handle
 * @param[in] state        the state
 * @param len              its length in bytes
 * @param[in] key          the key it was sealed under
 * @param least_generation the highest generation that the host knows of
 * @retval SECAGG_ERR_STATE   an older state than that
 * @retval SECAGG_ERR_MESSAGE not the bytes of a state
 * @retval SECAGG_ERR_AUTH    another key, or altered
 * @retval SECAGG_ERR_MEMORY  no memory
 * @retval SECAGG_ERR_CRYPTO  a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_client_resume(secagg_client **client,
    const uint8_t *state, size_t len, const uint8_t key[SECAGG_SEED_BYTES],
    uint64_t least_generation);

#ifdef __cplusplus
}
#endif

#endif
