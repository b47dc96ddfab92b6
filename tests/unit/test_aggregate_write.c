/* Aggregate reports as they are written: word for word, what is refused, and read back to the same rows. */
#include <string.h>

#include "core/mailvouch.h"
#include "tests/unit/report_made.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (64 * 1024 * 1024)
#define MADE_REPORTS 300

static struct mv_aggregate_head plain_head(void)
{
    return (struct mv_aggregate_head){
        .org_name = MV_BYTES("Receiver & Sons"),
        .email = MV_BYTES("dmarc@r.example"),
        .report_id = MV_BYTES("20261122abcdefghijkl"),
        .begin_secs = 1795305600,
        .end_secs = 1795391999,
        .policy = {.domain = MV_BYTES("Example.com."), .p = MV_REPORT_P_REJECT, .np = MV_REPORT_P_NONE,
                   .aspf = MV_REPORT_STRICT, .discovery = MV_REPORT_TREEWALK, .testing = MV_REPORT_YES},
    };
}

static struct mv_aggregate_record plain_record(void)
{
    struct mv_aggregate_record record = {
        .source = {MV_IP_V4, {192, 0, 2, 10}},
        .count = 412,
        .disposition = MV_REPORT_DISPOSITION_NONE,
        .dkim_aligned = MV_REPORT_ALIGNED_FAIL,
        .spf_aligned = MV_REPORT_ALIGNED_FAIL,
        .header_from = MV_BYTES("example.com"),
        .has_envelope_from = true,
        .reason_count = 2,
        .dkim_count = 1,
        .has_spf = true,
        .spf = {MV_BYTES("mail.example.net"), MV_REPORT_MFROM, MV_REPORT_AUTH_SOFTFAIL, MV_BYTES("")},
    };

    record.reasons[0] = (struct mv_aggregate_reason){MV_REPORT_POLICY_TEST_MODE, MV_BYTES("")};
    record.reasons[1] = (struct mv_aggregate_reason){MV_REPORT_FORWARDED, MV_BYTES("a <list>\n")};
    record.dkim[0] = (struct mv_aggregate_dkim){MV_BYTES("example.net"), MV_BYTES("S1"), MV_REPORT_AUTH_PASS,
                                                MV_BYTES("\xff]]>")};
    return record;
}

