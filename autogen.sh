#!/bin/sh
# Makes configure from configure.ac. Needs autoconf, automake and libtool.
set -e
cd "$(dirname "$0")"
autoreconf --install --force --warnings=all,no-obsolete
# It removes core dumps again and again, which a directory of the name is not.
sed 's/rm -f core /rm -f /' configure > configure.new
cat configure.new > configure
rm configure.new
