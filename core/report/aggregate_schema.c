#include "core/report/aggregate_schema.h"

#include "core/base/ascii.h"
#include "core/report/report_time.h"

/* RFC 9990 Appendix A; words of RFC 7489 and of reporters that write their own behind those of the standard. */
static const struct mv_schema_word policies[] = {
    {"none", MV_REPORT_P_NONE}, {"quarantine", MV_REPORT_P_QUARANTINE}, {"reject", MV_REPORT_P_REJECT}, {NULL, 0}};
static const struct mv_schema_word alignments[] = {
    {"r", MV_REPORT_RELAXED}, {"s", MV_REPORT_STRICT}, {"relaxed", MV_REPORT_RELAXED}, {"strict", MV_REPORT_STRICT},
    {NULL, 0}};
static const struct mv_schema_word discoveries[] = {
    {"psl", MV_REPORT_PSL}, {"treewalk", MV_REPORT_TREEWALK}, {NULL, 0}};
static const struct mv_schema_word yesnos[] = {{"n", MV_REPORT_NO}, {"y", MV_REPORT_YES}, {NULL, 0}};
static const struct mv_schema_word dispositions[] = {{"none", MV_REPORT_DISPOSITION_NONE},
                                                     {"pass", MV_REPORT_DISPOSITION_PASS},
                                                     {"quarantine", MV_REPORT_DISPOSITION_QUARANTINE},
                                                     {"reject", MV_REPORT_DISPOSITION_REJECT},
                                                     {NULL, 0}};
static const struct mv_schema_word aligned_words[] = {
    {"pass", MV_REPORT_ALIGNED_PASS}, {"fail", MV_REPORT_ALIGNED_FAIL}, {NULL, 0}};
/* "unknown" and "error": RFC 7489 Appendix C */
static const struct mv_schema_word auths[] = {
    {"none", MV_REPORT_AUTH_NONE},           {"pass", MV_REPORT_AUTH_PASS},
    {"fail", MV_REPORT_AUTH_FAIL},           {"softfail", MV_REPORT_AUTH_SOFTFAIL},
    {"policy", MV_REPORT_AUTH_POLICY},       {"neutral", MV_REPORT_AUTH_NEUTRAL},
    {"temperror", MV_REPORT_AUTH_TEMPERROR}, {"permerror", MV_REPORT_AUTH_PERMERROR},
    {"hardfail", MV_REPORT_AUTH_FAIL},       {"unknown", MV_REPORT_AUTH_TEMPERROR},
    {"error", MV_REPORT_AUTH_PERMERROR},     {"invalid", MV_REPORT_AUTH_NEUTRAL},
    {NULL, 0}};
static const struct mv_schema_word overrides[] = {{"forwarded", MV_REPORT_FORWARDED},
                                                  {"sampled_out", MV_REPORT_SAMPLED_OUT},
                                                  {"trusted_forwarder", MV_REPORT_TRUSTED_FORWARDER},
                                                  {"mailing_list", MV_REPORT_MAILING_LIST},
                                                  {"local_policy", MV_REPORT_LOCAL_POLICY},
                                                  {"policy_test_mode", MV_REPORT_POLICY_TEST_MODE},
                                                  {"other", MV_REPORT_OTHER},
                                                  {NULL, 0}};
static const struct mv_schema_word scopes[] = {{"mfrom", MV_REPORT_MFROM}, {"helo", MV_REPORT_HELO}, {NULL, 0}};

/* Bits of what is not asked for by name, each its own in its place. */
enum {
    VERSION = MV_MARK_OTHER, ORG_NAME, EMAIL, CONTACT, REPORT_ID, ERROR, GENERATOR, P, SP, NP, ADKIM, ASPF, DISCOVERY,
    TESTING, FO, PCT, DISPOSITION, DKIM_ALIGNED, SPF_ALIGNED, ENVELOPE_TO, TYPE, COMMENT, DOMAIN, SELECTOR, SCOPE,
    RESULT, HUMAN_RESULT
};

