/* RFC 8601 2.2, 7.8: what is printed says the facts, whatever strangers put into them. */
#include <string.h>

#include "core/auth/authres.h"
#include "core/text/message.h"
#include "tests/unit/authres_facts.h"
#include "tests/unit/unit.h"

#define ID MV_BYTES("mx.receiver.example")
#define MAX_SIGNATURES 40
#define MAX_OUT_BYTES 65536

static void assert_printed(const char *name, const struct mv_verdict *v, struct mv_bytes id, const char *expected)
{
    struct mv_buf out;

    mv_buf_init(&out, MAX_OUT_BYTES);
    ck_assert_msg(mv_authres_print(v, id, &out) == MV_OK, "%s: not printed", name);
    ck_assert_msg(authres_fault(v, id, mv_buf_bytes(&out)) == NULL, "%s: %s: %s", name,
                  authres_fault(v, id, mv_buf_bytes(&out)), mv_buf_cstr(&out));
    if (expected != NULL)
        ck_assert_msg(strcmp(mv_buf_cstr(&out), expected) == 0, "%s:\n%s", name, mv_buf_cstr(&out));
    mv_buf_free(&out);
}

/* standards: RFC 8601 appendix B, RFC 9989 9.1 */
START_TEST(test_usual)
{
    const struct mv_dkim_result dkim[] = {
        {.code = MV_DKIM_PASS, .sdid = MV_BYTES("example.com"), .selector = MV_BYTES("rsa2026q4"),
         .algorithm = MV_BYTES("rsa-sha256"), .value_text = MV_BYTES("mQ8GEWPcAAAABBBB"), .key_bits = 2048},
        {.code = MV_DKIM_POLICY, .sdid = MV_BYTES("list.example.net"), .selector = MV_BYTES("s1"), .auid =
         MV_BYTES("bounce@list.example.net"), .algorithm = MV_BYTES("ed25519-sha256"), .value_text =
         MV_BYTES("EjCbN/c3BBBB"), .key_bits = 256, .test_key = true, .rule = "unsigned-body",
         .reason = "l= leaves octets of the body unsigned"},
    };
    struct mv_verdict v = {
        .has_spf = true,
        .spf = {.code = MV_SPF_PASS, .domain = MV_BYTES("example.com")},
        .has_dkim = true,
        .dkim = dkim,
        .dkim_count = 2,
        .dkim_skipped = 3,
        .author_domain = MV_BYTES("example.com"),
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_PASS, .has_record = true, .policy_tag = "p", .published = MV_DMARC_P_REJECT,
                  .effective = MV_DMARC_P_REJECT, .policy_domain = MV_BYTES("example.com"), .reason = "aligned"},
    };

    assert_printed("usual", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  spf=pass smtp.mailfrom=example.com;\r\n"
                   "  dkim=pass (2048-bit key) header.d=example.com header.s=rsa2026q4\r\n"
                   "    header.a=rsa-sha256 header.b=mQ8GEWPc;\r\n"
                   "  dkim=policy (256-bit key, test mode)\r\n"
                   "    reason=\"l= leaves octets of the body unsigned\"\r\n"
                   "    policy.dkim-rules=unsigned-body header.d=list.example.net\r\n"
                   "    header.i=bounce@list.example.net header.s=s1 header.a=ed25519-sha256\r\n"
                   "    header.b=\"EjCbN/c3\" (3 more signatures not shown);\r\n"
                   "  dmarc=pass (p=reject; policy domain example.com) header.from=example.com\r\n"
                   "    policy.dmarc=reject\r\n");
}
END_TEST

/* The local part is the signer's to choose: no word that a filter may look for. RFC 8601 2.2, RFC 6376 3.5. */
static const struct {
    const char *name;
    const char *auid;
    const char *printed; /* NULL: no header.i */
} auids[] = {
    {"none", "", NULL},
    {"the default", "@example.com", NULL},
    {"plain", "a.b-c+d_e@example.com", "header.i=a.b-c+d_e@example.com"},
    {"below", "@mail.example.com", "header.i=@mail.example.com"},
    {"a result", "dmarc=pass@example.com", NULL},
    {"a result, below", "dmarc=pass@mail.example.com", "header.i=@mail.example.com"},
    {"a result in quotes", "\"; dmarc=pass\"@mail.example.com", "header.i=@mail.example.com"},
    {"two signs", "a@b@mail.example.com", "header.i=@mail.example.com"},
    {"UTF-8", "j\xc3\xb6rg@mail.example.com", "header.i=@mail.example.com"},
    {"a comment", "a(dmarc)@mail.example.com", "header.i=@mail.example.com"},
    {"no domain", "a@", NULL},
    {"no sign", "mail.example.com", NULL},
    {"no domain that could be", "a@b c", NULL},
};

