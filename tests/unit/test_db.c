/*
 * The little SQL that the stores need.  On SQLite; on PostgreSQL when MV_TEST_STORE names one (tests/report/store.py
 * does that), which has to be empty.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/report/db.h"
#include "tests/unit/unit.h"

static char directory[] = "/tmp/mv-db-XXXXXX";
static char path[64];
static const char *place = path;

static struct mv_db *open_db(enum mv_store_access access)
{
    struct mv_db *db;
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_db_open(place, access, &db, &error) == MV_OK, "%s", error.text);
    return db;
}

static void must_run(struct mv_db *db, const char *sql)
{
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_db_script(db, sql, &error) == MV_OK, "%s: %s", sql, error.text);
}

static struct mv_db_statement *must_prepare(struct mv_db *db, const char *sql)
{
    struct mv_db_statement *statement;
    struct mv_error error = {MV_OK, ""};

    ck_assert_msg(mv_db_prepare(db, sql, &statement, &error) == MV_OK, "%s: %s", sql, error.text);
    return statement;
}

/* The number that a statement without values gives. */
static int64_t number(struct mv_db *db, const char *sql)
{
    struct mv_db_statement *statement = must_prepare(db, sql);
    struct mv_error error = {MV_OK, ""};
    bool has_row;
    int64_t value;

    ck_assert_msg(mv_db_step(statement, &has_row, &error) == MV_OK && has_row, "%s: %s", sql, error.text);
    value = mv_db_int(statement, 0);
    mv_db_reset(statement);
    return value;
}

/* Each value comes back as it went. */
START_TEST(test_values)
{
    static const int64_t ints[] = {0, 1, -1, 42, INT32_MAX, (int64_t)INT32_MAX + 1, INT64_MAX, INT64_MIN};
    static const struct mv_bytes texts[] = {MV_BYTES(""), MV_BYTES("a"), MV_BYTES("it's \"?1\" $1 \\ \n\t %s"),
                                            MV_BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80")};
    static const struct mv_bytes blobs[] = {MV_BYTES(""), MV_BYTES("\0\0"), MV_BYTES("\xff\xfe\x00'\\x41")};
    struct mv_db *db = open_db(MV_STORE_WRITE);
    struct mv_db_statement *add, *get;
    struct mv_error error = {MV_OK, ""};
    bool has_row;

    must_run(db, "CREATE TABLE v(n @int@, t TEXT, b @blob@)");
    add = must_prepare(db, "INSERT INTO v VALUES(?1,?2,?3)");
    get = must_prepare(db, "SELECT n, t, b, 7, NULL FROM v WHERE n=?1 AND t=?2 AND b=?3");
    for (size_t i = 0; i < 8 * 4 * 3; i++) {
        int64_t n = ints[i % 8];
        struct mv_bytes t = texts[i / 8 % 4], b = blobs[i / 32];

        mv_db_bind_int(add, 1, n);
        mv_db_bind_text(add, 2, t);
        mv_db_bind_blob(add, 3, b);
        ck_assert_msg(mv_db_run(add, &error) == MV_OK, "%s", error.text);
        mv_db_bind_int(get, 1, n);
        mv_db_bind_text(get, 2, t);
        mv_db_bind_blob(get, 3, b);
        ck_assert_msg(mv_db_step(get, &has_row, &error) == MV_OK && has_row, "row %zu: %s", i, error.text);
        ck_assert_int_eq(mv_db_int(get, 0), n);
        ck_assert(mv_bytes_equal(mv_db_bytes(get, 1), t) && !mv_db_is_null(get, 1));
        ck_assert(mv_bytes_equal(mv_db_bytes(get, 2), b) && !mv_db_is_null(get, 2));
        ck_assert_int_eq(mv_db_int(get, 3), 7);
        ck_assert(mv_db_is_null(get, 4) && mv_db_int(get, 4) == 0 && mv_db_bytes(get, 4).len == 0);
        ck_assert(mv_db_step(get, &has_row, &error) == MV_OK && !has_row);
    }
    mv_db_bind_null(add, 1);
    mv_db_bind_null(add, 3); /* the text keeps */
    ck_assert_int_eq(mv_db_run(add, &error), MV_OK);
    mv_db_bind_int(add, 1, 5);
    ck_assert_int_eq(mv_db_run(add, &error), MV_OK);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM v WHERE n IS NULL AND b IS NULL AND t<>''"), 1);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM v WHERE n=5 AND b IS NULL AND t<>''"), 1);
    ck_assert_int_eq(number(db, "SELECT CAST(sum(n) AS @int@) FROM v WHERE n<100 AND n>1"), 42 * 12 + 5);
    mv_db_close(&db);
}
END_TEST

