/* Aggregate reports: what is read of them, what is salvaged, what is refused (RFC 9990, RFC 7489 Appendix C). */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/report/aggregate.h"
#include "core/report/xml_names.h"
#include "tests/unit/unit.h"

#define MAX_TEXT_BYTES (64 * 1024 * 1024)

#define META(more) \
    "<report_metadata><org_name>Reporter</org_name><email>a@r.example</email><report_id>id1</report_id>" more \
    "<date_range><begin>1795305600</begin><end>1795391999</end></date_range></report_metadata>"
#define POLICY(more) "<policy_published><domain>example.com</domain><p>reject</p>" more "</policy_published>"
#define HEAD META("") POLICY("")
#define ROW(ip, count, evaluated) \
    "<row><source_ip>" ip "</source_ip><count>" count "</count><policy_evaluated>" evaluated \
    "</policy_evaluated></row>"
#define FAILED "<disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf>"
#define FROM(domain) "<identifiers><header_from>" domain "</header_from></identifiers>"
#define RECORD(row, from, auth) "<record>" row from "<auth_results>" auth "</auth_results></record>"
#define PLAIN RECORD(ROW("192.0.2.1", "5", FAILED), FROM("example.com"), "")
#define REPORT(body) "<?xml version=\"1.0\"?><feedback>" body "</feedback>"
#define ONE(record) REPORT(HEAD record)

/* One line for each record: "IP count disposition dkim/spf from|envelope_from|envelope_to [reasons] [dkim] [spf]" */
static enum mv_code put_record(void *to, const struct mv_aggregate_head *head, const struct mv_aggregate_record *r)
{
    struct mv_buf *out = to;

    (void)head;
    mv_ip_print(&r->source, out);
    mv_buf_printf(out, " %llu %s %s/%s %.*s", (unsigned long long)r->count,
                  mv_report_disposition_text(r->disposition), mv_report_aligned_text(r->dkim_aligned),
                  mv_report_aligned_text(r->spf_aligned), (int)r->header_from.len, r->header_from.data);
    if (r->has_envelope_from) {
        mv_buf_puts(out, "|");
        mv_buf_put(out, r->envelope_from);
    }
    if (r->envelope_to.len > 0) {
        mv_buf_puts(out, ">");
        mv_buf_put(out, r->envelope_to);
    }
    for (size_t i = 0; i < r->reason_count; i++) {
        mv_buf_printf(out, " !%s:", mv_report_override_text(r->reasons[i].type));
        mv_buf_put(out, r->reasons[i].comment);
    }
    for (size_t i = 0; i < r->dkim_count; i++) {
        mv_buf_printf(out, " dkim=%s:", mv_report_auth_text(r->dkim[i].result));
        mv_buf_put(out, r->dkim[i].domain);
        mv_buf_puts(out, "/");
        mv_buf_put(out, r->dkim[i].selector);
        mv_buf_put(out, r->dkim[i].human_result);
    }
    if (r->has_spf) {
        mv_buf_printf(out, " spf=%s:%s:", mv_report_auth_text(r->spf.result), mv_report_scope_text(r->spf.scope));
        mv_buf_put(out, r->spf.domain);
        mv_buf_put(out, r->spf.human_result);
    }
    mv_buf_putc(out, '\n');
    return MV_OK;
}

static enum mv_code put_head(void *to, const struct mv_aggregate_head *head)
{
    struct mv_buf *out = to;
    const struct mv_aggregate_policy *policy = &head->policy;
    const struct mv_bytes texts[] = {head->version, head->org_name, head->email, head->contact, head->report_id,
                                     head->error, head->generator, policy->domain, policy->fo, policy->pct};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        mv_buf_put(out, texts[i]);
        mv_buf_putc(out, '|');
    }
    mv_buf_printf(out, "%lld-%lld p=%s sp=%s np=%s %s%s %s %d\n", (long long)head->begin_secs,
                  (long long)head->end_secs, mv_report_policy_text(policy->p), mv_report_policy_text(policy->sp),
                  mv_report_policy_text(policy->np), mv_report_alignment_text(policy->adkim),
                  mv_report_alignment_text(policy->aspf), mv_report_discovery_text(policy->discovery),
                  (int)policy->testing);
    return MV_OK;
}

static enum mv_code no_head(void *to, const struct mv_aggregate_head *head)
{
    (void)to;
    (void)head;
    return MV_OK;
}

/* "N,N" and the notes: records, skipped, and each note that was made, by its number in the enumeration. */
static void put_totals(struct mv_buf *out, const struct mv_aggregate_totals *totals)
{
    mv_buf_printf(out, "%llu,%llu,%llu", (unsigned long long)totals->records, (unsigned long long)totals->skipped,
                  (unsigned long long)totals->messages);
    for (size_t i = 0; i < MV_NOTE_COUNT; i++)
        if (totals->notes[i].count > 0)
            mv_buf_printf(out, " %zu:%llu%s", i, (unsigned long long)totals->notes[i].count, totals->notes[i].element);
}

