/* Who it is that fails, and what mends it: evidence and DNS together. */
#include "core/ops/stage_senders.h"

#include <string.h>

#include "tests/unit/ops_zone.h"
#include "tests/unit/stage_rows.h"
#include "tests/unit/unit.h"

#define NOW (STAGE_ROWS_BEGIN + (int64_t)30 * MV_DAY_SECS)
#define DAILY(rest) "20 " rest, "21 " rest, "22 " rest, "23 " rest, "24 " rest
#define PTR7 "7.2.0.192.in-addr.arpa PTR "

static const struct {
    const char *name;
    const char *lines[8];
    const char *zone;
    const char *sender; /* of the first one */
    enum mv_stage_sender_kind kind;
    enum mv_stage_sender_remedy remedy;
    const char *says;
} rows[] = {
    {"a stranger", {"20 192.0.2.7 900 firm.example bounce=firm.example"}, "", "192.0.2.7", MV_SENDER_STRANGER, MV_REMEDY_NONE, "--ours"},
    {"a machine that sends every day", {DAILY("192.0.2.7 1 firm.example")}, "", "192.0.2.7", MV_SENDER_STEADY, MV_REMEDY_FIND_OUT,
     "add ip4:192.0.2.7 to the SPF record of firm.example"},
    {"IPv6", {DAILY("2001:db8::7 1 firm.example")}, "", "2001:db8::7", MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, "ip6:2001:db8::7"},
    {"four days are no habit", {"20 192.0.2.7 1 firm.example", "21 192.0.2.7 1 firm.example", "22 192.0.2.7 1 firm.example",
     "23 192.0.2.7 1 firm.example"}, "", "192.0.2.7", MV_SENDER_STRANGER, MV_REMEDY_NONE, ""},
    {"of a service three are, over all its addresses", {"2 192.0.2.7 9 firm.example dkim=letters.example",
     "9 192.0.2.8 9 firm.example dkim=letters.example", "16 192.0.2.9 9 firm.example dkim=letters.example"}, "", "letters.example",
     MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, "let it sign with d=firm.example"},
    {"a host of ours", {"20 192.0.2.7 1 firm.example bounce=firm.example"}, PTR7 "printer.firm.example\nprinter.firm.example A 192.0.2.7",
     "printer.firm.example", MV_SENDER_OWN, MV_REMEDY_ADDRESS, "through a mail server that signs"},
    {"a name that does not lead back", {"20 192.0.2.7 1 firm.example"}, PTR7 "printer.firm.example\nprinter.firm.example A 192.0.2.8",
     "192.0.2.7", MV_SENDER_STRANGER, MV_REMEDY_NONE, ""},
    {"a provider, by its signature", {"20 192.0.2.7 1 firm.example dkim=mailjet.com spf=bnc3.mailjet.com"}, "", "Mailjet",
     MV_SENDER_PROVIDER, MV_REMEDY_PROVIDER, "let Mailjet sign with d=firm.example"},
    {"a provider, by its host", {"20 192.0.2.7 1 firm.example"}, PTR7 "o1.sendgrid.net\no1.sendgrid.net A 192.0.2.7", "SendGrid",
     MV_SENDER_PROVIDER, MV_REMEDY_INCLUDE, "include:sendgrid.net"},
    {"a provider, by its SPF record", {"20 192.0.2.7 1 firm.example bounce=firm.example"}, "spf.mailjet.com TXT v=spf1 ip4:192.0.2.0/24 ?all",
     "Mailjet", MV_SENDER_PROVIDER, MV_REMEDY_INCLUDE, "include:spf.mailjet.com to the SPF record of firm.example"},
    {"a signature of somebody else that fails is no provider", {"20 192.0.2.7 1 firm.example broken=mailjet.com"}, "", "192.0.2.7",
     MV_SENDER_STRANGER, MV_REMEDY_NONE, ""},
    {"a bounce address without SPF is no provider", {"20 192.0.2.7 1 firm.example bounce=mailjet.com"}, "", "192.0.2.7",
     MV_SENDER_STRANGER, MV_REMEDY_NONE, ""},
    {"our key fails", {"20 192.0.2.7 1 firm.example broken=firm.example bounce=firm.example"}, "", "192.0.2.7", MV_SENDER_OWN,
     MV_REMEDY_KEY, "d=firm.example s=sel"},
    {"our SPF lets it in, for foreign bounces", {"20 192.0.2.7 1 firm.example spf=web.example"},
     "firm.example TXT v=spf1 ip4:192.0.2.7 -all", "web.example", MV_SENDER_OWN, MV_REMEDY_ENVELOPE, "bounces go to web.example"},
    {"our SPF lets it in since", {"20 192.0.2.7 1 firm.example bounce=firm.example"}, "firm.example TXT v=spf1 ip4:192.0.2.7 -all",
     "192.0.2.7", MV_SENDER_OWN, MV_REMEDY_WAIT, "wait for reports"},
    {"it passes since", {DAILY("192.0.2.7 1 firm.example"), "25 192.0.2.7 1 firm.example dkim"}, "", "192.0.2.7", MV_SENDER_STEADY,
     MV_REMEDY_MENDED, "later mail passed"},
    {"a machine with bounces elsewhere", {DAILY("192.0.2.7 1 shop.firm.example spf=web12.example")}, "", "web12.example", MV_SENDER_STEADY,
     MV_REMEDY_FIND_OUT, "and give it an envelope sender there (its bounces go to web12.example)"},
    {"it passes since, from another address", {"20 192.0.2.7 9 firm.example dkim=mailjet.com", "25 192.0.2.8 9 firm.example dkim"},
     "spf.mailjet.com TXT v=spf1 ip4:192.0.2.0/24 ?all\nfirm.example TXT v=spf1 include:spf.mailjet.com ~all", "Mailjet",
     MV_SENDER_OWN, MV_REMEDY_MENDED, ""},
    {"somebody else passes since", {"20 192.0.2.7 9 firm.example dkim=mailjet.com", "25 192.0.2.8 9 firm.example dkim"}, "", "Mailjet",
     MV_SENDER_PROVIDER, MV_REMEDY_INCLUDE, ""},
    {"a service of no table, from another address", {"20 192.0.2.7 9 firm.example dkim=letters.example",
     "21 192.0.2.7 9 firm.example dkim=letters.example", "22 192.0.2.7 9 firm.example dkim=letters.example",
     "25 192.0.2.8 9 firm.example dkim dkim=letters.example"}, "", "letters.example", MV_SENDER_STEADY, MV_REMEDY_MENDED, ""},
    {"it passes since, but not for long", {DAILY("192.0.2.7 1 firm.example"), "28 192.0.2.7 1 firm.example", "29 192.0.2.7 1 firm.example dkim"},
     "", "192.0.2.7", MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, ""},
    {"it passes on the same day", {DAILY("192.0.2.7 1 firm.example"), "24 192.0.2.7 1 firm.example dkim"}, "", "192.0.2.7",
     MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, ""},
    {"SPF of its bounces lets it in since", {"20 192.0.2.7 1 firm.example bounce=b.firm.example"},
     "b.firm.example TXT v=spf1 ip4:192.0.2.7 -all", "192.0.2.7", MV_SENDER_OWN, MV_REMEDY_WAIT, "SPF of b.firm.example lets it in"},
    {"it fails again", {DAILY("192.0.2.7 1 firm.example"), "25 192.0.2.7 1 firm.example dkim", "26 192.0.2.7 1 firm.example"}, "",
     "192.0.2.7", MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, ""},
    {"a list, says the reporter", {DAILY("192.0.2.7 1 firm.example list")}, "", "192.0.2.7", MV_SENDER_FORWARDER, MV_REMEDY_NONE, "sends on"},
    {"a list, by what it does", {DAILY("192.0.2.7 1 firm.example broken=firm.example spf=lists.example"),
     "20 192.0.2.1 1 firm.example dkim dkim=firm.example"}, "", "lists.example", MV_SENDER_FORWARDER, MV_REMEDY_NONE, "sends on"},
    {"a service whose key of ours passes nowhere", {DAILY("192.0.2.7 1 firm.example broken=firm.example spf=esp.example")}, "", "esp.example",
     MV_SENDER_OWN, MV_REMEDY_KEY, "d=firm.example s=sel fails"},
    {"disowned by address", {DAILY("198.51.100.1 1 firm.example")}, "", "198.51.100.1", MV_SENDER_DISOWNED, MV_REMEDY_NONE, ""},
    {"disowned by prefix", {DAILY("203.0.113.200 1 firm.example")}, "", "203.0.113.200", MV_SENDER_DISOWNED, MV_REMEDY_NONE, ""},
    {"outside of the prefix", {DAILY("203.0.113.100 1 firm.example")}, "", "203.0.113.100", MV_SENDER_STEADY, MV_REMEDY_FIND_OUT, ""},
    {"disowned by name", {DAILY("192.0.2.7 1 firm.example dkim=bad.example")}, "", "bad.example", MV_SENDER_DISOWNED, MV_REMEDY_NONE, ""},
    {"vouched for", {"20 198.51.100.2 1 firm.example"}, "", "198.51.100.2", MV_SENDER_OWN, MV_REMEDY_ADDRESS, "ip4:198.51.100.2"},
    {"DNS does not answer", {"20 192.0.2.7 1 firm.example"}, PTR7 "!TIMEOUT\nfirm.example TXT !SERVFAIL", "192.0.2.7",
     MV_SENDER_STRANGER, MV_REMEDY_NONE, ""},
};

