/* [server] received_by: whose Received fields are believed. */
#include "core/config/received_by.h"

#include "tests/unit/unit.h"

static const struct {
    const char *name;
    const char *received_by; /* the setting */
    const char *value;
    const char *ip; /* "": not ours, or not readable */
} rows[] = {
    {"ours", "mx.example.org", " from a ([192.0.2.1]) by mx.example.org with esmtp", "192.0.2.1"},
    {"another case", "MX.example.org", " from a ([192.0.2.1]) by mx.EXAMPLE.org with esmtp", "192.0.2.1"},
    {"one of several", "mx1.example.org, mx2.example.org", " from a ([192.0.2.1]) by mx2.example.org;", "192.0.2.1"},
    {"below", ".example.org", " from a ([192.0.2.1]) by mx.in.example.org;", "192.0.2.1"},
    {"the name itself", ".example.org", " from a ([192.0.2.1]) by example.org;", "192.0.2.1"},
    {"nobody's", "", " from a ([192.0.2.1]) by mx.example.org;", ""},
    {"another's", "mx.example.org", " from a ([192.0.2.1]) by mx.example.com;", ""},
    {"below, without the dot", "example.org", " from a ([192.0.2.1]) by mx.example.org;", ""},
    {"above", ".in.example.org", " from a ([192.0.2.1]) by example.org;", ""},
    {"same end of a label", ".example.org", " from a ([192.0.2.1]) by mx.badexample.org;", ""},
    {"same end of the name", ".example.org", " from a ([192.0.2.1]) by badexample.org;", ""},
    {"ours in a comment", "mx.example.org", " from a ([192.0.2.1]) by mx.example.com (mx.example.org);", ""},
    {"ours said by the client", "mx.example.org", " from mx.example.org ([192.0.2.1]) by mx.example.com;", ""},
    {"cannot be read", "mx.example.org", " from a (b) by mx.example.org;", ""},
    {"nothing", "mx.example.org", "", ""},
};

static void check_row(size_t i)
{
    struct mv_buf text = {.max_bytes = 1000}, out = {.max_bytes = 64};
    struct mv_config *config;
    struct mv_received received;
    struct mv_error error;
    bool ours;

    mv_buf_printf(&text, "[server]\nreceived_by = %s\n", rows[i].received_by);
    ck_assert_msg(mv_config_read_text(mv_buf_bytes(&text), "test", &config, &error) == MV_OK, "%s: %s", rows[i].name,
                  error.text);
    ours = mv_received_by_ours(mv_config_settings(config), mv_bytes_str(rows[i].value), &received);
    ck_assert_msg(ours == (rows[i].ip[0] != '\0'), "%s: %d", rows[i].name, ours);
    if (ours)
        mv_ip_print(&received.ip, &out);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&out), mv_bytes_str(rows[i].ip)), "%s: address", rows[i].name);
    mv_config_free(&config);
    mv_buf_free(&text);
    mv_buf_free(&out);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(i);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows};

    return unit_run("received_by", tests, sizeof tests / sizeof tests[0]);
}
