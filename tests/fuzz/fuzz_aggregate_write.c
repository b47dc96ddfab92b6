/* Whatever is to be said: written, and read back to the same without a note. */
#include "core/report/aggregate_write.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/report_made.h"

#define MAX_ROWS 4

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    made_put_head(head, MADE_HELD, to);
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    (void)head;
    made_put_record(record, MADE_HELD, to);
    return MV_OK;
}

static void read_back(struct mv_bytes xml, struct mv_buf *out)
{
    struct mv_aggregate_sink sink = {take_head, take_record, out};
    struct mv_aggregate *parser = mv_aggregate_new(&sink);
    const struct mv_aggregate_totals *totals = mv_aggregate_totals(parser);

    fuzz_require(mv_aggregate_feed(parser, xml, NULL) == MV_OK && mv_aggregate_end(parser, NULL) == MV_OK);
    for (size_t i = 0; i < MV_NOTE_COUNT; i++)
        fuzz_require(i == MV_NOTE_NO_RECORDS || totals->notes[i].count == 0);
    mv_aggregate_free(&parser);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static struct mv_aggregate_record record;
    struct made_source source = {mv_bytes_of(size == 0 ? (const unsigned char *)"" : data, size), 0};
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_aggregate_head head;
    struct mv_buf xml, said, seen;

    mv_buf_init(&xml, FUZZ_MAX_BYTES);
    mv_buf_init(&said, FUZZ_MAX_BYTES);
    mv_buf_init(&seen, FUZZ_MAX_BYTES);
    fuzz_require(arena != NULL && made_head(&source, arena, &head));
    fuzz_require(mv_aggregate_write_begin(&head, &xml) == MV_OK);
    made_put_head(&head, MADE_SAID, &said);
    for (unsigned i = made_draw(&source, MAX_ROWS + 1); i > 0; i--) {
        bool is_sayable;

        fuzz_require(made_record(&source, arena, &record));
        is_sayable = made_is_sayable(&record);
        fuzz_require(mv_aggregate_write_record(&record, &xml) == (is_sayable ? MV_OK : MV_ERR_USAGE));
        if (is_sayable)
            made_put_record(&record, MADE_SAID, &said);
    }
    fuzz_require(mv_aggregate_write_end(&xml) == MV_OK);
    read_back(mv_buf_bytes(&xml), &seen);
    fuzz_require(!mv_buf_failed(&said) && mv_bytes_equal(mv_buf_bytes(&said), mv_buf_bytes(&seen)));
    mv_buf_free(&xml);
    mv_buf_free(&said);
    mv_buf_free(&seen);
    mv_arena_free(&arena);
    return 0;
}
