# SPDX-License-Identifier: Apache-2.0
# Hand-written; needs GNU make. configure writes config.mk. `make help` lists
# the goals, which are described where each is defined: "goal: ## text".

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
# Sources are found, not listed, so that no new file is left out by silence;
# lib/LAYERS says which modules there may be, and any other file is an error.
LAYERS := $(shell sed -n 's/^\[\(.*\)\]$$/\1/p; s/^\([a-z0-9_]*\):.*/\1/p' \
          $S/lib/LAYERS)
SOURCES := $(sort $(wildcard $S/lib/*.c $S/lib/*/*.c))
UNKNOWN := $(strip $(foreach f,$(SOURCES) $(wildcard $S/lib/*.h \
           $S/lib/*/*.h),$(if $(filter $(basename $(notdir $f)),$(LAYERS)),, \
           $f)))
$(if $(UNKNOWN),$(error not in lib/LAYERS: $(UNKNOWN)))
VECTOR_SCRIPTS = vectors reference peers
SCRIPTS = layers calls symbols headers banned clauses corpus secrets manual \
          readme doc abi install minimal shards $(VECTOR_SCRIPTS)
BENCHES = mask planar fixed shares threads session segments

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

OBJS     = $(SOURCES:$S/%.c=%.o)
STATIC   = lib/libsecagg.a
SHARED   = lib/$(SOFILE)
ALL_CFLAGS = -std=c11 -MMD -MP -fPIC -I$S/include $(INCLUDES) $(DEP_CFLAGS) \
             $(CPPFLAGS) $(WARN_CFLAGS) $(HARD_CFLAGS) \
             $(CFLAGS_$(basename $(notdir $@))) $(CFLAGS)
ALL_LIBS = $(DEP_LIBS) $(LIBS) -lm
# Loops that are for the compiler to make vectors of, and doubles.
CFLAGS_fixed_portable = $(IEEE_CFLAGS) $(LOOP_CFLAGS) $(QUIET_CFLAGS)
CFLAGS_fixed = $(IEEE_CFLAGS) $(LOOP_CFLAGS)
CFLAGS_server_aggregate = $(IEEE_CFLAGS)
CFLAGS_params_choose = $(IEEE_CFLAGS)
CFLAGS_test_fixed_backends = $(IEEE_CFLAGS)
LINK     = $(CC) $(CFLAGS) $(HARD_LDFLAGS) $(LDFLAGS)

all: $(if $(filter yes,$(ARLIB)),$(STATIC)) \
     $(if $(filter yes,$(SHLIB)),$(SHARED))

# One rule for each top folder. Examples see the public headers alone.
INCLUDES_lib      = -I$S/lib
INCLUDES_tests    = -I$S/lib -I$S/tests
INCLUDES_bench    = -I$S/lib
INCLUDES_examples = -I$S/examples
define compile
$1/%.o: INCLUDES = $$(INCLUDES_$1)
$1/%.o: $S/$1/%.c config.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)$$(CC) $$(ALL_CFLAGS) -c -o $$@ $$<
endef
$(foreach folder,lib tests bench examples,$(eval $(call compile,$(folder))))

$(STATIC): $(OBJS)
	$(call say,AR,$@)rm -f $@ && $(AR) rc $@ $(OBJS) && $(RANLIB) $@

$(SHARED): $(OBJS) lib/libsecagg.map
	$(call say,LD,$@)$(LINK) $(SO_LDFLAGS) -o $@ $(OBJS) $(ALL_LIBS)
	@cd lib && rm -f $(SONAME) $(SOLINK) && \
	    $(LN_S) $(SOFILE) $(SONAME) && $(LN_S) $(SONAME) $(SOLINK)

-include $(wildcard lib/*/*.d tests/*/*.d bench/*.d examples/*/*.d)

# ---- tests -----------------------------------------------------------------

