#include "mv-config.h"

#include "core/report/zip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/report/zip_unpack.h"

struct mv_zip {
    struct mv_zip_sink sink;
    int fd;
    uint64_t packed;
    size_t matched;   /* bytes of the signature of an entry that were seen last */
    unsigned entries; /* that the directory at the end can have */
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

enum mv_code mv_zip_feed(struct mv_zip *zip, struct mv_bytes packed, struct mv_error *error)
{
    zip->packed += packed.len;
    if (zip->packed > MV_ZIP_MAX_BYTES)
        return mv_error_set(error, MV_ERR_LIMIT, "a zip file of more than 64 MiB");
    count_entries(zip, packed);
    if (zip->entries > MV_ZIP_MAX_ENTRIES)
        return mv_error_set(error, MV_ERR_LIMIT, "more than %d entries in the zip file", MV_ZIP_MAX_ENTRIES);
    while (packed.len > 0) {
        ssize_t n = write(zip->fd, packed.data, packed.len);

        if (n < 0 && errno != EINTR)
            return mv_error_set(error, MV_ERR_IO, "cannot write a temporary file: %s", strerror(errno));
        packed = mv_bytes_slice(packed, n < 0 ? 0 : (size_t)n, packed.len);
    }
    return MV_OK;
}

enum mv_code mv_zip_end(struct mv_zip *zip, struct mv_error *error)
{
    if (lseek(zip->fd, 0, SEEK_SET) != 0)
        return mv_error_set(error, MV_ERR_IO, "cannot read a temporary file: %s", strerror(errno));
    return mv_zip_unpack(zip->fd, zip->packed, &zip->sink, error);
}
