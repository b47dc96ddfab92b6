/* Any text can be looked through, and what is suggested instead is a record without that fault. */
#include "core/ops/dmarc_lint.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(1 << 26);
    struct mv_findings *findings = mv_findings_new(arena), *again = mv_findings_new(arena);
    struct mv_bytes text = mv_bytes_of(data, size), name = MV_BYTES("_dmarc.example.org");
    struct mv_dmarc_record record, mended;
    bool is_record = mv_dmarc_lint_record(arena, name, text, findings, &record);

    fuzz_require(is_record == mv_dmarc_record_parse(text, &mended));
    fuzz_require(is_record || mv_findings_count(findings) > 0);
    for (size_t i = 0; i < mv_findings_count(findings) && i < 10; i++) {
        const struct mv_finding *finding = mv_findings_at(findings, i);

        if (finding->record.len == 0)
            continue;
        fuzz_require(mv_dmarc_lint_record(arena, name, finding->record, again, &mended));
        fuzz_require(mended.bad_tags == 0 && mended.p.state == MV_DMARC_TAG_VALID);
    }
    mv_arena_free(&arena);
    return 0;
}
