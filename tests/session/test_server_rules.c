/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of PROTOCOL.md 11.5: a state of a server that breaks it is MESSAGE,
 * although the right key seals it. A test breaks a rule in a copy of a server,
 * in memory, and saves that; so it needs no knowledge of the layout. */
#include <string.h>

#include "core/bits.h"
#include "core/mem.h"
#include "support/main.h"
#include "support/saved_server.h"

#define AT(phase) (1u << (phase))
#define KEYS AT(SECAGG_PHASE_KEYS)
#define SHARES AT(SECAGG_PHASE_SHARES)
#define INPUT AT(SECAGG_PHASE_INPUT)
#define CONFIRM AT(SECAGG_PHASE_CONFIRM)
#define UNMASK AT(SECAGG_PHASE_UNMASK)
#define DONE AT(SECAGG_PHASE_DONE)
#define FAILED AT(SECAGG_PHASE_FAILED)
#define LIVE (KEYS | SHARES | INPUT | CONFIRM | UNMASK)
#define EVERYWHERE (LIVE | DONE | FAILED)
#define FROM_U1 (SHARES | INPUT | CONFIRM | UNMASK)
#define FROM_U2 (INPUT | CONFIRM | UNMASK)
#define FROM_U3 (CONFIRM | UNMASK)

/* ---- each rule ---------------------------------------------------------- */

/* Returns false if the rule cannot be broken in this server. */
typedef bool breaking(secagg_server *s);

static bool has(const uint8_t *map, uint32_t i)
{
    return sa_bitmap_has(map, i);
}

static bool error_out_of_range(secagg_server *s)
{
    s->error = SECAGG_ERR_STATE;
    return true;
}

static bool no_reason(secagg_server *s)
{
    s->reason[0] = '\0';
    return true;
}

static bool confirm_without_active_mode(secagg_server *s)
{
    s->phase = SECAGG_PHASE_CONFIRM;
    return true;
}

static bool answered_but_not_in(secagg_server *s)
{
    sa_bitmap_add(s->answered, GONE);
    return !has(s->in, GONE);
}


static bool in_and_lost(secagg_server *s)
{
    sa_server_lose(s, 0, SECAGG_PHASE_KEYS, 0);
    return true;
}

static bool out_and_not_lost(secagg_server *s)
{
    s->losses[GONE].after_phase = 0;
    return !has(s->in, GONE);
}

static bool lost_in_another_phase(secagg_server *s)
{
    sa_server_lose(s, GONE, SECAGG_PHASE_INPUT, 0);
    return !has(s->in, GONE);
}

static bool lost_later_than_now(secagg_server *s)
{
    sa_server_lose(s, LATE, SECAGG_PHASE_DONE, 0);
    return !has(s->in, LATE);
}

static bool aborted_and_not_lost(secagg_server *s)
{
    sa_bitmap_add(s->aborted, 0);
    return true;
}

/* With an ABORT after its answer a client is in that phase's set, and in no
 * later one. */
static bool aborted_two_phases_before(secagg_server *s)
{
    sa_bitmap_add(s->aborted, STAGED);
    sa_server_lose(s, STAGED, SECAGG_PHASE_KEYS, 23);
    return true;
}

static bool silent_in_this_phase(secagg_server *s)
{
    sa_bitmap_remove(s->in, 0);
    sa_bitmap_remove(s->answered, 0);
    sa_server_lose(s, 0, s->phase, 0);
    return s->phase < SECAGG_PHASE_DONE;
}

static bool u1_too_small(secagg_server *s)
{
    for (uint32_t i = 0; i < s->params->min_set - 1; i++)
        if (!has(s->roster.map, i))
            return false;
    memset(s->roster.map, 0, sa_bitmap_bytes(CLIENTS));
    for (uint32_t i = 0; i < s->params->min_set - 1; i++)
        sa_bitmap_add(s->roster.map, i);
    memcpy(s->u2, s->roster.map, sa_bitmap_bytes(CLIENTS));
    memcpy(s->u3, s->roster.map, sa_bitmap_bytes(CLIENTS));
    return true;
}

