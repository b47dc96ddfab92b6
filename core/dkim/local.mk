core_libmailvouch_la_SOURCES += \
    core/dkim/canon.h \
    core/dkim/result.h \
    core/dkim/signature.h \
    core/dkim/verify.h
