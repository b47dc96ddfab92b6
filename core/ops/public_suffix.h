/*
 * The list of public suffixes (publicsuffix.org), by which receivers of RFC 7489
 * find the Organizational Domain (3.2 there).
 *
 * The text of the list is handed in and searched from end to end, which is fast
 * enough for a command that looks at a few domains.  Both of its parts count,
 * registries and private ones, as they do for OpenDMARC.
 */
#ifndef MV_OPS_PUBLIC_SUFFIX_H
#define MV_OPS_PUBLIC_SUFFIX_H

#include "core/base/arena.h"

#define MV_PUBLIC_SUFFIX_FILE "/usr/share/publicsuffix/public_suffix_list.dat"
#define MV_PUBLIC_SUFFIX_MAX_BYTES (4 * 1024 * 1024)

/*
 * The suffix of the domain and one label more, as a part of domain, which is normalised; the domain itself when it is a
 * suffix.  The arena is for rules in U-labels.
 */
struct mv_bytes mv_public_suffix_org(struct mv_arena *arena, struct mv_bytes list, struct mv_bytes domain);

#endif
