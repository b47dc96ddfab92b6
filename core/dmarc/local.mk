core_libmailvouch_la_SOURCES += \
    core/dmarc/align.c \
    core/dmarc/align.h \
    core/dmarc/evaluate.c \
    core/dmarc/evaluate.h \
    core/dmarc/judge.c \
    core/dmarc/judge.h \
    core/dmarc/policy.c \
    core/dmarc/policy.h \
    core/dmarc/record.c \
    core/dmarc/record.h \
    core/dmarc/record_print.c \
    core/dmarc/uri.c \
    core/dmarc/uri.h \
    core/dmarc/walk.c \
    core/dmarc/walk.h

EXTRA_DIST += tests/unit/dmarc_zone.h
unit_tests += \
    tests/unit/test_dmarc_align \
    tests/unit/test_dmarc_evaluate \
    tests/unit/test_dmarc_record \
    tests/unit/test_dmarc_walk
tests_unit_test_dmarc_align_SOURCES = tests/unit/test_dmarc_align.c tests/unit/dmarc_zone.c
tests_unit_test_dmarc_evaluate_SOURCES = tests/unit/test_dmarc_evaluate.c tests/unit/dmarc_zone.c
tests_unit_test_dmarc_walk_SOURCES = tests/unit/test_dmarc_walk.c tests/unit/dmarc_zone.c

fuzz_targets += \
    tests/fuzz/fuzz_dmarc_evaluate \
    tests/fuzz/fuzz_dmarc_record
tests_fuzz_fuzz_dmarc_evaluate_SOURCES = tests/fuzz/fuzz_dmarc_evaluate.c tests/unit/dmarc_zone.c
tests_fuzz_fuzz_dmarc_evaluate_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_dmarc_record_LDFLAGS = $(fuzz_link)
