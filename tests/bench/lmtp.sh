#!/bin/sh
# What mailvouch-lmtpd costs between a client, or Postfix, and a real Dovecot: messages a second with and without it, CPU
# of each server for a message, memory and descriptors of the hook. As root.
#
# usage: tests/bench/lmtp.sh [PAIRS [MESSAGES [CONNECTIONS]]]     default 5 pairs of 10000 messages (by Postfix 2000) on 50
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)
# MV_CACHE   where Postfix's package is kept (default: /var/tmp/mailvouch-tests)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    if [ -z "$MV_BUILD" ]; then
        mv_install $mv_build_packages $mv_test_packages && mv_autogen && mv_build gcc || exit 1
        MV_BUILD=$mv_work/gcc
    fi
    cache=${MV_CACHE:-/var/tmp/mailvouch-tests}
    mv_unpack "$cache" lmtp postfix libicu72 libnsl2 || { echo "cost of mailvouch-lmtpd: skipped, no Postfix"; exit 0; }
    LMTP_LOWER=$cache/lmtp
    export mv_top MV_BUILD LMTP_LOWER
    e2e_enter "$0" "$@"
fi
. "$mv_top/tests/e2e/lib.sh"
mount --make-rprivate / && mount -t overlay overlay -o "lowerdir=$LMTP_LOWER/usr:/usr" /usr || exit 1
e2e_private_files && cp -a "$LMTP_LOWER/etc/postfix" /etc/ && e2e_private_network && e2e_install "$MV_BUILD" || exit 1
/usr/bin/python3 "$mv_top/tests/bench/lmtp.py" "$@"
