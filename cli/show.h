/*
 * Results for people: short tables, colour on a terminal only and never with NO_COLOR.
 */
#ifndef MV_CLI_SHOW_H
#define MV_CLI_SHOW_H

#include "core/mailvouch.h"

enum mv_tone { MV_TONE_PLAIN, MV_TONE_GOOD, MV_TONE_WARN, MV_TONE_BAD };

/* A word in its colour, nothing before or behind it. */
void mv_show_toned(enum mv_tone tone, const char *word);
void mv_show_spf(const struct mv_verdict *verdict);
void mv_show_dkim(const struct mv_verdict *verdict);
/* Nothing without ARC fields. */
void mv_show_arc(const struct mv_verdict *verdict);
void mv_show_dmarc(const struct mv_verdict *verdict);
void mv_show_disposition(const struct mv_verdict *verdict);

#endif
