#include <unistd.h>

#include "core/auth/evidence_line.h"
#include "core/auth/failure_message.h"
#include "core/auth/message.h"

/* The host's own name: the names in the configuration may be those of several hosts. */
static const char *host_of(struct mv_engine *engine)
{
    if (engine->host[0] == '\0' && gethostname(engine->host, sizeof engine->host - 1) != 0)
        engine->host[0] = '\0';
    return engine->host;
}

enum mv_code mv_msg_evidence(struct mv_msg *msg, enum mv_action action, int64_t now_secs, struct mv_error *error)
{
    const struct mv_report_settings *settings = &msg->engine->settings->report;
    struct mv_evidence_line line;
    const char *host;
    struct mv_buf text;
    enum mv_code code;

    if (!settings->evidence || !msg->verdict_done || !mv_evidence_line_of(&msg->verdict, action, now_secs, &line))
        return MV_OK;
    host = host_of(msg->engine);
    mv_buf_init(&text, 2 * MV_EVIDENCE_MAX_LINE_BYTES);
    code = mv_evidence_line_print(&line, &text);
    if (code == MV_OK)
        code = mv_evidence_file_append(&msg->engine->evidence, (const char *)settings->evidence_directory.data,
                                       host, now_secs, mv_buf_bytes(&text), error);
    else
        mv_error_set(error, code, "%s", mv_code_text(code));
    mv_buf_free(&text);
    return code == MV_OK ? mv_msg_failure(msg, action, host, now_secs, error) : code;
}
