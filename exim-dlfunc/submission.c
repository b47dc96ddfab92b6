#include "exim-dlfunc/submission.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exim-dlfunc/feed.h"
#include "exim-dlfunc/host.h"
#include "exim-dlfunc/module.h"
#include "exim-dlfunc/outcome.h"

#define MV_MAX_MESSAGE_ID_BYTES 64 /* 16 up to 4.96, 23 since 4.97 */
#define MV_DEFERRAL \
    "451 4.7.5 Your message was not sent because it cannot be signed at the moment; please try again later"

/* What has become of the last message; strings of the signer, or of error. */
static struct {
    struct mv_signer *signer;
    struct mv_sign_outcome outcome;
    struct mv_error error;
    char message_id[MV_MAX_MESSAGE_ID_BYTES]; /* "": none so far */
    bool alerted;                             /* an error of ours has been logged for the administrator's eyes */
} state;

static void defer(enum mv_code code, const char *reason)
{
    if (reason != state.error.text)
        mv_error_set(&state.error, code, "%s", reason);
    state.outcome = (struct mv_sign_outcome){.action = MV_SIGN_DEFERRED, .reply = MV_DEFERRAL,
                                             .reason = state.error.text};
}

static enum mv_code feed(void *to, struct mv_bytes bytes)
{
    return mv_signer_feed(to, bytes);
}

static enum mv_code end(void *to)
{
    return mv_signer_end(to);
}

/* Exim's lines end in LF. */
static bool add_fields(struct mv_bytes fields)
{
    struct mv_buf text = {.max_bytes = MV_HOST_MAX_FIELD_BYTES};
    const char *s;

    for (size_t i = 0; i < fields.len; i++)
        if (fields.data[i] != '\r')
            mv_buf_putc(&text, fields.data[i]);
    s = mv_buf_cstr(&text);
    if (s != NULL && s[0] != '\0')
        mv_host_add_field_on_top(s);
    mv_buf_free(&text);
    return s != NULL && fields.len > 0;
}

static enum mv_code begin(const char *config_path, const struct mv_host_envelope *host)
{
    struct mv_engine *engine = mv_module_engine(config_path, &state.error);
    struct mv_sign_request request = {
        .user = mv_bytes_str(host->authenticated_id),
        .mail_from = mv_bytes_str(host->mail_from),
        .now_secs = time(NULL),
    };

    if (host->client_address != NULL)
        mv_ip_parse(mv_bytes_str(host->client_address), &request.client_ip);
    if (engine == NULL)
        return state.error.code;
    return mv_signer_begin(engine, &request, &state.signer, &state.error);
}

static void sign(const char *config_path)
{
    struct mv_host_envelope host;
    struct mv_feed_sink sink = {feed, end, NULL};
    enum mv_code code;

    mv_host_get_envelope(&host);
    if (host.authenticated != NULL && host.authenticated_id[0] == '\0') {
        defer(MV_ERR_CONFIG, "Exim's authenticator does not say who the user is: set server_set_id in it");
        return;
    }
    code = begin(config_path, &host);
    if (code == MV_OK) {
        sink.to = state.signer;
        code = mv_feed_message(MV_FEED_LEAVING, &sink, &state.error);
    }
    if (code != MV_OK) {
        defer(code, state.error.code == MV_OK ? mv_code_text(code) : state.error.text);
        return;
    }
    state.outcome = *mv_signer_outcome(state.signer);
    if (state.outcome.action == MV_SIGN_SIGNED && !add_fields(mv_signer_fields(state.signer)))
        defer(MV_ERR_LIMIT, "the DKIM-Signature fields do not fit into Exim's header");
}

static void log_outcome(void)
{
    struct mv_buf line = {.max_bytes = MV_HOST_MAX_LOG_BYTES};
    bool alert = state.outcome.action == MV_SIGN_DEFERRED && !state.alerted;

    mv_buf_puts(&line, "mailvouch sign: ");
    if (state.outcome.log != NULL) {
        mv_buf_puts(&line, state.outcome.log);
    } else {
        mv_buf_puts(&line, "result=deferred: ");
        mv_buf_put_escaped(&line, mv_bytes_str(state.outcome.reason));
    }
    mv_host_log(alert ? MV_HOST_LOG_ALERT : MV_HOST_LOG_MAIN,
                mv_buf_cstr(&line) == NULL ? "mailvouch sign: the log line of this message does not fit"
                                           : mv_buf_cstr(&line));
    state.alerted = state.alerted || alert;
    mv_buf_free(&line);
}

void mv_submission_sign(const char *config_path, struct mv_buf *out)
{
    const char *id = mv_host_message_id();
    size_t length = strnlen(id, MV_MAX_MESSAGE_ID_BYTES - 1);

    if (state.message_id[0] == '\0' || strcmp(state.message_id, id) != 0) {
        mv_signer_free(&state.signer);
        mv_error_clear(&state.error);
        sign(config_path);
        memcpy(state.message_id, id, length);
        state.message_id[length] = '\0';
        log_outcome();
    }
    mv_outcome_put_pair("action", mv_bytes_str(mv_sign_action_text(state.outcome.action)), out);
    mv_outcome_put_pair("domain", state.outcome.domain, out);
    mv_outcome_put_pair("selectors", state.outcome.selectors, out);
    mv_outcome_put_pair("reason", mv_bytes_str(state.outcome.reason), out);
}

bool mv_submission_result(const char *name, struct mv_buf *out)
{
    const struct {
        const char *name;
        struct mv_bytes value;
    } details[] = {
        {"sign_action", mv_bytes_str(mv_sign_action_text(state.outcome.action))},
        {"sign_domain", state.outcome.domain},
        {"sign_selectors", state.outcome.selectors},
        {"sign_reason", mv_bytes_str(state.outcome.reason)},
        {"sign_reply", mv_bytes_str(state.outcome.reply)},
    };

    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++) {
        if (strcmp(name, details[i].name) != 0)
            continue;
        if (state.message_id[0] != '\0')
            mv_buf_put_escaped(out, details[i].value);
        return true;
    }
    return false;
}

enum mv_action mv_submission_action(void)
{
    switch (state.outcome.action) {
    case MV_SIGN_SIGNED:
    case MV_SIGN_UNSIGNED:
        return MV_ACTION_NONE;
    case MV_SIGN_REFUSED:
        return MV_ACTION_REJECT;
    case MV_SIGN_DEFERRED:
        break;
    }
    return MV_ACTION_TEMPFAIL;
}
