/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the parties of a test from their seeds and performs operations. */
#include "vectors/vectors_parties.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "client/client_state.h"
#include "core/bits.h"
#include "support/laxest_policy.h"
#include "support/refusals.h"

/* One operation that is being performed. */
typedef struct step {
    size_t number;
    const json_t *members;
    const char *op, *error;
    uint32_t client, index;
    vec_bytes message;
    char where[60]; /* for the text of a failure */
} step;

/* ---- parties ------------------------------------------------------------ */

static void make_keys(parties *c)
{
    const vec_bytes seeds = vec_hex(c->v, "identitySeeds");
    const uint32_t n = c->params->clients;

    c->public_keys = vec_alloc(c->v, n, sizeof *c->public_keys);
    c->secret_keys = vec_alloc(c->v, n, sizeof *c->secret_keys);
    if (seeds.len != (c->params->mode == SECAGG_ACTIVE ? 32 * (size_t)n : 0))
        vec_fail(c->v, "identitySeeds: not one for each client");
    for (uint32_t i = 0; i < n && 32 * (size_t)i < seeds.len; i++)
        crypto_sign_seed_keypair(c->public_keys[i], c->secret_keys[i],
            seeds.ptr + 32 * (size_t)i);
}

static void trust_all(parties *c)
{
    const uint32_t n = c->params->clients;

    for (uint32_t i = 0; i < n; i++) {
        vec_ok(c->v, secagg_server_trust(c->server, i, c->public_keys[i]));
        if (c->server_only)
            continue;
        vec_ok(c->v, secagg_client_identify(c->clients[i],
            c->secret_keys[i]));
        for (uint32_t k = 0; k < n; k++)
            vec_ok(c->v, secagg_client_trust(c->clients[i], k,
                c->public_keys[k]));
    }
}

/* The clients have the policy of vectors/README.md, the laxest one. */
static void make_clients(parties *c)
{
    const uint32_t n = c->params->clients;
    const uint8_t *seeds = vec_fixed(c->v, "masterSeeds", 32 * (size_t)n);
    const secagg_policy policy = laxest_policy();

    c->clients = vec_alloc(c->v, n, sizeof *c->clients);
    c->verifiers = vec_alloc(c->v, (size_t)n + 1, sizeof *c->verifiers);
    for (uint32_t i = 0; i <= n; i++)
        c->verifiers[i].v = c->v;
    for (uint32_t i = 0; i < n && !c->server_only; i++)
        if (!vec_ok(c->v, secagg_client_new_seeded(&c->clients[i],
            c->params, i, &policy, seeds + 32 * (size_t)i)))
            return;
}

bool parties_init(parties *c, vec *v)
{
    const vec_bytes params = vec_hex(v, "params");

    memset(c, 0, sizeof *c);
    c->v = v;
    c->server_only = vec_bool(v, "serverOnly");
    if (!vec_ok(v, secagg_params_decode(&c->params, params.ptr,
        params.len))
        || !vec_ok(v, secagg_server_new_seeded(&c->server, c->params,
            vec_fixed(v, "serverSeed", 32))))
        return false;
    make_clients(c);
    make_keys(c);
    if (vec_bool(v, "trustAll") && v->failure[0] == '\0')
        trust_all(c);
    return v->failure[0] == '\0';
}

void parties_free(parties *c)
{
    for (uint32_t i = 0; c->clients != NULL && i < c->params->clients; i++)
        secagg_client_free(c->clients[i]);
    secagg_server_free(c->server);
    secagg_params_free(c->params);
}

/* ---- operations --------------------------------------------------------- */

