core_libmailvouch_la_SOURCES += \
    core/spf/check.h \
    core/spf/evaluate.c \
    core/spf/evaluate.h \
    core/spf/explanation.c \
    core/spf/identity.c \
    core/spf/lookup.c \
    core/spf/macro.c \
    core/spf/macro.h \
    core/spf/mechanism.c \
    core/spf/ptr.c \
    core/spf/record.c \
    core/spf/record.h \
    core/spf/result.c \
    core/spf/select.c \
    core/spf/target.c

unit_tests += \
    tests/unit/test_spf_evaluate \
    tests/unit/test_spf_explanation \
    tests/unit/test_spf_macro \
    tests/unit/test_spf_record \
    tests/unit/test_spf_rounds
tests_unit_test_spf_evaluate_SOURCES = \
    tests/unit/spf_zone.c \
    tests/unit/spf_zone.h \
    tests/unit/test_spf_evaluate.c
tests_unit_test_spf_explanation_SOURCES = \
    tests/unit/spf_zone.c \
    tests/unit/spf_zone.h \
    tests/unit/test_spf_explanation.c
tests_unit_test_spf_rounds_SOURCES = \
    tests/unit/spf_zone.c \
    tests/unit/spf_zone.h \
    tests/unit/test_spf_rounds.c

fuzz_targets += \
    tests/fuzz/fuzz_spf_evaluate \
    tests/fuzz/fuzz_spf_macro \
    tests/fuzz/fuzz_spf_record
tests_fuzz_fuzz_spf_evaluate_SOURCES = \
    tests/fuzz/fuzz_spf_evaluate.c \
    tests/unit/spf_zone.c \
    tests/unit/spf_zone.h
tests_fuzz_fuzz_spf_evaluate_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_spf_macro_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_spf_record_LDFLAGS = $(fuzz_link)
EXTRA_DIST += \
    tests/conformance/spf_suite.py \
    tests/fuzz/seeds/fuzz_spf_evaluate \
    tests/fuzz/seeds/fuzz_spf_macro \
    tests/fuzz/seeds/fuzz_spf_record
