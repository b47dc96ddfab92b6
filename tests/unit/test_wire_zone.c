/* What servers of a zone answer, and what is believed of it. */
#include <stdio.h>
#include <string.h>

#include "core/dns/wire.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (4 * 1024 * 1024)

/* Answers to "s._domainkey.example.org": the name stands at 12, "_domainkey" at 14, "example" at 25, "org" at 33. */
#define AA "\x12\x34" "\x84\x00"
#define AA_NX "\x12\x34" "\x84\x03"
#define PLAIN "\x12\x34" "\x80\x00"
#define PLAIN_RA "\x12\x34" "\x81\x80"
#define RCODE(n) "\x12\x34" "\x84" n
#define CUT "\x12\x34" "\x86\x00"
#define COUNTS(answers, authority) "\0\1" "\0" answers "\0" authority "\0\0"
#define ASK "\1s\x0a_domainkey\7example\3org\0" "\0\x10" "\0\1"
#define ASK_SOA "\1s\x0a_domainkey\7example\3org\0" "\0\6" "\0\1"
#define OWNER "\xc0\x0c"
#define DOMAINKEY "\xc0\x0e"
#define EXAMPLE "\xc0\x19"
#define ORG "\xc0\x21"
#define TXT "\0\x10" "\0\1"
#define CNAME "\0\5" "\0\1"
#define NS "\0\2" "\0\1"
#define SOA "\0\6" "\0\1"
#define TTL300 "\0\0\x01\x2c"
#define TTL900 "\0\0\x03\x84"
#define TXT_HI OWNER TXT TTL300 "\0\3" "\2hi"
#define TXT_HO OWNER TXT TTL900 "\0\3" "\2ho"
#define CNAME_P OWNER CNAME TTL900 "\0\x0b" "\1p\7example\0"
#define NS_A(owner) owner NS TTL300 "\0\4" "\1a" EXAMPLE
#define NS_B(owner) owner NS TTL300 "\0\4" "\1b" EXAMPLE
#define SOA_RDATA "\0\x18" EXAMPLE EXAMPLE "\0\0\0\1" "\0\0\0\2" "\0\0\0\3" "\0\0\0\4" "\0\0\x0e\x10" /* MINIMUM 3600 */
#define SOA_OF(owner) owner SOA TTL300 SOA_RDATA
#define B(text) {(const unsigned char *)(text), sizeof(text) - 1}

struct row {
    const char *name;
    enum mv_dns_type type;
    struct mv_bytes message;
    enum mv_zone_word word;
    size_t count;
    const char *first; /* the first record, or where an alias or a referral leads */
    uint32_t ttl_secs;
    uint32_t negative_secs;
    const char *says;
};

