/*
 * mailvouch dkim verify: the signatures of a message alone (RFC 6376); mailvouch dkim sign is in cmd_dkim_sign.c.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/check.h"
#include "cli/json.h"
#include "cli/show.h"

static enum mv_exit print_result(const struct mv_check *check)
{
    const struct mv_verdict *verdict = mv_msg_verdict(check->msg);
    json_t *whole;

    if (!check->options.json) {
        mv_show_dkim(verdict);
        return MV_EXIT_OK;
    }
    whole = json_pack("{s:o}", "dkim", mv_json_dkim(verdict));
    return mv_json_print(whole) ? MV_EXIT_OK : MV_EXIT_INTERNAL;
}

/* One good signature is enough (RFC 6376 6.1). */
static enum mv_exit exit_of(const struct mv_check *check)
{
    const struct mv_verdict *verdict = mv_msg_verdict(check->msg);
    enum mv_exit result = MV_EXIT_FINDING;

    for (size_t i = 0; i < verdict->dkim_count; i++) {
        if (verdict->dkim[i].code == MV_DKIM_PASS)
            return MV_EXIT_OK;
        if (verdict->dkim[i].code == MV_DKIM_TEMPERROR)
            result = mv_check_temperror(check);
    }
    return result;
}

static enum mv_exit verify(int argc, char **argv)
{
    struct mv_check check;
    enum mv_exit result =
        mv_check_begin("dkim verify", "Checks the signatures of a message (RFC 6376).", argc, argv,
                       MV_OPT_DNS | MV_OPT_OUTPUT | MV_OPT_NOW | MV_OPT_MESSAGE, MV_WANT_DKIM, &check);

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

enum mv_exit mv_cmd_dkim(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"verify", verify, "are the signatures of a message right?"},
        {"sign", mv_cmd_dkim_sign, "the signatures that a message gets here, or by a given key"},
    };

    return mv_args_dispatch("dkim", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