START_TEST(test_word_for_word)
{
    static const char before[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
        "  <version>1.0</version>\n"
        "  <report_metadata>\n"
        "    <org_name>Receiver &amp; Sons</org_name>\n"
        "    <email>dmarc@r.example</email>\n"
        "    <report_id>20261122abcdefghijkl</report_id>\n"
        "    <date_range>\n"
        "      <begin>1795305600</begin>\n"
        "      <end>1795391999</end>\n"
        "    </date_range>\n"
        "    <generator>mailvouch/";
    static const char behind[] =
        "</generator>\n"
        "  </report_metadata>\n"
        "  <policy_published>\n"
        "    <domain>example.com</domain>\n"
        "    <discovery_method>treewalk</discovery_method>\n"
        "    <p>reject</p>\n"
        "    <np>none</np>\n"
        "    <fo>0</fo>\n"
        "    <adkim>r</adkim>\n"
        "    <aspf>s</aspf>\n"
        "    <testing>y</testing>\n"
        "  </policy_published>\n"
        "  <record>\n"
        "    <row>\n"
        "      <source_ip>192.0.2.10</source_ip>\n"
        "      <count>412</count>\n"
        "      <policy_evaluated>\n"
        "        <disposition>none</disposition>\n"
        "        <dkim>fail</dkim>\n"
        "        <spf>fail</spf>\n"
        "        <reason>\n"
        "          <type>policy_test_mode</type>\n"
        "        </reason>\n"
        "        <reason>\n"
        "          <type>other</type>\n"
        "          <comment>forwarded: a &lt;list&gt;</comment>\n"
        "        </reason>\n"
        "      </policy_evaluated>\n"
        "    </row>\n"
        "    <identifiers>\n"
        "      <header_from>example.com</header_from>\n"
        "      <envelope_from></envelope_from>\n"
        "    </identifiers>\n"
        "    <auth_results>\n"
        "      <dkim>\n"
        "        <domain>example.net</domain>\n"
        "        <selector>s1</selector>\n"
        "        <result>pass</result>\n"
        "        <human_result>?]]&gt;</human_result>\n"
        "      </dkim>\n"
        "      <spf>\n"
        "        <domain>mail.example.net</domain>\n"
        "        <scope>mfrom</scope>\n"
        "        <result>softfail</result>\n"
        "      </spf>\n"
        "    </auth_results>\n"
        "  </record>\n"
        "</feedback>\n";
    struct mv_aggregate_head head = plain_head();
    struct mv_aggregate_record record = plain_record();
    struct mv_buf out, expected;

    mv_buf_init(&out, MAX_BYTES);
    mv_buf_init(&expected, MAX_BYTES);
    ck_assert_int_eq(mv_aggregate_write_begin(&head, &out), MV_OK);
    ck_assert_int_eq(mv_aggregate_write_record(&record, &out), MV_OK);
    ck_assert_int_eq(mv_aggregate_write_end(&out), MV_OK);
    mv_buf_printf(&expected, "%s%s%s", before, mv_engine_version(), behind);
    ck_assert_str_eq(mv_buf_cstr(&out), mv_buf_cstr(&expected));
    mv_buf_free(&out);
    mv_buf_free(&expected);
}
END_TEST

START_TEST(test_heads_refused)
{
    static const struct {
        const char *name, *org_name, *email, *report_id, *domain;
        int64_t begin_secs, end_secs;
        enum mv_code code;
    } rows[] = {
        {"taken", "R", "a@r", "1", "d", 1, 2, MV_OK},
        {"a moment", "R", "a@r", "1", "d", 1, 1, MV_OK},
        {"an id with an at-sign (RFC 9990 3.5.1)", "R", "a@r", "1.2@r.example", "d", 1, 2, MV_OK},
        {"no name", "", "a@r", "1", "d", 1, 2, MV_ERR_USAGE},
        {"white space alone", " \t", "a@r", "1", "d", 1, 2, MV_ERR_USAGE},
        {"no address", "R", "", "1", "d", 1, 2, MV_ERR_USAGE},
        {"no id", "R", "a@r", "", "d", 1, 2, MV_ERR_USAGE},
        {"an id that ends in a dot", "R", "a@r", "1.", "d", 1, 2, MV_ERR_USAGE},
        {"an id with a space", "R", "a@r", "1 2", "d", 1, 2, MV_ERR_USAGE},
        {"an id with white space behind it", "R", "a@r", "1 ", "d", 1, 2, MV_ERR_USAGE},
        {"an id with a bracket", "R", "a@r", "<1>", "d", 1, 2, MV_ERR_USAGE},
        {"an id with nothing behind its at-sign", "R", "a@r", "1@", "d", 1, 2, MV_ERR_USAGE},
        {"an id with two at-signs", "R", "a@r", "1@2@3", "d", 1, 2, MV_ERR_USAGE},
        {"an id in UTF-8", "R", "a@r", "\xc3\x84", "d", 1, 2, MV_ERR_USAGE},
        {"an id with a line end", "R", "a@r", "1\n2", "d", 1, 2, MV_ERR_USAGE},
        {"no domain", "R", "a@r", "1", "", 1, 2, MV_ERR_USAGE},
        {"a dot for a domain", "R", "a@r", "1", ".", 1, 2, MV_ERR_USAGE},
        {"an end before the begin", "R", "a@r", "1", "d", 2, 1, MV_ERR_USAGE},
        {"before 1970", "R", "a@r", "1", "d", -1, 1, MV_ERR_USAGE},
        {"after 9999", "R", "a@r", "1", "d", 1, INT64_MAX, MV_ERR_USAGE},
    };
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_aggregate_head head = {.org_name = mv_bytes_str(rows[i].org_name), .email = mv_bytes_str(rows[i].email),
                                         .report_id = mv_bytes_str(rows[i].report_id),
                                         .begin_secs = rows[i].begin_secs, .end_secs = rows[i].end_secs,
                                         .policy = {.domain = mv_bytes_str(rows[i].domain)}};

        mv_buf_reset(&out);
        ck_assert_msg(mv_aggregate_write_begin(&head, &out) == rows[i].code, "%s", rows[i].name);
        ck_assert_msg((out.len > 0) == (rows[i].code == MV_OK), "%s: something was written", rows[i].name);
    }
    mv_buf_free(&out);
}
END_TEST

