#include "lmtp-hook/hop.h"

#include "core/base/trace.h"
#include "lmtp-hook/session.h"
#include "lmtp-hook/socket.h"

#define MSECS_PER_SEC 1000u
#define CONNECT_MAX_MSECS 30000

void mv_hop_init(struct mv_hop *hop)
{
    *hop = (struct mv_hop){.stream = {.fd = -1}};
    mv_line_init(&hop->line);
}

void mv_hop_free(struct mv_hop *hop)
{
    mv_stream_close(&hop->stream);
    mv_line_free(&hop->line);
}

bool mv_hop_is_open(const struct mv_hop *hop)
{
    return hop->stream.fd >= 0;
}

static bool lose(struct mv_hop *hop, struct mv_reply *reply, const char *why)
{
    if (mv_hop_is_open(hop)) {
        mv_error_set(&hop->error, MV_ERR_IO, "next hop: %s", why);
        hop->failures++;
    }
    mv_stream_close(&hop->stream);
    mv_line_free(&hop->line);
    mv_line_init(&hop->line);
    if (reply != NULL)
        mv_reply_set(reply, MV_SESSION_HOP_LOST);
    return false;
}

void mv_hop_drop(struct mv_hop *hop, const char *why)
{
    lose(hop, NULL, why);
}

static const char *why_of(enum mv_stream_code code)
{
    switch (code) {
    case MV_STREAM_SILENT:
        return "it is silent";
    case MV_STREAM_LATE:
        return "the session has lasted too long";
    default:
        return "the connection was closed";
    }
}

bool mv_hop_put(struct mv_hop *hop, struct mv_bytes bytes)
{
    enum mv_stream_code code;

    if (!mv_hop_is_open(hop))
        return false;
    code = mv_stream_put(&hop->stream, bytes);
    return code == MV_STREAM_OK || lose(hop, NULL, why_of(code));
}

/* READY: a line; anything else has lost the hop. */
static bool read_line(struct mv_hop *hop, struct mv_bytes *line_r, struct mv_reply *reply)
{
    for (;;) {
        struct mv_cursor input = mv_stream_input(&hop->stream);
        enum mv_line_code code = mv_line_feed(&hop->line, &input, line_r);
        enum mv_stream_code filled;

        mv_stream_taken(&hop->stream, &input);
        if (code == MV_LINE_READY)
            return true;
        if (code != MV_LINE_MORE)
            return lose(hop, reply, "its reply has a line that is too long, or is not ended by CRLF");
        filled = mv_stream_fill(&hop->stream, -1);
        if (filled != MV_STREAM_OK)
            return lose(hop, reply, why_of(filled));
    }
}

bool mv_hop_read_reply(struct mv_hop *hop, struct mv_reply *reply)
{
    struct mv_bytes line;

    if (!mv_hop_is_open(hop))
        return lose(hop, reply, "");
    mv_reply_reset(reply);
    while (read_line(hop, &line, reply)) {
        switch (mv_reply_add(reply, line)) {
        case MV_REPLY_MORE:
            break;
        case MV_REPLY_DONE:
            return true;
        case MV_REPLY_BAD:
            return lose(hop, reply, "what it says is no reply");
        }
    }
    return false;
}

bool mv_hop_command(struct mv_hop *hop, struct mv_bytes line, struct mv_reply *reply)
{
    if (!mv_hop_put(hop, line) || !mv_hop_put(hop, MV_BYTES("\r\n")))
        return lose(hop, reply, "the connection was closed");
    return mv_hop_read_reply(hop, reply);
}

/* RFC 2033 4.1: the greeting, then LHLO. */
static bool introduce(struct mv_hop *hop, const char *host, struct mv_reply *reply)
{
    struct mv_buf lhlo;
    bool done;

    mv_buf_init(&lhlo, MV_LINE_MAX_BYTES);
    mv_buf_printf(&lhlo, "LHLO %s", host);
    done = mv_hop_read_reply(hop, reply) && mv_reply_is_good(reply) &&
           mv_hop_command(hop, mv_buf_bytes(&lhlo), reply) && mv_reply_is_good(reply);
    mv_buf_free(&lhlo);
    if (!done && mv_hop_is_open(hop)) {
        struct mv_bytes first = mv_reply_first(reply);

        lose(hop, NULL, "it refused us");
        mv_error_set(&hop->error, MV_ERR_IO, "next hop: it refused us: %.*s", MV_ARG(first));
    }
    return done;
}

static void open_one(struct mv_hop *hop, const struct mv_endpoint *endpoint, unsigned idle_msecs, const char *host,
                     int64_t end_msecs)
{
    int64_t until = mv_stream_now_msecs() + (idle_msecs < CONNECT_MAX_MSECS ? idle_msecs : CONNECT_MAX_MSECS);
    struct mv_reply reply;
    int fd;

    if (mv_socket_connect(endpoint, until < end_msecs ? until : end_msecs, &fd, &hop->error) != MV_OK) {
        hop->failures++;
        return;
    }
    mv_stream_open(&hop->stream, fd, idle_msecs, end_msecs);
    mv_reply_init(&reply);
    if (introduce(hop, host, &reply))
        mv_offer_read(&reply, &hop->offer);
    mv_reply_free(&reply);
}

enum mv_code mv_hop_open(struct mv_hop *hop, const struct mv_lmtp_settings *settings, const char *host,
                         int64_t end_msecs)
{
    mv_error_set(&hop->error, MV_ERR_CONFIG, "[lmtp] next_hop is empty");
    for (size_t i = 0; i < settings->next_hop.count && !mv_hop_is_open(hop); i++)
        open_one(hop, &settings->next_hop.items[i], settings->next_hop_timeout_secs * MSECS_PER_SEC, host, end_msecs);
    return mv_hop_is_open(hop) ? MV_OK : hop->error.code;
}

void mv_hop_close(struct mv_hop *hop)
{
    if (mv_hop_put(hop, MV_BYTES("QUIT\r\n")))
        (void)mv_stream_flush(&hop->stream);
    mv_stream_close(&hop->stream);
}
