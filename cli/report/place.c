#include "cli/report/place.h"

const char *mv_report_place(const struct mv_settings *settings, const char *given)
{
    if (given != NULL)
        return given;
    return settings == NULL ? MV_REPORT_STORE_DEFAULT_PATH : (const char *)settings->report.store.data;
}
