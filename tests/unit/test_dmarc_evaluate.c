#include "core/dmarc/evaluate.h"

#include <string.h>

#include "tests/unit/dmarc_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ARENA_BYTES (4 * 1024 * 1024)

/*
 * ids: "S" (SPF) or "D" (DKIM), then "+" pass, "-" fail, "~" temporary error, "?" pending, then the domain.
 * expected: code, and with a record the policy ("published>effective" where they differ), the tag,
 * and "policy domain/Organizational Domain", "?" where an error of DNS hides it.
 * queries: NULL where they are not the point.
 */
static const struct row {
    const char *name;
    const char *author;
    const char *zone[8];
    const char *ids;
    const char *expected;
    const char *queries;
} rows[] = {
    /* Appendix B of RFC 9989 */
    {"B.4.1 both aligned", "example.com", {"example.com v=DMARC1; p=reject", "signing.example.com v=DMARC1; p=reject"},
     "S+example.com D+signing.example.com", "pass reject p example.com/example.com", "example.com"},
    {"B.4.1 DKIM only", "example.com", {"example.com v=DMARC1; p=reject", "signing.example.com v=DMARC1; p=reject"},
     "D+signing.example.com", "pass reject p example.com/example.com", "example.com"},
    {"B.4.1 reverse", "signing.example.com",
     {"example.com v=DMARC1; p=reject", "signing.example.com v=DMARC1; p=quarantine"}, "D+example.com",
     "pass quarantine p signing.example.com/example.com", "signing.example.com"},
    {"B.4.2 deep", "a.b.c.d.e.f.g.h.i.j.k.example.com", {"example.com v=DMARC1; p=reject"}, "S+example.com",
     "pass reject p example.com/example.com",
     "a.b.c.d.e.f.g.h.i.j.k.example.com g.h.i.j.k.example.com h.i.j.k.example.com i.j.k.example.com j.k.example.com "
     "k.example.com example.com com"},
    {"B.4.3 SPF aligned", "giant.bank.example",
     {"bank.example v=DMARC1; p=reject; psd=y", "giant.bank.example v=DMARC1; p=quarantine"},
     "S+mail.giant.bank.example D+mail.mega.bank.example",
     "pass quarantine p giant.bank.example/giant.bank.example", "giant.bank.example"},
    {"B.4.3 DKIM of a neighbour", "giant.bank.example",
     {"bank.example v=DMARC1; p=reject; psd=y", "giant.bank.example v=DMARC1; p=quarantine"}, "D+mail.mega.bank.example",
     "fail quarantine p giant.bank.example/giant.bank.example", "giant.bank.example"},
    {"B.4.3 below mega", "mail.mega.bank.example",
     {"bank.example v=DMARC1; p=reject; psd=y", "giant.bank.example v=DMARC1; p=quarantine"}, "D+mega.bank.example",
     "pass reject p bank.example/mega.bank.example", "mail.mega.bank.example mega.bank.example bank.example"},

    /* Policy discovery and the choice of the tag: 4.7, 4.10.1, A.4 */
    {"4.10.1 sp", "news.example.com",
     {"example.com v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@example.com", "+news.example.com"}, "",
     "fail quarantine sp example.com/example.com", "news.example.com example.com com"},
    {"4.10.1 a record between is not used", "a.mail.example.com",
     {"example.com v=DMARC1; p=reject", "mail.example.com v=DMARC1; p=none"}, "",
     "fail reject p example.com/example.com", "a.mail.example.com mail.example.com example.com com"},
    {"4.10.1 np for a name that does not exist", "nope.example.com",
     {"example.com v=DMARC1; p=none; sp=quarantine; np=reject"}, "", "fail reject np example.com/example.com",
     "nope.example.com example.com com"},
    {"4.10.1 sp for a name that exists", "real.example.com",
     {"example.com v=DMARC1; p=none; sp=quarantine; np=reject", "+real.example.com"}, "",
     "fail quarantine sp example.com/example.com", NULL},
    {"4.10.1 p for the name itself", "example.com", {"example.com v=DMARC1; p=none; sp=quarantine; np=reject"}, "",
     "fail none p example.com/example.com", "example.com"},
    {"4.10.1 own record: only p", "own.example.com",
     {"own.example.com v=DMARC1; p=quarantine; sp=reject; np=reject", "example.com v=DMARC1; p=none"}, "",
     "fail quarantine p own.example.com/example.com", "own.example.com"},
    {"4.7 np without sp", "nope.example.com", {"example.com v=DMARC1; p=none; np=reject"}, "",
     "fail reject np example.com/example.com", NULL},
    {"4.7 no np: sp", "nope.example.com", {"example.com v=DMARC1; p=none; sp=quarantine"}, "",
     "fail quarantine sp example.com/example.com", NULL},
    {"4.7 no np, no sp: p", "nope.example.com", {"example.com v=DMARC1; p=quarantine"}, "",
     "fail quarantine p example.com/example.com", NULL},
    {"RFC 8020 an empty name between exists", "ent.example.com",
     {"example.com v=DMARC1; p=none; np=reject", "+deep.ent.example.com"}, "", "fail none p example.com/example.com", NULL},
    {"RFC 8020 deep below what does not exist", "x.y.nope.example.com", {"example.com v=DMARC1; p=none; np=reject"}, "",
     "fail reject np example.com/example.com", NULL},
    {"A.4 a name _dmarc proves existence", "a.example.com",
     {"example.com v=DMARC1; p=none; np=reject", "+x._dmarc.a.example.com"}, "", "fail none p example.com/example.com", NULL},
    {"A.4 existence not known: it exists", "maybe.example.com",
     {"example.com v=DMARC1; p=none; sp=quarantine; np=reject", "!maybe.example.com"}, "",
     "fail quarantine sp example.com/example.com", NULL},
    {"4.10.1 pass has the same policy", "nope.example.com", {"example.com v=DMARC1; p=none; np=reject"}, "D+example.com",
     "pass reject np example.com/example.com", NULL},

    /* psd */
    {"4.10.2 psd=n", "x.dept.example.com",
     {"example.com v=DMARC1; p=reject", "dept.example.com v=DMARC1; p=quarantine; psd=n"}, "D+dept.example.com",
     "pass quarantine p dept.example.com/dept.example.com", "x.dept.example.com dept.example.com"},
    {"4.10.2 psd=n, signed above it", "x.dept.example.com",
     {"example.com v=DMARC1; p=reject", "dept.example.com v=DMARC1; p=quarantine; psd=n"}, "D+example.com",
     "fail quarantine p dept.example.com/dept.example.com", "x.dept.example.com dept.example.com"},
    {"4.10.1 policy of a public suffix", "mail.acme.bank",
     {"bank v=DMARC1; p=reject; sp=quarantine; np=reject; psd=y", "+mail.acme.bank"}, "D+other.bank",
     "fail quarantine sp bank/acme.bank", "mail.acme.bank acme.bank bank"},
    {"4.10.1 policy of a public suffix, aligned", "mail.acme.bank",
     {"bank v=DMARC1; p=reject; sp=quarantine; np=reject; psd=y", "+mail.acme.bank"}, "D+acme.bank",
     "pass quarantine sp bank/acme.bank", NULL},
    {"4.10.1 policy of a public suffix, no such name", "acmee.bank",
     {"bank v=DMARC1; p=reject; sp=quarantine; np=reject; psd=y"}, "", "fail reject np bank/acmee.bank", "acmee.bank bank"},
    {"4.10.1 mail of the public suffix", "bank", {"bank v=DMARC1; p=reject; sp=none; psd=y"}, "",
     "fail reject p bank/bank", "bank"},
    {"4.10.1 a record below the Organizational Domain is not used", "a.b.acme.bank",
     {"bank v=DMARC1; p=reject; sp=none; psd=y", "b.acme.bank v=DMARC1; p=reject"}, "",
     "fail none sp bank/acme.bank", "a.b.acme.bank b.acme.bank acme.bank bank"},
    {"4.10.1 the public suffix yields to the Organizational Domain", "www.acme.bank",
     {"bank v=DMARC1; p=reject; psd=y", "acme.bank v=DMARC1; p=none"}, "", "fail none p acme.bank/acme.bank", NULL},
    {"4.10 a record in the gap of a long name", "mail.a.b.c.d.e.f.g.example.com",
     {"b.c.d.e.f.g.example.com v=DMARC1; p=reject; psd=n", "example.com v=DMARC1; p=none"}, "",
     "fail none p example.com/example.com",
     "mail.a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com e.f.g.example.com f.g.example.com "
     "g.example.com example.com com"},
    {"11.8 top-level domain with a plain record", "www.example.com",
     {"com v=DMARC1; p=none", "example.com v=DMARC1; p=reject"}, "D+evil.com", "fail reject p example.com/example.com",
     "www.example.com example.com com"},
    {"11.8 top-level domain with a plain record, nothing below", "www.example.com", {"com v=DMARC1; p=none; sp=reject"},
     "D+evil.com", "fail reject sp com/example.com", NULL},

    /* No record, or none that can be used: 4.10, 4.10.1 */
    {"4.10.1 no record", "example.net", {"example.com v=DMARC1; p=reject"}, "D+example.net", "none", "example.net net"},
    {"4.10.1 no record below a public suffix without policy", "a.example.net", {NULL}, "D+example.net", "none",
     "a.example.net example.net net"},
    {"4.10 two records", "example.com", {"example.com v=DMARC1; p=reject", "example.com v=DMARC1; p=reject"}, "", "none",
     "example.com com"},
    {"4.10.1 p is not valid, rua", "example.com", {"example.com v=DMARC1; p=rejct; rua=mailto:d@example.com"}, "",
     "fail none p example.com/example.com", NULL},
    {"4.10.1 p is not valid, no rua", "example.com", {"example.com v=DMARC1; p=rejct"}, "D+example.com", "none",
     "example.com"},
    {"4.10.1 p is not valid, rua is not either", "example.com", {"example.com v=DMARC1; p=rejct; rua=d@example.com"}, "",
     "none", NULL},
    {"4.10.1 p is not valid, rua partly", "example.com", {"example.com v=DMARC1; p=x; rua=d@e,mailto:d@example.com"}, "",
     "fail none p example.com/example.com", NULL},
    {"4.10.1 p is missing, rua", "example.com", {"example.com v=DMARC1; rua=mailto:d@example.com"}, "",
     "fail none p example.com/example.com", NULL},
    {"4.10.1 p is missing, no rua", "example.com", {"example.com v=DMARC1"}, "", "none", NULL},
    {"4.10.1 only ruf", "example.com", {"example.com v=DMARC1; ruf=mailto:d@example.com"}, "", "none", NULL},
    {"4.10.1 sp is not valid, at the name itself", "example.com", {"example.com v=DMARC1; p=reject; sp=bogus"}, "", "none",
     NULL},
    {"4.10.1 sp is not valid, rua", "a.example.com",
     {"example.com v=DMARC1; p=reject; sp=bogus; rua=mailto:d@example.com"}, "", "fail none p example.com/example.com",
     NULL},
    {"4.10.1 np is not valid, rua", "example.com", {"example.com v=DMARC1; p=reject; np=bogus; rua=mailto:d@example.com"},
     "", "fail none p example.com/example.com", NULL},
    {"4.10.1 p missing: sp does not speak", "a.example.com",
     {"example.com v=DMARC1; sp=reject; rua=mailto:d@example.com"}, "", "fail none p example.com/example.com", NULL},
    {"two different p", "example.com", {"example.com v=DMARC1; p=none; p=reject"}, "", "none", NULL},
    {"4.10.1 a record that cannot be used hides those above", "a.example.com",
     {"a.example.com v=DMARC1; p=bogus", "example.com v=DMARC1; p=reject"}, "", "none", "a.example.com"},

    /* t: 4.7, A.6 */
    {"4.7 t: reject", "example.com", {"example.com v=DMARC1; p=reject; t=y; pct=20"}, "",
     "fail reject>quarantine p example.com/example.com", NULL},
    {"4.7 t: quarantine", "example.com", {"example.com v=DMARC1; p=quarantine; t=y"}, "",
     "fail quarantine>none p example.com/example.com", NULL},
    {"4.7 t: none", "example.com", {"example.com v=DMARC1; p=none; t=y"}, "", "fail none p example.com/example.com", NULL},
    {"4.7 t: sp", "a.example.com", {"example.com v=DMARC1; p=none; sp=reject; t=y"}, "",
     "fail reject>quarantine sp example.com/example.com", NULL},
    {"4.7 t=n", "example.com", {"example.com v=DMARC1; p=reject; t=n"}, "", "fail reject p example.com/example.com", NULL},
    {"4.8 t is not valid", "example.com", {"example.com v=DMARC1; p=reject; t=yes"}, "",
     "fail reject p example.com/example.com", NULL},
    {"A.6 pct is not looked at", "example.com", {"example.com v=DMARC1; p=reject; pct=0"}, "",
     "fail reject p example.com/example.com", NULL},

    /* The result: 4.4, 5.3.5 */
    {"5.3.5 nobody passed", "example.com", {"example.com v=DMARC1; p=reject"}, "S-example.com D-example.com",
     "fail reject p example.com/example.com", NULL},
    {"5.3.5 the wrong ones passed", "example.com", {"example.com v=DMARC1; p=reject"},
     "S+evil.net D-example.com D+evil.net", "fail reject p example.com/example.com", NULL},
    {"4.4.1 any signature is enough", "example.com", {"example.com v=DMARC1; p=reject"},
     "D-example.com D+evil.net D+a.example.com", "pass reject p example.com/example.com", NULL},
    {"4.4 empty identifier", "example.com", {"example.com v=DMARC1; p=reject"}, "S+ D+",
     "fail reject p example.com/example.com", NULL},
    {"4.4.1 adkim=s", "example.com", {"example.com v=DMARC1; p=reject; adkim=s"}, "D+a.example.com",
     "fail reject p example.com/example.com", NULL},
    {"4.4.1 adkim=s leaves SPF alone", "example.com", {"example.com v=DMARC1; p=reject; adkim=s"}, "S+a.example.com",
     "pass reject p example.com/example.com", NULL},
    {"4.4.2 aspf=s", "example.com", {"example.com v=DMARC1; p=reject; aspf=s"}, "S+a.example.com",
     "fail reject p example.com/example.com", NULL},
    {"4.4.2 aspf=s leaves DKIM alone", "example.com", {"example.com v=DMARC1; p=reject; aspf=s"}, "D+a.example.com",
     "pass reject p example.com/example.com", NULL},
    {"4.4 the mode is that of the record that applies", "m.example.com",
     {"m.example.com v=DMARC1; p=reject", "example.com v=DMARC1; p=reject; adkim=s; aspf=s"}, "D+example.com",
     "pass reject p m.example.com/example.com", NULL},

    /* Errors of DNS: 5.3.6 */
    {"5.3.6 the author's record", "example.com", {"example.com TIMEOUT"}, "D+example.com", "temperror", "example.com"},
    {"5.3.6 on the way to it", "a.example.com", {"example.com SERVFAIL"}, "D+a.example.com", "temperror",
     "a.example.com example.com"},
    {"5.3.6 above a record that may not be the one", "a.b.example.com",
     {"b.example.com v=DMARC1; p=reject", "example.com REFUSED"}, "D+a.b.example.com", "temperror",
     "a.b.example.com b.example.com example.com"},
    {"5.3.6 behind the record, and the same passed", "example.com", {"example.com v=DMARC1; p=reject", "com TIMEOUT"},
     "D+example.com", "pass reject p example.com/?", "example.com"},
    {"5.3.6 behind the record, and nobody passed", "example.com", {"example.com v=DMARC1; p=reject", "com TIMEOUT"},
     "D-example.com", "fail reject p example.com/?", "example.com"},
    {"5.3.6 behind the record, and one may be aligned", "example.com",
     {"example.com v=DMARC1; p=reject", "com TIMEOUT"}, "D+a.example.com", "temperror reject p example.com/?",
     "example.com"},
    {"5.3.6 behind the record, and a stranger passed", "example.com", {"example.com v=DMARC1; p=reject", "com TIMEOUT"},
     "D+evil.net", "fail reject p example.com/?", NULL},
    {"5.3.6 behind the record, strict", "example.com", {"example.com v=DMARC1; p=reject; adkim=s", "com TIMEOUT"},
     "D+a.example.com", "fail reject p example.com/?", NULL},
    {"5.3.6 behind psd=n", "a.example.com", {"example.com v=DMARC1; p=reject; psd=n", "com TIMEOUT"}, "D+example.com",
     "pass reject p example.com/example.com", NULL},
    {"5.3.6 the walk of an identifier", "example.com", {"example.com v=DMARC1; p=reject", "a.example.com TIMEOUT"},
     "D+a.example.com", "temperror reject p example.com/example.com", NULL},
    {"5.3.6 the walk of an identifier, but another is aligned", "example.com",
     {"example.com v=DMARC1; p=reject", "a.example.com TIMEOUT"}, "D+a.example.com D+b.example.com",
     "pass reject p example.com/example.com", NULL},
    {"5.3.6 SPF of an aligned domain", "example.com", {"example.com v=DMARC1; p=reject"}, "S~example.com D-example.com",
     "temperror reject p example.com/example.com", NULL},
    {"5.3.6 DKIM of an aligned domain", "example.com", {"example.com v=DMARC1; p=reject"}, "D~a.example.com D+evil.net",
     "temperror reject p example.com/example.com", NULL},
    {"5.3.6 DKIM of a stranger", "example.com", {"example.com v=DMARC1; p=reject"}, "D~evil.net S~example.net",
     "fail reject p example.com/example.com", NULL},
    {"5.3.6 DKIM of one that strict mode keeps out", "example.com", {"example.com v=DMARC1; p=reject; adkim=s"},
     "D~a.example.com", "fail reject p example.com/example.com", NULL},
    {"5.3.6 DKIM of one that psd=n keeps out", "example.com",
     {"example.com v=DMARC1; p=reject", "a.example.com v=DMARC1; p=none; psd=n"}, "D~a.example.com",
     "fail reject p example.com/example.com", NULL},
    {"5.3.6 temporary error, but another is aligned", "example.com", {"example.com v=DMARC1; p=reject"},
     "S~example.com D+example.com", "pass reject p example.com/example.com", NULL},
    {"5.3.6 temporary error, and no record", "example.com", {NULL}, "S~example.com", "none", NULL},

    /* Not known yet */
    {"pending, and it could be aligned", "example.com", {"example.com v=DMARC1; p=reject"}, "D?a.example.com", "pending",
     NULL},
    {"pending, and it is the same", "example.com", {"example.com v=DMARC1; p=reject; aspf=s"}, "S?example.com", "pending",
     NULL},
    {"pending beside a temporary error", "example.com", {"example.com v=DMARC1; p=reject"}, "D~example.com S?example.com",
     "pending", NULL},
    {"pending, but another is aligned", "example.com", {"example.com v=DMARC1; p=reject"}, "D?example.com S+example.com",
     "pass reject p example.com/example.com", NULL},
    {"pending, but a stranger", "example.com", {"example.com v=DMARC1; p=reject"}, "D?evil.net",
     "fail reject p example.com/example.com", NULL},
    {"pending, but strict mode keeps it out", "example.com", {"example.com v=DMARC1; p=reject; adkim=s"},
     "D?a.example.com", "fail reject p example.com/example.com", NULL},
    {"pending, but no record", "example.com", {NULL}, "D?example.com", "none", NULL},
    {"pending, but the record is not known", "example.com", {"example.com TIMEOUT"}, "D?example.com", "temperror", NULL},
};

