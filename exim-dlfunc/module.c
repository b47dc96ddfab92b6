#include "exim-dlfunc/module.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exim-dlfunc/feed.h"
#include "exim-dlfunc/outcome.h"
#include "exim-dlfunc/submission.h"
#include "exim-dlfunc/wire.h"

#define MV_MAX_KEY_BYTES 16384     /* Exim's commands have at most 16 KiB */
#define MV_MAX_FIELD_BYTES (4 * 1024 * 1024)
#define MV_MAX_MESSAGE_ID_BYTES 64 /* 16 up to 4.96, 23 since 4.97 */

static struct {
    struct mv_engine *engine;
    char *config_path; /* that of the engine; NULL: the default */
    struct mv_msg *msg;
    struct mv_buf key;                        /* what msg and outcome were made from */
    char message_id[MV_MAX_MESSAGE_ID_BYTES]; /* of the message that outcome is about; "" before its end */
    struct mv_outcome outcome;
    struct mv_error error; /* outcome.error points here */
    bool alerted;          /* an error of ours has been logged for the administrator's eyes */
    bool handover_faulty;  /* that there is no hand-over has been logged */
    bool evidence_faulty;  /* that evidence could not be written has been */
} state = {.key = {.max_bytes = MV_MAX_KEY_BYTES}};

static int64_t now_msecs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *text(const char *s)
{
    return s == NULL ? "" : s;
}

static bool has_word(const char *words, struct mv_bytes word)
{
    struct mv_cursor cursor = mv_cursor_of(mv_bytes_str(words));

    while (mv_cursor_left(&cursor) > 0) {
        if (mv_bytes_equal(mv_cursor_take_until(&cursor, ' '), word))
            return true;
        mv_cursor_accept(&cursor, ' ');
    }
    return false;
}

static void forget_message(void)
{
    mv_msg_free(&state.msg);
    mv_error_clear(&state.error);
    mv_buf_reset(&state.key);
    state.message_id[0] = '\0';
    state.outcome = (struct mv_outcome){.kind = MV_OUTCOME_OPEN};
}

static void fail_message(const struct mv_error *error)
{
    if (error != &state.error)
        state.error = *error;
    mv_msg_free(&state.msg);
    state.outcome = (struct mv_outcome){.kind = MV_OUTCOME_FAILED, .error = state.error.text};
}

static void skip_message(const char *why)
{
    state.outcome = (struct mv_outcome){.kind = MV_OUTCOME_SKIPPED, .skip = why};
}

static bool put_key(const struct mv_host_envelope *envelope, struct mv_buf *key)
{
    const char *parts[] = {text(envelope->client_address), text(envelope->authenticated), envelope->helo,
                           envelope->mail_from};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        mv_buf_puts(key, parts[i]);
        mv_buf_putc(key, '\0');
    }
    return !mv_buf_failed(key);
}

/* The state is about the message that is under way. */
static bool is_current(const struct mv_host_envelope *envelope)
{
    struct mv_buf key = {.max_bytes = MV_MAX_KEY_BYTES};
    bool same = put_key(envelope, &key) && mv_bytes_equal(mv_buf_bytes(&key), mv_buf_bytes(&state.key));

    mv_buf_free(&key);
    if (state.message_id[0] != '\0') /* its end has been seen: only the same message may ask again */
        return same && strcmp(state.message_id, mv_host_message_id()) == 0;
    return same;
}

static bool open_engine(const char *config_path, struct mv_error *error)
{
    const char *path = config_path == NULL || config_path[0] == '\0' ? NULL : config_path;

    if (state.engine != NULL && strcmp(text(state.config_path), text(path)) == 0)
        return true;
    mv_msg_free(&state.msg);
    mv_engine_close(&state.engine);
    free(state.config_path);
    state.config_path = path == NULL ? NULL : strdup(path);
    if (path != NULL && state.config_path == NULL)
        mv_error_set(error, MV_ERR_MEMORY, "out of memory");
    else
        mv_engine_open(&state.engine, path, error);
    return state.engine != NULL;
}

