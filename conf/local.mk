EXTRA_DIST += conf/mailvouch.conf