static bool u2_beyond_u1(secagg_server *s)
{
    sa_bitmap_add(s->u2, GONE);
    return true;
}

static bool u3_beyond_u2(secagg_server *s)
{
    sa_bitmap_add(s->u3, LATE);
    return true;
}

static bool u3_too_small(secagg_server *s)
{
    sa_bitmap_remove(s->u3, 0);
    return true;
}

static bool u4_too_small(secagg_server *s)
{
    sa_bitmap_remove(s->in, 0);
    sa_bitmap_remove(s->answered, 0);
    sa_server_lose(s, 0, SECAGG_PHASE_CONFIRM, 0);
    sa_free(s->clients[0].confirm);
    s->clients[0].confirm = NULL;
    return true;
}

static bool point_of_low_order(secagg_server *s)
{
    memset(s->roster.enc[0], 0, 32);
    return has(s->roster.map, 0);
}

static bool point_not_canonical(secagg_server *s)
{
    memset(s->roster.mask[0], 0xff, 32);
    return has(s->roster.map, 0);
}

static bool one_point_for_two(secagg_server *s)
{
    memcpy(s->roster.mask[0], s->roster.enc[1], 32);
    return has(s->roster.map, 0) && has(s->roster.map, 1);
}

static bool identity_not_valid(secagg_server *s)
{
    memset(s->roster.id[0], 0, 32);
    return has(s->roster.map, 0);
}

static bool one_identity_for_two(secagg_server *s)
{
    memcpy(s->roster.id[0], s->roster.id[1], 32);
    return has(s->roster.map, 0) && has(s->roster.map, 1);
}

static bool long_credential(secagg_server *s)
{
    const size_t len = SECAGG_CREDENTIAL_MAX + 1;

    sa_free(s->clients[0].credential);
    s->clients[0].credential = sa_alloc(len, 1);
    s->roster.credential[0] = (sa_bytes){ s->clients[0].credential, len };
    return has(s->roster.map, 0);
}

static bool trusted_key_not_valid(secagg_server *s)
{
    memset(s->trust.keys[2], 0, 32);
    return true;
}

static bool one_trusted_key_for_two(secagg_server *s)
{
    memcpy(s->trust.keys[2], s->trust.keys[3], 32);
    return true;
}

static bool complaint_of_nobody(secagg_server *s)
{
    const uint32_t at = sa_server_peer_position(s, 0, GONE);

    if (s->clients[0].complaints == NULL || at == s->peer_count
        || sa_server_peers(s, 0)[at] != GONE)
        return false;
    sa_bitmap_add(s->clients[0].complaints, at);
    return true;
}

static bool complaints_of_all(secagg_server *s)
{
    const uint32_t *peers = sa_server_peers(s, 0);

    if (s->clients[0].complaints == NULL)
        return false;
    for (uint32_t i = 0; i < s->peer_count; i++)
        if (has(s->u2, peers[i]))
            sa_bitmap_add(s->clients[0].complaints, i);
    return true;
}

static bool complaints_without_input(secagg_server *s)
{
    if (s->clients[1].complaints != NULL)
        return false;
    s->clients[1].complaints = sa_alloc(sa_bitmap_bytes(s->peer_count), 1);
    return true;
}

static bool input_without_complaints(secagg_server *s)
{
    sa_free(s->clients[0].complaints);
    s->clients[0].complaints = NULL;
    return has(s->answered, 0);
}

static bool part_of_no_blocks(secagg_server *s)
{
    if (s->clients[STAGED].staging == NULL)
        return false;
    s->clients[STAGED].staging->parts->blocks = 0;
    return true;
}

static bool parts_of_all_blocks(secagg_server *s)
{
    sa_staging *staging = s->clients[STAGED].staging;
    const size_t size = (size_t)s->params->vector;
    sa_staged_part *part;

    if (staging == NULL)
        return false;
    part = sa_alloc(sizeof *part + size, 1);
    ck_assert_ptr_nonnull(part);
    sa_staging_append(staging, part,
        (uint32_t)(s->params->lanes.blocks - staging->blocks));
    return true;
}

