/*
 * A small DNS for SPF tests, and the loop that a front end runs.
 *
 * A zone is text: one record on each line, "NAME TYPE DATA", type TXT, A, AAAA,
 * MX ("10 mx.example.com") or PTR.  "NAME TYPE !TIMEOUT" (or !SERVFAIL) is an
 * error.  A name that is not there does not exist; one that is has no data of
 * other types.  The name "*" stands for every name.
 */
#ifndef SPF_ZONE_H
#define SPF_ZONE_H

#include "core/spf/evaluate.h"

enum spf_zone_pace {
    SPF_ZONE_ROUNDS,    /* all open questions are answered, then the check runs again */
    SPF_ZONE_ONE_BY_ONE /* the check runs again after each answer */
};

/* At a fixed time, with the default limit of void lookups. */
struct mv_spf_request spf_zone_request(const char *ip, const char *helo, const char *mail_from);
/* Drives mv_spf_evaluate() to its end. The memo that was used stays in *memo_r. */
enum mv_code spf_zone_evaluate(struct mv_arena *arena, const char *zone, enum spf_zone_pace pace,
                               const struct mv_spf_request *request, struct mv_trace *trace,
                               struct mv_spf_result *result_r, struct mv_memo **memo_r);

#endif
