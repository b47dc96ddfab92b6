/*
 * DMARC records and what they come to, for people and as JSON.
 */
#ifndef MV_CLI_DMARC_SHOW_H
#define MV_CLI_DMARC_SHOW_H

#include <jansson.h>

#include "core/ops/dmarc_view.h"

/* A table: what happens to failing mail, for each kind of author and each generation of receivers. */
void mv_dmarc_show_view(const struct mv_dmarc_record *record);
/* {"rfc9989":{"applies","own","below","missing"},"rfc7489":{...}}, each a sentence. NULL without memory. */
json_t *mv_dmarc_json_view(const struct mv_dmarc_record *record);
/* Any bytes, escaped, behind a word in a column of its own; a long line is broken at spaces. */
void mv_dmarc_show_line(const char *word, struct mv_bytes text);

#endif
