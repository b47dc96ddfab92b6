/*
 * mailvouch report alert: for cron; speaks when something new fails, and is silent otherwise.
 */
#include "cli/report/report.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/report/alert_show.h"
#include "cli/report/asked.h"
#include "cli/report/place.h"
#include "core/report/store_overview.h"
#include "core/text/domain.h"

#define COMMAND "report alert"
#define STATE_DEFAULT_PATH "/var/lib/mailvouch/reports/alerts"
#define STATE_MODE 0640
#define MAX_OPERANDS MV_OVERVIEW_MAX_DOMAINS

struct given {
    const char *store, *state, *config, *dns, *now;
    int64_t threshold;
    struct mv_arg_texts disowned, vouched;
    bool json, no_dns;
};

struct run {
    const struct given *given;
    struct mv_lookup lookup; /* lives until the end; each domain has one of its own */
    int64_t now_secs;
    const char *store_path;
    struct mv_report_store *store;
    struct mv_alert_memory *memory;
    json_t *spoken; /* NULL: as text */
    size_t count;   /* spoken */
};

static enum mv_exit refuse(const char *sentence)
{
    fprintf(stderr, "mailvouch " COMMAND ": %s\n", sentence);
    return MV_EXIT_USAGE;
}

/* The file may be missing: then nothing was said. */
static enum mv_exit read_memory(struct run *run)
{
    struct mv_arena *arena = run->lookup.arena;
    struct mv_error error = {MV_OK, ""};
    struct mv_bytes text = {NULL, 0};
    struct mv_buf raw;
    enum mv_exit result = MV_EXIT_OK;

    mv_buf_init(&raw, MV_ALERT_MEMORY_MAX_BYTES);
    if (access(run->given->state, F_OK) == 0 || errno != ENOENT)
        result = mv_input_read_file(COMMAND, run->given->state, &raw);
    if (result == MV_EXIT_OK && !mv_arena_copy(arena, mv_buf_bytes(&raw), &text))
        result = mv_lookup_fail_code(&run->lookup, MV_ERR_MEMORY);
    mv_buf_free(&raw);
    if (result != MV_EXIT_OK || mv_alert_memory_read(arena, text, &run->memory, &error) == MV_OK)
        return result;
    fprintf(stderr, "mailvouch " COMMAND ": %s: %s; remove it, and all is said once more\n", run->given->state,
            error.text);
    return error.code == MV_ERR_SYNTAX ? MV_EXIT_INPUT : mv_exit_of_code(error.code);
}

static enum mv_exit write_memory(const struct run *run)
{
    struct mv_buf text;
    enum mv_exit result;

    mv_buf_init(&text, MV_ALERT_MEMORY_MAX_BYTES);
    mv_alert_memory_write(run->memory, run->now_secs, &text);
    result = mv_buf_failed(&text) ? mv_lookup_fail_code(&run->lookup, MV_ERR_MEMORY)
                                  : mv_output_replace(COMMAND, run->given->state, mv_buf_bytes(&text), STATE_MODE);
    mv_buf_free(&text);
    return result;
}

static enum mv_exit prepare(struct run *run)
{
    const struct given *given = run->given;
    struct mv_error error = {MV_OK, ""};
    enum mv_exit result;

    if (given->threshold < 1)
        return refuse("--threshold takes a number from 1 on");
    result = mv_report_asked_now(COMMAND, given->now, &run->now_secs);
    if (result == MV_EXIT_OK)
        result = read_memory(run);
    if (result != MV_EXIT_OK)
        return result;
    run->store_path = mv_report_place(&run->lookup.settings->report, given->store);
    if (mv_report_store_open(run->store_path, MV_STORE_READ, &run->store, &error) != MV_OK)
        return mv_lookup_fail(&run->lookup, &error);
    if (!given->json)
        return MV_EXIT_OK;
    run->spoken = json_array();
    return run->spoken == NULL ? mv_lookup_fail_code(&run->lookup, MV_ERR_MEMORY) : MV_EXIT_OK;
}

static enum mv_exit speak(struct run *run, const struct mv_report_watch *watch, struct mv_bytes domain,
                          const struct mv_alert *found)
{
    struct mv_alert alert = *found;
    enum mv_alert_turn turn = mv_alert_memory_judge(run->memory, domain, &alert, run->now_secs);
    enum mv_code code = MV_OK;

    if (turn == MV_ALERT_SILENT)
        return MV_EXIT_OK;
    run->count++;
    if (run->spoken == NULL)
        code = mv_report_alert_show(watch, &alert, turn);
    else if (json_array_append_new(run->spoken, mv_report_alert_json(watch, &alert, turn)) != 0)
        code = MV_ERR_MEMORY;
    if (code == MV_OK && !mv_arena_copy(run->lookup.arena, found->who, &alert.who))
        code = MV_ERR_MEMORY;
    if (code == MV_OK)
        code = mv_alert_memory_note(run->memory, domain, &alert, run->now_secs);
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(&run->lookup, code);
}

