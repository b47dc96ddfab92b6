#include "core/text/taglist.h"

#include "core/base/ascii.h"

/* RFC 6376 3.2: VALCHAR is VCHAR without ";", which ended the item before; UTF-8 by RFC 8616 5. */
#define VALUE_CLASSES (MV_ASCII_VCHAR | MV_ASCII_UTF8 | MV_ASCII_FWS)

static bool is_tag_name(struct mv_bytes name)
{
    if (name.len == 0 || !mv_ascii_is(name.data[0], MV_ASCII_ALPHA))
        return false;
    for (size_t i = 1; i < name.len; i++)
        if (name.data[i] != '_' && !mv_ascii_is(name.data[i], MV_ASCII_ALNUM))
            return false;
    return true;
}

/* One item that is not empty, from its first byte that is no FWS. */
static enum mv_taglist_code parse_item(struct mv_bytes item, struct mv_tag *tag_r)
{
    size_t equals = mv_bytes_find(item, '=');
    struct mv_bytes name = mv_bytes_trim(mv_bytes_slice(item, 0, equals));
    struct mv_bytes value = mv_bytes_trim(mv_bytes_slice(item, equals + 1, item.len));

    *tag_r = (struct mv_tag){.whole = item};
    if (equals == item.len || !is_tag_name(name))
        return MV_TAGLIST_BAD_NAME;
    if (!mv_bytes_all(value, VALUE_CLASSES))
        return MV_TAGLIST_BAD_VALUE;
    tag_r->name = name;
    tag_r->value = value;
    return MV_TAGLIST_OK;
}

/* False where only FWS is left; a ";" behind the item is gone over. */
static bool take_item(struct mv_cursor *c, struct mv_bytes *item_r)
{
    mv_cursor_take_while(c, MV_ASCII_FWS);
    if (mv_cursor_left(c) == 0)
        return false;
    *item_r = mv_cursor_take_until(c, ';');
    mv_cursor_accept(c, ';');
    return true;
}

bool mv_taglist_next(struct mv_cursor *cursor, struct mv_tag *tag_r)
{
    struct mv_bytes item;

    while (take_item(cursor, &item)) {
        if (item.len == 0)
            continue;
        parse_item(item, tag_r);
        return true;
    }
    return false;
}

bool mv_taglist_find(struct mv_bytes text, struct mv_bytes name, struct mv_tag *tag_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes item;

    while (take_item(&c, &item)) {
        struct mv_bytes item_name = mv_bytes_trim(mv_bytes_slice(item, 0, mv_bytes_find(item, '=')));

        if (mv_bytes_equal(item_name, name))
            return parse_item(item, tag_r) == MV_TAGLIST_OK;
    }
    return false;
}

enum mv_taglist_code mv_taglist_parse(struct mv_bytes text, struct mv_taglist *list_r)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_bytes item;

    list_r->count = 0;
    if (text.len > MV_TAGLIST_MAX_BYTES)
        return MV_TAGLIST_TOO_LONG;
    while (take_item(&c, &item)) {
        struct mv_tag tag;
        enum mv_taglist_code code = parse_item(item, &tag);

        if (code != MV_TAGLIST_OK)
            return code;
        if (mv_taglist_get(list_r, tag.name) != NULL)
            return MV_TAGLIST_DUPLICATE;
        if (list_r->count == MV_TAGLIST_MAX_TAGS)
            return MV_TAGLIST_TOO_MANY;
        list_r->tags[list_r->count++] = tag;
    }
    return list_r->count == 0 ? MV_TAGLIST_EMPTY : MV_TAGLIST_OK;
}

const struct mv_tag *mv_taglist_get(const struct mv_taglist *list, struct mv_bytes name)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct mv_tag *tag = &list->tags[i];

        /* Nearly all names have one letter: mostly the first one decides. */
        if (tag->name.len == name.len && name.len > 0 && tag->name.data[0] == name.data[0] &&
            mv_bytes_equal(tag->name, name))
            return tag;
    }
    return NULL;
}

const char *mv_taglist_code_text(enum mv_taglist_code code)
{
    switch (code) {
    case MV_TAGLIST_OK:
        return "well formed";
    case MV_TAGLIST_TOO_LONG:
        return "longer than 16 KiB";
    case MV_TAGLIST_TOO_MANY:
        return "more than 64 tags";
    case MV_TAGLIST_BAD_NAME:
        return "an item that is not name=value";
    case MV_TAGLIST_BAD_VALUE:
        return "a tag value with a forbidden byte";
    case MV_TAGLIST_DUPLICATE:
        return "two tags of one name";
    case MV_TAGLIST_EMPTY:
        return "no tag at all";
    }
    return "unknown";
}
