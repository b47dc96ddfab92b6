/*
 * Where a message came from, from all that may tell: what the trusted mail server said in the dialogue, else its
 * Mailvouch-Client field, else the topmost Received field if a mail server of ours wrote it.
 */
#ifndef MV_LMTP_ORIGIN_H
#define MV_LMTP_ORIGIN_H

#include "core/config/config.h"
#include "core/text/field.h"
#include "lmtp-hook/session.h"

/*
 * told: from the dialogue.  A Mailvouch-Client field counts only where the configuration says that the mail server
 * writes it, and where there is just one: two are the work of a stranger and a server that does not remove his.
 */
void mv_origin_find(const struct mv_settings *settings, enum mv_session_trust trust, const struct mv_client *told,
                    const struct mv_field *fields, size_t count, struct mv_client *client_r);

#endif
