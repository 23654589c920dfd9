# SPDX-License-Identifier: Apache-2.0
# Written by hand, for GNU make. configure writes config.mk. `make help` prints
# the goals, each described where it is defined ("goal: ## text"), and the
# variables that a user may set ("## NAME=VALUE: text"), by section.

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

-include config.mk

S := $(or $(srcdir),.)
V ?= 0
say = $(if $(filter 0,$V),@printf '  %-4s %s\n' $(1) $(2);)

# These goals need no configuration.
UNCONFIGURED = help clean distclean dist distcheck doc lint configure \
               check-build check-musl check-cross wheel check-wheel mutants \
               mutants-reference fuzz fuzz-long hostile-vectors
ifneq ($(filter-out $(UNCONFIGURED),$(or $(MAKECMDGOALS),all)),)
config.mk: $S/configure $(wildcard $S/lib/*.in)
	@if test -x config.status; then ./config.status --recheck -q && \
	    ./config.status -q; else $S/configure -q; fi
endif
ifneq ($S,.)
configure: $S/configure
.PHONY: configure
endif
$S/configure: $S/configure.ac $S/include/secagg/base.h
	cd $S && autoconf

# ---- sources ---------------------------------------------------------------

HEADERS = secagg.h $(addprefix secagg/,base.h params.h client.h server.h \
          arrays.h server_save.h dropouts.h keys.h identity.h message.h \
          planar.h mask.h shamir.h graph.h fixed.h)
# Sources are found, not listed, so that no new file is forgotten. A file that is
# not in lib/LAYERS is an error.
LAYERS := $(shell sed -n 's/^\[\(.*\)\]$$/\1/p; s/^\([a-z0-9_]*\):.*/\1/p' \
          $S/lib/LAYERS)
ALL_SOURCES := $(sort $(wildcard $S/lib/*.c $S/lib/*/*.c))
# configure chooses between some of them.
SOURCES := $(filter-out $(UNUSED:%=$S/lib/crypto/%.c),$(ALL_SOURCES))
UNKNOWN := $(strip $(foreach f,$(ALL_SOURCES) $(wildcard $S/lib/*.h \
           $S/lib/*/*.h),$(if $(filter $(basename $(notdir $f)),$(LAYERS)),, \
           $f)))
$(if $(UNKNOWN),$(error not in lib/LAYERS: $(UNKNOWN)))
VECTOR_SCRIPTS = vectors reference peers
SCRIPTS = help layers calls symbols archive copies headers bindings \
          cplusplus banned clauses corpus secrets liars leaks manual readme \
          doc abi install minimal shards python $(VECTOR_SCRIPTS)
BENCHES = mask planar fixed shares threads session segments input

# Instruction sets are enabled only for the files that need them: the code that
# tests whether the machine has these instructions must not use them.
CFLAGS_planar_avx2   = $(AVX2_CFLAGS)
CFLAGS_planar_avx512 = $(AVX512_CFLAGS)
CFLAGS_mask_aesni    = $(AESNI_CFLAGS)
CFLAGS_mask_avx2     = $(AESNI_CFLAGS) $(AVX2_CFLAGS)
CFLAGS_mask_vaes256  = $(AVX2_CFLAGS) $(VAES_CFLAGS)
CFLAGS_mask_vaes512  = $(AVX512_CFLAGS) $(VAES_CFLAGS)
CFLAGS_mask_neon     = $(NEON_CFLAGS)
CFLAGS_horner_avx2   = $(AVX2_CFLAGS)
CFLAGS_horner_avx512 = $(AVX512_CFLAGS)
CFLAGS_fixed_avx2    = $(AVX2_CFLAGS)
CFLAGS_fixed_avx512  = $(AVX512_CFLAGS)

# ---- building --------------------------------------------------------------

## V=1: print the commands
## CFLAGS=-O0: compiler flags; configure takes and keeps them too

OBJS     = $(SOURCES:$S/%.c=%.o)
WHOLE    = lib/whole.o
STATIC   = lib/libsecagg.a
SHARED   = lib/$(SOFILE)
ALL_CFLAGS = -std=c11 -MMD -MP -fPIC $(INCLUDES) -I$S/include $(DEP_CFLAGS) \
             $(CPPFLAGS) $(WARN_CFLAGS) $(HARD_CFLAGS) \
             $(CFLAGS_$(basename $(notdir $@))) $(FLAGS) \
             $(LAST_$(basename $(notdir $@)))
ALL_LIBS = $(DEP_LIBS) $(LIBS) -lm
# Loops that the compiler vectorises.
CFLAGS_fixed_portable = $(LOOP_CFLAGS)
LAST_fixed_portable = $(QUIET_CFLAGS)
CFLAGS_fixed = $(LOOP_CFLAGS)
CFLAGS_integers = $(LOOP_CFLAGS)
CFLAGS_values = $(LOOP_CFLAGS)
# The flags of the user, and after them those that undo what would change the
# arithmetic of doubles. No flag undoes -Ofast when gcc links: then gcc adds code
# that sets the floating-point environment of every program with the library.
FLAGS    = $(patsubst -Ofast,-O3,$(CFLAGS)) $(IEEE_CFLAGS)
LINK     = $(CC) $(FLAGS) $(HARD_LDFLAGS) $(LDFLAGS)
# Joins objects to one object with machine code, also if the objects were
# compiled for optimisation at link time. LDFLAGS are for programs, and so is the
# runtime of sanitizers, which clang would add to the object.
JOIN     = $(CC) $(FLAGS) -fno-sanitize=all -r -nostdlib $(JOIN_FLAGS)

# Checks vector files, those of vectors/ or others.
VECTORS = $(if $(JANSSON_LIBS),tests/vectors/secagg-vectors)
all: ## build the libraries and secagg-vectors
all: $(if $(filter yes,$(ARLIB)),$(STATIC)) \
     $(if $(filter yes,$(SHLIB)),$(SHARED)) $(VECTORS)

# One rule for each top folder. Examples include only the public headers. In a
# build without suite 1, all but the library uses suite 2 by default.
SUITE_INCLUDES    = $(if $(filter sodium,$(CRYPTO)),-I$S/tests/suite2)
INCLUDES_lib      = -I$S/lib
INCLUDES_tests    = $(SUITE_INCLUDES) -I$S/lib -I$S/tests
INCLUDES_bench    = $(SUITE_INCLUDES) -I$S/lib
INCLUDES_examples = $(SUITE_INCLUDES) -I$S/examples
define compile
$1/%.o: INCLUDES = $$(INCLUDES_$1)
$1/%.o: $S/$1/%.c config.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC) $$(ALL_CFLAGS) -c -o $$@ $$<
endef
$(foreach folder,lib tests bench examples,$(eval $(call compile,$(folder))))

