/* SPDX-License-Identifier: Apache-2.0 */
/* messages, sessions (PROTOCOL.md 8, 9): what each operation yields is what
 * the file says, byte for byte, and so is what comes of it. */
#include <string.h>

#include "core/bits.h"
#include "vectors/vectors_cast.h"

#define PARTIES "params serverSeed masterSeeds identitySeeds trustAll " \
                "serverOnly"

/* ---- types -------------------------------------------------------------- */

static void want_phase(vec *v, secagg_phase got)
{
    static const char *const names[] = { "KEYS", "SHARES", "INPUT",
        "CONFIRM", "UNMASK", "DONE", "FAILED" };
    const char *want = vec_text(v, "phase");

    if (strcmp(want, names[got]) != 0)
        vec_differs(v, "phase: expected %s, got %s", want, names[got]);
}

/* What only says what the message is. */
static void look_at_labels(vec *v, const char *direction)
{
    if (strcmp(vec_text(v, "direction"), direction) != 0)
        vec_differs(v, "direction: not %s", direction);
    vec_text(v, "messageType");
}

static void run_to_server(vec *v)
{
    const vec_bytes msg = vec_hex(v, "message");
    cast c;

    look_at_labels(v, "up");
    if (cast_make(&c, v))
        cast_do(&c, "setup");
    if (v->differs[0] == '\0') {
        vec_ends(v, secagg_server_recv(c.server, vec_u32(v, "client"),
            msg.ptr, msg.len));
        want_phase(v, secagg_server_phase(c.server));
    }
    cast_free(&c);
}

/* A client that failed has an ABORT left to send, another may have an answer
 * that is not asked for here. */
static void run_to_client(vec *v)
{
    const vec_bytes msg = vec_hex(v, "message"), want = vec_hex(v, "answer");
    const uint32_t index = vec_u32(v, "client");
    const uint8_t *answer;
    size_t len;
    cast c;

    look_at_labels(v, "down");
    if (cast_make(&c, v))
        cast_do(&c, "setup");
    if (index >= c.params->clients || c.alone)
        vec_differs(v, "client: there is none");
    if (v->differs[0] == '\0') {
        vec_ends(v, secagg_client_recv(c.clients[index], msg.ptr, msg.len));
        want_phase(v, secagg_client_phase(c.clients[index]));
        if (want.len > 0 && vec_good(v, secagg_client_send(c.clients[index],
            &answer, &len)))
            vec_want_same(v, "answer", want, answer, len);
    }
    cast_free(&c);
}

/* ---- the end of a session ----------------------------------------------- */

/* Numbers of a segment, as many as there are. */
static void want_list(vec *v, const char *name, size_t segment,
    const uint64_t *got, size_t count)
{
    const json_t *lists = vec_member(v, name);
    uint8_t *bytes = vec_room(v, count, 8);

    for (size_t e = 0; e < count; e++)
        sa_put_be64(bytes + 8 * e, got[e]);
    vec_want_same(v, name, vec_hex_of(v, name,
        json_array_get(lists, segment)), bytes, 8 * count);
}

/* There are no means of integers, nor where all weights are zero. */
static void want_segment(cast *c, size_t i)
{
    const secagg_segment *s = &c->params->segments[i];
    const size_t length = (size_t)s->length;
    uint64_t *sum = vec_room(c->v, length, sizeof *sum);
    double *mean = vec_room(c->v, length, sizeof *mean);
    const bool divided = s->kind == SECAGG_REAL
        || (s->kind == SECAGG_WEIGHTED
            && secagg_server_weight(c->server) > 0);

    if (vec_good(c->v, secagg_server_sum_u64(c->server, i, 0, sum, length)))
        want_list(c->v, "sums", i, sum, length);
    vec_want_error(c->v, "means", divided ? ""
        : s->kind == SECAGG_INTEGER ? "ARG" : "VALUE",
        secagg_server_mean_f64(c->server, i, 0, mean, length));
    memcpy(sum, mean, length * sizeof *sum);
    want_list(c->v, "means", i, sum, divided ? length : 0);
}

static void want_sum(cast *c)
{
    const bool done = secagg_server_phase(c->server) == SECAGG_PHASE_DONE;
    uint32_t *list = vec_room(c->v, c->params->clients, sizeof *list);
    const size_t segments = done ? c->params->segment_count : 0;
    size_t count = 0;

    for (uint32_t i = 0; done && i < c->params->clients; i++)
        if (secagg_server_includes(c->server, i))
            list[count++] = i;
    vec_want_u32s(c->v, "survivors", list, count);
    if (done && secagg_server_survivors(c->server) != count)
        vec_differs(c->v, "survivors: counted otherwise");
    vec_want_u64(c->v, "weightSum", secagg_server_weight(c->server));
    if (json_array_size(vec_member(c->v, "sums")) != segments
        || json_array_size(vec_member(c->v, "means")) != segments)
        vec_differs(c->v, "sums, means: not one a segment");
    for (size_t i = 0; i < segments; i++)
        want_segment(c, i);
}

static void want_blame(cast *c)
{
    const json_t *names = vec_member(c->v, "blamedFor");
    uint32_t *list = vec_room(c->v, c->params->clients, sizeof *list);
    size_t count = 0;
    secagg_err what;

    while (count < c->params->clients
        && secagg_server_blamed(c->server, count, &list[count], &what)
            == SECAGG_OK) {
        const char *name = json_string_value(json_array_get(names, count));
        vec_want_error(c->v, "blamedFor", name != NULL ? name : "", what);
        count++;
    }
    vec_want_u32s(c->v, "blamed", list, count);
    if (json_array_size(names) != count)
        vec_differs(c->v, "blamedFor: not one a client");
}

static void run_session(vec *v)
{
    cast c;

    if (cast_make(&c, v))
        cast_do(&c, "operations");
    if (v->differs[0] == '\0') {
        const secagg_phase phase = secagg_server_phase(c.server);
        vec_want_error(v, "error", v->error, secagg_server_error(c.server, NULL,
            0));
        if (phase != (v->error[0] == '\0' ? SECAGG_PHASE_DONE
                                          : SECAGG_PHASE_FAILED))
            vec_differs(v, "the session is not over");
        want_blame(&c);
        want_sum(&c);
    }
    cast_free(&c);
}

const vec_type vec_sessions[] = {
    { "ToServer", PARTIES " setup",
        "client direction messageType message phase", run_to_server },
    { "ToClient", PARTIES " setup",
        "client direction messageType message phase answer", run_to_client },
    { "Session", PARTIES, "operations survivors weightSum sums means blamed "
                          "blamedFor", run_session },
    { NULL, NULL, NULL, NULL },
};
