/* Rows that become one report or several: ids, sizes, order, faults; and gzip, which holds back no more than it says. */
#include <string.h>
#include <zlib.h>

#include "core/report/gunzip.h"
#include "core/report/gzip.h"
#include "core/report/intake.h"
#include "core/report/report_build.h"
#include "core/report/report_mail.h"
#include "tests/unit/report_made.h"
#include "tests/unit/unit.h"

#define MAX_BYTES (256 * 1024 * 1024)
#define FROM_SECS 1795305600

static const uint8_t random_bytes[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};

struct seen {
    unsigned pieces;
    uint64_t records, messages, of_piece;
    uint64_t next_count; /* rows are numbered by their counts */
    size_t largest_gzip, largest_xml;
    struct mv_buf ids;
    enum mv_code answer;
};

static enum mv_code begin_item(void *to, const struct mv_intake_item *item)
{
    (void)to;
    ck_assert_int_eq(item->kind, MV_REPORT_AGGREGATE);
    return MV_OK;
}

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    struct seen *seen = to;

    mv_buf_put(&seen->ids, head->report_id);
    mv_buf_putc(&seen->ids, '\n');
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct seen *seen = to;

    (void)head;
    ck_assert_uint_eq(record->count, ++seen->next_count);
    seen->records++;
    seen->of_piece++;
    seen->messages += record->count;
    return MV_OK;
}

static enum mv_code end_item(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    (void)to;
    (void)item;
    (void)totals;
    ck_assert_msg(fault->code == MV_OK, "%s", fault->text);
    return MV_OK;
}

/* RFC 1952 2.3.1: the last four bytes. */
static size_t xml_bytes(struct mv_bytes gzip)
{
    const unsigned char *end = gzip.data + gzip.len;

    return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
}

/* By our own reader, with all its limits. */
static enum mv_code take_piece(void *to, const struct mv_report_piece *piece)
{
    struct seen *seen = to;
    struct mv_intake_sink sink = {.begin = begin_item, .head = take_head, .record = take_record, .end = end_item,
                                  .to = seen};
    struct mv_intake *intake = mv_intake_new(&sink);
    uint64_t messages = seen->messages;

    ck_assert_uint_eq(piece->number, ++seen->pieces);
    ck_assert_uint_eq(piece->report_id.len, MV_REPORT_ID_BYTES);
    seen->of_piece = 0;
    ck_assert_int_eq(mv_intake_feed(intake, piece->gzip), MV_OK);
    ck_assert_int_eq(mv_intake_end(intake), MV_OK);
    mv_intake_free(&intake);
    ck_assert_uint_eq(piece->records, seen->of_piece);
    ck_assert_uint_eq(piece->messages, seen->messages - messages);
    seen->largest_gzip = piece->gzip.len > seen->largest_gzip ? piece->gzip.len : seen->largest_gzip;
    if (xml_bytes(piece->gzip) > seen->largest_xml)
        seen->largest_xml = xml_bytes(piece->gzip);
    mv_buf_puts(&seen->ids, piece->more ? "more\n" : "");
    return seen->answer;
}

static struct mv_aggregate_head plain_head(void)
{
    return (struct mv_aggregate_head){.org_name = MV_BYTES("R"), .email = MV_BYTES("a@r.example"),
                                      .begin_secs = FROM_SECS, .end_secs = FROM_SECS + 86399,
                                      .policy = {.domain = MV_BYTES("example.com")}};
}

static struct mv_report_build *open_build(size_t max_gzip_bytes, struct seen *seen)
{
    static struct mv_aggregate_head head;
    struct mv_report_build_sink sink = {take_piece, seen};
    struct mv_report_build *build;

    head = plain_head();
    memset(seen, 0, sizeof *seen);
    mv_buf_init(&seen->ids, MAX_BYTES);
    ck_assert_int_eq(mv_report_build_new(&head, random_bytes, max_gzip_bytes, &sink, &build), MV_OK);
    return build;
}

/* A name that no compressor makes smaller, of len letters. */
static struct mv_bytes noise(struct made_source *source, unsigned char *room, size_t len)
{
    for (size_t i = 0; i < len; i++)
        room[i] = (unsigned char)"abcdefghijklmnopqrstuvwxyz012345"[made_draw(source, 32)];
    return mv_bytes_of(room, len);
}

