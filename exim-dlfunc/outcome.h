/*
 * What has become of a message, and how it is told: the answers of the
 * ${dlfunc} functions, the log line, and the SMTP reply.
 *
 * Answers are made for ${extract{key}{answer}}: "key=value" separated by
 * spaces, values quoted where they are empty or hold more than a word.  Texts
 * of strangers are escaped, so that no value can end early or begin another.
 */
#ifndef MV_EXIM_OUTCOME_H
#define MV_EXIM_OUTCOME_H

#include "core/mailvouch.h"

enum mv_outcome_kind {
    MV_OUTCOME_OPEN = 0, /* not judged yet */
    MV_OUTCOME_SKIPPED,  /* not to be judged: one's own mail */
    MV_OUTCOME_FAILED,   /* an error of ours: the mail must wait, nothing is to be believed */
    MV_OUTCOME_JUDGED
};

/* Borrows everything. */
struct mv_outcome {
    enum mv_outcome_kind kind;
    const char *skip;                 /* "authenticated", "relay", "trusted" or "local", when SKIPPED */
    const char *error;                /* one sentence, when FAILED */
    const struct mv_verdict *verdict; /* when JUDGED */
    unsigned waited_msecs;            /* for DNS, all commands together */
};

/* " key=value" behind what is there, quoted where it must be. */
void mv_outcome_put_pair(const char *key, struct mv_bytes value, struct mv_buf *out);
/* "ok", "skip=...", or "error=..." : what mv_begin says. */
void mv_outcome_put_state(const struct mv_outcome *outcome, struct mv_buf *out);
/* "spf=pass domain=example.com reason=..." */
void mv_outcome_put_spf(const struct mv_spf_result *spf, struct mv_buf *out);
/* "spf= dkim= arc= dmarc= policy= disposition= from= reason=", what mv_check says. Nothing for an open outcome. */
void mv_outcome_put_status(const struct mv_outcome *outcome, struct mv_buf *out);
/* One detail without quotes. false: there is no detail of that name. */
bool mv_outcome_put_detail(const struct mv_outcome *outcome, const char *name, struct mv_buf *out);
/* The names of all details, separated by spaces. */
void mv_outcome_put_detail_names(struct mv_buf *out);
/* The one line of the main log. */
void mv_outcome_put_log(const struct mv_outcome *outcome, struct mv_buf *out);
/* "550 5.7.1 ..." or "451 4.7.0 ..."; nothing for a message that is let in. */
void mv_outcome_put_reply(const struct mv_outcome *outcome, struct mv_buf *out);
/* Of the SPF result, and of the signature that stands for all (mv_verdict_signature()). */
const char *mv_outcome_spf_word(const struct mv_verdict *verdict);
const char *mv_outcome_dkim_word(const struct mv_verdict *verdict);
/* The domains of the ARC sealers, oldest first, as a list of Exim: "example.org:list.example.net". */
void mv_outcome_put_sealers(const struct mv_verdict *verdict, struct mv_buf *out);
/* What is to be done with the message. An error of ours is TEMPFAIL. */
enum mv_action mv_outcome_action(const struct mv_outcome *outcome);

#endif