struct run {
    struct mv_arena *arena;
    struct mv_evidence_source *sources;
    size_t count;
    struct mv_source_facts *facts;
};

static enum mv_code find_facts(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_source_facts_find(run->arena, MV_BYTES("firm.example"), run->sources, run->count, NOW, memo, run->facts);
}

static struct mv_stage_sender *find(struct mv_arena *arena, const char *const *lines, size_t max, const char *zone, size_t *count_r)
{
    static const char *const disowned[] = {"198.51.100.1", "203.0.113.128/25", "bad.example", "nonsense", "1.2.3.4/99"};
    static const char *const vouched[] = {"198.51.100.2"};
    const struct mv_stage_sender_settings settings = {MV_BYTES("firm.example"), NOW, 3, 5, disowned, 5, vouched, 1};
    struct mv_evidence *evidence = mv_evidence_new(arena, MV_BYTES("firm.example"), NOW, 30);
    struct mv_stage_sender *senders;
    struct run run = {.arena = arena};

    for (size_t i = 0; i < max && lines[i] != NULL; i++)
        stage_rows_add(evidence, lines[i]);
    run.sources = mv_evidence_sources(evidence, &run.count);
    run.facts = mv_arena_array(arena, run.count, sizeof *run.facts);
    ck_assert(ops_zone_run(zone, mv_memo_new(arena), find_facts, &run) == MV_OK);
    ck_assert(mv_stage_senders_find(arena, run.sources, run.facts, run.count, &settings, &senders, count_r) == MV_OK);
    return senders;
}

