core_libmailvouch_la_SOURCES += \
    core/text/address.c \
    core/text/address.h \
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
    core/text/taglist.c \
    core/text/taglist.h

unit_tests += \
    tests/unit/test_address \
    tests/unit/test_domain \
    tests/unit/test_field \
    tests/unit/test_ip \
    tests/unit/test_lexer \
    tests/unit/test_message \
    tests/unit/test_taglist
