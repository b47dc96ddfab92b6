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
systemd-sysusers --dry-run "$top/conf/systemd/sysusers.conf"
