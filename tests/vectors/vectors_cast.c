/* SPDX-License-Identifier: Apache-2.0 */
/* Parties that are made from their seeds, and what is done with them. */
#include "vectors/vectors_cast.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "client/client.h"
#include "core/bits.h"
#include "support/laxest_policy.h"

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

static void make_clients(cast *c)
{
    const uint32_t n = c->params->clients;
    const uint8_t *seeds = vec_fixed(c->v, "masterSeeds", 32 * (size_t)n);
    const secagg_policy policy = laxest_policy();

    c->clients = vec_room(c->v, n, sizeof *c->clients);
    c->kept = vec_room(c->v, n, sizeof *c->kept);
    for (uint32_t i = 0; i < n && !c->alone; i++)
        if (!vec_good(c->v, secagg_client_new_seeded(&c->clients[i],
            c->params, i, &policy, seeds + 32 * (size_t)i)))
            return;
}

bool cast_make(cast *c, vec *v)
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

void cast_free(cast *c)
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

/* Without an error it was done before all else. */
static void do_chunk(cast *c, const step *s)
{
    if (s->error[0] != '\0')
        ends(c, s, secagg_client_set_part_size(c->clients[s->client],
            number(c, s, "entries")));
}

static secagg_err give(cast *c, uint32_t client, const cast_piece *p)
{
    const size_t segment = (size_t)p->segment;
    double *reals;

    if (p->segment < c->params->segment_count
        && c->params->segments[p->segment].kind == SECAGG_INTEGER)
        return secagg_client_input_u64(c->clients[client], segment,
            p->offset, p->values, p->count);
    reals = vec_room(c->v, p->count, sizeof *reals);
    memcpy(reals, p->values, p->count * sizeof *reals);
    return secagg_client_input_f64(c->clients[client], segment, p->offset,
        reals, p->count);
}

/* Keep a piece until its part is due, a block at the most at a time. */
static void keep(cast *c, uint32_t client, cast_piece p)
{
    cast_pieces *kept = &c->kept[client];

    while (p.count > 0) {
        const size_t room = 512 - (size_t)(p.offset % 512);
        cast_piece *grown = vec_room(c->v, kept->count + 1, sizeof *grown);
        if (kept->count > 0)
            memcpy(grown, kept->at, kept->count * sizeof *grown);
        grown[kept->count] = p;
        if (p.count > room)
            grown[kept->count].count = room;
        kept->at = grown;
        p.offset += grown[kept->count].count;
        p.values += grown[kept->count].count;
        p.count -= grown[kept->count++].count;
    }
}

/* A client that sends in parts takes what is of the part that is due: STATE
 * for what is not. A part that is due once more comes first. */
static void give_kept(cast *c, uint32_t client)
{
    cast_pieces *kept = &c->kept[client];
    size_t left = 0;

    if (!kept->parts || c->clients[client]->due)
        return;
    for (size_t i = 0; i < kept->count; i++) {
        const secagg_err err = give(c, client, &kept->at[i]);
        if (err == SECAGG_ERR_STATE)
            kept->at[left++] = kept->at[i];
        else
            vec_good(c->v, err);
    }
    kept->count = left;
}

static void do_input(cast *c, const step *s)
{
    cast_piece p = { number(c, s, "segment"), number(c, s, "offset"), NULL,
        0 };

    p.values = vec_u64s_of(c->v, s->where, json_object_get(s->members,
        "values"), &p.count);
    if (c->kept[s->client].parts && s->error[0] == '\0')
        keep(c, s->client, p);
    else
        ends(c, s, give(c, s->client, &p));
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
    secagg_err err;

    give_kept(c, s->client);
    err = secagg_client_send(c->clients[s->client], &msg, &len);
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

/* Clients that will send in parts know it before they are given anything: to
 * the library a choice of the host's, to the files of no moment. */
static void go_in_parts(cast *c, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && !c->alone; i++) {
        const json_t *members = json_array_get(list, i);
        const char *op = json_string_value(json_object_get(members, "op"));
        const char *error = json_string_value(json_object_get(members,
            "error"));
        const json_int_t client = json_integer_value(json_object_get(members,
            "client"));

        if (op == NULL || strcmp(op, "chunk") != 0 || error == NULL
            || error[0] != '\0' || client < 0
            || client >= c->params->clients)
            continue;
        c->kept[client].parts = true;
        vec_good(c->v, secagg_client_set_part_size(c->clients[client],
            (uint64_t)json_integer_value(json_object_get(members, "entries"))));
    }
}

void cast_do(cast *c, const char *name)
{
    const json_t *list = vec_member(c->v, name);

    go_in_parts(c, list);
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
