/* SPDX-License-Identifier: Apache-2.0 */
/* secagg-peer: run one party of the library over pipes, with the commands and
 * answers of vectors/reference/peer.py. Each command is one line and has one
 * line as its answer; `error NAME` if it fails. */
#define _POSIX_C_SOURCE 200809L /* getline */
#include <errno.h>
#include <inttypes.h>
#include <secagg.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "support/laxest_policy.h"

#define WORDS 5

/* The party, and the words of the command; missing words are empty. */
typedef struct peer {
    secagg_params *params;
    secagg_server *server;
    secagg_client *client;
    char *word[WORDS];
} peer;

static const char *const phases[] = { "KEYS", "SHARES", "INPUT", "CONFIRM",
    "UNMASK", "DONE", "FAILED" };

static const char *name_of(secagg_err err)
{
    static const struct {
        secagg_err err;
        const char *name;
    } names[] = { { SECAGG_ERR_ARG, "ARG" }, { SECAGG_ERR_STATE, "STATE" },
        { SECAGG_ERR_SIZE, "SIZE" }, { SECAGG_ERR_VALUE, "VALUE" },
        { SECAGG_ERR_MESSAGE, "MESSAGE" }, { SECAGG_ERR_AUTH, "AUTH" },
        { SECAGG_ERR_POLICY, "POLICY" },
        { SECAGG_ERR_THRESHOLD, "THRESHOLD" },
        { SECAGG_ERR_CHEAT, "CHEAT" }, { SECAGG_ERR_STALE, "STALE" },
        { SECAGG_ERR_INPUT_DUE, "INPUT_DUE" },
        { SECAGG_ERR_REPEAT, "REPEAT" } };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].err == err)
            return names[i].name;
    return "OTHER";
}

/* ---- words -------------------------------------------------------------- */

static void *zeroed(size_t count, size_t size)
{
    void *out = calloc(count > 0 ? count : 1, size);

    if (out == NULL)
        exit(2);
    return out;
}

static uint64_t number(const char *word)
{
    return strtoull(word, NULL, 10);
}

/* Decodes hex. The caller frees the bytes. */
static uint8_t *bytes(const char *word, size_t *len)
{
    uint8_t *out = zeroed(strlen(word) / 2, 1);

    if (sodium_hex2bin(out, strlen(word) / 2, word, strlen(word), NULL, len,
        NULL) != 0)
        *len = 0;
    return out;
}

static secagg_err fixed_bytes(uint8_t *out, size_t want, const char *word)
{
    size_t len;
    uint8_t *got = bytes(word, &len);

    if (len == want)
        memcpy(out, got, want);
    free(got);
    return len == want ? SECAGG_OK : SECAGG_ERR_ARG;
}

