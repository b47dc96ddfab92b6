#include "core/base/ascii.h"
#include "core/spf/check.h"
#include "core/text/domain.h"

#define MAX_RECORDS_IN_TRACE 12

enum mv_spf_match mv_spf_throw(struct mv_spf_check *check, enum mv_spf_code code, const char *section,
                               const char *reason)
{
    check->thrown = code;
    check->result.section = section;
    check->result.reason = reason;
    mv_trace_note(check->trace, section, "%s: %s", mv_spf_code_text(code), reason == NULL ? "" : reason);
    return MV_SPF_THROW;
}

enum mv_spf_match mv_spf_abort(struct mv_spf_check *check, enum mv_code code)
{
    check->status = code;
    check->thrown = MV_SPF_TEMPERROR;
    return MV_SPF_THROW;
}

struct mv_bytes mv_spf_name_in_reason(struct mv_bytes name)
{
    struct mv_cursor c = mv_cursor_of(name);

    do
        mv_cursor_take_while(&c, MV_ASCII_LDH);
    while (mv_cursor_accept(&c, '.'));
    return mv_cursor_left(&c) == 0 && name.len > 0 ? name : MV_BYTES("a name that no host can have");
}

enum mv_dns_type mv_spf_address_type(const struct mv_spf_check *check)
{
    return check->request->ip.family == MV_IP_V4 ? MV_DNS_A : MV_DNS_AAAA;
}

/* RFC 7208 4.6.4: %{p} asks for PTR records and counts beside its term. */
enum mv_spf_match mv_spf_spend(struct mv_spf_check *check, const struct mv_spf_term *term)
{
    unsigned cost = (term->uses & MV_SPF_USES_PTR) != 0 ? 2 : 1;

    check->void_is_counted = false;
    if (check->result.lookups + cost > MV_SPF_MAX_LOOKUPS)
        return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 4.6.4",
                            "the record needs more than 10 terms that ask DNS");
    check->result.lookups += cost;
    return MV_SPF_MATCH;
}

enum mv_spf_match mv_spf_count_void(struct mv_spf_check *check)
{
    if (check->void_is_counted)
        return MV_SPF_NO_MATCH;
    check->void_is_counted = true;
    check->result.voids++;
    mv_trace_note(check->trace, "RFC 7208 4.6.4", "void lookup %u of %u", check->result.voids,
                  check->request->max_voids);
    if (check->result.voids <= check->request->max_voids)
        return MV_SPF_NO_MATCH;
    return mv_spf_throw(check, MV_SPF_PERMERROR, "RFC 7208 4.6.4",
                        mv_arena_printf(check->arena, "more than %u terms ask for names that are not there",
                                        check->request->max_voids));
}

static void print_record(const struct mv_dns_record *record, enum mv_dns_type type, struct mv_buf *out)
{
    struct mv_ip ip;

    if (type == MV_DNS_MX)
        mv_buf_printf(out, "%u ", record->preference);
    if ((type == MV_DNS_A || type == MV_DNS_AAAA) && mv_ip_from_octets(record->data, &ip))
        mv_ip_print(&ip, out);
    else if (record->data.len == 0)
        mv_buf_putc(out, '.');
    else
        mv_buf_put(out, record->data);
}

static void print_answer(const struct mv_dns_answer *answer, enum mv_dns_type type, struct mv_buf *out)
{
    if (answer->count == 0)
        mv_buf_puts(out, mv_dns_status_text(answer->status));
    else
        for (size_t i = 0; i < answer->count && i < MAX_RECORDS_IN_TRACE; i++) {
            mv_buf_puts(out, i == 0 ? "" : ", ");
            print_record(&answer->records[i], type, out);
        }
    if (answer->count > MAX_RECORDS_IN_TRACE)
        mv_buf_printf(out, " and %zu more", answer->count - MAX_RECORDS_IN_TRACE);
}

/* A text is told by whoever reads it. */
static void trace_answer(struct mv_spf_check *check, struct mv_bytes name, enum mv_dns_type type,
                         const struct mv_dns_answer *answer)
{
    if (check->trace == NULL || type == MV_DNS_TXT)
        return;
    mv_buf_reset(&check->scratch);
    print_answer(answer, type, &check->scratch);
    mv_trace_note(check->trace, NULL, "%s of %.*s: %.*s", mv_dns_type_text(type), MV_ARG(name),
                  MV_ARG(mv_buf_bytes(&check->scratch)));
}

const struct mv_dns_answer *mv_spf_ask(struct mv_spf_check *check, struct mv_bytes name, enum mv_dns_type type)
{
    const struct mv_dns_answer *answer;

    if (check->status != MV_OK) {
        mv_memo_prefetch(check->memo, name, type);
        return mv_memo_peek(check->memo, name, type);
    }
    answer = mv_memo_ask(check->memo, name, type);
    if (answer != NULL) {
        trace_answer(check, name, type, answer);
        return answer;
    }
    check->status = mv_memo_miss(check->memo);
    check->trace = NULL;
    return NULL;
}

enum mv_spf_match mv_spf_throw_dns(struct mv_spf_check *check, const char *section, struct mv_bytes name,
                                   enum mv_dns_type type, const struct mv_dns_answer *answer)
{
    return mv_spf_throw(check, MV_SPF_TEMPERROR, section,
                        mv_arena_printf(check->arena, "DNS gave no answer for %s of %.*s: %s", mv_dns_type_text(type),
                                        MV_ARG(mv_spf_name_in_reason(name)), mv_dns_status_text(answer->status)));
}

enum mv_spf_match mv_spf_fetch(struct mv_spf_check *check, struct mv_bytes name, enum mv_dns_type type,
                               const struct mv_dns_answer **answer_r)
{
    const struct mv_dns_answer *answer;

    /* RFC 7208 4.8 leaves it open: a name that cannot be does not match, and what was not asked is not void. */
    if (!mv_domain_is_askable(name)) {
        mv_trace_note(check->trace, "RFC 7208 4.8", "%.*s cannot be a name in DNS: not asked", MV_ARG(name));
        return MV_SPF_NO_MATCH;
    }
    answer = mv_spf_ask(check, name, type);
    if (answer == NULL)
        return MV_SPF_UNKNOWN;
    if (mv_dns_is_error(answer->status))
        return mv_spf_throw_dns(check, "RFC 7208 5", name, type, answer);
    if (answer->count == 0)
        return mv_spf_count_void(check);
    *answer_r = answer;
    return MV_SPF_MATCH;
}
