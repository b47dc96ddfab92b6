/*
 * Mails that this host writes itself: signed with our keys, and given to [report] sendmail.
 *
 *   mv_post_begin(command, config, settings, now_secs, &post)   on failure says why; end it all the same
 *   mv_post_check(&post, &error)                  could a mail of [report] address be signed now?
 *   for each mail:
 *     mv_post_sign(&post, message, &out, &error)
 *     mv_post_hand_over(&post, sender, message, &error)
 *   mv_post_end(&post)
 *
 * A report whose mail does not pass DMARC is not believed (RFC 9990 3.5, RFC 9991 5.1): nothing leaves unsigned,
 * whatever [sign] on_error says.
 */
#ifndef MV_CLI_REPORT_POST_H
#define MV_CLI_REPORT_POST_H

#include "cli/exit_code.h"
#include "core/mailvouch.h"

#define MV_POST_WAIT_SECS 120 /* for sendmail to take one mail */

struct mv_post {
    const char *command;
    const struct mv_settings *settings;
    struct mv_engine *engine;
    int64_t now_secs;
    unsigned wait_secs; /* MV_POST_WAIT_SECS; may be changed */
};

enum mv_exit mv_post_begin(const char *command, const char *config, const struct mv_settings *settings,
                           int64_t now_secs, struct mv_post *post_r);
/* MV_ERR_CONFIG: no address, no key that can be used; *error says what to do. */
enum mv_code mv_post_check(struct mv_post *post, struct mv_error *error);
/* message: CRLF. Appends it with its signatures on top. MV_ERR_CONFIG: it cannot be signed. */
enum mv_code mv_post_sign(struct mv_post *post, struct mv_bytes message, struct mv_buf *out, struct mv_error *error);

enum mv_post_outcome {
    MV_POST_TAKEN,
    MV_POST_REFUSED, /* exit status, deadline: error says it */
    MV_POST_BROKEN   /* it cannot be started at all, or we cannot go on */
};

/* To whom stands in the message's To field. sender: the envelope's; "" is the null one. */
enum mv_post_outcome mv_post_hand_over(struct mv_post *post, struct mv_bytes sender, struct mv_bytes message,
                                   struct mv_error *error);
void mv_post_end(struct mv_post *post);

#endif
