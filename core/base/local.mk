# Modules of the command take floor 0 alone
noinst_LTLIBRARIES += core/libmailvouch-base.la
core_libmailvouch_la_LIBADD += core/libmailvouch-base.la
core_libmailvouch_base_la_SOURCES = \
    core/base/arena.c \
    core/base/arena.h \
    core/base/ascii.c \
    core/base/ascii.h \
    core/base/base64.c \
    core/base/base64.h \
    core/base/buf.c \
    core/base/buf.h \
    core/base/bytes.c \
    core/base/bytes.h \
    core/base/error.c \
    core/base/error.h \
    core/base/self.c \
    core/base/self.h \
    core/base/stamp.c \
    core/base/stamp.h \
    core/base/trace.c \
    core/base/trace.h

unit_tests += \
    tests/unit/test_arena \
    tests/unit/test_ascii \
    tests/unit/test_base64 \
    tests/unit/test_buf \
    tests/unit/test_bytes \
    tests/unit/test_self \
    tests/unit/test_stamp \
    tests/unit/test_trace

EXTRA_DIST += \
    tests/fuzz/fuzz.h \
    tests/unit/unit.h \
    tests/fuzz/seeds/fuzz_base64/folded \
    tests/fuzz/seeds/fuzz_base64/padded
fuzz_targets += \
    tests/fuzz/fuzz_base64
tests_fuzz_fuzz_base64_LDFLAGS = $(fuzz_link)
