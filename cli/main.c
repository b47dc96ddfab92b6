/*
 * mailvouch, the command: finds the subcommand and runs it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/check.h"

#define MAX_HELP_WORDS 3 /* of a command: "help spf check" */

struct command {
    const char *name;
    enum mv_exit (*run)(int argc, char **argv); /* answers --help by itself, on each level */
};

static const struct command commands[] = {
    {"verify", mv_cmd_verify},
    {"spf", mv_cmd_spf},
    {"dmarc", mv_cmd_dmarc},
    {"dkim", mv_cmd_dkim},
    {"config", mv_cmd_config},
    {"key", mv_cmd_key},
    {"report", mv_cmd_report},
    {"arc", mv_cmd_arc},
    {"handover-key", mv_cmd_handover_key},
    {"check", mv_cmd_check},
    {"init", mv_cmd_init},
};

static const char help[] =
    "usage:\n"
    "  mailvouch verify [--ip A] [--helo H] [--mail-from F] MESSAGE|-\n"
    "                                     judge a message as a server would\n"
    "  mailvouch spf check --ip A --helo H --mail-from F\n"
    "                                     may this client send for this domain?\n"
    "  mailvouch spf lint RECORD|DOMAIN, mailvouch spf build DOMAIN [SENDER]...\n"
    "  mailvouch spf flatten [--check] DOMAIN|FILE\n"
    "                                     SPF records; see mailvouch-spf(1)\n"
    "  mailvouch dmarc check --from D [--spf DOMAIN=RESULT] [--dkim DOMAIN=RESULT]...\n"
    "                                     what would DMARC say of a From domain?\n"
    "  mailvouch dmarc lint RECORD|DOMAIN, mailvouch dmarc build DOMAIN\n"
    "                                     DMARC records; see mailvouch-dmarc(1)\n"
    "  mailvouch dmarc stage DOMAIN [REPORT|DIRECTORY]...\n"
    "                                     the way to p=reject, by the evidence of reports\n"
    "  mailvouch report read [--keep] FILE|MAILDIR|MBOX|-...\n"
    "  mailvouch report show DOMAIN       who sends in its name, what fails, what to do\n"
    "  mailvouch report html DOMAIN -o FILE, mailvouch report alert [DOMAIN]\n"
    "                                     the same as a page; what is new and bad, for cron\n"
    "  mailvouch report import, mailvouch report send, mailvouch report status\n"
    "                                     tell others what came in their name: what the timer runs\n"
    "  mailvouch report purge             remove what is too old; see mailvouch-report(1)\n"
    "  mailvouch dkim verify MESSAGE|-    check the signatures of a message\n"
    "  mailvouch dkim sign [--user U] [--message] MESSAGE|-\n"
    "  mailvouch dkim sign --key FILE [--selector S]... [--domain D] [--message] MESSAGE|-\n"
    "                                     sign as a server would, or with a given key\n"
    "  mailvouch arc seal --key FILE [--selector S] --domain D [--authserv-id ID] [--message] MESSAGE|-\n"
    "                                     add an ARC set to a message that goes on, for lists\n"
    "  mailvouch init DOMAIN              the first keys, records and files of a domain; see mailvouch-init(1)\n"
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
    "  mailvouch version, mailvouch help [COMMAND]\n"
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

static const struct command *find(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(word, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static enum mv_exit refuse_command(const char *word)
{
    struct mv_args_nearest nearest = mv_args_nearest_to(mv_bytes_str(word));

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        mv_args_nearest_try(&nearest, commands[i].name);
    fputs("mailvouch: no command '", stderr);
    mv_args_put_typed(word);
    if (nearest.word != NULL) {
        fprintf(stderr, "'; did you mean '%s'?\n", nearest.word);
        return MV_EXIT_USAGE;
    }
    fputs("'; there are", stderr);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, " %s", commands[i].name);
    fputs(" help version\n", stderr);
    return MV_EXIT_USAGE;
}

/* "help spf check" is "spf check --help". */
static enum mv_exit run_help(int argc, char **argv)
{
    static char ask[] = "--help";
    const struct command *command = argc < 3 ? NULL : find(argv[2]);
    char *words[MAX_HELP_WORDS + 2] = {NULL};
    int count = 0;

    if (argc < 3)
        return print(help);
    if (command == NULL)
        return refuse_command(argv[2]);
    for (int i = 2; i < argc && count < MAX_HELP_WORDS; i++)
        words[count++] = argv[i];
    words[count++] = ask;
    return command->run(count, words);
}

static enum mv_exit run(int argc, char **argv)
{
    const struct command *command = find(argv[1]);

    if (command != NULL)
        return command->run(argc - 1, argv + 1);
    if (strcmp(argv[1], "help") == 0)
        return run_help(argc, argv);
    if (strcmp(argv[1], "--help") == 0)
        return print(help);
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
        fputs("mailvouch: give a command; 'mailvouch help' lists them\n", stderr);
        return MV_EXIT_USAGE;
    }
    result = run(argc, argv);
    if (result == MV_EXIT_HELPED)
        result = MV_EXIT_OK;
    if (fflush(stdout) == EOF && result == MV_EXIT_OK) {
        fputs("mailvouch: cannot write the result\n", stderr);
        return MV_EXIT_INTERNAL;
    }
    return (int)result;
}
