#include "core/report/store_tables.h"

enum mv_code mv_report_store_begin(struct mv_report_store *store, int64_t now_secs, struct mv_error *error)
{
    enum mv_code code;

    if (store->in_delivery)
        return mv_error_set(error, MV_ERR_USAGE, "a delivery is going on");
    code = mv_db_begin(store->db, MV_STORE_TURN, error);
    store->in_delivery = code == MV_OK;
    store->now_secs = now_secs;
    store->pending_count = 0;
    return code;
}

void mv_report_store_rollback(struct mv_report_store *store)
{
    if (store->in_delivery)
        mv_db_rollback(store->db);
    store->in_delivery = false;
}

static void bind_key(struct mv_db_statement *statement, enum mv_report_kind kind, const struct mv_aggregate_head *head)
{
    mv_db_bind_text(statement, 1, mv_bytes_str(mv_report_kind_text(kind)));
    mv_db_bind_text(statement, 2, head->policy.domain);
    mv_db_bind_text(statement, 3, head->org_name);
    mv_db_bind_text(statement, 4, head->report_id);
    mv_db_bind_int(statement, 5, head->begin_secs);
    mv_db_bind_int(statement, 6, head->end_secs);
}

static enum mv_code find_rival(struct mv_report_store *store, enum mv_report_kind kind,
                               const struct mv_aggregate_head *head, struct mv_pending_report *pending,
                               struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_FIND_REPORT, error);
    bool has_row;
    enum mv_code code;

    if (statement == NULL)
        return error->code;
    bind_key(statement, kind, head);
    code = mv_db_step(statement, &has_row, error);
    if (code == MV_OK && has_row) {
        pending->rival = mv_db_int(statement, 0);
        pending->rival_trust = (enum mv_report_trust)mv_db_int(statement, 1);
        if (mv_db_is_null(statement, 1)) /* of this very delivery */
            pending->rival_trust = MV_TRUST_MAIL;
    }
    mv_db_reset(statement);
    return code;
}

static enum mv_code last_row(struct mv_report_store *store, int64_t *row_r, struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_LAST_ROW, error);
    bool has_row;
    enum mv_code code;

    if (statement == NULL)
        return error->code;
    code = mv_db_step(statement, &has_row, error);
    *row_r = code == MV_OK && has_row ? mv_db_int(statement, 0) : 0;
    mv_db_reset(statement);
    return code;
}

static void bind_rest(struct mv_db_statement *statement, const struct mv_aggregate_head *head, int64_t now_secs)
{
    const struct mv_aggregate_policy *policy = &head->policy;
    const int words[] = {(int)policy->p,    (int)policy->sp,        (int)policy->np,     (int)policy->adkim,
                         (int)policy->aspf, (int)policy->discovery, (int)policy->testing};

    mv_db_bind_text(statement, 7, head->email);
    mv_db_bind_text(statement, 8, head->contact);
    mv_db_bind_text(statement, 9, head->error);
    mv_db_bind_text(statement, 10, head->generator);
    for (int i = 0; i < 7; i++)
        mv_db_bind_int(statement, 11 + i, words[i]);
    mv_db_bind_text(statement, 18, policy->fo);
    mv_db_bind_text(statement, 19, policy->pct);
    mv_db_bind_int(statement, 20, now_secs);
}

static enum mv_code insert_report(struct mv_report_store *store, enum mv_report_kind kind,
                                  const struct mv_aggregate_head *head, struct mv_pending_report *pending,
                                  struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_ADD_REPORT, error);
    bool has_row;
    enum mv_code code;

    if (statement == NULL)
        return error->code;
    bind_key(statement, kind, head);
    bind_rest(statement, head, store->now_secs);
    mv_db_bind_int(statement, 21, (int64_t)store->pending_count + 1);
    code = mv_db_step(statement, &has_row, error);
    pending->id = code == MV_OK && has_row ? mv_db_int(statement, 0) : 0;
    mv_db_reset(statement);
    return code;
}

