/*
 * What reports say about the mail of one domain, as a page: one HTML file that needs
 * nothing else and asks for nothing (no script, no picture, no font), in colours for
 * light and dark, for a phone, a screen and paper.
 *
 * Pure: the model is filled by who has the reports, and rendered here.  It is HTML5
 * that is well-formed XML as well.  All texts of the model are what strangers may have
 * written: they are escaped, what would hide or turn letters is shown by its number, and they are cut at
 * MV_PAGE_MAX_TEXT_CHARS.  A record is never cut, since it would be another one then: past
 * MV_PAGE_MAX_RECORD_CHARS it is said that it is too long.  Lists are cut at their limits, and
 * the rest is summed in a line.
 */
#ifndef MV_REPORT_PAGE_H
#define MV_REPORT_PAGE_H

#include "core/base/buf.h"

#define MV_PAGE_MAX_BYTES (64 * 1024 * 1024) /* room for the limits below */
#define MV_PAGE_MAX_DAYS 61
#define MV_PAGE_MAX_SOURCES 200 /* that fail */
#define MV_PAGE_MAX_PASSING 25
#define MV_PAGE_MAX_REPORTERS 50
#define MV_PAGE_MAX_OTHERS 25      /* rows about TLS, and of failure reports */
#define MV_PAGE_MAX_NOTES 8
#define MV_PAGE_MAX_TEXT_CHARS 400 /* of one text */
#define MV_PAGE_MAX_RECORD_CHARS 4096 /* of the text of a record */
#define MV_PAGE_MAX_MARKS 2        /* combining marks on one letter */

/* A TXT record: what is there, and what is to be there. */
struct mv_page_record {
    struct mv_bytes name;  /* empty: none is meant */
    struct mv_bytes now;   /* empty: nothing is published */
    struct mv_bytes then;  /* empty: only its owner knows */
    size_t new_from, new_bytes; /* the part of then that is new; cut to it */
};

/* Where the domain stands. */
struct mv_page_stand {
    bool is_urgent;            /* something is to be done about mail that fails */
    struct mv_bytes headline;  /* a few words */
    struct mv_bytes sentence;  /* what to do next */
    struct mv_bytes step;      /* what is published, since when; may be empty */
    struct mv_page_record record; /* to publish next */
    struct mv_bytes notes[MV_PAGE_MAX_NOTES];
    size_t note_count;
};

struct mv_page_day {
    int64_t secs; /* any time of the day, UTC */
    uint64_t passed, failed;
};

enum mv_page_group {
    MV_PAGE_MEND,  /* its own, and fails */
    MV_PAGE_WATCH, /* mended, or said to be */
    MV_PAGE_LEAVE, /* forwarders, strangers: nothing can be done here */
    MV_PAGE_GROUPS
};

/* A sender with failing mail. */
struct mv_page_source {
    enum mv_page_group group;
    struct mv_bytes name, kind; /* "Mailjet", "provider" */
    struct mv_bytes address, host, header_from;
    size_t addresses;
    uint64_t messages, failed;
    uint64_t hit; /* of the failed: quarantined or rejected */
    unsigned days;
    int64_t last_failed_secs; /* 0: not known */
    struct mv_bytes spf, dkim; /* how they fail, half a sentence each */
    struct mv_bytes to_do;     /* half a sentence; empty: nothing */
    struct mv_page_record record;
};

struct mv_page_passing {
    struct mv_bytes name, address;
    uint64_t messages; /* that passed */
};

struct mv_page_reporter {
    struct mv_bytes name;
    uint64_t reports, messages, passed;
    int64_t last_secs; /* end of its last report */
};

struct mv_page_tls {
    struct mv_bytes domain, type;
    uint64_t succeeded, failed; /* sessions */
};

struct mv_page_tls_fault {
    struct mv_bytes result, mx;
    uint64_t sessions;
};

/* Failure reports that say the same. */
struct mv_page_failure {
    struct mv_bytes kind, address, domain;
    uint64_t incidents;
    int64_t last_secs; /* when it was read; 0: not known */
};

struct mv_page {
    struct mv_bytes domain;
    struct mv_bytes maker; /* program and version */
    int64_t made_secs;
    unsigned window_days;
    int64_t first_secs, last_secs; /* of the reports; 0: none */
    uint64_t reports, untrusted, refused;
    uint64_t messages, passed, failed;
    uint64_t legitimate; /* of the failed: of senders that are to be mended */
    uint64_t unlisted;   /* of addresses past the limit of who gathered them */
    struct mv_page_stand stand;
    const struct mv_page_day *days; /* one for each day of the window, in order; past the limit, the last ones */
    size_t day_count;
    const struct mv_page_source *sources; /* most failing first */
    size_t source_count;
    const struct mv_page_passing *passing; /* most first */
    size_t passing_count;
    const struct mv_page_reporter *reporters; /* most messages first */
    size_t reporter_count;
    const struct mv_page_tls *tls;
    size_t tls_count;
    const struct mv_page_tls_fault *tls_faults;
    size_t tls_fault_count;
    const struct mv_page_failure *failures;
    size_t failure_count;
};

/* out has room for MV_PAGE_MAX_BYTES; ask mv_buf_failed(). */
void mv_page_render(const struct mv_page *page, struct mv_buf *out);

#endif
