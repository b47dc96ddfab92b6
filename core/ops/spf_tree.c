#include "core/ops/spf_tree.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/ops/spf_tree_cost.h"
#include "core/spf/macro.h"
#include "core/text/domain.h"

struct reading {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_bytes sender_domain; /* %{o} */
    size_t host_count;
    enum mv_code code; /* MV_NEED_DNS: goes on, to ask ahead */
};

static void note_code(struct reading *r, enum mv_code code)
{
    if (r->code == MV_OK || code == MV_ERR_MEMORY)
        r->code = code;
}

/* NULL: not known yet. */
static const struct mv_dns_answer *ask(struct reading *r, struct mv_bytes name, enum mv_dns_type type)
{
    const struct mv_dns_answer *answer = mv_memo_ask(r->memo, name, type);

    if (answer == NULL)
        note_code(r, mv_memo_miss(r->memo));
    return answer;
}

/* Does every macro in it stand for what is known without a mail? */
static bool is_fixed(const struct reading *r, struct mv_bytes spec, struct mv_bytes domain)
{
    struct mv_cursor c = mv_cursor_of(spec);

    while (mv_cursor_left(&c) > 0) {
        int letter;

        if (mv_cursor_next(&c) != '%' || mv_cursor_next(&c) != '{')
            continue;
        letter = mv_ascii_lower((unsigned char)mv_cursor_next(&c));
        if (!(letter == 'd' && domain.len > 0) && !(letter == 'o' && r->sender_domain.len > 0))
            return false;
    }
    return true;
}

static void find_name(struct reading *r, const struct mv_spf_tree_host *host, struct mv_spf_tree_term *term)
{
    struct mv_spf_macro_values values = {.domain = host->domain, .sender_domain = r->sender_domain};
    struct mv_bytes spec = term->term.domain_spec, name;
    struct mv_buf out;

    if (spec.len == 0) {
        term->name = host->domain;
        term->varies = host->domain.len == 0;
        return;
    }
    term->varies = !is_fixed(r, spec, host->domain);
    if (term->varies)
        return;
    mv_buf_init(&out, MV_SPF_MAX_EXPANSION_BYTES);
    if (mv_spf_macro_expand(spec, &values, &out) == MV_OK) {
        name = mv_buf_bytes(&out);
        if (mv_bytes_has_suffix_nocase(name, MV_BYTES(".")))
            name = mv_bytes_slice(name, 0, name.len - 1);
        if (!mv_arena_copy(r->arena, name, &term->name))
            note_code(r, MV_ERR_MEMORY);
    }
    mv_buf_free(&out);
}

static void add_addresses(struct reading *r, struct mv_spf_tree_term *term, const struct mv_dns_answer *answer)
{
    for (size_t i = 0; answer != NULL && i < answer->count; i++) {
        struct mv_ip *items = mv_arena_grow(r->arena, term->addresses, term->address_count, sizeof *items);

        if (items == NULL) {
            note_code(r, MV_ERR_MEMORY);
            return;
        }
        term->addresses = items;
        if (mv_ip_from_octets(answer->records[i].data, &items[term->address_count]))
            term->address_count++;
    }
}

/* What a client of each family finds at a name: [client] is true when it is there, or not known yet. */
static void read_addresses(struct reading *r, struct mv_spf_tree_term *term, struct mv_bytes name,
                           bool found_r[MV_SPF_CLIENTS])
{
    static const enum mv_dns_type types[MV_SPF_CLIENTS] = {MV_DNS_A, MV_DNS_AAAA};

    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        const struct mv_dns_answer *answer = ask(r, name, types[client]);
        bool failed = answer != NULL && mv_dns_is_error(answer->status);

        found_r[client] = answer == NULL || failed || answer->count > 0;
        term->unanswered = term->unanswered || failed;
        add_addresses(r, term, answer);
    }
}

static void set_void(struct mv_spf_tree_term *term, enum mv_spf_client client)
{
    term->cost[client].voids = term->cost[client].sure_voids = 1; /* a term counts at most one */
}

static void read_a(struct reading *r, struct mv_spf_tree_term *term)
{
    bool found[MV_SPF_CLIENTS];

    read_addresses(r, term, term->name, found);
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
        if (!found[client])
            set_void(term, client);
}

static void read_mx_hosts(struct reading *r, struct mv_spf_tree_term *term, const struct mv_dns_answer *answer)
{
    for (size_t i = 0; i < answer->count && term->mx_count <= MV_SPF_MAX_MX_HOSTS; i++) {
        bool found[MV_SPF_CLIENTS];

        if (answer->records[i].data.len == 0)
            continue;
        read_addresses(r, term, answer->records[i].data, found);
        for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
            if (!found[client])
                set_void(term, client);
        if (!found[MV_SPF_CLIENT_V4] && !found[MV_SPF_CLIENT_V6])
            term->mx_without = answer->records[i].data;
    }
}

