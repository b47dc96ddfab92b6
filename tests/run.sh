#!/bin/sh
# Everything: packages, builds with two compilers, unit tests, sanitizers, fuzzing, conformance, cases, and the real
# servers. As root on a fresh Debian 12. Ends with a line "N passed, N failed, N skipped".
#
# usage: tests/run.sh [PART...]     without names: all parts, in order
#
# MV_WORK           where builds and logs go (default: build/ in the checkout)
# MV_FUZZ_SECONDS   for each fuzz target (default 4)

. "$(dirname "$0")/setup.sh"
cd "$mv_top" || exit 1

passed=0 failed=0 skipped=0
fuzz_seconds=${MV_FUZZ_SECONDS:-4}

ok() { passed=$((passed + 1)); echo "ok    $1"; }
bad() { failed=$((failed + 1)); echo "FAIL  $1"; }
skip() { skipped=$((skipped + 1)); echo "skip  $1: $2"; }

# report NAME STATUS LOG: one result, with the end of its log when it failed; 77 is a skip whose reason is the last line.
report() {
    case $2 in
    0) ok "$1" ;;
    77) skip "$1" "$(tail -1 "$3")" ;;
    *) bad "$1"; tail -40 "$3" | sed 's/^/      /' ;;
    esac
}

# step NAME COMMAND...: one result from one command.
step() {
    name=$1
    shift
    "$@" > "$mv_work/$name.log" 2>&1
    report "$name" $? "$mv_work/$name.log"
}

# add_counts NAME STATUS LOG: takes the last "N passed, N failed, N skipped" of a runner into ours.
add_counts() {
    counts=$(grep -E '[0-9]+ passed, [0-9]+ failed' "$3" | tail -1)
    if [ -z "$counts" ]; then
        report "$1" "$2" "$3"
        return
    fi
    set -- "$1" "$2" "$3" $(echo "$counts" | tr -c '0-9\n' ' ')
    passed=$((passed + $4)) failed=$((failed + $5)) skipped=$((skipped + ${6:-0}))
    echo "$1: $counts"
    awk '/^(FAIL|skip)/ { print; left = 40; next } /^ / && left-- > 0 { print; next } { left = 0 }' "$3" | sed 's/^/      /'
    [ "$2" = 0 ] || [ "$5" != 0 ] || bad "$1 (ended with status $2)"
}

runner() {
    name=$1
    shift
    "$@" > "$mv_work/$name.log" 2>&1
    add_counts "$name" $? "$mv_work/$name.log"
}

# unit NAME BUILD: the unit tests of a build, one result for each program.
unit() {
    make -C "$mv_work/$2" -j2 check > "$mv_work/$1.log" 2>&1
    status=$?
    results=$(grep -E '^(PASS|FAIL|SKIP|ERROR|XPASS): ' "$mv_work/$1.log")
    [ -n "$results" ] || { report "$1" 1 "$mv_work/$1.log"; return; }
    n=$(echo "$results" | grep -c '^PASS: ')
    passed=$((passed + n))
    echo "$1: $n programs passed"
    echo "$results" | grep '^SKIP: ' > "$mv_work/$1.skips"
    while read -r _ test; do skip "$1 $test" "$(tail -1 "$mv_work/$2/$test.log")"; done < "$mv_work/$1.skips"
    echo "$results" | grep -E '^(FAIL|ERROR|XPASS): ' > "$mv_work/$1.bad"
    while read -r _ test; do bad "$1 $test"; tail -20 "$mv_work/$2/$test.log" | sed 's/^/      /'; done < "$mv_work/$1.bad"
    [ $status = 0 ] || [ -s "$mv_work/$1.bad" ] || bad "$1 (make check ended with status $status)"
}

part_build() {
    step autogen mv_autogen
    step build-gcc mv_build gcc
    step build-clang mv_build clang CC=clang
}

part_lint() { MV_BUILD_DIR=$mv_work/gcc step lint "$mv_python" tests/lint "$mv_top"; }
part_unit() { unit unit gcc; }

part_sanitizers() {
    step build-sanitizers mv_build sanitizers --enable-sanitizers
    unit unit-sanitizers sanitizers
}

part_install() {
    rm -rf "$mv_work/destdir"
    step install make -C "$mv_work/gcc" install DESTDIR="$mv_work/destdir"
    step install-twice tests/install.sh "$mv_work/gcc"
    runner manuals "$mv_python" tests/manuals.py "$mv_work/gcc"
    step units tests/units.sh "$mv_work/gcc"
    step distcheck make -C "$mv_work/gcc" -j2 distcheck
    step no-front-ends mv_build bare --disable-exim --disable-dovecot --disable-cli --disable-lmtp
}

