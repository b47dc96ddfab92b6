core_libmailvouch_la_SOURCES += \
    core/config/config.c \
    core/config/config.h \
    core/config/describe.c \
    core/config/domains.c \
    core/config/endpoint.c \
    core/config/endpoint.h \
    core/config/example.c \
    core/config/file.c \
    core/config/file.h \
    core/config/ini.c \
    core/config/ini.h \
    core/config/manual.c \
    core/config/network.c \
    core/config/network.h \
    core/config/reading.c \
    core/config/reading.h \
    core/config/received_by.c \
    core/config/received_by.h \
    core/config/senders.c \
    core/config/senders.h \
    core/config/senders_file.c \
    core/config/senders_file.h \
    core/config/settings.c \
    core/config/settings.h \
    core/config/settings_dovecot.c \
    core/config/settings_lmtp.c \
    core/config/settings_report.c \
    core/base/stamp.h \
    core/config/value.c \
    core/config/value.h \
    core/config/value_print.c
unit_tests += \
    tests/unit/test_config \
    tests/unit/test_config_file \
    tests/unit/test_received_by \
    tests/unit/test_senders \
    tests/unit/test_senders_file
fuzz_targets += tests/fuzz/fuzz_config tests/fuzz/fuzz_senders_file
tests_fuzz_fuzz_senders_file_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_link)
