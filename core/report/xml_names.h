/*
 * Names that a parser of XML meets and does not know: how many different ones there were.
 *
 * expat keeps every name of an element and of an attribute that it has seen until it is freed, so a report of nothing
 * but new names would fill the memory, some eight times its own size.  Who reads one gives up at these limits.
 */
#ifndef MV_REPORT_XML_NAMES_H
#define MV_REPORT_XML_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define MV_XML_MAX_NAMES 1000
#define MV_XML_MAX_NAME_BYTES (32 * 1024) /* of all of them, each with its NUL */

/* Zero it to begin; it is not moved then. */
struct mv_xml_names {
    const char *sorted[MV_XML_MAX_NAMES];
    size_t count;
    char room[MV_XML_MAX_NAME_BYTES];
    size_t room_len;
};

/* Notes the name, unless it is there. false: it is one too many. */
bool mv_xml_names_add(struct mv_xml_names *names, const char *name);

#endif
