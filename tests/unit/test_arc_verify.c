/* RFC 8617 5.2: chains that pass, chains that fail and why, and what is asked for them. */
#include "core/arc/verify.h"

#include <stdio.h>
#include <string.h>

#include "core/text/message.h"
#include "tests/unit/arc_test_sealer.h"
#include "tests/unit/dkim_test_run.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (64 * 1024 * 1024)
#define MAX_SETS 3

/* What one name answers instead of the usual key. */
struct zone {
    const char *name;
    enum mv_dns_status status;
    enum test_key_id key;
};

struct run {
    struct mv_arena *arena;
    struct mv_memo *memo;
    struct mv_dkim_bodies *bodies;
    struct mv_arc_verifier *verifier;
    struct mv_trace *trace;
    struct mv_dkim_options options;
    const struct mv_arc_result *result;
    size_t first_questions; /* asked before the first answer */
    size_t rounds;
};

static struct mv_buf message;

static void set_up(void)
{
    mv_buf_init(&message, DKIM_TEST_MAX_BYTES);
    mv_buf_puts(&message, dkim_test_plain);
}

static void tear_down(void)
{
    mv_buf_free(&message);
}

static void answer(struct mv_memo *memo, const struct mv_dns_question *question, const struct zone *zone)
{
    struct mv_dns_record record = {0};
    struct mv_dns_answer reply = {.status = MV_DNS_FOUND, .ttl_secs = 300, .count = 1, .records = &record};
    enum test_key_id key = TEST_RSA1024;
    struct mv_buf text;

    mv_buf_init(&text, 10000);
    if (zone != NULL && mv_bytes_equal(question->name, mv_bytes_str(zone->name))) {
        reply.status = zone->status;
        key = zone->key;
    }
    reply.count = reply.status == MV_DNS_FOUND;
    dkim_test_record(key == TEST_ED25519 ? "v=DKIM1; k=ed25519; p={p}" : "v=DKIM1; p={p}", key, &text);
    record.data = mv_buf_bytes(&text);
    ck_assert_int_eq(question->type, MV_DNS_TXT);
    ck_assert_int_eq(mv_memo_answer(memo, question, &reply), MV_OK);
    mv_buf_free(&text);
}

static void feed(struct run *run)
{
    struct mv_reader *reader = mv_reader_new(run->arena);
    const struct mv_field *fields;
    struct mv_bytes body;
    size_t count;

    ck_assert_int_eq(mv_reader_feed(reader, mv_buf_bytes(&message), &body), MV_OK);
    ck_assert_int_eq(mv_reader_end(reader), MV_OK);
    fields = mv_reader_fields(reader, &count);
    run->options.defects = mv_reader_defects(reader);
    ck_assert_int_eq(mv_arc_verifier_header(run->verifier, &run->options, fields, count), MV_OK);
    mv_dkim_bodies_feed(run->bodies, body);
    ck_assert_int_eq(mv_dkim_bodies_end(run->bodies), MV_OK);
}

static void begin(struct run *run)
{
    *run = (struct run){.arena = mv_arena_new(MAX_MEMORY_BYTES), .options = {.now_secs = DKIM_TEST_NOW}};
    run->memo = mv_memo_new(run->arena);
    run->bodies = mv_dkim_bodies_new(run->arena);
    run->verifier = mv_arc_verifier_new(run->arena, run->bodies);
    run->trace = mv_trace_new(run->arena);
}

/* The message, whose keys are as usual but for one. */
static void verify(struct run *run, const struct zone *zone)
{
    struct mv_dns_question question;
    enum mv_code code;

    feed(run);
    mv_arc_verifier_prefetch(run->verifier, run->memo);
    while ((code = mv_arc_verifier_run(run->verifier, run->memo, run->trace)) == MV_NEED_DNS) {
        size_t asked = mv_memo_questions(run->memo);

        ck_assert_uint_lt(run->rounds++, 2);
        while (mv_memo_next_question(run->memo, &question))
            answer(run->memo, &question, zone);
        if (asked == 0)
            run->first_questions = mv_memo_questions(run->memo);
    }
    ck_assert_int_eq(code, MV_OK);
    run->result = mv_arc_verifier_result(run->verifier);
}

