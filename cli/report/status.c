/*
 * mailvouch report status: does reporting work here, and what waits?
 */
#include "cli/report/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/report/place.h"
#include "cli/report/post.h"
#include "cli/report/send_plan.h"
#include "cli/show.h"
#include "core/auth/evidence_file.h"
#include "core/base/trace.h"
#include "core/report/report_time.h"

#define COMMAND "report status"
#define DAY_SECS 86400
#define DAYS_BACK 7
#define MAX_LINE_BYTES 8192
#define MAX_PROBLEMS 8

struct given {
    const char *store, *config;
    bool json;
    int64_t now;
};

struct status {
    const struct given *given;
    const struct mv_report_settings *settings;
    struct mv_error problems[MAX_PROBLEMS]; /* why nothing is learned, or leaves */
    size_t problem_count;
    uint64_t files, file_bytes;             /* evidence that waits for the import */
    uint64_t days, due, messages;           /* of the ledger: not settled; of those, over */
    int64_t oldest_secs;                    /* of them; 0: none */
    struct mv_outbox_summary sent;
    uint64_t suppressed, backing_off;
};

/* The sentence is lost where there are more: the first ones are to be mended first. */
static struct mv_error *next_problem(struct status *status)
{
    static struct mv_error spare;

    return status->problem_count < MAX_PROBLEMS ? &status->problems[status->problem_count++] : &spare;
}

static void check_settings(struct status *status, struct mv_post *post)
{
    const struct mv_report_settings *settings = status->settings;
    struct mv_error error = {MV_OK, ""};

    if (!settings->evidence)
        mv_error_set(next_problem(status), MV_ERR_CONFIG, "nothing is written down: evidence in [report] is no");
    if (!settings->send)
        mv_error_set(next_problem(status), MV_ERR_CONFIG, "nothing is sent: send in [report] is no");
    if (mv_post_check(post, &error) != MV_OK)
        *next_problem(status) = error;
    if (access((const char *)settings->sendmail.data, X_OK) != 0)
        mv_error_set(next_problem(status), MV_ERR_CONFIG, "sendmail in [report], %s, cannot be run: %s",
                     (const char *)settings->sendmail.data, strerror(errno));
}

static bool is_evidence(struct mv_bytes name)
{
    return mv_bytes_has_suffix_nocase(name, MV_BYTES(MV_EVIDENCE_SUFFIX)) ||
           mv_bytes_has_suffix_nocase(name, MV_BYTES(MV_FAILURE_SUFFIX));
}

static void count_files(struct status *status)
{
    const char *path = (const char *)status->settings->evidence_directory.data;
    DIR *directory = opendir(path);
    const struct dirent *entry;
    struct stat st;

    if (directory == NULL) {
        if (status->settings->evidence)
            mv_error_set(next_problem(status), MV_ERR_IO, "evidence_directory in [report], %s, cannot be read: %s",
                         path, strerror(errno));
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (!is_evidence(mv_bytes_str(entry->d_name)) ||
            fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        status->files++;
        status->file_bytes += (uint64_t)st.st_size;
    }
    closedir(directory);
}

static enum mv_code count_day(void *to, const struct mv_ledger_day *day)
{
    struct status *status = to;

    status->days++;
    status->messages += day->messages;
    if (day->day_secs + DAY_SECS + MV_SEND_WAIT_SECS <= status->given->now)
        status->due++;
    if (status->oldest_secs == 0 || day->day_secs < status->oldest_secs)
        status->oldest_secs = day->day_secs;
    return MV_OK;
}

static enum mv_code count_address(void *to, const struct mv_outbox_address *address)
{
    struct status *status = to;

    status->suppressed += address->suppressed_secs > status->given->now ? 1 : 0;
    status->backing_off += address->next_secs > status->given->now ? 1 : 0;
    return MV_OK;
}

static enum mv_code ask_store(struct status *status, struct mv_db *db, struct mv_error *error)
{
    struct mv_ledger *ledger = NULL;
    struct mv_outbox *outbox = NULL;
    int64_t now_secs = status->given->now;
    enum mv_code code = mv_outbox_open(db, &outbox, error);

    if (code == MV_OK)
        code = mv_outbox_summary(outbox, now_secs - DAYS_BACK * DAY_SECS, &status->sent, error);
    if (code == MV_OK)
        code = mv_outbox_addresses(outbox, now_secs, count_address, status, error);
    if (code == MV_OK)
        code = mv_ledger_open(db, &ledger, error);
    if (code == MV_OK)
        code = mv_ledger_due(ledger, now_secs + DAY_SECS, count_day, status, error);
    mv_ledger_close(&ledger);
    mv_outbox_close(&outbox);
    return code;
}

/* A store that is not there yet is what status is to tell, not an error of it. */
static void look_into_store(struct status *status)
{
    const char *where = mv_report_place(status->settings, status->given->store);
    struct mv_error error = {MV_OK, ""};
    struct mv_db *db = NULL;
    enum mv_code code = mv_db_open(where, MV_STORE_READ, &db, &error);

    if (code == MV_OK)
        code = ask_store(status, db, &error);
    if (code != MV_OK)
        *next_problem(status) = error;
    mv_db_close(&db);
}

static void print(struct mv_buf *line)
{
    const char *text = mv_buf_cstr(line);

    if (text != NULL)
        fputs(text, stdout);
    mv_buf_free(line);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void show_waiting(const struct status *status)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "evidence  %ju file%s, %ju bytes in %s\n", (uintmax_t)status->files, plural(status->files),
                  (uintmax_t)status->file_bytes, (const char *)status->settings->evidence_directory.data);
    mv_buf_printf(&line, "ledger    %ju day%s of domains with %ju message%s, %ju of them over", (uintmax_t)status->days,
                  plural(status->days), (uintmax_t)status->messages, plural(status->messages), (uintmax_t)status->due);
    if (status->oldest_secs > 0) {
        mv_buf_puts(&line, "; the oldest is ");
        mv_report_day_print(status->oldest_secs, &line);
    }
    mv_buf_putc(&line, '\n');
    print(&line);
}

