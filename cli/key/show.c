#include "cli/key/show.h"

#include <stdio.h>
#include <time.h>

void mv_key_show_time(int64_t secs, struct mv_buf *out)
{
    char text[64];
    time_t time = (time_t)secs;
    struct tm tm;

    if (secs <= 0 || gmtime_r(&time, &tm) == NULL || strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        mv_buf_puts(out, "never");
    else
        mv_buf_puts(out, text);
}

static void put_move(const struct mv_keeper_event *event, bool would, struct mv_buf *out)
{
    mv_buf_printf(out, "%s%s -> %s", would ? "would go from " : "", mv_key_state_text(event->from),
                  mv_key_state_text(event->to));
}

/* What happened, in a few words; the reason follows. */
static void put_deed(const struct mv_keeper_event *event, bool would, struct mv_buf *out)
{
    const char *done[] = {
        [MV_DEED_CREATE] = "created",
        [MV_DEED_DISCARD] = "private key taken away",
        [MV_DEED_SAVE] = "noted",
        [MV_DEED_PUBLISH] = "record sent to DNS",
        [MV_DEED_WITHDRAW] = "record taken out of DNS",
        [MV_DEED_DESTROY] = "private key destroyed",
        [MV_DEED_WAIT] = "waits",
    };
    const char *planned[] = {
        [MV_DEED_CREATE] = "would make a new key",
        [MV_DEED_DISCARD] = "would take the private key away",
        [MV_DEED_SAVE] = "would be noted",
        [MV_DEED_PUBLISH] = "would send the record to DNS",
        [MV_DEED_WITHDRAW] = "would take the record out of DNS",
        [MV_DEED_DESTROY] = "would destroy the private key",
        [MV_DEED_WAIT] = "waits",
    };

    if (event->grade == MV_GRADE_ALARM)
        mv_buf_puts(out, "ALARM");
    else if (event->grade == MV_GRADE_PERSON)
        mv_buf_puts(out, "TO DO");
    else if (event->deed == MV_DEED_MOVE)
        put_move(event, would, out);
    else
        mv_buf_puts(out, would ? planned[event->deed] : done[event->deed]);
}

void mv_key_show_event(struct mv_bytes domain, const struct mv_keeper_event *event, bool would, struct mv_buf *out)
{
    mv_buf_put_escaped(out, domain);
    if (event->selector.len > 0) {
        mv_buf_putc(out, ' ');
        mv_buf_put_escaped(out, event->selector);
    }
    mv_buf_puts(out, ": ");
    put_deed(event, would, out);
    if (event->deed == MV_DEED_WAIT && event->when_secs > 0) {
        mv_buf_puts(out, " until ");
        mv_key_show_time(event->when_secs, out);
    }
    if (event->text.len > 0) {
        mv_buf_puts(out, ": ");
        mv_buf_put_escaped(out, event->text);
    }
}

static int64_t state_secs(const struct mv_key_entry *entry)
{
    switch (entry->state) {
    case MV_KEY_CREATED:
        return entry->created_secs;
    case MV_KEY_PUBLISHED:
        return entry->published_secs;
    case MV_KEY_ACTIVE:
        return entry->active_secs;
    case MV_KEY_RETIRING:
        return entry->retiring_secs;
    case MV_KEY_REVOKED:
        return entry->revoked_secs;
    }
    return 0;
}

void mv_key_show_state(const struct mv_key_entry *entry, struct mv_buf *out)
{
    static const char *const words[] = {
        [MV_KEY_CREATED] = "created, not in DNS yet, since",
        [MV_KEY_PUBLISHED] = "in DNS, does not sign yet, since",
        [MV_KEY_ACTIVE] = "signs since",
        [MV_KEY_RETIRING] = "signs no more since",
        [MV_KEY_REVOKED] = "withdrawn since",
    };

    if (entry->interrupted) {
        mv_buf_puts(out, "its making was interrupted: it is never used");
        return;
    }
    mv_buf_puts(out, words[entry->state]);
    mv_buf_putc(out, ' ');
    mv_key_show_time(state_secs(entry), out);
    if (entry->state == MV_KEY_REVOKED)
        return;
    if (entry->sight_secs == 0) {
        mv_buf_puts(out, "; never looked at in DNS");
        return;
    }
    mv_buf_printf(out, "; DNS: %s at ", mv_key_sight_text(entry->sight));
    mv_key_show_time(entry->sight_secs, out);
}

bool mv_key_show_line(struct mv_buf *line)
{
    const char *text = mv_buf_cstr(line);
    bool whole = text != NULL && puts(text) != EOF;

    mv_buf_free(line);
    return whole;
}

json_t *mv_key_json_text(struct mv_bytes text)
{
    struct mv_buf escaped;
    json_t *json;

    if (text.len == 0)
        return json_null();
    mv_buf_init(&escaped, 4 * text.len + 1);
    mv_buf_put_escaped(&escaped, text);
    json = mv_buf_cstr(&escaped) == NULL ? NULL : json_string(mv_buf_cstr(&escaped));
    mv_buf_free(&escaped);
    return json;
}

static json_t *json_secs(int64_t secs)
{
    return secs == 0 ? json_null() : json_integer(secs);
}

json_t *mv_key_json_entry(const struct mv_key_entry *entry)
{
    if (entry->interrupted)
        return json_pack("{s:o, s:o, s:s}", "domain", mv_key_json_text(entry->domain), "selector",
                         mv_key_json_text(entry->selector), "state", "interrupted");
    return json_pack("{s:o, s:o, s:o, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "domain",
                     mv_key_json_text(entry->domain), "selector", mv_key_json_text(entry->selector), "host",
                     mv_key_json_text(entry->host), "type", mv_key_type_text(entry->type), "bits", (int)entry->bits,
                     "state", mv_key_state_text(entry->state), "created", json_secs(entry->created_secs), "published",
                     json_secs(entry->published_secs), "usable", json_secs(entry->usable_secs), "active",
                     json_secs(entry->active_secs), "retiring", json_secs(entry->retiring_secs), "revoked",
                     json_secs(entry->revoked_secs), "sight", mv_key_sight_text(entry->sight), "sight_at",
                     json_secs(entry->sight_secs));
}

json_t *mv_key_json_event(const struct mv_keeper_event *event)
{
    static const char *const grades[] = {
        [MV_GRADE_NOTE] = "note",
        [MV_GRADE_PERSON] = "to-do",
        [MV_GRADE_TROUBLE] = "trouble",
        [MV_GRADE_ALARM] = "alarm",
    };
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o}", "deed", mv_deed_text(event->deed), "grade",
                             grades[event->grade], "selector", mv_key_json_text(event->selector), "when",
                             json_secs(event->when_secs), "text", mv_key_json_text(event->text));

    if (json != NULL && event->deed == MV_DEED_MOVE &&
        (json_object_set_new(json, "from", json_string(mv_key_state_text(event->from))) != 0 ||
         json_object_set_new(json, "to", json_string(mv_key_state_text(event->to))) != 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *mv_key_json_sight(const struct mv_sight *sight)
{
    json_t *servers = json_array();

    for (size_t i = 0; i < sight->line_count; i++) {
        const struct mv_sight_line *line = &sight->lines[i];
        struct mv_buf ip;

        mv_buf_init(&ip, 64);
        mv_ip_print(&line->server.ip, &ip);
        json_array_append_new(servers, json_pack("{s:o, s:o, s:b, s:b, s:o}", "server",
                                                 mv_key_json_text(line->server.name), "address",
                                                 mv_key_json_text(mv_buf_bytes(&ip)), "counts", line->counts, "shown",
                                                 line->shown, "says", mv_key_json_text(mv_bytes_str(line->what))));
        mv_buf_free(&ip);
    }
    return json_pack("{s:s, s:o, s:o}", "sight", mv_key_sight_text(mv_key_view_sight(&sight->view)), "fault",
                     mv_key_json_text(sight->view.fault), "servers", servers);
}
