#!/bin/sh
# Keys that roll, against real name servers: BIND as primary with signed updates (RFC 2136, RFC 8945), a secondary that
# lags, a resolver that caches; runs that are killed at every change; two hosts at once.
#
# usage: tests/keys/run.sh [SITUATION...]     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)

mv_keys_dir=$(cd "$(dirname "$0")" && pwd)
if [ -z "$MV_KEYS_HOME" ]; then
    . "$mv_keys_dir/../setup.sh"
    if [ -z "$MV_BUILD" ]; then
        mv_autogen && mv_build gcc || exit 1
        MV_BUILD=$mv_work/gcc
    fi
    skip() { echo "skip: $*"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
    [ "$(id -u)" = 0 ] || skip "real name servers need root and namespaces of their own"
    unshare -m -n -p -f --mount-proc true 2>/dev/null || skip "namespaces are not allowed here (unshare)"
    MV_KEYS_HOME=$(mktemp -d /tmp/mailvouch-keys.XXXXXX)
    chmod 755 "$MV_KEYS_HOME" # Exim reads what is below as a user of its own
    export MV_KEYS_HOME MV_BUILD PYTHONDONTWRITEBYTECODE=1
    # The first process of the namespace takes all others with it when it ends
    unshare -m -n -p -f --mount-proc --kill-child sh "$0" "$@"
    status=$?
    rm -rf "$MV_KEYS_HOME"
    exit $status
fi
mount --make-rprivate / && ip link set lo up || exit 1
# named listens on addresses that interfaces have
for address in 2 3 4 5 6; do ip addr add 127.0.0.$address/8 dev lo || exit 1; done
exec /usr/bin/python3 "$mv_keys_dir/run.py" "$@"