static uint64_t number(parties *c, const step *s, const char *name)
{
    const json_t *value = json_object_get(s->members, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        vec_fail(c->v, "%s: %s is not an integer", s->where, name);
    return (uint64_t)json_integer_value(value);
}

static vec_bytes bytes(parties *c, const step *s, const char *name)
{
    return vec_hex_of(c->v, s->where, json_object_get(s->members, name));
}

static void check(parties *c, const step *s, secagg_err err)
{
    vec_expect_error(c->v, s->where, s->error, err);
}

/* Check the error of a call on a client or the server, and its sentence. */
static void check_client(parties *c, const step *s, secagg_err err)
{
    const char *fault = refusal_fault_of_client(c->clients[s->client], err);

    check(c, s, err);
    if (fault != NULL)
        vec_fail(c->v, "%s: %s", s->where, fault);
}

static void check_server(parties *c, const step *s, uint32_t about,
    secagg_err err)
{
    const char *fault = refusal_fault_of_server(c->server, about, err);

    check(c, s, err);
    if (fault != NULL)
        vec_fail(c->v, "%s: %s", s->where, fault);
}

static void do_identify(parties *c, const step *s)
{
    check(c, s, secagg_client_identify(c->clients[s->client],
        c->secret_keys[s->client]));
}

static const uint8_t *public_of(parties *c, const step *s)
{
    const vec_bytes key = bytes(c, s, "public");

    if (key.len == SECAGG_PUBLIC_BYTES)
        return key.ptr;
    vec_fail(c->v, "%s: not a public key", s->where);
    return vec_alloc(c->v, SECAGG_PUBLIC_BYTES, 1);
}

static void do_trust(parties *c, const step *s)
{
    check(c, s, secagg_client_trust(c->clients[s->client], s->index,
        public_of(c, s)));
}

static void do_trust_server(parties *c, const step *s)
{
    check(c, s, secagg_server_trust(c->server, s->index, public_of(c, s)));
}

static void do_present(parties *c, const step *s)
{
    const vec_bytes credential = bytes(c, s, "credential");

    check(c, s, secagg_client_present(c->clients[s->client], credential.ptr,
        credential.len));
}

static void do_trust_whole(parties *c, const step *s)
{
    check(c, s, secagg_client_trust_whole(c->clients[s->client]));
}

static void do_trust_server_whole(parties *c, const step *s)
{
    check(c, s, secagg_server_trust_whole(c->server));
}

static void do_trust_with(parties *c, const step *s)
{
    check(c, s, secagg_client_trust_with(c->clients[s->client], verifier_ask,
        &c->verifiers[s->client]));
}

static void do_trust_server_with(parties *c, const step *s)
{
    check(c, s, secagg_server_trust_with(c->server, verifier_ask,
        &c->verifiers[c->params->clients]));
}

static void announce(parties *c, const step *s, uint32_t party)
{
    const char *answer = json_string_value(json_object_get(s->members,
        "answer"));
    const verdict call = { s->index, public_of(c, s),
        bytes(c, s, "credential"), answer != NULL ? answer : "?" };

    verifier_announce(&c->verifiers[party], &call);
    check(c, s, SECAGG_OK);
}

static void do_verdict(parties *c, const step *s)
{
    announce(c, s, s->client);
}

static void do_verdict_server(parties *c, const step *s)
{
    announce(c, s, c->params->clients);
}

static void do_weight(parties *c, const step *s)
{
    const vec_bytes weight = bytes(c, s, "weight");

    if (weight.len != 8)
        vec_fail(c->v, "%s: not a weight", s->where);
    else
        check(c, s, secagg_client_weight(c->clients[s->client],
            sa_get_be64(weight.ptr)));
}

static void do_chunk(parties *c, const step *s)
{
    check(c, s, secagg_client_set_part_size(c->clients[s->client],
        number(c, s, "entries")));
}

static void do_input(parties *c, const step *s)
{
    secagg_client *client = c->clients[s->client];
    const uint64_t segment = number(c, s, "segment");
    const uint64_t offset = number(c, s, "offset");
    size_t count;
    const uint64_t *values = vec_u64s_of(c->v, s->where,
        json_object_get(s->members, "values"), &count);
    double *reals = vec_alloc(c->v, count, sizeof *reals);
    int64_t *is_signed = vec_alloc(c->v, count, sizeof *is_signed);
    const uint32_t kind = segment < c->params->segment_count
        ? c->params->segments[segment].kind : SECAGG_INTEGER;

    memcpy(reals, values, count * sizeof *reals);
    memcpy(is_signed, values, count * sizeof *is_signed);
    if (kind == SECAGG_REAL || kind == SECAGG_WEIGHTED)
        check_client(c, s, secagg_client_input_f64(client,
            (size_t)segment, offset, reals, count));
    else if (kind == SECAGG_SIGNED)
        check_client(c, s, secagg_client_input_i64(client,
            (size_t)segment, offset, is_signed, count));
    else
        check_client(c, s, secagg_client_input_u64(client,
            (size_t)segment, offset, values, count));
}

/* Compares a message that a party made with the one of the operation. */
static void check_message(parties *c, const step *s, const char *error,
    secagg_err err, const uint8_t *msg, size_t len)
{
    vec_expect_error(c->v, s->where, error, err);
    if (err == SECAGG_OK)
        vec_expect_equal(c->v, s->where, s->message, msg, len);
}

static void client_send(parties *c, const step *s, const char *error)
{
    const uint8_t *msg = NULL;
    size_t len = 0;
    secagg_err err;

    err = secagg_client_send(c->clients[s->client], &msg, &len);
    check_message(c, s, error, err, msg, len);
}

static void server_send(parties *c, const step *s, const char *error)
{
    const uint8_t *msg = NULL;
    size_t len = 0;
    const secagg_err err = secagg_server_send(c->server, s->client, &msg,
        &len);

    check_message(c, s, error, err, msg, len);
}

static void do_make(parties *c, const step *s)
{
    client_send(c, s, s->error);
}

static void do_serve(parties *c, const step *s)
{
    server_send(c, s, s->error);
}

static void do_hear(parties *c, const step *s)
{
    check_client(c, s, secagg_client_recv(c->clients[s->client],
        s->message.ptr, s->message.len));
    verifier_check(&c->verifiers[s->client], s->where);
}

static void do_take(parties *c, const step *s)
{
    check_server(c, s, s->client, secagg_server_recv(c->server, s->client,
        s->message.ptr, s->message.len));
    verifier_check(&c->verifiers[c->params->clients], s->where);
}

static void do_up(parties *c, const step *s)
{
    if (!c->server_only)
        client_send(c, s, "");
    do_take(c, s);
}

static void do_down(parties *c, const step *s)
{
    server_send(c, s, "");
    if (!c->server_only)
        do_hear(c, s);
}

static void do_end(parties *c, const step *s)
{
    check_server(c, s, UINT32_MAX, secagg_server_advance(c->server));
}

static void do_spent(parties *c, const step *s)
{
    static const char *const names[] = { "NOTHING", "INPUT", "UNMASK" };
    const char *want = json_string_value(json_object_get(s->members,
        "spent"));
    const char *got = names[secagg_client_spent(c->clients[s->client])];

    check(c, s, SECAGG_OK);
    if (want == NULL || strcmp(want, got) != 0)
        vec_fail(c->v, "%s: the vector is spent as %s", s->where, got);
}

/* ---- saved states ------------------------------------------------------- */

/* Returns a member of `len` bytes; another length is a failure. */
static const uint8_t *fixed(parties *c, const step *s, const char *name,
    size_t len)
{
    const vec_bytes value = bytes(c, s, name);

    if (value.len == len)
        return value.ptr;
    vec_fail(c->v, "%s: %s has another length", s->where, name);
    return vec_alloc(c->v, len, 1);
}

/* Returns the kept state that the operation names. */
static vec_bytes *state_of(parties *c, const step *s)
{
    const uint64_t i = number(c, s, "state");

    if (i >= PARTIES_STATES)
        vec_fail(c->v, "%s: no such state", s->where);
    return &c->states[i < PARTIES_STATES ? i : 0];
}

static void do_save(parties *c, const step *s)
{
    secagg_client *client = c->clients[s->client];
    const uint64_t generation = sa_get_be64(fixed(c, s, "generation", 8));
    const size_t len = secagg_client_save_size(client);
    uint8_t *state = vec_alloc(c->v, len, 1);

    check(c, s, secagg_client_save(client, state, len,
        fixed(c, s, "key", SECAGG_SEED_BYTES)));
    if (secagg_client_generation(client) != generation)
        vec_fail(c->v, "%s: another generation", s->where);
    *state_of(c, s) = (vec_bytes){ state, len };
}

static void do_resume(parties *c, const step *s)
{
    const vec_bytes *state = state_of(c, s);
    secagg_client *client = NULL;

    check(c, s, secagg_client_resume(&client, state->ptr, state->len,
        fixed(c, s, "key", SECAGG_SEED_BYTES),
        sa_get_be64(fixed(c, s, "least", 8)), c->params, s->client));
    if (client == NULL)
        return;
    secagg_client_free(c->clients[s->client]);
    c->clients[s->client] = client;
}

static const struct {
    const char *op, *members;
    bool server; /* performed even without clients */
    void (*run)(parties *c, const step *s);
} operations[] = {
    { "identify", "client", false, do_identify },
    { "trust", "client index public", false, do_trust },
    { "trustServer", "index public", true, do_trust_server },
    { "present", "client credential", false, do_present },
    { "trustWhole", "client", false, do_trust_whole },
    { "trustServerWhole", "", true, do_trust_server_whole },
    { "trustWith", "client", false, do_trust_with },
    { "trustServerWith", "", true, do_trust_server_with },
    { "verdict", "client index public credential answer", false, do_verdict },
    { "verdictServer", "index public credential answer", true,
        do_verdict_server },
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
    { "spent", "client spent", false, do_spent },
    { "save", "client state key generation", false, do_save },
    { "resume", "client state key least", false, do_resume },
};

/* Returns true if an operation has exactly its members. */
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

static void do_step(parties *c, step *s)
{
    size_t i = 0;

    while (i < sizeof operations / sizeof *operations
        && strcmp(operations[i].op, s->op) != 0)
        i++;
    if (i == sizeof operations / sizeof *operations
        || !has_members(s->members, operations[i].members)) {
        vec_fail(c->v, "%s: unknown operation or wrong members", s->where);
        return;
    }
    if (c->server_only && !operations[i].server)
        return;
    if (json_object_get(s->members, "client") != NULL)
        s->client = (uint32_t)number(c, s, "client");
    if (json_object_get(s->members, "index") != NULL)
        s->index = (uint32_t)number(c, s, "index");
    if (json_object_get(s->members, "message") != NULL)
        s->message = bytes(c, s, "message");
    if (s->client >= c->params->clients && strcmp(s->op, "take") != 0)
        vec_fail(c->v, "%s: no such client", s->where);
    else
        operations[i].run(c, s);
}

void parties_run(parties *c, const char *name)
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
        if (c->v->failure[0] != '\0')
            return;
    }
}
