# SPDX-License-Identifier: Apache-2.0
# Hand-written; needs GNU make. configure writes config.mk.
#
#   make             build the libraries; configures by itself
#   make check       run every test; TESTS='field mask' runs those alone
#   make check-long  the same, with all that takes minutes
#   make bench       run every benchmark
#   make demo        hospitals that train together; DEMO_ARGS=--help
#   make doc         the reference of the headers, as HTML
#   make install     DESTDIR= stages it; make uninstall takes it away
#   make dist        a reproducible tarball

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

-include config.mk

S := $(or $(srcdir),.)
V ?= 0
Q := $(if $(filter 0,$V),@,)
say = @printf '  %-4s %s\n' $(1) $(2);

# Cleaning, and the tarball's list, need no configuration.
ifneq ($(filter-out clean distclean configure,$(or $(MAKECMDGOALS),all)),)
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
MODULES = base mem random bits ranges \
          field hash prg agree seal keys box vault identity \
          shamir decode planar mask_portable mask graph fixed \
          wire params params_check choose schedule roster \
          msg_header msg_keys msg_roster msg_shares msg_relay msg_input \
          msg_part msg_survivors msg_confirm msg_signatures msg_unmask \
          msg_abort \
          input client client_policy client_recv client_send client_input \
          client_save \
          result server server_recv server_part server_send server_freeze \
          recovery
SUITES  = mem bits ranges field hash prg agree seal keys box shamir planar \
          mask fixed wire params params_check schedule roster graph choose \
          decode msg input session conduct segments pieces memory hostile \
          replay lists misled active ring resume chunk identities \
          signatures attacks views liars accused fresh \
          bent faults
SCRIPTS = layers symbols headers banned install
BENCHES = mask

# ---- how it is built -------------------------------------------------------

OBJS     = $(MODULES:%=lib/%.o)
STATIC   = lib/libsecagg.a
SONAME   = libsecagg.so.$(ABI_MAJOR)
SHARED   = lib/$(SONAME).$(ABI_MINOR)
ALL_CFLAGS = -std=c11 -MMD -MP -fPIC -I$S/include -I$S/lib $(DEP_CFLAGS) \
             $(CPPFLAGS) $(WARN_CFLAGS) $(HARD_CFLAGS) $(CFLAGS) \
             $(CFLAGS_$(basename $(notdir $@)))
ALL_LIBS = $(DEP_LIBS) $(LIBS) -lm
LINK     = $(CC) $(CFLAGS) $(HARD_LDFLAGS) $(LDFLAGS)

all: $(STATIC) $(if $(filter yes,$(SHLIB)),$(SHARED))

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
	$(call say,LD,$@)$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs \
	    -Wl,--version-script,lib/libsecagg.map -o $@ $(OBJS) $(ALL_LIBS)
	@cd lib && rm -f $(SONAME) libsecagg.so && \
	    $(LN_S) $(notdir $@) $(SONAME) && $(LN_S) $(SONAME) libsecagg.so

