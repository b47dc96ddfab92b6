/*
 * Aggregate reports of ours for tests/report/write.py to look at.
 *
 * make_reports make DIRECTORY COUNT SEED   N.gz, N.eml, and N.rows: what is to be read in either
 * make_reports rows FILE                   what is read in a file, in the same words; and every note of the reader
 * make_reports again FILE                  the report in a file, as we would have written it
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/report/intake.h"
#include "core/report/report_build.h"
#include "core/report/report_mail.h"
#include "tests/unit/report_made.h"

#define MAX_BYTES (256 * 1024 * 1024)
#define MAX_ROWS 12
#define PIECE_BYTES 5000 /* that a file is read by */

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "make_reports: %s\n", what);
    exit(1);
}

/* A report that is made. */
struct making {
    const char *directory;
    unsigned number, pieces;
    struct made_source source;
    const struct mv_aggregate_head *head;
};

static void write_file(const struct making *making, const char *suffix, struct mv_bytes bytes)
{
    char path[4096];
    FILE *file;

    require(snprintf(path, sizeof path, "%s/%u.%s", making->directory, making->number, suffix) < (int)sizeof path,
            "a long path");
    file = fopen(path, "wbe");
    require(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len && fclose(file) == 0, path);
}

static struct mv_bytes chosen(struct made_source *source, const char *const *of, unsigned count)
{
    return mv_bytes_str(of[made_draw(source, count)]);
}

static void put_mail(struct making *making, const struct mv_report_piece *piece, struct mv_buf *out)
{
    static const char *const domains[] = {
        "example.com", "a.b.example", "xn--bcher-kva.example",
        "a-domain-that-is-as-long-as-nobody-would-want-to-have-it.and-more.and-still-more.and-even-a-little-more.so-"
        "that-two-of-these-are-more.than-a-file-may-be-called.on-linux.example"};
    static const char *const names[] = {"", "Receiver", "Receiver, \"Ltd\"", "\xc3\x84rger & S\xc3\xb6hne GmbH, Abteilung "
                                        "f\xc3\xbcr Rundschreiben aller Art", "\xff\r\nBcc: x@y.example"};
    static const char *const to[] = {"dmarc@example.com", "\"john doe\"@example.com", "a!b%c@example.net"};
    struct made_source *source = &making->source;
    struct mv_buf name;
    struct mv_report_mail mail = {.from = MV_BYTES("dmarc-reports@receiver.example"), .begin_secs = making->head->begin_secs,
                                  .end_secs = making->head->end_secs, .now_secs = making->head->end_secs + 4000,
                                  .report_id = piece->report_id, .records = piece->records,
                                  .messages = piece->messages, .gzip = piece->gzip, .part = made_draw(source, 3)};

    mail.from_name = chosen(source, names, sizeof names / sizeof *names);
    mail.to = chosen(source, to, sizeof to / sizeof *to);
    mail.receiver = chosen(source, domains, sizeof domains / sizeof *domains);
    mail.policy_domain = chosen(source, domains, sizeof domains / sizeof *domains);
    mv_buf_init(&name, MAX_BYTES);
    require(mv_report_file_name(mail.receiver, mail.policy_domain, mail.begin_secs, mail.end_secs, mail.report_id,
                                &name) == MV_OK, "no file name");
    mail.file_name = mv_buf_bytes(&name);
    require(mv_report_mail_print(&mail, out) == MV_OK, "no mail");
    mv_buf_free(&name);
}

static enum mv_code take_piece(void *to, const struct mv_report_piece *piece)
{
    struct making *making = to;
    struct mv_buf out;

    require(making->pieces++ == 0 && !piece->more, "more than one piece");
    write_file(making, "gz", piece->gzip);
    mv_buf_init(&out, MAX_BYTES);
    put_mail(making, piece, &out);
    write_file(making, "eml", mv_buf_bytes(&out));
    mv_buf_free(&out);
    return MV_OK;
}

