/* What was said: not again, but when it is worse or goes on. */
#include "core/ops/alert_memory.h"
#include "tests/unit/unit.h"

#include <string.h>

#define NOW INT64_C(1795305600)
#define DOMAIN MV_BYTES("shop.example")

static struct mv_alert_memory *memory_of(struct mv_arena *arena, const char *text)
{
    struct mv_alert_memory *memory;
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_alert_memory_read(arena, mv_bytes_str(text), &memory, &error) == MV_OK, "%s: %s", text,
                  error.text);
    return memory;
}

static const struct {
    const char *name, *said;
    struct mv_alert alert;
    int64_t later_days;
    enum mv_alert_turn turn;
} rows[] = {
    {"nothing was said", "", {.what = MV_ALERT_RATE, .begins = true}, 0, MV_ALERT_FIRST},
    {"nothing was said, and it does not begin", "", {.what = MV_ALERT_RATE}, 0, MV_ALERT_SILENT},
    {"said", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 10, .begins = true}, 1, MV_ALERT_SILENT},
    {"said, and a little more", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 19, .begins = true}, 1, MV_ALERT_SILENT},
    {"said, and twice as much", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 20}, 1, MV_ALERT_WORSE},
    {"said, and it goes on", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 10}, 13, MV_ALERT_SILENT},
    {"said 14 days ago, and it goes on", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 1}, 14, MV_ALERT_AGAIN},
    {"said of another sender", "1795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a b"), .size = 10, .begins = true}, 1, MV_ALERT_FIRST},
    {"said of another domain", "1795305600 sender 10 sho.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 10, .begins = true}, 1, MV_ALERT_FIRST},
    {"something else was said", "1795305600 strangers 10 shop.example\n",
     {.what = MV_ALERT_RATE, .size = 10, .begins = true}, 1, MV_ALERT_FIRST},
    {"a name with spaces", "# a comment\n1795305600 sender 10 shop.example a b  c\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a b  c"), .size = 10, .begins = true}, 1, MV_ALERT_SILENT},
    {"a rate falls on", "1795305600 rate 60 shop.example\n", {.what = MV_ALERT_RATE, .size = 109}, 1, MV_ALERT_SILENT},
    {"a rate falls as far again", "1795305600 rate 60 shop.example\n", {.what = MV_ALERT_RATE, .size = 110}, 1,
     MV_ALERT_WORSE},
    {"silence lasts", "1795305600 silence 3 shop.example\n",
     {.what = MV_ALERT_SILENCE, .size = 12, .begins = true}, 9, MV_ALERT_SILENT},
    {"the most there is", "1795305600 strangers 18446744073709551615 shop.example\n",
     {.what = MV_ALERT_STRANGERS, .size = UINT64_MAX}, 1, MV_ALERT_SILENT},
    {"a clock that was ahead", "9795305600 sender 10 shop.example a\n",
     {.what = MV_ALERT_SENDER, .who = MV_BYTES("a"), .size = 10, .begins = true}, 1, MV_ALERT_SILENT},
};

START_TEST(test_turns)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_arena *arena = mv_arena_new(1024 * 1024);
        enum mv_alert_turn turn = mv_alert_memory_judge(memory_of(arena, rows[i].said), DOMAIN, &rows[i].alert,
                                                        NOW + rows[i].later_days * MV_DAY_SECS);

        ck_assert_msg(turn == rows[i].turn, "%s: %d", rows[i].name, (int)turn);
        mv_arena_free(&arena);
    }
}
END_TEST

static const char *const refused[] = {
    "x\n", "\n", "1795305600 sender 10 shop.example a", "-1 sender 10 shop.example\n", "1 who 10 shop.example\n",
    "1 sender x shop.example\n", "1 sender 18446744073709551616 shop.example\n", "1 sender 10\n", "1 sender 10 \n",
    "1 sender 10 shop.\x01\n", "1 sender 10 shop.example a\xff\n", "9223372036854775808 sender 1 a\n",
};