static enum mv_code read_report(struct mv_bytes xml, size_t step, bool with_head, struct mv_buf *out,
                                struct mv_error *error)
{
    struct mv_aggregate_sink sink = {with_head ? put_head : no_head, put_record, out};
    struct mv_aggregate *parser = mv_aggregate_new(&sink);
    enum mv_code code = MV_OK;

    ck_assert_ptr_nonnull(parser);
    mv_buf_reset(out);
    for (size_t at = 0; at < xml.len && code == MV_OK; at += step)
        code = mv_aggregate_feed(parser, mv_bytes_slice(xml, at, at + step), error);
    if (code == MV_OK)
        code = mv_aggregate_end(parser, error);
    put_totals(out, mv_aggregate_totals(parser));
    ck_assert(!mv_buf_failed(out));
    mv_aggregate_free(&parser);
    ck_assert_ptr_null(parser);
    return code;
}

#define XML_OF(attributes) "<?xml version=\"1.0\" " attributes "?>"
#define SAYING(declaration, comment) \
    declaration "<feedback>" HEAD \
    RECORD(ROW("192.0.2.1", "1", FAILED "<reason><type>other</type><comment>" comment "</comment></reason>"), \
           FROM("a.example"), "") "</feedback>"
#define TOLD "192.0.2.1 1 reject fail/fail a.example !other:"

