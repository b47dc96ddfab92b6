/*
 * mailvouch dmarc; and of it, dmarc check: what would DMARC say of a From domain,
 * given what authenticated (RFC 9989)?
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/dmarc/commands.h"
#include "cli/json.h"
#include "cli/show.h"

static enum mv_exit bad_domain(struct mv_bytes domain)
{
    fprintf(stderr, "mailvouch dmarc check: not a domain name: %.*s (of an address, give what stands behind the @)\n",
            (int)domain.len, (const char *)domain.data);
    return MV_EXIT_USAGE;
}

static enum mv_exit assume(const struct mv_check *check)
{
    const struct mv_options *options = &check->options;

    if (options->from == NULL) {
        fputs("mailvouch dmarc check: --from is needed: the domain of the From field\n", stderr);
        return MV_EXIT_USAGE;
    }
    if (mv_msg_assume_author(check->msg, mv_bytes_str(options->from)) != MV_OK)
        return bad_domain(mv_bytes_str(options->from));
    for (size_t i = 0; i < options->identifier_count; i++) {
        const struct mv_identifier_option *identifier = &options->identifiers[i];

        if (mv_msg_assume_identifier(check->msg, identifier->method, identifier->domain, identifier->auth) != MV_OK)
            return bad_domain(identifier->domain);
    }
    return MV_EXIT_OK;
}

static enum mv_exit print_result(const struct mv_check *check)
{
    const struct mv_verdict *verdict = mv_msg_verdict(check->msg);

    if (check->options.json)
        return mv_json_print(mv_legacy_json(&check->legacy, mv_json_dmarc(verdict))) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
    mv_show_dmarc(verdict);
    mv_show_disposition(verdict);
    mv_legacy_show(&check->legacy);
    return MV_EXIT_OK;
}

static enum mv_exit exit_of(const struct mv_check *check)
{
    enum mv_dmarc_code code = mv_msg_verdict(check->msg)->dmarc.code;

    if (code == MV_DMARC_TEMPERROR)
        return mv_check_temperror(check);
    return code == MV_DMARC_FAIL || code == MV_DMARC_PERMERROR ? MV_EXIT_FINDING : MV_EXIT_OK;
}

static enum mv_exit check_author(int argc, char **argv)
{
    struct mv_check check;
    enum mv_exit result;

    result = mv_check_begin("dmarc check", "What would DMARC say of a From domain (RFC 9989)?", argc, argv,
                            MV_OPT_AUTHOR | MV_OPT_DNS | MV_OPT_OUTPUT | MV_OPT_LEGACY | MV_OPT_NOW, MV_WANT_DMARC,
                            &check);
    if (result == MV_EXIT_OK)
        result = assume(&check);
    if (result == MV_EXIT_OK)
        result = mv_check_run(&check);
    if (result == MV_EXIT_OK)
        result = print_result(&check);
    if (result == MV_EXIT_OK)
        result = mv_check_explain(&check);
    if (result == MV_EXIT_OK)
        result = exit_of(&check);
    mv_check_end(&check);
    return result;
}

enum mv_exit mv_cmd_dmarc(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"check", check_author, "what would DMARC say of a From domain?"},
        {"lint", mv_dmarc_cmd_lint, "what is wrong with a record, or with a domain's?"},
        {"build", mv_dmarc_cmd_build, "the record to publish"},
        {"stage", mv_dmarc_cmd_stage, "from nothing to p=reject, by the evidence of reports"},
    };

    return mv_args_dispatch("dmarc", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
