#include "core/dns/capture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/trace.h"
#include "core/dns/resolver.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define FILE_OF(answers) "{\"schema\":1,\"default\":\"NXDOMAIN\",\"answers\":[" answers "]}"

static struct mv_capture *read_file(const char *json)
{
    struct mv_capture *capture;
    struct mv_error error = {0};
    enum mv_code code = mv_capture_read(mv_bytes_str(json), &capture, &error);

    ck_assert_msg(code == MV_OK, "%s", error.text);
    return capture;
}

/* {"name": ..., "type": ..., rest} refused for what it says of its second entry. */
static const struct {
    const char *name;
    const char *entry;
    const char *error; /* after "answers[1]: "; NULL: accepted */
} entries[] = {
    {"not an object", "3", "not an object"},
    {"null", "null", "not an object"},
    {"an array", "[]", "not an object"},
    {"no name", "{\"type\":\"A\",\"rcode\":\"NXDOMAIN\"}", "name: not a name"},
    {"name is a number", "{\"name\":1,\"type\":\"A\",\"rcode\":\"NXDOMAIN\"}", "name: not a name"},
    {"name is not bytes", "{\"name\":\"\\u0100.example\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\"}", "name: not a name"},
    {"no type", "{\"name\":\"b\",\"rcode\":\"NXDOMAIN\"}", "type: "},
    {"unknown type", "{\"name\":\"b\",\"type\":\"SPF\",\"rcode\":\"NXDOMAIN\"}", "type: "},
    {"type is a number", "{\"name\":\"b\",\"type\":16,\"rcode\":\"NXDOMAIN\"}", "type: "},
    {"no rcode", "{\"name\":\"b\",\"type\":\"A\",\"data\":[]}", "rcode: "},
    {"unknown rcode", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOTIMP\"}", "rcode: "},
    {"rcode is a number", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":0,\"data\":[]}", "rcode: "},
    {"rcode with a NUL", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\\u0000\"}", "rcode: "},
    {"negative ttl", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"ttl\":-1}", "ttl: "},
    {"ttl of 33 bits", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"ttl\":4294967296}", "ttl: "},
    {"ttl is a fraction", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"ttl\":1.5}", "ttl: "},
    {"ttl is text", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"ttl\":\"1\"}", "ttl: "},
    {"ttl is null", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"ttl\":null}", "ttl: "},
    {"secure is a number", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"secure\":1}", "secure: "},
    {"secure is text", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"secure\":\"true\"}", "secure: "},
    {"NOERROR without data", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\"}", "data: not an array"},
    {"data is text", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":\"192.0.2.1\"}", "data: not an array"},
    {"data is an object", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"data\":{}}", "data: not an array"},
    {"data with NXDOMAIN", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"data\":[\"192.0.2.1\"]}", "data: only rcode NOERROR"},
    {"two CNAMEs", "{\"name\":\"b\",\"type\":\"CNAME\",\"rcode\":\"NOERROR\",\"data\":[\"c\",\"d\"]}", "data: a name has one CNAME"},
    {"A: three octets", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2\"]}", "data: not an IPv4"},
    {"A: 256", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.256\"]}", "data: not an IPv4"},
    {"A: text behind a NUL", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.1\\u0000x\"]}", "data: not an IPv4"},
    {"A: a number", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[1]}", "data: not an IPv4"},
    {"A: IPv6", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"2001:db8::1\"]}", "data: not an IPv4"},
    {"AAAA: IPv4", "{\"name\":\"b\",\"type\":\"AAAA\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.1\"]}", "data: not an IPv6"},
    {"AAAA: zone", "{\"name\":\"b\",\"type\":\"AAAA\",\"rcode\":\"NOERROR\",\"data\":[\"fe80::1%lo\"]}", "data: not an IPv6"},
    {"MX: no preference", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"mx.example\"]}", "data: an MX"},
    {"MX: no name", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"10\"]}", "data: an MX"},
    {"MX: 65536", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"65536 mx\"]}", "data: an MX"},
    {"MX: negative", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"-1 mx\"]}", "data: an MX"},
    {"MX: an array", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[[10,\"mx\"]]}", "data: not an MX"},
    {"PTR: a number", "{\"name\":\"b\",\"type\":\"PTR\",\"rcode\":\"NOERROR\",\"data\":[1]}", "data: not a name"},
    {"PTR: not bytes", "{\"name\":\"b\",\"type\":\"PTR\",\"rcode\":\"NOERROR\",\"data\":[\"\\u20ac\"]}", "data: not a name"},
    {"PTR: an empty label", "{\"name\":\"b\",\"type\":\"PTR\",\"rcode\":\"NOERROR\",\"data\":[\"a..b\"]}", "data: a name with an empty label"},
    {"MX: two final dots", "{\"name\":\"b\",\"type\":\"MX\",\"rcode\":\"NOERROR\",\"data\":[\"1 a..\"]}", "data: a name with an empty label"},
    {"TXT: a number", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[1]}", "data: a TXT item"},
    {"TXT: an empty array", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[[]]}", "data: a TXT item"},
    {"TXT: array of a number", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[[\"a\",1]]}", "data: a TXT string"},
    {"TXT: array in an array", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[[[\"a\"]]]}", "data: a TXT string"},
    {"TXT: code point 256", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"\\u0100\"]}", "data: a TXT string"},
    {"TXT: a code point of 4 bytes", "{\"name\":\"b\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[\"\\ud83d\\ude00\"]}", "data: a TXT string"},
    {"the question of the first entry", "{\"name\":\"A.\",\"type\":\"TXT\",\"rcode\":\"SERVFAIL\"}", "the name and type of answers[0] again"},
    {"the same name with another type", "{\"name\":\"a\",\"type\":\"MX\",\"rcode\":\"SERVFAIL\"}", NULL},
    {"NODATA", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[]}", NULL},
    {"an error with an empty list", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"SERVFAIL\",\"data\":[]}", NULL},
    {"all members", "{\"name\":\"b\",\"type\":\"a\",\"rcode\":\"noerror\",\"ttl\":0,\"secure\":true,\"data\":[\"192.0.2.1\"]}", NULL},
    {"a member of a later version", "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\",\"server\":\"::1\"}", NULL},
    {"a name that DNS could not ask", "{\"name\":\"b..c\",\"type\":\"A\",\"rcode\":\"NXDOMAIN\"}", NULL},
};

START_TEST(an_entry)
{
    struct mv_capture *capture;
    struct mv_error error = {0};
    char json[1024];
    enum mv_code code;

    snprintf(json, sizeof json, FILE_OF("{\"name\":\"a\",\"type\":\"TXT\",\"rcode\":\"NXDOMAIN\"},%s"), entries[_i].entry);
    code = mv_capture_read(mv_bytes_str(json), &capture, &error);
    if (entries[_i].error == NULL) {
        ck_assert_msg(code == MV_OK, "%s: %s", entries[_i].name, error.text);
        mv_capture_free(&capture);
        return;
    }
    ck_assert_msg(code == MV_ERR_SYNTAX && capture == NULL, "%s: accepted", entries[_i].name);
    ck_assert_msg(strncmp(error.text, "answers[1]: ", 12) == 0 &&
                      strncmp(error.text + 12, entries[_i].error, strlen(entries[_i].error)) == 0,
                  "%s: %s", entries[_i].name, error.text);
}
END_TEST

static const struct {
    const char *name;
    const char *json;
    const char *error; /* NULL: accepted */
} files[] = {
    {"empty", "", "it is empty"},
    {"not JSON", "schema: 1", "line "},
    {"cut", "{\"schema\":1,\"answers\":[", "line "},
    {"more behind the end", "{\"schema\":1,\"answers\":[]} {}", "line "},
    {"a member twice", "{\"schema\":1,\"schema\":1,\"answers\":[]}", "line "},
    {"not UTF-8", "{\"schema\":1,\"answers\":[\"\377\"]}", "line "},
    {"a control character", "{\"schema\":1,\"answers\":[\"\33[2J\"]}", "line "},
    {"an array", "[]", "a capture is a JSON object"},
    {"a string", "\"schema\"", "line "},
    {"no schema", "{\"answers\":[]}", "schema: not 1"},
    {"another schema", "{\"schema\":2,\"answers\":[]}", "schema: not 1"},
    {"schema is text", "{\"schema\":\"1\",\"answers\":[]}", "schema: not 1"},
    {"no answers", "{\"schema\":1}", "answers: not an array"},
    {"answers is an object", "{\"schema\":1,\"answers\":{}}", "answers: not an array"},
    {"default NOERROR", "{\"schema\":1,\"default\":\"NOERROR\",\"answers\":[]}", "default: "},
    {"default REFUSED", "{\"schema\":1,\"default\":\"REFUSED\",\"answers\":[]}", "default: "},
    {"default is null", "{\"schema\":1,\"default\":null,\"answers\":[]}", "default: "},
    {"nothing known", "{\"schema\":1,\"answers\":[]}", NULL},
    {"default TIMEOUT", "{\"answers\":[],\"default\":\"TIMEOUT\",\"schema\":1}", NULL},
    {"white space", "\r\n {\"schema\": 1,\t\"answers\": [ ]} \n", NULL},
};

START_TEST(a_file)
{
    struct mv_capture *capture;
    struct mv_error error = {0};
    enum mv_code code = mv_capture_read(mv_bytes_str(files[_i].json), &capture, &error);

    if (files[_i].error == NULL) {
        ck_assert_msg(code == MV_OK, "%s: %s", files[_i].name, error.text);
        mv_capture_free(&capture);
        return;
    }
    ck_assert_msg(code == MV_ERR_SYNTAX && capture == NULL, "%s: accepted", files[_i].name);
    ck_assert_msg(strncmp(error.text, files[_i].error, strlen(files[_i].error)) == 0, "%s: %s", files[_i].name, error.text);
    ck_assert_msg(mv_bytes_find(mv_bytes_str(error.text), 0x1b) == strlen(error.text), "%s: escape sequence", files[_i].name);
    ck_assert_msg(mv_capture_read(mv_bytes_str(files[_i].json), &capture, NULL) == code, "%s: no error text", files[_i].name);
}
END_TEST

#define A(name, data) "{\"name\":\"" name "\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[" data "]}"
#define CNAME(name, to) "{\"name\":\"" name "\",\"type\":\"CNAME\",\"rcode\":\"NOERROR\",\"data\":[\"" to "\"]}"
#define ERROR(name, type, rcode) "{\"name\":\"" name "\",\"type\":\"" type "\",\"rcode\":\"" rcode "\"}"
#define CHAIN16 \
    CNAME("c0.x", "c1.x") "," CNAME("c1.x", "c2.x") "," CNAME("c2.x", "c3.x") "," CNAME("c3.x", "c4.x") "," \
    CNAME("c4.x", "c5.x") "," CNAME("c5.x", "c6.x") "," CNAME("c6.x", "c7.x") "," CNAME("c7.x", "c8.x") "," \
    CNAME("c8.x", "c9.x") "," CNAME("c9.x", "c10.x") "," CNAME("c10.x", "c11.x") "," CNAME("c11.x", "c12.x") "," \
    CNAME("c12.x", "c13.x") "," CNAME("c13.x", "c14.x") "," CNAME("c14.x", "c15.x") "," CNAME("c15.x", "end.x")

static const char zone[] = FILE_OF(
    A("host.Example.", "\"192.0.2.1\",\"192.0.2.2\"") ","
    A("empty.example", "") ","
    A("below.parent.example", "\"192.0.2.3\"") ","
    ERROR("broken.example", "A", "SERVFAIL") "," ERROR("refused.example", "A", "REFUSED") ","
    ERROR("slow.example", "A", "TIMEOUT") "," ERROR("gone.example", "A", "NXDOMAIN") ","
    ERROR("below.failed.example", "A", "SERVFAIL") ","
    A("*.wild.example", "\"192.0.2.4\"") ","
    CNAME("alias.example", "Host.Example.") "," CNAME("dangling.example", "nowhere.example") ","
    CNAME("toempty.example", "empty.example") "," CNAME("tobroken.example", "broken.example") ","
    CNAME("loop.example", "loop.example") "," CNAME("ping.example", "pong.example") ","
    CNAME("pong.example", "ping.example") ","
    CNAME("both.example", "nowhere.example") "," A("both.example", "\"192.0.2.5\"") ","
    ERROR("lost.example", "CNAME", "SERVFAIL") ","
    "{\"name\":\"nocname.example\",\"type\":\"CNAME\",\"rcode\":\"NOERROR\",\"data\":[]},"
    CHAIN16 "," CNAME("toolong.x", "c0.x") "," A("end.x", "\"192.0.2.6\""));

static const struct {
    const char *name;
    enum mv_dns_type type;
    enum mv_dns_status status;
    unsigned count;
} lookups[] = {
    {"host.example", MV_DNS_A, MV_DNS_FOUND, 2},
    {"HOST.EXAMPLE.", MV_DNS_A, MV_DNS_FOUND, 2},
    {"host.example", MV_DNS_AAAA, MV_DNS_NODATA, 0},
    {"host.example", MV_DNS_CNAME, MV_DNS_NODATA, 0},
    {"ost.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"xhost.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"a.host.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"empty.example", MV_DNS_A, MV_DNS_NODATA, 0},
    {"empty.example", MV_DNS_TXT, MV_DNS_NODATA, 0},
    /* RFC 8020: a name exists when one below it does */
    {"parent.example", MV_DNS_A, MV_DNS_NODATA, 0},
    {"arent.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"w.parent.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"example", MV_DNS_MX, MV_DNS_NODATA, 0},
    {"xample", MV_DNS_MX, MV_DNS_NXDOMAIN, 0},
    {"", MV_DNS_NS, MV_DNS_NODATA, 0},
    {"broken.example", MV_DNS_A, MV_DNS_SERVFAIL, 0},
    {"broken.example", MV_DNS_TXT, MV_DNS_NXDOMAIN, 0},
    {"refused.example", MV_DNS_A, MV_DNS_REFUSED, 0},
    {"slow.example", MV_DNS_A, MV_DNS_TIMEOUT, 0},
    {"gone.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"gone.example", MV_DNS_MX, MV_DNS_NXDOMAIN, 0},
    {"failed.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"a.wild.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"*.wild.example", MV_DNS_A, MV_DNS_FOUND, 1},
    {"wild.example", MV_DNS_A, MV_DNS_NODATA, 0},
    /* RFC 1034 3.6.2 */
    {"alias.example", MV_DNS_A, MV_DNS_FOUND, 2},
    {"alias.example", MV_DNS_MX, MV_DNS_NODATA, 0},
    {"alias.example", MV_DNS_CNAME, MV_DNS_FOUND, 1},
    {"dangling.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"dangling.example", MV_DNS_CNAME, MV_DNS_FOUND, 1},
    {"toempty.example", MV_DNS_A, MV_DNS_NODATA, 0},
    {"tobroken.example", MV_DNS_A, MV_DNS_SERVFAIL, 0},
    {"loop.example", MV_DNS_A, MV_DNS_SERVFAIL, 0},
    {"ping.example", MV_DNS_TXT, MV_DNS_SERVFAIL, 0},
    {"both.example", MV_DNS_A, MV_DNS_FOUND, 1},
    {"both.example", MV_DNS_MX, MV_DNS_NXDOMAIN, 0},
    {"lost.example", MV_DNS_CNAME, MV_DNS_SERVFAIL, 0},
    {"lost.example", MV_DNS_A, MV_DNS_NXDOMAIN, 0},
    {"nocname.example", MV_DNS_A, MV_DNS_NODATA, 0},
    {"c0.x", MV_DNS_A, MV_DNS_FOUND, 1},
    {"toolong.x", MV_DNS_A, MV_DNS_SERVFAIL, 0},
};

START_TEST(a_lookup)
{
    struct mv_capture *capture = read_file(zone);
    struct mv_dns_question question = {mv_bytes_str(lookups[_i].name), lookups[_i].type};
    struct mv_dns_answer answer;

    mv_capture_answer(capture, &question, &answer);
    ck_assert_msg(answer.status == lookups[_i].status, "%s %s: %s", lookups[_i].name, mv_dns_type_text(lookups[_i].type),
                  mv_dns_status_text(answer.status));
    ck_assert_msg(answer.count == lookups[_i].count, "%s %s: %zu records", lookups[_i].name,
                  mv_dns_type_text(lookups[_i].type), answer.count);
    mv_capture_free(&capture);
}
END_TEST

START_TEST(the_default)
{
    struct mv_capture *capture = read_file("{\"schema\":1,\"default\":\"SERVFAIL\",\"answers\":[" A("a.b", "\"192.0.2.1\"") "]}");
    struct mv_dns_question question = {MV_BYTES("c"), MV_DNS_A}, parent = {MV_BYTES("b"), MV_DNS_A};
    struct mv_dns_answer answer;

    mv_capture_answer(capture, &question, &answer);
    ck_assert_int_eq(answer.status, MV_DNS_SERVFAIL);
    mv_capture_answer(capture, &parent, &answer);
    ck_assert_int_eq(answer.status, MV_DNS_NODATA);
    mv_capture_free(&capture);
}
END_TEST

START_TEST(a_chain_is_as_secure_and_lives_as_long_as_its_weakest_part)
{
    struct mv_capture *capture = read_file(
        FILE_OF("{\"name\":\"a\",\"type\":\"CNAME\",\"rcode\":\"NOERROR\",\"ttl\":60,\"secure\":true,\"data\":[\"b\"]},"
                "{\"name\":\"b\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"ttl\":300,\"secure\":true,\"data\":[\"192.0.2.1\"]},"
                "{\"name\":\"c\",\"type\":\"CNAME\",\"rcode\":\"NOERROR\",\"ttl\":900,\"data\":[\"b\"]}"));
    struct mv_dns_question question = {MV_BYTES("a"), MV_DNS_A};
    struct mv_dns_answer answer;

    mv_capture_answer(capture, &question, &answer);
    ck_assert_uint_eq(answer.ttl_secs, 60);
    ck_assert(answer.secure);
    question.name = MV_BYTES("c");
    mv_capture_answer(capture, &question, &answer);
    ck_assert_uint_eq(answer.ttl_secs, 300);
    ck_assert(!answer.secure);
    mv_capture_free(&capture);
}
END_TEST

#define HEX "0123456789abcdef"
#define LONG256 HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX

static const struct {
    const char *name;
    const char *type;
    const char *data; /* of one record */
    struct mv_bytes expected;
    struct mv_bytes rdata;
    unsigned preference;
} records[] = {
    {"TXT", "TXT", "\"v=spf1\"", MV_BYTES("v=spf1"), MV_BYTES("\6v=spf1"), 0},
    {"TXT empty", "TXT", "\"\"", MV_BYTES(""), MV_BYTES("\0"), 0},
    {"TXT of two strings", "TXT", "[\"v=sp\",\"f1\"]", MV_BYTES("v=spf1"), MV_BYTES("\4v=sp\2f1"), 0},
    {"TXT of empty strings", "TXT", "[\"\",\"a\",\"\"]", MV_BYTES("a"), MV_BYTES("\0\1a\0"), 0},
    {"TXT with a NUL", "TXT", "\"a\\u0000b\"", MV_BYTES("a\0b"), MV_BYTES("\3a\0b"), 0},
    {"TXT of bytes", "TXT", "\"\\u007f\\u0080\\u00ff\303\251\"", MV_BYTES("\177\200\377\351"), MV_BYTES("\4\177\200\377\351"), 0},
    {"TXT longer than a character-string", "TXT", "\"" LONG256 "\"", MV_BYTES(LONG256),
     MV_BYTES("\377" HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX HEX "0123456789abcde" "\1f"), 0},
    {"A", "A", "\"192.0.2.1\"", MV_BYTES("\300\0\2\1"), MV_BYTES(""), 0},
    {"AAAA", "AAAA", "\"2001:DB8::1\"", MV_BYTES("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), MV_BYTES(""), 0},
    {"AAAA of an IPv4 address", "AAAA", "\"::ffff:192.0.2.1\"", MV_BYTES("\0\0\0\0\0\0\0\0\0\0\xff\xff\300\0\2\1"), MV_BYTES(""), 0},
    {"MX", "MX", "\"10 MX.example.com.\"", MV_BYTES("mx.example.com"), MV_BYTES(""), 10},
    {"MX of the root", "MX", "\"0 .\"", MV_BYTES(""), MV_BYTES(""), 0},
    {"MX without a name", "MX", "\"0 \"", MV_BYTES(""), MV_BYTES(""), 0},
    {"MX with 65535", "MX", "\"65535 a\"", MV_BYTES("a"), MV_BYTES(""), 65535},
    {"MX of a name with a space", "MX", "\"1  a b\"", MV_BYTES(" a b"), MV_BYTES(""), 1},
    {"PTR", "PTR", "\"Mail.example.com\"", MV_BYTES("mail.example.com"), MV_BYTES(""), 0},
    {"PTR of the root", "PTR", "\".\"", MV_BYTES(""), MV_BYTES(""), 0},
    {"NS", "NS", "\"ns.example.com.\"", MV_BYTES("ns.example.com"), MV_BYTES(""), 0},
    {"SOA", "SOA", "\"ns.example.com\"", MV_BYTES("ns.example.com"), MV_BYTES(""), 0},
    {"CNAME", "CNAME", "\"b\\\"\\\\\"", MV_BYTES("b\"\\"), MV_BYTES(""), 0},
};

static void assert_record(const char *name, const struct mv_dns_answer *answer, int i)
{
    ck_assert_msg(answer->status == MV_DNS_FOUND && answer->count == 1, "%s: %s", name, mv_dns_status_text(answer->status));
    ck_assert_msg(mv_bytes_equal(answer->records[0].data, records[i].expected), "%s: data", name);
    ck_assert_msg(mv_bytes_equal(answer->records[0].rdata, records[i].rdata), "%s: rdata", name);
    ck_assert_msg(answer->records[0].preference == records[i].preference, "%s: preference", name);
}

/* Read, replay into a memo, write, read again: the same record. */
START_TEST(a_record)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_resolver *resolver;
    struct mv_capture *again;
    struct mv_dns_question question = {.name = MV_BYTES("a.example")};
    struct mv_dns_answer answer;
    struct mv_buf out;
    char json[1024];

    snprintf(json, sizeof json, FILE_OF("{\"name\":\"a.example\",\"type\":\"%s\",\"rcode\":\"NOERROR\",\"data\":[%s]}"),
             records[_i].type, records[_i].data);
    ck_assert_msg(mv_resolver_capture_new(mv_bytes_str(json), &resolver, NULL) == MV_OK, "%s", records[_i].name);
    memset(json, 'x', sizeof json);
    ck_assert(mv_dns_type_parse(mv_bytes_str(records[_i].type), &question.type));
    ck_assert_ptr_null(mv_memo_ask(memo, question.name, question.type));
    ck_assert_int_eq(mv_resolver_send(resolver, memo), MV_OK);
    mv_resolver_free(&resolver);
    assert_record(records[_i].name, mv_memo_ask(memo, question.name, question.type), _i);

    mv_buf_init(&out, 65536);
    ck_assert_int_eq(mv_capture_write(memo, &out), MV_OK);
    again = read_file(mv_buf_cstr(&out));
    mv_capture_answer(again, &question, &answer);
    assert_record(records[_i].name, &answer, _i);
    mv_capture_free(&again);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(what_is_written)
{
    static const char expected[] =
        "{\n  \"schema\": 1,\n  \"default\": \"NXDOMAIN\",\n  \"answers\": [\n"
        "    {\"name\": \"alias.example\", \"type\": \"A\", \"rcode\": \"NOERROR\", \"ttl\": 0, \"secure\": false, "
        "\"data\": [\"192.0.2.1\", \"192.0.2.2\"]},\n"
        "    {\"name\": \"gone.example\", \"type\": \"A\", \"rcode\": \"NXDOMAIN\", \"ttl\": 0, \"secure\": false, \"data\": []},\n"
        "    {\"name\": \"empty.example\", \"type\": \"A\", \"rcode\": \"NOERROR\", \"ttl\": 0, \"secure\": false, \"data\": []},\n"
        "    {\"name\": \"slow.example\", \"type\": \"A\", \"rcode\": \"TIMEOUT\", \"ttl\": 0, \"secure\": false, \"data\": []},\n"
        "    {\"name\": \"a\\\"\\\\\\u0000\\u00ff.example\", \"type\": \"A\", \"rcode\": \"NXDOMAIN\", \"ttl\": 0, \"secure\": false, "
        "\"data\": []}\n  ]\n}\n";
    static const struct mv_bytes names[] = {MV_BYTES("alias.example"), MV_BYTES("gone.example"), MV_BYTES("empty.example"),
                                            MV_BYTES("slow.example"), MV_BYTES("A\"\\\0\377.example")};
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_resolver *resolver;
    struct mv_buf out, small;

    ck_assert_int_eq(mv_resolver_capture_new(mv_bytes_str(zone), &resolver, NULL), MV_OK);
    for (size_t i = 0; i < ROWS(names); i++)
        ck_assert_ptr_null(mv_memo_ask(memo, names[i], MV_DNS_A));
    ck_assert_int_eq(mv_resolver_poll(resolver, memo), MV_OK);
    ck_assert_uint_eq(mv_memo_wanted(memo), ROWS(names));
    ck_assert_int_eq(mv_resolver_wait(resolver, memo, 0), MV_OK);
    ck_assert_uint_eq(mv_memo_wanted(memo), 0);
    mv_resolver_forget(resolver, memo);
    mv_resolver_free(&resolver);
    mv_resolver_free(&resolver);

    mv_buf_init(&out, 65536);
    ck_assert_int_eq(mv_capture_write(memo, &out), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&out), expected);
    mv_buf_init(&small, 100);
    ck_assert_int_eq(mv_capture_write(memo, &small), MV_ERR_LIMIT);
    mv_buf_free(&small);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(an_empty_memo_is_a_file)
{
    struct mv_arena *arena = mv_arena_new(65536);
    struct mv_capture *capture;
    struct mv_buf out;

    mv_buf_init(&out, 65536);
    ck_assert_int_eq(mv_capture_write(mv_memo_new(arena), &out), MV_OK);
    capture = read_file(mv_buf_cstr(&out));
    mv_capture_free(&capture);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

/* Answers that a program gave us, not DNS: no RDATA, addresses of no length. */
START_TEST(answers_that_did_not_come_from_dns)
{
    struct mv_arena *arena = mv_arena_new(65536);
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_record text = {.data = MV_BYTES("v=spf1")}, address = {.data = MV_BYTES("12345")};
    struct mv_dns_question txt = {MV_BYTES("a.example"), MV_DNS_TXT}, a = {MV_BYTES("a.example"), MV_DNS_A};
    struct mv_dns_answer texts = {.count = 1, .records = &text}, addresses = {.count = 1, .records = &address}, answer;
    struct mv_capture *capture;
    struct mv_buf out;

    ck_assert_ptr_null(mv_memo_ask(memo, txt.name, txt.type));
    ck_assert_ptr_null(mv_memo_ask(memo, a.name, a.type));
    mv_memo_answer(memo, &txt, &texts);
    mv_memo_answer(memo, &a, &addresses);
    mv_buf_init(&out, 65536);
    ck_assert_int_eq(mv_capture_write(memo, &out), MV_OK);
    capture = read_file(mv_buf_cstr(&out));
    mv_capture_answer(capture, &txt, &answer);
    ck_assert(mv_bytes_equal(answer.records[0].data, text.data));
    mv_capture_answer(capture, &a, &answer);
    ck_assert_int_eq(answer.status, MV_DNS_NODATA);
    mv_capture_free(&capture);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

static void put_many(struct mv_buf *json, unsigned count)
{
    mv_buf_puts(json, "{\"schema\":1,\"answers\":[");
    for (unsigned i = 0; i < count; i++)
        mv_buf_printf(json, "%s{\"name\":\"h%u.a.long.common.suffix.example\",\"type\":\"A\",\"rcode\":\"%s\",\"data\":[]}",
                      i == 0 ? "" : ",", i * 7919 % count, i % 2 == 0 ? "NOERROR" : "SERVFAIL");
    mv_buf_puts(json, "]}");
}

START_TEST(many_answers)
{
    struct mv_dns_question parent = {MV_BYTES("suffix.example"), MV_DNS_A}, none = {MV_BYTES("h.suffix.example"), MV_DNS_A};
    struct mv_capture *capture;
    struct mv_dns_answer answer;
    struct mv_error error = {0};
    struct mv_buf json;
    unsigned wrong = 0;

    mv_buf_init(&json, MV_CAPTURE_MAX_BYTES);
    put_many(&json, MV_CAPTURE_MAX_ANSWERS);
    ck_assert_int_eq(mv_capture_read(mv_buf_bytes(&json), &capture, &error), MV_OK);
    for (unsigned i = 0; i < 100000; i++) {
        mv_capture_answer(capture, &parent, &answer);
        wrong += answer.status != MV_DNS_NODATA;
        mv_capture_answer(capture, &none, &answer);
        wrong += answer.status != MV_DNS_NXDOMAIN;
    }
    ck_assert_uint_eq(wrong, 0);
    mv_capture_free(&capture);

    mv_buf_reset(&json);
    put_many(&json, MV_CAPTURE_MAX_ANSWERS + 1);
    ck_assert_int_eq(mv_capture_read(mv_buf_bytes(&json), &capture, &error), MV_ERR_LIMIT);
    mv_buf_free(&json);
}
END_TEST

START_TEST(too_much)
{
    struct mv_capture *capture;
    struct mv_error error = {0};
    struct mv_buf json;

    mv_buf_init(&json, MV_CAPTURE_MAX_BYTES);
    mv_buf_puts(&json, "{\"schema\":1,\"answers\":[{\"name\":\"a\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"data\":[\"192.0.2.1\"");
    for (int i = 0; i < 512; i++)
        mv_buf_puts(&json, ",\"192.0.2.1\"");
    mv_buf_puts(&json, "]}]}");
    ck_assert_int_eq(mv_capture_read(mv_buf_bytes(&json), &capture, &error), MV_ERR_SYNTAX);
    ck_assert_str_eq(error.text, "answers[0]: data: too many records");

    mv_buf_reset(&json);
    mv_buf_puts(&json, "{\"schema\":1,\"answers\":[{\"name\":\"a\",\"type\":\"TXT\",\"rcode\":\"NOERROR\",\"data\":[[\"\"");
    for (int i = 0; i < 65535; i++)
        mv_buf_puts(&json, ",\"\"");
    mv_buf_puts(&json, "]]}]}");
    ck_assert_int_eq(mv_capture_read(mv_buf_bytes(&json), &capture, &error), MV_ERR_SYNTAX);
    ck_assert_str_eq(error.text, "answers[0]: data: a TXT record of more than 65535 bytes");
    mv_buf_free(&json);

    ck_assert_int_eq(mv_capture_read(mv_bytes_of("", (size_t)MV_CAPTURE_MAX_BYTES + 1), &capture, &error), MV_ERR_LIMIT);
    ck_assert_ptr_null(capture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture");
    TCase *tc = tcase_create("capture");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 20);
    tcase_add_loop_test(tc, an_entry, 0, ROWS(entries));
    tcase_add_loop_test(tc, a_file, 0, ROWS(files));
    tcase_add_loop_test(tc, a_lookup, 0, ROWS(lookups));
    tcase_add_test(tc, the_default);
    tcase_add_test(tc, a_chain_is_as_secure_and_lives_as_long_as_its_weakest_part);
    tcase_add_loop_test(tc, a_record, 0, ROWS(records));
    tcase_add_test(tc, what_is_written);
    tcase_add_test(tc, an_empty_memo_is_a_file);
    tcase_add_test(tc, answers_that_did_not_come_from_dns);
    tcase_add_test(tc, many_answers);
    tcase_add_test(tc, too_much);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
