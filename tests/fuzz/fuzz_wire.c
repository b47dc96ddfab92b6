/*
 * The first byte picks the type, the next up to a zero byte are the name that
 * was asked for, the rest is the response.  What is found is well formed and is
 * the same in every run; a query for the name answers nothing.
 */
#include <stdlib.h>

#include "core/dns/wire.h"
#include "core/text/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_record(enum mv_dns_type type, const struct mv_dns_record *record)
{
    if (type == MV_DNS_A || type == MV_DNS_AAAA) {
        require(record->data.len == (type == MV_DNS_A ? 4u : 16u));
        return;
    }
    if (type == MV_DNS_TXT) {
        require(record->rdata.len > record->data.len);
        return;
    }
    require(record->data.len == 0 || mv_domain_is_askable(record->data));
    for (size_t i = 0; i < record->data.len; i++)
        require(record->data.data[i] < 'A' || record->data.data[i] > 'Z');
}

static void require_answer(enum mv_dns_type type, const struct mv_dns_answer *answer)
{
    require((answer->status == MV_DNS_FOUND) == (answer->count > 0));
    require(answer->count <= MV_DNS_MAX_RECORDS);
    require(!answer->secure || !mv_dns_is_error(answer->status));
    for (size_t i = 0; i < answer->count; i++)
        require_record(type, &answer->records[i]);
}

static void require_query_is_no_answer(struct mv_arena *arena, const struct mv_dns_question *question)
{
    struct mv_dns_answer answer;
    struct mv_buf query;

    mv_buf_init(&query, MV_DNS_MAX_QUERY_BYTES);
    if (mv_dns_wire_query(question, 7, &query) == MV_OK) {
        require(mv_dns_wire_answer(arena, question, mv_buf_bytes(&query), &answer) == MV_OK);
        require(answer.status == MV_DNS_SERVFAIL);
        /* with QR set it is an answer that holds nothing */
        query.data[2] |= 0x80;
        require(mv_dns_wire_answer(arena, question, mv_buf_bytes(&query), &answer) == MV_OK);
        require(answer.status == MV_DNS_NODATA);
    }
    mv_buf_free(&query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum mv_dns_type types[] = {MV_DNS_A,  MV_DNS_NS,  MV_DNS_CNAME, MV_DNS_SOA, MV_DNS_PTR,
                                             MV_DNS_MX, MV_DNS_TXT, MV_DNS_AAAA};
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_dns_question question;
    struct mv_dns_answer answer, again;
    struct mv_arena *arena;

    if (size == 0)
        return 0;
    question.type = types[mv_cursor_next(&c) & 7];
    question.name = mv_cursor_take_until(&c, 0);
    mv_cursor_accept(&c, 0);
    arena = mv_arena_new(64 * 1024 * 1024);
    require(mv_dns_wire_answer(arena, &question, mv_cursor_rest(&c), &answer) == MV_OK);
    require_answer(question.type, &answer);
    require(mv_dns_wire_answer(arena, &question, mv_cursor_rest(&c), &again) == MV_OK);
    require(answer.status == again.status && answer.count == again.count && answer.ttl_secs == again.ttl_secs);
    require_query_is_no_answer(arena, &question);
    mv_arena_free(&arena);
    return 0;
}
