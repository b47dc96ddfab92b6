#include "cli/report/place.h"

const char *mv_report_place(const struct mv_report_settings *settings, const char *given)
{
    return given != NULL ? given : (const char *)settings->store.data;
}
