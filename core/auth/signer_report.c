#include "core/auth/signer_state.h"

#include "core/base/ascii.h"

/* A value that nobody can end or lengthen: in quotes where it holds a space, a "=" or a quote. */
static void put_value(struct mv_buf *log, const char *name, struct mv_bytes value)
{
    bool quoted = value.len == 0;

    for (size_t i = 0; i < value.len; i++)
        quoted = quoted || value.data[i] == ' ' || value.data[i] == '=' || value.data[i] == '"';
    mv_buf_printf(log, "%s%s=%s", log->len == 0 ? "" : " ", name, quoted ? "\"" : "");
    for (struct mv_cursor c = mv_cursor_of(value); mv_cursor_left(&c) > 0;) {
        mv_buf_put_escaped(log, mv_cursor_take_until(&c, '"'));
        if (mv_cursor_accept(&c, '"'))
            mv_buf_puts(log, "\\x22");
    }
    mv_buf_puts(log, quoted ? "\"" : "");
}

static void put_client(struct mv_buf *log, const struct mv_ip *ip)
{
    if (ip->family == MV_IP_NONE)
        return;
    mv_buf_puts(log, log->len == 0 ? "client=" : " client=");
    mv_ip_print(ip, log);
}

static void put_author(const struct mv_signer *signer, struct mv_buf *log)
{
    struct mv_buf address;

    if (signer->author == NULL)
        return;
    mv_buf_init(&address, MV_SIGNER_MAX_LOG_BYTES);
    mv_buf_put(&address, signer->author->local_part);
    mv_buf_puts(&address, "@");
    mv_buf_put(&address, signer->author->domain);
    put_value(log, "from", mv_buf_failed(&address) ? signer->author->domain : mv_buf_bytes(&address));
    mv_buf_free(&address);
}

const char *mv_sign_action_text(enum mv_sign_action action)
{
    switch (action) {
    case MV_SIGN_SIGNED:
        return "signed";
    case MV_SIGN_UNSIGNED:
        return "unsigned";
    case MV_SIGN_REFUSED:
        return "refused";
    case MV_SIGN_DEFERRED:
        break;
    }
    return "deferred";
}

static const char *log_line(const struct mv_signer *signer)
{
    const struct mv_sign_outcome *outcome = &signer->outcome;
    const char *line = NULL;
    struct mv_buf log;

    mv_buf_init(&log, MV_SIGNER_MAX_LOG_BYTES);
    if (signer->request.user.len > 0)
        put_value(&log, "user", signer->request.user);
    put_client(&log, &signer->request.client_ip);
    if (signer->request.mail_from.len > 0)
        put_value(&log, "mail_from", signer->request.mail_from);
    put_author(signer, &log);
    if (outcome->domain.len > 0)
        put_value(&log, "domain", outcome->domain);
    if (outcome->selectors.len > 0)
        put_value(&log, "selectors", outcome->selectors);
    mv_buf_printf(&log, "%sresult=%s", log.len == 0 ? "" : " ", mv_sign_action_text(outcome->action));
    if (outcome->reason != NULL) {
        mv_buf_puts(&log, ": ");
        mv_buf_put_escaped(&log, mv_bytes_str(outcome->reason));
    }
    if (!mv_buf_failed(&log))
        line = mv_arena_str(signer->arena, mv_buf_bytes(&log));
    mv_buf_free(&log);
    return line;
}

/* "mx1-20261123-r,mx1-20261123-e" */
static enum mv_code join_selectors(struct mv_signer *signer)
{
    enum mv_code code = MV_OK;
    struct mv_buf text;

    mv_buf_init(&text, MV_SIGNER_MAX_LOG_BYTES);
    for (size_t i = 0; i < signer->options.key_count; i++) {
        mv_buf_puts(&text, i == 0 ? "" : ",");
        mv_buf_put(&text, signer->options.keys[i].selector);
    }
    if (mv_buf_failed(&text) || !mv_arena_copy(signer->arena, mv_buf_bytes(&text), &signer->outcome.selectors))
        code = MV_ERR_MEMORY;
    mv_buf_free(&text);
    return code;
}

enum mv_code mv_signer_report(struct mv_signer *signer)
{
    const struct mv_signer_decision *decision = &signer->decision;
    struct mv_sign_outcome *outcome = &signer->outcome;

    outcome->action = decision->action;
    outcome->reason = decision->reason;
    if (!mv_arena_copy(signer->arena, signer->domain, &outcome->domain)) /* the engine may go before the signer */
        return MV_ERR_MEMORY;
    if (decision->action == MV_SIGN_SIGNED && join_selectors(signer) != MV_OK)
        return MV_ERR_MEMORY;
    if (decision->status != NULL) {
        outcome->reply = mv_arena_printf(signer->arena, "%s %s", decision->status, decision->reply);
        if (outcome->reply == NULL)
            return MV_ERR_MEMORY;
    }
    outcome->log = log_line(signer);
    return outcome->log == NULL ? MV_ERR_MEMORY : MV_OK;
}
