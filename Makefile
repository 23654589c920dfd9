# SPDX-License-Identifier: Apache-2.0
# Hand-written; needs GNU make. configure writes config.mk.
#
#   make             build the libraries; configures by itself
#   make check       run every test; TESTS='field mask' runs those alone
#   make check-long  the same, with all that takes minutes
#   make check-vectors  the vectors, and the reference in Python, alone
#   make bench       run every benchmark
#   make long        a client sends a billion entries in parts; takes 5 GB
#   make peers       the same work by Flower (from PyPI), and by this library
#   make demo        hospitals that train together; DEMO_ARGS=--help
#   make banks       banks and a lying coordinator; BANKS_ARGS=--help
#   make examples    build all examples, run none
#   make devices     thousands of phones that do; DEVICES_ARGS=--help
#   make scale       10,000 clients in one session; SCALE_ARGS=--help
#   make threads     threads read one sum; THREADS_ARGS=--help
#   make shards      ranks of MPI hold one sum; SHARDS_ARGS=--help
#   make doc         the reference of the headers, as HTML
#   make install     DESTDIR= stages it; make uninstall takes it away
#   make dist        a reproducible tarball; make distcheck proves it
#   make check-build ways to configure; check-musl: on another C library
#   make check-cross on other machines, by qemu; CROSS='arm64 s390x armhf'
#   make mutants     break the library in many ways; somebody must notice
#   make fuzz        libFuzzer, 30 s a target; fuzz-long: FUZZ_SECONDS, 2 h
#   make lint        clang-tidy and shellcheck; make abi: see man/NEWS
# V=1 shows whole commands.

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

-include config.mk

S := $(or $(srcdir),.)
V ?= 0
say = $(if $(filter 0,$V),@printf '  %-4s %s\n' $(1) $(2);)

# Cleaning and shipping need no configuration.
UNCONFIGURED = clean distclean dist distcheck doc lint configure \
               check-build check-musl check-cross mutants fuzz fuzz-long
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

# ---- what there is ---------------------------------------------------------

HEADERS = secagg.h $(addprefix secagg/,base.h params.h client.h server.h \
          keys.h planar.h mask.h shamir.h graph.h fixed.h)
MODULES = base mem random bits ranges cpu \
          horner_portable horner_avx2 horner_avx512 field hash prg agree seal keys box vault identity \
          shamir decode \
          planar_portable planar_neon planar_avx2 planar_avx512 planar \
          mask_portable mask_aes mask_neon mask_aesni mask_avx2 \
          mask_vaes256 mask_vaes512 mask graph words \
          fixed_portable fixed_avx2 fixed_avx512 fixed \
          wire params params_check choose schedule roster \
          msg_header msg_keys msg_roster msg_shares msg_relay msg_input \
          msg_part msg_survivors msg_confirm msg_signatures msg_unmask \
          msg_abort \
          input client client_policy client_recv client_send client_input \
          client_save \
          result server server_recv server_part server_send server_freeze \
          recovery
VECTOR_SCRIPTS = vectors reference peers
SCRIPTS = layers symbols headers banned clauses corpus secrets manual readme \
          doc abi install shards $(VECTOR_SCRIPTS)
BENCHES = mask planar fixed shares threads session

# Flags of kernels, each for its own file alone: the code that asks whether the
# machine has these instructions must not use them.
CFLAGS_planar_avx2   = $(AVX2_CFLAGS)
CFLAGS_planar_avx512 = $(AVX512_CFLAGS)
CFLAGS_mask_aesni    = $(AESNI_CFLAGS)
CFLAGS_mask_avx2     = $(AESNI_CFLAGS) $(AVX2_CFLAGS)
CFLAGS_mask_vaes256  = $(AVX2_CFLAGS) $(VAES_CFLAGS)
CFLAGS_mask_vaes512  = $(AVX512_CFLAGS) $(VAES_CFLAGS)
CFLAGS_mask_neon     = $(NEON_CFLAGS)
CFLAGS_horner_avx2   = $(AVX2_CFLAGS)
CFLAGS_horner_avx512 = $(AVX512_CFLAGS)
CFLAGS_fixed_avx2    = $(IEEE_CFLAGS) $(AVX2_CFLAGS)
CFLAGS_fixed_avx512  = $(IEEE_CFLAGS) $(AVX512_CFLAGS)

