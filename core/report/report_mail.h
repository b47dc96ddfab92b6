/*
 * The mail that carries an aggregate report (RFC 9990 3.5): its names, its parts, and gzip (RFC 1952).
 * Lines end in CRLF.  Nothing a stranger wrote gets into a header field but normalised domains and an address that
 * mv_report_mail_address() has taken.
 */
#ifndef MV_REPORT_REPORT_MAIL_H
#define MV_REPORT_REPORT_MAIL_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_REPORT_ID_BYTES 20 /* letters and digits; the same in the report, the file name, the subject, Message-ID */

/* day as YYYYMMDD, then 12 letters and digits of random. */
void mv_report_id_make(int64_t day_secs, const uint8_t random[8], char id_r[MV_REPORT_ID_BYTES + 1]);

/* RECEIVER!DOMAIN!BEGIN!END!ID.xml.gz */
enum mv_code mv_report_file_name(struct mv_bytes receiver, struct mv_bytes policy_domain, int64_t begin_secs,
                                 int64_t end_secs, struct mv_bytes report_id, struct mv_buf *out);

/* The one address of a mailto URI that can be written to: dot-atom or quoted local part, percent-decoded, no header
 * fields; false for any other scheme or what cannot stand in a header field. In the arena. */
bool mv_report_mail_address(struct mv_arena *arena, struct mv_bytes uri, struct mv_bytes *address_r);

struct mv_report_mail {
    struct mv_bytes from;          /* our address */
    struct mv_bytes from_name;     /* UTF-8; may be empty */
    struct mv_bytes to;
    struct mv_bytes receiver;      /* the Submitter: our domain */
    struct mv_bytes policy_domain;
    struct mv_bytes report_id;
    int64_t begin_secs, end_secs, now_secs;
    uint64_t messages, records;    /* for the text that people read */
    struct mv_bytes file_name;
    struct mv_bytes gzip;          /* the attachment */
};

/* The whole message, unsigned: To, From, Subject, Date, Message-ID, Auto-Submitted, MIME. */
enum mv_code mv_report_mail_print(const struct mv_report_mail *mail, struct mv_buf *out);

struct mv_gzip;
struct mv_gzip *mv_gzip_new(void); /* NULL without memory */
enum mv_code mv_gzip_feed(struct mv_gzip *gzip, struct mv_bytes bytes, struct mv_buf *out);
enum mv_code mv_gzip_end(struct mv_gzip *gzip, struct mv_buf *out);
void mv_gzip_free(struct mv_gzip **gzip);

#endif
