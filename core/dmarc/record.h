/*
 * The DMARC policy record (RFC 9989 4.5 to 4.8).
 *
 * A text that begins with a valid "v=DMARC1" is a record, whatever follows: a
 * faulty tag is dropped and has its default, or is told apart as INVALID where
 * the RFC does so (p, sp, np).  Tag names and the words in values are compared
 * without case, "DMARC1" with case.  A tag given twice counts once when both say the
 * same, and as faulty when they do not.  Unknown tags are ignored.
 *
 * Not checked here: whether the record stands where it means anything, and
 * whether its reporting addresses want reports (RFC 9990 4).
 */
#ifndef MV_DMARC_RECORD_H
#define MV_DMARC_RECORD_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_DMARC_MAX_RECORD_BYTES 16384 /* a longer text is no record */
#define MV_DMARC_MAX_URIS 20            /* of rua, and of ruf; more are dropped, and the tag is in bad_tags */

enum mv_dmarc_policy { MV_DMARC_NO_POLICY = 0, MV_DMARC_P_NONE, MV_DMARC_P_QUARANTINE, MV_DMARC_P_REJECT };
enum mv_dmarc_psd { MV_DMARC_PSD_UNKNOWN = 0, MV_DMARC_PSD_YES, MV_DMARC_PSD_NO };
/* What was written for p, sp or np. */
enum mv_dmarc_tag_state { MV_DMARC_TAG_ABSENT = 0, MV_DMARC_TAG_VALID, MV_DMARC_TAG_INVALID };

/* The tags that are known here; pct, rf and ri are of RFC 7489 and historic. */
enum mv_dmarc_tag {
    MV_DMARC_TAG_P,
    MV_DMARC_TAG_SP,
    MV_DMARC_TAG_NP,
    MV_DMARC_TAG_PSD,
    MV_DMARC_TAG_T,
    MV_DMARC_TAG_ADKIM,
    MV_DMARC_TAG_ASPF,
    MV_DMARC_TAG_FO,
    MV_DMARC_TAG_RUA,
    MV_DMARC_TAG_RUF,
    MV_DMARC_TAG_PCT,
    MV_DMARC_TAG_COUNT
};

struct mv_dmarc_request {
    enum mv_dmarc_tag_state state;
    enum mv_dmarc_policy policy; /* when VALID */
};

/* Slices borrow from the text. */
struct mv_dmarc_record { /* about 800 bytes */
    struct mv_bytes text;
    struct mv_dmarc_request p, sp, np;
    enum mv_dmarc_psd psd;
    bool strict_dkim; /* adkim=s */
    bool strict_spf;  /* aspf=s */
    bool test;        /* t=y */
    unsigned pct;     /* 0 to 100; 100 when absent or bad. Removed in RFC 9989, kept for honour_pct and lint */
    bool pct_present;
    struct mv_bytes rua[MV_DMARC_MAX_URIS]; /* syntactically valid URIs, "!size" cut off */
    size_t rua_count;
    struct mv_bytes ruf[MV_DMARC_MAX_URIS];
    size_t ruf_count;
    struct mv_bytes fo; /* as written when valid, else empty (default "0") */
    unsigned bad_tags;  /* bit 1 << enum mv_dmarc_tag: the value, or one of its URIs, was dropped (4.8) */
};

/* false: not a DMARC record (v is not first, or not exactly DMARC1); everything else is recovered tag by tag. */
bool mv_dmarc_record_parse(struct mv_bytes text, struct mv_dmarc_record *record_r);
/* The record as we would write it: what is a default, or was not valid, is left out. */
void mv_dmarc_record_print(const struct mv_dmarc_record *record, struct mv_buf *out);
/* "none", "quarantine", "reject"; "" for NO_POLICY. */
const char *mv_dmarc_policy_text(enum mv_dmarc_policy policy);
/* "p", "sp", ... */
const char *mv_dmarc_tag_text(enum mv_dmarc_tag tag);

#endif