struct mv_engine *mv_module_engine(const char *config_path, struct mv_error *error)
{
    return open_engine(config_path, error) ? state.engine : NULL;
}

static void begin_message(const struct mv_host_envelope *host, struct mv_ip client_ip, const char *options)
{
    struct mv_envelope envelope = {
        .client_ip = client_ip,
        .helo = mv_bytes_str(host->helo),
        .mail_from = mv_bytes_str(host->mail_from),
        .now_secs = time(NULL),
        .pct_roll = arc4random_uniform(100),
    };
    unsigned want = MV_WANT_CHECKS | MV_WANT_VOUCH | (has_word(options, MV_BYTES("explain")) ? MV_WANT_EXPLAIN : 0);
    struct mv_error error = {.code = MV_OK};

    if (mv_msg_begin(state.engine, &envelope, want, &state.msg, &error) != MV_OK)
        fail_message(&error);
}

static struct mv_ip client_of(const struct mv_host_envelope *host)
{
    struct mv_ip ip = {.family = MV_IP_NONE};

    if (host->client_address != NULL)
        mv_ip_parse(mv_bytes_str(host->client_address), &ip);
    return ip;
}

/* Makes the state that of the message under way, if it is not. */
static void begin(const char *config_path, const char *options)
{
    struct mv_error error = {.code = MV_OK};
    struct mv_host_envelope host;
    struct mv_ip client_ip;
    bool force = has_word(options, MV_BYTES("force"));

    mv_host_get_envelope(&host);
    if (is_current(&host))
        return;
    forget_message();
    put_key(&host, &state.key);
    client_ip = client_of(&host);
    if (host.client_address == NULL && !force)
        skip_message("local");
    else if (host.authenticated != NULL && !force)
        skip_message("authenticated");
    else if (!open_engine(config_path, &error))
        fail_message(&error);
    else if (mv_engine_is_trusted(state.engine, &client_ip) && !force)
        skip_message("trusted");
    else if (mv_engine_is_local(state.engine, &client_ip) && !force)
        skip_message("relay");
    else
        begin_message(&host, client_ip, options);
}

/* An error of ours ends in the outcome; it is said once in the log, when the message's end has come. */
static bool succeeded(enum mv_code code)
{
    if (code == MV_OK)
        return true;
    if (mv_msg_error(state.msg)->code == MV_OK)
        mv_error_set(&state.error, code, "%s", mv_code_text(code));
    else
        state.error = *mv_msg_error(state.msg);
    fail_message(&state.error);
    return false;
}

static bool run(enum mv_until until)
{
    int64_t before = now_msecs();
    enum mv_code code = mv_msg_run(state.msg, until);

    state.outcome.waited_msecs += (unsigned)(now_msecs() - before);
    return succeeded(code);
}

static bool is_open(void)
{
    return state.outcome.kind == MV_OUTCOME_OPEN && state.msg != NULL;
}

static enum mv_code feed(void *to, struct mv_bytes bytes)
{
    return mv_msg_feed(to, bytes);
}

static enum mv_code end(void *to)
{
    return mv_msg_end(to);
}

static void log_outcome(void)
{
    struct mv_buf line = {.max_bytes = MV_HOST_MAX_LOG_BYTES};
    bool alert = state.outcome.kind == MV_OUTCOME_FAILED && !state.alerted;
    const char *s;

    mv_outcome_put_log(&state.outcome, &line);
    s = mv_buf_cstr(&line);
    if (s == NULL)
        s = "mailvouch: the log line of this message does not fit";
    if (s[0] != '\0')
        mv_host_log(alert ? MV_HOST_LOG_ALERT : MV_HOST_LOG_MAIN, s);
    state.alerted = state.alerted || alert;
    mv_buf_free(&line);
}

