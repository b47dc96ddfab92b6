/* An SPF record that can be read can be printed, and what was printed means the same. */
#include <stdlib.h>

#include "core/spf/record.h"

static void must(bool condition)
{
    if (!condition)
        abort();
}

static size_t count_terms(const struct mv_spf_record *record)
{
    struct mv_cursor walk = mv_spf_record_walk(record);
    struct mv_spf_term term;
    size_t count = 0;

    while (mv_spf_record_next(&walk, &term)) {
        must(term.kind != MV_SPF_TERM_ABSENT && term.text.len > 0);
        must(term.prefix4_bits <= 32 && term.prefix6_bits <= 128);
        count++;
    }
    must(mv_bytes_trim(mv_cursor_rest(&walk)).len == 0);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mv_spf_record record, again;
    struct mv_spf_fault fault;
    struct mv_buf first, second;

    if (!mv_spf_record_is(mv_bytes_of(data, size)))
        return 0;
    if (!mv_spf_record_parse(mv_bytes_of(data, size), &record, &fault)) {
        must(fault.reason != NULL && fault.section != NULL && (fault.term.len > 0 || size > MV_SPF_MAX_RECORD_BYTES));
        return 0;
    }
    must(count_terms(&record) == record.term_count);
    mv_buf_init(&first, SIZE_MAX);
    mv_buf_init(&second, SIZE_MAX);
    mv_spf_record_print(&record, &first);
    must(mv_spf_record_parse(mv_buf_bytes(&first), &again, &fault));
    must(again.term_count == record.term_count && again.has_all == record.has_all);
    must(again.redirect.kind == record.redirect.kind && again.exp.kind == record.exp.kind);
    mv_spf_record_print(&again, &second);
    must(mv_bytes_equal(mv_buf_bytes(&first), mv_buf_bytes(&second)));
    mv_buf_free(&first);
    mv_buf_free(&second);
    return 0;
}
