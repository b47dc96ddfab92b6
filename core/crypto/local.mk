core_libmailvouch_la_SOURCES += \
    core/crypto/digest.h \
    core/crypto/public_key.h
