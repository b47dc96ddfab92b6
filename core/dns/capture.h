/*
 * The capture file: a memo as JSON, so that a verdict can be replayed.
 *
 *   {"schema":1,"default":"NXDOMAIN","answers":[
 *     {"name":"example.com","type":"TXT","rcode":"NOERROR","ttl":300,"secure":false,"data":["v=spf1 -all"]}]}
 *
 * Types TXT, A, AAAA, MX ("10 mx.example.com"), PTR, NS, SOA (its server) and
 * CNAME (followed); rcodes NOERROR, NXDOMAIN, SERVFAIL, REFUSED, TIMEOUT.  In data
 * "." is the root, and an empty list with NOERROR says that the name has no such
 * record; other rcodes need no data.  One TXT item is a string, or an array of
 * strings for several character-strings; each code point 0 to 255 stands for one
 * byte, and a string of more than 255 bytes is cut into character-strings.
 * ttl, secure and default may be missing; members that are not named here are
 * ignored.  Names are compared without case and final dot, and "*" is a label
 * like any other.
 *
 * A name and type that is not listed: NODATA if the name, or a name below it, has
 * any NOERROR entry, else the default (NXDOMAIN, SERVFAIL or TIMEOUT).
 */
#ifndef MV_DNS_CAPTURE_H
#define MV_DNS_CAPTURE_H

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/dns/memo.h"

#define MV_CAPTURE_MAX_BYTES (16 * 1024 * 1024)
#define MV_CAPTURE_MAX_ANSWERS 100000
#define MV_CAPTURE_MAX_MEMORY_BYTES (256 * 1024 * 1024)
#define MV_CAPTURE_MAX_CNAMES 16 /* a longer chain, or a loop, is a server failure */

struct mv_capture;

/*
 * Reads a whole file, which is not needed any more after the call.  Errors name
 * the entry ("answers[3]: type: ...").
 */
enum mv_code mv_capture_read(struct mv_bytes json, struct mv_capture **capture_r, struct mv_error *error);
void mv_capture_free(struct mv_capture **capture);
/* The answer, CNAMEs followed; its records live in the capture. */
void mv_capture_answer(const struct mv_capture *capture, const struct mv_dns_question *question,
                       struct mv_dns_answer *answer_r);
/*
 * Writes every answer of the memo in the order of asking, one to a line, with a
 * final newline; pure ASCII.  default is NXDOMAIN.  MV_ERR_LIMIT when out failed.
 */
enum mv_code mv_capture_write(const struct mv_memo *memo, struct mv_buf *out);

#endif
