/*
 * mailvouch, the command: finds the subcommand and runs it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/check.h"

struct command {
    const char *name;
    enum mv_exit (*run)(int argc, char **argv);
    bool helps; /* it answers --help by itself, on each level */
};

static const struct command commands[] = {
    {"verify", mv_cmd_verify, false}, {"spf", mv_cmd_spf, true},        {"dmarc", mv_cmd_dmarc, true},
    {"dkim", mv_cmd_dkim, false},     {"config", mv_cmd_config, false}, {"key", mv_cmd_key, false},
    {"report", mv_cmd_report, true},
    {"arc", mv_cmd_arc, false},       {"handover-key", mv_cmd_handover_key, true},
    {"check", mv_cmd_check, true},
};

static const char help[] =
    "usage:\n"
    "  mailvouch verify [--ip A] [--helo H] [--mail-from F] MESSAGE|-\n"
    "                                     judge a message as a server would\n"
    "  mailvouch spf check --ip A --helo H --mail-from F\n"
    "                                     may this client send for this domain?\n"
    "  mailvouch spf lint RECORD|DOMAIN, mailvouch spf build DOMAIN [SENDER]...\n"
    "                                     SPF records; see mailvouch-spf(1)\n"
    "  mailvouch dmarc check --from D [--spf DOMAIN=RESULT] [--dkim DOMAIN=RESULT]...\n"
    "                                     what would DMARC say of a From domain?\n"
    "  mailvouch dmarc lint RECORD|DOMAIN, mailvouch dmarc build DOMAIN\n"
    "                                     DMARC records; see mailvouch-dmarc(1)\n"
    "  mailvouch dmarc stage DOMAIN [REPORT|DIRECTORY]...\n"
    "                                     the way to p=reject, by the evidence of reports\n"
    "  mailvouch report read [--store] FILE|MAILDIR|MBOX|-...\n"
    "  mailvouch report show DOMAIN       who sends in its name, what fails, what to do;\n"
    "                                     see mailvouch-report(1)\n"
    "  mailvouch dkim verify MESSAGE|-    check the signatures of a message\n"
    "  mailvouch dkim sign [--user U] [--message] MESSAGE|-\n"
    "  mailvouch dkim sign --key FILE [--selector S]... [--domain D] [--message] MESSAGE|-\n"
    "                                     sign as a server would, or with a given key\n"
    "  mailvouch arc seal --key FILE [--selector S] --domain D [--authserv-id ID] [--message] MESSAGE|-\n"
    "                                     add an ARC set to a message that goes on, for lists\n"
    "  mailvouch check DOMAIN...          all that DNS says about the mail of domains; see mailvouch-check(1)\n"
    "  mailvouch key status|list|check [DOMAIN]\n"
    "                                     signing keys: what is, and what comes next\n"
    "  mailvouch key auto [--dry-run]     roll them: what the timer runs\n"
    "  mailvouch key new|roll|publish DOMAIN, mailvouch key retire DOMAIN SELECTOR\n"
    "                                     by hand; see mailvouch-key(1)\n"
    "  mailvouch handover-key new|add|use|drop|list, mailvouch handover-key check MESSAGE\n"
    "                                     the key that border and mailbox server share;\n"
    "                                     see mailvouch-handover-key(1)\n"
    "  mailvouch config check|show        check or list the configuration\n"
    "  mailvouch version, mailvouch help\n"
    "\n"
    "options of all checks:\n"
    "  --explain          say why, step by step, with the section of the standard\n"
    "  --as-legacy        how receivers with libspf2 or OpenDMARC see it (verify, spf check, dmarc check)\n"
    "  --json             the result as JSON\n"
    "  --save-dns FILE    write every DNS answer that was used\n"
    "  --dns FILE         take the answers from such a file and ask nothing\n"
    "  --now SECS         judge as of this time (seconds since 1970)\n"
    "  --config FILE      instead of " MV_CONFIG_DEFAULT_PATH "\n"
    "\n"
    "exit: 0 fine, 1 a check failed, 64 usage, 65 bad input, 69 DNS unavailable,\n"
    "      75 try again, 77 permission, 78 configuration\n";

static enum mv_exit print(const char *text)
{
    return fputs(text, stdout) == EOF ? MV_EXIT_INTERNAL : MV_EXIT_OK;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static const struct command *find(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(word, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static enum mv_exit refuse_command(const char *word)
{
    fprintf(stderr, "mailvouch: no command '%s'; there are", word);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, " %s", commands[i].name);
    fputs(" help version\n", stderr);
    return MV_EXIT_USAGE;
}

static enum mv_exit run(int argc, char **argv)
{
    const struct command *command = find(argv[1]);

    if (strcmp(argv[1], "help") == 0 || (asks_for_help(argc, argv) && (command == NULL || !command->helps)))
        return print(help);
    if (command != NULL)
        return command->run(argc - 1, argv + 1);
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
        printf("mailvouch %s\n", mv_engine_version());
        return MV_EXIT_OK;
    }
    return refuse_command(argv[1]);
}

int main(int argc, char **argv)
{
    enum mv_exit result;

    if (argc < 2) {
        fputs(help, stderr);
        return MV_EXIT_USAGE;
    }
    result = run(argc, argv);
    if (fflush(stdout) == EOF && result == MV_EXIT_OK) {
        fputs("mailvouch: cannot write the result\n", stderr);
        return MV_EXIT_INTERNAL;
    }
    return (int)result;
}
