/*
 * The inside of a capture: entries as they are read, and the two orders they are
 * looked up in.  Only capture*.c include this.
 */
#ifndef MV_DNS_CAPTURE_ENTRY_H
#define MV_DNS_CAPTURE_ENTRY_H

#include "core/base/arena.h"
#include "core/dns/capture.h"

struct mv_capture_entry {
    struct mv_dns_question question;
    struct mv_dns_answer answer;
};

struct mv_capture {
    struct mv_arena *arena;
    enum mv_dns_status fallback;
    size_t count;
    struct mv_capture_entry *entries; /* in the order of the file */
    /* Sorted by name, top label first, so that all below a name follow it; then by type. */
    const struct mv_capture_entry **sorted;
    /* The NOERROR ones of sorted. */
    size_t existing_count;
    const struct mv_capture_entry **existing;
};

/* Fills sorted and existing from entries. MV_ERR_SYNTAX when a question occurs twice. */
enum mv_code mv_capture_index(struct mv_capture *capture, struct mv_error *error);

#endif
