/* SPDX-License-Identifier: Apache-2.0 */
/* shards: one large sum over the ranks of an MPI job. Rank 0 is the server of
 * the session; each rank holds a shard: the planes of a range of blocks. It
 * adds its range of every input, takes its range of the masks away, and reads
 * its entries; rank 0 gathers them.
 *
 * The set of masks that rank 0 hands out is SECRET: with one INPUT message it
 * may open that client's vector. It goes to ranks that are trusted with all
 * vectors, over a network that encrypts: MPI by itself does not. Here rank 0
 * sees all of every input anyway; a host whose vectors do not fit one machine
 * sends each rank its part of INPUT_PART messages (PROTOCOL.md 8.7). */
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/options.h"
#include "scale/cohort.h"

#define BLOCK 512
#define MOST_RANKS 1024

/* Rank 0 says before each vector that one comes, or what else. */
enum { NO_MORE, A_VECTOR, FAILED };

typedef struct options {
    uint64_t clients, entries;
} options;

/* One range of blocks for each rank; `at` and `len` count bytes of planes, as
 * MPI does, in ints. */
typedef struct shard {
    uint64_t offset[MOST_RANKS], count[MOST_RANKS];
    int at[MOST_RANKS], len[MOST_RANKS];
    int rank, ranks;
    uint8_t *sum, *part; /* planes: of the sum, and of one input */
    uint64_t *entries;
} shard;

static void help(void)
{
    printf("usage: mpirun -n RANKS shards_mpi [options]\n\n"
           "Clients sum a long vector, whose planes are added and unmasked in "
           "shards: a range\nof blocks on each rank. Every entry is held "
           "against what it must be.\n\n"
           "  --clients N  %d to %d (default 8); the last one is lost\n"
           "  --entries N  of the vector (default 4000000)\n"
           "  --help       this text\n\n"
           "Exits with 0 when every entry was right, with 1 when one was not "
           "or something\nfailed, with 2 for a bad option.\n",
        COHORT_LEAST, COHORT_MOST);
}

/* 0: go on; 1: help was given; 2: bad. All ranks have the same arguments, and
 * rank 0 alone says what is wrong with them. */
static int read_options(options *own, int argc, char **argv)
{
    bool wanted = false;
    const option all[] = {
        { "clients", &own->clients, COHORT_LEAST, COHORT_MOST, NULL, NULL },
        { "entries", &own->entries, 1, SIZE_MAX / 64, NULL, NULL },
        { "help", NULL, 0, 0, NULL, &wanted },
    };
    if (!options_parse("shards", all, sizeof all / sizeof *all, argc, argv))
        return 2;
    if (wanted)
        help();
    return wanted;
}

/* ---- shards ------------------------------------------------------------- */

/* Blocks are dealt evenly; a range of blocks is one run of bytes (PROTOCOL.md
 * 6.1). False where a shard is too long for MPI. */
static bool lay_out(shard *s, uint64_t length)
{
    const uint64_t blocks = (length + BLOCK - 1) / BLOCK;
    const uint64_t ranks = (uint64_t)s->ranks;
    uint64_t bytes = 0;

    for (uint64_t r = 0; r < ranks; r++) {
        const uint64_t from = blocks * r / ranks * BLOCK;
        const uint64_t to = blocks * (r + 1) / ranks * BLOCK;
        const uint64_t end = to < length ? to : length;
        const size_t len = secagg_planar_size((size_t)(end - from),
            COHORT_BITS);
        s->offset[r] = from;
        s->count[r] = end - from;
        s->at[r] = (int)bytes;
        s->len[r] = (int)len;
        bytes += len;
        if (bytes > INT_MAX)
            return false;
    }
    return true;
}

static bool make_room(shard *s)
{
    const size_t len = (size_t)s->len[s->rank];

    s->sum = calloc(len + 1, 1);
    s->part = malloc(len + 1);
    s->entries = malloc(((size_t)s->count[s->rank] + 1) * sizeof *s->entries);
    return s->sum != NULL && s->part != NULL && s->entries != NULL;
}

static void free_room(shard *s)
{
    free(s->sum);
    free(s->part);
    free(s->entries);
}

