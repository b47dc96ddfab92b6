if BUILD_CLI
bin_PROGRAMS += mailvouch
endif
mailvouch_LDADD = core/libmailvouch-ops.la core/libmailvouch-report.la $(replay_ldadd) \
    $(EXPAT_LIBS) $(ARCHIVE_LIBS) $(ZLIB_LIBS)
mailvouch_SOURCES = \
    cli/args.c \
    cli/args.h \
    cli/check.c \
    cli/check.h \
    cli/cmd_arc.c \
    cli/cmd_config.c \
    cli/cmd_dkim.c \
    cli/cmd_dkim_sign.c \
    cli/cmd_dmarc.c \
    cli/cmd_spf.c \
    cli/cmd_verify.c \
    cli/dmarc/build.c \
    cli/dmarc/commands.h \
    cli/dmarc/json_stage.c \
    cli/dmarc/lint.c \
    cli/dmarc/reports.c \
    cli/dmarc/reports.h \
    cli/dmarc/show.c \
    cli/dmarc/show.h \
    cli/dmarc/show_stage.c \
    cli/dmarc/show_stage.h \
    cli/dmarc/stage.c \
    cli/exit_code.c \
    cli/exit_code.h \
    cli/handover/check.c \
    cli/handover/cmd_handover_key.c \
    cli/handover/commands.h \
    cli/handover/keys.c \
    cli/input.c \
    cli/input.h \
    cli/json.c \
    cli/json.h \
    cli/key/auto.c \
    cli/key/check.c \
    cli/key/cmd_key.c \
    cli/key/list.c \
    cli/key/new.c \
    cli/key/options.c \
    cli/key/options.h \
    cli/key/publish.c \
    cli/key/retire.c \
    cli/key/session.c \
    cli/key/session.h \
    cli/key/show.c \
    cli/key/show.h \
    cli/legacy.c \
    cli/legacy.h \
    cli/lookup.c \
    cli/lookup.h \
    cli/main.c \
    cli/options.c \
    cli/options.h \
    cli/show.c \
    cli/show.h \
    cli/show_findings.c \
    cli/show_findings.h \
    cli/spf/commands.h \
    cli/spf/lint.c \
    cli/spf/tree.c \
    cli/spf/tree.h
