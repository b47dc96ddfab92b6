#include "cli/spf/senders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "core/base/trace.h"
#include "core/ops/spf_providers.h"

#define COMMAND "spf build"
#define MAX_QUESTION_LINES 200

struct gathering {
    struct mv_arena *arena;
    struct mv_spf_senders *senders;
};

static enum mv_exit refuse(const char *place, const struct mv_error *error)
{
    struct mv_buf line;

    mv_buf_init(&line, 4 * MV_ERROR_TEXT_BYTES);
    mv_buf_put_escaped(&line, mv_bytes_str(error->text));
    fprintf(stderr, "mailvouch " COMMAND ": %s%s%s\n", place, *place == '\0' ? "" : ":",
            mv_buf_cstr(&line) == NULL ? "" : mv_buf_cstr(&line));
    mv_buf_free(&line);
    return mv_exit_of_code(error->code) == MV_EXIT_INTERNAL ? MV_EXIT_INTERNAL : MV_EXIT_INPUT;
}

/* A prefix makes a word of an option what it is: "include:", or nothing. */
static enum mv_exit add(struct gathering *g, const char *prefix, const char *word)
{
    struct mv_bytes parts[] = {mv_bytes_str(prefix), mv_bytes_str(word)}, joined;
    struct mv_error error = {MV_OK, ""};

    if (!mv_arena_join(g->arena, parts, 2, &joined)) {
        (void)mv_error_set(&error, MV_ERR_MEMORY, "no memory");
        return refuse("", &error);
    }
    return mv_spf_senders_add(g->arena, g->senders, joined, &error) == MV_OK ? MV_EXIT_OK : refuse("", &error);
}

static enum mv_exit add_texts(struct gathering *g, const char *prefix, const struct mv_arg_texts *texts)
{
    enum mv_exit result = MV_EXIT_OK;

    for (size_t i = 0; result == MV_EXIT_OK && i < texts->count; i++)
        result = add(g, prefix, texts->items[i]);
    return result;
}

static enum mv_exit add_file(struct gathering *g, const char *path)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_buf raw;
    struct mv_bytes text;
    enum mv_exit result;

    mv_buf_init(&raw, MV_SPF_SENDERS_MAX_BYTES);
    result = mv_input_read_file(COMMAND, path, &raw);
    if (result == MV_EXIT_OK && !mv_arena_copy(g->arena, mv_buf_bytes(&raw), &text))
        result = MV_EXIT_INTERNAL;
    mv_buf_free(&raw);
    if (result == MV_EXIT_OK && mv_spf_senders_read(g->arena, text, g->senders, &error) != MV_OK)
        result = refuse(path, &error);
    return result;
}

static enum mv_exit add_given(struct gathering *g, const struct mv_spf_senders_given *given)
{
    enum mv_exit result = add_texts(g, "", &given->ips);

    if (result == MV_EXIT_OK)
        result = add_texts(g, "a:", &given->hosts);
    if (result == MV_EXIT_OK)
        result = add_texts(g, "include:", &given->includes);
    if (result == MV_EXIT_OK)
        result = add_texts(g, "", &given->providers);
    if (result == MV_EXIT_OK && given->mx)
        result = add(g, "", "mx");
    if (result == MV_EXIT_OK && given->a)
        result = add(g, "", "a");
    for (size_t i = 0; result == MV_EXIT_OK && i < given->word_count; i++)
        result = add(g, "", given->words[i]);
    if (result == MV_EXIT_OK && given->file != NULL)
        result = add_file(g, given->file);
    return result;
}

static void put_question(const char *domain)
{
    size_t count;
    const struct mv_spf_provider *providers = mv_spf_providers(&count);

    fprintf(stderr,
            "Who sends mail as %s? One on each line, an empty line ends the list:\n"
            "  mx                     the hosts that take its mail send it, too\n"
            "  192.0.2.0/24           an address or a network\n"
            "  web.%s        a host: web shop, printer, monitoring, ...\n"
            "  include:_spf.NAME      the record that a provider documents\n"
            "  or a provider by name:",
            domain, domain);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "%s%s", i % 8 == 0 ? "\n    " : " ", providers[i].name);
    fputs("\n", stderr);
}

/* A line that cannot be read is asked for again. */
static enum mv_exit ask(struct gathering *g, const char *domain)
{
    char *line = NULL;
    size_t size = 0;

    put_question(domain);
    for (unsigned count = 0; count < MAX_QUESTION_LINES; count++) {
        struct mv_error error = {MV_OK, ""};
        struct mv_bytes text;
        ssize_t length;

        fputs("sender: ", stderr);
        length = getline(&line, &size, stdin);
        if (length <= 1)
            break;
        if (!mv_arena_copy(g->arena, mv_bytes_trim(mv_bytes_of(line, (size_t)length)), &text))
            break;
        if (mv_spf_senders_read(g->arena, text, g->senders, &error) != MV_OK)
            (void)refuse("", &error);
    }
    free(line);
    return MV_EXIT_OK;
}

enum mv_exit mv_spf_senders_gather(struct mv_arena *arena, const char *domain,
                                   const struct mv_spf_senders_given *given, struct mv_spf_senders *senders_r)
{
    struct gathering g = {arena, senders_r};
    enum mv_exit result;

    *senders_r = (struct mv_spf_senders){.other_count = 0};
    result = add_given(&g, given);
    if (result == MV_EXIT_OK && !given->nobody && senders_r->networks.count + senders_r->other_count == 0 &&
        given->file == NULL && isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
        result = ask(&g, domain);
    if (result != MV_EXIT_OK || given->nobody == (senders_r->networks.count + senders_r->other_count == 0))
        return result;
    fputs(given->nobody ? "mailvouch " COMMAND ": --nobody, and senders: which of the two?\n"
                        : "mailvouch " COMMAND ": who sends? Name addresses, hosts, mx, providers, or --senders FILE; "
                          "--nobody for a domain that sends no mail\n",
          stderr);
    return MV_EXIT_USAGE;
}
