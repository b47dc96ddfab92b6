/*
 * mailvouch check: the mail of domains as the world sees it in DNS.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/domain/expect.h"
#include "cli/json.h"
#include "cli/show_findings.h"
#include "core/base/trace.h"
#include "core/ops/deployment_opinion.h"
#include "core/ops/dmarc_lint.h"
#include "core/ops/spf_lint.h"

#define BATCH 20 /* domains whose questions travel together: local resolvers drop bursts that are larger */
#define MAX_BATCH_BYTES (256 * 1024 * 1024)

/* Some domains, side by side. What a run found lives in an arena of its own, and is dropped before the next one. */
struct batch {
    struct mv_arena *arena;
    const struct mv_check_subject *subjects;
    struct mv_check_result results[BATCH];
    size_t count;
    struct mv_findings *opinions[BATCH];
    size_t before, total; /* domains, for the progress */
    bool shows_progress;
};

/* Where results go. */
struct printing {
    struct mv_lookup *lookup;
    struct mv_check_expect expect;
    bool as_json, as_legacy;
    json_t *domains;
};

static void show_progress(const struct batch *batch, const struct mv_memo *memo)
{
    if (batch->shows_progress)
        fprintf(stderr, "\r%zu of %zu domains done, %zu questions asked\033[K", batch->before, batch->total,
                mv_memo_questions(memo));
}

static void end_progress(const struct batch *batch)
{
    if (batch->shows_progress)
        fputs("\r\033[K", stderr);
}

/* The record of one domain with all that it includes. */
static enum mv_code lint_spf(struct mv_arena *arena, struct mv_bytes domain, struct mv_memo *memo,
                             struct mv_findings *findings)
{
    const struct mv_spf_tree_request request = {.domain = domain};
    struct mv_spf_tree tree;
    enum mv_code code = mv_spf_tree_read(arena, &request, memo, &tree);

    return code == MV_OK ? mv_spf_lint_tree(arena, &tree, findings) : code;
}

static enum mv_code lint_dmarc(struct mv_arena *arena, const struct mv_check_subject *subject, struct mv_memo *memo,
                               struct mv_findings *findings)
{
    const struct mv_deployment_request *request = &subject->request;
    const struct mv_dmarc_lint_settings settings = {
        .suffix_hardening = request->suffix_hardening,
        .selectors = subject->selectors,
        .selector_count = request->key_count < MV_DMARC_LINT_MAX_SELECTORS ? request->key_count
                                                                          : MV_DMARC_LINT_MAX_SELECTORS,
        .public_suffixes = subject->public_suffixes,
    };
    struct mv_dmarc_standing *standing = mv_arena_alloc(arena, sizeof *standing);

    if (standing == NULL)
        return MV_ERR_MEMORY;
    return mv_dmarc_lint_domain(arena, request->domain, &settings, memo, findings, standing);
}

/* An error of ours, else that something is missing, else MV_OK. */
static enum mv_code both(enum mv_code a, enum mv_code b)
{
    return a == MV_OK || (a == MV_NEED_DNS && b != MV_OK) ? b : a;
}

/* Asks for all parts before it waits for any. */
static enum mv_code check_one(struct mv_arena *arena, const struct mv_check_subject *subject, struct mv_memo *memo,
                              struct mv_check_result *result_r)
{
    const struct mv_deployment_request *request = &subject->request;
    struct mv_findings *findings = mv_findings_new(arena);
    enum mv_code code;

