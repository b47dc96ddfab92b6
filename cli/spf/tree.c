#include "cli/spf/tree.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/show.h"
#include "core/base/trace.h"

#define MAX_LINE_BYTES (64 * 1024)
#define MAX_PREFIX_BYTES (4 * MV_SPF_TREE_MAX_DEPTH + 8)
#define MAX_SHOWN_TERM_BYTES 200

static bool is_network(const struct mv_spf_tree_term *term)
{
    return term->term.kind == MV_SPF_TERM_IP4 || term->term.kind == MV_SPF_TERM_IP6;
}

static unsigned most(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static void put_number(struct mv_buf *line, unsigned number, int width, bool is_blank)
{
    if (is_blank)
        mv_buf_printf(line, "%*s", width, "");
    else
        mv_buf_printf(line, "%*u", width, number);
}

/* "0/2" where IPv4 and IPv6 differ. */
static void put_voids(struct mv_buf *line, const struct mv_spf_cost cost[MV_SPF_CLIENTS])
{
    char text[32];
    unsigned v4 = cost[MV_SPF_CLIENT_V4].voids, v6 = cost[MV_SPF_CLIENT_V6].voids;

    if (v4 == v6) {
        put_number(line, v4, 7, v4 == 0);
        return;
    }
    snprintf(text, sizeof text, "%u/%u", v4, v6);
    mv_buf_printf(line, "%7s", text);
}

static void put_cost(struct mv_buf *line, const struct mv_spf_cost cost[MV_SPF_CLIENTS])
{
    unsigned lookups = most(cost[MV_SPF_CLIENT_V4].lookups, cost[MV_SPF_CLIENT_V6].lookups);

    put_number(line, lookups, 7, lookups == 0);
    put_voids(line, cost);
    mv_buf_puts(line, "  ");
}

static bool print_line(struct mv_buf *line)
{
    bool written = mv_buf_cstr(line) != NULL && puts(mv_buf_cstr(line)) != EOF;

    mv_buf_free(line);
    return written;
}

static void sum_cost(const struct mv_spf_tree_term *term, struct mv_spf_cost sum_r[MV_SPF_CLIENTS])
{
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        sum_r[client] = (struct mv_spf_cost){.lookups = 0};
        if (!term->reached[client])
            continue;
        sum_r[client] = term->cost[client];
        if (term->host == NULL)
            continue;
        sum_r[client].lookups += term->host->cost[client].lookups;
        sum_r[client].voids += term->host->cost[client].voids;
        sum_r[client].sure_voids += term->host->cost[client].sure_voids;
    }
}

static void put_remark(struct mv_buf *line, const struct mv_spf_tree_term *term)
{
    bool never = !term->reached[MV_SPF_CLIENT_V4] && !term->reached[MV_SPF_CLIENT_V6];

    if (never && term->term.kind != MV_SPF_TERM_EXP && term->term.kind != MV_SPF_TERM_OTHER)
        mv_buf_puts(line, "  (never looked at)");
    if (term->host != NULL && term->host->state != MV_SPF_TREE_READ)
        mv_buf_printf(line, "  (%s)", mv_spf_tree_state_text(term->host->state));
    if (term->unanswered)
        mv_buf_puts(line, "  (DNS failed)");
    else if (term->cost[MV_SPF_CLIENT_V4].sure_voids > 0 && term->cost[MV_SPF_CLIENT_V6].sure_voids > 0 &&
             term->host == NULL)
        mv_buf_puts(line, "  (not there)");
    else if (term->cost[MV_SPF_CLIENT_V6].sure_voids > 0 && term->host == NULL)
        mv_buf_puts(line, "  (no IPv6)");
    else if (term->cost[MV_SPF_CLIENT_V4].sure_voids > 0 && term->host == NULL)
        mv_buf_puts(line, "  (no IPv4)");
}

static bool print_below(const struct mv_spf_tree_host *host, const char *prefix);

static bool print_term(const struct mv_spf_tree_term *term, const char *prefix, bool is_last)
{
    struct mv_spf_cost cost[MV_SPF_CLIENTS];
    char below[MAX_PREFIX_BYTES];
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    sum_cost(term, cost);
    put_cost(&line, cost);
    mv_buf_printf(&line, "%s%s ", prefix, is_last ? "'-" : "|-");
    mv_buf_put_escaped(&line, mv_bytes_slice(term->term.text, 0, MAX_SHOWN_TERM_BYTES));
    put_remark(&line, term);
    if (!print_line(&line))
        return false;
    snprintf(below, sizeof below, "%s%s", prefix, is_last ? "   " : "|  ");
    return term->host == NULL || print_below(term->host, below);
}

