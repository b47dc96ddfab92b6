# Everything but main(), for the tests
noinst_LTLIBRARIES += lmtp-hook/libportable.la
lmtp_hook_libportable_la_SOURCES = \
    lmtp-hook/activation.c \
    lmtp-hook/activation.h \
    lmtp-hook/client.c \
    lmtp-hook/client.h \
    lmtp-hook/command.c \
    lmtp-hook/command.h \
    lmtp-hook/connection.c \
    lmtp-hook/connection.h \
    lmtp-hook/data_end.c \
    lmtp-hook/data_end.h \
    lmtp-hook/delivery.c \
    lmtp-hook/delivery.h \
    lmtp-hook/dot_stuff.c \
    lmtp-hook/dot_stuff.h \
    lmtp-hook/engines.c \
    lmtp-hook/engines.h \
    lmtp-hook/hop.c \
    lmtp-hook/hop.h \
    lmtp-hook/intake.c \
    lmtp-hook/intake.h \
    lmtp-hook/judge.c \
    lmtp-hook/judge.h \
    lmtp-hook/junk_recipient.c \
    lmtp-hook/junk_recipient.h \
    lmtp-hook/line.c \
    lmtp-hook/line.h \
    lmtp-hook/log.c \
    lmtp-hook/log.h \
    lmtp-hook/offer.c \
    lmtp-hook/offer.h \
    lmtp-hook/origin.c \
    lmtp-hook/origin.h \
    lmtp-hook/record.c \
    lmtp-hook/record.h \
    lmtp-hook/reply.c \
    lmtp-hook/reply.h \
    lmtp-hook/server.c \
    lmtp-hook/server.h \
    lmtp-hook/session.c \
    lmtp-hook/session.h \
    lmtp-hook/socket.c \
    lmtp-hook/socket.h \
    lmtp-hook/spool.c \
    lmtp-hook/spool.h \
    lmtp-hook/statistics.c \
    lmtp-hook/statistics.h \
    lmtp-hook/stats.c \
    lmtp-hook/stats.h \
    lmtp-hook/stream.c \
    lmtp-hook/stream.h \
    lmtp-hook/tags.c \
    lmtp-hook/tags.h \
    lmtp-hook/xtext.c \
    lmtp-hook/xtext.h

if BUILD_LMTP
sbin_PROGRAMS += mailvouch-lmtpd
endif
mailvouch_lmtpd_SOURCES = lmtp-hook/main.c
mailvouch_lmtpd_LDADD = lmtp-hook/libportable.la core/libmailvouch.la $(CORE_LIBS)

unit_tests += \
    tests/unit/test_lmtp_client \
    tests/unit/test_lmtp_command \
    tests/unit/test_lmtp_data \
    tests/unit/test_lmtp_line \
    tests/unit/test_lmtp_reply \
    tests/unit/test_lmtp_session \
    tests/unit/test_lmtp_stream
tests_unit_test_lmtp_client_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_command_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_data_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_line_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_reply_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_session_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_unit_test_lmtp_stream_LDADD = lmtp-hook/libportable.la $(LDADD)

fuzz_targets += \
    tests/fuzz/fuzz_lmtp_client \
    tests/fuzz/fuzz_lmtp_command \
    tests/fuzz/fuzz_lmtp_data \
    tests/fuzz/fuzz_lmtp_reply
EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_lmtp_client/field \
    tests/fuzz/seeds/fuzz_lmtp_client/xforward \
    tests/fuzz/seeds/fuzz_lmtp_command/message \
    tests/fuzz/seeds/fuzz_lmtp_command/odd \
    tests/fuzz/seeds/fuzz_lmtp_data/plain \
    tests/fuzz/seeds/fuzz_lmtp_data/smuggle \
    tests/fuzz/seeds/fuzz_lmtp_reply/mixed \
    tests/fuzz/seeds/fuzz_lmtp_reply/plain
tests_fuzz_fuzz_lmtp_client_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_fuzz_fuzz_lmtp_client_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_lmtp_command_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_fuzz_fuzz_lmtp_command_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_lmtp_data_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_fuzz_fuzz_lmtp_data_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_lmtp_reply_LDADD = lmtp-hook/libportable.la $(LDADD)
tests_fuzz_fuzz_lmtp_reply_LDFLAGS = $(fuzz_link)
