/*
 * DNS messages on the wire (RFC 1035 4, EDNS RFC 6891): one question out, one
 * answer in.  Every length and pointer that a server sent is checked.
 */
#ifndef MV_DNS_WIRE_H
#define MV_DNS_WIRE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/dns/answer.h"

#define MV_DNS_MAX_MESSAGE_BYTES 65535
#define MV_DNS_MAX_QUERY_BYTES 512
#define MV_DNS_EDNS_PAYLOAD_BYTES 1232 /* DNS flag day 2020 */
#define MV_DNS_MAX_CNAMES 16
#define MV_DNS_MAX_RECORDS 512 /* of one answer; more is a server failure */

/* A query with RD and AD set and an EDNS0 record. MV_ERR_SYNTAX when the name cannot be asked. */
enum mv_code mv_dns_wire_query(const struct mv_dns_question *question, uint16_t id, struct mv_buf *out);
/* The same without RD and AD: for a server of the zone itself. */
enum mv_code mv_dns_wire_query_zone(const struct mv_dns_question *question, uint16_t id, struct mv_buf *out);
/*
 * Reads a response to the question; CNAMEs in it are followed.  What does not
 * parse, or answers another question, gives *answer_r the status SERVFAIL and
 * returns MV_OK; only MV_ERR_MEMORY is an error.  Records live in the arena.
 */
enum mv_code mv_dns_wire_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                struct mv_bytes message, struct mv_dns_answer *answer_r);

/* What a server of a zone says of a name, and of what it is not responsible for. */
enum mv_zone_word {
    MV_ZONE_RECORDS,   /* of the type that was asked for */
    MV_ZONE_NOTHING,   /* no such record, or no such name */
    MV_ZONE_ALIAS,     /* a CNAME, also one that a DNAME made */
    MV_ZONE_ELSEWHERE, /* the name lies in a zone below, with servers of its own */
    MV_ZONE_FAILURE    /* not its zone, or it cannot say */
};

struct mv_zone_answer {
    enum mv_zone_word word;
    const struct mv_dns_record *records; /* ELSEWHERE: the NS records of the zone below */
    size_t count;
    uint32_t ttl_secs;       /* the largest of the records or of the alias; 0 for all else */
    struct mv_bytes name;    /* ALIAS: where it leads. ELSEWHERE: the zone below */
    uint32_t negative_secs;  /* MINIMUM of the SOA record in it: how long its "nothing" may be kept; 0 without one */
    const char *fault;       /* FAILURE: in words */
};

/*
 * Reads what a server that mv_dns_wire_query_zone() was sent to answered.  Nothing
 * is followed, and only authoritative answers count.  A message with TC is a
 * failure.  Only MV_ERR_MEMORY is an error.
 */
enum mv_code mv_dns_wire_zone_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                     struct mv_bytes message, struct mv_zone_answer *answer_r);
/* A response that was cut (RFC 1035 4.1.1). */
bool mv_dns_wire_is_cut(struct mv_bytes message);
/* A response with this id to this question, whatever it says. For who reads datagrams. */
bool mv_dns_wire_is_reply(const struct mv_dns_question *question, uint16_t id, struct mv_bytes message);

#endif