#define GROUP(name, children) {name, MV_SCHEMA_GROUP, MV_SCHEMA_HEAD, MV_MARK_NONE, 0, 0, NULL, children}
#define BEGINS(name, place, children) {name, MV_SCHEMA_GROUP, place, MV_MARK_BEGINS, 0, 0, NULL, children}
#define HEAD(name, kind, mark, member, max, words) \
    {name, kind, MV_SCHEMA_HEAD, mark, offsetof(struct mv_aggregate_head, member), max, words, NULL}
#define RECORD(name, kind, mark, member, max, words) \
    {name, kind, MV_SCHEMA_RECORD, mark, offsetof(struct mv_aggregate_record, member), max, words, NULL}
#define REASON(name, kind, mark, member, max, words) \
    {name, kind, MV_SCHEMA_REASON, mark, offsetof(struct mv_aggregate_reason, member), max, words, NULL}
#define DKIM(name, kind, mark, member, max, words) \
    {name, kind, MV_SCHEMA_DKIM, mark, offsetof(struct mv_aggregate_dkim, member), max, words, NULL}
#define SPF(name, kind, mark, member, max, words) \
    {name, kind, MV_SCHEMA_SPF, mark, offsetof(struct mv_aggregate_spf, member), max, words, NULL}
#define END {NULL, MV_SCHEMA_GROUP, MV_SCHEMA_HEAD, MV_MARK_NONE, 0, 0, NULL, NULL}

#define TEXT MV_SCHEMA_TEXT
#define NAME MV_SCHEMA_DOMAIN
#define WORD MV_SCHEMA_WORD
#define ID_BYTES MV_AGGREGATE_MAX_ID_BYTES
#define COMMENT_BYTES MV_AGGREGATE_MAX_COMMENT_BYTES
#define DOMAIN_BYTES MV_AGGREGATE_MAX_DOMAIN_BYTES
#define ADDRESS_BYTES 320 /* RFC 5321 4.5.3.1: 64 octets, "@", 255 octets */

static const struct mv_schema_element date_range[] = {
    HEAD("begin", MV_SCHEMA_TIME, MV_MARK_BEGIN, begin_secs, ID_BYTES, NULL),
    HEAD("end", MV_SCHEMA_TIME, MV_MARK_END, end_secs, ID_BYTES, NULL), END};
static const struct mv_schema_element metadata[] = {
    HEAD("org_name", TEXT, ORG_NAME, org_name, ID_BYTES, NULL),
    HEAD("email", TEXT, EMAIL, email, ADDRESS_BYTES, NULL),
    HEAD("extra_contact_info", TEXT, CONTACT, contact, COMMENT_BYTES, NULL),
    HEAD("report_id", TEXT, REPORT_ID, report_id, ID_BYTES, NULL),
    GROUP("date_range", date_range),
    HEAD("error", TEXT, ERROR, error, COMMENT_BYTES, NULL),
    HEAD("generator", TEXT, GENERATOR, generator, ID_BYTES, NULL), END};
static const struct mv_schema_element policy_published[] = {
    HEAD("domain", NAME, MV_MARK_POLICY_DOMAIN, policy.domain, DOMAIN_BYTES, NULL),
    HEAD("p", WORD, P, policy.p, ID_BYTES, policies),
    HEAD("sp", WORD, SP, policy.sp, ID_BYTES, policies),
    HEAD("np", WORD, NP, policy.np, ID_BYTES, policies),
    HEAD("adkim", WORD, ADKIM, policy.adkim, ID_BYTES, alignments),
    HEAD("aspf", WORD, ASPF, policy.aspf, ID_BYTES, alignments),
    HEAD("discovery_method", WORD, DISCOVERY, policy.discovery, ID_BYTES, discoveries),
    HEAD("testing", WORD, TESTING, policy.testing, ID_BYTES, yesnos),
    HEAD("fo", TEXT, FO, policy.fo, ID_BYTES, NULL),
    HEAD("pct", TEXT, PCT, policy.pct, ID_BYTES, NULL), END};
