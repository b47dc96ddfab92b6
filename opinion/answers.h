/*
 * The DNS that the libraries see: the answers of the request, and nothing else.
 */
#ifndef MV_OPINION_ANSWERS_H
#define MV_OPINION_ANSWERS_H

#include "core/ops/opinion_wire.h"

struct mv_opinion_dns {
    const struct mv_opinion_answer *answers;
    size_t count;
    bool missed;                    /* there was a question without an answer: what came out is worth nothing */
    struct mv_dns_question missing; /* the first of them; its name is in memory of its own */
    unsigned asked;                 /* how many questions came at all */
};

/*
 * A name that cannot be put to DNS is refused, and the empty name fails, as with
 * Exim.  NULL: missed, and a library is told that it should try again later, which
 * ends its evaluation.
 */
const struct mv_dns_answer *mv_opinion_dns_find(struct mv_opinion_dns *dns, struct mv_bytes name,
                                                enum mv_dns_type type);
/* The h_errno of <netdb.h> that a resolver would leave. */
int mv_opinion_dns_herrno(const struct mv_dns_answer *answer);
/* The TXT answer as a message on the wire (RFC 1035 4.1) with the question in front. false when it does not fit. */
bool mv_opinion_dns_wire(struct mv_bytes name, const struct mv_dns_answer *answer, struct mv_buf *out);

#endif
