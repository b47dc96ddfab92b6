/* From facts to a disposition: RFC 9989 5.3.6, 5.4, 7.4, 8, 11.5, and what the operator configured. */
#include "core/auth/verdict.h"

#include <stdio.h>
#include <string.h>

#include "core/text/message.h"
#include "tests/unit/unit.h"

#define MAX_MEMORY_BYTES (1 << 20)
#define MAX_SIGNATURES 2
#define MAX_REASON_BYTES 400 /* fits an SMTP reply line with a domain of 253 bytes */

#define FORWARDERS "forwarders = lists.example, 192.0.2.0/24, 2001:db8::/32\n"
#define ENFORCE "enforce_domains = example.com\n"

#define P_ABSENT MV_DMARC_NO_POLICY
#define P_NONE MV_DMARC_P_NONE
#define P_QUA MV_DMARC_P_QUARANTINE
#define P_REJ MV_DMARC_P_REJECT

struct dkim {
    enum mv_dkim_code code;
    const char *domain;
};

static const struct row {
    const char *name;
    const char *config; /* below [policy] */
    enum mv_dmarc_code dmarc;
    enum mv_dmarc_policy published;
    bool test_mode;
    enum mv_spf_code spf;
    const char *spf_domain;
    struct dkim dkim[MAX_SIGNATURES];
    const char *ip;
    enum mv_action action;
    enum mv_override override;
    const char *says;
    enum mv_from_code from;
    unsigned defects;
    const char *author; /* default example.com */
    bool sampled_out;
} rows[] = {
    /* RFC 9989 5.3.5: a pass is a pass */
    {"pass", "", MV_DMARC_PASS, P_REJ, .says = "DMARC passed for example.com"},
    {"pass, always", "reject = always\n", MV_DMARC_PASS, P_REJ, .action = MV_ACTION_NONE},
    {"pass, enforced", ENFORCE, MV_DMARC_PASS, P_NONE, .action = MV_ACTION_NONE},
    {"pass by DKIM, SPF temperror does not matter", "", MV_DMARC_PASS, P_REJ, .spf = MV_SPF_TEMPERROR,
     .spf_domain = "example.com",
     .dkim = {{MV_DKIM_PASS, "example.com"}}},
    {"pass by SPF, DKIM temperror does not matter", "", MV_DMARC_PASS, P_REJ, .spf = MV_SPF_PASS,
     .spf_domain = "example.com",
     .dkim = {{MV_DKIM_TEMPERROR, "example.com"}}},
    {"pass from a forwarder needs no excuse", FORWARDERS, MV_DMARC_PASS, P_REJ, .ip = "192.0.2.1"},

    /* RFC 9989 4.10.1: no record, no DMARC */
    {"no record", "", MV_DMARC_NONE, P_ABSENT, .says = "No DMARC policy applies"},
    {"no record, SPF fail", "", MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_FAIL, .spf_domain = "example.com"},
    {"no record, always", "reject = always\n", MV_DMARC_NONE, P_ABSENT, .action = MV_ACTION_NONE},
    {"no record, another domain is enforced", "enforce_domains = example.net, ample.com\n", MV_DMARC_NONE, P_ABSENT,
     .action = MV_ACTION_NONE},

    /* RFC 9989 5.4: p=none never changes handling */
    {"fail, p=none", "", MV_DMARC_FAIL, P_NONE,
     .says = "DMARC failed for example.com, whose policy asks for nothing"},
    {"fail, p=none, always", "reject = always\n", MV_DMARC_FAIL, P_NONE, .action = MV_ACTION_NONE},
    {"fail, p=none, t=y", "", MV_DMARC_FAIL, P_NONE, true, .action = MV_ACTION_NONE},
    {"fail, p=none, SPF fail", "", MV_DMARC_FAIL, P_NONE, .spf = MV_SPF_FAIL, .spf_domain = "example.com"},

    /* p=quarantine */
    {"fail, p=quarantine", "", MV_DMARC_FAIL, P_QUA, .action = MV_ACTION_QUARANTINE,
     .says = "whose policy is quarantine"},
    {"fail, p=quarantine, never", "reject = never\n", MV_DMARC_FAIL, P_QUA, .action = MV_ACTION_QUARANTINE},
    {"fail, p=quarantine, always", "reject = always\n", MV_DMARC_FAIL, P_QUA, .action = MV_ACTION_QUARANTINE},
    {"fail, p=quarantine, by a forwarder", FORWARDERS, MV_DMARC_FAIL, P_QUA, .ip = "192.0.2.1",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER, .says = "(policy quarantine), but the client's address"},
    {"fail, p=quarantine, by a forwarder, always", FORWARDERS "reject = always\n", MV_DMARC_FAIL, P_QUA,
     .ip = "192.0.2.1",
     .action = MV_ACTION_QUARANTINE},

    /* p=reject: RFC 9989 7.4 and 8 */
    {"fail, p=reject", "", MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_REJECT,
     .says = "did not come by a forwarder known here"},
    {"fail, p=reject, always", "reject = always\n", MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_REJECT,
     .says = "DMARC failed for example.com, whose policy is reject"},
    {"fail, p=reject, never", "reject = never\n", MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_LOCAL_POLICY, .says = "nothing is rejected here"},
    {"fail, p=reject, unless-indirect is the default", "reject = unless-indirect\n", MV_DMARC_FAIL, P_REJ,
     .action = MV_ACTION_REJECT},
    {"fail, p=reject, forwarders but another way", FORWARDERS, MV_DMARC_FAIL, P_REJ, .ip = "198.51.100.1",
     .spf = MV_SPF_PASS,
     .spf_domain = "evil.example", .dkim = {{MV_DKIM_PASS, "evil.example"}}, .action = MV_ACTION_REJECT},
    {"fail, p=reject, no address", FORWARDERS, MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_REJECT},

    /* the forwarder shows itself */
    {"forwarder by DKIM", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_PASS, "lists.example"}},
     .override = MV_OVERRIDE_TRUSTED_FORWARDER,
     .says = "but the signature of lists.example is that of a trusted forwarder"},
    {"forwarder by DKIM below", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_PASS, "a.b.lists.example"}},
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"forwarder by the second signature", FORWARDERS, MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_FAIL, "example.com"}, {MV_DKIM_PASS, "lists.example"}},
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"forwarder by SPF", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_PASS, .spf_domain = "bounce.lists.example",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER, .says = "but the SPF pass of lists.example"},
    {"forwarder by address", FORWARDERS, MV_DMARC_FAIL, P_REJ, .ip = "192.0.2.200",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER,
     .says = "but the client's address is that of a trusted forwarder"},
    {"forwarder by IPv6 address", FORWARDERS, MV_DMARC_FAIL, P_REJ, .ip = "2001:db8:5::1",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"forwarder, never", FORWARDERS "reject = never\n", MV_DMARC_FAIL, P_REJ, .ip = "192.0.2.1",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"forwarder, always", FORWARDERS "reject = always\n", MV_DMARC_FAIL, P_REJ, .ip = "192.0.2.1",
     .dkim = {{MV_DKIM_PASS, "lists.example"}}, .action = MV_ACTION_REJECT},

    /* what does not show a forwarder */
    {"DKIM fail of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_FAIL, "lists.example"}},
     .action = MV_ACTION_REJECT},
    {"DKIM policy of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_POLICY, "lists.example"}},
     .action = MV_ACTION_REJECT},
    {"DKIM neutral of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_NEUTRAL, "lists.example"}},
     .action = MV_ACTION_REJECT},
    {"DKIM permerror of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_PERMERROR, "lists.example"}}, .action = MV_ACTION_REJECT},
    {"DKIM pass above the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_PASS, "example"}},
     .action = MV_ACTION_REJECT},
    {"DKIM pass of a name that ends alike", FORWARDERS, MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_PASS, "evillists.example"}}, .action = MV_ACTION_REJECT},
    {"DKIM pass of no domain", FORWARDERS, MV_DMARC_FAIL, P_REJ, .dkim = {{MV_DKIM_PASS, ""}},
     .action = MV_ACTION_REJECT},
    {"SPF fail of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_FAIL,
     .spf_domain = "lists.example", .action = MV_ACTION_REJECT},
    {"SPF softfail of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_SOFTFAIL,
     .spf_domain = "lists.example", .action = MV_ACTION_REJECT},
    {"SPF neutral of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_NEUTRAL,
     .spf_domain = "lists.example", .action = MV_ACTION_REJECT},
    {"SPF none of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_NONE,
     .spf_domain = "lists.example", .action = MV_ACTION_REJECT},
    {"SPF pass of no domain", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_PASS, .spf_domain = "",
     .action = MV_ACTION_REJECT},
    {"address beside the network", FORWARDERS, MV_DMARC_FAIL, P_REJ, .ip = "192.0.3.1", .action = MV_ACTION_REJECT},
    {"address of the other family", FORWARDERS, MV_DMARC_FAIL, P_REJ, .ip = "2001:db9::1",
     .action = MV_ACTION_REJECT},

    /* RFC 9989 4.7: t=y */
    {"t=y, p=reject", "", MV_DMARC_FAIL, P_REJ, true, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_POLICY_TEST_MODE},
    {"t=y, p=quarantine", "", MV_DMARC_FAIL, P_QUA, true, .override = MV_OVERRIDE_POLICY_TEST_MODE},
    {"t=y, p=reject, always", "reject = always\n", MV_DMARC_FAIL, P_REJ, true, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_POLICY_TEST_MODE},
    {"t=y, p=reject, never", "reject = never\n", MV_DMARC_FAIL, P_REJ, true, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_POLICY_TEST_MODE},
    {"t=y, p=reject, by a forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, true, .ip = "192.0.2.1",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"t=y, pass", "", MV_DMARC_PASS, P_REJ, true, .action = MV_ACTION_NONE},
    {"pct lowers reject", "honour_pct = yes\n", MV_DMARC_FAIL, P_REJ, .sampled_out = true,
     .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_OTHER},
    {"pct lowers quarantine", "honour_pct = yes\n", MV_DMARC_FAIL, P_QUA, .sampled_out = true,
     .override = MV_OVERRIDE_OTHER},

    /* RFC 9989 5.3.6: nothing is rejected for a temporary error */
    {"temperror", "", MV_DMARC_TEMPERROR, P_ABSENT, .action = MV_ACTION_TEMPFAIL,
     .says = "DMARC has no result for example.com for now"},
    {"temperror, accept", "on_temperror = accept\n", MV_DMARC_TEMPERROR, P_ABSENT, .says = "which is accepted here"},
    {"temperror, p=reject", "", MV_DMARC_TEMPERROR, P_REJ, .action = MV_ACTION_TEMPFAIL},
    {"temperror, p=reject, always", "reject = always\n", MV_DMARC_TEMPERROR, P_REJ, .action = MV_ACTION_TEMPFAIL},
    {"temperror, p=reject, always, accept", "reject = always\non_temperror = accept\n", MV_DMARC_TEMPERROR, P_REJ,
     .action = MV_ACTION_NONE},
    /* nothing is refused where DNS hides whether it came by a forwarder */
    {"DKIM temperror of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .action = MV_ACTION_TEMPFAIL, .says = "DNS did not tell whether"},
    {"SPF temperror of the forwarder", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_TEMPERROR,
     .spf_domain = "lists.example", .action = MV_ACTION_TEMPFAIL},
    {"temperror of the forwarder, accept", FORWARDERS "on_temperror = accept\n", MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .override = MV_OVERRIDE_LOCAL_POLICY,
     .says = "so it is accepted"},
    {"temperror of the forwarder, who passes by SPF", FORWARDERS, MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_PASS,
     .spf_domain = "lists.example", .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}},
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"temperror of the forwarder's signature, his address is known", FORWARDERS, MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .ip = "192.0.2.1", .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"temperror of the forwarder, always", FORWARDERS "reject = always\n", MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .action = MV_ACTION_REJECT},
    {"temperror of the forwarder, never", FORWARDERS "reject = never\n", MV_DMARC_FAIL, P_REJ,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"temperror of the forwarder, p=quarantine", FORWARDERS, MV_DMARC_FAIL, P_QUA,
     .dkim = {{MV_DKIM_TEMPERROR, "lists.example"}}, .action = MV_ACTION_QUARANTINE},
    {"temperror, enforced", ENFORCE, MV_DMARC_TEMPERROR, P_REJ, .action = MV_ACTION_TEMPFAIL},
    {"temperror of SPF and DKIM, DMARC failed", "", MV_DMARC_FAIL, P_REJ, .spf = MV_SPF_TEMPERROR,
     .spf_domain = "other.example",
     .dkim = {{MV_DKIM_TEMPERROR, "other.example"}}, .action = MV_ACTION_REJECT},

    /* RFC 9989 5.3.1, 11.5: the author cannot be told */
    {"no From", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_MISSING, .action = MV_ACTION_REJECT,
     .says = "DMARC cannot tell the author: the message has no From field"},
    {"no From, quarantine", "on_invalid_from = quarantine\n", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_MISSING,
     .action = MV_ACTION_QUARANTINE},
    {"no From, accept", "on_invalid_from = accept\n", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_MISSING,
     .says = "which is accepted here"},
    {"several From", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_SEVERAL_FIELDS, .action = MV_ACTION_REJECT},
    {"From syntax", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_SYNTAX, .action = MV_ACTION_REJECT},
    {"From without domain", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_NO_DOMAIN, .action = MV_ACTION_REJECT},
    {"From with a bad domain", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_BAD_DOMAIN,
     .action = MV_ACTION_REJECT},
    {"From of several domains", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_SEVERAL_DOMAINS,
     .action = MV_ACTION_REJECT},
    {"From beyond the limit", "", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_LIMIT, .action = MV_ACTION_REJECT},
    {"several From, never", "reject = never\n", MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_SEVERAL_FIELDS,
     .action = MV_ACTION_REJECT},
    {"several From, by a forwarder", FORWARDERS, MV_DMARC_PERMERROR, P_ABSENT, .from = MV_FROM_SEVERAL_FIELDS,
     .ip = "192.0.2.1",
     .action = MV_ACTION_REJECT},
    {"bare LF", "", MV_DMARC_FAIL, P_NONE, .defects = MV_DEFECT_BARE_LF, .action = MV_ACTION_REJECT,
     .says = "an LF without CR in the header"},
    {"bare CR, and a pass", "", MV_DMARC_PASS, P_NONE, .defects = MV_DEFECT_BARE_CR, .action = MV_ACTION_REJECT},
    {"NUL", "", MV_DMARC_PASS, P_NONE, .defects = MV_DEFECT_NUL, .action = MV_ACTION_REJECT},
    {"not a field", "", MV_DMARC_NONE, P_ABSENT, .defects = MV_DEFECT_NOT_A_FIELD, .action = MV_ACTION_REJECT},
    {"not a field, quarantine", "on_invalid_from = quarantine\n", MV_DMARC_NONE, P_ABSENT,
     .defects = MV_DEFECT_NOT_A_FIELD,
     .action = MV_ACTION_QUARANTINE},
    {"no separator is harmless", "", MV_DMARC_PASS, P_REJ, .defects = MV_DEFECT_NO_SEPARATOR},
    {"permerror with an author", "", MV_DMARC_PERMERROR, P_ABSENT, .action = MV_ACTION_NONE},

    /* enforce_domains: as p=reject */
    {"enforced, p=none", ENFORCE, MV_DMARC_FAIL, P_NONE, .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, p=quarantine", ENFORCE, MV_DMARC_FAIL, P_QUA, .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, p=reject", ENFORCE, MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_REJECT},
    {"enforced, p=reject, t=y", ENFORCE, MV_DMARC_FAIL, P_REJ, true, .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, below", ENFORCE, MV_DMARC_FAIL, P_NONE, .author = "news.example.com", .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, not beside", ENFORCE, MV_DMARC_FAIL, P_NONE, .author = "badexample.com"},
    {"enforced, not above", "enforce_domains = a.example.com\n", MV_DMARC_FAIL, P_NONE, .action = MV_ACTION_NONE},
    {"enforced, never", ENFORCE "reject = never\n", MV_DMARC_FAIL, P_NONE, .action = MV_ACTION_QUARANTINE,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, by a forwarder", ENFORCE FORWARDERS, MV_DMARC_FAIL, P_NONE, .ip = "192.0.2.1",
     .override = MV_OVERRIDE_TRUSTED_FORWARDER},
    {"enforced, by a forwarder, always", ENFORCE FORWARDERS "reject = always\n", MV_DMARC_FAIL, P_NONE,
     .ip = "192.0.2.1",
     .action = MV_ACTION_REJECT, .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record", ENFORCE, MV_DMARC_NONE, P_ABSENT, .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record, strangers pass", ENFORCE, MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_PASS,
     .spf_domain = "evil.example",
     .dkim = {{MV_DKIM_PASS, "evil.example"}, {MV_DKIM_PASS, "com"}}, .action = MV_ACTION_REJECT,
     .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record, DKIM passes", ENFORCE, MV_DMARC_NONE, P_ABSENT,
     .dkim = {{MV_DKIM_PASS, "mail.example.com"}},
     .says = "SPF or DKIM passed for example.com"},
    {"enforced, no record, SPF passes", ENFORCE, MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_PASS,
     .spf_domain = "example.com"},
    {"enforced, no record, DKIM fails", ENFORCE, MV_DMARC_NONE, P_ABSENT, .dkim = {{MV_DKIM_FAIL, "example.com"}},
     .action = MV_ACTION_REJECT, .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record, SPF of no domain", ENFORCE, MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_PASS, .spf_domain = "",
     .action = MV_ACTION_REJECT, .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record, SPF temperror", ENFORCE, MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_TEMPERROR,
     .spf_domain = "example.com",
     .action = MV_ACTION_TEMPFAIL},
    {"enforced, no record, DKIM temperror", ENFORCE, MV_DMARC_NONE, P_ABSENT,
     .dkim = {{MV_DKIM_TEMPERROR, "example.com"}},
     .action = MV_ACTION_TEMPFAIL},
    {"enforced, no record, a stranger's temperror", ENFORCE, MV_DMARC_NONE, P_ABSENT,
     .dkim = {{MV_DKIM_TEMPERROR, "evil.example"}},
     .action = MV_ACTION_REJECT, .override = MV_OVERRIDE_LOCAL_POLICY},
    {"enforced, no record, DKIM temperror and SPF pass", ENFORCE, MV_DMARC_NONE, P_ABSENT, .spf = MV_SPF_PASS,
     .spf_domain = "example.com", .dkim = {{MV_DKIM_TEMPERROR, "example.com"}}},
};

