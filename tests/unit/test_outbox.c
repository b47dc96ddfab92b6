/*
 * Reports that leave: the same id for good, back-off, bounces, caps.  On SQLite; on PostgreSQL when MV_TEST_STORE
 * names one, which has to be empty.
 */
#include "core/report/outbox.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "tests/unit/unit.h"

#define DAY INT64_C(86400)
#define DAY1 (20000 * DAY)
#define NOW (20001 * DAY + 3600)
#define HOUR 3600

static char directory[] = "/tmp/mv-outbox-XXXXXX";
static char path[64];
static const char *place = path;
static struct mv_db *db;
static struct mv_outbox *outbox;
static struct mv_error error;

static void begin(void)
{
    ck_assert_msg(mv_db_open(place, MV_STORE_WRITE, &db, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_outbox_open(db, &outbox, &error) == MV_OK, "%s", error.text);
}

static void end(void)
{
    mv_outbox_close(&outbox);
    mv_db_close(&db);
}

static void remove_store(void)
{
    char name[80];

    if (place != path) {
        begin();
        ck_assert_int_eq(mv_db_script(db, "DELETE FROM outbox_mail; DELETE FROM outbox_report; DELETE FROM outbox_address",
                                      &error), MV_OK);
        end();
    }

    for (const char *const *suffix = (const char *const[]){"", "-wal", "-shm", NULL}; *suffix != NULL; suffix++) {
        snprintf(name, sizeof name, "%s%s", path, *suffix);
        (void)unlink(name);
    }
}

static struct mv_outbox_key key_of(const char *domain, int64_t day_secs, const char *address)
{
    return (struct mv_outbox_key){mv_bytes_str(domain), day_secs, 1, mv_bytes_str(address)};
}

/* Notes the mail as made. */
static struct mv_outbox_mail made(const struct mv_outbox_key *key, uint8_t chance)
{
    uint8_t random[MV_OUTBOX_RANDOM_BYTES];
    struct mv_outbox_mail mail;

    memset(random, chance, sizeof random);
    ck_assert_msg(mv_outbox_mail(outbox, key, MV_BYTES("20241004abcdefghijkl"), random, NOW, &mail, &error) == MV_OK, "%s",
                  error.text);
    return mail;
}

static struct mv_outbox_mail sent(const struct mv_outbox_key *key, uint8_t chance, int64_t now_secs)
{
    struct mv_outbox_mail mail = made(key, chance);

    ck_assert_msg(mv_outbox_handed(outbox, key, now_secs, &error) == MV_OK, "%s", error.text);
    return mail;
}

static struct mv_outbox_address address_of(const char *address)
{
    struct mv_outbox_address known;

    ck_assert_msg(mv_outbox_address(outbox, mv_bytes_str(address), &known, &error) == MV_OK, "%s", error.text);
    return known;
}

static struct mv_outbox_bounced bounce(const char *token, enum mv_outbox_bounce how, int64_t now_secs)
{
    struct mv_outbox_bounced bounced;

    ck_assert_msg(mv_outbox_bounce(outbox, mv_bytes_str(token), how, now_secs, &bounced, &error) == MV_OK, "%s",
                  error.text);
    return bounced;
}

START_TEST(ids_are_fixed_once)
{
    uint8_t first[8] = {1, 2, 3, 4, 5, 6, 7, 255}, again[8] = {9}, other[8] = {9};
    struct mv_outbox_key key = key_of("a.example", DAY1, "d@a.example");
    struct mv_outbox_mail mail, same, another;
    bool fixed, found;

    begin();
    ck_assert_int_eq(mv_outbox_find_report(outbox, MV_BYTES("a.example"), DAY1, again, &fixed, &error), MV_OK);
    ck_assert(!fixed && again[0] == 9);
    ck_assert_int_eq(mv_outbox_report(outbox, MV_BYTES("a.example"), DAY1, NOW, first, &error), MV_OK);
    mail = made(&key, 1);
    end();
    begin(); /* as after a crash */
    ck_assert_int_eq(mv_outbox_report(outbox, MV_BYTES("a.example"), DAY1, NOW, again, &error), MV_OK);
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert_int_eq(mv_outbox_report(outbox, MV_BYTES("a.example"), DAY1 + DAY, NOW, other, &error), MV_OK);
    ck_assert_int_eq(other[0], 9);
    same = made(&key, 2);
    ck_assert_str_eq(mail.token, same.token);
    ck_assert_uint_eq(strlen(mail.token), MV_OUTBOX_TOKEN_BYTES);
    ck_assert_int_eq(same.state, MV_OUTBOX_MADE);
    key.part = 2;
    ck_assert_int_eq(mv_outbox_find_mail(outbox, &key, &found, &another, &error), MV_OK);
    ck_assert(!found);
    another = made(&key, 3);
    ck_assert_str_ne(mail.token, another.token);
    end();
    remove_store();
}
END_TEST

/* 1 h, 4 h, 1 day, then given up; what is taken ends it. */
START_TEST(back_off)
{
    static const int64_t waits[] = {HOUR, 4 * HOUR, 24 * HOUR, 24 * HOUR};
    struct mv_outbox_key key = key_of("a.example", DAY1, "d@a.example"), next = key_of("b.example", DAY1, "d@a.example");
    enum mv_outbox_state state;

    begin();
    made(&key, 1);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(mv_outbox_failed(outbox, &key, NOW, &state, &error), MV_OK);
        ck_assert_int_eq(state, i < 3 ? MV_OUTBOX_MADE : MV_OUTBOX_GIVEN_UP);
        ck_assert_int_eq(address_of("d@a.example").next_secs, NOW + waits[i]);
        ck_assert_uint_eq(address_of("d@a.example").failures, i + 1);
    }
    ck_assert_int_eq(made(&key, 1).state, MV_OUTBOX_GIVEN_UP);
    ck_assert_int_eq(address_of("e@a.example").next_secs, 0);
    sent(&next, 2, NOW);
    ck_assert_uint_eq(address_of("d@a.example").failures, 0);
    ck_assert_int_eq(address_of("d@a.example").next_secs, 0);
    ck_assert_int_eq(made(&next, 2).state, MV_OUTBOX_HANDED);
    end();
    remove_store();
}
END_TEST