static void end(struct run *run)
{
    mv_arc_verifier_free(&run->verifier);
    ck_assert_ptr_null(run->verifier);
    mv_dkim_bodies_free(&run->bodies);
    mv_arena_free(&run->arena);
}

static void assert_result(const char *name, const struct run *run, enum mv_arc_code code, const char *says)
{
    const struct mv_arc_result *result = run->result;

    ck_assert_msg(result->code == code, "%s: %s, %s", name, mv_arc_code_text(result->code), result->reason);
    ck_assert_msg((result->reason == NULL) == (says == NULL), "%s: %s", name, result->reason);
    ck_assert_msg(says == NULL || strstr(result->reason, says) != NULL, "%s: %s", name, result->reason);
}

static void seal_all(const struct arc_test_set *sets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arc_test_set set = sets[i];

        set.instance = (unsigned)i + 1;
        arc_test_seal(&set, &message);
    }
}

/* Chains that are right. */
static const struct {
    const char *name;
    struct arc_test_set sets[MAX_SETS];
    size_t count;
    bool author_unsigned;
} passes[] = {
    {"relaxed", {{.domain = NULL}}, 1, false},
    {"simple", {{.canon_tag = "c=simple/simple; "}}, 1, false},
    {"relaxed and simple", {{.canon_tag = "c=relaxed/simple; ", .header = MV_CANON_RELAXED}}, 1, false},
    {"simple and relaxed", {{.canon_tag = "c=simple/relaxed; ", .body = MV_CANON_RELAXED}}, 1, false},
    {"one word", {{.canon_tag = "c=relaxed; ", .header = MV_CANON_RELAXED}}, 1, false},
    {"no c=, signed as simple, RFC 6376 3.5", {{.canon_tag = ""}}, 1, false},
    {"no c=, signed as relaxed", {{.canon_tag = "", .header = MV_CANON_RELAXED, .body = MV_CANON_RELAXED}}, 1, false},
    {"Ed25519, RFC 8463", {{.key = TEST_ED25519}}, 1, false},
    {"two", {{.domain = "a.example"}, {.domain = "b.example"}}, 2, false},
    {"three", {{.domain = "a.example"}, {.canon_tag = "c=simple/simple; "}, {.domain = "c.example"}}, 3, false},
    {"keys of two names", {{.seal_selector = "seal"}}, 1, false},
    {"v= is ignored, RFC 8617 4.1.2", {{.more_tags = "; v=7"}}, 1, false},
    {"unknown tags", {{.more_tags = "; zz=1"}}, 1, false},
    {"l= of the whole body", {{.more_tags = "; l=33"}}, 1, false},
    {"results signed", {{.domain = NULL}, {.names = ARC_TEST_NAMES ":ARC-Authentication-Results"}}, 2, false},
    {"message signatures signed", {{.domain = NULL}, {.names = ARC_TEST_NAMES ":ARC-Message-Signature"}}, 2, false},
    {"what is missing is signed", {{.names = ARC_TEST_NAMES ":Cc:From"}}, 1, false},
    {"From is not signed", {{.names = "To:Subject"}}, 1, true},
    {"nothing is signed", {{.names = ""}}, 1, true},
    {"From was signed before", {{.domain = NULL}, {.names = "To"}}, 2, true},
    {"cv=pass and results of any kind", {{.results = "not ( a result"}, {.results = ""}}, 2, false},
};

START_TEST(right)
{
    struct run run;

    seal_all(passes[_i].sets, passes[_i].count);
    begin(&run);
    verify(&run, &(struct zone){"sel._domainkey.example.net", MV_DNS_FOUND, passes[_i].sets[0].key});
    assert_result(passes[_i].name, &run, MV_ARC_PASS, NULL);
    ck_assert_uint_eq(run.result->oldest_pass, 0);
    ck_assert_uint_eq(run.result->hop_count, passes[_i].count);
    ck_assert_uint_le(run.rounds, 1);
    ck_assert_msg(run.result->author_signed == !passes[_i].author_unsigned, "%s: From", passes[_i].name);
    ck_assert(run.result->has_fields && !run.result->temporary);
    end(&run);
}
END_TEST

