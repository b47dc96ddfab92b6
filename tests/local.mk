# Unit tests and fuzz targets are named by the directory of the code they test (unit_tests, fuzz_targets).
if BUILD_UNIT_TESTS
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

# Fuzz targets need clang: ./configure CC=clang --enable-fuzzing && make fuzz
if BUILD_FUZZ
EXTRA_PROGRAMS += $(fuzz_targets)
endif
fuzz: $(fuzz_targets)
.PHONY: fuzz
fuzz_link = $(MV_LDFLAGS) -fsanitize=fuzzer

EXTRA_DIST += tests/cases tests/opinion tests/conformance/dkim_sign_suite.py tests/conformance/dmarc_suite.py