static const struct row rows[] = {
    {"a record", MV_DNS_TXT, B(AA COUNTS("\1", "\0") ASK TXT_HI), MV_ZONE_RECORDS, 1, "hi", 300, 0, NULL},
    {"two records, the larger TTL", MV_DNS_TXT, B(AA COUNTS("\2", "\0") ASK TXT_HI TXT_HO), MV_ZONE_RECORDS, 2, "hi",
     900, 0, NULL},
    {"no such record", MV_DNS_TXT, B(AA COUNTS("\0", "\1") ASK SOA_OF(EXAMPLE)), MV_ZONE_NOTHING, 0, "", 0, 3600, NULL},
    {"no such name", MV_DNS_TXT, B(AA_NX COUNTS("\0", "\1") ASK SOA_OF(EXAMPLE)), MV_ZONE_NOTHING, 0, "", 0, 3600,
     NULL},
    {"nothing at all", MV_DNS_TXT, B(AA COUNTS("\0", "\0") ASK), MV_ZONE_NOTHING, 0, "", 0, 0, NULL},
    {"nothing, with the servers of the zone", MV_DNS_TXT, B(AA COUNTS("\0", "\1") ASK NS_A(EXAMPLE)), MV_ZONE_NOTHING,
     0, "example.org", 0, 0, NULL},
    {"the start of authority", MV_DNS_SOA, B(AA COUNTS("\1", "\0") ASK_SOA SOA_OF(OWNER)), MV_ZONE_RECORDS, 1,
     "example.org", 300, 3600, NULL},
    {"an alias", MV_DNS_TXT, B(AA COUNTS("\1", "\0") ASK CNAME_P), MV_ZONE_ALIAS, 0, "p.example", 900, 0, NULL},
    {"an alias that leads nowhere", MV_DNS_TXT, B(AA_NX COUNTS("\1", "\0") ASK CNAME_P), MV_ZONE_ALIAS, 0, "p.example",
     900, 0, NULL},
    {"a record of another name", MV_DNS_TXT, B(AA COUNTS("\1", "\0") ASK EXAMPLE TXT TTL300 "\0\3" "\2hi"),
     MV_ZONE_NOTHING, 0, "", 0, 0, NULL},
    {"a referral (RFC 1034 4.3.2)", MV_DNS_TXT, B(PLAIN COUNTS("\0", "\2") ASK NS_A(DOMAINKEY) NS_B(DOMAINKEY)),
     MV_ZONE_ELSEWHERE, 2, "_domainkey.example.org", 0, 0, NULL},
    {"a referral from a server that also resolves", MV_DNS_TXT, B(PLAIN_RA COUNTS("\0", "\1") ASK NS_A(DOMAINKEY)),
     MV_ZONE_ELSEWHERE, 1, "_domainkey.example.org", 0, 0, NULL},
    {"from a cache", MV_DNS_TXT, B(PLAIN_RA COUNTS("\1", "\0") ASK TXT_HI), MV_ZONE_FAILURE, 0, "", 0, 0,
     "is not responsible"},
    {"nothing from a cache", MV_DNS_TXT, B(PLAIN_RA COUNTS("\0", "\1") ASK SOA_OF(EXAMPLE)), MV_ZONE_FAILURE, 0, "", 0,
     0, "is not responsible"},
    {"no such name, from a cache", MV_DNS_TXT, B("\x12\x34" "\x81\x83" COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "",
     0, 0, "is not responsible"},
    {"a referral to a name beside", MV_DNS_TXT, B(PLAIN COUNTS("\0", "\1") ASK "\1x" EXAMPLE NS TTL300 "\0\4" "\1a"
     EXAMPLE), MV_ZONE_FAILURE, 0, "", 0, 0, "is not responsible"},
    {"a referral to nobody", MV_DNS_TXT, B(PLAIN COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "", 0, 0,
     "is not responsible"},
    {"a referral with a broken record", MV_DNS_TXT, B(PLAIN COUNTS("\0", "\1") ASK DOMAINKEY NS TTL300 "\0\1" "\1"),
     MV_ZONE_FAILURE, 0, "", 0, 0, "cannot be read"},
    {"refused", MV_DNS_TXT, B(RCODE("\5") COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "", 0, 0, "REFUSED"},
    {"a failure without the question", MV_DNS_TXT, B(RCODE("\2") "\0\0" "\0\0" "\0\0" "\0\0"), MV_ZONE_FAILURE, 0, "",
     0, 0, "SERVFAIL"},
    {"not its zone", MV_DNS_TXT, B(RCODE("\x09") COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "", 0, 0, "NOTAUTH"},
    {"cut", MV_DNS_TXT, B(CUT COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "", 0, 0, "half an answer"},
    {"another question", MV_DNS_TXT, B(AA COUNTS("\0", "\0") ASK_SOA), MV_ZONE_FAILURE, 0, "", 0, 0, "cannot be read"},
    {"a question, no answer", MV_DNS_TXT, B("\x12\x34" "\0\0" COUNTS("\0", "\0") ASK), MV_ZONE_FAILURE, 0, "", 0, 0,
     "cannot be read"},
    {"more announced than there is", MV_DNS_TXT, B(AA COUNTS("\2", "\0") ASK TXT_HI), MV_ZONE_FAILURE, 0, "", 0, 0,
     "cannot be read"},
    {"a broken character-string", MV_DNS_TXT, B(AA COUNTS("\1", "\0") ASK OWNER TXT TTL300 "\0\3" "\7hi"),
     MV_ZONE_FAILURE, 0, "", 0, 0, "cannot be read"},
    {"a SOA record that ends early", MV_DNS_TXT, B(AA COUNTS("\0", "\1") ASK EXAMPLE SOA TTL300 "\0\4" EXAMPLE EXAMPLE),
     MV_ZONE_NOTHING, 0, "", 0, 0, NULL},
    {"empty", MV_DNS_TXT, {NULL, 0}, MV_ZONE_FAILURE, 0, "", 0, 0, "cannot be read"},
};

static void check_row(const struct row *row)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_dns_question question = {MV_BYTES("s._domainkey.example.org"), row->type};
    struct mv_zone_answer answer;
    struct mv_bytes first;

    ck_assert_msg(mv_dns_wire_zone_answer(arena, &question, row->message, &answer) == MV_OK, "%s", row->name);
    ck_assert_msg(answer.word == row->word, "%s: word %d (%s)", row->name, answer.word,
                  answer.fault == NULL ? "" : answer.fault);
    ck_assert_msg(answer.count == row->count && answer.ttl_secs == row->ttl_secs &&
                      answer.negative_secs == row->negative_secs,
                  "%s: %zu records, ttl %u, negative %u", row->name, answer.count, answer.ttl_secs,
                  answer.negative_secs);
    first = answer.word == MV_ZONE_RECORDS ? answer.records[0].data : answer.name;
    ck_assert_msg(mv_bytes_equal(first, mv_bytes_str(row->first)), "%s: '%.*s'", row->name, (int)first.len,
                  (const char *)first.data);
    ck_assert_msg((row->says == NULL) == (answer.fault == NULL), "%s", row->name);
    ck_assert_msg(row->says == NULL || strstr(answer.fault, row->says) != NULL, "%s: '%s'", row->name, answer.fault);
    mv_arena_free(&arena);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i]);
}
END_TEST

/* Every shorter message is a failure, or is the whole one that a count of zero allows. */
START_TEST(test_cut_anywhere)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t len = 0; len < rows[i].message.len; len++) {
            struct mv_arena *arena = mv_arena_new(MAX_BYTES);
            struct mv_dns_question question = {MV_BYTES("s._domainkey.example.org"), rows[i].type};
            struct mv_zone_answer answer;

            ck_assert_int_eq(mv_dns_wire_zone_answer(arena, &question, mv_bytes_slice(rows[i].message, 0, len),
                                                     &answer), MV_OK);
            ck_assert_msg(answer.word == MV_ZONE_FAILURE, "%s at %zu", rows[i].name, len);
            mv_arena_free(&arena);
        }
    }
}
END_TEST