START_TEST(test_auid)
{
    for (size_t i = 0; i < sizeof auids / sizeof auids[0]; i++) {
        struct mv_dkim_result dkim = {.code = MV_DKIM_PASS, .sdid = MV_BYTES("example.com"),
                                      .auid = mv_bytes_str(auids[i].auid), .value_text = MV_BYTES("AAAABBBBCCCC")};
        struct mv_verdict v = {.has_dkim = true, .dkim = &dkim, .dkim_count = 1};
        const char *found;
        struct mv_buf out;

        mv_buf_init(&out, MV_AUTHRES_MAX_BYTES);
        ck_assert_int_eq(mv_authres_print(&v, ID, &out), MV_OK);
        found = strstr(mv_buf_cstr(&out), "header.i=");
        if (auids[i].printed == NULL)
            ck_assert_msg(found == NULL, "%s: %s", auids[i].name, mv_buf_cstr(&out));
        else
            ck_assert_msg(found != NULL && strncmp(found, auids[i].printed, strlen(auids[i].printed)) == 0 &&
                          strchr(" ;\r", found[strlen(auids[i].printed)]) != NULL, "%s: %s", auids[i].name,
                          mv_buf_cstr(&out));
        ck_assert_msg(strstr(mv_buf_cstr(&out), "dmarc") == NULL, "%s: %s", auids[i].name, mv_buf_cstr(&out));
        mv_buf_free(&out);
    }
}
END_TEST

START_TEST(test_failing)
{
    struct mv_verdict v = {
        .has_spf = true,
        .spf = {.code = MV_SPF_PERMERROR, .domain = MV_BYTES("mail.example.net"), .from_helo = true,
                .reason = "The record needs more than 10 lookups"},
        .has_dkim = true,
        .author_domain = MV_BYTES("news.example.com"),
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_FAIL, .has_record = true, .policy_tag = "sp", .published = MV_DMARC_P_REJECT,
                  .test_mode = true, .effective = MV_DMARC_P_QUARANTINE, .policy_domain = MV_BYTES("example.com"),
                  .reason = "Neither SPF nor DKIM passed"},
        .override = MV_OVERRIDE_POLICY_TEST_MODE,
    };

    assert_printed("failing", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  spf=permerror (null reverse-path)\r\n"
                   "    reason=\"The record needs more than 10 lookups\" smtp.helo=mail.example.net;\r\n"
                   "  dkim=none;\r\n"
                   "  dmarc=fail (sp=reject t=y; policy domain example.com; override\r\n"
                   "    policy_test_mode) reason=\"Neither SPF nor DKIM passed\"\r\n"
                   "    header.from=news.example.com policy.dmarc=quarantine\r\n");
}
END_TEST

/* field.md: no evaluation must not look like "not checked" */
START_TEST(test_dmarc_without_author)
{
    struct mv_verdict v = {.has_dkim = true, .from = MV_FROM_SEVERAL_FIELDS, .has_dmarc = true,
                           .author_domain = MV_BYTES("forged.example"),
                           .dmarc = {.code = MV_DMARC_PASS, .has_record = true}};

    assert_printed("several From", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  dkim=none;\r\n"
                   "  dmarc=permerror reason=\"the message has more than one From field\"\r\n");
    v.from = MV_FROM_OK;
    v.defects = MV_DEFECT_BARE_LF;
    assert_printed("defect", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  dkim=none;\r\n"
                   "  dmarc=permerror reason=\"an LF without CR in the header\"\r\n");
}
END_TEST