static void judge(void)
{
    struct mv_feed_sink sink = {feed, end, state.msg};
    enum mv_code code = mv_feed_message(MV_FEED_AS_SENT, &sink, &state.error);

    if (code != MV_OK && state.error.code != MV_OK)
        fail_message(&state.error);
    else if (succeeded(code) && run(MV_UNTIL_VERDICT)) {
        state.outcome.kind = MV_OUTCOME_JUDGED;
        state.outcome.verdict = mv_msg_verdict(state.msg);
    }
}

/* What becomes of the message, as far as it hangs on us. */
static enum mv_action action_under(const char *options)
{
    enum mv_action action = mv_outcome_action(&state.outcome);
    bool stops = action == MV_ACTION_REJECT || action == MV_ACTION_TEMPFAIL;

    return stops && has_word(options, MV_BYTES("observe")) ? MV_ACTION_NONE : action;
}

/* Once for each process: the directory does not mend itself between two messages. */
static void write_evidence(const char *options)
{
    struct mv_buf line = {.max_bytes = MV_HOST_MAX_LOG_BYTES};
    struct mv_error error = {.code = MV_OK};

    if (mv_msg_evidence(state.msg, action_under(options), time(NULL), &error) == MV_OK || state.evidence_faulty)
        return;
    state.evidence_faulty = true;
    mv_buf_puts(&line, "mailvouch: mail goes on without evidence for reports: ");
    mv_buf_put_escaped(&line, mv_bytes_str(error.text));
    if (mv_buf_cstr(&line) != NULL)
        mv_host_log(MV_HOST_LOG_MAIN, mv_buf_cstr(&line));
    mv_buf_free(&line);
}

/* To the outcome of the message under way; the first time it is logged. */
static void check(const char *config_path, const char *options)
{
    size_t length = strnlen(mv_host_message_id(), MV_MAX_MESSAGE_ID_BYTES - 1);

    begin(config_path, options);
    if (state.message_id[0] != '\0')
        return;
    if (is_open())
        judge();
    memcpy(state.message_id, mv_host_message_id(), length);
    state.message_id[length] = '\0';
    log_outcome();
    if (state.outcome.kind == MV_OUTCOME_JUDGED)
        write_evidence(options);
}

void mv_module_begin(const char *config_path, const char *options, struct mv_buf *out)
{
    begin(config_path, options);
    if (is_open())
        succeeded(mv_msg_start(state.msg));
    mv_outcome_put_state(&state.outcome, out);
}

void mv_module_spf(const char *config_path, struct mv_buf *out)
{
    begin(config_path, NULL);
    if (is_open() && run(MV_UNTIL_SPF))
        mv_outcome_put_spf(mv_msg_spf(state.msg), out);
    else if (state.outcome.kind == MV_OUTCOME_JUDGED)
        mv_outcome_put_spf(&state.outcome.verdict->spf, out);
    else
        mv_outcome_put_status(&state.outcome, out);
}

void mv_module_check(const char *config_path, const char *options, struct mv_buf *out)
{
    check(config_path, options);
    mv_outcome_put_status(&state.outcome, out);
}

bool mv_module_result(const char *name, struct mv_buf *out)
{
    if (mv_submission_result(name, out))
        return true;
    if (strcmp(name, "explain") != 0)
        return mv_outcome_put_detail(&state.outcome, name, out);
    if (state.outcome.kind == MV_OUTCOME_JUDGED)
        mv_msg_explain(state.msg, out);
    return true;
}

/* Lines end in LF here; the last one does without. */
static void put_lines(struct mv_bytes fields, struct mv_buf *out)
{
    struct mv_bytes all = mv_bytes_trim(fields);

    for (size_t i = 0; i < all.len; i++)
        if (all.data[i] != '\r')
            mv_buf_putc(out, all.data[i]);
}

