/* SPDX-License-Identifier: Apache-2.0 */
/* Part 3: a bank deals a share that does not open to another, and a session
 * that needs all banks fails. Which of the two banks lies, nobody can know: the
 * next session has neither, and the others take part in it with new updates,
 * because the old ones are spent. All banks are in this function. */
#include "banks/demo.h"

#include <stdio.h>
#include <string.h>

/* In SHARES (vectors/PROTOCOL.md 8.4): the first pair of sealed shares, behind
 * digest, commitment and count. A pair begins with the index of the holder. */
enum { TYPE_SHARES = 3, PAIRS_AT = HEADER_BYTES + 32 + 32 + 4,
    PAIR_BYTES = 100, SEALED_AT = 4 };

#define TEXT_WIDTH 76

typedef struct story {
    secagg_params params;
    uint32_t member[MAX_PARTIES]; /* the bank that has an index */
    secagg_server *server;
    secagg_client *clients[MAX_PARTIES];
    attendance attendance;
    uint64_t round;
    char reason[512];
} story;

/* ---- a session ----------------------------------------------------------- */

/* Each bank trusts the keys of the others, under the indices of this
 * session. */
static secagg_err trust_all(const federation *f, story *s, uint32_t i)
{
    const registry *r = f->registry;
    secagg_err err = secagg_server_trust(s->server, i, r->keys[s->member[i]]);
    if (!err)
        err = secagg_client_identify(s->clients[i],
            f->identities[s->member[i]].secret_key);
    for (uint32_t k = 0; !err && k < s->params.clients; k++)
        if (k != i)
            err = secagg_client_trust(s->clients[i], k,
                r->keys[s->member[k]]);
    return err;
}

static secagg_err open_bank(const federation *f, story *s, uint32_t i)
{
    float update[WEIGHTS];
    uint64_t weight = federation_update(update, f, s->member[i], s->round,
        f->secure);
    secagg_err err = secagg_client_new(&s->clients[i], &s->params, i,
        &f->policy);
    if (!err)
        err = trust_all(f, s, i);
    if (!err)
        err = secagg_client_weight(s->clients[i], weight);
    if (!err)
        err = secagg_client_input_f32(s->clients[i], 0, 0, update, WEIGHTS);
    secagg_wipe(update, sizeof update);
    return err;
}

/* Spoil the share for HOLDER in the message of DEALER. Both are below CHEATER,
 * so that their indices in the first session are their numbers. */
static void cheat(uint8_t *msg)
{
    size_t place = HOLDER - (HOLDER > DEALER);
    if (msg[TYPE_AT] == TYPE_SHARES)
        msg[PAIRS_AT + PAIR_BYTES * place + SEALED_AT] ^= 1;
}

static secagg_err pass_to_server(story *s, uint32_t i, bool cheats)
{
    static uint8_t copy[65536];
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_client_send(s->clients[i], &msg, &len);
    if (err || len == 0 || len > sizeof copy)
        return err;
    memcpy(copy, msg, len);
    if (cheats)
        cheat(copy);
    attendance_message(&s->attendance, i, copy, len);
    return secagg_server_recv(s->server, i, copy, len);
}

/* A message that ends the session for a bank is not an error of this demo: the
 * bank then sends its ABORT. */
static secagg_err pass_to_client(story *s, uint32_t i)
{
    const uint8_t *msg;
    size_t len;
    secagg_err err = secagg_server_send(s->server, i, &msg, &len);
    if (!err && len > 0)
        (void)!secagg_client_recv(s->clients[i], msg, len);
    return err;
}

static secagg_err run_phase(story *s, bool cheats)
{
    secagg_err err = SECAGG_OK;
    for (uint32_t i = 0; !err && i < s->params.clients; i++)
        if (!s->attendance.aborted[i])
            err = pass_to_server(s, i, cheats && i == DEALER);
    if (!err)
        attendance_phase_ends(&s->attendance, s->server, s->params.clients);
    if (!err)
        err = secagg_server_advance(s->server);
    for (uint32_t i = 0; !err && i < s->params.clients; i++)
        err = pass_to_client(s, i);
    return err;
}

