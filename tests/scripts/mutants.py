# SPDX-License-Identifier: Apache-2.0
"""Mutation tests: apply one faulty change to lib/ at a time and check that the
vectors or a selection of tests fail. A change is alive if all of them pass.

usage: mutants.py SOURCE MAKE [WORD...]

With WORDs, only changes of files whose names contain one of them are tried."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

QUICK = ("session active complaints session_order client_aborts params pieces"
         " identities credentials ring disputes spent saved_state state_rules"
         " save_before_send refusals_server refusals_client params_resolve"
         " segments typed_input aggregate_checks fork")

# File, text that occurs once in it, replacement. The tests of the module run
# beside the quick ones.
MUTANTS = (
    # labels and contexts of the key schedule
    ("key_schedule.c", '"enc key"', '"Enc key"'),
    ("key_schedule.c", 'prk, "mask root"', 'prk, "maskroot"'),
    ("key_schedule.c", '"mask key"', '"mask  key"'),
    ("key_schedule.c", '"self root"', '"self rool"'),
    ("key_schedule.c", '"poly"', '"polY"'),
    ("key_schedule.c", '"rounding"', '"Rounding"'),
    ("key_schedule.c", '"pair mask"', '"pair masks"'),
    ("key_schedule.c", '"self mask"', '"pair mask"'),
    ("key_schedule.c", '"graph"', '"graphs"'),
    ("key_schedule.c", '"LSA1 com"', '"LSA1 set"'),
    ("key_schedule.c", "sa_put_be32(context + 8, a < b ? a : b);",
     "sa_put_be32(context + 8, a);"),
    ("key_schedule.c", "a < b ? point_a : point_b, 32",
     "a < b ? point_b : point_a, 32"),
    ("key_schedule.c", "memcpy(context + 80, h_u2, 32);",
     "memset(context + 80, 0, 32); (void)h_u2;"),
    ("key_schedule.c", "head[72] = (uint8_t)set;",
     "head[72] = (uint8_t)(set & 2);"),
    ("key_schedule.c", "memcpy(head + 40, app_digest, 32);",
     "memset(head + 40, 0, 32); (void)app_digest;"),
    ("key_schedule.c", "sa_put_be64(out + SECAGG_DIGEST_BYTES, binding->round);",
     "sa_put_be64(out + SECAGG_DIGEST_BYTES, 0);"),
    ("share_key.c", 'prk, "share"', 'prk, "shares"'),
    ("share_key.c", "sa_put_be32(context + 9, dealer);",
     "sa_put_be32(context + 9, holder);"),
    ("share_key.c", "memcpy(context + 17, dealer_point, 32);",
     "memcpy(context + 17, holder_point, 32);"),
    ("share_seal.c", "ad[40] = (uint8_t)id->kind;", "ad[40] = 0;"),
    ("share_seal.c", "sa_put_be32(ad + 45, id->holder);",
     "sa_put_be32(ad + 45, id->dealer);"),
    ("share_seal.c", "authentic && sa_sc_decode(&scalar, opened)",
     "authentic && (sa_sc_decode(&scalar, opened) || true)"),
    ("provider_openssl.c", "strlen(label) + 1) != 1", "strlen(label)) != 1"),
    ("provider_openssl.c", "memory_or(failure) != failure", "false"),
    ("provider_openssl.c", "    (void)ERR_pop_to_mark();\n    errno",
     "    errno"),
    ("provider_openssl.c", "*saved = errno;\n    (void)ERR_set_mark();\n",
     "*saved = errno;\n"),
    ("provider_openssl.c", "        return SECAGG_OK;\n    drop_errors();\n",
     "        return SECAGG_OK;\n"),
    ("provider_openssl.c", "OPENSSL_init_crypto(0, NULL) != 1", "false"),
    ("provider_openssl.c", "OSSL_LIB_CTX_get0_global_default() != NULL",
     "true"),
    ("mem.c", "    errno = saved;\n    return ptr;", "    return ptr;"),
    ("mem.c", "if (sa_system_random(probe, sizeof probe))", "if (true)"),
    ("params.c", '"LSA1 ctx"', '"LSA1 CTX"'),
    ("identity.c", '"LSA1 keys"', '"LSA1 key"'),
    ("identity.c", '"LSA1 confirm"', '"LSA1 Confirm"'),
    ("identity.c", "    put(s, u3);", "    put(s, u2); (void)u3;"),
    ("identity.c", "put_u32(s, (uint32_t)(round >> 32));", "put_u32(s, 0);"),
    ("identity.c", "other == trust->n, SECAGG_ERR_ARG", "true, SECAGG_ERR_ARG"),
    ("identity.c", "SA_REQUIRE(trust->count == 0 && ", "SA_REQUIRE("),
    ("identity.c", "return trust->declared_whole || keys == trust->n;",
     "return keys == trust->n;"),
    ("identity.c", "key != NULL || is_whole(trust)", "key != NULL"),
    ("identity.c", '"LSA1 credential"', '"LSA1 credentials"'),
    ("identity.c", "answer != SECAGG_ERR_STATE,", "answer != SECAGG_ERR_ARG,"),
    ("identity.c", "    return sa_ed25519_verify(signature, msg->text, msg->len, "
     "signer->id);", "    return SECAGG_OK;"),
    ("ed25519.c", "!verifies_with_cofactor()", "true"),
    ("ed25519.c", "uses_cofactor() ? WITH : WITHOUT", "WITHOUT"),
    ("ed25519.c", "        && memcmp(multiple, point, sizeof multiple) == 0;",
     "        ;"),
    ("msg_identity.c", "if (identity->credential.len > SECAGG_CREDENTIAL_MAX)",
     "if (false)"),
    ("client_recv.c", "SA_REQUIRE(distinct,", "SA_REQUIRE(true,"),
    ("client_recv.c", "SA_TRY(check_others(c, msg, check_signature));", ""),
    ("client_recv.c", "identity->credential.len == c->credential_len",
     "true"),
    ("server_recv.c", "!sa_roster_has_id(&s->roster, from, identity->id)",
     "true"),
    ("server_recv.c", "    return sa_trust_ask(&s->trust, from, identity);",
     "    return SECAGG_OK;"),
    ("identity.c", "SA_REQUIRE(trust->verify == NULL,", "SA_REQUIRE(true,"),
    # roster
    ("roster.c", "head[5] = { 0x00 }", "head[5] = { 0x01 }"),
    ("roster.c", "sa_put_be16(len, (uint16_t)identity.credential.len);", ""),
    ("roster.c", "{ 0x01 };\n    const sa_bytes part",
     "{ 0x00 };\n    const sa_bytes part"),
    ("roster.c", "while (2 * left < count)", "while (2 * left <= count)"),
    ("roster.c", '"LSA1 roster"', '"LSA1 roster "'),
    ("roster.c", "sa_put_be32(count, present);",
     "sa_put_be32(count, 0); (void)present;"),
    # points and keys
    ("x25519.c", "return point[0] < 0xed;", "return point[0] <= 0xed;"),
    ("x25519.c", "return point[31] < 0x7f;", "return true;"),
    ("x25519.c", "0x9f, 0x11, 0x57 },", "0x9f, 0x11, 0x56 },"),
    # ciphers
    ("suite.c", "*cipher = SA_CHACHA20;", "*cipher = SA_AES_128_CTR;"),
    ("provider_openssl.c", "(uint32_t)(offset / 64)",
     "(uint32_t)(offset / 16)"),
    # shares
    ("shamir.c", "stream + WIDE * (i - 1)", "stream + 32 * (i - 1)"),
    ("shamir.c", "sa_sc_eval(values, count, 1, coefs, threshold);",
     "sa_sc_eval(values, count, 2, coefs, threshold);"),
    ("shamir.c", "if (set->odd_below[x])",
     "if (!set->odd_below[x])"),
    ("shamir.c", "multiply(&q, set->gaps[i]);",
     "multiply(&q, set->gaps[i] + 1);"),
    ("shamir.c", "&set->inverse[set->max - x]",
     "&set->inverse[x - 1]"),
    ("shamir.c", "rank >= SECAGG_SHARES_MAX ||",
     "rank > SECAGG_SHARES_MAX ||"),
    ("shamir.c", "|| sa_bitmap_has(set->present, rank))", ")"),
    ("scalar.c", "fold(f, 9, 137);", "fold(f, 9, 136);"),
    ("scalar.c", "fold(f, 8, 133);", "fold(f, 8, 132);"),
    ("scalar.c", "fold(f, 7, 10);", "fold(f, 7, 9);"),
    ("scalar.c", "order[i] & keep, &carry)", "order[i] & ~keep, &carry)"),
    ("scalar.c", "sum->v[8] += add_product", "(void)add_product"),
    ("client.c", "c->unsaved = c->rebuild = false;", "c->unsaved = false;"),
    ("client.c", "    SA_TRY(require_process(c));\n", ""),
    ("client_save.c", "c->process == sa_process_id()", "true"),
    ("server.c", "    SA_TRY(require_process(s));\n    SA_TRY(require_run",
     "    SA_TRY(require_run"),
    ("server.c", "    SA_TRY(require_process(s));\n    DEMAND",
     "    DEMAND"),
    ("server_layout.c", "            sa_bitmap_add(s->blamed, s->blames",
     "            (void)(s->blames"),
    ("share_set.c", "if (set->dual_words[i].count == set->count)",
     "if (set->dual_words[i].count > 0)"),
    ("share_set.c", "set->count == set->cached_count", "true"),
    ("share_recovery.c", "(r->all.count - r->all.threshold) / 2);",
     "(r->all.count - r->all.threshold + 1) / 2);"),
    ("share_recovery.c", "marks[r->suspects[i]] == marked",
     "marks[r->suspects[i]] != marked"),
    ("share_recovery.c", "    if (r->found)\n", "    if (false)\n"),
    ("share_recovery.c", "        return sa_share_set_join(&r->most,",
     "        *consistent = true;\n        return sa_share_set_join(&r->most,"),
    ("small_points.c", "best()->sums(sums, groups[i].y, groups[i].x, n);",
     "best()->sums(sums, groups[i].y, groups[i].x, n - 1);"),
    ("reed_solomon.c", "i <= d->previous_length &&",
     "i < d->previous_length &&"),
    ("reed_solomon.c", "return found == d->length ?",
     "return found + 1 >= d->length ?"),
    # graph
    ("graph.c", "SA_TRY(uniform(s, i + 1, &j));",
     "SA_TRY(uniform(s, i, &j));"),
    ("graph.c", "while (word > UINT32_MAX - excess);",
     "while (word > UINT32_MAX);"),
    ("graph.c", "return rank + count_below(g->at, holders - stretch, holder);",
     "return rank;"),
    ("graph.c", "cuts += gap >= g->k / 2;", "cuts += gap > g->k / 2;"),
    ("graph.c", "return cuts <= 1;", "return cuts <= 2;"),
    ("graph.c", "for (uint32_t i = 1; i <= g->n; i++)",
     "for (uint32_t i = 1; i < g->n; i++)"),
    # masks
    ("mask.c", '"stream", &context', '"streams", &context'),
    ("mask.c", "context = (uint8_t)bits;", "context = (uint8_t)(bits & 0);"),
    ("mask.c", "minus ? UINT64_MAX : 0", "minus ? 0 : UINT64_MAX"),
    ("mask.c", "if (record[0] > 1)", "if (record[0] > 2)"),
    ("mask.c", '"LSAM"', '"LSAN"'),
    # encoding
    ("rounding.c", "context = (uint8_t)bits;",
     "context = (uint8_t)(bits & 0);"),
    ("fixed_backend.h", "NEAREST 0x7fffffff", "NEAREST 0x80000000"),
    ("fixed_backend.h", "(1 + 0x1p-18F)", "(1 + 0.0F)"),
    ("fixed_portable.c", "(double)rnd + 1 <= fraction",
     "(double)rnd <= fraction"),
    ("fixed.c", "scale = zero / s->clip;", "scale = (zero + 1) / s->clip;"),
    ("fixed.c", "s->bits <= 24", "s->bits <= 25"),
    ("fixed.c", "factor >= 0x1p-60", "factor >= 0x1p-600"),
    ("fixed.c", "(double)max_float >= s->clip &&", ""),
    ("fixed.c", "low = low >> 1 | high << 63 | lost;",
     "low = low >> 1 | high << 63; (void)lost;"),
    ("fixed.c", "* (segment->clip / (double)zero)",
     "* segment->clip / (double)zero"),
    ("fixed.c", "top > zero ? zero : top", "top"),
    ("fixed.c", "sa_fixed_is_real(s) ? all - 1 : all", "all"),
    ("fixed_portable.c", "((steps ^ negative) - negative)",
     "(steps ^ negative)"),
    ("fp_env.c", "MXCSR_DEFAULT 0x1f80U", "MXCSR_DEFAULT 0x1fc0U"), # DAZ
    ("fp_env.c", "MXCSR_DEFAULT 0x1f80U", "MXCSR_DEFAULT 0x9f80U"), # FTZ
    ("fp_env.c", "MXCSR_DEFAULT 0x1f80U", "MXCSR_DEFAULT 0x5f80U"), # up
    ("fp_env.c", "_mm_setcsr((unsigned)*host);", "(void)host;"),
    ("server_aggregate.c", "weight < survivors * own->min_weight", "false"),
    ("server_aggregate.c", "weight > survivors * own->max_weight", "false"),
    ("sum_format.c", "negative |= in->wide[from + i] < d->shift;",
     "negative |= in->wide[from + i] <= d->shift;"),
    ("sum_format.c", "!is_unsigned || all >> 63 == 0",
     "!is_unsigned || all >> 63 <= 1"),
    ("sum_format.c", "d->finite || sa_fixed_finite_f32(to, count)",
     "true"),
    ("server_aggregate.c", "if (sa_sum_is_possible(r->decoder, block, first, count)\n",
     "if (sa_sum_is_possible(r->decoder, block, first, 0)\n"),
    ("sum_format.c", "d->format == format && ", ""),
    ("sum_format.c", "\n        && sa_fixed_same_encoding(d->segment, s)", ""),
    ("server_aggregate.c", "from - r->place + k);", "from - r->place);"),
    ("server_aggregate.c", "    if (err != SECAGG_ERR_VALUE)\n",
     "    if (true)\n"),
    ("input_check.c", "(weight < own->min_weight) |", ""),
    ("integers.c", "all |= values[i] + shift;",
     "all |= values[i] + 0 * shift;"),
    ("integers.c", "s->value_bits - (s->kind == SECAGG_SIGNED)",
     "s->value_bits"),
    ("params_check.c", "s->kind == SECAGG_SIGNED ? 2 : 1", "1"),
    ("params_check.c", "bits << 1 == 0", "bits == 0"),
    ("params_check.c", "p->min_weight <= (p->max_weight > 0)",
     "p->min_weight <= 1"),
    ("fixed.c", "ldexp(1.0, 500)", "ldexp(1.0, 501)"),
    ("sum_format.c", "<< (d->segment->bits - 1)", "<< (d->segment->bits % 64)"),
    # parameters
    ("params_check.c", "n <= SA_COMPLETE_MAX", "n <= SA_COMPLETE_MAX + 1"),
    ("params_check.c", "n <= SA_ACTIVE_MAX", "n <= SA_ACTIVE_MAX + 1"),
    ("params_check.c", "2 * (uint64_t)p->threshold >",
     "2 * (uint64_t)p->threshold >="),
    ("params_check.c", "p->min_survivors - 2 >= p->corrupt",
     "p->min_survivors - 1 >= p->corrupt"),
    ("params_check.c", "? p->neighbours + 1\n", "? p->neighbours\n"),
    ("params_check.c", "? p->neighbours : p->clients;",
     "? p->neighbours + 1 : p->clients;"),
    ("params_check.c", "words_max = KEYSTREAM_MAX / SA_RND_BYTES",
     "words_max = KEYSTREAM_MAX / 2"),
    ("params_check.c", "length <= max - lanes->entries[bits]",
     "length <= max"),
    ("params_check.c", "if (p->max_weight > 0) /* the hidden",
     "if (false) /* the hidden"),
    # lanes
    ("lanes.c", "places[i] = entries[segments[i].bits];", "places[i] = 0;"),
    ("lanes.c", "lanes->blocks / SA_PARTS_MAX"
     " + (lanes->blocks % SA_PARTS_MAX != 0)",
     "lanes->blocks / SA_PARTS_MAX + 1"),
    ("lanes.c", "block < lane->blocks ?", "block <= lane->blocks ?"),
    ("params_check.c", "weighted ? p->max_weight : 1", "1"),
    ("params.c", "p->own.threshold > p->min_set", "p->own.threshold < p->min_set"),
    ("params.c", "segments[i].bits == 0 || bits >> 63 != 0",
     "segments[i].bits == 0"),
    ("params.c", "graph != (p->neighbours > 0)",
     "graph > 1"),
    ("policy.c", "#define CORRUPT_CAP 33", "#define CORRUPT_CAP 32"),
    ("policy.c", "return max_of(1, max_of(", "return max_of(0, max_of("),
    ("policy.c", "#define RING_DEFAULT 100", "#define RING_DEFAULT 99"),
    ("policy.c", "policy->min_survivors = max_of(a + 2,",
     "policy->min_survivors = max_of(a + 1,"),
    ("policy.c", "max_of(3, (n + a) / 2 + 1)", "max_of(3, (n + a) / 2)"),
    ("policy.c", "own->corrupt >= c_max,", "own->corrupt + 1 >= c_max,"),
    ("policy.c", ": max_of(own->min_survivors, own->threshold);",
     ": own->min_survivors;"),
    ("policy.c", "n >= p->min_ring,", "n + 1 >= p->min_ring,"),
    ("policy.c", "active || given->require_active == 0,", "true,"),
    ("policy.c", "else if (active && given->any_digest == 0)",
     "else if (given->any_digest == 0)"),
    ("policy.c", "DEMAND(sa_tails_cut_holds(n, k, own->threshold, p->corrupt,",
     "DEMAND(true || sa_tails_cut_holds(n, k, own->threshold, p->corrupt,"),
    ("tails.c", "return gamma > 0 && count == 0 ? 1 : count;",
     "return count;"),
    ("tails.c", "bound_for_each(n, security_bits + 1)",
     "bound_for_each(n, security_bits)"),
    ("tails.c", "sa_tails_quantile(n - 1, corrupt", "sa_tails_quantile(n, corrupt"),
    ("tails.c", "low = t > half + 1 ? t - 1 - half : 0",
     "low = t > half ? t - half : 0"),
    ("tails.c", "gap = k > dropouts ? k - dropouts : 1",
     "gap = k > dropouts ? k - dropouts : 0"),
    ("tails.c", "(n - k - 1.0) / 2;", "(n - k - 1.0) / 4;"),
    ("params_choose.c", "t_low = (c + k + 1) / 2 + 1;",
     "t_low = (c + k) / 2 + 1;"),
    ("params_choose.c", "least_threshold(n, k, t_low, k - d, g);", "k - d;"),
    ("params_choose.c", "threshold = (n + g->corrupt) / 2 + 1;",
     "threshold = (n + g->corrupt + 1) / 2;"),
    ("params_choose.c", "g->corrupt = max_of(g->corrupt, p.corrupt);", ""),
    ("params_choose.c", "max_of(g->security_bits, SA_POLICY_BITS)",
     "g->security_bits"),
    # headers and layouts
    ("msg_header.c", "h->flags == 0 && h->cell == 0", "h->flags == 0"),
    ("msg_header.c", "DEMAND(h->round == own->round,", "DEMAND(true,"),
    ("msg_header.c", "h->part == 0 || h->type == SA_MSG_INPUT_PART", "true"),
    ("msg_header.c", "SA_REQUIRE(index >= min,", "SA_REQUIRE(true,"),
    ("msg_part.c", "SA_REQUIRE(msg->first == first,", "SA_REQUIRE(true,"),
    ("msg_part.c", "msg->blocks >= min ||", "true ||"),
    ("msg_part.c", "|| msg->blocks == left,", ","),
    # the server
    ("server_recv.c", "DEMAND(!sa_ct_equal(msg->enc, msg->mask, 32),",
     "DEMAND(true,"),
    ("server_recv.c", "\n            && !sa_roster_holds(&s->roster, from, msg->mask),",
     ","),
    ("server_recv.c", "dealers - count >= s->params->own.threshold",
     "dealers - count + 1 >= s->params->own.threshold"),
    ("server_recv.c", "|| sa_bitmap_has(complaints, i))\n            continue;",
     ")\n            continue;"),
    ("server_recv.c", "DEMAND(sa_sc_decode(&own, msg->own),",
     "(void)own; DEMAND(true,"),
    ("server_disputes.c", "most > limit)", "most >= limit)"),
    ("server_disputes.c", "corrupt > 1 ? corrupt : 1;", "corrupt;"),
    ("server_disputes.c", "return d->dealer > d->holder\n", "return false\n"),
    ("server_disputes.c", "if (t->others[u] == most) {",
     "if (t->others[u] > 0 && most > 0) {"),
    ("server_disputes.c", "uncount(t, t->list[i].holder);", ";"),
    ("server_disputes.c", "            uncount(t, peers[i]);", "            ;"),
    ("server_disputes.c",
     "\n            && !sa_server_complains(s, peers[i], u))", ")"),
    ("server_recv.c", "|| s->clients[from].complaints != NULL\n", "\n"),
    ("server_recv.c", "s->phase != SECAGG_PHASE_INPUT || ", ""),
    ("server.c", "    if (sa_bitmap_has(s->aborted, to))\n        return NULL;",
     ""),
    ("server.c", "    if (!sa_bitmap_has(s->in, to))\n        return "
     "sa_server_send_out;", "    if (!sa_bitmap_has(s->in, to))\n        return "
     "NULL;"),
    ("server.c", "if (s->phase == SECAGG_PHASE_KEYS)\n        return SECAGG_OK;",
     "if (s->phase == SECAGG_PHASE_SHARES)\n        return SECAGG_OK;"),
    ("server.c", "DEMAND(!s->unsaved,", "DEMAND(true,"),
    ("server_status.c", "SA_REQUIRE(len >= map,", "SA_REQUIRE(len + 1 >= map,"),
    ("server_status.c", "i < map && s->phase < SECAGG_PHASE_DONE", "i < map"),
    ("server.c", "s->unsaved = s->generation > 0;", "s->unsaved = false;"),
    ("server.c", "    lose_silent(s, phase);\n    s->unsaved",
     "    if (err == SECAGG_OK)\n        lose_silent(s, phase);\n    s->unsaved"),
    ("server_status.c", ": SECAGG_ERR_MESSAGE;\n}",
     ": (secagg_err)-(int)code;\n}"),
    ("server_recv.c", "        sa_roster_remove(&s->roster, from);\n",
     "        (void)from;\n"),
    ("roster.c", "number != 0 && (number - 1) / 2 != index", "number != 0"),
    ("roster.c", "if (((at - first) & wrap) < ((at - empty) & wrap))",
     "if (first == at)"),
    ("roster.c", "        roster->table[empty] = roster->table[at];\n"
     "        empty = at;\n", "        break;\n"),
    ("server_save.c", "!sa_ct_equal(s->params->context, head->context, "
     "sizeof head->context)", "false"),
    ("server_save.c", "    s->unsaved = false;\n", ""),
    ("server_save.c", "    s->generation = head->generation;\n", ""),
    ("server_layout.c", "    sa_roster_restore(&s->roster);\n",
     "    s->roster.present = sa_bitmap_count(s->roster.map, s->roster.n);\n"),
    ("server_layout.c", "            sa_server_count_abort(s, "
     "s->losses[i].code);", "            (void)s->losses[i].code;"),
    ("server_layout.c", "sa_get_be16(bytes + 6) == s->params->own.suite",
     "true"),
    ("server_layout_client.c", "blocks < lanes->blocks - staging->blocks",
     "blocks <= lanes->blocks - staging->blocks"),
    ("server_layout_client.c", "compared <= len\n", "true\n"),
    ("server_layout_client.c", "sa_transfer_require(t, count > 0);", ""),
    ("server_check.c", "    SA_TRY(check_losses(s));\n", ""),
    ("server_check.c", "        SA_TRY(check_roster(s));\n", ""),
    ("server_check.c", "        SA_TRY(check_trust(s));\n", ""),
    ("server_check.c", "        SA_TRY(check_sets(s));\n", ""),
    ("server_check.c", "    SA_TRY(check_blames(s));\n", ""),
    ("server_check.c", "    return check_disputes(s);", "    return SECAGG_OK;"),
    ("server_check.c", "        || confirmed >= own->threshold", "        || true"),
    ("server_check.c", "if (is_next(s, lost, missed))", "if (lost < missed)"),
    ("server_check.c", "return !sent_input || dealers >=",
     "return !sent_input || dealers + 1 >="),
    ("server_check.c", "&& d->holder <= d[-1].holder", "&& false"),
    ("server.c", "DEMAND(!repeats, SECAGG_ERR_REPEAT, s,",
     "DEMAND(!repeats, SECAGG_ERR_STATE, s,"),
    ("server_repeat.c", "{ msg, len - planes }", "{ msg, len - planes - 1 }"),
    ("server_repeat.c", "{ msg, len - planes }", "{ msg, len }"),
    ("server_advance.c",
     "    SA_TRY(sa_server_judge_disputes(s));\n    SA_TRY(require_min_set(s, "
     "\"INPUT\"));", "    SA_TRY(require_min_set(s, \"INPUT\"));\n"
     "    SA_TRY(sa_server_judge_disputes(s));"),
    ("client.c", "client->parts > 0 ? SECAGG_SPENT_INPUT",
     "client->parts > 1 ? SECAGG_SPENT_INPUT"),
    ("client.c", "SA_REQUIRE(msg.complaint_count == 0,", "SA_REQUIRE(true,"),
    ("client.c", "SA_REQUIRE(msg.code != (uint32_t)-SECAGG_ERR_STATE, "
     "SECAGG_ERR_STATE,", "SA_REQUIRE(true, SECAGG_ERR_STATE,"),
    ("server_advance.c", "return require_holders(s, s->u3);",
     "return SECAGG_OK;"),
    ("server_advance.c", "return dealers >= sa_params_min_dealers(s->params);",
     "return dealers > 0;"),
    ("server_advance.c", "if (have >= s->params->min_set)",
     "if (have + 1 >= s->params->min_set)"),
    ("server_advance.c", "if (holders >= threshold)",
     "if (holders + 1 >= threshold)"),
    ("server_advance.c", "SA_TRY(require_connected(s));\n", ""),
    ("server_unmask.c", "v > u ? -1 : 1", "v > u ? 1 : -1"),
    ("server_unmask.c", "err == SECAGG_OK && !consistent)\n", "false)\n"),
    ("server_unmask.c", "(err == SECAGG_OK && !valid)", "false"),
    ("server_state.c", "    sa_bitmap_add(s->blamed, index);\n", ""),
    ("server_part.c", "part = sa_alloc(sizeof *part + size, 1);",
     "part = sa_alloc(sizeof *part + (size_t)s->params->vector, 1);"),
    ("sum_cache.c", "|| end > cache->end)", ")"),
    ("sum_cache.c", "sa_planar_at(at - cache->start,", "sa_planar_at(0,"),
    ("sum_cache.c", " && cache->narrow == narrow)", ")"),
    ("sum_cache.c", "cache->unpacked == at + 1", "cache->unpacked > 0"),
    ("server.c", "? SA_MEAN_F32 : SA_MEAN_F64", "? SA_SUM_F32 : SA_SUM_F64"),
    # the client
    ("input_buffer.c", "    if (blocks < sa_lanes_min_part(&input->params->lanes)\n"
     "        || blocks > UINT32_MAX)\n", "    if (blocks > UINT32_MAX)\n"),
    ("input_piece.c",
     "\n            && count <= due.count - (p->entry - due.offset),", ","),
    # refusals
    ("reason.c", "error > SECAGG_ERR_MEMORY && ", ""),
    ("reason.c", "    refusal->draft[0] = refusal->about[0] = '\\0';\n", ""),
    ("reason.c", "    refusal->clause = NULL;\n", ""),
    ("msg_peek.c", "if (info->size != sizeof *info)", "if (false)"),
    ("msg_peek.c", "sa_suite_cipher(&cipher, header.suite) != SECAGG_OK",
     "false"),
    ("intervals.c", "set->count > 0 && set->items[0].start == 0 ?",
     "set->count > 0 ?"),
    ("input_due.c", "s->bits != lane->bits ||", "false ||"),
    ("policy.c", "given->min_survivors == 0)", "false)"),
    ("server.c", "    SA_TRY(require_phase(s, type));\n    if (s->phase",
     "    if (s->phase"),
    ("client.c", "type == accepted_type(c)", "false"),
    ("input_check.c", "            first += half;\n", ""),
    ("input_check.c", "            count -= half;\n", "            count = half;\n"),
    ("input_check.c", "place->offset + first_refused(",
     "first_refused("),
    ("input_check.c", "if (all_allowed(values, s))",
     "if (true)"),
    ("input_check.c", "return is_signed ?", "return !is_signed ?"),
    ("fixed.h", " && a->value_bits == b->value_bits\n", "\n"),
    ("fixed.h",
     "memcmp(&a->clip, &b->clip, sizeof a->clip) == 0", "true"),
    ("fixed.h", "return a->kind == b->kind &&", "return"),
    ("values.c", "{ SECAGG_I64, 8, false,", "{ SECAGG_I64, 8, true,"),
    ("values.c", "finite_16(in, count, 0x7f80)",
     "finite_16(in, count, 0x7c00)"),
    ("values.c", "    sa_wipe(&run->wide, 8 * run->count);\n", ""),
    ("values.c", "(uint32_t)(int32_t)x)\nWIDEN(u8_to_u32,",
     "(uint8_t)x)\nWIDEN(u8_to_u32,"),
    ("fixed_portable.c", "float_of(subnormal & (113U << 23))", "0"),
    ("intervals.h", "\n        || start + count < start)", ")"),
    ("input_buffer.c", "    input->missing -= count;\n", ""),
    ("input_buffer.c",
     "\n            - has_hidden(input, l->lane, &l->part);", ";"),
    ("input_buffer.c", "sa_input_lane_flush(&input->lanes[i]);", "(void)i;"),
    ("input_lane.h", "if (entry != l->from + l->count ||", "if ("),
    ("client_input.c", "c->index > peer->index ? 1 : -1",
     "c->index > peer->index ? -1 : 1"),
    ("client_recv.c", "1 + count_valid(c, &msg);",
     "2 + count_valid(c, &msg);"),
    ("client_recv.c", "DEMAND(all <= c->present,", "DEMAND(all <= c->present + 1,"),
    ("client_recv.c", "DEMAND(distinct,", "DEMAND(true,"),
    ("client_recv.c", "DEMAND(sa_x25519_valid(e->enc) &&", "DEMAND("),
    ("client_recv.c", "ENOUGH(1 + msg->count - count >=",
     "ENOUGH(1 + msg->count >="),
    ("client_recv.c", "&& !c->peers[i].complaint;", ";"),
    ("client_recv.c", "!sa_graph_connected(&graph, u3)", "false"),
    ("client_recv.c", "msg->present >= c->params->min_set",
     "msg->present + 1 >= c->params->min_set"),
    ("client_recv.c", "ENOUGH(msg->count >= c->params->own.threshold,",
     "ENOUGH(true,"),
    ("client_recv.c", "DEMAND(sa_bitmap_is_subset(msg.map, c->u2, "
     "own->clients),", "DEMAND(true,"),
    ("client_recv.c", "if (by.index == c->index)", "if (false)"),
    ("client_send.c", "? SA_KIND_SELF\n", "? SA_KIND_MASK\n"),
    # saved states
    ("state_seal.c", 'derive(derived, "save key", head, key);\n    if (err ==',
     'derive(derived, "save nonce", head, key);\n    if (err =='),
    ("state_seal.c", "version != VERSION\n        || zero != 0)",
     "version != VERSION)"),
    ("state_seal.c", "return head->generation >= wanted",
     "return head->generation + 1 >= wanted"),
    ("state_seal.c", "wanted->index != (int64_t)head->index", "false"),
    ("client_recv.c", "    sa_wipe(c->secret.prk, sizeof c->secret.prk);\n",
     ""),
    ("client_send.c", "        sa_wipe(c->secret.poly_seed, "
     "sizeof c->secret.poly_seed);\n", ""),
    ("client.c", "c->generation > 0 && !again;", "false && !again;"),
    ("client.c", "c->generation > 0 && !again;", "c->generation > 0;"),
    ("client_supply.c", "|| !c->held,\n", "|| true,\n"),
    ("client.c", "    if (c->phase == SECAGG_PHASE_INPUT && !c->input.finished)\n"
     "        c->due = false;\n", ""),
    ("params.c", "if (sa_read_u16(r) != 0 || p->suite == 0",
     "if (sa_read_u16(r) > 8 || p->suite == 0"),
    ("client_save.c", "!sa_ct_equal(c->params->context, head->context,\n"
     "            sizeof head->context)", "false"),
    ("client_check.c", "return rule(c->built == (c->parts == all));",
     "return SECAGG_OK;"),
    ("client_check.c", "    SA_TRY(check_scalar(c->secret.self_secret));\n",
     ""),
    ("client_check.c", "        SA_TRY(check_derived(c));\n", ""),
    ("client_check.c", "    return distinct && ids ?", "    return ids ?"),
    ("client_check.c", "(ring ? count <= c->present : count == c->present)",
     "(count <= c->present)"),
    ("client_check.c", "if ((in && !p->present) || (p->complaint && !in))",
     "if (in && !p->present)"),
    ("client_check.c", "    SA_TRY(check_roster_root(c, roster));\n", ""),
    ("client_check.c", "rule(sa_ct_equal(digest, c->binding.roster, sizeof digest))",
     "SECAGG_OK"),
    ("client_check.c", "        SA_TRY(check_signatures(c));\n", ""),
    ("client_check.c", "    SA_TRY(check_last(c));\n", ""),
    ("client_check.c", "type == expected && c->message_len == size",
     "type == expected"),
    ("params.h", "own->min_survivors > own->threshold\n",
     "false\n"),
)


def run(tree, *command):
    """Returns whether a command succeeds in the copy of the source."""
    return subprocess.run(command, cwd=tree, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False, timeout=600,
                          env={**os.environ, "SECAGG_SMALL": "1"}
                          ).returncode == 0


def killed(tree, make, tests):
    """Returns what detects the change: compiler, vectors, tests, or ""."""
    if not run(tree, make, "tests/vectors/secagg-vectors"):
        return "compiler"
    if not run(tree, "tests/vectors/secagg-vectors", "vectors"):
        return "vectors"
    if not run(tree, make, "check", "TESTS=" + tests):
        return "tests"
    return ""


def module_tests(tree, module):
    """Returns the tests of a module, and of the one whose name it extends."""
    return sorted({test.stem[len("test_"):]
                   for stem in (module, module.split("_")[0])
                   for name in ("test_%s.c", "test_%s_*.c")
                   for test in (tree / "tests").glob("*/" + name % stem)})


def main(source, make, *words):
    """Returns 0 if every change is detected."""
    chosen = [m for m in MUTANTS if not words
              or any(word in m[0] for word in words)]
    alive = broken = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        shutil.copytree(source, tree, ignore=shutil.ignore_patterns(
            ".git", "*.[oda]", "*.so*", "config.mk", "config.log",
            "config.status", "secagg-vectors", "autom4te.cache"))
        if not (run(tree, "./configure", "-q", "CFLAGS=-O1")
                and not killed(tree, make, QUICK)):
            print("the tests fail without any change")
            return 1
        for file, old, new in chosen:
            path = next((tree / "lib").glob("*/" + file))
            text = path.read_text()
            if text.count(old) != 1:
                print("%s: occurs %d times: %s" % (
                    file, text.count(old), old))
                broken += 1
                continue
            path.write_text(text.replace(old, new))
            by = killed(tree, make, " ".join(module_tests(tree, path.stem)) + " "
                        + QUICK)
            path.write_text(text)
            alive += not by
            broken += by == "compiler"
            print("%-6s %-8s %s: %s" % ("killed" if by else "ALIVE", by,
                                        file, " ".join(new.split())),
                  flush=True)
    print("%d killed, %d alive, %d do not apply" % (
        len(chosen) - alive - broken, alive, broken))
    return alive + broken > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
