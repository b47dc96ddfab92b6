/*
 * What may be told of a message to the owner of the domain that it claims to be from (RFC 9991 7, RFC 6590).
 *
 * An address keeps its domain; its local part becomes MV_REDACTED_BYTES hex digits of HMAC-SHA256 over the policy
 * domain and the whole address, with a key of this site: equal addresses stay equal within the reports to one owner,
 * and tell nothing between owners.
 *
 * Of the header block only these fields are kept, each taken apart and written anew, never copied:
 *
 *   Received                 from, by (names with a dot, IP addresses), via, with, id, for (redacted), the date, and of
 *                            comments those that hold such names and IP addresses alone
 *   From, Sender, Reply-To, To, Cc, Return-Path      addresses alone; what does not parse is "redacted"
 *   Message-ID               as an address
 *   Date                     when it holds nothing but a date
 *   Subject                  "redacted"
 *   MIME-Version, Content-Type, Content-Transfer-Encoding    without parameters
 *   DKIM-Signature           a, b, bh, c, d, h, i (redacted), l, q, s, t, v, x; never z
 */
#ifndef MV_AUTH_REDACTION_H
#define MV_AUTH_REDACTION_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/text/field.h"

#define MV_REDACTED_BYTES 24 /* of a local part: 96 bits */
#define MV_REDACTION_MAX_HEADER_BYTES (6 * 1024) /* fields that would pass it are left out */
#define MV_REDACTION_MAX_FIELD_BYTES 2048        /* so is one that is longer after it was written anew */
#define MV_REDACTION_MAX_ADDRESSES 20            /* of one field; more are left out */

/* Borrowed. */
struct mv_redaction {
    struct mv_bytes key;
    struct mv_bytes scope; /* the policy domain */
};

/* Appends "HASH@domain"; domain normalised. MV_ERR_MEMORY, MV_ERR_CRYPTO. */
enum mv_code mv_redact_address(const struct mv_redaction *redaction, struct mv_bytes local_part, struct mv_bytes domain,
                               struct mv_buf *out);
/* Appends the fields that may be told, folded, CRLF line ends. MV_ERR_MEMORY, MV_ERR_CRYPTO. */
enum mv_code mv_redact_header(struct mv_arena *arena, const struct mv_redaction *redaction,
                              const struct mv_field *fields, size_t count, struct mv_buf *out);

#endif
