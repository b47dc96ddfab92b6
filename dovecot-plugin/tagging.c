#include "dovecot-plugin/tagging.h"

#include <stdlib.h>
#include <string.h>

#include "core/auth/authres.h"
#include "core/config/config.h"
#include "dovecot-plugin/header.h"
#include "dovecot-plugin/judging.h"

#define MAX_LOG_BYTES 2048
#define MAX_MEMORY_BYTES (64 * 1024 * 1024) /* of a header that is taken apart and put together */
#define MAX_LOGGED_BYTES 320                /* of an address */
#define MAX_NAMING_BYTES (64 * 1024)        /* of what says which message it is */
#define MAX_NAMING_FIELD_BYTES 1024

struct mv_tagging {
    char *config_path; /* NULL: the default */
    struct mv_engine *engine;
    struct mv_error engine_error; /* why there is none, or why it could not be opened anew */
    struct mv_judging judging;    /* of the message in hand */
    struct mv_buf judged;         /* which message that is; empty: one that cannot be told from others */
    struct mv_engine *used;       /* what it was judged with; NULL, engine, or one that has been replaced since */
    struct mv_error evidence_error; /* why the line of this message was not written; once, until one is */
    bool evidence_faulty;
    struct mv_buf header;
    struct mv_buf log;
    struct mv_tagging_result result;
};

static const struct mv_tagging_result out_of_memory = {
    .level = MV_TAGGING_ERROR,
    .log = "not tagged: out of memory",
};

struct mv_tagging *mv_tagging_new(const char *config_path)
{
    struct mv_tagging *tagging = calloc(1, sizeof *tagging);

    if (tagging == NULL)
        return NULL;
    mv_buf_init(&tagging->judged, MAX_NAMING_BYTES);
    mv_buf_init(&tagging->header, 3 * MV_HEADER_MAX_BYTES);
    mv_buf_init(&tagging->log, MAX_LOG_BYTES);
    if (config_path == NULL)
        return tagging;
    tagging->config_path = strdup(config_path);
    if (tagging->config_path == NULL)
        mv_tagging_free(&tagging);
    return tagging;
}

static void forget(struct mv_tagging *tagging)
{
    mv_judging_forget(&tagging->judging);
    mv_buf_reset(&tagging->judged);
    if (tagging->used != tagging->engine)
        mv_engine_close(&tagging->used);
    tagging->used = NULL;
}

void mv_tagging_free(struct mv_tagging **tagging)
{
    if (*tagging == NULL)
        return;
    forget(*tagging);
    mv_engine_close(&(*tagging)->engine);
    mv_buf_free(&(*tagging)->judged);
    mv_buf_free(&(*tagging)->header);
    mv_buf_free(&(*tagging)->log);
    free((*tagging)->config_path);
    free(*tagging);
    *tagging = NULL;
}

/*
 * A configuration that has changed and cannot be read does not take the old one's place.  The message in hand keeps the
 * engine that it was judged with, for its further recipients.
 */
static void open_engine(struct mv_tagging *tagging, int64_t now_secs)
{
    struct mv_engine *engine;

    tagging->engine_error = (struct mv_error){.code = MV_OK};
    if (tagging->engine != NULL && mv_engine_is_current(tagging->engine, now_secs))
        return;
    if (mv_engine_open(&engine, tagging->config_path, &tagging->engine_error) != MV_OK)
        return;
    if (tagging->used != tagging->engine)
        mv_engine_close(&tagging->engine);
    tagging->engine = engine;
}

void mv_tagging_prepare(struct mv_tagging *tagging, int64_t now_secs)
{
    if (tagging == NULL)
        return;
    open_engine(tagging, now_secs);
    if (tagging->engine != NULL)
        mv_engine_preload(tagging->engine, now_secs);
}

static const struct mv_settings *settings_of(const struct mv_tagging *tagging)
{
    return mv_config_settings(mv_engine_config(tagging->used));
}

bool mv_tagging_is_default(struct mv_tagging *tagging, int64_t now_secs)
{
    if (tagging != NULL)
        open_engine(tagging, now_secs);
    return tagging == NULL || tagging->engine == NULL ||
           mv_config_settings(mv_engine_config(tagging->engine))->dovecot.tag;
}

/*
 * A session may come from the client of the server (XCLIENT), who may use it for one message after the other: so what
 * names a message, and is the same for each recipient, is looked at as well.  false: nothing can be said.
 */
static bool name_message(const struct mv_tagging_request *request, const struct mv_header *header, struct mv_buf *out)
{
    static const char *const names[] = {"Message-ID", "Date", "From", "Subject"};

    if (request->session.len == 0)
        return false;
    mv_buf_put(out, request->session);
    for (size_t i = 0; i < header->count; i++)
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
            if (mv_field_is(&header->fields[i], mv_bytes_str(names[n])))
                mv_buf_put(out, mv_bytes_slice(header->fields[i].raw, 0, MAX_NAMING_FIELD_BYTES));
    return !mv_buf_failed(out);
}

