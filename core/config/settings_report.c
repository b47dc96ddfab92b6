#include "core/config/settings.h"

#define MEMBER(name) offsetof(struct mv_settings, report.name)

static const struct mv_setting rows[] = {
    {
        .section = "report",
        .key = "evidence",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(evidence),
        .default_text = "no",
        .meaning = "Write down what was found about each message whose domain publishes DMARC, so that its owner can "
                   "be told: one line in evidence_directory, without recipient and subject. mailvouch report import "
                   "and mailvouch report send make reports of them, by the timer mailvouch-report.",
    },
    {
        .section = "report",
        .key = "evidence_directory",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(evidence_directory),
        .default_text = "/var/lib/mailvouch/evidence",
        .meaning = "Where evidence waits for the next import. Every server that judges mail must be able to make files "
                   "in it. When a line cannot be written, mail goes on and the log says so.",
    },
    {
        .section = "report",
        .key = "store",
        .type = MV_SETTING_TEXT,
        .offset = MEMBER(store),
        .default_text = "/var/lib/mailvouch/reports/reports.db",
        .max = 199,
        .meaning = "Where reports are kept, those that came and those that go: the path of an SQLite file, or "
                   "postgresql://HOST/DATABASE for several mail servers that share one; then one of them sends.",
    },
    {
        .section = "report",
        .key = "keep_days",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(keep_days),
        .default_text = "400",
        .min = 7,
        .max = 36500,
        .meaning = "mailvouch report purge removes what is older.",
    },
    {
        .section = "report",
        .key = "send",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(send),
        .default_text = "no",
        .meaning = "May mailvouch report send send aggregate reports to the owners of domains that ask for them "
                   "(RFC 9990)? It needs address, and keys in [sign] for the domain of it.",
    },
    {
        .section = "report",
        .key = "address",
        .type = MV_SETTING_ADDRESS,
        .offset = MEMBER(address),
        .default_text = "",
        .meaning = "From whom reports are, such as dmarc-reports@example.org. No report is sent without it.",
    },
    {
        .section = "report",
        .key = "organization",
        .type = MV_SETTING_TEXT,
        .offset = MEMBER(organization),
        .default_text = "",
        .max = 150,
        .meaning = "Who reports, in words. Empty: the domain of address.",
    },
    {
        .section = "report",
        .key = "contact",
        .type = MV_SETTING_TEXT,
        .offset = MEMBER(contact),
        .default_text = "",
        .max = 150,
        .meaning = "A page or another way to reach us, told in every report. Empty: none.",
    },
    {
        .section = "report",
        .key = "bounce_address",
        .type = MV_SETTING_ADDRESS,
        .offset = MEMBER(bounce_address),
        .default_text = "",
        .meaning = "The envelope sender of reports, to which \"+\" and a token of each mail are added (VERP): "
                   "mailvouch report bounce then learns which address takes no reports. Empty: the null sender, and "
                   "nothing is learned.",
    },
    {
        .section = "report",
        .key = "sendmail",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(sendmail),
        .default_text = "/usr/sbin/sendmail",
        .meaning = "The program that takes reports, called with -i -f SENDER -t.",
    },
    {
        .section = "report",
        .key = "only_wanted",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(only_wanted),
        .default_text = "yes",
        .meaning = "Report only to domains of which at least one message passed DMARC within 30 days: not to those "
                   "that only ever appear in mail that nobody wants.",
    },
    {
        .section = "report",
        .key = "max_per_day",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_per_day),
        .default_text = "10000",
        .min = 1,
        .max = 10000000,
        .meaning = "So many report mails leave within 24 hours; the rest waits for the next run.",
    },
    {
        .section = "report",
        .key = "max_per_destination",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_per_destination),
        .default_text = "200",
        .min = 1,
        .max = 1000000,
        .meaning = "So many of them to one domain that takes reports.",
    },
    {
        .section = "report",
        .key = "never_to",
        .type = MV_SETTING_DOMAINS,
        .offset = MEMBER(never_to),
        .default_text = "",
        .meaning = "Domains whose addresses get no reports, with all below them.",
    },
    {
        .section = "report",
        .key = "failure",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(failure),
        .default_text = "no",
        .meaning = "Also send failure reports (RFC 9991) about single messages, with their header blocks redacted "
                   "(RFC 6590). Most receivers do not, since they tell who writes to whom. It needs evidence, send "
                   "and address.",
    },
    {
        .section = "report",
        .key = "failure_per_hour",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(failure_per_hour),
        .default_text = "60",
        .min = 1,
        .max = 100000,
        .meaning = "So many failure reports leave within an hour, and a tenth of them to one address; what is alike "
                   "is told in one.",
    },
};

const struct mv_settings_part mv_settings_report = {rows, sizeof rows / sizeof rows[0]};