static bool no_parts(secagg_server *s)
{
    if (s->clients[STAGED].staging == NULL)
        return false;
    sa_free(s->clients[STAGED].staging->parts);
    *s->clients[STAGED].staging = (sa_staging){ 0 };
    return true;
}

static bool parts_and_an_answer(secagg_server *s)
{
    sa_bitmap_add(s->answered, STAGED);
    return s->clients[STAGED].staging != NULL;
}

/* The first opened share of a dealer; the holder's position. */
static bool find_opened(secagg_server *s, uint32_t *at)
{
    for (*at = 0; *at < s->peer_count; ++*at)
        if (has(s->clients[0].opened, *at))
            return true;
    return false;
}

static bool opened_share_over_ell(secagg_server *s)
{
    uint32_t at;

    if (!find_opened(s, &at))
        return false;
    memset(sa_server_share(s, 0, at, sa_server_kind(s, 0)), 0xff, 32);
    return true;
}

static bool opened_in_spite_of_a_complaint(secagg_server *s)
{
    uint32_t at, holder;

    if (!find_opened(s, &at))
        return false;
    holder = sa_server_peers(s, 0)[at];
    sa_bitmap_add(s->clients[holder].complaints,
        sa_server_peer_position(s, holder, 0));
    return true;
}

static bool own_share_over_ell(secagg_server *s)
{
    memset(s->clients[0].own_share, 0xff, 32);
    return has(s->answered, 0);
}

static bool compared_beyond_the_message(secagg_server *s)
{
    s->clients[0].accepted.compared = s->clients[0].accepted.len + 1;
    return has(s->answered, 0);
}

static void blame(secagg_server *s, uint32_t index, secagg_err error)
{
    s->blames[s->blame_count++] = (sa_blame){ index, error };
}

static bool blames_nobody(secagg_server *s)
{
    blame(s, CLIENTS, SECAGG_ERR_AUTH);
    return true;
}

static bool blames_one_twice(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_AUTH);
    blame(s, 1, SECAGG_ERR_AUTH);
    return true;
}

static bool blames_with_another_error(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_THRESHOLD);
    return true;
}

static bool blames_a_cheat_too_early(secagg_server *s)
{
    blame(s, 1, SECAGG_ERR_CHEAT);
    return true;
}

static void dispute(secagg_server *s, uint32_t dealer, uint32_t holder)
{
    sa_dispute *d = sa_realloc_wipe(s->disputes, s->dispute_count + 1u,
        sizeof *d);

    ck_assert_ptr_nonnull(d);
    s->disputes = d;
    d[s->dispute_count++] = (sa_dispute){ dealer, holder };
}

static bool dispute_with_oneself(secagg_server *s)
{
    dispute(s, 1, 1);
    return true;
}

static bool dispute_of_nobody(secagg_server *s)
{
    dispute(s, 1, CLIENTS);
    return true;
}

static bool disputes_not_ascending(secagg_server *s)
{
    dispute(s, 1, 0);
    dispute(s, 0, 1);
    return true;
}

static bool one_dispute_twice(secagg_server *s)
{
    dispute(s, 0, 1);
    dispute(s, 0, 1);
    return true;
}

static bool dispute_with_one_that_dealt_nothing(secagg_server *s)
{
    dispute(s, 0, GONE);
    return true;
}

/* A build with one suite has no such masks. */
#if FIRST_SUITE == 1
static bool masks_of_another_suite(secagg_server *s)
{
    secagg_masks_free(s->aggregate.masks);
    OK(secagg_masks_new(&s->aggregate.masks, 3 - s->params->own.suite));
    return true;
}
#endif

typedef struct rule {
    breaking *break_it;
    int forms;
    unsigned at; /* phases in which it can be broken */
} rule;

