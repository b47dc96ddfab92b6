#include "core/dkim/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "core/dkim/signature.h"
#include "tests/unit/dkim_sign_run.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_buf message;   /* to be signed */
static struct mv_buf made;      /* the fields */
static struct mv_buf delivered; /* both */

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&made, DKIM_TEST_MAX_BYTES);
    mv_buf_init(&delivered, DKIM_TEST_MAX_BYTES);
}

static void tear_down(void)
{
    dkim_sign_forget_keys();
    mv_buf_free(&message);
    mv_buf_free(&made);
    mv_buf_free(&delivered);
}

/* A second judge (tests/conformance/dkim_sign_suite.py) names a directory for what was signed. */
static void write_file(const char *name, struct mv_bytes text)
{
    const char *directory = getenv("MAILVOUCH_SIGNED_DIR");
    char path[4096];
    FILE *file;

    if (directory == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.data, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
}

/* How many of the signatures on top of delivered pass, and how many there are. */
static size_t verify(size_t *count_r)
{
    struct mv_dkim_options options = {.now_secs = DKIM_TEST_NOW, .author_domain = MV_BYTES("example.com")};
    struct mv_buf rsa, ed25519;
    struct dkim_test_dns dns[2];
    struct dkim_test_run run;
    size_t passed = 0;

    mv_buf_init(&rsa, 10000);
    mv_buf_init(&ed25519, 10000);
    dkim_test_record("v=DKIM1; p={p}", TEST_RSA1024, &rsa);
    dkim_test_record("v=DKIM1; k=ed25519; p={p}", TEST_ED25519, &ed25519);
    dns[0] = (struct dkim_test_dns){DKIM_SIGN_RSA_NAME, mv_buf_cstr(&rsa), MV_DNS_FOUND};
    dns[1] = (struct dkim_test_dns){DKIM_SIGN_ED25519_NAME, mv_buf_cstr(&ed25519), MV_DNS_FOUND};
    write_file(dns[0].name, mv_buf_bytes(&rsa));
    write_file(dns[1].name, mv_buf_bytes(&ed25519));
    dkim_test_run(&run, &options, mv_buf_bytes(&delivered), 0, dns, 2);
    for (size_t i = 0; i < run.count; i++)
        passed += run.results[i].code == MV_DKIM_PASS;
    *count_r = run.count;
    dkim_test_end(&run);
    mv_buf_free(&rsa);
    mv_buf_free(&ed25519);
    return passed;
}

static void deliver(void)
{
    mv_buf_reset(&delivered);
    mv_buf_put(&delivered, mv_buf_bytes(&made));
    mv_buf_put(&delivered, mv_buf_bytes(&message));
    ck_assert(!mv_buf_failed(&delivered));
}

static void require_signed(const struct mv_dkim_signing_options *options, size_t piece, const char *name)
{
    struct dkim_sign_outcome outcome;

    mv_buf_reset(&made);
    outcome = dkim_sign_run(options, mv_buf_bytes(&message), piece, &made);
    ck_assert_msg(outcome.code == MV_OK && outcome.reason == NULL, "%s: %d %s", name, outcome.code, outcome.reason);
    deliver();
}

static void require_passes(const char *name, size_t expected)
{
    size_t count, passed = verify(&count);

    ck_assert_msg(passed == expected, "%s: %zu of %zu pass", name, passed, count);
}

/* ---- every shape of message ---- */

#define FROM "From: Alice <alice@example.com>\r\n"
#define USUAL \
    FROM "To: Bob <bob@example.net>\r\nSubject: What we  talked\r\n\tabout \r\n" \
         "Date: Tue, 14 Nov 2023 22:13:19 +0000\r\n"

static const struct shape {
    const char *name;
    const char *header;
    const char *body; /* NULL: not even the empty line */
    unsigned times;   /* the body, so often */
} shapes[] = {
    {"usual", USUAL, "Hello Bob,\r\n\r\nthis is \t the body. \r\n\r\n \r\n", 1},
    {"From alone", FROM, "text\r\n", 1},
    {"empty body", USUAL, "", 1},
    {"no empty line after the header", USUAL, NULL, 1},
    {"body of one CRLF", USUAL, "\r\n", 1},
    {"body of blank lines", USUAL, " \t\r\n\r\n \r\n", 1},
    {"no CRLF at the end", USUAL, "Hello\r\nBob", 1},
    {"white space at the end, no CRLF", USUAL, "Hello \t", 1},
    {"blank lines at the end", USUAL, "Hello\r\n\r\n\r\n\r\n\r\n", 1},
    {"many blank lines", USUAL, "\r\n", 5000},
    {"blank lines inside", USUAL, "\r\n\r\na\r\n\r\n\r\n\r\nb\r\n", 30},
    {"dot lines", USUAL, ".\r\n..\r\n.a\r\n...\r\n.\r\n", 1},
    {"a dot alone", USUAL, ".\r\n", 1},
    {"a line From", USUAL, "From here on\r\n>From there\r\nFrom: x@example.org\r\n", 1},
    {"8-bit body", USUAL, "Gr\xc3\xbc\xc3\x9f" "e \xff\xfe\x80\r\n", 40},
    {"control octets", USUAL, "\x01\x02\x1b[2J\x7f\f\v\b\r\n", 10},
    {"tabs and runs", USUAL, "a  b\t\tc \t d\t\r\n\t\te  \r\n", 200},
    {"a long line", USUAL, "0123456789", 500},
    {"long lines", USUAL, "words of a line that does not end \t  ", 3000},
    {"100 kB", USUAL, "The quick brown fox jumps over the lazy dog.\r\n", 2200},
    {"CRLF at every offset of a block", USUAL, "seventeen octets\r\n", 700},
    {"folded fields", FROM "Subject:\r\n a\r\n\tb\r\n  c\r\nTo: x@example.net,\r\n y@example.net\r\n", "x\r\n", 1},
    {"fold of white space alone", FROM "Subject: a\r\n \r\n b\r\nTo:\r\n \t\r\n x@example.net\r\n", "x\r\n", 1},
    {"empty values", FROM "Subject:\r\nTo: \r\nCc:\t\r\nReply-To:   \r\n", "x\r\n", 1},
    {"names in other case", "FROM: Alice <alice@example.com>\r\nsubject: x\r\nmEsSaGe-Id: <1@x>\r\n", "x\r\n", 1},
    {"no space after the colon", "From:Alice <alice@example.com>\r\nSubject:x\r\n", "x\r\n", 1},
    {"8-bit header (RFC 6532)", "From: J\xc3\xb6rg <j\xc3\xb6rg@example.com>\r\nSubject: Gr\xc3\xbc\xc3\x9f" "e\r\n",
     "\xc3\xbc\r\n", 1},
    {"octets that are no UTF-8", FROM "Subject: \xff\xfe\x80\r\n", "x\r\n", 1},
    {"encoded words", FROM "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n =?utf-8?Q?x?=\r\n", "x\r\n", 1},
    {"List fields twice", USUAL "List-Id: <a.example.com>\r\nList-Post: NO\r\nlist-id: <b.example.com>\r\n"
     "List-Unsubscribe: <https://example.com/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
     "List-Unsubscribe: <mailto:u@example.com>\r\nLIST-ID: <c.example.com>\r\n", "x\r\n", 1},
    {"resent twice", USUAL "Resent-From: a@example.com\r\nResent-Date: x\r\nResent-To: b@example.net\r\n"
     "Resent-From: c@example.com\r\nResent-Date: y\r\n", "x\r\n", 1},
    {"a signature already", USUAL "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=x; h=From; bh=AA==; b=AA==\r\n",
     "x\r\n", 1},
    {"every oversigned name", USUAL "Sender: s@example.com\r\nReply-To: r@example.com\r\nCc: c@example.net\r\n"
     "Message-ID: <1@example.com>\r\nIn-Reply-To: <2@x>\r\nReferences: <2@x>\r\n <3@x>\r\nMIME-Version: 1.0\r\n"
     "Content-Type: text/plain;\r\n charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", "x\r\n", 1},
    {"multipart", USUAL "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n",
     "preamble\r\n--=_b\r\nContent-Type: text/plain\r\n\r\none\r\n--=_b\r\n\r\ntwo\r\n--=_b--\r\nepilogue\r\n", 1},
    {"trace fields and results", "Return-Path: <x@example.com>\r\nReceived: from a\r\n\tby b; x\r\n"
     "Authentication-Results: mx; spf=pass\r\nX-Spam-Flag: NO\r\n" USUAL "Bcc: z@example.net\r\n", "x\r\n", 1},
};

static void build(const struct shape *shape)
{
    mv_buf_reset(&message);
    mv_buf_puts(&message, shape->header);
    if (shape->body == NULL)
        return;
    mv_buf_puts(&message, "\r\n");
    for (unsigned i = 0; i < shape->times; i++)
        mv_buf_puts(&message, shape->body);
    ck_assert(!mv_buf_failed(&message));
}

static void write_delivered(const char *shape, int canonicalisation)
{
    char name[200];

    snprintf(name, sizeof name, "%s, canonicalisation %d.eml", shape, canonicalisation);
    write_file(name, mv_buf_bytes(&delivered));
}

START_TEST(own_verifier_accepts)
{
    const struct shape *shape = &shapes[_i / 4];
    struct mv_dkim_signing_options options = dkim_sign_dual();
    size_t count;

    options.header_canon = _i & 1 ? MV_CANON_SIMPLE : MV_CANON_RELAXED;
    options.body_canon = _i & 2 ? MV_CANON_SIMPLE : MV_CANON_RELAXED;
    build(shape);
    require_signed(&options, 0, shape->name);
    ck_assert_msg(verify(&count) == 2, "%s, canonicalisation %d: %zu signatures", shape->name, _i & 3, count);
    write_delivered(shape->name, _i & 3);
}
END_TEST

START_TEST(any_split_makes_the_same_octets)
{
    const struct shape *shape = &shapes[_i];
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_buf whole;

    mv_buf_init(&whole, DKIM_TEST_MAX_BYTES);
    build(shape);
    require_signed(&options, 0, shape->name);
    mv_buf_put(&whole, mv_buf_bytes(&made));
    for (size_t piece = 1; piece < 300; piece += piece < 4 ? 1 : 61) {
        require_signed(&options, piece, shape->name);
        ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&made), mv_buf_bytes(&whole)), "%s: pieces of %zu", shape->name,
                      piece);
    }
    mv_buf_free(&whole);
}
END_TEST

