#include "core/report/outbox.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/report/outbox_sql.h"

static void read_address(struct mv_db_statement *row, struct mv_outbox_address *address_r)
{
    address_r->failures = (unsigned)mv_db_int(row, 0);
    address_r->next_secs = mv_db_int(row, 1);
    address_r->suppressed_secs = mv_db_int(row, 2);
    address_r->bounced_secs = mv_db_int(row, 3);
}

enum mv_code mv_outbox_address(struct mv_outbox *outbox, struct mv_bytes address, struct mv_outbox_address *address_r,
                               struct mv_error *error)
{
    struct mv_db_statement *find;
    bool has_row;
    enum mv_code code;

    *address_r = (struct mv_outbox_address){.failures = 0};
    if (!outbox->has_tables)
        return MV_OK;
    find = mv_outbox_statement(outbox, MV_OUTBOX_FIND_ADDRESS, error);
    if (find == NULL)
        return error->code;
    mv_db_bind_text(find, 1, address);
    code = mv_db_step(find, &has_row, error);
    if (code == MV_OK && has_row)
        read_address(find, address_r);
    mv_db_reset(find);
    return code;
}

enum mv_code mv_outbox_addresses(struct mv_outbox *outbox, int64_t now_secs,
                                 enum mv_code (*each)(void *to, const struct mv_outbox_address *address), void *to,
                                 struct mv_error *error)
{
    struct mv_db_statement *list;
    bool has_row = false;
    enum mv_code code;

    if (!outbox->has_tables)
        return MV_OK;
    list = mv_outbox_statement(outbox, MV_OUTBOX_LIST_ADDRESSES, error);
    if (list == NULL)
        return error->code;
    mv_db_bind_int(list, 1, now_secs);
    mv_db_bind_int(list, 2, now_secs - MV_OUTBOX_SUPPRESS_SECS);
    while ((code = mv_db_step(list, &has_row, error)) == MV_OK && has_row) {
        struct mv_outbox_address address = {.address = mv_db_bytes(list, 4)};

        read_address(list, &address);
        code = each(to, &address);
        if (code != MV_OK)
            break;
    }
    mv_db_reset(list);
    return code;
}

enum mv_code mv_outbox_keep_address(struct mv_outbox *outbox, struct mv_bytes address,
                                    const struct mv_outbox_address *kept, struct mv_error *error)
{
    struct mv_db_statement *keep = mv_outbox_statement(outbox, MV_OUTBOX_KEEP_ADDRESS, error);

    if (keep == NULL)
        return error->code;
    mv_db_bind_text(keep, 1, address);
    mv_db_bind_int(keep, 2, kept->failures);
    mv_db_bind_int(keep, 3, kept->next_secs);
    mv_db_bind_int(keep, 4, kept->suppressed_secs);
    mv_db_bind_int(keep, 5, kept->bounced_secs);
    return mv_db_run(keep, error);
}

static void copy_text(struct mv_bytes from, char *to, size_t size)
{
    struct mv_bytes cut = mv_bytes_slice(from, 0, size - 1);

    if (cut.len > 0)
        memcpy(to, cut.data, cut.len);
    to[cut.len] = '\0';
}

static enum mv_code find_token(struct mv_outbox *outbox, struct mv_bytes token, int64_t now_secs,
                               struct mv_outbox_bounced *bounced, int64_t *day_secs_r, struct mv_error *error)
{
    struct mv_db_statement *find = mv_outbox_statement(outbox, MV_OUTBOX_FIND_TOKEN, error);
    bool has_row;
    enum mv_code code;

    if (find == NULL)
        return error->code;
    mv_db_bind_text(find, 1, token);
    mv_db_bind_int(find, 2, now_secs - MV_OUTBOX_BOUNCE_SECS);
    code = mv_db_step(find, &has_row, error);
    if (code == MV_OK && has_row) {
        bounced->outcome = mv_db_int(find, 0) == MV_OUTBOX_BOUNCED ? MV_OUTBOX_AGAIN : MV_OUTBOX_NOTED;
        copy_text(mv_db_bytes(find, 1), bounced->address, sizeof bounced->address);
        copy_text(mv_db_bytes(find, 2), bounced->report_id, sizeof bounced->report_id);
        *day_secs_r = mv_db_int(find, 3);
    }
    mv_db_reset(find);
    return code;
}

