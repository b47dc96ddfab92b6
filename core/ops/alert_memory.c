#include "core/ops/alert_memory.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"

#define HEAD "# What mailvouch report alert has said. Without this file it says all once more.\n"

struct said {
    int64_t secs;
    enum mv_alert_what what;
    uint64_t size;
    struct mv_bytes domain, who;
};

struct mv_alert_memory {
    struct mv_arena *arena;
    struct said *said;
    size_t count;
};

static struct mv_bytes take_word(struct mv_cursor *c)
{
    struct mv_bytes word = mv_cursor_take_until(c, ' ');

    mv_cursor_accept(c, ' ');
    return word;
}

static bool find_what(struct mv_bytes word, enum mv_alert_what *what_r)
{
    for (int what = 0; what < MV_ALERT_WHATS; what++)
        if (mv_bytes_equal(word, mv_bytes_str(mv_alert_what_text((enum mv_alert_what)what)))) {
            *what_r = (enum mv_alert_what)what;
            return true;
        }
    return false;
}

static bool read_line(struct mv_bytes line, struct said *said_r)
{
    struct mv_cursor c = mv_cursor_of(line);
    uint64_t secs;

    if (!mv_bytes_to_uint(take_word(&c), INT64_MAX, &secs) || !find_what(take_word(&c), &said_r->what) ||
        !mv_bytes_to_uint(take_word(&c), UINT64_MAX, &said_r->size))
        return false;
    said_r->secs = (int64_t)secs;
    said_r->domain = take_word(&c);
    said_r->who = mv_cursor_rest(&c);
    return said_r->domain.len > 0 && mv_bytes_all(said_r->domain, MV_ASCII_VCHAR) &&
           mv_bytes_all(said_r->who, MV_ASCII_VCHAR | MV_ASCII_WSP) && said_r->who.len <= MV_ALERT_MAX_WHO_BYTES;
}

static struct said *find(const struct mv_alert_memory *memory, struct mv_bytes domain, const struct mv_alert *alert)
{
    for (size_t i = 0; i < memory->count; i++) {
        struct said *said = &memory->said[i];

        if (said->what == alert->what && mv_bytes_equal(said->domain, domain) && mv_bytes_equal(said->who, alert->who))
            return said;
    }
    return NULL;
}

static enum mv_code add(struct mv_alert_memory *memory, const struct said *said)
{
    struct said *list;
    size_t oldest = 0;

    if (memory->count < MV_ALERT_MEMORY_MAX_LINES) {
        list = mv_arena_grow(memory->arena, memory->said, memory->count, sizeof *list);
        if (list == NULL)
            return MV_ERR_MEMORY;
        memory->said = list;
        list[memory->count++] = *said;
        return MV_OK;
    }
    for (size_t i = 1; i < memory->count; i++)
        if (memory->said[i].secs < memory->said[oldest].secs)
            oldest = i;
    memory->said[oldest] = *said;
    return MV_OK;
}

enum mv_code mv_alert_memory_read(struct mv_arena *arena, struct mv_bytes text, struct mv_alert_memory **memory_r,
                                  struct mv_error *error)
{
    struct mv_alert_memory *memory = mv_arena_alloc(arena, sizeof *memory);
    struct mv_cursor c = mv_cursor_of(text);

    *memory_r = memory;
    if (memory == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    memory->arena = arena;
    for (unsigned number = 1; mv_cursor_left(&c) > 0; number++) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');
        struct said said;

        if (!mv_cursor_accept(&c, '\n'))
            return mv_error_set(error, MV_ERR_SYNTAX, "line %u has no end", number);
        if (line.len > 0 && line.data[0] == '#')
            continue;
        if (!read_line(line, &said))
            return mv_error_set(error, MV_ERR_SYNTAX, "line %u is none that mailvouch report alert wrote", number);
        if (memory->count == MV_ALERT_MEMORY_MAX_LINES)
            return mv_error_set(error, MV_ERR_LIMIT, "more than %d lines", MV_ALERT_MEMORY_MAX_LINES);
        if (add(memory, &said) != MV_OK)
            return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    }
    return MV_OK;
}

static bool is_worse(const struct said *said, const struct mv_alert *alert)
{
    switch (alert->what) {
    case MV_ALERT_RATE:
        return alert->size >= said->size && alert->size - said->size >= MV_ALERT_FALL_PER_MILLE;
    case MV_ALERT_SILENCE:
        return false; /* it only lasts */
    case MV_ALERT_SENDER:
    case MV_ALERT_STRANGERS:
    case MV_ALERT_WHATS:
        break;
    }
    return alert->size / 2 >= said->size && alert->size > said->size;
}

enum mv_alert_turn mv_alert_memory_judge(const struct mv_alert_memory *memory, struct mv_bytes domain,
                                         const struct mv_alert *alert, int64_t now_secs)
{
    const struct said *said = find(memory, domain, alert);

    if (said == NULL)
        return alert->begins ? MV_ALERT_FIRST : MV_ALERT_SILENT;
    if (is_worse(said, alert))
        return MV_ALERT_WORSE;
    return now_secs - said->secs >= (int64_t)MV_ALERT_AGAIN_DAYS * MV_DAY_SECS ? MV_ALERT_AGAIN : MV_ALERT_SILENT;
}

bool mv_alert_memory_knows(const struct mv_alert_memory *memory, struct mv_bytes domain, const struct mv_alert *alert)
{
    return find(memory, domain, alert) != NULL;
}

enum mv_code mv_alert_memory_note(struct mv_alert_memory *memory, struct mv_bytes domain,
                                  const struct mv_alert *alert, int64_t now_secs)
{
    struct said *known = find(memory, domain, alert);
    struct said said = {now_secs, alert->what, alert->size, domain, alert->who};

    if (known == NULL)
        return add(memory, &said);
    known->secs = now_secs;
    known->size = alert->size;
    return MV_OK;
}

void mv_alert_memory_write(const struct mv_alert_memory *memory, int64_t now_secs, struct mv_buf *out)
{
    mv_buf_puts(out, HEAD);
    for (size_t i = 0; i < memory->count; i++) {
        const struct said *said = &memory->said[i];

        if (now_secs - said->secs > (int64_t)MV_ALERT_KEEP_DAYS * MV_DAY_SECS)
            continue;
        mv_buf_printf(out, "%jd %s %ju %.*s", (intmax_t)said->secs, mv_alert_what_text(said->what),
                      (uintmax_t)said->size, MV_ARG(said->domain));
        if (said->who.len > 0)
            mv_buf_printf(out, " %.*s", MV_ARG(said->who));
        mv_buf_putc(out, '\n');
    }
}
