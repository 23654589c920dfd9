# SPDX-License-Identifier: Apache-2.0
# The examples that read one sum side by side, small: threads of one process,
# and ranks of an MPI. Both hold every entry against what it must be.
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# run WHAT COMMAND...: all is right, and the command said so.
run() {
    what=$1
    shift
    "$@" > "$out" 2>&1 && grep -q '^0 of [1-9][0-9]* entries are wrong$' \
        "$out" || {
        cat "$out"
        echo "$what: failed: $*"
        exit 1
    }
}

# refuse WHAT COMMAND...: an option that is bad ends with 2 and a sentence.
refuse() {
    what=$1
    shift
    "$@" > "$out" 2>&1
    [ $? -eq 2 ] && grep -q "$what" "$out" || {
        cat "$out"
        echo "$what: not said: $*"
        exit 1
    }
}

$MAKE -s examples/scale/threads || exit 1
# One block, and one entry beyond ranges that are multiples of blocks.
for entries in 1 512 100001; do
    run threads ./examples/scale/threads --threads 5 --clients 5 --entries $entries
done
refuse 'a number from 1 to' ./examples/scale/threads --threads 0
refuse 'unknown option' ./examples/scale/threads --thread 2

command -v mpicc > /dev/null && command -v mpirun > /dev/null || {
    echo 'no MPI'
    exit 77
}
# As root, and on any number of cores.
OMPI_ALLOW_RUN_AS_ROOT=1
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM
export OMPI_MCA_rmaps_base_oversubscribe
mpirun -n 1 true > "$out" 2>&1 || {
    echo 'mpirun does not run here'
    exit 77
}
# The machine's MPI need not go with the compiler of these tests.
printf '#include <mpi.h>\nint main(void) { return MPI_Finalize(); }\n' |
    OMPI_CC="$CC" mpicc $CFLAGS $LDFLAGS -x c -o "$out" - 2> /dev/null || {
    echo "no MPI for $CC"
    exit 77
}
# An MPI leaves memory behind for the system.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS
$MAKE -s examples/scale/shards_mpi || exit 1
run 'one rank' mpirun -n 1 ./examples/scale/shards_mpi --entries 1000
run 'four ranks' mpirun -n 4 ./examples/scale/shards_mpi --entries 100001
run 'an empty shard' mpirun -n 4 ./examples/scale/shards_mpi --clients 5 --entries 9
refuse 'a number from 4 to' mpirun -n 2 ./examples/scale/shards_mpi --clients 3