/* Have at least two mails of the last two days bounced, and did none get through? */
static enum mv_code all_bounced(struct mv_outbox *outbox, struct mv_bytes address, int64_t day_secs, bool *all_r,
                                struct mv_error *error)
{
    struct mv_db_statement *recent = mv_outbox_statement(outbox, MV_OUTBOX_RECENT_MAILS, error);
    bool has_row;
    enum mv_code code;

    *all_r = false;
    if (recent == NULL)
        return error->code;
    mv_db_bind_text(recent, 1, address);
    mv_db_bind_int(recent, 2, day_secs);
    code = mv_db_step(recent, &has_row, error);
    if (code == MV_OK && has_row)
        *all_r = mv_db_int(recent, 0) >= 2 && mv_db_int(recent, 0) == mv_db_int(recent, 1);
    mv_db_reset(recent);
    return code;
}

static enum mv_code note_bounce(struct mv_outbox *outbox, struct mv_bytes token, enum mv_outbox_bounce how,
                                int64_t day_secs, int64_t now_secs, struct mv_outbox_bounced *bounced,
                                struct mv_error *error)
{
    struct mv_db_statement *note = mv_outbox_statement(outbox, MV_OUTBOX_NOTE_BOUNCE, error);
    struct mv_bytes address = mv_bytes_str(bounced->address);
    struct mv_outbox_address kept;
    bool suppress = how == MV_OUTBOX_BOUNCE_FOR_GOOD;
    enum mv_code code;

    if (note == NULL)
        return error->code;
    mv_db_bind_text(note, 1, token);
    mv_db_bind_int(note, 2, now_secs);
    code = mv_db_run(note, error);
    if (code == MV_OK && !suppress)
        code = all_bounced(outbox, address, day_secs, &suppress, error);
    if (code == MV_OK)
        code = mv_outbox_address(outbox, address, &kept, error);
    if (code != MV_OK)
        return code;
    kept.bounced_secs = now_secs;
    if (suppress) {
        kept.suppressed_secs = now_secs + MV_OUTBOX_SUPPRESS_SECS;
        bounced->outcome = MV_OUTBOX_SUPPRESSED;
    }
    return mv_outbox_keep_address(outbox, address, &kept, error);
}

/* Mail systems may write local parts in capitals. */
static bool read_token(struct mv_bytes text, char token_r[MV_OUTBOX_TOKEN_BYTES + 1])
{
    if (text.len != MV_OUTBOX_TOKEN_BYTES)
        return false;
    for (size_t i = 0; i < text.len; i++)
        token_r[i] = (char)mv_ascii_lower(text.data[i]);
    token_r[MV_OUTBOX_TOKEN_BYTES] = '\0';
    return mv_bytes_is_utf8(mv_bytes_str(token_r)) && mv_bytes_str(token_r).len == MV_OUTBOX_TOKEN_BYTES;
}

enum mv_code mv_outbox_bounce(struct mv_outbox *outbox, struct mv_bytes token, enum mv_outbox_bounce how,
                              int64_t now_secs, struct mv_outbox_bounced *bounced_r, struct mv_error *error)
{
    char text[MV_OUTBOX_TOKEN_BYTES + 1];
    int64_t day_secs = 0;
    enum mv_code code;

    *bounced_r = (struct mv_outbox_bounced){.outcome = MV_OUTBOX_UNKNOWN};
    if (!read_token(token, text))
        return MV_OK;
    code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);
    if (code != MV_OK)
        return code;
    code = find_token(outbox, mv_bytes_str(text), now_secs, bounced_r, &day_secs, error);
    if (code == MV_OK && bounced_r->outcome == MV_OUTBOX_NOTED)
        code = note_bounce(outbox, mv_bytes_str(text), how, day_secs, now_secs, bounced_r, error);
    return mv_outbox_end(outbox, code, error);
}

enum mv_code mv_outbox_forgive(struct mv_outbox *outbox, struct mv_bytes address, bool *found_r,
                               struct mv_error *error)
{
    struct mv_db_statement *forgive = mv_outbox_statement(outbox, MV_OUTBOX_FORGIVE, error);
    enum mv_code code;

    *found_r = false;
    if (forgive == NULL)
        return error->code;
    code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);
    if (code != MV_OK)
        return code;
    mv_db_bind_text(forgive, 1, address);
    code = mv_db_step(forgive, found_r, error);
    mv_db_reset(forgive);
    return mv_outbox_end(outbox, code, error);
}