# ---- how it is built -------------------------------------------------------

OBJS     = $(MODULES:%=lib/%.o)
STATIC   = lib/libsecagg.a
SHARED   = lib/$(SOFILE)
ALL_CFLAGS = -std=c11 -MMD -MP -fPIC -I$S/include -I$S/lib $(DEP_CFLAGS) \
             $(CPPFLAGS) $(WARN_CFLAGS) $(HARD_CFLAGS) \
             $(CFLAGS_$(basename $(notdir $@))) $(CFLAGS)
ALL_LIBS = $(DEP_LIBS) $(LIBS) -lm
# Loops that are for the compiler to make vectors of, and doubles.
CFLAGS_fixed_portable = $(IEEE_CFLAGS) $(LOOP_CFLAGS) $(QUIET_CFLAGS)
CFLAGS_fixed = $(IEEE_CFLAGS) $(LOOP_CFLAGS)
CFLAGS_result = $(IEEE_CFLAGS)
CFLAGS_choose = $(IEEE_CFLAGS)
CFLAGS_test_fixed_levels = $(IEEE_CFLAGS)
LINK     = $(CC) $(CFLAGS) $(HARD_LDFLAGS) $(LDFLAGS)

all: $(if $(filter yes,$(ARLIB)),$(STATIC)) \
     $(if $(filter yes,$(SHLIB)),$(SHARED))

# One rule a room: a pattern without a slash would not find $(srcdir).
define compile
$1/%.o: $S/$1/%.c config.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC) $$(ALL_CFLAGS) -c -o $$@ $$<
endef
$(foreach room,lib tests bench examples,$(eval $(call compile,$(room))))

$(STATIC): $(OBJS)
	$(call say,AR,$@)rm -f $@ && $(AR) rc $@ $(OBJS) && $(RANLIB) $@

$(SHARED): $(OBJS) lib/libsecagg.map
	$(call say,LD,$@)$(LINK) $(SO_LDFLAGS) -o $@ $(OBJS) $(ALL_LIBS)
	@cd lib && rm -f $(SONAME) $(SOLINK) && \
	    $(LN_S) $(SOFILE) $(SONAME) && $(LN_S) $(SONAME) $(SOLINK)

