/*
 * mailvouch dmarc stage: from nothing to p=reject, by the evidence of reports.
 */
#include <stdio.h>
#include <time.h>

#include "cli/args.h"
#include "cli/dmarc/commands.h"
#include "cli/dmarc/show_stage.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/report/gather.h"
#include "core/base/trace.h"
#include "core/dmarc/policy.h"
#include "core/ops/dmarc_build.h"
#include "core/report/report_time.h"
#include "core/text/domain.h"

#define MAX_OPERANDS 10000
#define MAX_WAIT_DAYS 3650

struct given {
    const char *config, *dns, *save_dns, *now, *since, *rua, *store_path;
    int64_t monitor_days, test_days, quarantine_days, window_days, steady_days, quiet_days, threshold;
    struct mv_arg_texts disowned, vouched;
    bool json, kept;
};

/* What one run of the command has in hand. */
struct run {
    const struct given *given;
    struct mv_lookup *lookup;
    struct mv_dmarc_stage stage;
    struct mv_evidence *evidence;
    int64_t now_secs;
    struct mv_dmarc_walk walk;
    struct mv_dmarc_choice choice;
    struct mv_evidence_source *sources;
    struct mv_source_facts *facts;
    size_t source_count;
};

static enum mv_exit refuse(const char *what)
{
    fprintf(stderr, "mailvouch dmarc stage: %s\n", what);
    return MV_EXIT_USAGE;
}

static bool read_time(const char *text, int64_t *secs_r)
{
    return mv_report_time_parse(mv_bytes_str(text), secs_r);
}

static enum mv_exit set_times(struct run *run)
{
    const struct given *given = run->given;
    unsigned *wait = run->stage.settings.wait_days;

    run->now_secs = (int64_t)time(NULL);
    if (given->now != NULL && !read_time(given->now, &run->now_secs))
        return refuse("--now takes seconds since 1970, or 2026-11-22T00:00:00Z");
    if (given->since != NULL && !read_time(given->since, &run->stage.input.since_secs))
        return refuse("--since takes seconds since 1970, or 2026-11-22T00:00:00Z");
    if (given->window_days < 1 || given->window_days > MV_EVIDENCE_MAX_WINDOW_DAYS)
        return refuse("--window-days takes a number from 1 to 60");
    if (given->monitor_days > MAX_WAIT_DAYS || given->test_days > MAX_WAIT_DAYS ||
        given->quarantine_days > MAX_WAIT_DAYS || given->steady_days > MAX_WAIT_DAYS ||
        given->quiet_days > MAX_WAIT_DAYS || given->threshold > 1000)
        return refuse("days are at most 3650, and --threshold is at most 1000 of 1000");
    wait[MV_STAGE_MONITOR] = (unsigned)given->monitor_days;
    wait[MV_STAGE_QUARANTINE_TEST] = wait[MV_STAGE_REJECT_TEST] = (unsigned)given->test_days;
    wait[MV_STAGE_QUARANTINE] = (unsigned)given->quarantine_days;
    run->stage.settings.threshold_per_mille = (unsigned)given->threshold;
    run->stage.window_days = (unsigned)given->window_days;
    run->stage.input.now_secs = run->now_secs;
    return MV_EXIT_OK;
}

static enum mv_exit prepare(struct run *run, const char *domain)
{
    struct mv_arena *arena = run->lookup->arena;
    struct mv_dmarc_stage *stage = &run->stage;
    struct mv_bytes rua;
    enum mv_exit result;

    mv_stage_settings_default(&stage->settings);
    result = set_times(run);
    if (result != MV_EXIT_OK)
        return result;
    if (!mv_domain_normalize(arena, mv_bytes_str(domain), &stage->domain))
        return refuse("give the domain name first, and then the reports");
    stage->settings.domain = stage->domain;
    rua = mv_bytes_str(run->given->rua != NULL ? run->given->rua
                                               : mv_arena_printf(arena, "dmarc-reports@%.*s", MV_ARG(stage->domain)));
    if (!mv_dmarc_address_uri(arena, rua, &stage->settings.rua))
        return refuse("--rua takes an address: dmarc-reports@example.org");
    stage->name = mv_bytes_str(mv_arena_printf(arena, "_dmarc.%.*s", MV_ARG(stage->domain)));
    run->evidence = mv_evidence_new(arena, stage->domain, run->now_secs, stage->window_days);
    if (run->evidence == NULL || stage->name.len == 0)
        return mv_lookup_fail_code(run->lookup, MV_ERR_MEMORY);
    stage->input.evidence = run->evidence;
    return MV_EXIT_OK;
}

