/*
 * Authentication-Results (RFC 8601): print ours, read any, recognise forged ones.
 */
#ifndef MV_AUTH_AUTHRES_H
#define MV_AUTH_AUTHRES_H

#include "core/auth/verdict.h"
#include "core/base/arena.h"
#include "core/mailvouch.h"
#include "core/text/field.h"

#define MV_AUTHRES_MAX_FIELD_BYTES (64 * 1024) /* of a field that we read */
#define MV_AUTHRES_MAX_RESULTS 100
#define MV_AUTHRES_MAX_PROPS 100 /* of one result */
#define MV_AUTHRES_VERSION 1     /* RFC 8601 2.2 */

/*
 * Appends the field with its name, folded, CRLF line ends, final CRLF; at most
 * MV_AUTHRES_MAX_BYTES.  Every value is checked against its syntax and quoted
 * where needed; nothing in the message or in DNS can begin a new piece, line or
 * field (RFC 8601 7.8).  Bytes that no quoted string can hold become "?".
 *
 * One result for SPF when it was evaluated, one for each DKIM signature (dkim=none
 * without any), one for ARC when the message carries fields of it, and one for
 * DMARC when it was evaluated, always with a reason where it is an error.
 * Signatures that were not looked at, or do not fit, are counted in a comment.
 * MV_ERR_USAGE when the authserv-id holds what no authserv-id may (nothing,
 * white space, control characters, bytes above 127).
 */
enum mv_code mv_authres_print(const struct mv_verdict *verdict, struct mv_bytes authserv_id, struct mv_buf *out);

/* smtp.mailfrom=example.com */
struct mv_authres_prop {
    struct mv_bytes type;  /* lower case */
    struct mv_bytes name;  /* lower case */
    struct mv_bytes value; /* without quotes */
};

/* One resinfo. */
struct mv_authres_result {
    struct mv_bytes method; /* lower case */
    uint64_t version;       /* of the method; 1 when absent */
    struct mv_bytes result; /* lower case */
    struct mv_bytes reason; /* without quotes; empty when absent */
    const struct mv_authres_prop *props;
    size_t prop_count;
};

/* A field's value. Everything lives in the arena or in the value. A "none" field has no results. */
struct mv_authres {
    struct mv_bytes id; /* as mv_authres_authserv_id() */
    uint64_t version; /* 1 when absent, 0 when it cannot be read */
    const struct mv_authres_result *results;
    size_t result_count;
    struct mv_bytes rest; /* what follows the head, as written: "; spf=pass ..." */
};

/*
 * Reads the value of a field, folds kept.  Beyond the grammar it takes what
 * others are known to write: values without the quotes they need (addresses of
 * IPv6, base64), the reason behind properties, a ";" at the end, UTF-8.
 * Whether method, result and properties are registered is for the reader to see.
 * MV_OK, MV_ERR_SYNTAX, MV_ERR_LIMIT, MV_ERR_MEMORY.
 */
enum mv_code mv_authres_parse(struct mv_arena *arena, struct mv_bytes value, struct mv_authres *authres_r);

/* The first property of that type and name (both in lower case), or NULL. */
const struct mv_authres_prop *mv_authres_prop(const struct mv_authres_result *result, const char *type,
                                              const char *name);

/*
 * The authserv-id of a field value (RFC 8601 2.2), whatever comments, quotes, folds and version are around it:
 * normalised as a domain when it is one (case, final dot, U-labels), else lower case.  *version_r is 1 when absent, 0
 * when it cannot be read.
 * What follows is not looked at.  MV_OK, MV_ERR_SYNTAX, MV_ERR_MEMORY.
 */
enum mv_code mv_authres_authserv_id(struct mv_arena *arena, struct mv_bytes value, struct mv_bytes *id_r,
                                    uint64_t *version_r);

/* What our own fields say of the ARC chain. */
struct mv_authres_chain {
    bool known; /* there is an arc= */
    enum mv_arc_code code;
};

/*
 * Appends the payload of an ARC-Authentication-Results field (RFC 8617 4.1.1):
 * the results of all fields under this authserv-id, in their order and as they are
 * written, or "none"; fields that cannot be read, and those of another version,
 * are left out.  *chain_r is FAIL where they contradict each other.
 * MV_OK; MV_ERR_LIMIT when it does not fit into out; MV_ERR_USAGE for an id that is no token; MV_ERR_MEMORY.
 */
enum mv_code mv_authres_gather(struct mv_arena *arena, const struct mv_field *fields, size_t count, struct mv_bytes id,
                               struct mv_buf *out, struct mv_authres_chain *chain_r);

/*
 * RFC 8601 5: must this field be removed at the border?  True for an
 * Authentication-Results field (name in any case)
 *   - whose authserv-id is one of ours, or is one of ours with a "/" and more behind it
 *   - whose version is not 1, whosever it is
 *   - that cannot be read and holds one of our ids anywhere, also when comments, quotes,
 *     backslashes and white space are taken away
 *   - that has more than MV_AUTHRES_MAX_FIELD_BYTES, or that there is no memory to read
 *
 * ids: domains or words in any spelling; ".example.org" is example.org and everything below it.
 */
bool mv_authres_is_forged(struct mv_arena *arena, const struct mv_field *field, const struct mv_bytes *ids,
                          size_t id_count);

#endif