-include $(wildcard lib/*.d tests/*.d bench/*.d examples/*.d)

# ---- tests -----------------------------------------------------------------

TESTS    ?= $(patsubst $S/tests/test_%.c,%,$(wildcard \
            $(SUITES:%=$S/tests/test_%.c)))
TEST_BINS = $(TESTS:%=tests/test_%)
TEST_OBJS = $(addprefix tests/,party.o attack.o mixed.o liar.o)
LINK_test_memory = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
tests/%.o: ALL_CFLAGS += $(CHECK_CFLAGS)
$(TEST_BINS): tests/test_%: tests/test_%.o $(TEST_OBJS) $(STATIC)
	$(call say,LD,$@)$(LINK) $(LINK_$(@F)) -o $@ $< $(TEST_OBJS) $(STATIC) \
	    $(CHECK_LIBS) $(ALL_LIBS) -lpthread

CHECK_SCRIPTS = $(if $(filter command line,$(origin TESTS)),, \
                $(wildcard $(SCRIPTS:%=$S/tests/%.sh)))
check: all $(TEST_BINS)
	@srcdir=$S CC='$(CC)' NM='$(NM)' MAKE='$(MAKE)' SHLIB=$(SHLIB) \
	    SHARED=$(SHARED) STATIC=$(STATIC) WRAPPER='$(WRAPPER)' \
	    CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' LIBS='$(DEP_LIBS)' \
	    PKG_CONFIG='$(PKG_CONFIG)' \
	    sh $S/tests/run $(TEST_BINS) $(CHECK_SCRIPTS)
check-long: export SECAGG_LONG = 1
check-long: check

# ---- benchmarks and examples -----------------------------------------------

BENCH_BINS = $(patsubst $S/%.c,%,$(wildcard $(BENCHES:%=$S/bench/bench_%.c)))
$(BENCH_BINS): bench/bench_%: bench/bench_%.o $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $< $(STATIC) $(ALL_LIBS)
bench: $(BENCH_BINS)
	@printf '%-28s %11s %11s %11s %-5s %-16s %7s\n' \
	    name min median max unit ratio-to ratio
	@for b in $(BENCH_BINS); do ./$$b || exit 1; done

HOSPITALS = $(patsubst $S/%.c,%.o,$(wildcard $S/examples/hospitals*.c))
examples/hospitals: $(HOSPITALS) $(STATIC)
	$(call say,LD,$@)$(LINK) -o $@ $(HOSPITALS) $(STATIC) $(ALL_LIBS)
demo: examples/hospitals
	./examples/hospitals --data $S/examples/data/wdbc.csv $(DEMO_ARGS)

# ---- installing ------------------------------------------------------------

D = $(DESTDIR)
install: all
	install -d '$(D)$(includedir)/secagg' '$(D)$(libdir)/pkgconfig'
	cd $S/include && for h in $(HEADERS); do \
	    install -m 644 $$h '$(abspath $(D)$(includedir))'/$$h || exit 1; \
	    done
	install -m 644 lib/libsecagg.pc '$(D)$(libdir)/pkgconfig'
ifeq ($(ARLIB),yes)
	install -m 644 $(STATIC) '$(D)$(libdir)'
endif
ifeq ($(SHLIB),yes)
	install -m 755 $(SHARED) '$(D)$(libdir)'
	cd '$(D)$(libdir)' && ln -sf $(notdir $(SHARED)) $(SONAME) && \
	    ln -sf $(SONAME) libsecagg.so
endif

uninstall:
	-cd '$(D)$(includedir)' && rm -f $(HEADERS) && rmdir secagg
	rm -f '$(D)$(libdir)'/libsecagg.a '$(D)$(libdir)'/libsecagg.so \
	    '$(D)$(libdir)'/$(SONAME) '$(D)$(libdir)'/$(notdir $(SHARED)) \
	    '$(D)$(libdir)'/pkgconfig/libsecagg.pc

# ---- shipping --------------------------------------------------------------

NAME = libsecagg-$(VERSION)
DIST = configure $(shell cd $S && git ls-files 2>/dev/null | grep -v '^\.')
dist: $S/configure
	tar -c -C $S --transform 's,^,$(NAME)/,' --sort=name --format=ustar \
	    --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s \
	    --mtime=@$${SOURCE_DATE_EPOCH:-0} $(DIST) | gzip -9n > \
	    $(NAME).tar.gz

# ---- the rest --------------------------------------------------------------

doc:
	mkdir -p man/html && cd $S && \
	    { cat man/Doxyfile; \
	    echo 'OUTPUT_DIRECTORY = $(abspath man/html)'; } | doxygen -

clean:
	rm -f lib/*.[oda] lib/*.so* tests/*.[od] bench/*.[od] examples/*.[od]
	rm -f $(SUITES:%=tests/test_%) $(BENCHES:%=bench/bench_%)
	rm -f examples/hospitals libsecagg-*.tar.gz
	rm -rf man/html

distclean: clean
	rm -f config.mk config.log config.status
	rm -f lib/libsecagg.pc lib/libsecagg.map
	rm -rf autom4te.cache
	test $S = . || rm -f Makefile

.PHONY: all check check-long bench demo install uninstall dist \
	doc clean distclean
