/* SPDX-License-Identifier: Apache-2.0 */
#include "session/params.h"

#include <string.h>

#include "core/mem.h"
#include "core/random.h"
#include "core/reason.h"
#include "core/wire.h"
#include "crypto/hash.h"
#include "session/params_check.h"

/* The encoding (PROTOCOL.md 2.3): head, segments, extension block. */
#define VERSION 1
#define HEAD_BYTES 96
#define SEGMENT_BYTES 20
#define TAIL_BYTES 2 /* be16 length of the extension block, which is empty */

secagg_err secagg_params_new_session(secagg_params *params)
{
    uint8_t id[SECAGG_SESSION_BYTES];

    SA_TRY(sa_random(id, sizeof id));
    memcpy(params->session, id, sizeof id);
    return SECAGG_OK;
}

/* ---- checking ----------------------------------------------------------- */

secagg_err sa_params_copy(secagg_params **copy, const secagg_params *given,
    char *reason)
{
    secagg_segment *segments;
    secagg_params head, *p;
    secagg_err err;

    SA_TRY(sa_params_check_members(&head, given, reason));
    p = sa_alloc(1, sizeof *p);
    segments = sa_alloc(head.segment_count, sizeof *segments);
    err = p != NULL && segments != NULL
        ? sa_params_resolve(&head, segments, given, reason)
        : SECAGG_ERR_MEMORY;
    if (err != SECAGG_OK) {
        sa_free(p);
        sa_free(segments);
        return err;
    }
    *p = head;
    *copy = p;
    return SECAGG_OK;
}

secagg_err secagg_params_check(const secagg_params *params, char *why,
    size_t why_len)
{
    char reason[SA_REASON_BYTES] = "";
    secagg_params *copy = NULL;
    const secagg_err err = sa_params_copy(&copy, params, reason);

    secagg_params_free(copy);
    sa_reason_copy(why, why_len, reason);
    return err;
}

secagg_err secagg_params_resolve(secagg_params **resolved,
    const secagg_params *params)
{
    return sa_params_copy(resolved, params, NULL);
}

/* ---- encoding (PROTOCOL.md 2.3) ----------------------------------------- */

size_t secagg_params_encoded_size(const secagg_params *params)
{
    return HEAD_BYTES + TAIL_BYTES + SEGMENT_BYTES * params->segment_count;
}

static void write_segment(sa_writer *w, const secagg_segment *s)
{
    uint64_t clip;

    memcpy(&clip, &s->clip, sizeof clip);
    sa_write_u64(w, s->length);
    sa_write_u8(w, (uint8_t)s->kind);
    sa_write_u8(w, (uint8_t)s->bits);
    sa_write_u8(w, (uint8_t)s->value_bits);
    sa_write_u8(w, (uint8_t)s->rounding);
    sa_write_u64(w, clip);
}

/* Write parameters that have every default filled in. */
static secagg_err write_params(uint8_t *out, size_t len,
    const secagg_params *p)
{
    sa_writer w = sa_writer_on(out, len);

    sa_write_u16(&w, VERSION);
    sa_write_u16(&w, (uint16_t)p->suite);
    sa_write_u8(&w, (uint8_t)p->mode);
    sa_write_u8(&w, p->neighbours > 0); /* graph: 1 is the ring */
    sa_write_u8(&w, (uint8_t)p->min_weight);
    sa_write_u8(&w, 0); /* reserved */
    sa_write_bytes(&w, p->session, sizeof p->session);
    sa_write_u64(&w, p->round);
    sa_write_u32(&w, p->clients);
    sa_write_u32(&w, p->neighbours);
    sa_write_u32(&w, p->threshold);
    sa_write_u32(&w, p->corrupt);
    sa_write_u32(&w, p->min_survivors);
    sa_write_u64(&w, p->max_weight);
    sa_write_bytes(&w, p->app_digest, sizeof p->app_digest);
    sa_write_u32(&w, (uint32_t)p->segment_count);
    for (size_t i = 0; i < p->segment_count; i++)
        write_segment(&w, &p->segments[i]);
    sa_write_u16(&w, 0); /* no extensions */
    return sa_writer_end(&w);
}

