#include "core/ops/spf_flat_file.h"

#include "core/base/ascii.h"
#include "core/base/trace.h"
#include "core/text/domain.h"

static const char *take_record(struct mv_spf_flat_file *file, struct mv_bytes value)
{
    size_t space = mv_bytes_find(value, ' ');
    struct mv_spf_flat_record record = {mv_bytes_slice(value, 0, space), mv_bytes_slice(value, space + 1, value.len)};

    if (!mv_domain_is_askable(record.name) || !mv_spf_record_is(record.text))
        return "a record is a name and a text that begins with v=spf1";
    if (file->record_count == MV_SPF_FLAT_MAX_RECORDS)
        return "there are too many records";
    file->records[file->record_count++] = record;
    return NULL;
}

static const char *take_line(struct mv_arena *arena, struct mv_bytes line, struct mv_spf_flat_file *file)
{
    struct mv_bytes key = mv_bytes_slice(line, 0, mv_bytes_find(line, ':'));
    struct mv_bytes value = mv_bytes_trim(mv_bytes_slice(line, key.len + 1, line.len));

    if (line.len == 0 || line.data[0] == '#')
        return NULL;
    if (!mv_bytes_all(value, MV_ASCII_VCHAR | MV_ASCII_WSP))
        return "there is a byte that is not printable ASCII";
    if (mv_bytes_equal(key, MV_BYTES("record")))
        return take_record(file, value);
    if (mv_bytes_equal(key, MV_BYTES("domain")))
        return file->domain.len == 0 && mv_domain_normalize(arena, value, &file->domain) ? NULL
                                                                                        : "this is no one domain name";
    if (!mv_bytes_equal(key, MV_BYTES("source")))
        return "there are domain:, source: and record: only";
    if (file->source.len > 0 || !mv_spf_record_is(value))
        return "the source is one record that begins with v=spf1";
    file->source = value;
    return NULL;
}

enum mv_code mv_spf_flat_file_read(struct mv_arena *arena, struct mv_bytes text, struct mv_spf_flat_file *file_r,
                                   struct mv_error *error)
{
    struct mv_cursor c = mv_cursor_of(text);

    *file_r = (struct mv_spf_flat_file){.record_count = 0};
    for (unsigned number = 1; mv_cursor_left(&c) > 0; number++) {
        const char *fault = take_line(arena, mv_bytes_trim(mv_cursor_take_until(&c, '\n')), file_r);

        mv_cursor_next(&c);
        if (fault != NULL)
            return mv_error_set(error, MV_ERR_SYNTAX, "%u: %s", number, fault);
    }
    if (file_r->domain.len > 0 && file_r->source.len > 0 && file_r->record_count > 0)
        return MV_OK;
    return mv_error_set(error, MV_ERR_SYNTAX, "%s is missing; 'mailvouch spf flatten --write' writes the file",
                        file_r->domain.len == 0   ? "domain:"
                        : file_r->source.len == 0 ? "source:"
                                                  : "record:");
}

void mv_spf_flat_file_write(const struct mv_spf_flat_file *file, struct mv_buf *out)
{
    mv_buf_puts(out, "# Written by \"mailvouch spf flatten\". Let \"mailvouch spf flatten --check\" of this file run "
                     "each day:\n# it exits with 1 when what is published no longer matches the source.\n");
    mv_buf_printf(out, "domain: %.*s\nsource: %.*s\n", MV_ARG(file->domain), MV_ARG(file->source));
    for (size_t i = 0; i < file->record_count; i++)
        mv_buf_printf(out, "record: %.*s %.*s\n", MV_ARG(file->records[i].name), MV_ARG(file->records[i].text));
}
