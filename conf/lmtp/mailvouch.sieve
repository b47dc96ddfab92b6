# What mailvouch-lmtpd marks for quarantine goes into Junk: for sites with Sieve, in place of junk_detail.
# Dovecot: sieve_before = /etc/dovecot/mailvouch.sieve (2.3). Results are in Authentication-Results, fields of strangers
# with the same claims are gone before Sieve runs.
require ["fileinto", "mailbox"];

if header :is "Mailvouch-Disposition" "quarantine" {
    fileinto :create "Junk";
    stop;
}
