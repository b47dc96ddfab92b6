/*
 * A message with a chain, and the key records, under an attacker's control: lines
 * of key records (the answer to every question), an empty line, the message.  The
 * result is the same for a message fed whole and byte by byte, nothing is asked
 * twice, and whatever the sealers say, nobody but a trusted one is a witness.
 */
#include "core/arc/verify.h"

#include "core/auth/sealers.h"
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
    struct mv_arc_verifier *verifier;
    struct mv_dkim_options options;
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

static enum mv_code take_header(struct run *run, const struct mv_reader *reader)
{
    size_t count;
    const struct mv_field *fields = mv_reader_fields(reader, &count);

    run->options.defects = mv_reader_defects(reader);
    return mv_arc_verifier_header(run->verifier, &run->options, fields, count);
}

static enum mv_code feed(struct run *run, struct mv_bytes message, size_t piece)
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
            code = take_header(run, reader);
        header_done = true;
        if (code == MV_OK)
            mv_dkim_bodies_feed(run->bodies, body);
    }
    if (code == MV_OK)
        code = mv_reader_end(reader);
    if (code == MV_OK && !header_done)
        code = take_header(run, reader);
    return code == MV_OK ? mv_dkim_bodies_end(run->bodies) : code;
}

static enum mv_code ask(struct run *run, const struct input *input)
{
    struct mv_memo *memo = mv_memo_new(run->arena);
    struct mv_trace *trace = mv_trace_new(run->arena);
    struct mv_dns_answer answer = {MV_DNS_FOUND, false, 60, input->record_count, input->records, 0};
    struct mv_dns_question question;
    unsigned rounds = 0;
    enum mv_code code;

    mv_arc_verifier_prefetch(run->verifier, memo);
    while ((code = mv_arc_verifier_run(run->verifier, memo, trace)) == MV_NEED_DNS) {
        fuzz_require(rounds++ < 2);
        while (mv_memo_next_question(memo, &question))
            mv_memo_answer(memo, &question, &answer);
        fuzz_require(rounds > 1 || mv_memo_questions(memo) <= 2 * MV_ARC_MAX_SETS_AHEAD);
    }
    fuzz_require(mv_memo_questions(memo) <= 2 * MV_ARC_MAX_SETS);
    return code;
}

static void begin(struct run *run, const struct input *input, size_t piece)
{
    *run = (struct run){.arena = mv_arena_new(FUZZ_MAX_BYTES), .options = {.now_secs = 1795435200}};
    run->bodies = mv_dkim_bodies_new(run->arena);
    run->verifier = mv_arc_verifier_new(run->arena, run->bodies);
    run->code = feed(run, input->message, piece);
    if (run->code == MV_OK)
        run->code = ask(run, input);
    fuzz_require(run->code == MV_OK || run->code == MV_ERR_LIMIT);
}

static void end(struct run *run)
{
    mv_arc_verifier_free(&run->verifier);
    mv_dkim_bodies_free(&run->bodies);
    mv_arena_free(&run->arena);
}

static void require_same(const struct run *a, const struct run *b)
{
    const struct mv_arc_result *x = mv_arc_verifier_result(a->verifier), *y = mv_arc_verifier_result(b->verifier);

    fuzz_require(a->code == b->code);
    if (a->code != MV_OK)
        return;
    fuzz_require(x->code == y->code && x->oldest_pass == y->oldest_pass && x->hop_count == y->hop_count);
    fuzz_require(x->hop_count <= MV_ARC_MAX_SETS && x->oldest_pass <= x->hop_count && !x->temporary);
    fuzz_require(x->code != MV_ARC_PASS || (x->hop_count > 0 && x->reason == NULL));
    fuzz_require(x->code != MV_ARC_FAIL || x->reason != NULL);
    fuzz_require(x->code == MV_ARC_NONE || x->has_fields);
}

/* As if the chain were right, so that what the sealers say is read. */
static void listen(struct run *run)
{
    static const struct mv_bytes trusted[] = {MV_BYTES("example.net")};
    struct mv_config_list list = {trusted, 1};
    struct mv_verdict verdict = {
        .author_domain = MV_BYTES("example.com"),
        .dmarc = {.has_record = true, .org_domain = MV_BYTES("example.com")},
        .has_arc = true,
        .arc = *mv_arc_verifier_result(run->verifier),
    };
    enum mv_testimony testimony;
    struct mv_witness witness;
    enum mv_code code;

    verdict.arc.code = MV_ARC_PASS;
    verdict.arc.author_signed = true;
    code = mv_sealers_testify(run->arena, &list, &verdict, &testimony, &witness);
    fuzz_require(code == MV_OK || code == MV_ERR_MEMORY);
    if (code == MV_OK && testimony != MV_TESTIMONY_NONE)
        fuzz_require(witness.instance >= 1 && witness.instance <= verdict.arc.hop_count &&
                     mv_bytes_has_suffix_nocase(witness.domain, trusted[0]));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct input input;
    struct run whole, split;

    split_input(mv_bytes_of(data, size), &input);
    begin(&whole, &input, size + 1);
    begin(&split, &input, 1);
    require_same(&whole, &split);
    if (whole.code == MV_OK)
        listen(&whole);
    end(&whole);
    end(&split);
    return 0;
}
