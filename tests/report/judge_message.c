/*
 * A mail server that judges one message and writes down what there is to report of it, for tests/report/failure.py.
 *
 * usage: judge_message CONFIG DNS IP MAIL-FROM SECS ACTION < MESSAGE
 *
 * DNS is a capture file; ACTION: 0 none, 2 reject, as enum mv_action has them.  The message has CRLF.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mailvouch.h"

#define MAX_BYTES (1024 * 1024)

static bool read_all(FILE *stream, struct mv_buf *out)
{
    char some[4096];
    size_t n;

    while ((n = fread(some, 1, sizeof some, stream)) > 0)
        mv_buf_put(out, mv_bytes_of(some, n));
    return !ferror(stream) && !mv_buf_failed(out);
}

static enum mv_code judge(struct mv_engine *engine, char **argv, struct mv_bytes message, struct mv_error *error)
{
    struct mv_envelope envelope = {.helo = MV_BYTES("mx.example"), .mail_from = mv_bytes_str(argv[4]),
                                   .now_secs = atoll(argv[5])};
    struct mv_msg *msg;
    enum mv_code code = MV_ERR_USAGE;

    if (mv_ip_parse(mv_bytes_str(argv[3]), &envelope.client_ip))
        code = mv_msg_begin(engine, &envelope, MV_WANT_CHECKS, &msg, error);
    if (code != MV_OK)
        return code;
    code = mv_msg_feed(msg, message);
    if (code == MV_OK)
        code = mv_msg_end(msg);
    if (code == MV_OK)
        code = mv_msg_run(msg, MV_UNTIL_VERDICT);
    if (code == MV_OK)
        code = mv_msg_evidence(msg, (enum mv_action)atoi(argv[6]), envelope.now_secs, error);
    mv_msg_free(&msg);
    return code;
}

int main(int argc, char **argv)
{
    struct mv_engine *engine = NULL;
    struct mv_error error = {.code = MV_OK};
    struct mv_buf dns, message;
    enum mv_code code = MV_ERR_USAGE;
    FILE *capture = argc == 7 ? fopen(argv[2], "re") : NULL;

    mv_buf_init(&dns, MAX_BYTES);
    mv_buf_init(&message, MAX_BYTES);
    if (capture != NULL && read_all(capture, &dns) && read_all(stdin, &message))
        code = mv_engine_open(&engine, argv[1], &error);
    if (code == MV_OK)
        code = mv_engine_use_capture(engine, mv_buf_bytes(&dns), &error);
    if (code == MV_OK)
        code = judge(engine, argv, mv_buf_bytes(&message), &error);
    if (code != MV_OK)
        fprintf(stderr, "%d: %s\n", code, error.text);
    if (capture != NULL)
        fclose(capture);
    mv_engine_close(&engine);
    mv_buf_free(&dns);
    mv_buf_free(&message);
    return code == MV_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