START_TEST(test_no_memory)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_arena *arena = mv_arena_new(0);
        struct mv_dns_question question = {MV_BYTES("s._domainkey.example.org"), rows[i].type};
        struct mv_zone_answer answer;
        enum mv_code code = mv_dns_wire_zone_answer(arena, &question, rows[i].message, &answer);

        ck_assert_msg(code == MV_ERR_MEMORY || answer.word == MV_ZONE_FAILURE, "%s", rows[i].name);
        mv_arena_free(&arena);
    }
}
END_TEST

/* RD and AD are not set: RFC 1035 4.1.1, RFC 6840 5.7. */
START_TEST(test_query)
{
    struct mv_dns_question question = {MV_BYTES("s._domainkey.example.org"), MV_DNS_TXT};
    struct mv_buf query;

    mv_buf_init(&query, MV_DNS_MAX_QUERY_BYTES);
    ck_assert_int_eq(mv_dns_wire_query_zone(&question, 0x1234, &query), MV_OK);
    ck_assert(mv_bytes_equal(mv_bytes_slice(mv_buf_bytes(&query), 0, 12),
                             MV_BYTES("\x12\x34" "\0\0" "\0\1" "\0\0" "\0\0" "\0\1")));
    ck_assert(mv_bytes_equal(mv_bytes_slice(mv_buf_bytes(&query), 12, 12 + sizeof ASK - 1), MV_BYTES(ASK)));
    question.name = MV_BYTES("a..b");
    mv_buf_reset(&query);
    ck_assert_int_eq(mv_dns_wire_query_zone(&question, 0x1234, &query), MV_ERR_SYNTAX);
    mv_buf_free(&query);
}
END_TEST

START_TEST(test_is_cut)
{
    ck_assert(mv_dns_wire_is_cut(MV_BYTES(CUT COUNTS("\0", "\0") ASK)));
    ck_assert(!mv_dns_wire_is_cut(MV_BYTES(AA COUNTS("\0", "\0") ASK)));
    ck_assert(!mv_dns_wire_is_cut(MV_BYTES("\x12")));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_cut_anywhere, test_no_memory, test_query, test_is_cut};

    return unit_run("wire_zone", tests, sizeof tests / sizeof *tests);
}
