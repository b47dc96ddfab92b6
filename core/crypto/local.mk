core_libmailvouch_la_SOURCES += \
    core/crypto/der.c \
    core/crypto/der.h \
    core/crypto/digest.c \
    core/crypto/digest.h \
    core/crypto/hmac.c \
    core/crypto/hmac.h \
    core/crypto/key_cache.c \
    core/crypto/key_cache.h \
    core/crypto/pem.c \
    core/crypto/pem.h \
    core/crypto/preload.c \
    core/crypto/private_key.c \
    core/crypto/private_key.h \
    core/crypto/private_key_read.c \
    core/crypto/private_key_read.h \
    core/crypto/public_key.c \
    core/crypto/public_key.h \
    core/crypto/rsa.c \
    core/crypto/rsa.h

unit_tests += \
    tests/unit/test_der \
    tests/unit/test_digest \
    tests/unit/test_hmac \
    tests/unit/test_key_cache \
    tests/unit/test_private_key \
    tests/unit/test_public_key

test_keys = tests/unit/test_keys.c tests/unit/test_keys.h
tests_unit_test_der_SOURCES = tests/unit/test_der.c $(test_keys)
tests_unit_test_key_cache_SOURCES = tests/unit/test_key_cache.c $(test_keys)
tests_unit_test_private_key_SOURCES = tests/unit/test_private_key.c $(test_keys)
tests_unit_test_public_key_SOURCES = tests/unit/test_public_key.c $(test_keys)

fuzz_targets += tests/fuzz/fuzz_der tests/fuzz/fuzz_private_key
tests_fuzz_fuzz_der_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_private_key_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_der tests/fuzz/seeds/fuzz_private_key
