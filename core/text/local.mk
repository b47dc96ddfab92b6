core_libmailvouch_la_SOURCES += \
    core/text/address.h \
    core/text/domain.h \
    core/text/field.h \
    core/text/ip.h \
    core/text/message.h \
    core/text/taglist.h
