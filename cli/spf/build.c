/*
 * mailvouch spf build: the record of those who send, what it costs, and what goes with it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/json.h"
#include "cli/lookup.h"
#include "cli/show_findings.h"
#include "cli/spf/commands.h"
#include "cli/spf/senders.h"
#include "cli/spf/show.h"
#include "cli/spf/tree.h"
#include "core/ops/spf_build.h"
#include "core/ops/spf_lint.h"
#include "core/text/domain.h"

#define COMMAND "spf build"
#define MAX_OPERANDS 500

struct given {
    const char *config, *dns, *save_dns, *domain;
    struct mv_spf_senders_given senders;
    bool json, fail, neutral, list;
};

struct build {
    struct mv_arena *arena;
    struct mv_spf_senders senders;
    struct mv_spf_tree_request request; /* the new record */
    struct mv_spf_tree tree;
    struct mv_spf_tree old;             /* what is published now */
    struct mv_findings *findings;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct build *build = context;
    struct mv_spf_tree_request published = {.domain = build->request.domain};
    enum mv_code code = mv_spf_tree_read(build->arena, &build->request, memo, &build->tree);
    enum mv_code old_code = mv_spf_tree_read(build->arena, &published, memo, &build->old);

    return code == MV_OK ? old_code : code;
}

static enum mv_exit list_providers(bool json)
{
    size_t count;
    const struct mv_spf_provider *providers = mv_spf_providers(&count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        if (json)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", providers[i].name, "title",
                                                  providers[i].title, "include", providers[i].include));
        else
            printf("%-17s %-24s include:%s\n", providers[i].name, providers[i].title, providers[i].include);
    }
    if (json)
        return mv_json_print(json_pack("{s:s, s:o}", "date", mv_spf_providers_date(), "providers", list))
                   ? MV_EXIT_OK
                   : MV_EXIT_INTERNAL;
    json_decref(list);
    printf("as of %s; what the provider documents counts\n", mv_spf_providers_date());
    return MV_EXIT_OK;
}

static enum mv_spf_end end_of(const struct given *given)
{
    return given->fail ? MV_SPF_END_FAIL : given->neutral ? MV_SPF_END_NEUTRAL : MV_SPF_END_SOFTFAIL;
}

static enum mv_exit make_text(struct build *build, const struct given *given, const struct mv_lookup *lookup)
{
    struct mv_buf text;
    enum mv_code code;

    mv_buf_init(&text, 2 * MV_SPF_MAX_RECORD_BYTES);
    code = mv_spf_build(&build->senders, build->request.domain, end_of(given), &text);
    if (code == MV_OK && !mv_arena_copy(build->arena, mv_buf_bytes(&text), &build->request.text))
        code = MV_ERR_MEMORY;
    mv_buf_free(&text);
    if (code == MV_OK)
        return MV_EXIT_OK;
    if (code != MV_ERR_LIMIT)
        return mv_lookup_fail_code(lookup, code);
    fprintf(stderr, "mailvouch " COMMAND ": so many senders fit no record; publish some under a name of your own, and "
                    "give that as include:NAME\n");
    return MV_EXIT_INPUT;
}

static enum mv_exit look(struct build *build, struct mv_lookup *lookup)
{
    enum mv_code code = mv_lookup_run(lookup, stage, build);

    if (code == MV_OK)
        code = mv_spf_lint_tree(build->arena, &build->tree, build->findings);
    if (code == MV_OK && build->old.root->state == MV_SPF_TREE_READ)
        mv_spf_build_compare(build->old.root, build->tree.root, build->findings);
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(lookup, code);
}

static bool has(struct mv_bytes text, unsigned char c)
{
    return mv_bytes_find(text, c) < text.len;
}

