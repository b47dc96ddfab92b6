/* Lines for failure reports as the importer reads them: ours, and what is refused. */
#include "core/report/failure_read.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (1024 * 1024)
#define HASH "1f84be11dcd1ef30f474eb94"
#define A "{\"v\":1,\"t\":1795651200,\"ip\":\"192.0.2.7\""
#define B ",\"want\":[\"dmarc\",\"dkim\",\"spf\"],\"from\":\"example.com\",\"at\":\"example.com\""
#define C ",\"rec\":\"v=DMARC1; ruf=mailto:f@example.com\",\"mf\":\"" HASH "@b.example\",\"id\":\"mx.example.org\""
#define D ",\"miss\":[\"dkim\",\"spf\"],\"res\":[\"mx; dmarc=fail\",\"mx; dkim=fail\",\"mx; spf=fail\"],\"act\":\"reject\""
#define E ",\"dkim\":[\"bodyhash\",\"example.com\",\"s1\",\"" HASH "@m.example.com\",1]"
#define F ",\"spf\":[\"fail\",[[\"b.example\",\"v=spf1 \\\"-all\"]]]"
#define G ",\"hdr\":\"From: " HASH "@example.com\\r\\nTo: " HASH "@a.example,\\r\\n    " HASH "@b.example\\r\\n\"}"

static const char *const good[] = {
    A B C D E F G, A B C D E F G "\n", A B C ",\"new\":{\"a\":[1,2]}" D E F G,
    A ",\"want\":[\"dmarc\"],\"from\":\"example.com\",\"at\":\"example.com\"" C
      ",\"miss\":[],\"res\":[\"mx; dmarc=fail\"],\"act\":\"none\",\"hdr\":\"\"}",
};

