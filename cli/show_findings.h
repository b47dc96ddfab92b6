/*
 * Findings for people and for programs.
 */
#ifndef MV_CLI_SHOW_FINDINGS_H
#define MV_CLI_SHOW_FINDINGS_H

#include <jansson.h>

#include "cli/exit_code.h"
#include "core/ops/finding.h"

/*
 * One paragraph each, the worst first:
 *
 *   error spf-too-many-lookups example.org: 12 lookups, and 10 are allowed (RFC 7208 4.6.4)
 *         Receivers give up ... what to do.
 *         publish  example.org. TXT "v=spf1 ..."
 *
 * A line says it when there is nothing to find.
 */
void mv_show_findings(const struct mv_findings *findings);
/*
 * [{"id","severity","section","subject","detail","meaning","record":{"name","type","text"} or null}].
 * NULL without memory.
 */
json_t *mv_json_findings(const struct mv_findings *findings);
/* A record as a line of a zone file, in character-strings of at most 255 bytes. */
void mv_show_record(struct mv_bytes name, const char *type, struct mv_bytes text);
/* MV_EXIT_FINDING when there is an error or a warning. */
enum mv_exit mv_findings_exit(const struct mv_findings *findings);

#endif
