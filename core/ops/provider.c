#include "core/ops/provider.h"

#include "core/text/domain.h"

static const struct mv_provider providers[] = {
    {"Amazon SES", "amazonses.com", "amazonses.com", "verify the domain with Easy DKIM and publish its three CNAMEs"},
    {"Brevo", "spf.brevo.com", "brevo.com sendinblue.com sender-sib.com",
     "authenticate the domain under Senders & Domains"},
    {"Campaign Monitor", "_spf.createsend.com", "createsend.com cmail19.com cmail20.com",
     "authenticate the domain and publish its key"},
    {"Constant Contact", "spf.constantcontact.com", "constantcontact.com ccsend.com",
     "turn on self-authentication with two CNAMEs"},
    {"Fastmail", "spf.messagingengine.com", "messagingengine.com fastmail.com",
     "publish the three CNAMEs fm1, fm2, fm3"},
    {"Freshdesk", "email.freshdesk.com", "freshdesk.com freshemail.io", "verify the domain under Email settings"},
    {"Google Workspace", "_spf.google.com", "google.com gappssmtp.com googlemail.com",
     "turn on DKIM in the admin console under Gmail, Authenticate email"},
    {"HubSpot", "", "hubspotemail.net hubspot.com", "connect an email sending domain and publish its CNAMEs"},
    {"IONOS", "_spf.perfora.net", "perfora.net kundenserver.de ionos.com",
     "publish the CNAMEs that the DNS settings show"},
    {"Mailchimp", "servers.mcsv.net", "mcsv.net mcdlv.net rsgsv.net mailchimp.com",
     "authenticate the domain with two CNAMEs, k2 and k3"},
    {"Mailchimp Transactional", "spf.mandrillapp.com", "mandrillapp.com", "publish the two CNAMEs mte1 and mte2"},
    {"Mailgun", "mailgun.org", "mailgun.org mailgun.net", "add the sending domain and publish its key"},
    {"Mailjet", "spf.mailjet.com", "mailjet.com", "publish the key under mailjet._domainkey"},
    {"Microsoft 365", "spf.protection.outlook.com", "outlook.com onmicrosoft.com",
     "turn on DKIM in Defender and publish its two CNAMEs"},
    {"OVH", "mx.ovh.com", "ovh.net ovh.com", "turn DKIM on in the control panel"},
    {"Postmark", "spf.mtasv.net", "mtasv.net postmarkapp.com", "publish its key, and pm-bounces as a CNAME"},
    {"Proton Mail", "_spf.protonmail.ch", "protonmail.ch proton.me", "publish the three CNAMEs of the domain setup"},
    {"Rackspace", "emailsrvr.com", "emailsrvr.com", "turn on DKIM in the control panel"},
    {"Salesforce", "_spf.salesforce.com", "salesforce.com exacttarget.com",
     "make a DKIM key in Setup and publish its two CNAMEs"},
    {"SendGrid", "sendgrid.net", "sendgrid.net sendgrid.com", "authenticate the domain with its three CNAMEs"},
    {"Shopify", "shops.shopify.com", "shopifyemail.com shopify.com", "authenticate the sender domain with its CNAMEs"},
    {"SparkPost", "_spf.sparkpostmail.com", "sparkpostmail.com sparkpost.com",
     "add the sending domain and publish its key"},
    {"Zendesk", "mail.zendesk.com", "zendesk.com zdsys.com", "turn on digital signatures and publish its two CNAMEs"},
    {"Zoho Mail", "zohomail.com", "zoho.com zohomail.com", "add a DKIM selector in the mail admin console"},
};

const struct mv_provider *mv_provider_at(size_t index)
{
    return index < sizeof providers / sizeof *providers ? &providers[index] : NULL;
}

const struct mv_provider *mv_provider_of_domain(struct mv_bytes domain)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        struct mv_cursor c = mv_cursor_of(mv_bytes_str(providers[i].domains));

        do {
            if (mv_domain_is_within(domain, mv_cursor_take_until(&c, ' ')))
                return &providers[i];
        } while (mv_cursor_accept(&c, ' '));
    }
    return NULL;
}

const struct mv_provider *mv_provider_of_include(struct mv_bytes name)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (providers[i].include[0] != '\0' && mv_domain_equal(name, mv_bytes_str(providers[i].include)))
            return &providers[i];
    return NULL;
}
