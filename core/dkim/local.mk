core_libmailvouch_la_SOURCES += \
    core/dkim/canon.h \
    core/dkim/canon_body.c \
    core/dkim/canon_choose_any.c \
    core/dkim/canon_header.c \
    core/dkim/canon_scan.h \
    core/dkim/canon_scan_plain.c \
    core/dkim/result.h \
    core/dkim/signature.h \
    core/dkim/verify.h

unit_tests += tests/unit/test_canon
tests_unit_test_canon_SOURCES = \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h \
    tests/unit/test_canon.c

fuzz_targets += tests/fuzz/fuzz_canon
tests_fuzz_fuzz_canon_SOURCES = \
    tests/fuzz/fuzz_canon.c \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h
tests_fuzz_fuzz_canon_LDFLAGS = $(fuzz_link)
