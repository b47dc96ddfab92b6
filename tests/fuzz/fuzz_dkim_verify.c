/*
 * Message and key records under an attacker's control: lines of key records (the
 * answer to every question), an empty line, the message.  The result is the same
 * for a message fed whole and byte by byte, and nothing is asked twice.
 */
#include "core/dkim/verify.h"

#include "core/text/message.h"
#include "tests/fuzz/fuzz.h"

#define MAX_RECORDS 6

struct input {
    struct mv_dns_record records[MAX_RECORDS];
    size_t record_count;
    struct mv_bytes message;
};

struct run {
    struct mv_arena *arena;
    struct mv_dkim_bodies *bodies;
    struct mv_dkim_verifier *verifier;
    enum mv_code code;
};

static void split_input(struct mv_bytes data, struct input *input)
{
    struct mv_cursor c = mv_cursor_of(data);

    *input = (struct input){0};
    while (mv_cursor_left(&c) > 0 && !mv_cursor_accept(&c, '\n')) {
        struct mv_bytes record = mv_cursor_take_until(&c, '\n');

        mv_cursor_accept(&c, '\n');
        if (input->record_count < MAX_RECORDS)
            input->records[input->record_count++].data = record;
    }
    input->message = mv_cursor_rest(&c);
}

static enum mv_code take_header(struct run *run, const struct mv_reader *reader, struct mv_dkim_options *options)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    options->defects = mv_reader_defects(reader);
    return mv_dkim_verifier_header(run->verifier, options, fields, count);
}

static enum mv_code feed(struct run *run, struct mv_dkim_options *options, struct mv_bytes message, size_t piece)
{
    struct mv_reader *reader = mv_reader_new(run->arena);
    bool header_done = false;
    enum mv_code code = MV_OK;
    struct mv_bytes body;

    for (size_t at = 0; at < message.len && code == MV_OK; at += piece) {
        code = mv_reader_feed(reader, mv_bytes_slice(message, at, at + piece), &body);
        if (code != MV_OK || !mv_reader_header_done(reader))
            continue;
        if (!header_done)
            code = take_header(run, reader, options);
        header_done = true;
        if (code == MV_OK)
            mv_dkim_bodies_feed(run->bodies, body);
    }
    if (code == MV_OK)
        code = mv_reader_end(reader);
    if (code == MV_OK && !header_done)
        code = take_header(run, reader, options);
    return code == MV_OK ? mv_dkim_bodies_end(run->bodies) : code;
}

static enum mv_code ask(struct run *run, const struct input *input)
{
    struct mv_memo *memo = mv_memo_new(run->arena);
    struct mv_trace *trace = mv_trace_new(run->arena);
    struct mv_dns_answer answer = {MV_DNS_FOUND, false, 60, input->record_count, input->records, 0};
    struct mv_dns_question question;
    enum mv_code code;

    mv_dkim_verifier_prefetch(run->verifier, memo);
    while ((code = mv_dkim_verifier_run(run->verifier, memo, trace)) == MV_NEED_DNS) {
        fuzz_require(mv_memo_questions(memo) == 0);
        while (mv_memo_next_question(memo, &question))
            mv_memo_answer(memo, &question, &answer);
    }
    fuzz_require(mv_memo_questions(memo) <= MV_DKIM_MAX_SIGNATURES);
    return code;
}

static void begin(struct run *run, struct mv_dkim_options *options, const struct input *input, size_t piece)
{
    *run = (struct run){.arena = mv_arena_new(FUZZ_MAX_BYTES)};
    run->bodies = mv_dkim_bodies_new(run->arena);
    run->verifier = mv_dkim_verifier_new(run->arena, run->bodies);
    run->code = feed(run, options, input->message, piece);
    if (run->code == MV_OK)
        run->code = ask(run, input);
    fuzz_require(run->code == MV_OK || run->code == MV_ERR_LIMIT);
}

static void end(struct run *run)
{
    mv_dkim_verifier_free(&run->verifier);
    mv_dkim_bodies_free(&run->bodies);
    mv_arena_free(&run->arena);
}

static void require_same(const struct run *a, const struct run *b)
{
    size_t a_count, b_count;
    const struct mv_dkim_result *x = mv_dkim_verifier_results(a->verifier, &a_count);
    const struct mv_dkim_result *y = mv_dkim_verifier_results(b->verifier, &b_count);

    fuzz_require(a->code == b->code);
    if (a->code != MV_OK)
        return;
    fuzz_require(a_count == b_count && a_count <= MV_DKIM_MAX_SIGNATURES);
    for (size_t i = 0; i < a_count; i++) {
        fuzz_require(x[i].code == y[i].code && x[i].rule == y[i].rule && x[i].partial_body == y[i].partial_body);
        fuzz_require(x[i].code != MV_DKIM_NONE && (x[i].code == MV_DKIM_POLICY) == (x[i].rule != NULL));
        fuzz_require(x[i].code == MV_DKIM_PASS || x[i].reason != NULL);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_dkim_options whole_options = {.now_secs = 1700000000, .author_domain = MV_BYTES("example.com")};
    struct mv_dkim_options split_options = whole_options;
    struct input input;
    struct run whole, split;

    split_input(mv_bytes_of(data, size), &input);
    begin(&whole, &whole_options, &input, size + 1);
    begin(&split, &split_options, &input, 1);
    require_same(&whole, &split);
    end(&whole);
    end(&split);
    return 0;
}
