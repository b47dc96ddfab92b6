#include "core/text/received.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    const char *value;
    const char *ip; /* "": refused */
    const char *helo;
    const char *by_name;
} rows[] = {
    {"Postfix", " from mail.example.com (unknown [192.0.2.1])\r\n\tby mx.example.org (Postfix) with ESMTP id 1; Mon",
     "192.0.2.1", "mail.example.com", "mx.example.org"},
    {"Postfix, IPv6", " from a.example (a.example [IPv6:2001:db8::1]) by mx.example.org (Postfix)", "2001:db8::1",
     "a.example", "mx.example.org"},
    {"Postfix, HELO is a literal", " from [192.0.2.7] (a.example [192.0.2.1]) by mx", "192.0.2.1", "[192.0.2.7]", "mx"},
    {"Exim", " from a.example ([192.0.2.1] helo=b.example)\r\n\tby mx.example.org with esmtp (Exim 4.96)", "192.0.2.1",
     "b.example", "mx.example.org"},
    {"Exim, HELO is the name", " from a.example ([192.0.2.1])\r\n\tby mx.example.org with esmtp", "192.0.2.1", "a.example",
     "mx.example.org"},
    {"Exim, no name", " from [192.0.2.1] (helo=b.example)\r\n\tby mx.example.org with esmtp", "192.0.2.1", "b.example",
     "mx.example.org"},
    {"Exim, port", " from [192.0.2.1]:2525 (port=2525 helo=[192.0.2.9]) by mx", "192.0.2.1", "[192.0.2.9]", "mx"},
    {"Exim, no HELO", " from [192.0.2.1] by mx with smtp", "192.0.2.1", "[192.0.2.1]", "mx"},
    {"Sendmail, another address", " from a.example (b.example [192.0.2.1] (may be forged))\r\n\tby mx (8.17.1/8.17.1) with ESMTP",
     "192.0.2.1", "a.example", "mx"},
    {"Sendmail, no name", " from a.example ([IPv6:2001:db8::1])\r\n\tby mx (8.17.1/8.17.1) with ESMTP", "2001:db8::1",
     "a.example", "mx"},
    {"OpenSMTPD, no name", " from a.example (<unknown> [192.0.2.1])\r\n\tby mx (OpenSMTPD) with ESMTP", "192.0.2.1",
     "a.example", "mx"},
    {"OpenSMTPD, local", " from localhost (mx [local])\r\n\tby mx (OpenSMTPD) with ESMTPA", "127.0.0.1", "localhost", "mx"},
    {"end behind by", " from a ([192.0.2.1]) by mx;", "192.0.2.1", "a", "mx"},
    {"mapped is IPv4", " from a (a [::ffff:192.0.2.1]) by mx", "192.0.2.1", "a", "mx"},
    {"empty", "", "", "", ""},
    {"local", " by mx.example.org (Postfix, from userid 1000)", "", "", ""},
    {"no address", " from a.example by mx.example.org", "", "", ""},
    {"no address in the comment", " from a.example (b.example) by mx", "", "", ""},
    {"address without brackets", " from a.example (192.0.2.1) by mx", "", "", ""},
    {"two addresses", " from a (b [192.0.2.1] [192.0.2.2]) by mx", "", "", ""},
    {"an address in the HELO", " from x([203.0.113.1]) (b [192.0.2.1]) by mx", "", "", ""},
    {"a comment as HELO", " from (b [203.0.113.1]) (c [192.0.2.1]) by mx", "", "", ""},
    {"HELO that ends the comment", " from [192.0.2.1] (helo=x) by mx2 (y) by mx", "192.0.2.1", "x", "mx2"},
    {"HELO with a bracket", " from a ([192.0.2.1] helo=[203.0.113.9) by mx", "", "", ""},
    {"two HELOs", " from a ([192.0.2.1] helo=b helo=c) by mx", "", "", ""},
    {"nested comment", " from a (b (c) [192.0.2.1]) by mx", "", "", ""},
    {"nested comment behind the address", " from a (b [192.0.2.1] (c)) by mx", "", "", ""},
    {"forged before the address", " from a (b (may be forged) [192.0.2.1]) by mx", "", "", ""},
    {"login with an address", " from a (b [192.0.2.1]) (authenticated [192.0.2.2]) by mx", "", "", ""},
    {"login before the address", " from a (authenticated bits=0) (b [192.0.2.1]) by mx", "", "", ""},
    {"login not closed", " from a (b [192.0.2.1]) (authenticated by mx", "", "", ""},
    {"forged twice", " from a (b [192.0.2.1] (may be forged) (may be forged)) by mx", "", "", ""},
    {"unknown behind the address", " from a (b [192.0.2.1] <unknown> ) by mx", "", "", ""},
    {"quoted pair", " from a (b\\) [192.0.2.1]) by mx", "", "", ""},
    {"quoted HELO", " from \"a b\" (c [192.0.2.1]) by mx", "", "", ""},
    {"two comments", " from a (b [192.0.2.1]) (c [192.0.2.2]) by mx", "", "", ""},
    {"comment not closed", " from a (b [192.0.2.1] by mx", "", "", ""},
    {"bad address", " from a (b [192.0.2.256]) by mx", "", "", ""},
    {"no by", " from a (b [192.0.2.1]) with ESMTP", "", "", ""},
    {"by in quotes", " from a (b [192.0.2.1]) by \"mx\"", "", "", ""},
    {"by with a comment at once", " from a (b [192.0.2.1]) by mx(us)", "", "", ""},
    {"words run together", " fromage (b [192.0.2.1]) by mx", "", "", ""},
    {"line end that is no fold", " from a (b [192.0.2.1])\nby mx", "", "", ""},
    {"NUL", " from a\x01 (b [192.0.2.1]) by mx", "", "", ""},
};

