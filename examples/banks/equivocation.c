/* SPDX-License-Identifier: Apache-2.0 */
/* A malicious server that tells one half of the banks that all have survived,
 * and the other half that one bank, the victim, has dropped out. The first
 * half would open shares of the victim's self secret, the second half shares
 * of its mask secret; together they reveal its input. */
#include "banks/demo.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/output.h"

#define SIGNED_BYTES (4 + SECAGG_SIGNATURE_BYTES) /* index, signature */
#define MAX_SIGNATURES (HEADER_BYTES + 4 + MAX_PARTIES * SIGNED_BYTES)

typedef struct attack {
    bool told_dropout[MAX_PARTIES]; /* this bank was told of a dropout */
    uint32_t told[2];  /* banks: that all have survived; of a dropout */
    bool confirmed[MAX_PARTIES];
    uint8_t signatures[MAX_PARTIES][SECAGG_SIGNATURE_BYTES];
    uint32_t confirmations; /* signatures, of either story */
    uint32_t opened;        /* UNMASK messages */
} attack;

/* SURVIVORS is a bitmap behind the header. One half gets the library's, the
 * other the same without the victim. The victim itself gets the true one. */
static secagg_err tell_two_stories(attack *a, session *s)
{
    uint8_t lie[HEADER_BYTES + (MAX_PARTIES + 7) / 8];
    for (uint32_t i = 0; i < s->params.clients; i++) {
        const uint8_t *msg;
        size_t len;
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        if (err)
            return err;
        if (len == 0 || len > sizeof lie)
            continue;
        memcpy(lie, msg, len);
        a->told_dropout[i] = i != SPLIT && a->told[1] < a->told[0];
        if (a->told_dropout[i])
            lie[HEADER_BYTES + SPLIT / 8] &= (uint8_t)~(1u << (SPLIT % 8));
        (void)network_send(s->net, i, FRAME_MESSAGE, lie, len);
        a->told[a->told_dropout[i]]++;
    }
    return SECAGG_OK;
}

/* Keep every signature. secagg_server would reject half of them, and so is
 * not used. */
static void gather_signatures(attack *a, session *s)
{
    double deadline = seconds_now() + s->timeout;
    uint32_t from;
    frame *got;
    while (a->confirmations < a->told[0] + a->told[1]
        && (got = session_receive(s, &from, deadline)) != NULL) {
        if (got->len == HEADER_BYTES + SECAGG_SIGNATURE_BYTES
            && got->bytes[TYPE_AT] == TYPE_CONFIRM && !a->confirmed[from]) {
            memcpy(a->signatures[from], got->bytes + HEADER_BYTES,
                SECAGG_SIGNATURE_BYTES);
            a->confirmed[from] = true;
            a->confirmations++;
        }
        frame_free(got);
    }
}

/* Make a SIGNATURES message of all signatures; without the victim's for a bank
 * that was told that the victim has dropped out. The header is that of another
 * message of the library, with its type and length changed. */
static size_t make_signatures(uint8_t *msg, const uint8_t *header,
    const attack *a, const session *s, bool without_victim)
{
    uint8_t *body = msg + HEADER_BYTES, *at = body + 4;
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->params.clients; i++) {
        if (!a->confirmed[i] || (without_victim && i == SPLIT))
            continue;
        memcpy(write_be32(at, i), a->signatures[i], SECAGG_SIGNATURE_BYTES);
        at += SIGNED_BYTES;
        count++;
    }
    write_be32(body, count);
    memcpy(msg, header, HEADER_BYTES);
    msg[TYPE_AT] = TYPE_SIGNATURES;
    write_be32(msg + BODY_LENGTH_AT + 4, (size_t)(at - body));
    return (size_t)(at - msg);
}

static secagg_err send_signatures(const attack *a, session *s)
{
    uint8_t own[MAX_SIGNATURES];
    for (uint32_t i = 0; i < s->params.clients; i++) {
        const uint8_t *msg;
        size_t len;
        secagg_err err = secagg_server_send(s->server, i, &msg, &len);
        if (err)
            return err;
        if (len < HEADER_BYTES)
            continue;
        len = make_signatures(own, msg, a, s, a->told_dropout[i]);
        (void)network_send(s->net, i, FRAME_MESSAGE, own, len);
    }
    return SECAGG_OK;
}

static void wait_for_shares(attack *a, session *s)
{
    double deadline = seconds_now() + s->timeout;
    uint32_t from;
    frame *got;
    while ((got = session_receive(s, &from, deadline)) != NULL) {
        a->opened += got->len > TYPE_AT && got->bytes[TYPE_AT] == TYPE_UNMASK;
        frame_free(got);
    }
}

/* An honest session up to CONFIRM, then the attack. */
static secagg_err equivocate(attack *a, session *s)
{
    secagg_err err = session_open(s);
    while (!err && secagg_server_phase(s->server) < SECAGG_PHASE_CONFIRM) {
        err = session_send(s);
        if (!err)
            err = session_collect(s);
        if (!err)
            err = session_advance(s);
    }
    if (!err)
        err = tell_two_stories(a, s);
    if (!err) {
        gather_signatures(a, s);
        err = send_signatures(a, s);
    }
    if (!err)
        wait_for_shares(a, s);
    return err;
}

/* The attack must fail: each bank leaves, and opens nothing. */
static bool check_attack(const federation *f, const attack *a,
    const session *s)
{
    uint32_t left = 0, t = f->params.threshold, n = f->parties;
    for (uint32_t i = 0; i < n; i++)
        left += s->left[i] == SECAGG_ERR_THRESHOLD;
    printf("       THE SERVER LIES: it tells %u banks that all have survived, "
           "and %u that\n       bank %u has dropped out. It wants %u shares "
           "of each of that bank's secrets.\n"
           "       Each bank signs the set that it was told. The server passes "
           "on all %u\n       signatures: %u of %u banks leave, because fewer "
           "than %u signed the same\n       set. The server gets %u shares, "
           "and bank %u's input stays masked. The round\n       is lost: "
           "all banks go on with new updates, since these are spent.\n",
        a->told[0], a->told[1], SPLIT, t, a->confirmations, left, n, t,
        a->opened, SPLIT);
    bool good = a->told[0] > 0 && a->told[1] > 0 && a->opened == 0
        && a->confirmations == n && left == n;
    if (!good)
        printf("       FAILED: a bank did not leave\n");
    return good;
}

bool show_equivocation(federation *f, uint64_t round)
{
    attack a = { .opened = 0 };
    session s = federation_session(f, round);
    secagg_err err = equivocate(&a, &s);
    clear_line(f->live);
    if (err)
        print_failed_session(err, &s, "bank");
    bool good = !err && check_attack(f, &a, &s);
    session_close(&s);
    return good;
}
