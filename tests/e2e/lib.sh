# Sourced by tests/e2e/run.sh, tests/demo.sh and tests/bench/exim.sh: a machine of its own for the real servers.
#
#   e2e_enter "$0" "$@"     runs the script again in namespaces of its own (mounts, network, processes, host name);
#                           in there it returns, and the variable E2E is the scratch directory
#   e2e_private_files       /etc, /usr/local, Exim's and the mail directories become copies or empty
#   e2e_private_network     loopback, and the addresses of all clients
#   e2e_install BUILD       "make install" of a build directory into the private /usr/local
#   e2e_use_exim BINARY     another binary takes the place of /usr/sbin/exim4
#
# Nothing of the host is changed: what is mounted or started in there ends with the namespaces.

e2e_dir=$(cd "$(dirname "$0")" && pwd)
[ -f "$e2e_dir/lib.sh" ] || e2e_dir=$mv_top/tests/e2e

e2e_skip() {
    echo "skip: $*"
    exit 77
}

e2e_enter() {
    [ -z "$E2E" ] || return 0
    [ "$(id -u)" = 0 ] || e2e_skip "the real servers need root and namespaces of their own"
    unshare -m -n -u -i -p -f --mount-proc true 2>/dev/null || e2e_skip "namespaces are not allowed here (unshare)"
    E2E=$(mktemp -d /tmp/mailvouch-e2e.XXXXXX)
    export E2E
    # The first process of the namespace takes all others with it when it ends
    unshare -m -n -u -i -p -f --mount-proc --kill-child sh "$@"
    status=$?
    rmdir "$E2E"
    exit $status
}

# e2e_empty DIRECTORY OWNER MODE: an empty directory over an existing one.
e2e_empty() {
    mount -t tmpfs -o "mode=$3" tmpfs "$1" && chown "$2" "$1"
}

e2e_private_files() {
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 tmpfs "$E2E"
    cp -a /etc "$E2E/etc"
    mount --bind "$E2E/etc" /etc
    rm -f /etc/resolv.conf /etc/exim4/exim4.conf /etc/exim4/exim4.conf.localmacros
    printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n' > /etc/resolv.conf
    printf '127.0.0.1 localhost\n203.0.113.25 mx.rcpt.example mx\n' > /etc/hosts
    echo mx.rcpt.example > /etc/mailname
    echo mx.rcpt.example > /etc/hostname
    hostname mx.rcpt.example
    e2e_empty /usr/local root 755 && mkdir /usr/local/bin /usr/local/etc /usr/local/lib /usr/local/sbin /usr/local/share
    e2e_empty /var/spool/exim4 Debian-exim:Debian-exim 750
    e2e_empty /var/log/exim4 Debian-exim:adm 2750
    e2e_empty /var/lib/exim4 root 755
    e2e_empty /var/mail root:mail 2775
    e2e_empty /run/exim4 Debian-exim:Debian-exim 750 2>/dev/null ||
        { e2e_empty /run root 755; install -d -o Debian-exim -g Debian-exim -m 750 /run/exim4; }
}

# On loopback a prefix makes every address in it local, so clients may have any of them.
e2e_private_network() {
    ip link set lo up
    for prefix in 192.0.2.1/24 198.51.100.1/24 203.0.113.25/24 10.9.0.1/16; do ip addr add $prefix dev lo; done
    ip -6 route add local 2001:db8::/32 dev lo 2>/dev/null
    ip -6 addr add 2001:db8::25/128 dev lo 2>/dev/null
    :
}

e2e_install() {
    make -C "$1" install > "$E2E/install.log" 2>&1 || { tail -20 "$E2E/install.log" >&2; return 1; }
}

e2e_use_exim() {
    install -o root -g root -m 4755 "$1" "$E2E/exim4" && mount --bind "$E2E/exim4" /usr/sbin/exim4
}
