core_libmailvouch_la_SOURCES += \
    core/arc/seal.c \
    core/arc/seal.h \
    core/arc/seal_hash.c \
    core/arc/seal_hash.h \
    core/arc/set.c \
    core/arc/set.h \
    core/arc/verify.c \
    core/arc/verify.h

unit_tests += \
    tests/unit/test_arc_seal \
    tests/unit/test_arc_set \
    tests/unit/test_arc_verify
tests_unit_test_arc_seal_SOURCES = tests/unit/test_arc_seal.c $(dkim_test_parts)
tests_unit_test_arc_verify_SOURCES = \
    tests/unit/arc_test_sealer.c \
    tests/unit/arc_test_sealer.h \
    tests/unit/test_arc_verify.c \
    $(dkim_test_parts)

fuzz_targets += tests/fuzz/fuzz_arc
tests_fuzz_fuzz_arc_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_arc tests/conformance/arc_seal_suite.py tests/conformance/arc_suite.py
fuzz_targets += tests/fuzz/fuzz_arc_seal
tests_fuzz_fuzz_arc_seal_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_arc_seal
