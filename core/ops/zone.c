#include "core/ops/zone.h"

#include "core/base/trace.h"
#include "core/dns/exchange.h"
#include "core/dns/wire.h"
#include "core/text/domain.h"

/* Names without repetition. */
struct names {
    struct mv_bytes items[MV_ZONE_MAX_SERVERS];
    size_t count;
};

static bool add_name(struct names *names, struct mv_bytes name)
{
    for (size_t i = 0; i < names->count; i++)
        if (mv_domain_equal(names->items[i], name))
            return true;
    if (names->count == MV_ZONE_MAX_SERVERS)
        return false;
    names->items[names->count++] = name;
    return true;
}

static enum mv_code say(const struct mv_inquirer *inquirer, const char **fault_r, struct mv_bytes zone,
                        const char *what)
{
    *fault_r = mv_arena_printf(inquirer->arena, "%.*s: %s", MV_ARG(zone), what);
    return *fault_r == NULL ? MV_ERR_MEMORY : MV_OK;
}

/* Until every question of the memo has its answer; at the deadline that is "timed out". */
static enum mv_code answer_all(const struct mv_inquirer *inquirer, struct mv_memo *memo)
{
    enum mv_code code = mv_resolver_send(inquirer->resolver, memo);

    while (code == MV_OK && mv_memo_open(memo) > 0)
        code = mv_resolver_wait(inquirer->resolver, memo, inquirer->deadline_msecs);
    mv_resolver_forget(inquirer->resolver, memo);
    return code;
}

/* The nearest name upwards that has NS records is where the zone begins (RFC 2181 6.1). */
static enum mv_code find_cut(const struct mv_inquirer *inquirer, struct mv_memo *memo, struct mv_bytes name,
                             struct mv_zone *zone, struct names *names, const char **fault_r)
{
    enum mv_code code;

    for (struct mv_bytes at = name; at.len > 0; at = mv_domain_parent(at))
        mv_memo_prefetch(memo, at, MV_DNS_NS);
    code = answer_all(inquirer, memo);
    for (; code == MV_OK && name.len > 0; name = mv_domain_parent(name)) {
        const struct mv_dns_answer *answer = mv_memo_peek(memo, name, MV_DNS_NS);

        if (answer == NULL)
            return MV_ERR_MEMORY;
        if (mv_dns_is_error(answer->status))
            return say(inquirer, fault_r, name, "the resolver cannot tell its name servers");
        if (answer->status != MV_DNS_FOUND)
            continue;
        zone->name = name;
        for (size_t i = 0; i < answer->count; i++)
            if (!add_name(names, answer->records[i].data))
                return say(inquirer, fault_r, name, "has more name servers than can be asked");
        return MV_OK;
    }
    return code == MV_OK ? say(inquirer, fault_r, zone->name, "no zone was found for it") : code;
}

static enum mv_code add_addresses(const struct mv_inquirer *inquirer, const struct mv_memo *memo, struct mv_bytes name,
                                  struct mv_zone_server *servers, size_t *count, const char **fault_r)
{
    static const enum mv_dns_type types[] = {MV_DNS_A, MV_DNS_AAAA};
    size_t before = *count;

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        const struct mv_dns_answer *answer = mv_memo_peek(memo, name, types[t]);

        if (answer == NULL)
            return MV_ERR_MEMORY;
        if (mv_dns_is_error(answer->status))
            return say(inquirer, fault_r, name, "the resolver cannot tell the addresses of this name server");
        for (size_t i = 0; i < answer->count; i++) {
            if (*count == MV_ZONE_MAX_ADDRESSES)
                return say(inquirer, fault_r, name, "name servers with more addresses than can be asked");
            servers[*count].name = name;
            if (mv_ip_from_octets(answer->records[i].data, &servers[*count].ip))
                ++*count;
        }
    }
    if (*count == before && *count < MV_ZONE_MAX_ADDRESSES)
        servers[(*count)++] = (struct mv_zone_server){.name = name};
    return MV_OK;
}

