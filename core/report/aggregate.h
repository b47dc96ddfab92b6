/*
 * Reading one aggregate report (RFC 9990, and RFC 7489 Appendix C with the
 * dialects that are seen), streaming: records are handed out one by one, and
 * none is kept.
 *
 *   sink = {head, record, to}
 *   mv_aggregate_new(&sink)
 *   mv_aggregate_feed(parser, bytes, &error) ...    any split of the XML
 *   mv_aggregate_end(parser, &error)
 *   mv_aggregate_totals(parser)
 *   mv_aggregate_free(&parser)
 *
 * The sink gets the head once, before the first record (or at the end, when
 * there is none), and then each record.  All that it gets is borrowed for the
 * call.  A code other than MV_OK from it ends the reading and is passed on.
 * Only MV_OK of mv_aggregate_end() says that the report was whole: whoever keeps
 * records keeps them for good after that, and not before.
 *
 * Refused, with MV_ERR_SYNTAX and a sentence: what is not well-formed, ends too
 * early, has a document type declaration (and so entities), is no
 * <feedback>, has a record before its metadata, or says neither its dates nor
 * its domain.  With MV_ERR_LIMIT: what is past a limit below.
 *
 * Salvaged, and counted as a note: fields that are too long, unknown, given
 * twice or not as they should be.  A record without a source address, or a count,
 * that can be read is skipped and counted.  What the report is written in, and
 * what is no character of it, is core/report/xml_text.h's.
 *
 * Elements of other namespaces (RFC 9990 5) are skipped.  Texts are trimmed, and are
 * what strangers wrote: escape them.  Names of domains are in lower case and without
 * a final dot, but not otherwise checked; of an address, the domain alone.
 *
 * Not checked: who sent the report, and whether what it says is true.
 */
#ifndef MV_REPORT_AGGREGATE_H
#define MV_REPORT_AGGREGATE_H

#include "core/base/error.h"
#include "core/text/ip.h"

#define MV_AGGREGATE_MAX_BYTES (256u * 1024 * 1024) /* of XML */
#define MV_AGGREGATE_MAX_RECORDS 1000000
#define MV_AGGREGATE_MAX_DEPTH 32             /* of elements */
#define MV_AGGREGATE_MAX_TOKEN_BYTES (256 * 1024) /* of one tag or comment */
/* and MV_XML_MAX_NAMES different names of elements and attributes that are not of the schema */
#define MV_AGGREGATE_MAX_COUNT 1000000000000  /* messages of one record */
#define MV_AGGREGATE_MAX_DKIM 100             /* of one record, RFC 9990 3.1.3; more are left out */
#define MV_AGGREGATE_MAX_REASONS 10           /* of one record; more are left out */
#define MV_AGGREGATE_MAX_DOMAIN_BYTES 253
#define MV_AGGREGATE_MAX_ID_BYTES 255         /* report_id, selector and other short texts; longer ones are cut */
#define MV_AGGREGATE_MAX_COMMENT_BYTES 1000   /* texts for people; longer ones are cut */
#define MV_AGGREGATE_MAX_RECORD_TEXT_BYTES (128 * 1024) /* all texts of one record; past it, fields are left out */

/* In all enumerations 0 is: not said, or not in a word that is known. */
enum mv_report_policy { MV_REPORT_P_ABSENT, MV_REPORT_P_NONE, MV_REPORT_P_QUARANTINE, MV_REPORT_P_REJECT };
enum mv_report_alignment { MV_REPORT_ALIGN_ABSENT, MV_REPORT_RELAXED, MV_REPORT_STRICT };
enum mv_report_discovery { MV_REPORT_DISCOVERY_ABSENT, MV_REPORT_PSL, MV_REPORT_TREEWALK };
enum mv_report_yesno { MV_REPORT_YESNO_ABSENT, MV_REPORT_NO, MV_REPORT_YES };
/* What was done with the messages. PASS is of RFC 9990: nothing, they passed under a policy that enforces. */
enum mv_report_disposition {
    MV_REPORT_DISPOSITION_ABSENT,
    MV_REPORT_DISPOSITION_NONE,
    MV_REPORT_DISPOSITION_PASS,
    MV_REPORT_DISPOSITION_QUARANTINE,
    MV_REPORT_DISPOSITION_REJECT
};
/* The aligned result of DMARC (policy_evaluated). */
enum mv_report_aligned { MV_REPORT_ALIGNED_ABSENT, MV_REPORT_ALIGNED_PASS, MV_REPORT_ALIGNED_FAIL };
/* Of DKIM and SPF themselves (auth_results); old words are read as what RFC 7489 Appendix C says they stand for. */
enum mv_report_auth {
    MV_REPORT_AUTH_ABSENT,
    MV_REPORT_AUTH_NONE,
    MV_REPORT_AUTH_PASS,
    MV_REPORT_AUTH_FAIL,
    MV_REPORT_AUTH_SOFTFAIL,
    MV_REPORT_AUTH_POLICY,
    MV_REPORT_AUTH_NEUTRAL,
    MV_REPORT_AUTH_TEMPERROR,
    MV_REPORT_AUTH_PERMERROR
};
/* Why the policy was not applied. FORWARDED and SAMPLED_OUT are of RFC 7489. */
enum mv_report_override {
    MV_REPORT_OVERRIDE_ABSENT,
    MV_REPORT_FORWARDED,
    MV_REPORT_SAMPLED_OUT,
    MV_REPORT_TRUSTED_FORWARDER,
    MV_REPORT_MAILING_LIST,
    MV_REPORT_LOCAL_POLICY,
    MV_REPORT_POLICY_TEST_MODE,
    MV_REPORT_OTHER
};
enum mv_report_scope { MV_REPORT_SCOPE_ABSENT, MV_REPORT_MFROM, MV_REPORT_HELO };

