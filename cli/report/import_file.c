#include "cli/report/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/report/failure_read.h"

#define HOUR_SECS 3600
#define DAY_SECS 86400
#define MARK_LOOKS_AT_BYTES 256
#define LINE_ARENA_BYTES (256 * 1024) /* more than the escapes of one line can take */
#define PAUSE_NSECS 2000000           /* SQLite's writers look again at most every 100 ms, in which this comes often */
#define DONE_NAME_BYTES (MV_IMPORT_MAX_PATH_BYTES + 40)

struct file {
    struct mv_importer *importer;
    const struct mv_import_item *item;
    int directory, fd;
    struct stat status;
    char done_name[DONE_NAME_BYTES];
    char place_name[DONE_NAME_BYTES]; /* under which its place is kept */
    bool over;       /* nobody writes to it any more */
    const char *now; /* its name now; done_name when a server can no longer open it */
    bool has_more;   /* there is another piece, or step */
    bool was_read;
    struct mv_ledger_place place; /* where the next line begins */
    struct mv_import_counts piece;
    struct mv_error *error;
};

static void say(struct file *file, const char *what, const char *why)
{
    file->importer->problem(file->importer->to, file->item, what, why);
}

/* Lines */

static ssize_t read_at(int fd, unsigned char *to, size_t size, int64_t offset)
{
    ssize_t n;

    do
        n = pread(fd, to, size, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n;
}

/* Of the line at the offset: counted anew, since nobody remembers how many there were before. */
static uint64_t line_number(struct file *file, int64_t offset)
{
    unsigned char some[4096];
    uint64_t number = 1;

    for (int64_t at = 0; at < offset;) {
        int64_t left = offset - at;
        ssize_t n = read_at(file->fd, some, left < (int64_t)sizeof some ? (size_t)left : sizeof some, at);

        if (n <= 0)
            return 0;
        for (ssize_t i = 0; i < n; i++)
            number += some[i] == '\n' ? 1 : 0;
        at += n;
    }
    return number;
}

static void refuse(struct file *file, const char *why)
{
    struct mv_importer *importer = file->importer;

    file->piece.refused++;
    if (importer->max_shown == 0)
        return;
    importer->max_shown--;
    importer->refused(importer->to, file->item, line_number(file, file->place.offset), why);
}

/* What a clock that was wrong, or a hand, may have written. */
static enum mv_code check_time(const struct mv_importer *importer, int64_t secs, struct mv_error *error)
{
    if (secs > importer->now_secs + DAY_SECS)
        return mv_error_set(error, MV_ERR_SYNTAX, "its time is in the future: is a clock wrong?");
    if (secs < importer->oldest_secs)
        return mv_error_set(error, MV_ERR_SYNTAX, "it is older than what is kept ([report] keep_days)");
    return MV_OK;
}

static enum mv_code count_message(struct file *file, struct mv_bytes text, struct mv_arena *arena)
{
    struct mv_evidence_line line;
    enum mv_code code = mv_evidence_line_parse(text, arena, &line, file->error);

    if (code == MV_OK)
        code = check_time(file->importer, line.time_secs, file->error);
    if (code == MV_OK)
        code = mv_ledger_count(file->importer->ledger, &line, file->error);
    file->piece.messages += code == MV_OK ? 1 : 0;
    return code;
}

static enum mv_code count_failure(struct file *file, struct mv_bytes text, struct mv_arena *arena)
{
    struct mv_failure_line line;
    enum mv_code code = mv_failure_line_parse(text, arena, &line, file->error);

    if (code == MV_OK)
        code = check_time(file->importer, line.time_secs, file->error);
    if (code == MV_OK)
        code = mv_ledger_failure(file->importer->ledger, &line, text, file->error);
    file->piece.failures += code == MV_OK ? 1 : 0;
    return code;
}

static enum mv_code count_line(struct file *file, struct mv_bytes text)
{
    struct mv_arena *arena = mv_arena_new(LINE_ARENA_BYTES);
    enum mv_code code;

    if (arena == NULL)
        return mv_error_set(file->error, MV_ERR_MEMORY, "no memory");
    code = file->item->kind == MV_EVIDENCE_FAILURES ? count_failure(file, text, arena)
                                                    : count_message(file, text, arena);
    mv_arena_free(&arena);
    if (code != MV_ERR_SYNTAX)
        return code;
    refuse(file, file->error->text);
    return MV_OK;
}

/* The lines of a file from a place on. */
struct reading {
    size_t held;       /* octets of the block that hold the begin of a line */
    int64_t read_to;   /* behind what is in the block */
    bool in_long_line; /* whose begin was dropped */
    bool at_end;
};

static enum mv_code end_line(struct file *file, struct reading *r, struct mv_bytes text, int64_t end)
{
    enum mv_code code = MV_OK;

    if (r->in_long_line)
        refuse(file, "longer than a line of evidence may be");
    else if (!mv_bytes_equal(text, MV_BYTES("\n"))) /* stands where a server ended the torn line of another */
        code = count_line(file, text);
    r->in_long_line = false;
    file->place.offset = end;
    return code;
}

static size_t most_of(const struct file *file)
{
    return file->item->kind == MV_EVIDENCE_FAILURES ? MV_FAILURE_MAX_LINE_BYTES : MV_EVIDENCE_MAX_LINE_BYTES;
}

/* All lines that end in the block; what is left of it moves to its begin. */
static enum mv_code take_lines(struct file *file, struct reading *r)
{
    unsigned char *block = file->importer->block;
    int64_t block_at = r->read_to - (int64_t)r->held;
    size_t at = 0;
    enum mv_code code = MV_OK;

    while (code == MV_OK) {
        const unsigned char *end = memchr(block + at, '\n', r->held - at);
        size_t next;

        if (end == NULL)
            break;
        next = (size_t)(end - block) + 1;
        code = end_line(file, r, mv_bytes_of(block + at, next - at), block_at + (int64_t)next);
        at = next;
    }
    r->held -= at;
    if (r->held > most_of(file))
        r->in_long_line = true;
    if (r->in_long_line)
        r->held = 0;
    memmove(block, block + at, r->held);
    return code;
}

/* A line without its end waits for it, unless nobody is there any more who could write it. */
static enum mv_code take_last(struct file *file, struct reading *r)
{
    if (!file->over || (r->held == 0 && !r->in_long_line))
        return MV_OK;
    return end_line(file, r, mv_bytes_of(file->importer->block, r->held), r->read_to);
}

/* file->has_more: there are lines behind this piece. */
static enum mv_code read_piece(struct file *file)
{
    struct reading r = {.read_to = file->place.offset};
    int64_t enough = file->place.offset + MV_IMPORT_PIECE_BYTES;
    enum mv_code code = MV_OK;

    while (code == MV_OK && (file->place.offset < enough || r.in_long_line)) {
        ssize_t n = read_at(file->fd, file->importer->block + r.held, MV_IMPORT_BLOCK_BYTES - r.held, r.read_to);

        if (n < 0) {
            say(file, "read", strerror(errno));
            return MV_ERR_IO;
        }
        if (n == 0) {
            file->has_more = false;
            return take_last(file, &r);
        }
        r.held += (size_t)n;
        r.read_to += n;
        code = take_lines(file, &r);
    }
    file->has_more = true;
    return code;
}

/* Places */

/* Of the octets before the offset. All zero where there are none. */
static bool make_mark(struct file *file, int64_t offset, unsigned char mark[MV_LEDGER_MARK_BYTES])
{
    unsigned char some[MARK_LOOKS_AT_BYTES];
    size_t len = offset < MARK_LOOKS_AT_BYTES ? (size_t)offset : sizeof some;

    memset(mark, 0, MV_LEDGER_MARK_BYTES);
    if (len == 0)
        return true;
    if (read_at(file->fd, some, len, offset - (int64_t)len) != (ssize_t)len)
        return false;
    return mv_ledger_mark(mv_bytes_of(some, len), mark) == MV_OK;
}

/*
 * Hosts that share a store may have files of the same name and number, and would take turns to forget each other's
 * place: so the first line belongs to the name. false: there is none yet, or it was said why it cannot be read.
 */
static bool name_place(struct file *file)
{
    unsigned char *block = file->importer->block, mark[MV_LEDGER_MARK_BYTES] = {0};
    ssize_t n = read_at(file->fd, block, MV_EVIDENCE_MAX_LINE_BYTES, 0);
    const unsigned char *end = n > 0 ? memchr(block, '\n', (size_t)n) : NULL;
    size_t len = end != NULL ? (size_t)(end - block) + 1 : n > 0 ? (size_t)n : 0;
    int written;

    if (n < 0)
        say(file, "read", strerror(errno));
    if (n < 0 || (end == NULL && n < MV_EVIDENCE_MAX_LINE_BYTES && !file->over))
        return false;
    if (len > 0 && mv_ledger_mark(mv_bytes_of(block, len), mark) != MV_OK) {
        say(file, "read", "no mark could be made of it");
        return false;
    }
    written = snprintf(file->place_name, sizeof file->place_name, "%s/", file->item->name);
    for (size_t i = 0; i < sizeof mark; i++)
        written += snprintf(file->place_name + written, sizeof file->place_name - (size_t)written, "%02x", mark[i]);
    return true;
}

/* A place in another file that had this name and number is none in this one. */
static void check_place(struct file *file)
{
    unsigned char mark[MV_LEDGER_MARK_BYTES];

    if (file->place.offset < 0 || !make_mark(file, file->place.offset, mark) ||
        memcmp(mark, file->place.mark, MV_LEDGER_MARK_BYTES) != 0)
        file->place = (struct mv_ledger_place){.offset = 0};
}

static bool is_named(struct file *file, const char *name)
{
    struct stat status;

    return fstatat(file->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           status.st_ino == file->status.st_ino && status.st_dev == file->status.st_dev;
}

/* Within the transaction, which one importer has at a time. */
static bool is_there(struct file *file)
{
    const char *const names[] = {file->item->found, file->item->name, file->done_name};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        file->now = names[i];
        if (is_named(file, names[i]))
            return true;
    }
    return false;
}

/* Steps: each ends the transaction */

static enum mv_code commit(struct file *file)
{
    struct mv_import_counts *counts = &file->importer->counts;
    enum mv_code code;

    if (!make_mark(file, file->place.offset, file->place.mark)) {
        mv_ledger_rollback(file->importer->ledger);
        return mv_error_set(file->error, MV_ERR_CRYPTO, "%s: no mark could be made of it", file->item->name);
    }
    code = mv_ledger_commit(file->importer->ledger, &file->place, file->error);
    if (code != MV_OK)
        return code;
    counts->messages += file->piece.messages;
    counts->failures += file->piece.failures;
    counts->refused += file->piece.refused;
    counts->bytes += file->piece.bytes;
    file->was_read = file->was_read || file->piece.bytes > 0;
    return MV_OK;
}

static enum mv_code give_up(struct file *file)
{
    mv_ledger_rollback(file->importer->ledger);
    file->has_more = false;
    return MV_OK;
}

static enum mv_code rename_it(struct file *file)
{
    if (renameat(file->directory, file->now, file->directory, file->done_name) != 0)
        say(file, "remove", strerror(errno));
    else
        file->has_more = true;
    return commit(file);
}

static enum mv_code remove_it(struct file *file)
{
    enum mv_code code;

    if (unlinkat(file->directory, file->done_name, 0) != 0 || fsync(file->directory) != 0) {
        say(file, "remove", strerror(errno));
        return give_up(file);
    }
    code = mv_ledger_forget(file->importer->ledger, file->error);
    if (code == MV_OK)
        file->importer->counts.removed++;
    return code;
}

static enum mv_code end_piece(struct file *file)
{
    bool nothing_left = file->over && !file->has_more && file->importer->after == MV_IMPORT_REMOVE;

    if (nothing_left && strcmp(file->now, file->done_name) != 0)
        return rename_it(file);
    if (nothing_left && file->piece.bytes == 0)
        return remove_it(file);
    file->has_more = file->has_more || nothing_left;
    return file->piece.bytes == 0 ? give_up(file) : commit(file);
}

static enum mv_code take_piece(struct file *file)
{
    struct mv_ledger *ledger = file->importer->ledger;
    enum mv_code code;
    int64_t begin;

    file->has_more = false;
    file->piece = (struct mv_import_counts){0};
    if (!name_place(file))
        return MV_OK;
    code = mv_ledger_begin(ledger, mv_bytes_str(file->place_name), file->status.st_ino, &file->place, file->error);
    if (code != MV_OK)
        return code;
    if (!is_there(file)) /* another importer has removed it */
        return give_up(file);
    check_place(file);
    begin = file->place.offset;
    file->error->code = MV_OK;
    code = read_piece(file);
    if (code == MV_ERR_IO && file->error->code == MV_OK) /* of the file, not of the store */
        return give_up(file);
    if (code != MV_OK) {
        mv_ledger_rollback(ledger);
        return code;
    }
    file->piece.bytes = (uint64_t)(file->place.offset - begin);
    return end_piece(file);
}

static enum mv_code take_pieces(struct file *file)
{
    static const struct timespec pause = {.tv_nsec = PAUSE_NSECS};
    struct mv_importer *importer = file->importer;
    enum mv_code code;

    do {
        code = take_piece(file);
        importer->progress(importer->to);
        if (code == MV_OK && file->has_more && importer->polite && file->piece.bytes > 0)
            nanosleep(&pause, NULL);
    } while (code == MV_OK && file->has_more);
    importer->counts.files += file->was_read ? 1 : 0;
    return code;
}

/* false: it is gone, or it was said what is wrong. */
static bool open_file(struct file *file)
{
    const struct mv_import_item *item = file->item;

    file->directory = open(item->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file->directory < 0) {
        say(file, "read", strerror(errno));
        return false;
    }
    file->fd = openat(file->directory, item->found, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file->fd < 0) {
        if (errno == ELOOP)
            say(file, "read", "it is a symbolic link");
        else if (errno != ENOENT)
            say(file, "read", strerror(errno));
        return false;
    }
    if (fstat(file->fd, &file->status) != 0) {
        say(file, "read", strerror(errno));
        return false;
    }
    if (S_ISREG(file->status.st_mode))
        return true;
    say(file, "read", "it is no regular file");
    return false;
}

enum mv_code mv_import_file(struct mv_importer *importer, const struct mv_import_item *item, struct mv_error *error)
{
    struct file file = {.importer = importer, .item = item, .directory = -1, .fd = -1, .error = error};
    enum mv_code code = MV_OK;

    if (item->begin_secs != MV_IMPORT_NO_HOUR && item->begin_secs + HOUR_SECS > importer->now_secs + DAY_SECS) {
        importer->counts.ahead++;
        return MV_OK;
    }
    file.over = item->begin_secs != MV_IMPORT_NO_HOUR &&
                item->begin_secs + HOUR_SECS + MV_EVIDENCE_GRACE_SECS <= importer->now_secs;
    importer->counts.waiting += file.over ? 0 : 1;
    if (open_file(&file)) {
        snprintf(file.done_name, sizeof file.done_name, "%s.%llu.done", item->name,
                 (unsigned long long)file.status.st_ino);
        code = take_pieces(&file);
    }
    if (file.fd >= 0)
        close(file.fd);
    if (file.directory >= 0)
        close(file.directory);
    return code;
}
