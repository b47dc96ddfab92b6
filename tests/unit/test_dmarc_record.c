#include "core/dmarc/record.h"

#include <string.h>

#include "core/dmarc/uri.h"
#include "tests/unit/unit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* RFC 9989 4.5, 4.7, 4.8: each text is no DMARC record at all. */
static const struct {
    const char *name;
    const char *text;
} refused[] = {
    {"empty", ""},
    {"only the tag name", "v"},
    {"no value", "v="},
    {"no value, then a tag", "v=; p=reject"},
    {"version in lower case", "v=dmarc1; p=reject"},
    {"version in mixed case", "v=Dmarc1; p=reject"},
    {"version 2", "v=DMARC2; p=reject"},
    {"version 10", "v=DMARC10; p=reject"},
    {"longer version", "v=DMARC1.0; p=reject"},
    {"version cut short", "v=DMARC"},
    {"semicolon missing", "v=DMARC1 p=reject"},
    {"comma for semicolon", "v=DMARC1, p=reject"},
    {"colon for semicolon", "v=DMARC1: p=reject"},
    {"v is second", "p=reject; v=DMARC1"},
    {"v is last", "p=reject; rua=mailto:a@example.com; v=DMARC1"},
    {"leading space", " v=DMARC1; p=reject"},
    {"leading tab", "\tv=DMARC1; p=reject"},
    {"leading semicolon", ";v=DMARC1; p=reject"},
    {"leading text", "x v=DMARC1; p=reject"},
    {"byte order mark", "\xEF\xBB\xBFv=DMARC1; p=reject"},
    {"zero width space behind the version", "v=DMARC1\xE2\x80\x8B; p=reject"},
    {"quoted", "\"v=DMARC1; p=reject\""},
    {"quoted version", "v=\"DMARC1\"; p=reject"},
    {"another tag name", "version=DMARC1; p=reject"},
    {"vv", "vv=DMARC1; p=reject"},
    {"two equals signs", "v==DMARC1; p=reject"},
    {"spf", "v=spf1 -all"},
    {"dkim key", "v=DKIM1; p=AAAA"},
    {"escaped semicolon", "v=DMARC1\\; p=reject"},
    {"non-breaking space", "v=DMARC1\xC2\xA0; p=reject"},
};

