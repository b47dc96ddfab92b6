/*
 * Which header fields a signature of ours covers (RFC 6376 5.4, 5.4.1).
 * Internal to core/dkim.
 *
 * - Those that mean something to a reader and occur at most once (RFC 5322 3.6,
 *   RFC 2045): oversigned, that is named once more than they occur, so that
 *   nobody can add one (RFC 6376 8.15).  More than one of a kind is refused.
 * - Resent fields, those of mailing lists, one-click unsubscription (RFC 8058 4) and
 *   the like: named as often as they occur.
 * - No other: trace fields, results of checks, Bcc, and what others add or change on the way.
 */
#ifndef MV_DKIM_SIGN_NAMES_H
#define MV_DKIM_SIGN_NAMES_H

#include "core/base/error.h"
#include "core/dkim/signature.h"
#include "core/text/field.h"

struct mv_dkim_signed_names {
    struct mv_bytes names[MV_DKIM_MAX_SIGNED_NAMES]; /* h=, in order; static text */
    size_t name_count;
    const struct mv_field *fields[MV_DKIM_MAX_SIGNED_NAMES]; /* what these names mean, in order (5.4.2); borrowed */
    size_t field_count;
};

/*
 * MV_OK, or MV_ERR_SYNTAX with a sentence in *reason_r (static text): no From, more than one field of an
 * oversigned name, or more than MV_DKIM_MAX_SIGNED_NAMES names.
 */
enum mv_code mv_dkim_sign_names(const struct mv_field *fields, size_t count, struct mv_dkim_signed_names *names_r,
                                const char **reason_r);

#endif
