core_libmailvouch_la_SOURCES += \
    core/dns/answer.c \
    core/dns/answer.h \
    core/dns/cache.c \
    core/dns/cache.h \
    core/dns/channel.c \
    core/dns/channel.h \
    core/dns/direct.c \
    core/dns/direct.h \
    core/dns/exchange.c \
    core/dns/exchange.h \
    core/dns/memo.c \
    core/dns/memo.h \
    core/dns/name.c \
    core/dns/name.h \
    core/dns/query_cache.h \
    core/dns/resolver.c \
    core/dns/resolver.h \
    core/dns/resolver_backend.h \
    core/dns/resolver_cares.c \
    core/dns/servers.c \
    core/dns/servers.h \
    core/dns/sockets.c \
    core/dns/sockets.h \
    core/dns/wire.c \
    core/dns/wire.h \
    core/dns/wire_message.c \
    core/dns/wire_message.h \
    core/dns/wire_name.c \
    core/dns/wire_name.h \
    core/dns/wire_record.c \
    core/dns/wire_zone.c
if CARES_KEEPS_ANSWERS
core_libmailvouch_la_SOURCES += core/dns/query_cache_off.c
else
core_libmailvouch_la_SOURCES += core/dns/query_cache_none.c
endif

core_libmailvouch_replay_la_SOURCES += \
    core/dns/capture.c \
    core/dns/capture.h \
    core/dns/capture_entry.h \
    core/dns/capture_read.c \
    core/dns/capture_record.c \
    core/dns/capture_record.h \
    core/dns/capture_write.c \
    core/dns/resolver_capture.c

unit_tests += \
    tests/unit/test_capture \
    tests/unit/test_dns_cache \
    tests/unit/test_exchange \
    tests/unit/test_memo \
    tests/unit/test_resolver \
    tests/unit/test_resolver_nsd \
    tests/unit/test_servers \
    tests/unit/test_wire \
    tests/unit/test_wire_zone

fuzz_targets += \
    tests/fuzz/fuzz_capture \
    tests/fuzz/fuzz_wire \
    tests/fuzz/fuzz_wire_zone
tests_fuzz_fuzz_capture_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_wire_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_wire_zone_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_wire_zone
EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_capture/all_types.json \
    tests/fuzz/seeds/fuzz_capture/errors.json \
    tests/fuzz/seeds/fuzz_wire/a \
    tests/fuzz/seeds/fuzz_wire/aaaa \
    tests/fuzz/seeds/fuzz_wire/cname_chain \
    tests/fuzz/seeds/fuzz_wire/mx \
    tests/fuzz/seeds/fuzz_wire/nxdomain \
    tests/fuzz/seeds/fuzz_wire/ptr \
    tests/fuzz/seeds/fuzz_wire/referral \
    tests/fuzz/seeds/fuzz_wire/refused \
    tests/fuzz/seeds/fuzz_wire/soa \
    tests/fuzz/seeds/fuzz_wire/txt
