/*
 * A message and what the core says of it.
 *
 *   mv_judge_begin()   when header and client are known
 *   mv_judge_feed()    header and body, in any split
 *   mv_judge_ask()     whenever the client is waited for: DNS questions go out, answers are taken in
 *   mv_judge_end()     waits for the verdict
 *
 * Nothing here fails towards the session: an error of ours is an outcome
 * (FAILED), and such mail is delivered without our fields.
 */
#ifndef MV_LMTP_JUDGE_H
#define MV_LMTP_JUDGE_H

#include "lmtp-hook/client.h"
#include "lmtp-hook/engines.h"

enum mv_judged {
    MV_JUDGED_NOT = 0, /* not begun, or under way */
    MV_JUDGED_SKIPPED, /* mail of one's own */
    MV_JUDGED_FAILED,  /* an error of ours */
    MV_JUDGED_DONE
};

struct mv_judge {
    struct mv_engines *engines; /* borrowed */
    struct mv_engine *engine;   /* NULL: none could be had */
    struct mv_msg *msg;
    enum mv_judged state;
    const char *skip;           /* "local", "trusted" or "authenticated", when SKIPPED */
    bool keep_results;          /* a trusted MTA's Authentication-Results stay */
    struct mv_error error;      /* when FAILED */
    unsigned waited_msecs;
};

void mv_judge_init(struct mv_judge *judge, struct mv_engines *engines);
void mv_judge_free(struct mv_judge *judge);
void mv_judge_begin(struct mv_judge *judge, const struct mv_client *client, struct mv_bytes mail_from);
void mv_judge_feed(struct mv_judge *judge, struct mv_bytes bytes);
void mv_judge_ask(struct mv_judge *judge);
void mv_judge_end(struct mv_judge *judge);
/* NULL unless DONE. */
const struct mv_verdict *mv_judge_verdict(const struct mv_judge *judge);
/* What is to be done; NONE unless DONE. */
enum mv_action mv_judge_action(const struct mv_judge *judge);

#endif
