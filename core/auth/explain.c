#include "core/auth/message.h"

#define MV_EXPLAIN_INDENT 2
#define MV_EXPLAIN_MAX_DEPTH 32

static void print_node(const struct mv_trace_node *node, unsigned depth, struct mv_buf *out)
{
    for (unsigned i = 0; i < depth * MV_EXPLAIN_INDENT; i++)
        mv_buf_putc(out, ' ');
    mv_buf_put_escaped(out, node->text);
    if (node->section != NULL)
        mv_buf_printf(out, "  [%s]", node->section);
    mv_buf_putc(out, '\n');
}

static void print_nodes(const struct mv_trace_node *node, unsigned depth, struct mv_buf *out)
{
    for (; node != NULL; node = node->next) {
        print_node(node, depth, out);
        if (depth < MV_EXPLAIN_MAX_DEPTH)
            print_nodes(node->first_child, depth + 1, out);
    }
}

static void print_branch(const struct mv_stage *stage, struct mv_buf *out)
{
    print_nodes(mv_trace_first(stage->trace), 1, out);
}

static void explain_spf(const struct mv_msg *msg, struct mv_buf *out)
{
    if ((msg->want & MV_WANT_SPF) == 0) {
        if (!msg->assumed && (msg->want & MV_WANT_DMARC) != 0)
            mv_buf_puts(out, "SPF not checked: the client's address is not known\n");
        return;
    }
    mv_buf_printf(out, "SPF %s for ", mv_spf_code_text(msg->spf.code));
    mv_buf_put_escaped(out, msg->spf.domain);
    mv_buf_printf(out, " (%u of %d lookups, %u of %u void)\n", msg->spf.lookups, MV_SPF_MAX_LOOKUPS, msg->spf.voids,
                  msg->spf_request.max_voids);
    print_branch(&msg->spf_stage, out);
}

static void explain_dkim(const struct mv_msg *msg, struct mv_buf *out)
{
    const struct mv_verdict *verdict = &msg->verdict;

    if ((msg->want & MV_WANT_DKIM) == 0)
        return;
    if (verdict->dkim_count == 0)
        mv_buf_puts(out, "DKIM none: the message carries no signature\n");
    else
        mv_buf_printf(out, "DKIM: %zu signature%s checked\n", verdict->dkim_count, verdict->dkim_count == 1 ? "" : "s");
    print_branch(&msg->dkim_stage, out);
}

/* RFC 8617 5.2. Mail without ARC fields is the rule, and there is nothing to say of it. */
static void explain_arc(const struct mv_msg *msg, struct mv_buf *out)
{
    const struct mv_arc_result *arc = &msg->verdict.arc;

    if ((msg->want & MV_WANT_ARC) == 0 || !arc->has_fields)
        return;
    mv_buf_printf(out, "ARC %s", mv_arc_code_text(arc->code));
    for (size_t i = 0; i < arc->hop_count; i++) {
        mv_buf_printf(out, "%s%zu ", i == 0 ? ": sealed by " : ", ", i + 1);
        mv_buf_put_escaped(out, arc->hops[i].domain);
    }
    mv_buf_putc(out, '\n');
    print_branch(&msg->arc_stage, out);
}

static void explain_dmarc(const struct mv_msg *msg, struct mv_buf *out)
{
    if ((msg->want & MV_WANT_DMARC) == 0)
        return;
    mv_buf_printf(out, "DMARC %s", mv_dmarc_code_text(msg->verdict.dmarc.code));
    if (msg->verdict.author_domain.len > 0) {
        mv_buf_puts(out, " for From domain ");
        mv_buf_put_escaped(out, msg->verdict.author_domain);
    }
    mv_buf_putc(out, '\n');
    print_branch(&msg->dmarc_stage, out);
}

static void explain_disposition(const struct mv_msg *msg, struct mv_buf *out)
{
    if ((msg->want & MV_WANT_DMARC) == 0)
        return;
    mv_buf_printf(out, "Disposition %s", mv_action_text(msg->verdict.action));
    if (msg->verdict.reason != NULL) {
        mv_buf_puts(out, ": ");
        mv_buf_put_escaped(out, mv_bytes_str(msg->verdict.reason));
    }
    mv_buf_printf(out, "\nDNS: %u question%s in %u round%s\n", msg->verdict.dns_questions,
                  msg->verdict.dns_questions == 1 ? "" : "s", msg->verdict.dns_rounds,
                  msg->verdict.dns_rounds == 1 ? "" : "s");
}

enum mv_code mv_msg_explain(const struct mv_msg *msg, struct mv_buf *out)
{
    if ((msg->want & MV_WANT_EXPLAIN) == 0 || (!msg->verdict_done && !msg->spf_done))
        return MV_ERR_USAGE;
    explain_spf(msg, out);
    if (!msg->verdict_done)
        return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
    explain_dkim(msg, out);
    explain_arc(msg, out);
    explain_dmarc(msg, out);
    explain_disposition(msg, out);
    return mv_buf_failed(out) ? MV_ERR_MEMORY : MV_OK;
}
