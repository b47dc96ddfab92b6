#include "tests/unit/dmarc_zone.h"

#include <string.h>

#include "core/text/domain.h"

#define MAX_RECORDS 8

static struct mv_bytes name_of(const char *line)
{
    const char *name = strchr("+!", line[0]) != NULL ? line + 1 : line;

    return mv_bytes_of(name, strcspn(name, " "));
}

static const char *value_of(const char *line)
{
    const char *space = strchr(line, ' ');

    return space == NULL ? "" : space + 1;
}

static bool to_error(const char *value, enum mv_dns_status *status_r)
{
    static const enum mv_dns_status errors[] = {MV_DNS_TIMEOUT, MV_DNS_SERVFAIL, MV_DNS_REFUSED};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strcmp(value, mv_dns_status_rcode(errors[i])) == 0) {
            *status_r = errors[i];
            return true;
        }
    return false;
}

/* "_dmarc.example.com" and "example.com" */
static bool is_policy_name(struct mv_bytes asked, struct mv_bytes name)
{
    return mv_bytes_has_prefix_nocase(asked, MV_BYTES("_dmarc.")) &&
           mv_domain_equal(mv_bytes_slice(asked, sizeof "_dmarc." - 1, asked.len), name);
}

static void add_line(const char *line, struct mv_bytes asked, struct mv_dns_record *records, struct mv_dns_answer *answer)
{
    struct mv_bytes name = name_of(line);

    if (line[0] == '!' && mv_domain_equal(asked, name)) {
        answer->status = MV_DNS_TIMEOUT;
    } else if (strchr("+!", line[0]) == NULL && is_policy_name(asked, name)) {
        if (to_error(value_of(line), &answer->status) || answer->count == MAX_RECORDS)
            return;
        records[answer->count++].data = mv_bytes_str(value_of(line));
        answer->status = MV_DNS_FOUND;
    } else if (answer->status == MV_DNS_NXDOMAIN && mv_domain_is_within(name, asked)) {
        answer->status = MV_DNS_NODATA;
    }
}

size_t dmarc_zone_answer(const char *const *zone, struct mv_memo *memo)
{
    struct mv_dns_question question;
    size_t count = 0;

    for (; mv_memo_next_question(memo, &question); count++) {
        struct mv_dns_record records[MAX_RECORDS] = {{.preference = 0}};
        struct mv_dns_answer answer = {.status = MV_DNS_NXDOMAIN, .ttl_secs = 60, .records = records};

        for (size_t i = 0; zone[i] != NULL; i++)
            add_line(zone[i], question.name, records, &answer);
        if (mv_memo_answer(memo, &question, &answer) != MV_OK)
            break;
    }
    return count;
}
