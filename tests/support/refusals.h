/* SPDX-License-Identifier: Apache-2.0 */
/* refusals: what every sentence of a refusal must be. The helpers that pass
 * messages call it, so that each refusal of each test, vector and fuzzed
 * session goes through it. */
#ifndef REFUSALS_H
#define REFUSALS_H

#include <secagg.h>
#include <string.h>

/* Every sentence fits with space to spare. */
#define REFUSAL_BYTES 512

static inline bool refusal_is_of_system(secagg_err err)
{
    return err == SECAGG_ERR_MEMORY || err == SECAGG_ERR_RANDOM
        || err == SECAGG_ERR_CRYPTO;
}

static inline bool refusal_ends_with(const char *text, const char *end)
{
    return strlen(text) >= strlen(end)
        && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* One line of printable ASCII, without a rest of a format. */
static inline bool refusal_is_line(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~' || *c == '%' || (*c == ' ' && c[1] == ' '))
            return false;
    return text[0] != '\0' && text[0] != ' ' && text[0] != ':'
        && text[strlen(text) - 1] != ' ';
}

/* Returns what is wrong with the sentence for an error that a call returned, of
 * which the handle has kept `kept`; NULL if nothing is. If the system is not at
 * fault, the sentence says more than the name of the error. */
static inline const char *refusal_fault(secagg_err err, secagg_err kept,
    const char *why)
{
    if (kept != err)
        return "another error was kept";
    if (strlen(why) > REFUSAL_BYTES - 100)
        return "the sentence is too long";
    if (!refusal_is_line(why))
        return "the sentence is not a line of text";
    if (refusal_ends_with(why, secagg_strerror(err))
            != refusal_is_of_system(err)
        && strncmp(why, "the session has failed: ", 24) != 0)
        return "the sentence is only the name of the error, or is not";
    return NULL;
}

static inline const char *refusal_fault_of_client(const secagg_client *c,
    secagg_err err)
{
    char why[REFUSAL_BYTES];
    const secagg_err kept = secagg_client_refusal(c, why, sizeof why);

    return err != SECAGG_OK ? refusal_fault(err, kept, why) : NULL;
}

/* `about` is the client that the call was about. */
static inline const char *refusal_fault_of_server(const secagg_server *s,
    uint32_t about, secagg_err err)
{
    char why[REFUSAL_BYTES];
    uint32_t index;
    const secagg_err kept = secagg_server_refusal(s, &index, why, sizeof why);

    if (err == SECAGG_OK)
        return NULL;
    return index == about ? refusal_fault(err, kept, why)
                          : "another client was kept";
}

/* For tests that include check.h. */
#define CHECK_REFUSAL(fault)                                                  \
    do {                                                                      \
        const char *refusal_what = (fault);                                   \
        ck_assert_msg(refusal_what == NULL, "%s", refusal_what);              \
    } while (0)

#endif
