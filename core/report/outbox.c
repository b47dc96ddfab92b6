#include "core/report/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "core/report/outbox_sql.h"

#define HOUR_SECS 3600

/* After the first, second, third failure in a row, and after every one behind it. */
static const int64_t back_off_secs[] = {HOUR_SECS, 4 * HOUR_SECS, 24 * HOUR_SECS};

static const char *const versions[] = {
    "CREATE TABLE outbox_report(domain TEXT NOT NULL, day_secs @int@ NOT NULL, seed @int@ NOT NULL,"
    " made_secs @int@ NOT NULL, PRIMARY KEY(domain, day_secs));"
    "CREATE TABLE outbox_mail(domain TEXT NOT NULL, day_secs @int@ NOT NULL, part @int@ NOT NULL,"
    " address TEXT NOT NULL, host TEXT NOT NULL, report_id TEXT NOT NULL, token TEXT NOT NULL, state @int@ NOT NULL,"
    " tries @int@ NOT NULL, made_secs @int@ NOT NULL, noted_secs @int@ NOT NULL, handed_secs @int@ NOT NULL,"
    " PRIMARY KEY(domain, day_secs, part, address));"
    "CREATE UNIQUE INDEX outbox_mail_token ON outbox_mail(token);"
    "CREATE INDEX outbox_mail_host ON outbox_mail(host, handed_secs);"
    "CREATE INDEX outbox_mail_handed ON outbox_mail(handed_secs);"
    "CREATE INDEX outbox_mail_address ON outbox_mail(address, day_secs);"
    "CREATE TABLE outbox_address(address TEXT PRIMARY KEY, failures @int@ NOT NULL,"
    " next_secs @int@ NOT NULL, suppressed_secs @int@ NOT NULL, bounced_secs @int@ NOT NULL);",
};
static const struct mv_db_tables tables = {"outbox", versions, 1, 1, NULL};

/* States are written as numbers: 0 made, 1 handed over, 2 bounced, 3 given up. So is MV_OUTBOX_FAILURE_PARTS. */
static const char *const texts[MV_OUTBOX_SQL_COUNT] = {
    [MV_OUTBOX_FIND_REPORT] = "SELECT seed FROM outbox_report WHERE domain=?1 AND day_secs=?2",
    [MV_OUTBOX_ADD_REPORT] = "INSERT INTO outbox_report VALUES(?1,?2,?3,?4)",
    [MV_OUTBOX_FIND_MAIL] = "SELECT state, tries, token FROM outbox_mail"
                            " WHERE domain=?1 AND day_secs=?2 AND part=?3 AND address=?4",
    [MV_OUTBOX_ADD_MAIL] = "INSERT INTO outbox_mail VALUES(?1,?2,?3,?4,?5,?6,?7,0,0,?8,?8,0)",
    [MV_OUTBOX_NOTE_MAIL] = "UPDATE outbox_mail SET state=?5, tries=?6, noted_secs=?7, handed_secs=?8"
                            " WHERE domain=?1 AND day_secs=?2 AND part=?3 AND address=?4",
    [MV_OUTBOX_COUNT_ALL] = "SELECT count(*) FROM outbox_mail WHERE handed_secs>?1",
    [MV_OUTBOX_COUNT_HOST] = "SELECT count(*) FROM outbox_mail WHERE host=?2 AND handed_secs>?1",
    [MV_OUTBOX_COUNT_FAILURES] = "SELECT count(*) FROM outbox_mail WHERE handed_secs>?1 AND part>=1099511627776",
    [MV_OUTBOX_COUNT_FAILURES_TO] = "SELECT count(*) FROM outbox_mail WHERE handed_secs>?1 AND address=?2"
                                    " AND part>=1099511627776",
    [MV_OUTBOX_FIND_ADDRESS] = "SELECT failures, next_secs, suppressed_secs, bounced_secs FROM outbox_address"
                               " WHERE address=?1",
    [MV_OUTBOX_KEEP_ADDRESS] = "INSERT INTO outbox_address VALUES(?1,?2,?3,?4,?5) ON CONFLICT(address) DO UPDATE SET"
                               " failures=?2, next_secs=?3, suppressed_secs=?4, bounced_secs=?5",
    [MV_OUTBOX_LIST_ADDRESSES] = "SELECT failures, next_secs, suppressed_secs, bounced_secs, address"
                                 " FROM outbox_address WHERE next_secs>?1 OR suppressed_secs>?1 OR bounced_secs>?2"
                                 " ORDER BY address",
    [MV_OUTBOX_FIND_TOKEN] = "SELECT state, address, report_id, day_secs FROM outbox_mail"
                             " WHERE token=?1 AND noted_secs>?2",
    [MV_OUTBOX_NOTE_BOUNCE] = "UPDATE outbox_mail SET state=2, noted_secs=?2 WHERE token=?1",
    /* Of that day, and of the last day before it that had any: all that left, and those that came back */
    [MV_OUTBOX_RECENT_MAILS] = "SELECT count(*), count(CASE WHEN state=2 THEN 1 END) FROM outbox_mail"
                               " WHERE address=?1 AND state IN (1, 2) AND day_secs>=(SELECT coalesce(max(day_secs), ?2)"
                               " FROM outbox_mail WHERE address=?1 AND state IN (1, 2) AND day_secs<?2)",
    [MV_OUTBOX_FORGIVE] = "DELETE FROM outbox_address WHERE address=?1 RETURNING address",
    [MV_OUTBOX_SUM] = "SELECT count(CASE WHEN handed_secs>?1 THEN 1 END),"
                      " count(CASE WHEN state=2 AND noted_secs>?1 THEN 1 END),"
                      " count(CASE WHEN state=3 AND noted_secs>?1 THEN 1 END), count(CASE WHEN state=0 THEN 1 END),"
                      " coalesce(max(handed_secs), 0) FROM outbox_mail",
    [MV_OUTBOX_COUNT_OLD] = "SELECT count(*) FROM outbox_mail WHERE day_secs<?1",
    [MV_OUTBOX_DROP_MAILS] = "DELETE FROM outbox_mail WHERE day_secs<?1",
    [MV_OUTBOX_DROP_REPORTS] = "DELETE FROM outbox_report WHERE day_secs<?1",
};

