/* A list that parses is printed and parses again to the same; walking it item by item gives the same tags. */
#include "core/text/taglist.h"

#include "core/base/buf.h"
#include "tests/fuzz/fuzz.h"

static void require_same(const struct mv_tag *a, const struct mv_tag *b)
{
    fuzz_require(a->name.len > 0 && mv_bytes_equal(a->name, b->name));
    fuzz_require(mv_bytes_equal(a->value, b->value));
}

static void check_walk(const struct mv_taglist *list, struct mv_bytes text)
{
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_tag tag;

    for (size_t i = 0; i < list->count; i++) {
        fuzz_require(mv_taglist_next(&c, &tag));
        require_same(&list->tags[i], &tag);
        fuzz_require(mv_bytes_equal(mv_taglist_get(list, tag.name)->whole, tag.whole));
    }
    fuzz_require(!mv_taglist_next(&c, &tag));
}

static void check_print(const struct mv_taglist *list)
{
    struct mv_taglist again;
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    for (size_t i = 0; i < list->count; i++) {
        mv_buf_put(&out, list->tags[i].name);
        mv_buf_putc(&out, '=');
        mv_buf_put(&out, list->tags[i].value);
        if (i + 1 < list->count)
            mv_buf_putc(&out, ';');
    }
    fuzz_require(mv_taglist_parse(mv_buf_bytes(&out), &again) == MV_TAGLIST_OK);
    fuzz_require(again.count == list->count);
    for (size_t i = 0; i < list->count; i++)
        require_same(&list->tags[i], &again.tags[i]);
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes text = mv_bytes_of(data, size);
    struct mv_cursor c = mv_cursor_of(text);
    struct mv_taglist list;
    struct mv_tag tag;
    size_t items = 0;

    while (mv_taglist_next(&c, &tag))
        items++;
    fuzz_require(items <= size);
    if (mv_taglist_parse(text, &list) != MV_TAGLIST_OK)
        return 0;
    fuzz_require(list.count == items);
    for (size_t i = 0; i < list.count; i++) {
        fuzz_require(mv_taglist_find(text, list.tags[i].name, &tag));
        require_same(&list.tags[i], &tag);
    }
    check_walk(&list, text);
    check_print(&list);
    return 0;
}
