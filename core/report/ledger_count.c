#include <stdlib.h>
#include <string.h>

#include "core/crypto/digest.h"
#include "core/report/ledger_state.h"

#define MOST_FOR_A_LINE 3 /* a day, a record and a row */

/* What a key is of; behind the day and the domain. */
#define OF_DAY 'd'
#define OF_RECORD 'c'
#define OF_ROW 'r'

static enum mv_code no_memory(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_MEMORY, "no memory");
}

void mv_ledger_drop_held(struct mv_ledger *ledger)
{
    mv_arena_free(&ledger->arena);
    if (ledger->slots != NULL && ledger->held_count > 0)
        memset(ledger->slots, 0, MV_LEDGER_SLOTS * sizeof(struct mv_held *));
    ledger->days = NULL;
    ledger->records = NULL;
    ledger->rows = NULL;
    ledger->held_count = 0;
}

/* The transaction */

static enum mv_code find_place(struct mv_ledger *ledger, struct mv_ledger_place *place_r, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_FIND_FILE, error);
    struct mv_bytes mark;
    bool has_row;
    enum mv_code code;

    *place_r = (struct mv_ledger_place){.offset = 0};
    ledger->newest_secs = 0;
    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, ledger->name);
    mv_db_bind_int(s, 2, (int64_t)ledger->inode);
    code = mv_db_step(s, &has_row, error);
    if (code != MV_OK || !has_row)
        return code;
    place_r->offset = mv_db_int(s, 0);
    mark = mv_db_bytes(s, 1);
    if (mark.len == MV_LEDGER_MARK_BYTES)
        memcpy(place_r->mark, mark.data, MV_LEDGER_MARK_BYTES);
    ledger->newest_secs = mv_db_int(s, 2);
    mv_db_reset(s);
    return MV_OK;
}

enum mv_code mv_ledger_begin(struct mv_ledger *ledger, struct mv_bytes name, uint64_t inode,
                             struct mv_ledger_place *place_r, struct mv_error *error)
{
    enum mv_code code;

    if (ledger->in_piece)
        return mv_error_set(error, MV_ERR_USAGE, "a piece is being counted");
    mv_buf_reset(&ledger->name_copy);
    mv_buf_put(&ledger->name_copy, name);
    if (mv_buf_failed(&ledger->name_copy))
        return no_memory(error);
    ledger->name = mv_buf_bytes(&ledger->name_copy);
    ledger->inode = inode;
    ledger->late_piece = 0;
    code = mv_db_begin(ledger->db, MV_LEDGER_TRANSACTION, error);
    if (code != MV_OK)
        return code;
    ledger->in_piece = true;
    code = find_place(ledger, place_r, error);
    if (code != MV_OK)
        mv_ledger_rollback(ledger);
    return code;
}

/* Where it has been committed, there is nothing to take back. */
void mv_ledger_rollback(struct mv_ledger *ledger)
{
    if (!ledger->in_piece)
        return;
    mv_db_rollback(ledger->db);
    mv_ledger_drop_held(ledger);
    ledger->in_piece = false;
}

static enum mv_code keep_place(struct mv_ledger *ledger, const struct mv_ledger_place *place, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_KEEP_FILE, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, ledger->name);
    mv_db_bind_int(s, 2, (int64_t)ledger->inode);
    mv_db_bind_int(s, 3, place->offset);
    mv_db_bind_blob(s, 4, mv_bytes_of(place->mark, MV_LEDGER_MARK_BYTES));
    mv_db_bind_int(s, 5, ledger->newest_secs);
    return mv_db_run(s, error);
}

enum mv_code mv_ledger_commit(struct mv_ledger *ledger, const struct mv_ledger_place *place, struct mv_error *error)
{
    enum mv_code code;

    if (!ledger->in_piece)
        return mv_error_set(error, MV_ERR_USAGE, "no piece is being counted");
    code = mv_ledger_flush(ledger, error);
    if (code == MV_OK)
        code = keep_place(ledger, place, error);
    if (code == MV_OK)
        code = mv_db_commit(ledger->db, error);
    if (code != MV_OK) {
        mv_ledger_rollback(ledger);
        return code;
    }
    ledger->late += ledger->late_piece;
    ledger->in_piece = false;
    return MV_OK;
}

uint64_t mv_ledger_late(const struct mv_ledger *ledger)
{
    return ledger->late;
}

static enum mv_code drop_place(struct mv_ledger *ledger, struct mv_error *error)
{
    struct mv_db_statement *s = mv_ledger_statement(ledger, MV_LEDGER_FORGET_FILE, error);

    if (s == NULL)
        return error->code;
    mv_db_bind_text(s, 1, ledger->name);
    mv_db_bind_int(s, 2, (int64_t)ledger->inode);
    return mv_db_run(s, error);
}

enum mv_code mv_ledger_forget(struct mv_ledger *ledger, struct mv_error *error)
{
    enum mv_code code;

    if (!ledger->in_piece)
        return mv_error_set(error, MV_ERR_USAGE, "no piece is being counted");
    code = drop_place(ledger, error);
    if (code == MV_OK)
        code = mv_db_commit(ledger->db, error);
    mv_ledger_rollback(ledger);
    return code;
}

