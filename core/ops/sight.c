#include "core/ops/sight.h"

#include "core/base/trace.h"
#include "core/dns/exchange.h"
#include "core/dns/wire.h"
#include "core/text/domain.h"

#define UNKNOWN_NEGATIVE_SECS (24 * 3600) /* when no server tells its SOA: RFC 2308 5 has no zone above a day */

/* One zone, and the names that are looked for in it. */
struct search {
    const struct mv_inquirer *inquirer;
    struct mv_zone zone;
    unsigned depth;
    struct mv_exchange *exchanges; /* for each server: the SOA, then each name */
    size_t row;                    /* exchanges for one server */
};

/* Where a name leads to, if it does. */
struct lead {
    struct mv_bytes zone;  /* a zone below; empty: an alias */
    struct mv_bytes name;
    const struct mv_dns_record *servers;
    size_t server_count;
    bool several; /* servers disagree about it */
};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum mv_code set_fault(const struct mv_inquirer *inquirer, struct mv_sight *sight,
                              const struct mv_zone_server *server, const char *what)
{
    struct mv_buf ip;
    const char *text;

    if (sight->view.fault.len > 0)
        return MV_OK;
    mv_buf_init(&ip, 64);
    mv_ip_print(&server->ip, &ip);
    text = server->name.len == 0
               ? what
               : mv_arena_printf(inquirer->arena, "%.*s (%.*s) %s", MV_ARG(server->name), MV_ARG(mv_buf_bytes(&ip)),
                                 what);
    mv_buf_free(&ip);
    sight->view.fault = mv_bytes_str(text);
    return text == NULL ? MV_ERR_MEMORY : MV_OK;
}

static enum mv_code add_line(const struct mv_inquirer *inquirer, struct mv_sight *sight,
                             const struct mv_sight_line *line)
{
    struct mv_sight_line *grown = mv_arena_grow(inquirer->arena, sight->lines, sight->line_count, sizeof *grown);

    if (grown == NULL)
        return MV_ERR_MEMORY;
    grown[sight->line_count++] = *line;
    sight->lines = grown;
    return line->shown || !line->counts ? MV_OK : set_fault(inquirer, sight, &line->server, line->what);
}

static const char *text_of_end(enum mv_exchange_end end)
{
    switch (end) {
    case MV_EXCHANGE_ANSWERED:
    case MV_EXCHANGE_SILENT:
        break;
    case MV_EXCHANGE_CLOSED:
        return "does not take questions there";
    case MV_EXCHANGE_NO_ROUTE:
        return "cannot be reached from this host";
    }
    return "does not answer";
}

/* Nobody can ask a name without addresses; and another address of the same server stands for one out of our reach. */
static bool counts(const struct search *search, size_t server)
{
    const struct mv_zone_server *servers = search->zone.servers;

    if (servers[server].ip.family == MV_IP_NONE)
        return false;
    if (search->exchanges[server * search->row].end != MV_EXCHANGE_NO_ROUTE)
        return true;
    for (size_t i = 0; i < search->zone.count; i++)
        if (search->exchanges[i * search->row].end != MV_EXCHANGE_NO_ROUTE && servers[i].ip.family != MV_IP_NONE &&
            mv_domain_equal(servers[i].name, servers[server].name))
            return false;
    return true;
}

/* An alias to a name, or a zone below this one; a server that does not have the zone may point upwards. */
static bool leads_on(const struct search *search, const struct mv_zone_answer *answer)
{
    if (answer->word == MV_ZONE_ALIAS)
        return answer->name.len > 0;
    return mv_domain_is_within(answer->name, search->zone.name) && !mv_domain_equal(answer->name, search->zone.name);
}

static void note_lead(struct lead *lead, const struct mv_zone_answer *answer)
{
    struct mv_bytes zone = answer->word == MV_ZONE_ELSEWHERE ? answer->name : (struct mv_bytes){NULL, 0};
    struct mv_bytes name = answer->word == MV_ZONE_ALIAS ? answer->name : (struct mv_bytes){NULL, 0};

    if (lead->zone.len + lead->name.len > 0) {
        lead->several = lead->several || !mv_domain_equal(lead->zone, zone) || !mv_domain_equal(lead->name, name);
        return;
    }
    *lead = (struct lead){.zone = zone, .name = name, .servers = answer->records, .server_count = answer->count};
}