struct ids {
    struct mv_dmarc_identifier items[MV_DMARC_MAX_IDENTIFIERS + 2];
    size_t count;
};

static struct mv_arena *arena;
static struct mv_memo *memo;

static void set_up(void)
{
    arena = mv_arena_new(ARENA_BYTES);
    memo = mv_memo_new(arena);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

static void read_ids(const char *text, struct ids *ids_r)
{
    static const enum mv_dmarc_auth auths[] = {MV_DMARC_AUTH_PASS, MV_DMARC_AUTH_FAIL, MV_DMARC_AUTH_TEMPERROR,
                                               MV_DMARC_AUTH_PENDING};
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(text));

    ids_r->count = 0;
    while (mv_cursor_left(&c) > 0) {
        struct mv_dmarc_identifier *id = &ids_r->items[ids_r->count++];

        id->method = mv_cursor_next(&c) == 'S' ? MV_DMARC_BY_SPF : MV_DMARC_BY_DKIM;
        id->auth = auths[strchr("+-~?", mv_cursor_next(&c)) - "+-~?"];
        id->domain = mv_cursor_take_until(&c, ' ');
        mv_cursor_accept(&c, ' ');
    }
}

static struct mv_dmarc_input input_of(const char *author, const struct ids *ids)
{
    return (struct mv_dmarc_input){
        .author_domain = mv_bytes_str(author),
        .identifiers = ids->items,
        .identifier_count = ids->count,
        .suffix_hardening = true,
    };
}

