# make bench: ratios to what no verifier can do without. BENCH_FLAGS="--rtt-msecs 50 dns" for a part of it.
if BUILD_UNIT_TESTS
EXTRA_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = \
    tests/bench/bench.h \
    tests/bench/bench_canon.c \
    tests/bench/bench_dkim.c \
    tests/bench/bench_dns.c \
    tests/bench/bench_memory.c \
    tests/bench/bench_sign.c \
    tests/bench/bench_worst.c \
    tests/bench/bodies.c \
    tests/bench/clock.c \
    tests/bench/main.c \
    tests/bench/message.c \
    tests/bench/responder.c \
    tests/bench/responder.h \
    tests/bench/sides.c \
    tests/bench/signers.c \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h \
    tests/unit/dkim_test_signer.c \
    tests/unit/dkim_test_signer.h \
    $(test_keys)
tests_bench_bench_LDADD = $(LDADD)
if BUILD_CLI
tests_bench_bench_SOURCES += tests/bench/bench_evidence.c tests/bench/bench_report.c tests/bench/bench_write.c
tests_bench_bench_SOURCES += tests/bench/bench_import.c cli/exit_code.h cli/report/import_file.c \
    cli/report/import_file.h cli/report/import_list.c cli/report/import_list.h
tests_bench_bench_LDADD += $(report_ldadd)
else
tests_bench_bench_SOURCES += tests/bench/bench_report_none.c
endif
if HAVE_OPENDKIM
tests_bench_bench_SOURCES += tests/bench/opendkim.c
tests_bench_bench_LDADD += $(OPENDKIM_LIBS)
else
tests_bench_bench_SOURCES += tests/bench/opendkim_none.c
endif

# What mailvouch costs inside Exim, and between servers, is measured where they can be run.
bench: tests/bench/bench$(EXEEXT)
	tests/bench/bench$(EXEEXT) $(BENCH_FLAGS)
	@if test ! -x $(srcdir)/tests/bench/exim.sh; then :; \
	elif test "`id -u`" != 0; then echo "cost inside Exim and between servers: skipped, needs root"; \
	else $(srcdir)/tests/bench/exim.sh && $(srcdir)/tests/bench/lmtp.sh; fi
else
bench:
	@echo "make bench needs libcheck"; exit 1
endif
.PHONY: bench
