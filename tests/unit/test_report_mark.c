/* Which messages are reports, so that nobody reports on reports for ever. */
#include "core/auth/report_mark.h"

#include "tests/unit/unit.h"

static const struct row {
    const char *field;
    bool is_report;
} rows[] = {
    {"Subject: Report Domain: example.com Submitter: mx.example Report-ID: <1>\r\n", true},
    {"Subject: Report domain: example.com\r\n", true}, /* as it is seen */
    {"subject:Report\r\n Domain: example.com\r\n", true},
    {"Subject:\r\n Report Domain: example.com\r\n", true},
    {"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n", true},
    {"Content-Type: Multipart/Report; boundary=b;\r\n report-type=\"feedback-report\"\r\n", true},
    {"Subject: =?UTF-8?B?UmVwb3J0IERvbWFpbjogZXhhbXBsZS5jb20gU3VibWl0dGVyOiBteC5l?=\r\n =?UTF-8?B?eGFtcGxl?=\r\n", true},
    {"Subject: =?us-ascii?q?Report_Domain:_example.com?= Submitter: mx.example\r\n", true},
    {"Subject:\r\n =?utf-8*en?Q?Report=20Domain=3a?=\r\n", true},
    {"Subject: =?utf-8?Q?Report?= Domain: x\r\n", false},
    {"Subject: =?utf-8?Q?Re:_Report_Domain:?=\r\n", false},
    {"Subject: =?utf-8?Q?Report_Domain=3?=\r\n", false},
    {"Subject: =?utf-8?Q?Report_Domain=\r\n", false},
    {"Subject: =?utf-8?B?UmVwb3J0IERvbWFpbj\r\n", false},
    {"Subject: =?utf-8?B?***?=\r\n", false},
    {"Subject: =?utf-8?X?Report Domain:?=\r\n", false},
    {"Subject: =?\r\n", false},
    {"Subject: =???Report Domain:\r\n", false},
    {"Subject: Re: Report Domain: example.com\r\n", false},
    {"Subject: Report Domains: all\r\n", false},
    {"Subject: ReportDomain\r\n", false},
    {"Subject:\r\n", false},
    {"X-Subject: Report Domain: example.com\r\n", false},
    {"Content-Type: multipart/report; report-type=delivery-status\r\n", false},
    {"Content-Type: multipart/mixed; report-type=feedback-report\r\n", false},
    {"Report Domain: example.com\r\n", false},
};

START_TEST(marks)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_field fields[2] = {mv_field_split(MV_BYTES("From: a@example.com\r\n")),
                                     mv_field_split(mv_bytes_str(rows[i].field))};

        ck_assert_msg(mv_fields_mark_report(fields, 2) == rows[i].is_report, "%s", rows[i].field);
    }
    ck_assert(!mv_fields_mark_report(NULL, 0));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {marks};

    return unit_run("report_mark", tests, sizeof tests / sizeof *tests);
}