# Every test program is a file tests/*/test_NAME.c; NAME alone picks it.
SUITES   := $(sort $(patsubst $S/%.c,%,$(wildcard $S/tests/*/test_*.c)))
TESTS    ?= $(SUITES:tests/%=%)
TEST_BINS = $(foreach t,$(TESTS),$(or $(filter %/test_$(notdir $(t:test_%=%)) \
            %/$(notdir $t),$(SUITES)),$(error no test program $t)))
TEST_OBJS = $(patsubst $S/%.c,%.o,$(wildcard $S/tests/support/*.c))
# Allocations of ours alone are counted, so that what is static but not ours is
# linked after the wrapping.
LINK_test_memory = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
LINK_test_memory_parts = $(LINK_test_memory)
LINK_test_faults = $(LINK_test_memory),--wrap=RAND_priv_bytes
tests/%.o: ALL_CFLAGS += $(CHECK_CFLAGS)
$(SUITES): %: %.o $(TEST_OBJS) $(STATIC)
	$(call say,LD,$@)$(if $(LINK_$(@F)),$(CC) -r -nostdlib $(LINK_$(@F)) \
	    -o $@_wrapped.o $< $(TEST_OBJS) $(STATIC) &&) \
	    $(LINK) -o $@ $(if $(LINK_$(@F)),$@_wrapped.o,$< \
	    $(TEST_OBJS) $(STATIC)) $(CHECK_LIBS) $(ALL_LIBS) -lpthread

# What a fuzzer plays; without one, a main that replays a corpus. See
# tests/fuzz/fuzz.sh.
FUZZERS   = tests/fuzz/fuzz_server tests/fuzz/fuzz_client
FUZZ_MAIN = tests/fuzz/fuzz_main.o
FUZZ_OBJS = tests/fuzz/fuzz.o tests/support/party.o \
            tests/support/session_driver.o $(FUZZ_MAIN)
$(FUZZERS): %: %.o $(FUZZ_OBJS) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(FUZZ_OBJS) $(STATIC) \
	    $(ALL_LIBS)

tests/scripts/secrets: tests/scripts/secrets.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)

# For auditors: any vector file, from here or from elsewhere.
VECTORS = $(if $(findstring HAVE_JANSSON,$(CHECK_CFLAGS)), \
          tests/vectors/secagg-vectors)
VECTOR_OBJS = $(patsubst $S/%.c,%.o,$(wildcard $S/tests/vectors/vectors_*.c))
tests/vectors/secagg-vectors: $(VECTOR_OBJS) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $(VECTOR_OBJS) $(STATIC) \
	    $(CHECK_LIBS) $(ALL_LIBS)

# One party over pipes, for sessions with the reference.
tests/vectors/secagg-peer: tests/vectors/peer.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)

CHECK_SCRIPTS = $(if $(filter command line,$(origin TESTS)),, \
                $(wildcard $(SCRIPTS:%=$S/tests/scripts/%.sh)))
check: all $(STATIC) $(TEST_BINS) \
       $(if $(CHECK_SCRIPTS),$(VECTORS) tests/vectors/secagg-peer $(FUZZERS))
	@$(run_tests) $(TEST_BINS) $(CHECK_SCRIPTS)
# The library, the reference in Python and the vectors agree.
check-vectors: $(VECTORS) tests/vectors/secagg-peer
	@$(run_tests) $(wildcard $(VECTOR_SCRIPTS:%=$S/tests/scripts/%.sh))
run_tests = srcdir=$S CC='$(CC)' NM='$(NM)' MAKE='$(MAKE)' SHLIB=$(SHLIB) \
    ARLIB=$(ARLIB) SHARED=$(SHARED) STATIC=$(STATIC) \
    WRAPPER='$(WRAPPER)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
    LIBS='$(ALL_LIBS)' PKG_CONFIG='$(PKG_CONFIG)' sh $S/tests/scripts/run
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

# The first example to read: a server and clients that speak TLS.
MINIMAL = $(addprefix examples/minimal/,server client certs)
examples/minimal/%.o: ALL_CFLAGS += $(SSL_CFLAGS)
$(MINIMAL): %: %.o examples/minimal/tls.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $^ $(SSL_LIBS) $(ALL_LIBS)
minimal: $(if $(SSL_LIBS),$(MINIMAL)) ## a server and clients over TLS, to copy from
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
examples: $(foreach e,$(EXAMPLES),examples/$e/$e) examples/scale/threads \
          $(if $(SSL_LIBS),$(MINIMAL))
demo: examples/hospitals/hospitals
	./$< --data $S/examples/data/wdbc.csv $(DEMO_ARGS)
banks: examples/banks/banks
	./$< --data $S/examples/data/credit.csv $(BANKS_ARGS)

devices: examples/devices/devices
	./$< --data $S/examples/data/mlc_churn.csv $(DEVICES_ARGS)

# Memory is counted in place of malloc and its like.
LINK_scale = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
bench/scale: bench/scale.o $(STATIC)
	$(call say,LD,$@)$(LINK) $(LINK_scale) -o $@ $< $(STATIC) $(ALL_LIBS) \
	    -lpthread
scale: bench/scale
	./bench/scale $(SCALE_ARGS)

COHORT = $(addprefix examples/,scale/cohort.o common/clock.o \
         common/command_line.o)
examples/scale/threads: examples/scale/threads.o $(COHORT) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(COHORT) $(STATIC) $(ALL_LIBS) \
	    -lpthread
threads: examples/scale/threads
	./examples/scale/threads $(THREADS_ARGS)

# The compiler of an MPI, for one example. Open MPI refuses root, and more
# ranks than cores, unless it is told.
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
shards:
	@if ! command -v $(MPICC) > /dev/null; then \
	    echo 'skipped: no $(MPICC)'; else \
	    $(MAKE) examples/scale/shards_mpi && \
	    $(MPIRUN) ./examples/scale/shards_mpi $(SHARDS_ARGS); fi

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

# The reference as a site: man/html/index.html.
doc:
	@cd $S && sh man/site.sh '$(CURDIR)/man/html' '$(VERSION)'

# What is configured in ways that distributions, and cross builders, use.
check-build: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/scripts/build.sh

# Slow campaigns and tools that not everybody has.
fuzz: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/fuzz/fuzz.sh
fuzz-long: export FUZZ_SECONDS ?= 7200
fuzz-long: fuzz
check-musl: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' sh $S/tests/scripts/musl.sh
check-cross: $S/configure
	srcdir=$(abspath $S) MAKE='$(MAKE)' CROSS='$(CROSS)' sh $S/tests/scripts/cross.sh
mutants: $S/configure
	python3 $S/tests/scripts/mutants.py $S '$(MAKE)' $(MUTANTS)
lint:
	cd $S && clang-tidy --quiet lib/*/*.c -- -std=c11 -Iinclude -Ilib
	cd $S && shellcheck -x -S error .ci/run tests/scripts/run \
	    tests/scripts/functions tests/scripts/abidump && shellcheck -s sh -S error \
	    tests/scripts/*.sh tests/fuzz/fuzz.sh

# The public interface as data, to be kept: tests/scripts/abi.sh holds to it.
abi: $(SHARED)
	srcdir=$S sh $S/tests/scripts/abidump $(SHARED) > $S/man/libsecagg.abi

clean:
	rm -f lib/*.a lib/*/*.[od] lib/*.so* lib/*.dylib tests/*/*.[od]
	rm -f bench/*.[od] examples/*/*.[od]
	rm -f $(foreach e,$(EXAMPLES),examples/$e/$e) $(MINIMAL)
	rm -f examples/scale/threads examples/scale/shards_mpi libsecagg-*.tar.gz
	rm -f bench/scale bench/long $(FUZZERS)
	rm -f $(SUITES) tests/scripts/secrets $(BENCHES:%=bench/bench_%)
	rm -f tests/vectors/secagg-vectors tests/vectors/secagg-peer
	[ ! -d distcheck ] || chmod -R u+w distcheck
	rm -rf man/html distcheck

distclean: clean
	rm -f config.mk config.log config.status
	rm -f lib/libsecagg.pc lib/libsecagg.map $(CMAKE:%=lib/%)
	rm -rf autom4te.cache
	[ $S = . ] || rm -f Makefile

.PHONY: all check check-long check-vectors check-build check-musl \
	check-cross mutants fuzz fuzz-long bench scale long peers examples \
	minimal demo banks devices threads shards install uninstall dist \
	distcheck doc lint abi clean distclean
