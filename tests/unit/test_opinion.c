/* What becomes of an opinion when the child dies, is late, is missing, talks nonsense, or asks. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ops/opinion.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (64 * 1024 * 1024)

static char dir[64];
static char path[200];
static struct mv_arena *arena;
static struct mv_memo *memo;

static void begin(void)
{
    strcpy(dir, "/tmp/mv-opinion-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    arena = mv_arena_new(MAX_BYTES);
    memo = mv_memo_new(arena);
}

static void end(void)
{
    char command[200];

    mv_arena_free(&arena);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    ck_assert_int_eq(system(command), 0);
}

static const char *write_file(const char *name, struct mv_bytes text, mode_t mode)
{
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "w");
    ck_assert(file != NULL && fwrite(text.data, 1, text.len, file) == text.len && fclose(file) == 0);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

static const struct mv_spf_request request = {
    .ip = {MV_IP_V4, {192, 0, 2, 1}},
    .helo = {(const unsigned char *)"h.example", 9},
    .mail_from = {(const unsigned char *)"<a@a.example>", 13},
};
static const struct mv_spf_result ours = {.code = MV_SPF_PASS};

static enum mv_code ask(const char *script, struct mv_opinion *opinion_r)
{
    struct mv_opinion_asker asker = {arena, memo, NULL, 1000};
    char text[400];

    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    asker.program = write_file("stub", mv_bytes_str(text), 0755);
    return mv_opinion_of_spf(&asker, &request, &ours, opinion_r);
}

static const struct {
    const char *name;
    const char *script;
    const char *why_not;
} failures[] = {
    {"crash", "kill -ABRT $$", "libspf2 crashed: signal 6 (Aborted)"},
    {"fault", "kill -SEGV $$", "libspf2 crashed: signal 11 (Segmentation fault)"},
    {"killed", "kill -KILL $$", "libspf2 was ended: signal 9 (Killed)"},
    {"too busy", "kill -XCPU $$", "libspf2 used too much time and was ended"},
    {"late", "exec sleep 60", "libspf2 had not decided after 1000 ms"},
    {"nonsense", "echo nonsense", "what mailvouch-opinion answered cannot be read"},
    {"silence", "exit 0", "what mailvouch-opinion answered cannot be read"},
};

START_TEST(test_failures)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        struct mv_opinion opinion;

        begin();
        ck_assert_msg(ask(failures[i].script, &opinion) == MV_OK, "%s", failures[i].name);
        ck_assert_msg(!opinion.given && !opinion.differs, "%s", failures[i].name);
        ck_assert_msg(mv_bytes_equal(opinion.why_not, mv_bytes_str(failures[i].why_not)), "%s: %.*s", failures[i].name,
                      (int)opinion.why_not.len, (const char *)opinion.why_not.data);
        end();
    }
}
END_TEST

static bool says(const struct mv_opinion *opinion, const char *words)
{
    return strstr((const char *)opinion->why_not.data, words) != NULL;
}

START_TEST(test_missing)
{
    struct mv_opinion_asker asker = {.program = "/nonexistent/mailvouch-opinion"};
    struct mv_opinion opinion;

    begin();
    asker.arena = arena;
    asker.memo = memo;
    ck_assert_int_eq(mv_opinion_of_spf(&asker, &request, &ours, &opinion), MV_OK);
    ck_assert(!opinion.given && says(&opinion, "/nonexistent/mailvouch-opinion cannot be started: No such file"));
    end();
}
END_TEST

START_TEST(test_status)
{
    struct mv_opinion opinion;

    begin();
    ck_assert_int_eq(ask("exit 3", &opinion), MV_OK);
    ck_assert(!opinion.given && says(&opinion, "ended with status 3 and no answer"));
    end();
}
END_TEST

/* The stub answers what the file holds. */
static enum mv_code ask_for(const struct mv_opinion_reply *reply, struct mv_opinion *opinion_r)
{
    char script[300];
    struct mv_buf bytes;
    enum mv_code code;

    mv_buf_init(&bytes, MV_OPINION_MAX_REPLY_BYTES);
    ck_assert_int_eq(mv_opinion_reply_write(reply, &bytes), MV_OK);
    snprintf(script, sizeof script, "cat %s", write_file("reply", mv_buf_bytes(&bytes), 0644));
    code = ask(script, opinion_r);
    mv_buf_free(&bytes);
    return code;
}

START_TEST(test_asks)
{
    const struct mv_opinion_reply reply = {
        .word = MV_OPINION_ASKS, .kind = MV_OPINION_SPF, .question = {MV_BYTES("mx.example"), MV_DNS_AAAA}};
    struct mv_dns_question question;
    const struct mv_dns_answer answer = {.status = MV_DNS_NODATA};
    struct mv_opinion opinion;

    begin();
    ck_assert_int_eq(ask_for(&reply, &opinion), MV_NEED_DNS);
    ck_assert(!opinion.given);
    ck_assert(mv_memo_next_question(memo, &question));
    ck_assert(question.type == MV_DNS_AAAA && mv_bytes_equal(question.name, MV_BYTES("mx.example")));
    ck_assert_int_eq(mv_memo_answer(memo, &question, &answer), MV_OK);
    /* asking again what it was told leads nowhere, and not round and round */
    ck_assert_int_eq(ask_for(&reply, &opinion), MV_OK);
    ck_assert(!opinion.given && opinion.why_not.len > 0);
    end();
}
END_TEST