/* Runs until it is final, or until it waits for something else than DNS. */
static enum mv_code run(const struct mv_dmarc_input *input, const char *const *zone, struct mv_dmarc_result *result_r)
{
    enum mv_code code;

    do
        code = mv_dmarc_evaluate(arena, input, memo, NULL, result_r);
    while (code == MV_NEED_DNS && dmarc_zone_answer(zone, memo) > 0);
    return code;
}

static void print_result(enum mv_code code, const struct mv_dmarc_result *result, struct mv_buf *out)
{
    mv_buf_reset(out);
    mv_buf_puts(out, code == MV_NEED_DNS ? "pending" : mv_dmarc_code_text(result->code));
    if (code != MV_OK || !result->has_record)
        return;
    mv_buf_printf(out, " %s", mv_dmarc_policy_text(result->published));
    if (result->effective != result->published)
        mv_buf_printf(out, ">%s", mv_dmarc_policy_text(result->effective));
    mv_buf_printf(out, " %s %.*s/", result->policy_tag, MV_ARG(result->policy_domain));
    mv_buf_put(out, result->org_domain.len > 0 ? result->org_domain : MV_BYTES("?"));
}

static void print_queries(const struct mv_dmarc_result *result, struct mv_buf *out)
{
    mv_buf_reset(out);
    for (size_t i = 0; i < result->query_count; i++)
        mv_buf_printf(out, "%s%.*s", i == 0 ? "" : " ", MV_ARG(result->queries[i]));
}