static void show_sent(const struct status *status)
{
    const struct mv_outbox_summary *sent = &status->sent;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "sent      %ju mail%s in %d days, %ju bounced, %ju given up, %ju not taken yet",
                  (uintmax_t)sent->handed, plural(sent->handed), DAYS_BACK, (uintmax_t)sent->bounced,
                  (uintmax_t)sent->given_up, (uintmax_t)sent->waiting);
    if (sent->last_secs > 0) {
        mv_buf_puts(&line, "; the last one ");
        mv_report_time_print(sent->last_secs, &line);
    }
    mv_buf_printf(&line, "\naddresses %ju suppressed, %ju wait after a failure", (uintmax_t)status->suppressed,
                  (uintmax_t)status->backing_off);
    if (status->suppressed + status->backing_off > 0)
        mv_buf_puts(&line, " ('mailvouch report bounce --list' names them)");
    mv_buf_putc(&line, '\n');
    print(&line);
}

static void show(const struct status *status)
{
    const struct mv_report_settings *settings = status->settings;
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    if (settings->address.len > 0)
        mv_buf_printf(&line, "from      %.*s by %s\n", MV_ARG(settings->address),
                      (const char *)settings->sendmail.data);
    mv_buf_printf(&line, "bounces   %s%.*s\n", settings->bounce_address.len > 0 ? "to " : "nothing is learned of them: "
                  "bounce_address in [report] is not set", MV_ARG(settings->bounce_address));
    print(&line);
    show_waiting(status);
    show_sent(status);
    for (size_t i = 0; i < status->problem_count; i++) {
        mv_show_toned(MV_TONE_BAD, "problem ");
        printf("  %s\n", status->problems[i].text);
    }
}

static json_t *json_problems(const struct status *status)
{
    json_t *list = json_array();

    for (size_t i = 0; i < status->problem_count; i++)
        json_array_append_new(list, mv_json_bytes(mv_bytes_str(status->problems[i].text)));
    return list;
}

static json_t *json_of(const struct status *status)
{
    const struct mv_report_settings *settings = status->settings;
    const struct mv_outbox_summary *sent = &status->sent;

    return json_pack("{s:b, s:b, s:o, s:o, s:{s:I, s:I}, s:{s:I, s:I, s:I}, s:{s:i, s:I, s:I, s:I, s:I}, s:{s:I, s:I},"
                     " s:o}", "evidence_on", settings->evidence, "send_on", settings->send, "address",
                     mv_json_bytes(settings->address), "bounce_address", mv_json_bytes(settings->bounce_address),
                     "evidence", "files", (json_int_t)status->files, "bytes", (json_int_t)status->file_bytes, "ledger",
                     "days", (json_int_t)status->days, "over", (json_int_t)status->due, "messages",
                     (json_int_t)status->messages, "sent", "days", DAYS_BACK, "mails", (json_int_t)sent->handed,
                     "bounced", (json_int_t)sent->bounced, "given_up", (json_int_t)sent->given_up, "waiting",
                     (json_int_t)sent->waiting, "addresses", "suppressed", (json_int_t)status->suppressed,
                     "backing_off", (json_int_t)status->backing_off, "problems", json_problems(status));
}

enum mv_exit mv_report_cmd_status(int argc, char **argv)
{
    struct given g = {.now = (int64_t)time(NULL)};
    const struct mv_arg_option options[] = {
        {"json", MV_ARG_FLAG, &g.json, NULL, "the whole as JSON"},
        {"store", MV_ARG_TEXT, &g.store, "STORE", "instead of store in [report]"},
        {"now", MV_ARG_NUMBER, &g.now, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &g.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "", "Says what waits to be reported, what was sent, and what is amiss.",
                                 options, sizeof options / sizeof *options, 0, 0};
    struct status status = {.given = &g};
    struct mv_post post = {.engine = NULL};
    struct mv_lookup lookup;
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    if (result != MV_EXIT_OK || helped)
        return result;
    result = mv_lookup_begin(COMMAND, g.config, NULL, &lookup);
    if (result == MV_EXIT_OK)
        result = mv_post_begin(COMMAND, g.config, lookup.settings, g.now, &post);
    if (result == MV_EXIT_OK) {
        status.settings = &lookup.settings->report;
        check_settings(&status, &post);
        count_files(&status);
        look_into_store(&status);
        result = status.problem_count > 0 ? MV_EXIT_FINDING : MV_EXIT_OK;
        if (g.json && !mv_json_print(json_of(&status)))
            result = MV_EXIT_INTERNAL;
        if (!g.json)
            show(&status);
    }
    mv_post_end(&post);
    mv_lookup_end(&lookup);
    return result;
}
