# Sourced by tests/run.sh and tests/demo.sh: packages and builds.
# Sets mv_top (the checkout) and mv_work (where builds and logs go).

mv_top=$(cd "$(dirname "$0")/.." && pwd)
while [ ! -f "$mv_top/configure.ac" ] && [ "$mv_top" != / ]; do mv_top=$(dirname "$mv_top"); done
mv_work=${MV_WORK:-$mv_top/build}
mkdir -p "$mv_work"

# Debian's own interpreter: another python3 may come first on PATH and lacks Debian's modules.
mv_python=/usr/bin/python3

mv_build_packages="gcc make autoconf automake libtool pkg-config libssl-dev libc-ares-dev libidn2-dev libinih-dev
    libjansson-dev libexpat1-dev zlib1g-dev libarchive-dev libsqlite3-dev libpq-dev libspf2-dev libopendmarc-dev libpsl-dev
    publicsuffix exim4-dev dovecot-dev check git xz-utils"
mv_test_packages="clang llvm libclang-rt-14-dev valgrind nsd exim4-daemon-heavy dovecot-core dovecot-lmtpd
    dovecot-submissiond dovecot-imapd dovecot-sieve debootstrap
    libopendkim-dev openssl python3 python3-yaml python3-dkim iproute2 binutils libxml2-utils mandoc bind9 bind9-dnsutils strace systemd
    chromium-headless-shell postgresql"

# mv_install PACKAGE...: installs what is missing; never starts a service.
mv_install() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "these packages are missing and only root can install them:$missing" >&2
        return 1
    fi
    echo "installing:$missing"
    # A policy of our own for this one call keeps the host's services as they are.
    policy=/usr/sbin/policy-rc.d
    made_policy=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" && made_policy=yes
    fi
    apt-get update > "$mv_work/apt.log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >> "$mv_work/apt.log" 2>&1
    status=$?
    [ -z "$made_policy" ] || rm -f "$policy"
    [ $status = 0 ] || { tail -5 "$mv_work/apt.log" >&2; echo "packages could not be installed, see $mv_work/apt.log" >&2; }
    return $status
}

# mv_unpack CACHE DIRECTORY PACKAGE...: packages that cannot be installed beside others, as files only, into that directory
# of the cache. Nothing of a package is run.
mv_unpack() {
    mv_cache=$1 mv_place=$1/$2
    shift 2
    mkdir -p "$mv_place" "$mv_cache/lmtp-deb" && chmod 700 "$mv_cache" || return 1
    for package in "$@"; do
        [ ! -e "$mv_cache/lmtp-deb/$package.done" ] || continue
        (cd "$mv_cache/lmtp-deb" && { apt-get download "$package" || { apt-get update && apt-get download "$package"; }; }) \
            > "$mv_cache/apt-lmtp.log" 2>&1 &&
            dpkg-deb -x "$mv_cache/lmtp-deb/$package"_*.deb "$mv_place" && touch "$mv_cache/lmtp-deb/$package.done" ||
            return 1
    done
}

# mv_autogen: configure, when it is missing or older than what it is made from.
mv_autogen() {
    [ -x "$mv_top/configure" ] &&
        [ -z "$(find "$mv_top/configure.ac" "$mv_top/Makefile.am" "$mv_top"/*/local.mk "$mv_top"/core/*/local.mk -newer "$mv_top/configure")" ] &&
        return 0
    "$mv_top/autogen.sh" > "$mv_work/autogen.log" 2>&1 || { tail -20 "$mv_work/autogen.log" >&2; return 1; }
}

# mv_build NAME [CONFIGURE-ARGUMENT...]: an out-of-tree build in $mv_work/NAME.
mv_build() {
    mv_build_name=$1
    echo "building in $mv_work/$1" >&2
    shift
    mkdir -p "$mv_work/$mv_build_name" || return 1
    (
        cd "$mv_work/$mv_build_name" || exit 1
        [ -f Makefile ] && [ "$(cat configure.args 2>/dev/null)" = "$*" ] && [ Makefile -nt "$mv_top/configure" ] || {
            "$mv_top/configure" --enable-werror "$@" > configure.out 2>&1 || { tail -20 configure.out; exit 1; }
            echo "$*" > configure.args
        }
        make -j2 > make.out 2>&1 || { tail -40 make.out; exit 1; }
    ) >&2
}
