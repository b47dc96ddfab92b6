#!/bin/sh
# Stock Exim with our module, Dovecot behind it with the plugin for deliveries: as root, in namespaces of their own.
# Dovecot 2.3 is this machine's; Dovecot 2.4 runs in a Debian 13 root that is made for it and kept.
#
# usage and variables: tests/dovecot/places.sh

suite=delivery
. "$(dirname "$0")/../dovecot/places.sh"
