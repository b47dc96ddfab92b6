#include "core/report/xml_names.h"

#include <string.h>

/* Where the name is, or belongs.  In order rather than hashed: nobody can choose names that are slow to find. */
static size_t place_of(const struct mv_xml_names *names, const char *name)
{
    size_t from = 0, to = names->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(names->sorted[middle], name) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool mv_xml_names_add(struct mv_xml_names *names, const char *name)
{
    size_t at = place_of(names, name), size;
    char *copy = names->room + names->room_len;

    if (at < names->count && strcmp(names->sorted[at], name) == 0)
        return true;
    size = strlen(name) + 1;
    if (names->count == MV_XML_MAX_NAMES || size > MV_XML_MAX_NAME_BYTES - names->room_len)
        return false;
    memcpy(copy, name, size);
    names->room_len += size;
    memmove(names->sorted + at + 1, names->sorted + at, (names->count - at) * sizeof *names->sorted);
    names->sorted[at] = copy;
    names->count++;
    return true;
}