static enum mv_exit look_at(struct run *run, struct mv_bytes domain)
{
    const struct given *given = run->given;
    struct mv_lookup lookup;
    struct mv_report_watch watch = {.survey = {.lookup = &lookup, .domain = domain, .now_secs = run->now_secs,
                                               .vouched = &given->vouched, .disowned = &given->disowned},
                                    .threshold = (uint64_t)given->threshold, .no_dns = given->no_dns,
                                    .memory = run->memory};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &lookup);

    if (result == MV_EXIT_OK)
        result = mv_report_watch_look(&watch, run->store);
    for (size_t i = 0; i < watch.count && result == MV_EXIT_OK; i++)
        result = speak(run, &watch, domain, &watch.alerts[i]);
    mv_lookup_end(&lookup);
    return result;
}

static bool is_below_another(const struct mv_bytes *domains, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (i != at && mv_domain_is_within(domains[at], domains[i]))
            return true;
    return false;
}

/* A name below another one that has reports is part of that one. */
static enum mv_exit look_at_all(struct run *run)
{
    struct mv_error error = {MV_OK, ""};
    const struct mv_bytes *domains = NULL;
    size_t count = 0;
    struct mv_db *db;
    enum mv_exit result = MV_EXIT_OK;
    enum mv_code code = mv_db_open(run->store_path, MV_STORE_READ, &db, &error);

    if (code == MV_OK) {
        code = mv_report_overview_domains(db, run->lookup.arena, MV_TRUST_FILE, &domains, &count, &error);
        mv_db_close(&db);
    }
    if (code != MV_OK)
        return mv_lookup_fail(&run->lookup, &error);
    for (size_t i = 0; i < count && result == MV_EXIT_OK; i++)
        if (!is_below_another(domains, count, i))
            result = look_at(run, domains[i]);
    return result;
}

static enum mv_exit look_at_named(struct run *run, char **names, size_t count)
{
    enum mv_exit result = MV_EXIT_OK;

    for (size_t i = 0; i < count && result == MV_EXIT_OK; i++) {
        struct mv_bytes domain;

        if (!mv_domain_normalize(run->lookup.arena, mv_bytes_str(names[i]), &domain))
            return refuse("give names of domains, or none for all");
        result = look_at(run, domain);
    }
    return result;
}

/* What has been said is remembered, also when a later domain fails. */
static enum mv_exit finish(struct run *run, enum mv_exit result)
{
    if (run->memory == NULL)
        return result;
    if (run->spoken != NULL && !mv_json_print(json_pack("{s:O}", "alerts", run->spoken)))
        return MV_EXIT_INTERNAL;
    if (fflush(stdout) != 0)
        return MV_EXIT_INTERNAL;
    if (run->count > 0) {
        enum mv_exit written = write_memory(run);

        result = result == MV_EXIT_OK ? written : result;
    }
    return result == MV_EXIT_OK && run->count > 0 ? MV_EXIT_FINDING : result;
}

static enum mv_exit alert(const struct given *given, char **names, size_t count)
{
    struct run run = {.given = given};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &run.lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&run);
    if (result == MV_EXIT_OK)
        result = finish(&run, count > 0 ? look_at_named(&run, names, count) : look_at_all(&run));
    json_decref(run.spoken);
    mv_report_store_close(&run.store);
    mv_lookup_end(&run.lookup);
    return result;
}

enum mv_exit mv_report_cmd_alert(int argc, char **argv)
{
    struct given given = {.threshold = MV_ALERT_THRESHOLD, .state = STATE_DEFAULT_PATH};
    const struct mv_arg_option options[] = {
        {"threshold", MV_ARG_NUMBER, &given.threshold, "N", "so many messages of a sender have to fail; else 10"},
        {"ours", MV_ARG_TEXTS, &given.vouched, "SENDER", "a name, an address or a prefix that is ours"},
        {"not-ours", MV_ARG_TEXTS, &given.disowned, "SENDER", "one that is not: of it nothing is said"},
        {"state", MV_ARG_TEXT, &given.state, "FILE", "what was said, instead of " STATE_DEFAULT_PATH},
        {"store", MV_ARG_TEXT, &given.store, "STORE", "instead of that of the configuration"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON, also when there is nothing to say"},
        {"no-dns", MV_ARG_FLAG, &given.no_dns, NULL, "do not ask who the addresses belong to"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take DNS answers from a file and ask nothing"},
        {"now", MV_ARG_TEXT, &given.now, "TIME", "as of this time"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {COMMAND, "[DOMAIN]...",
                                 "Says what is new and fails, and nothing otherwise: for cron. Without a DOMAIN, all "
                                 "of the store.",
                                 options, sizeof options / sizeof *options, 0, MAX_OPERANDS};
    bool helped;
    char **operands;
    size_t count;
    enum mv_exit result = mv_args_read(&args, argc, argv, &helped, &operands, &count);

    return result != MV_EXIT_OK || helped ? result : alert(&given, operands, count);
}