/* To read, tables may be missing. */
static enum mv_code open_tables(struct mv_outbox *outbox, struct mv_error *error)
{
    enum mv_code code = MV_OK;

    outbox->has_tables = true;
    if (!mv_db_is_writable(outbox->db))
        code = mv_db_has_tables(outbox->db, &tables, &outbox->has_tables, error);
    return code == MV_OK && outbox->has_tables ? mv_db_tables(outbox->db, &tables, error) : code;
}

enum mv_code mv_outbox_open(struct mv_db *db, struct mv_outbox **outbox_r, struct mv_error *error)
{
    struct mv_outbox *outbox = calloc(1, sizeof *outbox);
    enum mv_code code;

    *outbox_r = NULL;
    if (outbox == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    outbox->db = db;
    code = open_tables(outbox, error);
    if (code != MV_OK)
        free(outbox);
    else
        *outbox_r = outbox;
    return code;
}

void mv_outbox_close(struct mv_outbox **outbox)
{
    free(*outbox);
    *outbox = NULL;
}

struct mv_db_statement *mv_outbox_statement(struct mv_outbox *outbox, enum mv_outbox_sql which, struct mv_error *error)
{
    struct mv_db_statement **statement = &outbox->statements[which];

    if (*statement == NULL && mv_db_prepare(outbox->db, texts[which], statement, error) != MV_OK)
        *statement = NULL;
    return *statement;
}

enum mv_code mv_outbox_end(struct mv_outbox *outbox, enum mv_code code, struct mv_error *error)
{
    if (code == MV_OK)
        return mv_db_commit(outbox->db, error);
    mv_db_rollback(outbox->db);
    return code;
}

static int64_t seed_to_int(const uint8_t seed[MV_OUTBOX_SEED_BYTES])
{
    int64_t value;

    memcpy(&value, seed, sizeof value);
    return value;
}

static void seed_of_int(int64_t value, uint8_t seed[MV_OUTBOX_SEED_BYTES])
{
    memcpy(seed, &value, sizeof value);
}

enum mv_code mv_outbox_find_report(struct mv_outbox *outbox, struct mv_bytes domain, int64_t day_secs,
                                   uint8_t seed[MV_OUTBOX_SEED_BYTES], bool *fixed_r, struct mv_error *error)
{
    struct mv_db_statement *find;
    enum mv_code code;

    *fixed_r = false;
    if (!outbox->has_tables)
        return MV_OK;
    find = mv_outbox_statement(outbox, MV_OUTBOX_FIND_REPORT, error);
    if (find == NULL)
        return error->code;
    mv_db_bind_text(find, 1, domain);
    mv_db_bind_int(find, 2, day_secs);
    code = mv_db_step(find, fixed_r, error);
    if (code == MV_OK && *fixed_r)
        seed_of_int(mv_db_int(find, 0), seed);
    mv_db_reset(find);
    return code;
}

static enum mv_code add_report(struct mv_outbox *outbox, struct mv_bytes domain, int64_t day_secs, int64_t now_secs,
                               uint8_t seed[MV_OUTBOX_SEED_BYTES], struct mv_error *error)
{
    struct mv_db_statement *add = mv_outbox_statement(outbox, MV_OUTBOX_ADD_REPORT, error);

    if (add == NULL)
        return error->code;
    mv_db_bind_text(add, 1, domain);
    mv_db_bind_int(add, 2, day_secs);
    mv_db_bind_int(add, 3, seed_to_int(seed));
    mv_db_bind_int(add, 4, now_secs);
    return mv_db_run(add, error);
}

enum mv_code mv_outbox_report(struct mv_outbox *outbox, struct mv_bytes domain, int64_t day_secs, int64_t now_secs,
                              uint8_t seed[MV_OUTBOX_SEED_BYTES], struct mv_error *error)
{
    bool fixed;
    enum mv_code code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);