    *result_r = (struct mv_check_result){.request = request, .findings = findings};
    if (findings == NULL)
        return MV_ERR_MEMORY;
    code = mv_deployment_check(arena, request, memo, findings, &result_r->seen);
    if (!result_r->seen.exists)
        return code;
    code = both(code, lint_spf(arena, request->domain, memo, findings));
    for (size_t i = 0; i < request->mail_from_count; i++)
        if (!mv_bytes_equal(request->mail_froms[i], request->domain))
            code = both(code, lint_spf(arena, request->mail_froms[i], memo, findings));
    code = both(code, lint_dmarc(arena, subject, memo, findings));
    return mv_findings_failed(findings) ? MV_ERR_MEMORY : code;
}

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct batch *batch = context;
    enum mv_code result = MV_OK;

    show_progress(batch, memo);
    mv_arena_free(&batch->arena);
    batch->arena = mv_arena_new(MAX_BATCH_BYTES);
    if (batch->arena == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < batch->count; i++) {
        result = both(result, check_one(batch->arena, &batch->subjects[i], memo, &batch->results[i]));
    }
    return result;
}

/* After the first stage, whose results stay. */
static enum mv_code opinion_stage(struct mv_memo *memo, void *context)
{
    struct batch *batch = context;
    const struct mv_opinion_asker asker = {
        .arena = batch->arena,
        .memo = memo,
        .program = mv_opinion_program(batch->arena, MV_LIBEXECDIR),
    };
    enum mv_code result = MV_OK;

    show_progress(batch, memo);
    for (size_t i = 0; i < batch->count; i++) {
        const struct mv_check_result *one = &batch->results[i];

        batch->opinions[i] = mv_findings_new(batch->arena);
        if (asker.program == NULL || batch->opinions[i] == NULL)
            return MV_ERR_MEMORY;
        result = both(result, mv_deployment_opinion(&asker, one->request, &one->seen, batch->opinions[i]));
    }
    return result;
}

static void add_opinions(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        for (size_t k = 0; k < mv_findings_count(batch->opinions[i]); k++) {
            const struct mv_finding *finding = mv_findings_at(batch->opinions[i], k);

            mv_findings_add(batch->results[i].findings, finding->kind, finding->subject, "%.*s",
                            MV_ARG(finding->detail));
        }
}

/* Whether DNS said anything at all. */
static bool was_answered(const struct mv_memo *memo)
{
    struct mv_dns_question question;
    const struct mv_dns_answer *answer;

    for (size_t i = 0; mv_memo_at(memo, i, &question, &answer); i++)
        if (!mv_dns_is_error(answer->status))
            return true;
    return false;
}

/* Nothing, findings, then our own trouble. */
static enum mv_exit worse(enum mv_exit a, enum mv_exit b)
{
    return a > b ? a : b;
}

/* Compared with what is expected, then printed. What is not expected is a finding, however light it is. */
static enum mv_exit print_one(struct printing *printing, struct mv_arena *arena, struct mv_check_result *one)
{
    enum mv_exit result = mv_check_expect_apply(&printing->expect, printing->lookup, arena, one);

    if (result != MV_EXIT_OK)
        return result;
    if (!printing->as_json)
        mv_check_show(one);
    else if (json_array_append_new(printing->domains, mv_check_json(one)) != 0)
        return MV_EXIT_INTERNAL;
    return mv_findings_exit(one->findings);
}

static enum mv_exit run_batch(struct printing *printing, struct batch *batch)
{
    enum mv_code code = mv_lookup_run(printing->lookup, stage, batch);
    enum mv_exit result = MV_EXIT_OK;

    if (code == MV_OK && printing->as_legacy) {
        code = mv_lookup_run(printing->lookup, opinion_stage, batch);
        if (code == MV_OK)
            add_opinions(batch);
    }
    end_progress(batch);
    if (code != MV_OK)
        result = mv_lookup_fail_code(printing->lookup, code);
    for (size_t i = 0; code == MV_OK && i < batch->count && result <= MV_EXIT_FINDING; i++)
        result = worse(result, print_one(printing, batch->arena, &batch->results[i]));
    mv_arena_free(&batch->arena);
    return result;
}