/* One pass for both keys: each field is the one that its key makes alone. */
START_TEST(together_as_alone)
{
    const struct shape *shape = &shapes[_i];
    struct mv_dkim_signing_options options = dkim_sign_dual(), one = options;
    struct mv_buf both;

    mv_buf_init(&both, DKIM_TEST_MAX_BYTES);
    build(shape);
    require_signed(&options, 0, shape->name);
    mv_buf_put(&both, mv_buf_bytes(&made));
    mv_buf_reset(&made);
    one.key_count = 1;
    ck_assert_int_eq(dkim_sign_run(&one, mv_buf_bytes(&message), 0, &made).code, MV_OK);
    one.keys = &options.keys[1];
    ck_assert_int_eq(dkim_sign_run(&one, mv_buf_bytes(&message), 0, &made).code, MV_OK);
    ck_assert_msg(mv_bytes_equal(mv_buf_bytes(&made), mv_buf_bytes(&both)), "%s", shape->name);
    mv_buf_free(&both);
}
END_TEST

START_TEST(every_size_of_key)
{
    static const enum test_key_id ids[] = {TEST_RSA1024,    TEST_RSA2048, TEST_RSA4096,
                                           TEST_RSA8192, TEST_RSA1024_E3, TEST_ED25519};
    struct mv_dkim_signing_key key = {dkim_sign_key(ids[_i]), MV_BYTES("sel")};
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_dkim_options verify_options = {.now_secs = DKIM_TEST_NOW};
    struct dkim_test_dns dns = {DKIM_TEST_KEY_NAME, NULL, MV_DNS_FOUND};
    struct dkim_test_run run;
    struct mv_buf record;

    mv_buf_init(&record, 10000);
    dkim_test_record(ids[_i] == TEST_ED25519 ? "v=DKIM1; k=ed25519; p={p}" : "v=DKIM1; p={p}", ids[_i], &record);
    dns.text = mv_buf_cstr(&record);
    options.keys = &key;
    options.key_count = 1;
    build(&shapes[0]);
    require_signed(&options, 0, test_key_of(ids[_i])->name);
    dkim_test_run(&run, &verify_options, mv_buf_bytes(&delivered), 0, &dns, 1);
    ck_assert_msg(run.count == 1 && run.results[0].code == MV_DKIM_PASS, "%s: %s", test_key_of(ids[_i])->name,
                  run.results[0].reason);
    ck_assert_uint_eq(run.results[0].key_bits, test_key_of(ids[_i])->bits);
    dkim_test_end(&run);
    mv_buf_free(&record);
}
END_TEST

