/*
 * The file in which a flat record and its source stay written down:
 *
 *   # a comment
 *   domain: example.org
 *   source: v=spf1 mx include:_spf.example.net ~all
 *   record: example.org v=spf1 ip4:192.0.2.0/24 ~all
 *
 * One "record:" for each record that was published for the domain; the first is
 * that of the domain itself.
 */
#ifndef MV_OPS_SPF_FLAT_FILE_H
#define MV_OPS_SPF_FLAT_FILE_H

#include "core/ops/spf_flat.h"

#define MV_SPF_FLAT_FILE_MAX_BYTES (256 * 1024)

struct mv_spf_flat_file {
    struct mv_bytes domain; /* normalised */
    struct mv_bytes source; /* begins as a record does */
    struct mv_spf_flat_record records[MV_SPF_FLAT_MAX_RECORDS];
    size_t record_count;    /* at least 1 */
};

/* MV_ERR_SYNTAX: "3: ...", or what is missing. MV_ERR_MEMORY. Texts borrow from text, but for the domain. */
enum mv_code mv_spf_flat_file_read(struct mv_arena *arena, struct mv_bytes text, struct mv_spf_flat_file *file_r,
                                   struct mv_error *error);
void mv_spf_flat_file_write(const struct mv_spf_flat_file *file, struct mv_buf *out);

#endif