static const rule rules[] = {
    { error_out_of_range, ALL, FAILED },
    { no_reason, ALL, FAILED },
    { confirm_without_active_mode, COMPLETE | RING, UNMASK },
    { answered_but_not_in, ALL, FROM_U1 | DONE | FAILED },
    { in_and_lost, ALL, LIVE | DONE },
    { out_and_not_lost, ALL, FROM_U1 | DONE | FAILED },
    { lost_in_another_phase, ALL, FROM_U1 },
    { lost_later_than_now, ALL, FROM_U2 | DONE },
    { aborted_and_not_lost, ALL, EVERYWHERE },
    { aborted_two_phases_before, ALL, FROM_U3 },
    { silent_in_this_phase, ALL, LIVE },
    { u1_too_small, ALL, FROM_U1 },
    { u2_beyond_u1, ALL, FROM_U2 },
    { u3_beyond_u2, ALL, FROM_U3 },
    { u3_too_small, ALL, FROM_U3 | DONE },
    { u4_too_small, ACTIVE, UNMASK },
    { point_of_low_order, ALL, LIVE },
    { point_not_canonical, ALL, LIVE },
    { one_point_for_two, ALL, LIVE },
    { identity_not_valid, ACTIVE, LIVE },
    { one_identity_for_two, ACTIVE, LIVE },
    { long_credential, ACTIVE, KEYS | SHARES },
    { trusted_key_not_valid, ACTIVE, KEYS },
    { one_trusted_key_for_two, ACTIVE, KEYS },
    { complaint_of_nobody, ALL, FROM_U2 },
    { complaints_of_all, ALL, FROM_U2 },
    { complaints_without_input, ALL, INPUT },
    { input_without_complaints, ALL, INPUT },
    { part_of_no_blocks, ALL, INPUT },
    { parts_of_all_blocks, ALL, INPUT },
    { no_parts, ALL, INPUT },
    { parts_and_an_answer, ALL, INPUT },
    { opened_share_over_ell, ALL, UNMASK },
    { opened_in_spite_of_a_complaint, ALL, UNMASK },
    { own_share_over_ell, ALL, UNMASK },
    { compared_beyond_the_message, ALL, LIVE },
    { blames_nobody, ALL, FROM_U3 | DONE | FAILED },
    { blames_one_twice, ALL, FROM_U3 | DONE | FAILED },
    { blames_with_another_error, ALL, FROM_U3 | DONE | FAILED },
    { blames_a_cheat_too_early, ACTIVE, CONFIRM },
    { dispute_with_oneself, ALL, FROM_U3 | DONE | FAILED },
    { dispute_of_nobody, ALL, FROM_U3 | DONE | FAILED },
    { disputes_not_ascending, ALL, FROM_U3 | DONE | FAILED },
    { one_dispute_twice, ALL, FROM_U3 | DONE | FAILED },
    { dispute_with_one_that_dealt_nothing, ALL, FROM_U3 },
#if FIRST_SUITE == 1
    { masks_of_another_suite, ALL, DONE },
#endif
};

#define RULES (sizeof rules / sizeof *rules)

static uint32_t broken[RULES]; /* how often */

static void check_rules(driver *r, int form)
{
    const sealed s = saved_save(r->server);

    for (size_t k = 0; k < RULES; k++) {
        secagg_server *copy;
        sealed bad;
        if (!(rules[k].forms & form)
            || !(rules[k].at & AT(secagg_server_phase(r->server))))
            continue;
        OK(secagg_server_resume(&copy, s.bytes, s.len, saved_key, 0, NULL));
        if (rules[k].break_it(copy)) {
            saved_complete(copy);
            bad = saved_save(copy);
            ck_assert_msg(saved_error(bad.bytes, bad.len, 0, NULL)
                == SECAGG_ERR_MESSAGE, "rule %zu, form %d, phase %d", k, form,
                (int)secagg_server_phase(r->server));
            free(bad.bytes);
            broken[k]++;
        }
        secagg_server_free(copy);
    }
    free(s.bytes);
}

START_TEST(a_state_that_breaks_a_rule_is_rejected)
{
    saved_visit(check_rules);
    for (size_t k = 0; k < RULES; k++)
        ck_assert_msg(broken[k] > 0, "rule %zu", k);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_state_that_breaks_a_rule_is_rejected };

    if (FIRST_SUITE != 1)
        puts("left out: 1"); /* the rule about suites */
    return RUN(tests);
}
