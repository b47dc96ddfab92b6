/*
 * libspf2 as Exim uses it (its spf.c): a DNS layer that shows no TXT record but
 * those that begin with "v=spf1", behind libspf2's own cache; no record of type
 * SPF; the client, HELO, then MAIL FROM; the result as it stands in $spf_result.
 */
#ifndef MV_OPINION_ASK_SPF_H
#define MV_OPINION_ASK_SPF_H

#include "opinion/answers.h"

/* said lives in buffer. */
void mv_opinion_ask_spf(const struct mv_opinion_request *request, struct mv_opinion_dns *dns, struct mv_buf *buffer,
                        struct mv_opinion_reply *reply_r);

#endif
