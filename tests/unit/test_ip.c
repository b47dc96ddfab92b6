#include "core/text/ip.h"

#include "tests/unit/unit.h"

struct parse_row {
    const char *name;
    struct mv_bytes text;
    enum mv_ip_family family; /* MV_IP_NONE: refused */
    const char *printed;
};

static const struct parse_row parse_rows[] = {
    {"IPv4", MV_BYTES("192.0.2.1"), MV_IP_V4, "192.0.2.1"},
    {"IPv4 lowest", MV_BYTES("0.0.0.0"), MV_IP_V4, "0.0.0.0"},
    {"IPv4 highest", MV_BYTES("255.255.255.255"), MV_IP_V4, "255.255.255.255"},
    {"RFC 5321 4.1.3: IPv4 literal", MV_BYTES("[192.0.2.1]"), MV_IP_V4, "192.0.2.1"},
    {"IPv6", MV_BYTES("2001:db8::1"), MV_IP_V6, "2001:db8::1"},
    {"IPv6 in brackets", MV_BYTES("[2001:db8::1]"), MV_IP_V6, "2001:db8::1"},
    {"RFC 5321 4.1.3: IPv6 tag", MV_BYTES("IPv6:2001:db8::1"), MV_IP_V6, "2001:db8::1"},
    {"RFC 5321 4.1.3: IPv6 literal, other case", MV_BYTES("[ipv6:2001:DB8::1]"), MV_IP_V6, "2001:db8::1"},
    {"RFC 7208 5: mapped is IPv4", MV_BYTES("::ffff:192.0.2.1"), MV_IP_V4, "192.0.2.1"},
    {"mapped in hex", MV_BYTES("::FFFF:c000:201"), MV_IP_V4, "192.0.2.1"},
    {"mapped with tag", MV_BYTES("[IPv6:::ffff:192.0.2.1]"), MV_IP_V4, "192.0.2.1"},
    {"RFC 5952 4.1: leading zeros", MV_BYTES("2001:0db8:0:0:0:0:0:0001"), MV_IP_V6, "2001:db8::1"},
    {"RFC 5952 4.2.2: one zero group stays", MV_BYTES("2001:db8:0:1:1:1:1:1"), MV_IP_V6, "2001:db8:0:1:1:1:1:1"},
    {"RFC 5952 4.2.3: the longest run", MV_BYTES("2001:0:0:1:0:0:0:1"), MV_IP_V6, "2001:0:0:1::1"},
    {"RFC 5952 4.2.3: the first of equals", MV_BYTES("2001:db8:0:0:1:0:0:1"), MV_IP_V6, "2001:db8::1:0:0:1"},
    {"unspecified", MV_BYTES("::"), MV_IP_V6, "::"},
    {"loopback", MV_BYTES("::1"), MV_IP_V6, "::1"},
    {"zeros at the end", MV_BYTES("2001:db8::"), MV_IP_V6, "2001:db8::"},
    {"zeros at the beginning", MV_BYTES("0:0:1:2:3:4:5:6"), MV_IP_V6, "::1:2:3:4:5:6"},
    {"no zeros", MV_BYTES("1:2:3:4:5:6:7:8"), MV_IP_V6, "1:2:3:4:5:6:7:8"},
    {"IPv4 at the end, not mapped", MV_BYTES("64:ff9b::192.0.2.1"), MV_IP_V6, "64:ff9b::c000:201"},
    {"longest text", MV_BYTES("2001:0db8:0001:0002:0003:0004:255.255.255.255"), MV_IP_V6, "2001:db8:1:2:3:4:ffff:ffff"},

    {"empty", MV_BYTES(""), MV_IP_NONE, ""},
    {"brackets only", MV_BYTES("[]"), MV_IP_NONE, ""},
    {"tag only", MV_BYTES("IPv6:"), MV_IP_NONE, ""},
    {"three parts", MV_BYTES("192.0.2"), MV_IP_NONE, ""},
    {"five parts", MV_BYTES("192.0.2.1.1"), MV_IP_NONE, ""},
    {"empty part", MV_BYTES("192..2.1"), MV_IP_NONE, ""},
    {"part above 255", MV_BYTES("192.0.2.256"), MV_IP_NONE, ""},
    {"leading zero", MV_BYTES("192.0.2.01"), MV_IP_NONE, ""},
    {"two zeros", MV_BYTES("192.0.2.00"), MV_IP_NONE, ""},
    {"hex part", MV_BYTES("0xc0.0.2.1"), MV_IP_NONE, ""},
    {"one number", MV_BYTES("3221225985"), MV_IP_NONE, ""},
    {"sign", MV_BYTES("+1.0.2.1"), MV_IP_NONE, ""},
    {"leading space", MV_BYTES(" 192.0.2.1"), MV_IP_NONE, ""},
    {"trailing space", MV_BYTES("192.0.2.1 "), MV_IP_NONE, ""},
    {"trailing dot", MV_BYTES("192.0.2.1."), MV_IP_NONE, ""},
    {"final newline", MV_BYTES("192.0.2.1\n"), MV_IP_NONE, ""},
    {"NUL behind", MV_BYTES("192.0.2.1\0"), MV_IP_NONE, ""},
    {"NUL inside", MV_BYTES("192.0.2.1\0.example"), MV_IP_NONE, ""},
    {"prefix length", MV_BYTES("192.0.2.0/24"), MV_IP_NONE, ""},
    {"tag before IPv4", MV_BYTES("IPv6:192.0.2.1"), MV_IP_NONE, ""},
    {"tag outside the brackets", MV_BYTES("IPv6:[2001:db8::1]"), MV_IP_NONE, ""},
    {"tag twice", MV_BYTES("IPv6:IPv6:2001:db8::1"), MV_IP_NONE, ""},
    {"open bracket", MV_BYTES("[192.0.2.1"), MV_IP_NONE, ""},
    {"closing bracket", MV_BYTES("192.0.2.1]"), MV_IP_NONE, ""},
    {"two brackets", MV_BYTES("[[192.0.2.1]]"), MV_IP_NONE, ""},
    {"zone", MV_BYTES("fe80::1%eth0"), MV_IP_NONE, ""},
    {"two gaps", MV_BYTES("2001::db8::1"), MV_IP_NONE, ""},
    {"three colons", MV_BYTES("2001:::1"), MV_IP_NONE, ""},
    {"seven groups", MV_BYTES("1:2:3:4:5:6:7"), MV_IP_NONE, ""},
    {"nine groups", MV_BYTES("1:2:3:4:5:6:7:8:9"), MV_IP_NONE, ""},
    {"five digits", MV_BYTES("2001:db8::00001"), MV_IP_NONE, ""},
    {"no hex digit", MV_BYTES("2001:db8::g"), MV_IP_NONE, ""},
    {"colon at the end", MV_BYTES("1:2:3:4:5:6:7:"), MV_IP_NONE, ""},
    {"colon at the beginning", MV_BYTES(":1:2:3:4:5:6:7"), MV_IP_NONE, ""},
    {"IPv4 in the middle", MV_BYTES("::192.0.2.1:1"), MV_IP_NONE, ""},
    {"mapped with a leading zero", MV_BYTES("::ffff:192.0.2.01"), MV_IP_NONE, ""},
    {"longer than any address", MV_BYTES("2001:0db8:0001:0002:0003:0004:0005:0006:0007:0008"), MV_IP_NONE, ""},
    {"a name", MV_BYTES("example.com"), MV_IP_NONE, ""},
};

