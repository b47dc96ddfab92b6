/*
 * mailvouch verify: a whole message, as a server would have judged it.
 */
#include <stdio.h>

#include "cli/check.h"
#include "cli/json.h"
#include "cli/show.h"

static enum mv_exit print_verdict(const struct mv_check *check, const struct mv_verdict *verdict)
{
    struct mv_buf authres;
    enum mv_code code;
    bool written = true;

    mv_buf_init(&authres, MV_AUTHRES_MAX_BYTES);
    code = mv_msg_authres(check->msg, NULL, &authres);
    if (code == MV_OK && check->options.json) {
        written = mv_json_print(mv_legacy_json(&check->legacy, mv_json_verdict(verdict, mv_buf_cstr(&authres))));
    } else if (code == MV_OK) {
        mv_show_spf(verdict);
        mv_show_dkim(verdict);
        mv_show_arc(verdict);
        mv_show_dmarc(verdict);
        mv_show_disposition(verdict);
        mv_legacy_show(&check->legacy);
        printf("\n");
        fwrite(authres.data, 1, authres.len, stdout);
        if (check->options.explain)
            printf("\n");
    }
    mv_buf_free(&authres);
    return written ? mv_exit_of_code(code) : MV_EXIT_INTERNAL;
}

static enum mv_exit exit_of(const struct mv_check *check, const struct mv_verdict *verdict)
{
    if (verdict->action == MV_ACTION_TEMPFAIL || verdict->dmarc.code == MV_DMARC_TEMPERROR)
        return mv_check_temperror(check);
    if (verdict->action != MV_ACTION_NONE || verdict->dmarc.code == MV_DMARC_FAIL ||
        verdict->dmarc.code == MV_DMARC_PERMERROR)
        return MV_EXIT_FINDING;
    return MV_EXIT_OK;
}

enum mv_exit mv_cmd_verify(int argc, char **argv)
{
    struct mv_check check;
    enum mv_exit result =
        mv_check_begin("verify", "Judges a message as a server would: SPF, DKIM, DMARC and ARC.", argc, argv,
                       MV_OPT_ENVELOPE | MV_OPT_DNS | MV_OPT_OUTPUT | MV_OPT_LEGACY | MV_OPT_NOW | MV_OPT_MESSAGE,
                       MV_WANT_CHECKS, &check);

    if (result == MV_EXIT_OK)
        result = mv_check_run(&check);
    if (result == MV_EXIT_OK)
        result = print_verdict(&check, mv_msg_verdict(check.msg));
    if (result == MV_EXIT_OK)
        result = mv_check_explain(&check);
    if (result == MV_EXIT_OK)
        result = exit_of(&check, mv_msg_verdict(check.msg));
    mv_check_end(&check);
    return result;
}
