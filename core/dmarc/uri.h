/*
 * The URIs of rua and ruf (RFC 9989 4.6, 4.8).
 *
 * Only syntax: RFC 3986, and for mailto one address (RFC 6068) whose domain is made of
 * ASCII host labels (RFC 8616 6), since another one cannot be written to.
 * Whether a scheme can be reported to is the reporter's matter.
 */
#ifndef MV_DMARC_URI_H
#define MV_DMARC_URI_H

#include "core/base/bytes.h"

/*
 * One item of the list, trimmed: *uri_r is the URI without the size limit of
 * RFC 7489 ("!10m"), which is obsolete.  false when it is no URI; "!" and "," inside must be
 * percent-encoded.
 */
bool mv_dmarc_uri_parse(struct mv_bytes item, struct mv_bytes *uri_r);

#endif