/* Rows of noise: each of the given number of signatures. */
static void add_rows(struct mv_report_build *build, uint64_t rows, size_t signatures)
{
    static struct mv_aggregate_record record;
    static unsigned char names[MV_AGGREGATE_MAX_DKIM][64];
    struct made_source source = {{NULL, 0}, 7};

    for (uint64_t i = 1; i <= rows; i++) {
        record = (struct mv_aggregate_record){.source = {MV_IP_V4, {10, (unsigned char)(i >> 16), (unsigned char)(i >> 8),
                                                                    (unsigned char)i}},
                                              .count = i, .header_from = MV_BYTES("example.com"),
                                              .dkim_count = signatures};
        for (size_t k = 0; k < signatures; k++)
            record.dkim[k] = (struct mv_aggregate_dkim){.domain = noise(&source, names[k], 60),
                                                        .result = MV_REPORT_AUTH_FAIL};
        ck_assert_int_eq(mv_report_build_record(build, &record), MV_OK);
    }
}

START_TEST(test_no_rows)
{
    struct seen seen;
    struct mv_report_build *build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);

    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.pieces, 0);
    mv_report_build_free(&build);
    ck_assert_ptr_null(build);
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

START_TEST(test_one_piece)
{
    struct seen seen;
    struct mv_report_build *build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);

    add_rows(build, 1000, 2);
    ck_assert_uint_eq(seen.pieces, 0);
    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.pieces, 1);
    ck_assert_uint_eq(seen.messages, 1000 * 1001 / 2);
    ck_assert_str_eq(mv_buf_cstr(&seen.ids), "20261122777777777776\n");
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

/* The ids count on: two with the same eight bytes are the same, one after the other. */
START_TEST(test_many_pieces)
{
    struct seen seen;
    struct mv_report_build *build = open_build(MV_REPORT_MIN_GZIP_BYTES, &seen);

    add_rows(build, 12000, 4);
    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.records, 12000);
    ck_assert_uint_ge(seen.pieces, 4);
    ck_assert_uint_le(seen.largest_gzip, MV_REPORT_MIN_GZIP_BYTES);
    ck_assert_uint_ge(seen.largest_gzip, MV_REPORT_MIN_GZIP_BYTES / 2 - 4096);
    ck_assert(mv_bytes_has_prefix_nocase(
        mv_buf_bytes(&seen.ids), MV_BYTES("20261122777777777776\nmore\n20261122777777777777\nmore\n"
                                          "20261122aaaaaaaaaaaa\nmore\n20261122aaaaaaaaaaab\n")));
    ck_assert(mv_bytes_has_suffix_nocase(mv_buf_bytes(&seen.ids), MV_BYTES("\n")));
    ck_assert(!mv_bytes_has_suffix_nocase(mv_buf_bytes(&seen.ids), MV_BYTES("more\n")));
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

/* A stranger signs with a hundred keys of one name: gzip makes nothing of it, and readers think of a bomb. */
START_TEST(test_too_compressible)
{
    static struct mv_aggregate_record record;
    struct seen seen;
    struct mv_report_build *build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);
    unsigned char letters[253];

    memset(letters, 'x', sizeof letters);
    record = (struct mv_aggregate_record){.source = {MV_IP_V4, {10, 0, 0, 1}}, .header_from = MV_BYTES("example.com"),
                                          .dkim_count = MV_AGGREGATE_MAX_DKIM};
    for (size_t i = 0; i < MV_AGGREGATE_MAX_DKIM; i++)
        record.dkim[i] = (struct mv_aggregate_dkim){mv_bytes_of(letters, 253), mv_bytes_of(letters, 253),
                                                    MV_REPORT_AUTH_FAIL, MV_BYTES("")};
    for (uint64_t i = 1; i <= 400; i++) {
        record.count = i;
        ck_assert_int_eq(mv_report_build_record(build, &record), MV_OK);
    }
    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.records, 400);
    ck_assert_uint_ge(seen.pieces, 2);
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

/* Many small rows: others stop at so much XML, long before the mail is too large. */
START_TEST(test_much_xml)
{
    struct seen seen;
    struct mv_report_build *build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);

    add_rows(build, 130000, 1);
    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.records, 130000);
    ck_assert_uint_ge(seen.pieces, 2);
    ck_assert_uint_le(seen.largest_xml, MV_REPORT_MAX_XML_BYTES + sizeof "</feedback>\n");
    ck_assert_uint_ge(seen.largest_xml, MV_REPORT_MAX_XML_BYTES - 4096);
    ck_assert_uint_lt(seen.largest_gzip, MV_REPORT_MAX_GZIP_BYTES * 3 / 4);
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

