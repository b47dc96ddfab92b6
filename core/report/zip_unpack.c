#include "core/report/zip_unpack.h"

#include <archive.h>
#include <archive_entry.h>

#define BLOCK_BYTES 16384

struct unpacking {
    const struct mv_zip_sink *sink;
    uint64_t packed, unpacked;
    unsigned char block[BLOCK_BYTES];
};

/* libarchive's own sentence may quote names of the file: it is not used. */
static enum mv_code damaged(struct mv_error *error)
{
    return mv_error_set(error, MV_ERR_SYNTAX, "the zip file is damaged, encrypted or of an unknown method");
}

static enum mv_code passed_on(enum mv_code code, struct mv_error *error)
{
    return code == MV_OK ? MV_OK : mv_error_set(error, code, "%s", mv_code_text(code));
}

static enum mv_code unpack(struct unpacking *zip, struct archive *archive, struct mv_error *error)
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
        code = zip->sink->data(zip->sink->to, mv_bytes_of(zip->block, (size_t)n));
        if (code != MV_OK)
            return passed_on(code, error);
    }
}

static enum mv_code hand_out(struct unpacking *zip, struct archive *archive, struct archive_entry *entry,
                             struct mv_error *error)
{
    enum mv_code code = zip->sink->begin(zip->sink->to, mv_bytes_str(archive_entry_pathname(entry)));

    if (code != MV_OK)
        return passed_on(code, error);
    code = unpack(zip, archive, error);
    return code == MV_OK ? passed_on(zip->sink->end(zip->sink->to), error) : code;
}

static enum mv_code read_entries(struct unpacking *zip, struct archive *archive, struct mv_error *error)
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
            return mv_error_set(error, MV_ERR_LIMIT, "more than %d entries in the zip file", MV_ZIP_MAX_ENTRIES);
        if (archive_entry_filetype(entry) != AE_IFREG)
            continue;
        files++;
        code = hand_out(zip, archive, entry, error);
    }
    if (code == MV_OK && files == 0)
        return mv_error_set(error, MV_ERR_SYNTAX, "no file in the zip file");
    return code;
}

enum mv_code mv_zip_unpack(int fd, uint64_t packed_bytes, const struct mv_zip_sink *sink, struct mv_error *error)
{
    struct unpacking zip = {.sink = sink, .packed = packed_bytes};
    struct archive *archive = archive_read_new();
    enum mv_code code;

    if (archive == NULL)
        return mv_error_set(error, MV_ERR_MEMORY, "no memory");
    if (archive_read_support_format_zip(archive) == ARCHIVE_OK &&
        archive_read_open_fd(archive, fd, BLOCK_BYTES) == ARCHIVE_OK)
        code = read_entries(&zip, archive, error);
    else
        code = damaged(error);
    archive_read_free(archive);
    return code;
}
