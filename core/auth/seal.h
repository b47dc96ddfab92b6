/*
 * Adds an ARC set to a message that goes on (RFC 8617 5.1), with a key that is
 * given.  For lists and forwarders, and switched on by nothing but a call.
 *
 *   mv_seal_begin(&request, &seal, &error)
 *   mv_seal_feed(seal, bytes) ...     the message as the next hop will get it, but for the set: CRLF, any split
 *   mv_seal_end(seal)
 *   mv_seal_fields(seal)              the fields to put on top; empty when the message must not be sealed
 *   mv_seal_reason(seal)              why it must not
 *   mv_seal_free(&seal)
 *
 * What the set says was found is in the message already: the results of its
 * Authentication-Results fields under one's own authserv-id.  So they must be one's
 * own, and those of strangers must have been removed (RFC 8601 5).  A message with
 * ARC fields is sealed only when these results say arc=: what a chain came to is
 * told by whoever checked it as it came in.
 */
#ifndef MV_AUTH_SEAL_H
#define MV_AUTH_SEAL_H

#include "core/base/bytes.h"
#include "core/base/error.h"

/* Borrowed for the call of mv_seal_begin(). */
struct mv_seal_request {
    struct mv_bytes authserv_id; /* a token */
    struct mv_bytes domain;      /* d= */
    struct mv_bytes selector;    /* s= */
    struct mv_bytes pem;
    const char *pem_name;        /* for errors */
    struct mv_bytes names;       /* h=: "from:to:subject"; empty: as our DKIM signatures, and DKIM-Signature fields */
    int64_t now_secs;
};

struct mv_seal;

/* MV_ERR_SYNTAX, MV_ERR_MEMORY: *error says what is wrong with the request. */
enum mv_code mv_seal_begin(const struct mv_seal_request *request, struct mv_seal **seal_r, struct mv_error *error);
enum mv_code mv_seal_feed(struct mv_seal *seal, struct mv_bytes bytes);
/* MV_OK also when the message must not be sealed. */
enum mv_code mv_seal_end(struct mv_seal *seal);
/* CRLF line ends, the last one included. */
struct mv_bytes mv_seal_fields(const struct mv_seal *seal);
/* One sentence (static text); NULL when the message was sealed. */
const char *mv_seal_reason(const struct mv_seal *seal);
void mv_seal_free(struct mv_seal **seal);

#endif
