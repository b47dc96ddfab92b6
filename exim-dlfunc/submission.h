/*
 * Signs what a user hands in, in the DATA ACL (the not_smtp ACL, local_scan()):
 * reads the message as it will leave, and puts the DKIM-Signature fields on top.
 *
 * To be called last: what changes the header or the body afterwards breaks the
 * signature.  A message is signed once; asked again, the answer is the same.
 *
 * An error of ours never lets mail leave unsigned by accident: the answer is
 * action=deferred, unless [sign] on_error says otherwise.
 */
#ifndef MV_EXIM_SUBMISSION_H
#define MV_EXIM_SUBMISSION_H

#include "core/mailvouch.h"

/*
 * Appends "action=signed domain= selectors= reason=": signed, unsigned (by the configuration), refused or deferred.
 * Writes one log line.  config_path NULL or "": the default file.
 */
void mv_submission_sign(const char *config_path, struct mv_buf *out);
/* Of the message that was handed in last: sign_action, sign_domain, sign_selectors, sign_reason, sign_reply. */
bool mv_submission_result(const char *name, struct mv_buf *out);
/* What is to be done with it: NONE, REJECT or TEMPFAIL. */
enum mv_action mv_submission_action(void);

#endif
