/*
 * Brings the record of a key into DNS, and takes it out again, in the way that
 * the domain's settings name.
 *
 *   manual    nothing is done: MV_PUBLISH_BY_HAND
 *   nsupdate  Debian's nsupdate (bind9-dnsutils) with a script on its input.  Publishing never changes a record that
 *             is there: a name that has another one is reported.
 *   hook      PROGRAM publish|withdraw NAME TTL TEXT.  It may be called again for what it has done already.  Its
 *             environment is PATH, MAILVOUCH_ACTION, MAILVOUCH_DOMAIN, MAILVOUCH_SELECTOR, MAILVOUCH_NAME,
 *             MAILVOUCH_TTL, MAILVOUCH_TEXT and MAILVOUCH_STRINGS (TEXT as quoted strings of 255 bytes), and nothing
 *             else; it exits with 0 when it is done or under way.
 *
 * Whether it worked is never believed: DNS shows it (core/ops/sight.h).
 */
#ifndef MV_OPS_PUBLISH_H
#define MV_OPS_PUBLISH_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/ops/key_record.h"

#define MV_PUBLISH_DEADLINE_MSECS 30000 /* of one program */
#define MV_NSUPDATE_PATH "/usr/bin/nsupdate"

enum mv_publish_action { MV_PUBLISH_ADD, MV_PUBLISH_REMOVE };

enum mv_publish_end {
    MV_PUBLISH_DONE,
    MV_PUBLISH_THERE,   /* nothing was to be done: nsupdate found it there as it is to be */
    MV_PUBLISH_BY_HAND,
    MV_PUBLISH_FAILED /* the sentence is in *error */
};

struct mv_publication {
    const struct mv_domain_settings *settings;
    struct mv_bytes domain;
    struct mv_bytes selector;
    struct mv_key_record record; /* text may be empty for REMOVE */
};

/* Only memory, and lack of descriptors, are errors; *error says what went wrong in FAILED too. */
enum mv_code mv_publish(struct mv_arena *arena, const struct mv_publication *publication,
                        enum mv_publish_action action, enum mv_publish_end *end_r, struct mv_error *error);

/* The script for nsupdate, for those who run it themselves; server is "" or "ADDRESS PORT". */
void mv_publish_put_script(const struct mv_key_record *record, enum mv_publish_action action, const char *server,
                           struct mv_buf *out);

#endif
