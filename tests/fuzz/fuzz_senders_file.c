/* A login, an address and the text of a users_file, each ended by LF: what is checked can be asked; nobody gains unasked. */
#include "core/config/senders_file.h"

#include "tests/fuzz/fuzz.h"

static struct mv_bytes take_line(struct mv_cursor *c)
{
    struct mv_bytes line = mv_cursor_take_until(c, '\n');

    mv_cursor_accept(c, '\n');
    return line;
}

static void check_author(struct mv_arena *arena, struct mv_bytes text, const struct mv_sender *sender)
{
    struct mv_bytes author, again;
    const char *reason;
    enum mv_code code = mv_sender_author_parse(arena, text, &author, &reason);

    fuzz_require(code == MV_OK || (code == MV_ERR_SYNTAX && reason != NULL && author.len == 0));
    if (code != MV_OK)
        return;
    fuzz_require(mv_sender_author_parse(arena, author, &again, &reason) == MV_OK && mv_bytes_equal(author, again));
    if (mv_sender_may(author, sender, MV_BYTES("nobody"), MV_BYTES("nowhere.example")))
        fuzz_require(mv_sender_may(author, sender, MV_BYTES("NOBODY"), MV_BYTES("nowhere.example")));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_of(data, size));
    struct mv_bytes login = take_line(&c), address = take_line(&c), text = mv_cursor_rest(&c);
    size_t at = mv_bytes_find_last(address, '@'), entries;
    struct mv_arena *arena = mv_arena_new(FUZZ_MAX_BYTES);
    struct mv_senders_answer answer;
    struct mv_error error = {0};
    struct mv_sender sender;
    enum mv_code checked;

    if (mv_sender_split(arena, login, &sender) == MV_OK) {
        check_author(arena, address, &sender);
        checked = mv_senders_file_check(text, &entries, &error);
        fuzz_require(checked == MV_OK || (checked == MV_ERR_CONFIG && error.text[0] != '\0'));
        fuzz_require(mv_senders_file_ask(arena, text, &sender, mv_bytes_slice(address, 0, at),
                                         mv_bytes_slice(address, at + 1, address.len), &answer) == MV_OK);
        fuzz_require(answer.known || (!answer.may && answer.bad_line == 0));
        fuzz_require(checked != MV_OK || answer.bad_line == 0);
        fuzz_require((answer.bad_line == 0) == (answer.reason == NULL));
    }
    mv_arena_free(&arena);
    return 0;
}