static void print_helo(const struct build *build)
{
    bool first = true;

    for (size_t i = 0; i < build->senders.other_count; i++) {
        const struct mv_spf_sender *sender = &build->senders.others[i];

        if (sender->kind != MV_SPF_TERM_A || !sender->is_named || has(sender->domain, '/') || has(sender->domain, '%'))
            continue;
        if (first)
            puts("\nBounces have no sender, and are judged by the name in HELO (RFC 7208 2.4): one record at\n"
                 "each host, unless it has one:");
        first = false;
        mv_show_record(sender->domain, "TXT", MV_BYTES("v=spf1 a -all"));
    }
}

static void print_bounces(const struct build *build)
{
    for (size_t i = 0; i < build->senders.other_count; i++) {
        const struct mv_spf_provider *provider = build->senders.others[i].provider;

        if (provider != NULL && provider->bounce == MV_SPF_BOUNCE_OWN)
            printf("\n%s as a rule sends bounces to a name of its own, or to one below yours that is set up\n"
                   "there: then the include belongs at that name, or nowhere, and DKIM has to carry DMARC.\n",
                   provider->title);
    }
}

static void print_end(const struct given *given)
{
    if (given->senders.nobody)
        return;
    puts(given->fail ? "\n-all is right when all of this holds:"
                     : "\n~all first. -all (--fail) is right when all of this holds:");
    printf("  - the reports of a month show no sender of yours that is not in the record (mailvouch dmarc stage %s);\n"
           "  - mail that is forwarded is signed with DKIM, or may be lost: some receivers refuse for -all at once;\n"
           "  - receivers without DMARC are what it is for: for DMARC ~all is as good.\n",
           given->domain);
}

/* With what else the name has as TXT today. */
static size_t answer_bytes(const struct build *build, size_t *others_r)
{
    const struct mv_dns_answer *now = build->old.root->answer;
    size_t rdata = mv_spf_rdata_bytes(build->tree.root->text);

    *others_r = 0;
    for (size_t i = 0; now != NULL && i < now->count; i++)
        if (!mv_spf_record_is(now->records[i].data)) {
            rdata += now->records[i].rdata.len;
            (*others_r)++;
        }
    return mv_spf_answer_bytes(build->request.domain, 1 + *others_r, rdata);
}

static enum mv_exit print_text(const struct given *given, const struct build *build)
{
    const struct mv_spf_tree_host *root = build->tree.root, *old = build->old.root;
    size_t others, bytes = answer_bytes(build, &others);

    mv_show_record(root->domain, "TXT", root->text);
    if (old->state == MV_SPF_TREE_READ && !mv_bytes_equal(old->text, root->text)) {
        fputs("instead of what is published now:\n", stdout);
        mv_show_record(old->domain, "TXT", old->text);
    }
    putchar('\n');
    printf("%-8s %zu bytes of %d that surely pass", "answer", bytes, MV_SPF_UDP_BYTES);
    if (others > 0)
        printf(", with the %zu other TXT record%s of the name", others, others == 1 ? "" : "s");
    putchar('\n');
    mv_spf_show_cost(root);
    putchar('\n');
    if (!mv_spf_show_tree(&build->tree))
        return MV_EXIT_INTERNAL;
    print_end(given);
    print_helo(build);
    print_bounces(build);
    putchar('\n');
    mv_show_findings(build->findings);
    return mv_findings_exit(build->findings);
}

static enum mv_exit print(const struct given *given, const struct build *build)
{
    const struct mv_spf_tree_host *root = build->tree.root, *old = build->old.root;
    size_t others;
    json_t *json;

    if (!given->json)
        return print_text(given, build);
    json = json_pack("{s:o*, s:o*, s:o*, s:I, s:o*, s:o*}", "domain", mv_json_bytes(root->domain), "record",
                     mv_json_bytes(root->text), "published",
                     old->text.len == 0 ? json_null() : mv_json_bytes(old->text), "answer_bytes",
                     (json_int_t)answer_bytes(build, &others), "tree", mv_spf_json_tree(root), "findings",
                     mv_json_findings(build->findings));
    return mv_json_print(json) ? mv_findings_exit(build->findings) : MV_EXIT_INTERNAL;
}

