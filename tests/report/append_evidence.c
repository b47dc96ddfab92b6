/*
 * A mail server that does nothing but write evidence, for tests/report/evidence.py.
 *
 * usage: append_evidence DIRECTORY LABEL COUNT      COUNT 0: until it is killed
 *
 * The lines have the Author Domains 0.LABEL.example.com, 1.LABEL.example.com ... and differ in length.  Prints the
 * number of each line that was written, as soon as it is, and goes on after an error as servers do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/auth/evidence_file.h"
#include "core/auth/evidence_line.h"

#define MAX_NAME_BYTES 128
#define MAX_FILLER_BYTES 1500

static char filler[MAX_FILLER_BYTES + 40] = "v=DMARC1; p=none; x=";

static bool append(struct mv_evidence_file *file, const char *directory, const char *label, uint64_t number)
{
    struct mv_evidence_line line = {
        .time_secs = time(NULL),
        .policy_domain = MV_BYTES("example.com"),
        .published = MV_DMARC_P_NONE,
        .result = MV_DMARC_FAIL,
    };
    struct mv_error error = {.code = MV_OK};
    char name[MAX_NAME_BYTES];
    struct mv_buf text;
    bool done;

    snprintf(name, sizeof name, "%" PRIu64 ".%s.example.com", number, label);
    line.author_domain = mv_bytes_str(name);
    line.record = mv_bytes_of(filler, 20 + number * 37 % MAX_FILLER_BYTES);
    mv_buf_init(&text, 2 * MV_EVIDENCE_MAX_LINE_BYTES);
    done = mv_ip_parse(MV_BYTES("192.0.2.1"), &line.client) && mv_evidence_line_print(&line, &text) == MV_OK &&
           mv_evidence_file_append(file, directory, "mx.example.org", line.time_secs, mv_buf_bytes(&text), &error) ==
               MV_OK;
    mv_buf_free(&text);
    return done;
}

int main(int argc, char **argv)
{
    struct mv_evidence_file file = MV_EVIDENCE_NO_FILE;
    uint64_t count;

    if (argc != 4 || !mv_bytes_to_uint(mv_bytes_str(argv[3]), UINT64_MAX, &count))
        return EXIT_FAILURE;
    setvbuf(stdout, NULL, _IONBF, 0);
    memset(filler + strlen(filler), 'x', MAX_FILLER_BYTES);
    for (uint64_t i = 0; count == 0 || i < count; i++)
        if (append(&file, argv[1], argv[2], i))
            printf("%" PRIu64 "\n", i);
    mv_evidence_file_close(&file);
    return EXIT_SUCCESS;
}
