#include "core/dkim/canon_scan.h"

const struct mv_canon_scan *mv_canon_scan_at(size_t index)
{
    return index == 0 ? &mv_canon_scan_plain : NULL;
}
