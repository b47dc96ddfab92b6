/*
 * The client of a message, as a mail server of [server] received_by wrote it down.
 */
#ifndef MV_CONFIG_RECEIVED_BY_H
#define MV_CONFIG_RECEIVED_BY_H

#include "core/config/config.h"
#include "core/text/received.h"

/*
 * value: of a Received field.  false when it cannot be read, or none of ours wrote it.  Which field may be asked about
 * is the caller's to know: only the topmost one that such a server can have written.
 */
bool mv_received_by_ours(const struct mv_settings *settings, struct mv_bytes value, struct mv_received *received_r);

#endif