static void check_row(const struct row *row)
{
    struct mv_dmarc_result result;
    struct mv_dmarc_input input;
    struct ids ids;
    struct mv_buf text;
    enum mv_code code;

    read_ids(row->ids, &ids);
    input = input_of(row->author, &ids);
    code = run(&input, row->zone, &result);
    mv_buf_init(&text, 4096);
    print_result(code, &result, &text);
    ck_assert_msg(strcmp(mv_buf_cstr(&text), row->expected) == 0, "%s: \"%s\"", row->name, mv_buf_cstr(&text));
    print_queries(&result, &text);
    ck_assert_msg(row->queries == NULL || strcmp(mv_buf_cstr(&text), row->queries) == 0, "%s: consulted \"%s\"", row->name,
                  mv_buf_cstr(&text));
    if (code == MV_OK) {
        ck_assert_msg(result.reason != NULL && result.reason[0] != '\0', "%s: no reason", row->name);
        ck_assert_msg(result.section != NULL, "%s: no section", row->name);
        ck_assert_msg((result.code == MV_DMARC_PASS) == (result.aligned_spf || result.aligned_dkim), "%s", row->name);
        ck_assert_msg(result.aligned_dkim == (result.aligned_sdid.len > 0), "%s", row->name);
    }
    mv_buf_free(&text);
}

