/* The answer that carries the record (RFC 7208 3, 4.4, 4.5). */
#include "core/ops/spf_lint_run.h"

#include "core/base/trace.h"

static const struct mv_finding_kind no_domain = {
    "spf-no-domain", MV_SEVERITY_ERROR, "RFC 7208 4.3",
    "This name does not exist in DNS: nothing can be published or checked there. Is it spelled right?"};
static const struct mv_finding_kind no_record = {
    "spf-no-record", MV_SEVERITY_WARNING, "RFC 7208 4.5",
    "Without a record SPF says nothing about mail of this domain, and large receivers want one. 'mailvouch spf "
    "build' makes it; a domain that sends no mail publishes v=spf1 -all."};
static const struct mv_finding_kind several = {
    "spf-several-records", MV_SEVERITY_ERROR, "RFC 7208 4.5",
    "More than one record is a permerror: none of them counts. Put all senders into one, and delete the rest."};
static const struct mv_finding_kind unanswered = {
    "spf-unanswered", MV_SEVERITY_ERROR, "RFC 7208 4.4",
    "DNS gave no answer for the record: receivers defer the mail or judge without it. If it stays so, ask those who "
    "run the name servers of the domain."};
static const struct mv_finding_kind over_udp = {
    "spf-answer-over-512", MV_SEVERITY_NOTE, "RFC 7208 3.4",
    "All TXT records of a name travel in one answer, and past 512 bytes some receivers have to ask again by TCP. "
    "Delete TXT records that are not needed any more, such as old site verifications."};
static const struct mv_finding_kind over_edns = {
    "spf-answer-over-1232", MV_SEVERITY_WARNING, "RFC 7208 3.4",
    "An answer of this size does not fit one packet: resolvers have to ask again by TCP, and where that is blocked "
    "SPF fails for now (temperror). Move networks to an include of your own, and delete old TXT records."};
static const struct mv_finding_kind beside = {
    "spf-second-meant", MV_SEVERITY_WARNING, "RFC 7208 4.5",
    "Another TXT record of this name seems to be meant as SPF and is not read as one. Take it out, so that nobody "
    "mends it into a second record."};
static const struct mv_finding_kind long_text = {
    "spf-needs-strings", MV_SEVERITY_NOTE, "RFC 7208 3.3",
    "A text of more than 255 bytes has to be published in several strings, joined without a space. Most web forms "
    "cut it by themselves; a zone file wants each string in quotes."};

static void check_size(struct mv_spf_lint *lint, size_t bytes, size_t count)
{
    const struct mv_finding_kind *kind = bytes > MV_SPF_EDNS_BYTES ? &over_edns : &over_udp;

    if (bytes > MV_SPF_UDP_BYTES)
        mv_findings_add(lint->findings, kind, lint->root->domain, "%zu bytes with %zu TXT record%s", bytes, count,
                        count == 1 ? "" : "s");
}

/* The character-strings of one record (RFC 1035 3.3.14). */
static void check_joints(struct mv_spf_lint *lint, const struct mv_dns_record *record)
{
    struct mv_cursor c = mv_cursor_of(record->rdata);
    size_t from = 0, at = 0;

    while (mv_cursor_left(&c) > 0) {
        if (at > 0)
            mv_spf_lint_joint(lint->findings, lint->root->domain, record->data, from, at);
        from = at;
        at += mv_cursor_take(&c, (size_t)mv_cursor_next(&c)).len;
    }
}

static void check_texts(struct mv_spf_lint *lint, const struct mv_dns_answer *answer)
{
    struct mv_bytes domain = lint->root->domain;
    size_t bytes = 0;

    for (size_t i = 0; i < answer->count; i++) {
        const struct mv_dns_record *record = &answer->records[i];

        bytes += record->rdata.len;
        if (mv_spf_record_is(record->data))
            check_joints(lint, record);
        else if (mv_bytes_has_prefix_nocase(record->data, MV_BYTES("spf2.0/")))
            mv_spf_lint_version(lint->findings, domain, record->data);
        else if (mv_spf_is_meant(record->data) && lint->root->record_count == 0)
            mv_spf_lint_version(lint->findings, domain, record->data);
        else if (mv_spf_is_meant(record->data))
            mv_findings_add(lint->findings, &beside, domain, "%.*s", MV_ARG(record->data));
    }
    check_size(lint, mv_spf_answer_bytes(domain, answer->count, bytes), answer->count);
}

static void check_state(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_host *root = lint->root;

    switch (root->state) {
    case MV_SPF_TREE_NO_NAME:
        mv_findings_add(lint->findings, &no_domain, root->domain, "%s", "");
        return;
    case MV_SPF_TREE_ABSENT:
        mv_findings_add(lint->findings, &no_record, root->domain, "%s", "");
        return;
    case MV_SPF_TREE_SEVERAL:
        mv_findings_add(lint->findings, &several, root->domain, "%zu records", root->record_count);
        return;
    case MV_SPF_TREE_UNANSWERED:
        mv_findings_add(lint->findings, &unanswered, root->domain, "%s", mv_dns_status_text(root->answer->status));
        return;
    default:
        return;
    }
}

void mv_spf_lint_answer(struct mv_spf_lint *lint)
{
    const struct mv_spf_tree_host *root = lint->root;

    check_state(lint);
    if (root->answer != NULL)
        check_texts(lint, root->answer);
    else if (root->text.len > 0)
        check_size(lint, mv_spf_answer_bytes(root->domain, 1, mv_spf_rdata_bytes(root->text)), 1);
    if (root->answer == NULL && root->text.len > 255)
        mv_findings_add(lint->findings, &long_text, root->domain, "%zu bytes", root->text.len);
}
