/* SPDX-License-Identifier: Apache-2.0 */
/* reason: sentences that are cut, copied to every size of buffer, and kept as
 * the last refusal of a handle. */
#include <string.h>

#include "core/reason.h"
#include "support/main.h"

START_TEST(a_sentence_that_is_too_long_is_cut)
{
    char reason[SA_REASON_BYTES + 1];

    memset(reason, '#', sizeof reason);
    sa_reason_set(reason, "%0*d", 2 * SA_REASON_BYTES, 7);
    ck_assert_uint_eq(strlen(reason), SA_REASON_BYTES - 1);
    ck_assert_int_eq(reason[SA_REASON_BYTES], '#');
    sa_reason_add(reason, "%d", 12);
    ck_assert_uint_eq(strlen(reason), SA_REASON_BYTES - 1);
    ck_assert_int_eq(reason[SA_REASON_BYTES], '#');
    sa_reason_set(reason, "%0*d", SA_REASON_BYTES - 3, 7);
    sa_reason_add(reason, "%s", "abcdef");
    ck_assert_str_eq(reason + SA_REASON_BYTES - 4, "7ab");
    ck_assert_int_eq(reason[SA_REASON_BYTES], '#');
}
END_TEST

START_TEST(no_buffer_is_no_sentence)
{
    sa_reason_set(NULL, "%d", 1);
    sa_reason_add(NULL, "%d", 1);
    sa_reason_copy(NULL, 5, "abc");
}
END_TEST

START_TEST(a_sentence_is_copied_to_buffers_of_every_size)
{
    static const char whole[] = "abcdef";
    char why[20];

    for (size_t len = 0; len < 12; len++) {
        const size_t kept = len < sizeof whole ? len : sizeof whole;
        memset(why, '#', sizeof why);
        sa_reason_copy(why, len, whole);
        if (kept > 0) {
            ck_assert_mem_eq(why, whole, kept - 1);
            ck_assert_int_eq(why[kept - 1], '\0');
        }
        for (size_t i = kept; i < sizeof why; i++)
            ck_assert_int_eq(why[i], '#');
    }
}
END_TEST

static sa_refusal made(void)
{
    sa_refusal r;

    memset(&r, 0, sizeof r);
    sa_refusal_init(&r);
    return r;
}

/* One call on a handle, as the public functions make it. */
static void call(sa_refusal *r, uint32_t index, secagg_err err,
    const char *draft)
{
    if (draft != NULL)
        sa_reason_set(r->draft, "%s", draft);
    ck_assert_int_eq(sa_refusal_keep(r, index, err), err);
    ck_assert_int_eq(r->draft[0], '\0');
    ck_assert_int_eq(r->about[0], '\0');
    ck_assert_ptr_null(r->clause);
}

static void check(sa_refusal *r, secagg_err err, uint32_t index,
    const char *reason)
{
    char why[SA_REASON_BYTES];
    uint32_t about = 99;

    ck_assert_int_eq(sa_refusal_get(r, &about, why, sizeof why), err);
    ck_assert_int_eq(sa_refusal_get(r, NULL, NULL, 0), err);
    ck_assert_uint_eq(about, index);
    ck_assert_str_eq(why, reason);
}

START_TEST(the_last_refusal_is_kept)
{
    sa_refusal r = made();

    check(&r, SECAGG_OK, SA_NO_CLIENT, "");
    call(&r, 1, SECAGG_OK, NULL);
    check(&r, SECAGG_OK, SA_NO_CLIENT, "");
    call(&r, 2, SECAGG_ERR_SIZE, "two");
    check(&r, SECAGG_ERR_SIZE, 2, "two");
    call(&r, 3, SECAGG_OK, "a draft that no error follows");
    check(&r, SECAGG_ERR_SIZE, 2, "two");
    call(&r, 4, SECAGG_ERR_STATE, "four");
    check(&r, SECAGG_ERR_STATE, 4, "four");
    call(&r, 5, SECAGG_ERR_STATE, NULL);
    check(&r, SECAGG_ERR_STATE, 5, secagg_strerror(SECAGG_ERR_STATE));
}
END_TEST

/* A call with a const handle has its own draft. */
START_TEST(calls_that_share_a_handle_keep_their_refusal)
{
    sa_refusal r = made();

    ck_assert_int_eq(sa_refusal_keep_shared(&r, 3, SECAGG_OK, ""), SECAGG_OK);
    check(&r, SECAGG_OK, SA_NO_CLIENT, "");
    ck_assert_int_eq(sa_refusal_keep_shared(&r, 3, SECAGG_ERR_SIZE, "three"),
        SECAGG_ERR_SIZE);
    check(&r, SECAGG_ERR_SIZE, 3, "three");
    ck_assert_int_eq(sa_refusal_keep_shared(&r, 4, SECAGG_ERR_CRYPTO, "four"),
        SECAGG_ERR_CRYPTO);
    check(&r, SECAGG_ERR_CRYPTO, 4, secagg_strerror(SECAGG_ERR_CRYPTO));
}
END_TEST

/* A check that was not made to its end says nothing. */
START_TEST(the_system_is_named_in_place_of_a_draft)
{
    static const secagg_err errors[] = { SECAGG_ERR_MEMORY, SECAGG_ERR_RANDOM,
        SECAGG_ERR_CRYPTO };
    sa_refusal r = made();

    for (size_t i = 0; i < 3; i++) {
        call(&r, 7, errors[i], "the signature is wrong");
        check(&r, errors[i], 7, secagg_strerror(errors[i]));
    }
}
END_TEST

START_TEST(a_sentence_begins_with_its_subject_and_ends_with_the_clause)
{
    static const struct {
        secagg_err error;
        const char *reason;
    } cases[] = {
        { SECAGG_ERR_MESSAGE, "client 3, KEYS: it is bad (PROTOCOL.md 8.2)" },
        { SECAGG_ERR_AUTH, "client 3, KEYS: it is bad (PROTOCOL.md 8.2)" },
        { SECAGG_ERR_STATE, "client 3, KEYS: it is bad" },
        { SECAGG_ERR_MEMORY, "client 3, KEYS: out of memory" },
    };
    sa_refusal r = made();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sa_refusal_about(&r, "client %d, %s", 3, "KEYS");
        r.clause = "8.2";
        call(&r, 3, cases[i].error, "it is bad");
        check(&r, cases[i].error, 3, cases[i].reason);
        call(&r, 4, cases[i].error, NULL);
        check(&r, cases[i].error, 4, secagg_strerror(cases[i].error));
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { a_sentence_that_is_too_long_is_cut,
        no_buffer_is_no_sentence,
        a_sentence_is_copied_to_buffers_of_every_size,
        the_last_refusal_is_kept,
        calls_that_share_a_handle_keep_their_refusal,
        the_system_is_named_in_place_of_a_draft,
        a_sentence_begins_with_its_subject_and_ends_with_the_clause };
    return RUN(tests);
}
