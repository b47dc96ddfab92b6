/*
 * mailvouch spf; and of it, spf check: check_host() for one client and one sender (RFC 7208).
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/json.h"
#include "cli/show.h"
#include "cli/spf/commands.h"

static enum mv_exit exit_of(const struct mv_check *check, const struct mv_spf_result *spf)
{
    switch (spf->code) {
    case MV_SPF_FAIL:
    case MV_SPF_SOFTFAIL:
    case MV_SPF_PERMERROR:
        return MV_EXIT_FINDING;
    case MV_SPF_TEMPERROR:
        return mv_check_temperror(check);
    case MV_SPF_NONE:
    case MV_SPF_NEUTRAL:
    case MV_SPF_PASS:
        break;
    }
    return MV_EXIT_OK;
}

/* A domain alone would be a local part without one: that is no question that anybody means to ask. */
static bool is_sender(const char *mail_from)
{
    return *mail_from == '\0' || strcmp(mail_from, "<>") == 0 || strchr(mail_from, '@') != NULL;
}

static enum mv_exit check_envelope(const struct mv_options *options)
{
    if (options->ip.family != MV_IP_NONE && options->helo != NULL && options->mail_from != NULL) {
        if (is_sender(options->mail_from))
            return MV_EXIT_OK;
        fprintf(stderr, "mailvouch spf check: --mail-from takes an address, not '%s'; a domain alone is written @%s\n",
                options->mail_from, options->mail_from);
        return MV_EXIT_USAGE;
    }
    fputs("mailvouch spf check: --ip, --helo and --mail-from are needed (--mail-from '' is the null reverse-path)\n",
          stderr);
    return MV_EXIT_USAGE;
}

static enum mv_exit print_result(const struct mv_check *check)
{
    struct mv_verdict verdict = {.has_spf = true, .spf = *mv_msg_spf(check->msg)};

    if (check->options.json)
        return mv_json_print(mv_legacy_json(&check->legacy, mv_json_spf(&verdict))) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
    mv_show_spf(&verdict);
    mv_legacy_show(&check->legacy);
    return MV_EXIT_OK;
}

static enum mv_exit check_host(int argc, char **argv)
{
    struct mv_check check;
    enum mv_exit result;

    result = mv_check_begin("spf check", "May this client send for this domain (RFC 7208)?", argc, argv,
                            MV_OPT_ENVELOPE | MV_OPT_DNS | MV_OPT_OUTPUT | MV_OPT_LEGACY | MV_OPT_NOW, MV_WANT_SPF,
                            &check);
    if (result == MV_EXIT_OK)
        result = check_envelope(&check.options);
    if (result == MV_EXIT_OK)
        result = mv_check_run(&check);
    if (result == MV_EXIT_OK)
        result = print_result(&check);
    if (result == MV_EXIT_OK)
        result = mv_check_explain(&check);
    if (result == MV_EXIT_OK)
        result = exit_of(&check, mv_msg_spf(check.msg));
    mv_check_end(&check);
    return result;
}

enum mv_exit mv_cmd_spf(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"check", check_host, "may this client send for this domain?"},
        {"build", mv_spf_cmd_build, "the record to publish, from those who send"},
        {"lint", mv_spf_cmd_lint, "what is wrong with a record, or with a domain's, and what it costs"},
        {"flatten", mv_spf_cmd_flatten, "its includes as networks, and the alarm when they change"},
    };

    return mv_args_dispatch("spf", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