static void read_mx(struct reading *r, struct mv_spf_tree_term *term)
{
    const struct mv_dns_answer *answer = ask(r, term->name, MV_DNS_MX);

    if (answer == NULL)
        return;
    term->unanswered = mv_dns_is_error(answer->status);
    for (size_t i = 0; i < answer->count; i++) {
        term->mx_count += answer->records[i].data.len > 0;
        term->null_mx = term->null_mx || answer->records[i].data.len == 0;
    }
    if (!term->unanswered && term->mx_count == 0)
        for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
            set_void(term, client);
    read_mx_hosts(r, term, answer);
}

/* RFC 7208 5.7: an A record for clients of both families. */
static void read_exists(struct reading *r, struct mv_spf_tree_term *term)
{
    const struct mv_dns_answer *answer = ask(r, term->name, MV_DNS_A);

    term->unanswered = answer != NULL && mv_dns_is_error(answer->status);
    if (answer != NULL && !term->unanswered && answer->count == 0)
        for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
            set_void(term, client);
}

static struct mv_spf_tree_host *read_host(struct reading *r, const struct mv_spf_tree_host *above,
                                          struct mv_bytes domain, struct mv_bytes text);

static struct mv_spf_tree_host *new_host(struct reading *r, const struct mv_spf_tree_host *above,
                                         struct mv_bytes domain, enum mv_spf_tree_state state)
{
    struct mv_spf_tree_host *host = mv_arena_alloc(r->arena, sizeof *host);

    if (host == NULL) {
        note_code(r, MV_ERR_MEMORY);
        return NULL;
    }
    host->domain = domain;
    host->state = state;
    host->above = above;
    return host;
}

static void read_below(struct reading *r, const struct mv_spf_tree_host *host, struct mv_spf_tree_term *term)
{
    if (term->varies)
        term->host = new_host(r, host, term->term.domain_spec, MV_SPF_TREE_VARIES);
    else
        term->host = read_host(r, host, term->name, MV_BYTES(""));
    if (term->host != NULL && (term->host->state == MV_SPF_TREE_NO_NAME ||
                               (term->host->answer != NULL && term->host->state == MV_SPF_TREE_ABSENT &&
                                term->host->answer->count == 0)))
        for (size_t client = 0; client < MV_SPF_CLIENTS; client++)
            set_void(term, client);
}

static void read_term(struct reading *r, const struct mv_spf_tree_host *host, struct mv_spf_tree_term *term)
{
    enum mv_spf_kind kind = term->term.kind;

    find_name(r, host, term);
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        term->cost[client].lookups = (term->term.uses & MV_SPF_USES_PTR) != 0 ? 2 : 1; /* as evaluated */
        /* a name that is not known only because no domain was given is as likely there as not */
        term->cost[client].voids = kind == MV_SPF_TERM_PTR || (term->varies && term->term.domain_spec.len > 0) ? 1 : 0;
    }
    if (kind == MV_SPF_TERM_INCLUDE || kind == MV_SPF_TERM_REDIRECT) {
        read_below(r, host, term);
        return;
    }
    if (term->varies || kind == MV_SPF_TERM_PTR || !mv_domain_is_askable(term->name))
        return;
    if (kind == MV_SPF_TERM_A)
        read_a(r, term);
    else if (kind == MV_SPF_TERM_MX)
        read_mx(r, term);
    else
        read_exists(r, term);
}

/* Of the record that was asked about only: an exp= of an include shows nothing (RFC 7208 6.2). */
static void read_exp(struct reading *r, const struct mv_spf_tree_host *host, struct mv_spf_tree_term *term)
{
    find_name(r, host, term);
    if (term->varies || host->above != NULL)
        return;
    term->exp_answer = ask(r, term->name, MV_DNS_TXT);
    term->unanswered = term->exp_answer != NULL && mv_dns_is_error(term->exp_answer->status);
}

static bool add_fault(struct reading *r, struct mv_spf_tree_host *host, const struct mv_spf_fault *fault)
{
    struct mv_spf_fault *faults;

    if (host->fault_count == MV_SPF_TREE_MAX_FAULTS)
        return true;
    faults = mv_arena_grow(r->arena, host->faults, host->fault_count, sizeof *faults);
    if (faults == NULL) {
        note_code(r, MV_ERR_MEMORY);
        return false;
    }
    faults[host->fault_count++] = *fault;
    host->faults = faults;
    return true;
}

static bool add_term(struct reading *r, struct mv_spf_tree_host *host, const struct mv_spf_term *term)
{
    struct mv_spf_tree_term *terms = mv_arena_grow(r->arena, host->terms, host->term_count, sizeof *terms);

    if (terms == NULL) {
        note_code(r, MV_ERR_MEMORY);
        return false;
    }
    terms[host->term_count++] = (struct mv_spf_tree_term){.term = *term};
    host->terms = terms;
    host->has_all = host->has_all || term->kind == MV_SPF_TERM_ALL;
    return true;
}

