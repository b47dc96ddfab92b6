#!/bin/sh
# What the real sendmail of Exim and of Postfix makes of a report, handed over by the user mailvouch. In namespaces of
# their own.
#
# usage: tests/report/sendmail.sh     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)
# MV_CACHE   where packages are kept that cannot be installed beside Exim (default: /var/tmp/mailvouch-tests)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    export mv_top
else
    . "$mv_top/tests/e2e/lib.sh"
    mount --make-rprivate / || exit 1
    # Read only, over the host's own: nothing of it is changed
    [ -z "$POSTFIX_LOWER" ] || mount -t overlay overlay -o "lowerdir=$POSTFIX_LOWER/usr:/usr" /usr || POSTFIX_LOWER=
    export POSTFIX_LOWER
    e2e_private_files || exit 1
    [ -z "$POSTFIX_LOWER" ] || cp -a "$POSTFIX_LOWER/etc/postfix" /etc/ || exit 1
    e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    exec /usr/bin/python3 "$mv_top/tests/report/sendmail.py"
fi

if [ -z "$MV_BUILD" ]; then
    mv_autogen && mv_build gcc || exit 1
    MV_BUILD=$mv_work/gcc
fi
export MV_BUILD

cache=${MV_CACHE:-/var/tmp/mailvouch-tests}
POSTFIX_LOWER=
if mv_unpack "$cache" lmtp postfix libicu72 libnsl2; then POSTFIX_LOWER=$cache/lmtp; fi
export POSTFIX_LOWER
e2e_enter "$0" "$@"
