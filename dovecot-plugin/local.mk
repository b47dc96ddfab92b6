# Everything but Dovecot's own side
noinst_LTLIBRARIES += dovecot-plugin/libportable.la
dovecot_plugin_libportable_la_SOURCES = \
    dovecot-plugin/header.c \
    dovecot-plugin/header.h \
    dovecot-plugin/judging.c \
    dovecot-plugin/judging.h \
    dovecot-plugin/reply.c \
    dovecot-plugin/reply.h \
    dovecot-plugin/signing.c \
    dovecot-plugin/signing.h \
    dovecot-plugin/tagging.c \
    dovecot-plugin/tagging.h
EXTRA_DIST += dovecot-plugin/delivery.sym dovecot-plugin/submission.sym

unit_tests += \
    tests/unit/test_dovecot_header \
    tests/unit/test_dovecot_recipients \
    tests/unit/test_dovecot_tagging \
    tests/unit/test_dovecot_reply \
    tests/unit/test_dovecot_signing
tests_unit_test_dovecot_header_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_unit_test_dovecot_recipients_SOURCES = tests/unit/test_dovecot_recipients.c \
    tests/unit/handover_site.c tests/unit/handover_site.h
tests_unit_test_dovecot_recipients_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_unit_test_dovecot_tagging_SOURCES = tests/unit/test_dovecot_tagging.c \
    tests/unit/handover_site.c tests/unit/handover_site.h
tests_unit_test_dovecot_tagging_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_unit_test_dovecot_reply_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_unit_test_dovecot_signing_LDADD = dovecot-plugin/libportable.la $(LDADD)
fuzz_targets += tests/fuzz/fuzz_dovecot_header tests/fuzz/fuzz_dovecot_reply
tests_fuzz_fuzz_dovecot_header_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_fuzz_fuzz_dovecot_header_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_dovecot_reply_LDADD = dovecot-plugin/libportable.la $(LDADD)
tests_fuzz_fuzz_dovecot_reply_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_dovecot_header tests/fuzz/seeds/fuzz_dovecot_reply

if BUILD_DOVECOT
dovecotmoddir = $(dovecot_moduledir)
dovecotmod_LTLIBRARIES = \
    dovecot-plugin/lib95_mailvouch_plugin.la \
    dovecot-plugin/lib95_mailvouch_submission_plugin.la
dovecot_plugin_lib95_mailvouch_plugin_la_SOURCES = \
    dovecot-plugin/compat.h \
    dovecot-plugin/delivery_plugin.c
EXTRA_dovecot_plugin_lib95_mailvouch_plugin_la_DEPENDENCIES = dovecot-plugin/delivery.sym
dovecot_plugin_lib95_mailvouch_plugin_la_CPPFLAGS = $(AM_CPPFLAGS) $(DOVECOT_CPPFLAGS)
dovecot_plugin_lib95_mailvouch_plugin_la_LIBADD = \
    dovecot-plugin/libportable.la core/libmailvouch.la $(CORE_LIBS)
dovecot_plugin_lib95_mailvouch_plugin_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols $(srcdir)/dovecot-plugin/delivery.sym \
    -Wl,-z,now -Wl,-Bsymbolic -Wl,--exclude-libs,ALL
dovecot_plugin_lib95_mailvouch_submission_plugin_la_SOURCES = \
    dovecot-plugin/compat.h \
    dovecot-plugin/submission_plugin.c
EXTRA_dovecot_plugin_lib95_mailvouch_submission_plugin_la_DEPENDENCIES = dovecot-plugin/submission.sym
dovecot_plugin_lib95_mailvouch_submission_plugin_la_CPPFLAGS = $(AM_CPPFLAGS) $(DOVECOT_CPPFLAGS)
# Nothing of Dovecot: the process that loads the plugin has it.
dovecot_plugin_lib95_mailvouch_submission_plugin_la_LIBADD = \
    dovecot-plugin/libportable.la core/libmailvouch.la $(CORE_LIBS)
# -Bsymbolic, --exclude-libs: Dovecot opens plugins with RTLD_GLOBAL; ours stays ours.
dovecot_plugin_lib95_mailvouch_submission_plugin_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols $(srcdir)/dovecot-plugin/submission.sym \
    -Wl,-z,now -Wl,-Bsymbolic -Wl,--exclude-libs,ALL

after_install += after-install-dovecot
after_uninstall += after-uninstall-dovecot
after-install-dovecot:
	cd $(DESTDIR)$(dovecotmoddir) && rm -f lib95_mailvouch_plugin.la lib95_mailvouch_submission_plugin.la
after-uninstall-dovecot:
	rm -f $(DESTDIR)$(dovecotmoddir)/lib95_mailvouch_plugin.so \
	    $(DESTDIR)$(dovecotmoddir)/lib95_mailvouch_submission_plugin.so
endif
