/* RFC 8617 7.2 and what is ours: whose chain softens a DMARC failure, and when it may do so later. */
#include "core/auth/sealers.h"

#include <string.h>

#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (1 << 20)
#define MAX_HOPS 3
#define SEEN " list.example; dmarc=pass header.from=example.com"

struct hop {
    const char *domain;
    const char *results;
};

static const struct row {
    const char *name;
    struct hop hops[MAX_HOPS]; /* the oldest first */
    enum mv_testimony testimony;
    size_t instance;
    const char *method;
    bool strict, no_record, broken, later, author_unsigned;
} rows[] = {
    {"one trusted sealer", {{"list.example", SEEN}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"below a trusted domain", {{"a.list.example", SEEN}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"the other trusted one", {{"relay.example", SEEN}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"in capitals, with a final dot", {{"list.example", " x; DMARC=PASS Header.From=EXAMPLE.COM."}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"as an address", {{"list.example", " x; dmarc=pass header.from=alice@example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"with comments", {{"list.example", " x; dmarc=pass (p=reject dis=none) header.from=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"two in a row: the oldest is the witness", {{"list.example", SEEN}, {"relay.example", " x; dmarc=fail header.from=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"a stranger below", {{"evil.example", " x; none"}, {"list.example", SEEN}},
     .testimony = MV_TESTIMONY_PASS, .instance = 2, .method = "dmarc"},
    {"a trusted one, a stranger, a trusted one", {{"list.example", " x; none"}, {"evil.example", " x; none"}, {"relay.example", SEEN}},
     .testimony = MV_TESTIMONY_PASS, .instance = 3, .method = "dmarc"},
    {"DKIM", {{"list.example", " x; dkim=pass header.d=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim"},
    {"DKIM, relaxed", {{"list.example", " x; dkim=pass header.d=m.example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim"},
    {"DKIM, by i=", {{"list.example", " x; dkim=pass header.i=@example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim"},
    {"DKIM, the second signature", {{"list.example", " x; dkim=fail header.d=example.com; dkim=pass header.d=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim"},
    {"DKIM, DMARC none", {{"list.example", " x; dkim=pass header.d=example.com; dmarc=none header.from=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim"},
    {"SPF", {{"list.example", " x; spf=pass smtp.mailfrom=b@example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "spf"},
    {"SPF, relaxed", {{"list.example", " x; spf=pass smtp.mailfrom=m.example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "spf"},
    {"strict, the same domain", {{"list.example", " x; dkim=pass header.d=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim", .strict = true},
    {"without a record, the same domain", {{"list.example", " x; dkim=pass header.d=example.com"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dkim",
     .no_record = true},
    {"another author's failure", {{"list.example", SEEN "; dmarc=fail header.from=other.example"}},
     .testimony = MV_TESTIMONY_PASS, .instance = 1, .method = "dmarc"},
    {"later", {{"list.example", SEEN}},
     .testimony = MV_TESTIMONY_LATER, .instance = 1, .method = "dmarc", .later = true},

    {"no chain", {{NULL, NULL}}, .testimony = MV_TESTIMONY_NONE},
    {"a stranger", {{"evil.example", SEEN}}, .testimony = MV_TESTIMONY_NONE},
    {"a stranger last", {{"list.example", SEEN}, {"evil.example", SEEN}}, .testimony = MV_TESTIMONY_NONE},
    {"above a trusted domain", {{"example", SEEN}}, .testimony = MV_TESTIMONY_NONE},
    {"a name that ends alike", {{"badlist.example", SEEN}}, .testimony = MV_TESTIMONY_NONE},
    {"no domain", {{"", SEEN}}, .testimony = MV_TESTIMONY_NONE},
    {"a broken chain", {{"list.example", SEEN}}, .testimony = MV_TESTIMONY_NONE, .broken = true},
    {"From not signed", {{"list.example", SEEN}}, .testimony = MV_TESTIMONY_NONE, .author_unsigned = true},
    {"From not signed, later", {{"list.example", SEEN}},
     .testimony = MV_TESTIMONY_NONE, .author_unsigned = true, .later = true},
    {"fail, later", {{"list.example", " x; dmarc=fail header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE, .later = true},
    {"a stranger, later", {{"evil.example", SEEN}}, .testimony = MV_TESTIMONY_NONE, .later = true},
    {"what the stranger below says", {{"evil.example", SEEN}, {"list.example", " x; none"}},
     .testimony = MV_TESTIMONY_NONE},
    {"what a younger one says", {{"list.example", " x; none"}, {"relay.example", SEEN}},
     .testimony = MV_TESTIMONY_NONE},
    {"fail", {{"list.example", " x; dmarc=fail header.from=example.com"}}, .testimony = MV_TESTIMONY_NONE},
    {"fail, though DKIM passed",
     {{"list.example", " x; dkim=pass header.d=example.com; dmarc=fail header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"temperror, though SPF passed",
     {{"list.example", " x; spf=pass smtp.mailfrom=example.com; dmarc=temperror header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"pass and fail", {{"list.example", SEEN "; dmarc=fail header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"fail and pass", {{"list.example", " x; dmarc=fail header.from=example.com;" SEEN}},
     .testimony = MV_TESTIMONY_NONE},
    {"for a domain below", {{"list.example", " x; dmarc=pass header.from=m.example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"for a domain above", {{"list.example", " x; dmarc=pass header.from=com"}}, .testimony = MV_TESTIMONY_NONE},
    {"for another domain", {{"list.example", " x; dmarc=pass header.from=evil.example"}},
     .testimony = MV_TESTIMONY_NONE},
    {"for a longer name", {{"list.example", " x; dmarc=pass header.from=example.com.evil.example"}},
     .testimony = MV_TESTIMONY_NONE},
    {"for nobody", {{"list.example", " x; dmarc=pass"}}, .testimony = MV_TESTIMONY_NONE},
    {"for no domain", {{"list.example", " x; dmarc=pass header.from=\"a b\""}}, .testimony = MV_TESTIMONY_NONE},
    {"another property", {{"list.example", " x; dmarc=pass policy.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"a result of a later version", {{"list.example", " x; dmarc/2=pass header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"a field of a later version", {{"list.example", " x 2; dmarc=pass header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"a word like pass", {{"list.example", " x; dmarc=passed header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"a method like it", {{"list.example", " x; x-dmarc=pass header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"in a comment", {{"list.example", " x; spf=fail (; dmarc=pass header.from=example.com)"}},
     .testimony = MV_TESTIMONY_NONE},
    {"in quotes", {{"list.example", " x; spf=fail reason=\"; dmarc=pass header.from=example.com\""}},
     .testimony = MV_TESTIMONY_NONE},
    {"behind nonsense", {{"list.example", " x; ((( ; dmarc=pass header.from=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"nonsense behind", {{"list.example", SEEN "; =="}}, .testimony = MV_TESTIMONY_NONE},
    {"nothing", {{"list.example", ""}}, .testimony = MV_TESTIMONY_NONE},
    {"none", {{"list.example", " x; none"}}, .testimony = MV_TESTIMONY_NONE},
    {"DKIM of another", {{"list.example", " x; dkim=pass header.d=evil.example"}}, .testimony = MV_TESTIMONY_NONE},
    {"DKIM, d= of another, i= of the author", {{"list.example", " x; dkim=pass header.d=evil.example header.i=@example.com"}},
     .testimony = MV_TESTIMONY_NONE},
    {"DKIM failed", {{"list.example", " x; dkim=fail header.d=example.com"}}, .testimony = MV_TESTIMONY_NONE},
    {"DKIM of nobody", {{"list.example", " x; dkim=pass"}}, .testimony = MV_TESTIMONY_NONE},
    {"DKIM above", {{"list.example", " x; dkim=pass header.d=com"}}, .testimony = MV_TESTIMONY_NONE},
    {"DKIM, strict", {{"list.example", " x; dkim=pass header.d=m.example.com"}},
     .testimony = MV_TESTIMONY_NONE, .strict = true},
    {"DKIM, no record", {{"list.example", " x; dkim=pass header.d=m.example.com"}},
     .testimony = MV_TESTIMONY_NONE, .no_record = true},
    {"SPF, strict", {{"list.example", " x; spf=pass smtp.mailfrom=m.example.com"}},
     .testimony = MV_TESTIMONY_NONE, .strict = true},
    {"SPF of HELO", {{"list.example", " x; spf=pass smtp.helo=example.com"}}, .testimony = MV_TESTIMONY_NONE},
    {"SPF softfail", {{"list.example", " x; spf=softfail smtp.mailfrom=example.com"}},
     .testimony = MV_TESTIMONY_NONE},
};

static void fill(const struct row *row, struct mv_arc_hop *hops, struct mv_verdict *verdict)
{
    *verdict = (struct mv_verdict){
        .author_domain = MV_BYTES("example.com"),
        .dmarc = {.code = MV_DMARC_FAIL, .has_record = !row->no_record, .org_domain = MV_BYTES("example.com"),
                  .record = {.strict_dkim = row->strict, .strict_spf = row->strict}},
        .has_arc = true,
        .arc = {.code = row->broken || row->later ? MV_ARC_FAIL : MV_ARC_PASS, .has_fields = true,
                .temporary = row->later, .author_signed = !row->author_unsigned, .hops = hops},
    };
    for (; verdict->arc.hop_count < MAX_HOPS && row->hops[verdict->arc.hop_count].domain != NULL; verdict->arc.hop_count++)
        hops[verdict->arc.hop_count] =
            (struct mv_arc_hop){.domain = mv_bytes_str(row->hops[verdict->arc.hop_count].domain),
                                .results = mv_bytes_str(row->hops[verdict->arc.hop_count].results)};
    if (verdict->arc.hop_count == 0)
        verdict->arc = (struct mv_arc_result){.code = MV_ARC_NONE};
}

static const struct mv_bytes trusted_items[] = {MV_BYTES("list.example"), MV_BYTES("relay.example")};
static const struct mv_config_list trusted = {trusted_items, 2}, nobody = {NULL, 0};

START_TEST(testimonies)
{
    const struct row *row = &rows[_i];
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_arc_hop hops[MAX_HOPS];
    enum mv_testimony testimony;
    struct mv_witness witness;
    struct mv_verdict verdict;

    fill(row, hops, &verdict);
    ck_assert_int_eq(mv_sealers_testify(arena, &trusted, &verdict, &testimony, &witness), MV_OK);
    ck_assert_msg(testimony == row->testimony, "%s: %d", row->name, testimony);
    if (testimony != MV_TESTIMONY_NONE) {
        ck_assert_msg(witness.instance == row->instance, "%s: %zu", row->name, witness.instance);
        ck_assert_msg(strcmp(witness.method, row->method) == 0, "%s: %s", row->name, witness.method);
        ck_assert(mv_bytes_equal(witness.domain, hops[witness.instance - 1].domain));
    }
    ck_assert_int_eq(mv_sealers_testify(arena, &nobody, &verdict, &testimony, &witness), MV_OK);
    ck_assert_msg(testimony == MV_TESTIMONY_NONE, "%s: nobody is trusted", row->name);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(not_evaluated)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_arc_hop hops[MAX_HOPS];
    enum mv_testimony testimony;
    struct mv_witness witness;
    struct mv_verdict verdict;

    fill(&rows[0], hops, &verdict);
    verdict.has_arc = false;
    ck_assert_int_eq(mv_sealers_testify(arena, &trusted, &verdict, &testimony, &witness), MV_OK);
    ck_assert_int_eq(testimony, MV_TESTIMONY_NONE);
    mv_arena_free(&arena);
}
END_TEST

/* No memory is an error, and never a testimony of the other kind. */
START_TEST(little_memory)
{
    for (size_t limit = 0; limit < 64 * 1024; limit += 512) {
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_arc_hop hops[MAX_HOPS];
        enum mv_testimony testimony;
        struct mv_witness witness;
        struct mv_verdict verdict;
        enum mv_code code;

        fill(&rows[0], hops, &verdict);
        code = mv_sealers_testify(arena, &trusted, &verdict, &testimony, &witness);
        ck_assert(code == MV_ERR_MEMORY || (code == MV_OK && testimony == MV_TESTIMONY_PASS));
        mv_arena_free(&arena);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sealers");
    TCase *tcase = tcase_create("sealers");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, testimonies, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tcase, not_evaluated);
    tcase_add_test(tcase, little_memory);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
