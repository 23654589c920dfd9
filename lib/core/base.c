/* SPDX-License-Identifier: Apache-2.0 */
#include <secagg/base.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *secagg_strerror(secagg_err err)
{
    switch (err) {
    case SECAGG_OK: return "no error";
    case SECAGG_ERR_ARG: return "argument out of range or unsound";
    case SECAGG_ERR_STATE: return "not in this phase, or spent";
    case SECAGG_ERR_SIZE: return "length does not fit the parameters";
    case SECAGG_ERR_VALUE: return "value out of its bounds";
    case SECAGG_ERR_STALE: return "saved state is not the newest";
    case SECAGG_ERR_INPUT_DUE: return "input or weight is missing";
    case SECAGG_ERR_REPEAT: return "message was accepted before";
    case SECAGG_ERR_MESSAGE: return "message malformed or not for here";
    case SECAGG_ERR_AUTH: return "signature or sealed share is false";
    case SECAGG_ERR_POLICY: return "parameters below the client's policy";
    case SECAGG_ERR_THRESHOLD: return "too few are left";
    case SECAGG_ERR_CHEAT: return "a peer was caught lying";
    case SECAGG_ERR_MEMORY: return "no memory";
    case SECAGG_ERR_RANDOM: return "no randomness";
    case SECAGG_ERR_CRYPTO: return "cryptographic library failed";
    }
    return "unknown error";
}

const char *secagg_version(void)
{
    return TEXT(SECAGG_VERSION_MAJOR) "." TEXT(SECAGG_VERSION_MINOR) "."
        TEXT(SECAGG_VERSION_PATCH);
}
