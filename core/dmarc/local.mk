core_libmailvouch_la_SOURCES += \
    core/dmarc/evaluate.h \
    core/dmarc/record.h