static enum mv_code take_records(const struct search *search, const struct mv_zone_answer *answer,
                                 const struct mv_sight_request *request, struct mv_key_view *view,
                                 struct mv_sight_line *line)
{
    enum mv_key_match match = MV_MATCH_OTHER;
    enum mv_code code = mv_key_match(search->inquirer->arena, answer->records, answer->count, &request->want, &match,
                                     &line->what);

    if (code != MV_OK)
        return code;
    view->shown += match == MV_MATCH_SHOWN;
    view->other += match == MV_MATCH_OTHER;
    view->revoked += match == MV_MATCH_REVOKED;
    line->shown = match == MV_MATCH_SHOWN;
    if (line->shown)
        line->what = "shows the key";
    else
        view->before_secs = larger(view->before_secs, answer->ttl_secs);
    return MV_OK;
}

/* The server of a name that leads elsewhere is not counted: those where it leads are. */
static void take_lead(const struct mv_zone_answer *answer, struct mv_key_view *view, struct lead *lead,
                      struct mv_sight_line *line)
{
    note_lead(lead, answer);
    view->before_secs = larger(view->before_secs, answer->ttl_secs);
    line->counts = false;
    line->what = answer->word == MV_ZONE_ALIAS ? "leads to another name" : "leads to a zone below";
}

static enum mv_code take_answer(const struct search *search, const struct mv_zone_answer *answer,
                                const struct mv_sight_request *request, struct mv_sight *sight, struct lead *lead,
                                struct mv_sight_line *line)
{
    struct mv_key_view *view = &sight->view;

    view->negative_secs = larger(view->negative_secs, answer->negative_secs);
    switch (answer->word) {
    case MV_ZONE_RECORDS:
        return take_records(search, answer, request, view, line);
    case MV_ZONE_NOTHING:
        view->missing++;
        line->what = "has no such record";
        return MV_OK;
    case MV_ZONE_ALIAS:
    case MV_ZONE_ELSEWHERE:
        if (leads_on(search, answer)) {
            take_lead(answer, view, lead, line);
            return MV_OK;
        }
        break;
    case MV_ZONE_FAILURE:
        break;
    }
    view->silent++;
    line->what = answer->word == MV_ZONE_FAILURE ? answer->fault : "is not responsible for the zone";
    return MV_OK;
}

static enum mv_code take_server(const struct search *search, size_t server, size_t column,
                                const struct mv_sight_request *request, struct mv_sight *sight, struct lead *lead)
{
    const struct mv_exchange *exchange = &search->exchanges[server * search->row + column];
    struct mv_sight_line line = {.server = search->zone.servers[server], .counts = counts(search, server)};
    struct mv_zone_answer answer;
    enum mv_code code = MV_OK;

    if (exchange->end == MV_EXCHANGE_ANSWERED) {
        code = mv_dns_wire_zone_answer(search->inquirer->arena, &exchange->question, exchange->message, &answer);
        if (code == MV_OK)
            code = take_answer(search, &answer, request, sight, lead, &line);
        sight->view.looked = true;
    } else {
        sight->view.silent += line.counts;
        line.what = line.server.ip.family == MV_IP_NONE ? "has no address" : text_of_end(exchange->end);
    }
    sight->view.servers += line.counts;
    return code == MV_OK ? add_line(search->inquirer, sight, &line) : code;
}

/* MINIMUM of the zone, as each server tells it. */
static enum mv_code zone_negative_secs(const struct search *search, int64_t *secs_r)
{
    *secs_r = 0;
    for (size_t i = 0; i < search->zone.count; i++) {
        const struct mv_exchange *exchange = &search->exchanges[i * search->row];
        struct mv_zone_answer answer;

        if (exchange->end != MV_EXCHANGE_ANSWERED)
            continue;
        if (mv_dns_wire_zone_answer(search->inquirer->arena, &exchange->question, exchange->message, &answer) != MV_OK)
            return MV_ERR_MEMORY;
        *secs_r = larger(*secs_r, answer.negative_secs);
    }
    if (*secs_r == 0)
        *secs_r = UNKNOWN_NEGATIVE_SECS;
    return MV_OK;
}

static enum mv_code ask_all(struct search *search, const struct mv_sight_request *requests, size_t count)
{
    const struct mv_inquirer *inquirer = search->inquirer;

