/* A flat record as text, in one record or in several (RFC 7208 3.4). */
#include "core/ops/spf_flat.h"

#include "core/base/trace.h"

struct splitting {
    struct mv_arena *arena;
    struct mv_bytes domain;
    struct mv_spf_flat_record *records; /* the first is the domain's own */
    size_t count;
    struct mv_buf first, chunk;
    unsigned lookups;
    enum mv_code code;
};

static void put_qualifier(struct mv_buf *out, char qualifier)
{
    mv_buf_putc(out, ' ');
    if (qualifier != '+')
        mv_buf_putc(out, (unsigned char)qualifier);
}

static void put_network(struct mv_buf *out, char qualifier, const struct mv_network *network)
{
    put_qualifier(out, qualifier);
    mv_spf_network_print(network, out);
}

static unsigned lookups_of(const struct mv_spf_tree_term *term)
{
    unsigned most = 0;

    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        unsigned lookups = term->cost[client].lookups + (term->host == NULL ? 0 : term->host->cost[client].lookups);

        if (lookups > most)
            most = lookups;
    }
    return most;
}

static void put_kept(struct splitting *s, const struct mv_spf_flat_run *run)
{
    for (size_t i = 0; i < run->kept_count; i++) {
        mv_buf_putc(&s->first, ' ');
        mv_buf_put(&s->first, run->kept[i]->term.text);
        s->lookups += lookups_of(run->kept[i]);
    }
}

static void end_chunk(struct splitting *s, char qualifier)
{
    struct mv_spf_flat_record *record = &s->records[s->count];
    char *name;

    if (mv_buf_bytes(&s->chunk).len == 0)
        return;
    mv_buf_puts(&s->chunk, " -all");
    if (s->count == MV_SPF_FLAT_MAX_RECORDS) {
        s->code = MV_ERR_LIMIT;
        return;
    }
    name = mv_arena_printf(s->arena, "_spf%zu.%.*s", s->count, MV_ARG(s->domain));
    if (name == NULL || mv_buf_failed(&s->chunk) || !mv_arena_copy(s->arena, mv_buf_bytes(&s->chunk), &record->text)) {
        s->code = MV_ERR_MEMORY;
        return;
    }
    record->name = mv_bytes_str(name);
    s->count++;
    s->lookups++;
    put_qualifier(&s->first, qualifier);
    mv_buf_printf(&s->first, "include:%s", name);
    mv_buf_reset(&s->chunk);
}

static void put_chunks(struct splitting *s, const struct mv_spf_flat_run *run)
{
    for (size_t i = 0; s->code == MV_OK && i < run->networks.count; i++) {
        size_t before = mv_buf_bytes(&s->chunk).len;

        if (before == 0)
            mv_buf_puts(&s->chunk, "v=spf1");
        put_network(&s->chunk, '+', &run->networks.items[i]);
        if (mv_buf_bytes(&s->chunk).len + sizeof " -all" - 1 <= MV_SPF_FLAT_RECORD_BYTES || before == 0)
            continue;
        mv_buf_truncate(&s->chunk, before);
        end_chunk(s, run->qualifier);
        i--;
    }
    if (s->code == MV_OK)
        end_chunk(s, run->qualifier);
}

static void put_end(struct splitting *s, const struct mv_spf_flat *flat)
{
    if (flat->redirect != NULL) {
        mv_buf_putc(&s->first, ' ');
        mv_buf_put(&s->first, flat->redirect->term.text);
        s->lookups += lookups_of(flat->redirect);
    }
    if (flat->exp.len > 0) {
        mv_buf_putc(&s->first, ' ');
        mv_buf_put(&s->first, flat->exp);
    }
    if (flat->all != '\0') {
        put_qualifier(&s->first, flat->all);
        mv_buf_puts(&s->first, "all");
    }
}

static void put_all(struct splitting *s, const struct mv_spf_flat *flat, bool in_chunks)
{
    mv_buf_reset(&s->first);
    mv_buf_puts(&s->first, "v=spf1");
    s->count = 1;
    s->lookups = 0;
    for (size_t i = 0; i < flat->run_count; i++) {
        if (in_chunks)
            put_chunks(s, &flat->runs[i]);
        for (size_t j = 0; !in_chunks && j < flat->runs[i].networks.count; j++)
            put_network(&s->first, flat->runs[i].qualifier, &flat->runs[i].networks.items[j]);
        put_kept(s, &flat->runs[i]);
    }
    put_end(s, flat);
}

enum mv_code mv_spf_flat_split(struct mv_arena *arena, struct mv_bytes domain, const struct mv_spf_flat *flat,
                               const struct mv_spf_flat_record **records_r, size_t *count_r, unsigned *lookups_r)
{
    struct splitting s = {.arena = arena, .domain = domain, .code = MV_OK};

    s.records = mv_arena_array(arena, MV_SPF_FLAT_MAX_RECORDS + 1, sizeof *s.records);
    if (s.records == NULL)
        return MV_ERR_MEMORY;
    mv_buf_init(&s.first, SIZE_MAX);
    mv_buf_init(&s.chunk, MV_SPF_MAX_RECORD_BYTES);
    put_all(&s, flat, false);
    if (mv_buf_bytes(&s.first).len > MV_SPF_FLAT_RECORD_BYTES)
        put_all(&s, flat, true);
    s.records[0].name = domain;
    if (s.code == MV_OK && mv_buf_bytes(&s.first).len > MV_SPF_MAX_RECORD_BYTES)
        s.code = MV_ERR_LIMIT;
    if (s.code == MV_OK &&
        (mv_buf_failed(&s.first) || !mv_arena_copy(arena, mv_buf_bytes(&s.first), &s.records[0].text)))
        s.code = MV_ERR_MEMORY;
    mv_buf_free(&s.first);
    mv_buf_free(&s.chunk);
    *records_r = s.records;
    *count_r = s.count;
    *lookups_r = s.lookups;
    return s.code;
}
