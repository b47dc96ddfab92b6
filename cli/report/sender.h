/*
 * Who sent a mail that brought reports: DMARC of the mail itself, by the same
 * engine as everywhere, or what a border of ours found.
 *
 *   mv_report_checker_begin(&checker, how, ...)      once
 *   mv_report_checker_mail, _feed ..., _verdict      for each mail
 *   mv_report_checker_end(&checker)
 *
 * The mail's client is not known any more, so that SPF is not evaluated: a report
 * is known by its aligned DKIM signature (RFC 9990 3.5).
 */
#ifndef MV_CLI_REPORT_SENDER_H
#define MV_CLI_REPORT_SENDER_H

#include "cli/exit_code.h"
#include "core/mailvouch.h"
#include "core/report/store.h"
#include "core/text/message.h"

enum mv_report_check {
    MV_CHECK_NOTHING, /* every mail is of an unknown sender */
    MV_CHECK_DKIM,    /* asks DNS, or a capture */
    MV_CHECK_RESULTS  /* the topmost Authentication-Results of our authserv-id */
};

#define MV_REPORT_WHY_BYTES 256

struct mv_report_checker {
    const char *command;
    enum mv_report_check how;
    struct mv_engine *engine;
    struct mv_msg *msg;
    struct mv_arena *arena;   /* of one mail */
    struct mv_reader *reader;
    struct mv_buf crlf;
    bool after_cr;
    bool failed;              /* the mail cannot be judged */
    int64_t now_secs;
};

/* config NULL: the default file. dns NULL: ask. On failure says why; end it all the same. */
enum mv_exit mv_report_checker_begin(const char *command, enum mv_report_check how, const char *config,
                                     const char *dns, int64_t now_secs, struct mv_report_checker *checker_r);
enum mv_code mv_report_checker_mail(struct mv_report_checker *checker);
/* Lines end in CRLF or LF. */
enum mv_code mv_report_checker_feed(struct mv_report_checker *checker, struct mv_bytes bytes);
/*
 * MV_TRUST_MAIL with the domain, or MV_TRUST_NONE; why_r is a sentence without what a
 * stranger wrote.  sender_r->domain lives until the next mail.
 */
enum mv_code mv_report_checker_verdict(struct mv_report_checker *checker, struct mv_report_sender *sender_r,
                                       char why_r[MV_REPORT_WHY_BYTES]);
void mv_report_checker_end(struct mv_report_checker *checker);

#endif
