/*
 * mailvouch spf flatten: includes as networks, and the alarm when they no longer match their source.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/show_findings.h"
#include "cli/spf/commands.h"
#include "cli/spf/flat_file.h"
#include "cli/spf/show.h"
#include "cli/spf/tree.h"
#include "core/text/domain.h"

#define COMMAND "spf flatten"

struct given {
    const char *config, *dns, *save_dns, *source, *write;
    bool json, check;
};

struct flatten {
    struct mv_arena *arena;
    struct mv_spf_flat_file file;       /* domain and source, and what was written down, when a file was given */
    struct mv_spf_tree_request request; /* the source */
    struct mv_spf_tree source_tree, published_tree;
    bool is_file, needs_published;
    bool has_source_name;               /* _spf-source holds it */
    struct mv_spf_flat source, published;
    const struct mv_spf_flat_record *records;
    size_t record_count;
    unsigned lookups;
    struct mv_findings *findings;
};

static struct mv_bytes record_in(const struct mv_dns_answer *answer)
{
    for (size_t i = 0; answer != NULL && i < answer->count; i++)
        if (mv_spf_record_is(answer->records[i].data))
            return answer->records[i].data;
    return MV_BYTES("");
}

/* The source, unless it was given: at its own name, or else what the domain publishes. */
static enum mv_code find_source(struct flatten *flatten, struct mv_memo *memo)
{
    struct mv_bytes parts[] = {MV_BYTES(MV_SPF_FLAT_SOURCE_LABEL "."), flatten->request.domain}, name;
    const struct mv_dns_answer *answer;

    if (flatten->request.text.len > 0)
        return MV_OK;
    if (!mv_arena_join(flatten->arena, parts, 2, &name))
        return MV_ERR_MEMORY;
    answer = mv_memo_ask(memo, name, MV_DNS_TXT);
    if (answer == NULL)
        return mv_memo_miss(memo);
    flatten->request.text = record_in(answer);
    flatten->has_source_name = flatten->request.text.len > 0;
    return MV_OK;
}

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct flatten *flatten = context;
    struct mv_spf_tree_request published = {.domain = flatten->request.domain};
    enum mv_code code = find_source(flatten, memo), other = MV_OK;

    if (code != MV_OK)
        return code;
    code = mv_spf_tree_read(flatten->arena, &flatten->request, memo, &flatten->source_tree);
    if (flatten->needs_published)
        other = mv_spf_tree_read(flatten->arena, &published, memo, &flatten->published_tree);
    return code == MV_OK ? other : code;
}

static enum mv_exit fail(const char *what, const struct mv_error *error)
{
    struct mv_buf line;

    mv_buf_init(&line, 4 * MV_ERROR_TEXT_BYTES);
    mv_buf_put_escaped(&line, mv_bytes_str(error->text));
    fprintf(stderr, "mailvouch " COMMAND ": %s: %s\n", what, mv_buf_cstr(&line) == NULL ? "" : mv_buf_cstr(&line));
    mv_buf_free(&line);
    return error->code == MV_ERR_IO ? MV_EXIT_TRY_AGAIN : mv_exit_of_code(error->code);
}

static enum mv_exit refuse_sourceless(const struct flatten *flatten)
{
    fprintf(stderr,
            "mailvouch " COMMAND ": no source to compare with: give the file that --write made, --source RECORD, or "
            "publish the source as TXT of " MV_SPF_FLAT_SOURCE_LABEL ".%.*s\n",
            (int)flatten->request.domain.len, flatten->request.domain.data);
    return MV_EXIT_INPUT;
}

static enum mv_exit check(struct flatten *flatten)
{
    struct mv_error error = {MV_OK, ""};

    if (!flatten->is_file && !flatten->has_source_name && flatten->file.source.len == 0)
        return refuse_sourceless(flatten);
    if (mv_spf_flatten(flatten->arena, &flatten->published_tree, &flatten->published, &error) != MV_OK)
        return fail("what is published", &error);
    mv_spf_flat_compare(&flatten->source, &flatten->published, flatten->request.domain, flatten->findings);
    if (flatten->is_file)
        mv_spf_flat_compare_text(&flatten->file.records[0], flatten->published_tree.root->text, flatten->findings);
    return MV_EXIT_OK;
}

