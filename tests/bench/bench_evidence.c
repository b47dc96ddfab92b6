#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/auth/evidence_file.h"
#include "core/auth/evidence_line.h"
#include "core/base/arena.h"
#include "tests/bench/bench.h"

#define NOW_SECS 1795651200
#define PROCESSES 16
#define LINES_EACH 2000 /* of one process at once */
#define ROWS_EACH 60
#define HOST "mx"

static char directory[] = "/var/tmp/mv-bench-XXXXXX";
static struct mv_evidence_line line;
static struct mv_evidence_file file;
static struct mv_buf text;
static struct mv_arena *arena;
static sqlite3 *database;
static sqlite3_stmt *insert;

static void make_line(void)
{
    line = (struct mv_evidence_line){
        .time_secs = NOW_SECS,
        .author_domain = MV_BYTES("newsletter.example.com"),
        .policy_domain = MV_BYTES("example.com"),
        .record = MV_BYTES("v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"),
        .published = MV_DMARC_P_QUARANTINE,
        .result = MV_DMARC_PASS,
        .aligned_dkim = true,
        .has_spf = true,
        .spf_result = MV_SPF_PASS,
        .spf_domain = MV_BYTES("bounce.mailer.example.net"),
        .dkim = {{MV_DKIM_PASS, MV_BYTES("example.com"), MV_BYTES("s2026"), MV_EVIDENCE_RELAXED},
                 {MV_DKIM_PASS, MV_BYTES("mailer.example.net"), MV_BYTES("k1"), MV_EVIDENCE_NOT_ALIGNED}},
        .dkim_count = 2,
    };
    bench_require(mv_ip_parse(MV_BYTES("192.0.2.17"), &line.client), "address");
}

/* What a server does for each message. */
static void run_append(void *context)
{
    struct mv_error error;

    (void)context;
    mv_buf_reset(&text);
    bench_require(mv_evidence_line_print(&line, &text) == MV_OK, "print");
    bench_require(mv_evidence_file_append(&file, directory, HOST, NOW_SECS, mv_buf_bytes(&text), &error) == MV_OK,
                  error.text);
}

/* A process for one message alone. */
static void run_open_and_append(void *context)
{
    run_append(context);
    mv_evidence_file_close(&file);
}

static void run_parse(void *context)
{
    struct mv_evidence_line again;
    struct mv_error error;

    (void)context;
    bench_require(mv_evidence_line_parse(mv_buf_bytes(&text), arena, &again, &error) == MV_OK, error.text);
}

/* The same as a row, in a transaction of its own, as well as SQLite can: a write-ahead log, and no sync for a row. */
static void run_row(void *context)
{
    (void)context;
    mv_buf_reset(&text);
    bench_require(mv_evidence_line_print(&line, &text) == MV_OK, "print");
    sqlite3_bind_int64(insert, 1, NOW_SECS);
    sqlite3_bind_text(insert, 2, (const char *)text.data, (int)text.len, SQLITE_STATIC);
    bench_require(sqlite3_step(insert) == SQLITE_DONE, "no row");
    sqlite3_reset(insert);
}

static void open_database(void)
{
    char path[64];

    snprintf(path, sizeof path, "%s/rows.db", directory);
    bench_require(sqlite3_open(path, &database) == SQLITE_OK, "no database");
    sqlite3_busy_timeout(database, 60000);
    bench_require(sqlite3_exec(database,
                               "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;"
                               "CREATE TABLE IF NOT EXISTS evidence (t INTEGER, line TEXT)",
                               NULL, NULL, NULL) == SQLITE_OK,
                  "no table");
    bench_require(sqlite3_prepare_v2(database, "INSERT INTO evidence VALUES (?, ?)", -1, &insert, NULL) == SQLITE_OK,
                  "no statement");
}

static void close_database(void)
{
    sqlite3_finalize(insert);
    sqlite3_close(database);
}

/* By a process for one message alone. */
static void run_open_and_row(void *context)
{
    sqlite3 *kept = database;
    sqlite3_stmt *kept_insert = insert;

    open_database();
    run_row(context);
    close_database();
    database = kept;
    insert = kept_insert;
}

/* Many at once */

struct sample {
    double cpu_secs, secs;
};