/* The record, and what DNS knows of those who fail. */
static enum mv_code ask(struct mv_memo *memo, void *context)
{
    struct run *run = context;
    struct mv_arena *arena = run->lookup->arena;
    enum mv_code code, other;

    mv_dmarc_walk_prefetch(arena, run->stage.domain, memo);
    code = mv_dmarc_walk_run(arena, run->stage.domain, run->lookup->settings->suffix_hardening, memo, NULL, &run->walk);
    if (code == MV_OK)
        code = mv_dmarc_choose(&run->walk, memo, NULL, &run->choice);
    other = mv_source_facts_find(arena, run->stage.domain, run->sources, run->source_count, run->now_secs, memo,
                                 run->facts);
    return code == MV_OK || (code == MV_NEED_DNS && other != MV_OK) ? other : code;
}

static enum mv_exit look_up(struct run *run)
{
    enum mv_code code;

    run->sources = mv_evidence_sources(run->evidence, &run->source_count);
    run->facts = mv_arena_array(run->lookup->arena, run->source_count + 1, sizeof *run->facts);
    if (run->facts == NULL)
        return mv_lookup_fail_code(run->lookup, MV_ERR_MEMORY);
    code = mv_lookup_run(run->lookup, ask, run);
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(run->lookup, code);
}

static enum mv_exit find_record(struct run *run)
{
    const struct mv_dmarc_found *found = run->choice.found;

    if (run->choice.discovery == MV_DMARC_DNS_ERROR) {
        fprintf(stderr, "mailvouch dmarc stage: DNS does not say which record there is (%s); try again\n",
                mv_dns_status_text(run->walk.error));
        return MV_EXIT_TRY_AGAIN;
    }
    if (found == NULL)
        return MV_EXIT_OK;
    if (!mv_bytes_equal(found->domain, run->stage.domain)) {
        fprintf(stderr,
                "mailvouch dmarc stage: the record of %.*s speaks for this domain: run 'mailvouch dmarc stage %.*s'\n",
                MV_ARG(found->domain), MV_ARG(found->domain));
        return MV_EXIT_INPUT;
    }
    run->stage.input.record = &found->record;
    return MV_EXIT_OK;
}

static enum mv_exit advise(struct run *run)
{
    struct mv_dmarc_stage *stage = &run->stage;
    const struct mv_stage_sender_settings settings = {
        .domain = stage->domain,
        .now_secs = run->now_secs,
        .quiet_days = (unsigned)run->given->quiet_days,
        .steady_days = (unsigned)run->given->steady_days,
        .disowned = run->given->disowned.items,
        .disowned_count = run->given->disowned.count,
        .vouched = run->given->vouched.items,
        .vouched_count = run->given->vouched.count,
    };
    struct mv_stage_sender *senders;
    enum mv_code code = mv_stage_senders_find(run->lookup->arena, run->sources, run->facts, run->source_count,
                                              &settings, &senders, &stage->input.sender_count);

    if (code == MV_OK) {
        stage->input.senders = senders;
        code = mv_stage_advise(run->lookup->arena, &stage->input, &stage->settings, &stage->advice);
    }
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(run->lookup, code);
}

static enum mv_exit print(const struct run *run)
{
    enum mv_stage_verdict verdict = run->stage.advice.verdict;

    if (!run->given->json)
        mv_dmarc_show_stage(&run->stage);
    else if (!mv_json_print(mv_dmarc_json_stage(&run->stage)))
        return MV_EXIT_INTERNAL;
    return verdict == MV_STAGE_FIX || verdict == MV_STAGE_NO_EVIDENCE ? MV_EXIT_FINDING : MV_EXIT_OK;
}

/* Those of the store alone, or those of files alone: a report would count twice. */
static enum mv_exit read_reports(struct run *run, char **paths, size_t count)
{
    const struct given *given = run->given;
    struct mv_report_gather how = {.command = "dmarc stage",
                                   .store_path = given->store_path,
                                   .settings = run->lookup->settings,
                                   .trust = MV_TRUST_FILE,
                                   .domain = run->stage.domain,
                                   .to_secs = run->now_secs};
    struct mv_report_gathered gathered;
    enum mv_exit result;

