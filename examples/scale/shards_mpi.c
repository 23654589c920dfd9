/* SPDX-License-Identifier: Apache-2.0 */
/* shards: one large sum over the ranks of an MPI job.
 *
 *     make shards
 *     make shards MPIRUN='mpirun -n 8' SHARDS_ARGS='--entries 100000000'
 *
 * Rank 0 is the server of the session. Each rank owns a shard: the planes of a
 * range of blocks. It adds its range of every input, removes its range of the
 * masks, and unpacks its entries; rank 0 gathers them. Every entry is checked.
 * cohort.c runs the session.
 *
 * The set of masks that rank 0 sends is SECRET: together with an INPUT message
 * it may reveal that client's vector. Send it only to ranks that may know all
 * vectors, over a network that encrypts: MPI by itself does not. Here rank 0
 * sees all of every input; a host whose vectors do not fit one machine sends
 * each rank its part of INPUT_PART messages (PROTOCOL.md 8.7). */
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/command_line.h"
#include "scale/cohort.h"

#define BLOCK 512
#define MAX_RANKS 1024

static uint64_t entries = 4000000;
static uint32_t clients = 8;

static const option options[] = {
    { "clients", "the last one drops out", COHORT_MIN, COHORT_MAX,
        .count = &clients },
    { "entries", "of the vector", 1, SIZE_MAX / 64, .number = &entries },
};
static const command program = { "shards",
    "Run with mpirun. Clients sum a long vector, whose planes are added and "
    "unmasked in\nshards: a range of blocks on each rank. Every entry is "
    "checked.", options, sizeof options / sizeof *options };

/* Rank 0 announces whether a vector follows, or the sum is complete. */
enum { COMPLETE, VECTOR, FAILED };

/* The ranges of all ranks, in entries and in bytes of planes (which MPI counts
 * in ints); and this rank's own shard. */
typedef struct shard {
    uint64_t offset[MAX_RANKS], count[MAX_RANKS];
    int byte_offset[MAX_RANKS], byte_count[MAX_RANKS];
    int rank, ranks;
    uint8_t *sum, *part; /* planes of the sum, and of one input */
    uint64_t *unpacked;
} shard;

/* ---- shards -------------------------------------------------------------- */

/* Distribute the blocks evenly; a range of blocks is contiguous in the planes
 * (PROTOCOL.md 6.1). False: there are too many bytes for MPI. */
static bool lay_out(shard *s)
{
    uint64_t blocks = (entries + BLOCK - 1) / BLOCK;
    uint64_t ranks = (uint64_t)s->ranks, bytes = 0;
    for (uint64_t r = 0; r < ranks; r++) {
        uint64_t from = blocks * r / ranks * BLOCK;
        uint64_t to = blocks * (r + 1) / ranks * BLOCK;
        uint64_t end = to < entries ? to : entries;
        s->offset[r] = from;
        s->count[r] = end - from;
        s->byte_offset[r] = (int)bytes;
        s->byte_count[r] = (int)secagg_planar_size((size_t)(end - from),
            COHORT_BITS);
        bytes += (uint64_t)s->byte_count[r];
        if (bytes > INT_MAX)
            return false;
    }
    return true;
}

static bool allocate(shard *s)
{
    size_t len = (size_t)s->byte_count[s->rank];
    size_t count = (size_t)s->count[s->rank];
    s->sum = calloc(len + 1, 1);
    s->part = malloc(len + 1);
    s->unpacked = malloc((count + 1) * sizeof *s->unpacked);
    return s->sum != NULL && s->part != NULL && s->unpacked != NULL;
}

static void release(shard *s)
{
    free(s->sum);
    free(s->part);
    free(s->unpacked);
}

