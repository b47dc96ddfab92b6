#include "core/dmarc/align.h"

#include "tests/unit/dmarc_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *const zone[] = {
    "example.com v=DMARC1; p=reject",
    "mail.example.com v=DMARC1; p=reject",
    "dept.example.com v=DMARC1; p=reject; psd=n",
    "x.com v=DMARC1; p=reject",
    "evil.com v=DMARC1; p=none",
    "bank v=DMARC1; p=reject; psd=y",
    "co.uk v=DMARC1; p=none; psd=y",
    "shop.co.uk v=DMARC1; p=reject",
    "github.io v=DMARC1; p=none; psd=y",
    "plain v=DMARC1; p=none",
    "a.plain v=DMARC1; p=none",
    "broken.example.com SERVFAIL",
    "a.hidden.example v=DMARC1; p=reject",
    "hidden.example TIMEOUT",
    "own.hidden.example v=DMARC1; psd=n",
    "a.gap.example.net v=DMARC1; p=reject",
    "gap.example.net SERVFAIL",
    "example.net v=DMARC1; p=reject; psd=n",
    NULL,
};

/* relaxed by SPF and strict by DKIM, both looked at for each pair */
static const struct {
    const char *name;
    const char *author;
    const char *domain;
    enum mv_dmarc_alignment relaxed;
    enum mv_dmarc_alignment strict;
} pairs[] = {
    {"the same", "example.com", "example.com", MV_DMARC_ALIGNED, MV_DMARC_ALIGNED},
    {"the same, without a record", "other.net", "other.net", MV_DMARC_ALIGNED, MV_DMARC_ALIGNED},
    {"below", "example.com", "news.example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"above", "news.example.com", "example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"sibling", "a.example.com", "b.example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"sibling with a record of its own", "a.example.com", "mail.example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"one character longer", "example.com", "xexample.com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"one character, below", "example.com", "a.example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"suffix that is no label", "example.com", "notexample.com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"prefix", "example.com", "example.com.evil.net", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"other domain", "example.com", "example.net", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"empty", "example.com", "", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"dot", "example.com", ".", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"4.10.2 psd=n inside", "a.dept.example.com", "dept.example.com", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"4.10.2 psd=n keeps the domain above out", "a.dept.example.com", "example.com", MV_DMARC_UNALIGNED,
     MV_DMARC_UNALIGNED},
    {"4.10.2 psd=n keeps itself out", "example.com", "dept.example.com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"top-level domain", "x.com", "com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"neighbour in a top-level domain", "x.com", "evil.com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"neighbour without a record", "x.com", "y.com", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, one label", "acme.bank", "bank", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, one label, neighbour", "acme.bank", "other.bank", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, one label, below", "acme.bank", "mail.acme.bank", MV_DMARC_ALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, two labels", "shop.co.uk", "co.uk", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, two labels, neighbour", "shop.co.uk", "other.co.uk", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, private suffix", "me.github.io", "github.io", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y, private suffix, neighbour", "me.github.io", "you.github.io", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"psd=y and mail of the suffix itself", "github.io", "me.github.io", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"11.8 plain record of a top-level domain", "a.plain", "plain", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"11.8 the same, neighbour", "a.plain", "b.plain", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"11.8 the same, mail of the top-level domain", "plain", "a.plain", MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
    {"5.3.6 the identifier's walk fails", "example.com", "broken.example.com", MV_DMARC_ALIGNMENT_UNKNOWN,
     MV_DMARC_UNALIGNED},
    {"5.3.6 the author's walk fails", "a.hidden.example", "hidden.example", MV_DMARC_ALIGNMENT_UNKNOWN,
     MV_DMARC_UNALIGNED},
    {"5.3.6 the author's walk fails, but the same", "a.hidden.example", "a.hidden.example", MV_DMARC_ALIGNED,
     MV_DMARC_ALIGNED},
    {"5.3.6 the author's walk fails, but elsewhere", "a.hidden.example", "example.com", MV_DMARC_UNALIGNED,
     MV_DMARC_UNALIGNED},
    {"5.3.6 the author's walk fails, the identifier's domain may be the author's", "a.gap.example.net", "example.net",
     MV_DMARC_ALIGNMENT_UNKNOWN, MV_DMARC_UNALIGNED},
    {"5.3.6 the author's walk fails, the identifier is on its own", "a.hidden.example", "own.hidden.example",
     MV_DMARC_UNALIGNED, MV_DMARC_UNALIGNED},
};

static struct mv_arena *arena;
static struct mv_memo *memo;
static struct mv_dmarc_walk author;

static void walk_author(const char *domain)
{
    arena = mv_arena_new(1024 * 1024);
    memo = mv_memo_new(arena);
    while (mv_dmarc_walk_run(arena, mv_bytes_str(domain), true, memo, NULL, &author) == MV_NEED_DNS)
        dmarc_zone_answer(zone, memo);
}

static enum mv_dmarc_alignment align(enum mv_dmarc_method method, const char *domain, bool strict)
{
    struct mv_dmarc_record record = {.strict_spf = strict, .strict_dkim = strict};
    struct mv_dmarc_aligner aligner = {arena, memo, NULL, &author, &record, true};
    struct mv_dmarc_identifier identifier = {method, MV_DMARC_AUTH_PASS, mv_bytes_str(domain)};
    enum mv_dmarc_alignment alignment;

    while (mv_dmarc_align(&aligner, &identifier, &alignment) == MV_NEED_DNS)
        dmarc_zone_answer(zone, memo);
    ck_assert_msg(alignment == MV_DMARC_UNALIGNED || mv_dmarc_could_align(&aligner, &identifier),
                  "%s: what could not align does not", domain);
    return alignment;
}

/* RFC 9989 4.4, 4.10.2 */
START_TEST(pairs_of_domains)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        walk_author(pairs[i].author);
        for (enum mv_dmarc_method method = MV_DMARC_BY_SPF; method <= MV_DMARC_BY_DKIM; method++) {
            ck_assert_msg(align(method, pairs[i].domain, false) == pairs[i].relaxed, "%s: relaxed %s", pairs[i].name,
                          mv_dmarc_method_text(method));
            ck_assert_msg(align(method, pairs[i].domain, true) == pairs[i].strict, "%s: strict %s", pairs[i].name,
                          mv_dmarc_method_text(method));
        }
        mv_arena_free(&arena);
    }
}
END_TEST

