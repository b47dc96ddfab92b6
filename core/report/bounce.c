#include "core/report/bounce.h"

#include "core/base/ascii.h"
#include "core/report/outbox.h"

/* Which part of the mail a line stands in. */
enum place { IN_HEADER, IN_BODY, IN_STATUS };

struct reading {
    struct mv_bounce *bounce;
    enum place place;
    struct mv_bytes field;  /* of the header block, with its folds */
    bool is_report;         /* by its header block a program says that a mail did not arrive */
    bool failed, not_failed; /* Action of the recipients */
};

bool mv_bounce_token(struct mv_bytes text, struct mv_bytes *token_r)
{
    struct mv_cursor c = mv_cursor_of(text);

    while (mv_cursor_left(&c) > 0) {
        mv_cursor_take_until(&c, '+');
        if (!mv_cursor_accept(&c, '+'))
            return false;
        *token_r = mv_bytes_slice(mv_cursor_rest(&c), 0, MV_OUTBOX_TOKEN_BYTES);
        if (token_r->len == MV_OUTBOX_TOKEN_BYTES && mv_bytes_all(*token_r, MV_ASCII_ALNUM) &&
            mv_cursor_peek_at(&c, MV_OUTBOX_TOKEN_BYTES) == '@')
            return true;
    }
    return false;
}

static bool has_token(const struct mv_bounce *bounce, struct mv_bytes token)
{
    for (size_t i = 0; i < bounce->token_count; i++)
        if (mv_bytes_equal_nocase(bounce->tokens[i], token))
            return true;
    return false;
}

static bool is_within_nocase(struct mv_bytes text, struct mv_bytes word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (mv_bytes_has_prefix_nocase(mv_bytes_slice(text, i, text.len), word))
            return true;
    return false;
}

/* true, and the value, when the line is that field. */
static bool value_of(struct mv_bytes line, struct mv_bytes name, struct mv_bytes *value_r)
{
    size_t colon = mv_bytes_find(line, ':');

    *value_r = mv_bytes_trim(mv_bytes_slice(line, colon + 1, line.len));
    return colon < line.len && mv_bytes_equal_nocase(mv_bytes_trim(mv_bytes_slice(line, 0, colon)), name);
}

static void take_field(struct reading *reading)
{
    static const char *const addresses[] = {"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"};
    struct mv_bounce *bounce = reading->bounce;
    struct mv_bytes value, token;

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (value_of(reading->field, mv_bytes_str(addresses[i]), &value) && mv_bounce_token(value, &token) &&
            bounce->token_count < MV_BOUNCE_MAX_TOKENS && !has_token(bounce, token))
            bounce->tokens[bounce->token_count++] = token;
    if (value_of(reading->field, MV_BYTES("Content-Type"), &value) &&
        is_within_nocase(value, MV_BYTES("delivery-status")))
        reading->is_report = true;
    if (value_of(reading->field, MV_BYTES("X-Failed-Recipients"), &value))
        reading->is_report = true;
    if (value_of(reading->field, MV_BYTES("From"), &value) && is_within_nocase(value, MV_BYTES("mailer-daemon")))
        reading->is_report = true;
}

/* Fields of the header block are taken with their folds: slices of one message lie one behind the other. */
static void take_header_line(struct reading *reading, struct mv_bytes line, bool is_empty)
{
    bool is_fold = line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');

    if (is_fold && reading->field.len > 0) {
        reading->field.len = (size_t)(line.data + line.len - reading->field.data);
        return;
    }
    if (reading->field.len > 0)
        take_field(reading);
    reading->field = line;
    if (is_empty)
        reading->place = IN_BODY;
}

/* RFC 3463 2: class "." subject "." detail */
static bool is_status(struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);

    for (size_t i = 0; i < 3; i++) {
        struct mv_bytes digits = mv_cursor_take_while(&c, MV_ASCII_DIGIT);

        if (digits.len == 0 || digits.len > 3 || (i < 2 && !mv_cursor_accept(&c, '.')))
            return false;
    }
    return true;
}

static bool is_for_good(struct mv_bytes status)
{
    return mv_bytes_has_prefix_nocase(status, MV_BYTES("5.1.")) || mv_bytes_has_prefix_nocase(status, MV_BYTES("5.7."));
}

/* RFC 3464 2.3: fields of each recipient; the worst counts. */
static void take_status_line(struct reading *reading, struct mv_bytes line)
{
    struct mv_bounce *bounce = reading->bounce;
    struct mv_bytes value;

    if (value_of(line, MV_BYTES("Action"), &value)) {
        if (mv_bytes_has_prefix_nocase(value, MV_BYTES("failed")))
            reading->failed = true;
        else
            reading->not_failed = true;
    }
    if (!value_of(line, MV_BYTES("Status"), &value) || !is_status(value))
        return;
    if (bounce->status.len == 0 || (is_for_good(value) && !is_for_good(bounce->status)))
        bounce->status = mv_bytes_slice(value, 0, mv_bytes_find(value, ' '));
}

static void take_body_line(struct reading *reading, struct mv_bytes line)
{
    struct mv_bytes value;

    if (mv_bytes_has_prefix_nocase(line, MV_BYTES("--")))
        reading->place = IN_BODY;
    else if (reading->place == IN_STATUS)
        take_status_line(reading, line);
    else if (value_of(line, MV_BYTES("Content-Type"), &value) &&
             mv_bytes_has_prefix_nocase(value, MV_BYTES("message/delivery-status")))
        reading->place = IN_STATUS;
}

static enum mv_bounce_kind kind_of(const struct reading *reading)
{
    if (reading->failed)
        return is_for_good(reading->bounce->status) ? MV_BOUNCE_FOR_GOOD : MV_BOUNCE_SOFT;
    if (reading->not_failed)
        return MV_BOUNCE_DELAYED;
    return reading->is_report ? MV_BOUNCE_SOFT : MV_BOUNCE_NONE;
}

void mv_bounce_read(struct mv_bytes message, struct mv_bounce *bounce_r)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(message, 0, MV_BOUNCE_MAX_BYTES));
    struct reading reading = {.bounce = bounce_r};

    *bounce_r = (struct mv_bounce){.kind = MV_BOUNCE_NONE};
    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        (void)mv_cursor_accept(&c, '\n');
        if (reading.place == IN_HEADER)
            take_header_line(&reading, line, mv_bytes_trim(line).len == 0);
        else
            take_body_line(&reading, line);
    }
    if (reading.place == IN_HEADER && reading.field.len > 0)
        take_field(&reading);
    bounce_r->kind = kind_of(&reading);
}
