#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/report/import_file.h"
#include "tests/bench/bench.h"

#define LINES 1000000
#define BEGIN (20779 * 86400ll) /* 2026-11-22 */
#define ROWS_OF_A_PIECE 20000   /* as many as an importer takes in one transaction, about */
#define ROUNDS 3
#define FEW 2000

static char directory[] = "/tmp/mv-bench-import-XXXXXX";

static void path_of(const char *name, char path[80])
{
    snprintf(path, 80, "%s/%s", directory, name);
}

static void make_source(unsigned i, unsigned char octets[4])
{
    octets[0] = 10;
    octets[1] = (unsigned char)(i >> 16);
    octets[2] = (unsigned char)(i >> 8);
    octets[3] = (unsigned char)i;
}

/* What a server with few senders, or with a new one for each message, would write. */
static void write_lines(const char *name, unsigned kinds)
{
    struct mv_evidence_line line = {.client = {.family = MV_IP_V4},
                                    .author_domain = MV_BYTES("example.com"),
                                    .policy_domain = MV_BYTES("example.com"),
                                    .record = MV_BYTES("v=DMARC1; p=reject; rua=mailto:dmarc@example.com"),
                                    .published = MV_DMARC_P_REJECT,
                                    .result = MV_DMARC_FAIL,
                                    .action = MV_ACTION_REJECT,
                                    .has_spf = true,
                                    .spf_result = MV_SPF_FAIL,
                                    .spf_domain = MV_BYTES("bounce.example.net"),
                                    .dkim_count = 1};
    struct mv_buf text;
    char path[80];
    FILE *file;

    line.dkim[0] = (struct mv_evidence_signature){MV_DKIM_PASS, MV_BYTES("mailer.example.net"), MV_BYTES("k1"), 0};
    path_of(name, path);
    file = fopen(path, "wbe");
    bench_require(file != NULL, "no file in /tmp");
    mv_buf_init(&text, BENCH_MAX_BYTES);
    for (unsigned i = 0; i < LINES; i++) {
        line.time_secs = BEGIN + i % 3000;
        make_source(i * 7919u % LINES % kinds, line.client.octets);
        bench_require(mv_evidence_line_print(&line, &text) == MV_OK, "no line");
        if (i % 1000 == 999) {
            bench_require(fwrite(text.data, text.len, 1, file) == 1, "the disk is full");
            mv_buf_reset(&text);
        }
    }
    bench_require(fclose(file) == 0, "the disk is full");
    mv_buf_free(&text);
}

static void write_files(const char *unused)
{
    (void)unused;
    write_lines("few.ndjson", FEW);
    write_lines("all.ndjson", LINES);
}