static enum mv_dmarc_policy lowered(enum mv_dmarc_policy policy, bool by_one)
{
    if (!by_one || policy <= MV_DMARC_P_NONE)
        return policy;
    return policy - 1;
}

/* What a row says about SPF, DKIM and DMARC. */
static void fill(const struct row *row, struct mv_dkim_result *dkim, struct mv_verdict *verdict)
{
    *verdict = (struct mv_verdict){
        .has_spf = row->spf_domain != NULL,
        .spf = {.code = row->spf, .domain = mv_bytes_str(row->spf_domain)},
        .dkim = dkim,
        .from = row->from,
        .author_domain = mv_bytes_str(row->author == NULL ? "example.com" : row->author),
        .defects = row->defects,
        .has_dmarc = true,
        .dmarc = {.code = row->dmarc,
                  .has_record = row->published != P_ABSENT,
                  .published = row->published,
                  .effective = lowered(row->published, row->test_mode || row->sampled_out),
                  .test_mode = row->test_mode,
                  .sampled_out = row->sampled_out},
    };
    for (size_t i = 0; i < MAX_SIGNATURES && row->dkim[i].domain != NULL; i++)
        dkim[verdict->dkim_count++] = (struct mv_dkim_result){.code = row->dkim[i].code,
                                                              .sdid = mv_bytes_str(row->dkim[i].domain)};
    if (row->from != MV_FROM_OK)
        verdict->author_domain = (struct mv_bytes){NULL, 0};
}