enum mv_code mv_report_store_add(struct mv_report_store *store, enum mv_report_kind kind,
                                 const struct mv_aggregate_head *head, enum mv_store_state *state_r,
                                 struct mv_error *error)
{
    struct mv_pending_report *pending = &store->pending[store->pending_count];
    enum mv_code code;

    if (!store->in_delivery)
        return mv_error_set(error, MV_ERR_USAGE, "no delivery is going on");
    if (store->pending_count == MV_STORE_MAX_DELIVERY_REPORTS)
        return mv_error_set(error, MV_ERR_LIMIT, "too many reports in one file");
    *pending = (struct mv_pending_report){.id = 0};
    store->kind = kind;
    store->records = store->messages = store->passed = 0;
    code = find_rival(store, kind, head, pending, error);
    store->skipping = pending->rival != 0 && pending->rival_trust == MV_TRUST_MAIL;
    *state_r = store->skipping ? MV_STORE_SEEN : MV_STORE_NEW;
    if (code == MV_OK && !store->skipping)
        code = last_row(store, &store->row_before, error);
    store->row = store->row_before;
    if (code == MV_OK && !store->skipping)
        code = insert_report(store, kind, head, pending, error);
    return code;
}

/* A field of a list: what would end it becomes a space. */
static void put_field(struct mv_buf *list, struct mv_bytes text, char end)
{
    size_t first = mv_bytes_find(text, '\t');
    size_t line = mv_bytes_find(text, '\n');

    if (first == text.len && line == text.len)
        mv_buf_put(list, text);
    else
        for (size_t i = 0; i < text.len; i++)
            mv_buf_putc(list, text.data[i] == '\t' || text.data[i] == '\n' ? ' ' : text.data[i]);
    mv_buf_putc(list, (unsigned char)end);
}

static void put_lists(struct mv_report_store *store, const struct mv_aggregate_record *record)
{
    mv_buf_reset(&store->reasons);
    mv_buf_reset(&store->dkim);
    for (size_t i = 0; i < record->reason_count; i++) {
        mv_buf_puts(&store->reasons, mv_report_override_text(record->reasons[i].type));
        mv_buf_putc(&store->reasons, '\t');
        put_field(&store->reasons, record->reasons[i].comment, '\n');
    }
    for (size_t i = 0; i < record->dkim_count; i++) {
        const struct mv_aggregate_dkim *dkim = &record->dkim[i];

        mv_buf_puts(&store->dkim, mv_report_auth_text(dkim->result));
        mv_buf_putc(&store->dkim, '\t');
        put_field(&store->dkim, dkim->domain, '\t');
        put_field(&store->dkim, dkim->selector, '\t');
        put_field(&store->dkim, dkim->human_result, '\n');
    }
}

static void bind_ip(struct mv_db_statement *statement, int column, const struct mv_ip *ip)
{
    if (ip->family == MV_IP_NONE)
        mv_db_bind_null(statement, column);
    else
        mv_db_bind_blob(statement, column, mv_bytes_of(ip->octets, ip->family == MV_IP_V4 ? 4 : 16));
}

static void bind_optional(struct mv_db_statement *statement, int column, bool has, struct mv_bytes text)
{
    if (has)
        mv_db_bind_text(statement, column, text);
    else
        mv_db_bind_null(statement, column);
}