    search->row = count + 1;
    search->exchanges = mv_arena_array(inquirer->arena, search->zone.count * search->row, sizeof *search->exchanges);
    if (search->exchanges == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < search->zone.count; i++) {
        struct mv_exchange *row = &search->exchanges[i * search->row];

        row[0].question = (struct mv_dns_question){search->zone.name, MV_DNS_SOA};
        for (size_t k = 0; k < count; k++)
            row[1 + k].question = (struct mv_dns_question){requests[k].name, MV_DNS_TXT};
        for (size_t k = 0; k < search->row; k++)
            row[k].server = search->zone.servers[i].ip;
    }
    return mv_exchange_all(inquirer->arena, search->exchanges, search->zone.count * search->row, inquirer->port,
                           inquirer->try_msecs, inquirer->deadline_msecs);
}

static enum mv_code search_zone(struct search *search, const struct mv_sight_request *requests, size_t count,
                                struct mv_sight *sights);

static enum mv_code names_of(const struct search *search, const struct lead *lead, const struct mv_bytes **names_r)
{
    struct mv_bytes *names = mv_arena_array(search->inquirer->arena, lead->server_count, sizeof *names);

    for (size_t i = 0; names != NULL && i < lead->server_count; i++)
        names[i] = lead->servers[i].data;
    *names_r = names;
    return names == NULL ? MV_ERR_MEMORY : MV_OK;
}

/* Goes on where a name leads to. What is found there adds to the sight. */
static enum mv_code follow(const struct search *search, const struct lead *lead, const struct mv_sight_request *request,
                           struct mv_sight *sight)
{
    static const struct mv_zone_server nobody;
    struct search next = {.inquirer = search->inquirer, .depth = search->depth + 1};
    struct mv_sight_request there = *request;
    const struct mv_bytes *names = NULL;
    const char *fault = NULL;
    enum mv_code code = MV_OK;

    if (lead->several || next.depth > MV_SIGHT_MAX_DEPTH) {
        fault = lead->several ? "the servers do not agree on where it leads" : "it leads on and on";
    } else if (lead->zone.len > 0) {
        code = names_of(search, lead, &names);
        if (code == MV_OK)
            code = mv_zone_from_names(search->inquirer, lead->zone, names, lead->server_count, &next.zone, &fault);
    } else {
        there.name = lead->name;
        code = mv_zone_find(search->inquirer, lead->name, &next.zone, &fault);
    }
    if (code != MV_OK || fault == NULL)
        return code == MV_OK ? search_zone(&next, &there, 1, sight) : code;
    sight->view.servers++;
    sight->view.silent++;
    return add_line(search->inquirer, sight, &(struct mv_sight_line){nobody, true, false, fault});
}

static enum mv_code search_zone(struct search *search, const struct mv_sight_request *requests, size_t count,
                                struct mv_sight *sights)
{
    int64_t negative_secs = 0;
    enum mv_code code = ask_all(search, requests, count);

    if (code == MV_OK)
        code = zone_negative_secs(search, &negative_secs);
    for (size_t k = 0; code == MV_OK && k < count; k++) {
        struct lead lead = {.several = false};

        sights[k].view.negative_secs = larger(sights[k].view.negative_secs, negative_secs);
        for (size_t i = 0; code == MV_OK && i < search->zone.count; i++)
            code = take_server(search, i, 1 + k, &requests[k], &sights[k], &lead);
        if (code == MV_OK && lead.zone.len + lead.name.len > 0)
            code = follow(search, &lead, &requests[k], &sights[k]);
    }
    return code;
}

enum mv_code mv_sight_look(const struct mv_inquirer *inquirer, struct mv_bytes domain,
                           const struct mv_sight_request *requests, size_t count, struct mv_sight *sights_r)
{
    struct search search = {.inquirer = inquirer};
    const char *fault = NULL;
    enum mv_code code;

    for (size_t k = 0; k < count; k++)
        sights_r[k] = (struct mv_sight){.view.looked = false};
    if (count == 0)
        return MV_OK;
    /* from the domain upwards: a question for what lies below would leave "there is not" in the resolver's cache */
    code = mv_zone_find(inquirer, domain, &search.zone, &fault);
    if (code == MV_OK && fault == NULL)
        return search_zone(&search, requests, count, sights_r);
    for (size_t k = 0; k < count; k++)
        sights_r[k].view.fault = mv_bytes_str(fault);
    return code;
}