static enum mv_exit look(struct flatten *flatten, const struct given *given, struct mv_lookup *lookup)
{
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = mv_lookup_run(lookup, stage, flatten);

    if (code != MV_OK)
        return mv_lookup_fail_code(lookup, code);
    if (mv_spf_flatten(flatten->arena, &flatten->source_tree, &flatten->source, &error) != MV_OK)
        return fail("the source", &error);
    code = mv_spf_flat_split(flatten->arena, flatten->request.domain, &flatten->source, &flatten->records,
                             &flatten->record_count, &flatten->lookups);
    if (code == MV_ERR_LIMIT) {
        fprintf(stderr, "mailvouch " COMMAND ": the networks fill more than %d records; include providers, rather than "
                        "flattening them\n", MV_SPF_FLAT_MAX_RECORDS);
        return MV_EXIT_INPUT;
    }
    if (code != MV_OK)
        return mv_lookup_fail_code(lookup, code);
    if (given->check)
        return check(flatten);
    mv_spf_flat_lint(&flatten->source, flatten->request.domain, flatten->lookups, flatten->findings);
    return MV_EXIT_OK;
}

/* What is published may be flat already: it must not take the place of the source that made it. */
static enum mv_exit refuse_other_source(const struct flatten *flatten, const struct given *given)
{
    struct mv_spf_flat_file held;
    enum mv_exit result;

    if (flatten->is_file || flatten->has_source_name || given->source != NULL || access(given->write, F_OK) != 0)
        return MV_EXIT_OK;
    result = mv_spf_flat_file_load(flatten->arena, given->write, &held);
    if (result != MV_EXIT_OK || mv_bytes_equal(held.source, flatten->source_tree.root->text))
        return result;
    fprintf(stderr,
            "mailvouch " COMMAND ": %s holds another source than what is published; "
            "'mailvouch " COMMAND " %s --write %s' goes on with it, --source RECORD with a new one\n",
            given->write, given->write, given->write);
    return MV_EXIT_INPUT;
}

static enum mv_exit save(const struct flatten *flatten, const char *path)
{
    struct mv_spf_flat_file file = {.domain = flatten->request.domain, .source = flatten->source_tree.root->text};

    for (size_t i = 0; i < flatten->record_count && i < MV_SPF_FLAT_MAX_RECORDS; i++)
        file.records[file.record_count++] = flatten->records[i];
    return mv_spf_flat_file_save(flatten->arena, path, &file);
}

static unsigned lookups_of(const struct mv_spf_tree *tree)
{
    unsigned v4 = tree->root->cost[MV_SPF_CLIENT_V4].lookups, v6 = tree->root->cost[MV_SPF_CLIENT_V6].lookups;

    return v4 > v6 ? v4 : v6;
}

static enum mv_exit print_check(const struct flatten *flatten)
{
    mv_spf_show_line("domain", flatten->request.domain);
    mv_spf_show_line("source", flatten->source_tree.root->text);
    mv_spf_show_line("now", flatten->published_tree.root->text);
    putchar('\n');
    if (mv_findings_count(flatten->findings) == 0)
        puts("The published record matches its source.");
    else
        mv_show_findings(flatten->findings);
    return mv_findings_exit(flatten->findings);
}

static enum mv_exit print_flat(const struct flatten *flatten, const struct given *given)
{
    for (size_t i = 0; i < flatten->record_count; i++)
        mv_show_record(flatten->records[i].name, "TXT", flatten->records[i].text);
    putchar('\n');
    mv_spf_show_line("source", flatten->source_tree.root->text);
    printf("%-8s %u instead of %u, of %d\n\n", "lookups", flatten->lookups, lookups_of(&flatten->source_tree),
           MV_SPF_MAX_LOOKUPS);
    if (given->write != NULL)
        printf("Let 'mailvouch spf flatten --check %s' run each day: it exits with 1 when providers have changed\n"
               "their networks, and then this is to be done again.\n",
               given->write);
    else
        puts("Providers change their networks without a word: keep the source, with --write FILE, and let\n"
             "'mailvouch spf flatten --check FILE' run each day.");
    if (mv_findings_count(flatten->findings) > 0) {
        putchar('\n');
        mv_show_findings(flatten->findings);
    }
    return mv_findings_exit(flatten->findings);
}