static void bind_record(struct mv_report_store *store, struct mv_db_statement *statement,
                        const struct mv_aggregate_record *record)
{
    struct mv_bytes reasons = mv_buf_bytes(&store->reasons), dkim = mv_buf_bytes(&store->dkim);

    mv_db_bind_int(statement, 1, ++store->row);
    bind_ip(statement, 2, &record->source);
    mv_db_bind_int(statement, 3, (int64_t)record->count);
    mv_db_bind_int(statement, 4, (int)record->disposition);
    mv_db_bind_int(statement, 5, (int)record->dkim_aligned);
    mv_db_bind_int(statement, 6, (int)record->spf_aligned);
    mv_db_bind_text(statement, 7, record->header_from);
    bind_optional(statement, 8, record->has_envelope_from, record->envelope_from);
    bind_optional(statement, 9, record->envelope_to.len > 0, record->envelope_to);
    bind_optional(statement, 10, reasons.len > 0, reasons);
    bind_optional(statement, 11, dkim.len > 0, dkim);
    if (record->has_spf) {
        mv_db_bind_int(statement, 12, (int)record->spf.result);
        mv_db_bind_int(statement, 13, (int)record->spf.scope);
    } else {
        mv_db_bind_null(statement, 12);
        mv_db_bind_null(statement, 13);
    }
    bind_optional(statement, 14, record->has_spf, record->spf.domain);
}

enum mv_code mv_report_store_record(struct mv_report_store *store, const struct mv_aggregate_record *record,
                                    struct mv_error *error)
{
    struct mv_db_statement *statement;

    if (store->skipping)
        return MV_OK;
    statement = mv_store_statement(store, MV_SQL_ADD_RECORD, error);
    if (statement == NULL)
        return error->code;
    put_lists(store, record);
    if (mv_buf_failed(&store->reasons) || mv_buf_failed(&store->dkim))
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    bind_record(store, statement, record);
    store->records++;
    store->messages += record->count;
    store->passed += mv_aggregate_passed(record) ? record->count : 0;
    return mv_db_queue(statement, error);
}

static int64_t current_id(const struct mv_report_store *store)
{
    return store->pending[store->pending_count].id;
}

enum mv_code mv_report_store_failure(struct mv_report_store *store, const struct mv_failure *failure,
                                     struct mv_error *error)
{
    const struct mv_bytes fields[] = {failure->auth_failure, failure->identity_alignment, failure->delivery_result,
                                      failure->user_agent,   failure->arrival_date,       failure->mail_from_domain,
                                      failure->dkim_domain,  failure->dkim_selector};
    struct mv_db_statement *statement;

    if (store->skipping)
        return MV_OK;
    statement = mv_store_statement(store, MV_SQL_ADD_FAILURE, error);
    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, current_id(store));
    for (int i = 0; i < 8; i++)
        mv_db_bind_text(statement, 2 + i, fields[i]);
    bind_ip(statement, 10, &failure->source);
    mv_db_bind_int(statement, 11, (int64_t)failure->incidents);
    store->records++;
    store->messages += failure->incidents;
    return mv_db_queue(statement, error);
}

enum mv_code mv_report_store_tls_policy(struct mv_report_store *store, const struct mv_tls_policy *policy,
                                        struct mv_error *error)
{
    struct mv_db_statement *statement;

    if (store->skipping)
        return MV_OK;
    statement = mv_store_statement(store, MV_SQL_ADD_TLS_POLICY, error);
    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, current_id(store));
    mv_db_bind_text(statement, 2, policy->type);
    mv_db_bind_text(statement, 3, policy->domain);
    mv_db_bind_int(statement, 4, (int64_t)policy->succeeded);
    mv_db_bind_int(statement, 5, (int64_t)policy->failed);
    store->records++;
    store->messages += policy->succeeded + policy->failed;
    store->passed += policy->succeeded;
    return mv_db_queue(statement, error);
}

enum mv_code mv_report_store_tls_failure(struct mv_report_store *store, const struct mv_tls_policy *policy,
                                         const struct mv_tls_failure *failure, struct mv_error *error)
{
    struct mv_db_statement *statement;

    if (store->skipping)
        return MV_OK;
    statement = mv_store_statement(store, MV_SQL_ADD_TLS_FAILURE, error);
    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, current_id(store));
    mv_db_bind_text(statement, 2, policy->domain);
    mv_db_bind_text(statement, 3, failure->result);
    mv_db_bind_text(statement, 4, failure->mx);
    mv_db_bind_text(statement, 5, failure->reason);
    bind_ip(statement, 6, &failure->sending);
    bind_ip(statement, 7, &failure->receiving);
    mv_db_bind_int(statement, 8, (int64_t)failure->count);
    return mv_db_queue(statement, error);
}

