#!/bin/sh
# CPU that the checks add to stock Exim, next to Exim's own SPF and DKIM, and waiting times with slow DNS. As root.
#
# usage: tests/bench/exim.sh [ROUNDS [MESSAGES]]     default 7 rounds of 200 messages for each variant
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    if [ -z "$MV_BUILD" ]; then
        mv_install $mv_build_packages $mv_test_packages && mv_autogen && mv_build gcc || exit 1
        MV_BUILD=$mv_work/gcc
    fi
    export mv_top MV_BUILD
    e2e_enter "$0" "$@"
fi
. "$mv_top/tests/e2e/lib.sh"
e2e_private_files && e2e_private_network && e2e_install "$MV_BUILD" || exit 1
/usr/bin/python3 "$mv_top/tests/bench/exim.py" "$@"