/* What is left of a record after recovery tag by tag (4.8): as it prints, and the tags that were dropped. */
static const struct {
    const char *name;
    const char *text;
    const char *printed;
    const char *bad;
} recovered[] = {
    {"4.5 nothing but the version", "v=DMARC1", "v=DMARC1", ""},
    {"4.5 trailing semicolon", "v=DMARC1;", "v=DMARC1", ""},
    {"4.5 p", "v=DMARC1; p=reject", "v=DMARC1; p=reject", ""},
    {"4.5 trailing semicolon and space", "v=DMARC1; p=none; ", "v=DMARC1; p=none", ""},
    {"4.5 no white space", "v=DMARC1;p=quarantine;sp=none", "v=DMARC1; p=quarantine; sp=none", ""},
    {"4.5 white space everywhere", "v = DMARC1 ; p = reject ", "v=DMARC1; p=reject", ""},
    {"4.5 tabs", "v\t=\tDMARC1\t;\tp\t=\treject", "v=DMARC1; p=reject", ""},
    {"RFC 5234 2.3 tag names in capitals", "V=DMARC1; P=reject; SP=none", "v=DMARC1; p=reject; sp=none", ""},
    {"RFC 5234 2.3 words in capitals", "v=DMARC1;p=Reject;adkim=S;psd=Y;t=Y", "v=DMARC1; p=reject; psd=y; t=y; adkim=s", ""},
    {"4.7 p may come last", "v=DMARC1; rua=mailto:a@example.com; p=reject", "v=DMARC1; p=reject; rua=mailto:a@example.com", ""},
    {"4.7 all tags",
     "v=DMARC1; ruf=mailto:f@example.com; fo=1:d; aspf=s; adkim=s; t=y; psd=n; np=reject; sp=quarantine; p=none; "
     "rua=mailto:a@example.com",
     "v=DMARC1; p=none; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; fo=1:d; rua=mailto:a@example.com; "
     "ruf=mailto:f@example.com",
     ""},
    {"4.7 defaults written out", "v=DMARC1; p=none; psd=u; t=n; adkim=r; aspf=r", "v=DMARC1; p=none", ""},
    {"4.8 p unknown", "v=DMARC1; p=rejct", "v=DMARC1", "p"},
    {"4.8 p is a prefix", "v=DMARC1; p=rej", "v=DMARC1", "p"},
    {"4.8 p is longer", "v=DMARC1; p=rejected", "v=DMARC1", "p"},
    {"4.8 p of two words", "v=DMARC1; p=reject none", "v=DMARC1", "p"},
    {"4.8 p empty", "v=DMARC1; p=; sp=none", "v=DMARC1; sp=none", "p"},
    {"4.8 p quoted", "v=DMARC1; p=\"reject\"", "v=DMARC1", "p"},
    {"4.8 p with a NUL-like control", "v=DMARC1; p=reject\x01", "v=DMARC1", "p"},
    {"4.8 p in UTF-8", "v=DMARC1; p=r\xC3\xA9ject", "v=DMARC1", "p"},
    {"4.8 sp unknown", "v=DMARC1; p=reject; sp=bogus", "v=DMARC1; p=reject", "sp"},
    {"4.8 np unknown", "v=DMARC1; p=reject; np=bogus", "v=DMARC1; p=reject", "np"},
    {"4.8 psd unknown", "v=DMARC1; p=reject; psd=q", "v=DMARC1; p=reject", "psd"},
    {"4.8 psd a word", "v=DMARC1; p=reject; psd=yes", "v=DMARC1; p=reject", "psd"},
    {"4.8 psd empty", "v=DMARC1; p=reject; psd=", "v=DMARC1; p=reject", "psd"},
    {"4.8 t unknown", "v=DMARC1; p=reject; t=maybe", "v=DMARC1; p=reject", "t"},
    {"4.8 adkim a word", "v=DMARC1; p=reject; adkim=strict", "v=DMARC1; p=reject", "adkim"},
    {"4.8 aspf unknown", "v=DMARC1; p=reject; aspf=x", "v=DMARC1; p=reject", "aspf"},
    {"4.8 junk without an equals sign", "v=DMARC1; p=reject; junk", "v=DMARC1; p=reject", ""},
    {"4.8 junk before p", "v=DMARC1; junk; p=reject", "v=DMARC1; p=reject", ""},
    {"4.8 p without an equals sign", "v=DMARC1; p; sp=none", "v=DMARC1; sp=none", "p"},
    {"4.8 unknown tags", "v=DMARC1; x=1; p=reject; y-z=2; rf=afrf; ri=86400", "v=DMARC1; p=reject", ""},
    {"4.8 a tag name that p begins", "v=DMARC1; pp=reject; spx=none", "v=DMARC1", ""},
    {"4.8 empty items", "v=DMARC1;; p=reject;;; sp=none;;", "v=DMARC1; p=reject; sp=none", ""},
    {"4.8 semicolon missing between tags", "v=DMARC1; p=reject sp=none; np=none", "v=DMARC1; np=none", "p"},
    {"comma between tags", "v=DMARC1; p=reject, sp=none", "v=DMARC1", "p"},
    {"a second v", "v=DMARC1; v=DMARC1; p=reject", "v=DMARC1; p=reject", ""},
    {"a second v that differs", "v=DMARC1; p=reject; v=spf1", "v=DMARC1; p=reject", ""},
    {"p twice, the same", "v=DMARC1; p=reject; p=REJECT", "v=DMARC1; p=reject", ""},
    {"p twice, not the same", "v=DMARC1; p=reject; p=none", "v=DMARC1", "p"},
    {"p three times", "v=DMARC1; p=reject; p=none; p=reject", "v=DMARC1", "p"},
    {"p in two cases of the name", "v=DMARC1; p=reject; P=none", "v=DMARC1", "p"},
    {"p twice, the first not valid", "v=DMARC1; p=bogus; p=reject", "v=DMARC1", "p"},
    {"adkim twice, not the same", "v=DMARC1; p=none; adkim=s; adkim=r", "v=DMARC1; p=none", "adkim"},
    {"rua twice, not the same", "v=DMARC1; rua=mailto:a@example.com; rua=mailto:A@example.com", "v=DMARC1", "rua"},
    {"rua twice, the same", "v=DMARC1; rua=mailto:a@example.com; rua=mailto:a@example.com", "v=DMARC1; rua=mailto:a@example.com", ""},
    {"4.7 fo all", "v=DMARC1; fo=d:s:1", "v=DMARC1; fo=d:s:1", ""},
    {"4.7 fo in capitals", "v=DMARC1; fo=D", "v=DMARC1; fo=D", ""},
    {"4.7 fo with spaces", "v=DMARC1; fo=1 : d", "v=DMARC1; fo=1 : d", ""},
    {"4.7 fo 0 and 1", "v=DMARC1; fo=0:1", "v=DMARC1", "fo"},
    {"4.7 fo twice the same", "v=DMARC1; fo=d:d", "v=DMARC1", "fo"},
    {"4.7 fo unknown", "v=DMARC1; fo=z", "v=DMARC1", "fo"},
    {"4.7 fo with an empty item", "v=DMARC1; fo=1:", "v=DMARC1", "fo"},
    {"4.7 fo by commas", "v=DMARC1; fo=1,d", "v=DMARC1", "fo"},
    {"RFC 7489 pct", "v=DMARC1; p=reject; pct=20", "v=DMARC1; p=reject; pct=20", ""},
    {"RFC 7489 pct 0", "v=DMARC1; p=reject; pct=0", "v=DMARC1; p=reject; pct=0", ""},
    {"RFC 7489 pct too large", "v=DMARC1; p=reject; pct=101", "v=DMARC1; p=reject; pct=100", "pct"},
    {"RFC 7489 pct huge", "v=DMARC1; pct=99999999999999999999999", "v=DMARC1; pct=100", "pct"},
    {"RFC 7489 pct negative", "v=DMARC1; p=reject; pct=-1", "v=DMARC1; p=reject; pct=100", "pct"},
    {"RFC 7489 pct with a sign", "v=DMARC1; pct=50%", "v=DMARC1; pct=100", "pct"},
    {"4.6 two reports", "v=DMARC1; rua=mailto:a@example.com,mailto:b@example.net", "v=DMARC1; rua=mailto:a@example.com,mailto:b@example.net", ""},
    {"4.6 spaces in the list", "v=DMARC1; rua= mailto:a@example.com , mailto:b@example.net ", "v=DMARC1; rua=mailto:a@example.com,mailto:b@example.net", ""},
    {"4.8 size limits", "v=DMARC1; rua=mailto:a@example.com!10m,mailto:b@example.net!5", "v=DMARC1; rua=mailto:a@example.com,mailto:b@example.net", ""},
    {"4.8 one of three is none", "v=DMARC1; rua=mailto:a@example.com,b@example.net,mailto:c@example.org", "v=DMARC1; rua=mailto:a@example.com,mailto:c@example.org", "rua"},
    {"4.8 no URI at all", "v=DMARC1; p=bogus; rua=not a uri", "v=DMARC1", "p rua"},
    {"4.8 empty rua", "v=DMARC1; p=none; rua=", "v=DMARC1; p=none", "rua"},
    {"4.8 empty item in rua", "v=DMARC1; rua=mailto:a@example.com,", "v=DMARC1; rua=mailto:a@example.com", "rua"},
    {"4.8 CR and LF in rua", "v=DMARC1; p=none; rua=mailto:a@example.com\r\n,mailto:b@example.com", "v=DMARC1; p=none", "rua"},
    {"a final line end", "v=DMARC1; p=reject\r\n", "v=DMARC1; p=reject", ""},
    {"a line end behind the version", "v=DMARC1\n; p=reject", "v=DMARC1; p=reject", ""},
    {"a backslash before each semicolon but the first", "v=DMARC1; p=reject\\; sp=none", "v=DMARC1; sp=none", "p"},
};

