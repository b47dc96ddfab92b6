/* Any URI: an address that is taken is one, of printable ASCII, and the mail to it has the fields that it should. */
#include "core/base/ascii.h"
#include "core/report/report_mail.h"
#include "tests/fuzz/fuzz.h"

/* Lines of the header block that begin a field. */
static size_t count_fields(struct mv_bytes mail)
{
    struct mv_cursor c = mv_cursor_of(mail);
    size_t fields = 0;

    for (;;) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\r');

        fuzz_require(mv_bytes_find(line, '\n') == line.len && line.len <= 998);
        fuzz_require(mv_cursor_accept(&c, '\r') && mv_cursor_accept(&c, '\n'));
        if (line.len == 0)
            return fields;
        fields += !mv_ascii_is(line.data[0], MV_ASCII_WSP);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_report_mail mail = {.from = MV_BYTES("a@r.example"), .from_name = mv_bytes_of(data, size),
                                  .receiver = MV_BYTES("r.example"), .policy_domain = MV_BYTES("b.example"),
                                  .report_id = MV_BYTES("1"), .file_name = MV_BYTES("f"), .gzip = MV_BYTES("g")};
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    fuzz_require(arena != NULL);
    if (mv_report_mail_address(arena, mv_bytes_of(data, size), &mail.to)) {
        fuzz_require(mail.to.len <= MV_REPORT_ADDRESS_MAX_BYTES);
        for (size_t i = 0; i < mail.to.len; i++)
            fuzz_require(mail.to.data[i] == ' ' || mv_ascii_is(mail.to.data[i], MV_ASCII_VCHAR));
    } else {
        fuzz_require(mail.to.len == 0);
        mail.to = MV_BYTES("b@b.example");
    }
    fuzz_require(mv_report_mail_print(&mail, &out) == MV_OK);
    fuzz_require(count_fields(mv_buf_bytes(&out)) == 8);
    mv_buf_free(&out);
    mv_arena_free(&arena);
    return 0;
}
