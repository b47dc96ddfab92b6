core_libmailvouch_la_SOURCES += \
    core/dns/answer.c \
    core/dns/answer.h \
    core/dns/capture.c \
    core/dns/capture.h \
    core/dns/capture_entry.h \
    core/dns/capture_read.c \
    core/dns/capture_record.c \
    core/dns/capture_record.h \
    core/dns/capture_write.c \
    core/dns/memo.c \
    core/dns/memo.h \
    core/dns/name.c \
    core/dns/name.h \
    core/dns/resolver.c \
    core/dns/resolver.h \
    core/dns/resolver_backend.h \
    core/dns/resolver_capture.c \
    core/dns/wire.h

unit_tests += \
    tests/unit/test_capture \
    tests/unit/test_memo

fuzz_targets += tests/fuzz/fuzz_capture
tests_fuzz_fuzz_capture_LDFLAGS = $(fuzz_link)
EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_capture/all_types.json \
    tests/fuzz/seeds/fuzz_capture/errors.json
