EXTRA_DIST += conf/mailvouch.conf

# The Exim snippets are no configuration files of a package, and nobody edits them: they go when the package goes,
# and .include_if_exists then finds nothing.
exim_snippets = conf/exim4/README conf/exim4/acls conf/exim4/data conf/exim4/macros conf/exim4/rcpt
EXTRA_DIST += \
    conf/exim4/README.in \
    conf/exim4/acls.in \
    conf/exim4/data.in \
    conf/exim4/macros.in \
    conf/exim4/rcpt.in

if BUILD_EXIM
eximconfdir = $(datadir)/mailvouch/exim4
nodist_eximconf_DATA = $(exim_snippets)
CLEANFILES += $(exim_snippets)

conf/exim4/README: conf/exim4/README.in
conf/exim4/acls: conf/exim4/acls.in
conf/exim4/data: conf/exim4/data.in
conf/exim4/macros: conf/exim4/macros.in
conf/exim4/rcpt: conf/exim4/rcpt.in
$(exim_snippets): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    sed -e 's,[@]exim_moddir@,$(eximmoddir),g' -e 's,[@]datadir@,$(datadir),g' $(srcdir)/$@.in > $@
endif
