/*
 * The mail that carries an aggregate report (RFC 9990 3.5.2): its names and its parts.
 * Lines end in CRLF.  Nothing a stranger wrote gets into a header field but normalised domains and an address that
 * mv_report_mail_address() has taken; what could end a line is refused once more when the mail is printed.
 */
#ifndef MV_REPORT_REPORT_MAIL_H
#define MV_REPORT_REPORT_MAIL_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

#define MV_REPORT_ID_BYTES 20 /* letters and digits; the same in the report, the file name, the subject, Message-ID */
#define MV_REPORT_ADDRESS_MAX_BYTES 254 /* RFC 5321 4.5.3.1.3, without the brackets */

/* day as YYYYMMDD, then 12 letters and digits of random (60 bits of it). */
void mv_report_id_make(int64_t day_secs, const uint8_t random[8], char id_r[MV_REPORT_ID_BYTES + 1]);

/* RECEIVER!DOMAIN!BEGIN!END!ID.xml.gz; MV_ERR_USAGE when one of the names could not stand in a file name. */
enum mv_code mv_report_file_name(struct mv_bytes receiver, struct mv_bytes policy_domain, int64_t begin_secs,
                                 int64_t end_secs, struct mv_bytes report_id, struct mv_buf *out);

/*
 * The one address of a mailto URI that can be written to (RFC 6068): percent-decoded, its local part a dot-atom or a
 * quoted string, its domain normalised.  What stands behind "?" is not taken.  false for any other scheme, for
 * several addresses, for what cannot stand in a header field, and without memory.  In the arena.
 */
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
    unsigned part;                 /* struct mv_report_piece: its number where it is not the only one, else 0 */
    struct mv_bytes file_name;
    struct mv_bytes gzip;          /* the attachment */
};

/*
 * The whole message, unsigned: From, To, Subject, Date, Message-ID, Auto-Submitted, MIME.
 * MV_ERR_USAGE: a text that may not stand in a header field, or an empty one. MV_ERR_MEMORY: out has failed.
 */
enum mv_code mv_report_mail_print(const struct mv_report_mail *mail, struct mv_buf *out);

#endif