START_TEST(test_refuses)
{
    const struct mv_opinion_reply reply = {
        .word = MV_OPINION_REFUSES, .kind = MV_OPINION_SPF, .said = MV_BYTES("no \033list")};
    struct mv_opinion opinion;

    begin();
    ck_assert_int_eq(ask_for(&reply, &opinion), MV_OK);
    ck_assert(!opinion.given && mv_bytes_equal(opinion.why_not, MV_BYTES("no \\x1blist")));
    end();
}
END_TEST

START_TEST(test_other_kind)
{
    const struct mv_opinion_reply reply = {.word = MV_OPINION_SAYS, .kind = MV_OPINION_DMARC};
    struct mv_opinion opinion;

    begin();
    ck_assert_int_eq(ask_for(&reply, &opinion), MV_OK);
    ck_assert(!opinion.given && says(&opinion, "cannot be read"));
    end();
}
END_TEST

static const struct {
    struct mv_opinion_reply reply;
    bool differs;
    const char *reason;
} given[] = {
    {{.word = MV_OPINION_SAYS, .kind = MV_OPINION_SPF, .spf = MV_SPF_PASS}, false, ""},
    {{.word = MV_OPINION_SAYS, .kind = MV_OPINION_SPF, .spf = MV_SPF_FAIL}, true, "libspf2-unexplained"},
    {{.word = MV_OPINION_SAYS, .kind = MV_OPINION_SPF, .spf = MV_SPF_PASS, .spf_invalid = true}, true, "libspf2-unexplained"},
    {{.word = MV_OPINION_SAYS, .kind = MV_OPINION_SPF, .spf = MV_SPF_PERMERROR, .error = MV_OPINION_ERROR_LOOKUPS}, true,
     "libspf2-lookup-limit"},
};

START_TEST(test_given)
{
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct mv_opinion opinion;

        begin();
        ck_assert_int_eq(ask_for(&given[i].reply, &opinion), MV_OK);
        ck_assert_msg(opinion.given && opinion.differs == given[i].differs, "row %zu", i);
        ck_assert_msg(opinion.reasons.count == (given[i].differs ? 1 : 0), "row %zu", i);
        if (given[i].differs)
            ck_assert_str_eq(opinion.reasons.items[0]->id, given[i].reason);
        end();
    }
}
END_TEST

/* As findings: one for each reason, one when there is no opinion, none when they agree. */
START_TEST(test_findings)
{
    struct mv_findings *findings;
    struct mv_opinion opinion;

    begin();
    findings = mv_findings_new(arena);
    ck_assert_int_eq(ask_for(&given[0].reply, &opinion), MV_OK);
    mv_opinion_find(&opinion, MV_BYTES("a.example"), findings);
    ck_assert_uint_eq(mv_findings_count(findings), 0);
    ck_assert_int_eq(ask_for(&given[3].reply, &opinion), MV_OK);
    mv_opinion_find(&opinion, MV_BYTES("a.example"), findings);
    ck_assert(mv_findings_have(findings, "libspf2-lookup-limit", MV_BYTES("a.example")));
    ck_assert(mv_bytes_equal(mv_findings_at(findings, 0)->detail, MV_BYTES("they: permerror, others: pass")));
    ck_assert_int_eq(ask("kill -ABRT $$", &opinion), MV_OK);
    mv_opinion_find(&opinion, MV_BYTES("a.example"), findings);
    ck_assert(mv_findings_have(findings, "opinion-none", MV_BYTES("a.example")));
    ck_assert_uint_eq(mv_findings_count(findings), 2);
    end();
}
END_TEST

START_TEST(test_no_author)
{
    const struct mv_dmarc_input input = {.author_domain = {NULL, 0}};
    const struct mv_dmarc_result result = {.code = MV_DMARC_PERMERROR};
    struct mv_opinion_asker asker = {.program = "/nonexistent"};
    struct mv_opinion opinion;

    begin();
    asker.arena = arena;
    asker.memo = memo;
    ck_assert_int_eq(mv_opinion_of_dmarc(&asker, &input, &result, NULL, &opinion), MV_OK);
    ck_assert(!opinion.given && says(&opinion, "no From domain"));
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_failures, test_missing,    test_status, test_asks,
                                  test_refuses,  test_other_kind, test_given,  test_findings, test_no_author};

    return unit_run("opinion", tests, sizeof tests / sizeof *tests);
}
