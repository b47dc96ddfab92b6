/*
 * mailvouch-opinion: asks libspf2 or libopendmarc, once, and ends.
 *
 * Run by the command alone (core/ops/opinion.h), with a request on standard
 * input and the reply on standard output (core/ops/opinion_wire.h).  These
 * libraries are what stock Exim and OpenDMARC decide with, and they may fall over
 * what a stranger published: so they have a process of their own, and what they
 * say decides nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "opinion/ask_dmarc.h"
#include "opinion/ask_spf.h"
#include "opinion/confine.h"

#define MAX_ARENA_BYTES (64 * 1024 * 1024)
#define MAX_BUFFER_BYTES (1024 * 1024)

enum ending { ENDED_WELL = 0, ENDED_BADLY = 1 };

static bool read_request(struct mv_buf *bytes)
{
    for (;;) {
        unsigned char block[4096];
        ssize_t n = read(STDIN_FILENO, block, sizeof block);

        if (n == 0)
            return !mv_buf_failed(bytes);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            mv_buf_put(bytes, mv_bytes_of(block, (size_t)n));
    }
}

/* Libraries print; what they print is no part of the reply. -1 on failure. */
static int take_output(void)
{
    int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (out < 0 || nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0 || dup2(nowhere, STDERR_FILENO) < 0)
        return -1;
    close(nowhere);
    return out;
}

static bool write_reply(int out, const struct mv_opinion_reply *reply)
{
    struct mv_buf bytes;
    size_t done = 0;

    mv_buf_init(&bytes, MV_OPINION_MAX_REPLY_BYTES);
    if (mv_opinion_reply_write(reply, &bytes) != MV_OK)
        return false;
    while (done < bytes.len) {
        ssize_t n = write(out, bytes.data + done, bytes.len - done);

        if (n <= 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void refuse(struct mv_opinion_reply *reply, struct mv_bytes why)
{
    reply->word = MV_OPINION_REFUSES;
    reply->said = why;
}

static void ask(const struct mv_opinion_request *request, struct mv_buf *buffer, struct mv_opinion_reply *reply)
{
    struct mv_opinion_dns dns = {.answers = request->answers, .count = request->answer_count};

    *reply = (struct mv_opinion_reply){.word = MV_OPINION_SAYS, .kind = request->kind};
    if (request->kind == MV_OPINION_DMARC && !mv_opinion_load_suffixes())
        refuse(reply, MV_BYTES("the public suffix list cannot be read: " MV_OPINION_SUFFIX_LIST));
    else if (!mv_opinion_confine())
        refuse(reply, MV_BYTES("the kernel does not let this process give up its rights"));
    else if (request->kind == MV_OPINION_DMARC)
        mv_opinion_ask_dmarc(request, &dns, buffer, reply);
    else
        mv_opinion_ask_spf(request, &dns, buffer, reply);
    if (reply->word == MV_OPINION_SAYS && dns.missed) {
        reply->word = MV_OPINION_ASKS;
        reply->question = dns.missing;
    }
}

static enum ending run(void)
{
    struct mv_arena *arena = mv_arena_new(MAX_ARENA_BYTES);
    struct mv_opinion_request request;
    struct mv_opinion_reply reply;
    struct mv_buf bytes, buffer;
    int out = take_output();

    mv_buf_init(&bytes, MV_OPINION_MAX_REQUEST_BYTES);
    mv_buf_init(&buffer, MAX_BUFFER_BYTES);
    if (out < 0 || arena == NULL || !read_request(&bytes) ||
        mv_opinion_request_read(arena, mv_buf_bytes(&bytes), &request) != MV_OK)
        return ENDED_BADLY;
    ask(&request, &buffer, &reply);
    return write_reply(out, &reply) ? ENDED_WELL : ENDED_BADLY;
}

int main(void)
{
    if (isatty(STDIN_FILENO) == 1) {
        fputs("mailvouch-opinion: run by mailvouch --as-legacy, not by hand\n", stderr);
        return ENDED_BADLY;
    }
    /* Nothing is torn down: the libraries' own clean-up is one more thing to fall over */
    _exit(mv_opinion_limit() ? run() : ENDED_BADLY);
}