/* Each term by itself, so that one fault does not hide the next. */
static bool split(struct reading *r, struct mv_spf_tree_host *host)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_slice(host->text, sizeof "v=spf1" - 1, host->text.len));
    struct mv_spf_record record;
    struct mv_spf_fault fault;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes word = mv_cursor_take_until(&c, ' '), parts[] = {MV_BYTES("v=spf1 "), word}, alone;
        struct mv_spf_term term;
        struct mv_cursor walk;
        bool kept = true;

        mv_cursor_accept(&c, ' ');
        if (word.len == 0)
            continue;
        if (!mv_arena_join(r->arena, parts, 2, &alone)) {
            note_code(r, MV_ERR_MEMORY);
            return false;
        }
        if (!mv_spf_record_parse(alone, &record, &fault)) {
            kept = add_fault(r, host, &fault);
        } else {
            walk = mv_spf_record_walk(&record);
            kept = !mv_spf_record_next(&walk, &term) || add_term(r, host, &term);
        }
        if (!kept)
            return false;
    }
    return host->fault_count > 0 || mv_spf_record_parse(host->text, &record, &fault) || add_fault(r, host, &fault);
}

static void read_terms(struct reading *r, struct mv_spf_tree_host *host)
{
    bool after_all = false;

    if (host->text.len > MV_SPF_MAX_RECORD_BYTES) {
        struct mv_spf_record record;
        struct mv_spf_fault fault;

        (void)mv_spf_record_parse(host->text, &record, &fault);
        add_fault(r, host, &fault);
    } else if (!split(r, host)) {
        return;
    }
    if (host->fault_count > 0) {
        host->state = MV_SPF_TREE_FAULTY;
        if (host->above != NULL)
            return; /* a permerror, whatever else stands there */
    }
    for (size_t i = 0; i < host->term_count; i++) {
        struct mv_spf_tree_term *term = &host->terms[i];

        after_all = after_all || term->term.kind == MV_SPF_TERM_ALL;
        if (term->term.kind == MV_SPF_TERM_EXP)
            read_exp(r, host, term);
        if (mv_spf_term_asks(term->term.kind) &&
            !(term->term.kind == MV_SPF_TERM_REDIRECT ? host->has_all : after_all))
            read_term(r, host, term);
    }
}

static void choose_text(struct mv_spf_tree_host *host)
{
    const struct mv_dns_answer *answer = host->answer;

    for (size_t i = 0; i < answer->count; i++)
        if (mv_spf_record_is(answer->records[i].data) && host->record_count++ == 0)
            host->text = answer->records[i].data;
    if (mv_dns_is_error(answer->status))
        host->state = MV_SPF_TREE_UNANSWERED;
    else if (answer->status == MV_DNS_NXDOMAIN)
        host->state = MV_SPF_TREE_NO_NAME;
    else if (host->record_count != 1)
        host->state = host->record_count == 0 ? MV_SPF_TREE_ABSENT : MV_SPF_TREE_SEVERAL;
}

static bool stands_above(const struct mv_spf_tree_host *above, struct mv_bytes domain)
{
    for (; above != NULL; above = above->above)
        if (mv_domain_equal(above->domain, domain))
            return true;
    return false;
}

static size_t depth_of(const struct mv_spf_tree_host *host)
{
    size_t depth = 0;

    for (; host != NULL; host = host->above)
        depth++;
    return depth;
}

static struct mv_spf_tree_host *read_host(struct reading *r, const struct mv_spf_tree_host *above,
                                          struct mv_bytes domain, struct mv_bytes text)
{
    struct mv_spf_tree_host *host = new_host(r, above, domain, MV_SPF_TREE_READ);

    if (host == NULL)
        return NULL;
    if (stands_above(above, domain) && domain.len > 0)
        host->state = MV_SPF_TREE_LOOP;
    else if (r->host_count >= MV_SPF_TREE_MAX_HOSTS || depth_of(above) >= MV_SPF_TREE_MAX_DEPTH)
        host->state = MV_SPF_TREE_TOO_MUCH;
    else if (text.len == 0 && (!mv_domain_is_askable(domain) || mv_domain_labels(domain) < 2))
        host->state = MV_SPF_TREE_NO_NAME;
    if (host->state != MV_SPF_TREE_READ)
        return host;
    r->host_count++;
    host->text = text;
    if (text.len == 0) {
        host->answer = ask(r, domain, MV_DNS_TXT);
        if (host->answer == NULL)
            return host;
        choose_text(host);
    }
    if (host->state == MV_SPF_TREE_READ)
        read_terms(r, host);
    return host;
}

enum mv_code mv_spf_tree_read(struct mv_arena *arena, const struct mv_spf_tree_request *request, struct mv_memo *memo,
                              struct mv_spf_tree *tree_r)
{
    struct reading r = {.arena = arena, .memo = memo, .sender_domain = request->domain, .code = MV_OK};

    *tree_r = (struct mv_spf_tree){NULL, 0};
    tree_r->root = read_host(&r, NULL, request->domain, request->text);
    tree_r->host_count = r.host_count;
    if (r.code == MV_OK)
        mv_spf_tree_count(tree_r->root);
    return r.code;
}
