/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of messages and sessions (PROTOCOL.md 8, 9). Each message and result
 * is compared with the file, byte for byte. */
#include <string.h>

#include "core/bits.h"
#include "support/refusals.h"
#include "vectors/vectors_parties.h"

#define PARTIES "params serverSeed masterSeeds identitySeeds trustAll " \
                "serverOnly"

/* ---- types -------------------------------------------------------------- */

static void expect_phase_name(vec *v, const char *member, const char *want,
    secagg_phase got)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT",
        "CONFIRM", "UNMASK", "DONE", "FAILED" };

    if (want == NULL || strcmp(want, names[got]) != 0)
        vec_fail(v, "%s: expected %s, got %s", member,
            want != NULL ? want : "none", names[got]);
}

static void expect_phase(vec *v, secagg_phase got)
{
    expect_phase_name(v, "phase", vec_text(v, "phase"), got);
}

/* The members that only describe the message. */
static void check_labels(vec *v, const char *direction)
{
    if (strcmp(vec_text(v, "direction"), direction) != 0)
        vec_fail(v, "direction: not %s", direction);
    vec_text(v, "messageType");
}

static void check_refusal(vec *v, const char *fault)
{
    if (fault != NULL)
        vec_fail(v, "refusal: %s", fault);
}

static void run_to_server(vec *v)
{
    const vec_bytes msg = vec_hex(v, "message");
    parties c;

    check_labels(v, "up");
    if (parties_init(&c, v))
        parties_run(&c, "setup");
    if (v->failure[0] == '\0') {
        const uint32_t from = vec_u32(v, "client");
        const secagg_err err = secagg_server_recv(c.server, from, msg.ptr,
            msg.len);
        check_refusal(v, refusal_fault_of_server(c.server, from, err));
        vec_check(v, err);
        verifier_check(&c.verifiers[c.params->clients], "message");
        expect_phase(v, secagg_server_phase(c.server));
    }
    parties_free(&c);
}

/* A client that failed must send the ABORT of the test. Other clients are not
 * asked for their answer. */
static void run_to_client(vec *v)
{
    const vec_bytes msg = vec_hex(v, "message"), want = vec_hex(v, "answer");
    const uint32_t index = vec_u32(v, "client");
    const uint8_t *answer;
    size_t len;
    parties c;

    check_labels(v, "down");
    if (parties_init(&c, v))
        parties_run(&c, "setup");
    if (v->failure[0] == '\0' && (index >= c.params->clients
        || c.server_only))
        vec_fail(v, "client: does not exist");
    if (v->failure[0] == '\0') {
        const secagg_err err = secagg_client_recv(c.clients[index], msg.ptr,
            msg.len);
        check_refusal(v, refusal_fault_of_client(c.clients[index], err));
        vec_check(v, err);
        verifier_check(&c.verifiers[index], "message");
        expect_phase(v, secagg_client_phase(c.clients[index]));
        if (want.len > 0 && vec_ok(v, secagg_client_send(c.clients[index],
            &answer, &len)))
            vec_expect_equal(v, "answer", want, answer, len);
    }
    parties_free(&c);
}

/* ---- the end of a session ----------------------------------------------- */

/* Compares the sums or means of one segment. */
static void expect_list(vec *v, const char *name, size_t segment,
    const uint64_t *got, size_t count)
{
    const json_t *lists = vec_member(v, name);
    uint8_t *bytes = vec_alloc(v, count, 8);

    for (size_t e = 0; e < count; e++)
        sa_put_be64(bytes + 8 * e, got[e]);
    vec_expect_equal(v, name, vec_hex_of(v, name,
        json_array_get(lists, segment)), bytes, 8 * count);
}

/* Returns whether the list of a segment is empty: the read must fail. */
static bool is_empty(vec *v, const char *name, size_t segment)
{
    const char *hex = json_string_value(json_array_get(vec_member(v, name),
        segment));

    return hex == NULL || hex[0] == '\0';
}

static secagg_err read_sum(parties *c, size_t i, uint64_t *sum, size_t length)
{
    int64_t *is_signed = vec_alloc(c->v, length, sizeof *is_signed);
    secagg_err err;

    if (c->params->segments[i].kind != SECAGG_SIGNED)
        return secagg_server_sum_u64(c->server, i, 0, sum, length);
    err = secagg_server_sum_i64(c->server, i, 0, is_signed, length);
    memcpy(sum, is_signed, length * sizeof *sum);
    return err;
}

/* Means do not exist for integers. */
static void expect_segment(parties *c, size_t i)
{
    const secagg_segment *s = &c->params->segments[i];
    const bool real = s->kind == SECAGG_REAL || s->kind == SECAGG_WEIGHTED;
    const size_t length = (size_t)s->length;
    uint64_t *sum = vec_alloc(c->v, length, sizeof *sum);
    double *mean = vec_alloc(c->v, length, sizeof *mean);
    bool empty = is_empty(c->v, "sums", i);

    vec_expect_error(c->v, "sums", empty ? "VALUE" : "",
        read_sum(c, i, sum, length));
    expect_list(c->v, "sums", i, sum, empty ? 0 : length);
    empty = is_empty(c->v, "means", i);
    vec_expect_error(c->v, "means", !empty ? "" : real ? "VALUE" : "ARG",
        secagg_server_mean_f64(c->server, i, 0, mean, length));
    memcpy(sum, mean, length * sizeof *sum);
    expect_list(c->v, "means", i, sum, empty ? 0 : length);
}

