/*
 * mailvouch report bounce: an address that takes no reports is left alone.
 */
#include "cli/report/report.h"

#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/report/place.h"
#include "cli/report/print.h"
#include "core/base/trace.h"
#include "core/report/bounce.h"
#include "core/report/outbox.h"
#include "core/report/report_time.h"

#define COMMAND "report bounce"
#define MAX_MESSAGE_BYTES (64 * 1024 * 1024)
#define MAX_LINE_BYTES 8192

struct given {
    const char *recipient, *forgive, *store, *config;
    bool list, json;
    int64_t now;
};

struct session {
    const struct given *given;
    struct mv_lookup lookup;
    struct mv_db *db;
    struct mv_outbox *outbox;
    struct mv_error error;
    struct mv_buf text; /* the bounce */
    bool write_failed;
};

static enum mv_exit fail(const struct session *session)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", session->error.text);
    return mv_exit_of_code(session->error.code);
}

static enum mv_exit open_store(struct session *session, enum mv_store_access access)
{
    const char *where = mv_report_place(&session->lookup.settings->report, session->given->store);

    if (mv_db_open(where, access, &session->db, &session->error) != MV_OK ||
        mv_outbox_open(session->db, &session->outbox, &session->error) != MV_OK)
        return fail(session);
    return MV_EXIT_OK;
}

static void print_line(struct session *session, struct mv_buf *line)
{
    const char *text = mv_buf_cstr(line);

    if (text == NULL || fputs(text, stdout) == EOF)
        session->write_failed = true;
    mv_buf_free(line);
}

static void print_json_line(struct session *session, json_t *object)
{
    if (!mv_json_print_line(object))
        session->write_failed = true;
}

static enum mv_code show_address(void *to, const struct mv_outbox_address *address)
{
    struct session *session = to;
    struct mv_buf line;

    if (session->given->json) {
        print_json_line(session, json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:I}", "schema", 1, "type", "address",
                                           "address", mv_json_bytes(address->address), "suppressed_until",
                                           mv_report_json_time(address->suppressed_secs), "bounced",
                                           mv_report_json_time(address->bounced_secs), "not_before",
                                           mv_report_json_time(address->next_secs), "failures",
                                           (json_int_t)address->failures));
        return MV_OK;
    }
    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, address->address);
    if (address->suppressed_secs > session->given->now) {
        mv_buf_puts(&line, "  gets no reports until ");
        mv_report_time_print(address->suppressed_secs, &line);
    }
    if (address->bounced_secs > 0) {
        mv_buf_puts(&line, "  bounced ");
        mv_report_time_print(address->bounced_secs, &line);
    }
    if (address->next_secs > session->given->now) {
        mv_buf_printf(&line, "  not taken %u time%s, again from ", address->failures,
                      address->failures == 1 ? "" : "s");
        mv_report_time_print(address->next_secs, &line);
    }
    mv_buf_putc(&line, '\n');
    print_line(session, &line);
    return MV_OK;
}

static enum mv_exit list(struct session *session)
{
    enum mv_exit result = open_store(session, MV_STORE_READ);

    if (result == MV_EXIT_OK && mv_outbox_addresses(session->outbox, session->given->now, show_address, session,
                                                    &session->error) != MV_OK)
        result = fail(session);
    return result;
}

static enum mv_exit forgive(struct session *session)
{
    enum mv_exit result = open_store(session, MV_STORE_WRITE);
    bool found;

    if (result != MV_EXIT_OK)
        return result;
    if (mv_outbox_forgive(session->outbox, mv_bytes_str(session->given->forgive), &found, &session->error) != MV_OK)
        return fail(session);
    puts(found ? "forgiven: it gets reports again"
               : "there was nothing to forgive; see 'mailvouch report bounce --list'");
    return found ? MV_EXIT_OK : MV_EXIT_FINDING;
}

static const char *outcome_text(enum mv_outbox_outcome outcome)
{
    static const char *const texts[] = {"no report of ours, or one that left too long ago", "known already", "noted",
                                        "noted; the address gets no reports for 30 days"};

    return texts[outcome];
}

static void show_outcome(struct session *session, const struct mv_outbox_bounced *bounced,
                         const struct mv_bounce *bounce)
{
    static const char *const words[] = {"unknown", "again", "noted", "suppressed"};
    struct mv_buf line;

    if (session->given->json) {
        print_json_line(session, json_pack("{s:i, s:s, s:s, s:o, s:o, s:o}", "schema", 1, "type", "bounce", "outcome",
                                           words[bounced->outcome], "address",
                                           mv_json_bytes(mv_bytes_str(bounced->address)), "report_id",
                                           mv_json_bytes(mv_bytes_str(bounced->report_id)), "status",
                                           bounce->status.len == 0 ? json_null() : mv_json_bytes(bounce->status)));
        return;
    }
    mv_buf_init(&line, MAX_LINE_BYTES);
    if (bounced->outcome != MV_OUTBOX_UNKNOWN) {
        mv_buf_put_escaped(&line, mv_bytes_str(bounced->address));
        mv_buf_printf(&line, ", report %s: ", bounced->report_id);
    }
    mv_buf_printf(&line, "%s\n", outcome_text(bounced->outcome));
    print_line(session, &line);
}