static void must(sqlite3 *db, const char *sql)
{
    bench_require(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void bind_word(sqlite3_stmt *s, int number, const char *word)
{
    sqlite3_bind_text(s, number, word, -1, SQLITE_STATIC);
}

/* The floor: the same as rows, one for each message, without a line to be read and without an index. */
static void insert_plainly(const char *unused)
{
    unsigned char source[4];
    sqlite3 *db;
    sqlite3_stmt *s;
    char path[80];

    (void)unused;
    path_of("store.db", path);
    bench_require(sqlite3_open(path, &db) == SQLITE_OK, "no store");
    must(db, "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-4000;"
             "CREATE TABLE plain(day, source, count, disposition, dkim_aligned, spf_aligned, reason, header_from,"
             " envelope_from, spf_result, spf_domain, dkim);BEGIN");
    bench_require(sqlite3_prepare_v2(db, "INSERT INTO plain VALUES(1,?1,1,4,0,0,0,?2,?3,3,?4,?5)", -1, &s, NULL) ==
                      SQLITE_OK, "no statement");
    for (unsigned i = 0; i < LINES; i++) {
        make_source(i * 7919u % LINES, source);
        sqlite3_bind_blob(s, 1, source, 4, SQLITE_STATIC);
        bind_word(s, 2, "example.com");
        bind_word(s, 3, "bounce.example.net");
        bind_word(s, 4, "bounce.example.net");
        bind_word(s, 5, "pass\tmailer.example.net\tk1\n");
        bench_require(sqlite3_step(s) == SQLITE_DONE, "a row was refused");
        sqlite3_reset(s);
        if (i % ROWS_OF_A_PIECE == ROWS_OF_A_PIECE - 1)
            must(db, "COMMIT;BEGIN");
    }
    must(db, "COMMIT");
    sqlite3_finalize(s);
    bench_require(sqlite3_close(db) == SQLITE_OK, "the store stays open");
}

static void refused(void *to, const struct mv_import_item *item, uint64_t line_number, const char *why)
{
    (void)to;
    (void)item;
    (void)line_number;
    bench_require(false, why);
}

static void problem(void *to, const struct mv_import_item *item, const char *what, const char *why)
{
    (void)to;
    (void)item;
    (void)what;
    bench_require(false, why);
}

static void progress(void *to)
{
    (void)to;
}

/* What "mailvouch report import" does. */
static void import_lines(const char *name)
{
    static struct mv_importer importer = {.after = MV_IMPORT_KEEP, .now_secs = BEGIN + 3600, .polite = true,
                                          .refused = refused, .problem = problem, .progress = progress, .max_shown = 1};
    const struct mv_import_item item = {directory, name, name, MV_EVIDENCE_LINES, MV_IMPORT_NO_HOUR};
    struct mv_error error = {MV_OK, ""};
    struct mv_db *db;
    char path[80];

    path_of("store.db", path);
    bench_require(mv_db_open(path, MV_STORE_WRITE, &db, &error) == MV_OK, error.text);
    bench_require(mv_db_durable(db, &error) == MV_OK, error.text);
    bench_require(mv_ledger_open(db, &importer.ledger, &error) == MV_OK, error.text);
    bench_require(mv_import_file(&importer, &item, &error) == MV_OK, error.text);
    bench_require(importer.counts.messages == LINES, "lines are missing");
    mv_ledger_close(&importer.ledger);
    mv_db_close(&db);
}

static void unlink_all(const char *const names[], size_t count)
{
    char path[80];

    for (size_t i = 0; i < count; i++) {
        path_of(names[i], path);
        unlink(path);
    }
}

/* In a process of its own. */
static double run_in_child(void (*run)(const char *name), const char *name, long *peak_kb_r)
{
    static const char *const store[] = {"store.db", "store.db-wal", "store.db-shm"};
    double start = bench_now_secs();
    struct rusage usage;
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    bench_require(pid >= 0, "no fork");
    if (pid == 0) {
        run(name);
        _exit(EXIT_SUCCESS);
    }
    bench_require(wait4(pid, &status, 0, &usage) == pid && status == 0, "the child failed");
    *peak_kb_r = usage.ru_maxrss;
    unlink_all(store, 3);
    return bench_now_secs() - start;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void bench_import(void)
{
    static const struct {
        const char *name;
        void (*run)(const char *name);
        const char *file;
    } sides[] = {{"plain INSERTs, no index", insert_plainly, ""},
                 {"lines of 2,000 kinds", import_lines, "few.ndjson"},
                 {"lines that all differ", import_lines, "all.ndjson"}};
    static const char *const files[] = {"few.ndjson", "all.ndjson"};
    double secs[3][ROUNDS];
    long peak_kb[3] = {0};

    bench_require(mkdtemp(directory) != NULL, "no directory in /tmp");
    run_in_child(write_files, "", &peak_kb[0]);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < 3; i++)
            secs[i][round] = run_in_child(sides[i].run, sides[i].file, &peak_kb[i]);
    printf("\nImport: %d lines of evidence into SQLite, beside rows that are there already. Median of %d.\n\n", LINES,
           ROUNDS);
    for (size_t i = 0; i < 3; i++) {
        qsort(secs[i], ROUNDS, sizeof(double), by_value);
        printf("%-24s %8.0f /s, %5.2f of plain INSERTs, peak %ld kB\n", sides[i].name, LINES / secs[i][ROUNDS / 2],
               secs[0][ROUNDS / 2] / secs[i][ROUNDS / 2], peak_kb[i]);
    }
    unlink_all(files, 2);
    rmdir(directory);
}
