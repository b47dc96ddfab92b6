/*
 * libopendmarc as OpenDMARC uses it (its mlfi_eom()), with the public suffix
 * list: From domain, what passed of SPF and DKIM, the query for the record, the
 * policy to enforce.  Its call of the resolver, res_nquery(), is ours, so that
 * its own reader of DNS messages reads our answers.
 */
#ifndef MV_OPINION_ASK_DMARC_H
#define MV_OPINION_ASK_DMARC_H

#include "opinion/answers.h"

#define MV_OPINION_SUFFIX_LIST "/usr/share/publicsuffix/public_suffix_list.dat"

/* Reads the public suffix list, for both readers of it. false: it is not there, or not to be read. */
bool mv_opinion_load_suffixes(void);
/* Slices of the reply live in buffer. */
void mv_opinion_ask_dmarc(const struct mv_opinion_request *request, struct mv_opinion_dns *dns,
                          struct mv_buf *buffer, struct mv_opinion_reply *reply_r);

#endif
