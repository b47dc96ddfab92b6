#include "tests/unit/ledger_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct mv_db *db;
struct mv_ledger *ledger;
struct mv_error error;

static char directory[] = "/tmp/mv-ledger-XXXXXX";
static char path[64];
static const char *place = path;

void open_ledger(void)
{
    error = (struct mv_error){MV_OK, ""};
    MUST(mv_db_open(place, MV_STORE_WRITE, &db, &error));
    MUST(mv_ledger_open(db, &ledger, &error));
}

void close_ledger(void)
{
    mv_ledger_close(&ledger);
    mv_db_close(&db);
    ck_assert_ptr_null(ledger);
}

int64_t number(const char *sql)
{
    struct mv_db_statement *statement;
    bool has_row;
    int64_t value;

    MUST(mv_db_prepare(db, sql, &statement, &error));
    ck_assert_msg(mv_db_step(statement, &has_row, &error) == MV_OK && has_row, "%s: %s", sql, error.text);
    value = mv_db_int(statement, 0);
    mv_db_reset(statement);
    return value;
}

int ledger_unit_run(const char *name, const TTest *const *tests, size_t count)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    int result;

    if (mkdtemp(directory) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/store.db", directory);
    if (getenv("MV_TEST_STORE") != NULL)
        place = getenv("MV_TEST_STORE");
    result = unit_run(name, tests, count);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[100];

        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    rmdir(directory);
    return result;
}
