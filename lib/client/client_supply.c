/* SPDX-License-Identifier: Apache-2.0 */
/* client_supply: the public functions with which a host supplies the input. */
#include <inttypes.h>
#include <secagg/arrays.h>
#include <secagg/client.h>

#include "client/client_state.h"
#include "client/input_piece.h"
#include "core/mem.h"
#include "core/reason.h"
#include "session/lanes.h"
#include "vector/values.h"

/* Input may be supplied until all of INPUT is built, and again after a resume.
 * A part that is held must leave first, since the next one replaces it in the
 * buffer. */
static secagg_err may_input(secagg_client *c)
{
    SA_TRY(sa_client_require_running(c));
    SA_CLIENT_REQUIRE(c->phase <= SECAGG_PHASE_INPUT
            && (c->phase < SECAGG_PHASE_INPUT || !c->built || c->rebuild),
        SECAGG_ERR_STATE, c, "all of INPUT is built: the phase is %s",
        sa_phase_name(c->phase));
    SA_CLIENT_REQUIRE(c->phase < SECAGG_PHASE_INPUT || !c->held,
        SECAGG_ERR_STATE, c, "part %" PRIu32 " is built and must be sent "
        "before the next one gets input", c->parts - 1);
    return SECAGG_OK;
}

/* End a call that supplies a piece of input. CRYPTO leaves a piece partly
 * encoded, which ends the session. */
static secagg_err end_piece(secagg_client *c, size_t count, secagg_err err)
{
    if (err == SECAGG_ERR_CRYPTO)
        sa_client_fail(c, err);
    err = sa_refusal_keep(c->refusal, c->index, err);
    return sa_input_piece_leaves(&c->input, count) ? sa_leave(err) : err;
}

static secagg_err set_part_size(secagg_client *c, uint64_t entries)
{
    const uint64_t min = sa_lanes_min_part(&c->params->lanes);
    secagg_err err;

    SA_TRY(may_input(c));
    SA_CLIENT_REQUIRE(c->parts == 0 && !sa_input_buffer_has_input(&c->input),
        SECAGG_ERR_STATE, c, "the client has input already");
    SA_CLIENT_REQUIRE(entries % 512 == 0, SECAGG_ERR_ARG, c, "%" PRIu64
        " entries are not a multiple of 512", entries);
    err = sa_input_buffer_set_part_size(&c->input, entries / 512);
    SA_CLIENT_REQUIRE(err != SECAGG_ERR_ARG, err, c, "a part of %" PRIu64
        " entries: it must have from %" PRIu64 " to %" PRIu64, entries,
        512 * min, 512 * (uint64_t)UINT32_MAX);
    return err;
}

secagg_err secagg_client_set_part_size(secagg_client *client, uint64_t entries)
{
    return sa_client_end(client, set_part_size(client, entries));
}

secagg_err secagg_client_weight(secagg_client *client, uint64_t weight)
{
    secagg_err err = may_input(client);

    if (err == SECAGG_OK)
        err = sa_input_buffer_weight(&client->input, weight);
    sa_wipe(&weight, sizeof weight);
    return sa_client_end(client, err);
}

static secagg_err supply(secagg_client *client, size_t segment,
    uint64_t offset, const sa_values *values)
{
    secagg_err err = may_input(client);

    if (err == SECAGG_OK)
        err = sa_input_piece_add(&client->input, client->secret.rounding,
            segment, offset, values);
    return end_piece(client, values->count, err);
}

secagg_err secagg_client_input_strided(secagg_client *client, size_t segment,
    uint64_t offset, const void *values, uint32_t type, size_t count,
    ptrdiff_t stride)
{
    const sa_values v = sa_values_of(values, sa_type_of(type), stride, count);

    return supply(client, segment, offset, &v);
}

/* Supply values that lie next to each other. */
static secagg_err supply_packed(secagg_client *client, size_t segment,
    uint64_t offset, const void *values, uint32_t type, size_t count)
{
    const sa_type *t = sa_type_of(type);
    const sa_values v = sa_values_of(values, t, (ptrdiff_t)t->size, count);

    return supply(client, segment, offset, &v);
}

secagg_err secagg_client_input_f16(secagg_client *client, size_t segment,
    uint64_t offset, const uint16_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_F16, count);
}

secagg_err secagg_client_input_bf16(secagg_client *client, size_t segment,
    uint64_t offset, const uint16_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_BF16, count);
}

secagg_err secagg_client_input_f32(secagg_client *client, size_t segment,
    uint64_t offset, const float *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_F32, count);
}

secagg_err secagg_client_input_f64(secagg_client *client, size_t segment,
    uint64_t offset, const double *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_F64, count);
}

secagg_err secagg_client_input_i8(secagg_client *client, size_t segment,
    uint64_t offset, const int8_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_I8, count);
}

secagg_err secagg_client_input_u8(secagg_client *client, size_t segment,
    uint64_t offset, const uint8_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_U8, count);
}

secagg_err secagg_client_input_i16(secagg_client *client, size_t segment,
    uint64_t offset, const int16_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_I16, count);
}

secagg_err secagg_client_input_u16(secagg_client *client, size_t segment,
    uint64_t offset, const uint16_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_U16, count);
}

secagg_err secagg_client_input_i32(secagg_client *client, size_t segment,
    uint64_t offset, const int32_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_I32, count);
}

secagg_err secagg_client_input_u32(secagg_client *client, size_t segment,
    uint64_t offset, const uint32_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_U32, count);
}

secagg_err secagg_client_input_i64(secagg_client *client, size_t segment,
    uint64_t offset, const int64_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_I64, count);
}

secagg_err secagg_client_input_u64(secagg_client *client, size_t segment,
    uint64_t offset, const uint64_t *values, size_t count)
{
    return supply_packed(client, segment, offset, values, SECAGG_U64, count);
}

uint64_t secagg_client_clipped(const secagg_client *client, size_t segment)
{
    if (segment >= client->params->own.segment_count)
        return 0;
    return client->input.clipped[segment];
}
