# What the command alone does: never part of a server's module
noinst_LTLIBRARIES += core/libmailvouch-ops.la
core_libmailvouch_ops_la_SOURCES = \
    core/ops/alert.c \
    core/ops/alert.h \
    core/ops/alert_memory.c \
    core/ops/alert_memory.h \
    core/ops/child.c \
    core/ops/child.h \
    core/ops/deployment.c \
    core/ops/deployment.h \
    core/ops/deployment_dkim.c \
    core/ops/deployment_hosts.c \
    core/ops/deployment_kinds.c \
    core/ops/deployment_kinds.h \
    core/ops/deployment_mx.c \
    core/ops/deployment_opinion.c \
    core/ops/deployment_opinion.h \
    core/ops/deployment_parked.c \
    core/ops/deployment_run.h \
    core/ops/deployment_senders.c \
    core/ops/deployment_transport.c \
    core/ops/deployment_zone.c \
    core/ops/dmarc_build.c \
    core/ops/dmarc_build.h \
    core/ops/dmarc_lint.c \
    core/ops/dmarc_lint.h \
    core/ops/dmarc_lint_ground.c \
    core/ops/dmarc_lint_inherit.c \
    core/ops/dmarc_lint_legacy.c \
    core/ops/dmarc_lint_place.c \
    core/ops/dmarc_lint_policy.c \
    core/ops/dmarc_lint_reports.c \
    core/ops/dmarc_lint_run.h \
    core/ops/dmarc_lint_tags.c \
    core/ops/dmarc_lint_uris.c \
    core/ops/dmarc_lint_version.c \
    core/ops/dmarc_view.c \
    core/ops/dmarc_view.h \
    core/ops/evidence.c \
    core/ops/evidence.h \
    core/ops/expect.c \
    core/ops/expect.h \
    core/ops/expect_watch.c \
    core/ops/expect_watch.h \
    core/ops/exim_file.c \
    core/ops/exim_file.h \
    core/ops/keeper.c \
    core/ops/keeper.h \
    core/ops/first_records.c \
    core/ops/first_records.h \
    core/ops/finding.c \
    core/ops/finding.h \
    core/ops/key_match.c \
    core/ops/key_match.h \
    core/ops/key_record.c \
    core/ops/key_record.h \
    core/ops/look.c \
    core/ops/opinion.c \
    core/ops/opinion.h \
    core/ops/opinion_dmarc_reason.c \
    core/ops/opinion_reason.h \
    core/ops/opinion_spf_reason.c \
    core/ops/opinion_wire.c \
    core/ops/opinion_wire.h \
    core/ops/provider.c \
    core/ops/provider.h \
    core/ops/public_suffix.c \
    core/ops/public_suffix.h \
    core/ops/publish.c \
    core/ops/publish.h \
    core/ops/report_consent.c \
    core/ops/report_consent.h \
    core/ops/rollover.c \
    core/ops/rollover.h \
    core/ops/selector.c \
    core/ops/selector.h \
    core/ops/sight.c \
    core/ops/sight.h \
    core/ops/source_facts.c \
    core/ops/source_facts.h \
    core/ops/stage.c \
    core/ops/stage.h \
    core/ops/stage_senders.c \
    core/ops/stage_senders.h \
    core/ops/stage_step.c \
    core/ops/stage_step.h \
    core/ops/spf_build.c \
    core/ops/spf_build.h \
    core/ops/spf_insert.c \
    core/ops/spf_insert.h \
    core/ops/spf_flat.c \
    core/ops/spf_flat.h \
    core/ops/spf_flat_compare.c \
    core/ops/spf_flat_file.c \
    core/ops/spf_flat_file.h \
    core/ops/spf_flat_split.c \
    core/ops/spf_lint.c \
    core/ops/spf_lint.h \
    core/ops/spf_lint_all.c \
    core/ops/spf_lint_answer.c \
    core/ops/spf_lint_budget.c \
    core/ops/spf_lint_faults.c \
    core/ops/spf_lint_includes.c \
    core/ops/spf_lint_names.c \
    core/ops/spf_lint_networks.c \
    core/ops/spf_lint_run.h \
    core/ops/spf_lint_terms.c \
    core/ops/spf_networks.c \
    core/ops/spf_networks.h \
    core/ops/spf_providers.c \
    core/ops/spf_providers.h \
    core/ops/spf_senders.c \
    core/ops/spf_senders.h \
    core/ops/spf_text.c \
    core/ops/spf_text.h \
    core/ops/spf_tree.c \
    core/ops/spf_tree.h \
    core/ops/spf_tree_cost.c \
    core/ops/spf_tree_cost.h \
    core/ops/zone.c \
    core/ops/zone.h
ops_ldadd = core/libmailvouch-ops.la $(LDADD)

EXTRA_DIST += tests/unit/ops_zone.h tests/unit/stage_rows.h
unit_tests += \
    tests/unit/test_dmarc_build \
    tests/unit/test_dmarc_lint \
    tests/unit/test_dmarc_view \
    tests/unit/test_deployment \
    tests/unit/test_evidence \
    tests/unit/test_exim_file \
    tests/unit/test_finding \
    tests/unit/test_key_record \
    tests/unit/test_opinion \
    tests/unit/test_opinion_wire \
    tests/unit/test_public_suffix \
    tests/unit/test_publish \
    tests/unit/test_report_consent \
    tests/unit/test_rollover \
    tests/unit/test_rollover_property \
    tests/unit/test_sight \
    tests/unit/test_stage \
    tests/unit/test_stage_senders
