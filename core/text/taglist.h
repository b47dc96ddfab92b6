/*
 * tag=value lists (RFC 6376 3.2), as DKIM fields and key records use them, and
 * with the looser recovery of DMARC records (RFC 9989 4.8).
 */
#ifndef MV_TEXT_TAGLIST_H
#define MV_TEXT_TAGLIST_H

#include "core/base/bytes.h"

#define MV_TAGLIST_MAX_TAGS 64
#define MV_TAGLIST_MAX_BYTES (16 * 1024)

struct mv_tag {
    struct mv_bytes name;  /* as written */
    struct mv_bytes value; /* without leading and trailing FWS; inner FWS kept */
    struct mv_bytes whole; /* from the tag name to before the ";" or the end, as written */
};

enum mv_taglist_code {
    MV_TAGLIST_OK = 0,
    MV_TAGLIST_TOO_LONG,
    MV_TAGLIST_TOO_MANY,
    MV_TAGLIST_BAD_NAME,  /* not ALPHA *ALNUMPUNC, "=" missing, or nothing before a ";" */
    MV_TAGLIST_BAD_VALUE, /* a byte outside VALCHAR, UTF-8 (RFC 8616 5) and FWS */
    MV_TAGLIST_DUPLICATE,
    MV_TAGLIST_EMPTY
};

/* Borrowed from the text that was parsed. */
struct mv_taglist {
    struct mv_tag tags[MV_TAGLIST_MAX_TAGS];
    size_t count;
};

/*
 * Strict: any fault, also two tags of one name, makes the whole list invalid.
 * Names are case-sensitive.  SP, HTAB, CR and LF all count as FWS: in a message
 * a bare CR or LF is a defect of the header anyway, in DNS it does no harm.
 * After a fault *list_r holds the tags before it.
 */
enum mv_taglist_code mv_taglist_parse(struct mv_bytes text, struct mv_taglist *list_r);
/* The tag, or NULL. */
const struct mv_tag *mv_taglist_get(const struct mv_taglist *list, struct mv_bytes name);
const char *mv_taglist_code_text(enum mv_taglist_code code);

/*
 * One step through a list, for parsers with recovery of their own: skips empty
 * items, fills *tag_r and returns true, or returns false at the end of the text
 * (*tag_r is then unchanged).  A faulty item has an empty name and is in ->whole.
 */
bool mv_taglist_next(struct mv_cursor *cursor, struct mv_tag *tag_r);

/* The first tag of this name in a list that is known to parse: no value is looked at on the way to it. */
bool mv_taglist_find(struct mv_bytes text, struct mv_bytes name, struct mv_tag *tag_r);

#endif
