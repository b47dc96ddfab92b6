#include "cli/report/send_mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/trace.h"
#include "core/report/report_mail.h"

#define DAY_SECS 86400
#define MAX_PATH_BYTES 4096
#define FILE_MODE 0644

struct mv_bytes mv_send_receiver(const struct mv_settings *settings)
{
    struct mv_bytes address = settings->report.address;

    return mv_bytes_slice(address, mv_bytes_find_last(address, '@') + 1, address.len);
}

enum mv_code mv_send_letter_print(struct mv_send_run *run, const struct mv_send_letter *letter, struct mv_buf *out)
{
    const struct mv_report_settings *report = &run->plan->settings->report;
    const struct mv_report_piece *piece = letter->piece;
    struct mv_report_mail mail = {
        .from = report->address,
        .from_name = report->organization,
        .to = letter->target->address,
        .receiver = mv_send_receiver(run->plan->settings),
        .policy_domain = letter->day->seen.policy_domain,
        .report_id = piece->report_id,
        .begin_secs = letter->day->seen.day_secs,
        .end_secs = letter->day->seen.day_secs + DAY_SECS - 1,
        .now_secs = run->plan->now_secs,
        .messages = piece->messages,
        .records = piece->records,
        .part = piece->more || piece->number > 1 ? piece->number : 0,
        .file_name = letter->file_name,
        .gzip = piece->gzip,
    };
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_SEND_MAX_MAIL_BYTES);
    code = mv_report_mail_print(&mail, &text);
    if (code != MV_OK)
        mv_error_set(&run->error, code, "a report cannot be put into a mail: %s", mv_code_text(code));
    else
        code = mv_post_sign(run->post, mv_buf_bytes(&text), out, &run->error);
    mv_buf_free(&text);
    return code;
}

/* Whole, or not under that name. */
static bool write_file(const char *path, struct mv_bytes bytes)
{
    char making[MAX_PATH_BYTES + 16];
    bool written;
    int fd;

    snprintf(making, sizeof making, "%s.new", path);
    fd = open(making, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return false;
    written = true;
    for (size_t done = 0; done < bytes.len && written;) {
        ssize_t n = write(fd, bytes.data + done, bytes.len - done);

        written = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    written = close(fd) == 0 && written;
    return written && rename(making, path) == 0;
}

enum mv_code mv_send_write(struct mv_send_run *run, struct mv_bytes name, struct mv_bytes bytes)
{
    char path[MAX_PATH_BYTES];
    int len = snprintf(path, sizeof path, "%s/%.*s", run->directory, MV_ARG(name));

    if (len < 0 || (size_t)len >= sizeof path)
        return mv_error_set(&run->error, MV_ERR_LIMIT, "%s: the name is too long", run->directory);
    if (!write_file(path, bytes))
        return mv_error_set(&run->error, MV_ERR_IO, "%s cannot be written to: %s", run->directory, strerror(errno));
    return MV_OK;
}

enum mv_code mv_send_letter_write(struct mv_send_run *run, const struct mv_send_letter *letter, struct mv_bytes mail)
{
    char name[300];
    enum mv_code code = mv_send_write(run, letter->file_name, letter->piece->gzip);

    snprintf(name, sizeof name, "%.*s-%zu.eml", MV_ARG(letter->piece->report_id), letter->number);
    return code == MV_OK ? mv_send_write(run, mv_bytes_str(name), mail) : code;
}

/* "dmarc+TOKEN@example.org" */
enum mv_post_outcome mv_send_letter_hand_over(struct mv_send_run *run, const char *token, struct mv_bytes mail,
                                              struct mv_error *error)
{
    struct mv_bytes bounces = run->plan->settings->report.bounce_address;
    size_t at = mv_bytes_find_last(bounces, '@');
    enum mv_post_outcome outcome = MV_POST_BROKEN;
    struct mv_buf sender;

    mv_buf_init(&sender, 1024);
    if (bounces.len > 0)
        mv_buf_printf(&sender, "%.*s+%s%.*s", MV_ARG(mv_bytes_slice(bounces, 0, at)), token,
                      MV_ARG(mv_bytes_slice(bounces, at, bounces.len)));
    if (mv_buf_failed(&sender))
        mv_error_set(error, MV_ERR_MEMORY, "no memory for a mail");
    else
        outcome = mv_post_hand_over(run->post, mv_buf_bytes(&sender), mail, error);
    mv_buf_free(&sender);
    return outcome;
}
