#include "core/config/settings.h"

#include "core/base/ascii.h"

#define MEMBER(name) offsetof(struct mv_settings, name)
#define DOMAIN_MEMBER(name) offsetof(struct mv_domain_settings, name)
#define SECS_PER_DAY (24u * 60 * 60)
#define MAX_WRITTEN_BYTES 32 /* longer words are like nothing */

static const struct mv_setting table[] = {
    {
        .section = "server",
        .key = "authserv_id",
        .type = MV_SETTING_ID,
        .offset = MEMBER(authserv_id),
        .default_text = "",
        .meaning = "The name under which results are published in Authentication-Results (RFC 8601 2.5), and under "
                   "which fields of strangers are removed. One name for all hosts of the site is best. Empty: this "
                   "host's name.",
    },
    {
        .section = "server",
        .key = "authserv_id_aliases",
        .type = MV_SETTING_IDS,
        .offset = MEMBER(authserv_id_aliases),
        .default_text = "",
        .meaning = "Further names whose Authentication-Results fields are removed from incoming mail: other hosts of "
                   "the site, former names. A leading dot stands for the name and everything below it.",
    },
    {
        .section = "server",
        .key = "resolver",
        .type = MV_SETTING_SERVERS,
        .offset = MEMBER(resolver),
        .default_text = "",
        .meaning = "DNS servers, each an address with an optional port: 127.0.0.1, [::1]:5353. Empty: those of "
                   "/etc/resolv.conf.",
    },
    {
        .section = "server",
        .key = "dns_deadline",
        .type = MV_SETTING_MSECS,
        .offset = MEMBER(dns_deadline_msecs),
        .default_text = "20s",
        .min = 1000,
        .max = 600 * 1000,
        .meaning = "How long all DNS questions of one message may take together; what is not answered by then is a "
                   "temporary error. RFC 7208 4.6.4 asks for 20 seconds at least.",
    },
    {
        .section = "server",
        .key = "dns_cache",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(dns_cache_secs),
        .default_text = "5min",
        .min = 0,
        .max = 3600,
        .meaning = "How long mailvouch-lmtpd may keep an answer of DNS for the messages that follow, if its time to "
                   "live is not shorter. 0s: each message asks anew. Servers that have a process for each connection "
                   "ask anew always.",
    },
    {
        .section = "server",
        .key = "dns_try",
        .type = MV_SETTING_MSECS,
        .offset = MEMBER(dns_try_msecs),
        .default_text = "2500ms",
        .min = 100,
        .max = 60 * 1000,
        .meaning = "How long one DNS server is given for an answer before the next try.",
    },
    {
        .section = "server",
        .key = "local_networks",
        .type = MV_SETTING_NETWORKS,
        .offset = MEMBER(local_networks),
        .default_text = "127.0.0.0/8, ::1/128",
        .meaning = "Mail from clients in these networks is our own and is not evaluated. Authentication-Results "
                   "fields in it that claim to be ours are removed all the same (RFC 8601 5).",
    },
    {
        .section = "server",
        .key = "trusted_mtas",
        .type = MV_SETTING_NETWORKS,
        .offset = MEMBER(trusted_mtas),
        .default_text = "",
        .meaning = "Mail servers of the site that have judged already what they hand on, such as a border server, or a "
                   "content filter that hands mail back: nothing is evaluated again, and their Authentication-Results "
                   "fields stay.",
    },
    {
        .section = "server",
        .key = "received_by",
        .type = MV_SETTING_IDS,
        .offset = MEMBER(received_by),
        .default_text = "",
        .meaning = "Mail servers of the site, by the names behind \"by\" in the Received fields they write. Where "
                   "nothing else tells the client of a message, its topmost Received field does if one of these wrote "
                   "it. A leading dot stands for the name and everything below it.",
    },
    {
        .section = "server",
        .key = "handover_keys",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(handover_keys),
        .default_text = "/etc/mailvouch/handover.keys",
        .meaning = "The file of the keys that border and mailbox server share: with it the border adds a "
                   "Mailvouch-Result field that proves its verdict to the mailbox server. \"mailvouch handover-key "
                   "new\" makes it; without the file there is no such field. It is read anew when it changes.",
    },
    {
        .section = "server",
        .key = "handover_max_age",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(handover_max_age_secs),
        .default_text = "5d",
        .min = 60,
        .max = 366 * SECS_PER_DAY,
        .meaning = "How old a Mailvouch-Result field may be and still be believed: as long as mail may wait in a queue "
                   "between the border and the mailbox server.",
    },
    {
        .section = "policy",
        .key = "reject",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(reject),
        .default_text = "unless-indirect",
        .words = {"unless-indirect", "always", "never"},
        .meaning = "What a DMARC failure leads to when the policy is reject. unless-indirect: refuse the message, "
                   "unless it came by one of the forwarders or sealers below (RFC 9989 7.4 forbids rejecting for "
                   "p=reject alone). "
                   "always: refuse it. never: quarantine it.",
    },
    {
        .section = "policy",
        .key = "on_temperror",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(on_temperror),
        .default_text = "defer",
        .words = {"defer", "accept"},
        .meaning = "What happens when DMARC has no result because DNS did not answer. defer: the sender is asked to "
                   "try again later. accept: the message is taken without a result.",
    },
    {
        .section = "policy",
        .key = "on_invalid_from",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(on_invalid_from),
        .default_text = "reject",
        .words = {"reject", "quarantine", "accept"},
        .meaning = "What happens to a message whose author cannot be told: no From field or several, a From field "
                   "that does not parse or names several domains, a header that programs read differently "
                   "(RFC 9989 11.5).",
    },
    {
        .section = "policy",
        .key = "forwarders",
        .type = MV_SETTING_FORWARDERS,
        .offset = MEMBER(forwarders),
        .default_text = "",
        .meaning = "Mailing lists and forwarders whose mail may fail DMARC: domains, with everything below them, that "
                   "show themselves by a DKIM signature or an SPF pass of their own, and addresses or networks of "
                   "clients. Such a message is taken, and the report to the domain's owner says so.",
    },
    {
        .section = "policy",
        .key = "trusted_sealers",
        .type = MV_SETTING_DOMAINS,
        .offset = MEMBER(trusted_sealers),
        .default_text = "",
        .meaning = "Mailing lists and forwarders whose ARC seals are believed (RFC 8617): domains, with everything "
                   "below them. A message that fails DMARC is taken when its chain is right, one of these sealed it "
                   "last, and the oldest of them in a row wrote down that it passed. Nobody else's seal counts.",
    },
    {
        .section = "policy",
        .key = "enforce_domains",
        .type = MV_SETTING_DOMAINS,
        .offset = MEMBER(enforce_domains),
        .default_text = "",
        .meaning = "Domains, with everything below them, that are treated as if they published p=reject, whatever "
                   "they publish.",
    },
    {
        .section = "policy",
        .key = "suffix_hardening",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(suffix_hardening),
        .default_text = "yes",
        .meaning = "Take a DMARC record at a top-level domain for that of a public suffix even when it does not say "
                   "psd=y, so that strangers below it do not vouch for each other (RFC 9989 11.8).",
    },
    {
        .section = "policy",
        .key = "honour_pct",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(honour_pct),
        .default_text = "no",
        .meaning = "Honour the pct tag of RFC 7489, which RFC 9989 removed.",
    },
    {
        .section = "policy",
        .key = "ignore_test_keys",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(ignore_test_keys),
        .default_text = "no",
        .meaning = "Treat DKIM signatures whose key says t=y (testing) as if they were not there. Many domains forget "
                   "to take it out.",
    },
    {
        .section = "policy",
        .key = "not_signers",
        .type = MV_SETTING_DOMAINS,
        .offset = MEMBER(not_signers),
        .default_text = "",
        .meaning = "Domains whose DKIM signatures are never accepted, such as public suffixes (RFC 6376 6.1.1).",
    },
    {
        .section = "policy",
        .key = "min_rsa_bits",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(min_rsa_bits),
        .default_text = "1024",
        .min = 1024, /* RFC 8301 3.2 */
        .max = 4096,
        .meaning = "DKIM signatures with shorter RSA keys are not accepted (RFC 8301 3.2).",
    },
    {
        .section = "policy",
        .key = "max_spf_voids",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_spf_voids),
        .default_text = "2",
        .min = 0,
        .max = 10,
        .meaning = "How many DNS questions of one SPF check may come back with nothing before the record counts as "
                   "broken (RFC 7208 4.6.4).",
    },
    {
        .section = "sign",
        .key = "domains",
        .type = MV_SETTING_DOMAINS,
        .offset = MEMBER(sign_domains),
        .default_text = "",
        .meaning = "Our domains: what our users submit is signed for the domain of its From address, or for the "
                   "nearest one above it that stands here. A section [domain example.org] also makes example.org one "
                   "of ours.",
    },
    {
        .section = "sign",
        .key = "keys_directory",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(keys_directory),
        .default_text = "/var/lib/mailvouch/keys",
        .meaning = "Where the private keys and what is known of them are kept. \"mailvouch key\" writes there.",
    },
    {
        .section = "sign",
        .key = "host",
        .type = MV_SETTING_LABEL,
        .offset = MEMBER(sign_host),
        .default_text = "",
        .min = 1,
        .max = 40, /* a selector goes on with "-20261123-r" and must be a label */
        .meaning = "This host's name in the selectors of its keys: every host makes keys of its own and signs with "
                   "those. Hosts that share their keys have the same name here. Empty: the first label of the host's "
                   "name.",
    },
    {
        .section = "sign",
        .key = "users",
        .type = MV_SETTING_USERS,
        .offset = MEMBER(users),
        .default_text = "*: self",
        .meaning = "Who may send as whom: a login and a colon, then the addresses that may stand in From, and so on. "
                   "self is the login as an address; example.org every address there, .example.org also below; "
                   "sales@example.org one; * all. A * may also be a part of a login or an address, %n in an address is "
                   "the login up to its @, and %d, as the domain, what is behind it. All that fit a login count. With "
                   "logins that have no @: \"*: %n@example.org\".",
    },
    {
        .section = "sign",
        .key = "users_file",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(users_file),
        .default_text = "",
        .meaning = "A file of further lines \"login: address, address\", with the same patterns. It is read anew when "
                   "it changes.",
    },
    {
        .section = "sign",
        .key = "networks",
        .type = MV_SETTING_NETWORKS,
        .offset = MEMBER(sign_networks),
        .default_text = "",
        .meaning = "Clients that may submit without a login, and then as any address of our domains: machines that "
                   "send mail of their own.",
    },
    {
        .section = "sign",
        .key = "foreign_from",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(foreign_from),
        .default_text = "refuse",
        .words = {"refuse", "unsigned"},
        .meaning = "What happens when a user submits mail whose From address is in none of our domains. refuse: 550 "
                   "5.7.1. unsigned: it is sent without a signature. It is never signed.",
    },
    {
        .section = "sign",
        .key = "on_error",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(on_sign_error),
        .default_text = "defer",
        .words = {"defer", "send"},
        .meaning = "What happens when a message that is to be signed cannot be: no key is ready, a file cannot be "
                   "read. defer: the user is asked to try again later (451 4.7.5). send: it is sent without a "
                   "signature.",
    },
    {
        .section = "sign",
        .key = "preflight",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(preflight_secs),
        .default_text = "2d",
        .max = 366 * SECS_PER_DAY,
        .meaning = "A key signs only when every name server of its domain was seen to show it, not longer ago than "
                   "this. \"mailvouch key auto\" looks. 0s: however long ago, also never; but a key that was seen to "
                   "be missing there never signs.",
    },
    {
        .section = "sign",
        .key = "canonicalization",
        .type = MV_SETTING_WORD,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(canonicalization),
        .default_text = "relaxed/relaxed",
        .words = {"relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"},
        .meaning = "How header and body are made even before they are signed (RFC 6376 3.4). relaxed bears what "
                   "servers on the way do to white space.",
    },
    {
        .section = "sign",
        .key = "expire",
        .type = MV_SETTING_SECS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(expire_secs),
        .default_text = "14d",
        .max = 366 * SECS_PER_DAY,
        .meaning = "How long a signature holds (x= of RFC 6376 3.5). 0s: for ever.",
    },
    {
        .section = "sign",
        .key = "exim_keys",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(exim_keys),
        .default_text = "/var/lib/mailvouch/exim-dkim",
        .meaning = "A file for lsearch that \"mailvouch key auto\" keeps up to date, for those who sign with Exim's "
                   "own dkim_* options: domain, selectors and directory of the keys that sign now. Empty: no file.",
    },
    {
        .section = "sign",
        .key = "key_types",
        .type = MV_SETTING_WORD,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(key_types),
        .default_text = "rsa+ed25519",
        .words = {"rsa+ed25519", "rsa"},
        .meaning = "Which keys \"mailvouch key auto\" keeps for the domain. Every message is signed with each. Many "
                   "servers do not check Ed25519 signatures yet (RFC 8463), so that there is always an RSA key too.",
    },
    {
        .section = "sign",
        .key = "rsa_bits",
        .type = MV_SETTING_UINT,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(rsa_bits),
        .default_text = "2048",
        .min = 1024, /* RFC 8301 3.2 */
        .max = 4096,
        .meaning = "The length of new RSA keys. A key in use that is shorter is rolled. Records of more than 2048 bits "
                   "need more than one small DNS packet.",
    },
    {
        .section = "sign",
        .key = "roll_every",
        .type = MV_SETTING_SECS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(roll_every_secs),
        .default_text = "90d",
        .max = 3650 * SECS_PER_DAY,
        .meaning = "How long a key signs before \"mailvouch key auto\" makes the next one. 0s: keys are rolled by hand "
                   "only.",
    },
    {
        .section = "sign",
        .key = "publish_wait",
        .type = MV_SETTING_SECS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(publish_wait_secs),
        .default_text = "1h",
        .max = 30 * SECS_PER_DAY,
        .meaning = "How long a new key waits, once all name servers show it, before it signs. It waits longer where "
                   "caches may keep for longer that there was no such record.",
    },
    {
        .section = "sign",
        .key = "retire_after",
        .type = MV_SETTING_SECS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(retire_after_secs),
        .default_text = "14d",
        .min = SECS_PER_DAY,
        .max = 366 * SECS_PER_DAY,
        .meaning = "How long the record of a key stays in DNS after its last signature, beside what \"expire\" says: "
                   "mail waits in queues, and is forwarded and looked at again.",
    },
    {
        .section = "sign",
        .key = "publish",
        .type = MV_SETTING_WORD,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(publish),
        .default_text = "manual",
        .words = {"manual", "nsupdate", "hook"},
        .meaning = "How the records of keys come into DNS and go again. manual: a person does it; \"mailvouch key "
                   "auto\" says what is to be done and goes on when it is. nsupdate: dynamic updates (RFC 2136). "
                   "hook: a program of yours.",
    },
    {
        .section = "sign",
        .key = "record_ttl",
        .type = MV_SETTING_SECS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(record_ttl_secs),
        .default_text = "1h",
        .max = 7 * SECS_PER_DAY,
        .meaning = "The time to live of the records of keys.",
    },
    {
        .section = "sign",
        .key = "update_servers",
        .type = MV_SETTING_SERVERS,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(update_servers),
        .default_text = "",
        .meaning = "With publish = nsupdate: the servers that take updates of the zone, tried in turn. Empty: the "
                   "primary server that the zone names.",
    },
    {
        .section = "sign",
        .key = "update_key",
        .type = MV_SETTING_PATH,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(update_key),
        .default_text = "",
        .meaning = "With publish = nsupdate: the file with the TSIG key, as tsig-keygen writes it. Empty: updates are "
                   "not signed.",
    },
    {
        .section = "sign",
        .key = "publish_hook",
        .type = MV_SETTING_PATH,
        .scope = MV_SCOPE_DOMAIN,
        .offset = DOMAIN_MEMBER(publish_hook),
        .default_text = "",
        .meaning = "With publish = hook: the program that is run with \"publish\" or \"withdraw\", the name of the "
                   "record, its time to live and its text; see mailvouch-key(1).",
    },
};

