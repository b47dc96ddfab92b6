#include "core/dkim/signature.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static struct mv_arena *arena;

static void set_up(void)
{
    arena = mv_arena_new(4 * 1024 * 1024);
}

static void tear_down(void)
{
    mv_arena_free(&arena);
}

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
/* All that is required, and one more. */
#define USUAL "a=rsa-sha256; d=example.com; s=sel; h=From; " BH "; b=AAAA"
#define OK MV_DKIM_NONE

static const struct {
    const char *name;
    const char *value;
    enum mv_dkim_code code;
    const char *says;
} rows[] = {
    {"the least", "v=1; " USUAL, OK, NULL},
    {"final semicolon (3.2)", "v=1; " USUAL ";", OK, NULL},
    {"no spaces", "v=1;a=rsa-sha256;d=example.com;s=sel;h=From;" BH ";b=AAAA", OK, NULL},
    {"FWS everywhere (3.2)",
     "\r\n v \r\n\t= 1 ;\r\n a\t=\trsa-sha256 ; d = example.com;s= sel ;h=\r\n From ; " BH " ; b = AA\r\n AA ", OK,
     NULL},
    {"v= not first is fine here", USUAL "; v=1", OK, NULL},
    {"Ed25519 (RFC 8463 3)", "v=1; a=ed25519-sha256; d=example.com; s=sel; h=From; " BH "; b=AAAA", OK, NULL},
    {"SHA-1 goes on: it is policy, not syntax (RFC 8301 3.1)",
     "v=1; a=rsa-sha1; d=example.com; s=sel; h=From; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA", OK, NULL},
    {"unknown tags (3.2)", "v=1; x-y2_z=1; " USUAL, MV_DKIM_NEUTRAL, "name=value"},
    {"unknown tags with good names (3.2)", "v=1; zz=anything here; y_2=; " USUAL, OK, NULL},
    {"z= and r= are not looked at", "v=1; z=From:a@b|To:c; r=y; " USUAL, OK, NULL},
    {"all that is optional", "v=1; c=relaxed/simple; i=a@example.com; l=0; q=dns/txt; t=1; x=2; " USUAL, OK, NULL},

    {"nothing (3.2)", "", MV_DKIM_NEUTRAL, "no tag"},
    {"no list", "hello", MV_DKIM_NEUTRAL, "name=value"},
    {"two tags of one name (3.2)", "v=1; v=1; " USUAL, MV_DKIM_NEUTRAL, "two tags"},
    {"two unknown tags of one name (3.2)", "v=1; y=1; y=2; " USUAL, MV_DKIM_NEUTRAL, "two tags"},
    {"a control byte", "v=1; y=\x01; " USUAL, MV_DKIM_NEUTRAL, "forbidden byte"},
    {"an empty item", "v=1;; " USUAL, MV_DKIM_NEUTRAL, "name=value"},
    {"a tag without \"=\"", "v=1; y; " USUAL, MV_DKIM_NEUTRAL, "name=value"},

    {"no v= (6.1.1)", USUAL, MV_DKIM_PERMERROR, "v="},
    {"no a= (6.1.1)", "v=1; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_PERMERROR, "a="},
    {"no b= (6.1.1)", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; " BH, MV_DKIM_PERMERROR, "b="},
    {"no bh= (6.1.1)", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; b=AAAA", MV_DKIM_PERMERROR, "bh="},
    {"no d= (6.1.1)", "v=1; a=rsa-sha256; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_PERMERROR, "d="},
    {"no h= (6.1.1)", "v=1; a=rsa-sha256; d=example.com; s=sel; " BH "; b=AAAA", MV_DKIM_PERMERROR, "h="},
    {"no s= (6.1.1)", "v=1; a=rsa-sha256; d=example.com; h=From; " BH "; b=AAAA", MV_DKIM_PERMERROR, "s="},
    {"a tag in upper case is another tag (3.2)", "V=1; " USUAL, MV_DKIM_PERMERROR, "v="},

    {"v= empty", "v=; " USUAL, MV_DKIM_NEUTRAL, "v=1"},
    {"v=0.5", "v=0.5; " USUAL, MV_DKIM_NEUTRAL, "v=1"},
    {"v=2", "v=2; " USUAL, MV_DKIM_NEUTRAL, "v=1"},
    {"v=01", "v=01; " USUAL, MV_DKIM_NEUTRAL, "v=1"},
    {"v=1.0", "v=1.0; " USUAL, MV_DKIM_NEUTRAL, "v=1"},

    {"a= empty", "v=1; a=; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "a="},
    {"a=rsa", "v=1; a=rsa; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "a="},
    {"a=rsa-sha512", "v=1; a=rsa-sha512; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "a="},
    {"a=ed25519-sha1", "v=1; a=ed25519-sha1; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "a="},
    {"a= in upper case (3.2)", "v=1; a=RSA-SHA256; d=example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL,
     "a="},

    {"c=relaxed", "v=1; c=relaxed; " USUAL, OK, NULL},
    {"c= empty", "v=1; c=; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c=nowsp", "v=1; c=nowsp; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c=relaxed/", "v=1; c=relaxed/; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c=/relaxed", "v=1; c=/relaxed; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c=relaxed/nofws", "v=1; c=relaxed/nofws; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c=relaxed/relaxed/simple", "v=1; c=relaxed/relaxed/simple; " USUAL, MV_DKIM_NEUTRAL, "c="},
    {"c= with a space inside", "v=1; c=relaxed /relaxed; " USUAL, MV_DKIM_NEUTRAL, "c="},

    {"q= with an unknown method first (3.5)", "v=1; q=http/get : dns/txt; " USUAL, OK, NULL},
    {"q= unknown alone (3.5)", "v=1; q=http/get; " USUAL, MV_DKIM_NEUTRAL, "q="},
    {"q=dns", "v=1; q=dns; " USUAL, MV_DKIM_NEUTRAL, "q="},
    {"q= empty", "v=1; q=; " USUAL, MV_DKIM_NEUTRAL, "q="},

    {"d= of one label", "v=1; a=rsa-sha256; d=com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= empty", "v=1; a=rsa-sha256; d=; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= with an empty label", "v=1; a=rsa-sha256; d=a..com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= with a space", "v=1; a=rsa-sha256; d=exa mple.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= with an address", "v=1; a=rsa-sha256; d=a@example.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= with a comment", "v=1; a=rsa-sha256; d=example.com(x); s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"d= two domains", "v=1; a=rsa-sha256; d=example.com:a.com; s=sel; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "d="},
    {"s= empty", "v=1; a=rsa-sha256; d=example.com; s=; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "s="},
    {"s= with a slash", "v=1; a=rsa-sha256; d=example.com; s=a/b; h=From; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "s="},
    {"s= of several labels (3.1)", "v=1; a=rsa-sha256; d=example.com; s=a.b_c.d-e; h=From; " BH "; b=AAAA", OK, NULL},

    {"h= in lower case (3.5)", "v=1; a=rsa-sha256; d=example.com; s=s; h=to:from; " BH "; b=AAAA", OK, NULL},
    {"h= with names twice (5.4.2)", "v=1; a=rsa-sha256; d=example.com; s=s; h=From:From:To:To; " BH "; b=AAAA", OK,
     NULL},
    {"h= folded", "v=1; a=rsa-sha256; d=example.com; s=s; h=To :\r\n\t From : Cc; " BH "; b=AAAA", OK, NULL},
    {"h= empty", "v=1; a=rsa-sha256; d=example.com; s=s; h=; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "h="},
    {"h= with an empty name", "v=1; a=rsa-sha256; d=example.com; s=s; h=From::To; " BH "; b=AAAA", MV_DKIM_NEUTRAL,
     "h="},
    {"h= ends in a colon", "v=1; a=rsa-sha256; d=example.com; s=s; h=From:; " BH "; b=AAAA", MV_DKIM_NEUTRAL, "h="},
    {"h= with a space in a name", "v=1; a=rsa-sha256; d=example.com; s=s; h=From:Re ply; " BH "; b=AAAA",
     MV_DKIM_NEUTRAL, "h="},
    {"h= without From (6.1.1)", "v=1; a=rsa-sha256; d=example.com; s=s; h=To:Subject; " BH "; b=AAAA",
     MV_DKIM_PERMERROR, "From"},
    {"h= with a name that begins with From", "v=1; a=rsa-sha256; d=example.com; s=s; h=From-Address; " BH "; b=AAAA",
     MV_DKIM_PERMERROR, "From"},
    {"h= with a beginning of From", "v=1; a=rsa-sha256; d=example.com; s=s; h=Fro; " BH "; b=AAAA", MV_DKIM_PERMERROR,
     "From"},

    {"i= equals d=", "v=1; i=a@example.com; " USUAL, OK, NULL},
    {"i= below d=", "v=1; i=a@b.EXAMPLE.com; " USUAL, OK, NULL},
    {"i= without local part", "v=1; i=@example.com; " USUAL, OK, NULL},
    {"i= with an encoded local part (2.11)", "v=1; i=a=3Db=40c@example.com; " USUAL, OK, NULL},
    {"i= with two @: the last counts", "v=1; i=a@other.example@example.com; " USUAL, OK, NULL},
    {"i= folded", "v=1; i=a@\r\n example.com; " USUAL, OK, NULL},
    {"i= above d= (6.1.1)", "v=1; i=a@com; " USUAL, MV_DKIM_PERMERROR, "i="},
    {"i= beside d= (6.1.1)", "v=1; i=a@example.net; " USUAL, MV_DKIM_PERMERROR, "i="},
    {"i= only ends in d= (6.1.1)", "v=1; i=a@badexample.com; " USUAL, MV_DKIM_PERMERROR, "i="},
    {"i= without @", "v=1; i=example.com; " USUAL, MV_DKIM_NEUTRAL, "i="},
    {"i= empty", "v=1; i=; " USUAL, MV_DKIM_NEUTRAL, "i="},
    {"i= without domain", "v=1; i=a@; " USUAL, MV_DKIM_NEUTRAL, "i="},

    {"l= of 76 digits", "v=1; l=0000000000000000000000000000000000000000000000000000000000000000000000000012; " USUAL,
     OK, NULL},
    {"l= of 77 digits", "v=1; l=00000000000000000000000000000000000000000000000000000000000000000000000000012; " USUAL,
     MV_DKIM_NEUTRAL, "l="},
    {"l= empty", "v=1; l=; " USUAL, MV_DKIM_NEUTRAL, "l="},
    {"l= negative", "v=1; l=-1; " USUAL, MV_DKIM_NEUTRAL, "l="},
    {"l= hexadecimal", "v=1; l=0x10; " USUAL, MV_DKIM_NEUTRAL, "l="},
    {"l= with a space inside", "v=1; l=1 0; " USUAL, MV_DKIM_NEUTRAL, "l="},

    {"t= of 12 digits", "v=1; t=999999999999; " USUAL, OK, NULL},
    {"t= of 13 digits", "v=1; t=0000000000001; " USUAL, MV_DKIM_NEUTRAL, "t="},
    {"t= empty", "v=1; t=; " USUAL, MV_DKIM_NEUTRAL, "t="},
    {"t= with a fraction", "v=1; t=1.5; " USUAL, MV_DKIM_NEUTRAL, "t="},
    {"x= without t=", "v=1; x=1; " USUAL, OK, NULL},
    {"x= one after t=", "v=1; t=5; x=6; " USUAL, OK, NULL},
    {"x= equals t= (3.5)", "v=1; t=5; x=5; " USUAL, MV_DKIM_NEUTRAL, "x="},
    {"x= before t= (3.5)", "v=1; t=5; x=4; " USUAL, MV_DKIM_NEUTRAL, "x="},
    {"x= of 13 digits", "v=1; x=9999999999999; " USUAL, MV_DKIM_NEUTRAL, "x="},
    {"x= is a word", "v=1; x=never; " USUAL, MV_DKIM_NEUTRAL, "x="},

    {"bh= empty", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh=; b=AAAA", MV_DKIM_NEUTRAL, "bh="},
    {"bh= is not base64", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh=A*==; b=AAAA", MV_DKIM_NEUTRAL, "bh="},
    {"bh= without padding", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh=AA; b=AAAA", MV_DKIM_NEUTRAL, "bh="},
    {"bh= longer than any hash",
     "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; b=AAAA; "
     "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
     MV_DKIM_NEUTRAL, "bh="},
    {"b= empty", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; " BH "; b=", MV_DKIM_NEUTRAL, "b="},
    {"b= is not base64", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; " BH "; b=AA-A", MV_DKIM_NEUTRAL, "b="},
    {"b= with padding inside", "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; " BH "; b=AA==AAAA", MV_DKIM_NEUTRAL,
     "b="},
};

static enum mv_code parse(const char *value, struct mv_dkim_signature *signature, struct mv_dkim_result *result)
{
    struct mv_field field = {.value = mv_bytes_str(value)};

    return mv_dkim_signature_parse(arena, &field, signature, result);
}

START_TEST(parse_rows)
{
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;
    enum mv_code code = parse(rows[_i].value, &signature, &result);

    ck_assert_msg(result.code == rows[_i].code, "%s: %s, %s", rows[_i].name, mv_dkim_code_text(result.code),
                  result.reason);
    ck_assert_msg(code == (rows[_i].code == OK ? MV_OK : MV_ERR_SYNTAX), "%s: %d", rows[_i].name, code);
    if (code == MV_OK)
        return;
    ck_assert_msg(strstr(result.reason, rows[_i].says) != NULL, "%s: %s", rows[_i].name, result.reason);
    ck_assert_msg(strncmp(result.section, "RFC ", 4) == 0, "%s: %s", rows[_i].name, result.section);
}
END_TEST

static void assert_text(struct mv_bytes b, const char *expected)
{
    ck_assert_msg(mv_bytes_equal(b, mv_bytes_str(expected)), "\"%.*s\" is not \"%s\"", (int)b.len, (const char *)b.data,
                  expected);
}

START_TEST(what_was_read)
{
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;

    ck_assert_int_eq(
        parse(
            "v=1; a=ed25519-sha256; c=relaxed; d=Example.COM.; s=Sel.A; h= From :to: FROM; i=J=20D@\r\n M.example.com;"
            " l=12; t=3; x=4; " BH "; b= AA\r\n AA\t",
            &signature, &result),
        MV_OK);
    ck_assert_int_eq(signature.key_type, MV_KEY_ED25519);
    ck_assert(!signature.sha1);
    assert_text(signature.algorithm, "ed25519-sha256");
    ck_assert_int_eq(signature.header_canon, MV_CANON_RELAXED);
    ck_assert_int_eq(signature.body_canon, MV_CANON_SIMPLE); /* 3.5 c= */
    assert_text(signature.sdid, "example.com");
    assert_text(signature.selector, "sel.a");
    assert_text(signature.auid, "J=20D@M.example.com");
    assert_text(signature.auid_domain, "m.example.com");
    ck_assert_uint_eq(signature.name_count, 3);
    assert_text(signature.names[0], "From");
    assert_text(signature.names[1], "to");
    assert_text(signature.names[2], "FROM");
    ck_assert_uint_eq(signature.body_hash.len, 32);
    assert_text(signature.value_text, "AAAA");
    ck_assert_uint_eq(signature.value.len, 3);
    ck_assert_uint_eq(signature.body_length, 12);
    ck_assert_uint_eq(signature.created_secs, 3);
    ck_assert_uint_eq(signature.expires_secs, 4);
}
END_TEST

START_TEST(what_was_not_there)
{
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;

    ck_assert_int_eq(parse("v=1; " USUAL, &signature, &result), MV_OK);
    ck_assert_int_eq(signature.header_canon, MV_CANON_SIMPLE);
    ck_assert_int_eq(signature.body_canon, MV_CANON_SIMPLE);
    ck_assert_uint_eq(signature.auid.len, 0);
    assert_text(signature.auid_domain, "example.com");
    ck_assert(signature.body_length == MV_DKIM_NO_LENGTH);
    ck_assert_uint_eq(signature.created_secs, 0);
    ck_assert_uint_eq(signature.expires_secs, 0);
    ck_assert_int_eq(parse("v=1; l=99999999999999999999999999; x=0; " USUAL, &signature, &result), MV_OK);
    ck_assert(signature.body_length == MV_DKIM_NO_LENGTH - 1);
    ck_assert_uint_eq(signature.expires_secs, 1);
}
END_TEST

/* RFC 8616 5 */
START_TEST(u_labels)
{
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;

    ck_assert_int_eq(parse("v=1; i=\xc3\xa4@m.b\xc3\xbc"
                           "cher.example; a=rsa-sha256; d=b\xc3\xbc"
                           "cher.example; s=\xc3\xa9t\xc3\xa9; h=From; " BH "; b=AAAA",
                           &signature, &result),
                     MV_OK);
    assert_text(signature.sdid, "xn--bcher-kva.example");
    assert_text(signature.selector, "xn--t-9fab");
    assert_text(signature.auid_domain, "m.xn--bcher-kva.example");
}
END_TEST

/* A report names a signature also when it does not parse. */
START_TEST(unreadable_but_named)
{
    static const char *const values[] = {
        "v=1; d=example.com; s=sel; a=rsa-md5; h=From; " BH "; b=AB CD",
        "v=1; v=1; a=rsa-md5; d=example.com; d=example.net; s=sel; h=From; " BH "; b=ABCD",
        "a=rsa-md5; ;;\x01; s=sel; b=ABCD; d=example.com",
    };
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;

    ck_assert_int_eq(parse(values[_i], &signature, &result), MV_ERR_SYNTAX);
    assert_text(signature.sdid, "example.com");
    assert_text(signature.selector, "sel");
    assert_text(signature.algorithm, "rsa-md5");
    assert_text(signature.value_text, "ABCD");
}
END_TEST

START_TEST(limits)
{
    struct mv_dkim_signature signature;
    struct mv_dkim_result result;
    struct mv_buf value;

    mv_buf_init(&value, 100000);
    mv_buf_puts(&value, "v=1; a=rsa-sha256; d=example.com; s=s; " BH "; b=AAAA; h=From");
    for (int i = 1; i < MV_DKIM_MAX_SIGNED_NAMES; i++)
        mv_buf_puts(&value, ":To");
    ck_assert_int_eq(parse(mv_buf_cstr(&value), &signature, &result), MV_OK);
    ck_assert_uint_eq(signature.name_count, MV_DKIM_MAX_SIGNED_NAMES);
    mv_buf_puts(&value, ":To");
    ck_assert_int_eq(parse(mv_buf_cstr(&value), &signature, &result), MV_ERR_SYNTAX);
    ck_assert_int_eq(result.code, MV_DKIM_NEUTRAL);

    mv_buf_reset(&value); /* b= of an RSA key of 8192 bits, then one octet more */
    mv_buf_puts(&value, "v=1; a=rsa-sha256; d=example.com; s=s; " BH "; h=From; b=");
    for (int i = 0; i < 341; i++)
        mv_buf_puts(&value, "AAAA");
    mv_buf_puts(&value, "AA==");
    ck_assert_int_eq(parse(mv_buf_cstr(&value), &signature, &result), MV_OK);
    ck_assert_uint_eq(signature.value.len, MV_DKIM_MAX_B_OCTETS);
    mv_buf_truncate(&value, value.len - 4);
    mv_buf_puts(&value, "AAA=");
    ck_assert_int_eq(parse(mv_buf_cstr(&value), &signature, &result), MV_ERR_SYNTAX);
    ck_assert_int_eq(result.code, MV_DKIM_NEUTRAL);

    while (value.len <= MV_DKIM_MAX_SIGNATURE_BYTES)
        mv_buf_puts(&value, "AAAA");
    ck_assert_int_eq(parse(mv_buf_cstr(&value), &signature, &result), MV_ERR_SYNTAX);
    ck_assert_msg(strstr(result.reason, "16 KiB") != NULL, "%s", result.reason);
    mv_buf_free(&value);
}
END_TEST

/* RFC 6376 3.7 */
static const struct {
    const char *name;
    const char *raw;
    const char *simple;
    const char *relaxed;
} fields[] = {
    {"b= last", "DKIM-Signature: v=1; b=AAAA\r\n", "DKIM-Signature: v=1; b=", "dkim-signature:v=1; b="},
    {"b= last, folded", "DKIM-Signature: v=1;\r\n b=AA\r\n AA\r\n ;\r\n", "DKIM-Signature: v=1;\r\n b=;",
     "dkim-signature:v=1; b=;"},
    {"b= first", "dkim-signature:b= AAAA ;v=1\r\n", "dkim-signature:b=;v=1", "dkim-signature:b=;v=1"},
    {"space before =", "X: b\t = AAAA; v=1\r\n", "X: b\t =; v=1", "x:b =; v=1"},
    {"bh= stays", "X: bh=AAAA; b=BBBB; xb=CCCC\r\n", "X: bh=AAAA; b=; xb=CCCC", "x:bh=AAAA; b=; xb=CCCC"},
    {"b= empty", "X: v=1; b=; c=d\r\n", "X: v=1; b=; c=d", "x:v=1; b=; c=d"},
    {"no b=", "X: v=1\r\n", "X: v=1", "x:v=1"},
    {"B= is another tag", "X: B=AAAA; b=BBBB\r\n", "X: B=AAAA; b=", "x:B=AAAA; b="},
    {"white space at the end", "X: v=1; b=AAAA \t\r\n", "X: v=1; b=", "x:v=1; b="},
    {"white space before the colon", "X \t: v=1; b=AAAA\r\n", "X \t: v=1; b=", "x:v=1; b="},
};

START_TEST(without_b)
{
    struct mv_field field = mv_field_split(mv_bytes_str(fields[_i].raw));
    struct mv_buf out;

    mv_buf_init(&out, 1000);
    mv_buf_puts(&out, "before:");
    mv_dkim_signature_without_b(&field, MV_CANON_SIMPLE, &out);
    ck_assert_msg(strcmp(mv_buf_cstr(&out) + 7, fields[_i].simple) == 0, "%s: %s", fields[_i].name, mv_buf_cstr(&out));
    mv_buf_truncate(&out, 7);
    mv_dkim_signature_without_b(&field, MV_CANON_RELAXED, &out);
    ck_assert_msg(strcmp(mv_buf_cstr(&out) + 7, fields[_i].relaxed) == 0, "%s: %s", fields[_i].name, mv_buf_cstr(&out));
    mv_buf_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dkim_signature");
    TCase *tc = tcase_create("dkim_signature");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, parse_rows, 0, ROWS(rows));
    tcase_add_test(tc, what_was_read);
    tcase_add_test(tc, what_was_not_there);
    tcase_add_test(tc, u_labels);
    tcase_add_loop_test(tc, unreadable_but_named, 0, 3);
    tcase_add_test(tc, limits);
    tcase_add_loop_test(tc, without_b, 0, ROWS(fields));
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