static struct mv_config *configure(const char *policy)
{
    struct mv_config *config;
    struct mv_error error = {0};
    char text[1000];

    snprintf(text, sizeof text, "[policy]\n%s", policy);
    ck_assert_msg(mv_config_read_text(mv_bytes_str(text), "t", &config, &error) == MV_OK, "%s", error.text);
    return config;
}

/* Without an assertion for each: they are slow, and this is asked very often. */
static const char *fault_of_reason(const char *reason)
{
    if (reason == NULL || strlen(reason) < 10)
        return "no reason";
    if (strlen(reason) > MAX_REASON_BYTES)
        return "a long reason";
    for (const char *p = reason; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            return "a reason that is not printable";
    return NULL;
}

static void check_row(const struct row *row)
{
    struct mv_dkim_result dkim[MAX_SIGNATURES];
    struct mv_verdict v;
    struct mv_ip ip = {0};
    struct mv_config *config = configure(row->config);
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);

    fill(row, dkim, &v);
    ck_assert_msg(row->ip == NULL || mv_ip_parse(mv_bytes_str(row->ip), &ip), "%s: bad row", row->name);
    ck_assert_int_eq(mv_verdict_decide(arena, mv_config_settings(config), row->ip == NULL ? NULL : &ip, &v), MV_OK);
    ck_assert_msg(v.action == row->action, "%s: action %s: %s", row->name, mv_action_text(v.action), v.reason);
    ck_assert_msg(v.override == row->override, "%s: override '%s'", row->name, mv_override_text(v.override));
    ck_assert_msg(fault_of_reason(v.reason) == NULL, "%s: %s: '%s'", row->name, fault_of_reason(v.reason), v.reason);
    ck_assert_msg(row->says == NULL || strstr(v.reason, row->says) != NULL, "%s: '%s'", row->name, v.reason);
    mv_arena_free(&arena);
    mv_config_free(&config);
}

