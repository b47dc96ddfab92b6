/*
 * mailvouch init: a domain's first keys, records and files, in one command that may be run again.
 */
#include "cli/domain/init.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/check.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

#define MAX_ANSWER_BYTES 256

static enum mv_exit refuse(const char *what, const char *typed, const char *problem)
{
    fprintf(stderr, "mailvouch init: %s'", what);
    mv_args_put_typed(typed);
    fprintf(stderr, "' %s\n", problem);
    return MV_EXIT_USAGE;
}

static enum mv_exit no_memory(const struct mv_init *init)
{
    return mv_lookup_fail_code(&init->lookup, MV_ERR_MEMORY);
}

/* A line from the terminal, trimmed; the default when it is empty. NULL at the end of input. */
static const char *ask(struct mv_init *init, const char *question, const char *otherwise)
{
    char line[MAX_ANSWER_BYTES];
    struct mv_bytes answer;

    printf("%s [%s]: ", question, otherwise);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    answer = mv_bytes_trim(mv_bytes_str(line));
    return answer.len == 0 ? otherwise : mv_arena_str(init->lookup.arena, answer);
}

static bool is_interactive(const struct mv_init_given *given)
{
    return !given->yes && !given->json && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

/* What was not given is asked for where somebody sits, and has its default elsewhere. */
static enum mv_exit ask_all(struct mv_init *init, const char **rua_r, const char **mail_host_r)
{
    const char *usual = mv_arena_printf(init->lookup.arena, "dmarc-reports@%.*s", MV_ARG(init->domain));
    bool asks = is_interactive(init->given);

    if (usual == NULL)
        return no_memory(init);
    *rua_r = init->given->rua;
    *mail_host_r = init->given->mail_host;
    if (*rua_r == NULL)
        *rua_r = asks ? ask(init, "Where do reports about the mail of this domain go?", usual) : usual;
    if (*mail_host_r == NULL)
        *mail_host_r = asks ? ask(init, "Which host takes its mail? (- leaves MX records as they are)", "-") : "-";
    if (*rua_r != NULL && *mail_host_r != NULL)
        return MV_EXIT_OK;
    fputs("\nmailvouch init: nothing was done\n", stderr);
    return MV_EXIT_USAGE;
}

static enum mv_exit read_ips(struct mv_init *init)
{
    const struct mv_arg_texts *texts = &init->given->ips;

    if (texts->count > MV_FIRST_RECORDS_MAX_IPS) {
        fprintf(stderr, "mailvouch init: no more than %d times --ip; 'mailvouch spf lint' checks a longer record\n",
                MV_FIRST_RECORDS_MAX_IPS);
        return MV_EXIT_USAGE;
    }
    for (size_t i = 0; i < texts->count; i++)
        if (!mv_ip_parse(mv_bytes_str(texts->items[i]), &init->ips[i]))
            return refuse("--ip ", texts->items[i], "is not an IPv4 or IPv6 address");
    init->request.ips = init->ips;
    init->request.ip_count = texts->count;
    return MV_EXIT_OK;
}

static enum mv_exit read_answers(struct mv_init *init)
{
    const char *rua = "", *mail_host = "-";
    enum mv_exit result = ask_all(init, &rua, &mail_host);

    if (result != MV_EXIT_OK)
        return result;
    if (strcmp(mail_host, "-") != 0 &&
        !mv_domain_normalize(init->lookup.arena, mv_bytes_str(mail_host), &init->request.mail_host))
        return refuse("", mail_host, "is not the name of a host; give it with --mail-host");
    init->request.rua = mv_bytes_str(rua);
    init->request.domain = init->domain;
    init->request.keys = init->records_of_keys;
    init->request.suffix_hardening = init->lookup.settings->suffix_hardening;
    return read_ips(init);
}

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct mv_init *init = context;

    return mv_first_records_plan(init->lookup.arena, &init->request, memo, &init->records, &init->error);
}

/* Before anything is made with it: an address that is none stops here. */
static enum mv_exit plan_records(struct mv_init *init)
{
    enum mv_code code = mv_lookup_run(&init->lookup, stage, init);

    if (code == MV_OK)
        return MV_EXIT_OK;
    if (code != MV_ERR_SYNTAX)
        return mv_lookup_fail_code(&init->lookup, code);
    fprintf(stderr, "mailvouch init: %s; give the address with --rua\n", init->error.text);
    return MV_EXIT_USAGE;
}