START_TEST(test_refused)
{
    char long_line[MV_ALERT_MAX_WHO_BYTES + 100];
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_error error = {MV_OK, ""};
    struct mv_alert_memory *memory;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        ck_assert_msg(mv_alert_memory_read(arena, mv_bytes_str(refused[i]), &memory, &error) == MV_ERR_SYNTAX,
                      "'%s' is read", refused[i]);
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "1 sender 1 a ", 13);
    long_line[13 + MV_ALERT_MAX_WHO_BYTES] = '\n';
    ck_assert_int_eq(mv_alert_memory_read(arena, mv_bytes_of(long_line, 14 + MV_ALERT_MAX_WHO_BYTES), &memory, &error),
                     MV_OK);
    long_line[13 + MV_ALERT_MAX_WHO_BYTES] = 'x';
    long_line[14 + MV_ALERT_MAX_WHO_BYTES] = '\n';
    ck_assert_int_eq(mv_alert_memory_read(arena, mv_bytes_of(long_line, 15 + MV_ALERT_MAX_WHO_BYTES), &memory, &error),
                     MV_ERR_SYNTAX);
    mv_arena_free(&arena);
}
END_TEST

/* What is noted is read again; what is old is forgotten. */
START_TEST(test_written)
{
    static const struct mv_alert sender = {.what = MV_ALERT_SENDER, .who = MV_BYTES("a b"), .size = 30},
                                 silence = {.what = MV_ALERT_SILENCE, .size = 3};
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_alert_memory *memory = memory_of(arena, "1790121600 rate 60 shop.example\n1790121599 rate 60 a.example\n"
                                                      "1795000000 sender 10 shop.example a b\n");
    struct mv_buf out;

    mv_buf_init(&out, 10000);
    ck_assert_int_eq(mv_alert_memory_note(memory, DOMAIN, &sender, NOW), MV_OK);
    ck_assert_int_eq(mv_alert_memory_note(memory, DOMAIN, &silence, NOW), MV_OK);
    mv_alert_memory_write(memory, NOW, &out);
    ck_assert_msg(strstr(mv_buf_cstr(&out), "\n1790121600 rate 60 shop.example\n1795305600 sender 30 shop.example a b\n"
                                            "1795305600 silence 3 shop.example\n") != NULL, "%s", mv_buf_cstr(&out));
    memory = memory_of(arena, mv_buf_cstr(&out));
    ck_assert_int_eq(mv_alert_memory_judge(memory, DOMAIN, &sender, NOW), MV_ALERT_SILENT);
    ck_assert_int_eq(mv_alert_memory_judge(memory, DOMAIN, &silence, NOW), MV_ALERT_SILENT);
    mv_buf_free(&out);
    mv_arena_free(&arena);
}
END_TEST

/* The oldest goes when there is no room, and a file with more lines is none of ours. */
START_TEST(test_limit)
{
    struct mv_arena *arena = mv_arena_new(64 * 1024 * 1024);
    struct mv_error error = {MV_OK, ""};
    struct mv_alert_memory *memory;
    struct mv_alert alert = {.what = MV_ALERT_RATE, .size = 60, .begins = true};
    struct mv_buf text;

    mv_buf_init(&text, MV_ALERT_MEMORY_MAX_BYTES);
    for (int i = 0; i < MV_ALERT_MEMORY_MAX_LINES; i++)
        mv_buf_printf(&text, "%d rate 60 d%d.example\n", 1795000000 + (i == 7 ? -1 : i), i);
    memory = memory_of(arena, mv_buf_cstr(&text));
    ck_assert_int_eq(mv_alert_memory_note(memory, DOMAIN, &alert, NOW), MV_OK);
    ck_assert_int_eq(mv_alert_memory_judge(memory, DOMAIN, &alert, NOW), MV_ALERT_SILENT);
    ck_assert_int_eq(mv_alert_memory_judge(memory, MV_BYTES("d7.example"), &alert, NOW), MV_ALERT_FIRST);
    ck_assert_int_eq(mv_alert_memory_judge(memory, MV_BYTES("d8.example"), &alert, NOW), MV_ALERT_SILENT);
    mv_buf_puts(&text, "1795000000 rate 60 more.example\n");
    ck_assert_int_eq(mv_alert_memory_read(arena, mv_buf_bytes(&text), &memory, &error), MV_ERR_LIMIT);
    mv_buf_free(&text);
    mv_arena_free(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_turns, test_refused, test_written, test_limit};

    return unit_run("alert_memory", tests, sizeof tests / sizeof *tests);
}