tests_unit_test_deployment_SOURCES = tests/unit/test_deployment.c tests/unit/ops_zone.c tests/unit/test_keys.c
tests_unit_test_deployment_LDADD = $(ops_ldadd) -lcrypto
unit_tests += tests/unit/test_first_records
tests_unit_test_first_records_SOURCES = tests/unit/test_first_records.c tests/unit/ops_zone.c
tests_unit_test_first_records_LDADD = $(ops_ldadd)
unit_tests += tests/unit/test_expect
tests_unit_test_expect_SOURCES = tests/unit/test_expect.c tests/unit/ops_zone.c
tests_unit_test_expect_LDADD = $(ops_ldadd)
fuzz_targets += tests/fuzz/fuzz_expect
tests_fuzz_fuzz_expect_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_expect_LDFLAGS = $(fuzz_link)
tests_unit_test_dmarc_build_LDADD = $(ops_ldadd)
tests_unit_test_dmarc_lint_SOURCES = tests/unit/test_dmarc_lint.c tests/unit/ops_zone.c
tests_unit_test_dmarc_lint_LDADD = $(ops_ldadd)
tests_unit_test_dmarc_view_LDADD = $(ops_ldadd)
tests_unit_test_evidence_SOURCES = tests/unit/test_evidence.c tests/unit/stage_rows.c
tests_unit_test_evidence_LDADD = $(ops_ldadd)
tests_unit_test_exim_file_LDADD = $(ops_ldadd)
tests_unit_test_finding_LDADD = $(ops_ldadd)
tests_unit_test_key_record_LDADD = $(ops_ldadd)
tests_unit_test_opinion_LDADD = $(ops_ldadd)
tests_unit_test_opinion_wire_LDADD = $(ops_ldadd)
tests_unit_test_public_suffix_LDADD = $(ops_ldadd)
tests_unit_test_publish_LDADD = $(ops_ldadd)
tests_unit_test_report_consent_SOURCES = tests/unit/test_report_consent.c tests/unit/ops_zone.c
tests_unit_test_report_consent_LDADD = $(ops_ldadd)
tests_unit_test_rollover_LDADD = $(ops_ldadd)
tests_unit_test_rollover_property_LDADD = $(ops_ldadd)
tests_unit_test_sight_LDADD = $(ops_ldadd)
tests_unit_test_stage_LDADD = $(ops_ldadd)
tests_unit_test_stage_senders_SOURCES = tests/unit/test_stage_senders.c tests/unit/ops_zone.c tests/unit/stage_rows.c
tests_unit_test_stage_senders_LDADD = $(ops_ldadd)

fuzz_targets += tests/fuzz/fuzz_dmarc_lint
tests_fuzz_fuzz_dmarc_lint_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_dmarc_lint_LDFLAGS = $(fuzz_link)
fuzz_targets += tests/fuzz/fuzz_public_suffix
tests_fuzz_fuzz_public_suffix_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_public_suffix_LDFLAGS = $(fuzz_link)
fuzz_targets += tests/fuzz/fuzz_opinion_wire
tests_fuzz_fuzz_opinion_wire_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_opinion_wire_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_opinion_wire

unit_tests += tests/unit/test_spf_build tests/unit/test_spf_flat tests/unit/test_spf_lint
unit_tests += tests/unit/test_spf_insert
tests_unit_test_spf_insert_LDADD = $(ops_ldadd)
unit_tests += tests/unit/test_alert tests/unit/test_alert_memory
tests_unit_test_alert_LDADD = $(ops_ldadd)
tests_unit_test_alert_memory_LDADD = $(ops_ldadd)
fuzz_targets += tests/fuzz/fuzz_alert_memory
tests_fuzz_fuzz_alert_memory_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_alert_memory_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_alert_memory
tests_unit_test_spf_flat_SOURCES = tests/unit/test_spf_flat.c tests/unit/ops_zone.c tests/unit/spf_zone.c
tests_unit_test_spf_flat_LDADD = $(ops_ldadd)
tests_unit_test_spf_build_SOURCES = tests/unit/test_spf_build.c tests/unit/ops_zone.c
tests_unit_test_spf_build_LDADD = $(ops_ldadd)
tests_unit_test_spf_lint_SOURCES = tests/unit/test_spf_lint.c tests/unit/ops_zone.c
tests_unit_test_spf_lint_LDADD = $(ops_ldadd)
fuzz_targets += tests/fuzz/fuzz_spf_flat_file tests/fuzz/fuzz_spf_lint tests/fuzz/fuzz_spf_senders
tests_fuzz_fuzz_spf_flat_file_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_spf_flat_file_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_spf_senders_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_spf_senders_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_spf_lint_LDADD = $(ops_ldadd)
tests_fuzz_fuzz_spf_lint_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_spf_flat_file tests/fuzz/seeds/fuzz_spf_lint tests/fuzz/seeds/fuzz_spf_senders
