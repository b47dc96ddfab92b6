/*
 * The DMARC policy record (RFC 9989 4.5 to 4.8).
 */
#ifndef MV_DMARC_RECORD_H
#define MV_DMARC_RECORD_H

#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_DMARC_MAX_RECORD_BYTES 16384
#define MV_DMARC_MAX_URIS 20

enum mv_dmarc_policy { MV_DMARC_NO_POLICY = 0, MV_DMARC_P_NONE, MV_DMARC_P_QUARANTINE, MV_DMARC_P_REJECT };
enum mv_dmarc_psd { MV_DMARC_PSD_UNKNOWN = 0, MV_DMARC_PSD_YES, MV_DMARC_PSD_NO };
/* What was written for p, sp or np. */
enum mv_dmarc_tag_state { MV_DMARC_TAG_ABSENT = 0, MV_DMARC_TAG_VALID, MV_DMARC_TAG_INVALID };

struct mv_dmarc_request {
    enum mv_dmarc_tag_state state;
    enum mv_dmarc_policy policy; /* when VALID */
};

/* Slices borrow from the text. */
struct mv_dmarc_record { /* about 700 bytes */
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
};

/* false: not a DMARC record (v is not first, or not exactly DMARC1); everything else is recovered tag by tag. */
bool mv_dmarc_record_parse(struct mv_bytes text, struct mv_dmarc_record *record_r);
/* The record as we would write it. */
void mv_dmarc_record_print(const struct mv_dmarc_record *record, struct mv_buf *out);
/* "none", "quarantine", "reject"; "" for NO_POLICY. */
const char *mv_dmarc_policy_text(enum mv_dmarc_policy policy);

#endif