static bool equal(struct mv_bytes b, const char *s)
{
    return mv_bytes_equal(b, mv_bytes_str(s));
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_received received;
        struct mv_buf ip = {.max_bytes = 64};
        bool taken = mv_received_parse(mv_bytes_str(rows[i].value), &received);

        ck_assert_msg(taken == (rows[i].ip[0] != '\0'), "%s: taken %d", rows[i].name, taken);
        if (taken)
            mv_ip_print(&received.ip, &ip);
        ck_assert_msg(equal(mv_buf_bytes(&ip), rows[i].ip), "%s: ip", rows[i].name);
        ck_assert_msg(equal(received.helo, rows[i].helo), "%s: helo", rows[i].name);
        ck_assert_msg(equal(received.by_name, rows[i].by_name), "%s: by", rows[i].name);
        mv_buf_free(&ip);
    }
}
END_TEST

/* RFC 3848. */
static const struct {
    const char *name;
    const char *value;
    bool authenticated;
} logins[] = {
    {"Postfix", " from a (b [192.0.2.1])\r\n\tby mx (Postfix) with ESMTPSA id 1", true},
    {"Postfix, no login", " from a (b [192.0.2.1])\r\n\tby mx (Postfix) with ESMTPS id 1", false},
    {"Sendmail", " from a (b [192.0.2.1])\r\n\t(authenticated bits=0)\r\n\tby mx (8.17.1.9/8.17.1.9/Debian-2) with ESMTPA id 1",
     true},
    {"OpenSMTPD", " from a (b [192.0.2.1])\r\n\tby mx (OpenSMTPD) with ESMTPSA id 1 (TLSv1.3:X:256:NO) auth=yes user=u", true},
    {"Exim", " from [192.0.2.1] (helo=b)\r\n\tby mx with esmtpa (Exim 4.96)", true},
    {"RFC 6531 4.3", " from a (b [192.0.2.1]) by mx with UTF8SMTPA", true},
    {"no protocol", " from a (b [192.0.2.1]) by mx", false},
    {"not with", " from a (b [192.0.2.1]) by mx id ESMTPA", false},
    {"longer", " from a (b [192.0.2.1]) by mx with ESMTPAX", false},
    {"in a comment", " from a (b [192.0.2.1]) by mx (with ESMTPA) with ESMTP", false},
    {"behind", " from a (b [192.0.2.1]) by mx with ESMTP with ESMTPA", false},
    {"comment not closed", " from a (b [192.0.2.1]) by mx (x with ESMTPA", false},
};

START_TEST(test_logins)
{
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        struct mv_received received;

        ck_assert_msg(mv_received_parse(mv_bytes_str(logins[i].value), &received), "%s: refused", logins[i].name);
        ck_assert_msg(received.authenticated == logins[i].authenticated, "%s", logins[i].name);
    }
}
END_TEST

START_TEST(test_limit)
{
    static char value[MV_RECEIVED_MAX_BYTES + 2];
    struct mv_received received;

    memset(value, ' ', sizeof value - 1);
    memcpy(value, " from a ([192.0.2.1]) by mx", 27);
    ck_assert(mv_received_parse(mv_bytes_of(value, MV_RECEIVED_MAX_BYTES), &received));
    ck_assert(!mv_received_parse(mv_bytes_of(value, MV_RECEIVED_MAX_BYTES + 1), &received));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_logins, test_limit};

    return unit_run("received", tests, sizeof tests / sizeof tests[0]);
}
