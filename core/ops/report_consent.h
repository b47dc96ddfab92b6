/*
 * Does the place that a record names for reports want them (RFC 9990 4, RFC 9991 5)?
 *
 * When the Organizational Domain of the host in the URI is not that of the policy
 * domain, the host has to say so with a record at
 *
 *   POLICY-DOMAIN._report._dmarc.HOST  TXT  "v=DMARC1;"
 *
 * or no report is sent there.  A pure function over the memo.
 */
#ifndef MV_OPS_REPORT_CONSENT_H
#define MV_OPS_REPORT_CONSENT_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dns/memo.h"

#define MV_REPORT_CONSENT_RECORD "v=DMARC1;" /* what the host publishes */

enum mv_consent {
    MV_CONSENT_NOT_NEEDED, /* the same Organizational Domain */
    MV_CONSENT_GIVEN,
    MV_CONSENT_MISSING,
    MV_CONSENT_ELSEWHERE, /* given, but the record sends the reports to another host: neither gets them */
    MV_CONSENT_UNKNOWN,   /* DNS did not answer */
    MV_CONSENT_TOO_LONG,  /* the name does not fit into DNS: reports cannot be authorised */
    MV_CONSENT_NO_HOST    /* the URI names none */
};

struct mv_consent_check { /* slices live in the arena */
    enum mv_consent consent;
    struct mv_bytes host; /* normalised */
    struct mv_bytes name; /* of the record, when one is needed */
    struct mv_bytes uri;  /* GIVEN: where the record wants reports instead; empty: where they were asked for */
    bool by_wildcard;     /* "*._report._dmarc.HOST" gave it: everybody's reports are taken */
};

/* The host of a URI, of a mailto the domain of its address. false when there is none that DNS could know. */
bool mv_report_uri_host(struct mv_arena *arena, struct mv_bytes uri, struct mv_bytes *host_r);

/*
 * The tag is "rua" or "ruf": the one whose address the consent record may replace by another one at the same host.
 * Of several addresses in it the first counts; when several records say different ones, none does.
 * MV_NEED_DNS while answers are missing. The domain is where the record was found, normalised.
 */
enum mv_code mv_report_consent_check(struct mv_arena *arena, struct mv_bytes policy_domain, const char *tag,
                                     struct mv_bytes uri, bool suffix_hardening, struct mv_memo *memo,
                                     struct mv_consent_check *check_r);

#endif
