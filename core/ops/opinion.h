/*
 * The second opinion: how receivers out there see the same mail.
 *
 * Stock Exim decides SPF with libspf2, and OpenDMARC decides DMARC with
 * libopendmarc and the public suffix list (RFC 7489).  Both are asked in a child
 * process with limits (mailvouch-opinion), from the answers that the memo holds;
 * what they ask beside is asked like every question, so an opinion replays from a
 * capture as a verdict does.  They decide nothing here, and a child that dies is
 * "no opinion", with the signal.
 *
 * Where an opinion differs from ours, the known reasons are named
 * (core/ops/opinion_reason.h), or "unexplained".
 */
#ifndef MV_OPS_OPINION_H
#define MV_OPS_OPINION_H

#include "core/ops/opinion_reason.h"
#include "core/ops/opinion_wire.h"

#define MV_OPINION_PROGRAM "mailvouch-opinion"
#define MV_OPINION_DEADLINE_MSECS 5000

struct mv_opinion {
    bool given;
    struct mv_bytes why_not;       /* when not given: half a sentence, printable ASCII */
    const char *ours, *theirs;     /* when given: "pass", "fail (reject)" */
    struct mv_opinion_reply reply; /* when given; what it says is a stranger's text */
    bool differs;                  /* from our result, in what happens to the message */
    struct mv_opinion_reasons reasons; /* when it differs; at least one */
};

struct mv_opinion_asker {
    struct mv_arena *arena;  /* opinions live here */
    struct mv_memo *memo;
    const char *program;     /* a path, see mv_opinion_program() */
    unsigned deadline_msecs; /* of one child; 0: MV_OPINION_DEADLINE_MSECS */
};

/* Where the program is: beside this one (where it was built), or in libexec. NULL without memory. */
const char *mv_opinion_program(struct mv_arena *arena, const char *libexec);

/*
 * MV_OK: *opinion_r is final.  MV_NEED_DNS: libspf2 or libopendmarc asks what the
 * memo does not know yet.  ours is the result of the same request and memo.
 */
enum mv_code mv_opinion_of_spf(const struct mv_opinion_asker *asker, const struct mv_spf_request *request,
                               const struct mv_spf_result *ours, struct mv_opinion *opinion_r);
/*
 * Of the identifiers, those that passed count.  spf, unless NULL, is the opinion of the same message's SPF: where it
 * was given, it takes the place of our result.
 */
enum mv_code mv_opinion_of_dmarc(const struct mv_opinion_asker *asker, const struct mv_dmarc_input *input,
                                 const struct mv_dmarc_result *ours, const struct mv_opinion *spf,
                                 struct mv_opinion *opinion_r);

/*
 * The reasons as findings about the subject, or one that there is no opinion, or nothing when there is no difference.
 */
void mv_opinion_find(const struct mv_opinion *opinion, struct mv_bytes subject, struct mv_findings *findings);

#endif