START_TEST(test_without)
{
    struct mv_verdict v = {.author_domain = MV_BYTES("a.example"),
                           .dmarc = {.code = MV_DMARC_NONE, .reason = "No DMARC record applies to a.example"}};

    assert_printed("nothing", &v, ID, "Authentication-Results: mx.receiver.example; none\r\n");
    v.has_dmarc = true;
    assert_printed("DMARC only", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  dmarc=none reason=\"No DMARC record applies to a.example\"\r\n"
                   "    header.from=a.example\r\n");
    v = (struct mv_verdict){.has_spf = true, .spf = {.code = MV_SPF_NONE}};
    assert_printed("SPF without domain", &v, ID, "Authentication-Results: mx.receiver.example;\r\n  spf=none\r\n");
    v = (struct mv_verdict){.has_dkim = true};
    assert_printed("DKIM only", &v, ID, "Authentication-Results: mx.receiver.example;\r\n  dkim=none\r\n");
}
END_TEST

START_TEST(test_long_reason_is_folded)
{
    struct mv_verdict v = {.has_dmarc = true, .author_domain = MV_BYTES("a.example"),
                           .dmarc = {.code = MV_DMARC_TEMPERROR,
                                     .reason = "No answer for _dmarc.a.example: the server did not answer within the "
                                               "time that one message has for all of its questions together"}};

    assert_printed("reason", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  dmarc=temperror reason=\"No answer for _dmarc.a.example: the server did not\r\n"
                   " answer within the time that one message has for all of its questions\r\n"
                   " together\" header.from=a.example\r\n");
}
END_TEST

