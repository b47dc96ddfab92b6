#include "core/dkim/select.h"

#include "core/text/domain.h"
#include "core/text/taglist.h"

enum rank { NOT_A_SIGNATURE, CHOSEN, AUTHOR, RELATED, OTHER };

static struct mv_bytes read_sdid(struct mv_arena *arena, const struct mv_field *field)
{
    struct mv_cursor c = mv_cursor_of(field->value);
    struct mv_bytes sdid = {NULL, 0};
    struct mv_tag tag;

    while (mv_taglist_next(&c, &tag)) {
        if (!mv_bytes_equal(tag.name, MV_BYTES("d")))
            continue;
        mv_domain_normalize(arena, tag.value, &sdid);
        break;
    }
    return sdid;
}

static enum rank rank_of(struct mv_bytes sdid, struct mv_bytes author_domain)
{
    if (sdid.len == 0 || author_domain.len == 0)
        return OTHER;
    if (mv_bytes_equal(sdid, author_domain))
        return AUTHOR;
    if (mv_domain_is_within(sdid, author_domain) || mv_domain_is_within(author_domain, sdid))
        return RELATED;
    return OTHER;
}

static size_t count_signatures(const struct mv_field *fields, size_t count, struct mv_bytes name)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += mv_field_is(&fields[i], name);
    return total;
}

static void collect_all(const struct mv_field *fields, size_t count, struct mv_bytes name,
                        struct mv_dkim_selection *selection)
{
    for (size_t i = 0; i < count; i++)
        if (mv_field_is(&fields[i], name))
            selection->fields[selection->count++] = i;
}

static size_t choose(unsigned char *ranks, size_t count, enum rank rank, size_t room)
{
    size_t chosen = 0;

    for (size_t i = 0; i < count && chosen < room; i++) {
        if (ranks[i] == rank) {
            ranks[i] = CHOSEN;
            chosen++;
        }
    }
    return chosen;
}

static void collect_chosen(const unsigned char *ranks, size_t count, struct mv_dkim_selection *selection)
{
    for (size_t i = 0; i < count; i++)
        if (ranks[i] == CHOSEN)
            selection->fields[selection->count++] = i;
}

bool mv_dkim_select(struct mv_arena *arena, const struct mv_field *fields, size_t count, struct mv_bytes name,
                    struct mv_bytes author_domain, struct mv_dkim_selection *selection_r)
{
    size_t room = MV_DKIM_MAX_SIGNATURES;
    unsigned char *ranks;

    *selection_r = (struct mv_dkim_selection){.total = count_signatures(fields, count, name)};
    if (selection_r->total <= room) {
        collect_all(fields, count, name, selection_r);
        return true;
    }
    ranks = mv_arena_alloc(arena, count);
    if (ranks == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (mv_field_is(&fields[i], name))
            ranks[i] = (unsigned char)rank_of(read_sdid(arena, &fields[i]), author_domain);
    for (enum rank rank = AUTHOR; rank <= OTHER; rank++)
        room -= choose(ranks, count, rank, room);
    collect_chosen(ranks, count, selection_r);
    return true;
}
