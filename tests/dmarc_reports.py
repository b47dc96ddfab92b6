"""Aggregate reports (RFC 9990) for tests: of days, reporters and rows."""
import os
from xml.sax.saxutils import escape

DAY = 86400


class Row:
    """Messages of one address, alike. spf: (domain, result), dkim: [(domain, selector, result)]."""

    def __init__(self, ip, count, header_from, spf=None, dkim=(), aligned="", reason=None, disposition="none"):
        self.ip, self.count, self.header_from, self.spf, self.dkim = ip, count, header_from, spf, dkim
        self.aligned, self.reason, self.disposition = aligned, reason, disposition

    def xml(self):
        reason = "<reason><type>%s</type></reason>" % self.reason if self.reason else ""
        dkim = "".join("<dkim><domain>%s</domain><selector>%s</selector><result>%s</result></dkim>" % d for d in self.dkim)
        spf = "<spf><domain>%s</domain><scope>mfrom</scope><result>%s</result></spf>" % self.spf if self.spf else ""
        return ("<record><row><source_ip>%s</source_ip><count>%d</count><policy_evaluated><disposition>%s</disposition>"
                "<dkim>%s</dkim><spf>%s</spf>%s</policy_evaluated></row><identifiers><header_from>%s</header_from>"
                "</identifiers><auth_results>%s%s</auth_results></record>" % (
                    self.ip, self.count, self.disposition, "pass" if "dkim" in self.aligned else "fail",
                    "pass" if "spf" in self.aligned else "fail", reason, escape(self.header_from), dkim, spf))


def report(domain, begin, rows, reporter="receiver.example", p="none", t="n", extra=""):
    """One day of one reporter as text."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"><version>1.0</version>'
            "<report_metadata><org_name>%s</org_name><email>dmarc@%s</email><report_id>%s-%d</report_id><date_range>"
            "<begin>%d</begin><end>%d</end></date_range></report_metadata><policy_published><domain>%s</domain><p>%s</p>"
            "<testing>%s</testing>%s</policy_published>%s</feedback>\n" % (
                escape(reporter), escape(reporter), reporter.replace(".", "-"), begin, begin, begin + DAY - 1, domain, p, t,
                extra, "".join(row.xml() for row in rows)))


def write(folder, domain, begin, rows, **more):
    """As a file, named as RFC 9990 3.5.1 wants it."""
    os.makedirs(folder, exist_ok=True)
    reporter = more.get("reporter", "receiver.example")
    path = os.path.join(folder, "%s!%s!%d!%d.xml" % (reporter, domain, begin, begin + DAY - 1))
    with open(path, "w", encoding="utf-8") as f:
        f.write(report(domain, begin, rows, **more))
    return path
