core_libmailvouch_la_SOURCES += \
    core/auth/authres.h \
    core/auth/authres_forged.c \
    core/auth/authres_parse.c \
    core/auth/authres_print.c \
    core/auth/engine.c \
    core/auth/engine.h \
    core/auth/explain.c \
    core/auth/message.c \
    core/auth/message.h \
    core/auth/sealers.c \
    core/auth/sealers.h \
    core/auth/session.c \
    core/auth/signer.h \
    core/auth/verdict.c \
    core/auth/verdict.h \
    core/auth/version.c
unit_tests += \
    tests/unit/test_authres_forged \
    tests/unit/test_authres_parse \
    tests/unit/test_authres_print \
    tests/unit/test_session \
    tests/unit/test_verdict
fuzz_targets += \
    tests/fuzz/fuzz_authres_forged \
    tests/fuzz/fuzz_authres_parse \
    tests/fuzz/fuzz_authres_print
tests_fuzz_fuzz_authres_forged_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_parse_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_print_LDFLAGS = $(fuzz_link)
tests_unit_test_authres_print_SOURCES = tests/unit/test_authres_print.c tests/unit/authres_facts.c tests/unit/authres_facts.h
EXTRA_DIST += tests/fuzz/seeds/fuzz_authres_forged tests/fuzz/seeds/fuzz_authres_parse tests/fuzz/seeds/fuzz_authres_print