START_TEST(parses_strictly_and_prints_canonically)
{
    for (size_t i = 0; i < sizeof parse_rows / sizeof parse_rows[0]; i++) {
        const struct parse_row *row = &parse_rows[i];
        struct mv_ip ip = {.family = MV_IP_V6};
        struct mv_buf out;
        bool ok = mv_ip_parse(row->text, &ip);

        mv_buf_init(&out, 1000);
        ck_assert_msg(ok == (row->family != MV_IP_NONE), "%s: %s", row->name, ok ? "accepted" : "refused");
        ck_assert_msg(ip.family == row->family, "%s: family %d", row->name, (int)ip.family);
        mv_ip_print(&ip, &out);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(row->printed)), "%s: printed %s", row->name,
                      mv_buf_cstr(&out));
        mv_buf_free(&out);
    }
}
END_TEST

struct prefix_row {
    const char *ip;
    const char *net;
    unsigned bits;
    bool within;
};

static const struct prefix_row prefix_rows[] = {
    {"192.0.2.1", "192.0.2.1", 32, true},
    {"192.0.2.1", "192.0.2.0", 24, true},
    {"192.0.2.1", "192.0.2.0", 31, true},
    {"192.0.2.255", "192.0.2.128", 25, true},
    {"203.0.113.9", "192.0.2.1", 0, true},
    {"2001:db8::1", "2001:db8::", 32, true},
    {"2001:db8::1", "2001:db8::1", 128, true},
    {"2001:db8::1", "::", 0, true},
    {"::ffff:192.0.2.1", "192.0.2.0", 24, true},

    {"192.0.2.1", "192.0.2.0", 32, false},
    {"192.0.2.2", "192.0.2.0", 31, false},
    {"192.0.2.127", "192.0.2.128", 25, false},
    {"192.0.3.1", "192.0.2.0", 24, false},
    {"192.0.2.1", "192.0.2.1", 33, false},
    {"2001:db8::1", "2001:db8::1", 129, false},
    {"2001:db9::1", "2001:db8::", 32, false},
    {"2001:db8::1", "2001:db8::", 128, false},
    {"192.0.2.1", "::", 0, false},
    {"::", "0.0.0.0", 0, false},
    {"", "", 0, false},
    {"", "0.0.0.0", 0, false},
};