/* RFC 8617 6, 10.2; RFC 8601 2.2: an IPv6 address needs quotes. Without ARC fields there is nothing to tell. */
START_TEST(test_chain)
{
    const struct mv_arc_hop hops[] = {{.domain = MV_BYTES("evil(.example")}, {.domain = MV_BYTES("list.example.net")}};
    struct mv_verdict v = {
        .has_arc = true,
        .arc = {.code = MV_ARC_PASS, .has_fields = true, .oldest_pass = 2, .hops = hops, .hop_count = 2}};

    ck_assert(mv_ip_parse(MV_BYTES("2001:db8::25"), &v.client_ip));
    assert_printed("pass", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  arc=pass (2 sets, sealed by list.example.net) smtp.remote-ip=\"2001:db8::25\"\r\n"
                   "    header.oldest-pass=2\r\n");
    v.arc.hop_count = 1;
    v.arc.oldest_pass = 0;
    v.client_ip.family = MV_IP_NONE;
    assert_printed("pass, one set", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  arc=pass (1 set, sealed by evil\\(.example) header.oldest-pass=0\r\n");
    v.arc = (struct mv_arc_result){.code = MV_ARC_FAIL, .has_fields = true, .reason = "ARC set 2 has no ARC-Seal"};
    assert_printed("fail", &v, ID,
                   "Authentication-Results: mx.receiver.example;\r\n"
                   "  arc=fail reason=\"ARC set 2 has no ARC-Seal\"\r\n");
    v.arc = (struct mv_arc_result){.code = MV_ARC_NONE};
    assert_printed("none", &v, ID, "Authentication-Results: mx.receiver.example; none\r\n");
}
END_TEST

static const struct {
    const char *name;
    struct mv_bytes id;
    const char *line; /* NULL: refused */
} id_rows[] = {
    {"domain", MV_BYTES("mx.example"), "Authentication-Results: mx.example; none\r\n"},
    {"word", MV_BYTES("border!gate"), "Authentication-Results: border!gate; none\r\n"},
    {"needs quotes", MV_BYTES("mx.example/1"), "Authentication-Results: \"mx.example/1\"; none\r\n"},
    {"semicolon", MV_BYTES("mx;spf=pass"), "Authentication-Results: \"mx;spf=pass\"; none\r\n"},
    {"quote and backslash", MV_BYTES("m\"x\\"), "Authentication-Results: \"m\\\"x\\\\\"; none\r\n"},
    {"parentheses", MV_BYTES("mx(x"), "Authentication-Results: \"mx(x\"; none\r\n"},
    {"empty", MV_BYTES(""), NULL},
    {"CRLF", MV_BYTES("mx\r\nX: y"), NULL},
    {"LF", MV_BYTES("mx\n"), NULL},
    {"NUL", MV_BYTES("mx\0"), NULL},
    {"space", MV_BYTES("mx example"), NULL},
    {"tab", MV_BYTES("mx\texample"), NULL},
    {"8-bit", MV_BYTES("m\xc3\xbc.example"), NULL},
    {"DEL", MV_BYTES("mx\x7f"), NULL},
};

START_TEST(test_ids)
{
    const struct mv_verdict v = {.has_spf = false};

    for (size_t i = 0; i < sizeof id_rows / sizeof id_rows[0]; i++) {
        struct mv_buf out;

        mv_buf_init(&out, MAX_OUT_BYTES);
        if (id_rows[i].line != NULL)
            assert_printed(id_rows[i].name, &v, id_rows[i].id, id_rows[i].line);
        else
            ck_assert_msg(mv_authres_print(&v, id_rows[i].id, &out) == MV_ERR_USAGE, "%s", id_rows[i].name);
        ck_assert_msg(mv_buf_bytes(&out).len == 0, "%s: wrote something", id_rows[i].name);
        mv_buf_free(&out);
    }
}
END_TEST

/* CVE-2020-12272 and its kin. */
static const struct mv_bytes injections[] = {
    MV_BYTES("example.net(.example.com"),
    MV_BYTES("example.net).example.com"),
    MV_BYTES("a.example; dmarc=pass header.from=bank.example"),
    MV_BYTES("a.example;dmarc=pass"),
    MV_BYTES("a.example\r\nAuthentication-Results: mx.receiver.example; dmarc=pass"),
    MV_BYTES("a.example\r\n\r\nbody"),
    MV_BYTES("a.example\r\n dmarc=pass"),
    MV_BYTES("a.example\nX-Header: y"),
    MV_BYTES("a.example\rX-Header: y"),
    MV_BYTES("a.example\0; dmarc=pass"),
    MV_BYTES("\""),
    MV_BYTES("\\"),
    MV_BYTES("\"; dmarc=pass; x=\""),
    MV_BYTES("\\\"; dmarc=pass"),
    MV_BYTES("a\\"),
    MV_BYTES("a\""),
    MV_BYTES("a b"),
    MV_BYTES(" a"),
    MV_BYTES("a "),
    MV_BYTES(" "),
    MV_BYTES("\t"),
    MV_BYTES("("),
    MV_BYTES(")"),
    MV_BYTES("(("),
    MV_BYTES("()"),
    MV_BYTES("a@b@c"),
    MV_BYTES("@"),
    MV_BYTES("@@"),
    MV_BYTES("@example.com"),
    MV_BYTES("a@"),
    MV_BYTES("a@example.com"),
    MV_BYTES("a+b=c/d@example.com"),
    MV_BYTES("a..b@example.com"),
    MV_BYTES(".a@example.com"),
    MV_BYTES("a.@example.com"),
    MV_BYTES("a@example.com."),
    MV_BYTES("a@exa(mple.com"),
    MV_BYTES("a@[192.0.2.1]"),
    MV_BYTES("\"a b\"@example.com"),
    MV_BYTES("\"a;b\"@example.com"),
    MV_BYTES("\"a\\\"b\"@example.com"),
    MV_BYTES("a;b@example.com"),
    MV_BYTES("a b@example.com"),
    MV_BYTES("j\xc3\xb6rg@example.com"),
    MV_BYTES("m\xc3\xbcnchen.example"),
    MV_BYTES("\xff\xfe\x80"),
    MV_BYTES("\x01\x02\x1f\x7f"),
    MV_BYTES("\xe2\x80\xa8" "dmarc=pass"),
    MV_BYTES("=?utf-8?q?x?="),
    MV_BYTES("a=b"),
    MV_BYTES("a/b+c=="),
    MV_BYTES("2001:db8::1"),
    MV_BYTES("a,b"),
    MV_BYTES("<a>"),
    MV_BYTES("%s%s%n"),
    MV_BYTES("reason=x"),
    MV_BYTES("header.d=bank.example"),
    MV_BYTES("; none"),
    MV_BYTES("-"),
    MV_BYTES(""),
};

/* The same stranger's text everywhere at once. */
static void assert_injected(const char *name, struct mv_bytes text, const char *reason)
{
    const struct mv_dkim_result dkim[] = {
        {.code = MV_DKIM_PASS, .sdid = text, .auid = text, .selector = text, .algorithm = text, .value_text = text,
         .key_bits = 1024, .reason = reason},
        {.code = MV_DKIM_POLICY, .sdid = text, .auid = text, .selector = text, .algorithm = text, .value_text = text,
         .test_key = true, .rule = reason},
        {.code = MV_DKIM_NEUTRAL, .sdid = MV_BYTES("a.example"), .auid = text, .value_text = MV_BYTES("AAAABBBBCCCC")},
    };
    const struct mv_arc_hop hop = {.domain = text, .selector = text, .results = text};
    struct mv_verdict v = {
        .has_arc = true,
        .arc = {.code = MV_ARC_FAIL, .has_fields = true, .hops = &hop, .hop_count = 1, .reason = reason},
        .has_spf = true,
        .spf = {.code = MV_SPF_PERMERROR, .domain = text, .from_helo = true, .explanation = text, .mechanism = text,
                .mechanism_domain = text, .reason = reason},
        .has_dkim = true,
        .dkim = dkim,
        .dkim_count = 3,
        .author_domain = text,
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_FAIL, .has_record = true, .author_domain = text, .policy_domain = text,
                  .org_domain = text, .published = MV_DMARC_P_REJECT, .effective = MV_DMARC_P_REJECT,
                  .reason = reason, .record = {.text = text}},
        .reason = reason,
        .override = MV_OVERRIDE_TRUSTED_FORWARDER,
    };

    assert_printed(name, &v, ID, NULL);
}

START_TEST(test_injections)
{
    struct mv_arena *arena = mv_arena_new(1 << 20);

    for (size_t i = 0; i < sizeof injections / sizeof injections[0]; i++) {
        const char *text = mv_arena_str(arena, injections[i]);

        assert_injected(text, injections[i], text);
        assert_injected(text, injections[i], NULL);
    }
    mv_arena_free(&arena);
}
END_TEST

/* Every byte, alone, twice, at either end of a word. */
START_TEST(test_every_byte)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char text[4] = {(unsigned char)byte, 'a', (unsigned char)byte, 0};
        char name[] = "byte ?";

        name[5] = (char)byte;
        assert_injected(name, mv_bytes_of(text, 1), (const char *)text);
        assert_injected(name, mv_bytes_of(text, 2), (const char *)text);
        assert_injected(name, mv_bytes_of(text + 1, 2), (const char *)text + 1);
        assert_injected(name, mv_bytes_of(text, 3), (const char *)text);
    }
}
END_TEST