/* One statement is stepped while others run, also those of the same table. */
START_TEST(test_nested)
{
    struct mv_db *db = open_db(MV_STORE_WRITE);
    struct mv_db_statement *add, *outer, *inner;
    struct mv_error error = {MV_OK, ""};
    int64_t rows = 0, last = 0;
    bool has_row, more;

    must_run(db, "CREATE TABLE nested(id @id@, parent @int@ NOT NULL, name TEXT NOT NULL UNIQUE);");
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    add = must_prepare(db, "INSERT INTO nested(parent, name) VALUES(?1,?2) RETURNING id");
    for (int i = 0; i < 100; i++) {
        char name[20];

        snprintf(name, sizeof name, "n%d", i);
        mv_db_bind_int(add, 1, i / 10);
        mv_db_bind_text(add, 2, mv_bytes_str(name));
        ck_assert_msg(mv_db_step(add, &has_row, &error) == MV_OK && has_row, "%s", error.text);
        ck_assert_int_gt(mv_db_int(add, 0), last);
        last = mv_db_int(add, 0);
        mv_db_reset(add);
    }
    ck_assert_int_eq(mv_db_commit(db, &error), MV_OK);
    outer = must_prepare(db, "SELECT DISTINCT parent FROM nested ORDER BY parent");
    inner = must_prepare(db, "SELECT name FROM nested WHERE parent=?1 ORDER BY id LIMIT ?2");
    for (int64_t parent = 0; mv_db_step(outer, &more, &error) == MV_OK && more; parent++) {
        ck_assert_int_eq(mv_db_int(outer, 0), parent);
        mv_db_bind_int(inner, 1, parent);
        mv_db_bind_int(inner, 2, 1 + parent);
        while (mv_db_step(inner, &has_row, &error) == MV_OK && has_row)
            rows += mv_db_bytes(inner, 0).data[0] == 'n';
        ck_assert_int_eq(mv_db_int(outer, 0), parent); /* still there */
        ck_assert_int_eq(number(db, "SELECT count(*) FROM nested"), 100);
    }
    ck_assert_int_eq(rows, 55);
    mv_db_close(&db);
}
END_TEST

/* Kept, taken back, and nothing half. */
START_TEST(test_transactions)
{
    struct mv_db *db = open_db(MV_STORE_WRITE), *reader;
    struct mv_db_statement *add;
    struct mv_error error = {MV_OK, ""};
    enum mv_code code;

    must_run(db, "CREATE TABLE t(name TEXT PRIMARY KEY, n @int@)");
    add = must_prepare(db, "INSERT INTO t VALUES(?1,?2)");
    mv_db_bind_text(add, 1, MV_BYTES("x"));
    mv_db_bind_int(add, 2, 1);
    ck_assert_int_eq(mv_db_commit(db, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_db_begin(db, "a name!", &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_db_run(add, &error), MV_OK);
    reader = open_db(MV_STORE_READ);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 0);
    mv_db_rollback(db);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM t"), 0);
    mv_db_rollback(db);

    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    ck_assert_int_eq(mv_db_queue(add, &error), MV_OK);
    ck_assert_int_eq(mv_db_commit(db, &error), MV_OK);
    ck_assert_int_eq(number(reader, "SELECT n FROM t"), 1);

    /* The same key: the error comes now or with the commit, has no value in it, and nothing is kept */
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    mv_db_bind_text(add, 1, MV_BYTES("secretvalue"));
    ck_assert_int_eq(mv_db_queue(add, &error), MV_OK);
    code = mv_db_queue(add, &error);
    if (code == MV_OK)
        code = mv_db_commit(db, &error);
    ck_assert_int_eq(code, MV_ERR_IO);
    ck_assert_msg(strstr(error.text, "secretvalue") == NULL && error.text[0] != '\0', "%s", error.text);
    mv_db_rollback(db);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM t"), 1);

    /* After an error the statement serves again */
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    ck_assert_int_eq(mv_db_run(add, &error), MV_OK);
    ck_assert_int_eq(mv_db_run(add, &error), MV_ERR_IO);
    mv_db_rollback(db);
    ck_assert_int_eq(mv_db_run(add, &error), MV_OK);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 2);
    mv_db_close(&reader);
    mv_db_close(&db);
}
END_TEST