static enum mv_exit find_files(struct mv_init *init)
{
    struct mv_arena *arena = init->lookup.arena;
    const char *etc = init->given->etc == NULL ? MV_SYSCONFDIR : init->given->etc;

    init->settings = mv_keeper_settings(init->lookup.settings, init->domain, &init->configured);
    if (!init->configured && !mv_init_domain_file(arena, init->given->config, init->domain,
                                                  &init->files[init->file_count++]))
        return no_memory(init);
    init->has_exim = mv_init_exim_file(arena, etc, &init->files[init->file_count]);
    init->file_count += init->has_exim;
    init->has_dovecot = mv_init_dovecot_file(arena, etc, &init->files[init->file_count]);
    init->file_count += init->has_dovecot;
    return MV_EXIT_OK;
}

static bool confirm(struct mv_init *init)
{
    const char *answer;

    if (!is_interactive(init->given) || init->given->dry_run)
        return true;
    answer = ask(init, "Make keys and files that are missing? Nothing that is there is changed", "yes");
    return answer != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static enum mv_exit put_files(struct mv_init *init)
{
    enum mv_exit result = MV_EXIT_OK;

    for (size_t i = 0; i < init->file_count && result == MV_EXIT_OK; i++)
        result = mv_init_file_put(&init->files[i], init->given->dry_run ? MV_INIT_TELL : MV_INIT_DO);
    return result;
}

static enum mv_exit work(struct mv_init *init, const char *operand)
{
    enum mv_exit result;

    if (!mv_domain_normalize(init->lookup.arena, mv_bytes_str(operand), &init->domain))
        return refuse("", operand, "is not the name of a domain");
    result = find_files(init);
    if (result == MV_EXIT_OK)
        result = read_answers(init);
    if (result == MV_EXIT_OK)
        result = plan_records(init);
    if (result == MV_EXIT_OK && !confirm(init)) {
        fputs("mailvouch init: nothing was done\n", stderr);
        return MV_EXIT_USAGE;
    }
    if (result == MV_EXIT_OK)
        result = put_files(init);
    if (result == MV_EXIT_OK)
        result = mv_init_keys(init);
    if (result == MV_EXIT_OK)
        result = plan_records(init);
    return result;
}

static enum mv_exit run(const struct mv_init_given *given, const char *operand)
{
    struct mv_init init = {.given = given};
    enum mv_exit result = mv_lookup_begin("init", given->config, given->dns, &init.lookup);

    if (result == MV_EXIT_OK)
        result = work(&init, operand);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&init.lookup, given->save_dns);
    if (result == MV_EXIT_OK && given->json)
        result = mv_init_print_json(&init);
    else if (result == MV_EXIT_OK)
        mv_init_show(&init);
    mv_lookup_end(&init.lookup);
    return result;
}

enum mv_exit mv_cmd_init(int argc, char **argv)
{
    struct mv_init_given given = {.now_secs = (int64_t)time(NULL)};
    const struct mv_arg_option options[] = {
        {"rua", MV_ARG_TEXT, &given.rua, "ADDRESS", "where reports go; without it dmarc-reports@DOMAIN"},
        {"mail-host", MV_ARG_TEXT, &given.mail_host, "NAME", "the host that takes the mail, where there is no MX"},
        {"ip", MV_ARG_TEXTS, &given.ips, "ADDRESS", "a host that sends, beside the MX hosts; may be repeated"},
        {"dry-run", MV_ARG_FLAG, &given.dry_run, NULL, "say it, and make nothing"},
        {"yes", MV_ARG_FLAG, &given.yes, NULL, "ask nothing"},
        {"etc", MV_ARG_TEXT, &given.etc, "DIRECTORY", "where exim4 and dovecot are configured, not " MV_SYSCONFDIR},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON; asks nothing"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take the answers of DNS from such a file and ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every answer that was used"},
        {"now", MV_ARG_NUMBER, &given.now_secs, "SECS", "as of this time (seconds since 1970)"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "instead of " MV_CONFIG_DEFAULT_PATH},
    };
    const struct mv_args args = {"init",
                                 "DOMAIN",
                                 "Makes what a domain needs to send mail: keys, records, configuration.",
                                 options,
                                 sizeof options / sizeof *options,
                                 1,
                                 1};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    return result != MV_EXIT_OK || help ? result : run(&given, operands[0]);
}
