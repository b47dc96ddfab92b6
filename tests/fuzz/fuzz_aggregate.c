/* Any bytes: refused with a sentence, or read to the same in any split, within the limits. */
#include "core/report/aggregate.h"

#include "tests/fuzz/fuzz.h"

struct seen {
    struct mv_buf text;
    uint64_t messages;
};

static void put(struct seen *seen, struct mv_bytes text, size_t max)
{
    fuzz_require(text.len <= max);
    fuzz_require(mv_bytes_is_utf8(text));
    mv_buf_put(&seen->text, text);
    mv_buf_putc(&seen->text, '\n');
}

static enum mv_code take_head(void *to, const struct mv_aggregate_head *head)
{
    fuzz_require(head->end_secs >= head->begin_secs && head->begin_secs >= 0);
    fuzz_require(head->policy.domain.len > 0);
    put(to, head->org_name, MV_AGGREGATE_MAX_ID_BYTES);
    put(to, head->report_id, MV_AGGREGATE_MAX_ID_BYTES);
    put(to, head->error, MV_AGGREGATE_MAX_COMMENT_BYTES);
    put(to, head->policy.domain, MV_AGGREGATE_MAX_DOMAIN_BYTES);
    return MV_OK;
}

static enum mv_code take_record(void *to, const struct mv_aggregate_head *head,
                                const struct mv_aggregate_record *record)
{
    struct seen *seen = to;

    (void)head;
    fuzz_require(record->source.family != MV_IP_NONE);
    fuzz_require(record->count > 0 && record->count <= MV_AGGREGATE_MAX_COUNT);
    fuzz_require(record->header_from.len > 0);
    seen->messages += record->count;
    put(seen, record->header_from, MV_AGGREGATE_MAX_DOMAIN_BYTES);
    put(seen, record->envelope_from, MV_AGGREGATE_MAX_DOMAIN_BYTES);
    for (size_t i = 0; i < record->dkim_count; i++) {
        put(seen, record->dkim[i].domain, MV_AGGREGATE_MAX_DOMAIN_BYTES);
        put(seen, record->dkim[i].human_result, MV_AGGREGATE_MAX_COMMENT_BYTES);
    }
    for (size_t i = 0; i < record->reason_count; i++)
        put(seen, record->reasons[i].comment, MV_AGGREGATE_MAX_COMMENT_BYTES);
    return MV_OK;
}

static enum mv_code read_in(struct mv_bytes xml, size_t step, struct seen *seen)
{
    struct mv_aggregate_sink sink = {take_head, take_record, seen};
    struct mv_aggregate *parser = mv_aggregate_new(&sink);
    struct mv_error error = {MV_OK, ""};
    enum mv_code code = MV_OK;

    mv_buf_init(&seen->text, FUZZ_MAX_BYTES);
    seen->messages = 0;
    for (size_t at = 0; at < xml.len && code == MV_OK; at += step)
        code = mv_aggregate_feed(parser, mv_bytes_slice(xml, at, at + step), &error);
    if (code == MV_OK)
        code = mv_aggregate_end(parser, &error);
    fuzz_require(code == MV_OK || (error.code == code && error.text[0] != '\0'));
    fuzz_require(mv_aggregate_totals(parser)->messages == seen->messages);
    mv_aggregate_free(&parser);
    return code;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes xml = mv_bytes_of(data, size);
    struct seen whole, pieces;
    enum mv_code code = read_in(xml, size + 1, &whole);

    fuzz_require(code == read_in(xml, 3, &pieces));
    fuzz_require(mv_bytes_equal(mv_buf_bytes(&whole.text), mv_buf_bytes(&pieces.text)));
    mv_buf_free(&whole.text);
    mv_buf_free(&pieces.text);
    return 0;
}
