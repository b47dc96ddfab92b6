core_libmailvouch_la_SOURCES += \
    core/keys/files.c \
    core/keys/files.h \
    core/keys/handover_file.c \
    core/keys/handover_file.h \
    core/keys/key_file.c \
    core/keys/lock.c \
    core/keys/names.c \
    core/keys/place.c \
    core/keys/place.h \
    core/keys/redaction_key.c \
    core/keys/redaction_key.h \
    core/keys/state_file.c \
    core/keys/state_file.h \
    core/keys/store.c \
    core/keys/store.h

unit_tests += \
    tests/unit/test_handover_file \
    tests/unit/test_key_state_file \
    tests/unit/test_key_store

fuzz_targets += tests/fuzz/fuzz_handover_file tests/fuzz/fuzz_key_state
tests_fuzz_fuzz_handover_file_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_key_state_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_handover_file tests/fuzz/seeds/fuzz_key_state
