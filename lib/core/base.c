/* SPDX-License-Identifier: Apache-2.0 */
#include <secagg/base.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *secagg_strerror(secagg_err err)
{
    switch (err) {
    case SECAGG_OK: return "no error";
    case SECAGG_ERR_ARG: return "argument out of range or inconsistent";
    case SECAGG_ERR_STATE: return "call not allowed in this phase";
    case SECAGG_ERR_SIZE: return "length does not fit the parameters";
    case SECAGG_ERR_VALUE: return "value out of range";
    case SECAGG_ERR_STALE: return "saved state is not the newest";
    case SECAGG_ERR_INPUT_DUE: return "input or weight is missing";
    case SECAGG_ERR_REPEAT: return "message was accepted before";
    case SECAGG_ERR_MESSAGE: return "message malformed or misdirected";
    case SECAGG_ERR_AUTH: return "invalid signature or sealed share";
    case SECAGG_ERR_POLICY: return "parameters below the client's policy";
    case SECAGG_ERR_THRESHOLD: return "too few clients left";
    case SECAGG_ERR_CHEAT: return "a peer cheated";
    case SECAGG_ERR_MEMORY: return "out of memory";
    case SECAGG_ERR_RANDOM: return "system random generator failed";
    case SECAGG_ERR_CRYPTO: return "cryptographic library failed";
    }
    return "unknown error";
}

const char *secagg_version(void)
{
    return TEXT(SECAGG_VERSION_MAJOR) "." TEXT(SECAGG_VERSION_MINOR) "."
        TEXT(SECAGG_VERSION_PATCH);
}
