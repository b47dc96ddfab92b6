/*
 * A failure report: the message/feedback-report part of RFC 5965, of the type
 * auth-failure (RFC 6591, RFC 9991).
 *
 * Of the mail that it is about nothing is kept but domains: the third part is
 * not read, and neither are the canonical header and body that this one may hold.
 */
#ifndef MV_REPORT_FAILURE_H
#define MV_REPORT_FAILURE_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/text/ip.h"

#define MV_FAILURE_MAX_BYTES (64 * 1024)
#define MV_FAILURE_MAX_TEXT_BYTES 255       /* longer texts are cut */
#define MV_FAILURE_MAX_INCIDENTS 4294967295 /* RFC 5965 3.2 */

struct mv_failure {
    struct mv_bytes reported_domain; /* lower case; of DKIM-Domain, or Original-Mail-From, where it is missing */
    struct mv_bytes auth_failure;    /* "dmarc", "bodyhash", "revoked", "signature", "spf"; lower case */
    struct mv_bytes identity_alignment, delivery_result, user_agent, arrival_date; /* as written */
    struct mv_bytes mail_from_domain, dkim_domain, dkim_selector;
    struct mv_ip source;             /* MV_IP_NONE: not said */
    uint64_t incidents;              /* 1 where it is missing */
    char id[65];                     /* hex digits: SHA-256 of the part, since reports of this kind have no id */
};

/* MV_ERR_SYNTAX and a sentence for what is no such report; MV_ERR_MEMORY. Texts are in the arena. */
enum mv_code mv_failure_parse(struct mv_arena *arena, struct mv_bytes part, struct mv_failure *failure_r,
                              struct mv_error *error);

#endif
