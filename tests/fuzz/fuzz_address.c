/* Whatever a From field says, its mailboxes written in the plainest way say the same again. */
#include "core/text/address.h"

#include "core/base/ascii.h"
#include "core/text/domain.h"
#include "tests/fuzz/fuzz.h"

static void put_quoted(struct mv_buf *out, struct mv_bytes local_part)
{
    mv_buf_putc(out, '"');
    for (size_t i = 0; i < local_part.len; i++) {
        mv_buf_putc(out, '\\');
        mv_buf_putc(out, local_part.data[i]);
        while (mv_ascii_is(local_part.data[i], MV_ASCII_UTF8) && i + 1 < local_part.len &&
               (local_part.data[i + 1] & 0xc0) == 0x80)
            mv_buf_putc(out, local_part.data[++i]);
    }
    mv_buf_puts(out, "\"@");
}

static void check_mailbox(struct mv_arena *arena, const struct mv_mailbox *mailbox)
{
    struct mv_bytes domain;

    fuzz_require(mv_domain_normalize(arena, mailbox->domain_as_written, &domain));
    fuzz_require(mv_bytes_equal(domain, mailbox->domain));
    fuzz_require(mv_domain_normalize(arena, mailbox->domain, &domain));
    fuzz_require(mv_bytes_equal(domain, mailbox->domain));
    fuzz_require(mv_bytes_is_utf8(mailbox->local_part) && mv_bytes_is_utf8(mailbox->display_name));
}

static void check_again(struct mv_arena *arena, const struct mv_mailbox *mailboxes, size_t count)
{
    struct mv_mailbox *again;
    size_t again_count;
    struct mv_buf out;

    mv_buf_init(&out, FUZZ_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        check_mailbox(arena, &mailboxes[i]);
        mv_buf_puts(&out, i == 0 ? "" : ",");
        put_quoted(&out, mailboxes[i].local_part);
        mv_buf_put(&out, mailboxes[i].domain);
    }
    fuzz_require(mv_address_parse_list(arena, mv_buf_bytes(&out), &again, &again_count) == MV_FROM_OK);
    fuzz_require(again_count == count);
    for (size_t i = 0; i < count; i++) {
        fuzz_require(mv_bytes_equal(again[i].local_part, mailboxes[i].local_part));
        fuzz_require(mv_bytes_equal(again[i].domain, mailboxes[i].domain));
    }
    mv_buf_free(&out);
}

static void check_author(struct mv_arena *arena, struct mv_bytes value, enum mv_from_code list_code)
{
    struct mv_field from = {value, MV_BYTES("from"), value};
    struct mv_mailbox mailbox;
    enum mv_from_code code = mv_author_domain(arena, &from, 1, &mailbox);

    fuzz_require((code == MV_FROM_OK) == (mailbox.domain.len > 0));
    fuzz_require(code == list_code || (list_code == MV_FROM_OK && code == MV_FROM_SEVERAL_DOMAINS) ||
                 (code == MV_FROM_OK && mailbox.is_loose));
}

/* What is read loosely has one domain, and where the grammar has an answer, it is the same. */
static void check_loose(struct mv_arena *arena, struct mv_bytes value, const struct mv_mailbox *mailboxes, size_t count)
{
    struct mv_mailbox loose;

    if (mv_address_parse_loose(arena, value, &loose) != MV_OK)
        return;
    fuzz_require(loose.domain.len > 0 && mv_bytes_is_utf8(loose.local_part));
    for (size_t i = 0; i < count; i++)
        fuzz_require(mv_bytes_equal(mailboxes[i].domain, loose.domain));
}

static void check_path(struct mv_arena *arena, struct mv_bytes path)
{
    struct mv_bytes local_part, domain, local_part_again, domain_again;
    struct mv_buf out;

    if (!mv_address_parse_path(arena, path, &local_part, &domain) || domain.len == 0)
        return;
    mv_buf_init(&out, FUZZ_MAX_BYTES);
    put_quoted(&out, local_part);
    mv_buf_put(&out, domain);
    fuzz_require(mv_address_parse_path(arena, mv_buf_bytes(&out), &local_part_again, &domain_again));
    fuzz_require(mv_bytes_equal(local_part, local_part_again) && mv_bytes_equal(domain, domain_again));
    mv_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_bytes value = mv_bytes_of(data, size);
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_mailbox *mailboxes;
    size_t count;
    enum mv_from_code code = mv_address_parse_list(arena, value, &mailboxes, &count);

    fuzz_require((code == MV_FROM_OK) == (count > 0));
    if (code == MV_FROM_OK)
        check_again(arena, mailboxes, count);
    check_author(arena, value, code);
    check_loose(arena, value, mailboxes, count);
    check_path(arena, value);
    mv_arena_free(&arena);
    return 0;
}
