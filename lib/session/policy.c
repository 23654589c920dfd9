/* SPDX-License-Identifier: Apache-2.0 */
#include "session/policy.h"

#include <inttypes.h>
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "core/reason.h"
#include "session/params.h"
#include "session/tails.h"

/* Defaults (PROTOCOL.md 2.2). */
#define CLIENTS_DEFAULT 3
#define RING_DEFAULT 100
#define CORRUPT_CAP 33 /* a third of the clients, but no more than these */

#define DEMAND(condition, ...)                                                 \
    SA_REQUIRE(condition, SECAGG_ERR_POLICY, reason, __VA_ARGS__)

static uint32_t min_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t max_of(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static const secagg_policy defaults = SECAGG_POLICY_INIT;

/* ---- the numbers of a policy -------------------------------------------- */

/* min_corrupt is at most 1 and no NaN. */
static uint32_t corrupt_of(double min_corrupt, uint32_t n)
{
    if (min_corrupt > 0)
        return sa_tails_corrupt(min_corrupt, n);
    if (min_corrupt < 0) /* SECAGG_NOBODY_CORRUPT */
        return 0;
    return max_of(1, max_of(min_of(n / 3, CORRUPT_CAP), n / 20));
}

secagg_err sa_policy_resolve(sa_policy *policy, const secagg_policy *given,
    uint32_t n, char *reason)
{
    const secagg_policy *p = given != NULL ? given : &defaults;
    uint32_t a;

    SA_REQUIRE(p->size == sizeof *p, SECAGG_ERR_ARG, reason, "policy: size is "
        "%zu, not %zu: begin with SECAGG_POLICY_INIT", p->size, sizeof *p);
    SA_REQUIRE(p->min_corrupt <= 1.0, SECAGG_ERR_ARG, reason,
        "policy: min_corrupt %g is over 1", p->min_corrupt); /* or a NaN */
    SA_REQUIRE(p->require_active <= 1 && p->min_weight <= 1
            && p->any_digest <= 1, SECAGG_ERR_ARG, reason, "policy: "
        "require_active, min_weight or any_digest is neither 0 nor 1");
    a = corrupt_of(p->min_corrupt, n);
    policy->min_clients = p->min_clients != 0 ? p->min_clients
                                              : CLIENTS_DEFAULT;
    policy->min_ring = p->min_ring != 0 ? p->min_ring : RING_DEFAULT;
    policy->min_survivors = max_of(a + 2, p->min_survivors != 0
            ? p->min_survivors : max_of(3, (n + a) / 2 + 1));
    policy->corrupt = a;
    return SECAGG_OK;
}

/* ---- the checks --------------------------------------------------------- */

/* Returns what follows the name of a member that is 0 in the policy. */
static const char *by_default(double member)
{
    return member > 0 || member < 0 ? "" : ", by default";
}

/* Returns the member that a number of survivors comes from. */
static const char *survivors_rule(const secagg_policy *given,
    const sa_policy *p)
{
    if (given->min_survivors == 0)
        return "min_survivors, by default";
    return given->min_survivors == p->min_survivors
        ? "min_survivors" : "min_corrupt, and two honest inputs";
}

/* Returns whether min_survivors is what 0 selects. */
static bool has_default_survivors(const secagg_params *own)
{
    return own->neighbours == 0
        && own->min_survivors == max_of(3, own->threshold);
}

static secagg_err check_numbers(const secagg_params *own, const sa_policy *p,
    const secagg_policy *given, char *reason)
{
    const uint32_t survivors = own->neighbours != 0 ? own->min_survivors
        : max_of(own->min_survivors, own->threshold);

    DEMAND(own->clients >= p->min_clients, "%" PRIu32 " clients: the policy "
        "asks for %" PRIu32 " (min_clients%s)", own->clients, p->min_clients,
        by_default(given->min_clients));
    DEMAND(survivors >= p->min_survivors, "%" PRIu32 " survivors suffice%s: "
        "the policy asks for %" PRIu32 " of %" PRIu32 " clients (%s)",
        survivors, has_default_survivors(own) ? " by default" : "",
        p->min_survivors, own->clients, survivors_rule(given, p));
    if (own->neighbours == 0)
        DEMAND(own->corrupt >= p->corrupt, "corrupt is %" PRIu32 ": the policy "
            "asks for %" PRIu32 " of %" PRIu32 " clients (min_corrupt%s)",
            own->corrupt, p->corrupt, own->clients,
            by_default(given->min_corrupt));
    return SECAGG_OK;
}

/* E1 and E2' of 2.5 for the client's number of corrupt clients. */
static secagg_err check_ring(const secagg_params *own, const sa_policy *p,
    const secagg_policy *given, char *reason)
{
    const uint32_t n = own->clients, k = own->neighbours;
    const uint32_t c_max = sa_tails_c_max(n, k, p->corrupt, SA_POLICY_BITS);

    DEMAND(n >= p->min_ring, "a sparse graph of %" PRIu32 " clients: the "
        "policy asks for %" PRIu32 " (min_ring%s)", n, p->min_ring,
        by_default(given->min_ring));
    DEMAND(own->corrupt >= c_max, "corrupt is %" PRIu32 ": of %" PRIu32
        " corrupt clients of %" PRIu32 " (min_corrupt of the policy%s), %"
        PRIu32 " may be neighbours of one", own->corrupt, p->corrupt, n,
        by_default(given->min_corrupt), c_max);
    DEMAND(sa_tails_cut_holds(n, k, own->threshold, p->corrupt,
            own->min_survivors, SA_POLICY_BITS), "%" PRIu32 " neighbours, "
        "threshold %" PRIu32 ": %" PRIu32 " corrupt clients (min_corrupt of "
        "the policy%s) and %" PRIu32 " dropouts may cut the ring, with over "
        "2^-%d", k, own->threshold, p->corrupt, by_default(given->min_corrupt),
        n - own->min_survivors, SA_POLICY_BITS + 1);
    return SECAGG_OK;
}

static bool equal(const uint8_t a[SECAGG_DIGEST_BYTES],
    const uint8_t b[SECAGG_DIGEST_BYTES])
{
    return memcmp(a, b, SECAGG_DIGEST_BYTES) == 0; /* public */
}

static secagg_err check_model(const secagg_params *own,
    const secagg_policy *given, char *reason)
{
    static const uint8_t zero[SECAGG_DIGEST_BYTES];
    const bool active = own->mode == SECAGG_ACTIVE;

    DEMAND(active || given->require_active == 0,
        "semi-honest mode: the policy asks for active mode (require_active)");
    DEMAND(own->max_weight == 0 || own->min_weight >= given->min_weight,
        "min_weight is 0: the policy asks for 1 (min_weight)");
    if (!equal(given->app_digest, zero))
        DEMAND(equal(own->app_digest, given->app_digest),
            "app_digest is %08" PRIx32 "...: the policy asks for %08" PRIx32
            "... (app_digest)", sa_get_be32(own->app_digest),
            sa_get_be32(given->app_digest));
    else if (active && given->any_digest == 0)
        DEMAND(!equal(own->app_digest, zero), "active mode and app_digest is "
            "zero: the policy has no app_digest, and any_digest is 0");
    return SECAGG_OK;
}

secagg_err sa_policy_check(const secagg_params *params,
    const secagg_policy *given, char *reason)
{
    sa_policy p;

    if (given == NULL)
        given = &defaults;
    SA_TRY(sa_policy_resolve(&p, given, params->clients, reason));
    SA_TRY(check_numbers(params, &p, given, reason));
    SA_TRY(check_model(params, given, reason));
    return params->neighbours != 0 ? check_ring(params, &p, given, reason)
                                   : SECAGG_OK;
}

secagg_err secagg_policy_check(const secagg_params *params,
    const secagg_policy *policy, char *why, size_t why_len)
{
    char reason[SA_REASON_BYTES] = "";
    secagg_params *resolved;
    secagg_err err = sa_params_copy(&resolved, params, reason);

    if (err == SECAGG_OK) {
        err = sa_policy_check(resolved, policy, reason);
        secagg_params_free(resolved);
    }
    sa_reason_copy(why, why_len, reason);
    return err;
}
