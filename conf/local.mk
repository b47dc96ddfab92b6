# The example is always installed; the configuration itself only where there is none, and it stays once it was changed.
exampledir = $(docdir)/examples
dist_example_DATA = conf/mailvouch.conf
mvconfdir = $(sysconfdir)/mailvouch

install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(mvconfdir)"
	test -e "$(DESTDIR)$(mvconfdir)/mailvouch.conf" || test -L "$(DESTDIR)$(mvconfdir)/mailvouch.conf" || \
	    $(INSTALL_DATA) $(srcdir)/conf/mailvouch.conf "$(DESTDIR)$(mvconfdir)/mailvouch.conf"

uninstall-hook:
	! cmp -s $(srcdir)/conf/mailvouch.conf "$(DESTDIR)$(mvconfdir)/mailvouch.conf" || \
	    rm -f "$(DESTDIR)$(mvconfdir)/mailvouch.conf"
	! test -d "$(DESTDIR)$(mvconfdir)" || rmdir "$(DESTDIR)$(mvconfdir)" 2>/dev/null || true

completiondir = $(datadir)/bash-completion/completions
if BUILD_CLI
dist_completion_DATA = conf/bash/mailvouch
endif

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

dovecotexampledir = $(exampledir)/dovecot
dist_dovecotexample_DATA = \
    conf/dovecot/delivery-2.3.conf \
    conf/dovecot/delivery-2.4.conf \
    conf/dovecot/submission-2.3.conf \
    conf/dovecot/submission-2.4.conf

# mailvouch-lmtpd between servers; tests/lmtp configures the real ones with these very files.
lmtp_examples = \
    conf/lmtp/README \
    conf/lmtp/cyrus-imapd.conf \
    conf/lmtp/cyrus.conf \
    conf/lmtp/dovecot.conf \
    conf/lmtp/exim-router \
    conf/lmtp/exim-transport \
    conf/lmtp/mailvouch-cyrus.conf \
    conf/lmtp/mailvouch-dovecot.conf \
    conf/lmtp/mailvouch-exim.conf \
    conf/lmtp/mailvouch-opensmtpd.conf \
    conf/lmtp/mailvouch-postfix.conf \
    conf/lmtp/mailvouch-sendmail.conf \
    conf/lmtp/mailvouch.sieve \
    conf/lmtp/opensmtpd.conf \
    conf/lmtp/postfix-main.cf \
    conf/lmtp/sendmail-virtual.mc \
    conf/lmtp/sendmail.mc
EXTRA_DIST += $(lmtp_examples)
if BUILD_LMTP
lmtpexampledir = $(exampledir)/lmtp
lmtpexample_DATA = $(lmtp_examples)
endif

# The timers of "mailvouch key auto" and of reports, and the user they run as
EXTRA_DIST += conf/systemd/mailvouch-lmtpd.service.in conf/systemd/mailvouch-keys.service.in conf/systemd/mailvouch-keys.timer
EXTRA_DIST += conf/systemd/mailvouch-report.service.in conf/systemd/mailvouch-report.timer
EXTRA_DIST += conf/systemd/sysusers.conf conf/systemd/tmpfiles.conf
if INSTALL_UNITS
timers = mailvouch-keys mailvouch-report
timed_services = $(timers:%=conf/systemd/%.service)
dist_systemdsystemunit_DATA = conf/systemd/mailvouch-keys.timer conf/systemd/mailvouch-report.timer
nodist_systemdsystemunit_DATA = $(timed_services)
CLEANFILES += $(timed_services)
$(timed_services): %: $(srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]bindir@,$(bindir),g' $(srcdir)/$@.in > $@

if BUILD_LMTP
dist_systemdsystemunit_DATA += conf/systemd/mailvouch-lmtpd.socket
nodist_systemdsystemunit_DATA += conf/systemd/mailvouch-lmtpd.service
CLEANFILES += conf/systemd/mailvouch-lmtpd.service
conf/systemd/mailvouch-lmtpd.service: conf/systemd/mailvouch-lmtpd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's,[@]sbindir@,$(sbindir),g' $(srcdir)/conf/systemd/mailvouch-lmtpd.service.in > $@
endif

# The user and the directory of evidence: made by systemd-sysusers and systemd-tmpfiles
after_install += install-sysusers
install-sysusers:
	$(MKDIR_P) "$(DESTDIR)$(sysusersdir)" "$(DESTDIR)$(tmpfilesdir)"
	$(INSTALL_DATA) $(srcdir)/conf/systemd/sysusers.conf "$(DESTDIR)$(sysusersdir)/mailvouch.conf"
	$(INSTALL_DATA) $(srcdir)/conf/systemd/tmpfiles.conf "$(DESTDIR)$(tmpfilesdir)/mailvouch.conf"
after_uninstall += uninstall-sysusers
uninstall-sysusers:
	rm -f "$(DESTDIR)$(sysusersdir)/mailvouch.conf" "$(DESTDIR)$(tmpfilesdir)/mailvouch.conf"
endif
