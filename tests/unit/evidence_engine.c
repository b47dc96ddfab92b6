#include "tests/unit/evidence_engine.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define MAX_FILE_BYTES (2 * 1024 * 1024)

char evidence_directory[80];
struct mv_engine *engine;

static char directory[64];

void open_evidence_engine(const char *dns, const char *report, const char *below)
{
    char config[80], text[400];
    struct mv_error error = {0};
    FILE *stream;

    strcpy(directory, "/tmp/mv-evidence-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(evidence_directory, sizeof evidence_directory, "%s/evidence", directory);
    ck_assert_int_eq(mkdir(evidence_directory, 0770), 0);
    snprintf(config, sizeof config, "%s/mailvouch.conf", directory);
    snprintf(text, sizeof text, "[server]\nauthserv_id = mx.example.org\n[report]\n%s\nevidence_directory = %s%s\n",
             report, evidence_directory, below);
    stream = fopen(config, "w");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_ge(fputs(text, stream), 0);
    fclose(stream);
    ck_assert_msg(mv_engine_open(&engine, config, &error) == MV_OK, "%s", error.text);
    ck_assert_msg(mv_engine_use_capture(engine, mv_bytes_str(dns), &error) == MV_OK, "%s", error.text);
}

void close_evidence_engine(void)
{
    char command[128];

    mv_engine_close(&engine);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}

const char *written_evidence(const char *suffix)
{
    static char text[MAX_FILE_BYTES];
    char pattern[128];
    glob_t found;
    ssize_t n = 0;

    snprintf(pattern, sizeof pattern, "%s/*.%lu.2026112600%s", evidence_directory, (unsigned long)geteuid(), suffix);
    if (glob(pattern, 0, NULL, &found) == 0) {
        int fd = open(found.gl_pathv[0], O_RDONLY | O_CLOEXEC);

        ck_assert_uint_eq(found.gl_pathc, 1);
        ck_assert_int_ge(fd, 0);
        n = read(fd, text, sizeof text - 1);
        close(fd);
    }
    globfree(&found);
    ck_assert_int_ge(n, 0);
    text[n] = '\0';
    return text;
}
