#include "core/auth/failure_message.h"

#include <string.h>

#include "core/auth/failure_line.h"
#include "core/auth/message.h"
#include "core/keys/redaction_key.h"

#define MAX_MEMORY_BYTES (8 * 1024 * 1024) /* to take a header block apart */
#define SECS_PER_MINUTE 60

bool mv_failure_rate_take(struct mv_failure_rate *rate, int64_t now_secs)
{
    if (rate->minute != now_secs / SECS_PER_MINUTE)
        *rate = (struct mv_failure_rate){.minute = now_secs / SECS_PER_MINUTE};
    if (rate->lines == MV_FAILURE_LINES_PER_MINUTE)
        return false;
    rate->lines++;
    return true;
}

static enum mv_code read_key(const char *directory, unsigned char key_r[MV_REDACTION_KEY_BYTES],
                             struct mv_error *error)
{
    bool has_key;
    enum mv_code code = mv_redaction_key_read(directory, key_r, &has_key, error);

    if (code == MV_OK && !has_key)
        return mv_error_set(error, MV_ERR_CONFIG,
                            "%s" MV_REDACTION_KEY_SUFFIX ": there is no key to redact failure reports with, so that "
                            "there are none: \"mailvouch report send\" makes it",
                            directory);
    return code;
}

/* A line that is too long is not written, and nobody is to be told. */
static enum mv_code write_line(struct mv_msg *msg, const struct mv_failure_line *line, const char *host,
                               struct mv_error *error)
{
    const char *directory = (const char *)msg->engine->settings->report.evidence_directory.data;
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, MV_FAILURE_MAX_LINE_BYTES);
    code = mv_failure_line_print(line, &text);
    if (code == MV_OK)
        code = mv_evidence_file_append(&msg->engine->failures, directory, host, line->time_secs, mv_buf_bytes(&text),
                                       error);
    else if (code == MV_ERR_LIMIT)
        code = MV_OK;
    else
        mv_error_set(error, code, "%s", mv_code_text(code));
    mv_buf_free(&text);
    return code;
}

static enum mv_code make_line(struct mv_msg *msg, const struct mv_failure_source *source, const char *host,
                              struct mv_error *error)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_failure_line line;
    enum mv_code code = arena == NULL ? MV_ERR_MEMORY : mv_failure_line_of(arena, source, &line);

    if (code != MV_OK)
        mv_error_set(error, code, "no line for a failure report: %s", mv_code_text(code));
    else if (line.wanted != 0 && mv_failure_rate_take(&msg->engine->failure_rate, source->now_secs))
        code = write_line(msg, &line, host, error);
    mv_arena_free(&arena);
    return code;
}

enum mv_code mv_msg_failure(struct mv_msg *msg, enum mv_action action, const char *host, int64_t now_secs,
                            struct mv_error *error)
{
    const struct mv_settings *settings = msg->engine->settings;
    unsigned char key[MV_REDACTION_KEY_BYTES];
    struct mv_failure_source source = {
        .verdict = &msg->verdict,
        .action = action,
        .mail_from = msg->spf_request.mail_from,
        .authserv_id = settings->authserv_id,
        .key = {key, sizeof key},
        .now_secs = now_secs,
    };
    enum mv_code code;

    if (!settings->report.failure || msg->header_failed || mv_failure_wanted(&msg->verdict) == 0)
        return MV_OK;
    code = read_key((const char *)settings->report.evidence_directory.data, key, error);
    if (code != MV_OK)
        return code;
    source.fields = mv_reader_fields(msg->reader, &source.field_count);
    code = make_line(msg, &source, host, error);
    explicit_bzero(key, sizeof key);
    return code;
}
