#include "lmtp-hook/statistics.h"

#include <stdlib.h>
#include <unistd.h>

#include "lmtp-hook/line.h"
#include "lmtp-hook/log.h"
#include "lmtp-hook/stream.h"

#define MAX_MSECS 10000

struct client {
    struct mv_server *server;
    struct mv_stream stream;
    struct mv_line line;
};

/* Up to the empty line that ends a request (RFC 9112 2.1). false: it is none. */
static bool skip_request(struct client *client)
{
    size_t bytes = 0;

    while (bytes <= MV_STATISTICS_MAX_REQUEST_BYTES) {
        struct mv_cursor input = mv_stream_input(&client->stream), start = input;
        struct mv_bytes line;
        enum mv_line_code code = mv_line_feed(&client->line, &input, &line);

        bytes += mv_cursor_since(&input, &start).len;
        mv_stream_taken(&client->stream, &input);
        if (code == MV_LINE_READY && line.len == 0)
            return true;
        if (code != MV_LINE_READY && code != MV_LINE_MORE)
            return false;
        if (code == MV_LINE_MORE && mv_stream_fill(&client->stream, -1) != MV_STREAM_OK)
            return false;
    }
    return false;
}

static void answer(struct client *client)
{
    struct mv_buf text, head;

    mv_buf_init(&text, MV_STATS_MAX_BYTES);
    mv_buf_init(&head, MV_STATS_MAX_BYTES);
    mv_stats_put_prometheus(&client->server->stats, &text);
    mv_buf_printf(&head,
                  "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n\r\n",
                  mv_buf_bytes(&text).len);
    if (!mv_buf_failed(&text) && !mv_buf_failed(&head)) {
        (void)mv_stream_put(&client->stream, mv_buf_bytes(&head));
        (void)mv_stream_put(&client->stream, mv_buf_bytes(&text));
        (void)mv_stream_flush(&client->stream);
    }
    mv_buf_free(&text);
    mv_buf_free(&head);
}

static void client_free(struct client *client)
{
    atomic_fetch_sub(&client->server->statistics_open, 1);
    mv_stream_close(&client->stream);
    mv_line_free(&client->line);
    free(client);
}

static void *run(void *argument)
{
    struct client *client = argument;

    if (skip_request(client))
        answer(client);
    client_free(client);
    return NULL;
}

void mv_statistics_start(struct mv_server *server, int fd)
{
    struct client *client = NULL;

    if (atomic_load(&server->statistics_open) < MV_SERVER_MAX_STATISTICS)
        client = calloc(1, sizeof *client);
    if (client == NULL) {
        close(fd);
        return;
    }
    atomic_fetch_add(&server->statistics_open, 1);
    client->server = server;
    mv_line_init(&client->line);
    mv_stream_open(&client->stream, fd, MAX_MSECS, mv_stream_now_msecs() + MAX_MSECS);
    if (!mv_server_start_thread(run, client))
        client_free(client);
}