# whole.o is the library as one object, in which the tests can call internal
# functions. In the static library only public names are global, so that no name
# of a program can meet an internal one.
ifeq ($(JOINS),yes)
lib/whole.o: $(OBJS)
	$(call say,LD,$@)$(JOIN) -o $@ $(OBJS)
PUBLIC = lib/libsecagg.o
$(PUBLIC): $(WHOLE)
	$(call say,COPY,$@)$(OBJCOPY) $(PUBLIC_NAMES) $< $@
else
WHOLE  = $(OBJS)
PUBLIC = $(OBJS)
endif
$(STATIC): $(PUBLIC)
	$(call say,AR,$@)rm -f $@ && $(AR) rc $@ $(PUBLIC) && $(RANLIB) $@

$(SHARED): $(WHOLE) lib/libsecagg.map
	$(call say,LD,$@)$(LINK) $(SO_LDFLAGS) -o $@ $(WHOLE) $(ALL_LIBS)
	@cd lib && rm -f $(SONAME) $(SOLINK) && \
	    $(LN_S) $(SOFILE) $(SONAME) && $(LN_S) $(SONAME) $(SOLINK)

-include $(wildcard lib/*/*.d tests/*/*.d bench/*.d examples/*/*.d)

# ---- tests -----------------------------------------------------------------