#define OWN_ROWS (sizeof table / sizeof table[0])

static const struct mv_settings_part *const parts[] = {&mv_settings_lmtp, &mv_settings_dovecot, &mv_settings_report};
#define PARTS (sizeof parts / sizeof parts[0])

const struct mv_setting *mv_setting_at(size_t index)
{
    if (index < OWN_ROWS)
        return &table[index];
    index -= OWN_ROWS;
    for (size_t i = 0; i < PARTS; i++) {
        if (index < parts[i]->count)
            return &parts[i]->rows[index];
        index -= parts[i]->count;
    }
    return NULL;
}

size_t mv_setting_count(void)
{
    size_t count = OWN_ROWS;

    for (size_t i = 0; i < PARTS; i++)
        count += parts[i]->count;
    return count;
}

bool mv_setting_is_list(const struct mv_setting *setting)
{
    switch (setting->type) {
    case MV_SETTING_IDS:
    case MV_SETTING_DOMAINS:
    case MV_SETTING_NETWORKS:
    case MV_SETTING_FORWARDERS:
    case MV_SETTING_SERVERS:
    case MV_SETTING_USERS:
    case MV_SETTING_ENDPOINTS:
        return true;
    default:
        return false;
    }
}

static unsigned char folded(unsigned char c)
{
    return c == '-' ? '_' : mv_ascii_lower(c);
}