/* One rank that gives up alone would leave the others waiting. */
static void give_up(const shard *s, const char *why)
{
    fprintf(stderr, "shards: rank %d: %s\n", s->rank, why);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* All ranks: take the own range of a vector that rank 0 has, and add it. The
 * planes of an empty shard are no bytes. */
static void add_vector(shard *s, const uint8_t *planes)
{
    secagg_err err;

    MPI_Scatterv(planes, s->len, s->at, MPI_BYTE, s->part, s->len[s->rank],
        MPI_BYTE, 0, MPI_COMM_WORLD);
    err = secagg_planar_add(s->sum, s->part, (size_t)s->count[s->rank],
        COHORT_BITS);
    if (err)
        give_up(s, secagg_strerror(err));
}

/* Rank 0, told of an input that the server has accepted. */
static secagg_err hand_out(void *user, const uint8_t *planes)
{
    int next = A_VECTOR;

    MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
    add_vector(user, planes);
    return SECAGG_OK;
}

/* The other ranks, until rank 0 has the sum, or has none. */
static bool take_vectors(shard *s)
{
    for (;;) {
        int next = FAILED;
        MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
        if (next != A_VECTOR)
            return next == NO_MORE;
        add_vector(s, NULL);
    }
}

/* ---- the session, on rank 0 --------------------------------------------- */

static bool serve(cohort *c, shard *s, const options *own)
{
    const bool good = cohort_run(c, (uint32_t)own->clients, own->entries,
        hand_out, s);
    int next = good ? NO_MORE : FAILED;

    MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return good;
}

/* ---- masks -------------------------------------------------------------- */

/* All ranks get the bytes of the set, which are as secret as the inputs are to
 * holders of INPUT messages: wiped where they were read. */
static secagg_err share_masks(const cohort *c, const shard *s,
    secagg_masks **masks)
{
    const bool server = s->rank == 0;
    unsigned long len = server ? secagg_server_masks_size(c->server) : 0;
    secagg_err err = SECAGG_OK;
    uint8_t *set;

    MPI_Bcast(&len, 1, MPI_UNSIGNED_LONG, 0, MPI_COMM_WORLD);
    set = malloc(len);
    if (set == NULL) {
        give_up(s, "no memory for the set of masks");
        return SECAGG_ERR_MEMORY;
    }
    if (server)
        err = secagg_server_masks(c->server, set, len);
    MPI_Bcast(set, (int)len, MPI_BYTE, 0, MPI_COMM_WORLD);
    if (!err)
        err = secagg_masks_decode(masks, set, len);
    secagg_wipe(set, len);
    free(set);
    return err;
}

static secagg_err unmask(shard *s, const secagg_masks *masks)
{
    const size_t count = (size_t)s->count[s->rank];
    secagg_err err = SECAGG_OK;

    if (count > 0)
        err = secagg_masks_apply(masks, 0, COHORT_BITS, s->offset[s->rank],
            s->sum, count);
    if (!err)
        err = secagg_planar_unpack_u64(s->entries, s->sum, count,
            COHORT_BITS);
    return err;
}

/* ---- the result --------------------------------------------------------- */

/* Rank 0 reads the shards of all, one after another, so that it needs room for
 * one only. */
static uint64_t gather(const cohort *c, const shard *s)
{
    uint64_t wrong = cohort_wrong_sum(c, 0, s->entries, (size_t)s->count[0]);
    size_t most = 1;

    for (int r = 1; r < s->ranks; r++)
        most = s->count[r] > most ? (size_t)s->count[r] : most;
    uint64_t *entries = malloc(most * sizeof *entries);
    if (entries == NULL) {
        give_up(s, "no memory for a shard");
        return wrong;
    }
    for (int r = 1; r < s->ranks; r++) {
        MPI_Recv(entries, (int)s->count[r], MPI_UINT64_T, r, 0,
            MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        wrong += cohort_wrong_sum(c, s->offset[r], entries,
            (size_t)s->count[r]);
    }
    free(entries);
    return wrong;
}

static bool report(const cohort *c, const shard *s, double seconds)
{
    const uint64_t wrong = gather(c, s);

    printf("%u clients, one of them lost; %llu entries on %d ranks\n"
           "masks and unpacking: %.1f ms\n%llu of %llu entries are wrong\n",
        c->params.clients, (unsigned long long)c->segment.length, s->ranks,
        1e3 * seconds, (unsigned long long)wrong,
        (unsigned long long)c->segment.length);
    return wrong == 0;
}

/* ---- all of it ---------------------------------------------------------- */

/* Once all ranks have vectors; the slowest rank counts. */
static bool finish(const cohort *c, shard *s)
{
    secagg_masks *masks = NULL;
    secagg_err err;
    double seconds = MPI_Wtime();
    int good, all;

    err = share_masks(c, s, &masks);
    if (!err)
        err = unmask(s, masks);
    secagg_masks_free(masks);
    if (err)
        fprintf(stderr, "shards: rank %d: %s\n", s->rank,
            secagg_strerror(err));
    good = !err;
    MPI_Allreduce(&good, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    seconds = MPI_Wtime() - seconds;
    if (!all)
        return false;
    if (s->rank == 0)
        return report(c, s, seconds);
    MPI_Send(s->entries, (int)s->count[s->rank], MPI_UINT64_T, 0, 0,
        MPI_COMM_WORLD);
    return true;
}

static bool run(shard *s, const options *own)
{
    cohort c = { .params = SECAGG_PARAMS_INIT };
    int good = make_room(s), all;
    bool done;

    MPI_Allreduce(&good, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (!all) {
        if (!good)
            fprintf(stderr, "shards: rank %d: no memory\n", s->rank);
        return false;
    }
    done = s->rank == 0 ? serve(&c, s, own) : take_vectors(s);
    done = done && finish(&c, s);
    cohort_free(&c);
    return done;
}

/* Options that are sound, of a number of ranks that is. */
static int check(shard *s, options *own, int argc, char **argv)
{
    int said = 0;

    if (s->rank == 0)
        said = read_options(own, argc, argv);
    MPI_Bcast(&said, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(own, sizeof *own, MPI_BYTE, 0, MPI_COMM_WORLD);
    if (said == 0 && (s->ranks > MOST_RANKS || !lay_out(s, own->entries))) {
        if (s->rank == 0)
            fprintf(stderr, "shards: at most %d ranks, and %d bytes of "
                            "planes in all: %llu entries are too many\n",
                MOST_RANKS, INT_MAX, (unsigned long long)own->entries);
        said = 2;
    }
    return said;
}

int main(int argc, char **argv)
{
    static shard s;
    options own = { 8, 4000000 };
    int said;
    bool good = true;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &s.ranks);
    said = check(&s, &own, argc, argv);
    if (said == 0) {
        good = run(&s, &own);
        free_room(&s);
    }
    MPI_Finalize();
    if (said == 2)
        return 2;
    return good ? 0 : 1;
}
