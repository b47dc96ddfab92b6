core_libmailvouch_la_SOURCES += \
    core/arc/seal_hash.c \
    core/arc/seal_hash.h \
    core/arc/set.c \
    core/arc/set.h \
    core/arc/verify.c \
    core/arc/verify.h
