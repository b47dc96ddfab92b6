/*
 * mailvouch: checks who really sent a message (SPF, DKIM, DMARC of RFC 9989, ARC).
 *
 * All that a front end includes.  An engine is opened once per process and may
 * be shared by messages that run one after the other in one thread; further
 * threads have twins of it.  A message goes through these steps:
 *
 *   mv_msg_begin(engine, envelope, want, &msg, &error)   what SMTP knows before DATA; SPF questions open
 *   mv_msg_start(msg)                                     optional: sends the questions, does not wait
 *   mv_msg_run(msg, MV_UNTIL_SPF)                         optional: waits for SPF alone
 *   mv_msg_feed(msg, bytes) ... mv_msg_end(msg)           the raw message in any split, CRLF, dot-unstuffed
 *   mv_msg_run(msg, MV_UNTIL_VERDICT)                     waits for the rest, under the one deadline
 *   mv_msg_verdict(msg), mv_msg_authres(msg, ...), mv_msg_explain(msg, ...)
 *   mv_msg_free(&msg)
 *
 * A front end with an event loop of its own answers the questions itself:
 * mv_msg_advance(), mv_msg_next_question(), mv_msg_answer().
 *
 * A check's result is never mixed with our own error: an mv_code other than
 * MV_OK means that our work was not done, and then nothing is to be believed.
 */
#ifndef MAILVOUCH_H
#define MAILVOUCH_H

#include "core/auth/handover.h"
#include "core/auth/seal.h"
#include "core/auth/signer.h"
#include "core/auth/verdict.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/dns/answer.h"
#include "core/text/ip.h"

struct mv_engine;
struct mv_msg;

/* What SMTP knows before DATA. Borrowed for the call of mv_msg_begin(). */
struct mv_envelope {
    struct mv_ip client_ip;    /* MV_IP_NONE: unknown, SPF is not evaluated */
    struct mv_bytes helo;
    struct mv_bytes mail_from; /* "" is the null reverse-path */
    int64_t now_secs;          /* seconds since the epoch */
    unsigned pct_roll;         /* 0 to 99, by chance, for [policy] honour_pct; 0 where it was not drawn */
};

enum mv_want {
    MV_WANT_SPF = 1 << 0,
    MV_WANT_DKIM = 1 << 1,
    MV_WANT_DMARC = 1 << 2,
    MV_WANT_EXPLAIN = 1 << 3, /* keep the reason tree */
    MV_WANT_ARC = 1 << 4,
    MV_WANT_VOUCH = 1 << 5,    /* mv_msg_handover() will be called */
    MV_WANT_HANDOVER = 1 << 6, /* look for the hand-over of a server before us */
    MV_WANT_CHECKS = MV_WANT_SPF | MV_WANT_DKIM | MV_WANT_DMARC | MV_WANT_ARC
};

enum mv_until { MV_UNTIL_SPF, MV_UNTIL_VERDICT };

#define MV_AUTHRES_MAX_BYTES 8192 /* of the Authentication-Results field */
#define MV_MSG_MAX_MEMORY_BYTES (32 * 1024 * 1024) /* of one message: header block, facts, answers */

/* config_path NULL: the default file, which may be missing. On an error *engine_r is NULL. */
enum mv_code mv_engine_open(struct mv_engine **engine_r, const char *config_path, struct mv_error *error);
/*
 * Another engine over the same configuration, for another thread: it asks DNS itself, and shares nothing else that
 * changes.  Close it before engine.
 */
enum mv_code mv_engine_twin(const struct mv_engine *engine, struct mv_engine **twin_r, struct mv_error *error);
/*
 * For a process that judges many messages: answers of DNS are kept for the next ones, as [server] dns_cache allows, by
 * this engine and the twins that it gets from now on.  MV_ERR_MEMORY: they are not.
 */
enum mv_code mv_engine_keep_answers(struct mv_engine *engine);
/*
 * Instead of DNS: replay a capture file's text (core/dns/capture.h).  This and
 * mv_msg_capture() are in a library of their own, libmailvouch-replay.
 */
enum mv_code mv_engine_use_capture(struct mv_engine *engine, struct mv_bytes json, struct mv_error *error);
const struct mv_config *mv_engine_config(const struct mv_engine *engine);
void mv_engine_close(struct mv_engine **engine);

enum mv_code mv_msg_begin(struct mv_engine *engine, const struct mv_envelope *envelope, unsigned want,
                          struct mv_msg **msg_r, struct mv_error *error);
/* Sends what can be asked and takes in what has come; never waits. */
enum mv_code mv_msg_start(struct mv_msg *msg);
enum mv_code mv_msg_feed(struct mv_msg *msg, struct mv_bytes bytes);
enum mv_code mv_msg_end(struct mv_msg *msg);
/* Blocks until the goal, or until the message's DNS deadline, when what is missing becomes temperror. */
enum mv_code mv_msg_run(struct mv_msg *msg, enum mv_until until);
void mv_msg_free(struct mv_msg **msg);

/* For event loops. MV_NEED_DNS: answer the questions, advance again. MV_OK: the verdict is final. */
enum mv_code mv_msg_advance(struct mv_msg *msg);
bool mv_msg_next_question(struct mv_msg *msg, struct mv_dns_question *question_r);
enum mv_code mv_msg_answer(struct mv_msg *msg, const struct mv_dns_question *question,
                           const struct mv_dns_answer *answer);

/*
 * For tools that ask "what if": the Author Domain is given instead of read from a
 * message, and so are the authenticated identifiers.  Then neither SPF nor DKIM is
 * evaluated, and mv_msg_run() needs no message.  Names are normalised here;
 * MV_ERR_SYNTAX for one that is no domain.  domain is copied.
 */
