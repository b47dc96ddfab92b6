/* One more term in an SPF record. */
#include "core/ops/spf_insert.h"

#include "core/spf/record.h"
#include "tests/unit/unit.h"

static const struct {
    const char *name, *record, *term, *result; /* result NULL: faulty; "": it is there */
} rows[] = {
    {"before all", "v=spf1 a -all", "ip4:192.0.2.1", "v=spf1 a ip4:192.0.2.1 -all"},
    {"all alone", "v=spf1 ~all", "include:spf.example", "v=spf1 include:spf.example ~all"},
    {"before redirect", "v=spf1 redirect=a.example", "mx", "v=spf1 mx redirect=a.example"},
    {"before exp", "v=spf1 a exp=e.example", "mx", "v=spf1 a mx exp=e.example"},
    {"before a modifier in front of all", "v=spf1 a x=y -all", "mx", "v=spf1 a mx x=y -all"},
    {"before the first all", "v=spf1 ?all a -all", "mx", "v=spf1 mx ?all a -all"},
    {"at the end", "v=spf1 a", "mx", "v=spf1 a mx"},
    {"at the end, behind spaces", "v=spf1 a  ", "mx", "v=spf1 a mx"},
    {"nothing but the version", "v=spf1", "mx", "v=spf1 mx"},
    {"no record", "", "ip6:2001:db8::1", "v=spf1 ip6:2001:db8::1 ~all"},
    {"in capitals", "V=SPF1 A -ALL", "mx", "V=SPF1 A mx -ALL"},
    {"is there", "v=spf1 mx -all", "mx", ""},
    {"is there in capitals", "v=spf1 INCLUDE:spf.example -all", "include:SPF.example", ""},
    {"is there, with another result", "v=spf1 ~mx -all", "mx", ""},
    {"a faulty record", "v=spf1 ipv4:192.0.2.1 -all", "mx", NULL},
    {"no SPF record", "v=spf10 -all", "mx", NULL},
    {"a faulty term", "v=spf1 -all", "ip4:300.0.0.1", NULL},
    {"two terms", "v=spf1 -all", "a mx", NULL},
    {"no term", "v=spf1 -all", "", NULL},
};

START_TEST(test_rows)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_spf_inserted inserted;
        struct mv_spf_record parsed;
        struct mv_spf_fault fault;
        enum mv_spf_insertion wanted = rows[i].result == NULL        ? MV_SPF_IS_FAULTY
                                       : rows[i].result[0] == '\0' ? MV_SPF_IS_THERE
                                                                     : MV_SPF_INSERTED;

        ck_assert_int_eq(mv_spf_insert(arena, mv_bytes_str(rows[i].record), mv_bytes_str(rows[i].term), &inserted),
                         MV_OK);
        ck_assert_msg(inserted.outcome == wanted, "%s: outcome %d", rows[i].name, (int)inserted.outcome);
        if (wanted != MV_SPF_INSERTED)
            continue;
        ck_assert_msg(mv_bytes_equal(inserted.text, mv_bytes_str(rows[i].result)), "%s: %.*s", rows[i].name,
                      (int)inserted.text.len, (const char *)inserted.text.data);
        ck_assert_msg(mv_bytes_equal(mv_bytes_slice(inserted.text, inserted.from, inserted.from + inserted.bytes),
                                     mv_bytes_str(rows[i].term)), "%s: the place", rows[i].name);
        ck_assert_msg(mv_spf_record_parse(inserted.text, &parsed, &fault), "%s: is a record", rows[i].name);
    }
    mv_arena_free(&arena);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_arena *arena = mv_arena_new(16);
    struct mv_spf_inserted inserted;

    ck_assert_int_eq(mv_spf_insert(arena, MV_BYTES("v=spf1 -all"), MV_BYTES("ip4:192.0.2.1"), &inserted),
                     MV_ERR_MEMORY);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_no_memory};

    return unit_run("spf_insert", tests, sizeof tests / sizeof *tests);
}