START_TEST(results)
{
    check_row(&rows[_i]);
}
END_TEST

/* Answers that come one by one, in either order, end in the same result. */
START_TEST(answers_in_any_order)
{
    const struct row *row = &rows[_i];
    struct mv_dns_question questions[MV_MEMO_MAX_QUESTIONS];
    struct mv_dmarc_result result;
    struct mv_dmarc_input input;
    struct ids ids;
    struct mv_buf text;
    enum mv_code code;
    size_t count = 0;

    read_ids(row->ids, &ids);
    input = input_of(row->author, &ids);
    mv_buf_init(&text, 4096);
    while ((code = mv_dmarc_evaluate(arena, &input, memo, NULL, &result)) == MV_NEED_DNS) {
        struct mv_arena *other = mv_arena_new(ARENA_BYTES);
        struct mv_memo *answers = mv_memo_new(other);

        while (mv_memo_next_question(memo, &questions[count]))
            count++;
        if (count == 0) {
            mv_arena_free(&other);
            break;
        }
        count--;
        mv_memo_ask(answers, questions[count].name, questions[count].type);
        dmarc_zone_answer(row->zone, answers);
        mv_memo_answer(memo, &questions[count], mv_memo_peek(answers, questions[count].name, questions[count].type));
        mv_arena_free(&other);
    }
    print_result(code, &result, &text);
    ck_assert_msg(strcmp(mv_buf_cstr(&text), row->expected) == 0, "%s: \"%s\"", row->name, mv_buf_cstr(&text));
    mv_buf_free(&text);
}
END_TEST

/* Whatever memory there is: the result, or the error, and nothing else. */
START_TEST(memory_runs_out)
{
    const struct row *row = &rows[_i];
    struct ids ids;
    struct mv_dmarc_input input;

    read_ids(row->ids, &ids);
    input = input_of(row->author, &ids);
    for (size_t bytes = 512; bytes < 16384; bytes += 384) {
        struct mv_arena *small = mv_arena_new(bytes);
        struct mv_dmarc_result result;
        enum mv_code code;

        tear_down();
        set_up();
        do
            code = mv_dmarc_evaluate(small, &input, memo, NULL, &result);
        while (code == MV_NEED_DNS && dmarc_zone_answer(row->zone, memo) > 0);
        ck_assert_msg(code == MV_OK || code == MV_NEED_DNS || code == MV_ERR_MEMORY, "%s: %zu bytes", row->name, bytes);
        if (code == MV_OK)
            ck_assert_msg(strncmp(row->expected, mv_dmarc_code_text(result.code),
                                  strlen(mv_dmarc_code_text(result.code))) == 0,
                          "%s: %zu bytes", row->name, bytes);
        mv_arena_free(&small);
    }
}
END_TEST

/* RFC 9989 5.3.1 */
START_TEST(no_author_domain)
{
    struct ids ids;
    struct mv_dmarc_input input;
    struct mv_dmarc_result result;

    read_ids("S+example.com D+ D+example.com", &ids);
    input = input_of("", &ids);
    input.from_reason = "there is no From field";
    ck_assert_int_eq(mv_dmarc_evaluate(arena, &input, memo, NULL, &result), MV_OK);
    ck_assert_int_eq(result.code, MV_DMARC_PERMERROR);
    ck_assert_str_eq(result.reason, "there is no From field");
    ck_assert_uint_eq(mv_memo_questions(memo), 0);
    input.from_reason = NULL;
    ck_assert_int_eq(mv_dmarc_evaluate(arena, &input, memo, NULL, &result), MV_OK);
    ck_assert_ptr_nonnull(result.reason);
}
END_TEST

