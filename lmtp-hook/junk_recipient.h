/*
 * A recipient's address with a detail: "RCPT TO:<bob@example.org> NOTIFY=NEVER" and "+Junk" make
 * "RCPT TO:<bob+Junk@example.org> NOTIFY=NEVER" (RFC 5233).
 */
#ifndef MV_LMTP_JUNK_RECIPIENT_H
#define MV_LMTP_JUNK_RECIPIENT_H

#include "core/base/buf.h"

/* line: a RCPT line that mv_command_parse() took. false, nothing written, for a quoted local part or a source route. */
bool mv_junk_recipient_put(struct mv_bytes line, struct mv_bytes detail, struct mv_buf *out);

#endif
