/* SPDX-License-Identifier: Apache-2.0 */
/* messages, sessions (PROTOCOL.md 8, 9): parties are made from their seeds,
 * and what each operation yields is what the file says, byte for byte. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "bits.h"
#include "vectors.h"

#define PARTIES "params serverSeed masterSeeds identitySeeds trustAll " \
                "serverOnly"

/* A cast of parties; clients are NULL where they are played by their messages
 * alone. */
typedef struct cast {
    vec *v;
    secagg_params *params;
    secagg_server *server;
    secagg_client **clients;
    uint8_t (*public_keys)[SECAGG_PUBLIC_BYTES];
    uint8_t (*secret_keys)[SECAGG_SECRETKEY_BYTES];
    bool alone; /* the server is */
} cast;

/* One operation, while it is done. */
typedef struct step {
    size_t number;
    const json_t *members;
    const char *op, *error;
    uint32_t client, index;
    vec_bytes message;
    char where[60];
} step;

/* ---- parties ------------------------------------------------------------ */

static void meet(cast *c)
{
    const vec_bytes seeds = vec_hex(c->v, "identitySeeds");
    const uint32_t n = c->params->clients;

    c->public_keys = vec_room(c->v, n, sizeof *c->public_keys);
    c->secret_keys = vec_room(c->v, n, sizeof *c->secret_keys);
    if (seeds.len != (c->params->mode == SECAGG_ACTIVE ? 32 * (size_t)n : 0))
        vec_differs(c->v, "identitySeeds: not one a client");
    for (uint32_t i = 0; i < n && 32 * (size_t)i < seeds.len; i++)
        crypto_sign_seed_keypair(c->public_keys[i], c->secret_keys[i],
            seeds.ptr + 32 * (size_t)i);
}

static void introduce(cast *c)
{
    const uint32_t n = c->params->clients;

    for (uint32_t i = 0; i < n; i++) {
        vec_good(c->v, secagg_server_trust(c->server, i, c->public_keys[i]));
        if (c->alone)
            continue;
        vec_good(c->v, secagg_client_identify(c->clients[i],
            c->secret_keys[i]));
        for (uint32_t k = 0; k < n; k++)
            vec_good(c->v, secagg_client_trust(c->clients[i], k,
                c->public_keys[k]));
    }
}

/* The laxest policy there is. */
static void make_clients(cast *c)
{
    const uint32_t n = c->params->clients;
    const uint8_t *seeds = vec_fixed(c->v, "masterSeeds", 32 * (size_t)n);
    const secagg_policy policy = { sizeof policy, 2, 2, 0.0, 0 };

    c->clients = vec_room(c->v, n, sizeof *c->clients);
    for (uint32_t i = 0; i < n && !c->alone; i++)
        if (!vec_good(c->v, secagg_client_new_seeded(&c->clients[i],
            c->params, i, &policy, seeds + 32 * (size_t)i)))
            return;
}

static bool cast_make(cast *c, vec *v)
{
    const vec_bytes params = vec_hex(v, "params");

    memset(c, 0, sizeof *c);
    c->v = v;
    c->alone = vec_bool(v, "serverOnly");
    if (!vec_good(v, secagg_params_decode(&c->params, params.ptr,
        params.len))
        || !vec_good(v, secagg_server_new_seeded(&c->server, c->params,
            vec_fixed(v, "serverSeed", 32))))
        return false;
    make_clients(c);
    meet(c);
    if (vec_bool(v, "trustAll") && v->differs[0] == '\0')
        introduce(c);
    return v->differs[0] == '\0';
}

static void cast_free(cast *c)
{
    for (uint32_t i = 0; c->clients != NULL && i < c->params->clients; i++)
        secagg_client_free(c->clients[i]);
    secagg_server_free(c->server);
    secagg_params_free(c->params);
}

/* ---- operations --------------------------------------------------------- */