part_conformance() {
    command=$mv_work/gcc/mailvouch
    for suite in tests/conformance/*_suite.py; do
        step "$(basename "$suite" .py)" "$mv_python" "$suite" "$command"
    done
}

part_cases() {
    runner cases "$mv_python" tests/cases/run.py "$mv_work/gcc/mailvouch"
    runner cases-sanitizers "$mv_python" tests/cases/run.py "$mv_work/sanitizers/mailvouch"
}

# One target for its time; its exit status goes to a file.
fuzz_one() {
    mkdir -p "$mv_work/corpus/$1"
    "$mv_work/fuzz/tests/fuzz/$1" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -error_exitcode=1 -artifact_prefix="$mv_work/$1-" "$mv_work/corpus/$1" "$mv_top/tests/fuzz/seeds/$1" > "$mv_work/$1.log" 2>&1
    echo $? > "$mv_work/$1.status"
}

# Every second one beside the other.
fuzz_some() {
    while [ $# -gt 0 ]; do
        fuzz_one "$1"
        shift
        [ $# -eq 0 ] || shift
    done
}

part_fuzz() {
    step build-fuzz mv_build fuzz CC=clang --enable-fuzzing
    make -C "$mv_work/fuzz" -j2 fuzz > "$mv_work/make-fuzz.log" 2>&1 || { report make-fuzz 1 "$mv_work/make-fuzz.log"; return; }
    targets=$(find "$mv_work/fuzz/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x -printf '%f\n' | sort)
    rm -f "$mv_work"/fuzz_*.status
    [ -n "$targets" ] || { bad "fuzz: no targets"; return; }
    set -- $targets
    fuzz_some "$@" &
    shift
    fuzz_some "$@"
    wait $!
    for name in $targets; do report "$name" "$(cat "$mv_work/$name.status")" "$mv_work/$name.log"; done
}

part_cli() {
    runner cli "$mv_python" tests/cli/run.py "$mv_work/gcc/mailvouch"
    runner cli-help "$mv_python" tests/cli/help.py "$mv_work/gcc/mailvouch"
    runner cli-init "$mv_python" tests/cli/init.py "$mv_work/gcc/mailvouch"
    runner cli-check "$mv_python" tests/cli/check.py "$mv_work/gcc/mailvouch"
    runner cli-dmarc "$mv_python" tests/cli/dmarc.py "$mv_work/gcc/mailvouch"
    runner walkthrough "$mv_python" tests/dmarc_walkthrough.py "$mv_work/gcc/mailvouch"
    runner cli-spf "$mv_python" tests/cli/spf.py "$mv_work/gcc/mailvouch"
    runner cli-examples "$mv_python" tests/cli/examples.py "$mv_work/gcc/mailvouch"
}
part_opinion() {
    runner opinion "$mv_python" tests/opinion/run.py "$mv_work/gcc/mailvouch"
    runner opinion-sanitizers "$mv_python" tests/opinion/run.py "$mv_work/sanitizers/mailvouch"
    runner opinion-exim "$mv_python" tests/opinion/exim.py "$mv_work/gcc/mailvouch"
}
part_report() {
    runner report "$mv_python" tests/report/run.py "$mv_work/gcc/mailvouch"
    runner report-evidence unshare -m "$mv_python" tests/report/evidence.py "$mv_work/gcc/mailvouch"
    runner report-write "$mv_python" tests/report/write.py "$mv_work/gcc/mailvouch"
    runner report-send "$mv_python" tests/report/send.py "$mv_work/gcc/mailvouch"
    runner report-failure "$mv_python" tests/report/failure.py "$mv_work/gcc/mailvouch"
    runner report-page "$mv_python" tests/report/page.py "$mv_work/gcc/mailvouch" "$mv_work/report-page"
    runner report-modules "$mv_python" tests/report/modules.py "$mv_work/gcc/mailvouch"
    runner report-store "$mv_python" tests/report/store.py "$mv_work/gcc/mailvouch"
    runner report-import "$mv_python" tests/report/import.py "$mv_work/gcc/mailvouch"
    runner report-alert "$mv_python" tests/report/alert.py "$mv_work/gcc/mailvouch"
    MV_BUILD=$mv_work/gcc runner report-exchange tests/report/exchange.sh
    MV_BUILD=$mv_work/gcc runner report-sendmail tests/report/sendmail.sh
}
part_systemd() { MV_BUILD=$mv_work/gcc runner systemd tests/systemd/run.sh; }
part_keys() { MV_BUILD=$mv_work/gcc runner keys tests/keys/run.sh; }
part_e2e() { runner e2e tests/e2e/run.sh; }
part_lmtp() { MV_BUILD=$mv_work/gcc MV_SANITIZED=$mv_work/sanitizers runner lmtp tests/lmtp/run.sh; }
part_dovecot() { runner dovecot tests/dovecot/run.sh; }
part_delivery() { MV_BUILD=$mv_work/gcc runner delivery tests/delivery/run.sh; }

all_parts="build lint unit sanitizers install cli conformance cases opinion fuzz report systemd keys e2e lmtp dovecot delivery"
started=$(date +%s)
mv_install $mv_build_packages $mv_test_packages || bad packages
[ $# -gt 0 ] || set -- $all_parts
for part in "$@"; do
    echo "== $part ($(($(date +%s) - started)) s)"
    "part_$part"
done
echo "== done in $(($(date +%s) - started)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
