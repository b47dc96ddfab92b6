#include "core/dns/wire.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_arena *arena;

static void set_up(void)
{
    arena = mv_arena_new(4 * 1024 * 1024);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

#define LABEL63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define LABEL61 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"
/* RFC 6891 6.1.2: payload 1232, no flags, no options */
#define OPT "\0" "\0\x29" "\x04\xd0" "\0\0\0\0" "\0\0"
#define QUERY_HEAD "\x12\x34" "\x01\x20" "\0\1" "\0\0" "\0\0" "\0\1"

static const struct {
    const char *name;
    struct mv_bytes domain;
    struct mv_bytes expected; /* without header and OPT; empty: refused */
} queries[] = {
    {"the root", MV_BYTES(""), MV_BYTES("")},
    {"a dot", MV_BYTES("."), MV_BYTES("")},
    {"empty label", MV_BYTES("a..b"), MV_BYTES("")},
    {"leading dot", MV_BYTES(".a"), MV_BYTES("")},
    {"label of 64", MV_BYTES(LABEL63 "x.com"), MV_BYTES("")},
    {"254 bytes", MV_BYTES(LABEL63 "." LABEL63 "." LABEL63 "." LABEL61 "x"), MV_BYTES("")},
    {"253 bytes", MV_BYTES(LABEL63 "." LABEL63 "." LABEL63 "." LABEL61),
     MV_BYTES("\x3f" LABEL63 "\x3f" LABEL63 "\x3f" LABEL63 "\x3d" LABEL61 "\0" "\0\x10" "\0\1")},
    {"a name", MV_BYTES("_dmarc.example.com"), MV_BYTES("\6_dmarc" "\7example" "\3com\0" "\0\x10" "\0\1")},
    {"capitals", MV_BYTES("Example.COM"), MV_BYTES("\7example" "\3com\0" "\0\x10" "\0\1")},
    {"any bytes, and no escapes", MV_BYTES("a\\0 \377.com"), MV_BYTES("\5a\\0 \377" "\3com\0" "\0\x10" "\0\1")},
};

START_TEST(a_query)
{
    struct mv_dns_question question = {queries[_i].domain, MV_DNS_TXT};
    struct mv_buf out, expected;
    enum mv_code code;

    mv_buf_init(&out, MV_DNS_MAX_QUERY_BYTES);
    mv_buf_init(&expected, MV_DNS_MAX_QUERY_BYTES);
    code = mv_dns_wire_query(&question, 0x1234, &out);
    if (queries[_i].expected.len == 0) {
        ck_assert_msg(code == MV_ERR_SYNTAX, "%s: accepted", queries[_i].name);
        ck_assert_msg(mv_buf_bytes(&out).len == 0, "%s: written", queries[_i].name);
        return;
    }
    ck_assert_msg(code == MV_OK, "%s: refused", queries[_i].name);
    mv_buf_put(&expected, MV_BYTES(QUERY_HEAD));
    mv_buf_put(&expected, queries[_i].expected);
    mv_buf_put(&expected, MV_BYTES(OPT));
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_buf_bytes(&expected)), "%s: other bytes", queries[_i].name);
    mv_buf_free(&out);
    mv_buf_free(&expected);
}
END_TEST