START_TEST(test_faults)
{
    struct seen seen;
    struct mv_aggregate_head head = plain_head();
    struct mv_report_build_sink sink = {take_piece, &seen};
    static struct mv_aggregate_record empty;
    struct mv_report_build *build;

    ck_assert_int_eq(mv_report_build_new(&head, random_bytes, MV_REPORT_MIN_GZIP_BYTES - 1, &sink, &build),
                     MV_ERR_USAGE);
    ck_assert_ptr_null(build);
    head.org_name = MV_BYTES("");
    ck_assert_int_eq(mv_report_build_new(&head, random_bytes, MV_REPORT_MIN_GZIP_BYTES, &sink, &build), MV_ERR_USAGE);
    ck_assert_ptr_null(build);

    /* A row that cannot be said is left out. */
    build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);
    ck_assert_int_eq(mv_report_build_record(build, &empty), MV_ERR_USAGE);
    ck_assert_int_eq(mv_report_build_end(build), MV_OK);
    ck_assert_uint_eq(seen.pieces, 0);
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);

    build = open_build(MV_REPORT_MAX_GZIP_BYTES, &seen);
    ck_assert_int_eq(mv_report_build_record(build, &empty), MV_ERR_USAGE);
    add_rows(build, 1, 0);
    ck_assert_int_eq(mv_report_build_record(build, &empty), MV_ERR_USAGE);
    seen.answer = MV_ERR_IO;
    ck_assert_int_eq(mv_report_build_end(build), MV_ERR_IO);
    ck_assert_int_eq(mv_report_build_end(build), MV_ERR_IO);
    ck_assert_int_eq(mv_report_build_record(build, &empty), MV_ERR_IO);
    ck_assert_uint_eq(seen.pieces, 1);
    ck_assert_uint_eq(seen.records, 1);
    mv_report_build_free(&build);
    mv_buf_free(&seen.ids);
}
END_TEST

static enum mv_code collect(void *to, struct mv_bytes bytes)
{
    mv_buf_put(to, bytes);
    return MV_OK;
}

static void check_gunzip(struct mv_bytes packed, struct mv_bytes expected)
{
    struct mv_buf out;
    struct mv_flow flow = {collect, &out};
    struct mv_gunzip *gunzip = mv_gunzip_new(&flow);
    struct mv_error error = {MV_OK, ""};

    mv_buf_init(&out, MAX_BYTES);
    ck_assert_msg(mv_gunzip_feed(gunzip, packed, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_gunzip_end(gunzip, &error) == MV_OK, "%s", error.text);
    ck_assert(mv_bytes_equal(mv_buf_bytes(&out), expected));
    mv_gunzip_free(&gunzip);
    mv_buf_free(&out);
}

/* Noise, zeros and text in pieces of any size: whole again, and never more to come than was said. */
START_TEST(test_gzip)
{
    static const size_t sizes[] = {0, 1, 1000, 65536, 300000, 3000000};
    struct mv_gzip *gzip = mv_gzip_new();
    struct mv_buf bytes, packed;

    ck_assert_ptr_nonnull(gzip);
    mv_buf_init(&bytes, MAX_BYTES);
    mv_buf_init(&packed, MAX_BYTES);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes * 3; i++) {
        struct made_source source = {{NULL, 0}, i};
        size_t kind = i % 3, size = sizes[i / 3], before, rest;

        mv_buf_reset(&bytes);
        mv_buf_reset(&packed);
        mv_gzip_reset(gzip);
        while (bytes.len < size)
            mv_buf_putc(&bytes, (unsigned char)(kind == 0 ? made_draw(&source, 256) : kind == 1 ? 0 : bytes.len % 251 / 9));
        for (size_t at = 0; at < size;) {
            size_t to = at + 1 + made_draw(&source, 70000);

            ck_assert_int_eq(mv_gzip_feed(gzip, mv_bytes_slice(mv_buf_bytes(&bytes), at, to), &packed), MV_OK);
            at = to;
        }
        before = packed.len;
        rest = mv_gzip_rest_bytes(gzip);
        ck_assert_int_eq(mv_gzip_end(gzip, &packed), MV_OK);
        ck_assert_uint_le(packed.len - before, rest);
        check_gunzip(mv_buf_bytes(&packed), mv_buf_bytes(&bytes));
    }
    mv_gzip_free(&gzip);
    mv_gzip_free(&gzip);
    mv_buf_free(&bytes);
    mv_buf_free(&packed);
}
END_TEST

START_TEST(test_gzip_full_buffer)
{
    struct mv_gzip *gzip = mv_gzip_new();
    struct mv_buf packed;

    mv_buf_init(&packed, 15);
    ck_assert_int_eq(mv_gzip_feed(gzip, MV_BYTES("abc"), &packed), MV_OK);
    ck_assert_int_eq(mv_gzip_end(gzip, &packed), MV_ERR_MEMORY);
    ck_assert_int_eq(mv_gzip_feed(gzip, MV_BYTES("abc"), &packed), MV_ERR_USAGE); /* behind the end */
    mv_gzip_free(&gzip);
    mv_buf_free(&packed);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {test_no_rows, test_one_piece, test_many_pieces, test_too_compressible, test_much_xml,
                            test_faults,
                            test_gzip, test_gzip_full_buffer};

    return unit_run("report_build", tests, sizeof tests / sizeof *tests);
}
