core_libmailvouch_la_SOURCES += \
    core/config/config.h
