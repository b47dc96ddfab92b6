#include "core/ops/spf_providers.h"

#include "core/text/domain.h"

#define DATE "November 2026"

/* By name. A new row needs nothing else. */
static const struct mv_spf_provider providers[] = {
    {"amazon-ses", "Amazon SES", "amazonses.com", MV_SPF_BOUNCE_OWN},
    {"brevo", "Brevo", "spf.brevo.com", MV_SPF_BOUNCE_OWN},
    {"constant-contact", "Constant Contact", "spf.constantcontact.com", MV_SPF_BOUNCE_OWN},
    {"fastmail", "Fastmail", "spf.messagingengine.com", MV_SPF_BOUNCE_YOURS},
    {"freshdesk", "Freshdesk", "email.freshdesk.com", MV_SPF_BOUNCE_YOURS},
    {"gandi", "Gandi", "_mailcust.gandi.net", MV_SPF_BOUNCE_YOURS},
    {"google", "Google Workspace", "_spf.google.com", MV_SPF_BOUNCE_YOURS},
    {"help-scout", "Help Scout", "helpscoutemail.com", MV_SPF_BOUNCE_OWN},
    {"icloud", "iCloud Mail", "icloud.com", MV_SPF_BOUNCE_YOURS},
    {"mailbox-org", "mailbox.org", "mailbox.org", MV_SPF_BOUNCE_YOURS},
    {"mailchimp", "Mailchimp", "servers.mcsv.net", MV_SPF_BOUNCE_OWN},
    {"mailgun", "Mailgun", "mailgun.org", MV_SPF_BOUNCE_OWN},
    {"mailjet", "Mailjet", "spf.mailjet.com", MV_SPF_BOUNCE_OWN},
    {"mandrill", "Mailchimp Transactional", "spf.mandrillapp.com", MV_SPF_BOUNCE_OWN},
    {"microsoft", "Microsoft 365", "spf.protection.outlook.com", MV_SPF_BOUNCE_YOURS},
    {"migadu", "Migadu", "spf.migadu.com", MV_SPF_BOUNCE_YOURS},
    {"ovh", "OVHcloud", "mx.ovh.com", MV_SPF_BOUNCE_YOURS},
    {"postmark", "Postmark", "spf.mtasv.net", MV_SPF_BOUNCE_OWN},
    {"proton", "Proton Mail", "_spf.protonmail.ch", MV_SPF_BOUNCE_YOURS},
    {"salesforce", "Salesforce", "_spf.salesforce.com", MV_SPF_BOUNCE_YOURS},
    {"sendgrid", "Twilio SendGrid", "sendgrid.net", MV_SPF_BOUNCE_OWN},
    {"shopify", "Shopify", "shops.shopify.com", MV_SPF_BOUNCE_OWN},
    {"yandex", "Yandex", "_spf.yandex.net", MV_SPF_BOUNCE_YOURS},
    {"zendesk", "Zendesk", "mail.zendesk.com", MV_SPF_BOUNCE_YOURS},
    {"zoho", "Zoho Mail", "zohomail.com", MV_SPF_BOUNCE_YOURS},
};

#define COUNT (sizeof providers / sizeof *providers)

const struct mv_spf_provider *mv_spf_providers(size_t *count_r)
{
    *count_r = COUNT;
    return providers;
}

const struct mv_spf_provider *mv_spf_provider_find(struct mv_bytes name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (mv_bytes_equal_nocase(mv_bytes_str(providers[i].name), name))
            return &providers[i];
    return NULL;
}

const struct mv_spf_provider *mv_spf_provider_of_include(struct mv_bytes domain)
{
    for (size_t i = 0; i < COUNT; i++)
        if (mv_domain_equal(mv_bytes_str(providers[i].include), domain))
            return &providers[i];
    return NULL;
}

const char *mv_spf_providers_date(void)
{
    return DATE;
}