static bool equal_key(struct mv_bytes a, struct mv_bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (folded(a.data[i]) != folded(b.data[i]))
            return false;
    return true;
}

static bool belongs(const struct mv_setting *setting, struct mv_bytes section)
{
    if (setting->scope == MV_SCOPE_DOMAIN && mv_bytes_equal_nocase(section, MV_BYTES(MV_SETTING_DOMAIN_SECTION)))
        return true;
    return mv_bytes_equal_nocase(section, mv_bytes_str(setting->section));
}

const struct mv_setting *mv_setting_find(struct mv_bytes section, struct mv_bytes key, size_t *index_r)
{
    const struct mv_setting *row;

    for (size_t i = 0; (row = mv_setting_at(i)) != NULL; i++) {
        if (belongs(row, section) && equal_key(key, mv_bytes_str(row->key))) {
            *index_r = i;
            return row;
        }
    }
    return NULL;
}

const char *mv_setting_section_of(struct mv_bytes key)
{
    const struct mv_setting *row;

    for (size_t i = 0; (row = mv_setting_at(i)) != NULL; i++)
        if (equal_key(key, mv_bytes_str(row->key)))
            return row->section;
    return NULL;
}

const char *mv_setting_section_at(size_t index)
{
    const struct mv_setting *row;
    struct mv_bytes last = {NULL, 0};

    for (size_t i = 0; (row = mv_setting_at(i)) != NULL; i++) {
        struct mv_bytes section = mv_bytes_str(row->section);

        if (mv_bytes_equal(section, last))
            continue;
        if (index == 0)
            return row->section;
        index--;
        last = section;
    }
    return NULL;
}