/* A chain of two that an edit breaks. */
static const struct {
    const char *name;
    const char *find;
    const char *put;
    const char *says;
    size_t questions;
} edits[] = {
    {"body", "this is", "that is", "ARC-Message-Signature 2: the body hash", 1},
    {"signed field", "What we", "What you", "ARC-Message-Signature 2: the signature", 1},
    {"From", "alice@example.com", "mallory@example.com", "ARC-Message-Signature 2: the signature", 1},
    {"results 1", "i=1; example.net; none", "i=1; example.net; dmarc=pass", "ARC-Seal 2: the signature", 1},
    {"results 2", "i=2; example.net; none", "i=2; example.net; dmarc=pass", "ARC-Seal 2: the signature", 1},
    {"seal 1", "cv=none; d=example.net; s=sel; t=1", "cv=none; d=example.net; s=sel; t=0", "ARC-Seal 2: the signature", 1},
    {"seal 2", "cv=pass; d=example.net; s=sel; t=1", "cv=pass; d=example.net; s=sel; t=0", "ARC-Seal 2: the signature", 1},
    {"signature 1", "i=1; a=rsa-sha256; c=", "i=1; a=rsa-sha256; z=; c=", "ARC-Seal 2: the signature", 1},
    {"signature 2", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; z=; c=", "ARC-Message-Signature 2: the signature", 1},
    {"other domain", "cv=pass; d=example.net", "cv=pass; d=example.org", "ARC-Seal 2: the signature", 2},
    {"signature 2: no algorithm", "i=2; a=rsa-sha256; c=", "i=2; c=", "ARC-Message-Signature 2: the required tag a=", 0},
    {"signature 2: SHA-1", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha1; c=", "SHA-1", 0},
    {"signature 2: other algorithm", "i=2; a=rsa-sha256; c=", "i=2; a=dsa-sha256; c=", "a= is unknown", 0},
    {"signature 2: other type of key", "i=2; a=rsa-sha256; c=", "i=2; a=ed25519-sha256; c=", "type of the key", 1},
    {"signature 2: canonicalisation", "i=2; a=rsa-sha256; c=relaxed", "i=2; a=rsa-sha256; c=nofws", "c= is unknown", 0},
    {"signature 2: way to the key", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; q=http; c=", "no known way", 0},
    {"signature 2: expired", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; x=1600000000; c=", "expired", 0},
    {"signature 2: from the future", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; t=1900000000; c=", "a day ahead", 0},
    {"signature 2: two tags", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; a=rsa-sha256; c=", "two tags of one name", 0},
    {"signature 2: an empty item", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256;; c=", "does not parse", 0},
    {"signature 2: l= too short", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; l=5; c=", "l= is not the length", 0},
    {"signature 2: l= too long", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; l=500; c=", "l= is not the length", 0},
    {"signature 2: l= no number", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; l=-1; c=", "l= is not a number", 0},
    {"signature 2: signs a seal", "h=From:To", "h=ARC-Seal:From:To", "names ARC-Seal", 0},
    {"signature 2: h= of no names", "h=From:To", "h=From:T o", "not a list of header field names", 0},
    {"seal 2: no domain", "cv=pass; d=example.net; ", "cv=pass; ", "ARC-Seal 2: the required tag d=", 0},
    {"seal 2: a word as domain", "cv=pass; d=example.net", "cv=pass; d=localhost", "two labels", 0},
    {"seal 2: no selector", "cv=pass; d=example.net; s=sel", "cv=pass; d=example.net; s=", "s= is not a selector", 0},
    {"seal 2: t= is no time", "cv=pass; d=example.net; s=sel; t=", "cv=pass; d=example.net; s=sel; t=x", "t= is not a time", 0},
    {"seal 2: no value", "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=example.net; s=sel; t=1700000000; b=",
     "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=example.net; s=sel; t=1700000000; b=!", "b= is not the base64", 0},
    {"seal 1: SHA-1", "a=rsa-sha256; cv=none", "a=rsa-sha1; cv=none", "ARC-Seal 1: the signature was made with SHA-1", 0},
    {"a gap", "ARC-Authentication-Results: i=1", "ARC-Authentication-Result: i=1", "ARC set 1 has no", 0},
    {"bare LF", "Subject: What", "Subject:\nWhat", "malformed", 0},
    {"NUL in a value", "i=2; a=rsa-sha256; c=", "i=2; a=rsa-sha256; z=\x01; c=", "forbidden byte", 0},
};

START_TEST(wrong)
{
    static const struct arc_test_set sets[2] = {{.domain = NULL}, {.domain = NULL}};
    struct run run;

    seal_all(sets, 2);
    dkim_test_edit(&message, edits[_i].find, edits[_i].put);
    begin(&run);
    verify(&run, NULL);
    assert_result(edits[_i].name, &run, MV_ARC_FAIL, edits[_i].says);
    ck_assert_msg(mv_memo_questions(run.memo) == edits[_i].questions, "%s: %zu questions", edits[_i].name,
                  mv_memo_questions(run.memo));
    ck_assert(!run.result->temporary);
    ck_assert_uint_eq(run.result->oldest_pass, 0);
    end(&run);
}
END_TEST

START_TEST(without_a_chain)
{
    struct run run;

    begin(&run);
    verify(&run, NULL);
    assert_result("none", &run, MV_ARC_NONE, NULL);
    ck_assert(!run.result->has_fields);
    ck_assert_uint_eq(mv_memo_questions(run.memo), 0);
    end(&run);
}
END_TEST

/* RFC 8617 5.1.2: the end of a chain is none; it is not asked who ended it. */
START_TEST(ended)
{
    static const struct arc_test_set sets[2] = {{.domain = NULL}, {.cv = "fail"}};
    struct run run;

    seal_all(sets, 2);
    begin(&run);
    verify(&run, NULL);
    assert_result("ended", &run, MV_ARC_NONE, "ARC-Seal 2 says");
    ck_assert(run.result->has_fields);
    ck_assert_uint_eq(mv_memo_questions(run.memo), 0);
    end(&run);
}
END_TEST

/* RFC 8617 5.2.1; what is known to be wrong is no matter of keys. */
static const struct {
    const char *name;
    const char *slow;          /* no answer for this selector */
    enum mv_dns_status status;
    bool broken_body, broken_seal;
    bool temporary;
    enum mv_arc_code code;
    size_t oldest_pass;
} key_rows[] = {
    {"seal 1", "s1", MV_DNS_TIMEOUT, false, false, true, MV_ARC_FAIL, 0},
    {"signature and seal 2", "m2", MV_DNS_SERVFAIL, false, false, true, MV_ARC_FAIL, 0},
    {"seal 2", "s2", MV_DNS_REFUSED, false, false, true, MV_ARC_FAIL, 0},
    {"seal 1 has no key", "s1", MV_DNS_NXDOMAIN, false, false, false, MV_ARC_FAIL, 0},
    {"signature 2 has no key", "m2", MV_DNS_NODATA, false, false, false, MV_ARC_FAIL, 0},
    {"seal 1, and the body is another one", "s1", MV_DNS_TIMEOUT, true, false, false, MV_ARC_FAIL, 0},
    {"seal 2, and seal 1 is wrong", "s2", MV_DNS_TIMEOUT, false, true, false, MV_ARC_FAIL, 0},
    {"signature 2, and seal 1 is wrong", "m2", MV_DNS_TIMEOUT, false, true, false, MV_ARC_FAIL, 0},
    {"signature 1 decides nothing", "m1", MV_DNS_TIMEOUT, false, false, false, MV_ARC_PASS, 2},
    {"signature 1 has no key", "m1", MV_DNS_NXDOMAIN, false, false, false, MV_ARC_PASS, 2},
};

START_TEST(keys)
{
    struct arc_test_set sets[2] = {{.selector = "m1", .seal_selector = "s1"}, {.selector = "m2", .seal_selector = "s2"}};
    char name[100];
    struct run run;

    sets[0].damage_seal = key_rows[_i].broken_seal;
    seal_all(sets, 2);
    if (key_rows[_i].broken_body)
        mv_buf_puts(&message, "more\r\n");
    snprintf(name, sizeof name, "%s._domainkey.example.net", key_rows[_i].slow);
    begin(&run);
    verify(&run, &(struct zone){name, key_rows[_i].status, TEST_RSA1024});
    ck_assert_msg(run.result->code == key_rows[_i].code, "%s: %s", key_rows[_i].name, run.result->reason);
    ck_assert_msg(run.result->temporary == key_rows[_i].temporary, "%s: %s", key_rows[_i].name, run.result->reason);
    ck_assert_uint_eq(run.result->oldest_pass, key_rows[_i].oldest_pass);
    ck_assert_uint_eq(run.first_questions, 4);
    ck_assert_uint_eq(run.result->hop_count, 2);
    end(&run);
}
END_TEST

/* RFC 8617 5.2 step 5: each sealer in turn changes what the one before had signed. */
START_TEST(oldest_pass)
{
    const struct arc_test_set sets[3] = {{.instance = 1}, {.instance = 2}, {.instance = 3}};
    static const size_t oldest[3] = {0, 2, 3}; /* by the last change */
    struct run run;

    for (size_t i = 0; i < 3; i++) {
        if (i == (size_t)_i)
            mv_buf_puts(&message, "-- \r\nlist\r\n");
        arc_test_seal(&sets[i], &message);
    }
    begin(&run);
    verify(&run, NULL);
    assert_result("oldest pass", &run, MV_ARC_PASS, NULL);
    ck_assert_uint_eq(run.result->oldest_pass, oldest[_i]);
    end(&run);
}
END_TEST

/* A made-up chain must not cost a hundred questions; one that is right may. */
START_TEST(fifty_sets)
{
    bool right_one = _i == 0;
    struct run run;

    for (unsigned i = 1; i <= 50; i++) {
        char selector[10], seal_selector[10];
        struct arc_test_set set = {.instance = i, .selector = selector, .seal_selector = seal_selector};

        snprintf(selector, sizeof selector, "m%u", i);
        snprintf(seal_selector, sizeof seal_selector, "s%u", i);
        arc_test_seal(&set, &message);
    }
    if (!right_one)
        mv_buf_puts(&message, "more\r\n");
    begin(&run);
    verify(&run, NULL);
    assert_result("fifty", &run, right_one ? MV_ARC_PASS : MV_ARC_FAIL, right_one ? NULL : "ARC-Message-Signature 50");
    ck_assert_uint_eq(run.first_questions, 2 * MV_ARC_MAX_SETS_AHEAD);
    ck_assert_uint_eq(mv_memo_questions(run.memo), right_one ? 100 : 2 * MV_ARC_MAX_SETS_AHEAD);
    ck_assert_uint_eq(run.result->hop_count, 50);
    end(&run);
}
END_TEST

START_TEST(hops)
{
    static const struct arc_test_set sets[2] = {
        {.domain = "A.example", .selector = "One", .results = "a.example; dmarc=pass"}, {.domain = "b.example"}};
    struct run run;

    seal_all(sets, 2);
    begin(&run);
    verify(&run, NULL);
    ck_assert_uint_eq(run.result->hop_count, 2);
    ck_assert(mv_bytes_equal(run.result->hops[0].domain, MV_BYTES("a.example")));
    ck_assert(mv_bytes_equal(run.result->hops[0].selector, MV_BYTES("one")));
    ck_assert(mv_bytes_equal(run.result->hops[0].results, MV_BYTES(" a.example; dmarc=pass")));
    ck_assert(mv_bytes_equal(run.result->hops[1].domain, MV_BYTES("b.example")));
    end(&run);
}
END_TEST

/* By options: a domain that may not sign, a longer key, several From fields. */
START_TEST(options)
{
    static const struct mv_bytes refused[] = {MV_BYTES("example.net")};
    struct run run;

    arc_test_seal(&(struct arc_test_set){.instance = 1}, &message);
    begin(&run);
    run.options.not_signers = refused;
    run.options.not_signer_count = 1;
    verify(&run, NULL);
    assert_result("not_signers", &run, MV_ARC_FAIL, "not accepted as a signer");
    end(&run);
    begin(&run);
    run.options.min_rsa_bits = 2048;
    verify(&run, NULL);
    assert_result("min_rsa_bits", &run, MV_ARC_FAIL, "too short");
    end(&run);
    begin(&run);
    run.options.several_from = true;
    verify(&run, NULL);
    assert_result("several From", &run, MV_ARC_FAIL, "more than one From");
    end(&run);
}
END_TEST

/* A second run changes nothing but the trace, and says everything in it. */
START_TEST(explained)
{
    static const struct arc_test_set sets[2] = {{.results = "a.example; dmarc=pass\r\n  header.from=x"}, {.domain = NULL}};
    struct dkim_test_run traced = {0};
    struct mv_buf text;
    struct run run;

    mv_buf_init(&text, 100000);
    seal_all(sets, 2);
    begin(&run);
    verify(&run, NULL);
    traced.trace = mv_trace_new(run.arena);
    ck_assert_int_eq(mv_arc_verifier_run(run.verifier, run.memo, traced.trace), MV_OK);
    dkim_test_explain(&traced, &text);
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&text), "ARC-Message-Signature 2, d=example.net s=sel a=rsa-sha256: pass"));
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&text), "ARC-Seal 1, d=example.net"));
    ck_assert_ptr_nonnull(strstr(mv_buf_cstr(&text), "sealer 1 says it found: a.example; dmarc=pass  header.from=x"));
    mv_buf_free(&text);
    end(&run);
}
END_TEST

START_TEST(called_out_of_order)
{
    struct run run;

    begin(&run);
    ck_assert_int_eq(mv_arc_verifier_run(run.verifier, run.memo, NULL), MV_ERR_USAGE);
    ck_assert_int_eq(mv_arc_verifier_result(run.verifier)->code, MV_ARC_NONE);
    mv_arc_verifier_prefetch(run.verifier, run.memo);
    end(&run);
    mv_arc_verifier_free(&run.verifier);
}
END_TEST

/* Every arena limit ends in MV_ERR_MEMORY or in the right result, never in another one. */
START_TEST(little_memory)
{
    static const struct arc_test_set sets[2] = {{.domain = NULL}, {.domain = NULL}};
    struct run run;

    seal_all(sets, 2);
    begin(&run); /* what is fed from an arena of its own */
    for (size_t limit = 0; limit < 200 * 1024; limit += 4 * 1024) {
        struct mv_reader *reader = mv_reader_new(run.arena);
        struct mv_memo *memo = mv_memo_new(run.arena);
        struct mv_arena *arena = mv_arena_new(limit);
        struct mv_dkim_bodies *bodies = mv_dkim_bodies_new(arena);
        struct mv_arc_verifier *verifier = bodies == NULL ? NULL : mv_arc_verifier_new(arena, bodies);
        enum mv_code code = MV_ERR_MEMORY;
        const struct mv_field *fields;
        struct mv_bytes body;
        size_t count;

        ck_assert_int_eq(mv_reader_feed(reader, mv_buf_bytes(&message), &body), MV_OK);
        fields = mv_reader_fields(reader, &count);
        answer(memo, &(struct mv_dns_question){MV_BYTES("sel._domainkey.example.net"), MV_DNS_TXT}, NULL);
        if (verifier != NULL)
            code = mv_arc_verifier_header(verifier, &run.options, fields, count);
        if (code == MV_OK) {
            mv_dkim_bodies_feed(bodies, body);
            code = mv_dkim_bodies_end(bodies);
        }
        if (code == MV_OK)
            code = mv_arc_verifier_run(verifier, memo, NULL);
        ck_assert(code == MV_ERR_MEMORY || (code == MV_OK && mv_arc_verifier_result(verifier)->code == MV_ARC_PASS));
        mv_arc_verifier_free(&verifier);
        mv_dkim_bodies_free(&bodies);
        mv_arena_free(&arena);
    }
    end(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arc_verify");
    TCase *tcase = tcase_create("arc_verify");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, right, 0, sizeof passes / sizeof passes[0]);
    tcase_add_loop_test(tcase, wrong, 0, sizeof edits / sizeof edits[0]);
    tcase_add_loop_test(tcase, keys, 0, sizeof key_rows / sizeof key_rows[0]);
    tcase_add_loop_test(tcase, oldest_pass, 0, 3);
    tcase_add_loop_test(tcase, fifty_sets, 0, 2);
    tcase_add_test(tcase, without_a_chain);
    tcase_add_test(tcase, ended);
    tcase_add_test(tcase, hops);
    tcase_add_test(tcase, options);
    tcase_add_test(tcase, explained);
    tcase_add_test(tcase, called_out_of_order);
    tcase_add_test(tcase, little_memory);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
