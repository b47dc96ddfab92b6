#include "mv-config.h"

#include "core/report/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES 16384

struct mv_zip {
    struct mv_zip_sink sink;
    int fd;
    uint64_t packed, unpacked;
    size_t matched;   /* bytes of the signature of an entry that were seen last */
    unsigned entries; /* that the directory at the end can have */
    unsigned char block[BLOCK_BYTES];
};

/* A file that nobody else can open, and that goes with its descriptor. */
static int open_nameless(void)
{
    const char *directory = getenv("TMPDIR");
    char path[] = "/tmp/mailvouch-XXXXXX";
    int fd = open(directory == NULL || *directory != '/' ? "/tmp" : directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0)
        return fd;
    fd = mkostemp(path, O_CLOEXEC); /* file systems without O_TMPFILE */
    if (fd >= 0)
        unlink(path);
    return fd;
}

struct mv_zip *mv_zip_new(const struct mv_zip_sink *sink, struct mv_error *error)
{
    struct mv_zip *zip = calloc(1, sizeof *zip);

    if (zip == NULL) {
        mv_error_set(error, MV_ERR_MEMORY, "no memory");
        return NULL;
    }
    zip->sink = *sink;
    zip->fd = open_nameless();
    if (zip->fd >= 0)
        return zip;
    mv_error_set(error, MV_ERR_IO, "cannot make a temporary file: %s", strerror(errno));
    free(zip);
    return NULL;
}

void mv_zip_free(struct mv_zip **zip)
{
    if (*zip == NULL)
        return;
    close((*zip)->fd);
    free(*zip);
    *zip = NULL;
}

/*
 * libarchive reads the whole directory before it hands out the first entry, some 160 bytes of memory for each.  So
 * what each begins with is counted on the way; by chance it stands in compressed bytes once in 4 GiB.
 */
static void count_entries(struct mv_zip *zip, struct mv_bytes packed)
{
    static const unsigned char signature[] = {'P', 'K', 1, 2};

    for (size_t i = 0; i < packed.len; i++) {
        unsigned char c = packed.data[i];

        zip->matched = c == signature[zip->matched] ? zip->matched + 1 : c == signature[0] ? 1 : 0;
        if (zip->matched < sizeof signature)
            continue;
        zip->matched = 0;
        zip->entries++;
    }
}

static enum mv_code too_many(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_LIMIT, "more than %d entries in the zip file", MV_ZIP_MAX_ENTRIES);
}

enum mv_code mv_zip_feed(struct mv_zip *zip, struct mv_bytes packed, struct mv_error *error)
{
    zip->packed += packed.len;
    if (zip->packed > MV_ZIP_MAX_BYTES)
        return mv_error_set(error, MV_ERR_LIMIT, "a zip file of more than 64 MiB");
    count_entries(zip, packed);
    if (zip->entries > MV_ZIP_MAX_ENTRIES)
        return too_many(error);
    while (packed.len > 0) {
        ssize_t n = write(zip->fd, packed.data, packed.len);

        if (n < 0 && errno != EINTR)
            return mv_error_set(error, MV_ERR_IO, "cannot write a temporary file: %s", strerror(errno));
        packed = mv_bytes_slice(packed, n < 0 ? 0 : (size_t)n, packed.len);
    }
    return MV_OK;
}

/* libarchive's own sentence may quote names of the file: it is not used. */
static enum mv_code damaged(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_SYNTAX, "the zip file is damaged, encrypted or of an unknown method");
}

static enum mv_code passed_on(enum mv_code code, struct mv_error *error)
{
    return code == MV_OK ? MV_OK : mv_error_set(error, code, "%s", mv_code_text(code));
}

static enum mv_code unpack(struct mv_zip *zip, struct archive *archive, struct mv_error *error)
{
    for (;;) {
        la_ssize_t n = archive_read_data(archive, zip->block, sizeof zip->block);
        enum mv_code code;

        if (n == 0)
            return MV_OK;
        if (n < 0)
            return damaged(error);
        zip->unpacked += (uint64_t)n;
        code = mv_unpack_check(zip->packed, zip->unpacked, error);
        if (code != MV_OK)
            return code;
        code = zip->sink.data(zip->sink.to, mv_bytes_of(zip->block, (size_t)n));
        if (code != MV_OK)
            return passed_on(code, error);
    }
}

static enum mv_code hand_out(struct mv_zip *zip, struct archive *archive, struct archive_entry *entry,
                             struct mv_error *error)
{
    enum mv_code code = zip->sink.begin(zip->sink.to, mv_bytes_str(archive_entry_pathname(entry)));

    if (code != MV_OK)
        return passed_on(code, error);
    code = unpack(zip, archive, error);
    return code == MV_OK ? passed_on(zip->sink.end(zip->sink.to), error) : code;
}

static enum mv_code read_entries(struct mv_zip *zip, struct archive *archive, struct mv_error *error)
{
    struct archive_entry *entry;
    unsigned entries = 0, files = 0;
    enum mv_code code = MV_OK;

    while (code == MV_OK) {
        int result = archive_read_next_header(archive, &entry);

        if (result == ARCHIVE_EOF)
            break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return damaged(error);
        if (++entries > MV_ZIP_MAX_ENTRIES)
            return too_many(error);
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        files++;
        code = hand_out(zip, archive, entry, error);
    }
    if (code == MV_OK && files == 0)
        return mv_error_set(error, MV_ERR_SYNTAX, "no file in the zip file");
    return code;
}

static enum mv_code read_archive(struct mv_zip *zip, struct archive *archive, struct mv_error *error)
{
    if (archive_read_support_format_zip(archive) != ARCHIVE_OK ||
        archive_read_open_fd(archive, zip->fd, BLOCK_BYTES) != ARCHIVE_OK)
        return damaged(error);
    return read_entries(zip, archive, error);
}

enum mv_code mv_zip_end(struct mv_zip *zip, struct mv_error *error)
{
    struct archive *archive = archive_read_new();
    enum mv_code code = MV_ERR_MEMORY;

    if (archive == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    if (lseek(zip->fd, 0, SEEK_SET) == 0)
        code = read_archive(zip, archive, error);
    else
        code = mv_error_set(error, MV_ERR_IO, "cannot read a temporary file: %s", strerror(errno));
    archive_read_free(archive);
    return code;
}