/* RFC 7489 6.6.4, only when it is switched on. */
START_TEST(pct)
{
    static const struct {
        const char *name;
        const char *zone[2];
        bool honour;
        unsigned roll;
        const char *expected;
    } cases[] = {
        {"off", {"example.com v=DMARC1; p=reject; pct=0"}, false, 99, "fail reject p example.com/example.com"},
        {"no pct", {"example.com v=DMARC1; p=reject"}, true, 99, "fail reject p example.com/example.com"},
        {"100", {"example.com v=DMARC1; p=reject; pct=100"}, true, 99, "fail reject p example.com/example.com"},
        {"20, below", {"example.com v=DMARC1; p=reject; pct=20"}, true, 19, "fail reject p example.com/example.com"},
        {"20, at", {"example.com v=DMARC1; p=reject; pct=20"}, true, 20, "fail reject>quarantine p example.com/example.com"},
        {"0", {"example.com v=DMARC1; p=quarantine; pct=0"}, true, 0, "fail quarantine>none p example.com/example.com"},
        {"0 of none", {"example.com v=DMARC1; p=none; pct=0"}, true, 0, "fail none p example.com/example.com"},
        {"not valid", {"example.com v=DMARC1; p=reject; pct=x"}, true, 99, "fail reject p example.com/example.com"},
        {"with t: one step", {"example.com v=DMARC1; p=reject; pct=0; t=y"}, true, 0,
         "fail reject>quarantine p example.com/example.com"},
    };
    struct mv_buf text;

    mv_buf_init(&text, 4096);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ids ids = {.count = 0};
        struct mv_dmarc_input input = input_of("example.com", &ids);
        struct mv_dmarc_result result;
        enum mv_code code;

        tear_down();
        set_up();
        input.honour_pct = cases[i].honour;
        input.pct_roll = cases[i].roll;
        code = run(&input, cases[i].zone, &result);
        print_result(code, &result, &text);
        ck_assert_msg(strcmp(mv_buf_cstr(&text), cases[i].expected) == 0, "%s: \"%s\"", cases[i].name, mv_buf_cstr(&text));
        ck_assert_msg(!(result.sampled_out && result.test_mode), "%s: one reason only", cases[i].name);
        ck_assert_msg(result.sampled_out == (!result.test_mode && cases[i].honour && cases[i].roll >= result.record.pct),
                      "%s", cases[i].name);
    }
    mv_buf_free(&text);
}
END_TEST

/* All that can be foreseen goes out at once, identifiers that are still pending included. */
START_TEST(one_round_trip)
{
    static const char *const zone[] = {"example.com v=DMARC1; p=none; np=reject", NULL};
    struct ids ids;
    struct mv_dmarc_input input;
    struct mv_dmarc_result result;

    read_ids("S?bounce.a.example.com D?example.com D?mail.example.com D?list.example.net D?evil.com", &ids);
    input = input_of("a.b.example.com", &ids);
    ck_assert_int_eq(mv_dmarc_evaluate(arena, &input, memo, NULL, &result), MV_NEED_DNS);
    /* a.b, b, example.com, com; bounce.a, a; mail; and whether a.b.example.com exists */
    ck_assert_uint_eq(dmarc_zone_answer(zone, memo), 8);
    for (size_t i = 0; i < ids.count; i++)
        ids.items[i].auth = MV_DMARC_AUTH_PASS;
    ck_assert_int_eq(mv_dmarc_evaluate(arena, &input, memo, NULL, &result), MV_OK);
    ck_assert_int_eq(result.code, MV_DMARC_PASS);
    ck_assert(result.aligned_spf && result.aligned_dkim);
    ck_assert(mv_bytes_equal(result.aligned_sdid, MV_BYTES("example.com")));
    ck_assert_uint_eq(result.aligned_sdid_count, 2);
    ck_assert(mv_bytes_equal(result.aligned_sdids[0], MV_BYTES("example.com")));
    ck_assert(mv_bytes_equal(result.aligned_sdids[1], MV_BYTES("mail.example.com")));
    ck_assert_uint_eq(dmarc_zone_answer(zone, memo), 0);
}
END_TEST

/* A.4: an answer for the name _dmarc below it proves existence, so nobody waits for another proof. */
START_TEST(existence_is_not_waited_for)
{
    static const char *const zone[] = {"example.com v=DMARC1; p=none; np=reject", "+x._dmarc.a.example.com", NULL};
    struct mv_dns_question question = {MV_BYTES("a.example.com"), MV_DNS_TXT};
    struct ids ids = {.count = 0};
    struct mv_dmarc_input input = input_of("a.example.com", &ids);
    struct mv_dmarc_result result;

    mv_memo_prefetch(memo, question.name, question.type);
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert_int_eq(run(&input, zone, &result), MV_OK);
    ck_assert_str_eq(result.policy_tag, "p");
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
}
END_TEST

