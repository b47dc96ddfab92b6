#!/bin/sh
# Two domains that write to each other: one is judged by Exim with our module and gets the report of it, which is made by
# the commands of the timer, sent through Exim, and read again by the domain's owner. In namespaces of their own.
#
# usage: tests/report/exchange.sh [MESSAGES]     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    export mv_top
else
    . "$mv_top/tests/e2e/lib.sh"
    e2e_private_files && e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    # The owner's server is another host: it sees us under our own address
    ip addr add 198.51.100.25/32 dev lo && ip route replace local 198.51.100.25 dev lo table local src 203.0.113.25 || exit 1
    exec /usr/bin/python3 "$mv_top/tests/report/exchange.py" "$@"
fi

if [ -z "$MV_BUILD" ]; then
    mv_autogen && mv_build gcc || exit 1
    MV_BUILD=$mv_work/gcc
fi
export MV_BUILD
e2e_enter "$0" "$@"
