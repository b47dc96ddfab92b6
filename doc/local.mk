dist_man_MANS = doc/mailvouch.1
EXTRA_DIST += doc/ARCHITECTURE.md core/README.md