START_TEST(counts_of_a_day)
{
    struct mv_outbox_key one = key_of("a.example", DAY1, "d@a.example"), two = key_of("a.example", DAY1, "e@b.example");
    struct mv_outbox_key three = key_of("b.example", DAY1, "e@b.example");
    struct mv_outbox_summary summary;
    uint64_t mails;

    begin();
    two.part = MV_OUTBOX_FAILURE_PARTS;
    sent(&one, 1, NOW - DAY);
    sent(&two, 2, NOW);
    made(&three, 3);
    ck_assert_int_eq(mv_outbox_count(outbox, MV_BYTES(""), NOW - DAY, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 1);
    ck_assert_int_eq(mv_outbox_count(outbox, MV_BYTES("b.example"), NOW - DAY, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 1);
    ck_assert_int_eq(mv_outbox_count(outbox, MV_BYTES("a.example"), NOW - 2 * DAY, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 1);
    ck_assert_int_eq(mv_outbox_count_failures(outbox, MV_BYTES(""), NOW - 2 * DAY, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 1);
    ck_assert_int_eq(mv_outbox_count_failures(outbox, one.address, NOW - 2 * DAY, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 0);
    ck_assert_int_eq(mv_outbox_count_failures(outbox, two.address, NOW - 1, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 1);
    ck_assert_int_eq(mv_outbox_count_failures(outbox, two.address, NOW, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 0);
    ck_assert_int_eq(mv_outbox_summary(outbox, NOW - 2 * DAY, &summary, &error), MV_OK);
    ck_assert(summary.handed == 2 && summary.waiting == 1 && summary.bounced == 0 && summary.last_secs == NOW);
    ck_assert_int_eq(mv_outbox_purge(outbox, DAY1, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 0);
    ck_assert_int_eq(mv_outbox_count_old(outbox, DAY1 + 1, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 3);
    ck_assert_int_eq(mv_outbox_purge(outbox, DAY1 + 1, &mails, &error), MV_OK);
    ck_assert_uint_eq(mails, 3);
    end();
    remove_store();
}
END_TEST

START_TEST(hard_bounce)
{
    struct mv_outbox_key key = key_of("a.example", DAY1, "d@a.example");
    struct mv_outbox_bounced bounced;
    struct mv_outbox_mail mail;
    char capitals[MV_OUTBOX_TOKEN_BYTES + 1];
    bool found;

    begin();
    mail = sent(&key, 7, NOW);
    for (size_t i = 0; i < sizeof capitals; i++)
        capitals[i] = (char)(mail.token[i] >= 'a' && mail.token[i] <= 'z' ? mail.token[i] - 32 : mail.token[i]);
    bounced = bounce(capitals, MV_OUTBOX_BOUNCE_FOR_GOOD, NOW + 5);
    ck_assert_int_eq(bounced.outcome, MV_OUTBOX_SUPPRESSED);
    ck_assert_str_eq(bounced.address, "d@a.example");
    ck_assert_str_eq(bounced.report_id, "20241004abcdefghijkl");
    ck_assert_int_eq(address_of("d@a.example").suppressed_secs, NOW + 5 + MV_OUTBOX_SUPPRESS_SECS);
    ck_assert_int_eq(bounce(mail.token, MV_OUTBOX_BOUNCE_FOR_GOOD, NOW + 6).outcome, MV_OUTBOX_AGAIN);
    ck_assert_int_eq(made(&key, 7).state, MV_OUTBOX_BOUNCED);
    ck_assert_int_eq(mv_outbox_forgive(outbox, MV_BYTES("d@a.example"), &found, &error), MV_OK);
    ck_assert(found && address_of("d@a.example").suppressed_secs == 0);
    ck_assert_int_eq(mv_outbox_forgive(outbox, MV_BYTES("d@a.example"), &found, &error), MV_OK);
    ck_assert(!found);
    end();
    remove_store();
}
END_TEST

/* Soft ones: two in a row, of the last two days that had mails, and none got through. */
START_TEST(soft_bounces)
{
    static const struct row {
        const char *name;
        int other_day;   /* of the other mail, before the one that bounces; 0: the same day */
        bool other_bounced, between, suppressed;
    } rows[] = {
        {"the day before, which bounced", 1, true, false, true},
        {"the day before, which got through", 1, false, false, false},
        {"three days before, which bounced", 3, true, false, true},
        {"one that got through between them", 3, true, true, false},
        {"the same day, which bounced", 0, true, false, true},
        {"the same day, which got through", 0, false, false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mv_outbox_key other = key_of("b.example", DAY1 + (5 - rows[i].other_day) * DAY, "d@a.example");
        struct mv_outbox_key key = key_of("a.example", DAY1 + 5 * DAY, "d@a.example");
        struct mv_outbox_key between = key_of("a.example", DAY1 + 4 * DAY, "d@a.example");
        struct mv_outbox_mail mail;

        begin();
        mail = sent(&other, 1, NOW);
        if (rows[i].other_bounced)
            ck_assert_msg(bounce(mail.token, MV_OUTBOX_BOUNCE_SOFT, NOW).outcome == MV_OUTBOX_NOTED, "%s", rows[i].name);
        if (rows[i].between)
            sent(&between, 3, NOW);
        mail = sent(&key, 2, NOW);
        ck_assert_msg(bounce(mail.token, MV_OUTBOX_BOUNCE_SOFT, NOW).outcome ==
                          (rows[i].suppressed ? MV_OUTBOX_SUPPRESSED : MV_OUTBOX_NOTED), "%s", rows[i].name);
        ck_assert_msg((address_of("d@a.example").suppressed_secs > NOW) == rows[i].suppressed, "%s", rows[i].name);
        end();
        remove_store();
    }
}
END_TEST

/* Nobody silences an address without having had the mail. */
START_TEST(forged_bounces)
{
    static const char *const tokens[] = {"", "aaaaaaaaaaaaaaaa", "20241004abcdefghijkl", "aaaaaaaaaaaaaaa",
                                         "aaaaaaaaaaaaaaaaa", "' OR 1=1 --     ", "\xff\xff\xff\xff\xff\xff\xff\xff"
                                         "\xff\xff\xff\xff\xff\xff\xff\xff", "%%%%%%%%%%%%%%%%"};
    struct mv_outbox_key key = key_of("a.example", DAY1, "d@a.example");
    struct mv_outbox_mail mail;

    begin();
    mail = sent(&key, 7, NOW);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        ck_assert_msg(bounce(tokens[i], MV_OUTBOX_BOUNCE_FOR_GOOD, NOW).outcome == MV_OUTBOX_UNKNOWN, "%s", tokens[i]);
    ck_assert_int_eq(bounce(mail.token, MV_OUTBOX_BOUNCE_FOR_GOOD, NOW + MV_OUTBOX_BOUNCE_SECS).outcome,
                     MV_OUTBOX_UNKNOWN);
    ck_assert_int_eq(address_of("d@a.example").suppressed_secs, 0);
    end();
    remove_store();
}
END_TEST

static enum mv_code list(void *to, const struct mv_outbox_address *address)
{
    mv_buf_printf(to, "%.*s ", (int)address->address.len, (const char *)address->address.data);
    return MV_OK;
}

START_TEST(listed)
{
    struct mv_outbox_key good = key_of("a.example", DAY1, "a@a.example"), late = key_of("a.example", DAY1, "b@a.example");
    struct mv_outbox_key gone = key_of("a.example", DAY1, "c@a.example");
    enum mv_outbox_state state;
    struct mv_buf names;

    begin();
    sent(&good, 1, NOW);
    made(&late, 2);
    ck_assert_int_eq(mv_outbox_failed(outbox, &late, NOW, &state, &error), MV_OK);
    bounce(sent(&gone, 3, NOW).token, MV_OUTBOX_BOUNCE_FOR_GOOD, NOW);
    mv_buf_init(&names, 1000);
    ck_assert_int_eq(mv_outbox_addresses(outbox, NOW, list, &names, &error), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&names), "b@a.example c@a.example ");
    mv_buf_reset(&names);
    ck_assert_int_eq(mv_outbox_addresses(outbox, NOW + HOUR, list, &names, &error), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&names), "c@a.example ");
    mv_buf_free(&names);
    end();
    remove_store();
}
END_TEST

/* Who only looks at a store that has none of this sees nothing, and makes nothing. */
START_TEST(read_without_tables)
{
    struct mv_outbox_key key = key_of("a.example", DAY1, "a@a.example");
    struct mv_outbox_summary summary;
    struct mv_outbox_mail mail;
    uint64_t mails;
    bool found;

    ck_assert_int_eq(mv_db_open(place, MV_STORE_WRITE, &db, &error), MV_OK);
    ck_assert_int_eq(mv_db_script(db, "CREATE TABLE other(a @int@)", &error), MV_OK);
    mv_db_close(&db);
    ck_assert_int_eq(mv_db_open(place, MV_STORE_READ, &db, &error), MV_OK);
    ck_assert_msg(mv_outbox_open(db, &outbox, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(mv_outbox_find_mail(outbox, &key, &found, &mail, &error), MV_OK);
    ck_assert(!found);
    ck_assert_int_eq(mv_outbox_count(outbox, MV_BYTES(""), 0, &mails, &error), MV_OK);
    ck_assert_int_eq(mv_outbox_summary(outbox, 0, &summary, &error), MV_OK);
    ck_assert(mails == 0 && summary.last_secs == 0);
    ck_assert_int_eq(address_of("a@a.example").failures, 0);
    end();
    remove_store();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {ids_are_fixed_once, back_off, counts_of_a_day, hard_bounce, soft_bounces,
                                  forged_bounces, listed, read_without_tables};
    int result;

    if (mkdtemp(directory) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/s.db", directory);
    if (getenv("MV_TEST_STORE") != NULL)
        place = getenv("MV_TEST_STORE");
    result = unit_run("outbox", tests, sizeof tests / sizeof *tests - (place != path ? 1 : 0));
    (void)rmdir(directory);
    return result;
}
