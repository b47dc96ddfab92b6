#include "tests/unit/spf_zone.h"

#define MAX_RECORDS 64
#define MAX_RUNS 1000

static void read_data(struct mv_arena *arena, enum mv_dns_type type, struct mv_bytes data, struct mv_dns_record *record)
{
    size_t space = mv_bytes_find(data, ' ');
    uint64_t preference;
    struct mv_ip ip;

    record->data = data;
    if ((type == MV_DNS_A || type == MV_DNS_AAAA) && mv_ip_parse(data, &ip))
        mv_arena_copy(arena, mv_bytes_of(ip.octets, ip.family == MV_IP_V4 ? 4 : 16), &record->data);
    if (type == MV_DNS_MX && mv_bytes_to_uint(mv_bytes_slice(data, 0, space), 65535, &preference)) {
        record->preference = (unsigned)preference;
        record->data = mv_bytes_slice(data, space + 1, data.len);
    }
    record->rdata = record->data;
}

/* Cuts off the next word and the space behind it. */
static struct mv_bytes take_word(struct mv_cursor *c)
{
    struct mv_bytes word = mv_cursor_take_until(c, ' ');

    mv_cursor_accept(c, ' ');
    return word;
}

static void take_line(struct mv_arena *arena, struct mv_bytes line, const struct mv_dns_question *question,
                      struct mv_dns_answer *answer, struct mv_dns_record *records)
{
    struct mv_cursor c = mv_cursor_of(line);
    struct mv_bytes name = take_word(&c), type = take_word(&c);

    if (!mv_bytes_equal_nocase(name, question->name) && !mv_bytes_equal(name, MV_BYTES("*")))
        return;
    if (answer->status == MV_DNS_NXDOMAIN)
        answer->status = MV_DNS_NODATA;
    if (!mv_bytes_equal(type, mv_bytes_str(mv_dns_type_text(question->type))))
        return;
    if (mv_cursor_accept_nocase(&c, MV_BYTES("!TIMEOUT"))) {
        answer->status = MV_DNS_TIMEOUT;
        return;
    }
    if (mv_cursor_accept_nocase(&c, MV_BYTES("!SERVFAIL"))) {
        answer->status = MV_DNS_SERVFAIL;
        return;
    }
    answer->status = MV_DNS_FOUND;
    read_data(arena, question->type, mv_cursor_rest(&c), &records[answer->count++]);
}

static void answer_question(struct mv_arena *arena, const char *zone, struct mv_memo *memo,
                            const struct mv_dns_question *question)
{
    struct mv_dns_record records[MAX_RECORDS] = {0};
    struct mv_dns_answer answer = {.status = MV_DNS_NXDOMAIN, .ttl_secs = 60, .records = records};
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(zone));

    while (mv_cursor_left(&c) > 0 && answer.count < MAX_RECORDS) {
        take_line(arena, mv_cursor_take_until(&c, '\n'), question, &answer, records);
        mv_cursor_next(&c);
    }
    mv_memo_answer(memo, question, &answer);
}

struct mv_spf_request spf_zone_request(const char *ip, const char *helo, const char *mail_from)
{
    struct mv_spf_request request = {
        .helo = mv_bytes_str(helo),
        .mail_from = mv_bytes_str(mail_from),
        .now_secs = 1700000000,
        .max_voids = MV_SPF_MAX_VOIDS,
    };

    mv_ip_parse(mv_bytes_str(ip), &request.ip);
    return request;
}

enum mv_code spf_zone_evaluate(struct mv_arena *arena, const char *zone, enum spf_zone_pace pace,
                               const struct mv_spf_request *request, struct mv_trace *trace,
                               struct mv_spf_result *result_r, struct mv_memo **memo_r)
{
    struct mv_memo *memo = mv_memo_new(arena);
    struct mv_dns_question question;
    enum mv_code code = MV_NEED_DNS;

    *memo_r = memo;
    for (unsigned run = 0; run < MAX_RUNS && code == MV_NEED_DNS; run++) {
        code = mv_spf_evaluate(arena, request, memo, NULL, result_r);
        while (code == MV_NEED_DNS && mv_memo_next_question(memo, &question)) {
            answer_question(arena, zone, memo, &question);
            if (pace == SPF_ZONE_ONE_BY_ONE)
                break;
        }
    }
    if (code == MV_OK && trace != NULL)
        code = mv_spf_evaluate(arena, request, memo, trace, result_r);
    return code;
}
