/*
 * mailvouch dmarc build: a record from what somebody wants, and what others have to publish for it.
 */
#include <stdio.h>

#include "cli/args.h"
#include "cli/dmarc/commands.h"
#include "cli/dmarc/show.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/show_findings.h"
#include "core/base/trace.h"
#include "core/ops/dmarc_build.h"
#include "core/ops/dmarc_lint.h"
#include "core/ops/report_consent.h"
#include "core/text/domain.h"

#define MAX_CONSENTS (2 * MV_DMARC_MAX_URIS)

struct given {
    const char *config, *dns, *save_dns;
    struct mv_dmarc_plan plan;
    struct mv_arg_texts rua, ruf;
    bool json;
};

struct build {
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_bytes name; /* of the record */
    bool suffix_hardening;
    struct mv_dmarc_record record;
    struct mv_findings *findings;
    struct mv_consent_check consents[MAX_CONSENTS];
    size_t consent_count;
};

static enum mv_code check_uris(struct build *build, struct mv_memo *memo, const char *tag, const struct mv_bytes *uris,
                               size_t count)
{
    enum mv_code result = MV_OK;

    for (size_t i = 0; i < count; i++) {
        enum mv_code code = mv_report_consent_check(build->arena, build->domain, tag, uris[i], build->suffix_hardening,
                                                    memo, &build->consents[build->consent_count++]);

        result = code == MV_OK ? result : code;
        if (code != MV_OK && code != MV_NEED_DNS)
            break;
    }
    return result;
}

/* Who has to agree to reports. */
static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct build *build = context;
    enum mv_code rua, ruf;

    build->consent_count = 0;
    rua = check_uris(build, memo, "rua", build->record.rua, build->record.rua_count);
    ruf = check_uris(build, memo, "ruf", build->record.ruf, build->record.ruf_count);
    return rua != MV_OK ? rua : ruf;
}

/* One record for each host, however many addresses it has. */
static bool is_asked_for(const struct build *build, size_t index)
{
    const struct mv_consent_check *check = &build->consents[index];

    if (check->name.len == 0 || check->consent == MV_CONSENT_NOT_NEEDED || check->consent == MV_CONSENT_TOO_LONG)
        return false;
    for (size_t i = 0; i < index; i++)
        if (mv_bytes_equal(build->consents[i].name, check->name))
            return false;
    return true;
}

static const char *consent_text(enum mv_consent consent)
{
    if (consent == MV_CONSENT_GIVEN)
        return "published already";
    if (consent == MV_CONSENT_ELSEWHERE)
        return "published, but it leads to another host, so that nobody gets reports";
    return consent == MV_CONSENT_MISSING ? "not there yet" : "DNS did not say whether it is there";
}

static void print_consents(const struct build *build)
{
    for (size_t i = 0; i < build->consent_count; i++) {
        const struct mv_consent_check *check = &build->consents[i];

        if (!is_asked_for(build, i))
            continue;
        printf("; whoever runs %.*s has to agree to the reports (RFC 9990 4): %s\n", MV_ARG(check->host),
               consent_text(check->consent));
        mv_show_record(check->name, "TXT", MV_BYTES(MV_REPORT_CONSENT_RECORD));
    }
}

static json_t *json_consents(const struct build *build)
{
    json_t *list = json_array();

    for (size_t i = 0; i < build->consent_count; i++) {
        const struct mv_consent_check *check = &build->consents[i];

        if (is_asked_for(build, i))
            json_array_append_new(list,
                                  json_pack("{s:o*, s:s, s:s, s:s}", "name", mv_json_bytes(check->name), "type", "TXT",
                                            "text", MV_REPORT_CONSENT_RECORD, "state", consent_text(check->consent)));
    }
    return list;
}

static enum mv_exit print(const struct given *given, const struct build *build)
{
    if (given->json)
        return mv_json_print(json_pack(
                   "{s:{s:o*, s:s, s:o*}, s:o*, s:o*, s:o*}", "record", "name", mv_json_bytes(build->name), "type",
                   "TXT", "text", mv_json_bytes(build->record.text), "consents", json_consents(build), "receivers",
                   mv_dmarc_json_view(&build->record), "findings", mv_json_findings(build->findings)))
                   ? mv_findings_exit(build->findings)
                   : MV_EXIT_INTERNAL;
    mv_show_record(build->name, "TXT", build->record.text);
    print_consents(build);
    if (mv_findings_count(build->findings) > 0) {
        putchar('\n');
        mv_show_findings(build->findings);
    }
    return mv_findings_exit(build->findings);
}