/* ---- what the signature holds ---- */

/* What is done on the way to the usual message with everything signed. */
static const struct change {
    const char *name;
    const char *find, *put;
    bool passes;
} changes[] = {
    {"nothing", "To: Bob", "To: Bob", true},
    {"a trace field on top", "DKIM-Signature", "Received: from x by y; z\r\nDKIM-Signature", true},
    {"a result on top", "DKIM-Signature", "Authentication-Results: mx; dkim=pass\r\nDKIM-Signature", true},
    {"a field nobody signs", "To: Bob", "X-Note: a\r\nComments: b\r\nTo: Bob", true},
    {"folds and spaces (RFC 6376 3.4.2)", "To: Bob", "TO:\r\n   Bob", true},
    {"one more blank line at the end", "the body.", "the body. ", true},
    {"List-Id added above: named once, the lowest counts", "DKIM-Signature", "List-Id: <z>\r\nDKIM-Signature", true},
    {"From on top", "DKIM-Signature", "From: eve@example.org\r\nDKIM-Signature", false},
    {"from at the end", "\r\n\r\n", "\r\nfrom: eve@example.org\r\n\r\n", false},
    {"Sender added", "DKIM-Signature", "Sender: eve@example.org\r\nDKIM-Signature", false},
    {"Reply-To added", "DKIM-Signature", "Reply-To: eve@example.org\r\nDKIM-Signature", false},
    {"To added", "DKIM-Signature", "To: eve@example.org\r\nDKIM-Signature", false},
    {"Cc added", "DKIM-Signature", "Cc: eve@example.org\r\nDKIM-Signature", false},
    {"Subject added", "DKIM-Signature", "Subject: buy\r\nDKIM-Signature", false},
    {"a second Date", "DKIM-Signature", "Date: now\r\nDKIM-Signature", false},
    {"Message-ID added by the next hop (RFC 6409 8)", "DKIM-Signature", "Message-ID: <x@y>\r\nDKIM-Signature", true},
    {"In-Reply-To added", "DKIM-Signature", "In-Reply-To: <x@y>\r\nDKIM-Signature", false},
    {"References added", "DKIM-Signature", "References: <x@y>\r\nDKIM-Signature", false},
    {"MIME-Version added", "DKIM-Signature", "MIME-Version: 1.0\r\nDKIM-Signature", false},
    {"Content-Type added", "DKIM-Signature", "Content-Type: text/html\r\nDKIM-Signature", false},
    {"Content-Transfer-Encoding added", "DKIM-Signature", "Content-Transfer-Encoding: base64\r\nDKIM-Signature", false},
    {"To removed", "To: Bob <bob@example.net>\r\n", "", false},
    {"Subject changed", "Subject: What", "Subject: what", false},
    {"the fold of the subject gone, no space", "talked\r\n\tabout", "talkedabout", false},
    {"List-Id changed", "<list.example.com>", "<lisa.example.com>", false},
    {"List-Id removed", "List-Id: <list.example.com>\r\n", "", false},
    {"List-Id above what was signed", "List-Id: <list", "List-Id: <z>\r\nList-Id: <list", true},
    {"List-Id added below", "<list.example.com>\r\n", "<list.example.com>\r\nList-Id: <z>\r\n", false},
    {"one-click removed (RFC 8058 4)", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", false},
    {"body changed", "Hello", "Hullo", false},
    {"body longer", "the body.", "the body.\r\nP.S.", false},
    {"t= changed", "t=1700000000", "t=1700000001", false},
    {"x= changed", "x=1700604800", "x=1700604801", false},
};

static void build_with_list(void)
{
    mv_buf_reset(&message);
    mv_buf_puts(&message, USUAL "List-Id: <list.example.com>\r\n"
                                "List-Unsubscribe: <https://example.com/u>\r\n"
                                "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                                "\r\nHello Bob,\r\n\r\nthis is \t the body.\r\n");
}

/* By the RSA key and the Ed25519 key in turn. */
START_TEST(change_on_the_way)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();
    const struct change *change = &changes[_i];

    options.keys += _i & 1;
    options.key_count = 1;
    build_with_list();
    require_signed(&options, 0, change->name);
    dkim_test_edit(&delivered, change->find, change->put);
    require_passes(change->name, change->passes ? 1 : 0);
}
END_TEST

static struct mv_field first_field(void)
{
    struct mv_bytes text = mv_buf_bytes(&made);
    size_t at = 0;

    do
        at += mv_bytes_find(mv_bytes_slice(text, at, text.len), '\n') + 1;
    while (at < text.len && text.data[at] == ' ');
    return mv_field_split(mv_bytes_slice(text, 0, at));
}

static struct mv_dkim_signature parse_first(struct mv_arena *arena)
{
    struct mv_field field = first_field();
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;

    ck_assert_int_eq(mv_dkim_signature_parse(arena, &field, &signature, &result), MV_OK);
    return signature;
}

static void require_names(const struct mv_dkim_signature *signature, const char *expected)
{
    struct mv_buf names;

    mv_buf_init(&names, 10000);
    for (size_t i = 0; i < signature->name_count; i++) {
        mv_buf_puts(&names, i == 0 ? "" : ":");
        mv_buf_put(&names, signature->names[i]);
    }
    ck_assert_str_eq(mv_buf_cstr(&names), expected);
    mv_buf_free(&names);
}

/* Our own verifier reads so many; the header of sign.h names the room. */
START_TEST(as_many_names_as_a_verifier_reads)
{
    struct mv_dkim_signing_options options = dkim_sign_dual();

    mv_buf_puts(&message, FROM);
    for (int i = 0; i < MV_DKIM_MAX_SIGNED_NAMES - 12; i++)
        mv_buf_puts(&message, "List-Unsubscribe-Post: x\r\n");
    mv_buf_puts(&message, "\r\nx\r\n");
    require_signed(&options, 0, "200 names");
    require_passes("200 names", 2);
    ck_assert_uint_lt(made.len, 2 * MV_DKIM_MAX_MADE_BYTES);
}
END_TEST

static const struct {
    const char *header, *names;
} name_rows[] = {
    {FROM, "From:From:Sender:Reply-To:To:Cc:Subject:In-Reply-To:References:MIME-Version:Content-Type:"
           "Content-Transfer-Encoding"},
    {FROM "Date: x\r\nMessage-ID: x\r\n",
     "From:From:Sender:Reply-To:To:Cc:Subject:Date:Date:Message-ID:Message-ID:In-Reply-To:References:MIME-Version:"
     "Content-Type:Content-Transfer-Encoding"},
    {"list-id: b\r\nCONTENT-TYPE: x\r\n" FROM "Comments: c\r\nList-Id: a\r\nKeywords: x\r\nReceived: x\r\n"
     "Return-Path: x\r\nBcc: x\r\nDKIM-Signature: x\r\nARC-Seal: x\r\nX-Spam-Flag: x\r\nResent-Bcc: x\r\n"
     "Authentication-Results: x\r\nFeedback-ID: x\r\nAutocrypt: x\r\nResent-To: x\r\nDKIM2-Signature: x\r\n",
     "From:From:Sender:Reply-To:To:Cc:Subject:In-Reply-To:References:MIME-Version:"
     "Content-Type:Content-Type:Content-Transfer-Encoding:Resent-To:List-Id:List-Id:Feedback-ID:Autocrypt"},
};

START_TEST(names_that_are_signed)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_dkim_signature signature;

    mv_buf_puts(&message, name_rows[_i].header);
    mv_buf_puts(&message, "\r\nx\r\n");
    require_signed(&options, 0, "names");
    signature = parse_first(arena);
    require_names(&signature, name_rows[_i].names);
    mv_arena_free(&arena);
}
END_TEST