bool mv_setting_has_section(struct mv_bytes section)
{
    const char *known;

    for (size_t i = 0; (known = mv_setting_section_at(i)) != NULL; i++)
        if (mv_bytes_equal_nocase(section, mv_bytes_str(known)))
            return true;
    return false;
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* Levenshtein's distance: insertions, deletions and replacements that make a of b. */
static unsigned distance(struct mv_bytes a, struct mv_bytes b)
{
    unsigned row[MAX_WRITTEN_BYTES + 1];

    if (a.len > MAX_WRITTEN_BYTES)
        return MAX_WRITTEN_BYTES;
    for (unsigned i = 0; i <= a.len; i++)
        row[i] = i;
    for (unsigned j = 0; j < b.len; j++) {
        unsigned diagonal = row[0];

        row[0] = j + 1;
        for (size_t i = 0; i < a.len; i++) {
            unsigned change = diagonal + (folded(a.data[i]) != folded(b.data[j]));

            diagonal = row[i + 1];
            row[i + 1] = smallest(change, row[i] + 1, diagonal + 1);
        }
    }
    return row[a.len];
}

struct nearest {
    struct mv_bytes written;
    const char *word;
    unsigned distance;
};

/* A third of the letters may be wrong. */
static struct nearest nearest_to(struct mv_bytes written)
{
    return (struct nearest){.written = written, .distance = (unsigned)written.len / 3 + 2};
}

static void consider(struct nearest *nearest, const char *word)
{
    unsigned d = distance(nearest->written, mv_bytes_str(word));

    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->word = word;
    }
}

const char *mv_setting_nearest_section(struct mv_bytes written)
{
    struct nearest nearest = nearest_to(written);
    const struct mv_setting *row;

    for (size_t i = 0; (row = mv_setting_at(i)) != NULL; i++)
        consider(&nearest, row->section);
    consider(&nearest, MV_SETTING_DOMAIN_SECTION);
    return nearest.word;
}

const char *mv_setting_nearest_key(struct mv_bytes section, struct mv_bytes written)
{
    struct nearest nearest = nearest_to(written);
    const struct mv_setting *row;

    for (size_t i = 0; (row = mv_setting_at(i)) != NULL; i++)
        if (belongs(row, section))
            consider(&nearest, row->key);
    return nearest.word;
}