static bool is_quarantined(const struct mv_judging *judging)
{
    /* What was to be refused and is delivered all the same is not treated better than what is for quarantine. */
    return judging->action == MV_ACTION_QUARANTINE || judging->action == MV_ACTION_REJECT;
}

/* Of what was judged here alone: what was handed over, the border has written down. */
static void write_evidence(struct mv_tagging *tagging, int64_t now_secs)
{
    struct mv_judging *judging = &tagging->judging;
    struct mv_error error = {.code = MV_OK};

    if (judging->way != MV_JUDGING_OWN)
        return;
    mv_msg_evidence(judging->msg, is_quarantined(judging) ? MV_ACTION_QUARANTINE : MV_ACTION_NONE, now_secs, &error);
    if (!tagging->evidence_faulty)
        tagging->evidence_error = error;
    tagging->evidence_faulty = error.code != MV_OK;
}

static void judge(struct mv_tagging *tagging, const struct mv_tagging_request *request,
                  const struct mv_header *header)
{
    struct mv_buf name;
    bool named;

    if (tagging->engine == NULL)
        return;
    mv_buf_init(&name, MAX_NAMING_BYTES);
    named = name_message(request, header, &name);
    if (!named || !mv_bytes_equal(mv_buf_bytes(&name), mv_buf_bytes(&tagging->judged))) {
        forget(tagging);
        tagging->used = tagging->engine;
        mv_judging_run(&tagging->judging, tagging->used, request, header->fields, header->count);
        write_evidence(tagging, request->now_secs);
        if (named)
            mv_buf_put(&tagging->judged, mv_buf_bytes(&name));
        if (mv_buf_failed(&tagging->judged))
            mv_buf_reset(&tagging->judged);
    }
    mv_buf_free(&name);
}

static bool has_border_results(const struct mv_tagging *tagging)
{
    return tagging->judging.way == MV_JUDGING_HANDOVER &&
           mv_bytes_equal_nocase(mv_judging_handover(&tagging->judging)->authserv_id,
                                 settings_of(tagging)->authserv_id);
}

/*
 * What only we write goes, and what claims to be ours: but for the border's results, which a valid hand-over covers
 * one and all, and for those of a trusted server.  Without a configuration nobody's results can be told from ours.
 */
static bool keeps(const void *context, const struct mv_field *field)
{
    const struct mv_tagging *tagging = context;

    if (mv_bytes_has_prefix_nocase(field->name, MV_BYTES("Mailvouch-")))
        return false;
    if (!mv_field_is(field, MV_BYTES("Authentication-Results")))
        return true;
    if (tagging->used == NULL)
        return false;
    return tagging->judging.keep_results || has_border_results(tagging) ||
           !mv_engine_is_forged(tagging->used, NULL, field->raw);
}

static void put_own_results(const struct mv_tagging *tagging, struct mv_buf *out)
{
    struct mv_verdict verdict = *mv_msg_verdict(tagging->judging.msg);
    struct mv_buf field;

    if (tagging->judging.without_dmarc)
        verdict.has_dmarc = false;
    mv_buf_init(&field, MV_AUTHRES_MAX_BYTES);
    if (mv_authres_print(&verdict, settings_of(tagging)->authserv_id, &field) == MV_OK && !mv_buf_failed(&field))
        mv_buf_put(out, mv_buf_bytes(&field));
    mv_buf_free(&field);
}

static void put_tags(const struct mv_tagging *tagging, struct mv_buf *out)
{
    if (tagging->judging.way == MV_JUDGING_OWN)
        put_own_results(tagging, out);
    if (is_quarantined(&tagging->judging))
        mv_buf_puts(out, "Mailvouch-Disposition: quarantine\r\n");
}

static void add_keyword(struct mv_tagging_result *result, size_t *count, struct mv_bytes keyword)
{
    if (keyword.len > 0)
        result->keywords[(*count)++] = (const char *)keyword.data;
}

static void choose(struct mv_tagging *tagging)
{
    const struct mv_dovecot_settings *settings = &settings_of(tagging)->dovecot;
    const struct mv_judging *judging = &tagging->judging;
    struct mv_tagging_result *result = &tagging->result;
    bool enforced = judging->policy == MV_DMARC_P_QUARANTINE || judging->policy == MV_DMARC_P_REJECT;
    size_t count = 0;

    if (judging->way != MV_JUDGING_HANDOVER && judging->way != MV_JUDGING_OWN)
        return;
    if (judging->dmarc == MV_DMARC_PASS)
        add_keyword(result, &count, settings->keyword_pass);
    if (judging->dmarc == MV_DMARC_FAIL)
        add_keyword(result, &count, settings->keyword_fail);
    if (judging->dmarc == MV_DMARC_FAIL && enforced && judging->action != MV_ACTION_NONE)
        add_keyword(result, &count, settings->keyword_phishing);
    if (is_quarantined(judging) && settings->junk_mailbox.len > 0)
        result->junk_mailbox = (const char *)settings->junk_mailbox.data;
    result->junk_create = settings->junk_create;
}