/* adkim and aspf each speak for their own method only. */
START_TEST(modes_are_apart)
{
    struct mv_dmarc_identifier spf = {MV_DMARC_BY_SPF, MV_DMARC_AUTH_PASS, MV_BYTES("a.example.com")};
    struct mv_dmarc_identifier dkim = {MV_DMARC_BY_DKIM, MV_DMARC_AUTH_PASS, MV_BYTES("a.example.com")};
    struct mv_dmarc_record record = {.strict_spf = true};
    struct mv_dmarc_aligner aligner = {NULL, NULL, NULL, &author, &record, true};

    walk_author("example.com");
    ck_assert(!mv_dmarc_could_align(&aligner, &spf));
    ck_assert(mv_dmarc_could_align(&aligner, &dkim));
    record = (struct mv_dmarc_record){.strict_dkim = true};
    ck_assert(mv_dmarc_could_align(&aligner, &spf));
    ck_assert(!mv_dmarc_could_align(&aligner, &dkim));
    mv_arena_free(&arena);
}
END_TEST

/* 1.5: an identifier outside of the author's Organizational Domain costs no question. */
START_TEST(strangers_cost_nothing)
{
    walk_author("example.com");
    align(MV_DMARC_BY_DKIM, "evil.net", false);
    align(MV_DMARC_BY_DKIM, "a.b.c.d.evil.com", false);
    align(MV_DMARC_BY_DKIM, "com", false);
    align(MV_DMARC_BY_DKIM, "sub.example.com", true);
    ck_assert_uint_eq(mv_memo_questions(memo), 2);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pairs_of_domains, modes_are_apart, strangers_cost_nothing};

    return unit_run("dmarc_align", tests, COUNT(tests));
}
