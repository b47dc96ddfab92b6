#include "tests/unit/stage_rows.h"

#include <check.h>

#define MAX_DKIM 4

static struct mv_bytes take_word(struct mv_cursor *c)
{
    struct mv_bytes word = mv_cursor_take_until(c, ' ');

    mv_cursor_accept(c, ' ');
    return word;
}

static bool take_value(struct mv_bytes word, const char *key, struct mv_bytes *value_r)
{
    struct mv_bytes name = mv_bytes_str(key);

    *value_r = mv_bytes_slice(word, name.len, word.len);
    return mv_bytes_has_prefix_nocase(word, name);
}

static void add_dkim(struct mv_evidence_row *row, struct mv_evidence_dkim *dkim, struct mv_bytes domain, bool pass)
{
    ck_assert(row->dkim_count < MAX_DKIM);
    dkim[row->dkim_count++] = (struct mv_evidence_dkim){domain, MV_BYTES("sel"), pass};
}

static void take(struct mv_evidence_row *row, struct mv_evidence_dkim *dkim, struct mv_bytes word)
{
    struct mv_bytes value;
    uint64_t number;

    if (mv_bytes_equal(word, MV_BYTES("spf")) || mv_bytes_equal(word, MV_BYTES("dkim"))) {
        row->spf_aligned = row->spf_aligned || mv_bytes_equal(word, MV_BYTES("spf"));
        row->dkim_aligned = row->dkim_aligned || mv_bytes_equal(word, MV_BYTES("dkim"));
    } else if (take_value(word, "spf=", &value)) {
        row->spf_domain = value;
        row->spf_pass = true;
    } else if (take_value(word, "bounce=", &value)) {
        row->spf_domain = value;
    } else if (take_value(word, "dkim=", &value)) {
        add_dkim(row, dkim, value, true);
    } else if (take_value(word, "broken=", &value)) {
        add_dkim(row, dkim, value, false);
    } else if (take_value(word, "by=", &value)) {
        row->reporter = value;
    } else if (take_value(word, "p=", &value)) {
        ck_assert(mv_bytes_to_uint(value, MV_STAGE_STEPS, &number));
        row->published = (enum mv_stage_step)number;
    } else if (mv_bytes_equal(word, MV_BYTES("list"))) {
        row->forwarded = true;
    } else {
        ck_assert_msg(mv_bytes_equal(word, MV_BYTES("hit")), "%.*s", (int)word.len, word.data);
        row->disposition = MV_DMARC_P_QUARANTINE;
    }
}

void stage_rows_add(struct mv_evidence *evidence, const char *line)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(line));
    struct mv_evidence_dkim dkim[MAX_DKIM];
    struct mv_evidence_row row = {.disposition = MV_DMARC_P_NONE, .reporter = MV_BYTES("r.example"), .dkim = dkim,
                                  .published = MV_STAGE_MONITOR};
    uint64_t day;

    ck_assert(mv_bytes_to_uint(take_word(&c), 10000, &day));
    ck_assert(mv_ip_parse(take_word(&c), &row.source));
    ck_assert(mv_bytes_to_uint(take_word(&c), UINT64_MAX, &row.count));
    row.header_from = take_word(&c);
    row.begin_secs = STAGE_ROWS_BEGIN + (int64_t)day * MV_DAY_SECS;
    row.end_secs = row.begin_secs + MV_DAY_SECS - 1;
    while (mv_cursor_left(&c) > 0)
        take(&row, dkim, take_word(&c));
    ck_assert(mv_evidence_add(evidence, &row) == MV_OK);
}