    if (!given->kept && given->store_path == NULL)
        return mv_dmarc_read_reports("dmarc stage", run->lookup->arena, paths, count, run->stage.domain,
                                     run->evidence, &run->stage.reports);
    if (count > 0)
        return refuse("give reports, or --kept or --store, not both");
    result = mv_report_gather(&how, run->evidence, &gathered);
    run->stage.reports.reports = gathered.reports;
    return result;
}

static enum mv_exit stage(const struct given *given, char **operands, size_t count)
{
    struct mv_lookup lookup;
    enum mv_exit result = mv_lookup_begin("dmarc stage", given->config, given->dns, &lookup);
    struct run *run = result == MV_EXIT_OK ? mv_arena_alloc(lookup.arena, sizeof *run) : NULL;

    if (result == MV_EXIT_OK && run == NULL)
        result = mv_lookup_fail_code(&lookup, MV_ERR_MEMORY);
    if (result == MV_EXIT_OK) {
        run->given = given;
        run->lookup = &lookup;
        result = prepare(run, operands[0]);
    }
    if (result == MV_EXIT_OK)
        result = read_reports(run, operands + 1, count - 1);
    if (result == MV_EXIT_OK)
        result = look_up(run);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = find_record(run);
    if (result == MV_EXIT_OK)
        result = advise(run);
    if (result == MV_EXIT_OK)
        result = print(run);
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_dmarc_cmd_stage(int argc, char **argv)
{
    struct given given = {.monitor_days = MV_STAGE_MONITOR_DAYS,
                          .test_days = MV_STAGE_TEST_DAYS,
                          .quarantine_days = MV_STAGE_QUARANTINE_DAYS,
                          .window_days = MV_STAGE_WINDOW_DAYS,
                          .steady_days = MV_STAGE_STEADY_DAYS,
                          .quiet_days = MV_STAGE_QUIET_DAYS,
                          .threshold = MV_STAGE_THRESHOLD_PER_MILLE};
    const struct mv_arg_option options[] = {
        {"not-ours", MV_ARG_TEXTS, &given.disowned, "SENDER", "a name, an address or a prefix that is none of ours"},
        {"ours", MV_ARG_TEXTS, &given.vouched, "SENDER", "one that is, whatever it looks like"},
        {"kept", MV_ARG_FLAG, &given.kept, NULL, "the reports that 'mailvouch report read --keep' kept"},
        {"store", MV_ARG_TEXT, &given.store_path, "STORE", "the same from another file or address"},
        {"since", MV_ARG_TEXT, &given.since, "TIME", "since when the present record is published"},
        {"rua", MV_ARG_TEXT, &given.rua, "ADDRESS", "for a record without one; default dmarc-reports@DOMAIN"},
        {"threshold", MV_ARG_NUMBER, &given.threshold, "N", "of 1000 messages so many may fail and be legitimate"},
        {"monitor-days", MV_ARG_NUMBER, &given.monitor_days, "N", "at p=none"},
        {"test-days", MV_ARG_NUMBER, &given.test_days, "N", "at a policy with t=y"},
        {"quarantine-days", MV_ARG_NUMBER, &given.quarantine_days, "N", "at p=quarantine"},
        {"window-days", MV_ARG_NUMBER, &given.window_days, "N", "reports of so many days count"},
        {"steady-days", MV_ARG_NUMBER, &given.steady_days, "N", "who fails on so many days is taken for legitimate"},
        {"quiet-days", MV_ARG_NUMBER, &given.quiet_days, "N", "without failing mail, before a sender counts as mended"},
        {"now", MV_ARG_TEXT, &given.now, "TIME", "as of this time"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take the answers of DNS from such a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {"dmarc stage",
                                 "DOMAIN [REPORT|DIRECTORY]...",
                                 "From nothing to p=reject: where the domain stands, who would be lost, what is next.",
                                 options,
                                 sizeof options / sizeof *options,
                                 1,
                                 MAX_OPERANDS};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    if (result != MV_EXIT_OK || help)
        return result;
    return stage(&given, operands, count);
}