## TESTS='mem wire': only the programs tests/*/test_{mem,wire}, no scripts
## SECAGG_SMALL=1: smaller sizes in the slow tests
## WRAPPER=valgrind: run each test program with this command
## JOBS=1: test programs at the same time; one a processor

# Each file tests/*/test_NAME.c is a test program. In a build with libsodium alone
# tests use suite 2, and those of OpenSSL and of suite 1 are left out: whole
# programs here, single tests by WITH_OPENSSL().
LEFT_OUT_sodium = tests/session/test_openssl
# These compute what they expect with OpenSSL or GMP, and are left out where
# configure does not find it.
COMPARE_CRYPTO = $(addprefix tests/unit/test_,ed25519 hash share_key \
                 share_seal x25519)
COMPARE_GMP    = $(addprefix tests/unit/test_,fixed fixed_decode horner params \
                 params_bounded params_choose planar policy policy_table \
                 ring_cut tails) tests/attack/test_ring_client_checks
LEFT_OUT = $(sort $(LEFT_OUT_$(CRYPTO)) $(foreach l,$(NO_ORACLE),$(COMPARE_$l)))
SUITES   := $(filter-out $(LEFT_OUT),$(sort \
            $(patsubst $S/%.c,%,$(wildcard $S/tests/*/test_*.c))))
TESTS    ?= $(SUITES:tests/%=%)
TEST_BINS = $(foreach t,$(TESTS),$(or $(filter %/test_$(notdir $(t:test_%=%)) \
            %/$(notdir $t),$(SUITES)),$(error no test program $t)))
TEST_OBJS = $(patsubst $S/%.c,%.o,$(wildcard $S/tests/support/*.c))
# Only the library's own allocations are counted. So the test and the library are
# linked with the wrapping first, and other static libraries afterwards.
LINK_test_memory = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
LINK_test_ed25519_versions = -Wl,--wrap=crypto_sign_verify_detached \
    -Wl,--wrap=crypto_scalarmult_ed25519_noclamp
LINK_test_openssl = -Wl,--wrap=EVP_MD_fetch,--wrap=EVP_CIPHER_fetch
LINK_test_memory_parts = $(LINK_test_memory)
LINK_test_faults = $(LINK_test_memory),--wrap=sa_provider_random
LINK_test_message_memory = $(LINK_test_memory)
LINK_test_server_crash = -Wl,--wrap=secagg_server_recv \
    -Wl,--wrap=secagg_server_advance -Wl,--wrap=secagg_server_send
# This test has another mem.c, which the linker finds first.
LINK_test_mem = -Wl,-z,muldefs
tests/%.o: ALL_CFLAGS += $(CHECK_CFLAGS) $(TEST_CFLAGS) $(ORACLE_CFLAGS) \
    -DFIRST_SUITE=$(FIRST_SUITE)
FIRST_SUITE = $(if $(filter sodium,$(CRYPTO)),2,1)
$(SUITES): %: %.o $(TEST_OBJS) $(WHOLE)
	$(call say,LD,$@)$(if $(LINK_$(@F)),$(JOIN) $(LINK_$(@F)) \
	    -o $@_wrapped.o $< $(TEST_OBJS) $(OBJS) &&) \
	    $(LINK) -o $@ $(if $(LINK_$(@F)),$@_wrapped.o,$< \
	    $(TEST_OBJS) $(WHOLE)) $(CHECK_LIBS) $(ALL_LIBS) \
	    $(ORACLE_LIBS) -lpthread

VECTOR_OBJS = $(filter-out %_tool.o,$(patsubst $S/%.c,%.o, \
              $(wildcard $S/tests/vectors/vectors_*.c)))

# Fuzz targets. By default they have a main that replays a corpus;
# tests/fuzz/fuzz.sh builds them with a fuzzer.
FUZZERS   = $(addprefix tests/fuzz/fuzz_,server client server_state \
            $(if $(JANSSON_LIBS),vectors))
FUZZ_MAIN = tests/fuzz/fuzz_main.o
FUZZ_OBJS = tests/fuzz/fuzz.o tests/support/party.o \
            tests/support/session_driver.o $(FUZZ_MAIN)
tests/fuzz/fuzz_vectors: $(VECTOR_OBJS)
$(FUZZERS): %: %.o $(FUZZ_OBJS) $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $(sort $(filter tests/%,$^)) $(WHOLE) \
	    $(JANSSON_LIBS) $(ALL_LIBS)

tests/scripts/secrets: tests/scripts/secrets.o $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $< $(WHOLE) $(ALL_LIBS)

tests/scripts/liars tests/scripts/leaks: %: %.o $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $< $(WHOLE) $(ALL_LIBS)

HOSTILE = $(if $(VECTORS),tests/vectors/hostile)
tests/vectors/secagg-vectors: tests/vectors/vectors_tool.o
tests/vectors/hostile: tests/vectors/hostile.o
tests/vectors/secagg-vectors tests/vectors/hostile: $(VECTOR_OBJS) $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $(filter tests/vectors/%,$^) $(WHOLE) \
	    $(JANSSON_LIBS) $(ALL_LIBS)

# A client or a server over pipes, for sessions with the reference.
tests/vectors/secagg-peer: tests/vectors/peer.o $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $< $(WHOLE) $(ALL_LIBS)

TESTS_GIVEN = $(filter command line,$(origin TESTS))
CHECK_SCRIPTS = $(if $(TESTS_GIVEN),, \
                $(wildcard $(SCRIPTS:%=$S/tests/scripts/%.sh)))
check: ## run all tests and scripts
check: all $(STATIC) $(TEST_BINS) \
       $(if $(CHECK_SCRIPTS),$(HOSTILE) tests/vectors/secagg-peer $(FUZZERS) \
       tests/scripts/liars tests/scripts/leaks)
	@$(run_tests) $(TEST_BINS) $(CHECK_SCRIPTS)
check-vectors: ## check the library and the reference with the vectors
check-vectors: $(VECTORS) $(HOSTILE) tests/vectors/secagg-peer
	@$(run_tests) $(wildcard $(VECTOR_SCRIPTS:%=$S/tests/scripts/%.sh))
# Scripts that configure a build of their own choose the same libraries.
run_tests = srcdir=$S LEFT_OUT='$(if $(TESTS_GIVEN),,$(LEFT_OUT))' \
    WITH='--with-crypto=$(CRYPTO) $(if $(filter \
    invert_gmp,$(UNUSED)),--without-gmp)' FIRST_SUITE=$(FIRST_SUITE) \
    SUITE_INCLUDES='$(SUITE_INCLUDES)' \
    CC='$(CC)' NM='$(NM)' MAKE='$(MAKE)' SHLIB=$(SHLIB) ARLIB=$(ARLIB) \
    JOINS=$(JOINS) SHARED=$(SHARED) STATIC=$(STATIC) \
    WRAPPER='$(WRAPPER)' JOBS='$(JOBS)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
    LIBS='$(ALL_LIBS)' PKG_CONFIG='$(PKG_CONFIG)' sh $S/tests/scripts/run
check-long: export SECAGG_LONG = 1
check-long: check ## run every test at its full size (slow)

# ---- benchmarks and examples -----------------------------------------------

## BENCH_RUNS=5: number of runs of each benchmark; the default is 25
## DEMO_ARGS='--rounds 3': arguments of demo; likewise LONG_ARGS, PEERS_ARGS ...

BENCH_BINS = $(patsubst $S/%.c,%,$(wildcard $(BENCHES:%=$S/bench/bench_%.c)))
$(BENCH_BINS): bench/bench_%: bench/bench_%.o bench/sim.o $(WHOLE)
	$(call say,LD,$@)$(LINK) -o $@ $< bench/sim.o $(WHOLE) $(ALL_LIBS) \
	    -lpthread
bench: $(BENCH_BINS) ## measure the library; bench/report writes a table
	@printf '%-32s %11s %11s %11s %-5s %-16s %7s\n' \
	    name min median max unit ratio-to ratio
	@for b in $(BENCH_BINS); do ./$$b || exit 1; done

# Its vectors do not fit in the memory of a client.
bench/long: bench/long.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)
long: bench/long ## run a session whose vectors are sent in parts
ifdef LONG_ARGS
	./bench/long $(LONG_ARGS)
else
	./bench/long --entries 50000000
	./bench/long --entries 1000000000
endif

# The script creates a virtual environment outside this tree.
PYTHON ?= python3
peers: $(SHARED) ## compare with Flower's secure aggregation
	$(PYTHON) $S/bench/peers.py $(PEERS_ARGS) $(SHARED)

# The first example to read: a server and clients that speak TLS.
MINIMAL = $(addprefix examples/minimal/,server client certs)
examples/minimal/%.o: ALL_CFLAGS += $(SSL_CFLAGS)
$(MINIMAL): %: %.o examples/minimal/tls.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $^ $(SSL_LIBS) $(ALL_LIBS)
minimal: $(if $(SSL_LIBS),$(MINIMAL)) ## run the first example: server and clients over TLS
	@$(if $(SSL_LIBS),sh $S/examples/minimal/run.sh $(MINIMAL_ARGS), \
	    echo 'skipped: configure found no libssl')

# An example is the files of its folder and those of examples/common.
EXAMPLES = hospitals banks devices
example_objs = $(patsubst $S/%.c,%.o,$(wildcard $S/examples/$1/*.c \
               $S/examples/common/*.c))
define example
examples/$1/$1: $(call example_objs,$1) $(STATIC)
	$$(call say,LD,$$@)$$(LINK) -o $$@ $$^ $$(ALL_LIBS) -lpthread
endef
$(foreach name,$(EXAMPLES),$(eval $(call example,$(name))))
examples: ## build all examples
examples: $(foreach e,$(EXAMPLES),examples/$e/$e) examples/scale/threads \
          $(if $(SSL_LIBS),$(MINIMAL))
demo: examples/hospitals/hospitals ## train a model with the data of hospitals
	./$< --data $S/examples/data/wdbc.csv $(DEMO_ARGS)
banks: examples/banks/banks ## train a model of banks in active mode
	./$< --data $S/examples/data/credit.csv $(BANKS_ARGS)

devices: examples/devices/devices ## train a model on a fleet of devices
	./$< --data $S/examples/data/mlc_churn.csv $(DEVICES_ARGS)

# bench/scale.c counts the memory of the server by its own malloc functions.
LINK_scale = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
bench/scale: bench/scale.o $(WHOLE)
	$(call say,LD,$@)$(LINK) $(LINK_scale) -o $@ $< $(WHOLE) $(ALL_LIBS) \
	    -lpthread
scale: bench/scale ## run one session with many thousand clients
	./bench/scale $(SCALE_ARGS)

COHORT = $(addprefix examples/,scale/cohort.o common/clock.o \
         common/command_line.o)
examples/scale/threads: examples/scale/threads.o $(COHORT) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(COHORT) $(STATIC) $(ALL_LIBS) \
	    -lpthread
threads: examples/scale/threads ## read one sum with several threads
	./examples/scale/threads $(THREADS_ARGS)

# One example uses MPI. Open MPI refuses root, and more ranks than cores, without
# these variables.
MPICC  ?= mpicc
MPIRUN ?= mpirun -n 4
export OMPI_CC = $(CC)
export OMPI_ALLOW_RUN_AS_ROOT = 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = 1
export OMPI_MCA_rmaps_base_oversubscribe = 1
examples/scale/shards_mpi.o: $S/examples/scale/shards_mpi.c config.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)$(MPICC) $(ALL_CFLAGS) -c -o $@ $<
examples/scale/shards_mpi: examples/scale/shards_mpi.o $(COHORT) $(STATIC)
	$(call say,LD,$@)$(MPICC) $(CFLAGS) $(HARD_LDFLAGS) $(LDFLAGS) -o $@ \
	    $< $(COHORT) $(STATIC) $(ALL_LIBS)
shards: ## read one sum with several MPI ranks
	@if ! command -v $(MPICC) > /dev/null; then \
	    echo 'skipped: no $(MPICC)'; else \
	    $(MAKE) examples/scale/shards_mpi && \
	    $(MPIRUN) ./examples/scale/shards_mpi $(SHARDS_ARGS); fi

# ---- installing ------------------------------------------------------------

## DESTDIR=image: install below this folder

D = $(DESTDIR)
CMAKEDIR = $(libdir)/cmake/secagg
CMAKE    = secagg-config.cmake secagg-config-version.cmake
MANUALS  = $(notdir $(wildcard $S/man/*.[1357]))
MANDIRS  = $(sort $(patsubst .%,man%,$(suffix $(MANUALS))))
# A page of section 3 is also installed under the name of each function.
ALIASES  = case $$m in *.3) \
           sed -n 's/^\.Fo \([a-z0-9_]*\).*/\1.3/p' $S/man/$$m ;; esac
install: all ## install libraries, headers, manual, secagg-vectors
	install -d '$(D)$(docdir)' \
	    '$(D)$(includedir)/secagg' '$(D)$(libdir)/pkgconfig' \
	    '$(D)$(CMAKEDIR)' $(MANDIRS:%='$(D)$(mandir)/%')
	for h in $(HEADERS); do \
	    install -m 644 $S/include/$$h '$(D)$(includedir)'/$$h || exit 1; \
	    done
	install -m 644 $S/bindings/cpp/include/secagg.hpp '$(D)$(includedir)'
	install -m 644 lib/libsecagg.pc '$(D)$(libdir)/pkgconfig'
	install -m 644 $(CMAKE:%=lib/%) '$(D)$(CMAKEDIR)'
ifeq ($(ARLIB),yes)
	install -m 644 $(STATIC) '$(D)$(libdir)'
endif
ifeq ($(SHLIB),yes)
	install -m 755 $(SHARED) '$(D)$(libdir)'
	cd '$(D)$(libdir)' && ln -sf $(SOFILE) $(SONAME) && \
	    ln -sf $(SONAME) $(SOLINK)
endif
	install -m 644 $S/vectors/PROTOCOL.md '$(D)$(docdir)'
ifneq ($(VECTORS),)
	install -d '$(D)$(bindir)'
	install -m 755 $(VECTORS) '$(D)$(bindir)'
endif
	for m in $(MANUALS); do to='$(D)$(mandir)'/man$${m##*.}; \
	    install -m 644 $S/man/$$m "$$to"/$$m || exit 1; \
	    for a in `$(ALIASES)`; do \
	        [ $$a = $$m ] || ln -sf $$m "$$to"/$$a || exit 1; done; done

uninstall: ## remove the installed files
	cd '$(D)$(includedir)' && rm -f $(HEADERS) secagg.hpp
	cd '$(D)$(libdir)' && rm -f libsecagg.a $(SOLINK) $(SONAME) $(SOFILE) \
	    pkgconfig/libsecagg.pc $(CMAKE:%=cmake/secagg/%)
	for m in $(MANUALS); do cd '$(D)$(mandir)'/man$${m##*.} && \
	    rm -f $$m `cd '$(CURDIR)' && $(ALIASES)` || exit 1; done
	rm -f '$(D)$(docdir)'/PROTOCOL.md '$(D)$(bindir)'/secagg-vectors
	-rmdir '$(D)$(includedir)/secagg' '$(D)$(CMAKEDIR)' '$(D)$(docdir)'

# ---- releases --------------------------------------------------------------

# git lists the files of a tarball; in an unpacked one lib/MANIFEST does. All
# files have the time of the last commit, or SOURCE_DATE_EPOCH.
VERSION ?= $(shell sed -n 's/^.define SECAGG_VERSION_[A-Z]* //p' \
             $S/include/secagg/base.h | paste -s -d. -)
NAME = libsecagg-$(VERSION)
MANIFEST = $S/lib/MANIFEST
TAR ?= tar
GIT ?= $(and $(wildcard $S/.git),git -C $S)
dist: $S/configure ## make a tarball, the same bytes each time
ifneq ($(GIT),)
	@{ echo configure; echo lib/MANIFEST; $(GIT) ls-files | \
	    grep -v '^\.'; } | LC_ALL=C sort > $(MANIFEST)
endif
	@[ -f $(MANIFEST) ] || { echo 'cannot list the files: no .git and no' \
	    '$(MANIFEST)'; exit 1; }
	epoch=$${SOURCE_DATE_EPOCH:-$$($(or $(and $(GIT),$(GIT) log -1 \
	    --format=%ct),date -r $(MANIFEST) +%s))} && \
	$(TAR) -c -C $S --no-recursion --transform 's,^,$(NAME)/,' \
	    --format=ustar --owner=0 --group=0 --numeric-owner \
	    --mode=go=rX,u+rw,a-s --mtime=@$$epoch -T $(MANIFEST) | \
	    gzip -9n > $(NAME).tar.gz

# Unpack the tarball, make it read-only, and do what a packager does.
T = $(CURDIR)/distcheck
unpacked = (cd $T/$(NAME) && find . | LC_ALL=C sort)
distcheck: dist ## build, test and install from the tarball
	@[ ! -d $T ] || chmod -R u+w $T; rm -rf $T; mkdir -p $T/build
	$(TAR) -xzf $(NAME).tar.gz -C $T && chmod -R a-w $T/$(NAME)
	@$(unpacked) > $T/before
	cd $T/build && ../$(NAME)/configure -q --prefix=/stage
	SECAGG_SMALL=1 $(MAKE) -C $T/build check
	$(MAKE) -C $T/build install DESTDIR=$T/image
	@cd $T/image && find stage | LC_ALL=C sort
	$(MAKE) -C $T/build dist
	cmp $(NAME).tar.gz $T/build/$(NAME).tar.gz
	$(MAKE) -C $T/build uninstall DESTDIR=$T/image
	! find $T/image ! -type d | grep .
	$(MAKE) -C $T/build distclean
	! find $T/build ! -type d | grep .
	@$(unpacked) | diff $T/before -
	@chmod -R u+w $T; rm -rf $T
	@echo $(NAME).tar.gz is ready to ship:
	@sha256sum $(NAME).tar.gz

# ---- maintenance -----------------------------------------------------------

doc: ## build the reference manual: man/html/index.html
	@cd $S && sh man/site.sh '$(CURDIR)/man/html' '$(VERSION)'

check-build: $S/configure ## build with the options that distributions use
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/scripts/build.sh

## FUZZ_SECONDS=20: time for each fuzz target
## CROSS='arm64 s390x': machines for check-cross, by their names in Debian
## FRAMEWORKS='flower': test the Python package in this framework only
## MUTANTS='graph server': change only files with these words in their names
## VECTOR_FILES='params hash': change only these files in hostile-vectors
fuzz: $S/configure ## fuzz server, client, saved states and vector files
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/fuzz/fuzz.sh
fuzz-long: export FUZZ_SECONDS ?= 7200
fuzz-long: fuzz ## fuzz for two hours each
hostile-vectors: $S/configure ## change each value of all vector files (slow)
	srcdir=$(abspath $S) MAKE='$(MAKE)' VECTOR_FILES='$(VECTOR_FILES)' \
	    sh $S/tests/scripts/hostile.sh
check-leaks: export SECAGG_LONG = 1
check-leaks: $S/configure tests/scripts/leaks ## search memory for secrets, with each compiler
	srcdir=$(abspath $S) MAKE='$(MAKE)' LIBS='$(ALL_LIBS)' \
	    sh $S/tests/scripts/leaks.sh
check-musl: $S/configure ## build and test with musl
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/scripts/musl.sh
# These three install Python packages with pip.
check-frameworks: $(STATIC) ## test the Python package in Flower, NVFLARE, OpenFL
	srcdir=$(abspath $S) LIBS='$(ALL_LIBS)' STATIC=$(STATIC) \
	    FRAMEWORKS='$(FRAMEWORKS)' PYTHON='$(PYTHON)' \
	    sh $S/tests/scripts/frameworks.sh
wheel: $S/configure ## build the Python package: bindings/python/dist
	PYTHON='$(PYTHON)' sh $S/bindings/python/wheels/build.sh \
	    bindings/python/dist
check-wheel: $S/configure ## test the ways to install the Python package
	PYTHON='$(PYTHON)' MAKE='$(MAKE)' sh $S/bindings/python/wheels/check.sh
check-cross: $S/configure ## build and test for other machines with qemu
	srcdir=$(abspath $S) MAKE='$(MAKE)' CROSS='$(CROSS)' sh $S/tests/scripts/cross.sh
mutants: $S/configure ## check that the tests detect faulty changes (slow)
	python3 $S/tests/scripts/mutants.py $S '$(MAKE)' $(MUTANTS)
mutants-reference: ## check that the vectors refuse other readings (slow)
	python3 $S/vectors/reference/mutate.py $(MUTANTS)
lint: ## run clang-tidy and shellcheck
	cd $S && clang-tidy --quiet lib/*/*.c -- -std=c11 -Iinclude -Ilib
	cd $S && shellcheck -x -S error .ci/run tests/scripts/run \
	    tests/scripts/functions tests/scripts/abidump && shellcheck -s sh -S error \
	    tests/scripts/*.sh tests/fuzz/fuzz.sh bindings/python/wheels/*.sh

# tests/scripts/abi.sh compares the library with this file.
abi: $(SHARED) ## write the public interface to man/libsecagg.abi
	srcdir=$S sh $S/tests/scripts/abidump $(SHARED) > $S/man/libsecagg.abi

clean: ## remove what make built
	rm -f lib/*.[ao] lib/*/*.[od] lib/*.so* lib/*.dylib tests/*/*.[od]
	rm -f bench/*.[od] examples/*/*.[od]
	rm -f $(foreach e,$(EXAMPLES),examples/$e/$e) $(MINIMAL)
	rm -f examples/scale/threads examples/scale/shards_mpi libsecagg-*.tar.gz
	rm -f bench/scale bench/long $(FUZZERS)
	rm -f $(SUITES) $(addprefix tests/scripts/,secrets liars leaks)
	rm -f $(BENCHES:%=bench/bench_%)
	rm -f $(addprefix tests/vectors/,secagg-vectors hostile secagg-peer)
	[ ! -d distcheck ] || chmod -R u+w distcheck
	rm -rf man/html distcheck bindings/python/dist bindings/python/build

distclean: clean ## remove what configure wrote as well
	rm -f config.mk config.log config.status
	rm -f lib/libsecagg.pc lib/libsecagg.map $(CMAKE:%=lib/%)
	rm -rf autom4te.cache
	[ $S = . ] || rm -f Makefile

help: ## print this list
	@awk '/^# ---- / { gsub(/^# -+ | -+$$/, ""); section = $$0 } \
	    /^[a-z-]+:.* ## / { \
	        if (section != last) print section ":"; \
	        last = section; goal = $$1; sub(/:$$/, "", goal); \
	        sub(/.* ## /, ""); printf "  %-22s  %s\n", goal, $$0 \
	    } \
	    /^## / { \
	        name = $$0; gsub(/^## |: .*/, "", name); sub(/^[^:]*: /, ""); \
	        variables = variables sprintf("  %-22s  %s\n", name, $$0) \
	    } \
	    END { printf "variables, as in make check V=1:\n%s", variables }' \
	    $S/Makefile

.PHONY: help all check check-long check-vectors check-build check-musl \
	check-leaks check-cross check-frameworks wheel check-wheel mutants \
	mutants-reference fuzz fuzz-long hostile-vectors bench scale \
	long peers examples \
	minimal demo banks devices threads shards install uninstall dist \
	distcheck doc lint abi clean distclean
