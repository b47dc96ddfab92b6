#!/bin/sh
# The units as they are installed, under a real systemd: a machine of its own that boots, in which README's commands
# switch them on, beside Debian's units of Dovecot and Exim.
#
# usage: tests/systemd/run.sh     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    [ -x /lib/systemd/systemd ] || e2e_skip "systemd is not installed"
    cgroup=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    [ -n "$cgroup" ] && mkdir "$cgroup/mailvouch-$$" 2>/dev/null || e2e_skip "systemd needs a cgroup of its own (cgroup2)"
    MV_CGROUP=$cgroup/mailvouch-$$
    # The last processes may still be going
    trap 'for try in 1 2 3 4 5; do find "$MV_CGROUP" -depth -type d -exec rmdir {} \; 2>/dev/null; [ -d "$MV_CGROUP" ] || break; sleep 1; done' EXIT
    if [ -z "$MV_BUILD" ]; then
        mv_autogen && mv_build gcc || exit 1
        MV_BUILD=$mv_work/gcc
    fi
    MV_BUILD=$(cd "$MV_BUILD" && pwd) || exit 1
    export MV_BUILD MV_CGROUP mv_top
    e2e_enter "$0" "$@"
fi

. "$mv_top/tests/e2e/lib.sh"
mount --make-rprivate / && mount -t tmpfs -o mode=755 tmpfs "$E2E" && mkdir "$E2E/result" || exit 1
timeout -k 10 600 unshare -p -f --kill-child sh -c 'echo 0 > "$MV_CGROUP/cgroup.procs" && exec unshare -m -C sh "$0"' \
    "$mv_top/tests/systemd/boot.sh" > "$E2E/boot.out" 2>&1
status=$?
if ! grep -q '[0-9] passed' "$E2E/result/out"; then
    echo "systemd ended with status $status:"
    tail -50 "$E2E/boot.out"
fi
cat "$E2E/result/out"
exit $status
