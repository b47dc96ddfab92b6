/*
 * What the module wants of the mail server that has loaded it.
 *
 * glue.c implements this for Exim and is the only file that includes Exim's
 * header; everything else in this directory is plain C over core/mailvouch.h
 * and can be tested with a server made of a few lines.
 *
 * All calls are cheap, none waits, none changes anything but where it says so.
 */
#ifndef MV_EXIM_HOST_H
#define MV_EXIM_HOST_H

#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/bytes.h"

/* What SMTP has said so far. Borrowed until the server goes on: copy what must last. Never NULL where not said. */
struct mv_host_envelope {
    const char *client_address; /* NULL: no TCP client, the message was handed over on this machine */
    const char *authenticated;  /* NULL: the client is not authenticated; else by which mechanism */
    const char *helo;
    const char *mail_from;      /* without <>; "" is the null reverse-path, or none so far */
    const char *authenticated_id; /* who; of local mail without SMTP the login of who hands it over; "": not known */
};

/* A header field in the server's list. Zero it before the first mv_host_next_field(). */
struct mv_host_field {
    void *handle;
    struct mv_bytes text; /* name, colon, value, folds; line ends LF, the last one included */
    bool removed;         /* the server holds it back from delivery; the sender has sent it all the same */
};

/* The body in the server's spool file. Private; from mv_host_open_body(). */
struct mv_host_body {
    int fd; /* the server's own: never closed, its offset is never moved */
    off_t at;
    off_t end;
    bool wire_format; /* bytes as received; otherwise lines end in LF alone */
};

enum mv_host_log {
    MV_HOST_LOG_MAIN, /* main log */
    MV_HOST_LOG_ALERT /* main log and the log for the administrator's eyes */
};

void mv_host_get_envelope(struct mv_host_envelope *envelope_r);
/* "" as long as no message has been received. */
const char *mv_host_message_id(void);

/* In wire order, the server's own Received included; false past the last one. */
bool mv_host_next_field(struct mv_host_field *field);
/* Will not be delivered. */
void mv_host_remove_field(const struct mv_host_field *field);
/* text: one or more fields, LF line ends, the last one included; at most MV_HOST_MAX_FIELD_BYTES. */
void mv_host_add_field_on_top(const char *text);
#define MV_HOST_MAX_FIELD_BYTES 16384 /* Exim dies of a field beyond 32768 */

/* false: the server has no message, or its file cannot be found among our descriptors. */
bool mv_host_open_body(struct mv_host_body *body_r);
/* Bytes read, 0 at the end, -1 with errno. */
ssize_t mv_host_read_body(struct mv_host_body *body, unsigned char *bytes, size_t size);

/* One line without line end, printable, at most MV_HOST_MAX_LOG_BYTES. The server adds time and message id. */
void mv_host_log(enum mv_host_log where, const char *line);
#define MV_HOST_MAX_LOG_BYTES 4096

#endif