    if (code != MV_OK)
        return code;
    code = mv_outbox_find_report(outbox, domain, day_secs, seed, &fixed, error);
    if (code == MV_OK && !fixed)
        code = add_report(outbox, domain, day_secs, now_secs, seed, error);
    return mv_outbox_end(outbox, code, error);
}

/* The first four values of FIND_MAIL, ADD_MAIL and NOTE_MAIL. */
static void bind_key(struct mv_db_statement *statement, const struct mv_outbox_key *key)
{
    mv_db_bind_text(statement, 1, key->domain);
    mv_db_bind_int(statement, 2, key->day_secs);
    mv_db_bind_int(statement, 3, key->part);
    mv_db_bind_text(statement, 4, key->address);
}

enum mv_code mv_outbox_find_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key, bool *found_r,
                                 struct mv_outbox_mail *mail_r, struct mv_error *error)
{
    struct mv_db_statement *find;
    enum mv_code code;

    *found_r = false;
    *mail_r = (struct mv_outbox_mail){.state = MV_OUTBOX_MADE};
    if (!outbox->has_tables)
        return MV_OK;
    find = mv_outbox_statement(outbox, MV_OUTBOX_FIND_MAIL, error);
    if (find == NULL)
        return error->code;
    bind_key(find, key);
    code = mv_db_step(find, found_r, error);
    if (code == MV_OK && *found_r) {
        struct mv_bytes token = mv_bytes_slice(mv_db_bytes(find, 2), 0, MV_OUTBOX_TOKEN_BYTES);

        mail_r->state = (enum mv_outbox_state)mv_db_int(find, 0);
        mail_r->tries = (unsigned)mv_db_int(find, 1);
        memcpy(mail_r->token, token.data, token.len);
    }
    mv_db_reset(find);
    return code;
}

/* 5 bits for each letter. */
static void make_token(const uint8_t random[MV_OUTBOX_RANDOM_BYTES], char token_r[MV_OUTBOX_TOKEN_BYTES + 1])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    unsigned bits = 0, held = 0, next = 0;

    for (size_t i = 0; i < MV_OUTBOX_TOKEN_BYTES; i++) {
        if (held < 5) {
            bits = bits << 8 | random[next++];
            held += 8;
        }
        held -= 5;
        token_r[i] = letters[bits >> held & 31];
    }
    token_r[MV_OUTBOX_TOKEN_BYTES] = '\0';
}

static enum mv_code add_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key, struct mv_bytes report_id,
                             const char *token, int64_t now_secs, struct mv_error *error)
{
    struct mv_db_statement *add = mv_outbox_statement(outbox, MV_OUTBOX_ADD_MAIL, error);

    if (add == NULL)
        return error->code;
    bind_key(add, key);
    mv_db_bind_text(add, 5, mv_bytes_slice(key->address, mv_bytes_find_last(key->address, '@') + 1, key->address.len));
    mv_db_bind_text(add, 6, report_id);
    mv_db_bind_text(add, 7, mv_bytes_str(token));
    mv_db_bind_int(add, 8, now_secs);
    return mv_db_run(add, error);
}