START_TEST(test_rows)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(&rows[i]);
}
END_TEST

START_TEST(test_dmarc_not_asked_for)
{
    struct mv_config *config = configure("");
    struct mv_verdict v = {.from = MV_FROM_MISSING};
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);

    ck_assert_int_eq(mv_verdict_decide(arena, mv_config_settings(config), NULL, &v), MV_OK);
    ck_assert_int_eq(v.action, MV_ACTION_NONE);
    ck_assert_ptr_nonnull(v.reason);
    mv_arena_free(&arena);
    mv_config_free(&config);
}
END_TEST

START_TEST(test_longest_reason)
{
    static const char label[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.";
    struct row row = {"long", "", MV_DMARC_FAIL, P_REJ, .action = MV_ACTION_REJECT};
    char domain[254];

    snprintf(domain, sizeof domain, "%s%s%s%.61s", label, label, label, label);
    row.author = domain;
    check_row(&row);
}
END_TEST

START_TEST(test_no_memory)
{
    struct mv_config *config = configure("");
    struct mv_arena *arena = mv_arena_new(1);
    struct mv_verdict v = {.has_dmarc = true, .author_domain = MV_BYTES("example.com"), .dmarc.code = MV_DMARC_PASS};

    ck_assert_int_eq(mv_verdict_decide(arena, mv_config_settings(config), NULL, &v), MV_ERR_MEMORY);
    mv_arena_free(&arena);
    mv_config_free(&config);
}
END_TEST

/* Does the policy that counts ask for something, and did nothing pass? */
static bool is_enforcing_fail(const struct row *row)
{
    return row->from == MV_FROM_OK && row->dmarc == MV_DMARC_FAIL &&
           lowered(row->published, row->test_mode) > MV_DMARC_P_NONE;
}

/* What is wrong with the decision, or NULL. */
static const char *fault_of_decision(const struct row *row, const struct mv_settings *settings,
                                     const struct mv_verdict *v)
{
    if (is_enforcing_fail(row) && v->action == MV_ACTION_NONE && v->override == MV_OVERRIDE_NO)
        return "an enforcing failure goes through without a word";
    if (row->from != MV_FROM_OK)
        return NULL;
    if (row->dmarc == MV_DMARC_TEMPERROR && v->action != MV_ACTION_TEMPFAIL && v->action != MV_ACTION_NONE)
        return "a temporary error leads to more than waiting";
    if (row->dmarc == MV_DMARC_PASS && v->action != MV_ACTION_NONE)
        return "a pass leads to something";
    if (settings->reject == MV_REJECT_NEVER && v->action == MV_ACTION_REJECT)
        return "never is not never";
    if (settings->enforce_domains.count == 0 && row->dmarc == MV_DMARC_FAIL && row->published == P_NONE &&
        v->action != MV_ACTION_NONE)
        return "p=none leads to something";
    return fault_of_reason(v->reason);
}

static void check_properties(const struct row *row, const struct mv_settings *settings, const struct mv_ip *ip)
{
    struct mv_dkim_result dkim[MAX_SIGNATURES];
    struct mv_arena *arena = mv_arena_new(MAX_MEMORY_BYTES);
    struct mv_verdict v;
    const char *fault;

    fill(row, dkim, &v);
    fault = mv_verdict_decide(arena, settings, ip, &v) == MV_OK ? fault_of_decision(row, settings, &v) : "no decision";
    if (fault != NULL)
        ck_abort_msg("%s: %s: %s, %s", row->name, fault, mv_action_text(v.action), v.reason);
    mv_arena_free(&arena);
}

/* Every combination: whatever the facts, no silent let-through and no reject for a temporary error. */
START_TEST(test_properties)
{
    static const char *const configs[] = {
        "", "reject = always\n", "reject = never\n", "on_temperror = accept\n", "on_invalid_from = accept\n",
        FORWARDERS,
        FORWARDERS "reject = never\n", ENFORCE, ENFORCE FORWARDERS,
        ENFORCE "reject = always\non_temperror = accept\n"};
    static const enum mv_spf_code spf_codes[] = {MV_SPF_NONE, MV_SPF_PASS, MV_SPF_FAIL, MV_SPF_TEMPERROR};
    static const enum mv_dkim_code dkim_codes[] = {MV_DKIM_PASS, MV_DKIM_FAIL, MV_DKIM_TEMPERROR};
    static const char *const domains[] = {"example.com", "lists.example", "evil.example"};
    struct mv_ip ip;

    ck_assert(mv_ip_parse(MV_BYTES("192.0.2.1"), &ip));
    for (size_t c = 0; c < sizeof configs / sizeof configs[0]; c++) {
        struct mv_config *config = configure(configs[c]);

        for (unsigned n = 0; n < 5 * 4 * 2 * 4 * 3 * 3 * 2 * 2; n++) {
            unsigned rest = n;
            struct row row = {.name = configs[c]};

            row.dmarc = rest % 5, rest /= 5;
            row.published = rest % 4, rest /= 4;
            row.test_mode = rest % 2, rest /= 2;
            row.spf = spf_codes[rest % 4], rest /= 4;
            row.dkim[0].code = dkim_codes[rest % 3], rest /= 3;
            row.spf_domain = row.dkim[0].domain = domains[rest % 3], rest /= 3;
            row.from = rest % 2 == 0 ? MV_FROM_OK : MV_FROM_SYNTAX, rest /= 2;
            check_properties(&row, mv_config_settings(config), rest == 0 ? NULL : &ip);
        }
        mv_config_free(&config);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {test_rows, test_dmarc_not_asked_for, test_longest_reason, test_no_memory,
    test_properties};

    return unit_run("verdict", tests, sizeof tests / sizeof tests[0]);
}
