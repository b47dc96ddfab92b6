/*
 * What a survey comes to, in words: the model of a page (core/report/page.h).
 */
#ifndef MV_CLI_REPORT_WORDS_H
#define MV_CLI_REPORT_WORDS_H

#include "cli/report/survey.h"
#include "core/report/page.h"

/* Texts live in the arena of the lookup. MV_ERR_MEMORY. */
enum mv_code mv_report_put_stand(const struct mv_report_survey *survey, struct mv_page_stand *stand_r);
/* How a sender fails: "SPF passes for mailjet.com, which is not shop.example". */
enum mv_code mv_report_put_faults(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                                  struct mv_bytes *spf_r, struct mv_bytes *dkim_r);
/* Half a sentence as a whole one. */
enum mv_code mv_report_sentence(struct mv_arena *arena, struct mv_buf *half, struct mv_bytes *sentence_r);
/*
 * What to publish so that the sender passes, where that can be said; name is empty where it cannot.  Asks DNS for
 * what is published now: MV_NEED_DNS.
 */
enum mv_code mv_report_find_record(const struct mv_report_survey *survey, const struct mv_stage_sender *sender,
                                   struct mv_memo *memo, struct mv_page_record *record_r);

#endif
