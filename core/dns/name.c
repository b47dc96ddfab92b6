#include "core/dns/name.h"

#include "core/base/ascii.h"

struct mv_bytes mv_dns_name_undotted(struct mv_bytes name)
{
    return name.len > 0 && name.data[name.len - 1] == '.' ? mv_bytes_slice(name, 0, name.len - 1) : name;
}

bool mv_dns_name_fold(struct mv_arena *arena, struct mv_bytes name, struct mv_bytes *folded_r)
{
    unsigned char *folded;

    name = mv_dns_name_undotted(name);
    folded = mv_arena_alloc(arena, name.len);
    if (folded == NULL)
        return false;
    for (size_t i = 0; i < name.len; i++)
        folded[i] = mv_ascii_lower(name.data[i]);
    *folded_r = mv_bytes_of(folded, name.len);
    return true;
}
