#include "core/config/settings.h"

#define MEMBER(name) offsetof(struct mv_settings, dovecot.name)

static const struct mv_setting rows[] = {
    {
        .section = "dovecot",
        .key = "tag",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(tag),
        .default_text = "yes",
        .meaning = "Is the mail of a user tagged for whom Dovecot says nothing else? The field mailvouch of his userdb "
                   "entry, yes or no, comes first.",
    },
    {
        .section = "dovecot",
        .key = "keyword_pass",
        .type = MV_SETTING_ATOM,
        .offset = MEMBER(keyword_pass),
        .default_text = "$AuthPass",
        .max = 64,
        .meaning = "The IMAP keyword of a message whose author DMARC has proved. Empty: none.",
    },
    {
        .section = "dovecot",
        .key = "keyword_fail",
        .type = MV_SETTING_ATOM,
        .offset = MEMBER(keyword_fail),
        .default_text = "$AuthFail",
        .max = 64,
        .meaning = "The IMAP keyword of a message that fails DMARC. Empty: none.",
    },
    {
        .section = "dovecot",
        .key = "keyword_phishing",
        .type = MV_SETTING_ATOM,
        .offset = MEMBER(keyword_phishing),
        .default_text = "$Phishing",
        .max = 64,
        .meaning = "The further keyword where the policy of the Author Domain is quarantine or reject, and no "
                   "forwarder or sealer that is trusted explains the failure. Mail programs warn of it. Empty: none.",
    },
    {
        .section = "dovecot",
        .key = "junk_mailbox",
        .type = MV_SETTING_TEXT,
        .offset = MEMBER(junk_mailbox),
        .default_text = "Junk",
        .max = 200,
        .meaning = "Where a message in quarantine is filed, unless a Sieve script files it elsewhere. Empty: it stays "
                   "in the inbox, with its keywords.",
    },
    {
        .section = "dovecot",
        .key = "junk_create",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(junk_create),
        .default_text = "yes",
        .meaning = "Make junk_mailbox where a user has none. no: his message stays in the inbox.",
    },
    {
        .section = "dovecot",
        .key = "without_client",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(without_client),
        .default_text = "pass-only",
        .words = {"pass-only", "judge"},
        .meaning = "What DMARC is worth where neither a hand-over nor a Received field of [server] received_by tells "
                   "the client, so that SPF cannot be checked. pass-only: a pass by DKIM counts, and nothing is said "
                   "otherwise, since much genuine mail passes by SPF alone. judge: what DKIM does not prove has "
                   "failed.",
    },
};

const struct mv_settings_part mv_settings_dovecot = {rows, sizeof rows / sizeof rows[0]};
