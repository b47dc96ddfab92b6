#include "core/dmarc/walk.h"

#include <string.h>

#include "tests/unit/dmarc_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { AS_WRITTEN, HARDENED };

/* org NULL: the walk ends in an error. */
static const struct {
    const char *name;
    const char *start;
    int hardening;
    const char *zone[8];
    const char *names; /* consulted, in order */
    const char *org;
} walks[] = {
    {"4.10 one label", "localhost", HARDENED, {NULL}, "localhost", "localhost"},
    {"4.10 the top-level domain is asked", "example.com", HARDENED, {NULL}, "example.com com", "example.com"},
    {"4.10 seven labels: seven questions", "a.b.c.d.e.example.com", HARDENED, {NULL},
     "a.b.c.d.e.example.com b.c.d.e.example.com c.d.e.example.com d.e.example.com e.example.com example.com com",
     "a.b.c.d.e.example.com"},
    {"4.10 eight labels: eight questions", "a.b.c.d.e.f.example.com", HARDENED, {NULL},
     "a.b.c.d.e.f.example.com b.c.d.e.f.example.com c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com "
     "example.com com",
     "a.b.c.d.e.f.example.com"},
    {"4.10 nine labels: down to seven", "a.b.c.d.e.f.g.example.com", HARDENED, {NULL},
     "a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com e.f.g.example.com f.g.example.com g.example.com "
     "example.com com",
     "a.b.c.d.e.f.g.example.com"},
    {"B.4.2 thirteen labels", "a.b.c.d.e.f.g.h.i.j.k.example.com", HARDENED,
     {"example.com v=DMARC1; p=reject"},
     "a.b.c.d.e.f.g.h.i.j.k.example.com g.h.i.j.k.example.com h.i.j.k.example.com i.j.k.example.com j.k.example.com "
     "k.example.com example.com com",
     "example.com"},
    {"4.10 a record in the gap is never seen", "mail.a.b.c.d.e.f.g.example.com", HARDENED,
     {"b.c.d.e.f.g.example.com v=DMARC1; p=reject; psd=n", "example.com v=DMARC1; p=none"},
     "mail.a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com e.f.g.example.com f.g.example.com "
     "g.example.com example.com com",
     "example.com"},
    {"4.10.2 fewest labels", "a.b.example.com", HARDENED,
     {"a.b.example.com v=DMARC1", "b.example.com v=DMARC1", "example.com v=DMARC1"},
     "a.b.example.com b.example.com example.com com", "example.com"},
    {"4.10.2 psd=u goes on", "b.example.com", HARDENED, {"b.example.com v=DMARC1; psd=u", "example.com v=DMARC1"},
     "b.example.com example.com com", "example.com"},
    {"4.10.2 psd=n stops", "a.b.example.com", HARDENED,
     {"b.example.com v=DMARC1; psd=n", "example.com v=DMARC1"}, "a.b.example.com b.example.com", "b.example.com"},
    {"4.10.2 psd=n at the start", "b.example.com", HARDENED, {"b.example.com v=DMARC1; psd=n", "example.com v=DMARC1"},
     "b.example.com", "b.example.com"},
    {"4.10.2 psd=y: one label below", "mail.mega.bank.example", HARDENED, {"bank.example v=DMARC1; psd=y"},
     "mail.mega.bank.example mega.bank.example bank.example", "mega.bank.example"},
    {"4.10.2 psd=y wins over records below it", "a.b.bank.example", HARDENED,
     {"a.b.bank.example v=DMARC1", "bank.example v=DMARC1; psd=y"}, "a.b.bank.example b.bank.example bank.example",
     "b.bank.example"},
    {"4.10.2 psd=y at the start does not shift", "bank.example", HARDENED,
     {"bank.example v=DMARC1; psd=y", "example v=DMARC1; psd=y"}, "bank.example", "bank.example"},
    {"4.10.2 psd=y at the start, one label", "bank", HARDENED, {"bank v=DMARC1; psd=y"}, "bank", "bank"},
    {"4.10.2 the name below psd=y may lie in the gap", "a.b.c.d.e.f.g.h.bank.example", HARDENED,
     {"d.e.f.g.h.bank.example v=DMARC1; psd=y"}, "a.b.c.d.e.f.g.h.bank.example d.e.f.g.h.bank.example",
     "c.d.e.f.g.h.bank.example"},
    {"4.8 psd in capitals", "a.bank.example", HARDENED, {"bank.example v=DMARC1; PSD=Y"}, "a.bank.example bank.example",
     "a.bank.example"},
    {"4.8 psd that is not valid is u", "a.b.example.com", HARDENED,
     {"b.example.com v=DMARC1; psd=x", "example.com v=DMARC1"}, "a.b.example.com b.example.com example.com com",
     "example.com"},
    {"4.10 two records are none, and the walk goes on", "a.example.com", HARDENED,
     {"a.example.com v=DMARC1; psd=n", "a.example.com v=DMARC1; p=none", "example.com v=DMARC1"},
     "a.example.com example.com com", "example.com"},
    {"4.10 two records at the only place", "a.example.com", HARDENED,
     {"example.com v=DMARC1; p=none", "example.com v=DMARC1; p=none"}, "a.example.com example.com com", "a.example.com"},
    {"4.10 other text beside the record", "example.com", HARDENED,
     {"example.com v=spf1 -all", "example.com v=DMARC1; psd=n", "example.com v=DMARC12; p=none"}, "example.com",
     "example.com"},
    {"4.10 only other text", "a.example.com", HARDENED, {"example.com v=spf1 -all"}, "a.example.com example.com com",
     "a.example.com"},
    {"4.10 a record without a valid p counts in the walk", "a.example.com", HARDENED, {"example.com v=DMARC1; p=x"},
     "a.example.com example.com com", "example.com"},
    {"11.8 plain record of a top-level domain", "www.example.com", HARDENED, {"com v=DMARC1; p=none"},
     "www.example.com example.com com", "example.com"},
    {"11.8 the same, by the letter", "www.example.com", AS_WRITTEN, {"com v=DMARC1; p=none"},
     "www.example.com example.com com", "com"},
    {"11.8 psd=u is no answer either", "www.example.com", HARDENED, {"com v=DMARC1; p=none; psd=u"},
     "www.example.com example.com com", "example.com"},
    {"11.8 psd=n is one", "www.example.brand", HARDENED, {"brand v=DMARC1; p=none; psd=n"},
     "www.example.brand example.brand brand", "brand"},
    {"11.8 owners defend themselves with psd=n", "www.example.com", AS_WRITTEN,
     {"example.com v=DMARC1; psd=n", "com v=DMARC1; p=none"}, "www.example.com example.com", "example.com"},
    {"5.3.6 time-out at the start", "a.example.com", HARDENED, {"a.example.com TIMEOUT", "example.com v=DMARC1"},
     "a.example.com", NULL},
    {"5.3.6 server failure on the way", "a.b.example.com", HARDENED,
     {"a.b.example.com v=DMARC1", "b.example.com SERVFAIL", "example.com v=DMARC1"}, "a.b.example.com b.example.com",
     NULL},
    {"5.3.6 refused at the end", "a.example.com", HARDENED, {"com REFUSED"}, "a.example.com example.com com", NULL},
    {"5.3.6 an error behind psd=n does not matter", "a.example.com", HARDENED,
     {"example.com v=DMARC1; psd=n", "com TIMEOUT"}, "a.example.com example.com", "example.com"},
    {"RFC 1035 2.3.4 no room for _dmarc in front",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
     "bb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "ddd.example.com",
     HARDENED,
     {"example.com v=DMARC1; psd=n"},
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
     "bb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "ddd.example.com "
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
     "ccc.dddddddddddddddddddddddddddddddddddddddddddddddddddddddd.example.com "
     "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.dddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     ".example.com "
     "dddddddddddddddddddddddddddddddddddddddddddddddddddddddd.example.com example.com",
     "example.com"},
};