/* Once, and again when it was repaired in between. */
static void log_handover_fault(void)
{
    const char *fault = mv_engine_handover_fault(state.engine);
    struct mv_buf line = {.max_bytes = MV_HOST_MAX_LOG_BYTES};

    if (fault != NULL && !state.handover_faulty) {
        mv_buf_puts(&line, "mailvouch: mail goes on without a Mailvouch-Result field: ");
        mv_buf_put_escaped(&line, mv_bytes_str(fault));
        if (mv_buf_cstr(&line) != NULL)
            mv_host_log(MV_HOST_LOG_MAIN, mv_buf_cstr(&line));
    }
    state.handover_faulty = fault != NULL;
    mv_buf_free(&line);
}

/* A hand-over that cannot be made takes nothing away from the results. */
static void put_handover(const char *authserv_id, struct mv_buf *fields)
{
    struct mv_buf handover = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    log_handover_fault();
    if (mv_msg_handover(state.msg, authserv_id, &handover) == MV_OK && !mv_buf_failed(&handover))
        mv_buf_put(fields, mv_buf_bytes(&handover));
    mv_buf_free(&handover);
}

void mv_module_authres(const char *authserv_id, struct mv_buf *out)
{
    struct mv_buf fields = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
    const char *id = authserv_id == NULL || authserv_id[0] == '\0' ? NULL : authserv_id;

    if (state.outcome.kind == MV_OUTCOME_JUDGED && mv_msg_authres(state.msg, id, &fields) == MV_OK) {
        put_handover(id, &fields);
        put_lines(mv_buf_bytes(&fields), out);
    }
    mv_buf_free(&fields);
}

/* What only we write, or claims to be ours. The names of our private fields begin with "Mailvouch-". */
static bool must_go(const struct mv_host_field *field, const char *authserv_id, struct mv_buf *buf)
{
    struct mv_wire_lines lines = {.after_cr = false};

    if (mv_bytes_has_prefix_nocase(field->text, MV_BYTES("Mailvouch-")))
        return true;
    if (!mv_bytes_has_prefix_nocase(field->text, MV_BYTES("Authentication-Results")))
        return false;
    mv_buf_reset(buf);
    mv_wire_put_lines(&lines, field->text, buf);
    return state.engine == NULL || mv_buf_failed(buf) ||
           mv_engine_is_forged(state.engine, authserv_id, mv_buf_bytes(buf));
}

static unsigned remove_fields(const char *authserv_id)
{
    struct mv_host_field field = {.handle = NULL};
    struct mv_buf buf = {.max_bytes = MV_MAX_FIELD_BYTES};
    unsigned count = 0;

    while (mv_host_next_field(&field)) {
        if (field.removed || !must_go(&field, authserv_id, &buf))
            continue;
        mv_host_remove_field(&field);
        count++;
    }
    mv_buf_free(&buf);
    return count;
}

static void log_removed(unsigned count, const struct mv_error *error)
{
    struct mv_buf line = {.max_bytes = MV_HOST_MAX_LOG_BYTES};

    mv_buf_printf(&line, "mailvouch: removed %u header field%s", count, count == 1 ? "" : "s");
    mv_buf_puts(&line, error->code == MV_OK ? " that claimed to be ours" : " that might claim to be ours: ");
    mv_buf_put_escaped(&line, mv_bytes_str(error->text));
    if (mv_buf_cstr(&line) != NULL)
        mv_host_log(MV_HOST_LOG_MAIN, mv_buf_cstr(&line));
    mv_buf_free(&line);
}

unsigned mv_module_strip(const char *authserv_id, const char *config_path)
{
    struct mv_error error = {.code = MV_OK};
    struct mv_host_envelope host;
    struct mv_ip client_ip;
    unsigned count;

    mv_host_get_envelope(&host);
    client_ip = client_of(&host);
    if (state.engine == NULL)
        open_engine(config_path, &error);
    if (state.engine != NULL && host.authenticated == NULL && mv_engine_is_trusted(state.engine, &client_ip))
        return 0;
    count = remove_fields(authserv_id == NULL || authserv_id[0] == '\0' ? NULL : authserv_id);
    if (count > 0)
        log_removed(count, &error);
    return count;
}