/* Many rows at once, texts of all lengths; more than any buffer of a socket. */
START_TEST(test_queue)
{
    static unsigned char text[70000];
    struct mv_db *db = open_db(MV_STORE_WRITE);
    struct mv_db_statement *add;
    struct mv_error error = {MV_OK, ""};

    memset(text, 'x', sizeof text);
    must_run(db, "CREATE TABLE q(n @int@, t TEXT)");
    add = must_prepare(db, "INSERT INTO q VALUES(?1,?2)");
    ck_assert_int_eq(mv_db_begin(db, "test", &error), MV_OK);
    for (int i = 0; i < 5000; i++) {
        mv_db_bind_int(add, 1, i);
        mv_db_bind_text(add, 2, mv_bytes_of(text, i % 1000 == 999 ? sizeof text : (size_t)i % 100));
        ck_assert_msg(mv_db_queue(add, &error) == MV_OK, "%s", error.text);
        if (i == 2500)
            ck_assert_int_eq(number(db, "SELECT count(*) FROM q"), 2501);
    }
    ck_assert_msg(mv_db_commit(db, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM q"), 5000);
    ck_assert_int_eq(number(db, "SELECT CAST(sum(n) AS @int@) FROM q"), 4999 * 2500);
    ck_assert_int_eq(number(db, "SELECT CAST(sum(length(t)) AS @int@) FROM q"), 50 * 4950 - 5 * 99 + 5 * 70000);
    mv_db_close(&db);
}
END_TEST

static const char *const first[] = {"CREATE TABLE part(id @id@, a TEXT)"};
static const char *const both[] = {"CREATE TABLE part(id @id@, a TEXT)",
                                   "ALTER TABLE part ADD COLUMN b @int@; UPDATE part SET b=length(a)"};
static const char *const wrong[] = {"CREATE TABLE wrong(id @id@); CREATE TABLE wrong(id @id@)"};

START_TEST(test_tables)
{
    const struct mv_db_tables one = {"parts", first, 1, 1, "part"}, two = {"parts", both, 2, 1, "part"},
                              strict = {"parts", both, 2, 2, "part"}, broken = {"wrong", wrong, 1, 1, NULL};
    struct mv_db *reader, *db = open_db(MV_STORE_WRITE);
    struct mv_error error = {MV_OK, ""};
    bool has;

    reader = open_db(MV_STORE_READ);
    ck_assert_int_eq(mv_db_tables(reader, &one, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "has no parts yet") != NULL, "%s", error.text);
    ck_assert(mv_db_has_tables(reader, &one, &has, &error) == MV_OK && !has);
    ck_assert_int_eq(mv_db_tables(db, &broken, &error), MV_ERR_IO);
    ck_assert_int_eq(mv_db_tables(reader, &broken, &error), MV_ERR_CONFIG);
    ck_assert_msg(mv_db_tables(db, &one, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(mv_db_tables(db, &one, &error), MV_OK);
    ck_assert_int_eq(mv_db_tables(reader, &one, &error), MV_OK);
    ck_assert(mv_db_has_tables(reader, &one, &has, &error) == MV_OK && has);
    must_run(db, "INSERT INTO part(a) VALUES('four')");
    ck_assert_int_eq(mv_db_tables(reader, &two, &error), MV_OK); /* an older one that can be read */
    ck_assert_int_eq(mv_db_tables(reader, &strict, &error), MV_ERR_CONFIG);
    must_run(db, "DELETE FROM mailvouch_version WHERE part='parts'"); /* as before versions were kept */
    ck_assert_msg(mv_db_tables(db, &two, &error) == MV_OK, "%s", error.text);
    ck_assert_int_eq(number(db, "SELECT b FROM part"), 4);
    ck_assert_int_eq(mv_db_tables(reader, &strict, &error), MV_OK);
    ck_assert_int_eq(mv_db_tables(reader, &one, &error), MV_ERR_CONFIG);
    ck_assert_int_eq(mv_db_tables(db, &one, &error), MV_ERR_CONFIG);
    ck_assert_msg(strstr(error.text, "newer") != NULL, "%s", error.text);
    mv_db_close(&reader);
    mv_db_close(&db);
}
END_TEST

START_TEST(test_locks)
{
    struct mv_db *a = open_db(MV_STORE_WRITE), *b = open_db(MV_STORE_WRITE);
    struct mv_error error = {MV_OK, ""};
    bool got;

    ck_assert_msg(mv_db_lock(a, "send", &got, &error) == MV_OK && got, "%s", error.text);
    ck_assert(mv_db_lock(b, "send", &got, &error) == MV_OK && !got);
    ck_assert(mv_db_lock(b, "other", &got, &error) == MV_OK && got);
    ck_assert_int_eq(mv_db_lock(b, "other", &got, &error), MV_ERR_USAGE); /* twice */
    ck_assert_int_eq(mv_db_begin(b, "send", &error), MV_OK); /* a transaction is something else */
    mv_db_rollback(b);
    mv_db_unlock(b, "send"); /* not its own */
    ck_assert(mv_db_lock(b, "send", &got, &error) == MV_OK && !got);
    mv_db_unlock(a, "send");
    ck_assert(mv_db_lock(b, "send", &got, &error) == MV_OK && got);
    ck_assert(mv_db_lock(a, "send", &got, &error) == MV_OK && !got);
    mv_db_close(&b); /* the end of the process does the same */
    ck_assert(mv_db_lock(a, "send", &got, &error) == MV_OK && got);
    ck_assert_int_eq(mv_db_lock(a, "../x", &got, &error), MV_ERR_USAGE);
    ck_assert_int_eq(mv_db_lock(a, "", &got, &error), MV_ERR_USAGE);
    mv_db_close(&a);
}
END_TEST

/* What must be refused, with a sentence. */
START_TEST(test_refused)
{
    struct mv_db *db = open_db(MV_STORE_WRITE), *reader;
    struct mv_db_statement *statement;
    struct mv_error error = {MV_OK, ""};
    bool has_row;

    must_run(db, "CREATE TABLE r(n @int@)");
    ck_assert_int_ne(mv_db_script(db, "CREATE TABLE r2(n @nothing@)", &error), MV_OK);
    ck_assert_int_eq(mv_db_script(db, "CREATE TABLE r(n @int@)", &error), MV_ERR_IO);
    statement = must_prepare(db, "INSERT INTO r VALUES(?1)");
    mv_db_bind_int(statement, MV_DB_MAX_VALUES + 1, 1);
    ck_assert_int_eq(mv_db_step(statement, &has_row, &error), MV_ERR_USAGE);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM r"), 0);
    reader = open_db(MV_STORE_READ);
    ck_assert_int_eq(mv_db_script(reader, "INSERT INTO r VALUES(1)", &error), MV_ERR_IO);
    mv_db_close(&reader);
    ck_assert_int_eq(number(db, "SELECT count(*) FROM r"), 0);
    mv_db_close(&reader);
    ck_assert_int_eq(mv_db_open("mysql://host/x", MV_STORE_WRITE, &reader, &error), MV_ERR_CONFIG);
    ck_assert_ptr_null(reader);
    mv_db_close(&db);
}
END_TEST

/* The file's mode, and what is no database. */
START_TEST(test_file)
{
    struct mv_db *db;
    struct mv_error error;
    struct stat st;
    char other[100];
    FILE *file;

    snprintf(other, sizeof other, "%s/made/x.db", directory);
    ck_assert_int_eq(mv_db_open(other, MV_STORE_READ, &db, &error), MV_ERR_IO);
    ck_assert_int_eq(stat(other, &st), -1);
    ck_assert_int_eq(mv_db_open(other, MV_STORE_WRITE, &db, &error), MV_OK);
    ck_assert(stat(other, &st) == 0 && (st.st_mode & 0777) == 0640);
    mv_db_close(&db);
    snprintf(other, sizeof other, "%s/made", directory);
    ck_assert(stat(other, &st) == 0 && (st.st_mode & 0777) == 0750);
    snprintf(other, sizeof other, "%s/no/such/x.db", directory);
    ck_assert_int_eq(mv_db_open(other, MV_STORE_WRITE, &db, &error), MV_ERR_IO);
    snprintf(other, sizeof other, "%s/text", directory);
    file = fopen(other, "wbe");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    ck_assert_int_eq(mv_db_open(other, MV_STORE_WRITE, &db, &error), MV_ERR_IO);
    ck_assert_ptr_null(db);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_values, test_nested, test_transactions, test_queue, test_tables,
                                  test_locks,  test_refused, test_file};
    static const char *const files[] = {"below/store.db", "below/store.db-wal", "below/store.db-shm",
                                        "below/store.db.send.lock", "below/store.db.other.lock", "made/x.db",
                                        "made/x.db-wal", "made/x.db-shm", "text", "below", "made", ""};
    int result;

    if (mkdtemp(directory) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/below/store.db", directory);
    if (getenv("MV_TEST_STORE") != NULL)
        place = getenv("MV_TEST_STORE");
    umask(022);
    result = unit_run("db", tests, sizeof tests / sizeof *tests);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[100];

        snprintf(name, sizeof name, "%s/%s", directory, files[i]);
        if (unlink(name) != 0)
            rmdir(name);
    }
    return result;
}
