/*
 * A report as a mail, to one address: printed, signed, and out of the house.
 */
#ifndef MV_CLI_REPORT_SEND_MAIL_H
#define MV_CLI_REPORT_SEND_MAIL_H

#include "cli/report/send_day.h"

struct mv_send_letter {
    const struct mv_send_day *day;
    const struct mv_send_target *target;
    const struct mv_report_piece *piece;
    struct mv_bytes file_name;
    size_t number; /* of the address, from 1 on */
};

/* The whole mail with its signatures. MV_ERR_CONFIG: it cannot be signed; the run's error says why. */
enum mv_code mv_send_letter_print(struct mv_send_run *run, const struct mv_send_letter *letter, struct mv_buf *out);
/* Into the run's directory: the mail as ID-NUMBER.eml, the report under its own name. */
enum mv_code mv_send_letter_write(struct mv_send_run *run, const struct mv_send_letter *letter, struct mv_bytes mail);
/* A file of that name in the run's directory. */
enum mv_code mv_send_write(struct mv_send_run *run, struct mv_bytes name, struct mv_bytes bytes);
/* token: of the mail, for the envelope's sender. */
enum mv_post_outcome mv_send_letter_hand_over(struct mv_send_run *run, const char *token, struct mv_bytes mail,
                                              struct mv_error *error);

/* The domain of [report] address. */
struct mv_bytes mv_send_receiver(const struct mv_settings *settings);

#endif