/* Long text of what has to be escaped, up to and beyond each limit. */
START_TEST(test_lengths)
{
    static const char fills[] = "a\"\\( ;\r\n\xff";
    char text[1201];

    for (size_t f = 0; f < sizeof fills - 1; f++) {
        for (size_t len = 1; len <= 1200; len += len < 240 || len > 310 ? 53 : 1) {
            memset(text, fills[f], len);
            text[len] = '\0';
            assert_injected("long", mv_bytes_of(text, len), text);
        }
    }
}
END_TEST

/* Whatever the number of signatures, the field stays within its limit, and what is missing is counted. */
START_TEST(test_many_signatures)
{
    struct mv_dkim_result dkim[MAX_SIGNATURES];
    char b[MAX_SIGNATURES][16], domain[256] = "", reason[400] = "";
    const struct mv_arc_hop hop = {.domain = mv_bytes_of(domain, 253)};
    struct mv_buf out;
    bool all_fitted = true;

    memset(domain, 'd', sizeof domain);
    domain[253] = '\0';
    memset(reason, 'r', sizeof reason - 1);
    for (size_t i = 0; i < MAX_SIGNATURES; i++) {
        b[i][0] = '\0';
        strcat(b[i], "AAAAAAAAAAAA");
        b[i][9] = (char)('a' + i % 26);
        b[i][10] = (char)('a' + i / 26);
        dkim[i] = (struct mv_dkim_result){.code = MV_DKIM_PASS, .sdid = mv_bytes_str(domain), .selector =
                                          mv_bytes_str(domain), .value_text = mv_bytes_str(b[i]), .key_bits = 2048};
    }
    for (size_t count = 0; count <= MAX_SIGNATURES; count++) {
        struct mv_verdict v = {.has_spf = true, .spf = {.code = MV_SPF_PASS, .domain = mv_bytes_str(domain)},
                               .has_dkim = true, .dkim = dkim, .dkim_count = count, .has_dmarc = true,
                               .author_domain = mv_bytes_str(domain), .has_arc = true,
                               .arc = {.code = MV_ARC_FAIL, .has_fields = true, .hops = &hop, .hop_count = 1,
                                       .reason = reason}};

        assert_printed("many", &v, ID, NULL);
        mv_buf_init(&out, MAX_OUT_BYTES);
        ck_assert_int_eq(mv_authres_print(&v, ID, &out), MV_OK);
        ck_assert_uint_le(out.len, MV_AUTHRES_MAX_BYTES);
        ck_assert_msg(all_fitted || strstr(mv_buf_cstr(&out), "not shown") != NULL, "%zu signatures", count);
        all_fitted = strstr(mv_buf_cstr(&out), "not shown") == NULL;
        ck_assert_msg(all_fitted || count > 5, "%zu signatures do not fit", count);
        mv_buf_free(&out);
    }
    ck_assert(!all_fitted);
}
END_TEST

