/*
 * Any file is refused or read; what is read is replayed, and what a memo has seen
 * is written so that it reads again and gives the same answers.
 */
#include <stdlib.h>

#include "core/dns/capture.h"
#include "core/dns/capture_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_same(const struct mv_dns_answer *a, const struct mv_dns_answer *b)
{
    require(a->status == b->status && a->count == b->count && a->secure == b->secure && a->ttl_secs == b->ttl_secs);
    for (size_t i = 0; i < a->count; i++)
        require(mv_bytes_equal(a->records[i].data, b->records[i].data) &&
                mv_bytes_equal(a->records[i].rdata, b->records[i].rdata) &&
                a->records[i].preference == b->records[i].preference);
}

static void ask_everything(const struct mv_capture *capture, struct mv_memo *memo)
{
    static const enum mv_dns_type types[] = {MV_DNS_A, MV_DNS_TXT, MV_DNS_CNAME};
    struct mv_dns_question question;
    struct mv_dns_answer answer;

    for (size_t i = 0; i < capture->count; i++) {
        mv_memo_ask(memo, capture->entries[i].question.name, capture->entries[i].question.type);
        for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
            mv_memo_ask(memo, capture->entries[i].question.name, types[t]);
    }
    while (mv_memo_next_question(memo, &question)) {
        mv_capture_answer(capture, &question, &answer);
        require(mv_memo_answer(memo, &question, &answer) == MV_OK);
    }
}

static void require_replay(const struct mv_memo *memo)
{
    struct mv_capture *capture;
    struct mv_dns_question question;
    const struct mv_dns_answer *seen;
    struct mv_dns_answer answer;
    struct mv_buf out;

    mv_buf_init(&out, MV_CAPTURE_MAX_BYTES);
    require(mv_capture_write(memo, &out) == MV_OK);
    require(mv_capture_read(mv_buf_bytes(&out), &capture, NULL) == MV_OK);
    for (size_t i = 0; mv_memo_at(memo, i, &question, &seen); i++) {
        mv_capture_answer(capture, &question, &answer);
        require_same(seen, &answer);
    }
    mv_capture_free(&capture);
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mv_capture *capture;
    struct mv_error error = {0};
    struct mv_arena *arena;
    struct mv_memo *memo;

    if (mv_capture_read(mv_bytes_of(data, size), &capture, &error) != MV_OK) {
        require(capture == NULL && error.code != MV_OK && error.text[0] != '\0');
        return 0;
    }
    arena = mv_arena_new(64 * 1024 * 1024);
    memo = mv_memo_new(arena);
    ask_everything(capture, memo);
    mv_capture_free(&capture);
    require_replay(memo);
    mv_arena_free(&arena);
    return 0;
}
