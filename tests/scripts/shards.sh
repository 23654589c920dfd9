# SPDX-License-Identifier: Apache-2.0
# The examples that read one sum in parallel, at a small size: threads of one
# process, and ranks of an MPI. Both check every entry of the sum.
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# run NAME COMMAND...: the command succeeds and reports no wrong entry.
run() {
    name=$1
    shift
    "$@" > "$out" 2>&1 && grep -q '^0 of [1-9][0-9]* entries are wrong$' \
        "$out" || {
        cat "$out"
        echo "$name: failed: $*"
        exit 1
    }
}

# refuse TEXT COMMAND...: the command rejects an option with status 2 and a
# message that contains TEXT.
refuse() {
    text=$1
    shift
    "$@" > "$out" 2>&1
    [ $? -eq 2 ] && grep -q "$text" "$out" || {
        cat "$out"
        echo "no status 2 with the message '$text': $*"
        exit 1
    }
}

$MAKE -s examples/scale/threads || exit 1
# One entry, one block, and one entry more than the ranges of whole blocks.
for entries in 1 512 100001; do
    run threads ./examples/scale/threads --threads 5 --clients 5 --entries $entries
done
refuse 'a number from 1 to' ./examples/scale/threads --threads 0
refuse 'unknown option' ./examples/scale/threads --thread 2

command -v mpicc > /dev/null && command -v mpirun > /dev/null || {
    echo 'no MPI'
    exit 77
}
# Allow root, and more ranks than cores.
OMPI_ALLOW_RUN_AS_ROOT=1
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
export OMPI_MCA_rmaps_base_oversubscribe
mpirun -n 1 true > "$out" 2>&1 || {
    echo 'mpirun does not run here'
    exit 77
}
# The installed MPI may not work with the compiler of these tests.
printf '#include <mpi.h>\nint main(void) { return MPI_Finalize(); }\n' |
    OMPI_CC="$CC" mpicc $CFLAGS $LDFLAGS -x c -o "$out" - 2> /dev/null || {
    echo "no MPI for $CC"
    exit 77
}
# MPI libraries do not free all their memory at exit.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS
$MAKE -s examples/scale/shards_mpi || exit 1
run 'one rank' mpirun -n 1 ./examples/scale/shards_mpi --entries 1000
run 'four ranks' mpirun -n 4 ./examples/scale/shards_mpi --entries 100001
run 'an empty shard' mpirun -n 4 ./examples/scale/shards_mpi --clients 5 --entries 9
refuse 'a number from 4 to' mpirun -n 2 ./examples/scale/shards_mpi --clients 3
