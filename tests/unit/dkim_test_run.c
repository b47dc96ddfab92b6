#include "tests/unit/dkim_test_run.h"

#include <stdio.h>
#include <string.h>

#include <check.h>

#include "core/text/message.h"

#define MAX_RECORDS 20

const char dkim_test_plain[] = "Received: from a.example.net by b.example.net; Tue, 14 Nov 2023 22:13:20 +0000\r\n"
                               "From: Alice <alice@example.com>\r\n"
                               "To: Bob <bob@example.net>\r\n"
                               "Subject: What we  talked\r\n\tabout \r\n"
                               "Date: Tue, 14 Nov 2023 22:13:19 +0000\r\n"
                               "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                               "Content-Type: text/plain\r\n"
                               "\r\n"
                               "Hello  Bob,\r\n"
                               "\r\n"
                               "this is \t the body. \r\n"
                               "\r\n"
                               " \r\n";

static void feed(struct dkim_test_run *run, struct mv_dkim_options *options, struct mv_bytes message, size_t piece)
{
    struct mv_reader *reader = mv_reader_new(run->arena);
    bool header_done = false;
    const struct mv_field *fields;
    struct mv_bytes body;
    size_t count;

    for (size_t at = 0; at < message.len; at += piece) {
        ck_assert_int_eq(mv_reader_feed(reader, mv_bytes_slice(message, at, at + piece), &body), MV_OK);
        if (!mv_reader_header_done(reader))
            continue;
        if (!header_done) {
            fields = mv_reader_fields(reader, &count);
            options->defects |= mv_reader_defects(reader);
            ck_assert_int_eq(mv_dkim_verifier_header(run->verifier, options, fields, count), MV_OK);
            header_done = true;
        }
        mv_dkim_bodies_feed(run->bodies, body);
    }
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    if (!header_done) {
        fields = mv_reader_fields(reader, &count);
        options->defects |= mv_reader_defects(reader);
        ck_assert_int_eq(mv_dkim_verifier_header(run->verifier, options, fields, count), MV_OK);
    }
    ck_assert_int_eq(mv_dkim_bodies_end(run->bodies), MV_OK);
}

static void answer(struct mv_memo *memo, const struct mv_dns_question *question, const struct dkim_test_dns *dns,
                   size_t dns_count)
{
    struct mv_dns_record records[MAX_RECORDS] = {0};
    struct mv_dns_answer reply = {.status = MV_DNS_NXDOMAIN, .ttl_secs = 300, .records = records};

    ck_assert_int_eq(question->type, MV_DNS_TXT);
    for (size_t i = 0; i < dns_count; i++) {
        if (!mv_bytes_equal(question->name, mv_bytes_str(dns[i].name)))
            continue;
        reply.status = dns[i].status;
        if (dns[i].text != NULL)
            records[reply.count++].data = mv_bytes_str(dns[i].text);
    }
    ck_assert_int_eq(mv_memo_answer(memo, question, &reply), MV_OK);
}

void dkim_test_run(struct dkim_test_run *run, struct mv_dkim_options *options, struct mv_bytes message,
                   size_t piece_bytes, const struct dkim_test_dns *dns, size_t dns_count)
{
    struct mv_dns_question question;
    enum mv_code code;

    *run = (struct dkim_test_run){.arena = mv_arena_new(64 * 1024 * 1024)};
    run->memo = mv_memo_new(run->arena);
    run->bodies = mv_dkim_bodies_new(run->arena);
    run->verifier = mv_dkim_verifier_new(run->arena, run->bodies);
    run->trace = mv_trace_new(run->arena);
    feed(run, options, message, piece_bytes == 0 ? message.len + 1 : piece_bytes);
    mv_dkim_verifier_prefetch(run->verifier, run->memo);
    while ((code = mv_dkim_verifier_run(run->verifier, run->memo, run->trace)) == MV_NEED_DNS) {
        ck_assert_uint_lt(run->wanted_rounds++, 3);
        while (mv_memo_next_question(run->memo, &question))
            answer(run->memo, &question, dns, dns_count);
    }
    ck_assert_int_eq(code, MV_OK);
    run->questions = mv_memo_questions(run->memo);
    run->results = mv_dkim_verifier_results(run->verifier, &run->count);
}