/* Answers to "example.com". QR RD RA; with AD; NXDOMAIN. The name stands at 12, its "com" at 20. */
#define OK "\x12\x34" "\x81\x80"
#define OK_AD "\x12\x34" "\x81\xa0"
#define NX "\x12\x34" "\x81\x83"
#define NX_AD "\x12\x34" "\x81\xa3"
#define COUNTS(answers) "\0\1" "\0" answers "\0\0" "\0\0"
#define COUNTS4(answers, authority, additional) "\0\1" "\0" answers "\0" authority "\0" additional
#define EXAMPLE "\7example" "\3com\0"
#define IN "\0\1"
#define T_A "\0\1"
#define T_NS "\0\2"
#define T_CNAME "\0\5"
#define T_SOA "\0\6"
#define T_PTR "\0\x0c"
#define T_MX "\0\x0f"
#define T_TXT "\0\x10"
#define T_AAAA "\0\x1c"
#define T_OPT "\0\x29"
#define ASK(type) EXAMPLE type IN
#define OWNER "\xc0\x0c"
#define TTL300 "\0\0\x01\x2c"
#define TTL60 "\0\0\0\x3c"
#define TXT_HI OWNER T_TXT IN TTL300 "\0\3" "\2hi"
/* example.com CNAME a.com; a.com CNAME b.com; b.com TXT "hi" */
#define CNAME_A OWNER T_CNAME IN TTL300 "\0\4" "\1a\xc0\x14"
#define CNAME_AB "\1a\3com\0" T_CNAME IN TTL60 "\0\4" "\1b\xc0\x14"
#define TXT_B "\1b\xc0\x14" T_TXT IN TTL300 "\0\3" "\2hi"
#define CNAME_B_A "\1b\3com\0" T_CNAME IN TTL60 "\0\4" "\1a\xc0\x14"

