#include "tests/unit/evidence_rows.h"

#include <string.h>

#include "core/text/domain.h"

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static struct mv_bytes pick(uint64_t *seed, const char *const names[], size_t count)
{
    return mv_bytes_str(names[next(seed) % count]);
}

static const char *const policy_domains[] = {"a.example", "example", "xn--bcher-kva.example", "_x.long-label.example"};
static const char *const authors[] = {"a.example", "mail.a.example", "x.xn--bcher-kva.example",
                                      "b._x.long-label.example", "a.b.c.d.e.f.g.example"};
static const char *const others[] = {"", "a.example", "bounce.a.example", "other.example.net", "example"};
static const char *const selectors[] = {"", "s1", "2026.rsa", "key_one"};

static void make_signatures(uint64_t *seed, struct mv_evidence_line *line)
{
    line->dkim_count = next(seed) % (MV_EVIDENCE_MAX_DKIM + 1);
    for (size_t i = 0; i < line->dkim_count; i++)
        line->dkim[i] = (struct mv_evidence_signature){
            .result = (enum mv_dkim_code)(next(seed) % (MV_DKIM_PERMERROR + 1)),
            .domain = pick(seed, others + 1, 4),
            .selector = pick(seed, selectors, 4),
            .alignment = (enum mv_evidence_alignment)(next(seed) % 3),
        };
}

static void make_client(uint64_t *seed, struct mv_ip *ip)
{
    unsigned char octets[16];
    size_t len = next(seed) % 2 == 0 ? 4 : 16;

    for (size_t i = 0; i < len; i++)
        octets[i] = (unsigned char)(next(seed) % 3 == 0 ? 0 : next(seed));
    if (!mv_ip_from_octets(mv_bytes_of(octets, len), ip))
        *ip = (struct mv_ip){.family = MV_IP_NONE};
}

void evidence_row_make(uint64_t seed, struct mv_bytes bytes, struct mv_evidence_line *line_r)
{
    static const enum mv_dmarc_code codes[] = {MV_DMARC_PASS, MV_DMARC_FAIL, MV_DMARC_TEMPERROR};
    struct mv_evidence_line *line = line_r;
    size_t note = next(&seed) % (MV_EVIDENCE_MAX_NOTE_BYTES + 1);

    *line = (struct mv_evidence_line){.time_secs = (int64_t)(next(&seed) * 100)};
    make_client(&seed, &line->client);
    do {
        line->author_domain = pick(&seed, authors, 5);
        line->policy_domain = pick(&seed, policy_domains, 4);
    } while (!mv_domain_is_within(line->author_domain, line->policy_domain));
    line->note = mv_bytes_slice(bytes, 0, note);
    line->record = bytes.len == 0 ? MV_BYTES("v=DMARC1; p=none") : bytes;
    line->published = (enum mv_dmarc_policy)(MV_DMARC_P_NONE + next(&seed) % 3);
    line->result = codes[next(&seed) % 3];
    line->action = (enum mv_action)(next(&seed) % 3);
    line->override = (enum mv_override)(next(&seed) % (MV_OVERRIDE_OTHER + 1));
    line->is_report = next(&seed) % 3 == 0;
    line->has_spf = next(&seed) % 4 != 0;
    line->spf_domain = line->has_spf ? pick(&seed, others, 5) : mv_bytes_str(NULL);
    line->spf_of_helo = line->has_spf && next(&seed) % 2 == 0;
    line->spf_result = line->has_spf ? (enum mv_spf_code)(next(&seed) % (MV_SPF_PERMERROR + 1)) : MV_SPF_NONE;
    line->aligned_spf = line->result == MV_DMARC_PASS && line->spf_result == MV_SPF_PASS && next(&seed) % 2 == 0;
    line->aligned_dkim = line->result == MV_DMARC_PASS && (!line->aligned_spf || next(&seed) % 2 == 0);
    make_signatures(&seed, line);
}

static bool same_signatures(const struct mv_evidence_line *a, const struct mv_evidence_line *b)
{
    for (size_t i = 0; i < a->dkim_count; i++)
        if (a->dkim[i].result != b->dkim[i].result || a->dkim[i].alignment != b->dkim[i].alignment ||
            !mv_bytes_equal(a->dkim[i].domain, b->dkim[i].domain) ||
            !mv_bytes_equal(a->dkim[i].selector, b->dkim[i].selector))
            return false;
    return true;
}

const char *evidence_row_differs(const struct mv_evidence_line *a, const struct mv_evidence_line *b)
{
    if (a->time_secs != b->time_secs)
        return "t";
    if (a->client.family != b->client.family || memcmp(a->client.octets, b->client.octets, sizeof a->client.octets) != 0)
        return "ip";
    if (!mv_bytes_equal(a->author_domain, b->author_domain) || !mv_bytes_equal(a->policy_domain, b->policy_domain))
        return "from or at";
    if (!mv_bytes_equal(a->record, b->record))
        return "rec";
    if (a->published != b->published || a->result != b->result || a->action != b->action)
        return "pub, dmarc or act";
    if (a->override != b->override || a->is_report != b->is_report || !mv_bytes_equal(a->note, b->note))
        return "why, rep or note";
    if (a->aligned_dkim != b->aligned_dkim || a->aligned_spf != b->aligned_spf)
        return "al";
    if (a->has_spf != b->has_spf || a->spf_result != b->spf_result || a->spf_of_helo != b->spf_of_helo ||
        !mv_bytes_equal(a->spf_domain, b->spf_domain))
        return "spf";
    return a->dkim_count == b->dkim_count && same_signatures(a, b) ? NULL : "dkim";
}
