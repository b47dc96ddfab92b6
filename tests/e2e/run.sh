#!/bin/sh
# The real servers: stock Exim (heavy: ${dlfunc}, light: local_scan()), Dovecot LMTP and NSD, in namespaces of their own.
#
# usage: tests/e2e/run.sh [--heavy|--light] [SITUATION...]     as root; ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory (default: build/gcc, which is built if need be)
# MV_CACHE   where the light package is kept (default: /var/tmp/mailvouch-tests)

if [ -z "$E2E" ]; then
    . "$(dirname "$0")/../setup.sh"
    . "$mv_top/tests/e2e/lib.sh"
    export mv_top
else
    . "$mv_top/tests/e2e/lib.sh"
    e2e_private_files && e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    [ -z "$E2E_EXIM" ] || e2e_use_exim "$E2E_EXIM" || exit 1
    exec /usr/bin/python3 "$mv_top/tests/e2e/run.py" "$@"
fi

doors="heavy light"
case $1 in
--heavy | --light) doors=${1#--}; shift ;;
esac
if [ -z "$MV_BUILD" ]; then
    mv_autogen && mv_build gcc || exit 1
    MV_BUILD=$mv_work/gcc
fi
export MV_BUILD

# light_exim: the binary of exim4-daemon-light, which cannot be installed beside heavy, in the version of heavy.
light_exim() {
    cache=${MV_CACHE:-/var/tmp/mailvouch-tests}
    version=$(dpkg-query -W -f '${Version}' exim4-daemon-heavy) || return 1
    if [ ! -f "$cache/light-$version/usr/sbin/exim4" ]; then
        mkdir -p "$cache" && chmod 700 "$cache"
        (cd "$cache" && apt-get download "exim4-daemon-light=$version" || apt-get download exim4-daemon-light) \
            > "$cache/apt.log" 2>&1 &&
            dpkg-deb -x "$cache"/exim4-daemon-light_*.deb "$cache/light-$version" || return 1
        chmod u-s "$cache/light-$version/usr/sbin/exim4"
    fi
    echo "$cache/light-$version/usr/sbin/exim4"
}

total="0 0 0"
status=0
add() { total=$(echo "$total $1" | awk '{print $1 + $4, $2 + $5, $3 + $6}'); }

for door in $doors; do
    E2E_EXIM=
    if [ $door = light ] && ! E2E_EXIM=$(light_exim); then
        echo "skip light: exim4-daemon-light cannot be downloaded"
        add "0 0 1"
        continue
    fi
    export E2E_EXIM
    { (e2e_enter "$0" "$@") 2>&1; echo $? > "$mv_work/e2e-$door.status"; } | tee "$mv_work/e2e-$door.out" |
        grep --line-buffered -v -E '^[0-9]+ passed, '
    result=$(cat "$mv_work/e2e-$door.status")
    if [ "$result" = 77 ]; then
        add "0 0 1"
        continue
    fi
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$mv_work/e2e-$door.out" | tail -1 | tr -c '0-9\n' ' ')
    [ -n "$counts" ] || counts="0 1 0"
    add "$counts"
    [ "$result" = 0 ] || status=1
done
echo "$total" | awk '{printf "%d passed, %d failed, %d skipped\n", $1, $2, $3}'
exit $status