static void add_fields(void)
{
    struct mv_buf fields = {.max_bytes = MV_HOST_MAX_FIELD_BYTES};
    const char *s;

    mv_module_authres(NULL, &fields);
    if (fields.len > 0)
        mv_buf_putc(&fields, '\n');
    if (mv_outcome_action(&state.outcome) == MV_ACTION_QUARANTINE)
        mv_buf_puts(&fields, "Mailvouch-Disposition: quarantine\n");
    s = mv_buf_cstr(&fields);
    if (s != NULL && s[0] != '\0')
        mv_host_add_field_on_top(s);
    mv_buf_free(&fields);
}

/* The word after "config=", or nothing for the default file. */
static void put_config_path(const char *how, struct mv_buf *out)
{
    struct mv_cursor cursor = mv_cursor_of(mv_bytes_str(how));

    while (mv_cursor_left(&cursor) > 0) {
        if (mv_cursor_accept_nocase(&cursor, MV_BYTES("config=")))
            mv_buf_put(out, mv_cursor_take_until(&cursor, ' '));
        mv_cursor_take_until(&cursor, ' ');
        mv_cursor_accept(&cursor, ' ');
    }
}

/* Exim adds the three digits. */
static void put_without_digits(struct mv_bytes reply, struct mv_buf *out)
{
    mv_buf_put(out, mv_bytes_slice(reply, sizeof "550", reply.len));
}

static void put_scan_reply(struct mv_buf *out)
{
    struct mv_buf reply = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};

    mv_outcome_put_reply(&state.outcome, &reply);
    put_without_digits(mv_buf_bytes(&reply), out);
    mv_buf_free(&reply);
}

/* Last of all, when the header is as it will leave. NONE: it is let out. */
static enum mv_action sign_for_scan(const char *config_path, const char *how, struct mv_buf *out)
{
    struct mv_buf text = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
    enum mv_action action;

    mv_submission_sign(config_path, &text);
    action = has_word(how, MV_BYTES("observe")) ? MV_ACTION_NONE : mv_submission_action();
    mv_buf_reset(&text);
    if (action != MV_ACTION_NONE && mv_submission_result("sign_reply", &text))
        put_without_digits(mv_buf_bytes(&text), out);
    mv_buf_free(&text);
    return action;
}

/* NONE: it is let in. */
static enum mv_action judge_for_scan(const char *config_path, const char *how, struct mv_buf *out)
{
    enum mv_action action;

    check(config_path, how);
    action = action_under(how);
    if (action != MV_ACTION_REJECT && action != MV_ACTION_TEMPFAIL)
        return MV_ACTION_NONE;
    put_scan_reply(out);
    return action;
}

enum mv_action mv_module_scan(const char *how, struct mv_buf *out)
{
    struct mv_buf config_path = {.max_bytes = MV_MODULE_MAX_ANSWER_BYTES};
    bool skip = has_word(how, MV_BYTES("skip"));
    enum mv_action action = MV_ACTION_NONE;

    put_config_path(how, &config_path);
    if (!skip)
        action = judge_for_scan(mv_buf_cstr(&config_path), how, out);
    if (action == MV_ACTION_NONE) {
        mv_module_strip(NULL, mv_buf_cstr(&config_path));
        if (!skip)
            add_fields();
        if (has_word(how, MV_BYTES("sign")))
            action = sign_for_scan(mv_buf_cstr(&config_path), how, out);
    }
    mv_buf_free(&config_path);
    return action;
}

/* What goes wrong here goes wrong again in the connection's own process, where it can be told. */
void mv_module_preload(const char *config_path)
{
    struct mv_error error = {.code = MV_OK};
    int64_t now_secs = time(NULL);

    if (state.engine != NULL && !mv_engine_is_current(state.engine, now_secs)) {
        forget_message(); /* it borrows from the engine; the daemon itself has none */
        mv_engine_close(&state.engine);
    }
    if (open_engine(config_path, &error))
        mv_engine_preload(state.engine, now_secs);
}