START_TEST(test_records_refused)
{
    static const struct {
        const char *name;
        enum mv_ip_family family;
        uint64_t count;
        const char *header_from;
        enum mv_code code;
    } rows[] = {
        {"taken", MV_IP_V6, 1, "a", MV_OK},
        {"the most messages", MV_IP_V4, MV_AGGREGATE_MAX_COUNT, "a", MV_OK},
        {"no source", MV_IP_NONE, 1, "a", MV_ERR_USAGE},
        {"no message", MV_IP_V4, 0, "a", MV_ERR_USAGE},
        {"more than a reader takes", MV_IP_V4, MV_AGGREGATE_MAX_COUNT + 1, "a", MV_ERR_USAGE},
        {"no From domain", MV_IP_V4, 1, "", MV_ERR_USAGE},
        {"white space and dots for a From domain", MV_IP_V4, 1, " ..", MV_ERR_USAGE},
    };
    struct mv_buf out;

    mv_buf_init(&out, MAX_BYTES);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_aggregate_record record = plain_record();

        record.source.family = rows[i].family;
        record.count = rows[i].count;
        record.header_from = mv_bytes_str(rows[i].header_from);
        mv_buf_reset(&out);
        ck_assert_msg(mv_aggregate_write_record(&record, &out) == rows[i].code, "%s", rows[i].name);
        ck_assert_msg((out.len > 0) == (rows[i].code == MV_OK), "%s: something was written", rows[i].name);
    }
    mv_buf_free(&out);
}
END_TEST

/* The caller hears of it at the next call at the latest. */
START_TEST(test_full_buffer)
{
    struct mv_aggregate_head head = plain_head();
    struct mv_aggregate_record record = plain_record();

    for (size_t room = 0; room < 3000; room += 7) {
        struct mv_buf out;
        bool failed;

        mv_buf_init(&out, room);
        failed = mv_aggregate_write_begin(&head, &out) == MV_ERR_MEMORY;
        ck_assert_int_eq(mv_aggregate_write_record(&record, &out) == MV_ERR_MEMORY, mv_buf_failed(&out));
        ck_assert(!failed || mv_buf_failed(&out));
        ck_assert_int_eq(mv_aggregate_write_end(&out) == MV_ERR_MEMORY, mv_buf_failed(&out));
        mv_buf_free(&out);
    }
}
END_TEST

static enum mv_code read_head(void *to, const struct mv_aggregate_head *head)
{
    ck_assert(mv_bytes_equal(head->version, MV_BYTES("1.0")));
    ck_assert_uint_eq(head->policy.pct.len, 0);
    made_put_head(head, MADE_HELD, to);
    return MV_OK;
}

static enum mv_code read_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    (void)head;
    made_put_record(record, MADE_HELD, to);
    return MV_OK;
}

static void read_back(struct mv_bytes xml, struct mv_buf *out)
{
    struct mv_aggregate_sink sink = {read_head, read_record, out};
    struct mv_aggregate *parser = mv_aggregate_new(&sink);
    const struct mv_aggregate_totals *totals = mv_aggregate_totals(parser);
    struct mv_error error = {MV_OK, ""};

    mv_aggregate_feed(parser, xml, &error);
    ck_assert_msg(mv_aggregate_end(parser, &error) == MV_OK, "%s", error.text);
    for (size_t i = 0; i < MV_NOTE_COUNT; i++)
        ck_assert_msg(i == MV_NOTE_NO_RECORDS || totals->notes[i].count == 0, "line %llu: %s: %s",
                      (unsigned long long)totals->notes[i].first_line, totals->notes[i].element,
                      mv_aggregate_note_text((enum mv_aggregate_note)i));
    mv_aggregate_free(&parser);
}