secagg_err secagg_params_encode(const secagg_params *params, uint8_t *out,
    size_t len)
{
    sa_params *p;
    secagg_err err;

    SA_TRY(sa_params_new(&p, params));
    err = len == secagg_params_encoded_size(params)
        ? write_params(out, len, &p->own) : SECAGG_ERR_SIZE;
    sa_params_free(p);
    return err;
}

/* Read everything before the segments. Returns SECAGG_ERR_MESSAGE if version,
 * graph or reserved field has another than its one valid value. */
static secagg_err read_head(sa_reader *r, secagg_params *p)
{
    const uint16_t version = sa_read_u16(r);
    uint8_t graph, reserved;

    p->suite = sa_read_u16(r);
    p->mode = sa_read_u8(r);
    graph = sa_read_u8(r);
    p->min_weight = sa_read_u8(r);
    reserved = sa_read_u8(r);
    sa_read_bytes(r, p->session, sizeof p->session);
    p->round = sa_read_u64(r);
    p->clients = sa_read_u32(r);
    p->neighbours = sa_read_u32(r);
    p->threshold = sa_read_u32(r);
    p->corrupt = sa_read_u32(r);
    p->min_survivors = sa_read_u32(r);
    p->max_weight = sa_read_u64(r);
    sa_read_bytes(r, p->app_digest, sizeof p->app_digest);
    p->segment_count = sa_read_u32(r);
    if (r->failed || version != VERSION || reserved != 0
        || graph != (p->neighbours > 0))
        return SECAGG_ERR_MESSAGE;
    return SECAGG_OK;
}

static void read_segment(sa_reader *r, secagg_segment *s)
{
    uint64_t clip;

    s->length = sa_read_u64(r);
    s->kind = sa_read_u8(r);
    s->bits = sa_read_u8(r);
    s->value_bits = sa_read_u8(r);
    s->rounding = sa_read_u8(r);
    clip = sa_read_u64(r);
    memcpy(&s->clip, &clip, sizeof clip);
}

/* Read the segments and the extension block behind a head that is in *p, and
 * check the parameters. Parameters have one encoding: returns
 * SECAGG_ERR_MESSAGE if a default is not filled in or a clip has its sign bit
 * set. */
static secagg_err read_segments(secagg_params *p, secagg_segment *segments,
    sa_reader *r)
{
    uint64_t bits;

    for (size_t i = 0; i < p->segment_count; i++) {
        read_segment(r, &segments[i]);
        memcpy(&bits, &segments[i].clip, sizeof bits);
        if (segments[i].bits == 0 || bits >> 63 != 0)
            return SECAGG_ERR_MESSAGE;
    }
    if (sa_read_u16(r) != 0 || p->suite == 0 || p->min_survivors == 0)
        return SECAGG_ERR_MESSAGE;
    SA_TRY(sa_reader_end(r));
    p->segments = segments;
    return secagg_params_check(p, NULL, 0);
}

secagg_err secagg_params_decode(secagg_params **params, const uint8_t *in,
    size_t len)
{
    sa_reader r = sa_reader_on(in, len);
    secagg_params head = SECAGG_PARAMS_INIT, *p;
    secagg_segment *segments;
    secagg_err err;

    SA_TRY(read_head(&r, &head));
    if (r.left < TAIL_BYTES || (r.left - TAIL_BYTES) % SEGMENT_BYTES != 0
        || (r.left - TAIL_BYTES) / SEGMENT_BYTES != head.segment_count)
        return SECAGG_ERR_MESSAGE;
    p = sa_alloc(1, sizeof *p);
    segments = sa_alloc(head.segment_count, sizeof *segments);
    err = p != NULL && segments != NULL ? read_segments(&head, segments, &r)
                                        : SECAGG_ERR_MEMORY;
    if (err != SECAGG_OK) {
        sa_free(p);
        sa_free(segments);
        return err;
    }
    *p = head;
    *params = p;
    return SECAGG_OK;
}

