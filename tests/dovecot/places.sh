# Sourced by tests/dovecot/run.sh and tests/delivery/run.sh: a suite with this machine's Dovecot 2.3, and with Dovecot 2.4
# in a Debian 13 root.  The script sets suite, the name of its directory; there run.py has the situations.
#
# usage of both: run.sh [--host|--trixie] [PATTERN...]     ends with "N passed, N failed, N skipped"
#
# MV_BUILD   the build directory for this machine (default: build/gcc, which is built if need be)
# MV_CACHE   where the Debian 13 root is kept (default: /var/cache/mailvouch-trixie)

. "$(dirname "$0")/../setup.sh"
. "$mv_top/tests/e2e/lib.sh"
. "$mv_top/tests/dovecot/trixie.sh"
export mv_top

if [ -n "$E2E" ]; then
    [ -z "$MV_ROOT" ] || trixie_enter "$mv_top/tests/$suite/run.sh" "$@"
    e2e_private_files && e2e_private_network && e2e_install "$MV_BUILD" || exit 1
    exec /usr/bin/python3 "$mv_top/tests/$suite/run.py" "$@"
fi

where="host trixie"
case $1 in
--host | --trixie) where=${1#--}; shift ;;
esac

# prepare PLACE: builds, and sets MV_BUILD and MV_ROOT.
prepare() {
    if [ "$1" = trixie ]; then
        MV_ROOT=$trixie_root MV_BUILD=$trixie_build
        trixie_configure
        return
    fi
    MV_ROOT= MV_BUILD=$host_build
    [ -n "$MV_BUILD" ] || { mv_autogen && mv_build gcc && MV_BUILD=$mv_work/gcc; }
}

host_build=$MV_BUILD
total="0 0 0"
status=0
add() { total=$(echo "$total $1" | awk '{print $1 + $4, $2 + $5, $3 + $6}'); }

for place in $where; do
    if [ $place = trixie ] && ! trixie_make; then
        echo "skip $place: $trixie_why"
        add "0 0 1"
        continue
    fi
    if ! prepare $place; then
        echo "FAIL $place: cannot be built"
        add "0 1 0"
        status=1
        continue
    fi
    export MV_BUILD MV_ROOT
    { (e2e_enter "$0" "$@") 2>&1; echo $? > "$mv_work/$suite-$place.status"; } | tee "$mv_work/$suite-$place.out" |
        grep --line-buffered -v -E '^[0-9]+ passed, '
    result=$(cat "$mv_work/$suite-$place.status")
    if [ "$result" = 77 ]; then
        add "0 0 1"
        continue
    fi
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$mv_work/$suite-$place.out" | tail -1 |
        tr -c '0-9\n' ' ')
    [ -n "$counts" ] || counts="0 1 0"
    add "$counts"
    [ "$result" = 0 ] || status=1
done
echo "$total" | awk '{printf "%d passed, %d failed, %d skipped\n", $1, $2, $3}'
exit $status