static void join(const struct mv_bytes *names, size_t count, struct mv_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            mv_buf_putc(out, ' ');
        mv_buf_put(out, names[i]);
    }
}

START_TEST(walking)
{
    for (size_t i = 0; i < COUNT(walks); i++) {
        struct mv_arena *arena = mv_arena_new(1024 * 1024);
        struct mv_memo *memo = mv_memo_new(arena);
        struct mv_dmarc_walk walk;
        struct mv_buf names;

        mv_buf_init(&names, 4096);
        while (mv_dmarc_walk_run(arena, mv_bytes_str(walks[i].start), walks[i].hardening == HARDENED, memo, NULL, &walk) ==
               MV_NEED_DNS)
            ck_assert_msg(dmarc_zone_answer(walks[i].zone, memo) == 1, "%s: one question at a time", walks[i].name);
        join(walk.names, walk.name_count, &names);
        ck_assert_msg(strcmp(mv_buf_cstr(&names), walks[i].names) == 0, "%s: consulted \"%s\"", walks[i].name,
                      mv_buf_cstr(&names));
        ck_assert_msg(mv_bytes_equal(walk.org_domain, mv_bytes_str(walks[i].org)), "%s: belongs to \"%.*s\"",
                      walks[i].name, MV_ARG(walk.org_domain));
        ck_assert_msg((walk.error != MV_DNS_FOUND) == (walks[i].org == NULL), "%s", walks[i].name);
        mv_buf_free(&names);
        mv_arena_free(&arena);
    }
}
END_TEST