START_TEST(test_kinds)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_arena *arena = mv_arena_new(1 << 26);
        size_t count;
        const struct mv_stage_sender *senders = find(arena, rows[i].lines, 8, rows[i].zone, &count);
        struct mv_buf text;

        ck_assert_msg(count == 1, "%s: %zu senders", rows[i].name, count);
        ck_assert_msg(mv_bytes_equal(senders->name, mv_bytes_str(rows[i].sender)), "%s: %.*s", rows[i].name, (int)senders->name.len,
                      senders->name.data);
        ck_assert_msg(senders->kind == rows[i].kind, "%s: %s", rows[i].name, mv_stage_sender_kind_text(senders->kind));
        ck_assert_msg(senders->remedy == rows[i].remedy, "%s: %s", rows[i].name, mv_stage_sender_remedy_text(senders->remedy));
        ck_assert_msg(senders->blocks == (senders->remedy > MV_REMEDY_WAIT), "%s", rows[i].name);
        mv_buf_init(&text, 4096);
        mv_stage_sender_remedy_print(senders, MV_BYTES("firm.example"), &text);
        ck_assert_msg(strstr(mv_buf_cstr(&text), rows[i].says) != NULL, "%s: %s", rows[i].name, mv_buf_cstr(&text));
        mv_buf_free(&text);
        mv_arena_free(&arena);
    }
}
END_TEST

/* Those with most failing mail first; who passes is no sender to speak of. */
START_TEST(test_order)
{
    static const char *const lines[] = {"20 192.0.2.1 5 firm.example", "20 192.0.2.2 9 firm.example", "20 192.0.2.3 7 a.firm.example",
                                        "20 192.0.2.4 99 firm.example spf", NULL};
    struct mv_arena *arena = mv_arena_new(1 << 26);
    size_t count;
    const struct mv_stage_sender *senders = find(arena, lines, 5, "", &count);

    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(mv_stage_sender_failed(&senders[0]), 9);
    ck_assert_uint_eq(senders[1].failed[MV_EVIDENCE_BELOW], 7);
    ck_assert_uint_eq(mv_stage_sender_failed(&senders[2]), 5);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_providers)
{
    for (size_t i = 0; mv_provider_at(i) != NULL; i++) {
        const struct mv_provider *provider = mv_provider_at(i);

        ck_assert_msg(provider->domains[0] != '\0', "%s", provider->name);
        ck_assert_msg(i == 0 || strcmp(mv_provider_at(i - 1)->name, provider->name) < 0, "%s is out of order", provider->name);
        if (provider->include[0] != '\0')
            ck_assert_msg(mv_provider_of_include(mv_bytes_str(provider->include)) == provider, "%s", provider->name);
    }
    ck_assert_ptr_null(mv_provider_of_domain(MV_BYTES("notmailjet.com")));
    ck_assert_ptr_null(mv_provider_of_domain(MV_BYTES("com")));
    ck_assert_ptr_null(mv_provider_of_include(MV_BYTES("")));
    ck_assert_str_eq(mv_provider_of_domain(MV_BYTES("a.b.mailjet.com"))->name, "Mailjet");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_kinds, test_order, test_providers};

    return unit_run("stage_senders", tests, sizeof tests / sizeof *tests);
}
