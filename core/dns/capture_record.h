/*
 * One item of a capture's data, as a record. Only capture*.c include this.
 */
#ifndef MV_DNS_CAPTURE_RECORD_H
#define MV_DNS_CAPTURE_RECORD_H

#include <jansson.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/dns/answer.h"

#define MV_CAPTURE_MAX_RDATA_BYTES 65535 /* RFC 1035 3.2.1; also of one string */

struct mv_capture_reader {
    struct mv_arena *arena;
    struct mv_error *error;
    size_t index;        /* of the entry, for error texts */
    struct mv_buf bytes; /* the string that was read last */
};

/* MV_ERR_SYNTAX with "answers[index]: what". */
enum mv_code mv_capture_refuse(struct mv_capture_reader *r, const char *what);
enum mv_code mv_capture_no_memory(struct mv_capture_reader *r);
/* A JSON string whose code points are bytes; the bytes are valid until the next call. false when it is none. */
bool mv_capture_bytes(struct mv_capture_reader *r, const json_t *value, struct mv_bytes *bytes_r);
/* The record is made in the arena. */
enum mv_code mv_capture_record(struct mv_capture_reader *r, const json_t *item, enum mv_dns_type type,
                               struct mv_dns_record *record_r);

#endif