void secagg_params_free(secagg_params *params)
{
    const secagg_segment *segments;
    void *allocated;

    if (params == NULL)
        return;
    segments = params->segments;
    memcpy(&allocated, &segments, sizeof allocated); /* drop the const */
    sa_free(allocated);
    sa_free(params);
}

/* ---- inside the library ------------------------------------------------- */

/* Append the hidden segment for the weight (PROTOCOL.md 7.3). */
static void add_hidden_segment(sa_params *p)
{
    secagg_segment *s = &p->segments[p->own.segment_count];

    *s = (secagg_segment){ .length = 1, .kind = SECAGG_INTEGER };
    s->bits = sa_bit_length(p->own.clients, p->own.max_weight, 1);
}

/* Lay out the vector, and compute the members that depend on the graph. */
static void compute_derived(sa_params *p)
{
    p->count = p->own.segment_count;
    if (sa_params_weighted(p)) {
        add_hidden_segment(p);
        p->count++;
    }
    sa_lanes_init(&p->lanes, p->places, p->segments, p->count);
    p->vector = sa_lanes_at(&p->lanes, p->lanes.blocks);
    p->holders = sa_params_ring(p) ? p->own.neighbours + 1 : p->own.clients;
    p->min_set = p->own.min_survivors;
    if (!sa_params_ring(p) && p->own.threshold > p->min_set)
        p->min_set = p->own.threshold;
}

/* Compute H_ctx, the hash of the encoding (PROTOCOL.md 2.4). */
static secagg_err compute_context(sa_params *p)
{
    const size_t len = secagg_params_encoded_size(&p->own);
    uint8_t *bytes = sa_alloc(len, 1);
    const sa_bytes part = { bytes, len };
    secagg_err err;

    if (bytes == NULL)
        return SECAGG_ERR_MEMORY;
    err = write_params(bytes, len, &p->own);
    if (err == SECAGG_OK)
        err = sa_hash(p->context, "LSA1 ctx", &part, 1);
    sa_free(bytes);
    return err;
}

/* Fill in everything but H_ctx. */
static secagg_err fill(sa_params *p, const secagg_params *given)
{
    SA_TRY(sa_params_check_members(&p->own, given, NULL));
    SA_TRY(sa_suite_cipher(&p->cipher, p->own.suite));
    p->segments = sa_alloc(given->segment_count + 1, sizeof *p->segments);
    p->places = sa_alloc(given->segment_count + 1, sizeof *p->places);
    if (p->segments == NULL || p->places == NULL)
        return SECAGG_ERR_MEMORY;
    SA_TRY(sa_params_resolve(&p->own, p->segments, given, NULL));
    compute_derived(p);
    return SECAGG_OK;
}

secagg_err sa_params_new(sa_params **params, const secagg_params *given)
{
    sa_params *p = sa_alloc(1, sizeof *p);
    secagg_err err;

    if (p == NULL)
        return SECAGG_ERR_MEMORY;
    err = fill(p, given);
    if (err == SECAGG_OK)
        err = compute_context(p);
    if (err == SECAGG_OK)
        *params = p;
    else
        sa_params_free(p);
    return err;
}

void sa_params_free(sa_params *params)
{
    if (params == NULL)
        return;
    sa_free(params->segments);
    sa_free(params->places);
    sa_free(params);
}

secagg_err secagg_params_place(const secagg_params *params, size_t segment,
    uint32_t *bits, uint64_t *entry)
{
    sa_params *p = sa_alloc(1, sizeof *p);
    secagg_err err;

    if (p == NULL)
        return SECAGG_ERR_MEMORY;
    err = fill(p, params);
    if (err == SECAGG_OK && segment >= p->count)
        err = SECAGG_ERR_ARG;
    if (err == SECAGG_OK) {
        *bits = p->segments[segment].bits;
        *entry = p->places[segment];
    }
    sa_params_free(p);
    return err;
}
