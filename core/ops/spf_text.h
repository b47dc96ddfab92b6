/*
 * An SPF record as somebody pastes it: the text itself, or a line of a zone file:
 *
 *   example.org. 300 IN TXT ( "v=spf1 ip4:192.0.2.1 "
 *                             "-all" )
 *
 * Strings in double quotes are joined without anything between them, as RFC 7208
 * 3.3 joins them; "\" escapes as in zone files (RFC 1035 5.1).  Never fails but
 * for memory: what it makes nothing of is kept as it is, for the lint to speak of.
 */
#ifndef MV_OPS_SPF_TEXT_H
#define MV_OPS_SPF_TEXT_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define MV_SPF_TEXT_MAX_STRINGS 256

struct mv_spf_text {
    struct mv_bytes text;
    bool is_spf_type;         /* the line says SPF where TXT belongs (RFC 7208 3.1) */
    bool is_open;             /* the last quote is not closed */
    size_t string_count;      /* in quotes; 0: none were written */
    size_t longest_bytes;     /* of a string in quotes */
    size_t ends[MV_SPF_TEXT_MAX_STRINGS]; /* of each string, as offset in text */
};

/* MV_OK, MV_ERR_MEMORY. */
enum mv_code mv_spf_text_read(struct mv_arena *arena, struct mv_bytes typed, struct mv_spf_text *text_r);

#endif
