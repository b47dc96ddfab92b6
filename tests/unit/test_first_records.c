/* The records to begin with: proposed where there are none, and only there. */
#include "core/ops/first_records.h"

#include <string.h>

#include "core/base/trace.h"
#include "tests/unit/ops_zone.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define KEY_TEXT "v=DKIM1; k=ed25519; t=s; p=" ED
#define NAME "k._domainkey.example.org"

static const struct {
    const char *name, *zone;
    const char *mail_host, *rua, *ip;
    const char *plan; /* "state TYPE text\n"... */
    bool has_no_mail_host;
} rows[] = {
    {"nothing", "example.net TXT x", "mx.example.org", "d@example.org", "192.0.2.1",
     "publish MX 10 mx.example.org.\npublish TXT v=spf1 mx ip4:192.0.2.1 ~all\npublish TXT " KEY_TEXT "\n"
     "publish TXT v=DMARC1; p=none; np=reject; rua=mailto:d@example.org\n"
     "publish TXT v=TLSRPTv1; rua=mailto:d@example.org\n", false},
    {"nothing, and nothing said", "example.net TXT x", "", "", "",
     "publish TXT v=spf1 mx ~all\npublish TXT " KEY_TEXT "\npublish TXT v=DMARC1; p=none; np=reject\n", true},
    {"all", "example.org MX 10 a.example\nexample.org TXT v=spf1 -all\nexample.org TXT t=1\n" NAME " TXT p=" ED "; k=ed25519\n"
            "_dmarc.example.org TXT v=DMARC1; p=reject\n_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:x@y.example",
     "mx.example.org", "d@example.org", "2001:db8::1",
     "there MX 10 a.example.\nthere TXT v=spf1 -all\nthere TXT " KEY_TEXT "\nthere TXT v=DMARC1; p=reject\n"
     "there TXT v=TLSRPTv1; rua=mailto:x@y.example\n", false},
    {"another key", NAME " TXT v=DKIM1; p=", "", "", "2001:db8::1",
     "publish TXT v=spf1 mx ip6:2001:db8::1 ~all\nother TXT " KEY_TEXT "\npublish TXT v=DMARC1; p=none; np=reject\n", true},
    {"DMARC from above", "_dmarc.org TXT v=DMARC1; p=reject; psd=y", "", "", "",
     "publish TXT v=spf1 mx ~all\npublish TXT " KEY_TEXT "\nthere TXT v=DMARC1; p=reject; psd=y\n", true},
    {"no answers", "example.org MX !TIMEOUT\nexample.org TXT !SERVFAIL\n" NAME " TXT !TIMEOUT\n_dmarc.example.org TXT !TIMEOUT\n"
                   "_smtp._tls.example.org TXT !REFUSED", "mx.example.org", "d@example.org", "",
     "unknown MX 10 mx.example.org.\nunknown TXT v=spf1 mx ~all\nunknown TXT " KEY_TEXT "\n"
     "unknown TXT v=DMARC1; p=none; np=reject; rua=mailto:d@example.org\n"
     "unknown TXT v=TLSRPTv1; rua=mailto:d@example.org\n", false},
};

struct run {
    struct mv_arena *arena;
    struct mv_first_request request;
    struct mv_first_records records;
    struct mv_error error;
};

static enum mv_code stage(struct mv_memo *memo, void *context)
{
    struct run *run = context;

    return mv_first_records_plan(run->arena, &run->request, memo, &run->records, &run->error);
}

START_TEST(test_plans)
{
    static const struct mv_first_key key = {{(const unsigned char *)NAME, sizeof NAME - 1},
                                            {(const unsigned char *)KEY_TEXT, sizeof KEY_TEXT - 1}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct run run = {.arena = mv_arena_new(1 << 22)};
        struct mv_ip ip;
        struct mv_buf text;

        run.request = (struct mv_first_request){
            .domain = MV_BYTES("example.org"), .mail_host = mv_bytes_str(rows[i].mail_host),
            .rua = mv_bytes_str(rows[i].rua), .ips = &ip, .ip_count = mv_ip_parse(mv_bytes_str(rows[i].ip), &ip),
            .keys = &key, .key_count = 1};
        ck_assert_msg(ops_zone_run(rows[i].zone, mv_memo_new(run.arena), stage, &run) == MV_OK, "%s", rows[i].name);
        mv_buf_init(&text, 1 << 16);
        for (size_t k = 0; k < run.records.count; k++)
            mv_buf_printf(&text, "%s %s %.*s\n", mv_first_state_text(run.records.items[k].state),
                          run.records.items[k].type, MV_ARG(run.records.items[k].text));
        ck_assert_msg(strcmp(mv_buf_cstr(&text), rows[i].plan) == 0, "%s:\n%s", rows[i].name, mv_buf_cstr(&text));
        ck_assert_msg(run.records.has_no_mail_host == rows[i].has_no_mail_host, "%s", rows[i].name);
        mv_buf_free(&text);
        mv_arena_free(&run.arena);
    }
}
END_TEST

/* What is no address is refused with a sentence. */
START_TEST(test_bad_rua)
{
    static const char *const addresses[] = {"nobody", "a b@example.org", "@example.org", "a@", "mailto:"};

    for (size_t i = 0; i < COUNT(addresses); i++) {
        struct run run = {.arena = mv_arena_new(1 << 22)};

        run.request = (struct mv_first_request){.domain = MV_BYTES("example.org"), .rua = mv_bytes_str(addresses[i])};
        ck_assert_msg(ops_zone_run("example.net TXT x", mv_memo_new(run.arena), stage, &run) == MV_ERR_SYNTAX, "%s",
                      addresses[i]);
        ck_assert_msg(run.error.text[0] != '\0', "%s", addresses[i]);
        mv_arena_free(&run.arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_plans, test_bad_rua};

    return unit_run("first_records", tests, COUNT(tests));
}
