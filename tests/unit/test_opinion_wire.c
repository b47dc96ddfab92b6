/* Requests and replies of the second opinion: back and forth, and everything that is cut, grown or beyond a limit. */
#include <string.h>

#include "core/ops/opinion_wire.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (32 * 1024 * 1024)

static struct mv_arena *arena;
static struct mv_buf bytes;

static void begin(void)
{
    arena = mv_arena_new(MAX_BYTES);
    mv_buf_init(&bytes, MV_OPINION_MAX_REQUEST_BYTES);
}

static void end(void)
{
    mv_buf_free(&bytes);
    mv_arena_free(&arena);
}

static const struct mv_dns_record txt[] = {{.data = {(const unsigned char *)"ab", 2},
                                            .rdata = {(const unsigned char *)"\1a\1b", 4}}};
static const struct mv_dns_record mx[] = {{.data = {(const unsigned char *)"mx.example", 10}, .preference = 65535}};
static const struct mv_dns_record a[] = {{.data = {(const unsigned char *)"\300\0\2\1", 4}}};

static const struct mv_opinion_answer answers[] = {
    {{{(const unsigned char *)"a.example", 9}, MV_DNS_TXT}, {.status = MV_DNS_FOUND, .count = 1, .records = txt}},
    {{{(const unsigned char *)"a.example", 9}, MV_DNS_MX},
     {.status = MV_DNS_FOUND, .ttl_secs = 300, .count = 1, .records = mx}},
    {{{(const unsigned char *)"a.example", 9}, MV_DNS_A}, {.status = MV_DNS_FOUND, .count = 1, .records = a}},
    {{{(const unsigned char *)"b.example", 9}, MV_DNS_AAAA}, {.status = MV_DNS_TIMEOUT}},
};

static struct mv_opinion_request spf_request(void)
{
    return (struct mv_opinion_request){
        .kind = MV_OPINION_SPF,
        .ip = {MV_IP_V4, {192, 0, 2, 1}},
        .helo = MV_BYTES("h.example"),
        .mail_from = MV_BYTES("a@a.example"),
        .receiver = MV_BYTES("mx.example"),
        .answers = answers,
        .answer_count = sizeof answers / sizeof *answers,
    };
}

static struct mv_opinion_request dmarc_request(void)
{
    return (struct mv_opinion_request){
        .kind = MV_OPINION_DMARC,
        .author_domain = MV_BYTES("a.example"),
        .identifiers = {{MV_DMARC_BY_SPF, MV_DMARC_AUTH_PASS, MV_BYTES("b.example")},
                        {MV_DMARC_BY_DKIM, MV_DMARC_AUTH_PASS, MV_BYTES("c.example")}},
        .identifier_count = 2,
        .answers = answers,
        .answer_count = 1,
    };
}

START_TEST(test_spf_request)
{
    struct mv_opinion_request request = spf_request(), read;

    begin();
    ck_assert_int_eq(mv_opinion_request_write(&request, &bytes), MV_OK);
    ck_assert_int_eq(mv_opinion_request_read(arena, mv_buf_bytes(&bytes), &read), MV_OK);
    ck_assert_int_eq(read.kind, MV_OPINION_SPF);
    ck_assert(read.ip.family == MV_IP_V4 && memcmp(read.ip.octets, request.ip.octets, 4) == 0);
    ck_assert(mv_bytes_equal(read.helo, request.helo) && mv_bytes_equal(read.mail_from, request.mail_from));
    ck_assert(mv_bytes_equal(read.receiver, request.receiver));
    ck_assert_uint_eq(read.answer_count, 4);
    ck_assert(mv_bytes_equal(read.answers[0].answer.records[0].rdata, txt[0].rdata));
    ck_assert_uint_eq(read.answers[1].answer.records[0].preference, 65535);
    ck_assert_uint_eq(read.answers[1].answer.ttl_secs, 300);
    ck_assert_int_eq(read.answers[3].answer.status, MV_DNS_TIMEOUT);
    end();
}
END_TEST

