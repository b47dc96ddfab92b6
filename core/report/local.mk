# Reports, in and out of a store: for the command alone, and only built with it
if BUILD_CLI
noinst_LTLIBRARIES += core/libmailvouch-report.la
endif
core_libmailvouch_report_la_CPPFLAGS = $(AM_CPPFLAGS) $(EXPAT_CFLAGS) $(ZLIB_CFLAGS) $(SQLITE_CFLAGS)
core_libmailvouch_report_la_SOURCES = \
    core/report/aggregate.c \
    core/report/aggregate.h \
    core/report/aggregate_schema.c \
    core/report/aggregate_schema.h \
    core/report/aggregate_write.c \
    core/report/aggregate_write.h \
    core/report/bounce.c \
    core/report/bounce.h \
    core/report/db.c \
    core/report/db.h \
    core/report/db_backend.c \
    core/report/db_backend.h \
    core/report/db_sqlite.c \
    core/report/failure.c \
    core/report/failure.h \
    core/report/failure_read.c \
    core/report/failure_read.h \
    core/report/failure_write.c \
    core/report/failure_write.h \
    core/report/flow.c \
    core/report/flow.h \
    core/report/gunzip.c \
    core/report/gunzip.h \
    core/report/gzip.c \
    core/report/gzip.h \
    core/report/intake.c \
    core/report/intake.h \
    core/report/ledger.h \
    core/report/ledger_count.c \
    core/report/ledger_failure.c \
    core/report/ledger_flush.c \
    core/report/ledger_open.c \
    core/report/ledger_read.c \
    core/report/ledger_row.c \
    core/report/ledger_row.h \
    core/report/ledger_state.h \
    core/report/mail_field.c \
    core/report/mail_field.h \
    core/report/mbox.c \
    core/report/mbox.h \
    core/report/mime.c \
    core/report/mime.h \
    core/report/mime_header.c \
    core/report/mime_header.h \
    core/report/outbox.c \
    core/report/outbox.h \
    core/report/outbox_address.c \
    core/report/outbox_sql.h \
    core/report/page.c \
    core/report/page.h \
    core/report/page_days.c \
    core/report/page_parts.h \
    core/report/page_sources.c \
    core/report/page_style.c \
    core/report/page_tables.c \
    core/report/page_text.c \
    core/report/page_text.h \
    core/report/report_build.c \
    core/report/report_build.h \
    core/report/report_mail.c \
    core/report/report_mail.h \
    core/report/report_mail_names.c \
    core/report/report_mail_names.h \
    core/report/report_time.c \
    core/report/report_time.h \
    core/report/store.h \
    core/report/store_open.c \
    core/report/store_overview.c \
    core/report/store_overview.h \
    core/report/store_purge.c \
    core/report/store_read.c \
    core/report/store_tables.h \
    core/report/store_write.c \
    core/report/tlsrpt.c \
    core/report/tlsrpt.h \
    core/report/transfer.c \
    core/report/transfer.h \
    core/report/utf8.c \
    core/report/utf8.h \
    core/report/xml.h \
    core/report/xml_gaps.c \
    core/report/xml_gaps.h \
    core/report/xml_names.c \
    core/report/xml_names.h \
    core/report/xml_text.c \
    core/report/xml_text.h \
    core/report/zip.c \
    core/report/zip.h \
    core/report/zip_unpack.h
report_libs = $(EXPAT_LIBS) $(ZLIB_LIBS) $(SQLITE_LIBS)

# What brings many libraries, and few runs need: the command loads it (module.h), tests link it
if BUILD_CLI
noinst_LTLIBRARIES += core/libmailvouch-modules.la core/libmailvouch-zip.la
pkglib_LTLIBRARIES += core/report/mailvouch-zip.la
endif
core_libmailvouch_modules_la_SOURCES = core/report/module.c core/report/module.h core/report/postgresql_loaded.c \
    core/report/zip_loaded.c
core_libmailvouch_zip_la_CPPFLAGS = $(AM_CPPFLAGS) $(ARCHIVE_CFLAGS)
core_libmailvouch_zip_la_SOURCES = core/report/zip_unpack.c
core_libmailvouch_postgresql_la_CPPFLAGS = $(AM_CPPFLAGS) $(POSTGRESQL_CFLAGS)
core_libmailvouch_postgresql_la_SOURCES = core/report/db_postgresql.c core/report/db_postgresql.h \
    core/report/db_postgresql_statement.c
report_linked = core/libmailvouch-zip.la
report_linked_libs = $(ARCHIVE_LIBS)
if HAVE_POSTGRESQL
noinst_LTLIBRARIES += core/libmailvouch-postgresql.la
pkglib_LTLIBRARIES += core/report/mailvouch-postgresql.la
report_linked += core/libmailvouch-postgresql.la
report_linked_libs += $(POSTGRESQL_LIBS)
endif
report_ldadd = core/libmailvouch-report.la $(report_linked) core/libmailvouch-modules.la $(LDADD) $(report_libs) \
    $(report_linked_libs)

# As for Exim's module: what is missing is an error of dlopen(), and each keeps its names to itself
module_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols $(srcdir)/core/report/module.sym \
    -Wl,-z,now -Wl,-Bsymbolic -Wl,--exclude-libs,ALL