enum mv_code mv_msg_assume_author(struct mv_msg *msg, struct mv_bytes domain);
enum mv_code mv_msg_assume_identifier(struct mv_msg *msg, enum mv_dmarc_method method, struct mv_bytes domain,
                                      enum mv_dmarc_auth auth);

/*
 * For tools that ask more than the verdict needs: a function of the memo, run
 * until it returns something other than MV_NEED_DNS, which is returned.  Its questions
 * have a deadline of their own, and are in mv_msg_capture().
 */
typedef enum mv_code (*mv_msg_stage)(struct mv_memo *memo, void *context);
enum mv_code mv_msg_ask(struct mv_msg *msg, mv_msg_stage stage, void *context);
/* What SPF was asked. Owned by msg. */
const struct mv_spf_request *mv_msg_spf_request(const struct mv_msg *msg);

/* After mv_msg_run(UNTIL_SPF); NULL before. Owned by msg. */
const struct mv_spf_result *mv_msg_spf(const struct mv_msg *msg);
/* NULL before the verdict is final. Owned by msg. */
const struct mv_verdict *mv_msg_verdict(const struct mv_msg *msg);
/*
 * The Authentication-Results field with its name, folded, line ends CRLF, final CRLF included.
 * authserv_id NULL: that of the configuration.
 */
enum mv_code mv_msg_authres(const struct mv_msg *msg, const char *authserv_id, struct mv_buf *out);
/*
 * The hand-over (core/auth/handover.h).
 *
 * Border: begins the message with MV_WANT_VOUCH, and adds this field, whose shape is that of mv_msg_authres(),
 * together with the one that mv_msg_authres() gives for the same authserv_id, to a message without other fields
 * that claim to be of it.  MV_OK and nothing appended where there are no keys.  MV_ERR_USAGE before the verdict.
 */
enum mv_code mv_msg_handover(const struct mv_msg *msg, const char *authserv_id, struct mv_buf *out);
/*
 * Mailbox server: begins the message with MV_WANT_HANDOVER, and asks after mv_msg_end().  When it is
 * MV_HANDOVER_VALID the verdict is known and mv_msg_run() is left out; else the same message can be judged by
 * mv_msg_run() as if nothing had been handed over.  Never NULL after an mv_msg_end() that gave MV_OK.  Owned by msg.
 */
const struct mv_handover *mv_msg_handover_result(const struct mv_msg *msg);
/*
 * Why the file [server] handover_keys cannot be used, as the last message (or mv_engine_preload()) found it; NULL
 * when nothing is wrong, also where there is no such file.  Messages go on without a hand-over: to be logged once.
 */
const char *mv_engine_handover_fault(const struct mv_engine *engine);
/*
 * Writes down what there will be to report to the domain's owner, once for a message, after its verdict: one line of
 * core/auth/evidence_line.h in [report] evidence_directory, and, where [report] failure is yes and the owner asks for
 * it, one of core/auth/failure_line.h.  MV_OK and nothing written where [report] evidence is no, and where there is
 * nothing to report.  action: what becomes of the message, which may be less than the verdict asks
 * for; now_secs: the present, not the message's.  Never waits.  After an error mail goes on; the sentence is for the
 * log, once rather than for each message.
 */
enum mv_code mv_msg_evidence(struct mv_msg *msg, enum mv_action action, int64_t now_secs, struct mv_error *error);
/*
 * Is this field (raw, folds included) an Authentication-Results field that claims to be ours, or cannot be read and
 * mentions us?  RFC 8601 5.  authserv_id: one more id that is ours, or NULL.
 */
bool mv_engine_is_forged(const struct mv_engine *engine, const char *authserv_id, struct mv_bytes raw_field);
/* Is the client in one of [server] local_networks?  Its mail is not evaluated. */
bool mv_engine_is_local(const struct mv_engine *engine, const struct mv_ip *ip);
/* Is the client in one of [server] trusted_mtas?  Its mail is not evaluated, and its Authentication-Results stay. */
bool mv_engine_is_trusted(const struct mv_engine *engine, const struct mv_ip *ip);
/*
 * Why mail of this client is not evaluated: "trusted", "local" or "authenticated"; NULL: it is.  *keep_results_r: its
 * Authentication-Results stay, which is so for a trusted server's mail, but not for what somebody who had logged in
 * there handed in.
 */
const char *mv_engine_skips(const struct mv_engine *engine, const struct mv_ip *ip, bool authenticated,
                            bool *keep_results_r);
/* The reason tree as ASCII text, safe on a terminal. Needs MV_WANT_EXPLAIN. Before the verdict: the part of SPF. */
enum mv_code mv_msg_explain(const struct mv_msg *msg, struct mv_buf *out);
/* The memo as a capture file. */
enum mv_code mv_msg_capture(const struct mv_msg *msg, struct mv_buf *out);
/* Every DNS question of the message ended in an error (and there was one): DNS is not available. */
bool mv_msg_dns_unavailable(const struct mv_msg *msg);
/* What is wrong after a code that is an error: one sentence. */
const struct mv_error *mv_msg_error(const struct mv_msg *msg);

/*
 * Loads lazily loaded parts (crypto, the list of DNS servers, the keys of the hand-over) so that processes forked
 * later have them; again, only what has changed since.
 */
enum mv_code mv_engine_preload(struct mv_engine *engine, int64_t now_secs);
/* Are the configuration's files what they were when the engine was opened? One stat() for each. */
bool mv_engine_is_current(const struct mv_engine *engine, int64_t now_secs);
const char *mv_engine_version(void);

#endif
