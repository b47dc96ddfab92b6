/* Any bytes as a line of evidence: refused with a sentence, or read so that what is printed of it reads the same. */
#include "core/auth/evidence_line.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/evidence_rows.h"

/* Printed whole it reads the same; written short, it still reads. */
static void check_again(const struct mv_evidence_line *line, struct mv_arena *arena, bool is_whole)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_evidence_line again;
    struct mv_buf text;

    mv_buf_init(&text, MV_EVIDENCE_MAX_LINE_BYTES);
    fuzz_require(mv_evidence_line_print(line, &text) == MV_OK && text.data[text.len - 1] == '\n');
    fuzz_require(mv_bytes_find(mv_buf_bytes(&text), '\n') == text.len - 1);
    fuzz_require(mv_evidence_line_parse(mv_buf_bytes(&text), arena, &again, &error) == MV_OK);
    fuzz_require(!is_whole || evidence_row_differs(line, &again) == NULL);
    mv_buf_free(&text);
}

/* A line whose record and note are any bytes. */
static void make_line(struct mv_bytes bytes, struct mv_arena *arena)
{
    struct mv_evidence_line line;
    struct mv_dmarc_record record;
    uint64_t seed = 1;

    for (size_t i = 0; i < bytes.len && i < 8; i++)
        seed = seed << 8 | bytes.data[i];
    evidence_row_make(seed, bytes, &line);
    if (bytes.len < 256 || mv_dmarc_record_parse(bytes, &record))
        check_again(&line, arena, bytes.len < 256);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_error error = {MV_OK, ""};
    struct mv_evidence_line line;
    enum mv_code code = mv_evidence_line_parse(mv_bytes_of(data, size), arena, &line, &error);

    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && error.text[0] != '\0'));
    if (code == MV_OK)
        check_again(&line, arena, true);
    make_line(mv_bytes_of(data, size), arena);
    mv_arena_free(&arena);
    return 0;
}
