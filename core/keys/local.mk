core_libmailvouch_la_SOURCES += \
    core/keys/store.h
