/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief What all parties of a session agree on before it begins.
 *
 * Fill a #secagg_params from #SECAGG_PARAMS_INIT, give it a fresh session id,
 * and hand its bytes (secagg_params_encode()) to every client together with
 * the client's index:
 *
 * @code
 * secagg_segment model = { 0 };
 * secagg_params params = SECAGG_PARAMS_INIT;
 * model.length = 4000;
 * model.kind = SECAGG_REAL;
 * model.value_bits = 16;
 * model.clip = 1.0;
 * params.clients = 12;
 * params.corrupt = 4;
 * params.threshold = 9;
 * params.segments = &model;
 * params.segment_count = 1;
 * err = secagg_params_new_session(&params);
 * err = secagg_params_check(&params, why, sizeof why);
 * @endcode
 */
#ifndef SECAGG_PARAMS_H
#define SECAGG_PARAMS_H

#include <secagg/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Generator of the masks; the rest of a suite is X25519, HKDF-SHA-256,
 * ChaCha20-Poly1305 and Ed25519. */
typedef enum secagg_suite {
    SECAGG_SUITE_AES = 1,   /**< AES-128-CTR; the default */
    SECAGG_SUITE_CHACHA = 2 /**< ChaCha20: for CPUs without AES */
} secagg_suite;

/** What the server may do without learning more than the sum. */
typedef enum secagg_mode {
    SECAGG_SEMI_HONEST = 0, /**< look at all it gets; follows the protocol */
    SECAGG_ACTIVE = 1       /**< lie, too: keys and survivors are signed */
} secagg_mode;

/** What the entries of a segment are. */
typedef enum secagg_kind {
    SECAGG_INTEGER = 0, /**< integers modulo 2^bits, summed as they are */
    SECAGG_REAL = 1,    /**< reals, clipped and rounded to value_bits */
    SECAGG_WEIGHTED = 2 /**< as REAL, then multiplied exactly by the client's
                             weight */
} secagg_kind;

/** How a real between two steps is rounded. */
typedef enum secagg_rounding {
    SECAGG_STOCHASTIC = 0, /**< at random, without bias; the default */
    SECAGG_NEAREST = 1     /**< to the nearest step, halves up */
} secagg_rounding;

/** Entries that are treated alike: one tensor of a model, say. Zero the rest
 * of the struct. */
typedef struct secagg_segment {
    uint64_t length; /**< entries, at least 1 */
    uint32_t kind;   /**< a #secagg_kind */
    /** Modulus 2^bits, 1 to 64. 0 for REAL and WEIGHTED: the least that
     * cannot overflow; INTEGER needs a number. */
    uint32_t bits;
    uint32_t value_bits;  /**< REAL, WEIGHTED: 2^value_bits steps, 1 to 32 */
    uint32_t rounding;    /**< REAL, WEIGHTED: a #secagg_rounding */
    double clip;          /**< REAL, WEIGHTED: values kept in [-clip, clip],
                               2^-500 to 2^500 */
    uint32_t reserved[4]; /**< zero */
} secagg_segment;

/** The parameters of one session. Start from #SECAGG_PARAMS_INIT. */
typedef struct secagg_params {
    size_t size; /**< set by #SECAGG_PARAMS_INIT */
    /** Name of this session, never used twice: see secagg_params_new_session().
     */
    uint8_t session[SECAGG_SESSION_BYTES];
    uint64_t round;   /**< the training round */
    uint32_t suite;   /**< a #secagg_suite; 0: #SECAGG_SUITE_AES */
    uint32_t mode;    /**< a #secagg_mode */
    uint32_t clients; /**< invited clients, numbered from 0 */
    /** Shares that open a secret: 2 threshold > clients + corrupt (complete
     * graph) or > neighbours + 1 + corrupt. */
    uint32_t threshold;
    /** Colluders withstood: in all (complete graph), or among one client's
     * neighbours (sparse graph). */
    uint32_t corrupt;
    uint32_t neighbours; /**< peers of each client, even, up to 4094; 0: all
                              (complete) */
    /** Fewest inputs that may be summed, at least corrupt + 2. 0 on the
     * complete graph: max(3, threshold). */
    uint32_t min_survivors;
    uint64_t max_weight; /**< bound of a client's weight, below 2^32; 0: no
                              weights */
    const secagg_segment *segments; /**< what is summed */
    size_t segment_count;           /**< 1 to 65535 */
    /** Digest of model, task and code, bound into every key: clients whose
     * digests differ do not form one sum. */
    uint8_t app_digest[SECAGG_DIGEST_BYTES];
} secagg_params;

