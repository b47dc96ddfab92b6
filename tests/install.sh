#!/bin/sh
# "make install" and "make uninstall": what they put where, what they leave alone.
#
# usage: tests/install.sh BUILD-DIRECTORY      silent and 0 when all is right

build=$1
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
conf=$root/etc/mailvouch/mailvouch.conf

fail() {
    echo "$*"
    exit 1
}

run() { make -C "$build" "$1" DESTDIR="$root" > "$root.log" 2>&1 || { tail -20 "$root.log"; fail "make $1"; }; rm -f "$root.log"; }
files() { find "$root" ! -type d | sort; }

run install
cmp "$conf" "$(dirname "$0")/../conf/mailvouch.conf" || fail "no configuration was installed"
[ "$(stat -c %a "$conf")" = 644 ] || fail "the configuration is not readable for the mail server"
[ -n "$(find "$root" -path '*/libexec/mailvouch/mailvouch-opinion')" ] || fail "the second opinion was not installed"
[ -n "$(find "$root" -path '*/examples/mailvouch.conf')" ] || fail "no example was installed"
[ "$(find "$root/etc" ! -type d)" = "$conf" ] || fail "more was put into /etc: $(find "$root/etc")"
if grep -q '^dovecotmoddir' "$build/Makefile"; then
    for file in modules/lib95_mailvouch_plugin.so modules/lib95_mailvouch_submission_plugin.so man7/mailvouch-dovecot.7 \
        examples/dovecot/delivery-2.3.conf examples/dovecot/delivery-2.4.conf \
        examples/dovecot/submission-2.3.conf examples/dovecot/submission-2.4.conf; do
        [ -n "$(find "$root" -path "*/$file")" ] || fail "$file was not installed"
    done
    [ -z "$(find "$root" -name 'lib95_*' ! -name '*.so')" ] || fail "Dovecot's modules have more than modules beside them"
fi
# The command finds its modules where configure said, and no variable leads it elsewhere
libdir=$(make -s -C "$build" --eval 'print-libdir: ; @echo $(libdir)' print-libdir)
modules=$root$libdir/mailvouch
[ -f "$modules/mailvouch-zip.so" ] || fail "the module for zip files was not installed"
[ -z "$(find "$modules" ! -name '*.so' ! -type d)" ] || fail "more than modules: $(ls "$modules")"
if [ -f "$modules/mailvouch-postgresql.so" ] && [ "$(id -u)" = 0 ] && unshare -m true; then
    command=$(find "$root" -path '*/bin/mailvouch')
    said=$(LD_LIBRARY_PATH=$modules unshare -m sh -c 'mount -t tmpfs none "$0" && exec "$@"' "$libdir" \
        "$command" report purge --store 'postgresql:///x?host=/nowhere' 2>&1)
    [ $? = 78 ] || fail "a module that is not there: $said"
    case $said in *"needs $libdir/mailvouch/mailvouch-postgresql.so, which is not there"*) ;; *) fail "not said: $said" ;; esac
    said=$(unshare -m sh -c 'mount --bind "$0$1" "$1" && shift && exec "$@"' "$root" "$libdir" \
        "$command" report purge --store 'postgresql:///x?host=/nowhere' 2>&1)
    case $said in *"database x at /nowhere"*) ;; *) fail "the installed module was not used: $said" ;; esac
fi
run uninstall
[ -z "$(files)" ] || fail "left behind: $(files)"
[ ! -d "$root/etc/mailvouch" ] || fail "left behind: an empty /etc/mailvouch"

run install
echo '# mine' >> "$conf"
echo '# mine' > "$root/etc/mailvouch/other"
run install
tail -1 "$conf" | grep -q mine || fail "a changed configuration was replaced"
run uninstall
[ "$(files | wc -l)" = 2 ] || fail "after uninstall: $(files)"