EXTRA_DIST += core/report/module.sym
core_report_mailvouch_zip_la_SOURCES = core/report/zip_module.c core/report/flow.c
core_report_mailvouch_zip_la_LIBADD = core/libmailvouch-zip.la core/libmailvouch-base.la $(ARCHIVE_LIBS)
core_report_mailvouch_zip_la_LDFLAGS = $(module_ldflags)
EXTRA_core_report_mailvouch_zip_la_DEPENDENCIES = core/report/module.sym
core_report_mailvouch_postgresql_la_SOURCES = core/report/postgresql_module.c core/report/db_backend.c
core_report_mailvouch_postgresql_la_LIBADD = core/libmailvouch-postgresql.la core/libmailvouch-base.la $(POSTGRESQL_LIBS)
core_report_mailvouch_postgresql_la_LDFLAGS = $(module_ldflags)
EXTRA_core_report_mailvouch_postgresql_la_DEPENDENCIES = core/report/module.sym
after_install += after-install-modules
after_uninstall += after-uninstall-modules
after-install-modules:
	rm -f $(DESTDIR)$(pkglibdir)/mailvouch-*.la
after-uninstall-modules:
	rm -f $(DESTDIR)$(pkglibdir)/mailvouch-zip.so $(DESTDIR)$(pkglibdir)/mailvouch-postgresql.so

if BUILD_CLI
unit_tests += \
    tests/unit/test_aggregate \
    tests/unit/test_aggregate_write \
    tests/unit/test_bounce \
    tests/unit/test_db \
    tests/unit/test_failure_read \
    tests/unit/test_failure_write \
    tests/unit/test_intake \
    tests/unit/test_ledger \
    tests/unit/test_ledger_failure \
    tests/unit/test_mbox \
    tests/unit/test_mime \
    tests/unit/test_outbox \
    tests/unit/test_page \
    tests/unit/test_report_build \
    tests/unit/test_report_mail \
    tests/unit/test_report_store \
    tests/unit/test_report_time
endif
tests_unit_test_aggregate_LDADD = $(report_ldadd)
tests_unit_test_bounce_LDADD = $(report_ldadd)
tests_unit_test_db_LDADD = $(report_ldadd)
tests_unit_test_failure_read_LDADD = $(report_ldadd)
tests_unit_test_failure_write_LDADD = $(report_ldadd)
tests_unit_test_intake_LDADD = $(report_ldadd)
ledger_fixture = tests/unit/ledger_fixture.c tests/unit/ledger_fixture.h
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c $(ledger_fixture)
tests_unit_test_ledger_failure_SOURCES = tests/unit/test_ledger_failure.c $(ledger_fixture)
tests_unit_test_ledger_LDADD = $(report_ldadd)
tests_unit_test_ledger_failure_LDADD = $(report_ldadd)
tests_unit_test_mbox_LDADD = $(report_ldadd)
tests_unit_test_mime_LDADD = $(report_ldadd)
tests_unit_test_outbox_LDADD = $(report_ldadd)
tests_unit_test_page_SOURCES = tests/unit/test_page.c tests/unit/page_reading.c tests/unit/page_reading.h
tests_unit_test_page_LDADD = $(report_ldadd)
tests_unit_test_report_store_LDADD = $(report_ldadd)
tests_unit_test_report_time_LDADD = $(report_ldadd)

if BUILD_CLI
fuzz_targets += tests/fuzz/fuzz_failure_line
endif
tests_fuzz_fuzz_failure_line_LDADD = $(report_ldadd)
tests_fuzz_fuzz_failure_line_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_failure_line

if BUILD_CLI
fuzz_targets += tests/fuzz/fuzz_aggregate tests/fuzz/fuzz_intake tests/fuzz/fuzz_tlsrpt
fuzz_targets += tests/fuzz/fuzz_bounce
fuzz_targets += tests/fuzz/fuzz_page
endif
tests_fuzz_fuzz_bounce_LDADD = $(report_ldadd)
tests_fuzz_fuzz_bounce_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_page_SOURCES = tests/fuzz/fuzz_page.c tests/unit/page_reading.c tests/unit/page_reading.h
tests_fuzz_fuzz_page_LDADD = $(report_ldadd)
tests_fuzz_fuzz_page_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_bounce
EXTRA_DIST += tests/fuzz/seeds/fuzz_page
tests_fuzz_fuzz_intake_LDADD = $(report_ldadd)
tests_fuzz_fuzz_intake_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_tlsrpt_LDADD = $(report_ldadd)
tests_fuzz_fuzz_tlsrpt_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_aggregate_LDADD = $(report_ldadd)
tests_fuzz_fuzz_aggregate_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_aggregate tests/fuzz/seeds/fuzz_intake tests/fuzz/seeds/fuzz_tlsrpt

# What is written, read again
report_made = tests/unit/report_made.c tests/unit/report_made.h
tests_unit_test_aggregate_write_SOURCES = tests/unit/test_aggregate_write.c $(report_made)
tests_unit_test_aggregate_write_LDADD = $(report_ldadd)
tests_unit_test_report_build_SOURCES = tests/unit/test_report_build.c $(report_made)
tests_unit_test_report_build_LDADD = $(report_ldadd)
tests_unit_test_report_mail_LDADD = $(report_ldadd)
if BUILD_CLI
check_PROGRAMS += tests/report/make_reports
fuzz_targets += tests/fuzz/fuzz_aggregate_write tests/fuzz/fuzz_report_address
endif
tests_report_make_reports_SOURCES = tests/report/make_reports.c $(report_made)
tests_report_make_reports_LDADD = $(report_ldadd)
tests_fuzz_fuzz_aggregate_write_SOURCES = tests/fuzz/fuzz_aggregate_write.c $(report_made)
tests_fuzz_fuzz_aggregate_write_LDADD = $(report_ldadd)
tests_fuzz_fuzz_aggregate_write_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_report_address_LDADD = $(report_ldadd)
tests_fuzz_fuzz_report_address_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_aggregate_write tests/fuzz/seeds/fuzz_report_address
