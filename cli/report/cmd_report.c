/*
 * mailvouch report: finds the subcommand and runs it.
 */
#include "cli/check.h"

#include "cli/args.h"
#include "cli/report/report.h"

enum mv_exit mv_cmd_report(int argc, char **argv)
{
    static const struct mv_subcommand subcommands[] = {
        {"bounce", mv_report_cmd_bounce, "take a report that came back"},
        {"read", mv_report_cmd_read, "read reports from files, mails and mailboxes"},
        {"purge", mv_report_cmd_purge, "remove what is older than [report] keep_days"},
        {"send", mv_report_cmd_send, "tell the owners of domains what came in their name"},
        {"import", mv_report_cmd_import, "take the evidence of the mail servers into the store"},
        {"show", mv_report_cmd_show, "who sends in a domain's name, and what fails"},
        {"html", mv_report_cmd_html, "the same as one HTML file"},
        {"status", mv_report_cmd_status, "what waits to be reported, and what is amiss"},
        {"alert", mv_report_cmd_alert, "for cron: says what is new and fails"},
    };

    return mv_args_dispatch("report", subcommands, sizeof subcommands / sizeof *subcommands, argc, argv);
}
