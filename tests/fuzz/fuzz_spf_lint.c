/*
 * Any text can be looked through, whatever DNS says of the names in it: the first line is the text, and each
 * question for TXT gets one of the others.  What is suggested instead is a record that can be read.
 */
#include "core/ops/spf_lint.h"
#include "tests/fuzz/fuzz.h"

#define MAX_LINES 8
#define MAX_RUNS 100

struct input {
    struct mv_bytes lines[MAX_LINES];
    size_t count;
    size_t asked;
};

static void answer_all(struct input *input, struct mv_memo *memo)
{
    static const unsigned char octets[16] = {192, 0, 2, 1};
    struct mv_dns_question question;

    while (mv_memo_next_question(memo, &question)) {
        size_t turn = input->asked++;
        struct mv_dns_record record = {.data = MV_BYTES("m.example")};
        struct mv_dns_answer answer = {.status = MV_DNS_FOUND, .count = 1, .records = &record};

        if (question.type == MV_DNS_TXT)
            record.data = input->lines[turn % input->count];
        if (question.type == MV_DNS_A || question.type == MV_DNS_AAAA)
            record.data = mv_bytes_of(octets, question.type == MV_DNS_A ? 4 : 16);
        record.rdata = record.data;
        if (question.name.len % 5 == 1)
            answer = (struct mv_dns_answer){.status = turn % 2 == 0 ? MV_DNS_NXDOMAIN : MV_DNS_TIMEOUT};
        fuzz_require(mv_memo_answer(memo, &question, &answer) == MV_OK);
    }
}

static bool read_tree(struct mv_arena *arena, struct input *input, struct mv_bytes text, struct mv_spf_tree *tree)
{
    struct mv_spf_tree_request request = {.domain = MV_BYTES("example.org"), .text = text};
    struct mv_memo *memo = mv_memo_new(arena);
    enum mv_code code = MV_NEED_DNS;

    for (size_t run = 0; run < MAX_RUNS && code == MV_NEED_DNS; run++) {
        code = mv_spf_tree_read(arena, &request, memo, tree);
        answer_all(input, memo);
    }
    fuzz_require(code == MV_OK || code == MV_ERR_MEMORY);
    return code == MV_OK;
}

static void check_tree(const struct mv_spf_tree *tree)
{
    fuzz_require(tree->host_count <= MV_SPF_TREE_MAX_HOSTS);
    for (size_t client = 0; client < MV_SPF_CLIENTS; client++) {
        const struct mv_spf_cost *cost = &tree->root->cost[client];
        const struct mv_spf_tree_host *at;

        fuzz_require(cost->sure_voids <= cost->voids && cost->voids <= cost->lookups);
        if (mv_spf_tree_breaks_at(tree, client, &at) == NULL)
            fuzz_require(cost->lookups <= MV_SPF_MAX_LOOKUPS && !cost->endless);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(1 << 26);
    struct mv_findings *findings = mv_findings_new(arena);
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct input input = {.count = 0};
    struct mv_spf_text text;
    struct mv_spf_tree tree;

    do {
        input.lines[input.count++] = mv_cursor_take_until(&c, '\n');
        mv_cursor_next(&c);
    } while (mv_cursor_left(&c) > 0 && input.count < MAX_LINES);
    if (mv_spf_text_read(arena, input.lines[0], &text) == MV_OK) {
        fuzz_require(text.string_count == 0 || text.ends[text.string_count - 1] == text.text.len);
        if (mv_spf_lint_text(&text, MV_BYTES("example.org"), findings) && read_tree(arena, &input, text.text, &tree)) {
            check_tree(&tree);
            mv_spf_lint_tree(arena, &tree, findings);
        }
        for (size_t i = 0; i < mv_findings_count(findings); i++) {
            struct mv_spf_record record;
            struct mv_spf_fault fault;
            struct mv_bytes instead = mv_findings_at(findings, i)->record;

            fuzz_require(instead.len == 0 || mv_spf_record_parse(instead, &record, &fault));
        }
    }
    mv_arena_free(&arena);
    return 0;
}