static void list_bad_tags(const struct mv_dmarc_record *record, struct mv_buf *out)
{
    for (unsigned tag = 0; tag < MV_DMARC_TAG_COUNT; tag++)
        if ((record->bad_tags & 1U << tag) != 0)
            mv_buf_printf(out, "%s%s", out->len > 0 ? " " : "", mv_dmarc_tag_text(tag));
}

START_TEST(what_is_not_a_record)
{
    struct mv_dmarc_record record;

    for (size_t i = 0; i < COUNT(refused); i++)
        ck_assert_msg(!mv_dmarc_record_parse(mv_bytes_str(refused[i].text), &record), "%s", refused[i].name);
}
END_TEST

START_TEST(recovery_tag_by_tag)
{
    struct mv_dmarc_record record;
    struct mv_buf printed, bad;

    mv_buf_init(&printed, 4096);
    mv_buf_init(&bad, 4096);
    for (size_t i = 0; i < COUNT(recovered); i++) {
        mv_buf_reset(&printed);
        mv_buf_reset(&bad);
        ck_assert_msg(mv_dmarc_record_parse(mv_bytes_str(recovered[i].text), &record), "%s: refused", recovered[i].name);
        mv_dmarc_record_print(&record, &printed);
        list_bad_tags(&record, &bad);
        ck_assert_msg(strcmp(mv_buf_cstr(&printed), recovered[i].printed) == 0, "%s: printed \"%s\"", recovered[i].name,
                      mv_buf_cstr(&printed));
        ck_assert_msg(strcmp(mv_buf_cstr(&bad), recovered[i].bad) == 0, "%s: bad tags \"%s\"", recovered[i].name,
                      mv_buf_cstr(&bad));
    }
    mv_buf_free(&printed);
    mv_buf_free(&bad);
}
END_TEST

