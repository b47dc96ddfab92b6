/* RFC 8617 4.2, 5.2 steps 1 to 3: which fields belong together, and whether the chain is whole. */
#include "core/arc/set.h"

#include <string.h>

#include "tests/unit/unit.h"

#define MAX_FIELDS 400
#define AAR "ARC-Authentication-Results: i="
#define AMS "ARC-Message-Signature: i="
#define AS "ARC-Seal: i="
#define SET(i, cv) AAR #i "; x\r\n" AMS #i "; b=\r\n" AS #i "; cv=" cv "\r\n"

static const struct {
    const char *name;
    const char *fields;
    enum mv_arc_state state;
    size_t count;
    const char *says;
} rows[] = {
    {"nothing", "", MV_ARC_ABSENT, 0, NULL},
    {"no ARC field", "From: a@example.com\r\nSubject: ARC-Seal: i=1\r\n", MV_ARC_ABSENT, 0, NULL},
    {"names that begin like them", "ARC-Seal-X: i=1\r\nARC-Message-Signature2: i=1\r\nARC: i=1\r\nXARC-Seal: i=1\r\n",
     MV_ARC_ABSENT, 0, NULL},
    {"no field at all", "ARC-Seal i=1\r\n", MV_ARC_ABSENT, 0, NULL},
    {"one set", SET(1, "none"), MV_ARC_WHOLE, 1, NULL},
    {"two sets", SET(2, "pass") SET(1, "none"), MV_ARC_WHOLE, 2, NULL},
    {"in any order", AS "1; cv=none\r\n" AAR "2; x\r\n" AMS "1\r\n" AMS "2\r\n" AAR "1; x\r\n" AS "2; cv=pass\r\n",
     MV_ARC_WHOLE, 2, NULL},
    {"names in any case", "arc-authentication-results: i=1; x\r\nARC-MESSAGE-SIGNATURE: i=1\r\nArc-seal: i=1; cv=none\r\n",
     MV_ARC_WHOLE, 1, NULL},
    {"i= anywhere in the tags", AAR "1;x\r\nARC-Message-Signature: b=; i=1\r\nARC-Seal: cv=none; i = 1 ;\r\n",
     MV_ARC_WHOLE, 1, NULL},
    {"comments before i=", "ARC-Authentication-Results: (a) i (b) = (c) 1 (d); x\r\n" AMS "1\r\n" AS "1; cv=none\r\n",
     MV_ARC_WHOLE, 1, NULL},
    {"a leading zero", AAR "01; x\r\n" AMS "01\r\n" AS "1; cv=none\r\n", MV_ARC_WHOLE, 1, NULL},

    {"zero", SET(0, "none"), MV_ARC_BROKEN, 0, "no instance"},
    {"51", SET(51, "pass"), MV_ARC_BROKEN, 0, "no instance"},
    {"99", SET(1, "none") SET(99, "pass"), MV_ARC_BROKEN, 1, "no instance"},
    {"three digits", AAR "001; x\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"very large", AMS "18446744073709551617\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"negative", AS "-1; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"signed", AS "+1; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"hexadecimal", AS "0x1; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"a word", AS "one; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"a space inside", AS "1 1; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"empty i=", AS "; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"no i=", "ARC-Seal: cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"I= is another tag", "ARC-Seal: I=1; cv=none\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"no value", "ARC-Seal:\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: no i=", "ARC-Authentication-Results: x; spf=pass\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: I=", "ARC-Authentication-Results: I=1; x\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: i= later", "ARC-Authentication-Results: x; i=1\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: no semicolon", "ARC-Authentication-Results: i=1 x; spf=pass\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: nothing more", "ARC-Authentication-Results: i=1\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: open comment", "ARC-Authentication-Results: (i=1; x\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: i= in a comment", "ARC-Authentication-Results: (i=1;) x\r\n", MV_ARC_BROKEN, 0, "no instance"},
    {"results: ii=", "ARC-Authentication-Results: ii=1; x\r\n", MV_ARC_BROKEN, 0, "no instance"},

    {"a gap", SET(3, "pass") SET(1, "none"), MV_ARC_BROKEN, 3, "ARC set 2 has no ARC-Seal"},
    {"begins at two", SET(2, "pass"), MV_ARC_BROKEN, 2, "ARC set 1 has no ARC-Seal"},
    {"no seal", AAR "1; x\r\n" AMS "1\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has no ARC-Seal"},
    {"no signature", AAR "1; x\r\n" AS "1; cv=none\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has no ARC-Message-Signature"},
    {"no results", AMS "1\r\n" AS "1; cv=none\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has no ARC-Authentication-Results"},
    {"only results", AAR "1; x\r\n", MV_ARC_BROKEN, 1, "has no ARC-Seal"},
    {"a set in pieces", SET(1, "none") AAR "2; x\r\n", MV_ARC_BROKEN, 2, "ARC set 2 has no"},
    {"the seal twice", SET(1, "none") AS "1; cv=none\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has a field twice"},
    {"the signature twice", SET(1, "none") AMS "1\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has a field twice"},
    {"results twice", SET(1, "none") AAR "1; y\r\n", MV_ARC_BROKEN, 1, "ARC set 1 has a field twice"},
    {"twice by a leading zero", SET(1, "none") AS "01; cv=none\r\n", MV_ARC_BROKEN, 1, "has a field twice"},

    {"first cv=pass", SET(1, "pass"), MV_ARC_BROKEN, 1, "cv= of ARC-Seal 1"},
    {"second cv=none", SET(2, "none") SET(1, "none"), MV_ARC_BROKEN, 2, "cv= of ARC-Seal 2"},
    {"first cv=pass below", SET(2, "pass") SET(1, "pass"), MV_ARC_BROKEN, 2, "cv= of ARC-Seal 1"},
    {"cv in capitals", SET(1, "None"), MV_ARC_BROKEN, 1, "cv= of ARC-Seal 1"},
    {"cv empty", SET(1, ""), MV_ARC_BROKEN, 1, "cv= of ARC-Seal 1"},
    {"cv unknown", SET(1, "good"), MV_ARC_BROKEN, 1, "cv= of ARC-Seal 1"},
    {"cv missing", AAR "1; x\r\n" AMS "1\r\n" AS "1\r\n", MV_ARC_BROKEN, 1, "cv= of ARC-Seal 1"},
    {"h= in a seal", SET(1, "none; h=from"), MV_ARC_BROKEN, 1, "ARC-Seal 1 has h="},
    {"empty h= in a seal", SET(1, "none; h="), MV_ARC_BROKEN, 1, "ARC-Seal 1 has h="},
    {"h= in a seal below", SET(2, "pass") SET(1, "none; h=a"), MV_ARC_BROKEN, 2, "ARC-Seal 1 has h="},
    {"cv twice", SET(1, "none; cv=none"), MV_ARC_BROKEN, 1, "ARC-Seal 1 is no list of tags"},
    {"i twice in a seal", SET(1, "none; i=1"), MV_ARC_BROKEN, 1, "ARC-Seal 1 is no list of tags"},
    {"an empty item in a seal", SET(1, "none;; s=x"), MV_ARC_BROKEN, 1, "ARC-Seal 1 is no list of tags"},

    /* RFC 8617 5.1.2: whatever stands below */
    {"ended at once", SET(1, "fail"), MV_ARC_ENDED, 1, "ARC-Seal 1 says"},
    {"ended last", SET(2, "fail") SET(1, "none"), MV_ARC_ENDED, 2, "ARC-Seal 2 says"},
    {"ended before", SET(2, "pass") SET(1, "fail"), MV_ARC_ENDED, 2, "ARC-Seal 1 says"},
    {"ended, but pieces are missing", AS "2; cv=fail\r\n" SET(1, "none"), MV_ARC_BROKEN, 2, "ARC set 2 has no"},
    {"ended, but with h=", SET(1, "fail; h=a"), MV_ARC_BROKEN, 1, "ARC-Seal 1 has h="},
};