/* RFC 8020: what SPF has learned of a name above is proof enough. */
START_TEST(existence_is_learned_from_above)
{
    static const char *const zone[] = {"example.com v=DMARC1; p=none; np=reject", NULL};
    struct mv_dns_question asked = {MV_BYTES("a.b.example.com"), MV_DNS_TXT}, above = {MV_BYTES("b.example.com"), MV_DNS_TXT};
    struct mv_dns_answer missing = {.status = MV_DNS_NXDOMAIN};
    struct ids ids = {.count = 0};
    struct mv_dmarc_input input = input_of("a.b.example.com", &ids);
    struct mv_dmarc_result result;

    mv_memo_prefetch(memo, asked.name, asked.type);
    ck_assert(mv_memo_next_question(memo, &asked));
    mv_memo_answer(memo, &above, &missing);
    ck_assert_int_eq(run(&input, zone, &result), MV_OK);
    ck_assert_str_eq(result.policy_tag, "np");
}
END_TEST

START_TEST(too_many_identifiers)
{
    static const char *const zone[] = {"example.com v=DMARC1; p=reject", NULL};
    struct ids ids = {.count = MV_DMARC_MAX_IDENTIFIERS + 1};
    struct mv_dmarc_input input = input_of("example.com", &ids);
    struct mv_dmarc_result result;

    for (size_t i = 0; i < ids.count; i++)
        ids.items[i] = (struct mv_dmarc_identifier){MV_DMARC_BY_DKIM, MV_DMARC_AUTH_PASS, MV_BYTES("evil.net")};
    ids.items[MV_DMARC_MAX_IDENTIFIERS].domain = MV_BYTES("example.com");
    ck_assert_int_eq(run(&input, zone, &result), MV_OK);
    ck_assert_int_eq(result.code, MV_DMARC_FAIL);
    ids.items[MV_DMARC_MAX_IDENTIFIERS - 1].domain = MV_BYTES("example.com");
    ck_assert_int_eq(run(&input, zone, &result), MV_OK);
    ck_assert_int_eq(result.code, MV_DMARC_PASS);
}
END_TEST

static const char *const neighbours[] = {
    "example.com",  "a.example.com", "b.a.example.com", "b.example.com",    "com",      "xexample.com",
    "xample.com",   "example.co",    "example.com.au",  "notexample.com",   "evil.com", "example.com.evil.com",
    "_.example.com",
};

/* RFC 9989 4.4: strict is equality of strings, whatever the records say. */
START_TEST(strict_is_equality)
{
    static const char *const zone[] = {
        "example.com v=DMARC1; p=reject; adkim=s; aspf=s", "a.example.com v=DMARC1; p=reject; adkim=s; aspf=s",
        "com v=DMARC1; p=reject; adkim=s; aspf=s; psd=n",  NULL,
    };

    for (size_t i = 0; i < COUNT(neighbours); i++)
        for (size_t j = 0; j < COUNT(neighbours); j++)
            for (enum mv_dmarc_method method = MV_DMARC_BY_SPF; method <= MV_DMARC_BY_DKIM; method++) {
                struct ids ids = {{{method, MV_DMARC_AUTH_PASS, mv_bytes_str(neighbours[j])}}, 1};
                struct mv_dmarc_input input = input_of(neighbours[i], &ids);
                struct mv_dmarc_result result;

                input.suffix_hardening = j % 2 == 0;
                ck_assert_int_eq(run(&input, zone, &result), MV_OK);
                if (result.has_record)
                    ck_assert_msg((result.code == MV_DMARC_PASS) == (i == j), "%s, %s", neighbours[i], neighbours[j]);
            }
}
END_TEST

/* Who did not pass makes no pass, in any company. */
START_TEST(unauthenticated_never_passes)
{
    static const char *const zone[] = {"example.com v=DMARC1; p=reject", "com v=DMARC1; p=none", NULL};
    static const enum mv_dmarc_auth auths[] = {MV_DMARC_AUTH_FAIL, MV_DMARC_AUTH_TEMPERROR, MV_DMARC_AUTH_PENDING};

    for (size_t i = 0; i < COUNT(neighbours); i++)
        for (size_t a = 0; a < COUNT(auths); a++)
            for (size_t b = 0; b < COUNT(auths); b++) {
                struct ids ids = {{{MV_DMARC_BY_SPF, auths[a], mv_bytes_str(neighbours[i])},
                                   {MV_DMARC_BY_DKIM, auths[b], MV_BYTES("example.com")},
                                   {MV_DMARC_BY_DKIM, MV_DMARC_AUTH_PASS, MV_BYTES("evil.net")}},
                                  3};
                struct mv_dmarc_input input = input_of("example.com", &ids);
                struct mv_dmarc_result result;

                if (run(&input, zone, &result) == MV_OK)
                    ck_assert_msg(result.code != MV_DMARC_PASS && !result.aligned_spf && !result.aligned_dkim, "%s",
                                  neighbours[i]);
            }
}
END_TEST

static void swap(struct mv_dmarc_identifier *a, struct mv_dmarc_identifier *b)
{
    struct mv_dmarc_identifier c = *a;

    *a = *b;
    *b = c;
}

static void check_order(const struct row *row, struct ids *ids, struct mv_buf *text)
{
    struct mv_dmarc_input input = input_of(row->author, ids);
    struct mv_dmarc_result result;
    enum mv_code code;

    tear_down();
    set_up();
    code = run(&input, row->zone, &result);
    print_result(code, &result, text);
    ck_assert_msg(strcmp(mv_buf_cstr(text), row->expected) == 0, "%s: \"%s\"", row->name, mv_buf_cstr(text));
}

