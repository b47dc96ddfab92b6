core_libmailvouch_la_SOURCES += \
    core/auth/authres.h \
    core/auth/authres_forged.c \
    core/auth/authres_gather.c \
    core/auth/authres_parse.c \
    core/auth/authres_print.c \
    core/auth/engine.c \
    core/auth/engine.h \
    core/auth/evidence_file.c \
    core/auth/evidence_file.h \
    core/auth/evidence_line.c \
    core/auth/evidence_line.h \
    core/auth/evidence_message.c \
    core/auth/evidence_parse.c \
    core/auth/explain.c \
    core/auth/failure_line.c \
    core/auth/failure_line.h \
    core/auth/failure_message.c \
    core/auth/failure_message.h \
    core/auth/failure_print.c \
    core/auth/handover.h \
    core/auth/handover_check.c \
    core/auth/handover_cover.c \
    core/auth/handover_cover.h \
    core/auth/handover_parse.c \
    core/auth/handover_print.c \
    core/auth/handover_reading.c \
    core/auth/handover_reading.h \
    core/auth/handover_ring.c \
    core/auth/handover_ring.h \
    core/auth/key_sets.c \
    core/auth/key_sets.h \
    core/auth/message.c \
    core/auth/message.h \
    core/auth/permission.c \
    core/auth/permission.h \
    core/auth/redaction.c \
    core/auth/redaction.h \
    core/auth/redaction_received.c \
    core/auth/redaction_received.h \
    core/auth/report_mark.c \
    core/auth/report_mark.h \
    core/auth/seal.c \
    core/auth/seal.h \
    core/auth/sealers.c \
    core/auth/sealers.h \
    core/auth/session.c \
    core/auth/signer.c \
    core/auth/signer.h \
    core/auth/signer_judge.c \
    core/auth/signer_report.c \
    core/auth/signer_state.h \
    core/auth/verdict.c \
    core/auth/verdict.h \
    core/auth/version.c
core_libmailvouch_replay_la_SOURCES += core/auth/replay.c
unit_tests += \
    tests/unit/test_authres_forged \
    tests/unit/test_authres_parse \
    tests/unit/test_authres_print \
    tests/unit/test_evidence_file \
    tests/unit/test_evidence_line \
    tests/unit/test_evidence_message \
    tests/unit/test_evidence_parse \
    tests/unit/test_failure_line \
    tests/unit/test_failure_message \
    tests/unit/test_handover \
    tests/unit/test_redaction \
    tests/unit/test_report_mark \
    tests/unit/test_sealers \
    tests/unit/test_session \
    tests/unit/test_signer \
    tests/unit/test_signer_given \
    tests/unit/test_signer_keys \
    tests/unit/test_verdict
fuzz_targets += \
    tests/fuzz/fuzz_handover \
    tests/fuzz/fuzz_evidence \
    tests/fuzz/fuzz_authres_forged \
    tests/fuzz/fuzz_authres_parse \
    tests/fuzz/fuzz_authres_print \
    tests/fuzz/fuzz_report_mark
tests_fuzz_fuzz_report_mark_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_evidence_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_handover_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_forged_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_parse_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_print_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_authres_print_SOURCES = tests/fuzz/fuzz_authres_print.c tests/unit/authres_facts.c tests/unit/authres_facts.h
tests_unit_test_authres_print_SOURCES = tests/unit/test_authres_print.c tests/unit/authres_facts.c tests/unit/authres_facts.h
tests_unit_test_handover_SOURCES = tests/unit/test_handover.c tests/unit/handover_site.c tests/unit/handover_site.h
signer_site = tests/unit/signer_site.c tests/unit/signer_site.h
tests_unit_test_signer_SOURCES = tests/unit/test_signer.c $(signer_site)
tests_unit_test_signer_keys_SOURCES = tests/unit/test_signer_keys.c $(signer_site)
EXTRA_DIST += tests/fuzz/seeds/fuzz_authres_forged tests/fuzz/seeds/fuzz_authres_parse tests/fuzz/seeds/fuzz_authres_print tests/fuzz/seeds/fuzz_evidence tests/fuzz/seeds/fuzz_handover tests/fuzz/seeds/fuzz_report_mark
evidence_rows = tests/unit/evidence_rows.c tests/unit/evidence_rows.h
evidence_engine = tests/unit/evidence_engine.c tests/unit/evidence_engine.h
tests_unit_test_evidence_message_SOURCES = tests/unit/test_evidence_message.c $(evidence_engine)
tests_unit_test_failure_message_SOURCES = tests/unit/test_failure_message.c $(evidence_engine)
tests_unit_test_evidence_parse_SOURCES = tests/unit/test_evidence_parse.c $(evidence_rows)
tests_fuzz_fuzz_evidence_SOURCES = tests/fuzz/fuzz_evidence.c $(evidence_rows)
check_PROGRAMS += tests/report/append_evidence tests/report/judge_message
tests_report_append_evidence_SOURCES = tests/report/append_evidence.c
tests_report_judge_message_SOURCES = tests/report/judge_message.c
