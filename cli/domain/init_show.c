#include "cli/domain/init.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/show_findings.h"
#include "core/base/trace.h"
#include "core/ops/rollover.h"

#define MAX_STEPS 12

/* In their order; each is one sentence or command line. */
struct steps {
    const char *items[MAX_STEPS];
    size_t count;
};

static void add(struct steps *steps, const char *text)
{
    if (text != NULL && steps->count < MAX_STEPS)
        steps->items[steps->count++] = text;
}

static bool has_state(const struct mv_init *init, enum mv_first_state state)
{
    for (size_t i = 0; i < init->records.count; i++)
        if (init->records.items[i].state == state)
            return true;
    return false;
}

static void next_steps(const struct mv_init *init, struct steps *steps)
{
    struct mv_arena *arena = init->lookup.arena;

    if (init->given->dry_run)
        add(steps, "Run it again without --dry-run.");
    for (size_t i = 0; i < init->file_count; i++)
        if (init->files[i].state == MV_INIT_ADD)
            add(steps, mv_arena_printf(arena, "Add the lines above to %s.", init->files[i].path));
    if (init->settings->publish == MV_PUBLISH_MANUAL)
        add(steps, mv_arena_printf(arena, "mailvouch key auto %.*s    # looks at the names of the keys, before "
                                          "anything is published there", MV_ARG(init->domain)));
    if (has_state(init, MV_FIRST_PUBLISH))
        add(steps, "Put the records that are marked \"publish\" into the zone.");
    if (init->records.has_no_mail_host)
        add(steps, "Publish an MX, or a null MX (0 .) when the domain takes no mail: --mail-host NAME prints it.");
    add(steps, "systemctl enable --now mailvouch-keys.timer    # activates keys when DNS shows them, and rolls them");
    if (init->has_exim)
        add(steps, "adduser Debian-exim mailvouch && update-exim4.conf && systemctl restart exim4");
    if (init->has_dovecot)
        add(steps, "systemctl restart dovecot");
    add(steps, mv_arena_printf(arena, "mailvouch check %.*s    # until nothing is left to mend", MV_ARG(init->domain)));
    add(steps, mv_arena_printf(arena, "mailvouch dmarc stage %.*s REPORTS...    # from p=none to p=reject",
                               MV_ARG(init->domain)));
}

static void show_text(const char *text)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(text));

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        printf("      %.*s\n", MV_ARG(line));
        mv_cursor_accept(&c, '\n');
    }
}

static void show_files(const struct mv_init *init)
{
    puts("Configuration");
    if (init->configured)
        printf("  %.*s is one of our domains already\n", MV_ARG(init->domain));
    for (size_t i = 0; i < init->file_count; i++) {
        const struct mv_init_file *file = &init->files[i];

        switch (file->state) {
        case MV_INIT_WRITTEN:
            printf("  written  %s\n", file->path);
            break;
        case MV_INIT_THERE:
            printf("  there    %s\n", file->path);
            break;
        case MV_INIT_ADD:
            printf("  exists   %s stays as it is; add to it:\n", file->path);
            show_text(file->text);
            break;
        case MV_INIT_PLANNED:
            printf("  planned  %s\n", file->path);
            show_text(file->text);
            break;
        }
    }
}

static void show_keys(const struct mv_init *init)
{
    puts("\nKeys");
    for (size_t i = 0; i < init->key_count; i++) {
        const struct mv_init_key *key = &init->keys[i];

        if (key->planned)
            printf("  planned  one of %s\n", mv_key_type_text(key->entry.type));
        else
            printf("  %-8s %.*s (%s, %s)\n", key->made ? "made" : "there", MV_ARG(key->entry.selector),
                   mv_key_type_text(key->entry.type), mv_key_state_text(key->entry.state));
    }
}

static void show_records(const struct mv_init *init)
{
    puts("\nRecords of the zone");
    for (size_t i = 0; i < init->records.count; i++) {
        const struct mv_first_record *record = &init->records.items[i];

        printf("  %-8s ", mv_first_state_text(record->state));
        mv_show_record(record->name, record->type, record->text);
    }
    if (has_state(init, MV_FIRST_OTHER))
        puts("  \"other\": something else is there, which is not ours; see 'mailvouch check'.");
    if (has_state(init, MV_FIRST_UNKNOWN))
        puts("  \"unknown\": DNS gives no answer there; look before you publish.");
}

void mv_init_show(const struct mv_init *init)
{
    struct steps steps = {.count = 0};

    next_steps(init, &steps);
    show_files(init);
    show_keys(init);
    show_records(init);
    puts("\nNext");
    for (size_t i = 0; i < steps.count; i++)
        printf("  %zu. %s\n", i + 1, steps.items[i]);
}

static json_t *json_files(const struct mv_init *init)
{
    json_t *list = json_array();

    for (size_t i = 0; i < init->file_count; i++)
        json_array_append_new(list, json_pack("{s:o*, s:s, s:s}", "path",
                                              mv_json_bytes(mv_bytes_str(init->files[i].path)), "state",
                                              mv_init_file_state_text(init->files[i].state), "text",
                                              init->files[i].text));
    return list;
}

static json_t *json_keys(const struct mv_init *init)
{
    json_t *list = json_array();

    for (size_t i = 0; i < init->key_count; i++)
        json_array_append_new(list, json_pack("{s:o*, s:s, s:s}", "selector",
                                              init->keys[i].planned ? json_null()
                                                                    : mv_json_bytes(init->keys[i].entry.selector),
                                              "type", mv_key_type_text(init->keys[i].entry.type), "state",
                                              init->keys[i].planned ? "planned"
                                                                    : mv_key_state_text(init->keys[i].entry.state)));
    return list;
}

static json_t *json_records(const struct mv_init *init)
{
    json_t *list = json_array();

    for (size_t i = 0; i < init->records.count; i++) {
        const struct mv_first_record *record = &init->records.items[i];

        json_array_append_new(list, json_pack("{s:o*, s:s, s:o*, s:s}", "name", mv_json_bytes(record->name), "type",
                                              record->type, "text", mv_json_bytes(record->text), "state",
                                              mv_first_state_text(record->state)));
    }
    return list;
}

enum mv_exit mv_init_print_json(const struct mv_init *init)
{
    struct steps steps = {.count = 0};
    json_t *next = json_array();

    next_steps(init, &steps);
    for (size_t i = 0; i < steps.count; i++)
        json_array_append_new(next, json_string(steps.items[i]));
    return mv_json_print(json_pack("{s:o*, s:b, s:o*, s:o*, s:o*, s:o*}", "domain", mv_json_bytes(init->domain),
                                   "dry_run", init->given->dry_run, "files", json_files(init), "keys",
                                   json_keys(init), "records", json_records(init), "next", next))
               ? MV_EXIT_OK
               : MV_EXIT_INTERNAL;
}