/* What is held */

enum mv_code mv_ledger_mark(struct mv_bytes octets, unsigned char mark_r[MV_LEDGER_MARK_BYTES])
{
    unsigned char hash[MV_SHA256_BYTES];
    struct mv_digest *digest = mv_digest_new();
    enum mv_code code;

    if (digest == NULL)
        return MV_ERR_CRYPTO;
    mv_digest_update(digest, octets);
    code = mv_digest_final(digest, hash);
    mv_digest_free(&digest);
    if (code == MV_OK)
        memcpy(mark_r, hash, MV_LEDGER_MARK_BYTES);
    return code;
}

/* Of what stands in ledger->text. */
static enum mv_code make_key(const struct mv_ledger *ledger, unsigned char key[MV_LEDGER_KEY_BYTES],
                             struct mv_error *error)
{
    if (mv_buf_failed(&ledger->text))
        return no_memory(error);
    return mv_ledger_mark(mv_buf_bytes(&ledger->text), key) == MV_OK
               ? MV_OK
               : mv_error_set(error, MV_ERR_CRYPTO, "SHA-256 failed");
}

/* Where the key is, or belongs. There is always a free slot. */
static struct mv_held **slot_of(struct mv_ledger *ledger, const unsigned char key[MV_LEDGER_KEY_BYTES])
{
    size_t at = ((size_t)key[0] << 16 | (size_t)key[1] << 8 | key[2]) % MV_LEDGER_SLOTS;

    while (ledger->slots[at] != NULL && memcmp(ledger->slots[at]->key, key, MV_LEDGER_KEY_BYTES) != 0)
        at = (at + 1) % MV_LEDGER_SLOTS;
    return &ledger->slots[at];
}

/* A new item in its slot; NULL without room for it. */
static void *hold(struct mv_ledger *ledger, struct mv_held **slot, const unsigned char key[MV_LEDGER_KEY_BYTES],
                  size_t size)
{
    struct mv_held *held = mv_arena_alloc(ledger->arena, size);

    if (held == NULL)
        return NULL;
    memcpy(held->key, key, MV_LEDGER_KEY_BYTES);
    *slot = held;
    ledger->held_count++;
    return held;
}

static int64_t day_of(int64_t secs)
{
    return secs - secs % MV_LEDGER_DAY_SECS;
}

/* What all keys of a day begin with. */
static void put_day(struct mv_buf *text, const struct mv_evidence_line *line)
{
    uint64_t day = (uint64_t)day_of(line->time_secs) / MV_LEDGER_DAY_SECS;

    mv_buf_reset(text);
    for (int shift = 56; shift >= 0; shift -= 8)
        mv_buf_putc(text, (unsigned char)(day >> shift));
    mv_buf_putc(text, (unsigned char)line->policy_domain.len);
    mv_buf_put(text, line->policy_domain);
}

/* MV_ERR_LIMIT: no room. */
static enum mv_code hold_day(struct mv_ledger *ledger, const struct mv_evidence_line *line, struct mv_held_day **day_r,
                             struct mv_error *error)
{
    unsigned char key[MV_LEDGER_KEY_BYTES];
    struct mv_held **slot;
    struct mv_held_day *day;
    enum mv_code code;

    mv_buf_putc(&ledger->text, OF_DAY);
    code = make_key(ledger, key, error);
    if (code != MV_OK)
        return code;
    slot = slot_of(ledger, key);
    *day_r = (struct mv_held_day *)*slot;
    if (*day_r != NULL)
        return MV_OK;
    day = hold(ledger, slot, key, sizeof *day);
    if (day == NULL || !mv_arena_copy(ledger->arena, line->policy_domain, &day->policy_domain))
        return MV_ERR_LIMIT;
    day->day_secs = day_of(line->time_secs);
    day->record_secs = -1;
    day->next = ledger->days;
    ledger->days = *day_r = day;
    return MV_OK;
}

/* Nearly always it is the one that was seen last. */
static enum mv_code hold_record(struct mv_ledger *ledger, const struct mv_evidence_line *line, struct mv_held_day *day,
                                struct mv_error *error)
{
    unsigned char key[MV_LEDGER_KEY_BYTES];
    struct mv_held **slot;
    struct mv_held_record *record;
    enum mv_code code;

    mv_buf_putc(&ledger->text, OF_RECORD);
    mv_buf_put(&ledger->text, line->record);
    code = make_key(ledger, key, error);
    if (code != MV_OK)
        return code;
    slot = slot_of(ledger, key);
    if (*slot == NULL) {
        record = hold(ledger, slot, key, sizeof *record);
        if (record == NULL)
            return MV_ERR_LIMIT;
        record->day = day;
        record->next = ledger->records;
        ledger->records = record;
    }
    if (line->time_secs >= day->record_secs && !mv_arena_copy(ledger->arena, line->record, &day->record))
        return MV_ERR_LIMIT;
    return MV_OK;
}