/* One report of up to six rows, of which those that cannot be said are left out. */
static void write_made(struct made_source *source, struct mv_buf *xml, struct mv_buf *expected)
{
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    static struct mv_aggregate_record record;
    struct mv_aggregate_head head;

    ck_assert(made_head(source, arena, &head));
    ck_assert_int_eq(mv_aggregate_write_begin(&head, xml), MV_OK);
    made_put_head(&head, MADE_SAID, expected);
    for (unsigned i = made_draw(source, 6) + 1; i > 0; i--) {
        bool is_sayable;

        ck_assert(made_record(source, arena, &record));
        is_sayable = made_is_sayable(&record);
        ck_assert_int_eq(mv_aggregate_write_record(&record, xml), is_sayable ? MV_OK : MV_ERR_USAGE);
        if (is_sayable)
            made_put_record(&record, MADE_SAID, expected);
    }
    ck_assert_int_eq(mv_aggregate_write_end(xml), MV_OK);
    mv_arena_free(&arena);
}

START_TEST(test_read_back)
{
    struct mv_buf xml, expected, seen;

    mv_buf_init(&xml, MAX_BYTES);
    mv_buf_init(&expected, MAX_BYTES);
    mv_buf_init(&seen, MAX_BYTES);
    for (uint64_t seed = 1; seed <= MADE_REPORTS; seed++) {
        struct made_source source = {{NULL, 0}, seed};

        mv_buf_reset(&xml);
        mv_buf_reset(&expected);
        mv_buf_reset(&seen);
        write_made(&source, &xml, &expected);
        read_back(mv_buf_bytes(&xml), &seen);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&expected), mv_buf_bytes(&seen)), "seed %llu: expected\n%s\nread\n%s",
                      (unsigned long long)seed, mv_buf_cstr(&expected), mv_buf_cstr(&seen));
    }
    mv_buf_free(&xml);
    mv_buf_free(&expected);
    mv_buf_free(&seen);
}
END_TEST

/* All that a record can hold at once: a reader's limit of texts is not passed. */
START_TEST(test_largest_record)
{
    static struct mv_aggregate_record record;
    struct mv_aggregate_head head = plain_head();
    unsigned char letters[2000];
    struct mv_bytes longest = {letters, sizeof letters};
    struct mv_buf xml, expected, seen;

    memset(letters, 'x', sizeof letters);
    record = plain_record();
    record.header_from = record.envelope_from = record.envelope_to = record.spf.domain = longest;
    record.spf.human_result = longest;
    record.reason_count = MV_AGGREGATE_MAX_REASONS;
    for (size_t i = 0; i < MV_AGGREGATE_MAX_REASONS; i++)
        record.reasons[i] = (struct mv_aggregate_reason){MV_REPORT_SAMPLED_OUT, longest};
    record.dkim_count = MV_AGGREGATE_MAX_DKIM;
    for (size_t i = 0; i < MV_AGGREGATE_MAX_DKIM; i++)
        record.dkim[i] = (struct mv_aggregate_dkim){longest, longest, MV_REPORT_AUTH_TEMPERROR, longest};
    mv_buf_init(&xml, MAX_BYTES);
    mv_buf_init(&expected, MAX_BYTES);
    mv_buf_init(&seen, MAX_BYTES);
    ck_assert_int_eq(mv_aggregate_write_begin(&head, &xml), MV_OK);
    ck_assert_int_eq(mv_aggregate_write_record(&record, &xml), MV_OK);
    ck_assert_int_eq(mv_aggregate_write_end(&xml), MV_OK);
    made_put_head(&head, MADE_SAID, &expected);
    made_put_record(&record, MADE_SAID, &expected);
    read_back(mv_buf_bytes(&xml), &seen);
    ck_assert_str_eq(mv_buf_cstr(&expected), mv_buf_cstr(&seen));
    mv_buf_free(&xml);
    mv_buf_free(&expected);
    mv_buf_free(&seen);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {test_word_for_word, test_heads_refused, test_records_refused, test_full_buffer,
                            test_read_back, test_largest_record};

    return unit_run("aggregate_write", tests, sizeof tests / sizeof *tests);
}