static const struct mv_schema_element reason[] = {
    REASON("type", WORD, TYPE, type, ID_BYTES, overrides),
    REASON("comment", TEXT, COMMENT, comment, COMMENT_BYTES, NULL), END};
static const struct mv_schema_element policy_evaluated[] = {
    RECORD("disposition", WORD, DISPOSITION, disposition, ID_BYTES, dispositions),
    RECORD("dkim", WORD, DKIM_ALIGNED, dkim_aligned, ID_BYTES, aligned_words),
    RECORD("spf", WORD, SPF_ALIGNED, spf_aligned, ID_BYTES, aligned_words),
    BEGINS("reason", MV_SCHEMA_REASON, reason), END};
static const struct mv_schema_element row[] = {
    RECORD("source_ip", MV_SCHEMA_IP, MV_MARK_SOURCE, source, ID_BYTES, NULL),
    RECORD("count", MV_SCHEMA_COUNT, MV_MARK_COUNT, count, ID_BYTES, NULL),
    GROUP("policy_evaluated", policy_evaluated), END};
static const struct mv_schema_element identifiers[] = {
    RECORD("header_from", NAME, MV_MARK_HEADER_FROM, header_from, DOMAIN_BYTES, NULL),
    RECORD("envelope_from", NAME, MV_MARK_ENVELOPE_FROM, envelope_from, DOMAIN_BYTES, NULL),
    RECORD("envelope_to", NAME, ENVELOPE_TO, envelope_to, DOMAIN_BYTES, NULL), END};
static const struct mv_schema_element auth_dkim[] = {
    DKIM("domain", NAME, DOMAIN, domain, DOMAIN_BYTES, NULL),
    DKIM("selector", NAME, SELECTOR, selector, DOMAIN_BYTES, NULL),
    DKIM("result", WORD, RESULT, result, ID_BYTES, auths),
    DKIM("human_result", TEXT, HUMAN_RESULT, human_result, COMMENT_BYTES, NULL), END};
static const struct mv_schema_element auth_spf[] = {
    SPF("domain", NAME, DOMAIN, domain, DOMAIN_BYTES, NULL),
    SPF("scope", WORD, SCOPE, scope, ID_BYTES, scopes),
    SPF("result", WORD, RESULT, result, ID_BYTES, auths),
    SPF("human_result", TEXT, HUMAN_RESULT, human_result, COMMENT_BYTES, NULL), END};
static const struct mv_schema_element auth_results[] = {
    BEGINS("dkim", MV_SCHEMA_DKIM, auth_dkim), BEGINS("spf", MV_SCHEMA_SPF, auth_spf), END};
/* "identities": of reporters that follow a draft of RFC 7489 */
static const struct mv_schema_element record[] = {
    GROUP("row", row), GROUP("identifiers", identifiers), GROUP("identities", identifiers),
    GROUP("auth_results", auth_results), END};
/* Extensions are no fault: their children are of other namespaces (RFC 9990 5). */
static const struct mv_schema_element extension[] = {END};
static const struct mv_schema_element feedback[] = {
    BEGINS("record", MV_SCHEMA_RECORD, record),
    HEAD("version", TEXT, VERSION, version, ID_BYTES, NULL),
    GROUP("report_metadata", metadata), GROUP("policy_published", policy_published),
    GROUP("extension", extension), GROUP("extensions", extension), END};
static const struct mv_schema_element document[] = {GROUP("feedback", feedback), END};
const struct mv_schema_element mv_schema_document = GROUP("", document);

static bool store_word(const struct mv_schema_element *element, int *member, struct mv_bytes text)
{
    for (const struct mv_schema_word *word = element->words; word->text != NULL; word++) {
        if (mv_bytes_equal_nocase(text, mv_bytes_str(word->text))) {
            *member = word->value;
            return true;
        }
    }
    return false;
}

