dist_man_MANS = doc/mailvouch.1 doc/mailvouch-dmarc.1 doc/mailvouch-key.1 doc/mailvouch-opinion.7 doc/mailvouch.conf.5
EXTRA_DIST += doc/ARCHITECTURE.md doc/walkthrough.md core/README.md doc/mailvouch.conf.5.in doc/mailvouch-dovecot.7.in doc/mailvouch-exim.7.in
dist_man_MANS += doc/mailvouch-spf.1
dist_man_MANS += doc/mailvouch-handover-key.1
nodist_man_MANS =

# For those who run a domain
dist_man_MANS += doc/mailvouch-check.1 doc/mailvouch-init.1

# The settings in mailvouch.conf(5) and conf/mailvouch.conf are printed from core/config/settings.c.
noinst_PROGRAMS += doc/print_settings
doc_print_settings_SOURCES = doc/print_settings.c
doc_print_settings_LDADD = core/libmailvouch.la $(CORE_LIBS)

if CAN_RUN
CLEANFILES += doc/mailvouch.conf.5
doc/mailvouch.conf.5: doc/mailvouch.conf.5.in doc/print_settings$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    doc/print_settings manual > $@.settings && \
	    sed -e '/^[@]settings@$$/{r $@.settings' -e 'd;}' $(srcdir)/doc/mailvouch.conf.5.in > $@.new && \
	    mv $@.new $@ && rm -f $@.settings

# After a change of the table: the committed example, which a unit test compares with the table
update-conf: doc/print_settings$(EXEEXT)
	doc/print_settings example > $(srcdir)/conf/mailvouch.conf
endif
.PHONY: update-conf

if BUILD_LMTP
dist_man_MANS += doc/mailvouch-lmtpd.8
endif

if BUILD_EXIM
nodist_man_MANS += doc/mailvouch-exim.7
CLEANFILES += doc/mailvouch-exim.7
doc/mailvouch-exim.7: doc/mailvouch-exim.7.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    sed -e 's,[@]exim_moddir@,$(eximmoddir),g' -e 's,[@]datadir@,$(datadir),g' \
	        $(srcdir)/doc/mailvouch-exim.7.in > $@
endif

if BUILD_DOVECOT
nodist_man_MANS += doc/mailvouch-dovecot.7
CLEANFILES += doc/mailvouch-dovecot.7
doc/mailvouch-dovecot.7: doc/mailvouch-dovecot.7.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	    sed -e 's,[@]dovecot_moduledir@,$(dovecotmoddir),g' -e 's,[@]docdir@,$(docdir),g' \
	        $(srcdir)/doc/mailvouch-dovecot.7.in > $@
endif

if BUILD_CLI
dist_man_MANS += doc/mailvouch-report.1
endif
