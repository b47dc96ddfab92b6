if BUILD_CLI
bin_PROGRAMS += mailvouch
endif
mailvouch_LDADD = core/libmailvouch.la $(CORE_LIBS)
mailvouch_SOURCES = \
    cli/check.c \
    cli/check.h \
    cli/cmd_config.c \
    cli/cmd_dkim.c \
    cli/cmd_dkim_sign.c \
    cli/cmd_dmarc.c \
    cli/cmd_spf.c \
    cli/cmd_verify.c \
    cli/exit_code.c \
    cli/exit_code.h \
    cli/input.c \
    cli/input.h \
    cli/json.c \
    cli/json.h \
    cli/main.c \
    cli/options.c \
    cli/options.h \
    cli/show.c \
    cli/show.h
