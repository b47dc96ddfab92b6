/*
 * The extensions that a next hop offers (RFC 5321 4.1.1.1), and what we offer because of them.
 *
 * Passed through: 8BITMIME, SMTPUTF8, DSN, ENHANCEDSTATUSCODES.  Our own: SIZE,
 * PIPELINING, and for trusted clients XFORWARD and XCLIENT.  Nothing else, so that
 * no extension changes what DATA carries: no CHUNKING, no BINARYMIME.
 */
#ifndef MV_LMTP_OFFER_H
#define MV_LMTP_OFFER_H

#include "lmtp-hook/reply.h"

#define MV_OFFER_MAX_BYTES 2048

struct mv_offer {
    bool eightbitmime; /* RFC 6152 */
    bool smtputf8;     /* RFC 6531 */
    bool dsn;          /* RFC 3461 */
    bool enhanced;     /* RFC 2034 */
    bool takes_size;   /* RFC 1870 */
    uint64_t size;     /* 0: no limit was told */
};

/* From the reply to LHLO. */
void mv_offer_read(const struct mv_reply *reply, struct mv_offer *offer_r);
enum mv_offer_trust { MV_OFFER_STRANGER, MV_OFFER_TRUSTED };
/* Our reply to LHLO. The smaller size is offered; max_bytes 0 is no limit. */
void mv_offer_put(const struct mv_offer *offer, const char *host, uint64_t max_bytes, enum mv_offer_trust trust,
                  struct mv_buf *out);

#endif
