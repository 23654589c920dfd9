/* SPDX-License-Identifier: Apache-2.0 */
/* Part 4: no bank has a list of keys. Each has a new key and a token in which
 * the consortium vouches for it, and judges the others by their tokens. Bank
 * IMPOSTOR tries to take part with a key or a token that is not its own. All
 * banks are in this file. */
#include "banks/demo.h"

#include <stdio.h>
#include <string.h>

#include "banks/token.h"
#include "common/next_session.h"

#define IMPOSTOR 0 /* index in these sessions */
#define VALID_ROUNDS 10

/* What a party needs to judge a credential. */
typedef struct judge {
    uint8_t consortium_key[SECAGG_PUBLIC_BYTES];
    uint32_t member[MAX_PARTIES]; /* the bank that has an index */
    uint64_t round;
} judge;

typedef struct admission {
    secagg_params params;
    consortium consortium;
    judge judge;
    identity own[MAX_PARTIES]; /* the keys, and the tokens, by index */
    uint8_t key[MAX_PARTIES][SECAGG_PUBLIC_BYTES];
    uint8_t token[MAX_PARTIES][TOKEN_BYTES];
    size_t token_bytes[MAX_PARTIES];
    secagg_server *server;
    secagg_client *clients[MAX_PARTIES];
} admission;

/* ---- the two functions that decide about credentials --------------------- */

/* A secagg_verify_fn. libsecagg has verified that the owner of `key` presents
 * the credential in this session; the host decides whether that is the bank
 * which has this index. */
static secagg_err judge_token(void *user, uint32_t index,
    const uint8_t key[SECAGG_PUBLIC_BYTES], const uint8_t *credential,
    size_t len)
{
    const judge *j = user;
    return token_is_valid(credential, len, j->consortium_key,
               j->member[index], key, j->round)
        ? SECAGG_OK : SECAGG_ERR_AUTH;
}

/* The verifier of a malicious server accepts every identity. */
static secagg_err accept_all(void *user, uint32_t index,
    const uint8_t key[SECAGG_PUBLIC_BYTES], const uint8_t *credential,
    size_t len)
{
    (void)user;
    (void)index;
    (void)key;
    (void)credential;
    (void)len;
    return SECAGG_OK;
}

/* ---- keys and tokens ----------------------------------------------------- */

/* A new key for a bank, and a token for it. */
static secagg_err enrol(admission *a, uint32_t i)
{
    secagg_err err = secagg_keypair(a->key[i], a->own[i].secret_key);
    a->token_bytes[i] = TOKEN_BYTES;
    if (!err && !token_issue(a->token[i], &a->consortium, a->judge.member[i],
            a->key[i], a->judge.round + VALID_ROUNDS))
        err = SECAGG_ERR_CRYPTO;
    return err;
}

static secagg_err enrol_all(admission *a)
{
    secagg_err err = secagg_keypair(a->consortium.public_key,
        a->consortium.secret_key);
    memcpy(a->judge.consortium_key, a->consortium.public_key,
        SECAGG_PUBLIC_BYTES);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = enrol(a, i);
    return err;
}

/* ---- a session ----------------------------------------------------------- */

/* The key, the token and the function that judges those of others: no key of
 * another bank is needed. */
static secagg_err open_bank(const federation *f, admission *a, uint32_t i)
{
    secagg_err err = secagg_client_new(&a->clients[i], &a->params, i,
        &f->policy);
    if (!err)
        err = secagg_client_identify(a->clients[i], a->own[i].secret_key);
    if (!err)
        err = secagg_client_present(a->clients[i], a->token[i],
            a->token_bytes[i]);
    if (!err)
        err = secagg_client_trust_with(a->clients[i], judge_token, &a->judge);
    return err;
}

static secagg_err open_session(const federation *f, admission *a,
    secagg_verify_fn *verify)
{
    secagg_err err = secagg_params_new_session(&a->params);
    if (!err)
        err = secagg_server_new(&a->server, &a->params);
    if (!err)
        err = secagg_server_trust_with(a->server, verify, &a->judge);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = open_bank(f, a, i);
    return err;
}

static void close_session(admission *a)
{
    for (uint32_t i = 0; i < MAX_PARTIES; i++) {
        secagg_client_free(a->clients[i]);
        a->clients[i] = NULL;
    }
    secagg_server_free(a->server);
    a->server = NULL;
}

static secagg_err give_update(const federation *f, admission *a, uint32_t i)
{
    float update[WEIGHTS];
    uint64_t weight = federation_update(update, f, a->judge.member[i],
        a->judge.round, f->secure);
    secagg_err err = secagg_client_weight(a->clients[i], weight);
    if (!err)
        err = secagg_client_input_f32(a->clients[i], 0, 0, update, WEIGHTS);
    secagg_wipe(update, sizeof update);
    return err;
}

static secagg_err pass_to_server(admission *a, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_client_send(a->clients[i], &msg, &len);
    return err ? err : secagg_server_recv(a->server, i, msg, len);
}

static secagg_err pass_to_client(admission *a, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_server_send(a->server, i, &msg, &len);
    if (!err && len > 0)
        err = secagg_client_recv(a->clients[i], msg, len);
    return err;
}