static void make(struct making *making)
{
    static struct mv_aggregate_record record;
    struct mv_arena *arena = mv_arena_new(MAX_BYTES);
    struct mv_report_build_sink sink = {take_piece, making};
    struct mv_report_build *build;
    struct mv_aggregate_head head;
    uint8_t random[8] = {0};
    char id[MV_REPORT_ID_BYTES + 1];
    unsigned rows = 0;
    struct mv_buf expected;

    memcpy(random, &making->source.seed, sizeof random);
    require(arena != NULL && made_head(&making->source, arena, &head), "no memory");
    making->head = &head;
    making->pieces = 0;
    require(mv_report_build_new(&head, random, MV_REPORT_MAX_GZIP_BYTES, &sink, &build) == MV_OK, "no report");
    mv_buf_init(&expected, MAX_BYTES);
    mv_report_id_make(head.begin_secs, random, id);
    head.report_id = mv_bytes_str(id);
    made_put_head(&head, MADE_SAID, &expected);
    for (unsigned left = made_draw(&making->source, MAX_ROWS); left > 0 || rows == 0; left -= left > 0) {
        require(made_record(&making->source, arena, &record), "no memory");
        if (!made_is_sayable(&record))
            continue;
        require(mv_report_build_record(build, &record) == MV_OK, "no row");
        made_put_record(&record, MADE_SAID, &expected);
        rows++;
    }
    require(mv_report_build_end(build) == MV_OK && making->pieces == 1, "no end");
    write_file(making, "rows", mv_buf_bytes(&expected));
    mv_buf_free(&expected);
    mv_report_build_free(&build);
    mv_arena_free(&arena);
}

/* What a file holds: as text, and as we write it. */
struct reading {
    struct mv_buf rows, xml;
    unsigned reports;
};

static enum mv_code begin_item(void *to, const struct mv_intake_item *item)
{
    struct reading *reading = to;

    require(item->kind == MV_REPORT_AGGREGATE && reading->reports++ == 0, "not one aggregate report");
    return MV_OK;
}

/* Reports that are read need not say what those that are written must. */
static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    struct reading *reading = to;

    made_put_head(head, MADE_HELD, &reading->rows);
    require(mv_aggregate_write_begin(head, &reading->xml) == MV_OK, "a head that cannot be written");
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct reading *reading = to;

    (void)head;
    made_put_record(record, MADE_HELD, &reading->rows);
    require(mv_aggregate_write_record(record, &reading->xml) == MV_OK, "a row that cannot be written");
    return MV_OK;
}

static enum mv_code end_item(void *to, const struct mv_intake_item *item, const struct mv_error *fault,
                             const struct mv_aggregate_totals *totals)
{
    struct reading *reading = to;

    (void)item;
    require(fault->code == MV_OK && totals != NULL, fault->text);
    for (size_t i = 0; i < MV_NOTE_COUNT; i++)
        if (totals->notes[i].count > 0)
            mv_buf_printf(&reading->rows, "note: %s: %s\n", totals->notes[i].element,
                          mv_aggregate_note_text((enum mv_aggregate_note)i));
    return MV_OK;
}

static void read_file(const char *path, struct reading *reading)
{
    struct mv_intake_sink sink = {.begin = begin_item, .head = take_head, .record = take_record, .end = end_item,
                                  .to = reading};
    struct mv_intake *intake = mv_intake_new(&sink);
    unsigned char piece[PIECE_BYTES];
    FILE *file = fopen(path, "rbe");
    size_t len;

    require(file != NULL && intake != NULL, path);
    mv_buf_init(&reading->rows, MAX_BYTES);
    mv_buf_init(&reading->xml, MAX_BYTES);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        require(mv_intake_feed(intake, mv_bytes_of(piece, len)) == MV_OK, "reading");
    require(fclose(file) == 0 && mv_intake_end(intake) == MV_OK && reading->reports == 1, "reading");
    require(mv_aggregate_write_end(&reading->xml) == MV_OK && !mv_buf_failed(&reading->rows), "no memory");
    mv_intake_free(&intake);
}

int main(int argc, char **argv)
{
    struct reading reading = {.reports = 0};

    if (argc == 5 && strcmp(argv[1], "make") == 0) {
        unsigned count = (unsigned)strtoumax(argv[3], NULL, 10);
        struct making making = {.directory = argv[2], .source = {{NULL, 0}, strtoumax(argv[4], NULL, 10)}};

        for (making.number = 0; making.number < count; making.number++)
            make(&making);
        return 0;
    }
    require(argc == 3 && (strcmp(argv[1], "rows") == 0 || strcmp(argv[1], "again") == 0), "see its first lines");
    read_file(argv[2], &reading);
    fputs(mv_buf_cstr(argv[1][0] == 'r' ? &reading.rows : &reading.xml), stdout);
    mv_buf_free(&reading.rows);
    mv_buf_free(&reading.xml);
    return 0;
}
