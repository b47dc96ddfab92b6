#include "lmtp-hook/stats.h"

#include <inttypes.h>

#define PREFIX "mailvouch_lmtp_"

/* Rows of one metric stand together. */
static const struct {
    const char *word;   /* for the log */
    const char *metric; /* without the prefix */
    const char *label;  /* NULL: none */
    const char *type;
    const char *help;
} table[MV_STAT_COUNT] = {
    [MV_STAT_CONNECTIONS] = {"connections", "connections_total", NULL, "counter", "Connections accepted"},
    [MV_STAT_CONNECTIONS_OPEN] = {"open", "connections_open", NULL, "gauge", "Connections now"},
    [MV_STAT_CONNECTIONS_REFUSED] = {"refused_connections", "connections_refused_total", NULL, "counter",
                                     "Connections refused because there were too many"},
    [MV_STAT_MESSAGES] = {"messages", "messages_total", NULL, "counter", "Messages received to their end"},
    [MV_STAT_MESSAGE_BYTES] = {"bytes", "message_bytes_total", NULL, "counter", "Bytes of these messages"},
    [MV_STAT_RECIPIENTS_DELIVERED] = {"delivered", "recipients_total", "result=\"delivered\"", "counter",
                                      "Recipients by what they were told at the end of DATA"},
    [MV_STAT_RECIPIENTS_DEFERRED] = {"deferred", "recipients_total", "result=\"deferred\"", "counter", ""},
    [MV_STAT_RECIPIENTS_REFUSED] = {"refused", "recipients_total", "result=\"refused\"", "counter", ""},
    [MV_STAT_DMARC_PASS] = {"dmarc_pass", "dmarc_total", "result=\"pass\"", "counter",
                            "Messages by their DMARC result"},
    [MV_STAT_DMARC_FAIL] = {"dmarc_fail", "dmarc_total", "result=\"fail\"", "counter", ""},
    [MV_STAT_DMARC_NONE] = {"dmarc_none", "dmarc_total", "result=\"none\"", "counter", ""},
    [MV_STAT_DMARC_TEMPERROR] = {"dmarc_temperror", "dmarc_total", "result=\"temperror\"", "counter", ""},
    [MV_STAT_DMARC_PERMERROR] = {"dmarc_permerror", "dmarc_total", "result=\"permerror\"", "counter", ""},
    [MV_STAT_SKIPPED] = {"skipped", "skipped_total", NULL, "counter", "Messages that were not to be judged"},
    [MV_STAT_ERRORS] = {"errors", "errors_total", NULL, "counter", "Messages that an error of ours left unjudged"},
    [MV_STAT_QUARANTINED] = {"quarantined", "quarantined_total", NULL, "counter", "Messages marked for quarantine"},
    [MV_STAT_FIELDS_REMOVED] = {"fields_removed", "fields_removed_total", NULL, "counter",
                                "Header fields removed because only we may write them"},
    [MV_STAT_HANDOVERS] = {"handovers", "handovers_total", NULL, "counter",
                           "Messages handed on with a Mailvouch-Result field"},
    [MV_STAT_MALFORMED] = {"malformed", "malformed_total", NULL, "counter",
                           "Messages refused for their line ends or their size"},
    [MV_STAT_HOP_FAILURES] = {"hop_failures", "next_hop_failures_total", NULL, "counter",
                              "The next hop was not reached, or lost"},
    [MV_STAT_SPOOL_FAILURES] = {"spool_failures", "spool_failures_total", NULL, "counter",
                                "Messages that could not be held while they were judged"},
    [MV_STAT_EVIDENCE_FAILURES] = {"evidence_failures", "evidence_failures_total", NULL, "counter",
                                   "Messages whose evidence for reports could not be written"},
    [MV_STAT_DNS_QUESTIONS] = {"dns_questions", "dns_questions_total", NULL, "counter", "DNS questions asked"},
};

void mv_stats_add(struct mv_stats *stats, enum mv_stat stat, int64_t n)
{
    atomic_fetch_add_explicit(&stats->values[stat], (uint64_t)n, memory_order_relaxed);
}

uint64_t mv_stats_get(struct mv_stats *stats, enum mv_stat stat)
{
    return atomic_load_explicit(&stats->values[stat], memory_order_relaxed);
}

void mv_stats_put_prometheus(struct mv_stats *stats, struct mv_buf *out)
{
    for (unsigned i = 0; i < MV_STAT_COUNT; i++) {
        if (table[i].help[0] != '\0')
            mv_buf_printf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", table[i].metric, table[i].help,
                          table[i].metric, table[i].type);
        mv_buf_printf(out, PREFIX "%s%s%s%s %" PRIu64 "\n", table[i].metric, table[i].label == NULL ? "" : "{",
                      table[i].label == NULL ? "" : table[i].label, table[i].label == NULL ? "" : "}",
                      mv_stats_get(stats, i));
    }
}

void mv_stats_put_line(struct mv_stats *stats, struct mv_buf *out)
{
    for (unsigned i = 0; i < MV_STAT_COUNT; i++)
        mv_buf_printf(out, "%s%s=%" PRIu64, i == 0 ? "" : " ", table[i].word, mv_stats_get(stats, i));
}
