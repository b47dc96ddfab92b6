core_libmailvouch_la_SOURCES += \
    core/dmarc/evaluate.h \
    core/dmarc/record.c \
    core/dmarc/record.h \
    core/dmarc/record_print.c \
    core/dmarc/uri.c \
    core/dmarc/uri.h

unit_tests += tests/unit/test_dmarc_record

fuzz_targets += tests/fuzz/fuzz_dmarc_record
tests_fuzz_fuzz_dmarc_record_LDFLAGS = $(fuzz_link)
