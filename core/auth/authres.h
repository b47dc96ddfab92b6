/*
 * Authentication-Results (RFC 8601): print ours, recognise forged ones.
 */
#ifndef MV_AUTH_AUTHRES_H
#define MV_AUTH_AUTHRES_H

#include "core/auth/verdict.h"
#include "core/base/arena.h"
#include "core/mailvouch.h"

#define MV_AUTHRES_MAX_COMMENT_DEPTH 20

/*
 * Appends the field with its name, folded, CRLF line ends, final CRLF.  Every
 * value is checked against its syntax and quoted where needed; nothing in the
 * message or in DNS can begin a new piece, line or field (RFC 8601 7.8).
 */
enum mv_code mv_authres_print(const struct mv_verdict *verdict, struct mv_bytes authserv_id, struct mv_buf *out);

/*
 * The authserv-id of a field value (RFC 8601 2.2), whatever comments, quotes, folds and version are around it:
 * normalised as a domain when it is one (case, final dot, U-labels), else lower case.  *version_r is 1 when absent.
 * false when the value does not parse.
 */
bool mv_authres_authserv_id(struct mv_arena *arena, struct mv_bytes value, struct mv_bytes *id_r, uint64_t *version_r);

/*
 * RFC 8601 5: must this field be removed at the border?  True for an
 * Authentication-Results field (name in any case) whose authserv-id is one of ours, or which
 * cannot be parsed, or is of an unknown version, and holds one of our ids anywhere.
 */
bool mv_authres_is_forged(struct mv_arena *arena, const struct mv_field *field, const struct mv_bytes *ids,
                           size_t id_count);

#endif
