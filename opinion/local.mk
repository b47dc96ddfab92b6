# The second opinion: the one program that links libspf2 and libopendmarc
if BUILD_OPINION
pkglibexec_PROGRAMS += mailvouch-opinion
endif
mailvouch_opinion_SOURCES = \
    opinion/answers.c \
    opinion/answers.h \
    opinion/ask_dmarc.c \
    opinion/ask_dmarc.h \
    opinion/ask_spf.c \
    opinion/ask_spf.h \
    opinion/confine.c \
    opinion/confine.h \
    opinion/main.c
mailvouch_opinion_CFLAGS = $(AM_CFLAGS) $(PSL_CFLAGS)
mailvouch_opinion_LDADD = core/libmailvouch-ops.la core/libmailvouch.la $(CORE_LIBS) $(OPINION_LIBS) $(PSL_LIBS)

unit_tests += tests/unit/test_opinion_answers
tests_unit_test_opinion_answers_SOURCES = tests/unit/test_opinion_answers.c opinion/answers.c opinion/answers.h