enum mv_code mv_outbox_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key, struct mv_bytes report_id,
                            const uint8_t random[MV_OUTBOX_RANDOM_BYTES], int64_t now_secs,
                            struct mv_outbox_mail *mail_r, struct mv_error *error)
{
    bool found;
    enum mv_code code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);

    if (code != MV_OK)
        return code;
    code = mv_outbox_find_mail(outbox, key, &found, mail_r, error);
    if (code == MV_OK && !found) {
        make_token(random, mail_r->token);
        code = add_mail(outbox, key, report_id, mail_r->token, now_secs, error);
    }
    return mv_outbox_end(outbox, code, error);
}

static enum mv_code note_mail(struct mv_outbox *outbox, const struct mv_outbox_key *key,
                              const struct mv_outbox_mail *mail, int64_t now_secs, struct mv_error *error)
{
    struct mv_db_statement *note = mv_outbox_statement(outbox, MV_OUTBOX_NOTE_MAIL, error);

    if (note == NULL)
        return error->code;
    bind_key(note, key);
    mv_db_bind_int(note, 5, mail->state);
    mv_db_bind_int(note, 6, mail->tries);
    mv_db_bind_int(note, 7, now_secs);
    mv_db_bind_int(note, 8, mail->state == MV_OUTBOX_HANDED ? now_secs : 0);
    return mv_db_run(note, error);
}

static enum mv_code settle(struct mv_outbox *outbox, const struct mv_outbox_key *key, bool taken, int64_t now_secs,
                           enum mv_outbox_state *state_r, struct mv_error *error)
{
    const size_t steps = sizeof back_off_secs / sizeof *back_off_secs;
    struct mv_outbox_address address;
    struct mv_outbox_mail mail;
    bool found;
    enum mv_code code = mv_outbox_find_mail(outbox, key, &found, &mail, error);

    if (code == MV_OK)
        code = mv_outbox_address(outbox, key->address, &address, error);
    if (code != MV_OK)
        return code;
    mail.tries++;
    mail.state = taken ? MV_OUTBOX_HANDED : mail.tries < MV_OUTBOX_MAX_TRIES ? MV_OUTBOX_MADE : MV_OUTBOX_GIVEN_UP;
    *state_r = mail.state;
    address.next_secs = taken ? 0 : now_secs + back_off_secs[address.failures < steps ? address.failures : steps - 1];
    address.failures = taken ? 0 : address.failures + 1;
    code = note_mail(outbox, key, &mail, now_secs, error);
    return code == MV_OK ? mv_outbox_keep_address(outbox, key->address, &address, error) : code;
}

enum mv_code mv_outbox_handed(struct mv_outbox *outbox, const struct mv_outbox_key *key, int64_t now_secs,
                              struct mv_error *error)
{
    enum mv_outbox_state state;
    enum mv_code code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);

    return code != MV_OK ? code : mv_outbox_end(outbox, settle(outbox, key, true, now_secs, &state, error), error);
}

enum mv_code mv_outbox_failed(struct mv_outbox *outbox, const struct mv_outbox_key *key, int64_t now_secs,
                              enum mv_outbox_state *state_r, struct mv_error *error)
{
    enum mv_code code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);

    return code != MV_OK ? code : mv_outbox_end(outbox, settle(outbox, key, false, now_secs, state_r, error), error);
}

/* to: the second value, unless it is empty. */
static enum mv_code count_mails(struct mv_outbox *outbox, enum mv_outbox_sql which, int64_t since_secs,
                                struct mv_bytes to, uint64_t *mails_r, struct mv_error *error)
{
    struct mv_db_statement *count;
    bool has_row;
    enum mv_code code;

    *mails_r = 0;
    if (!outbox->has_tables)
        return MV_OK;
    count = mv_outbox_statement(outbox, which, error);
    if (count == NULL)
        return error->code;
    mv_db_bind_int(count, 1, since_secs);
    if (to.len > 0)
        mv_db_bind_text(count, 2, to);
    code = mv_db_step(count, &has_row, error);
    if (code == MV_OK && has_row)
        *mails_r = (uint64_t)mv_db_int(count, 0);
    mv_db_reset(count);
    return code;
}

