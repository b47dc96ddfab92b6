#include "core/dkim/header_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "core/crypto/public_key.h"
#include "core/dkim/header_hash.h"
#include "core/dkim/signature.h"
#include "tests/unit/dkim_test_run.h"

static struct mv_arena *arena;

static void set_up(void)
{
    arena = mv_arena_new(16 * 1024 * 1024);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

static size_t split(const char *text, struct mv_field *fields)
{
    struct mv_cursor c = mv_cursor_of(mv_bytes_str(text));
    size_t count = 0;

    while (mv_cursor_left(&c) > 0) {
        struct mv_cursor start = c;

        mv_cursor_take_until(&c, '\n');
        mv_cursor_accept(&c, '\n');
        fields[count++] = mv_field_split(mv_cursor_since(&c, &start));
    }
    return count;
}

/* The value of the field, or "-". */
static const char *take(struct mv_dkim_header_index *index, const char *name, const struct mv_field *except)
{
    const struct mv_field *field = mv_dkim_header_index_take(index, mv_bytes_str(name), except);

    return field == NULL ? "-" : mv_arena_str(arena, field->value);
}

/* RFC 6376 5.4.2 */
START_TEST(from_the_bottom_up)
{
    struct mv_field fields[10];
    size_t count = split("A:1\r\nB:2\r\na:3\r\nAb:4\r\n:5\r\nno field\r\nA :6\r\nC:7\r\n", fields);
    struct mv_dkim_header_index *index = mv_dkim_header_index_new(arena, fields, count);

    for (int round = 0; round < 3; round++) {
        ck_assert_str_eq(take(index, "a", NULL), "6");
        ck_assert_str_eq(take(index, "ab", NULL), "4");
        ck_assert_str_eq(take(index, "A", NULL), "3");
        ck_assert_str_eq(take(index, "A", NULL), "1");
        ck_assert_str_eq(take(index, "A", NULL), "-");
        ck_assert_str_eq(take(index, "A", NULL), "-");
        ck_assert_str_eq(take(index, "b", NULL), "2");
        ck_assert_str_eq(take(index, "", NULL), "-");
        ck_assert_str_eq(take(index, "abc", NULL), "-");
        ck_assert_str_eq(take(index, "no field", NULL), "-");
        mv_dkim_header_index_rewind(index);
    }
}
END_TEST

START_TEST(a_field_is_passed_over)
{
    struct mv_field fields[10];
    size_t count = split("S:1\r\nS:2\r\nS:3\r\n", fields);
    struct mv_dkim_header_index *index = mv_dkim_header_index_new(arena, fields, count);

    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(take(index, "s", &fields[i]), i == 2 ? "2" : "3");
        ck_assert_str_eq(take(index, "s", &fields[i]), i == 0 ? "2" : "1");
        ck_assert_str_eq(take(index, "s", &fields[i]), "-");
        mv_dkim_header_index_rewind(index);
    }
}
END_TEST

START_TEST(no_fields)
{
    struct mv_dkim_header_index *index = mv_dkim_header_index_new(arena, NULL, 0);

    ck_assert_ptr_nonnull(index);
    ck_assert_str_eq(take(index, "From", NULL), "-");
}
END_TEST

/* Against a loop over all fields, with names of few letters so that many are equal or prefixes. */
START_TEST(like_a_plain_search)
{
    struct mv_field fields[300];
    bool used[300];
    unsigned random = 12345u + (unsigned)_i;
    struct mv_dkim_header_index *index;

    for (size_t i = 0; i < 300; i++) {
        random = random * 1103515245u + 12345u;
        fields[i] = mv_field_split(mv_bytes_str(mv_arena_printf(arena, "%.*s: %zu\r\n", (int)(1 + (random >> 16) % 4),
                                                                (random >> 20) % 2 ? "abab" : "ABba", i)));
    }
    index = mv_dkim_header_index_new(arena, fields, 300);
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < 600; i++) {
        struct mv_bytes name;
        size_t at = 300;

        random = random * 1103515245u + 12345u;
        name = fields[(random >> 16) % 300].name;
        while (at > 0 && (used[at - 1] || !mv_bytes_equal_nocase(fields[at - 1].name, name)))
            at--;
        if (at > 0)
            used[at - 1] = true;
        ck_assert_ptr_eq(mv_dkim_header_index_take(index, name, NULL), at == 0 ? NULL : &fields[at - 1]);
    }
}
END_TEST

/* What signs need not be called DKIM-Signature: other seals over header fields work the same way. */
START_TEST(a_signature_of_another_name)
{
    static const char text[] = "From: a@example.com\r\nX-Seal: v=0; b=old\r\nSubject: s\r\n\r\nbody\r\n";
    struct dkim_test_spec spec = {.tags = "v=1; a=rsa-sha256; d=example.com; s=sel",
                                  .names = "From:X-Seal:Subject",
                                  .header = MV_CANON_RELAXED,
                                  .body_length = DKIM_TEST_WHOLE_BODY,
                                  .field_name = "X-Seal"};
    struct mv_field fields[20], joined[20];
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;
    struct mv_public_key *key;
    struct mv_buf message, scratch, octets;
    unsigned char hash[MV_SHA256_BYTES];
    const char *reason;
    size_t end;
    bool valid;

    mv_buf_init(&message, 100000);
    mv_buf_init(&scratch, 100000);
    mv_buf_init(&octets, 100000);
    dkim_test_sign(&spec, mv_bytes_str(text), &message);
    end = message.len - strlen(text);
    joined[0] = mv_field_split(mv_bytes_slice(mv_buf_bytes(&message), 0, end));
    ck_assert_uint_eq(split("From: a@example.com\r\nX-Seal: v=0; b=old\r\nSubject: s\r\n", fields), 3);
    memcpy(&joined[1], fields, 3 * sizeof fields[0]);
    ck_assert_int_eq(mv_dkim_signature_parse(arena, &joined[0], &signature, &result), MV_OK);
    ck_assert_int_eq(mv_dkim_header_hash(mv_dkim_header_index_new(arena, joined, 4),
                                         &(struct mv_dkim_header_input){signature.names, signature.name_count,
                                                                        MV_CANON_RELAXED, &joined[0]},
                                         &scratch, hash),
                     MV_OK);
    test_key_spki(TEST_RSA1024, &octets);
    ck_assert_int_eq(mv_public_key_new(MV_KEY_RSA, mv_buf_bytes(&octets), &key, &reason), MV_OK);
    ck_assert_int_eq(mv_public_key_verify(key, hash, signature.value, &valid), MV_OK);
    ck_assert(valid);
    mv_public_key_free(&key);
    mv_buf_free(&message);
    mv_buf_free(&scratch);
    mv_buf_free(&octets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("header_index");
    TCase *tc = tcase_create("header_index");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, from_the_bottom_up);
    tcase_add_test(tc, a_field_is_passed_over);
    tcase_add_test(tc, no_fields);
    tcase_add_loop_test(tc, like_a_plain_search, 0, 20);
    tcase_add_test(tc, a_signature_of_another_name);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