/* Some write the whole address where a domain belongs, some the final dot. Lower case was made while it was copied. */
static struct mv_bytes domain_of(struct mv_bytes text)
{
    size_t at = mv_bytes_find_last(text, '@');

    if (at < text.len)
        text = mv_bytes_slice(text, at + 1, text.len);
    if (text.len > 0 && text.data[text.len - 1] == '>')
        text.len--;
    if (text.len > 0 && text.data[text.len - 1] == '.')
        text.len--;
    return text;
}

/* The last character may have lost its end. */
static struct mv_bytes whole_characters(struct mv_bytes text)
{
    size_t len = text.len;

    while (len > 0 && !mv_bytes_is_utf8(mv_bytes_slice(text, len - 1, text.len)) && text.len - len < 3 &&
           (text.data[len - 1] & 0xc0) == 0x80)
        len--;
    if (len > 0 && !mv_bytes_is_utf8(mv_bytes_slice(text, len - 1, text.len)))
        text.len = len - 1;
    return text;
}

static bool store_value(const struct mv_schema_element *element, void *member, struct mv_bytes text)
{
    switch (element->kind) {
    case MV_SCHEMA_TEXT:
        *(struct mv_bytes *)member = text;
        return true;
    case MV_SCHEMA_DOMAIN:
        *(struct mv_bytes *)member = domain_of(text);
        return true;
    case MV_SCHEMA_WORD:
        return store_word(element, member, text);
    case MV_SCHEMA_COUNT:
        return mv_bytes_to_uint(text, MV_AGGREGATE_MAX_COUNT, member);
    case MV_SCHEMA_TIME:
        return mv_report_time_parse(text, member);
    case MV_SCHEMA_IP:
        return mv_ip_parse(text, member);
    case MV_SCHEMA_GROUP:
        break;
    }
    return false;
}

bool mv_schema_store(const struct mv_schema_element *element, void *place, struct mv_bytes text, bool is_cut,
                     enum mv_aggregate_note *note_r)
{
    *note_r = MV_NOTE_COUNT;
    if (is_cut) {
        *note_r = element->kind == MV_SCHEMA_TEXT ? MV_NOTE_CUT : MV_NOTE_TOO_LONG;
        if (*note_r == MV_NOTE_TOO_LONG)
            return false;
        text = whole_characters(text);
    }
    if (store_value(element, (char *)place + element->offset, text))
        return true;
    if (element->kind != MV_SCHEMA_WORD)
        *note_r = MV_NOTE_BAD_VALUE;
    else if (text.len > 0)
        *note_r = MV_NOTE_UNKNOWN_WORD;
    return false;
}

static const char *word_text(const struct mv_schema_word *words, int value)
{
    for (; words->text != NULL; words++)
        if (words->value == value)
            return words->text;
    return "";
}

const char *mv_report_policy_text(enum mv_report_policy policy)
{
    return word_text(policies, (int)policy);
}

const char *mv_report_alignment_text(enum mv_report_alignment alignment)
{
    return word_text(alignments, (int)alignment);
}

const char *mv_report_discovery_text(enum mv_report_discovery discovery)
{
    return word_text(discoveries, (int)discovery);
}

const char *mv_report_disposition_text(enum mv_report_disposition disposition)
{
    return word_text(dispositions, (int)disposition);
}

const char *mv_report_aligned_text(enum mv_report_aligned aligned)
{
    return word_text(aligned_words, (int)aligned);
}

const char *mv_report_auth_text(enum mv_report_auth auth)
{
    return word_text(auths, (int)auth);
}

const char *mv_report_override_text(enum mv_report_override override)
{
    return word_text(overrides, (int)override);
}

const char *mv_report_scope_text(enum mv_report_scope scope)
{
    return word_text(scopes, (int)scope);
}