static enum mv_exit note(struct session *session, const struct mv_bounce *bounce)
{
    enum mv_outbox_bounce how =
        bounce->kind == MV_BOUNCE_FOR_GOOD ? MV_OUTBOX_BOUNCE_FOR_GOOD : MV_OUTBOX_BOUNCE_SOFT;
    enum mv_exit result = open_store(session, MV_STORE_WRITE);

    for (size_t i = 0; i < bounce->token_count && result == MV_EXIT_OK; i++) {
        struct mv_outbox_bounced bounced;

        if (mv_outbox_bounce(session->outbox, bounce->tokens[i], how, session->given->now, &bounced,
                             &session->error) != MV_OK)
            return fail(session);
        show_outcome(session, &bounced, bounce);
    }
    return result;
}

/* What is no bounce is taken all the same: who pipes mail into this wants no error for it. */
static enum mv_exit take(struct session *session, const char *path)
{
    const char *recipient = session->given->recipient;
    struct mv_bounce bounce = {.kind = MV_BOUNCE_SOFT};
    enum mv_exit result = MV_EXIT_OK;

    if (path != NULL) {
        result = mv_input_read_file(COMMAND, path, &session->text);
        mv_bounce_read(mv_buf_bytes(&session->text), &bounce);
    }
    if (result != MV_EXIT_OK)
        return result;
    if (recipient != NULL)
        bounce.token_count = mv_bounce_token(mv_bytes_str(recipient), &bounce.tokens[0]) ? 1 : 0;
    if (bounce.kind == MV_BOUNCE_NONE || bounce.kind == MV_BOUNCE_DELAYED)
        puts(bounce.kind == MV_BOUNCE_NONE ? "no bounce: nothing is noted" : "nothing has failed: nothing is noted");
    else if (bounce.token_count == 0)
        puts("no address that a report of ours was sent from: nothing is noted");
    else
        result = note(session, &bounce);
    return result;
}

static enum mv_exit run(struct session *session, const char *path)
{
    const struct given *given = session->given;

    if ((given->list ? 1 : 0) + (given->forgive != NULL ? 1 : 0) +
            (path != NULL || given->recipient != NULL ? 1 : 0) != 1) {
        fputs("mailvouch " COMMAND ": give a message, or --recipient, or --list, or --forgive\n", stderr);
        return MV_EXIT_USAGE;
    }
    if (given->list)
        return list(session);
    return given->forgive != NULL ? forgive(session) : take(session, path);
}

enum mv_exit mv_report_cmd_bounce(int argc, char **argv)
{
    struct given g = {.now = (int64_t)time(NULL)};
    const struct mv_arg_option options[] = {
        {"recipient", MV_ARG_TEXT, &g.recipient, "ADDRESS", "the address that the bounce came to"},
        {"list", MV_ARG_FLAG, &g.list, NULL, "show the addresses that are left alone"},
        {"forgive", MV_ARG_TEXT, &g.forgive, "ADDRESS", "send reports to this address again"},
        {"json", MV_ARG_FLAG, &g.json, NULL, "one line of JSON for each mail or address"},
        {"store", MV_ARG_TEXT, &g.store, "STORE", "instead of store in [report]"},
        {"now", MV_ARG_NUMBER, &g.now, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &g.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "[MESSAGE|-]",
                                 "Takes a report that came back, so that its address is left alone.", options,
                                 sizeof options / sizeof *options, 0, 1};
    struct session session = {.given = &g};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    if (result != MV_EXIT_OK || helped)
        return result;
    mv_buf_init(&session.text, MAX_MESSAGE_BYTES);
    result = mv_lookup_begin(COMMAND, g.config, NULL, &session.lookup);
    if (result == MV_EXIT_OK)
        result = run(&session, count > 0 ? operands[0] : NULL);
    if (result == MV_EXIT_OK && (session.write_failed || fflush(stdout) != 0))
        result = MV_EXIT_INTERNAL;
    mv_outbox_close(&session.outbox);
    mv_db_close(&session.db);
    mv_lookup_end(&session.lookup);
    mv_buf_free(&session.text);
    return result;
}
