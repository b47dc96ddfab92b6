#include "cli/report/sender.h"

#include <stdio.h>

#include "cli/input.h"
#include "core/auth/authres.h"
#include "core/dns/capture.h"
#include "core/text/domain.h"

#define ARENA_BYTES (16 * 1024 * 1024)
#define CRLF_BYTES (256 * 1024)

static enum mv_exit use_capture(struct mv_report_checker *checker, const char *path)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_buf json;
    enum mv_exit result;

    mv_buf_init(&json, MV_CAPTURE_MAX_BYTES);
    result = mv_input_read_file(checker->command, path, &json);
    if (result == MV_EXIT_OK && mv_engine_use_capture(checker->engine, mv_buf_bytes(&json), &error) != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s: %s\n", checker->command, path, error.text);
        result = MV_EXIT_INPUT;
    }
    mv_buf_free(&json);
    return result;
}

enum mv_exit mv_report_checker_begin(const char *command, enum mv_report_check how, const char *config,
                                     const char *dns, int64_t now_secs, struct mv_report_checker *checker_r)
{
    struct mv_error error = {MV_OK, ""};

    *checker_r = (struct mv_report_checker){.command = command, .how = how, .now_secs = now_secs};
    mv_buf_init(&checker_r->crlf, CRLF_BYTES);
    if (how == MV_CHECK_NOTHING)
        return MV_EXIT_OK;
    if (mv_engine_open(&checker_r->engine, config, &error) != MV_OK) {
        fprintf(stderr, "mailvouch %s: %s\n", command, error.text);
        return mv_exit_of_code(error.code);
    }
    return dns == NULL ? MV_EXIT_OK : use_capture(checker_r, dns);
}

static void end_mail(struct mv_report_checker *checker)
{
    mv_msg_free(&checker->msg);
    mv_arena_free(&checker->arena);
    checker->reader = NULL;
    checker->after_cr = false;
    checker->failed = false;
}

void mv_report_checker_end(struct mv_report_checker *checker)
{
    end_mail(checker);
    mv_engine_close(&checker->engine);
    mv_buf_free(&checker->crlf);
}

enum mv_code mv_report_checker_mail(struct mv_report_checker *checker)
{
    struct mv_envelope envelope = {.now_secs = checker->now_secs};
    struct mv_error error;

    end_mail(checker);
    checker->arena = mv_arena_new(ARENA_BYTES);
    if (checker->arena == NULL)
        return MV_ERR_MEMORY;
    checker->reader = mv_reader_new(checker->arena);
    if (checker->reader == NULL)
        return MV_ERR_MEMORY;
    if (checker->how != MV_CHECK_DKIM)
        return MV_OK;
    return mv_msg_begin(checker->engine, &envelope, MV_WANT_DKIM | MV_WANT_DMARC, &checker->msg, &error);
}

/* Past a limit of the engine the mail is of an unknown sender; missing memory is ours. */
static enum mv_code hand_on(struct mv_report_checker *checker, struct mv_bytes bytes)
{
    struct mv_bytes body;
    enum mv_code code = MV_OK;

    if (checker->how == MV_CHECK_RESULTS && !mv_reader_header_done(checker->reader))
        code = mv_reader_feed(checker->reader, bytes, &body);
    else if (checker->how == MV_CHECK_DKIM)
        code = mv_msg_feed(checker->msg, bytes);
    if (code != MV_OK && code != MV_ERR_MEMORY)
        checker->failed = true;
    return code == MV_ERR_MEMORY ? code : MV_OK;
}

static void to_crlf(struct mv_report_checker *checker, struct mv_bytes bytes)
{
    struct mv_cursor c = mv_cursor_of(bytes);

    mv_buf_reset(&checker->crlf);
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        mv_buf_put(&checker->crlf, line);
        if (line.len > 0)
            checker->after_cr = line.data[line.len - 1] == '\r';
        if (!mv_cursor_accept(&c, '\n'))
            return;
        mv_buf_puts(&checker->crlf, checker->after_cr ? "\n" : "\r\n");
        checker->after_cr = false;
    }
}

