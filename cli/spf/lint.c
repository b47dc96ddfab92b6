/*
 * mailvouch spf lint: what is wrong with a record, or with a domain's, and what it costs.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/show_findings.h"
#include "cli/spf/commands.h"
#include "cli/spf/show.h"
#include "cli/spf/tree.h"
#include "core/ops/spf_lint.h"
#include "core/text/domain.h"

struct given {
    const char *config, *dns, *save_dns, *domain;
    bool json;
};

struct lint {
    struct mv_arena *arena;
    struct mv_spf_tree_request request;
    struct mv_spf_text text;
    struct mv_spf_tree tree;
    struct mv_findings *findings;
    bool has_tree;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct lint *lint = context;

    return mv_spf_tree_read(lint->arena, &lint->request, memo, &lint->tree);
}

/* A domain name has none of these; a record has one as a rule. */
static bool is_record(const char *operand)
{
    return strpbrk(operand, "= \t\"") != NULL || *operand == '\0';
}

static bool print_text(const struct lint *lint)
{
    const struct mv_spf_tree_host *root = lint->tree.root;

    if (!lint->has_tree || (root->state != MV_SPF_TREE_READ && root->state != MV_SPF_TREE_FAULTY))
        return true;
    if (root->domain.len > 0 && !mv_spf_show_line("domain", root->domain))
        return false;
    if (!mv_spf_show_line("record", root->text))
        return false;
    mv_spf_show_cost(root);
    return putchar('\n') != EOF && mv_spf_show_tree(&lint->tree) && putchar('\n') != EOF;
}

static enum mv_exit print(const struct given *given, const struct lint *lint)
{
    if (given->json)
        return mv_json_print(json_pack("{s:o*, s:o*, s:o*}", "domain",
                                       lint->request.domain.len == 0 ? json_null()
                                                                     : mv_json_bytes(lint->request.domain),
                                       "tree", lint->has_tree ? mv_spf_json_tree(lint->tree.root) : json_null(),
                                       "findings", mv_json_findings(lint->findings)))
                   ? mv_findings_exit(lint->findings)
                   : MV_EXIT_INTERNAL;
    if (!print_text(lint))
        return MV_EXIT_INTERNAL;
    mv_show_findings(lint->findings);
    return mv_findings_exit(lint->findings);
}

static enum mv_exit prepare(struct lint *lint, const struct given *given, const struct mv_lookup *lookup,
                            const char *operand)
{
    const char *domain = is_record(operand) ? given->domain : operand;

    if (domain == operand && given->domain != NULL)
        return mv_spf_refuse("spf lint", operand, "is a domain already: --domain goes with a record");
    lint->arena = lookup->arena;
    lint->findings = mv_findings_new(lint->arena);
    if (lint->findings == NULL ||
        (is_record(operand) && mv_spf_text_read(lint->arena, mv_bytes_str(operand), &lint->text) != MV_OK))
        return mv_lookup_fail_code(lookup, MV_ERR_MEMORY);
    if (domain != NULL && !mv_domain_normalize(lint->arena, mv_bytes_str(domain), &lint->request.domain))
        return mv_spf_refuse("spf lint", domain,
                             "is no domain name; a record is given in quotes: 'v=spf1 mx ~all'");
    lint->request.text = lint->text.text;
    lint->has_tree = !is_record(operand) || mv_spf_lint_text(&lint->text, lint->request.domain, lint->findings);
    return MV_EXIT_OK;
}

static enum mv_exit look(struct lint *lint, struct mv_lookup *lookup)
{
    enum mv_code code = MV_OK;

    if (lint->has_tree) {
        code = mv_lookup_run(lookup, stage, lint);
        if (code == MV_OK)
            code = mv_spf_lint_tree(lint->arena, &lint->tree, lint->findings);
    }
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(lookup, code);
}

/* A domain whose record DNS does not give: nothing could be judged. */
static enum mv_exit outcome(const struct lint *lint, enum mv_exit result)
{
    if (result == MV_EXIT_FINDING && lint->has_tree && lint->tree.root->state == MV_SPF_TREE_UNANSWERED)
        return MV_EXIT_NO_DNS;
    return result;
}

static enum mv_exit run(const struct given *given, const char *operand)
{
    struct mv_lookup lookup;
    struct lint lint = {.arena = NULL};
    enum mv_exit result = mv_lookup_begin("spf lint", given->config, given->dns, &lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&lint, given, &lookup, operand);
    if (result == MV_EXIT_OK)
        result = look(&lint, &lookup);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = outcome(&lint, print(given, &lint));
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_spf_cmd_lint(int argc, char **argv)
{
    struct given given = {.config = NULL};
    const struct mv_arg_option options[] = {
        {"domain", MV_ARG_TEXT, &given.domain, "DOMAIN", "whose record it is to be, for a, mx and %{d}"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take DNS answers from a file, ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every DNS answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "another configuration"},
    };
    const struct mv_args args = {"spf lint", "RECORD|DOMAIN",
                                 "Says what is wrong with an SPF record, what it includes, and what it costs.", options,
                                 sizeof options / sizeof *options, 1, 1};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    return result != MV_EXIT_OK || help ? result : run(&given, operands[0]);
}
