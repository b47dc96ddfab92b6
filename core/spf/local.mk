core_libmailvouch_la_SOURCES += \
    core/spf/evaluate.h \
    core/spf/macro.c \
    core/spf/macro.h \
    core/spf/record.c \
    core/spf/record.h

unit_tests += \
    tests/unit/test_spf_macro \
    tests/unit/test_spf_record

fuzz_targets += \
    tests/fuzz/fuzz_spf_macro \
    tests/fuzz/fuzz_spf_record
tests_fuzz_fuzz_spf_macro_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_spf_record_LDFLAGS = $(fuzz_link)
EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_spf_macro \
    tests/fuzz/seeds/fuzz_spf_record