/* Asked ahead, a walk takes one round trip, and it consults the same names as before. */
START_TEST(asking_ahead)
{
    for (size_t i = 0; i < COUNT(walks); i++) {
        struct mv_arena *arena = mv_arena_new(1024 * 1024);
        struct mv_memo *memo = mv_memo_new(arena);
        struct mv_dmarc_walk walk;

        mv_dmarc_walk_prefetch(arena, mv_bytes_str(walks[i].start), memo);
        ck_assert(dmarc_zone_answer(walks[i].zone, memo) <= MV_DMARC_MAX_QUERIES);
        ck_assert_msg(mv_dmarc_walk_run(arena, mv_bytes_str(walks[i].start), walks[i].hardening == HARDENED, memo, NULL,
                                        &walk) == MV_OK,
                      "%s", walks[i].name);
        ck_assert_msg(mv_bytes_equal(walk.org_domain, mv_bytes_str(walks[i].org)), "%s", walks[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(nothing_to_walk_over)
{
    struct mv_bytes names[MV_DMARC_MAX_QUERIES];

    ck_assert_uint_eq(mv_dmarc_walk_names(mv_bytes_str(""), names), 0);
}
END_TEST

START_TEST(finding_a_record)
{
    static const char *const zone[] = {"a.example.com v=DMARC1; p=none", "example.com v=DMARC1; p=reject", NULL};
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dmarc_walk walk;

    mv_dmarc_walk_prefetch(arena, MV_BYTES("x.a.example.com"), memo);
    dmarc_zone_answer(zone, memo);
    ck_assert_int_eq(mv_dmarc_walk_run(arena, MV_BYTES("x.a.example.com"), false, memo, NULL, &walk), MV_OK);
    ck_assert_int_eq(walk.start_status, MV_DNS_NXDOMAIN);
    ck_assert_int_eq(mv_dmarc_walk_find(&walk, MV_BYTES("a.example.com"))->record.p.policy, MV_DMARC_P_NONE);
    ck_assert_int_eq(mv_dmarc_walk_find(&walk, MV_BYTES("example.com"))->record.p.policy, MV_DMARC_P_REJECT);
    ck_assert_ptr_null(mv_dmarc_walk_find(&walk, MV_BYTES("x.a.example.com")));
    ck_assert_ptr_null(mv_dmarc_walk_find(&walk, MV_BYTES("com")));
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {walking, asking_ahead, nothing_to_walk_over, finding_a_record};

    return unit_run("dmarc_walk", tests, COUNT(tests));
}
