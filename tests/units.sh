#!/bin/sh
# The systemd units: free of faults for systemd, and closed in.
#
# usage: tests/units.sh BUILD-DIRECTORY

build=$(cd "$1" && pwd) || exit 1
top=$(cd "$(dirname "$0")/.." && pwd)
command -v systemd-analyze > /dev/null || { echo "systemd-analyze is missing"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# What is verified must exist, and so must what it runs
sed "s,^ExecStart=[^ ]*/mailvouch,ExecStart=$build/mailvouch," "$build/conf/systemd/mailvouch-keys.service" \
    > "$work/mailvouch-keys.service" &&
    grep -q "^ExecStart=$build/mailvouch key auto$" "$work/mailvouch-keys.service" &&
    cp "$top/conf/systemd/mailvouch-keys.timer" "$work" || exit 1
systemd-analyze verify --man=no "$work/mailvouch-keys.service" "$work/mailvouch-keys.timer" || exit 1

sed "s,^ExecStart=[^ ]*/mailvouch,ExecStart=$build/mailvouch," "$build/conf/systemd/mailvouch-report.service" \
    > "$work/mailvouch-report.service" &&
    [ "$(sed -n "s,^ExecStart=$build/mailvouch report \([a-z]*\).*,\1,p" "$work/mailvouch-report.service" | xargs)" = \
        "import purge send" ] &&
    cp "$top/conf/systemd/mailvouch-report.timer" "$work" || exit 1
systemd-analyze verify --man=no "$work/mailvouch-report.service" "$work/mailvouch-report.timer" || exit 1
# Each of these takes setuid and setgid, or its places, from sendmail (systemd.exec(5))
! grep -E '^(SystemCall|Restrict|PrivateDevices|PrivateUsers|Protect(Kernel|Clock|Hostname|Home|System=strict)|Memory|Lock|Dynamic|CapabilityB)' \
    "$work/mailvouch-report.service" || exit 1

sed "s,^ExecStart=[^ ]*/mailvouch-lmtpd,ExecStart=$build/mailvouch-lmtpd," "$build/conf/systemd/mailvouch-lmtpd.service" \
    > "$work/mailvouch-lmtpd.service" &&
    grep -q "^ExecStart=$build/mailvouch-lmtpd$" "$work/mailvouch-lmtpd.service" &&
    cp "$top/conf/systemd/mailvouch-lmtpd.socket" "$work" || exit 1
systemd-analyze verify --man=no "$work/mailvouch-lmtpd.service" "$work/mailvouch-lmtpd.socket" || exit 1

# 0.0 is closed in altogether, 10.0 not at all
for unit in mailvouch-keys mailvouch-lmtpd; do
    systemd-analyze security --offline=yes --threshold=20 --no-pager "$work/$unit.service" > "$work/exposure" ||
        { cat "$work/exposure"; exit 1; }
    tail -1 "$work/exposure"
done
systemd-sysusers --dry-run "$top/conf/systemd/sysusers.conf" || exit 1

# The directory of evidence: who is in the group makes files there, and removes none of others
[ "$(id -u)" = 0 ] || exit 0
mkdir -p "$work/root/etc" "$work/root/var/lib" && systemd-sysusers --root="$work/root" "$top/conf/systemd/sysusers.conf" &&
    systemd-tmpfiles --root="$work/root" --create "$top/conf/systemd/tmpfiles.conf" || exit 1
grep -q '^mailvouch:' "$work/root/etc/passwd" || exit 1
owner=$(awk -F: '$1 == "mailvouch" { print $3 }' "$work/root/etc/passwd")
group=$(awk -F: '$1 == "mailvouch" { print $3 }' "$work/root/etc/group")
for row in "var/lib/mailvouch 750" "var/lib/mailvouch/evidence 3770"; do
    [ "$(stat -c "%a %u %g" "$work/root/${row% *}")" = "${row#* } $owner $group" ] || { ls -lR "$work/root/var"; exit 1; }
done
