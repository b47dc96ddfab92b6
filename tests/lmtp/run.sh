#!/bin/sh
# mailvouch-lmtpd between real servers: stock Postfix and Exim in front, Dovecot and Cyrus behind, in namespaces of
# their own.
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
    [ -z "$LMTP_LOWER" ] || mount -t overlay overlay -o "lowerdir=$LMTP_LOWER/usr:/usr" /usr || LMTP_LOWER=
    export LMTP_LOWER
    e2e_private_files || exit 1
    [ -z "$LMTP_LOWER" ] || cp -a "$LMTP_LOWER/etc/postfix" /etc/ || exit 1
    e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    exec /usr/bin/python3 "$mv_top/tests/lmtp/run.py" "$@"
fi

if [ -z "$MV_BUILD" ]; then
    mv_autogen && mv_build gcc || exit 1
    MV_BUILD=$mv_work/gcc
fi
MV_SANITIZED=${MV_SANITIZED:-$mv_work/sanitizers}
export MV_BUILD MV_SANITIZED

# unpack PACKAGE...: into $cache/lmtp, as files only. Nothing of a package is run.
unpack() {
    mkdir -p "$cache/lmtp" "$cache/lmtp-deb" && chmod 700 "$cache" || return 1
    for package in "$@"; do
        [ ! -e "$cache/lmtp-deb/$package.done" ] || continue
        (cd "$cache/lmtp-deb" && { apt-get download "$package" || { apt-get update && apt-get download "$package"; }; }) \
            > "$cache/apt-lmtp.log" 2>&1 &&
            dpkg-deb -x "$cache/lmtp-deb/$package"_*.deb "$cache/lmtp" && touch "$cache/lmtp-deb/$package.done" ||
            return 1
    done
}

cache=${MV_CACHE:-/var/tmp/mailvouch-tests}
LMTP_LOWER=
if unpack postfix libicu72 libnsl2; then LMTP_LOWER=$cache/lmtp; fi
unpack cyrus-common cyrus-imapd libical3 libwrap0 libzephyr4 libclamav12 libxapian30 libpcre3 ||
    echo "Cyrus cannot be downloaded"
export LMTP_LOWER
e2e_enter "$0" "$@"
