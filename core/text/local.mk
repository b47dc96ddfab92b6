core_libmailvouch_la_SOURCES += \
    core/text/address.c \
    core/text/address.h \
    core/text/address_loose.c \
    core/text/address_path.c \
    core/text/domain.c \
    core/text/domain.h \
    core/text/field.c \
    core/text/field.h \
    core/text/ip.c \
    core/text/ip.h \
    core/text/lexer.c \
    core/text/lexer.h \
    core/text/message.c \
    core/text/message.h \
    core/text/received.c \
    core/text/received.h \
    core/text/taglist.c \
    core/text/taglist.h

unit_tests += \
    tests/unit/test_address \
    tests/unit/test_domain \
    tests/unit/test_field \
    tests/unit/test_ip \
    tests/unit/test_lexer \
    tests/unit/test_message \
    tests/unit/test_received \
    tests/unit/test_taglist

EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_address/group \
    tests/fuzz/seeds/fuzz_address/loose \
    tests/fuzz/seeds/fuzz_address/obsolete \
    tests/fuzz/seeds/fuzz_address/path \
    tests/fuzz/seeds/fuzz_address/quoted \
    tests/fuzz/seeds/fuzz_domain/ascii \
    tests/fuzz/seeds/fuzz_domain/mapped \
    tests/fuzz/seeds/fuzz_domain/u_label \
    tests/fuzz/seeds/fuzz_ip/mapped \
    tests/fuzz/seeds/fuzz_ip/octets \
    tests/fuzz/seeds/fuzz_ip/v4 \
    tests/fuzz/seeds/fuzz_ip/v6 \
    tests/fuzz/seeds/fuzz_message/cut \
    tests/fuzz/seeds/fuzz_message/defects \
    tests/fuzz/seeds/fuzz_message/no_header \
    tests/fuzz/seeds/fuzz_message/plain \
    tests/fuzz/seeds/fuzz_received/exim \
    tests/fuzz/seeds/fuzz_received/opensmtpd \
    tests/fuzz/seeds/fuzz_received/postfix \
    tests/fuzz/seeds/fuzz_received/sendmail \
    tests/fuzz/seeds/fuzz_taglist/dmarc \
    tests/fuzz/seeds/fuzz_taglist/key \
    tests/fuzz/seeds/fuzz_taglist/signature
fuzz_targets += \
    tests/fuzz/fuzz_address \
    tests/fuzz/fuzz_domain \
    tests/fuzz/fuzz_ip \
    tests/fuzz/fuzz_message \
    tests/fuzz/fuzz_received \
    tests/fuzz/fuzz_taglist
tests_fuzz_fuzz_address_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_domain_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_ip_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_message_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_received_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_taglist_LDFLAGS = $(fuzz_link)
