#include "cli/domain/expect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "core/base/trace.h"

#define MAX_PATH_BYTES 4096

enum mv_exit mv_check_expect_begin(struct mv_lookup *lookup, const struct mv_check_given *given,
                                   struct mv_check_expect *expect_r)
{
    struct mv_error error = {MV_OK, ""};
    struct mv_buf text;
    enum mv_exit result = MV_EXIT_OK;

    *expect_r = (struct mv_check_expect){.write_path = given->write_expect};
    mv_buf_init(&expect_r->written, MV_EXPECT_MAX_BYTES);
    mv_expect_put_head(&expect_r->written);
    if (given->expect == NULL)
        return MV_EXIT_OK;
    mv_buf_init(&text, MV_EXPECT_MAX_BYTES);
    if (access(given->expect, F_OK) != 0 && errno == ENOENT) {
        fprintf(stderr, "mailvouch check: %s does not exist; --write-expect %s makes it from what is there now\n",
                given->expect, given->expect);
        result = MV_EXIT_INPUT;
    }
    if (result == MV_EXIT_OK)
        result = mv_input_read_file("check", given->expect, &text);
    if (result == MV_EXIT_OK &&
        mv_expect_parse(lookup->arena, mv_buf_bytes(&text), &expect_r->expected, &error) != MV_OK) {
        fprintf(stderr, "mailvouch check: %s: %s\n", given->expect, error.text);
        result = error.code == MV_ERR_MEMORY ? MV_EXIT_INTERNAL : MV_EXIT_INPUT;
    }
    mv_buf_free(&text);
    return result;
}

static enum mv_exit put(struct mv_check_expect *expect, const struct mv_lookup *lookup, struct mv_arena *arena,
                        const struct mv_check_result *result)
{
    struct mv_bytes name = {NULL, 0};
    enum mv_code code = mv_expect_put(arena, result->request, lookup->memo, result->findings, &expect->written, &name);

    if (code != MV_ERR_IO)
        return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(lookup, code);
    fprintf(stderr, "mailvouch check: %s is not written: DNS gave no answer for %.*s; try again\n",
            expect->write_path, MV_ARG(name));
    return MV_EXIT_TRY_AGAIN;
}

enum mv_exit mv_check_expect_apply(struct mv_check_expect *expect, const struct mv_lookup *lookup,
                                   struct mv_arena *arena, struct mv_check_result *result)
{
    struct mv_findings *drift;
    enum mv_code code;
    enum mv_exit written = expect->write_path == NULL ? MV_EXIT_OK : put(expect, lookup, arena, result);

    if (written != MV_EXIT_OK || expect->expected == NULL)
        return written;
    drift = mv_findings_new(arena);
    code = drift == NULL ? MV_ERR_MEMORY
                         : mv_expect_compare(arena, expect->expected, result->request, lookup->memo, result->findings,
                                             drift);
    result->findings = drift;
    return code == MV_OK ? MV_EXIT_OK : mv_lookup_fail_code(lookup, code);
}

static bool write_all(int fd, struct mv_bytes text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.data, text.len);

        if (n < 0 && errno != EINTR)
            return false;
        text = mv_bytes_slice(text, n < 0 ? 0 : (size_t)n, text.len);
    }
    return fsync(fd) == 0;
}

static bool replace(const char *path, struct mv_bytes text)
{
    char beside[MAX_PATH_BYTES];
    int length = snprintf(beside, sizeof beside, "%s.new", path);
    int fd = -1, kept;
    bool written;

    errno = ENAMETOOLONG;
    if (length > 0 && length < MAX_PATH_BYTES)
        fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return false;
    written = write_all(fd, text);
    written = close(fd) == 0 && written && rename(beside, path) == 0;
    kept = errno;
    if (!written)
        unlink(beside);
    errno = kept;
    return written;
}

enum mv_exit mv_check_expect_finish(const struct mv_check_expect *expect)
{
    if (expect->write_path == NULL || replace(expect->write_path, mv_buf_bytes(&expect->written)))
        return MV_EXIT_OK;
    fprintf(stderr, "mailvouch check: cannot write %s: %s\n", expect->write_path, strerror(errno));
    return errno == EACCES ? MV_EXIT_PERMISSION : MV_EXIT_INPUT;
}

void mv_check_expect_end(struct mv_check_expect *expect)
{
    mv_buf_free(&expect->written);
}
