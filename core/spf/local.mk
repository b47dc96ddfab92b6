core_libmailvouch_la_SOURCES += \
    core/spf/evaluate.h