static secagg_err run_phase(admission *a)
{
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = pass_to_server(a, i);
    if (!err)
        err = secagg_server_advance(a->server);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = pass_to_client(a, i);
    return err;
}

static bool show_session(federation *f, admission *a)
{
    secagg_err err = open_session(f, a, judge_token);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = give_update(f, a, i);
    while (!err && secagg_server_phase(a->server) < SECAGG_PHASE_DONE)
        err = run_phase(a);
    bool good = !err
        && demo_check_mean(f, a->server, a->judge.member, a->judge.round);
    if (good)
        printf("   %u banks with new keys judge each other by token: the mean "
               "of all %u.\n", a->params.clients,
            secagg_server_survivors(a->server));
    else
        printf("   FAILED: %s\n", secagg_strerror(err));
    close_session(a);
    return good;
}

/* ---- banks with a false identity ---------------------------------------- */

static secagg_err present_nothing(admission *a)
{
    a->token_bytes[IMPOSTOR] = 0;
    return SECAGG_OK;
}

static secagg_err present_token_of_another_bank(admission *a)
{
    memcpy(a->token[IMPOSTOR], a->token[IMPOSTOR + 1], TOKEN_BYTES);
    return SECAGG_OK;
}

static secagg_err present_token_for_another_key(admission *a)
{
    return secagg_keypair(a->key[IMPOSTOR], a->own[IMPOSTOR].secret_key);
}

static secagg_err present_old_token(admission *a)
{
    return token_issue(a->token[IMPOSTOR], &a->consortium,
               a->judge.member[IMPOSTOR], a->key[IMPOSTOR],
               a->judge.round - 1)
        ? SECAGG_OK : SECAGG_ERR_CRYPTO;
}

static secagg_err present_token_that_it_signed(admission *a)
{
    consortium false_one;
    secagg_err err = secagg_keypair(false_one.public_key,
        false_one.secret_key);
    if (!err && !token_issue(a->token[IMPOSTOR], &false_one,
            a->judge.member[IMPOSTOR], a->key[IMPOSTOR],
            a->judge.round + VALID_ROUNDS))
        err = SECAGG_ERR_CRYPTO;
    secagg_wipe(&false_one, sizeof false_one);
    return err;
}

static const struct attempt {
    secagg_err (*prepare)(admission *a);
    const char *what;
} attempts[] = {
    { present_nothing, "no token" },
    { present_token_of_another_bank, "the token of another bank" },
    { present_token_for_another_key, "its token, with another key" },
    { present_old_token, "a token that has expired" },
    { present_token_that_it_signed, "a token that it signed itself" },
};
#define ATTEMPTS (sizeof attempts / sizeof *attempts)

/* Returns how many other banks leave when a malicious server lets all take
 * part. */
static uint32_t count_leaving(const federation *f, admission *a)
{
    uint32_t left = 0;
    secagg_err err = open_session(f, a, accept_all);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        err = pass_to_server(a, i);
    if (!err)
        err = secagg_server_advance(a->server);
    for (uint32_t i = 0; !err && i < a->params.clients; i++)
        left += i != IMPOSTOR && pass_to_client(a, i) == SECAGG_ERR_AUTH;
    close_session(a);
    return left;
}

/* An honest server rejects the first message of the impostor. */
static bool show_attempt(const federation *f, admission *a,
    const struct attempt *t)
{
    secagg_err err = t->prepare(a), answer = SECAGG_OK;
    if (!err)
        err = open_session(f, a, judge_token);
    if (!err)
        answer = pass_to_server(a, IMPOSTOR);
    close_session(a);
    uint32_t left = err ? 0 : count_leaving(f, a);
    bool good = answer == SECAGG_ERR_AUTH && left + 1 == a->params.clients;
    printf("   %-30s %-8s  %u of %u\n", t->what,
        answer == SECAGG_ERR_AUTH ? "rejects" : "FAILED", left,
        a->params.clients - 1);
    return good && !enrol(a, IMPOSTOR);
}

static bool show_attempts(const federation *f, admission *a)
{
    bool good = true;
    printf("\n   Bank %u presents                an honest  banks that leave "
           "a\n%34sserver     malicious one\n", a->judge.member[IMPOSTOR],
        "");
    for (size_t i = 0; i < ATTEMPTS; i++)
        good = show_attempt(f, a, &attempts[i]) && good;
    return good;
}

bool show_admission(federation *f)
{
    static admission a;
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->parties; i++)
        if (!f->registry->revoked[i])
            a.judge.member[count++] = i;
    a.params = f->params;
    a.params.round = a.judge.round = f->rounds + 3; /* after the dispute */
    printf("\n4. Credentials\n\n"
           "   A registry must be the same at all banks. Instead, the "
           "consortium can sign\n   a token of %u bytes for each: that a key "
           "is a bank's, up to a round.\n\n", TOKEN_BYTES);
    bool good = next_session_params(&a.params, count,
            f->params.corrupt - (f->parties - count), 0, &f->policy)
        && !enrol_all(&a) && show_session(f, &a) && show_attempts(f, &a);
    secagg_wipe(&a, sizeof a);
    if (!good)
        printf("   FAILED: a credential was not judged as it must be\n");
    return good;
}
