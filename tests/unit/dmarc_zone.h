/*
 * DNS for the DMARC tests: a list of lines, NULL at its end.
 *
 *   "example.com v=DMARC1; p=none"   a TXT record at _dmarc.example.com; several lines are several records
 *   "example.com TIMEOUT"            the question for _dmarc.example.com ends in this error (also SERVFAIL, REFUSED)
 *   "+a.example.com"                 the name exists, without TXT
 *   "!a.example.com"                 the question for the TXT of the name itself times out
 *
 * Every other name exists when one below it does (RFC 8020), else not.
 */
#ifndef MV_TESTS_DMARC_ZONE_H
#define MV_TESTS_DMARC_ZONE_H

#include "core/dns/memo.h"

/* Answers all open questions; the number of them. */
size_t dmarc_zone_answer(const char *const *zone, struct mv_memo *memo);

#endif