void dkim_test_end(struct dkim_test_run *run)
{
    mv_dkim_verifier_free(&run->verifier);
    mv_dkim_bodies_free(&run->bodies);
    ck_assert_ptr_null(run->verifier);
    mv_arena_free(&run->arena);
}

static void put_nodes(const struct mv_trace_node *node, unsigned depth, struct mv_buf *out)
{
    for (; node != NULL; node = node->next) {
        for (unsigned i = 0; i < depth; i++)
            mv_buf_puts(out, "  ");
        mv_buf_put_escaped(out, node->text);
        if (node->section != NULL)
            mv_buf_printf(out, " [%s]", node->section);
        mv_buf_putc(out, '\n');
        put_nodes(node->first_child, depth + 1, out);
    }
}

void dkim_test_explain(const struct dkim_test_run *run, struct mv_buf *out)
{
    put_nodes(mv_trace_first(run->trace), 0, out);
}

void dkim_test_record(const char *text, enum test_key_id key, struct mv_buf *out)
{
    const char *at;

    while ((at = strstr(text, "{p}")) != NULL) {
        mv_buf_put(out, mv_bytes_of(text, (size_t)(at - text)));
        test_key_p(key, out);
        text = at + 3;
    }
    mv_buf_puts(out, text);
}

void dkim_test_edit(struct mv_buf *text, const char *find, const char *put)
{
    struct mv_buf copy;
    char *at;

    mv_buf_init(&copy, DKIM_TEST_MAX_BYTES);
    at = strstr(mv_buf_cstr(text), find);
    ck_assert_msg(at != NULL, "\"%s\" is not in the message", find);
    mv_buf_put(&copy, mv_bytes_of(text->data, (size_t)(at - (char *)text->data)));
    mv_buf_puts(&copy, put);
    mv_buf_puts(&copy, at + strlen(find));
    mv_buf_free(text);
    *text = copy;
}

void dkim_test_sign_as(struct mv_buf *message, const char *domain, enum mv_canon canon, const char *more_tags,
                       long length)
{
    struct mv_buf copy;
    char tags[300];
    struct dkim_test_spec spec = {
        .tags = tags, .names = DKIM_TEST_NAMES, .header = canon, .body = canon, .body_length = length};

    mv_buf_init(&copy, DKIM_TEST_MAX_BYTES);
    mv_buf_put(&copy, message->len == 0 ? mv_bytes_str(dkim_test_plain) : mv_buf_bytes(message));
    mv_buf_reset(message);
    snprintf(tags, sizeof tags, "v=1; a=rsa-sha256; c=%s; d=%s; s=sel%s",
             canon == MV_CANON_RELAXED ? "relaxed/relaxed" : "simple/simple", domain, more_tags);
    dkim_test_sign(&spec, mv_buf_bytes(&copy), message);
    mv_buf_free(&copy);
}

void dkim_test_run_signed(struct dkim_test_run *run, struct mv_dkim_options *options, struct mv_bytes message)
{
    struct mv_buf record;
    struct dkim_test_dns dns[3];

    mv_buf_init(&record, 10000);
    dkim_test_record("v=DKIM1; p={p}", TEST_RSA1024, &record);
    dns[0] = (struct dkim_test_dns){DKIM_TEST_KEY_NAME, mv_buf_cstr(&record), MV_DNS_FOUND};
    dns[1] = (struct dkim_test_dns){"sel._domainkey.example.org", mv_buf_cstr(&record), MV_DNS_FOUND};
    dns[2] = (struct dkim_test_dns){"sel._domainkey.mail.example.com", mv_buf_cstr(&record), MV_DNS_FOUND};
    options->now_secs = DKIM_TEST_NOW;
    options->min_rsa_bits = 1024;
    dkim_test_run(run, options, message, 0, dns, 3);
    mv_buf_free(&record);
}
