# Reports, in and out of a store: for the command alone, and only built with it
if BUILD_CLI
noinst_LTLIBRARIES += core/libmailvouch-report.la
endif
core_libmailvouch_report_la_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS)
core_libmailvouch_report_la_SOURCES = \
    core/report/aggregate.c \
    core/report/aggregate.h \
    core/report/aggregate_schema.c \
    core/report/aggregate_schema.h \
    core/report/report_time.c \
    core/report/report_time.h \
    core/report/utf8.c \
    core/report/utf8.h
report_ldadd = core/libmailvouch-report.la $(LDADD) $(EXPAT_LIBS)

if BUILD_CLI
unit_tests += \
    tests/unit/test_aggregate \
    tests/unit/test_report_time
endif
tests_unit_test_aggregate_LDADD = $(report_ldadd)
tests_unit_test_report_time_LDADD = $(report_ldadd)

if BUILD_CLI
fuzz_targets += tests/fuzz/fuzz_aggregate
endif
tests_fuzz_fuzz_aggregate_LDADD = $(report_ldadd)
tests_fuzz_fuzz_aggregate_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_aggregate
