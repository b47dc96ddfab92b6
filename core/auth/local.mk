core_libmailvouch_la_SOURCES += \
    core/auth/authres.h \
    core/auth/verdict.h