START_TEST(test_dmarc_request)
{
    struct mv_opinion_request request = dmarc_request(), read;

    begin();
    ck_assert_int_eq(mv_opinion_request_write(&request, &bytes), MV_OK);
    ck_assert_int_eq(mv_opinion_request_read(arena, mv_buf_bytes(&bytes), &read), MV_OK);
    ck_assert(mv_bytes_equal(read.author_domain, request.author_domain));
    ck_assert_uint_eq(read.identifier_count, 2);
    ck_assert_int_eq(read.identifiers[1].method, MV_DMARC_BY_DKIM);
    ck_assert(mv_bytes_equal(read.identifiers[1].domain, MV_BYTES("c.example")));
    end();
}
END_TEST

/* Cut anywhere, or with a byte more, it is refused. */
START_TEST(test_request_cut)
{
    struct mv_opinion_request requests[] = {spf_request(), dmarc_request()}, read;

    for (size_t i = 0; i < 2; i++) {
        begin();
        ck_assert_int_eq(mv_opinion_request_write(&requests[i], &bytes), MV_OK);
        for (size_t len = 0; len < bytes.len; len++)
            ck_assert_msg(mv_opinion_request_read(arena, mv_bytes_of(bytes.data, len), &read) == MV_ERR_SYNTAX,
                          "request %zu cut to %zu bytes was read", i, len);
        mv_buf_putc(&bytes, 0);
        ck_assert_int_eq(mv_opinion_request_read(arena, mv_buf_bytes(&bytes), &read), MV_ERR_SYNTAX);
        end();
    }
}
END_TEST

