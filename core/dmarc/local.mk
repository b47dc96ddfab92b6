core_libmailvouch_la_SOURCES += \
    core/dmarc/evaluate.h \
    core/dmarc/record.c \
    core/dmarc/record.h \
    core/dmarc/record_print.c \
    core/dmarc/uri.c \
    core/dmarc/uri.h \
    core/dmarc/walk.c \
    core/dmarc/walk.h

EXTRA_DIST += tests/unit/dmarc_zone.h
unit_tests += \
    tests/unit/test_dmarc_record \
    tests/unit/test_dmarc_walk
tests_unit_test_dmarc_walk_SOURCES = tests/unit/test_dmarc_walk.c tests/unit/dmarc_zone.c

fuzz_targets += tests/fuzz/fuzz_dmarc_record
tests_fuzz_fuzz_dmarc_record_LDFLAGS = $(fuzz_link)