static size_t count_items(const char *list)
{
    size_t count = 1;

    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

static void print_message(const uint8_t *msg, size_t len)
{
    if (len == 0) {
        puts("none");
        return;
    }
    fputs("msg ", stdout);
    for (size_t i = 0; i < len; i++)
        printf("%02x", msg[i]);
    puts("");
}

/* ---- both parties ------------------------------------------------------- */

static void end_party(peer *p)
{
    secagg_client_free(p->client);
    secagg_server_free(p->server);
    secagg_params_free(p->params);
    p->client = NULL;
    p->server = NULL;
    p->params = NULL;
}

static secagg_err identify(peer *p)
{
    uint8_t public_key[32], secret_key[64], seed[32];

    if (p->word[4][0] == '\0')
        return SECAGG_OK;
    SA_TRY(fixed_bytes(seed, sizeof seed, p->word[4]));
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    return secagg_client_identify(p->client, secret_key);
}

static secagg_err do_new(peer *p, bool server)
{
    const secagg_policy laxest = laxest_policy();
    uint8_t seed[32];
    size_t len;
    uint8_t *params = bytes(p->word[1], &len);
    secagg_err err;

    end_party(p);
    err = secagg_params_decode(&p->params, params, len);
    free(params);
    SA_TRY(err);
    SA_TRY(fixed_bytes(seed, sizeof seed, p->word[3]));
    if (server)
        return secagg_server_new_seeded(&p->server, p->params, seed);
    SA_TRY(secagg_client_new_seeded(&p->client, p->params,
        (uint32_t)number(p->word[2]), &laxest, seed));
    return identify(p);
}

static secagg_err do_trust(peer *p)
{
    const uint32_t index = (uint32_t)number(p->word[1]);
    uint8_t key[32];

    SA_TRY(fixed_bytes(key, sizeof key, p->word[2]));
    return p->server != NULL ? secagg_server_trust(p->server, index, key)
                             : secagg_client_trust(p->client, index, key);
}

static secagg_err do_whole(peer *p)
{
    return p->server != NULL ? secagg_server_trust_whole(p->server)
                             : secagg_client_trust_whole(p->client);
}

static secagg_err do_send(peer *p)
{
    const uint8_t *msg;
    size_t len;

    if (p->server != NULL)
        SA_TRY(secagg_server_send(p->server, (uint32_t)number(p->word[1]),
            &msg, &len));
    else
        SA_TRY(secagg_client_send(p->client, &msg, &len));
    print_message(msg, len);
    return SECAGG_OK;
}

static secagg_err do_recv(peer *p)
{
    size_t len;
    uint8_t *msg = bytes(p->word[p->server != NULL ? 2 : 1], &len);
    const secagg_err err = p->server != NULL
        ? secagg_server_recv(p->server, (uint32_t)number(p->word[1]), msg,
            len)
        : secagg_client_recv(p->client, msg, len);

    free(msg);
    return err;
}

static secagg_err do_phase(peer *p)
{
    puts(phases[p->server != NULL ? secagg_server_phase(p->server)
                                  : secagg_client_phase(p->client)]);
    return SECAGG_OK;
}

/* ---- clients ------------------------------------------------------------ */

static secagg_err do_present(peer *p)
{
    size_t len;
    uint8_t *credential = bytes(p->word[1], &len);
    const secagg_err err = secagg_client_present(p->client, credential, len);

    free(credential);
    return err;
}

static secagg_err do_weight(peer *p)
{
    return secagg_client_weight(p->client, number(p->word[1]));
}

static secagg_err do_chunk(peer *p)
{
    return secagg_client_set_part_size(p->client, number(p->word[1]));
}

static bool is_kind(const peer *p, size_t segment, secagg_kind kind)
{
    return segment < p->params->segment_count
        && p->params->segments[segment].kind == kind;
}

static bool is_real(const peer *p, size_t segment)
{
    return is_kind(p, segment, SECAGG_REAL)
        || is_kind(p, segment, SECAGG_WEIGHTED);
}

static secagg_err do_input(peer *p)
{
    const size_t segment = (size_t)number(p->word[1]);
    const uint64_t offset = number(p->word[2]);
    const size_t count = count_items(p->word[3]);
    uint64_t *integers = zeroed(count, sizeof *integers);
    int64_t *is_signed = zeroed(count, sizeof *is_signed);
    double *reals = zeroed(count, sizeof *reals);
    char *at = p->word[3], *next = at;
    secagg_err err;

    for (size_t i = 0; i < count; i++, at = next + 1) {
        integers[i] = strtoull(at, &next, 10);
        is_signed[i] = strtoll(at, &next, 10);
        reals[i] = strtod(at, &next);
    }
    if (is_real(p, segment))
        err = secagg_client_input_f64(p->client, segment, offset, reals, count);
    else if (is_kind(p, segment, SECAGG_SIGNED))
        err = secagg_client_input_i64(p->client, segment, offset, is_signed,
            count);
    else
        err = secagg_client_input_u64(p->client, segment, offset, integers,
            count);
    free(integers);
    free(is_signed);
    free(reals);
    return err;
}

static secagg_err do_clipped(peer *p)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < p->params->segment_count; i++)
        sum += secagg_client_clipped(p->client, i);
    printf("%" PRIu64 "\n", sum);
    return SECAGG_OK;
}

static secagg_err do_spent(peer *p)
{
    static const char *const names[] = { "NOTHING", "INPUT", "UNMASK" };

    puts(names[secagg_client_spent(p->client)]);
    return SECAGG_OK;
}

/* ---- servers ------------------------------------------------------------ */

static secagg_err do_advance(peer *p)
{
    return secagg_server_advance(p->server);
}

static size_t length_of(const peer *p)
{
    const uint64_t segment = number(p->word[1]);

    return segment < p->params->segment_count
        ? (size_t)p->params->segments[segment].length : 0;
}

static secagg_err do_signed_sum(peer *p)
{
    const size_t count = length_of(p);
    int64_t *out = zeroed(count, sizeof *out);
    const secagg_err err = secagg_server_sum_i64(p->server,
        (size_t)number(p->word[1]), 0, out, count);

    for (size_t i = 0; i < count && err == SECAGG_OK; i++)
        printf("%" PRId64 "%c", out[i], i + 1 < count ? ',' : '\n');
    free(out);
    return err;
}

static secagg_err do_unsigned_sum(peer *p)
{
    const size_t count = length_of(p);
    uint64_t *out = zeroed(count, sizeof *out);
    const secagg_err err = secagg_server_sum_u64(p->server,
        (size_t)number(p->word[1]), 0, out, count);

    for (size_t i = 0; i < count && err == SECAGG_OK; i++)
        printf("%" PRIu64 "%c", out[i], i + 1 < count ? ',' : '\n');
    free(out);
    return err;
}

