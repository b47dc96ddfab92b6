#include "cli/domain/show.h"

#include <stdio.h>

#include "cli/json.h"
#include "cli/show_findings.h"
#include "core/base/buf.h"

#define MAX_LINE_BYTES (64 * 1024)

/* A stranger's text behind a word in a column of its own. */
static void print_line(const char *word, struct mv_bytes text, const char *none)
{
    struct mv_buf line;

    mv_buf_init(&line, MAX_LINE_BYTES);
    mv_buf_put_escaped(&line, text.len == 0 ? mv_bytes_str(none) : text);
    printf("  %-8s %s\n", word, mv_buf_cstr(&line) == NULL ? "" : mv_buf_cstr(&line));
    mv_buf_free(&line);
}

static void print_keys(const struct mv_check_result *result)
{
    printf("  %-8s ", "DKIM");
    if (result->request->key_count == 0)
        puts("no selector is known");
    else
        printf("%zu of %zu selectors usable (%zu RSA, %zu Ed25519)\n",
               result->seen.usable_rsa_keys + result->seen.usable_ed25519_keys, result->request->key_count,
               result->seen.usable_rsa_keys, result->seen.usable_ed25519_keys);
}

static void print_mx(const struct mv_deployment *seen)
{
    if (seen->null_mx)
        printf("  %-8s none, by a null MX\n", "MX");
    else
        printf("  %-8s %zu\n", "MX", seen->mx_count);
}

static void print_name(const struct mv_check_result *result)
{
    struct mv_buf name;

    mv_buf_init(&name, MAX_LINE_BYTES);
    mv_buf_put_escaped(&name, result->request->domain);
    printf("%s%s\n", mv_buf_cstr(&name) == NULL ? "" : mv_buf_cstr(&name),
           result->seen.is_parked ? " (parked: it sends no mail)" : "");
    mv_buf_free(&name);
}

void mv_check_show(const struct mv_check_result *result)
{
    const struct mv_deployment *seen = &result->seen;

    print_name(result);
    if (seen->exists) {
        print_line("SPF", seen->spf, "none");
        print_keys(result);
        print_line("DMARC", seen->dmarc_record, "none");
        if (seen->dmarc_applies && !mv_bytes_equal(seen->dmarc_domain, result->request->domain))
            print_line("of", seen->dmarc_domain, "");
        print_mx(seen);
        printf("  %-8s %s\n", "DNSSEC", seen->secure ? "the resolver vouches for it" : "not vouched for");
        printf("  %-8s MTA-STS %s, TLS-RPT %s\n", "TLS", seen->has_mta_sts ? "record" : "none",
               seen->has_tls_rpt ? "record" : "none");
    }
    putchar('\n');
    mv_show_findings(result->findings);
    putchar('\n');
}

static json_t *json_seen(const struct mv_deployment *seen)
{
    return json_pack("{s:b, s:b, s:b, s:o, s:{s:I, s:I}, s:o, s:{s:I, s:b}, s:b, s:b}", "exists", seen->exists,
                     "parked", seen->is_parked, "dnssec", seen->secure, "spf",
                     seen->spf.len == 0 ? json_null() : mv_json_bytes(seen->spf), "dkim", "rsa",
                     (json_int_t)seen->usable_rsa_keys, "ed25519", (json_int_t)seen->usable_ed25519_keys, "dmarc",
                     !seen->dmarc_applies ? json_null()
                                          : json_pack("{s:o*, s:o*, s:s}", "domain", mv_json_bytes(seen->dmarc_domain),
                                                      "record", mv_json_bytes(seen->dmarc_record), "policy",
                                                      mv_dmarc_policy_text(seen->policy)),
                     "mx", "count", (json_int_t)seen->mx_count, "null", seen->null_mx, "mta_sts", seen->has_mta_sts,
                     "tls_rpt", seen->has_tls_rpt);
}

json_t *mv_check_json(const struct mv_check_result *result)
{
    return json_pack("{s:o*, s:o*, s:o*}", "domain", mv_json_bytes(result->request->domain), "seen",
                     json_seen(&result->seen), "findings", mv_json_findings(result->findings));
}