START_TEST(compares_prefixes)
{
    for (size_t i = 0; i < sizeof prefix_rows / sizeof prefix_rows[0]; i++) {
        const struct prefix_row *row = &prefix_rows[i];
        struct mv_ip ip, net;

        mv_ip_parse(mv_bytes_str(row->ip), &ip);
        mv_ip_parse(mv_bytes_str(row->net), &net);
        ck_assert_msg(mv_ip_in_prefix(&ip, &net, row->bits) == row->within, "%s in %s/%u", row->ip, row->net,
                      row->bits);
    }
}
END_TEST

static void check_reverse(const char *text, const char *reverse)
{
    struct mv_ip ip;
    struct mv_buf out;

    mv_ip_parse(mv_bytes_str(text), &ip);
    mv_buf_init(&out, 1000);
    mv_ip_print_reverse(&ip, &out);
    ck_assert_str_eq(mv_buf_cstr(&out), reverse);
    mv_buf_free(&out);
}

START_TEST(prints_reverse_names)
{
    check_reverse("192.0.2.1", "1.2.0.192.in-addr.arpa"); /* RFC 1035 3.5 */
    check_reverse("4321:0:1:2:3:4:567:89ab", /* RFC 3596 2.5 */
                  "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa");
    check_reverse("", "");
}
END_TEST

START_TEST(takes_only_4_or_16_octets)
{
    static const unsigned char octets[17] = {0x20, 0x01, 0x0d, 0xb8};

    for (size_t len = 0; len <= sizeof octets; len++) {
        struct mv_ip ip;
        bool ok = mv_ip_from_octets(mv_bytes_of(octets, len), &ip);

        ck_assert_msg(ok == (len == 4 || len == 16), "%zu octets", len);
        ck_assert_msg(ip.family == (len == 4 ? MV_IP_V4 : len == 16 ? MV_IP_V6 : MV_IP_NONE), "%zu octets", len);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {parses_strictly_and_prints_canonically, compares_prefixes, prints_reverse_names,
                                  takes_only_4_or_16_octets};

    return unit_run("ip", tests, sizeof tests / sizeof tests[0]);
}
