/* The DNS that the libraries of the second opinion see: what is found, what is missed, and TXT answers on the wire. */
#include <netdb.h>
#include <string.h>

#include "core/dns/wire.h"
#include "opinion/answers.h"
#include "tests/unit/unit.h"

#define MAX_WIRE_BYTES 65535

static const struct mv_dns_record two[] = {
    {.data = {(const unsigned char *)"v=spf1 -all", 11}, .rdata = {(const unsigned char *)"\7v=spf1 \4-all", 13}},
    {.data = {NULL, 0}, .rdata = {(const unsigned char *)"", 1}},
};

static const struct mv_opinion_answer answers[] = {
    {{{(const unsigned char *)"a.example", 9}, MV_DNS_TXT},
     {.status = MV_DNS_FOUND, .ttl_secs = 70000, .count = 2, .records = two}},
    {{{(const unsigned char *)"slow.example", 12}, MV_DNS_A}, {.status = MV_DNS_TIMEOUT}},
};

static struct mv_opinion_dns new_dns(void)
{
    return (struct mv_opinion_dns){.answers = answers, .count = sizeof answers / sizeof *answers};
}

START_TEST(test_find)
{
    struct mv_opinion_dns dns = new_dns();

    ck_assert_ptr_eq(mv_opinion_dns_find(&dns, MV_BYTES("a.example"), MV_DNS_TXT), &answers[0].answer);
    ck_assert_ptr_eq(mv_opinion_dns_find(&dns, MV_BYTES("A.Example."), MV_DNS_TXT), &answers[0].answer);
    ck_assert_ptr_eq(mv_opinion_dns_find(&dns, MV_BYTES("slow.example"), MV_DNS_A), &answers[1].answer);
    ck_assert(!dns.missed);
    ck_assert_uint_eq(dns.asked, 3);
}
END_TEST

/* The first question without an answer is what is asked for. */
START_TEST(test_miss)
{
    struct mv_opinion_dns dns = new_dns();

    ck_assert_ptr_null(mv_opinion_dns_find(&dns, MV_BYTES("a.example."), MV_DNS_MX));
    ck_assert_ptr_null(mv_opinion_dns_find(&dns, MV_BYTES("other.example"), MV_DNS_A));
    ck_assert(dns.missed && dns.missing.type == MV_DNS_MX);
    ck_assert(mv_bytes_equal(dns.missing.name, MV_BYTES("a.example")));
}
END_TEST

/* What cannot be asked is asked of nobody. */
START_TEST(test_not_askable)
{
    static const char *const names[] = {"", ".", "a..example", ".example"}; /* the first two are empty */
    char label[70];

    memset(label, 'a', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    for (size_t i = 0; i <= sizeof names / sizeof *names; i++) {
        struct mv_opinion_dns dns = new_dns();
        struct mv_bytes name = mv_bytes_str(i < sizeof names / sizeof *names ? names[i] : label);
        const struct mv_dns_answer *answer = mv_opinion_dns_find(&dns, name, MV_DNS_A);

        ck_assert_msg(answer != NULL && !dns.missed, "name %zu", i);
        ck_assert_msg(answer->status == (i < 2 ? MV_DNS_SERVFAIL : MV_DNS_REFUSED), "name %zu", i);
    }
}
END_TEST

static const struct {
    enum mv_dns_status status;
    int herrno;
} errors[] = {
    {MV_DNS_FOUND, NETDB_SUCCESS},    {MV_DNS_NODATA, NO_DATA},       {MV_DNS_NXDOMAIN, HOST_NOT_FOUND},
    {MV_DNS_SERVFAIL, TRY_AGAIN},     {MV_DNS_REFUSED, NO_RECOVERY},  {MV_DNS_TIMEOUT, TRY_AGAIN},
    {MV_DNS_LIMIT, TRY_AGAIN},
};

START_TEST(test_herrno)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        const struct mv_dns_answer answer = {.status = errors[i].status};

        ck_assert_msg(mv_opinion_dns_herrno(&answer) == errors[i].herrno, "status %d", (int)errors[i].status);
    }
    ck_assert_int_eq(mv_opinion_dns_herrno(NULL), TRY_AGAIN);
}
END_TEST

/* Our own reader of messages finds the same records. */
START_TEST(test_wire)
{
    const struct mv_dns_question question = answers[0].question;
    struct mv_arena *arena = mv_arena_new(1 << 20);
    struct mv_dns_answer read;
    struct mv_buf wire;

    mv_buf_init(&wire, MAX_WIRE_BYTES);
    ck_assert(mv_opinion_dns_wire(question.name, &answers[0].answer, &wire));
    ck_assert_int_eq(mv_dns_wire_answer(arena, &question, mv_buf_bytes(&wire), &read), MV_OK);
    ck_assert_int_eq(read.status, MV_DNS_FOUND);
    ck_assert_uint_eq(read.ttl_secs, 70000);
    ck_assert_uint_eq(read.count, 2);
    ck_assert(mv_bytes_equal(read.records[0].data, two[0].data) && mv_bytes_equal(read.records[0].rdata, two[0].rdata));
    ck_assert_uint_eq(read.records[1].data.len, 0);
    mv_buf_free(&wire);
    mv_buf_init(&wire, 40);
    ck_assert(!mv_opinion_dns_wire(question.name, &answers[0].answer, &wire));
    mv_buf_free(&wire);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_find, test_miss, test_not_askable, test_herrno, test_wire};

    return unit_run("opinion_answers", tests, sizeof tests / sizeof *tests);
}