/* What is printed reads back as the same record. */
START_TEST(printing_round_trip)
{
    struct mv_dmarc_record record, again;
    struct mv_buf first, second;

    mv_buf_init(&first, 4096);
    mv_buf_init(&second, 4096);
    for (size_t i = 0; i < COUNT(recovered); i++) {
        mv_buf_reset(&first);
        mv_buf_reset(&second);
        mv_dmarc_record_parse(mv_bytes_str(recovered[i].text), &record);
        mv_dmarc_record_print(&record, &first);
        ck_assert_msg(mv_dmarc_record_parse(mv_buf_bytes(&first), &again), "%s", recovered[i].name);
        ck_assert_msg(again.bad_tags == 0, "%s: we printed a bad tag", recovered[i].name);
        mv_dmarc_record_print(&again, &second);
        ck_assert_msg(strcmp(mv_buf_cstr(&first), mv_buf_cstr(&second)) == 0, "%s", recovered[i].name);
    }
    mv_buf_free(&first);
    mv_buf_free(&second);
}
END_TEST

/* RFC 9989 4.10.1 tells a missing p, sp or np from one that is not valid. */
START_TEST(absent_is_not_invalid)
{
    struct mv_dmarc_record record;

    ck_assert(mv_dmarc_record_parse(MV_BYTES("v=DMARC1; sp=x; np=none"), &record));
    ck_assert_int_eq(record.p.state, MV_DMARC_TAG_ABSENT);
    ck_assert_int_eq(record.sp.state, MV_DMARC_TAG_INVALID);
    ck_assert_int_eq(record.np.state, MV_DMARC_TAG_VALID);
    ck_assert_int_eq(record.np.policy, MV_DMARC_P_NONE);
    ck_assert_int_eq(record.psd, MV_DMARC_PSD_UNKNOWN);
    ck_assert_uint_eq(record.pct, 100);
    ck_assert(!record.pct_present);
}
END_TEST

START_TEST(limits)
{
    struct mv_dmarc_record record;
    struct mv_buf text;

    mv_buf_init(&text, 2 * MV_DMARC_MAX_RECORD_BYTES);
    mv_buf_puts(&text, "v=DMARC1; p=reject; rua=mailto:a@example.com");
    for (size_t i = 1; i <= MV_DMARC_MAX_URIS; i++)
        mv_buf_printf(&text, ",mailto:a%zu@example.com", i);
    ck_assert(mv_dmarc_record_parse(mv_buf_bytes(&text), &record));
    ck_assert_uint_eq(record.rua_count, MV_DMARC_MAX_URIS);
    ck_assert_uint_eq(record.bad_tags, 1U << MV_DMARC_TAG_RUA);

    mv_buf_puts(&text, "; x=");
    while (text.len < MV_DMARC_MAX_RECORD_BYTES)
        mv_buf_putc(&text, 'x');
    ck_assert(mv_dmarc_record_parse(mv_buf_bytes(&text), &record));
    mv_buf_putc(&text, 'x');
    ck_assert_msg(!mv_dmarc_record_parse(mv_buf_bytes(&text), &record), "one byte too long");
    mv_buf_free(&text);
}
END_TEST

