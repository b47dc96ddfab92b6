/*
 * The memo: every DNS question and answer that one message has seen.
 *
 * Stages ask the memo.  A miss becomes an open question, and the stage returns
 * MV_NEED_DNS; its caller answers all open questions and runs the stage again.
 * A stage that can foresee what it will need asks ahead with mv_memo_prefetch(),
 * so that independent questions travel together: wall time is then the depth of
 * the dependency chain, not the number of questions.
 *
 * Names are folded to lower case without a final dot.  A name that cannot be put
 * to DNS (empty or long label, too long) is answered NXDOMAIN at once and is
 * never sent.
 */
#ifndef MV_DNS_MEMO_H
#define MV_DNS_MEMO_H

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/dns/answer.h"

#define MV_MEMO_MAX_QUESTIONS 500 /* asked for and ahead; one more is answered MV_DNS_LIMIT */
#define MV_MEMO_MAX_AHEAD 300     /* questions asked ahead only; one more is dropped */
#define MV_MEMO_MAX_SUBJECTS 1000

struct mv_memo;

/* Lives in the arena, as all answers do. NULL without memory. */
struct mv_memo *mv_memo_new(struct mv_arena *arena);

/*
 * The limits are those of one message; this makes them so many times as large,
 * for who asks about many subjects side by side.  Before the first question.
 */
void mv_memo_widen(struct mv_memo *memo, size_t subjects);

/* The answer, or NULL: the question is now open (or memory ran out, see mv_memo_failed()). */
const struct mv_dns_answer *mv_memo_ask(struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type);
/* Opens the question if it is new; never an error. */
void mv_memo_prefetch(struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type);
/* The answer if it is there, without asking. NULL otherwise. */
const struct mv_dns_answer *mv_memo_peek(const struct mv_memo *memo, struct mv_bytes name, enum mv_dns_type type);

/*
 * Walks over the open questions that have not been handed out: fills *question_r
 * (borrowed from the memo), marks it as sent and returns true; false when there
 * is none.
 */
bool mv_memo_next_question(struct mv_memo *memo, struct mv_dns_question *question_r);
/*
 * Answers a question.  The answer is copied.  A second answer to the same
 * question, and an answer to no question, is kept for later asking but changes
 * nothing that has been answered.
 */
enum mv_code mv_memo_answer(struct mv_memo *memo, const struct mv_dns_question *question,
                            const struct mv_dns_answer *answer);
/* Answers every open question with one status: the deadline has passed. */
void mv_memo_close(struct mv_memo *memo, enum mv_dns_status status);

/* Questions handed out and not answered. */
size_t mv_memo_open(const struct mv_memo *memo);
/* Open questions that a stage waits for (not asked ahead only). A front end may stop waiting when this is 0. */
size_t mv_memo_wanted(const struct mv_memo *memo);
/* All questions that were handed out so far. */
size_t mv_memo_questions(const struct mv_memo *memo);
/*
 * The round trips that the questions took: a question belongs to the round after
 * the latest round that had an answer when the question was first opened.
 */
unsigned mv_memo_rounds(const struct mv_memo *memo);
/* Memory ran out in mv_memo_ask(): a stage that got NULL returns MV_ERR_MEMORY instead of MV_NEED_DNS. */
bool mv_memo_failed(const struct mv_memo *memo);
/* What a stage returns after NULL: MV_NEED_DNS, or MV_ERR_MEMORY. */
enum mv_code mv_memo_miss(const struct mv_memo *memo);

/*
 * Every answered question in the order of asking: for --save-dns and the
 * explanation.  index from 0; false past the end.
 */
bool mv_memo_at(const struct mv_memo *memo, size_t index, struct mv_dns_question *question_r,
                const struct mv_dns_answer **answer_r);

#endif
