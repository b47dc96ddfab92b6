/*
 * The module: what the ${dlfunc} functions and local_scan() do.
 *
 * One Exim process serves one connection, and the module's state lives as long
 * as the process: over RSET, STARTTLS and any number of messages.  So a message
 * is known by what makes it: before its end by (client address, HELO, MAIL
 * FROM, authentication), after it by Exim's message id.  When any of these is
 * not what the state was made from, the state is made anew.
 *
 * Nothing here fails towards Exim: every normal outcome is a status word.  An
 * error of ours (configuration, memory) leads to disposition=tempfail, and is
 * tried afresh with the next message.
 *
 * Answers are appended to out; the caller gives it MV_MODULE_MAX_ANSWER_BYTES.
 */
#ifndef MV_EXIM_MODULE_H
#define MV_EXIM_MODULE_H

#include "core/mailvouch.h"

#define MV_MODULE_MAX_ANSWER_BYTES 16384

/*
 * In MAIL (RCPT, predata): opens the engine, begins the message and sends the
 * questions that can be foreseen.  Called again it sends what has become
 * askable.  Never waits.  config_path NULL or "": the default file.
 * options: "force" (judge one's own mail, too), "explain" (keep the reason tree), or both; may be NULL.
 */
void mv_module_begin(const char *config_path, const char *options, struct mv_buf *out);
/* Waits for SPF alone. */
void mv_module_spf(const char *config_path, struct mv_buf *out);
/*
 * In DATA: reads the message, waits for the verdict, writes one log line, and evidence for reports where [report] wants
 * it.  Called again it only repeats its answer.  options: those of mv_module_begin() where that was not called, and
 * "observe": the caller refuses and defers nothing, and reports are to say so; may be NULL.
 */
void mv_module_check(const char *config_path, const char *options, struct mv_buf *out);
/* One detail of what mv_module_check() or mv_submission_sign() found. false: no such detail. */
bool mv_module_result(const char *name, struct mv_buf *out);
/*
 * The Authentication-Results field and, where there are keys for it, the Mailvouch-Result field (core/auth/handover.h)
 * behind it: both for the same add_header.  LF line ends, without the last one.  Nothing without a verdict.
 */
void mv_module_authres(const char *authserv_id, struct mv_buf *out);
/*
 * Holds back Authentication-Results fields that claim to be ours, and our own private fields; logs and returns their
 * number.  For one's own mail, too: it is not judged, but must not carry forged results into our mailboxes (RFC 8601
 * 5).  Nothing is held back of what one of [server] trusted_mtas sends without authentication.  When the
 * configuration cannot be read, nobody knows what is ours, and all such fields go.
 */
unsigned mv_module_strip(const char *authserv_id, const char *config_path);
/*
 * All in one, for local_scan(): judge, strip, add our fields on top.  how: words of "skip" (do not judge), "force",
 * "explain", "observe" (refuse and defer nothing), "sign" (as mv_submission_sign() does) and "config=PATH".  NONE,
 * REJECT or TEMPFAIL; out gets the text for the client, after its three digits, for the last two.
 */
enum mv_action mv_module_scan(const char *how, struct mv_buf *out);
/* The one engine of the process, opened with this configuration; NULL with a sentence in *error. */
struct mv_engine *mv_module_engine(const char *config_path, struct mv_error *error);
/*
 * In the daemon, each time before it forks: the configuration, the crypto library and the list of DNS servers, which
 * every connection would load again.  Later it looks whether the files have changed.
 */
void mv_module_preload(const char *config_path);

#endif