/** Parameters of which every one is at its default, or yet to be filled. */
#define SECAGG_PARAMS_INIT                                                    \
    {                                                                         \
        sizeof(secagg_params), { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0,     \
        {                                                                     \
            0                                                                 \
        }                                                                     \
    }

/** Where a session stands. */
typedef enum secagg_phase {
    SECAGG_PHASE_KEYS = 0,    /**< clients advertise public keys */
    SECAGG_PHASE_SHARES = 1,  /**< clients pass sealed shares */
    SECAGG_PHASE_INPUT = 2,   /**< clients send masked vectors */
    SECAGG_PHASE_CONFIRM = 3, /**< clients sign who is left (active only) */
    SECAGG_PHASE_UNMASK = 4,  /**< clients open shares */
    SECAGG_PHASE_DONE = 5,    /**< the sum is known */
    SECAGG_PHASE_FAILED = 6   /**< over, without a sum */
} secagg_phase;

/**
 * Draw a fresh session id. A retry of a session takes a new one, too.
 *
 * @param[in,out] params the parameters; only the id changes
 * @retval SECAGG_ERR_RANDOM the system gave no randomness
 */
SECAGG_MUST_CHECK secagg_err secagg_params_new_session(secagg_params *params);

/**
 * Tell whether parameters are sound together (PROTOCOL.md 2.2).
 *
 * @param[in] params the parameters
 * @param[out] why   room for a sentence that names the numbers, always ended
 *                   by a NUL, empty without SECAGG_ERR_ARG; may be NULL
 * @param why_len    bytes of room; 160 hold any sentence
 * @retval SECAGG_ERR_ARG    they are not
 * @retval SECAGG_ERR_MEMORY no memory to look at the segments
 */
SECAGG_MUST_CHECK secagg_err secagg_params_check(const secagg_params *params,
    char *why, size_t why_len);

/**
 * Choose neighbours, threshold, corrupt and min_survivors for a number of
 * clients of which a share is corrupt and another share drops out, with no
 * approximation but that of a double (PROTOCOL.md 2.5):
 *
 * @code
 * params.clients = 10000;
 * err = secagg_params_choose(&params, 0.05, 0.10, 40, 20);
 * @endcode
 *
 * From 100 clients on, in semi-honest mode, this is the sparse graph of the
 * least degree at which, save with a probability of 2^-security_bits, no
 * client has more than `corrupt` corrupt neighbours and the survivors stay
 * connected, and, save with one of 2^-failure_bits, every client keeps
 * `threshold` neighbours. min_survivors is what the dropouts leave. Else, or
 * where no sparse graph holds, it is the complete graph, for which nothing is
 * left to chance: threshold floor((clients + corrupt) / 2) + 1 and
 * min_survivors 0, its default.
 *
 * For more clients than secagg_params_check() takes the numbers are those
 * that a larger ring would have.
 *
 * @param[in,out] params size, clients (3 to 10^8) and mode are read; those
 *                       four members change
 * @param corrupt        share of clients that collude with the server, 0 to
 *                       below 1
 * @param dropout        share of clients that may be lost, 0 to below 1
 * @param security_bits  1 to 128; 40 is usual
 * @param failure_bits   1 to 128; 20 is usual
 * @retval SECAGG_ERR_ARG an argument is out of range, or no graph holds: the
 *                        dropouts leave too few for the threshold, or there
 *                        are too many clients for the complete graph
 */
SECAGG_MUST_CHECK secagg_err secagg_params_choose(secagg_params *params,
    double corrupt, double dropout, uint32_t security_bits,
    uint32_t failure_bits);

/**
 * Count the bytes that secagg_params_encode() fills.
 *
 * @param[in] params the parameters
 * @return 98 + 20 a segment
 */
size_t secagg_params_encoded_size(const secagg_params *params);

/**
 * Write parameters as bytes, every default filled in (PROTOCOL.md 2.3). These
 * bytes are what every key of the session is bound to.
 *
 * @param[in] params the parameters
 * @param[out] out   room for the bytes
 * @param len        secagg_params_encoded_size()
 * @retval SECAGG_ERR_ARG    the parameters are unsound
 * @retval SECAGG_ERR_SIZE   len is not that size
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_params_encode(const secagg_params *params,
    uint8_t *out, size_t len);

/**
 * Read parameters that secagg_params_encode() wrote. They are checked as
 * secagg_params_check() does.
 *
 * @param[out] params the parameters, to be released by secagg_params_free()
 * @param[in] in      the bytes
 * @param len         how many
 * @retval SECAGG_ERR_ARG     well-formed, but unsound
 * @retval SECAGG_ERR_MESSAGE not the one encoding of any parameters
 * @retval SECAGG_ERR_MEMORY  no memory
 */
SECAGG_MUST_CHECK secagg_err secagg_params_decode(secagg_params **params,
    const uint8_t *in, size_t len);

/**
 * Release what secagg_params_decode() made.
 *
 * @param params the parameters, or NULL
 */
void secagg_params_free(secagg_params *params);

/**
 * Count the bytes that one client sends and receives over a whole session in
 * which everybody takes part to the end (PROTOCOL.md 10).
 *
 * @param[in] params the parameters
 * @param[out] up    bytes from client to server
 * @param[out] down  bytes from server to client
 * @retval SECAGG_ERR_ARG    the parameters are unsound
 * @retval SECAGG_ERR_MEMORY no memory
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_params_traffic(const secagg_params *params,
    uint64_t *up, uint64_t *down);

#ifdef __cplusplus
}
#endif

#endif