START_TEST(tags)
{
    struct mv_arena *arena = mv_arena_new(1024 * 1024);
    struct mv_dkim_signing_options options = dkim_sign_dual();
    struct mv_dkim_signature signature;

    build(&shapes[0]);
    require_signed(&options, 0, "tags");
    signature = parse_first(arena);
    ck_assert_int_eq(signature.key_type, MV_KEY_RSA); /* the order of the keys */
    ck_assert(mv_bytes_equal(signature.sdid, MV_BYTES("example.com")));
    ck_assert(mv_bytes_equal(signature.selector, MV_BYTES("mx1-20261123-r")));
    ck_assert_uint_eq(signature.created_secs, DKIM_TEST_NOW);
    ck_assert_uint_eq(signature.expires_secs, DKIM_TEST_NOW + DKIM_SIGN_LIFETIME_SECS);
    ck_assert_uint_eq(signature.body_length, MV_DKIM_NO_LENGTH);
    ck_assert_uint_eq(signature.auid.len, 0);
    ck_assert_ptr_null(strstr(mv_buf_cstr(&made), "l="));
    ck_assert_ptr_null(strstr(mv_buf_cstr(&made), "z="));
    options.lifetime_secs = 0;
    require_signed(&options, 0, "tags");
    ck_assert_uint_eq(parse_first(arena).expires_secs, 0);
    ck_assert_ptr_null(strstr(mv_buf_cstr(&made), "x="));
    mv_arena_free(&arena);
}
END_TEST