/* RFC 9989 4.6, 4.8; RFC 3986; RFC 6068; RFC 8616 6. uri NULL: refused. */
static const struct {
    const char *item;
    const char *uri;
} uris[] = {
    {"mailto:d@example.com", "mailto:d@example.com"},
    {"MAILTO:d@example.com", "MAILTO:d@example.com"},
    {"mailto:d+r@sub.example.com", "mailto:d+r@sub.example.com"},
    {"mailto:d%21x@example.com", "mailto:d%21x@example.com"},
    {"mailto:d@example.com?subject=x", "mailto:d@example.com?subject=x"},
    {"mailto:d@example.com!10m", "mailto:d@example.com"},
    {"mailto:d@example.com!10G", "mailto:d@example.com"},
    {"mailto:d@example.com!5", "mailto:d@example.com"},
    {"https://example.com/reports?a=b#c", "https://example.com/reports?a=b#c"},
    {"https://user:pw@[2001:db8::1]:8443/", "https://user:pw@[2001:db8::1]:8443/"},
    {"https://example.com", "https://example.com"},
    {"urn:uuid:f81d4fae", "urn:uuid:f81d4fae"},
    {"", NULL},
    {"!10m", NULL},
    {"d@example.com", NULL},
    {"example.com", NULL},
    {"mailto", NULL},
    {"mailto:", NULL},
    {"mailto:d", NULL},
    {"mailto:@example.com", NULL},
    {"mailto:d@", NULL},
    {"mailto:d@@example.com", NULL},
    {"mailto:d@e@example.com", NULL},
    {"mailto:d@example..com", NULL},
    {"mailto:d@.example.com", NULL},
    {"mailto:d@example.com.", NULL},
    {"mailto:d@[192.0.2.1]", NULL},
    {"mailto:d@exa%6dple.com", NULL},
    {"mailto:d@ex\xC3\xA4mple.com", NULL},
    {"mailto:\xC3\xA4@example.com", NULL},
    {"mailto://d@example.com", NULL},
    {"mailto:d @example.com", NULL},
    {"mailto:d@example.com!", NULL},
    {"mailto:d@example.com!m", NULL},
    {"mailto:d@example.com!10x", NULL},
    {"mailto:d@example.com!10mm", NULL},
    {"mailto:d@example.com!10!10", NULL},
    {"mailto:d!x@example.com", NULL},
    {"mailto:d%2@example.com", NULL},
    {"mailto:d%zz@example.com", NULL},
    {"mailto:<d@example.com>", NULL},
    {"mailto:\"d\"@example.com", NULL},
    {"1http://example.com", NULL},
    {":d@example.com", NULL},
    {"ht tp://example.com", NULL},
    {"https://", NULL},
    {"https:///x", NULL},
    {"https://exa mple.com/", NULL},
    {"https://[2001:db8::1/", NULL},
    {"https://example.com:port/", NULL},
    {"https://example.com/{x}", NULL},
    {"https://example.com/#a#b", NULL},
};

START_TEST(reporting_uris)
{
    for (size_t i = 0; i < COUNT(uris); i++) {
        struct mv_bytes uri = {NULL, 0};
        bool ok = mv_dmarc_uri_parse(mv_bytes_str(uris[i].item), &uri);

        ck_assert_msg(ok == (uris[i].uri != NULL), "%s", uris[i].item);
        ck_assert_msg(mv_bytes_equal(uri, mv_bytes_str(uris[i].uri)), "%s", uris[i].item);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_not_a_record, recovery_tag_by_tag, printing_round_trip, absent_is_not_invalid, limits, reporting_uris,
    };

    return unit_run("dmarc_record", tests, COUNT(tests));
}
