/* What is to be said about a flat record, and about one beside its source. */
#include "core/ops/spf_flat.h"

#include "core/base/trace.h"

static const struct mv_finding_kind kept = {
    "spf-flat-kept", MV_SEVERITY_NOTE, "RFC 7208 4.6.4",
    "This term has no fixed networks, so that it stays as it is and costs its lookups still."};
static const struct mv_finding_kind too_large = {
    "spf-flat-too-large", MV_SEVERITY_ERROR, "RFC 7208 4.6.4",
    "Flat, the networks need so many records that including them passes the limit of 10 lookups. Take senders out "
    "that send no more, or give big ones a subdomain of their own."};
static const struct mv_finding_kind missing = {
    "spf-flat-missing", MV_SEVERITY_ERROR, "",
    "The source lets this network pass today, and the published flat record does not: mail from there fails. Publish "
    "what 'mailvouch spf flatten' prints now."};
static const struct mv_finding_kind extra = {
    "spf-flat-extra", MV_SEVERITY_WARNING, "",
    "The published flat record lets this network pass, and the source does not any more: whoever has it next may "
    "send as this domain. Publish what 'mailvouch spf flatten' prints now."};
static const struct mv_finding_kind other_terms = {
    "spf-flat-terms", MV_SEVERITY_WARNING, "",
    "Source and published record differ in more than networks: in a term that was kept, in a qualifier, or in how "
    "they end. Publish what 'mailvouch spf flatten' prints now."};

static const struct mv_finding_kind unpublished = {
    "spf-flat-unpublished", MV_SEVERITY_WARNING, "",
    "What is published is not the record of the file: it was not published yet, or somebody changed it by hand. "
    "Publish the record, or write the file anew."};

void mv_spf_flat_lint(const struct mv_spf_flat *flat, struct mv_bytes domain, unsigned lookups,
                      struct mv_findings *findings)
{
    for (size_t i = 0; i < flat->run_count; i++)
        for (size_t j = 0; j < flat->runs[i].kept_count; j++)
            mv_findings_add(findings, &kept, domain, "%.*s", MV_ARG(flat->runs[i].kept[j]->term.text));
    if (flat->redirect != NULL)
        mv_findings_add(findings, &kept, domain, "%.*s", MV_ARG(flat->redirect->term.text));
    if (lookups > MV_SPF_MAX_LOOKUPS)
        mv_findings_add(findings, &too_large, domain, "%u lookups", lookups);
}

static void compare_networks(const struct mv_spf_flat_run *from, const struct mv_spf_flat_run *in,
                             const struct mv_finding_kind *kind, struct mv_bytes domain, struct mv_findings *findings)
{
    for (size_t i = 0; i < from->networks.count; i++) {
        struct mv_buf text;

        if (mv_spf_networks_hold(&in->networks, &from->networks.items[i]))
            continue;
        mv_buf_init(&text, 128);
        mv_spf_network_print(&from->networks.items[i], &text);
        mv_findings_add(findings, kind, domain, "%.*s", MV_ARG(mv_buf_bytes(&text)));
        mv_buf_free(&text);
    }
}

static bool keeps(const struct mv_spf_flat_run *run, const struct mv_spf_tree_term *term)
{
    for (size_t i = 0; i < run->kept_count; i++)
        if (mv_bytes_equal_nocase(run->kept[i]->term.text, term->term.text))
            return true;
    return false;
}

static void compare_kept(const struct mv_spf_flat_run *from, const struct mv_spf_flat_run *in, const char *where,
                         struct mv_bytes domain, struct mv_findings *findings)
{
    for (size_t i = 0; i < from->kept_count; i++)
        if (!keeps(in, from->kept[i]))
            mv_findings_add(findings, &other_terms, domain, "%.*s stands in the %s only",
                            MV_ARG(from->kept[i]->term.text), where);
}

static struct mv_bytes redirect_of(const struct mv_spf_flat *flat)
{
    return flat->redirect == NULL ? MV_BYTES("") : flat->redirect->term.text;
}

/* A run of nothing says nothing. */
static size_t next_run(const struct mv_spf_flat *flat, size_t at)
{
    while (at < flat->run_count && flat->runs[at].networks.count == 0 && flat->runs[at].kept_count == 0)
        at++;
    return at;
}

void mv_spf_flat_compare(const struct mv_spf_flat *source, const struct mv_spf_flat *published,
                         struct mv_bytes domain, struct mv_findings *findings)
{
    static const struct mv_spf_flat_run nothing = {.qualifier = '+'};
    size_t i = next_run(source, 0), j = next_run(published, 0);

    if (source->all != published->all || !mv_bytes_equal_nocase(redirect_of(source), redirect_of(published)))
        mv_findings_add(findings, &other_terms, domain, "%s", "they end differently");
    while (i < source->run_count || j < published->run_count) {
        const struct mv_spf_flat_run *a = i < source->run_count ? &source->runs[i] : &nothing;
        const struct mv_spf_flat_run *b = j < published->run_count ? &published->runs[j] : &nothing;

        if (a->qualifier != b->qualifier) {
            mv_findings_add(findings, &other_terms, domain, "%s", "qualifiers stand in another order");
            return;
        }
        compare_networks(a, b, &missing, domain, findings);
        compare_networks(b, a, &extra, domain, findings);
        compare_kept(a, b, "source", domain, findings);
        compare_kept(b, a, "published record", domain, findings);
        i = next_run(source, i < source->run_count ? i + 1 : i);
        j = next_run(published, j < published->run_count ? j + 1 : j);
    }
}

void mv_spf_flat_compare_text(const struct mv_spf_flat_record *record, struct mv_bytes published,
                              struct mv_findings *findings)
{
    if (mv_bytes_equal(record->text, published))
        return;
    mv_findings_add(findings, &unpublished, record->name, "%s", "");
    mv_findings_suggest(findings, record->name, "TXT", record->text);
}