static const struct {
    const char *name, *line;
} bad[] = {
    {"nothing", ""},
    {"no JSON", "x"},
    {"a list", "[]"},
    {"torn", A B C D E},
    {"two lines", A B C D E F G "\n" A B C D E F G},
    {"twice the same key", A ",\"t\":1" B C D E F G},
    {"another version", "{\"v\":2,\"t\":1795651200,\"ip\":\"192.0.2.7\"" B C D E F G},
    {"no time", "{\"v\":1,\"ip\":\"192.0.2.7\"" B C D E F G},
    {"a time that is none", "{\"v\":1,\"t\":-1,\"ip\":\"192.0.2.7\"" B C D E F G},
    {"no client", "{\"v\":1,\"t\":1795651200,\"ip\":\"\"" B C D E F G},
    {"nothing wanted", A ",\"want\":[],\"from\":\"example.com\",\"at\":\"example.com\"" C
     ",\"miss\":[],\"res\":[],\"act\":\"none\",\"hdr\":\"\"}"},
    {"wanted in another order", A ",\"want\":[\"spf\",\"dmarc\",\"dkim\"],\"from\":\"a.b\",\"at\":\"a.b\"" C D E F G},
    {"wanted twice", A ",\"want\":[\"dmarc\",\"dmarc\",\"dkim\"],\"from\":\"a.b\",\"at\":\"a.b\"" C D E F G},
    {"wanted, but unknown", A ",\"want\":[\"dmarc\",\"adsp\"],\"from\":\"a.b\",\"at\":\"a.b\"" C D E F G},
    {"no author", A ",\"want\":[\"dmarc\",\"dkim\",\"spf\"],\"from\":\"\",\"at\":\"example.com\"" C D E F G},
    {"an author with a line end", A ",\"want\":[\"dmarc\",\"dkim\",\"spf\"],\"from\":\"a.b\\n\",\"at\":\"a.b\"" C D E F G},
    {"an author that is no domain", A ",\"want\":[\"dmarc\",\"dkim\",\"spf\"],\"from\":\"a b\",\"at\":\"a.b\"" C D E F G},
    {"MAIL FROM that is not redacted", A B ",\"rec\":\"v=DMARC1\",\"mf\":\"alice@b.example\",\"id\":\"mx\"" D E F G},
    {"no server", A B ",\"rec\":\"v=DMARC1\",\"mf\":\"\",\"id\":\"\"" D E F G},
    {"a server in two words", A B ",\"rec\":\"v=DMARC1\",\"mf\":\"\",\"id\":\"m x\"" D E F G},
    {"UTF-8", A B ",\"rec\":\"v=DMARC1; \xc3\xbc\",\"mf\":\"\",\"id\":\"mx\"" D E F G},
    {"too few results", A B C ",\"miss\":[],\"res\":[\"mx; dmarc=fail\"],\"act\":\"reject\"" E F G},
    {"too many results", A B C ",\"miss\":[],\"res\":[\"a\",\"b\",\"c\",\"d\"],\"act\":\"reject\"" E F G},
    {"a result with a line end", A B C ",\"miss\":[],\"res\":[\"a\\r\\nX: y\",\"b\",\"c\"],\"act\":\"reject\"" E F G},
    {"deferred", A B C ",\"miss\":[],\"res\":[\"a\",\"b\",\"c\"],\"act\":\"tempfail\"" E F G},
    {"DMARC is no mechanism", A B C ",\"miss\":[\"dmarc\"],\"res\":[\"a\",\"b\",\"c\"],\"act\":\"reject\"" E F G},
    {"no signature", A B C D F G},
    {"a signature without a kind", A B C D ",\"dkim\":[\"\",\"example.com\",\"s1\",\"\",1]" F G},
    {"a selector that is none", A B C D ",\"dkim\":[\"bodyhash\",\"example.com\",\"s 1\",\"\",1]" F G},
    {"an identity that is not redacted", A B C D ",\"dkim\":[\"bodyhash\",\"example.com\",\"s1\",\"a@b.example\",1]" F G},
    {"aligned twice", A B C D ",\"dkim\":[\"bodyhash\",\"example.com\",\"s1\",\"\",2]" F G},
    {"a signature with more", A B C D ",\"dkim\":[\"bodyhash\",\"example.com\",\"s1\",\"\",1,1]" F G},
    {"no SPF", A B C D E G},
    {"SPF with another result", A B C D E ",\"spf\":[\"maybe\",[]]" G},
    {"SPF with half a record", A B C D E ",\"spf\":[\"fail\",[[\"b.example\"]]]" G},
    {"13 records", A B C D E ",\"spf\":[\"fail\",[[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],"
     "[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"],[\"a\",\"b\"]]]" G},
    {"no header", A B C D E F "}"},
    {"a header without end", A B C D E F ",\"hdr\":\"From: x\"}"},
    {"a header that ends", A B C D E F ",\"hdr\":\"From: x\\r\\n\\r\\nbody\\r\\n\"}"},
    {"a header with a bare LF", A B C D E F ",\"hdr\":\"From: x\\nTo: y\\r\\n\"}"},
    {"a header that begins with a fold", A B C D E F ",\"hdr\":\" From: x\\r\\n\"}"},
    {"a header with a line that is no field", A B C D E F ",\"hdr\":\"--=_x\\r\\n\"}"},
    {"a header with an address", A B C D E F ",\"hdr\":\"From: alice@example.com\\r\\n\"}"},
};

START_TEST(takes_ours)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_failure_line line;
    struct mv_error error = {0};

    ck_assert_msg(mv_failure_line_parse(mv_bytes_str(good[_i]), arena, &line, &error) == MV_OK, "%d: %s", _i,
                  error.text);
    ck_assert(mv_bytes_equal(line.author_domain, MV_BYTES("example.com")));
    ck_assert_int_eq(line.time_secs, 1795651200);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(refuses)
{
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_failure_line line;
    struct mv_error error = {0};

    ck_assert_msg(mv_failure_line_parse(mv_bytes_str(bad[_i].line), arena, &line, &error) == MV_ERR_SYNTAX, "%s",
                  bad[_i].name);
    ck_assert_msg(error.text[0] != '\0', "%s", bad[_i].name);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(refuses_what_is_long)
{
    static char text[MV_FAILURE_MAX_LINE_BYTES + 2];
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_failure_line line;
    struct mv_error error = {0};
    size_t len = strlen(good[0]);

    memset(text, ' ', sizeof text - 1);
    memcpy(text, good[0], len);
    ck_assert_int_eq(mv_failure_line_parse(mv_bytes_of(text, MV_FAILURE_MAX_LINE_BYTES), arena, &line, &error), MV_OK);
    ck_assert_int_eq(mv_failure_line_parse(mv_bytes_of(text, MV_FAILURE_MAX_LINE_BYTES + 1), arena, &line, &error),
                     MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("failure_read");
    TCase *tcase = tcase_create("failure_read");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, takes_ours, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tcase, refuses, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, refuses_what_is_long);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
