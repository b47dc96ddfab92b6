/*
 * Any bytes as a line of ours: what is read is printed to the same line.  Any bytes as a message, in which "%A" stands
 * for an address: its local part is nowhere in the line that is kept of it, and no other one is.
 */
#include "core/report/failure_read.h"

#include "core/text/message.h"
#include "tests/fuzz/fuzz.h"

#define SECRET "ZqXjKvWp"
#define ADDRESS SECRET "@example.org"
#define NOW_SECS 1795651200

static bool holds_secret(struct mv_bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (mv_bytes_has_prefix_nocase(mv_bytes_slice(text, i, text.len), MV_BYTES(SECRET)))
            return true;
    return false;
}

static bool is_hash(struct mv_bytes text)
{
    const struct mv_bytes digits = MV_BYTES("0123456789abcdef");

    for (size_t i = 0; i < text.len; i++)
        if (mv_bytes_find(digits, text.data[i]) == digits.len)
            return false;
    return text.len == MV_REDACTED_BYTES;
}

/* Every "@" has a hash before it, or nothing of an address. */
static void check_header(struct mv_bytes header)
{
    for (size_t i = 0; i < header.len; i++) {
        struct mv_bytes before = mv_bytes_slice(header, i < MV_REDACTED_BYTES ? 0 : i - MV_REDACTED_BYTES, i);

        if (header.data[i] == '@')
            fuzz_require(is_hash(before) || (i > 0 && (header.data[i - 1] == '=' || header.data[i - 1] == '<')));
        if (header.data[i] == '\r' || header.data[i] == '\n')
            fuzz_require(header.data[i] == '\n' ? header.data[i - 1] == '\r' : header.data[i + 1] == '\n');
    }
}

static void print(const struct mv_failure_line *line, struct mv_buf *out)
{
    mv_buf_init(out, MV_FAILURE_MAX_LINE_BYTES);
    fuzz_require(mv_failure_line_print(line, out) != MV_ERR_MEMORY);
}

/* What was printed is read, and printed again the same. */
static void check_again(struct mv_arena *arena, const struct mv_failure_line *line)
{
    struct mv_failure_line again;
    struct mv_error error = {0};
    struct mv_buf first, second;

    print(line, &first);
    if (mv_buf_bytes(&first).len > 0) {
        fuzz_require(mv_failure_line_parse(mv_buf_bytes(&first), arena, &again, &error) == MV_OK);
        print(&again, &second);
        fuzz_require(mv_bytes_equal(mv_buf_bytes(&first), mv_buf_bytes(&second)));
        mv_buf_free(&second);
    }
    mv_buf_free(&first);
}

static void read_line(struct mv_arena *arena, struct mv_bytes bytes)
{
    struct mv_failure_line line;
    struct mv_error error = {0};

    if (mv_failure_line_parse(bytes, arena, &line, &error) == MV_OK)
        check_again(arena, &line);
    else
        fuzz_require(error.text[0] != '\0');
}

static struct mv_bytes expand(struct mv_arena *arena, struct mv_bytes data)
{
    struct mv_bytes expanded = {NULL, 0};
    struct mv_buf out;

    mv_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < data.len; i++) {
        if (data.data[i] == '%' && i + 1 < data.len && data.data[i + 1] == 'A') {
            mv_buf_puts(&out, ADDRESS);
            i++;
        } else {
            mv_buf_putc(&out, data.data[i]);
        }
    }
    if (!mv_buf_failed(&out))
        mv_arena_copy(arena, mv_buf_bytes(&out), &expanded);
    mv_buf_free(&out);
    return expanded;
}

static void judge(struct mv_arena *arena, struct mv_bytes text, const struct mv_field *fields, size_t count)
{
    struct mv_bytes first = mv_bytes_slice(text, 0, mv_bytes_find(text, '\r'));
    const struct mv_spf_record_read records[] = {{MV_BYTES("example.com"), MV_BYTES("v=spf1 include:%{l}.x -all")},
                                                 {MV_BYTES(SECRET ".x"), MV_BYTES("v=spf1 ?all")}};
    const struct mv_dkim_result signature = {.code = MV_DKIM_FAIL, .sdid = MV_BYTES("example.com"),
                                             .selector = MV_BYTES("s"), .auid = first};
    struct mv_verdict v = {
        .has_spf = true, .spf = {.code = MV_SPF_FAIL, .records = records, .record_count = 2},
        .has_dkim = true, .dkim = &signature, .dkim_count = 1,
        .author_domain = MV_BYTES("example.com"), .client_ip = {MV_IP_V4, {192, 0, 2, 1}},
        .has_dmarc = true,
        .dmarc = {.code = MV_DMARC_FAIL, .policy_domain = MV_BYTES("example.com"), .reason = "why", .has_record = true},
    };
    struct mv_failure_source source = {&v, MV_ACTION_NONE, first, fields, count, MV_BYTES("mx.example.net"),
                                       MV_BYTES("0123456789abcdef"), NOW_SECS};
    struct mv_failure_line line;
    struct mv_buf printed;

    fuzz_require(mv_dmarc_record_parse(MV_BYTES("v=DMARC1; fo=1:d:s; ruf=mailto:f@example.com"), &v.dmarc.record));
    fuzz_require(mv_failure_line_of(arena, &source, &line) == MV_OK);
    if (line.wanted == 0)
        return;
    check_header(line.header);
    print(&line, &printed);
    fuzz_require(!holds_secret(mv_buf_bytes(&printed)));
    mv_buf_free(&printed);
    check_again(arena, &line);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct mv_arena *arena = mv_arena_new(4 * FUZZ_MAX_BYTES);
    const struct mv_field *fields;
    struct mv_bytes text, body;
    struct mv_reader *reader;
    size_t count;

    fuzz_require(arena != NULL);
    read_line(arena, mv_bytes_of(data, size));
    text = expand(arena, mv_bytes_of(data, size));
    reader = mv_reader_new(arena);
    if (mv_reader_feed(reader, text, &body) == MV_OK && mv_reader_end(reader) == MV_OK) {
        fields = mv_reader_fields(reader, &count);
        judge(arena, text, fields, count);
    }
    mv_arena_free(&arena);
    return 0;
}