static double cpu_now_secs(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run_nothing(void *context)
{
    (void)context;
}

static struct sample clocks; /* what it costs to look at them */

static void take_samples(void (*run)(void *), struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double start = bench_now_secs(), cpu_start = cpu_now_secs();

        run(NULL);
        samples[i] = (struct sample){cpu_now_secs() - cpu_start - clocks.cpu_secs,
                                     bench_now_secs() - start - clocks.secs};
    }
}

static void run_child(void (*run)(void *), struct sample *samples, size_t count)
{
    if (run == run_row)
        open_database(); /* SQLite's do not survive a fork */
    take_samples(run, samples, count);
    _exit(EXIT_SUCCESS);
}

static int by_cpu(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->cpu_secs, y = ((const struct sample *)b)->cpu_secs;

    return (x > y) - (x < y);
}

static int by_secs(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->secs, y = ((const struct sample *)b)->secs;

    return (x > y) - (x < y);
}

static void print_samples(const char *name, struct sample *samples, size_t count)
{
    double cpu[2], secs[2];

    qsort(samples, count, sizeof *samples, by_cpu);
    cpu[0] = samples[count / 2].cpu_secs * 1e6;
    cpu[1] = samples[count * 99 / 100].cpu_secs * 1e6;
    qsort(samples, count, sizeof *samples, by_secs);
    secs[0] = samples[count / 2].secs * 1e6;
    secs[1] = samples[count * 99 / 100].secs * 1e6;
    printf("%-30s CPU %7.2f us, p99 %8.2f us; waited for %7.2f us, p99 %8.2f us\n", name, cpu[0], cpu[1], secs[0],
           secs[1]);
}

static void time_clocks(void)
{
    static struct sample samples[LINES_EACH];

    clocks = (struct sample){0, 0};
    take_samples(run_nothing, samples, LINES_EACH);
    qsort(samples, LINES_EACH, sizeof samples[0], by_cpu);
    clocks.cpu_secs = samples[LINES_EACH / 2].cpu_secs;
    qsort(samples, LINES_EACH, sizeof samples[0], by_secs);
    clocks.secs = samples[LINES_EACH / 2].secs;
}

static void run_many(const char *name, void (*run)(void *), size_t each)
{
    size_t bytes = PROCESSES * each * sizeof(struct sample);
    struct sample *samples = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[PROCESSES];
    int status;

    bench_require(samples != MAP_FAILED, "no memory");
    memset(samples, 0, bytes);
    fflush(stdout);
    for (size_t i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        bench_require(pids[i] >= 0, "no process");
        if (pids[i] == 0)
            run_child(run, samples + i * each, each);
    }
    for (size_t i = 0; i < PROCESSES; i++)
        bench_require(waitpid(pids[i], &status, 0) == pids[i] && status == 0, "a process failed");
    print_samples(name, samples, PROCESSES * each);
    munmap(samples, bytes);
}

static void remove_directory(void)
{
    char command[80];

    snprintf(command, sizeof command, "rm -r %s", directory);
    bench_require(system(command) == 0, "the directory stays");
}

void bench_evidence(void)
{
    static const char *const names[] = {"a line appended", "with its file opened anew", "a row in SQLite",
                                        "with its database opened anew", "a line parsed"};
    const struct bench_side sides[] = {{run_append, NULL}, {run_open_and_append, NULL}, {run_row, NULL},
                                       {run_open_and_row, NULL}, {run_parse, NULL}};
    struct bench_time times[5];

    bench_require(mkdtemp(directory) != NULL, "no directory in /var/tmp");
    file = MV_EVIDENCE_NO_FILE;
    mv_buf_init(&text, 2 * MV_EVIDENCE_MAX_LINE_BYTES);
    arena = mv_arena_new(1 << 20);
    make_line();
    open_database();
    bench_compare(sides, 5, times);
    close_database();
    printf("\nEvidence: %zu bytes for each message, on the disk of /var/tmp.\n\n", text.len);
    for (size_t i = 0; i < 5; i++)
        printf("%-30s %8.2f us\n", names[i], times[i].secs * 1e6);
    printf("\n%d processes at once; what the clocks cost is taken off\n\n", PROCESSES);
    time_clocks();
    run_many("a line appended", run_append, LINES_EACH);
    run_many("a row in SQLite", run_row, ROWS_EACH);
    mv_evidence_file_close(&file);
    mv_buf_free(&text);
    mv_arena_free(&arena);
    remove_directory();
}
