#include "core/config/received_by.h"

#include "core/text/domain.h"

/* ".example.org": the name and everything below it. */
static bool is_named(const struct mv_config_list *names, struct mv_bytes name)
{
    for (size_t i = 0; i < names->count; i++) {
        struct mv_bytes item = names->items[i];
        bool below = item.len > 0 && item.data[0] == '.';

        if (mv_domain_equal(name, below ? mv_bytes_slice(item, 1, item.len) : item) ||
            (below && mv_bytes_has_suffix_nocase(name, item)))
            return true;
    }
    return false;
}

bool mv_received_by_ours(const struct mv_settings *settings, struct mv_bytes value, struct mv_received *received_r)
{
    return mv_received_parse(value, received_r) && is_named(&settings->received_by, received_r->by_name);
}
