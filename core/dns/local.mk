core_libmailvouch_la_SOURCES += \
    core/dns/answer.c \
    core/dns/answer.h \
    core/dns/capture.h \
    core/dns/memo.c \
    core/dns/memo.h \
    core/dns/resolver.h \
    core/dns/wire.h

unit_tests += tests/unit/test_memo