struct mv_aggregate_policy {
    struct mv_bytes domain; /* where the record was found */
    enum mv_report_policy p, sp, np;
    enum mv_report_alignment adkim, aspf;
    enum mv_report_discovery discovery;
    enum mv_report_yesno testing;
    struct mv_bytes fo;
    struct mv_bytes pct; /* RFC 7489, as written */
};

struct mv_aggregate_head {
    struct mv_bytes version;
    struct mv_bytes org_name, email, contact, report_id, error, generator;
    int64_t begin_secs, end_secs; /* the end is not before the begin */
    struct mv_aggregate_policy policy;
};

struct mv_aggregate_dkim {
    struct mv_bytes domain, selector;
    enum mv_report_auth result;
    struct mv_bytes human_result;
};

struct mv_aggregate_spf {
    struct mv_bytes domain;
    enum mv_report_scope scope;
    enum mv_report_auth result;
    struct mv_bytes human_result;
};

struct mv_aggregate_reason {
    enum mv_report_override type;
    struct mv_bytes comment;
};

struct mv_aggregate_record {
    struct mv_ip source;
    uint64_t count; /* messages */
    enum mv_report_disposition disposition;
    enum mv_report_aligned dkim_aligned, spf_aligned; /* DMARC passed when one of them is PASS */
    struct mv_bytes header_from; /* the policy's domain where it was missing */
    bool has_envelope_from;      /* empty: a null reverse-path */
    struct mv_bytes envelope_from, envelope_to;
    struct mv_aggregate_reason reasons[MV_AGGREGATE_MAX_REASONS];
    size_t reason_count;
    struct mv_aggregate_dkim dkim[MV_AGGREGATE_MAX_DKIM];
    size_t dkim_count;
    bool has_spf;
    struct mv_aggregate_spf spf; /* of MAIL FROM where there are several */
};

struct mv_aggregate_sink {
    enum mv_code (*head)(void *to, const struct mv_aggregate_head *head);
    enum mv_code (*record)(void *to, const struct mv_aggregate_head *head, const struct mv_aggregate_record *record);
    void *to;
};

/* What was salvaged. */
enum mv_aggregate_note {
    MV_NOTE_RECORD_SKIPPED, /* without a source address or a count, or with a From domain of more than 253 bytes */
    MV_NOTE_MISSING,
    MV_NOTE_BAD_VALUE,
    MV_NOTE_UNKNOWN_WORD,
    MV_NOTE_UNKNOWN_ELEMENT,
    MV_NOTE_REPEATED,       /* the first counts */
    MV_NOTE_CUT,
    MV_NOTE_TOO_LONG,       /* left out */
    MV_NOTE_TOO_MANY,       /* the first ones count */
    MV_NOTE_BAD_UTF8,
    MV_NOTE_TRAILING,       /* bytes behind the end */
    MV_NOTE_NO_RECORDS,
    MV_NOTE_COUNT
};

struct mv_aggregate_noted {
    uint64_t count;
    uint64_t first_line;
    const char *element; /* a name of the schema, static; "" where none is meant */
};

struct mv_aggregate_totals {
    uint64_t records;  /* handed out */
    uint64_t skipped;  /* records */
    uint64_t messages; /* of the records that were handed out */
    struct mv_aggregate_noted notes[MV_NOTE_COUNT];
};

struct mv_aggregate;

/* sink is copied. NULL without memory. About 250 kB, at any size of the report. */
struct mv_aggregate *mv_aggregate_new(const struct mv_aggregate_sink *sink);
/* After an error the parser stays failed. error may be NULL. */
enum mv_code mv_aggregate_feed(struct mv_aggregate *parser, struct mv_bytes bytes, struct mv_error *error);
enum mv_code mv_aggregate_end(struct mv_aggregate *parser, struct mv_error *error);
const struct mv_aggregate_totals *mv_aggregate_totals(const struct mv_aggregate *parser);
void mv_aggregate_free(struct mv_aggregate **parser);

/* DMARC passed, as the reporter saw it. */
bool mv_aggregate_passed(const struct mv_aggregate_record *record);

/* The words of RFC 9990 (and 7489); "" for 0. */
const char *mv_report_policy_text(enum mv_report_policy policy);
const char *mv_report_alignment_text(enum mv_report_alignment alignment);
const char *mv_report_discovery_text(enum mv_report_discovery discovery);
const char *mv_report_disposition_text(enum mv_report_disposition disposition);
const char *mv_report_aligned_text(enum mv_report_aligned aligned);
const char *mv_report_auth_text(enum mv_report_auth auth);
const char *mv_report_override_text(enum mv_report_override override);
const char *mv_report_scope_text(enum mv_report_scope scope);
/* One note in words, for people: "records skipped". */
const char *mv_aggregate_note_text(enum mv_aggregate_note note);

#endif
