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
/*
 * Reads a response to the question; CNAMEs in it are followed.  What does not
 * parse, or answers another question, gives *answer_r the status SERVFAIL and
 * returns MV_OK; only MV_ERR_MEMORY is an error.  Records live in the arena.
 */
enum mv_code mv_dns_wire_answer(struct mv_arena *arena, const struct mv_dns_question *question,
                                struct mv_bytes message, struct mv_dns_answer *answer_r);
/* A response with this id to this question, whatever it says. For who reads datagrams. */
bool mv_dns_wire_is_reply(const struct mv_dns_question *question, uint16_t id, struct mv_bytes message);

#endif