static secagg_err do_sum(peer *p)
{
    return is_kind(p, (size_t)number(p->word[1]), SECAGG_SIGNED)
        ? do_signed_sum(p) : do_unsigned_sum(p);
}

static secagg_err do_mean(peer *p)
{
    const size_t count = length_of(p);
    double *out = zeroed(count, sizeof *out);
    const secagg_err err = secagg_server_mean_f64(p->server,
        (size_t)number(p->word[1]), 0, out, count);

    for (size_t i = 0; i < count && err == SECAGG_OK; i++)
        printf("%a%c", out[i], i + 1 < count ? ',' : '\n');
    free(out);
    return err;
}

static secagg_err do_weights(peer *p)
{
    printf("%" PRIu64 "\n", secagg_server_weight(p->server));
    return SECAGG_OK;
}

static secagg_err do_survivors(peer *p)
{
    const char *comma = "";

    for (uint32_t i = 0; i < p->params->clients; i++)
        if (secagg_server_includes(p->server, i)) {
            printf("%s%" PRIu32, comma, i);
            comma = ",";
        }
    puts(comma[0] == '\0' ? "none" : "");
    return SECAGG_OK;
}

static secagg_err do_blamed(peer *p)
{
    secagg_err err;
    uint32_t index;
    size_t i = 0;

    for (; secagg_server_blamed(p->server, i, &index, &err) == SECAGG_OK;
         i++)
        printf("%s%" PRIu32 ":%s", i > 0 ? "," : "", index, name_of(err));
    puts(i == 0 ? "none" : "");
    return SECAGG_OK;
}

static secagg_err do_disputed(peer *p)
{
    uint32_t dealer, holder;
    size_t i = 0;

    for (; secagg_server_disputed(p->server, i, &dealer, &holder)
             == SECAGG_OK; i++)
        printf("%s%" PRIu32 ":%" PRIu32, i > 0 ? "," : "", dealer, holder);
    puts(i == 0 ? "none" : "");
    return SECAGG_OK;
}

/* ---- lines -------------------------------------------------------------- */

enum { CLIENT = 1, SERVER = 2, BOTH = 3 };

static const struct {
    const char *name;
    int party;
    bool answers; /* run() prints an answer; else it is `ok` */
    secagg_err (*run)(peer *p);
} commands[] = {
    { "trust", BOTH, false, do_trust },
    { "whole", BOTH, false, do_whole },
    { "send", BOTH, true, do_send },
    { "recv", BOTH, false, do_recv },
    { "phase", BOTH, true, do_phase },
    { "present", CLIENT, false, do_present },
    { "weight", CLIENT, false, do_weight },
    { "input", CLIENT, false, do_input },
    { "chunk", CLIENT, false, do_chunk },
    { "clipped", CLIENT, true, do_clipped },
    { "spent", CLIENT, true, do_spent },
    { "advance", SERVER, false, do_advance },
    { "sum", SERVER, true, do_sum },
    { "mean", SERVER, true, do_mean },
    { "weights", SERVER, true, do_weights },
    { "survivors", SERVER, true, do_survivors },
    { "blamed", SERVER, true, do_blamed },
    { "disputed", SERVER, true, do_disputed },
};

static secagg_err perform(peer *p, int kind, bool *answered)
{
    *answered = false;
    if (strcmp(p->word[0], "new") == 0)
        return do_new(p, kind == SERVER);
    if (p->server == NULL && p->client == NULL)
        return SECAGG_ERR_STATE;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, p->word[0]) == 0
            && (commands[i].party & kind) != 0) {
            const secagg_err err = commands[i].run(p);
            *answered = err == SECAGG_OK && commands[i].answers;
            return err;
        }
    return SECAGG_ERR_ARG;
}

static void split(peer *p, char *line)
{
    static char none[] = "";

    for (size_t i = 0; i < WORDS; i++) {
        p->word[i] = strtok(i == 0 ? line : NULL, " \n");
        if (p->word[i] == NULL)
            p->word[i] = none;
    }
}

int main(int argc, char **argv)
{
    const int kind = argc != 2 ? 0
        : strcmp(argv[1], "server") == 0 ? SERVER
        : strcmp(argv[1], "client") == 0 ? CLIENT
                                         : 0;
    peer p = { NULL, NULL, NULL, { NULL } };
    char *line = NULL;
    size_t size = 0;

    if (kind == 0 || sa_init() != SECAGG_OK)
        return 2;
    while (getline(&line, &size, stdin) > 0) {
        bool answered;
        secagg_err err;
        split(&p, line);
        if (strcmp(p.word[0], "quit") == 0)
            break;
        err = perform(&p, kind, &answered);
        if (err != SECAGG_OK)
            printf("error %s\n", name_of(err));
        else if (!answered)
            puts("ok");
        fflush(stdout);
    }
    free(line);
    end_party(&p);
    return 0;
}
