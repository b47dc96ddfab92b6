/*
 * mailvouch dmarc lint: what is wrong with a record, or with a domain's.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/dmarc/commands.h"
#include "cli/dmarc/show.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/show_findings.h"
#include "core/base/trace.h"
#include "core/ops/dmarc_lint.h"
#include "core/ops/public_suffix.h"
#include "core/text/domain.h"

struct given {
    const char *config, *dns, *save_dns, *domain, *suffixes;
    struct mv_arg_texts selectors;
    bool json;
};

/* What the stage fills on each run. */
struct lint {
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_bytes selectors[MV_DMARC_LINT_MAX_SELECTORS];
    struct mv_dmarc_lint_settings settings;
    struct mv_findings *findings;
    struct mv_dmarc_standing standing;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct lint *lint = context;

    lint->findings = mv_findings_new(lint->arena);
    if (lint->findings == NULL)
        return MV_ERR_MEMORY;
    return mv_dmarc_lint_domain(lint->arena, lint->domain, &lint->settings, memo, lint->findings, &lint->standing);
}

/* A domain name has none of these; a record has all of them as a rule. */
static bool is_record(const char *operand)
{
    return strpbrk(operand, "=; \t\"") != NULL || *operand == '\0';
}

static void print_standing(const struct mv_dmarc_standing *standing)
{
    mv_dmarc_show_line("domain", standing->domain);
    if (standing->policy_domain.len == 0)
        return;
    mv_dmarc_show_line("record", standing->record.text);
    if (!mv_bytes_equal(standing->domain, standing->policy_domain)) {
        mv_dmarc_show_line("of", standing->policy_domain);
        printf("%-8s %s of it speaks for the domain\n", "tag", standing->tag);
    }
    mv_dmarc_show_view(&standing->record);
}

static json_t *json_standing(const struct mv_dmarc_standing *standing)
{
    if (standing->policy_domain.len == 0)
        return json_null();
    return json_pack("{s:o*, s:o*, s:s, s:o*, s:I, s:o*}", "name", mv_json_bytes(standing->policy_domain), "org_domain",
                     mv_json_bytes(standing->org_domain), "tag", standing->tag, "text",
                     mv_json_bytes(standing->record.text), "ttl", (json_int_t)standing->ttl_secs, "receivers",
                     mv_dmarc_json_view(&standing->record));
}

static enum mv_exit print(const struct given *given, const struct lint *lint)
{
    if (given->json)
        return mv_json_print(json_pack("{s:o*, s:o*, s:o*}", "domain", mv_json_bytes(lint->domain), "applies",
                                       json_standing(&lint->standing), "findings", mv_json_findings(lint->findings)))
                   ? mv_findings_exit(lint->findings)
                   : MV_EXIT_INTERNAL;
    print_standing(&lint->standing);
    putchar('\n');
    mv_show_findings(lint->findings);
    return mv_findings_exit(lint->findings);
}

static enum mv_exit refuse_name(const char *what, const char *typed)
{
    struct mv_buf shown;

    mv_buf_init(&shown, 4 * MV_DOMAIN_MAX_BYTES);
    mv_buf_put_escaped(&shown, mv_bytes_slice(mv_bytes_str(typed), 0, MV_DOMAIN_MAX_BYTES / 2));
    fprintf(stderr, "mailvouch dmarc lint: '%s' is no %s\n", mv_buf_cstr(&shown) == NULL ? "" : mv_buf_cstr(&shown),
            what);
    mv_buf_free(&shown);
    return MV_EXIT_USAGE;
}

static enum mv_exit prepare(struct lint *lint, const struct given *given, const struct mv_lookup *lookup,
                            const char *domain)
{
    lint->arena = lookup->arena;
    lint->settings.suffix_hardening = lookup->settings->suffix_hardening;
    lint->settings.selectors = lint->selectors;
    if (!mv_domain_normalize(lookup->arena, mv_bytes_str(domain), &lint->domain))
        return refuse_name("domain name; a record is given in quotes: 'v=DMARC1; p=none'", domain);
    if (given->selectors.count > MV_DMARC_LINT_MAX_SELECTORS) {
        fprintf(stderr, "mailvouch dmarc lint: no more than %d times --selector\n", MV_DMARC_LINT_MAX_SELECTORS);
        return MV_EXIT_USAGE;
    }
    for (size_t i = 0; i < given->selectors.count; i++)
        if (!mv_domain_normalize(lookup->arena, mv_bytes_str(given->selectors.items[i]), &lint->selectors[i]))
            return refuse_name("selector", given->selectors.items[i]);
    lint->settings.selector_count = given->selectors.count;
    return MV_EXIT_OK;
}

