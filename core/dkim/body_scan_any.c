#include "core/dkim/body_scan.h"

mv_body_scan *mv_body_scan_at(size_t index)
{
    return index == 0 ? mv_body_scan_plain : NULL;
}