/* Addresses of all names; the answers live in the inquirer's arena. */
static enum mv_code find_addresses(const struct mv_inquirer *inquirer, struct mv_memo *memo, const struct names *names,
                                   struct mv_zone *zone, const char **fault_r)
{
    struct mv_zone_server *servers = mv_arena_array(inquirer->arena, MV_ZONE_MAX_ADDRESSES, sizeof *servers);
    enum mv_code code;

    if (servers == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < names->count; i++) {
        mv_memo_prefetch(memo, names->items[i], MV_DNS_A);
        mv_memo_prefetch(memo, names->items[i], MV_DNS_AAAA);
    }
    code = answer_all(inquirer, memo);
    zone->servers = servers;
    zone->count = 0;
    for (size_t i = 0; code == MV_OK && *fault_r == NULL && i < names->count; i++)
        code = add_addresses(inquirer, memo, names->items[i], servers, &zone->count, fault_r);
    return code;
}

/* What each server says of its zone: all servers there are, whoever knows of them. */
static enum mv_code ask_for_more(const struct mv_inquirer *inquirer, const struct mv_zone *zone, struct names *names,
                                 const char **fault_r)
{
    struct mv_exchange *items = mv_arena_array(inquirer->arena, zone->count, sizeof *items);
    size_t count = 0;
    enum mv_code code;

    if (items == NULL)
        return MV_ERR_MEMORY;
    for (size_t i = 0; i < zone->count; i++)
        if (zone->servers[i].ip.family != MV_IP_NONE)
            items[count++] = (struct mv_exchange){.server = zone->servers[i].ip, .question = {zone->name, MV_DNS_NS}};
    code = mv_exchange_all(inquirer->arena, items, count, inquirer->port, inquirer->try_msecs,
                           inquirer->deadline_msecs);
    for (size_t i = 0; code == MV_OK && i < count; i++) {
        struct mv_zone_answer answer = {.word = MV_ZONE_FAILURE};

        if (items[i].end == MV_EXCHANGE_ANSWERED)
            code = mv_dns_wire_zone_answer(inquirer->arena, &items[i].question, items[i].message, &answer);
        for (size_t k = 0; code == MV_OK && answer.word == MV_ZONE_RECORDS && k < answer.count; k++)
            if (!add_name(names, answer.records[k].data))
                return say(inquirer, fault_r, zone->name, "has more name servers than can be asked");
    }
    return code;
}

static enum mv_code resolve(const struct mv_inquirer *inquirer, struct names *names, struct mv_zone *zone,
                            const char **fault_r)
{
    struct mv_memo *memo = mv_memo_new(inquirer->arena);
    size_t known = names->count;
    enum mv_code code;

    if (memo == NULL)
        return MV_ERR_MEMORY;
    code = find_addresses(inquirer, memo, names, zone, fault_r);
    if (code == MV_OK && *fault_r == NULL)
        code = ask_for_more(inquirer, zone, names, fault_r);
    if (code == MV_OK && *fault_r == NULL && names->count > known)
        code = find_addresses(inquirer, memo, names, zone, fault_r);
    return code;
}

enum mv_code mv_zone_find(const struct mv_inquirer *inquirer, struct mv_bytes name, struct mv_zone *zone_r,
                          const char **fault_r)
{
    struct mv_memo *memo = mv_memo_new(inquirer->arena);
    struct names names = {.count = 0};
    enum mv_code code;

    *zone_r = (struct mv_zone){.name = name};
    *fault_r = NULL;
    if (memo == NULL)
        return MV_ERR_MEMORY;
    code = find_cut(inquirer, memo, name, zone_r, &names, fault_r);
    return code == MV_OK && *fault_r == NULL ? resolve(inquirer, &names, zone_r, fault_r) : code;
}

enum mv_code mv_zone_from_names(const struct mv_inquirer *inquirer, struct mv_bytes name,
                                const struct mv_bytes *server_names, size_t count, struct mv_zone *zone_r,
                                const char **fault_r)
{
    struct names names = {.count = 0};

    *zone_r = (struct mv_zone){.name = name};
    *fault_r = NULL;
    for (size_t i = 0; i < count; i++)
        if (!add_name(&names, server_names[i]))
            return say(inquirer, fault_r, name, "has more name servers than can be asked");
    return resolve(inquirer, &names, zone_r, fault_r);
}