enum mv_code mv_store_delete(struct mv_report_store *store, int64_t id, struct mv_error *error)
{
    static const enum mv_store_statement all[] = {MV_SQL_DELETE_RECORDS, MV_SQL_DELETE_FAILURE,
                                                  MV_SQL_DELETE_TLS_POLICY, MV_SQL_DELETE_TLS_FAILURE,
                                                  MV_SQL_DELETE_REPORT};
    enum mv_code code = MV_OK;

    for (size_t i = 0; i < sizeof all / sizeof *all && code == MV_OK; i++) {
        struct mv_db_statement *statement = mv_store_statement(store, all[i], error);

        if (statement == NULL)
            return error->code;
        mv_db_bind_int(statement, 1, id);
        code = mv_db_queue(statement, error);
    }
    return code;
}

static enum mv_code finish_rows(struct mv_report_store *store, int64_t id, uint64_t skipped, struct mv_error *error)
{
    struct mv_db_statement *statement = mv_store_statement(store, MV_SQL_END_REPORT, error);

    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, id);
    mv_db_bind_int(statement, 2, store->row_before + 1);
    mv_db_bind_int(statement, 3, store->row);
    mv_db_bind_int(statement, 4, (int64_t)store->records);
    mv_db_bind_int(statement, 5, (int64_t)skipped);
    mv_db_bind_int(statement, 6, (int64_t)store->messages);
    mv_db_bind_int(statement, 7, (int64_t)store->passed);
    return mv_db_queue(statement, error);
}

enum mv_code mv_report_store_end_report(struct mv_report_store *store, enum mv_store_keep keep, uint64_t skipped,
                                        struct mv_error *error)
{
    int64_t id = current_id(store);
    enum mv_code code = MV_OK;

    if (!store->skipping)
        code = finish_rows(store, id, skipped, error);
    if (keep == MV_STORE_KEEP)
        store->pending_count++;
    else if (code == MV_OK && !store->skipping)
        code = mv_store_delete(store, id, error);
    return code;
}

/* Of two that are the same, which stays? */
static enum mv_code settle(struct mv_report_store *store, struct mv_pending_report *pending,
                           const struct mv_report_sender *sender, enum mv_store_state *state_r, struct mv_error *error)
{
    struct mv_db_statement *statement;
    enum mv_code code = MV_OK;

    *state_r = MV_STORE_SEEN;
    if (pending->id == 0)
        return MV_OK;
    if (pending->rival != 0 && pending->rival_trust >= sender->trust)
        return mv_store_delete(store, pending->id, error);
    *state_r = MV_STORE_NEW;
    if (pending->rival != 0)
        code = mv_store_delete(store, pending->rival, error);
    statement = code == MV_OK ? mv_store_statement(store, MV_SQL_SETTLE_REPORT, error) : NULL;
    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, pending->id);
    mv_db_bind_int(statement, 2, (int)sender->trust);
    mv_db_bind_text(statement, 3, sender->domain);
    return mv_db_queue(statement, error);
}

enum mv_code mv_report_store_commit(struct mv_report_store *store, const struct mv_report_sender *sender,
                                    enum mv_store_state *states_r, size_t max, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    if (!store->in_delivery)
        return mv_error_set(error, MV_ERR_USAGE, "no delivery is going on");
    for (size_t i = 0; i < store->pending_count && code == MV_OK; i++) {
        enum mv_store_state state;

        code = settle(store, &store->pending[i], sender, &state, error);
        if (i < max)
            states_r[i] = state;
    }
    if (code == MV_OK)
        code = mv_db_commit(store->db, error);
    if (code == MV_OK)
        store->in_delivery = false;
    else
        mv_report_store_rollback(store);
    return code;
}
