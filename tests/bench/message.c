#include <string.h>

#include "tests/bench/bench.h"
#include "tests/unit/dkim_test_signer.h"

static const char usual_fields[] =
    "Received: from mx1.example.net (mx1.example.net [192.0.2.10])\r\n"
    "\tby mail.example.org (Exim) with ESMTPS id 1abcde-000000-0A\r\n"
    "\tfor <postmaster@example.org>; Sun, 15 Nov 2026 12:00:01 +0000\r\n"
    "Received: from [198.51.100.7] (port=51234 helo=desk.example.com)\r\n"
    "\tby mx1.example.net with esmtpsa (TLS1.3:TLS_AES_256_GCM_SHA384:256)\r\n"
    "\tid 1abcdd-000000-0B; Sun, 15 Nov 2026 12:00:00 +0000\r\n"
    "Message-ID: <20261115120000.12345@example.com>\r\n"
    "Date: Sun, 15 Nov 2026 12:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\n"
    "User-Agent: Example Mail 1.0\r\n"
    "Subject: The meeting of next week, and what was said about it\r\n"
    "To: Post Master <postmaster@example.org>, Second Reader\r\n"
    " <second.reader@example.org>\r\n"
    "From: A Writer <writer@example.com>\r\n"
    "References: <20261114080000.1@example.org> <20261114090000.2@example.com>\r\n"
    "In-Reply-To: <20261114090000.2@example.com>\r\n"
    "Content-Type: text/plain; charset=UTF-8; format=flowed\r\n"
    "Content-Transfer-Encoding: 8bit\r\n";

#define USUAL_NAMES "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Content-Transfer-Encoding:In-Reply-To:References"

static void put_extra_fields(const struct bench_spec *spec, struct mv_buf *out)
{
    for (size_t i = 0; i < spec->extra_fields; i++)
        mv_buf_printf(out, "X-Extra-Field-%u: one more of them;  with a value of usual length, and\r\n\ta fold\r\n",
                      (unsigned)i);
}

static void put_names(const struct bench_spec *spec, struct mv_buf *out)
{
    mv_buf_puts(out, USUAL_NAMES);
    for (size_t i = 0; i < spec->signed_extra; i++)
        mv_buf_printf(out, "%sX-Extra-Field-%u", i % 4 == 0 ? ":\r\n  " : ":", (unsigned)i);
}

/* Each signature covers the message without the other ones. */
static void sign(const struct bench_spec *spec, struct mv_bytes unsigned_message, struct mv_buf *out)
{
    struct mv_buf names, one;
    struct dkim_test_spec how = {
        .key = TEST_RSA2048,
        .tags = spec->canon == MV_CANON_RELAXED
                    ? "v=1; a=rsa-sha256; c=relaxed/relaxed; d=" BENCH_SDID "; s=" BENCH_SELECTOR
                    : "v=1; a=rsa-sha256; c=simple/simple; d=" BENCH_SDID "; s=" BENCH_SELECTOR,
        .header = spec->canon,
        .body = spec->canon,
        .body_length = DKIM_TEST_WHOLE_BODY,
    };

    mv_buf_init(&names, BENCH_MAX_BYTES);
    mv_buf_init(&one, BENCH_MAX_BYTES);
    put_names(spec, &names);
    how.names = mv_buf_cstr(&names);
    dkim_test_sign(&how, unsigned_message, &one);
    for (size_t i = 1; i < spec->signatures; i++)
        mv_buf_put(out, mv_bytes_slice(mv_buf_bytes(&one), 0, mv_buf_bytes(&one).len - unsigned_message.len));
    mv_buf_put(out, mv_buf_bytes(&one));
    mv_buf_free(&one);
    mv_buf_free(&names);
}

void bench_unsigned_message(const struct bench_spec *spec, struct mv_buf *out)
{
    size_t header;

    mv_buf_puts(out, usual_fields);
    put_extra_fields(spec, out);
    mv_buf_puts(out, "\r\n");
    header = mv_buf_bytes(out).len;
    bench_body(spec->body, spec->size_bytes > header ? spec->size_bytes - header : 1, out);
}

void bench_message(const struct bench_spec *spec, struct mv_buf *out)
{
    struct mv_buf message;

    mv_buf_init(&message, BENCH_MAX_BYTES);
    bench_unsigned_message(spec, &message);
    sign(spec, mv_buf_bytes(&message), out);
    bench_require(!mv_buf_failed(out), "no memory for a message");
    mv_buf_free(&message);
}

void bench_key_record(struct mv_buf *out)
{
    mv_buf_puts(out, "v=DKIM1; k=rsa; p=");
    test_key_p(TEST_RSA2048, out);
}
