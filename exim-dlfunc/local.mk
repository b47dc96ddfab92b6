# Everything but Exim's own side
noinst_LTLIBRARIES += exim-dlfunc/libportable.la
exim_dlfunc_libportable_la_SOURCES = \
    exim-dlfunc/detail.c \
    exim-dlfunc/feed.c \
    exim-dlfunc/feed.h \
    exim-dlfunc/host.h \
    exim-dlfunc/module.c \
    exim-dlfunc/module.h \
    exim-dlfunc/outcome.c \
    exim-dlfunc/outcome.h \
    exim-dlfunc/submission.c \
    exim-dlfunc/submission.h \
    exim-dlfunc/wire.c \
    exim-dlfunc/wire.h
EXTRA_DIST += exim-dlfunc/mailvouch.sym

# The tests bring a mail server of a few lines in place of glue.c
unit_tests += \
    tests/unit/test_exim_module \
    tests/unit/test_exim_outcome \
    tests/unit/test_exim_submission \
    tests/unit/test_exim_wire
tests_unit_test_exim_module_LDADD = exim-dlfunc/libportable.la $(LDADD)
tests_unit_test_exim_outcome_LDADD = exim-dlfunc/libportable.la $(LDADD)
tests_unit_test_exim_submission_SOURCES = tests/unit/test_exim_submission.c tests/unit/signer_site.c \
    tests/unit/signer_site.h
tests_unit_test_exim_submission_LDADD = exim-dlfunc/libportable.la $(LDADD)
tests_unit_test_exim_wire_LDADD = exim-dlfunc/libportable.la $(LDADD)

if BUILD_EXIM
eximmoddir = $(exim_moddir)
eximmod_LTLIBRARIES = exim-dlfunc/mailvouch.la
exim_dlfunc_mailvouch_la_SOURCES = exim-dlfunc/glue.c
EXTRA_exim_dlfunc_mailvouch_la_DEPENDENCIES = exim-dlfunc/mailvouch.sym
exim_dlfunc_mailvouch_la_LIBADD = exim-dlfunc/libportable.la core/libmailvouch.la $(CORE_LIBS)
# -z now: a missing function is an error of dlopen(), not the end of the Exim process at the first call.
# -Bsymbolic, --exclude-libs: Exim exports names such as log_write and header_add; ours stay ours.
exim_dlfunc_mailvouch_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols $(srcdir)/exim-dlfunc/mailvouch.sym \
    -Wl,-z,now -Wl,-Bsymbolic -Wl,--exclude-libs,ALL

after_install += after-install-exim
after_uninstall += after-uninstall-exim
after-install-exim:
	rm -f $(DESTDIR)$(eximmoddir)/mailvouch.la
after-uninstall-exim:
	rm -f $(DESTDIR)$(eximmoddir)/mailvouch.so
endif