static const struct {
    const char *name, *xml, *expect;
} good[] = {
    {"plain", ONE(PLAIN), "192.0.2.1 5 reject fail/fail example.com\n1,0,5"},
    {"null reverse-path and envelope_to (RFC 9990 3.1.1.10)",
     ONE(RECORD(ROW("2001:db8::1", "1", FAILED),
                "<identifiers><header_from>example.com</header_from><envelope_from/>"
                "<envelope_to>r.example</envelope_to></identifiers>", "")),
     "2001:db8::1 1 reject fail/fail example.com|>r.example\n1,0,1"},
    {"reason, dkim twice, spf (RFC 9990 3.1.1)",
     ONE(RECORD(ROW("192.0.2.1", "2",
                    "<disposition>none</disposition><dkim>fail</dkim><spf>fail</spf><reason><type>local_policy</type>"
                    "<comment lang=\"en\">arc=pass</comment></reason>"),
                FROM("example.com"),
                "<dkim><domain>A.example.</domain><selector>s1</selector><result>pass</result></dkim>"
                "<dkim><domain>b.example</domain><result>permerror</result><human_result>no key</human_result></dkim>"
                "<spf><domain>c.example</domain><scope>mfrom</scope><result>softfail</result></spf>")),
     "192.0.2.1 2 none fail/fail example.com !local_policy:arc=pass dkim=pass:a.example/s1 dkim=permerror:b.example/no key"
     " spf=softfail:mfrom:c.example\n1,0,2"},
    {"disposition pass (RFC 9990)",
     ONE(RECORD(ROW("192.0.2.1", "1", "<disposition>pass</disposition><dkim>pass</dkim><spf>fail</spf>"),
                FROM("example.com"), "")),
     "192.0.2.1 1 pass pass/fail example.com\n1,0,1"},
    {"words in capitals, white space",
     ONE(RECORD(ROW(" 192.0.2.1\n", "\t1 ", "<disposition> Reject </disposition><dkim>FAIL</dkim><spf>Pass</spf>"),
                FROM(" EXAMPLE.com. "), "<spf><domain>A.example</domain><result>HardFail</result></spf>")),
     "192.0.2.1 1 reject fail/pass example.com spf=fail::a.example\n1,0,1"},
    {"words of old (RFC 7489 Appendix C)",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED "<reason><type>forwarded</type></reason><reason><type>sampled_out</type>"
                                              "</reason>"), FROM("example.com"),
                "<dkim><domain>a.example</domain><result>unknown</result></dkim><spf><domain>a.example</domain>"
                "<result>error</result></spf>")),
     "192.0.2.1 1 reject fail/fail example.com !forwarded: !sampled_out: dkim=temperror:a.example/"
     " spf=permerror::a.example\n1,0,1"},
    {"whole addresses for domains",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED),
                "<identifiers><header_from>&lt;a@Example.com&gt;</header_from><envelope_from>b@c.example</envelope_from>"
                "</identifiers>", "")),
     "192.0.2.1 1 reject fail/fail example.com|c.example\n1,0,1"},
    {"identities", ONE(RECORD(ROW("192.0.2.1", "1", FAILED),
                              "<identities><header_from>a.example</header_from></identities>", "")),
     "192.0.2.1 1 reject fail/fail a.example\n1,0,1"},
    {"SPF of HELO beside MAIL FROM",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED), FROM("a.example"),
                "<spf><domain>h.example</domain><scope>helo</scope><result>pass</result></spf>"
                "<spf><domain>m.example</domain><scope>mfrom</scope><result>fail</result></spf>")),
     "192.0.2.1 1 reject fail/fail a.example spf=fail:mfrom:m.example\n1,0,1 8:1spf"},
    {"the first SPF counts",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED), FROM("a.example"),
                "<spf><domain>m.example</domain><result>pass</result></spf>"
                "<spf><domain>h.example</domain><scope>helo</scope><result>fail</result></spf>")),
     "192.0.2.1 1 reject fail/fail a.example spf=pass::m.example\n1,0,1 8:1spf"},
    {"extensions of other namespaces (RFC 9990 5)",
     REPORT(META("") POLICY("") "<extension><x:a xmlns:x=\"urn:x\"><x:record/></x:a></extension>"
            "<record xmlns:y=\"urn:y\">" ROW("192.0.2.1", "1", FAILED) FROM("a.example") "<auth_results/>"
            "<y:row><y:count>9</y:count></y:row><row xmlns=\"urn:z\"><count>9</count></row></record>"),
     "192.0.2.1 1 reject fail/fail a.example\n1,0,1"},
    {"prefix for everything",
     "<d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\"><d:report_metadata><d:org_name>R</d:org_name>"
     "<d:report_id>1</d:report_id><d:date_range><d:begin>1</d:begin><d:end>2</d:end></d:date_range>"
     "</d:report_metadata><d:policy_published><d:domain>a.example</d:domain></d:policy_published><d:record><d:row>"
     "<d:source_ip>192.0.2.1</d:source_ip><d:count>1</d:count><count>7</count></d:row></d:record></d:feedback>",
     "192.0.2.1 1  / a.example\n1,0,1 1:2header_from"},
    {"namespace of 2012, byte order mark",
     "\xef\xbb\xbf<feedback xmlns=\"http://dmarc.org/dmarc-xml/0.1\">" HEAD PLAIN "</feedback>",
     "192.0.2.1 5 reject fail/fail example.com\n1,0,5"},
    {"white space before the XML declaration", "\r\n  " ONE(PLAIN), "192.0.2.1 5 reject fail/fail example.com\n1,0,5"},
    {"policy before metadata", REPORT(POLICY("") META("") PLAIN),
     "192.0.2.1 5 reject fail/fail example.com\n1,0,5"},
    {"the five entities, CDATA, characters by number",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED "<reason><type>other</type><comment>&lt;&amp;&#x41;<![CDATA[<b>]]>"
                                             "</comment></reason>"), FROM("a.example"), "")),
     "192.0.2.1 1 reject fail/fail a.example !other:<&A<b>\n1,0,1"},
    {"an arrow in a text, a gap in a comment",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED "<reason><type>other</type> \n <!-- a> <b --><comment> a -> b >  c&gt; "
                                             "</comment></reason>\n"), FROM("a.example"), "")),
     "192.0.2.1 1 reject fail/fail a.example !other:a -> b >  c>\n1,0,1"},
    /* Salvaged */
    {"no record at all", REPORT(HEAD), "0,0,0 11:1record"},
    {"no source address", ONE(RECORD("<row><count>1</count></row>", FROM("a.example"), "") PLAIN),
     "192.0.2.1 5 reject fail/fail example.com\n1,1,5 0:1record"},
    {"source address is a name", ONE(RECORD(ROW("mail.example", "1", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 2:1source_ip 11:1record"},
    {"no count", ONE(RECORD("<row><source_ip>192.0.2.1</source_ip></row>", FROM("a.example"), "")),
     "0,1,0 0:1record 11:1record"},
    {"count of nothing", ONE(RECORD(ROW("192.0.2.1", "0", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 11:1record"},
    {"negative count", ONE(RECORD(ROW("192.0.2.1", "-5", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 2:1count 11:1record"},
    {"count past all bounds", ONE(RECORD(ROW("192.0.2.1", "18446744073709551616", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 2:1count 11:1record"},
    {"count that overflows our limit", ONE(RECORD(ROW("192.0.2.1", "1000000000001", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 2:1count 11:1record"},
    {"count in words", ONE(RECORD(ROW("192.0.2.1", "five", FAILED), FROM("a.example"), "")),
     "0,1,0 0:1record 2:1count 11:1record"},
    {"two counts",
     ONE(RECORD("<row><source_ip>192.0.2.1</source_ip><count>3</count><count>900</count></row>", FROM("a.example"), "")),
     "192.0.2.1 3  / a.example\n1,0,3 1:1policy_evaluated 5:1count"},
    {"two rows", ONE("<record>" ROW("192.0.2.1", "1", FAILED) ROW("192.0.2.2", "7", FAILED) FROM("a.example")
                     "</record>"),
     "192.0.2.1 1 reject fail/fail a.example\n1,0,1 5:5source_ip"},
    {"no header_from", ONE(RECORD(ROW("192.0.2.1", "1", FAILED), "", "")),
     "192.0.2.1 1 reject fail/fail example.com\n1,0,1 1:1header_from"},
    {"unknown words",
     ONE(RECORD(ROW("192.0.2.1", "1", "<disposition>bounce</disposition><dkim>maybe</dkim><spf>fail</spf>"),
                FROM("a.example"), "<spf><domain>a.example</domain><result>so-so</result></spf>")),
     "192.0.2.1 1  /fail a.example spf=::a.example\n1,0,1 1:1policy_evaluated 3:3disposition"},
    {"unknown elements",
     ONE("<record>" ROW("192.0.2.1", "1", FAILED) FROM("a.example") "<bonus><count>9</count></bonus></record><end/>"),
     "192.0.2.1 1 reject fail/fail a.example\n1,0,1 4:2record"},
    {"an element within a value", ONE(RECORD(ROW("192.0.2.1", "1<b>2</b>3", FAILED), FROM("a.example"), "")),
     "192.0.2.1 13 reject fail/fail a.example\n1,0,13 4:1count"},
    {"metadata again behind the records", ONE(PLAIN META("")),
     "192.0.2.1 5 reject fail/fail example.com\n1,0,5"},
    {"bytes behind the end", ONE(PLAIN) "\n<feedback>", "192.0.2.1 5 reject fail/fail example.com\n1,0,5 10:1"},
    {"no UTF-8",
     ONE(RECORD(ROW("192.0.2.1", "1", FAILED "<reason><type>other</type><comment>a\xe9" "b\xc3\xa9\xf0\x9f\x98\x80\xed\xa0\x80"
                                             "</comment></reason>"), FROM("a.example"), "")),
     "192.0.2.1 1 reject fail/fail a.example !other:a?b\xc3\xa9\xf0\x9f\x98\x80???\n1,0,1 9:"},
    {"Latin-1, and says so (XML 1.0 4.3.3)", SAYING(XML_OF("encoding=\"ISO-8859-1\""), "caf\xe9 \xc3\xa9"),
     TOLD "caf\xc3\xa9 \xc3\x83\xc2\xa9\n1,0,1"},
    {"windows-1252", SAYING(XML_OF("encoding = 'Windows-1252' standalone='yes'"), "\x80\x93\x81\xff"),
     TOLD "\xe2\x82\xac\xe2\x80\x9c\xc2\x81\xc3\xbf\n1,0,1"},
    {"UTF-8 that says it is UTF-16", SAYING(XML_OF("encoding=\"utf-16\""), "\xc3\xa9"), TOLD "\xc3\xa9\n1,0,1"},
    {"an encoding that is not known", SAYING(XML_OF("encoding=\"KOI8-R\""), "a\xc1" "b"), TOLD "a?b\n1,0,1 9:"},
    {"no encoding", SAYING(XML_OF(""), "a\xe9"), TOLD "a?\n1,0,1 9:"},
    {"no declaration", SAYING("", "\xe9"), TOLD "?\n1,0,1 9:"},
    {"a byte order mark of UTF-8 before what says Latin-1",
     SAYING("\xef\xbb\xbf" XML_OF("encoding=\"latin1\""), "\xc3\xa9\xe9"), TOLD "\xc3\xa9?\n1,0,1 9:"},
    {"encoding in a comment", SAYING("<!-- <?xml encoding=\"ISO-8859-1\"?> -->", "\xe9"), TOLD "?\n1,0,1 9:"},
};

/* How often bytes were replaced depends on the split: the notes of a report with such bytes are not compared to their end. */
START_TEST(test_good)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 7};
    struct mv_error error;
    struct mv_buf out;

    mv_buf_init(&out, MAX_TEXT_BYTES);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            enum mv_code code = read_report(mv_bytes_str(good[i].xml), steps[k], false, &out, &error);
            bool same = strncmp(mv_buf_cstr(&out), good[i].expect, strlen(good[i].expect)) == 0;

            ck_assert_msg(code == MV_OK, "%s (%zu): refused: %s", good[i].name, steps[k], error.text);
            ck_assert_msg(same, "%s (%zu):\n%s\nexpected:\n%s", good[i].name, steps[k], mv_buf_cstr(&out),
                          good[i].expect);
        }
    }
    mv_buf_free(&out);
}
END_TEST

START_TEST(test_head)
{
    static const char xml[] =
        "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\"><version>1.0</version>"
        META("<extra_contact_info lang=\"en\">https://r.example/</extra_contact_info><error>two records</error>"
             "<generator>g/1</generator>")
        POLICY("<sp>quarantine</sp><np>Reject</np><adkim>s</adkim><aspf>relaxed</aspf><testing>y</testing><fo>1:d</fo>"
               "<pct>50</pct><discovery_method>treewalk</discovery_method>") PLAIN "</feedback>";
    struct mv_error error = {MV_OK, ""};
    struct mv_buf out;

    mv_buf_init(&out, MAX_TEXT_BYTES);
    ck_assert_int_eq(read_report(mv_bytes_str(xml), sizeof xml, true, &out, &error), MV_OK);
    ck_assert_str_eq(mv_buf_cstr(&out),
                     "1.0|Reporter|a@r.example|https://r.example/|id1|two records|g/1|example.com|1:d|50|"
                     "1795305600-1795391999 p=reject sp=quarantine np=reject sr treewalk 2\n"
                     "192.0.2.1 5 reject fail/fail example.com\n1,0,5");
    mv_buf_free(&out);
}
END_TEST

#define BILLION "<!DOCTYPE feedback [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>"

static const struct {
    const char *name, *xml;
    enum mv_code code;
    const char *says;
} bad[] = {
    {"nothing", "", MV_ERR_SYNTAX, "ends before its end"},
    {"white space", "  \n ", MV_ERR_SYNTAX, "ends before its end"},
    {"no XML", "hello", MV_ERR_SYNTAX, "line 1"},
    {"HTML", "<html><body/></html>", MV_ERR_SYNTAX, "no aggregate report"},
    {"other namespace", "<feedback xmlns=\"urn:other\">" HEAD PLAIN "</feedback>", MV_ERR_SYNTAX, "no aggregate report"},
    {"prefix of another namespace", "<x:feedback xmlns:x=\"urn:other\"/>", MV_ERR_SYNTAX, "no aggregate report"},
    {"JSON", "{\"organization-name\":\"x\"}", MV_ERR_SYNTAX, "line 1"},
    {"cut in a tag", "<feedback>" HEAD "<record><ro", MV_ERR_SYNTAX, "ends before its end"},
    {"cut in text", "<feedback>" HEAD PLAIN "<record><row><source_ip>192.0.2", MV_ERR_SYNTAX, "ends before its end"},
    {"cut before the end", "<feedback>" HEAD PLAIN, MV_ERR_SYNTAX, "ends before its end"},
    {"wrong end tag", ONE("<record></row>"), MV_ERR_SYNTAX, "mismatched tag"},
    {"two attributes of one name", "<feedback a=\"1\" a=\"2\">" HEAD "</feedback>", MV_ERR_SYNTAX, "duplicate attribute"},
    {"document type", "<!DOCTYPE feedback><feedback>" HEAD PLAIN "</feedback>", MV_ERR_SYNTAX, "document type"},
    {"entities", BILLION "<feedback>&b;" HEAD PLAIN "</feedback>", MV_ERR_SYNTAX, "document type"},
    {"external entity", "<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><feedback>&x;</feedback>",
     MV_ERR_SYNTAX, "document type"},
    {"external document type", "<!DOCTYPE feedback SYSTEM \"http://x.example/\"><feedback/>", MV_ERR_SYNTAX,
     "document type"},
    {"undeclared entity", ONE("&nbsp;"), MV_ERR_SYNTAX, "undefined entity"},
    {"control character", ONE("\x01"), MV_ERR_SYNTAX, "not well-formed"},
    {"control character by number", ONE("&#1;"), MV_ERR_SYNTAX, "invalid character"},
    {"UTF-16 of one letter", "\xff\xfe<", MV_ERR_SYNTAX, "ends before its end"},
    {"UTF-16 that is none", "\xfe\xff<feedback>", MV_ERR_SYNTAX, "line 1: not well-formed"},
    {"NUL in UTF-8", ONE(PLAIN "\x01"), MV_ERR_SYNTAX, "not well-formed"},
    {"record before the metadata", REPORT(PLAIN HEAD), MV_ERR_SYNTAX, "date_range"},
    {"no dates", REPORT("<report_metadata><org_name>R</org_name></report_metadata>" POLICY("") PLAIN), MV_ERR_SYNTAX,
     "date_range"},
    {"one date", REPORT("<report_metadata><date_range><begin>1</begin></date_range></report_metadata>" POLICY("")),
     MV_ERR_SYNTAX, "date_range"},
    {"dates in words", REPORT("<report_metadata><date_range><begin>today</begin><end>2</end></date_range>"
                              "</report_metadata>" POLICY("") PLAIN), MV_ERR_SYNTAX, "date_range"},
    {"end before begin", REPORT("<report_metadata><date_range><begin>3</begin><end>2</end></date_range>"
                                "</report_metadata>" POLICY("") PLAIN), MV_ERR_SYNTAX, "before it begins"},
    {"no policy", REPORT(META("") PLAIN), MV_ERR_SYNTAX, "policy_published"},
    {"empty policy domain", REPORT(META("") "<policy_published><domain> </domain></policy_published>" PLAIN),
     MV_ERR_SYNTAX, "policy_published"},
    {"dates in another element", REPORT("<date_range><begin>1</begin><end>2</end></date_range>" POLICY("") PLAIN),
     MV_ERR_SYNTAX, "date_range"},
    {"empty feedback", "<feedback/>", MV_ERR_SYNTAX, "date_range"},
    {"two XML declarations", "<?xml version=\"1.0\"?>" REPORT(HEAD), MV_ERR_SYNTAX, "XML or text declaration"},
};

/* White space between tags is not read, but the line of a fault counts it. */
START_TEST(test_lines)
{
    static const char *const ends[] = {"</row>", "\n\n  \n<a>\n</b>\n", "  > \n <x></y>", "\r\n\r\n&nope;", "\n<!-- -->\n</x>"};
    static const unsigned lines[] = {0, 4, 1, 2, 2};
    static const size_t steps[] = {SIZE_MAX / 2, 1, 7, 4096, 20000};
    struct mv_buf xml, out;

    mv_buf_init(&xml, 8 << 20);
    mv_buf_init(&out, 8 << 20);
    for (size_t i = 0; i < 5; i++)
        for (unsigned records = 0; records <= 1000; records += 500) {
            char says[40];

            mv_buf_reset(&xml);
            mv_buf_puts(&xml, "<feedback>\n\n" HEAD "\n");
            for (unsigned r = 0; r < records; r++)
                mv_buf_puts(&xml, "  <record>\r\n\t<row>\n<source_ip>192.0.2.1</source_ip>\n\n<count>\n1 </count></row>\n"
                                  "<identifiers><header_from>a.example</header_from></identifiers>  </record>\n");
            mv_buf_puts(&xml, ends[i]);
            snprintf(says, sizeof says, "line %u:", 1 + 3 + 7 * records + lines[i]);
            for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
                struct mv_error error = {MV_OK, ""};

                mv_buf_reset(&out);
                ck_assert_int_eq(read_report(mv_buf_bytes(&xml), steps[k], false, &out, &error), MV_ERR_SYNTAX);
                ck_assert_msg(strncmp(error.text, says, strlen(says)) == 0, "end %zu, %u records, step %zu: %s, not %s", i,
                              records, steps[k], error.text, says);
            }
        }
    mv_buf_free(&xml);
    mv_buf_free(&out);
}
END_TEST

START_TEST(test_bad)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 7};
    struct mv_buf out;

    mv_buf_init(&out, MAX_TEXT_BYTES);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            struct mv_error error = {MV_OK, ""};
            enum mv_code code = read_report(mv_bytes_str(bad[i].xml), steps[k], false, &out, &error);

            ck_assert_msg(code == bad[i].code && error.code == code, "%s (%zu): code %d", bad[i].name, steps[k], code);
            ck_assert_msg(strstr(error.text, bad[i].says) != NULL, "%s (%zu): says %s", bad[i].name, steps[k],
                          error.text);
        }
    }
    mv_buf_free(&out);
}
END_TEST

/* head, then text many times over, then tail. */
static void put_many(struct mv_buf *xml, const char *head, const char *text, size_t times, const char *tail)
{
    mv_buf_reset(xml);
    mv_buf_puts(xml, head);
    for (size_t i = 0; i < times; i++)
        mv_buf_puts(xml, text);
    mv_buf_puts(xml, tail);
    ck_assert(!mv_buf_failed(xml));
}

#define OPEN "<feedback>" HEAD "<record>" ROW("192.0.2.1", "1", FAILED)
#define DKIM_ONE "<dkim><domain>a.example</domain><selector>s</selector><result>pass</result></dkim>"

static const struct {
    const char *name, *head, *text;
    size_t times;
    const char *tail;
    enum mv_code code;
    const char *says; /* of the totals, or of the error */
} large[] = {
    {"30 elements deep", "<feedback>" HEAD, "<x>", 29, "", MV_ERR_SYNTAX, "ends before its end"},
    {"too deep", "<feedback>" HEAD, "<x>", 100000, "", MV_ERR_LIMIT, "32 elements"},
    {"endless tag", "<feedback ", "a=\"x\" ", 100000, "", MV_ERR_LIMIT, "256 KiB"},
    {"endless name", "<feedback><", "aaaaaaaaaa", 100000, "", MV_ERR_LIMIT, "256 KiB"},
    {"endless comment", "<feedback><!--", "aaaaaaaaaa", 100000, "", MV_ERR_LIMIT, "256 KiB"},
    {"endless attribute", "<feedback a=\"", "aaaaaaaaaa", 100000, "", MV_ERR_LIMIT, "256 KiB"},
    {"long text is cut", OPEN FROM("a.example") "<auth_results><spf><human_result>", "0123456789", 100000,
     "</human_result></spf></auth_results></record></feedback>", MV_OK, "1,0,1 6:1human_result"},
    {"long From domain: whose record is it?", OPEN "<identifiers><header_from>", "a.example.", 30,
     "</header_from></identifiers></record></feedback>", MV_OK, "0,1,0 0:1record 7:1header_from 11:1record"},
    {"253 bytes of domain and white space", OPEN "<identifiers><header_from>", "   \n", 1000,
     "a.example   \n </header_from></identifiers></record></feedback>", MV_OK, "1,0,1"},
    {"long envelope domain", OPEN "<identifiers><header_from>a.example</header_from><envelope_from>", "a.example.",
     26, "</envelope_from></identifiers></record></feedback>", MV_OK, "1,0,1 7:1envelope_from"},
    {"100 signatures", OPEN FROM("a.example") "<auth_results>", DKIM_ONE, 100,
     "</auth_results></record></feedback>", MV_OK, "pass:a.example/s\n1,0,1"},
    {"101 signatures", OPEN FROM("a.example") "<auth_results>", DKIM_ONE, 101,
     "</auth_results></record></feedback>", MV_OK, "pass:a.example/s\n1,0,1 8:1dkim"},
    {"100000 signatures", OPEN FROM("a.example") "<auth_results>", DKIM_ONE, 100000,
     "</auth_results></record></feedback>", MV_OK, "1,0,1 8:99900dkim"},
    {"11 reasons", "<feedback>" HEAD "<record><row><source_ip>192.0.2.1</source_ip><count>1</count><policy_evaluated>",
     "<reason><type>other</type></reason>", 11,
     "</policy_evaluated></row>" FROM("a.example") "</record></feedback>", MV_OK,
     "1,0,1 1:1policy_evaluated 8:1reason"},
    {"20000 records", "<feedback>" HEAD, PLAIN, 20000, "</feedback>", MV_OK, "20000,0,100000"},
    {"texts of one record past their limit", OPEN FROM("a.example") "<auth_results>",
     "<dkim><human_result>0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
     "</human_result><human_result>0</human_result></dkim>", 100,
     "<spf><result>pass</result></spf></auth_results></record></feedback>", MV_OK, "1,0,1 5:100human_result"},
};

START_TEST(test_limits)
{
    struct mv_buf xml, out;

    mv_buf_init(&xml, MAX_TEXT_BYTES);
    mv_buf_init(&out, MAX_TEXT_BYTES);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        struct mv_error error = {MV_OK, ""};
        const char *said;
        enum mv_code code;

        put_many(&xml, large[i].head, large[i].text, large[i].times, large[i].tail);
        code = read_report(mv_buf_bytes(&xml), 4096, false, &out, &error);
        said = code == MV_OK ? mv_buf_cstr(&out) : error.text;
        ck_assert_msg(code == large[i].code, "%s: code %d, %s", large[i].name, code, error.text);
        ck_assert_msg(strstr(said, large[i].says) != NULL, "%s: %.300s", large[i].name, said);
    }
    mv_buf_free(&xml);
    mv_buf_free(&out);
}
END_TEST

/* Text in UTF-16, as it stands in UTF-8 of at most three bytes, and a surrogate for each of its bytes 0x01 and 0x02. */
static void put_utf16(struct mv_bytes text, bool little, struct mv_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = text.data[i];

        if (c == 1 || c == 2)
            c = c == 1 ? 0xd83d : 0xde00;
        else if (c >= 0xe0)
            c = (c & 15) << 12 | (text.data[i + 1] & 63) << 6 | (text.data[i + 2] & 63), i += 2;
        else if (c >= 0xc0)
            c = (c & 31) << 6 | (text.data[i + 1] & 63), i++;
        mv_buf_putc(out, (unsigned char)(little ? c : c >> 8));
        mv_buf_putc(out, (unsigned char)(little ? c >> 8 : c));
    }
}

static const struct {
    const char *name, *xml, *expect;
    size_t cut; /* bytes of the end */
} wide[] = {
    {"plain", ONE(PLAIN), "192.0.2.1 5 reject fail/fail example.com\n1,0,5", 0},
    {"letters, a pair of surrogates", SAYING(XML_OF("encoding=\"UTF-16\""), "\xc3\xa9\xe2\x82\xac\x01\x02"),
     TOLD "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n1,0,1", 0},
    {"halves of pairs", SAYING("", "a\x01" "b\x02" "c\x01\x01\x02"), TOLD "a?b?c?\xf0\x9f\x98\x80\n1,0,1 9:", 0},
    {"cut", ONE(PLAIN), "", 40},
    {"cut in a letter", ONE(PLAIN), "", 1},
};

/* In both orders, with the mark and without it. */
START_TEST(test_utf16)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 7};
    struct mv_buf xml, out;

    mv_buf_init(&xml, 1 << 20);
    mv_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < 4 * (sizeof wide / sizeof *wide); i++) {
        bool little = i % 2 == 0, is_cut = wide[i / 4].cut > 0;

        mv_buf_reset(&xml);
        if (i % 4 < 2)
            put_utf16(MV_BYTES("\xef\xbb\xbf"), little, &xml);
        put_utf16(mv_bytes_str(wide[i / 4].xml), little, &xml);
        mv_buf_truncate(&xml, mv_buf_bytes(&xml).len - wide[i / 4].cut);
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            struct mv_error error = {MV_OK, ""};
            enum mv_code code = read_report(mv_buf_bytes(&xml), steps[k], false, &out, &error);

            ck_assert_msg(code == (is_cut ? MV_ERR_SYNTAX : MV_OK), "%s (%zu, %zu): %s", wide[i / 4].name, i % 4,
                          steps[k], error.text);
            ck_assert_msg(is_cut || strncmp(mv_buf_cstr(&out), wide[i / 4].expect, strlen(wide[i / 4].expect)) == 0,
                          "%s (%zu, %zu): %s", wide[i / 4].name, i % 4, steps[k], mv_buf_cstr(&out));
        }
    }
    mv_buf_free(&xml);
    mv_buf_free(&out);
}
END_TEST

static const struct {
    const char *name, *each; /* with one number in hexadecimal */
    unsigned times;
    enum mv_code code;
} foreign[] = {
    {"elements, as many as may be", "<a%x/>", MV_XML_MAX_NAMES - 2, MV_OK},
    {"elements", "<a%x/>", MV_XML_MAX_NAMES + 1, MV_ERR_LIMIT},
    {"elements within an extension", "<extension><x:b xmlns:x=\"u\"><a%x/></x:b></extension>", MV_XML_MAX_NAMES + 1,
     MV_ERR_LIMIT},
    {"attributes", "<a b%x=\"\"/>", MV_XML_MAX_NAMES + 1, MV_ERR_LIMIT},
    {"prefixes", "<a xmlns:b%x=\"\"/>", MV_XML_MAX_NAMES + 1, MV_ERR_LIMIT},
    {"attributes of what is known", "<version b%x=\"\"/>", MV_XML_MAX_NAMES + 1, MV_ERR_LIMIT},
    {"long names", "<a%0200x/>", MV_XML_MAX_NAME_BYTES / 200, MV_ERR_LIMIT},
    {"one name, very often", "<a b=\"%x\"/>", 100000, MV_OK},
};

/* What expat would keep, and so the memory. */
START_TEST(test_names)
{
    struct mv_buf xml, out;

    mv_buf_init(&xml, MAX_TEXT_BYTES);
    mv_buf_init(&out, MAX_TEXT_BYTES);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        struct mv_error error = {MV_OK, ""};
        enum mv_code code;

        mv_buf_reset(&xml);
        mv_buf_puts(&xml, "<feedback>" HEAD PLAIN);
        for (unsigned k = 0; k < foreign[i].times; k++) {
            char text[300];

            snprintf(text, sizeof text, foreign[i].each, k);
            mv_buf_puts(&xml, text);
        }
        mv_buf_puts(&xml, "</feedback>");
        code = read_report(mv_buf_bytes(&xml), 4096, false, &out, &error);
        ck_assert_msg(code == foreign[i].code, "%s: %d, %s", foreign[i].name, code, error.text);
        ck_assert_msg(code == MV_OK || strstr(error.text, "different names") != NULL, "%s: %s", foreign[i].name,
                      error.text);
    }
    mv_buf_free(&xml);
    mv_buf_free(&out);
}
END_TEST

static enum mv_code refuse_head(void *to, const struct mv_aggregate_head *head)
{
    (void)to;
    (void)head;
    return MV_ERR_USAGE;
}

static enum mv_code refuse_record(void *to, const struct mv_aggregate_head *head,
                                  const struct mv_aggregate_record *record)
{
    (void)head;
    (void)record;
    ++*(int *)to;
    return MV_ERR_IO;
}

/* The sink's word is the last. */
START_TEST(test_sink)
{
    static const char xml[] = ONE(PLAIN PLAIN);
    struct mv_error error = {MV_OK, ""};
    int records = 0;
    struct mv_aggregate_sink sinks[] = {{refuse_head, refuse_record, &records}, {no_head, refuse_record, &records}};
    static const enum mv_code codes[] = {MV_ERR_USAGE, MV_ERR_IO};

    for (size_t i = 0; i < 2; i++) {
        struct mv_aggregate *parser = mv_aggregate_new(&sinks[i]);

        ck_assert_int_eq(mv_aggregate_feed(parser, mv_bytes_str(xml), &error), codes[i]);
        ck_assert_int_eq(mv_aggregate_feed(parser, mv_bytes_str(xml), NULL), codes[i]);
        ck_assert_int_eq(mv_aggregate_end(parser, &error), codes[i]);
        ck_assert_int_eq(error.code, codes[i]);
        ck_assert_int_eq(records, (int)i);
        mv_aggregate_free(&parser);
    }
}
END_TEST

/* Every word prints, and none prints what it is not. */
START_TEST(test_words)
{
    ck_assert_str_eq(mv_report_policy_text(MV_REPORT_P_QUARANTINE), "quarantine");
    ck_assert_str_eq(mv_report_policy_text(MV_REPORT_P_ABSENT), "");
    ck_assert_str_eq(mv_report_alignment_text(MV_REPORT_STRICT), "s");
    ck_assert_str_eq(mv_report_auth_text(MV_REPORT_AUTH_PERMERROR), "permerror");
    ck_assert_str_eq(mv_report_auth_text((enum mv_report_auth)99), "");
    ck_assert_str_eq(mv_report_override_text(MV_REPORT_POLICY_TEST_MODE), "policy_test_mode");
    ck_assert_str_eq(mv_report_scope_text(MV_REPORT_HELO), "helo");
    for (int i = 0; i < MV_NOTE_COUNT; i++)
        ck_assert_str_ne(mv_aggregate_note_text((enum mv_aggregate_note)i), "");
    ck_assert_str_eq(mv_aggregate_note_text(MV_NOTE_COUNT), "");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_good, test_head, test_bad, test_lines, test_limits, test_utf16, test_names,
                                  test_sink, test_words};

    return unit_run("aggregate", tests, sizeof tests / sizeof *tests);
}
