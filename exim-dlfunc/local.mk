exim_dlfunc_portable = \
    exim-dlfunc/detail.c \
    exim-dlfunc/host.h \
    exim-dlfunc/module.c \
    exim-dlfunc/module.h \
    exim-dlfunc/outcome.c \
    exim-dlfunc/outcome.h \
    exim-dlfunc/wire.c \
    exim-dlfunc/wire.h
EXTRA_DIST += exim-dlfunc/mailvouch.sym

if BUILD_EXIM
eximmoddir = $(exim_moddir)
eximmod_LTLIBRARIES = exim-dlfunc/mailvouch.la
exim_dlfunc_mailvouch_la_SOURCES = $(exim_dlfunc_portable) exim-dlfunc/glue.c
EXTRA_exim_dlfunc_mailvouch_la_DEPENDENCIES = exim-dlfunc/mailvouch.sym
exim_dlfunc_mailvouch_la_LIBADD = core/libmailvouch.la $(CORE_LIBS)
# -z now: a missing function is an error of dlopen(), not the end of the Exim process at the first call.
# -Bsymbolic, --exclude-libs: Exim exports names such as log_write and header_add; ours stay ours.
exim_dlfunc_mailvouch_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols $(srcdir)/exim-dlfunc/mailvouch.sym \
    -Wl,-z,now -Wl,-Bsymbolic -Wl,--exclude-libs,ALL

# Exim opens the module by its file name
install-data-hook:
	rm -f $(DESTDIR)$(eximmoddir)/mailvouch.la
uninstall-local:
	rm -f $(DESTDIR)$(eximmoddir)/mailvouch.so
endif