static uint64_t number(cast *c, const step *s, const char *name)
{
    const json_t *value = json_object_get(s->members, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        vec_differs(c->v, "%s: %s is no integer", s->where, name);
    return (uint64_t)json_integer_value(value);
}

static vec_bytes bytes(cast *c, const step *s, const char *name)
{
    return vec_hex_of(c->v, s->where, json_object_get(s->members, name));
}

static void ends(cast *c, const step *s, secagg_err err)
{
    vec_want_error(c->v, s->where, s->error, err);
}

static void do_identify(cast *c, const step *s)
{
    ends(c, s, secagg_client_identify(c->clients[s->client],
        c->secret_keys[s->client]));
}

static const uint8_t *public_of(cast *c, const step *s)
{
    const vec_bytes key = bytes(c, s, "public");

    if (key.len == SECAGG_PUBLIC_BYTES)
        return key.ptr;
    vec_differs(c->v, "%s: no public key", s->where);
    return vec_room(c->v, SECAGG_PUBLIC_BYTES, 1);
}

static void do_trust(cast *c, const step *s)
{
    ends(c, s, secagg_client_trust(c->clients[s->client], s->index,
        public_of(c, s)));
}

static void do_trust_server(cast *c, const step *s)
{
    ends(c, s, secagg_server_trust(c->server, s->index, public_of(c, s)));
}

static void do_weight(cast *c, const step *s)
{
    const vec_bytes weight = bytes(c, s, "weight");

    if (weight.len != 8)
        vec_differs(c->v, "%s: no weight", s->where);
    else
        ends(c, s, secagg_client_weight(c->clients[s->client],
            sa_get_be64(weight.ptr)));
}

static void do_chunk(cast *c, const step *s)
{
    ends(c, s, secagg_client_chunk(c->clients[s->client],
        number(c, s, "entries")));
}

static void do_input(cast *c, const step *s)
{
    secagg_client *client = c->clients[s->client];
    const uint64_t segment = number(c, s, "segment");
    const uint64_t offset = number(c, s, "offset");
    size_t count;
    const uint64_t *values = vec_u64s_of(c->v, s->where,
        json_object_get(s->members, "values"), &count);
    double *reals = vec_room(c->v, count, sizeof *reals);

    memcpy(reals, values, count * sizeof *reals);
    if (segment < c->params->segment_count
        && c->params->segments[segment].kind == SECAGG_INTEGER)
        ends(c, s, secagg_client_input_u64(client, segment, offset, values,
            count));
    else
        ends(c, s, secagg_client_input_f64(client, segment, offset, reals,
            count));
}

/* What a party says. */
static void made(cast *c, const step *s, const char *error, secagg_err err,
    const uint8_t *msg, size_t len)
{
    vec_want_error(c->v, s->where, error, err);
    if (err == SECAGG_OK)
        vec_want_same(c->v, s->where, s->message, msg, len);
}

static void say(cast *c, const step *s, const char *error)
{
    const uint8_t *msg = NULL;
    size_t len = 0;
    const secagg_err err = secagg_client_send(c->clients[s->client], &msg,
        &len);

    made(c, s, error, err, msg, len);
}

static void tell(cast *c, const step *s, const char *error)
{
    const uint8_t *msg = NULL;
    size_t len = 0;
    const secagg_err err = secagg_server_send(c->server, s->client, &msg,
        &len);

    made(c, s, error, err, msg, len);
}

static void do_make(cast *c, const step *s)
{
    say(c, s, s->error);
}

static void do_serve(cast *c, const step *s)
{
    tell(c, s, s->error);
}

static void do_hear(cast *c, const step *s)
{
    ends(c, s, secagg_client_recv(c->clients[s->client], s->message.ptr,
        s->message.len));
}

static void do_take(cast *c, const step *s)
{
    ends(c, s, secagg_server_recv(c->server, s->client, s->message.ptr,
        s->message.len));
}

static void do_up(cast *c, const step *s)
{
    if (!c->alone)
        say(c, s, "");
    do_take(c, s);
}

static void do_down(cast *c, const step *s)
{
    tell(c, s, "");
    if (!c->alone)
        do_hear(c, s);
}

static void do_end(cast *c, const step *s)
{
    ends(c, s, secagg_server_advance(c->server));
}

static const struct {
    const char *op, *members;
    bool server; /* done where the clients are not there, too */
    void (*run)(cast *c, const step *s);
} operations[] = {
    { "identify", "client", false, do_identify },
    { "trust", "client index public", false, do_trust },
    { "trustServer", "index public", true, do_trust_server },
    { "weight", "client weight", false, do_weight },
    { "chunk", "client entries", false, do_chunk },
    { "input", "client segment offset values", false, do_input },
    { "make", "client message", false, do_make },
    { "hear", "client message", false, do_hear },
    { "serve", "client message", true, do_serve },
    { "take", "client message", true, do_take },
    { "up", "client message", true, do_up },
    { "down", "client message", true, do_down },
    { "end", "", true, do_end },
};

/* Exactly the members that its operation has. */
static bool has_members(const json_t *object, const char *words)
{
    size_t count = 2; /* op, error */
    char word[20];
    int used;

    for (; sscanf(words, "%19s%n", word, &used) == 1; words += used) {
        if (json_object_get(object, word) == NULL)
            return false;
        count++;
    }
    return json_object_size(object) == count;
}

static void do_step(cast *c, step *s)
{
    size_t i = 0;

    while (i < sizeof operations / sizeof *operations
        && strcmp(operations[i].op, s->op) != 0)
        i++;
    if (i == sizeof operations / sizeof *operations
        || !has_members(s->members, operations[i].members)) {
        vec_differs(c->v, "%s: unknown operation, or members", s->where);
        return;
    }
    if (c->alone && !operations[i].server)
        return;
    if (json_object_get(s->members, "client") != NULL)
        s->client = (uint32_t)number(c, s, "client");
    if (json_object_get(s->members, "index") != NULL)
        s->index = (uint32_t)number(c, s, "index");
    if (json_object_get(s->members, "message") != NULL)
        s->message = bytes(c, s, "message");
    if (s->client >= c->params->clients && strcmp(s->op, "take") != 0)
        vec_differs(c->v, "%s: no such client", s->where);
    else
        operations[i].run(c, s);
}

static void do_all(cast *c, const char *name)
{
    const json_t *list = vec_member(c->v, name);

    for (size_t i = 0; i < json_array_size(list); i++) {
        step s = { i, json_array_get(list, i), "", "", 0, 0, { NULL, 0 },
            "" };
        const char *op = json_string_value(json_object_get(s.members, "op"));
        const char *error = json_string_value(json_object_get(s.members,
            "error"));

        s.op = op != NULL ? op : "";
        s.error = error != NULL ? error : "?";
        snprintf(s.where, sizeof s.where, "%s %zu (%.12s, client %lld)",
            name, i, s.op, (long long)json_integer_value(
                json_object_get(s.members, "client")));
        do_step(c, &s);
        if (c->v->differs[0] != '\0')
            return;
    }
}

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
        do_all(&c, "setup");
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
        do_all(&c, "setup");
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

static void want_segment(cast *c, size_t i)
{
    const secagg_segment *s = &c->params->segments[i];
    const json_t *sums = vec_member(c->v, "sums");
    const json_t *means = vec_member(c->v, "means");
    const size_t length = (size_t)s->length;
    uint8_t *out = vec_room(c->v, length, 8);
    uint64_t *sum = vec_room(c->v, length, sizeof *sum);
    double *mean = vec_room(c->v, length, sizeof *mean);

    if (vec_good(c->v, secagg_server_sum_u64(c->server, i, 0, sum, length)))
        for (size_t e = 0; e < length; e++)
            sa_put_be64(out + 8 * e, sum[e]);
    vec_want_same(c->v, "sums", vec_hex_of(c->v, "sums",
        json_array_get(sums, i)), out, 8 * length);
    if (s->kind != SECAGG_INTEGER && vec_good(c->v,
        secagg_server_mean_f64(c->server, i, 0, mean, length))) {
        memcpy(sum, mean, length * sizeof *sum);
        for (size_t e = 0; e < length; e++)
            sa_put_be64(out + 8 * e, sum[e]);
    }
    vec_want_same(c->v, "means", vec_hex_of(c->v, "means",
        json_array_get(means, i)), out,
        s->kind != SECAGG_INTEGER ? 8 * length : 0);
}

static void want_sum(cast *c)
{
    const bool done = secagg_server_phase(c->server) == SECAGG_PHASE_DONE;
    uint32_t *list = vec_room(c->v, c->params->clients, sizeof *list);
    const size_t segments = done ? c->params->segment_count : 0;
    size_t count = 0;

    for (uint32_t i = 0; done && i < c->params->clients; i++)
        if (secagg_server_has(c->server, i))
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
        do_all(&c, "operations");
    if (v->differs[0] == '\0') {
        const secagg_phase phase = secagg_server_phase(c.server);
        vec_want_error(v, "error", v->error, secagg_server_why(c.server, NULL,
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