static void put_header(struct mv_tagging *tagging, const struct mv_header *header, unsigned *removed_r)
{
    struct mv_buf tags;

    mv_buf_init(&tags, 2 * MV_AUTHRES_MAX_BYTES);
    put_tags(tagging, &tags);
    *removed_r = mv_header_put(header, mv_buf_failed(&tags) ? MV_BYTES("") : mv_buf_bytes(&tags), keeps, tagging,
                               &tagging->header);
    mv_buf_free(&tags);
}

static void put_fault(struct mv_tagging *tagging, enum mv_tagging_level level, const char *what, const char *why)
{
    mv_buf_printf(&tagging->log, ": %s", what);
    mv_buf_put_escaped(&tagging->log, mv_bytes_str(why));
    if (level > tagging->result.level)
        tagging->result.level = level;
}

static void put_faults(struct mv_tagging *tagging, const struct mv_header *header)
{
    const struct mv_engine *engine = tagging->used;

    if (engine == NULL)
        put_fault(tagging, MV_TAGGING_ERROR, "not tagged, \"mailvouch config check\" tells more: ",
                  tagging->engine_error.text);
    else if (tagging->engine_error.code != MV_OK)
        put_fault(tagging, MV_TAGGING_WARNING, "the configuration has changed and cannot be read, the old one holds: ",
                  tagging->engine_error.text);
    if (tagging->judging.way == MV_JUDGING_FAILED)
        put_fault(tagging, MV_TAGGING_ERROR, "not tagged: ", tagging->judging.error.text);
    if (engine != NULL && mv_engine_handover_fault(engine) != NULL)
        put_fault(tagging, MV_TAGGING_WARNING, "hand-overs cannot be checked: ", mv_engine_handover_fault(engine));
    if (tagging->evidence_error.code != MV_OK)
        put_fault(tagging, MV_TAGGING_WARNING, "no evidence for reports: ", tagging->evidence_error.text);
    if (header->cut)
        put_fault(tagging, MV_TAGGING_WARNING, "the header is cut short: ",
                  "it is larger than 4 MiB or has more than 20000 fields, and goes on in the body");
}

static void describe(struct mv_tagging *tagging, const struct mv_tagging_request *request,
                     const struct mv_header *header, unsigned removed)
{
    struct mv_buf *log = &tagging->log;

    mv_buf_puts(log, "user=");
    mv_buf_put_escaped(log, mv_bytes_slice(request->user, 0, MAX_LOGGED_BYTES));
    mv_buf_puts(log, " from=");
    mv_buf_put_escaped(log, mv_bytes_slice(request->mail_from, 0, MAX_LOGGED_BYTES));
    mv_judging_describe(&tagging->judging, log);
    if (removed > 0)
        mv_buf_printf(log, " removed=%u", removed);
    for (size_t i = 0; tagging->result.keywords[i] != NULL; i++)
        mv_buf_printf(log, "%s%s", i == 0 ? " keywords=" : ",", tagging->result.keywords[i]);
    put_faults(tagging, header);
}

static const struct mv_tagging_result *tag(struct mv_tagging *tagging, const struct mv_tagging_request *request,
                                           const struct mv_header *header)
{
    unsigned removed = 0;

    mv_buf_reset(&tagging->header);
    judge(tagging, request, header);
    if (tagging->used != NULL)
        choose(tagging);
    if (!request->is_tagged)
        put_header(tagging, header, &removed);
    describe(tagging, request, header, removed);
    if (mv_buf_failed(&tagging->header) || mv_buf_cstr(&tagging->log) == NULL)
        return &out_of_memory;
    tagging->result.header = mv_buf_bytes(&tagging->header);
    tagging->result.header_bytes = header->used_bytes;
    tagging->result.log = mv_buf_cstr(&tagging->log);
    return &tagging->result;
}

const struct mv_tagging_result *mv_tagging_run(struct mv_tagging *tagging, const struct mv_tagging_request *request)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    const struct mv_tagging_result *result = &out_of_memory;
    struct mv_header header;

    if (tagging == NULL || arena == NULL) {
        mv_arena_free(&arena);
        return result;
    }
    tagging->result = (struct mv_tagging_result){.level = MV_TAGGING_INFO};
    tagging->evidence_error = (struct mv_error){.code = MV_OK};
    mv_buf_reset(&tagging->log);
    open_engine(tagging, request->now_secs);
    if (mv_header_split(arena, request->header, &header) == MV_OK)
        result = tag(tagging, request, &header);
    mv_arena_free(&arena);
    return result;
}