static enum mv_exit prepare(struct build *build, const struct given *given, const struct mv_lookup *lookup)
{
    build->arena = lookup->arena;
    build->findings = mv_findings_new(build->arena);
    if (build->findings == NULL)
        return mv_lookup_fail_code(lookup, MV_ERR_MEMORY);
    if (!mv_domain_normalize(build->arena, mv_bytes_str(given->domain), &build->request.domain))
        return mv_spf_refuse(COMMAND, given->domain, "is no domain name");
    return mv_spf_senders_gather(build->arena, given->domain, &given->senders, &build->senders);
}

static enum mv_exit run(const struct given *given)
{
    struct mv_lookup lookup;
    struct build build = {.arena = NULL};
    enum mv_exit result = mv_lookup_begin(COMMAND, given->config, given->dns, &lookup);

    if (result == MV_EXIT_OK)
        result = prepare(&build, given, &lookup);
    if (result == MV_EXIT_OK)
        result = make_text(&build, given, &lookup);
    if (result == MV_EXIT_OK)
        result = look(&build, &lookup);
    if (result == MV_EXIT_OK && given->save_dns != NULL)
        result = mv_lookup_save(&lookup, given->save_dns);
    if (result == MV_EXIT_OK)
        result = print(given, &build);
    mv_lookup_end(&lookup);
    return result;
}

enum mv_exit mv_spf_cmd_build(int argc, char **argv)
{
    struct given given = {.config = NULL};
    struct mv_spf_senders_given *senders = &given.senders;
    const struct mv_arg_option options[] = {
        {"mx", MV_ARG_FLAG, &senders->mx, NULL, "the hosts that take its mail send it, too"},
        {"a", MV_ARG_FLAG, &senders->a, NULL, "the host of the domain's own name sends"},
        {"ip", MV_ARG_TEXTS, &senders->ips, "NETWORK", "an address or network that sends"},
        {"host", MV_ARG_TEXTS, &senders->hosts, "NAME", "a host that sends"},
        {"include", MV_ARG_TEXTS, &senders->includes, "NAME", "the SPF record of a provider"},
        {"provider", MV_ARG_TEXTS, &senders->providers, "NAME", "a provider, see --list-providers"},
        {"senders", MV_ARG_TEXT, &senders->file, "FILE", "such senders from a file, one on each line"},
        {"nobody", MV_ARG_FLAG, &senders->nobody, NULL, "the domain sends no mail"},
        {"fail", MV_ARG_FLAG, &given.fail, NULL, "end with -all, not ~all"},
        {"neutral", MV_ARG_FLAG, &given.neutral, NULL, "end with ?all"},
        {"list-providers", MV_ARG_FLAG, &given.list, NULL, "the providers that are known by name"},
        {"json", MV_ARG_FLAG, &given.json, NULL, "the result as JSON"},
        {"dns", MV_ARG_TEXT, &given.dns, "FILE", "take DNS answers from a file, ask nothing"},
        {"save-dns", MV_ARG_TEXT, &given.save_dns, "FILE", "write every DNS answer that was used"},
        {"config", MV_ARG_TEXT, &given.config, "FILE", "another configuration"},
    };
    const struct mv_args args = {COMMAND, "DOMAIN [SENDER]...",
                                 "Prints the SPF record of those who send: mx, addresses, networks, hosts, providers.",
                                 options, sizeof options / sizeof *options, 0, MAX_OPERANDS};
    size_t count;
    bool help;
    enum mv_exit result = mv_args_read(&args, argc, argv, &help, &senders->words, &count);

    if (result != MV_EXIT_OK || help)
        return result;
    if (given.list)
        return list_providers(given.json);
    if (count == 0) {
        fputs("mailvouch " COMMAND ": give DOMAIN; see 'mailvouch " COMMAND " --help'\n", stderr);
        return MV_EXIT_USAGE;
    }
    given.domain = senders->words[0];
    senders->words++;
    senders->word_count = count - 1;
    return run(&given);
}