static size_t split(const char *text, struct mv_field *fields)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(text));
    size_t count = 0;

    while (mv_cursor_left(&c) > 0) {
        struct mv_cursor start = c;

        mv_cursor_take_until(&c, '\n');
        mv_cursor_accept(&c, '\n');
        ck_assert_uint_lt(count, MAX_FIELDS);
        fields[count++] = mv_field_split(mv_cursor_since(&c, &start));
    }
    return count;
}

START_TEST(structures)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_arena *arena = mv_arena_new(1024 * 1024);
        struct mv_field fields[MAX_FIELDS];
        size_t count = split(rows[i].fields, fields);
        struct mv_arc_chain chain;

        ck_assert_int_eq(mv_arc_collect(arena, fields, count, &chain), MV_OK);
        ck_assert_msg(chain.state == rows[i].state, "%s: state %d, %s", rows[i].name, chain.state, chain.reason);
        ck_assert_msg(chain.count == rows[i].count, "%s: %zu sets", rows[i].name, chain.count);
        ck_assert_msg((chain.reason != NULL) == (rows[i].says != NULL), "%s: %s", rows[i].name, chain.reason);
        ck_assert_msg(rows[i].says == NULL || strstr(chain.reason, rows[i].says) != NULL, "%s: %s", rows[i].name,
                      chain.reason);
        ck_assert_msg(rows[i].says == NULL || chain.section != NULL, "%s: no section", rows[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

START_TEST(each_field_is_in_its_place)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_field fields[MAX_FIELDS];
    size_t count = split("Subject: x\r\n" SET(1, "none") SET(2, "pass"), fields);
    struct mv_arc_chain chain;

    ck_assert_int_eq(mv_arc_collect(arena, fields, count, &chain), MV_OK);
    ck_assert_uint_eq(chain.count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_eq(chain.sets[i].results, &fields[1 + 3 * i]);
        ck_assert_ptr_eq(chain.sets[i].signature, &fields[2 + 3 * i]);
        ck_assert_ptr_eq(chain.sets[i].seal, &fields[3 + 3 * i]);
        ck_assert(mv_bytes_equal(chain.sets[i].payload, MV_BYTES(" x")));
    }
    mv_arena_free(&arena);
}
END_TEST

/* RFC 8617 4.2.1: 50 is the last. */
START_TEST(fifty)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_field fields[MAX_FIELDS];
    struct mv_arc_chain chain;
    struct mv_buf text;
    size_t count;

    mv_buf_init(&text, 100000);
    for (int i = 50; i > 0; i--)
        mv_buf_printf(&text, AAR "%d; x\r\n" AMS "%d\r\n" AS "%d; cv=%s\r\n", i, i, i, i == 1 ? "none" : "pass");
    count = split(mv_buf_cstr(&text), fields);
    ck_assert_int_eq(mv_arc_collect(arena, fields, count, &chain), MV_OK);
    ck_assert_int_eq(chain.state, MV_ARC_WHOLE);
    ck_assert_uint_eq(chain.count, 50);
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(little_memory)
{
    for (size_t limit = 0; limit < 8192; limit += 256) {
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_field fields[MAX_FIELDS];
        size_t count = split(SET(1, "pass"), fields);
        struct mv_arc_chain chain;
        enum mv_code code = mv_arc_collect(arena, fields, count, &chain);

        ck_assert(code == MV_ERR_MEMORY || (code == MV_OK && chain.state == MV_ARC_BROKEN && chain.reason != NULL));
        mv_arena_free(&arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {structures, each_field_is_in_its_place, fifty, little_memory};

    return unit_run("arc_set", tests, sizeof tests / sizeof tests[0]);
}
