/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from outside justify the memory that they cost: whatever a message
 * says, a party allocates at most a multiple of its length and a constant. Each
 * message of a session is passed as it is, cut, extended, and with each of its
 * first 32-bit words replaced by small and large numbers. */
#include <secagg/mask.h>
#include <string.h>

#include "support/alloc_counter.h"
#include "support/main.h"
#include "support/party.h"
#include "support/session_driver.h"

#define CLIENTS 24
#define LENGTH 20000
#define WORDS 32 /* that are replaced, those of the header included */

/* For each byte that arrives, and for each call: the digests, ciphers and
 * signatures of OpenSSL are not counted. Without it the library allocates the
 * 104 bytes of a digest itself, and frees them after each hash. */
#define PER_BYTE (FIRST_SUITE == 1 ? 3 : 5)
#define PER_CALL 4096

#define NO_PART UINT64_MAX

/* Takes bytes that arrive; whatever it answers is right here. */
typedef void receive(void *user, const uint8_t *bytes, size_t len);

static void check_memory(receive *f, void *user, const uint8_t *bytes,
    size_t len)
{
    uint8_t *copy = malloc(len + 1);

    memcpy(copy, bytes, len);
    allocated = live = peak = 0;
    memset(blocks, 0, sizeof blocks);
    f(user, copy, len);
    ck_assert_uint_le(allocated, (size_t)PER_BYTE * len + PER_CALL);
    free(copy);
}

/* `forged` has the length in its header, if it is a message. */
static void check_word(receive *f, void *user, uint8_t *forged, size_t len,
    size_t at)
{
    static const uint8_t numbers[][4] = { { 0xff, 0xff, 0xff, 0xff },
        { 0, 0x10, 0, 0 }, { 0, 0, 0x0f, 0xff }, { 0, 0, 0, 1 } };
    uint8_t kept[4];

    memcpy(kept, forged + at, sizeof kept);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        memcpy(forged + at, numbers[i], sizeof kept);
        check_memory(f, user, forged, len);
    }
    memcpy(forged + at, kept, sizeof kept);
}

/* All changes, and the message itself last. */
static void check_all(receive *f, void *user, const uint8_t *msg, size_t len,
    uint32_t index, bool has_header)
{
    const size_t lengths[] = { 0, 1, PARTY_HEADER, len / 2, len - 1,
        len + 1000, len };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const size_t have = lengths[i] < len ? lengths[i] : len;
        uint8_t *forged = has_header && lengths[i] >= PARTY_HEADER
            ? party_forge(msg, have, lengths[i], index)
            : calloc(lengths[i] + 1, 1);
        if (!has_header || lengths[i] < PARTY_HEADER)
            memcpy(forged, msg, have);
        const size_t end = lengths[i] < len ? 0 : 4 * WORDS;
        for (size_t at = 0; at + 4 <= lengths[i] && at < end; at += 4)
            check_word(f, user, forged, lengths[i], at);
        check_memory(f, user, forged, lengths[i]);
        free(forged);
    }
}

/* ---- the server --------------------------------------------------------- */

static secagg_params params_of(int mode, secagg_segment *segment)
{
    secagg_params p = SECAGG_PARAMS_INIT;

    *segment = (secagg_segment){ .length = LENGTH, .bits = 20 };
    p.mode = (uint32_t)mode;
    p.clients = CLIENTS;
    p.corrupt = 2;
    p.threshold = 15;
    p.min_survivors = 15;
    p.segments = segment;
    p.segment_count = 1;
    return p;
}

/* Zeros, of one segment. */
static void input_zeros(driver *r, uint32_t i, uint64_t from, uint64_t to)
{
    static const uint64_t zeros[LENGTH];
    const uint64_t end = 512 * to < LENGTH ? 512 * to : LENGTH;

    OK(secagg_client_input_u64(r->clients[i], 0, 512 * from, zeros,
        (size_t)(end - 512 * from)));
}

static void to_server(void *user, const uint8_t *bytes, size_t len)
{
    secagg_err err;

    count_allocs = true;
    err = secagg_server_recv(user, 0, bytes, len);
    count_allocs = false;
    (void)err;
}

/* The input of client 0 in parts of 1024 entries, up to part number `part`; the
 * server has those before it. */
static void send_parts(driver *r, uint64_t part)
{
    OK(secagg_client_set_part_size(r->clients[0], 1024));
    for (uint64_t i = 0; i <= part; i++) {
        size_t len;
        uint8_t *msg;
        r->input(r, 0, 2 * i, 2 * i + 2);
        if (i == part)
            return;
        msg = driver_client_send(r->clients[0], &len);
        to_server(r->server, msg, len);
        free(msg);
    }
}

