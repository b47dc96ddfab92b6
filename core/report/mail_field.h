/*
 * Fields of mails that we write, word by word; one that does not fit any more begins a line (RFC 5322 2.1.1).
 * Words are printable ASCII without a space; whoever puts them has looked.
 */
#ifndef MV_REPORT_MAIL_FIELD_H
#define MV_REPORT_MAIL_FIELD_H

#include "core/base/buf.h"

struct mv_mail_line {
    struct mv_buf *out;
    size_t column;
};

struct mv_mail_line mv_mail_begin_field(struct mv_buf *out, const char *name);
void mv_mail_put_word(struct mv_mail_line *line, struct mv_bytes word);
void mv_mail_put_in_brackets(struct mv_mail_line *line, struct mv_bytes text);
void mv_mail_end_field(const struct mv_mail_line *line);

/* The From field: name is any UTF-8, and may be empty (RFC 5322 3.4, RFC 2047); a long one is cut. */
void mv_mail_put_from(struct mv_buf *out, struct mv_bytes name, struct mv_bytes address);

#endif