/* Nothing can be read before the server is DONE, and no segment that does not
 * exist (PROTOCOL.md 7.5). */
static void expect_unreadable(parties *c, bool done)
{
    const size_t segments = c->params->segment_count;
    uint64_t sum;
    double mean;

    for (size_t i = done ? segments : 0; i <= segments; i++) {
        vec_expect_error(c->v, "unreadable sum", done ? "ARG" : "STATE",
            secagg_server_sum_u64(c->server, i, 0, &sum, 1));
        vec_expect_error(c->v, "unreadable mean", done ? "ARG" : "STATE",
            secagg_server_mean_f64(c->server, i, 0, &mean, 1));
    }
}

static void expect_sum(parties *c)
{
    const bool done = secagg_server_phase(c->server) == SECAGG_PHASE_DONE;
    uint32_t *list = vec_alloc(c->v, c->params->clients, sizeof *list);
    const size_t segments = done ? c->params->segment_count : 0;
    size_t count = 0;

    for (uint32_t i = 0; done && i < c->params->clients; i++)
        if (secagg_server_includes(c->server, i))
            list[count++] = i;
    vec_expect_u32s(c->v, "survivors", list, count);
    if (done && secagg_server_survivors(c->server) != count)
        vec_fail(c->v, "survivors: another number of them");
    vec_expect_u64(c->v, "weightSum", secagg_server_weight(c->server));
    if (json_array_size(vec_member(c->v, "sums")) != segments
        || json_array_size(vec_member(c->v, "means")) != segments)
        vec_fail(c->v, "sums, means: not one for each segment");
    for (size_t i = 0; i < segments; i++)
        expect_segment(c, i);
}

static void expect_blame(parties *c)
{
    const json_t *names = vec_member(c->v, "blamedFor");
    uint32_t *list = vec_alloc(c->v, c->params->clients, sizeof *list);
    size_t count = 0;
    secagg_err what;

    while (count < c->params->clients
        && secagg_server_blamed(c->server, count, &list[count], &what)
            == SECAGG_OK) {
        const char *name = json_string_value(json_array_get(names, count));
        vec_expect_error(c->v, "blamedFor", name != NULL ? name : "", what);
        count++;
    }
    vec_expect_u32s(c->v, "blamed", list, count);
    if (json_array_size(names) != count)
        vec_fail(c->v, "blamedFor: not one for each client");
}

static void expect_disputes(parties *c)
{
    uint32_t *list, dealer, holder;
    size_t count = 0;

    while (secagg_server_disputed(c->server, count, &dealer, &holder)
        == SECAGG_OK)
        count++;
    list = vec_alloc(c->v, count, 2 * sizeof *list);
    for (size_t i = 0; i < count; i++)
        vec_ok(c->v, secagg_server_disputed(c->server, i, &list[2 * i],
            &list[2 * i + 1]));
    vec_expect_u32s(c->v, "disputed", list, 2 * count);
}

static void expect_lost(parties *c)
{
    const json_t *phases = vec_member(c->v, "lostIn");
    const json_t *errors = vec_member(c->v, "lostFor");
    uint32_t *list = vec_alloc(c->v, c->params->clients, sizeof *list);
    size_t count = 0;

    for (uint32_t i = 0; i < c->params->clients; i++) {
        secagg_phase phase;
        secagg_err why;
        const char *name = json_string_value(json_array_get(errors, count));

        if (secagg_server_lost(c->server, i, &phase, &why) != SECAGG_OK)
            continue;
        expect_phase_name(c->v, "lostIn",
            json_string_value(json_array_get(phases, count)), phase);
        vec_expect_error(c->v, "lostFor", name != NULL ? name : "none", why);
        list[count++] = i;
    }
    vec_expect_u32s(c->v, "lost", list, count);
    if (json_array_size(phases) != count || json_array_size(errors) != count)
        vec_fail(c->v, "lostIn, lostFor: not one for each client");
}

static void run_session(vec *v)
{
    parties c;

    if (parties_init(&c, v))
        parties_run(&c, "operations");
    if (v->failure[0] == '\0') {
        const secagg_phase phase = secagg_server_phase(c.server);
        vec_expect_error(v, "error", v->error, secagg_server_error(c.server,
            NULL, 0));
        if (phase != (v->error[0] == '\0' ? SECAGG_PHASE_DONE
                                          : SECAGG_PHASE_FAILED))
            vec_fail(v, "the session is not over");
        expect_blame(&c);
        expect_disputes(&c);
        expect_lost(&c);
        expect_unreadable(&c, phase == SECAGG_PHASE_DONE);
        expect_sum(&c);
    }
    parties_free(&c);
}

const vec_type vec_sessions[] = {
    { "ToServer", PARTIES " setup",
        "client direction messageType message phase", run_to_server },
    { "ToClient", PARTIES " setup",
        "client direction messageType message phase answer", run_to_client },
    { "Session", PARTIES, "operations survivors weightSum sums means blamed "
                          "blamedFor disputed lost lostIn lostFor",
        run_session },
    { NULL, NULL, NULL, NULL },
};
