#include "core/config/settings.h"

#define MEMBER(name) offsetof(struct mv_settings, lmtp.name)

static const struct mv_setting rows[] = {
    {
        .section = "lmtp",
        .key = "listen",
        .type = MV_SETTING_ENDPOINTS,
        .offset = MEMBER(listen),
        .default_text = "/run/mailvouch/lmtp",
        .meaning = "Where mailvouch-lmtpd takes mail by LMTP. Sockets that systemd hands over stand in for all of "
                   "these.",
    },
    {
        .section = "lmtp",
        .key = "listen_access",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(listen_access),
        .default_text = "group",
        .words = {"owner", "group", "all"},
        .meaning = "Who may connect to a Unix socket that mailvouch-lmtpd makes: its own user, its group as well, or "
                   "every user of the machine. Whoever may connect is trusted as trusted_networks are.",
    },
    {
        .section = "lmtp",
        .key = "next_hop",
        .type = MV_SETTING_ENDPOINTS,
        .offset = MEMBER(next_hop),
        .default_text = "/run/dovecot/lmtp",
        .meaning = "The LMTP server that mail is handed to. Of several the first that answers is taken.",
    },
    {
        .section = "lmtp",
        .key = "trusted_networks",
        .type = MV_SETTING_NETWORKS,
        .offset = MEMBER(trusted_networks),
        .default_text = "127.0.0.0/8, ::1/128",
        .meaning = "Mail servers that are believed when they say for whom they hand on a message: by XFORWARD, by "
                   "XCLIENT, or by a Mailvouch-Client field.",
    },
    {
        .section = "lmtp",
        .key = "client_field",
        .type = MV_SETTING_YESNO,
        .offset = MEMBER(client_field),
        .default_text = "no",
        .meaning = "The mail server in front writes the client into a Mailvouch-Client field and removes such fields "
                   "of strangers, as the example for Exim does. Never yes with a server that does not: strangers "
                   "would choose their own address.",
    },
    {
        .section = "lmtp",
        .key = "on_reject",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(on_reject),
        .default_text = "tag",
        .words = {"tag", "refuse"},
        .meaning = "What becomes of a message that is to be refused. tag: it is delivered, and marked as one in "
                   "quarantine. refuse: 550 5.7.1 at the end of DATA; the mail server in front, which has taken the "
                   "message already, then writes to its sender, who may be forged.",
    },
    {
        .section = "lmtp",
        .key = "on_tempfail",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(on_tempfail),
        .default_text = "tag",
        .words = {"tag", "defer"},
        .meaning = "What becomes of a message that cannot be judged because DNS does not answer. tag: it is "
                   "delivered with the result temperror. defer: 451 4.7.0 at the end of DATA.",
    },
    {
        .section = "lmtp",
        .key = "junk_detail",
        .type = MV_SETTING_ATOM,
        .offset = MEMBER(junk_detail),
        .default_text = "",
        .max = 32,
        .meaning = "What is put behind the local part of every recipient of a message in quarantine, such as +Junk, so "
                   "that the mailbox server files it there (Dovecot's lmtp_save_to_detail_mailbox, Cyrus's plus "
                   "addressing). Recipients that the next hop then refuses get it as it was. Empty: recipients stay "
                   "as they are.",
    },
    {
        .section = "lmtp",
        .key = "spam_field",
        .type = MV_SETTING_ATOM,
        .offset = MEMBER(spam_field),
        .default_text = "",
        .max = 64,
        .meaning = "The name of a field that a message in quarantine gets with the value YES, such as X-Spam-Flag, for "
                   "Sieve scripts and mail programs that know it. Beside it stands Mailvouch-Disposition, which only "
                   "we write; fields of this name may come from others.",
    },
    {
        .section = "lmtp",
        .key = "max_connections",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_connections),
        .default_text = "100",
        .min = 1,
        .max = 10000,
        .meaning = "How many connections are served at the same time. Further ones get 421 4.3.2.",
    },
    {
        .section = "lmtp",
        .key = "max_recipients",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_recipients),
        .default_text = "1000",
        .min = 100, /* RFC 5321 4.5.3.1.8 */
        .max = 100000,
        .meaning = "How many recipients a message may have. Further ones get 452 4.5.3 and are tried again by the "
                   "mail server in front.",
    },
    {
        .section = "lmtp",
        .key = "max_message_mib",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(max_message_mib),
        .default_text = "100",
        .min = 1,
        .max = 2048,
        .meaning = "The largest message in MiB. Larger ones get 552 5.3.4.",
    },
    {
        .section = "lmtp",
        .key = "spool_memory_kib",
        .type = MV_SETTING_UINT,
        .offset = MEMBER(spool_memory_kib),
        .default_text = "256",
        .min = 0,
        .max = 1024 * 1024,
        .meaning = "How many KiB of a message's body are held in memory. The rest goes to a file without a name in "
                   "spool_directory.",
    },
    {
        .section = "lmtp",
        .key = "spool_directory",
        .type = MV_SETTING_PATH,
        .offset = MEMBER(spool_directory),
        .default_text = "/var/tmp",
        .meaning = "Where large messages lie while they are judged. Nothing is left there, also after a crash: the "
                   "mail server in front has the message until the next hop has it.",
    },
    {
        .section = "lmtp",
        .key = "idle_timeout",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(idle_timeout_secs),
        .default_text = "5min",
        .min = 1,
        .max = 3600,
        .meaning = "How long the mail server in front may be silent.",
    },
    {
        .section = "lmtp",
        .key = "session_timeout",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(session_timeout_secs),
        .default_text = "1h",
        .min = 10,
        .max = 86400,
        .meaning = "How long a connection may last in all.",
    },
    {
        .section = "lmtp",
        .key = "next_hop_timeout",
        .type = MV_SETTING_SECS,
        .offset = MEMBER(next_hop_timeout_secs),
        .default_text = "5min",
        .min = 1,
        .max = 3600,
        .meaning = "How long the next hop may be silent. After that its recipients get 451 4.4.2. Less than the mail "
                   "server in front waits (Postfix's lmtp_data_done_timeout, Exim's final_timeout: 10min).",
    },
    {
        .section = "lmtp",
        .key = "log",
        .type = MV_SETTING_WORD,
        .offset = MEMBER(log),
        .default_text = "stderr",
        .words = {"stderr", "syslog"},
        .meaning = "Where log lines go. stderr is the journal when systemd has started mailvouch-lmtpd.",
    },
    {
        .section = "lmtp",
        .key = "statistics",
        .type = MV_SETTING_ENDPOINTS,
        .offset = MEMBER(statistics),
        .default_text = "",
        .meaning = "Where counters can be fetched by HTTP, in Prometheus's text form. Empty: nowhere; SIGUSR1 writes "
                   "them to the log all the same.",
    },
};

const struct mv_settings_part mv_settings_lmtp = {rows, sizeof rows / sizeof rows[0]};