/* What receivers of RFC 7489 know; without the list at its usual place nothing is said of them. */
static enum mv_exit read_suffixes(struct lint *lint, const struct given *given, const struct mv_lookup *lookup)
{
    const char *path = given->suffixes == NULL ? MV_PUBLIC_SUFFIX_FILE : given->suffixes;
    struct mv_buf text;
    enum mv_exit result;

    if (given->suffixes == NULL && access(path, R_OK) != 0)
        return MV_EXIT_OK;
    mv_buf_init(&text, MV_PUBLIC_SUFFIX_MAX_BYTES);
    result = mv_input_read_file("dmarc lint", path, &text);
    if (result == MV_EXIT_OK && !mv_arena_copy(lint->arena, mv_buf_bytes(&text), &lint->settings.public_suffixes))
        result = mv_lookup_fail_code(lookup, MV_ERR_MEMORY);
    mv_buf_free(&text);
    return result;
}

static enum mv_exit lint_domain(const struct given *given, const char *domain)
{
    struct mv_lookup lookup;
    struct lint lint = {.arena = NULL};
    enum mv_exit result = mv_lookup_begin("dmarc lint", given->config, given->dns, &lookup);
    enum mv_code code;

    if (result == MV_EXIT_OK)
        result = prepare(&lint, given, &lookup, domain);
    if (result == MV_EXIT_OK)
        result = read_suffixes(&lint, given, &lookup);
    if (result == MV_EXIT_OK) {
        code = mv_lookup_run(&lookup, stage, &lint);
        result = code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(&lookup, code);
    }
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = print(given, &lint);
    mv_lookup_end(&lookup);
    return result;
}

static enum mv_exit print_text(const struct given *given, struct mv_bytes text, const struct mv_dmarc_record *record,
                               const struct mv_findings *findings)
{
    if (given->json)
        return mv_json_print(json_pack("{s:o*, s:o*, s:o*}", "text", mv_json_bytes(text), "receivers",
                                       record == NULL ? json_null() : mv_dmarc_json_view(record), "findings",
                                       mv_json_findings(findings)))
                   ? mv_findings_exit(findings)
                   : MV_EXIT_INTERNAL;
    mv_dmarc_show_line("record", text);
    if (record != NULL)
        mv_dmarc_show_view(record);
    putchar('\n');
    mv_show_findings(findings);
    return mv_findings_exit(findings);
}

/* Of a text alone DNS is not asked; a domain says where it is going to stand. */
static enum mv_exit lint_text(const struct given *given, const char *text)
{
    struct mv_arena *arena = mv_arena_new(MV_LOOKUP_MAX_MEMORY_BYTES);
    struct mv_findings *findings = arena == NULL ? NULL : mv_findings_new(arena);
    struct mv_bytes domain = mv_bytes_str(NULL), name = mv_bytes_str(NULL);
    struct mv_dmarc_record record;
    enum mv_exit result = MV_EXIT_INTERNAL;
    bool is_one;

    if (given->domain != NULL && findings != NULL &&
        !mv_domain_normalize(arena, mv_bytes_str(given->domain), &domain)) {
        fputs("mailvouch dmarc lint: --domain takes a domain name\n", stderr);
        mv_arena_free(&arena);
        return MV_EXIT_USAGE;
    }
    if (domain.len > 0)
        name = mv_bytes_str(mv_arena_printf(arena, "_dmarc.%.*s", MV_ARG(domain)));
    if (findings != NULL) {
        is_one = mv_dmarc_lint_record(arena, name, mv_bytes_str(text), findings, &record);
        if (!mv_findings_failed(findings))
            result = print_text(given, mv_bytes_str(text), is_one ? &record : NULL, findings);
    }
    mv_arena_free(&arena);
    return result;
}

enum mv_exit mv_dmarc_cmd_lint(int argc, char **argv)
{
    struct given given = {.json = false};
    const struct mv_arg_option options[] = {
        {"selector", MV_ARG_TEXTS, &given.selectors, "S", "a DKIM selector of the domain; may be repeated"},
        {"domain", MV_ARG_TEXT, &given.domain, "DOMAIN", "of a RECORD: where it is going to stand"},
        {"public-suffixes", MV_ARG_TEXT, &given.suffixes, "FILE", "instead of " MV_PUBLIC_SUFFIX_FILE},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take the answers of DNS from such a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {"dmarc lint",
                                 "RECORD|DOMAIN",
                                 "What is wrong with a DMARC record, and with the place where it stands.",
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
    return is_record(operands[0]) ? lint_text(&given, operands[0]) : lint_domain(&given, operands[0]);
}
