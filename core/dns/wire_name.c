#include "core/dns/wire_name.h"

#include <string.h>

#include "core/base/ascii.h"
#include "core/text/domain.h"

#define LABEL_KIND 0xc0    /* the upper two bits of a length octet */
#define LABEL_POINTER 0xc0

/* Length octets are below 64, so that they never look like a letter. */
static void put(struct mv_wire_name *name, struct mv_bytes label)
{
    name->octets[name->len++] = (unsigned char)label.len;
    for (size_t i = 0; i < label.len; i++)
        name->octets[name->len++] = mv_ascii_lower(label.data[i]);
}

bool mv_wire_name_from_text(struct mv_bytes text, struct mv_wire_name *name_r)
{
    struct mv_cursor c = mv_cursor_of(text);

    name_r->len = 0;
    if (!mv_domain_is_askable(text))
        return false;
    do {
        put(name_r, mv_cursor_take_until(&c, '.'));
    } while (mv_cursor_accept(&c, '.'));
    put(name_r, MV_BYTES(""));
    return true;
}

/* Labels up to a pointer (false is for neither; *target_r) or up to the root (*target_r is SIZE_MAX). */
static bool read_labels(struct mv_cursor *c, struct mv_wire_name *name, size_t *target_r)
{
    for (int octet = mv_cursor_next(c); octet >= 0; octet = mv_cursor_next(c)) {
        struct mv_bytes label;
        int low;

        if ((octet & LABEL_KIND) == LABEL_POINTER) {
            low = mv_cursor_next(c);
            *target_r = (size_t)(octet & ~LABEL_KIND) << 8 | (size_t)(low & 0xff);
            return low >= 0;
        }
        if ((octet & LABEL_KIND) != 0) /* extended labels are gone: RFC 6891 5 */
            return false;
        label = mv_cursor_take(c, (size_t)octet);
        if (label.len != (size_t)octet || name->len + 1 + label.len > MV_WIRE_MAX_NAME_BYTES)
            return false;
        put(name, label);
        if (octet == 0) {
            *target_r = SIZE_MAX;
            return true;
        }
    }
    return false;
}

bool mv_wire_name_read(struct mv_bytes message, struct mv_cursor *c, struct mv_wire_name *name_r)
{
    size_t start = mv_cursor_left(c) == 0 ? 0 : (size_t)(c->at - message.data), target = 0;
    struct mv_cursor elsewhere;

    name_r->len = 0;
    if (!read_labels(c, name_r, &target))
        return false;
    for (unsigned jumps = 0; target != SIZE_MAX; jumps++) {
        if (target >= start || jumps == MV_WIRE_MAX_JUMPS)
            return false;
        start = target;
        elsewhere = mv_cursor_of(mv_bytes_slice(message, target, message.len));
        if (!read_labels(&elsewhere, name_r, &target))
            return false;
    }
    return true;
}

bool mv_wire_name_equal(const struct mv_wire_name *a, const struct mv_wire_name *b)
{
    return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

bool mv_wire_name_is_plain(const struct mv_wire_name *name)
{
    struct mv_bytes octets = mv_bytes_of(name->octets, name->len);

    /* a dot (46) may also be a length */
    for (size_t at = 0; at < octets.len; at += 1 + octets.data[at]) {
        struct mv_bytes label = mv_bytes_slice(octets, at + 1, at + 1 + octets.data[at]);

        if (mv_bytes_find(label, '.') != label.len || mv_bytes_find(label, '\\') != label.len)
            return false;
    }
    return true;
}

bool mv_wire_name_to_text(struct mv_arena *arena, const struct mv_wire_name *name, struct mv_bytes *text_r)
{
    unsigned char text[MV_WIRE_MAX_NAME_BYTES];
    size_t len = 0;

    for (size_t at = 0; at < name->len && name->octets[at] > 0; at += 1u + name->octets[at]) {
        if (len > 0)
            text[len++] = '.';
        memcpy(text + len, name->octets + at + 1, name->octets[at]);
        len += name->octets[at];
    }
    return mv_arena_copy(arena, mv_bytes_of(text, len), text_r);
}
