/*
 * Results as JSON: one shape for all commands (mailvouch-verify in doc/mailvouch.1).
 */
#ifndef MV_CLI_JSON_H
#define MV_CLI_JSON_H

#include <jansson.h>

#include "core/mailvouch.h"

/* Each returns a new reference, or NULL without memory. */
json_t *mv_json_spf(const struct mv_verdict *verdict);
json_t *mv_json_dkim(const struct mv_verdict *verdict);
json_t *mv_json_dmarc(const struct mv_verdict *verdict);
/* A JSON string of any bytes: as UTF-8 where they are that, else each byte a code point. */
json_t *mv_json_bytes(struct mv_bytes b);
/* An address as text. */
json_t *mv_json_ip(const struct mv_ip *ip);
/* The whole verdict; authres is the field as text, or NULL. */
json_t *mv_json_verdict(const struct mv_verdict *verdict, const char *authres);

/*
 * All in ASCII: a terminal that shows the output must not be turned around by what strangers wrote.
 *
 * Writes and gives the reference back. "schema":1 comes first. false when writing failed.
 */
bool mv_json_print(json_t *object);
/* One line for one of many. Takes the reference; false for NULL, and when writing failed: the caller says so. */
bool mv_json_print_line(json_t *object);

#endif
