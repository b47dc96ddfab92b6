#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "core/report/intake.h"
#include "core/report/store.h"
#include "tests/bench/bench.h"

#define RECORDS 100000
#define PIECE_BYTES 16384

static struct mv_buf xml, packed;

/* As large reporters write it: two spaces for each level, 1.1 kB for each record. */
static void put_record(unsigned i)
{
    mv_buf_printf(&xml,
                  "  <record>\n    <row>\n      <source_ip>192.0.%u.%u</source_ip>\n      <count>%u</count>\n"
                  "      <policy_evaluated>\n        <disposition>none</disposition>\n        <dkim>%s</dkim>\n"
                  "        <spf>fail</spf>\n      </policy_evaluated>\n    </row>\n    <identifiers>\n"
                  "      <header_from>example.com</header_from>\n      <envelope_from>bounce%u.example.net</envelope_from>\n"
                  "    </identifiers>\n    <auth_results>\n      <dkim>\n        <domain>example.com</domain>\n"
                  "        <result>%s</result>\n        <selector>s%u</selector>\n      </dkim>\n      <dkim>\n"
                  "        <domain>mailer.example.net</domain>\n        <result>pass</result>\n"
                  "        <selector>k1</selector>\n      </dkim>\n      <spf>\n"
                  "        <domain>bounce%u.example.net</domain>\n        <result>pass</result>\n      </spf>\n"
                  "    </auth_results>\n  </record>\n",
                  i >> 8 & 255, i & 255, i % 97 + 1, i % 3 == 0 ? "fail" : "pass", i % 50, i % 3 == 0 ? "fail" : "pass",
                  i % 4, i % 50);
}

static void make_report(void)
{
    z_stream z = {0};

    mv_buf_init(&xml, BENCH_MAX_BYTES);
    mv_buf_init(&packed, BENCH_MAX_BYTES);
    mv_buf_puts(&xml, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<feedback>\n  <report_metadata>\n"
                      "    <org_name>receiver.example</org_name>\n    <report_id>1</report_id>\n    <date_range>\n"
                      "      <begin>1795305600</begin>\n      <end>1795391999</end>\n    </date_range>\n"
                      "  </report_metadata>\n  <policy_published>\n    <domain>example.com</domain>\n    <p>none</p>\n"
                      "  </policy_published>\n");
    for (unsigned i = 0; i < RECORDS; i++)
        put_record(i);
    mv_buf_puts(&xml, "</feedback>\n");
    bench_require(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "no gzip");
    z.next_in = xml.data;
    z.avail_in = (uInt)xml.len;
    z.avail_out = (uInt)compressBound(xml.len) + 64;
    z.next_out = mv_buf_reserve(&packed, z.avail_out);
    bench_require(z.next_out != NULL && deflate(&z, Z_FINISH) == Z_STREAM_END, "no gzip");
    mv_buf_commit(&packed, z.total_out);
    deflateEnd(&z);
}

static void start(void *user, const char *name, const char **attributes)
{
    (void)name;
    (void)attributes;
    ++*(size_t *)user;
}

static void end(void *user, const char *name)
{
    (void)name;
    ++*(size_t *)user;
}

static void text(void *user, const char *data, int len)
{
    (void)data;
    *(size_t *)user += (size_t)len;
}

/* The floor: the same bytes through expat, to handlers that do nothing. */
static void run_expat(void *context)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    size_t seen = 0;

    (void)context;
    XML_SetUserData(parser, &seen);
    XML_SetElementHandler(parser, start, end);
    XML_SetCharacterDataHandler(parser, text);
    for (size_t at = 0; at < xml.len; at += PIECE_BYTES) {
        struct mv_bytes piece = mv_bytes_slice(mv_buf_bytes(&xml), at, at + PIECE_BYTES);

        bench_require(XML_Parse(parser, (const char *)piece.data, (int)piece.len, at + PIECE_BYTES >= xml.len) ==
                          XML_STATUS_OK, "expat");
    }
    bench_require(seen > RECORDS, "expat saw nothing");
    XML_ParserFree(parser);
}

struct rows {
    struct mv_report_store *store; /* NULL: they are counted alone */
    uint64_t count;
};

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    struct rows *rows = to;
    enum mv_store_state state;
    struct mv_error error;

    return rows->store == NULL ? MV_OK : mv_report_store_add(rows->store, MV_REPORT_AGGREGATE, head, &state, &error);
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct rows *rows = to;
    struct mv_error error;

    (void)head;
    rows->count++;
    return rows->store == NULL ? MV_OK : mv_report_store_record(rows->store, record, &error);
}

static enum mv_code begin_item(void *to, const struct mv_intake_item *item)
{
    (void)to;
    (void)item;
    return MV_OK;
}

static enum mv_code end_item(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    struct rows *rows = to;
    struct mv_error error;

    (void)item;
    (void)totals;
    bench_require(fault->code == MV_OK, fault->text);
    return rows->store == NULL ? MV_OK : mv_report_store_end_report(rows->store, MV_STORE_KEEP, 0, &error);
}

static void read_all(struct mv_bytes bytes, struct rows *rows)
{
    struct mv_intake_sink sink = {.begin = begin_item, .head = take_head, .record = take_record, .end = end_item,
                                  .to = rows};
    struct mv_intake *intake = mv_intake_new(&sink);

    for (size_t at = 0; at < bytes.len; at += PIECE_BYTES)
        bench_require(mv_intake_feed(intake, mv_bytes_slice(bytes, at, at + PIECE_BYTES)) == MV_OK, "feed");
    bench_require(mv_intake_end(intake) == MV_OK && rows->count == RECORDS, "rows are missing");
    mv_intake_free(&intake);
}

static void run_parse(void *context)
{
    struct rows rows = {.store = NULL};

    (void)context;
    read_all(mv_buf_bytes(&xml), &rows);
}

static void run_unpack(void *context)
{
    struct rows rows = {.store = NULL};

    (void)context;
    read_all(mv_buf_bytes(&packed), &rows);
}

/* A new store each time, in a file without a name. */
static void run_store(void *context)
{
    struct mv_report_sender sender = {.trust = MV_TRUST_MAIL};
    struct rows rows = {.store = NULL};
    enum mv_store_state state;
    struct mv_error error;

    (void)context;
    bench_require(mv_report_store_open("", MV_STORE_WRITE, &rows.store, &error) == MV_OK, error.text);
    bench_require(mv_report_store_begin(rows.store, 0, &error) == MV_OK, error.text);
    read_all(mv_buf_bytes(&packed), &rows);
    bench_require(mv_report_store_commit(rows.store, &sender, &state, 1, &error) == MV_OK, error.text);
    mv_report_store_close(&rows.store);
}

void bench_report(void)
{
    static const char *const names[] = {"expat alone", "XML to records", "gzip to records", "gzip to stored rows"};
    const struct bench_side sides[] = {{run_expat, NULL}, {run_parse, NULL}, {run_unpack, NULL}, {run_store, NULL}};
    struct bench_time times[4];

    make_report();
    bench_compare(sides, 4, times);
    printf("\nReports: %u records, %zu bytes of XML, %zu in gzip. Beside expat alone on the same bytes.\n\n", RECORDS,
           xml.len, packed.len);
    for (size_t i = 0; i < 4; i++)
        printf("%-20s %5.2f of expat, %9.0f records/s\n", names[i], times[i].fraction, RECORDS / times[i].secs);
    mv_buf_free(&xml);
    mv_buf_free(&packed);
}