enum mv_code mv_outbox_count(struct mv_outbox *outbox, struct mv_bytes host, int64_t since_secs, uint64_t *mails_r,
                             struct mv_error *error)
{
    return count_mails(outbox, host.len == 0 ? MV_OUTBOX_COUNT_ALL : MV_OUTBOX_COUNT_HOST, since_secs, host, mails_r,
                       error);
}

enum mv_code mv_outbox_count_failures(struct mv_outbox *outbox, struct mv_bytes address, int64_t since_secs,
                                      uint64_t *mails_r, struct mv_error *error)
{
    return count_mails(outbox, address.len == 0 ? MV_OUTBOX_COUNT_FAILURES : MV_OUTBOX_COUNT_FAILURES_TO, since_secs,
                       address, mails_r, error);
}

enum mv_code mv_outbox_summary(struct mv_outbox *outbox, int64_t since_secs, struct mv_outbox_summary *summary_r,
                               struct mv_error *error)
{
    struct mv_db_statement *sum;
    bool has_row;
    enum mv_code code;

    *summary_r = (struct mv_outbox_summary){.handed = 0};
    if (!outbox->has_tables)
        return MV_OK;
    sum = mv_outbox_statement(outbox, MV_OUTBOX_SUM, error);
    if (sum == NULL)
        return error->code;
    mv_db_bind_int(sum, 1, since_secs);
    code = mv_db_step(sum, &has_row, error);
    if (code == MV_OK && has_row)
        *summary_r = (struct mv_outbox_summary){(uint64_t)mv_db_int(sum, 0), (uint64_t)mv_db_int(sum, 1),
                                                (uint64_t)mv_db_int(sum, 2), (uint64_t)mv_db_int(sum, 3),
                                                mv_db_int(sum, 4)};
    mv_db_reset(sum);
    return code;
}

/* One value, a time, for a statement without rows. */
static enum mv_code drop(struct mv_outbox *outbox, enum mv_outbox_sql which, int64_t before_secs,
                         struct mv_error *error)
{
    struct mv_db_statement *statement = mv_outbox_statement(outbox, which, error);

    if (statement == NULL)
        return error->code;
    mv_db_bind_int(statement, 1, before_secs);
    return mv_db_run(statement, error);
}

enum mv_code mv_outbox_count_old(struct mv_outbox *outbox, int64_t before_secs, uint64_t *mails_r,
                                 struct mv_error *error)
{
    struct mv_db_statement *count;
    bool has_row;
    enum mv_code code;

    *mails_r = 0;
    if (!outbox->has_tables)
        return MV_OK;
    count = mv_outbox_statement(outbox, MV_OUTBOX_COUNT_OLD, error);
    if (count == NULL)
        return error->code;
    mv_db_bind_int(count, 1, before_secs);
    code = mv_db_step(count, &has_row, error);
    if (code == MV_OK && has_row)
        *mails_r = (uint64_t)mv_db_int(count, 0);
    mv_db_reset(count);
    return code;
}

static enum mv_code purge(struct mv_outbox *outbox, int64_t before_secs, uint64_t *mails_r, struct mv_error *error)
{
    enum mv_code code = mv_outbox_count_old(outbox, before_secs, mails_r, error);

    if (code == MV_OK)
        code = drop(outbox, MV_OUTBOX_DROP_MAILS, before_secs, error);
    return code == MV_OK ? drop(outbox, MV_OUTBOX_DROP_REPORTS, before_secs, error) : code;
}

enum mv_code mv_outbox_purge(struct mv_outbox *outbox, int64_t before_secs, uint64_t *mails_r, struct mv_error *error)
{
    enum mv_code code;

    *mails_r = 0;
    if (!outbox->has_tables)
        return MV_OK;
    code = mv_db_begin(outbox->db, MV_OUTBOX_LOCK, error);
    return code != MV_OK ? code : mv_outbox_end(outbox, purge(outbox, before_secs, mails_r, error), error);
}

const char *mv_outbox_state_text(enum mv_outbox_state state)
{
    static const char *const words[] = {"made", "handed over", "bounced", "given up"};

    return (size_t)state < sizeof words / sizeof *words ? words[state] : "";
}