/* A run of networks is one line. */
static bool print_networks(size_t count, const char *prefix, bool is_last)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_printf(&line, "%16s%s%s %zu networks", "", prefix, is_last ? "'-" : "|-", count);
    return print_line(&line);
}

static size_t networks_from(const struct mv_spf_tree_host *host, size_t at)
{
    size_t count = 0;

    while (at + count < host->term_count && is_network(&host->terms[at + count]))
        count++;
    return count;
}

static bool print_below(const struct mv_spf_tree_host *host, const char *prefix)
{
    for (size_t i = 0; i < host->term_count;) {
        size_t networks = networks_from(host, i), step = networks > 1 ? networks : 1;
        bool is_last = i + step == host->term_count;

        if (networks > 1 ? !print_networks(networks, prefix, is_last) : !print_term(&host->terms[i], prefix, is_last))
            return false;
        i += step;
    }
    return true;
}

bool mv_spf_show_tree(const struct mv_spf_tree *tree)
{
    struct mv_buf line;

    if (puts("lookups  voids") == EOF)
        return false;
    mv_buf_init(&line, MAX_LINE_BYTES);
    put_number(&line, most(tree->root->cost[0].lookups, tree->root->cost[1].lookups), 7, false);
    put_voids(&line, tree->root->cost);
    mv_buf_puts(&line, "  ");
    if (tree->root->domain.len == 0)
        mv_buf_puts(&line, "the record");
    mv_buf_put_escaped(&line, tree->root->domain);
    return print_line(&line) && print_below(tree->root, "");
}

void mv_spf_show_cost(const struct mv_spf_tree_host *root)
{
    const struct mv_spf_cost *v4 = &root->cost[MV_SPF_CLIENT_V4], *v6 = &root->cost[MV_SPF_CLIENT_V6];
    unsigned lookups = most(v4->lookups, v6->lookups), voids = most(v4->voids, v6->voids);

    printf("%-8s ", "cost");
    mv_show_toned(lookups > MV_SPF_MAX_LOOKUPS || mv_spf_tree_is_endless(root) ? MV_TONE_BAD : MV_TONE_PLAIN,
                  "lookups");
    printf(" %u%s of %d, void lookups at most %u of %d\n", lookups, mv_spf_tree_is_endless(root) ? " and more" : "",
           MV_SPF_MAX_LOOKUPS, voids, MV_SPF_MAX_VOIDS);
}

static json_t *json_cost(const struct mv_spf_cost cost[MV_SPF_CLIENTS])
{
    json_t *sides[MV_SPF_CLIENTS];

    for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
        sides[client] = json_pack("{s:I, s:I, s:I}", "lookups", (json_int_t)cost[client].lookups, "voids",
                                  (json_int_t)cost[client].voids, "sure_voids", (json_int_t)cost[client].sure_voids);
    return json_pack("{s:o*, s:o*}", "ipv4", sides[MV_SPF_CLIENT_V4], "ipv6", sides[MV_SPF_CLIENT_V6]);
}

static json_t *json_term(const struct mv_spf_tree_term *term)
{
    struct mv_spf_cost cost[MV_SPF_CLIENTS];

    sum_cost(term, cost);
    return json_pack("{s:o*, s:o*, s:b, s:o*, s:o*}", "term", mv_json_bytes(term->term.text), "name",
                     term->name.len == 0 ? json_null() : mv_json_bytes(term->name), "varies", term->varies, "cost",
                     json_cost(cost), "below", term->host == NULL ? json_null() : mv_spf_json_tree(term->host));
}

json_t *mv_spf_json_tree(const struct mv_spf_tree_host *host)
{
    json_t *terms = json_array();

    for (size_t i = 0; i < host->term_count && terms != NULL; i++)
        if (json_array_append_new(terms, json_term(&host->terms[i])) != 0) {
            json_decref(terms);
            return NULL;
        }
    return json_pack("{s:o*, s:s, s:o*, s:o*, s:b, s:o*}", "domain",
                     host->domain.len == 0 ? json_null() : mv_json_bytes(host->domain), "state",
                     mv_spf_tree_state_word(host->state), "record",
                     host->text.len == 0 ? json_null() : mv_json_bytes(host->text), "cost", json_cost(host->cost),
                     "endless", mv_spf_tree_is_endless(host), "terms", terms);
}