/* If one rank returned alone, the others would wait for it forever. */
static void abort_all(const shard *s, const char *reason)
{
    fprintf(stderr, "shards: rank %d: %s\n", s->rank, reason);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* On all ranks: add the own range of a vector, which rank 0 has. The planes of
 * an empty shard have no bytes. */
static void add_vector(shard *s, const uint8_t *planes)
{
    MPI_Scatterv(planes, s->byte_count, s->byte_offset, MPI_BYTE, s->part,
        s->byte_count[s->rank], MPI_BYTE, 0, MPI_COMM_WORLD);
    secagg_err err = secagg_planar_add(s->sum, s->part,
        (size_t)s->count[s->rank], COHORT_BITS);
    if (err)
        abort_all(s, secagg_strerror(err));
}

/* On rank 0: the server has accepted an input. */
static secagg_err send_vector(void *user, const uint8_t *planes)
{
    int next = VECTOR;
    MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
    add_vector(user, planes);
    return SECAGG_OK;
}

/* On the other ranks: add vectors until the sum is complete. */
static bool receive_vectors(shard *s)
{
    int next = VECTOR;
    while (next == VECTOR) {
        MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
        if (next == VECTOR)
            add_vector(s, NULL);
    }
    return next == COMPLETE;
}

static bool run_session(cohort *c, shard *s)
{
    bool good = cohort_run(c, clients, entries, send_vector, s);
    int next = good ? COMPLETE : FAILED;
    MPI_Bcast(&next, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return good;
}

/* ---- masks --------------------------------------------------------------- */

/* Send the set of masks to all ranks. Its bytes are wiped once decoded. */
static secagg_err share_masks(const cohort *c, const shard *s,
    secagg_masks **masks)
{
    bool server = s->rank == 0;
    unsigned long len = server ? secagg_server_masks_size(c->server) : 0;
    secagg_err err = SECAGG_OK;
    MPI_Bcast(&len, 1, MPI_UNSIGNED_LONG, 0, MPI_COMM_WORLD);
    uint8_t *set = malloc(len);
    if (set == NULL) {
        abort_all(s, "no memory for the set of masks");
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
    size_t count = (size_t)s->count[s->rank];
    secagg_err err = SECAGG_OK;
    if (count > 0)
        err = secagg_masks_apply(masks, COHORT_BITS, s->offset[s->rank],
            s->sum, count);
    if (!err)
        err = secagg_planar_unpack_u64(s->unpacked, s->sum, count,
            COHORT_BITS);
    return err;
}

/* ---- the result ---------------------------------------------------------- */

/* On rank 0: receive the shards one by one, in one buffer, and count the wrong
 * entries. */
static uint64_t gather(const cohort *c, const shard *s)
{
    uint64_t wrong = cohort_wrong_sum(c, 0, s->unpacked, (size_t)s->count[0]);
    size_t max = 1;
    for (int r = 1; r < s->ranks; r++)
        max = s->count[r] > max ? (size_t)s->count[r] : max;
    uint64_t *other = malloc(max * sizeof *other);
    if (other == NULL) {
        abort_all(s, "no memory for a shard");
        return 1;
    }
    for (int r = 1; r < s->ranks; r++) {
        MPI_Recv(other, (int)s->count[r], MPI_UINT64_T, r, 0, MPI_COMM_WORLD,
            MPI_STATUS_IGNORE);
        wrong += cohort_wrong_sum(c, s->offset[r], other,
            (size_t)s->count[r]);
    }
    free(other);
    return wrong;
}

static bool report(const cohort *c, const shard *s, double seconds)
{
    uint64_t wrong = gather(c, s);
    printf("%u clients, of which one drops out; %llu entries on %d ranks\n"
           "masks and unpacking: %.1f ms\n%llu of %llu entries are wrong\n",
        clients, (unsigned long long)entries, s->ranks, 1e3 * seconds,
        (unsigned long long)wrong, (unsigned long long)entries);
    return wrong == 0;
}

/* ---- the program --------------------------------------------------------- */

/* Whether all ranks agree. */
static bool all_ranks(bool good)
{
    int one = good, all;
    MPI_Allreduce(&one, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

/* All ranks have their range of all vectors. The slowest rank determines the
 * time. */
static bool finish(const cohort *c, shard *s)
{
    secagg_masks *masks = NULL;
    double start = MPI_Wtime();
    secagg_err err = share_masks(c, s, &masks);
    if (!err)
        err = unmask(s, masks);
    secagg_masks_free(masks);
    if (err)
        fprintf(stderr, "shards: rank %d: %s\n", s->rank,
            secagg_strerror(err));
    if (!all_ranks(!err))
        return false;
    if (s->rank == 0)
        return report(c, s, MPI_Wtime() - start);
    MPI_Send(s->unpacked, (int)s->count[s->rank], MPI_UINT64_T, 0, 0,
        MPI_COMM_WORLD);
    return true;
}

static bool run(shard *s)
{
    cohort c = { .params = SECAGG_PARAMS_INIT };
    bool allocated = allocate(s);
    if (!allocated)
        fprintf(stderr, "shards: rank %d: no memory\n", s->rank);
    if (!all_ranks(allocated))
        return false;
    bool good = s->rank == 0 ? run_session(&c, s) : receive_vectors(s);
    good = good && finish(&c, s);
    cohort_free(&c);
    return good;
}

/* Rank 0 reads the options, and prints any error. Returns on all ranks as
 * command_line_read(). */
static int read_options(shard *s, int argc, char **argv)
{
    int status = -1;
    if (s->rank == 0)
        status = command_line_read(&program, argc, argv);
    MPI_Bcast(&status, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(&clients, 1, MPI_UINT32_T, 0, MPI_COMM_WORLD);
    MPI_Bcast(&entries, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    if (status >= 0 || (s->ranks <= MAX_RANKS && lay_out(s)))
        return status;
    if (s->rank == 0)
        fprintf(stderr, "shards: at most %d ranks and %d bytes of planes: "
                        "%llu entries are too many\n", MAX_RANKS, INT_MAX,
            (unsigned long long)entries);
    return 2;
}

int main(int argc, char **argv)
{
    static shard s;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &s.ranks);
    int status = read_options(&s, argc, argv);
    if (status < 0) {
        status = command_status(&program, run(&s));
        release(&s);
    }
    MPI_Finalize();
    return status;
}
