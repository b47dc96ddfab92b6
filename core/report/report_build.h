/*
 * Rows in, finished aggregate reports out: XML, gzip, and as many reports as the size asks for (no limit is in
 * RFC 9990; mail servers have theirs).  Nothing is held but the compressed bytes of the report that is being made.
 *
 *   sink = {piece, to}
 *   mv_report_build_new(&head, random, MV_REPORT_MAX_GZIP_BYTES, &sink, &build)
 *   mv_report_build_record(build, &record) ...   as mv_ledger_rows() hands them out, in any number
 *   mv_report_build_end(build)                   MV_OK: the last piece has been handed out
 *   mv_report_build_free(&build)
 *
 * Each piece is a whole report of its own, with an id of its own (core/report/report_mail.h): the same ids for the same
 * 8 bytes, so that a run that was killed and begins again with the same rows and the same bytes sends the same reports
 * under the same names.  Without rows there is no piece: a report has at least one record.
 *
 * A piece is handed out as soon as the next row would begin another one, so its number is known, and how many there
 * will be is not: only of the first one is it told, by more, whether it is the only one.
 *
 * For `report send`:
 *   static enum mv_code take(void *to, const struct mv_report_piece *piece)
 *   {
 *       mv_report_file_name(receiver, policy_domain, begin_secs, end_secs, piece->report_id, &name);
 *       mail.report_id = piece->report_id, mail.gzip = piece->gzip, mail.part = piece->number, ...
 *       mv_report_mail_print(&mail, &out);    once for each address, then sign, then send
 *   }
 */
#ifndef MV_REPORT_REPORT_BUILD_H
#define MV_REPORT_REPORT_BUILD_H

#include "core/base/error.h"
#include "core/report/aggregate.h"

#define MV_REPORT_MAX_GZIP_BYTES (10u * 1024 * 1024) /* of one report; a third more as a mail */
#define MV_REPORT_MIN_GZIP_BYTES (512u * 1024)       /* the least that may be asked for */
/* Where readers stop, our own among them (core/report/flow.h): XML of one report, and how much smaller gzip may be. */
#define MV_REPORT_MAX_XML_BYTES (60u * 1024 * 1024)
#define MV_REPORT_MAX_RATIO 100
#define MV_REPORT_RATIO_FROM_BYTES (6u * 1024 * 1024)

/* Borrowed for the call. */
struct mv_report_piece {
    struct mv_bytes report_id;
    struct mv_bytes gzip;
    unsigned number; /* 1 is the first */
    bool more;       /* another one follows */
    uint64_t records, messages;
};

struct mv_report_build_sink {
    enum mv_code (*piece)(void *to, const struct mv_report_piece *piece);
    void *to;
};

struct mv_report_build;

/*
 * head is borrowed until the end; its report_id is not read, and an empty generator is ours.  sink is copied.
 * MV_ERR_USAGE: the head lacks what must be said (core/report/aggregate_write.h), or max_gzip_bytes is below the least.
 */
enum mv_code mv_report_build_new(const struct mv_aggregate_head *head, const uint8_t random[8], size_t max_gzip_bytes,
                                 const struct mv_report_build_sink *sink, struct mv_report_build **build_r);
/*
 * MV_ERR_USAGE: that row cannot be said (core/report/aggregate_write.h), and is left out; further ones may come.
 * What the sink answers is passed on. After any other error it stays failed, and what was handed out is all there is.
 */
enum mv_code mv_report_build_record(struct mv_report_build *build, const struct mv_aggregate_record *record);
enum mv_code mv_report_build_end(struct mv_report_build *build);
void mv_report_build_free(struct mv_report_build **build);

#endif