-include $(wildcard lib/*.d tests/*.d bench/*.d examples/*.d)

# ---- tests -----------------------------------------------------------------

SUITES   := $(patsubst $S/tests/test_%.c,%,$(wildcard $S/tests/test_*.c))
TESTS    ?= $(SUITES)
TEST_BINS = $(TESTS:%=tests/test_%)
TEST_OBJS = $(addprefix tests/,party.o attack.o mixed.o liar.o ringside.o \
            partside.o)
# Allocations of ours alone are counted, so that what is static but not ours is
# linked after the wrapping.
LINK_test_memory = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
LINK_test_steady = $(LINK_test_memory)
LINK_test_faults = $(LINK_test_memory),--wrap=RAND_priv_bytes
tests/%.o: ALL_CFLAGS += $(CHECK_CFLAGS)
$(TEST_BINS): tests/test_%: tests/test_%.o $(TEST_OBJS) $(STATIC)
	$(call say,LD,$@)$(if $(LINK_$(@F)),$(CC) -r -nostdlib $(LINK_$(@F)) \
	    -o tests/wrapped_$*.o $< $(TEST_OBJS) $(STATIC) &&) \
	    $(LINK) -o $@ $(if $(LINK_$(@F)),tests/wrapped_$*.o,$< \
	    $(TEST_OBJS) $(STATIC)) $(CHECK_LIBS) $(ALL_LIBS) -lpthread

# What a fuzzer plays; without one, a main that replays a corpus. See
# tests/fuzz.sh.
FUZZERS   = tests/fuzz_server tests/fuzz_client
FUZZ_MAIN = tests/fuzz_main.o
FUZZ_OBJS = $(addprefix tests/,fuzz.o party.o ringside.o) $(FUZZ_MAIN)
$(FUZZERS): tests/%: tests/%.o $(FUZZ_OBJS) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(FUZZ_OBJS) $(STATIC) \
	    $(ALL_LIBS)

tests/secrets: tests/secrets.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)

# For auditors: any vector file, from here or from elsewhere.
VECTORS = $(if $(findstring HAVE_JANSSON,$(CHECK_CFLAGS)), \
          tests/secagg-vectors)
VECTOR_OBJS = $(patsubst $S/%.c,%.o,$(wildcard $S/tests/vectors_*.c))
tests/secagg-vectors: $(VECTOR_OBJS) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $(VECTOR_OBJS) $(STATIC) \
	    $(CHECK_LIBS) $(ALL_LIBS)

# One party over pipes, for sessions with the reference.
tests/secagg-peer: tests/peer.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)

CHECK_SCRIPTS = $(if $(filter command line,$(origin TESTS)),, \
                $(wildcard $(SCRIPTS:%=$S/tests/%.sh)))
check: all $(STATIC) $(TEST_BINS) \
       $(if $(CHECK_SCRIPTS),$(VECTORS) tests/secagg-peer $(FUZZERS))
	@$(run_tests) $(TEST_BINS) $(CHECK_SCRIPTS)
# The library, the reference in Python and the vectors agree.
check-vectors: $(VECTORS) tests/secagg-peer
	@$(run_tests) $(wildcard $(VECTOR_SCRIPTS:%=$S/tests/%.sh))
run_tests = srcdir=$S CC='$(CC)' NM='$(NM)' MAKE='$(MAKE)' SHLIB=$(SHLIB) \
    ARLIB=$(ARLIB) SHARED=$(SHARED) STATIC=$(STATIC) \
    WRAPPER='$(WRAPPER)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
    LIBS='$(ALL_LIBS)' PKG_CONFIG='$(PKG_CONFIG)' sh $S/tests/run
check-long: export SECAGG_LONG = 1
check-long: check

# ---- benchmarks and examples -----------------------------------------------

BENCH_BINS = $(patsubst $S/%.c,%,$(wildcard $(BENCHES:%=$S/bench/bench_%.c)))
$(BENCH_BINS): bench/bench_%: bench/bench_%.o bench/sim.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< bench/sim.o $(STATIC) $(ALL_LIBS) \
	    -lpthread
bench: $(BENCH_BINS)
	@printf '%-32s %11s %11s %11s %-5s %-16s %7s\n' \
	    name min median max unit ratio-to ratio
	@for b in $(BENCH_BINS); do ./$$b || exit 1; done

# Longer than a client's memory: LONG_ARGS picks another length.
bench/long: bench/long.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)
long: bench/long
ifdef LONG_ARGS
	./bench/long $(LONG_ARGS)
else
	./bench/long --entries 50000000
	./bench/long --entries 1000000000
endif

# Beside Flower, in a virtual environment that the script makes elsewhere.
PYTHON ?= python3
peers: $(SHARED)
	$(PYTHON) $S/bench/peers.py $(PEERS_ARGS) $(SHARED)

# Each example is its own files and those that all share.
EXAMPLES = hospitals banks devices
example_objs = $(patsubst $S/%.c,%.o,$(wildcard $S/examples/$1*.c \
               $S/examples/example_*.c))
define example
examples/$1: $(call example_objs,$1) $(STATIC)
	$$(call say,LD,$$@)$$(LINK) -o $$@ $$^ $$(ALL_LIBS) -lpthread
endef
$(foreach name,$(EXAMPLES),$(eval $(call example,$(name))))
examples: $(EXAMPLES:%=examples/%) examples/threads
demo: examples/hospitals
	./examples/hospitals --data $S/examples/data/wdbc.csv $(DEMO_ARGS)
banks: examples/banks
	./examples/banks --data $S/examples/data/credit.csv $(BANKS_ARGS)

devices: examples/devices
	./examples/devices --data $S/examples/data/mlc_churn.csv $(DEVICES_ARGS)

# Memory is counted in place of malloc and its like.
LINK_scale = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
bench/scale: bench/scale.o $(STATIC)
	$(call say,LD,$@)$(LINK) $(LINK_scale) -o $@ $< $(STATIC) $(ALL_LIBS) \
	    -lpthread
scale: bench/scale
	./bench/scale $(SCALE_ARGS)

COHORT = $(addprefix examples/,cohort.o example_clock.o example_options.o)
examples/threads: examples/threads.o $(COHORT) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(COHORT) $(STATIC) $(ALL_LIBS) \
	    -lpthread
threads: examples/threads
	./examples/threads $(THREADS_ARGS)

# The compiler of an MPI, for one example. Open MPI refuses root, and more
# ranks than cores, unless it is told.
MPICC  ?= mpicc
MPIRUN ?= mpirun -n 4
export OMPI_CC = $(CC)
export OMPI_ALLOW_RUN_AS_ROOT = 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = 1
export OMPI_MCA_rmaps_base_oversubscribe = 1
examples/shards_mpi.o: $S/examples/shards_mpi.c config.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)$(MPICC) $(ALL_CFLAGS) -c -o $@ $<
examples/shards_mpi: examples/shards_mpi.o $(COHORT) $(STATIC)
	$(call say,LD,$@)$(MPICC) $(CFLAGS) $(HARD_LDFLAGS) $(LDFLAGS) -o $@ \
	    $< $(COHORT) $(STATIC) $(ALL_LIBS)
shards:
	@if ! command -v $(MPICC) > /dev/null; then \
	    echo 'skipped: no $(MPICC)'; else \
	    $(MAKE) examples/shards_mpi && \
	    $(MPIRUN) ./examples/shards_mpi $(SHARDS_ARGS); fi

# ---- installing ------------------------------------------------------------

D = $(DESTDIR)
CMAKEDIR = $(libdir)/cmake/secagg
CMAKE    = secagg-config.cmake secagg-config-version.cmake
MANUALS  = $(notdir $(wildcard $S/man/*.[357]))
MANDIRS  = $(sort $(patsubst .%,man%,$(suffix $(MANUALS))))
# A page of section 3 is found under the name of each of its functions, too.
ALIASES  = case $$m in *.3) \
           sed -n 's/^\.Fo \([a-z0-9_]*\).*/\1.3/p' $S/man/$$m ;; esac
install: all
	install -d '$(D)$(includedir)/secagg' '$(D)$(libdir)/pkgconfig' \
	    '$(D)$(CMAKEDIR)' $(MANDIRS:%='$(D)$(mandir)/%')
	for h in $(HEADERS); do \
	    install -m 644 $S/include/$$h '$(D)$(includedir)'/$$h || exit 1; \
	    done
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
	for m in $(MANUALS); do to='$(D)$(mandir)'/man$${m##*.}; \
	    install -m 644 $S/man/$$m "$$to"/$$m || exit 1; \
	    for a in `$(ALIASES)`; do \
	        [ $$a = $$m ] || ln -sf $$m "$$to"/$$a || exit 1; done; done

uninstall:
	cd '$(D)$(includedir)' && rm -f $(HEADERS)
	cd '$(D)$(libdir)' && rm -f libsecagg.a $(SOLINK) $(SONAME) $(SOFILE) \
	    pkgconfig/libsecagg.pc $(CMAKE:%=cmake/secagg/%)
	for m in $(MANUALS); do cd '$(D)$(mandir)'/man$${m##*.} && \
	    rm -f $$m `cd '$(CURDIR)' && $(ALIASES)` || exit 1; done
	-rmdir '$(D)$(includedir)/secagg' '$(D)$(CMAKEDIR)'

# ---- shipping --------------------------------------------------------------

# The list of files is git's, and in a tarball that which came with it. All
# times are that of the last commit, or SOURCE_DATE_EPOCH.
VERSION ?= $(shell sed -n 's/^.define SECAGG_VERSION_[A-Z]* //p' \
             $S/include/secagg/base.h | paste -s -d. -)
NAME = libsecagg-$(VERSION)
MANIFEST = $S/lib/MANIFEST
TAR ?= tar
GIT ?= $(and $(wildcard $S/.git),git -C $S)
dist: $S/configure
ifneq ($(GIT),)
	@{ echo configure; echo lib/MANIFEST; $(GIT) ls-files | \
	    grep -v '^\.'; } | LC_ALL=C sort > $(MANIFEST)
endif
	@[ -f $(MANIFEST) ] || { echo 'no list of files: neither .git nor' \
	    '$(MANIFEST)'; exit 1; }
	epoch=$${SOURCE_DATE_EPOCH:-$$($(or $(and $(GIT),$(GIT) log -1 \
	    --format=%ct),date -r $(MANIFEST) +%s))} && \
	$(TAR) -c -C $S --no-recursion --transform 's,^,$(NAME)/,' \
	    --format=ustar --owner=0 --group=0 --numeric-owner \
	    --mode=go=rX,u+rw,a-s --mtime=@$$epoch -T $(MANIFEST) | \
	    gzip -9n > $(NAME).tar.gz

# Unpack where nothing may be written and do all that a packager does.
T = $(CURDIR)/distcheck
unpacked = (cd $T/$(NAME) && find . | LC_ALL=C sort)
distcheck: dist
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

# ---- the rest --------------------------------------------------------------

doc:
	@mkdir -p man/html
	@cd $S && { cat man/Doxyfile; \
	    echo 'PROJECT_NUMBER = $(VERSION)'; \
	    echo 'OUTPUT_DIRECTORY = $(CURDIR)/man/html'; } | doxygen -

# What is configured in ways that distributions, and cross builders, use.
check-build: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/build.sh

# Slow campaigns and tools that not everybody has.
fuzz: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/fuzz.sh
fuzz-long: export FUZZ_SECONDS ?= 7200
fuzz-long: fuzz
check-musl: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/musl.sh
check-cross: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' CROSS='$(CROSS)' sh $S/tests/cross.sh
mutants: $S/configure
	python3 $S/tests/mutants.py $S '$(MAKE)' $(MUTANTS)
lint:
	cd $S && clang-tidy --quiet lib/*.c -- -std=c11 -Iinclude -Ilib
	cd $S && shellcheck -x -S error .ci/run tests/run tests/functions \
	    tests/abidump && shellcheck -s sh -S error tests/*.sh

# The public interface as data, to be kept: tests/abi.sh holds to it.
abi: $(SHARED)
	srcdir=$S sh $S/tests/abidump $(SHARED) > $S/man/libsecagg.abi

clean:
	rm -f lib/*.[oda] lib/*.so* lib/*.dylib tests/*.[od] bench/*.[od]
	rm -f examples/*.[od] $(EXAMPLES:%=examples/%)
	rm -f examples/threads examples/shards_mpi libsecagg-*.tar.gz
	rm -f bench/scale bench/long $(FUZZERS)
	rm -f $(SUITES:%=tests/test_%) $(BENCHES:%=bench/bench_%)
	rm -f tests/secagg-vectors tests/secagg-peer
	[ ! -d distcheck ] || chmod -R u+w distcheck
	rm -rf man/html distcheck

distclean: clean
	rm -f config.mk config.log config.status
	rm -f lib/libsecagg.pc lib/libsecagg.map $(CMAKE:%=lib/%)
	rm -rf autom4te.cache
	[ $S = . ] || rm -f Makefile

.PHONY: all check check-long check-vectors check-build check-musl \
	check-cross mutants fuzz fuzz-long bench scale long peers examples \
	demo banks devices threads shards install uninstall dist distcheck \
	doc lint abi clean distclean
