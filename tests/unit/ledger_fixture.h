/*
 * A ledger for tests: in a file of SQLite, or in the PostgreSQL database that MV_TEST_STORE names, which has to be empty.
 */
#ifndef MV_TESTS_LEDGER_FIXTURE_H
#define MV_TESTS_LEDGER_FIXTURE_H

#include "core/report/ledger.h"
#include "tests/unit/unit.h"

extern struct mv_db *db;
extern struct mv_ledger *ledger;
extern struct mv_error error;

#define MUST(call) ck_assert_msg((call) == MV_OK, "%s: %s", #call, error.text)

/* The same store each time. */
void open_ledger(void);
void close_ledger(void);
/* The one that the query answers. */
int64_t number(const char *sql);

/* unit_run(), with a store that is there before the tests and gone after them. */
int ledger_unit_run(const char *name, const TTest *const *tests, size_t count);

#endif