static enum mv_exit prepare(struct build *build, const struct given *given, const struct mv_lookup *lookup,
                            const char *domain)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_dmarc_record again;
    enum mv_code code;

    build->arena = lookup->arena;
    build->suffix_hardening = lookup->settings->suffix_hardening;
    build->findings = mv_findings_new(lookup->arena);
    if (!mv_domain_normalize(lookup->arena, mv_bytes_str(domain), &build->domain)) {
        fputs("mailvouch dmarc build: give the domain name that the record is for\n", stderr);
        return MV_EXIT_USAGE;
    }
    build->name = mv_bytes_str(mv_arena_printf(lookup->arena, "_dmarc.%.*s", MV_ARG(build->domain)));
    code = mv_dmarc_build(lookup->arena, &given->plan, &build->record, &error);
    if (code == MV_ERR_SYNTAX) {
        fprintf(stderr, "mailvouch dmarc build: --%s\n", error.text);
        return MV_EXIT_USAGE;
    }
    if (code != MV_OK || build->findings == NULL || build->name.len == 0)
        return mv_lookup_fail_code(lookup, code == MV_OK ? MV_ERR_MEMORY : code);
    mv_dmarc_lint_record(lookup->arena, build->name, build->record.text, build->findings, &again);
    return mv_findings_failed(build->findings) ? mv_lookup_fail_code(lookup, MV_ERR_MEMORY) : MV_EXIT_OK;
}

static enum mv_exit run(const struct given *given, const char *domain)
{
    struct build build = {.arena = NULL};
    struct mv_lookup lookup;
    enum mv_exit result = mv_lookup_begin("dmarc build", given->config, given->dns, &lookup);
    enum mv_code code;

    if (result == MV_EXIT_OK)
        result = prepare(&build, given, &lookup, domain);
    if (result == MV_EXIT_OK) {
        code = mv_lookup_run(&lookup, stage, &build);
        result = code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(&lookup, code);
    }
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = print(given, &build);
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_dmarc_cmd_build(int argc, char **argv)
{
    struct given given = {.json = false};
    const struct mv_arg_option options[] = {
        {"p", MV_ARG_TEXT, &given.plan.p, "POLICY", "none (the default), quarantine or reject"},
        {"sp", MV_ARG_TEXT, &given.plan.sp, "POLICY", "for names below the domain"},
        {"np", MV_ARG_TEXT, &given.plan.np, "POLICY", "for names that do not exist"},
        {"t", MV_ARG_TEXT, &given.plan.t, "y|n", "try the policy out"},
        {"no-pct", MV_ARG_FLAG, &given.plan.without_pct, NULL, "with t=y: no pct=0 for receivers of RFC 7489"},
        {"rua", MV_ARG_TEXTS, &given.rua, "ADDRESS", "where aggregate reports go; may be repeated"},
        {"ruf", MV_ARG_TEXTS, &given.ruf, "ADDRESS", "where failure reports go; may be repeated"},
        {"fo", MV_ARG_TEXT, &given.plan.fo, "LIST", "when there is a failure report: 0 or 1, d, s"},
        {"adkim", MV_ARG_TEXT, &given.plan.adkim, "r|s", "alignment of DKIM"},
        {"aspf", MV_ARG_TEXT, &given.plan.aspf, "r|s", "alignment of SPF"},
        {"psd", MV_ARG_TEXT, &given.plan.psd, "y|n|u", "a public suffix, or an organisation for certain"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take the answers of DNS from such a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {"dmarc build",
                                 "DOMAIN",
                                 "The DMARC record to publish, and what it needs elsewhere.",
                                 options,
                                 sizeof options / sizeof *options,
                                 1,
                                 1};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    if (result != MV_EXIT_OK || help)
        return result;
    given.plan.rua = given.rua.items;
    given.plan.rua_count = given.rua.count;
    given.plan.ruf = given.ruf.items;
    given.plan.ruf_count = given.ruf.count;
    return run(&given, operands[0]);
}