static enum mv_exit run_all(struct printing *printing, const struct mv_check_given *given,
                            const struct mv_check_subject *subjects, size_t count)
{
    struct batch *batch = mv_arena_alloc(printing->lookup->arena, sizeof *batch);
    enum mv_exit result = MV_EXIT_OK;

    if (batch == NULL || printing->domains == NULL)
        return mv_lookup_fail_code(printing->lookup, MV_ERR_MEMORY);
    batch->total = count;
    batch->shows_progress = given->dns == NULL && isatty(STDERR_FILENO) == 1;
    for (size_t at = 0; at < count && result <= MV_EXIT_FINDING; at += batch->count) {
        batch->before = at;
        batch->subjects = subjects + at;
        batch->count = count - at < BATCH ? count - at : BATCH;
        result = worse(run_batch(printing, batch), result);
    }
    if (result <= MV_EXIT_FINDING)
        result = worse(mv_check_expect_finish(&printing->expect), result);
    if (result <= MV_EXIT_FINDING && !was_answered(printing->lookup->memo))
        result = MV_EXIT_NO_DNS;
    if (given->json && (result <= MV_EXIT_FINDING || result == MV_EXIT_NO_DNS) &&
        !mv_json_print(json_pack("{s:O}", "domains", printing->domains)))
        result = MV_EXIT_INTERNAL;
    return result;
}

static enum mv_exit check(const struct mv_check_given *given, char **operands, size_t count)
{
    struct mv_lookup lookup;
    struct printing printing = {
        .lookup = &lookup, .as_json = given->json, .as_legacy = given->as_legacy, .domains = json_array()};
    struct mv_check_subject *subjects;
    enum mv_exit result = mv_lookup_begin("check", given->config, given->dns, &lookup), saved;

    if (result == MV_EXIT_OK)
        result = mv_check_expect_begin(&lookup, given, &printing.expect);
    if (result == MV_EXIT_OK)
        result = mv_check_subjects(&lookup, given, operands, count, &subjects);
    if (result == MV_EXIT_OK) {
        mv_memo_widen(lookup.memo, count);
        result = run_all(&printing, given, subjects, count);
        saved = given->save_dns == NULL ? MV_EXIT_OK : mv_lookup_save(&lookup, given->save_dns);
        result = saved == MV_EXIT_OK ? result : saved;
    }
    json_decref(printing.domains);
    mv_check_expect_end(&printing.expect);
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_cmd_check(int argc, char **argv)
{
    struct mv_check_given given = {.now_secs = (int64_t)time(NULL)};
    const struct mv_arg_option options[] = {
        {"selector", MV_ARG_TEXTS, &given.selectors, "S", "a DKIM selector, or S._domainkey.DOMAIN; may be repeated"},
        {"mail-from", MV_ARG_TEXTS, &given.mail_froms, "DOMAIN", "a domain used in MAIL FROM; may be repeated"},
        {"helo", MV_ARG_TEXTS, &given.helos, "NAME", "what a sending host says at HELO; may be repeated"},
        {"ip", MV_ARG_TEXTS, &given.ips, "ADDRESS", "a host that sends; may be repeated"},
        {"parked", MV_ARG_FLAG, &given.parked, NULL, "the domains send no mail"},
        {"as-legacy", MV_ARG_FLAG, &given.as_legacy, NULL, "how receivers with libspf2 or OpenDMARC see it, too"},
        {"no-keys", MV_ARG_FLAG, &given.no_keys, NULL, "leave the keys of this host out"},
        {"expect", MV_ARG_TEXT, &given.expect, "FILE", "what differs from this state is an error, the rest is silent"},
        {"write-expect", MV_ARG_TEXT, &given.write_expect, "FILE", "write the state that is there now"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take the answers of DNS from such a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"now", MV_ARG_NUMBER, &given.now_secs, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {"check",
                                 "DOMAIN...",
                                 "Looks at all that DNS says about the mail of domains: SPF, DKIM, DMARC, MX, hosts.",
                                 options,
                                 sizeof options / sizeof *options,
                                 1,
                                 MV_CHECK_MAX_DOMAINS};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    return result != MV_EXIT_OK || help ? result : check(&given, operands, count);
}
