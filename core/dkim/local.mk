core_libmailvouch_la_SOURCES += \
    core/dkim/bodies.c \
    core/dkim/bodies.h \
    core/dkim/body_defects.c \
    core/dkim/body_defects.h \
    core/dkim/body_scan.h \
    core/dkim/body_scan_plain.c \
    core/dkim/body_hash.c \
    core/dkim/body_hash.h \
    core/dkim/canon.h \
    core/dkim/canon_body.c \
    core/dkim/canon_header.c \
    core/dkim/canon_scan.h \
    core/dkim/canon_scan_loops.h \
    core/dkim/canon_scan_plain.c \
    core/dkim/check.c \
    core/dkim/check.h \
    core/dkim/explain.c \
    core/dkim/explain.h \
    core/dkim/header_hash.c \
    core/dkim/header_hash.h \
    core/dkim/header_index.c \
    core/dkim/header_index.h \
    core/dkim/key.c \
    core/dkim/key.h \
    core/dkim/result.c \
    core/dkim/result.h \
    core/dkim/rules.c \
    core/dkim/rules.h \
    core/dkim/select.c \
    core/dkim/select.h \
    core/dkim/sign.c \
    core/dkim/sign.h \
    core/dkim/sign_field.c \
    core/dkim/sign_field.h \
    core/dkim/sign_names.c \
    core/dkim/sign_names.h \
    core/dkim/signature.c \
    core/dkim/signature.h \
    core/dkim/task.c \
    core/dkim/task.h \
    core/dkim/verify.c \
    core/dkim/verify.h

# The loops for each kind of CPU; what is compiled for AVX2 runs only after the CPU has been asked.
if CPU_X86_64
noinst_LTLIBRARIES += core/dkim/libcanon_avx2.la
core_dkim_libcanon_avx2_la_SOURCES = core/dkim/canon_scan_avx2.c
core_dkim_libcanon_avx2_la_CFLAGS = $(AM_CFLAGS) -mavx2 -mbmi -mpopcnt
core_libmailvouch_la_LIBADD += core/dkim/libcanon_avx2.la
core_libmailvouch_la_SOURCES += \
    core/dkim/body_scan_x86.c \
    core/dkim/canon_choose_x86.c \
    core/dkim/canon_scan_sse2.c
else
core_libmailvouch_la_SOURCES += core/dkim/body_scan_any.c core/dkim/canon_choose_any.c
endif

unit_tests += \
    tests/unit/test_body_defects \
    tests/unit/test_canon \
    tests/unit/test_dkim_explain \
    tests/unit/test_dkim_key \
    tests/unit/test_dkim_limits \
    tests/unit/test_dkim_line_ends \
    tests/unit/test_dkim_select \
    tests/unit/test_dkim_sign \
    tests/unit/test_dkim_sign_refuse \
    tests/unit/test_dkim_signature \
    tests/unit/test_dkim_vectors \
    tests/unit/test_dkim_verify \
    tests/unit/test_header_index
tests_unit_test_canon_SOURCES = \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h \
    tests/unit/test_canon.c
dkim_test_parts = \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h \
    tests/unit/dkim_test_run.c \
    tests/unit/dkim_test_run.h \
    tests/unit/dkim_test_signer.c \
    tests/unit/dkim_test_signer.h \
    $(test_keys)
tests_unit_test_dkim_explain_SOURCES = tests/unit/test_dkim_explain.c $(dkim_test_parts)
tests_unit_test_dkim_limits_SOURCES = tests/unit/test_dkim_limits.c $(dkim_test_parts)
tests_unit_test_dkim_line_ends_SOURCES = tests/unit/test_dkim_line_ends.c $(dkim_test_parts)
tests_unit_test_dkim_select_SOURCES = tests/unit/test_dkim_select.c $(dkim_test_parts)
dkim_sign_test_parts = tests/unit/dkim_sign_run.c tests/unit/dkim_sign_run.h $(dkim_test_parts)
tests_unit_test_dkim_sign_SOURCES = tests/unit/test_dkim_sign.c $(dkim_sign_test_parts)
tests_unit_test_dkim_sign_refuse_SOURCES = tests/unit/test_dkim_sign_refuse.c $(dkim_sign_test_parts)
tests_unit_test_dkim_vectors_SOURCES = tests/unit/test_dkim_vectors.c $(dkim_test_parts)
tests_unit_test_dkim_verify_SOURCES = tests/unit/test_dkim_verify.c $(dkim_test_parts)
tests_unit_test_header_index_SOURCES = tests/unit/test_header_index.c $(dkim_test_parts)

fuzz_targets += tests/fuzz/fuzz_canon
tests_fuzz_fuzz_canon_SOURCES = \
    tests/fuzz/fuzz_canon.c \
    tests/unit/canon_naive.c \
    tests/unit/canon_naive.h
tests_fuzz_fuzz_canon_LDFLAGS = $(fuzz_link)
EXTRA_DIST += tests/fuzz/seeds/fuzz_canon

fuzz_targets += \
    tests/fuzz/fuzz_dkim_key \
    tests/fuzz/fuzz_dkim_sign \
    tests/fuzz/fuzz_dkim_signature \
    tests/fuzz/fuzz_dkim_verify
tests_fuzz_fuzz_dkim_key_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_dkim_sign_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_dkim_signature_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_dkim_verify_LDFLAGS = $(fuzz_link)
EXTRA_DIST += \
    tests/fuzz/seeds/fuzz_dkim_key \
    tests/fuzz/seeds/fuzz_dkim_sign \
    tests/fuzz/seeds/fuzz_dkim_signature \
    tests/fuzz/seeds/fuzz_dkim_verify
