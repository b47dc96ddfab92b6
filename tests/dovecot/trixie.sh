# Sourced by tests/dovecot/run.sh: Debian 13 in a directory of its own, made once and kept.
#
#   trixie_make         the root; when that cannot be done here, trixie_why says why
#   trixie_configure    packages, and this checkout configured and built in there
#   trixie_enter        in namespaces of lib.sh: goes on in there, with the checkout at /mnt/source
#
# Nothing but the cache directory is written, and the mirror that debootstrap itself knows is the only one asked.

trixie_cache=${MV_CACHE:-/var/cache/mailvouch-trixie}
trixie_root=$trixie_cache/root
trixie_build=$trixie_cache/build
trixie_log=$trixie_cache/log
trixie_mirror=${MV_MIRROR:-http://deb.debian.org/debian}
trixie_seconds=900 # for each of debootstrap and the packages
trixie_packages=$(echo "gcc make libc6-dev pkg-config libssl-dev libc-ares-dev libidn2-dev libinih-dev libjansson-dev
    libexpat1-dev zlib1g-dev libarchive-dev libsqlite3-dev exim4-dev
    dovecot-dev dovecot-core dovecot-submissiond dovecot-lmtpd dovecot-sieve dovecot-imapd exim4-daemon-heavy nsd python3 python3-dkim openssl
    iproute2 valgrind" | tr -s "\n " " ")

# trixie_in ROOT COMMAND: in ROOT, with /proc, /dev and the checkout, in a mount namespace of its own.
trixie_in() {
    MV_IN=$1 MV_DO=$2 unshare -m sh -c '
        mount --make-rprivate / && mount --bind "$MV_IN" "$MV_IN" &&
        mount -t proc proc "$MV_IN/proc" && mount --rbind /dev "$MV_IN/dev" &&
        mkdir -p "$MV_IN/mnt/source" "$MV_IN/mnt/build" && mount --bind -o ro "$0" "$MV_IN/mnt/source" &&
        { [ ! -d "$1" ] || mount --bind "$1" "$MV_IN/mnt/build"; } &&
        exec chroot "$MV_IN" /bin/sh -c "$MV_DO"' "$mv_top" "$trixie_build"
}

trixie_bootstrap() {
    rm -rf "$trixie_root.new" "$trixie_root"
    timeout $trixie_seconds debootstrap --variant=minbase trixie "$trixie_root.new" "$trixie_mirror" || return 1
    printf '#!/bin/sh\nexit 101\n' > "$trixie_root.new/usr/sbin/policy-rc.d"
    chmod 755 "$trixie_root.new/usr/sbin/policy-rc.d"
    mv "$trixie_root.new" "$trixie_root"
}

trixie_make() {
    trixie_why="only root can make a Debian 13 root"
    [ "$(id -u)" = 0 ] || return 1
    trixie_why="no directory $trixie_cache can be made"
    mkdir -p "$trixie_cache" || return 1
    exec 8> "$trixie_cache/lock"
    flock 8
    [ ! -d "$trixie_root" ] || return 0
    mv_install debootstrap > "$trixie_log" 2>&1 && trixie_bootstrap >> "$trixie_log" 2>&1 && return 0
    trixie_why="no Debian 13 root could be made: $(grep -E '^(E|W):' "$trixie_log" | tail -1)"
    return 1
}

trixie_install() {
    [ "$(cat "$trixie_cache/packages" 2>/dev/null)" != "$trixie_packages" ] || return 0
    trixie_in "$trixie_root" "export DEBIAN_FRONTEND=noninteractive
        apt-get update && timeout $trixie_seconds apt-get install -y --no-install-recommends $trixie_packages &&
        apt-get clean" >> "$trixie_log" 2>&1 || { tail -20 "$trixie_log"; return 1; }
    echo "$trixie_packages" > "$trixie_cache/packages"
}

trixie_configure() {
    # Times of another checkout's files say nothing about this one's
    [ "$(cat "$trixie_build/checkout" 2>/dev/null)" = "$mv_top" ] || rm -rf "$trixie_build"
    trixie_install && mkdir -p "$trixie_build" && echo "$mv_top" > "$trixie_build/checkout" && mv_autogen || return 1
    trixie_in "$trixie_root" 'cd /mnt/build || exit 1
        [ Makefile -nt /mnt/source/configure ] || /mnt/source/configure --enable-werror --enable-dovecot --enable-exim --without-opinion > configure.out 2>&1 ||
            { tail -20 configure.out; exit 1; }
        make -j2 > make.out 2>&1 || { grep -E "error|warning" make.out | head -40; exit 1; }'
}

trixie_enter() {
    mount --make-rprivate / && mount --bind "$MV_ROOT" "$MV_ROOT" || exit 1
    mount -t proc proc "$MV_ROOT/proc" && mount --rbind /dev "$MV_ROOT/dev" && mount -t tmpfs tmpfs "$MV_ROOT/tmp" &&
        mount --bind -o ro "$mv_top" "$MV_ROOT/mnt/source" && mount --bind "$MV_BUILD" "$MV_ROOT/mnt/build" &&
        mkdir -p "$MV_ROOT$E2E" || exit 1
    cd / || exit 1
    script=$(echo "$1" | sed "s,^$mv_top/,/mnt/source/,")
    shift
    exec chroot "$MV_ROOT" /usr/bin/env MV_ROOT= MV_WORK=/mnt/build MV_BUILD=/mnt/build E2E="$E2E" \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh "$script" "$@"
}