static secagg_err run_session(const federation *f, story *s, bool cheats)
{
    memset(&s->attendance, 0, sizeof s->attendance);
    secagg_err err = secagg_params_new_session(&s->params);
    s->params.round = s->round;
    if (!err)
        err = secagg_server_new(&s->server, &s->params);
    for (uint32_t i = 0; !err && i < s->params.clients; i++)
        err = open_bank(f, s, i);
    while (!err && secagg_server_phase(s->server) < SECAGG_PHASE_DONE)
        err = run_phase(s, cheats);
    if (s->server != NULL)
        (void)secagg_server_error(s->server, s->reason, sizeof s->reason);
    return err;
}

static void close_session(story *s)
{
    for (uint32_t i = 0; i < MAX_PARTIES; i++) {
        secagg_client_free(s->clients[i]);
        s->clients[i] = NULL;
    }
    secagg_server_free(s->server);
    s->server = NULL;
}

/* ---- the next session ---------------------------------------------------- */

/* Number the banks that are left anew. Returns false if they are too few. */
static bool leave_out(const federation *f, story *s)
{
    static bool out[MAX_CLIENTS];
    uint32_t left = 0, n = s->params.clients;
    uint32_t steps = next_session_leave_out(out, s->server, &s->attendance, n);
    printf("   The next session is without banks");
    for (uint32_t i = 0; i < n; i++) {
        if (out[i])
            printf(" %u", s->member[i]);
        else
            s->member[left++] = s->member[i];
    }
    uint32_t corrupt = s->params.corrupt > steps
        ? s->params.corrupt - steps : 0;
    bool possible = next_session_params(&s->params, left, corrupt, 0,
        &f->policy);
    printf(": %u banks, of which %u may collude\n   with the server, and a "
           "threshold of %u.\n", left, s->params.corrupt,
        s->params.threshold);
    return possible && left + 2 == n;
}

/* Count the banks whose update must not be used again. */
static uint32_t count_spent(const story *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->params.clients; i++)
        count += secagg_client_spent(s->clients[i]) != SECAGG_SPENT_NOTHING;
    return count;
}

/* Print words in lines of the width of this page. */
static void print_text(const char *text)
{
    int column = 0;
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        if (column > 0 && column + len > TEXT_WIDTH) {
            printf("\n");
            column = 0;
        }
        column += printf("%s%.*s", column > 0 ? " " : "      ", len, text);
        text += len + (text[len] == ' ');
    }
    printf("\n");
}

static bool show_failure(const federation *f, story *s)
{
    secagg_err err = run_session(f, s, true);
    uint32_t spent = count_spent(s);
    printf("   Bank %u deals a bad share to bank %u, in a session that needs "
           "all banks:\n\n", DEALER, HOLDER);
    print_text(s->reason);
    printf("\n   %u banks have sent their updates, and will use new ones.\n",
        spent);
    return err == SECAGG_ERR_THRESHOLD && spent + 1 == s->params.clients;
}

static bool show_success(federation *f, story *s)
{
    secagg_err err = run_session(f, s, false);
    if (err || !demo_check_mean(f, s->server, s->member, s->round)) {
        printf("   FAILED: %s\n", secagg_strerror(err));
        return false;
    }
    printf("   It ends with the mean of all %u.\n",
        secagg_server_survivors(s->server));
    return true;
}

/* The first session is also that after CHEATER was blamed. */
bool show_dispute(federation *f)
{
    static story s;
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->parties; i++)
        if (!f->registry->revoked[i])
            s.member[count++] = i;
    s.params = f->params;
    s.round = f->rounds + 1;
    printf("\n3. A dispute\n\n");
    bool good = next_session_params(&s.params, count,
        f->params.corrupt - (f->parties - count), 0, &f->policy);
    s.params.min_survivors = count;
    good = good && show_failure(f, &s) && leave_out(f, &s);
    close_session(&s);
    s.round++;
    good = good && show_success(f, &s);
    close_session(&s);
    if (!good)
        printf("   FAILED: the dispute was not resolved\n");
    return good;
}
