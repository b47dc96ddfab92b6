/* XFORWARD, XCLIENT, Mailvouch-Client, xtext. */
#include "lmtp-hook/client.h"
#include "lmtp-hook/xtext.h"

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    enum mv_client_attributes kind;
    const char *argument;
    bool taken;
    const char *ip, *helo;
    bool authenticated, is_local;
} rows[] = {
    {"Postfix", MV_CLIENT_XFORWARD, "NAME=a.example ADDR=192.0.2.1 PORT=25 HELO=a.example PROTO=ESMTP IDENT=5 SOURCE=REMOTE",
     true, "192.0.2.1", "a.example", false, false},
    {"lower case", MV_CLIENT_XFORWARD, "addr=192.0.2.1", true, "192.0.2.1", "", false, false},
    {"IPv6", MV_CLIENT_XFORWARD, "ADDR=IPv6:2001:db8::1", true, "2001:db8::1", "", false, false},
    {"xtext", MV_CLIENT_XFORWARD, "HELO=a+20b+2Bc ADDR=192.0.2.1", true, "192.0.2.1", "a b+c", false, false},
    {"unavailable", MV_CLIENT_XFORWARD, "ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE]", true, "", "", false, false},
    {"local", MV_CLIENT_XFORWARD, "ADDR=[UNAVAILABLE] SOURCE=LOCAL", true, "", "", false, true},
    {"login", MV_CLIENT_XCLIENT, "ADDR=192.0.2.1 LOGIN=alice", true, "192.0.2.1", "", true, false},
    {"no login", MV_CLIENT_XCLIENT, "ADDR=192.0.2.1 LOGIN=[UNAVAILABLE]", true, "192.0.2.1", "", false, false},
    {"login by XFORWARD", MV_CLIENT_XFORWARD, "LOGIN=alice", false, "", "", false, false},
    {"source by XCLIENT", MV_CLIENT_XCLIENT, "SOURCE=LOCAL", false, "", "", false, false},
    {"unknown attribute", MV_CLIENT_XFORWARD, "ADDR=192.0.2.1 FOO=1", false, "", "", false, false},
    {"no value", MV_CLIENT_XFORWARD, "ADDR", false, "", "", false, false},
    {"no name", MV_CLIENT_XFORWARD, "=192.0.2.1", false, "", "", false, false},
    {"bad address", MV_CLIENT_XFORWARD, "ADDR=192.0.2.256", false, "", "", false, false},
    {"bad xtext", MV_CLIENT_XFORWARD, "HELO=a+2", false, "", "", false, false},
    {"bad xtext digits", MV_CLIENT_XFORWARD, "HELO=a+2g", false, "", "", false, false},
    {"equals sign in a value", MV_CLIENT_XFORWARD, "HELO=a=b", false, "", "", false, false},
    {"8-bit value", MV_CLIENT_XFORWARD, "HELO=\xc3\xbc", false, "", "", false, false},
    {"unknown source", MV_CLIENT_XFORWARD, "SOURCE=MARS", false, "", "", false, false},
};

static void expect(const char *name, const struct mv_client *client, const char *ip, const char *helo)
{
    struct mv_buf out = {.max_bytes = 64};

    if (client->ip.family != MV_IP_NONE)
        mv_ip_print(&client->ip, &out);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(ip)), "%s: ip", name);
    ck_assert_msg(mv_bytes_equal(mv_client_helo(client), mv_bytes_str(helo)), "%s: helo", name);
    mv_buf_free(&out);
}

START_TEST(test_attributes)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mv_client client = {.source = MV_CLIENT_UNKNOWN};
        bool taken = mv_client_take_attributes(&client, rows[i].kind, mv_bytes_str(rows[i].argument));

        ck_assert_msg(taken == rows[i].taken, "%s: taken %d", rows[i].name, taken);
        ck_assert_msg((client.source != MV_CLIENT_UNKNOWN) == taken, "%s: source", rows[i].name);
        expect(rows[i].name, &client, rows[i].ip, rows[i].helo);
        ck_assert_msg(client.authenticated == rows[i].authenticated, "%s: login", rows[i].name);
        ck_assert_msg(client.is_local == rows[i].is_local, "%s: local", rows[i].name);
    }
}
END_TEST

/* Postfix sends them in several commands. */
START_TEST(test_commands_add_up)
{
    struct mv_client client = {.source = MV_CLIENT_UNKNOWN};

    ck_assert(mv_client_take_attributes(&client, MV_CLIENT_XFORWARD, MV_BYTES("NAME=a ADDR=192.0.2.1")));
    ck_assert(mv_client_take_attributes(&client, MV_CLIENT_XFORWARD, MV_BYTES("PROTO=ESMTP HELO=b.example")));
    ck_assert(!mv_client_take_attributes(&client, MV_CLIENT_XFORWARD, MV_BYTES("HELO=c.example FOO=1")));
    expect("both", &client, "192.0.2.1", "b.example");
}
END_TEST

static const struct {
    const char *name;
    const char *value;
    bool taken;
    const char *ip, *helo;
    bool authenticated;
} fields[] = {
    {"address and HELO", " addr=192.0.2.1 helo=a.example", true, "192.0.2.1", "a.example", false},
    {"address alone", "addr=192.0.2.1", true, "192.0.2.1", "", false},
    {"IPv6", " addr=2001:db8::1 helo=a.example", true, "2001:db8::1", "a.example", false},
    {"folded", " addr=192.0.2.1\r\n helo=a.example", true, "192.0.2.1", "a.example", false},
    {"login", " addr=192.0.2.1 login=alice helo=a", true, "192.0.2.1", "a", true},
    {"empty login", " addr=192.0.2.1 login= helo=a", true, "192.0.2.1", "a", false},
    {"empty HELO", " addr=192.0.2.1 login= helo=", true, "192.0.2.1", "", false},
    {"HELO takes the rest", " addr=192.0.2.1 helo=x addr=192.0.2.9 login=root", true, "192.0.2.1",
     "x addr=192.0.2.9 login=root", false},
    {"empty", "", false, "", "", false},
    {"no address", " helo=a.example", false, "", "", false},
    {"empty address", " addr= helo=a", false, "", "", false},
    {"HELO first", " helo=a addr=192.0.2.1", false, "", "", false},
    {"bad address", " addr=192.0.2.1.5 helo=a", false, "", "", false},
    {"unknown word", " addr=192.0.2.1 name=x", false, "", "", false},
};

START_TEST(test_fields)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct mv_client client = {.source = MV_CLIENT_UNKNOWN};
        bool taken = mv_client_take_field(&client, mv_bytes_str(fields[i].value));

        ck_assert_msg(taken == fields[i].taken, "%s: taken %d", fields[i].name, taken);
        expect(fields[i].name, &client, fields[i].ip, fields[i].helo);
        ck_assert_msg(client.authenticated == fields[i].authenticated, "%s: login", fields[i].name);
    }
}
END_TEST

START_TEST(test_helo_limit)
{
    static unsigned char helo[MV_CLIENT_MAX_HELO_BYTES + 1];
    struct mv_client client = {.source = MV_CLIENT_UNKNOWN};

    ck_assert(mv_client_set_helo(&client, mv_bytes_of(helo, sizeof helo - 1)));
    ck_assert(!mv_client_set_helo(&client, mv_bytes_of(helo, sizeof helo)));
    ck_assert_uint_eq(mv_client_helo(&client).len, sizeof helo - 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_attributes, test_commands_add_up, test_fields, test_helo_limit};

    return unit_run("lmtp_client", tests, sizeof tests / sizeof tests[0]);
}
