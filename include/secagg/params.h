/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file
 * @brief The parameters on which all parties of a session agree.
 *
 * One party, usually the server's host, fills a #secagg_params that starts
 * from #SECAGG_PARAMS_INIT, generates a session id, and sends the encoded
 * parameters (secagg_params_encode()) to every client together with the
 * client's index:
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

/**
 * @addtogroup setup
 * @{
 */

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#ifdef __cplusplus
extern "C" {
#endif

/** The cipher that generates the masks. The other algorithms are the same in
 * both suites: X25519, HKDF-SHA-256, ChaCha20-Poly1305 and Ed25519
 * (PROTOCOL.md 3.4). */
typedef enum secagg_suite {
    SECAGG_SUITE_AES = 1,   /**< AES-128 in counter mode; the default */
    SECAGG_SUITE_CHACHA = 2 /**< ChaCha20, for CPUs without AES instructions */
} secagg_suite;

/** The behaviour of the server that the session withstands. */
typedef enum secagg_mode {
    SECAGG_SEMI_HONEST = 0, /**< the server follows the protocol but may read
                                 all that it receives */
    SECAGG_ACTIVE = 1       /**< the server may deviate from the protocol;
                                 clients sign keys and the survivor set */
} secagg_mode;

/** The type of the entries of a segment. */
typedef enum secagg_kind {
    SECAGG_INTEGER = 0,  /**< integers modulo 2^bits, summed unchanged */
    SECAGG_REAL = 1,     /**< reals, clipped and rounded to value_bits bits */
    SECAGG_WEIGHTED = 2, /**< reals as above; the library then multiplies each
                              by the client's weight, exactly */
    SECAGG_UNSIGNED = 3, /**< integers in [0, 2^value_bits) */
    SECAGG_SIGNED = 4    /**< integers in [-2^(value_bits-1),
                              2^(value_bits-1)) */
} secagg_kind;

/** The type of a value in an array of the host. */
typedef enum secagg_type {
    SECAGG_F16 = 1,  /**< IEEE 754 binary16, as uint16_t */
    SECAGG_BF16 = 2, /**< bfloat16, the upper half of a binary32, as uint16_t */
    SECAGG_F32 = 3,  /**< IEEE 754 binary32, float */
    SECAGG_F64 = 4,  /**< IEEE 754 binary64, double */
    SECAGG_I8 = 5,   /**< int8_t */
    SECAGG_U8 = 6,   /**< uint8_t */
    SECAGG_I16 = 7,  /**< int16_t */
    SECAGG_U16 = 8,  /**< uint16_t */
    SECAGG_I32 = 9,  /**< int32_t */
    SECAGG_U32 = 10, /**< uint32_t */
    SECAGG_I64 = 11, /**< int64_t */
    SECAGG_U64 = 12  /**< uint64_t */
} secagg_type;

/** The rounding of a real that lies between two steps. */
typedef enum secagg_rounding {
    SECAGG_STOCHASTIC = 0, /**< up or down at random, unbiased; the default */
    SECAGG_NEAREST = 1     /**< to the nearest step; halves go away from
                                zero */
} secagg_rounding;

/** A run of entries with the same encoding, for example one tensor of a model.
 * Members that are not listed for its kind must be zero. */
typedef struct secagg_segment {
    uint64_t length; /**< number of entries, at least 1 */
    uint32_t kind;   /**< a #secagg_kind */
    /** The modulus is 2^bits, 1 to 64. 0 selects the smallest modulus that
     * cannot overflow. INTEGER, whose values have no bound, needs a value. */
    uint32_t bits;
    /** REAL, WEIGHTED: a value has 2^value_bits - 1 levels, 2 to 32. UNSIGNED,
     * SIGNED: bits of a value, 1 or 2 to 63. */
    uint32_t value_bits;
    uint32_t rounding;    /**< REAL, WEIGHTED: a #secagg_rounding */
    double clip;          /**< REAL, WEIGHTED: the library clips values to
                               [-clip, clip]; 2^-500 to 2^500 */
    uint32_t reserved[4]; /**< must be zero */
} secagg_segment;

/** The parameters of one session. Start from #SECAGG_PARAMS_INIT. All ranges
 * and rules are in PROTOCOL.md 2.1 and PROTOCOL.md 2.2. */
typedef struct secagg_params {
    size_t size; /**< set by #SECAGG_PARAMS_INIT */
    /** Session id. No two sessions may have the same one:
     * secagg_params_new_session() generates it. */
    uint8_t session[SECAGG_SESSION_BYTES];
    uint64_t round;   /**< number of the training round, any value */
    uint32_t suite;   /**< a #secagg_suite; 0 selects #SECAGG_SUITE_AES */
    uint32_t mode;    /**< a #secagg_mode */
    uint32_t clients; /**< number of invited clients; indices start at 0 */
    /** Number of shares that determine a secret. 2 threshold must exceed
     * clients + corrupt on the complete graph, and neighbours + 1 + corrupt on
     * the sparse graph. */
    uint32_t threshold;
    /** Number of colluding clients that the session withstands: among all
     * clients on the complete graph, among the neighbours of one client on the
     * sparse graph. */
    uint32_t corrupt;
    uint32_t neighbours; /**< 0 selects the complete graph; an even number up
                              to 4094 selects the sparse graph */
    /** Minimum number of inputs in the sum, at least corrupt + 2. On the
     * complete graph 0 selects max(3, threshold). */
    uint32_t min_survivors;
    uint64_t max_weight; /**< maximum weight of a client, below 2^32; 0 if the
                              session has no weights */
    const secagg_segment *segments; /**< the segments of the vector */
    size_t segment_count;           /**< number of segments, 1 to 65535 */
    /** Digest of model, task and code, chosen by the host. Every key depends
     * on it, so clients with different digests cannot form a sum. */
    uint8_t app_digest[SECAGG_DIGEST_BYTES];
    /** Minimum weight of a client: 0, or 1 if every client must contribute to
     * the WEIGHTED segments. Must be 0 if the session has no weights. */
    uint32_t min_weight;
} secagg_params;

/** Initialises a #secagg_params: sets `size` and zeroes all other members. */
#define SECAGG_PARAMS_INIT                                                    \
    {                                                                         \
        sizeof(secagg_params), { 0 }, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0,     \
        { 0 }, 0                                                              \
    }

/**
 * Initialise parameters as #SECAGG_PARAMS_INIT does; for languages without
 * macros.
 *
 * @param[out] params the parameters
 */
void secagg_params_init(secagg_params *params);

/** `min_corrupt` of a #secagg_policy that lets no client be corrupt; any
 * negative number means the same. */
#define SECAGG_NOBODY_CORRUPT (-1.0)

/**
 * The minimum that a client accepts of the parameters, no matter which party
 * chose them (PROTOCOL.md 2.2). 0 selects the default of each member. Start
 * from #SECAGG_POLICY_INIT.
 *
 * A is the number of clients that may be corrupt, `min_corrupt` of all. The
 * rules are the same on both graphs.
 */
typedef struct secagg_policy {
    size_t size;          /**< set by #SECAGG_POLICY_INIT */
    uint32_t min_clients; /**< minimum number of invited clients; 0 selects 3 */
    /** Minimum number of invited clients on a sparse graph. 0 selects 100. */
    uint32_t min_ring;
    /** Minimum number of inputs in a sum. 0 selects
     * max(3, floor((clients + A) / 2) + 1). It is at least A + 2 in any
     * case. */
    uint32_t min_survivors;
    uint32_t require_active; /**< 1 refuses semi-honest sessions */
    /** Fraction of the invited clients that may collude with the server without
     * learning an input, up to 1. A fraction above 0 stands for at least one
     * client. 0 selects max(1, min(n / 3, 33), n / 20) of n clients, rounded
     * down; #SECAGG_NOBODY_CORRUPT, or any negative number, no client. On a
     * sparse graph the bounds of PROTOCOL.md 2.5 must hold at 2^-40 for this
     * number. */
    double min_corrupt;
    uint32_t min_weight; /**< 1 refuses weights of 0, where there are weights */
    uint32_t any_digest; /**< 1 accepts active sessions whose app_digest is
                              zero */
    /** The digest that the session must have. Zero accepts every digest, but in
     * active mode not zero bytes, unless any_digest is 1. */
    uint8_t app_digest[SECAGG_DIGEST_BYTES];
} secagg_policy;

/** Initialises a #secagg_policy to its defaults: sets `size` and zeroes all
 * other members. */
#define SECAGG_POLICY_INIT                                                    \
    {                                                                         \
        sizeof(secagg_policy), 0, 0, 0, 0, 0.0, 0, 0, { 0 }                   \
    }

/**
 * Initialise a policy to its defaults as #SECAGG_POLICY_INIT does; for
 * languages without macros.
 *
 * @param[out] policy the policy
 */
void secagg_policy_init(secagg_policy *policy);

/** The phases of a session, in their order. */
typedef enum secagg_phase {
    SECAGG_PHASE_KEYS = 0,    /**< clients send public keys */
    SECAGG_PHASE_SHARES = 1,  /**< clients send sealed shares */
    SECAGG_PHASE_INPUT = 2,   /**< clients send masked vectors */
    SECAGG_PHASE_CONFIRM = 3, /**< clients sign the survivors (active mode) */
    SECAGG_PHASE_UNMASK = 4,  /**< clients reveal keys of sealed shares */
    SECAGG_PHASE_DONE = 5,    /**< the session is over and has a sum */
    SECAGG_PHASE_FAILED = 6   /**< the session is over and has no sum */
} secagg_phase;

/**
 * Check, before a session, whether this build of the library and this machine
 * serve a suite. A build without OpenSSL has suite 2 only, and a configuration
 * of OpenSSL may lack algorithms. New handles check the same.
 *
 * The randomness of the system is not checked: handles with a seed need none,
 * and the functions that draw it return SECAGG_ERR_RANDOM.
 *
 * @param suite    a #secagg_suite; 0 selects #SECAGG_SUITE_AES
 * @param[out] why a buffer for a sentence that names what is missing, see
 *                 secagg_params_check(). It is empty without SECAGG_ERR_ARG and
 *                 SECAGG_ERR_CRYPTO. May be NULL.
 * @param why_len  the size of the buffer in bytes; 160 suffice
 * @retval SECAGG_ERR_ARG    there is no such suite
 * @retval SECAGG_ERR_CRYPTO an algorithm of the suite is missing, or a
 *                           cryptographic library cannot be used
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_available(uint32_t suite, char *why,
    size_t why_len);

/**
 * Generate a session id from the randomness of the system. Every session needs
 * a new id, and so does every retry.
 *
 * @param[in,out] params the parameters; only `session` changes
 * @retval SECAGG_ERR_RANDOM the system provided no randomness
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_params_new_session(secagg_params *params);

/**
 * Check the parameters against the rules of PROTOCOL.md 2.2, and whether this
 * machine serves their suite.
 *
 * @param[in] params the parameters
 * @param[out] why   a buffer for a sentence that names the rule and the
 *                   numbers that break it. The sentence always ends with a
 *                   NUL; it is empty without SECAGG_ERR_ARG and
 *                   SECAGG_ERR_CRYPTO. May be NULL.
 * @param why_len    the size of the buffer in bytes; 160 suffice for every
 *                   sentence
 * @retval SECAGG_ERR_ARG    the parameters break a rule
 * @retval SECAGG_ERR_CRYPTO the parameters keep all rules, but this machine
 *                           does not serve their suite; see secagg_available()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_params_check(const secagg_params *params,
    char *why, size_t why_len);

/**
 * Check the parameters against the policy of a client, as secagg_client_new()
 * does: would a client with this policy refuse them, and why?
 *
 * @param[in] params the parameters
 * @param[in] policy the policy; NULL selects all defaults
 * @param[out] why   a buffer for a sentence that names the rule, the number in
 *                   the parameters and the number in the policy, and says if
 *                   the latter is a default. It always ends with a NUL; it is
 *                   empty without SECAGG_ERR_ARG or SECAGG_ERR_POLICY. May be
 *                   NULL.
 * @param why_len    the size of the buffer in bytes; 512 suffice
 * @retval SECAGG_ERR_ARG    the parameters break a rule, as
 *                           secagg_params_check() says, or a member of the
 *                           policy is out of range
 * @retval SECAGG_ERR_POLICY the parameters are valid but below the policy
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_policy_check(const secagg_params *params,
    const secagg_policy *policy, char *why, size_t why_len);

/**
 * Copy the parameters with every default filled in: the suite, min_survivors,
 * and the bits of each segment. The copy has the same encoding and the same
 * digest as the original, and resolving it again changes nothing.
 *
 * secagg_client_params() and secagg_server_params() return such parameters.
 *
 * @param[out] resolved the copy; secagg_params_free() frees it
 * @param[in] params    the parameters; they may be freed before the copy
 * @retval SECAGG_ERR_ARG    the parameters break a rule (secagg_params_check()
 *                           returns the reason)
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_params_resolve(secagg_params **resolved,
    const secagg_params *params);

/**
 * Find the place of a segment in the full vector (PROTOCOL.md 6.1). All
 * segments whose entries have the same number of bits form a lane: they lie end
 * to end, in ascending order of their numbers. Entry e of the segment is entry
 * *entry + e of its lane.
 *
 * Masks and workers use lanes (secagg_masks_apply()). A host that supplies its
 * input in parts supplies segments in ascending order of (*bits, number). The
 * time of a call grows with the number of segments.
 *
 * @param[in] params the parameters
 * @param segment    the number of the segment; with weights, the number of
 *                   segments names the hidden one
 * @param[out] bits  the lane: the bits in an entry, 1 to 64
 * @param[out] entry the entry of the lane at which the segment begins
 * @retval SECAGG_ERR_ARG    the parameters break a rule (PROTOCOL.md 2.2), or
 *                           the segment does not exist
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_params_place(const secagg_params *params,
    size_t segment, uint32_t *bits, uint64_t *entry);

/**
 * Choose `neighbours`, `threshold`, `corrupt` and `min_survivors` from the
 * number of clients and the expected fractions of corrupt clients and dropouts
 * (PROTOCOL.md 2.5):
 *
 * @code
 * params.clients = 10000;
 * err = secagg_params_choose(&params, 0.05, 0.10, 40, 20, NULL, why,
 *                            sizeof why);
 * @endcode
 *
 * The result satisfies the policy, as far as `clients`, `mode` and the members
 * above are concerned. For this the function takes the larger of the two
 * numbers of corrupt clients, `corrupt` of all and that of the policy, and at
 * least 40 for `security_bits`, unless the policy lets nobody be corrupt.
 *
 * From 100 clients in semi-honest mode, the function chooses the sparse graph
 * with the smallest number of neighbours that satisfies three bounds. With a
 * probability of at most 2^-security_bits, any client has more than `corrupt`
 * corrupt neighbours, or corrupt clients and dropouts, which may be chosen
 * with full knowledge of the graph, cut the ring so that a part of the sum can
 * be unmasked. With a probability of at most 2^-failure_bits, any client keeps
 * fewer than `threshold` neighbours. The function sums the exact tails in
 * double precision. `min_survivors` is the number of clients that do not drop
 * out.
 *
 * In active mode, for fewer clients, and where no sparse graph satisfies the
 * bounds, the function chooses the complete graph, which involves no
 * probability: `threshold` is floor((clients + corrupt) / 2) + 1 and
 * `min_survivors` is 0, its default, unless the policy asks for more.
 *
 * For more than #SECAGG_RING_MAX clients the function returns numbers for a
 * larger ring, but secagg_params_check() rejects them.
 *
 * @param[in,out] params the function reads `size`, `clients` (3 to 10^8) and
 *                       `mode`, and sets the four members above
 * @param corrupt        fraction of clients that collude with the server, 0 to
 *                       below 1; above 0 it stands for at least one client
 * @param dropout        fraction of clients that may drop out, 0 to below 1
 * @param security_bits  1 to 128; 40 is usual
 * @param failure_bits   1 to 128; 20 is usual
 * @param[in] policy     the policy of the clients; NULL selects the default
 *                       policy
 * @param[out] why       a buffer for a sentence that says with numbers why no
 *                       graph fits, see secagg_params_check(); may be NULL
 * @param why_len        the size of the buffer in bytes; 160 suffice
 * @retval SECAGG_ERR_ARG an argument is out of range; or the dropouts leave
 *                        fewer clients than the threshold or the policy
 *                        requires; or the policy requires more clients or
 *                        active mode; or the complete graph does not allow that
 *                        many clients
 */
SECAGG_MUST_CHECK secagg_err secagg_params_choose(secagg_params *params,
    double corrupt, double dropout, uint32_t security_bits,
    uint32_t failure_bits, const secagg_policy *policy, char *why,
    size_t why_len);

/**
 * Returns the size of the encoding that secagg_params_encode() writes.
 *
 * @param[in] params the parameters
 * @return 98 bytes plus 20 bytes for each segment
 */
size_t secagg_params_encoded_size(const secagg_params *params);

/**
 * Encode the parameters, with all defaults replaced by their values
 * (PROTOCOL.md 2.3). Every key of the session depends on these bytes.
 *
 * @param[in] params the parameters
 * @param[out] out   a buffer of `len` bytes for the encoding
 * @param len        secagg_params_encoded_size()
 * @retval SECAGG_ERR_ARG    the parameters break a rule (PROTOCOL.md 2.2)
 * @retval SECAGG_ERR_SIZE   `len` is not secagg_params_encoded_size()
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_params_encode(const secagg_params *params,
    uint8_t *out, size_t len);

/**
 * Decode parameters that secagg_params_encode() wrote, and check them against
 * the rules of PROTOCOL.md 2.2. Whether this machine serves their suite,
 * secagg_params_check() or secagg_available() tells.
 *
 * @param[out] params the parameters; secagg_params_free() frees them
 * @param[in] in      the encoding
 * @param len         its length in bytes
 * @retval SECAGG_ERR_ARG     the encoding is well-formed, but the parameters
 *                            break a rule (PROTOCOL.md 2.2)
 * @retval SECAGG_ERR_MESSAGE the bytes are not the canonical encoding of any
 *                            parameters
 * @retval SECAGG_ERR_MEMORY  the system has no memory left
 */
SECAGG_MUST_CHECK secagg_err secagg_params_decode(secagg_params **params,
    const uint8_t *in, size_t len);

/**
 * Free parameters that secagg_params_decode() or secagg_params_resolve()
 * allocated, and their segments.
 *
 * @param params the parameters, or NULL
 */
void secagg_params_free(secagg_params *params);

/**
 * Compute the number of bytes that one client sends and receives in a session
 * in which all clients take part to the end (PROTOCOL.md 10).
 *
 * @param[in] params the parameters
 * @param[out] up    bytes from the client to the server
 * @param[out] down  bytes from the server to the client
 * @retval SECAGG_ERR_ARG    the parameters break a rule (PROTOCOL.md 2.2)
 * @retval SECAGG_ERR_MEMORY the system has no memory left
 * @retval SECAGG_ERR_CRYPTO a cryptographic library failed
 */
SECAGG_MUST_CHECK secagg_err secagg_params_traffic(const secagg_params *params,
    uint64_t *up, uint64_t *down);

#ifdef __cplusplus
}
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

/** @} */

#endif
