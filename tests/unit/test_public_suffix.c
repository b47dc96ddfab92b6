/* publicsuffix.org/list: how rules are matched. */
#include "core/ops/public_suffix.h"

#include "tests/unit/unit.h"

static const char list[] = "// a comment\n"
                           "com\n"
                           "uk\nco.uk\n\n"
                           "*.ck   and what stands behind\n"
                           "!www.ck\n"
                           "jp\n*.kobe.jp\n!city.kobe.jp\n"
                           "公司.cn\ncn\n"
                           "// ===BEGIN PRIVATE DOMAINS===\n"
                           "blogspot.com\n"
                           "last";

static const struct {
    const char *domain;
    const char *org;
} rows[] = {
    {"example.com", "example.com"},
    {"a.b.example.com", "example.com"},
    {"com", "com"},
    {"a.example.co.uk", "example.co.uk"},
    {"co.uk", "co.uk"},
    {"example.uk", "example.uk"},
    {"a.b.c.ck", "b.c.ck"},
    {"b.ck", "b.ck"},
    {"ck", "ck"},
    {"www.ck", "www.ck"},
    {"a.www.ck", "www.ck"},
    {"a.b.c.kobe.jp", "b.c.kobe.jp"},
    {"a.city.kobe.jp", "city.kobe.jp"},
    {"kobe.jp", "kobe.jp"},
    {"a.me.blogspot.com", "me.blogspot.com"},
    {"notblogspot.com", "notblogspot.com"},
    {"a.b.unknown", "b.unknown"},
    {"localhost", "localhost"},
    {"a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"},
    {"a.b.last", "b.last"},
    {"", ""},
};

START_TEST(test_rules)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_bytes org = mv_public_suffix_org(arena, mv_bytes_str(list), mv_bytes_str(rows[i].domain));

        ck_assert_msg(mv_bytes_equal(org, mv_bytes_str(rows[i].org)), "%s: %.*s", rows[i].domain, (int)org.len, org.data);
    }
    ck_assert(mv_bytes_equal(mv_public_suffix_org(arena, MV_BYTES(""), MV_BYTES("a.b.c")), MV_BYTES("b.c")));
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rules};

    return unit_run("public_suffix", tests, sizeof tests / sizeof *tests);
}