/* RFC 6008 4 */
static const struct {
    const char *name;
    const char *b[3];
    const char *shown[3];
} b_rows[] = {
    {"one", {"AAAABBBBCCCC"}, {"header.b=AAAABBBB\r"}},
    {"short", {"AAAA"}, {"header.b=AAAA\r"}},
    {"eight", {"AAAABBBB"}, {"header.b=AAAABBBB\r"}},
    {"different", {"AAAABBBBCCCC", "BAAABBBBCCCC"}, {"header.b=AAAABBBB;", "header.b=BAAABBBB\r"}},
    {"ninth differs", {"AAAABBBBCCCC", "AAAABBBBDDDD"}, {"header.b=AAAABBBBC;", "header.b=AAAABBBBD\r"}},
    {"beginning of another", {"AAAABBBBCC", "AAAABBBBCCCC"}, {"header.b=AAAABBBBCC;", "header.b=AAAABBBBCCC\r"}},
    {"the same twice", {"AAAABBBBCCCC", "AAAABBBBCCCC"}, {"header.b=AAAABBBB;", "header.b=AAAABBBB\r"}},
    {"three", {"AAAABBBBCCCC", "AAAABBBBCCDD", "AAAABBBBDDDD"}, {"header.b=AAAABBBBCCC;", "header.b=AAAABBBBCCD;",
     "header.b=AAAABBBBD\r"}},
    {"quoted", {"AAAABBB/CCCC"}, {"header.b=\"AAAABBB/\"\r"}},
};

START_TEST(test_header_b)
{
    for (size_t i = 0; i < sizeof b_rows / sizeof b_rows[0]; i++) {
        struct mv_dkim_result dkim[3] = {{.code = MV_DKIM_PASS}};
        struct mv_verdict v = {.has_dkim = true, .dkim = dkim};
        struct mv_buf out;

        for (; v.dkim_count < 3 && b_rows[i].b[v.dkim_count] != NULL; v.dkim_count++)
            dkim[v.dkim_count] = (struct mv_dkim_result){.code = MV_DKIM_FAIL, .value_text =
                                                         mv_bytes_str(b_rows[i].b[v.dkim_count])};
        assert_printed(b_rows[i].name, &v, ID, NULL);
        mv_buf_init(&out, MAX_OUT_BYTES);
        ck_assert_int_eq(mv_authres_print(&v, ID, &out), MV_OK);
        for (size_t k = 0; k < v.dkim_count; k++)
            ck_assert_msg(strstr(mv_buf_cstr(&out), b_rows[i].shown[k]) != NULL, "%s: %s", b_rows[i].name,
                          mv_buf_cstr(&out));
        mv_buf_free(&out);
    }
}
END_TEST

START_TEST(test_full_buffer)
{
    const struct mv_verdict v = {.has_dkim = true};
    struct mv_buf out;

    mv_buf_init(&out, 10);
    ck_assert_int_eq(mv_authres_print(&v, ID, &out), MV_ERR_MEMORY);
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_usual, test_auid,     test_failing,    test_dmarc_without_author,
                                  test_without,   test_chain,      test_ids,        test_long_reason_is_folded,
                                  test_injections, test_every_byte, test_lengths,
                                  test_header_b,  test_full_buffer, test_many_signatures};

    return unit_run("authres print", tests, sizeof tests / sizeof tests[0]);
}