static const struct {
    const char *name;
    const char *data;
    size_t len;
} bad[] = {
#define ROW(name, literal) {name, literal, sizeof literal - 1}
    ROW("nothing", ""),
    ROW("another magic", "mvq2\1"),
    ROW("a reply as a request", "mvr1\1\1"),
    ROW("kind 0", "mvq1\0"),
    ROW("kind 3", "mvq1\3"),
    ROW("an address of 5 octets", "mvq1\1\0\0\0\5abcde\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ROW("no address", "mvq1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ROW("a text of 65536 octets", "mvq1\2\0\1\0\0"),
    ROW("a text of 4 GiB", "mvq1\2\377\377\377\377"),
    ROW("12 identifiers", "mvq1\2\0\0\0\0\14"),
    ROW("an unknown method", "mvq1\2\0\0\0\0\1\2\0\0\0\0\0\0\0\0"),
    ROW("501 answers", "mvq1\2\0\0\0\0\0\0\0\1\365"),
    ROW("an unknown type", "mvq1\2\0\0\0\0\0\0\0\0\1\3\0\0\0\0\1\0\0\0\0\0\0\0\0"),
    ROW("an unknown status", "mvq1\2\0\0\0\0\0\0\0\0\1\20\0\0\0\0\7\0\0\0\0\0\0\0\0"),
    ROW("found without records", "mvq1\2\0\0\0\0\0\0\0\0\1\20\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ROW("records of a missing name", "mvq1\2\0\0\0\0\0\0\0\0\1\20\0\0\0\0\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0"),
    ROW("513 records", "mvq1\2\0\0\0\0\0\0\0\0\1\20\0\0\0\0\0\0\0\0\0\0\0\2\1"),
    ROW("an address record of 3 octets",
        "mvq1\2\0\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\3abc\0\0\0\0"),
    ROW("preference 65536", "mvq1\2\0\0\0\0\0\0\0\0\1\17\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\0\0\0\0\0\0\0\0\0"),
#undef ROW
};

START_TEST(test_bad_requests)
{
    struct mv_opinion_request read;

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(mv_opinion_request_read(arena, mv_bytes_of(bad[i].data, bad[i].len), &read) == MV_ERR_SYNTAX,
                      "%s", bad[i].name);
    end();
}
END_TEST

/* What is beyond a limit is not written. */
START_TEST(test_request_limits)
{
    struct mv_opinion_request request = dmarc_request();
    unsigned char *large = calloc(1, MV_OPINION_MAX_TEXT_BYTES + 1);

    begin();
    request.answer_count = MV_OPINION_MAX_ANSWERS + 1;
    ck_assert_int_eq(mv_opinion_request_write(&request, &bytes), MV_ERR_LIMIT);
    mv_buf_reset(&bytes);
    request.answer_count = 0;
    request.author_domain = mv_bytes_of(large, MV_OPINION_MAX_TEXT_BYTES + 1);
    ck_assert_int_eq(mv_opinion_request_write(&request, &bytes), MV_ERR_LIMIT);
    free(large);
    end();
}
END_TEST

static const struct mv_opinion_reply replies[] = {
    {.word = MV_OPINION_SAYS, .kind = MV_OPINION_SPF, .spf = MV_SPF_PERMERROR, .spf_invalid = true,
     .error = MV_OPINION_ERROR_SIZE, .said = {(const unsigned char *)"why", 3}},
    {.word = MV_OPINION_SAYS, .kind = MV_OPINION_DMARC, .dmarc = MV_DMARC_FAIL, .policy = MV_DMARC_P_REJECT, .pct = 100,
     .aligned_spf = true, .suffix_listed = true, .policy_domain = {(const unsigned char *)"a.example", 9}},
    {.word = MV_OPINION_ASKS, .kind = MV_OPINION_SPF, .question = {{(const unsigned char *)"a.example", 9}, MV_DNS_MX}},
    {.word = MV_OPINION_REFUSES, .kind = MV_OPINION_DMARC, .said = {(const unsigned char *)"no list", 7}},
};

START_TEST(test_replies)
{
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        const struct mv_opinion_reply *reply = &replies[i];
        struct mv_opinion_reply read;

        begin();
        ck_assert_int_eq(mv_opinion_reply_write(reply, &bytes), MV_OK);
        ck_assert_int_eq(mv_opinion_reply_read(mv_buf_bytes(&bytes), &read), MV_OK);
        ck_assert(read.word == reply->word && read.kind == reply->kind && read.spf == reply->spf);
        ck_assert(read.spf_invalid == reply->spf_invalid && read.error == reply->error);
        ck_assert(read.dmarc == reply->dmarc && read.policy == reply->policy && read.pct == reply->pct);
        ck_assert(read.aligned_spf == reply->aligned_spf && !read.aligned_dkim);
        ck_assert(read.suffix_listed == reply->suffix_listed);
        ck_assert(mv_bytes_equal(read.said, reply->said) && mv_bytes_equal(read.policy_domain, reply->policy_domain));
        ck_assert(mv_bytes_equal(read.question.name, reply->question.name));
        for (size_t len = 0; len < bytes.len; len++)
            ck_assert_msg(mv_opinion_reply_read(mv_bytes_of(bytes.data, len), &read) == MV_ERR_SYNTAX,
                          "reply %zu cut to %zu bytes was read", i, len);
        mv_buf_putc(&bytes, 0);
        ck_assert_int_eq(mv_opinion_reply_read(mv_buf_bytes(&bytes), &read), MV_ERR_SYNTAX);
        end();
    }
}
END_TEST

/* A library's words are cut, not refused. */
START_TEST(test_long_words)
{
    unsigned char *words = calloc(1, 2 * MV_OPINION_MAX_SAID_BYTES);
    struct mv_opinion_reply reply = replies[0], read;

    begin();
    reply.said = mv_bytes_of(words, 2 * MV_OPINION_MAX_SAID_BYTES);
    ck_assert_int_eq(mv_opinion_reply_write(&reply, &bytes), MV_OK);
    ck_assert_int_eq(mv_opinion_reply_read(mv_buf_bytes(&bytes), &read), MV_OK);
    ck_assert_uint_eq(read.said.len, MV_OPINION_MAX_SAID_BYTES);
    free(words);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_spf_request,    test_dmarc_request, test_request_cut, test_bad_requests,
                                  test_request_limits, test_replies,       test_long_words};

    return unit_run("opinion_wire", tests, sizeof tests / sizeof *tests);
}
