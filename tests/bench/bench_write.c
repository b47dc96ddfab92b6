#include <stdio.h>
#include <zlib.h>

#include "core/report/aggregate_write.h"
#include "core/report/report_build.h"
#include "tests/bench/bench.h"

#define RECORDS 100000

static struct mv_buf text, packed;
static size_t pieces;

static struct mv_aggregate_head head_of_all(void)
{
    return (struct mv_aggregate_head){.org_name = MV_BYTES("Receiver"), .email = MV_BYTES("dmarc@receiver.example"),
                                      .report_id = MV_BYTES("1"), .begin_secs = 1795305600, .end_secs = 1795391999,
                                      .policy = {.domain = MV_BYTES("example.com"), .p = MV_REPORT_P_REJECT}};
}

/* Two signatures and SPF; addresses, counts, results and names differ as they do where much mail comes in. */
static void make_record(unsigned i, struct mv_aggregate_record *record)
{
    static const char *const bounces[] = {"bounce1.example.net", "b.example.org", "example.com", "mail7.sender.example"};
    static const char *const selectors[] = {"s1", "s2", "2026q4", "k1"};
    unsigned hash = i * 2654435761u;
    bool passes = i % 3 > 0;

    record->source = (struct mv_ip){MV_IP_V4, {(unsigned char)(hash >> 24), (unsigned char)(hash >> 16),
                                               (unsigned char)(i >> 8), (unsigned char)i}};
    record->count = hash % 97 + 1;
    record->disposition = passes ? MV_REPORT_DISPOSITION_PASS : MV_REPORT_DISPOSITION_REJECT;
    record->dkim_aligned = passes ? MV_REPORT_ALIGNED_PASS : MV_REPORT_ALIGNED_FAIL;
    record->spf_aligned = MV_REPORT_ALIGNED_FAIL;
    record->header_from = MV_BYTES("example.com");
    record->has_envelope_from = true;
    record->envelope_from = mv_bytes_str(bounces[hash >> 9 & 3]);
    record->dkim_count = 2;
    record->dkim[0] = (struct mv_aggregate_dkim){MV_BYTES("example.com"), mv_bytes_str(selectors[hash >> 13 & 3]),
                                                 passes ? MV_REPORT_AUTH_PASS : MV_REPORT_AUTH_FAIL, MV_BYTES("")};
    record->dkim[1] = (struct mv_aggregate_dkim){MV_BYTES("mailer.example.net"), MV_BYTES("k1"), MV_REPORT_AUTH_PASS,
                                                 MV_BYTES("")};
    record->has_spf = true;
    record->spf = (struct mv_aggregate_spf){record->envelope_from, MV_REPORT_MFROM, MV_REPORT_AUTH_PASS, MV_BYTES("")};
}

static void run_write(void *context)
{
    static struct mv_aggregate_record record;
    struct mv_aggregate_head head = head_of_all();

    (void)context;
    mv_buf_reset(&text);
    bench_require(mv_aggregate_write_begin(&head, &text) == MV_OK, "head");
    for (unsigned i = 0; i < RECORDS; i++) {
        make_record(i, &record);
        bench_require(mv_aggregate_write_record(&record, &text) == MV_OK, "record");
    }
    bench_require(mv_aggregate_write_end(&text) == MV_OK, "end");
}

/* The floor: the same bytes through zlib at once. */
static void run_zlib(void *context)
{
    z_stream z = {0};

    (void)context;
    mv_buf_reset(&packed);
    bench_require(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
    z.next_in = text.data;
    z.avail_in = (uInt)text.len;
    z.avail_out = (uInt)compressBound(text.len) + 64;
    z.next_out = mv_buf_reserve(&packed, z.avail_out);
    bench_require(z.next_out != NULL && deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib");
    mv_buf_commit(&packed, z.total_out);
    deflateEnd(&z);
}

static enum mv_code take_piece(void *to, const struct mv_report_piece *piece)
{
    *(uint64_t *)to += piece->records;
    pieces = piece->number;
    return MV_OK;
}

static void run_build(void *context)
{
    static struct mv_aggregate_record record;
    static const uint8_t random[8] = {1};
    struct mv_aggregate_head head = head_of_all();
    uint64_t records = 0;
    struct mv_report_build_sink sink = {take_piece, &records};
    struct mv_report_build *build;

    (void)context;
    bench_require(mv_report_build_new(&head, random, MV_REPORT_MAX_GZIP_BYTES, &sink, &build) == MV_OK, "build");
    for (unsigned i = 0; i < RECORDS; i++) {
        make_record(i, &record);
        bench_require(mv_report_build_record(build, &record) == MV_OK, "record");
    }
    bench_require(mv_report_build_end(build) == MV_OK && records == RECORDS, "rows are missing");
    mv_report_build_free(&build);
}

void bench_write(void)
{
    static const char *const names[] = {"zlib alone", "records to XML", "records to gzip"};
    const struct bench_side sides[] = {{run_zlib, NULL}, {run_write, NULL}, {run_build, NULL}};
    struct bench_time times[3];

    mv_buf_init(&text, BENCH_MAX_BYTES);
    mv_buf_init(&packed, BENCH_MAX_BYTES);
    run_write(NULL);
    bench_compare(sides, 3, times);
    printf("\nReports that are written: %u records, %zu bytes of XML, %zu in gzip, in %zu reports. Beside zlib alone on the "
           "same bytes.\n\n", RECORDS, text.len, packed.len, pieces);
    for (size_t i = 0; i < 3; i++)
        printf("%-20s %5.2f of zlib, %9.0f records/s\n", names[i], times[i].fraction, RECORDS / times[i].secs);
    mv_buf_free(&text);
    mv_buf_free(&packed);
}