static const struct {
    const char *name;
    enum mv_dns_type type;
    struct mv_bytes message;
    enum mv_dns_status status;
    size_t count;
    const char *first;
    uint32_t ttl_secs;
} answers[] = {
    /* The header: RFC 1035 4.1.1 */
    {"empty", MV_DNS_TXT, MV_BYTES(""), MV_DNS_SERVFAIL, 0, "", 0},
    {"half a header", MV_DNS_TXT, MV_BYTES(OK "\0\1" "\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"no question", MV_DNS_TXT, MV_BYTES(OK "\0\0" "\0\0" "\0\0" "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a question of its own", MV_DNS_TXT, MV_BYTES(OK COUNTS("\0")), MV_DNS_SERVFAIL, 0, "", 0},
    {"a query, not a response", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x01\x80" COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"opcode NOTIFY", MV_DNS_TXT, MV_BYTES("\x12\x34" "\xa1\x80" COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"truncated", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x83\x80" COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"FORMERR", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x81" COUNTS("\0") ASK(T_TXT)), MV_DNS_SERVFAIL, 0, "", 0},
    {"SERVFAIL", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x82" COUNTS("\0") ASK(T_TXT)), MV_DNS_SERVFAIL, 0, "", 0},
    {"SERVFAIL with a record", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x82" COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"NOTIMP", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x84" COUNTS("\0") ASK(T_TXT)), MV_DNS_SERVFAIL, 0, "", 0},
    {"REFUSED", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x85" COUNTS("\0") ASK(T_TXT)), MV_DNS_REFUSED, 0, "", 0},
    {"REFUSED without question", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x85" "\0\0\0\0\0\0\0\0"), MV_DNS_REFUSED, 0, "", 0},
    {"REFUSED for another question", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x85" COUNTS("\0") ASK(T_A)), MV_DNS_SERVFAIL, 0, "", 0},
    {"NXRRSET", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\x88" COUNTS("\0") ASK(T_TXT)), MV_DNS_SERVFAIL, 0, "", 0},
    {"BADVERS, whose lower bits are NOERROR", MV_DNS_TXT,
     MV_BYTES(OK COUNTS4("\0", "\0", "\1") ASK(T_TXT) "\0" T_OPT "\x04\xd0" "\1\0\0\0" "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"an OPT that says nothing", MV_DNS_TXT,
     MV_BYTES(OK COUNTS4("\1", "\0", "\1") ASK(T_TXT) TXT_HI "\0" T_OPT "\x04\xd0" "\0\0\x80\0" "\0\0"), MV_DNS_FOUND, 1, "hi", 300},
    {"NXDOMAIN", MV_DNS_TXT, MV_BYTES(NX COUNTS("\0") ASK(T_TXT)), MV_DNS_NXDOMAIN, 0, "", 0},
    {"NXDOMAIN with a record", MV_DNS_TXT, MV_BYTES(NX COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_NXDOMAIN, 0, "", 0},
    {"NXDOMAIN without question", MV_DNS_TXT, MV_BYTES(NX "\0\0\0\0\0\0\0\0"), MV_DNS_SERVFAIL, 0, "", 0},

    /* The question is ours: RFC 5452 4.2 */
    {"another name", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") "\7examplf" "\3com\0" T_TXT IN TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"a name above", MV_DNS_TXT, MV_BYTES(OK COUNTS("\0") "\3com\0" T_TXT IN), MV_DNS_SERVFAIL, 0, "", 0},
    {"a dot in a label", MV_DNS_TXT, MV_BYTES(OK COUNTS("\0") "\x0b" "example.com\0" T_TXT IN), MV_DNS_SERVFAIL, 0, "", 0},
    {"another type", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_A) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"another class", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") EXAMPLE T_TXT "\0\3" TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"two questions", MV_DNS_TXT, MV_BYTES(OK "\0\2" "\0\1" "\0\0" "\0\0" ASK(T_TXT) ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"half a question", MV_DNS_TXT, MV_BYTES(OK COUNTS("\0") EXAMPLE "\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"capitals", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") "\7eXampLE" "\3COM\0" T_TXT IN TXT_HI), MV_DNS_FOUND, 1, "hi", 300},

    /* Records: RFC 1035 4.1.3 */
    {"nothing: NODATA", MV_DNS_TXT, MV_BYTES(OK COUNTS("\0") ASK(T_TXT)), MV_DNS_NODATA, 0, "", 0},
    {"one", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) TXT_HI), MV_DNS_FOUND, 1, "hi", 300},
    {"two, the smaller TTL", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) TXT_HI OWNER T_TXT IN TTL60 "\0\2" "\1x"), MV_DNS_FOUND, 2, "hi", 60},
    {"one announced, none there", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT)), MV_DNS_SERVFAIL, 0, "", 0},
    {"two announced, one there", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},
    {"bytes behind the end", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) TXT_HI "junk"), MV_DNS_FOUND, 1, "hi", 300},
    {"RDATA cut", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\3" "\2h"), MV_DNS_SERVFAIL, 0, "", 0},
    {"RDATA length cut", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"TTL cut", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"another owner", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\xc0\x14" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_NODATA, 0, "", 0},
    {"owner in capitals", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\7EXAMPLE" "\3com\0" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_FOUND, 1, "hi", 300},
    {"record of another class", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT "\0\3" TTL300 "\0\3" "\2hi"), MV_DNS_NODATA, 0, "", 0},
    {"record of another type", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) OWNER "\0\x2e" IN TTL300 "\0\0" TXT_HI), MV_DNS_FOUND, 1, "hi", 300},
    {"a TTL with the top bit: RFC 2181 8", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN "\x80\0\0\1" "\0\3" "\2hi"), MV_DNS_FOUND, 1, "hi", 0},
    {"authority section cut", MV_DNS_TXT, MV_BYTES(OK COUNTS4("\1", "\1", "\0") ASK(T_TXT) TXT_HI "\xc0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"513 records announced", MV_DNS_TXT, MV_BYTES(OK "\0\1" "\2\1" "\0\0" "\0\0" ASK(T_TXT) TXT_HI), MV_DNS_SERVFAIL, 0, "", 0},

    /* Names: RFC 1035 4.1.4 */
    {"a pointer to itself", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\xc0\x1d" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a pointer forward", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\xc0\x1f" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a pointer into its own labels", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\1a\xc0\x1d" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a pointer behind the end", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\xff\xff" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"half a pointer", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\xc0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a label kind of 01", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\x41" "a\0" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a label kind of 10", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\x81" "a\0" T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a label longer than the message", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\x3f" "ab"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a name of 266 bytes", MV_DNS_TXT,
     MV_BYTES(OK COUNTS("\1") ASK(T_TXT) "\x3f" LABEL63 "\x3f" LABEL63 "\x3f" LABEL63 "\x3d" LABEL61 OWNER T_TXT IN TTL300 "\0\3" "\2hi"), MV_DNS_SERVFAIL, 0, "", 0},

    /* CNAME: RFC 1034 3.6.2 */
    {"CNAME", MV_DNS_TXT, MV_BYTES(OK COUNTS("\3") ASK(T_TXT) CNAME_A CNAME_AB TXT_B), MV_DNS_FOUND, 1, "hi", 60},
    {"CNAMEs in another order", MV_DNS_TXT, MV_BYTES(OK COUNTS("\3") ASK(T_TXT) TXT_B CNAME_AB CNAME_A), MV_DNS_FOUND, 1, "hi", 60},
    {"CNAME without target", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) CNAME_A), MV_DNS_NODATA, 0, "", 300},
    {"CNAME, and NXDOMAIN for its target: RFC 6604 3", MV_DNS_TXT, MV_BYTES(NX COUNTS("\2") ASK(T_TXT) CNAME_A CNAME_AB), MV_DNS_NXDOMAIN, 0, "", 60},
    {"records beside the chain do not count", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) CNAME_A TXT_B), MV_DNS_NODATA, 0, "", 300},
    {"CNAME loop", MV_DNS_TXT, MV_BYTES(OK COUNTS("\3") ASK(T_TXT) CNAME_A CNAME_AB CNAME_B_A), MV_DNS_SERVFAIL, 0, "", 0},
    {"CNAME loop with NXDOMAIN", MV_DNS_TXT, MV_BYTES(NX COUNTS("\3") ASK(T_TXT) CNAME_A CNAME_AB CNAME_B_A), MV_DNS_SERVFAIL, 0, "", 0},
    {"CNAME to itself", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_CNAME IN TTL60 "\0\2" OWNER), MV_DNS_SERVFAIL, 0, "", 0},
    {"CNAME with more behind its name", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_CNAME IN TTL60 "\0\3" "\xc0\x14x"), MV_DNS_SERVFAIL, 0, "", 0},
    {"CNAME of a cut name", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_CNAME IN TTL60 "\0\2" "\5a"), MV_DNS_SERVFAIL, 0, "", 0},
    {"empty CNAME", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_CNAME IN TTL60 "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"CNAME asked for is not followed", MV_DNS_CNAME, MV_BYTES(OK COUNTS("\3") ASK(T_CNAME) CNAME_A CNAME_AB TXT_B), MV_DNS_FOUND, 1, "a.com", 300},
    {"CNAME over a name that is no text", MV_DNS_TXT,
     MV_BYTES(OK COUNTS("\2") ASK(T_TXT) OWNER T_CNAME IN TTL60 "\0\6" "\3x.y\xc0\x14" "\3X.Y\xc0\x14" T_TXT IN TTL60 "\0\3" "\2hi"), MV_DNS_FOUND, 1, "hi", 60},
    {"a record beside a CNAME", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) CNAME_A TXT_HI), MV_DNS_FOUND, 1, "hi", 300},

    /* TXT: RFC 1035 3.3.14 */
    {"TXT without RDATA", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"TXT string longer than RDATA", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\3" "\3hi" "more"), MV_DNS_SERVFAIL, 0, "", 0},
    {"second TXT string too long", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\4" "\1h\2i"), MV_DNS_SERVFAIL, 0, "", 0},
    {"a broken TXT beside a good one", MV_DNS_TXT, MV_BYTES(OK COUNTS("\2") ASK(T_TXT) TXT_HI OWNER T_TXT IN TTL300 "\0\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"TXT of two strings", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\4" "\1h\1i"), MV_DNS_FOUND, 1, "hi", 300},
    {"TXT of an empty string", MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\1" "\0"), MV_DNS_FOUND, 1, "", 300},

    /* Addresses: RFC 1035 3.4.1, RFC 3596 2.2 */
    {"A of 3 octets", MV_DNS_A, MV_BYTES(OK COUNTS("\1") ASK(T_A) OWNER T_A IN TTL300 "\0\3" "abc"), MV_DNS_SERVFAIL, 0, "", 0},
    {"A of 5 octets", MV_DNS_A, MV_BYTES(OK COUNTS("\1") ASK(T_A) OWNER T_A IN TTL300 "\0\5" "abcde"), MV_DNS_SERVFAIL, 0, "", 0},
    {"A", MV_DNS_A, MV_BYTES(OK COUNTS("\1") ASK(T_A) OWNER T_A IN TTL300 "\0\4" "abcd"), MV_DNS_FOUND, 1, "abcd", 300},
    {"AAAA of 4 octets", MV_DNS_AAAA, MV_BYTES(OK COUNTS("\1") ASK(T_AAAA) OWNER T_AAAA IN TTL300 "\0\4" "abcd"), MV_DNS_SERVFAIL, 0, "", 0},
    {"AAAA", MV_DNS_AAAA, MV_BYTES(OK COUNTS("\1") ASK(T_AAAA) OWNER T_AAAA IN TTL300 "\0\x10" "abcdefghijklmnop"), MV_DNS_FOUND, 1, "abcdefghijklmnop", 300},

    /* Names in data: RFC 1035 3.3.9, 3.3.12 */
    {"MX without name", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\2" "\0\x0a"), MV_DNS_SERVFAIL, 0, "", 0},
    {"MX of one octet", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\1" "\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"MX whose name leaves the RDATA", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\4" "\0\x0a\1a" "\0"), MV_DNS_SERVFAIL, 0, "", 0},
    {"MX with more behind its name", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\5" "\0\x0a\xc0\x0c!"), MV_DNS_SERVFAIL, 0, "", 0},
    {"MX", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\7" "\0\x0a\2MX\xc0\x0c"), MV_DNS_FOUND, 1, "mx.example.com", 300},
    {"MX of the root: RFC 7505", MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\3" "\0\0\0"), MV_DNS_FOUND, 1, "", 300},
    {"PTR with a dot in a label", MV_DNS_PTR, MV_BYTES(OK COUNTS("\1") ASK(T_PTR) OWNER T_PTR IN TTL300 "\0\5" "\3a.b\0"), MV_DNS_NODATA, 0, "", 300},
    {"PTR with a backslash", MV_DNS_PTR, MV_BYTES(OK COUNTS("\1") ASK(T_PTR) OWNER T_PTR IN TTL300 "\0\5" "\3a\\b\0"), MV_DNS_NODATA, 0, "", 300},
    {"PTR, and one with a dot in a label", MV_DNS_PTR,
     MV_BYTES(OK COUNTS("\2") ASK(T_PTR) OWNER T_PTR IN TTL300 "\0\5" "\3a.b\0" OWNER T_PTR IN TTL300 "\0\4" "\1b\xc0\x14"), MV_DNS_FOUND, 1, "b.com", 300},
    {"PTR with other bytes", MV_DNS_PTR, MV_BYTES(OK COUNTS("\1") ASK(T_PTR) OWNER T_PTR IN TTL300 "\0\6" "\4A \"\377\0"), MV_DNS_FOUND, 1, "a \"\377", 300},
    {"NS", MV_DNS_NS, MV_BYTES(OK COUNTS("\1") ASK(T_NS) OWNER T_NS IN TTL300 "\0\5" "\2ns\xc0\x0c"), MV_DNS_FOUND, 1, "ns.example.com", 300},

    /* Not an answer: RFC 2308 2.2 */
    {"a referral", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\0" COUNTS4("\0", "\1", "\0") ASK(T_TXT) OWNER T_NS IN TTL300 "\0\2" OWNER), MV_DNS_SERVFAIL, 0, "", 0},
    {"NODATA of a server that resolves", MV_DNS_TXT, MV_BYTES(OK COUNTS4("\0", "\1", "\0") ASK(T_TXT) OWNER T_NS IN TTL300 "\0\2" OWNER), MV_DNS_NODATA, 0, "", 0},
    {"NODATA of an authoritative server", MV_DNS_TXT, MV_BYTES("\x12\x34" "\x85\0" COUNTS4("\0", "\1", "\0") ASK(T_TXT) OWNER T_SOA IN TTL300 "\0\0"), MV_DNS_NODATA, 0, "", 0},
};

START_TEST(an_answer)
{
    struct mv_dns_question question = {MV_BYTES("Example.com"), answers[_i].type};
    struct mv_dns_answer answer;
    const char *name = answers[_i].name;

    ck_assert_int_eq(mv_dns_wire_answer(arena, &question, answers[_i].message, &answer), MV_OK);
    ck_assert_msg(answer.status == answers[_i].status, "%s: %s", name, mv_dns_status_text(answer.status));
    ck_assert_msg(answer.count == answers[_i].count, "%s: %zu records", name, answer.count);
    ck_assert_msg(answer.ttl_secs == answers[_i].ttl_secs, "%s: TTL %u", name, (unsigned)answer.ttl_secs);
    ck_assert_msg(!answer.secure, "%s: secure", name);
    if (answer.count > 0)
        ck_assert_msg(mv_bytes_equal(answer.records[0].data, mv_bytes_str(answers[_i].first)), "%s: \"%.*s\"", name,
                      (int)answer.records[0].data.len, (const char *)answer.records[0].data.data);
}
END_TEST

/* No prefix of any message is read beyond its end (under the sanitizers), and none but the whole is a better answer. */
START_TEST(a_cut_answer)
{
    struct mv_dns_question question = {MV_BYTES("example.com"), answers[_i].type};
    struct mv_dns_answer answer;

    for (size_t len = 0; len < answers[_i].message.len; len++) {
        unsigned char *copy = malloc(len + 1);

        memcpy(copy, answers[_i].message.data, len);
        ck_assert_int_eq(mv_dns_wire_answer(arena, &question, mv_bytes_of(copy, len), &answer), MV_OK);
        ck_assert_msg(answer.count <= answers[_i].count, "%s: cut to %zu", answers[_i].name, len);
        free(copy);
    }
}
END_TEST

static struct mv_dns_answer answer_to(enum mv_dns_type type, struct mv_bytes message)
{
    struct mv_dns_question question = {MV_BYTES("example.com"), type};
    struct mv_dns_answer answer;

    ck_assert_int_eq(mv_dns_wire_answer(arena, &question, message, &answer), MV_OK);
    return answer;
}

/* RFC 4035 3.2.3 */
START_TEST(authentic_data)
{
    ck_assert(answer_to(MV_DNS_TXT, MV_BYTES(OK_AD COUNTS("\1") ASK(T_TXT) TXT_HI)).secure);
    ck_assert(answer_to(MV_DNS_TXT, MV_BYTES(OK_AD COUNTS("\0") ASK(T_TXT))).secure);
    ck_assert(answer_to(MV_DNS_TXT, MV_BYTES(NX_AD COUNTS("\0") ASK(T_TXT))).secure);
    ck_assert_msg(!answer_to(MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\xa2" COUNTS("\0") ASK(T_TXT))).secure, "SERVFAIL");
    ck_assert_msg(!answer_to(MV_DNS_TXT, MV_BYTES("\x12\x34" "\x81\xa5" COUNTS("\0") ASK(T_TXT))).secure, "REFUSED");
    ck_assert_msg(!answer_to(MV_DNS_TXT, MV_BYTES(OK_AD COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\0")).secure, "broken");
}
END_TEST

START_TEST(rdata_and_preference)
{
    struct mv_dns_answer txt = answer_to(MV_DNS_TXT, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) OWNER T_TXT IN TTL300 "\0\5" "\1h\0\1i"));
    struct mv_dns_answer mx = answer_to(MV_DNS_MX, MV_BYTES(OK COUNTS("\1") ASK(T_MX) OWNER T_MX IN TTL300 "\0\4" "\xff\xfe\xc0\x0c"));

    ck_assert(mv_bytes_equal(txt.records[0].data, MV_BYTES("hi")));
    ck_assert(mv_bytes_equal(txt.records[0].rdata, MV_BYTES("\1h\0\1i")));
    ck_assert_uint_eq(mx.records[0].preference, 65534);
    ck_assert_uint_eq(mx.records[0].rdata.len, 0);
}
END_TEST

/* RFC 1035 3.3.13 */
START_TEST(start_of_authority)
{
    static const char head[] = OK COUNTS("\1") ASK(T_SOA) OWNER T_SOA IN TTL300 "\0";
    struct mv_dns_answer answer;
    struct mv_buf message;

    mv_buf_init(&message, 512);
    for (size_t tail = 19; tail <= 21; tail++) {
        mv_buf_reset(&message);
        mv_buf_put(&message, mv_bytes_of(head, sizeof head - 1));
        mv_buf_putc(&message, (unsigned char)(9 + tail));
        mv_buf_put(&message, MV_BYTES("\2ns\xc0\x0c" "\1h\xc0\x0c"));
        mv_buf_put(&message, mv_bytes_of("123456789012345678901", tail));
        answer = answer_to(MV_DNS_SOA, mv_buf_bytes(&message));
        ck_assert_msg((answer.status == MV_DNS_FOUND) == (tail == 20), "tail of %zu", tail);
        if (tail == 20)
            ck_assert(mv_bytes_equal(answer.records[0].data, MV_BYTES("ns.example.com")));
    }
    mv_buf_free(&message);
}
END_TEST

/* A chain n1.com, n2.com, ... from the end to the beginning, and the text at its end. */
static void put_chain(struct mv_buf *message, unsigned char cnames)
{
    mv_buf_put(message, MV_BYTES(OK "\0\1" "\0"));
    mv_buf_putc(message, cnames + 1);
    mv_buf_put(message, MV_BYTES("\0\0" "\0\0" ASK(T_TXT)));
    mv_buf_printf(message, "%cn%c", 2, 'a' + cnames);
    mv_buf_put(message, MV_BYTES("\xc0\x14" T_TXT IN TTL300 "\0\3" "\2hi"));
    for (unsigned char i = cnames; i > 0; i--) {
        if (i == 1)
            mv_buf_put(message, MV_BYTES(OWNER));
        else {
            mv_buf_printf(message, "%cn%c", 2, 'a' + i - 1);
            mv_buf_put(message, MV_BYTES("\xc0\x14"));
        }
        mv_buf_put(message, MV_BYTES(T_CNAME IN TTL300 "\0\5"));
        mv_buf_printf(message, "%cn%c", 2, 'a' + i);
        mv_buf_put(message, MV_BYTES("\xc0\x14"));
    }
}

START_TEST(a_long_chain)
{
    struct mv_buf message;

    mv_buf_init(&message, MV_DNS_MAX_MESSAGE_BYTES);
    put_chain(&message, MV_DNS_MAX_CNAMES);
    ck_assert_int_eq(answer_to(MV_DNS_TXT, mv_buf_bytes(&message)).status, MV_DNS_FOUND);
    mv_buf_reset(&message);
    put_chain(&message, MV_DNS_MAX_CNAMES + 1);
    ck_assert_int_eq(answer_to(MV_DNS_TXT, mv_buf_bytes(&message)).status, MV_DNS_SERVFAIL);
    mv_buf_free(&message);
}
END_TEST

/* A record whose data is pointers, each to the one before it, and one whose owner is a pointer to the last. */
static void put_pointers(struct mv_buf *message, unsigned pointers)
{
    unsigned root = 40, len = 1 + 2 * pointers;

    mv_buf_put(message, MV_BYTES(OK "\0\1" "\0\2" "\0\0" "\0\0" ASK(T_TXT) OWNER));
    mv_buf_truncate(message, root - 11);
    mv_buf_put(message, MV_BYTES("\0" "\0\x63" IN TTL300));
    mv_buf_putc(message, (unsigned char)(len >> 8));
    mv_buf_putc(message, (unsigned char)len);
    mv_buf_putc(message, 0);
    for (unsigned i = 0; i <= pointers; i++) {
        unsigned target = i == 0 ? root : root + 2 * i - 1;

        mv_buf_putc(message, (unsigned char)(0xc0 | target >> 8));
        mv_buf_putc(message, (unsigned char)target);
    }
    mv_buf_put(message, MV_BYTES(T_TXT IN TTL300 "\0\3" "\2hi"));
}

START_TEST(pointers_to_pointers)
{
    static const struct {
        unsigned pointers;
        enum mv_dns_status status;
    } rows[] = {{0, MV_DNS_NODATA}, {126, MV_DNS_NODATA}, {127, MV_DNS_SERVFAIL}, {2000, MV_DNS_SERVFAIL}};
    struct mv_buf message;

    mv_buf_init(&message, MV_DNS_MAX_MESSAGE_BYTES);
    for (size_t i = 0; i < ROWS(rows); i++) {
        mv_buf_reset(&message);
        put_pointers(&message, rows[i].pointers);
        ck_assert_msg(answer_to(MV_DNS_TXT, mv_buf_bytes(&message)).status == rows[i].status, "%u pointers", rows[i].pointers);
    }
    mv_buf_free(&message);
}
END_TEST

START_TEST(a_message_too_long)
{
    struct mv_buf message;

    mv_buf_init(&message, 2 * MV_DNS_MAX_MESSAGE_BYTES);
    mv_buf_put(&message, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) TXT_HI));
    while (mv_buf_bytes(&message).len < MV_DNS_MAX_MESSAGE_BYTES)
        mv_buf_putc(&message, 0);
    ck_assert_int_eq(answer_to(MV_DNS_TXT, mv_buf_bytes(&message)).status, MV_DNS_FOUND);
    mv_buf_putc(&message, 0);
    ck_assert_int_eq(answer_to(MV_DNS_TXT, mv_buf_bytes(&message)).status, MV_DNS_SERVFAIL);
    mv_buf_free(&message);
}
END_TEST

/* What is taken from a socket: id, QR and question are ours. */
static const struct {
    const char *name;
    struct mv_bytes message;
    bool reply;
} replies[] = {
    {"empty", MV_BYTES(""), false},
    {"half a header", MV_BYTES(OK "\0\1"), false},
    {"another id", MV_BYTES("\x12\x35" "\x81\x80" COUNTS("\0") ASK(T_TXT)), false},
    {"a query", MV_BYTES("\x12\x34" "\x01\x80" COUNTS("\0") ASK(T_TXT)), false},
    {"another name", MV_BYTES(OK COUNTS("\0") "\7examplf" "\3com\0" T_TXT IN), false},
    {"another type", MV_BYTES(OK COUNTS("\0") ASK(T_A)), false},
    {"no question", MV_BYTES(OK "\0\0\0\0\0\0\0\0"), false},
    {"an answer", MV_BYTES(OK COUNTS("\1") ASK(T_TXT) TXT_HI), true},
    {"truncated", MV_BYTES("\x12\x34" "\x83\x80" COUNTS("\0") ASK(T_TXT)), true},
    {"REFUSED without question", MV_BYTES("\x12\x34" "\x81\x85" "\0\0\0\0\0\0\0\0"), true},
};

START_TEST(a_reply)
{
    struct mv_dns_question question = {MV_BYTES("example.com"), MV_DNS_TXT};

    ck_assert_msg(mv_dns_wire_is_reply(&question, 0x1234, replies[_i].message) == replies[_i].reply, "%s",
                  replies[_i].name);
}
END_TEST

START_TEST(no_memory)
{
    struct mv_dns_question question = {MV_BYTES("example.com"), MV_DNS_TXT};
    struct mv_arena *none = mv_arena_new(0);
    struct mv_dns_answer answer;
    struct mv_buf small;

    ck_assert_int_eq(mv_dns_wire_answer(none, &question, MV_BYTES(OK COUNTS("\1") ASK(T_TXT) TXT_HI), &answer), MV_ERR_MEMORY);
    mv_arena_free(&none);
    mv_buf_init(&small, 20);
    ck_assert_int_eq(mv_dns_wire_query(&question, 1, &small), MV_ERR_MEMORY);
    mv_buf_free(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tc = tcase_create("wire");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_query, 0, ROWS(queries));
    tcase_add_loop_test(tc, an_answer, 0, ROWS(answers));
    tcase_add_loop_test(tc, a_cut_answer, 0, ROWS(answers));
    tcase_add_loop_test(tc, a_reply, 0, ROWS(replies));
    tcase_add_test(tc, authentic_data);
    tcase_add_test(tc, rdata_and_preference);
    tcase_add_test(tc, start_of_authority);
    tcase_add_test(tc, a_long_chain);
    tcase_add_test(tc, pointers_to_pointers);
    tcase_add_test(tc, a_message_too_long);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