/* Client 0 is hostile in one phase. NO_PART: it does not send parts. */
static void check_phase(int mode, secagg_phase phase, uint64_t part)
{
    secagg_segment segment;
    const secagg_params p = params_of(mode, &segment);
    uint8_t *msg;
    size_t len;
    driver r;

    driver_init(&r, &p, 1);
    r.input = input_zeros;
    driver_run_to(&r, phase);
    if (part != NO_PART)
        send_parts(&r, part);
    else if (phase == SECAGG_PHASE_INPUT)
        r.input(&r, 0, 0, r.blocks);
    msg = driver_client_send(r.clients[0], &len);
    ck_assert_ptr_nonnull(msg);
    check_all(to_server, r.server, msg, len, 0, true);
    free(msg);
    driver_free(&r);
}

START_TEST(a_server_allocates_for_each_message_what_its_bytes_justify)
{
    for (secagg_phase phase = SECAGG_PHASE_KEYS; phase < SECAGG_PHASE_DONE;
         phase++) {
        if (phase != SECAGG_PHASE_CONFIRM)
            check_phase(SECAGG_SEMI_HONEST, phase, NO_PART);
        check_phase(SECAGG_ACTIVE, phase, NO_PART);
    }
    check_phase(SECAGG_SEMI_HONEST, SECAGG_PHASE_INPUT, 0);
    check_phase(SECAGG_SEMI_HONEST, SECAGG_PHASE_INPUT, 1);
}
END_TEST

/* ---- a client ----------------------------------------------------------- */

/* Each message goes to a copy of the client, since many are fatal. */
static void to_client(void *user, const uint8_t *bytes, size_t len)
{
    driver *r = user;
    secagg_client *c = driver_copy_client(r->clients[0]);
    secagg_err err;

    if (r->params.mode == SECAGG_ACTIVE)
        driver_trust(r, c);
    count_allocs = true;
    err = secagg_client_recv(c, bytes, len);
    count_allocs = false;
    (void)err;
    secagg_client_free(c);
}

static void check_client(int mode)
{
    secagg_segment segment;
    const secagg_params p = params_of(mode, &segment);
    driver r;

    driver_init(&r, &p, 1);
    r.input = input_zeros;
    for (;;) {
        size_t len;
        const uint8_t *msg;
        OK(driver_collect(&r));
        if (secagg_server_phase(r.server) >= SECAGG_PHASE_DONE)
            break;
        OK(secagg_server_send(r.server, 0, &msg, &len));
        if (len > 0)
            check_all(to_client, &r, msg, len, 0, true);
        driver_deliver(&r);
    }
    driver_free(&r);
}

START_TEST(a_client_allocates_for_each_message_what_its_bytes_justify)
{
    check_client(SECAGG_SEMI_HONEST);
    check_client(SECAGG_ACTIVE);
}
END_TEST

/* ---- parameters and masks ----------------------------------------------- */

static void to_params(void *user, const uint8_t *bytes, size_t len)
{
    secagg_params *p = NULL;

    (void)user;
    count_allocs = true;
    if (secagg_params_decode(&p, bytes, len) != SECAGG_OK)
        p = NULL;
    count_allocs = false;
    secagg_params_free(p);
}

static void to_masks(void *user, const uint8_t *bytes, size_t len)
{
    secagg_masks *m = NULL;

    (void)user;
    count_allocs = true;
    if (secagg_masks_decode(&m, bytes, len) != SECAGG_OK)
        m = NULL;
    count_allocs = false;
    secagg_masks_free(m);
}

START_TEST(encoded_parameters_and_masks_cost_what_their_bytes_justify)
{
    secagg_segment segment;
    const secagg_params p = params_of(SECAGG_SEMI_HONEST, &segment);
    const size_t len = secagg_params_encoded_size(&p);
    static const uint8_t seed[SECAGG_SEED_BYTES] = { 4 };
    uint8_t *bytes = malloc(len);
    secagg_masks *m;
    uint8_t encoded[4096];
    size_t size;

    OK(secagg_params_encode(&p, bytes, len));
    check_all(to_params, NULL, bytes, len, 0, false);
    free(bytes);
    OK(secagg_masks_new(&m, 2));
    for (int i = 0; i < 20; i++)
        OK(secagg_masks_add(m, seed, 1));
    size = secagg_masks_encoded_size(m);
    ck_assert_uint_le(size, sizeof encoded);
    OK(secagg_masks_encode(m, encoded, size));
    secagg_masks_free(m);
    check_all(to_masks, NULL, encoded, size, 0, false);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_server_allocates_for_each_message_what_its_bytes_justify,
        a_client_allocates_for_each_message_what_its_bytes_justify,
        encoded_parameters_and_masks_cost_what_their_bytes_justify };
    return RUN(tests);
}
