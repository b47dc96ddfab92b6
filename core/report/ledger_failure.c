#include "core/report/ledger_state.h"

#define HOUR_SECS 3600
#define V4_BYTES 3 /* of an address that tell its network */
#define V6_BYTES 8

static void put_number(struct mv_buf *text, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        mv_buf_putc(text, (unsigned char)(number >> shift));
}

/* With its length, so that no two lists of texts look the same. */
static void put_text(struct mv_buf *text, struct mv_bytes value)
{
    put_number(text, value.len);
    mv_buf_put(text, value);
}

/* What is the same in failures that are told in one report. */
static enum mv_code make_key(struct mv_ledger *ledger, const struct mv_failure_line *line,
                             unsigned char key[MV_LEDGER_KEY_BYTES], struct mv_error *error)
{
    const struct mv_ip *ip = &line->client;
    struct mv_buf *text = &ledger->text;

    mv_buf_reset(text);
    put_text(text, line->policy_domain);
    put_text(text, line->author_domain);
    put_text(text, line->record);
    put_text(text, line->dkim_domain);
    put_text(text, line->dkim_selector);
    put_text(text, mv_bytes_of(ip->octets, ip->family == MV_IP_V4 ? V4_BYTES : V6_BYTES));
    put_number(text, line->wanted);
    put_number(text, line->missing);
    put_number(text, line->signature);
    put_number(text, line->has_spf ? (uint64_t)line->spf_result + 1 : 0);
    put_number(text, line->action);
    if (mv_buf_failed(text))
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    return mv_ledger_mark(mv_buf_bytes(text), key) == MV_OK ? MV_OK
                                                            : mv_error_set(error, MV_ERR_CRYPTO, "SHA-256 failed");
}

enum mv_code mv_ledger_failure(struct mv_ledger *ledger, const struct mv_failure_line *line, struct mv_bytes text,
                               struct mv_error *error)
{
    unsigned char key[MV_LEDGER_KEY_BYTES];
    struct mv_db_statement *s;
    enum mv_code code;

    if (!ledger->in_piece)
        return mv_error_set(error, MV_ERR_USAGE, "no piece is being counted");
    code = make_key(ledger, line, key, error);
    s = code == MV_OK ? mv_ledger_statement(ledger, MV_LEDGER_ADD_FAILURE, error) : NULL;
    if (s == NULL)
        return error->code;
    mv_db_bind_blob(s, 1, mv_bytes_of(key, sizeof key));
    mv_db_bind_int(s, 2, line->time_secs - line->time_secs % HOUR_SECS);
    mv_db_bind_blob(s, 3, text);
    code = mv_db_run(s, error);
    if (code == MV_OK && line->time_secs > ledger->newest_secs)
        ledger->newest_secs = line->time_secs;
    return code;
}

enum mv_code mv_ledger_next_failure(struct mv_ledger *ledger, int64_t before_secs, struct mv_arena *arena,
                                    struct mv_ledger_failure *failure, bool *found_r, struct mv_error *error)
{
    struct mv_db_statement *s;
    enum mv_code code;

    *found_r = false;
    if (!ledger->has_failures)
        return MV_OK;
    s = mv_ledger_statement(ledger, MV_LEDGER_NEXT_FAILURE, error);
    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, before_secs);
    mv_db_bind_int(s, 2, failure->hour_secs);
    mv_db_bind_int(s, 3, failure->id);
    code = mv_db_step(s, found_r, error);
    if (code != MV_OK || !*found_r)
        return code;
    *failure = (struct mv_ledger_failure){mv_db_int(s, 0), mv_db_int(s, 1), (uint64_t)mv_db_int(s, 2), MV_BYTES("")};
    if (!mv_arena_copy(arena, mv_db_bytes(s, 3), &failure->line))
        code = mv_error_set(error, MV_ERR_MEMORY, "no memory");
    mv_db_reset(s);
    return code;
}

enum mv_code mv_ledger_fix_failure(struct mv_ledger *ledger, struct mv_ledger_failure *failure,
                                   struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_FIX_FAILURE, error);
    bool has_row;
    enum mv_code code;

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, failure->id);
    code = mv_db_step(s, &has_row, error);
    if (code == MV_OK && has_row)
        failure->incidents = (uint64_t)mv_db_int(s, 0);
    mv_db_reset(s);
    return code;
}

enum mv_code mv_ledger_settle_failure(struct mv_ledger *ledger, int64_t id, int64_t now_secs, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_SETTLE_FAILURE, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_int(s, 1, id);
    mv_db_bind_int(s, 2, now_secs);
    mv_db_bind_blob(s, 3, MV_BYTES(""));
    return mv_db_run(s, error);
}