/* The longest line, and the CRLF of the last. */
static size_t longest_line(void)
{
    struct mv_cursor c = mv_cursor_of(mv_buf_bytes(&made));
    size_t longest = 0;

    while (mv_cursor_left(&c) > 0) {
        struct mv_bytes line = mv_cursor_take_until(&c, '\n');

        ck_assert(mv_cursor_accept(&c, '\n'));
        ck_assert(line.len > 1 && line.data[line.len - 1] == '\r');
        ck_assert(mv_bytes_find(line, '\r') == line.len - 1);
        longest = line.len - 1 > longest ? line.len - 1 : longest;
    }
    return longest;
}

/* RFC 5322 2.1.1 */
START_TEST(lines_are_folded)
{
    struct mv_dkim_signing_key key = {dkim_sign_key(TEST_ED25519), MV_BYTES("a-selector-of-usual-length")};
    struct mv_dkim_signing_options options = dkim_sign_dual();
    char domain[260];

    mv_buf_puts(&message, FROM);
    for (int i = 0; i < 186; i++)
        mv_buf_puts(&message, "List-Unsubscribe-Post: x\r\n");
    mv_buf_puts(&message, "\r\n");
    options.keys = &key;
    options.key_count = 1;
    for (size_t len = 3; len <= 253; len++) { /* so that every tag meets the end of a line */
        memset(domain, 'a', len);
        for (size_t i = 1; i < len; i += 50)
            domain[i] = '.';
        options.sdid = mv_bytes_of(domain, len);
        require_signed(&options, 0, "folds");
        ck_assert_msg(longest_line() <= (len < 71 ? 78 : len + 7), "%zu: line of %zu", len, longest_line());
    }
    key.key = dkim_sign_key(TEST_RSA8192);
    options.sdid = MV_BYTES("example.com");
    require_signed(&options, 0, "a long b=");
    ck_assert_uint_eq(longest_line(), 78);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_sign");
    TCase *tc = tcase_create("dkim_sign");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, own_verifier_accepts, 0, 4 * ROWS(shapes));
    tcase_add_loop_test(tc, any_split_makes_the_same_octets, 0, ROWS(shapes));
    tcase_add_loop_test(tc, together_as_alone, 0, ROWS(shapes));
    tcase_add_loop_test(tc, every_size_of_key, 0, 6);
    tcase_add_loop_test(tc, change_on_the_way, 0, ROWS(changes));
    tcase_add_loop_test(tc, names_that_are_signed, 0, ROWS(name_rows));
    tcase_add_test(tc, as_many_names_as_a_verifier_reads);
    tcase_add_test(tc, tags);
    tcase_add_test(tc, lines_are_folded);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