/* Every order of the identifiers of every row, by Heap's algorithm. */
START_TEST(order_does_not_matter)
{
    const struct row *row = &rows[_i];
    size_t state[MV_DMARC_MAX_IDENTIFIERS] = {0};
    struct mv_buf text;
    struct ids ids;

    read_ids(row->ids, &ids);
    mv_buf_init(&text, 4096);
    check_order(row, &ids, &text);
    for (size_t i = 1; i < ids.count;) {
        if (state[i] >= i) {
            state[i++] = 0;
            continue;
        }
        swap(&ids.items[i], &ids.items[i % 2 == 0 ? 0 : state[i]]);
        check_order(row, &ids, &text);
        state[i]++;
        i = 1;
    }
    mv_buf_free(&text);
}
END_TEST

static void print_trace(const struct mv_trace_node *node, unsigned depth, struct mv_buf *out)
{
    for (; node != NULL; node = node->next) {
        ck_assert_ptr_nonnull(node->section);
        for (unsigned i = 0; i < depth; i++)
            mv_buf_puts(out, "  ");
        mv_buf_put_escaped(out, node->text);
        mv_buf_printf(out, " [%s]\n", node->section);
        print_trace(node->first_child, depth + 1, out);
    }
}

START_TEST(explanation)
{
    static const char *const zone[] = {
        "example.com v=DMARC1; p=none; sp=quarantine; np=reject; t=y; adkim=x", "com v=DMARC1; p=none", "+news.example.com",
        "other.com v=spf1 -all", NULL,
    };
    static const char expected[] =
        "Which record applies to news.example.com? [RFC 9989 4.10]\n"
        "  _dmarc.news.example.com: no such name [RFC 9989 4.10]\n"
        "  _dmarc.example.com: v=DMARC1; p=none; sp=quarantine; np=reject; t=y; adkim=x [RFC 9989 4.10]\n"
        "  _dmarc.com: v=DMARC1; p=none [RFC 9989 4.10]\n"
        "  com is a top-level domain: its record is read as psd=y [RFC 9989 11.8]\n"
        "  news.example.com belongs to the Organizational Domain example.com [RFC 9989 4.10.2]\n"
        "  The record at example.com applies: it is the Organizational Domain [RFC 9989 4.10.1]\n"
        "  The record at com is not used: first comes the Author Domain's, then the Organizational Domain's, then the "
        "public suffix's, and no other [RFC 9989 4.10.1]\n"
        "  The tag adkim is not valid, or given twice with different values [RFC 9989 4.8]\n"
        "  news.example.com exists [RFC 9989 A.4]\n"
        "  sp speaks for news.example.com: the policy is quarantine [RFC 9989 4.10.1]\n"
        "t=y: the policy is being tested, so it counts one step lower [RFC 9989 4.7]\n"
        "Who speaks for news.example.com? [RFC 9989 4.4]\n"
        "  DKIM example.com: does not count, since it did not pass [RFC 9989 4.4]\n"
        "  SPF bounce.example.com: aligned with news.example.com? [RFC 9989 4.4.2]\n"
        "    _dmarc.bounce.example.com: no such name [RFC 9989 4.10]\n"
        "    _dmarc.example.com: v=DMARC1; p=none; sp=quarantine; np=reject; t=y; adkim=x [RFC 9989 4.10]\n"
        "    _dmarc.com: v=DMARC1; p=none [RFC 9989 4.10]\n"
        "    com is a top-level domain: its record is read as psd=y [RFC 9989 11.8]\n"
        "    bounce.example.com belongs to the Organizational Domain example.com [RFC 9989 4.10.2]\n"
        "    Aligned: both belong to example.com [RFC 9989 4.4]\n"
        "  DKIM other.com: aligned with news.example.com? [RFC 9989 4.4.1]\n"
        "    Not aligned: it does not lie within example.com [RFC 9989 4.10.2]\n"
        "DMARC pass: SPF passed and is aligned with news.example.com [RFC 9989 5.3.5]\n";
    struct mv_dmarc_result result;
    struct mv_dmarc_input input;
    struct mv_trace *trace = mv_trace_new(arena);
    struct mv_buf text;
    struct ids ids;

    read_ids("S+bounce.example.com D-example.com D+other.com", &ids);
    input = input_of("news.example.com", &ids);
    ck_assert_int_eq(run(&input, zone, &result), MV_OK);
    ck_assert_int_eq(mv_dmarc_evaluate(arena, &input, memo, trace, &result), MV_OK);
    mv_buf_init(&text, 65536);
    print_trace(mv_trace_first(trace), 0, &text);
    ck_assert_str_eq(mv_buf_cstr(&text), expected);
    mv_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dmarc_evaluate");
    TCase *tcase = tcase_create("dmarc_evaluate");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, results, 0, (int)COUNT(rows));
    tcase_add_loop_test(tcase, answers_in_any_order, 0, (int)COUNT(rows));
    tcase_add_loop_test(tcase, memory_runs_out, 0, (int)COUNT(rows));
    tcase_add_loop_test(tcase, order_does_not_matter, 0, (int)COUNT(rows));
    tcase_add_test(tcase, no_author_domain);
    tcase_add_test(tcase, pct);
    tcase_add_test(tcase, one_round_trip);
    tcase_add_test(tcase, existence_is_not_waited_for);
    tcase_add_test(tcase, existence_is_learned_from_above);
    tcase_add_test(tcase, too_many_identifiers);
    tcase_add_test(tcase, strict_is_equality);
    tcase_add_test(tcase, unauthenticated_never_passes);
    tcase_add_test(tcase, explanation);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
