#!/bin/sh
# mailvouch-lmtpd between real servers: stock Postfix, Exim, Sendmail and OpenSMTPD in front, Dovecot and Cyrus behind,
# configured with the installed examples, in namespaces of their own.
#
# usage: tests/lmtp/run.sh [NAME...]     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD       the build directory (default: build/gcc, which is built if need be)
# MV_SANITIZED   a second build with sanitizers for the short run under load (default: build/sanitizers, if it is there)
# MV_CACHE       where packages are kept that cannot be installed beside Exim (default: /var/tmp/mailvouch-tests)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    export mv_top
else
    . "$mv_top/tests/e2e/lib.sh"
    mount --make-rprivate / || exit 1
    # Read only, over the host's own: nothing of it is changed
    layers=$LMTP_LOWER/usr:${LMTP_LOWER%/*}/sendmail/usr:${LMTP_LOWER%/*}/opensmtpd/usr:/usr
    [ -z "$LMTP_LOWER" ] || mount -t overlay overlay -o "lowerdir=$layers" /usr || LMTP_LOWER=
    export LMTP_LOWER
    e2e_private_files || exit 1
    [ -z "$LMTP_LOWER" ] || cp -a "$LMTP_LOWER/etc/postfix" /etc/ || exit 1
    e2e_empty /run root 755 && install -d -o Debian-exim -g Debian-exim -m 750 /run/exim4 || exit 1
    e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    exec /usr/bin/python3 "$mv_top/tests/lmtp/run.py" "$@"
fi

if [ -z "$MV_BUILD" ]; then
    mv_autogen && mv_build gcc || exit 1
    MV_BUILD=$mv_work/gcc
fi
MV_SANITIZED=${MV_SANITIZED:-$mv_work/sanitizers}
export MV_BUILD MV_SANITIZED

cache=${MV_CACHE:-/var/tmp/mailvouch-tests}
# The first one wins where two have a file of the same name, such as /usr/sbin/sendmail
LMTP_LOWER=
if mv_unpack "$cache" lmtp postfix libicu72 libnsl2; then LMTP_LOWER=$cache/lmtp; fi
mkdir -p "$cache/sendmail/usr" "$cache/opensmtpd/usr" # they stay empty when nothing can be downloaded
mv_unpack "$cache" lmtp cyrus-common cyrus-imapd libical3 libwrap0 libzephyr4 libclamav12 libxapian30 libpcre3 ||
    echo "Cyrus cannot be downloaded"
mv_unpack "$cache" sendmail sendmail-bin sendmail-base sendmail-cf m4 sasl2-bin libsasl2-2 libsasl2-modules \
    libsasl2-modules-db || echo "Sendmail cannot be downloaded"
mv_unpack "$cache" opensmtpd opensmtpd || echo "OpenSMTPD cannot be downloaded"
export LMTP_LOWER
e2e_enter "$0" "$@"