enum mv_code mv_report_checker_feed(struct mv_report_checker *checker, struct mv_bytes bytes)
{
    for (size_t at = 0; at < bytes.len && !checker->failed; at += CRLF_BYTES / 4) {
        enum mv_code code;

        to_crlf(checker, mv_bytes_slice(bytes, at, at + CRLF_BYTES / 4));
        if (mv_buf_failed(&checker->crlf))
            return MV_ERR_MEMORY;
        code = hand_on(checker, mv_buf_bytes(&checker->crlf));
        if (code != MV_OK)
            return code;
    }
    return MV_OK;
}

static enum mv_code by_dkim(struct mv_report_checker *checker, struct mv_report_sender *sender, char *why)
{
    const struct mv_verdict *verdict;
    enum mv_code code = mv_msg_end(checker->msg);

    if (code == MV_OK)
        code = mv_msg_run(checker->msg, MV_UNTIL_VERDICT);
    if (code == MV_ERR_MEMORY)
        return code;
    verdict = code == MV_OK ? mv_msg_verdict(checker->msg) : NULL;
    if (verdict == NULL) {
        snprintf(why, MV_REPORT_WHY_BYTES, "the mail cannot be judged");
        return MV_OK;
    }
    snprintf(why, MV_REPORT_WHY_BYTES, "dmarc=%s: %s",
             verdict->has_dmarc ? mv_dmarc_code_text(verdict->dmarc.code) : "none", verdict->reason);
    if (!verdict->has_dmarc || verdict->dmarc.code != MV_DMARC_PASS)
        return MV_OK;
    sender->trust = MV_TRUST_MAIL;
    sender->domain = verdict->author_domain;
    return MV_OK;
}

/* "dmarc=pass header.from=DOMAIN" */
static void take_results(struct mv_report_checker *checker, const struct mv_authres *authres,
                         struct mv_report_sender *sender)
{
    for (size_t i = 0; i < authres->result_count; i++) {
        const struct mv_authres_result *result = &authres->results[i];
        const struct mv_authres_prop *from = mv_authres_prop(result, "header", "from");

        if (!mv_bytes_equal(result->method, MV_BYTES("dmarc")) || from == NULL)
            continue;
        if (mv_bytes_equal(result->result, MV_BYTES("pass")) &&
            mv_domain_normalize(checker->arena, from->value, &sender->domain))
            sender->trust = MV_TRUST_MAIL;
        return;
    }
}

static enum mv_code by_results(struct mv_report_checker *checker, struct mv_report_sender *sender, char *why)
{
    struct mv_bytes ours = mv_config_settings(mv_engine_config(checker->engine))->authserv_id;
    const struct mv_field *fields;
    size_t count;

    snprintf(why, MV_REPORT_WHY_BYTES, "no Authentication-Results of ours");
    if (mv_reader_end(checker->reader) != MV_OK)
        return MV_OK;
    fields = mv_reader_fields(checker->reader, &count);
    for (size_t i = 0; i < count; i++) {
        struct mv_authres authres;
        enum mv_code code;

        if (!mv_field_is(&fields[i], MV_BYTES("Authentication-Results")))
            continue;
        code = mv_authres_parse(checker->arena, fields[i].value, &authres);
        if (code == MV_ERR_MEMORY)
            return code;
        if (code != MV_OK || authres.version != 1 || !mv_bytes_equal_nocase(authres.id, ours))
            continue;
        snprintf(why, MV_REPORT_WHY_BYTES, "our Authentication-Results do not say dmarc=pass");
        take_results(checker, &authres, sender);
        return MV_OK;
    }
    return MV_OK;
}

enum mv_code mv_report_checker_verdict(struct mv_report_checker *checker, struct mv_report_sender *sender_r,
                                       char why_r[MV_REPORT_WHY_BYTES])
{
    *sender_r = (struct mv_report_sender){.trust = MV_TRUST_NONE};
    snprintf(why_r, MV_REPORT_WHY_BYTES, checker->failed ? "the mail cannot be judged" : "not checked");
    if (checker->failed || checker->how == MV_CHECK_NOTHING)
        return MV_OK;
    return checker->how == MV_CHECK_DKIM ? by_dkim(checker, sender_r, why_r) : by_results(checker, sender_r, why_r);
}
