core_libmailvouch_la_SOURCES += \
    core/auth/authres.h \
    core/auth/engine.c \
    core/auth/engine.h \
    core/auth/explain.c \
    core/auth/message.c \
    core/auth/message.h \
    core/auth/session.c \
    core/auth/verdict.h \
    core/auth/version.c