static enum mv_exit print_json(const struct flatten *flatten, const struct given *given)
{
    json_t *records = json_array(), *json;

    for (size_t i = 0; i < flatten->record_count && records != NULL; i++)
        if (json_array_append_new(records, json_pack("{s:o*, s:o*}", "name", mv_json_bytes(flatten->records[i].name),
                                                     "text", mv_json_bytes(flatten->records[i].text))) != 0) {
            json_decref(records);
            records = NULL;
        }
    json = json_pack("{s:o*, s:o*, s:o*, s:I, s:I, s:o*, s:o*}", "domain", mv_json_bytes(flatten->request.domain),
                     "source", mv_json_bytes(flatten->source_tree.root->text), "records", records, "lookups",
                     (json_int_t)flatten->lookups, "source_lookups", (json_int_t)lookups_of(&flatten->source_tree),
                     "published",
                     given->check ? mv_json_bytes(flatten->published_tree.root->text) : json_null(), "findings",
                     mv_json_findings(flatten->findings));
    return mv_json_print(json) ? mv_findings_exit(flatten->findings) : MV_EXIT_INTERNAL;
}

static enum mv_exit print(const struct flatten *flatten, const struct given *given)
{
    if (given->json)
        return print_json(flatten, given);
    return given->check ? print_check(flatten) : print_flat(flatten, given);
}

/* A domain, or the file of one. */
static enum mv_exit prepare(struct flatten *flatten, const struct given *given, const struct mv_lookup *lookup,
                            const char *operand)
{
    enum mv_exit result = MV_EXIT_OK;

    flatten->arena = lookup->arena;
    flatten->needs_published = given->check;
    flatten->findings = mv_findings_new(lookup->arena);
    if (flatten->findings == NULL)
        return mv_lookup_fail_code(lookup, MV_ERR_MEMORY);
    flatten->is_file = strchr(operand, '/') != NULL || access(operand, F_OK) == 0;
    if (flatten->is_file)
        result = mv_spf_flat_file_load(lookup->arena, operand, &flatten->file);
    else if (!mv_domain_normalize(lookup->arena, mv_bytes_str(operand), &flatten->file.domain))
        result = mv_spf_refuse(COMMAND, operand, "is neither a file nor a domain name");
    if (result == MV_EXIT_OK && given->source != NULL) {
        flatten->file.source = mv_bytes_str(given->source);
        if (!mv_spf_record_is(flatten->file.source))
            result = mv_spf_refuse(COMMAND, given->source, "is no record: it begins with v=spf1 and a space");
    }
    flatten->request = (struct mv_spf_tree_request){flatten->file.domain, flatten->file.source};
    return result;
}

static enum mv_exit run(const struct given *given, const char *operand)
{
    struct mv_lookup lookup;
    struct flatten flatten = {.arena = NULL};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&flatten, given, &lookup, operand);
    if (result == MV_EXIT_OK)
        result = look(&flatten, given, &lookup);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK && given->write != NULL)
        result = refuse_other_source(&flatten, given);
    if (result == MV_EXIT_OK && given->write != NULL)
        result = save(&flatten, given->write);
    if (result == MV_EXIT_OK)
        result = print(&flatten, given);
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_spf_cmd_flatten(int argc, char **argv)
{
    struct given given = {.config = NULL};
    const struct mv_arg_option options[] = {
        {"check", MV_ARG_FLAG, &given.check, NULL, "does what is published match its source still? 1: no"},
        {"write", MV_ARG_TEXT, &given.write, "FILE", "write source and records down"},
        {"source", MV_ARG_TEXT, &given.source, "RECORD", "the source, instead of what is published"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take DNS answers from a file, ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every DNS answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "another configuration"},
    };
    const struct mv_args args = {COMMAND, "DOMAIN|FILE",
                                 "Prints the SPF record of a domain with its includes as networks.", options,
                                 sizeof options / sizeof *options, 1, 1};
    char **operands;
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &operands, &count);

    if (result != MV_EXIT_OK || help)
        return result;
    if (given.check && given.write != NULL) {
        fputs("mailvouch " COMMAND ": --check writes nothing: leave --write out\n", stderr);
        return MV_EXIT_USAGE;
    }
    return run(&given, operands[0]);
}