/* A copy, or that of the row before: most rows of a server share their domains and signatures. */
static bool share(struct mv_arena *arena, struct mv_bytes text, struct mv_bytes before, struct mv_bytes *copy)
{
    *copy = before;
    return mv_bytes_equal(text, before) || mv_arena_copy(arena, text, copy);
}

static bool copy_row(struct mv_ledger *ledger, const struct mv_ledger_row *row, struct mv_ledger_row *copy)
{
    static const struct mv_ledger_row none;
    const struct mv_ledger_row *before = ledger->rows == NULL ? &none : &ledger->rows->row;
    struct mv_arena *arena = ledger->arena;

    *copy = *row;
    return share(arena, row->comment, before->comment, &copy->comment) &&
           share(arena, row->header_from, before->header_from, &copy->header_from) &&
           share(arena, row->envelope_from, before->envelope_from, &copy->envelope_from) &&
           share(arena, row->spf_domain, before->spf_domain, &copy->spf_domain) &&
           share(arena, row->dkim, before->dkim, &copy->dkim);
}

static enum mv_code hold_row(struct mv_ledger *ledger, const struct mv_evidence_line *line,
                             const struct mv_ledger_row *row, struct mv_held_row **row_r, struct mv_error *error)
{
    unsigned char key[MV_LEDGER_KEY_BYTES];
    struct mv_held **slot;
    struct mv_held_row *held;
    struct mv_held_day *day;
    size_t prefix;
    enum mv_code code;

    put_day(&ledger->text, line);
    prefix = mv_buf_bytes(&ledger->text).len;
    mv_buf_putc(&ledger->text, OF_ROW);
    mv_ledger_row_put(row, &ledger->text);
    code = make_key(ledger, key, error);
    if (code != MV_OK)
        return code;
    slot = slot_of(ledger, key);
    *row_r = (struct mv_held_row *)*slot;
    mv_buf_truncate(&ledger->text, prefix);
    if (*row_r != NULL)
        return MV_OK;
    code = hold_day(ledger, line, &day, error);
    if (code != MV_OK)
        return code;
    held = hold(ledger, slot_of(ledger, key), key, sizeof *held);
    if (held == NULL || !copy_row(ledger, row, &held->row))
        return MV_ERR_LIMIT;
    held->day = day;
    held->next = ledger->rows;
    ledger->rows = *row_r = held;
    mv_buf_truncate(&ledger->text, prefix);
    return MV_OK;
}

static enum mv_code make_room(struct mv_ledger *ledger, struct mv_error *error)
{
    if (ledger->slots == NULL)
        ledger->slots = calloc(MV_LEDGER_SLOTS, sizeof(struct mv_held *));
    if (ledger->arena == NULL)
        ledger->arena = mv_arena_new(MV_LEDGER_MAX_HELD_BYTES);
    return ledger->slots == NULL || ledger->arena == NULL ? no_memory(error) : MV_OK;
}

/* MV_ERR_LIMIT: no room; nothing has been counted. */
static enum mv_code count_row(struct mv_ledger *ledger, const struct mv_evidence_line *line,
                              const struct mv_ledger_row *row, struct mv_error *error)
{
    struct mv_held_row *held;
    struct mv_held_day *day;
    enum mv_code code = make_room(ledger, error);

    if (code == MV_OK && ledger->held_count + MOST_FOR_A_LINE > MV_LEDGER_MAX_HELD)
        code = MV_ERR_LIMIT;
    if (code == MV_OK)
        code = hold_row(ledger, line, row, &held, error);
    if (code != MV_OK)
        return code;
    day = held->day;
    if (day->record_secs < 0 || !mv_bytes_equal(day->record, line->record))
        code = hold_record(ledger, line, day, error);
    if (code != MV_OK)
        return code;
    if (line->time_secs > day->record_secs)
        day->record_secs = line->time_secs;
    held->count++;
    day->messages++;
    day->passed += line->result == MV_DMARC_PASS ? 1 : 0;
    day->reports += line->result == MV_DMARC_PASS && line->is_report ? 1 : 0;
    return MV_OK;
}

enum mv_code mv_ledger_count(struct mv_ledger *ledger, const struct mv_evidence_line *line, struct mv_error *error)
{
    struct mv_ledger_row row;
    enum mv_code code;

    if (!ledger->in_piece)
        return mv_error_set(error, MV_ERR_USAGE, "no piece is being counted");
    code = mv_ledger_row_of(line, &ledger->dkim, &row, error);
    if (code == MV_OK && line->time_secs < 0)
        code = mv_error_set(error, MV_ERR_SYNTAX, "the time is before 1970");
    if (code != MV_OK)
        return code;
    code = count_row(ledger, line, &row, error);
    if (code == MV_ERR_LIMIT) {
        code = mv_ledger_flush(ledger, error);
        if (code == MV_OK)
            code = count_row(ledger, line, &row, error);
        if (code == MV_ERR_LIMIT)
            code = no_memory(error);
    }
    if (code == MV_OK && line->time_secs > ledger->newest_secs)
        ledger->newest_secs = line->time_secs;
    return code;
}
