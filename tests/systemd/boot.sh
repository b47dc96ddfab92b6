#!/bin/sh
# Becomes the first process of a machine that boots: all files are the host's, and what is written stays in memory.
# Run by run.sh; run.py does the rest as a service, whose end is the end of the machine.

# bind PATH: the same files in there.
bind() {
    mkdir -p "$root$1" && mount --bind "$1" "$root$1"
}

root=$E2E/root
mkdir "$root" "$E2E/upper" "$E2E/work" || exit 1
mount -t overlay overlay -o "lowerdir=/,upperdir=$E2E/upper,workdir=$E2E/work" "$root" || exit 1
mount -t proc proc "$root/proc" || exit 1
mount --bind "$root/proc/sys" "$root/proc/sys" && mount -o remount,bind,ro "$root/proc/sys" || exit 1
mount -t sysfs sysfs "$root/sys" && mount -o remount,ro "$root/sys" && mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" || exit 1
for name in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$name" || exit 1; done
chmod 1777 "$root/tmp" && mkdir "$root/dev/shm" "$root/dev/pts" || exit 1
for name in null zero full random urandom tty; do
    touch "$root/dev/$name" && mount --bind "/dev/$name" "$root/dev/$name" || exit 1
done
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts" && ln -s pts/ptmx "$root/dev/ptmx" || exit 1
bind "$mv_top" && bind "$MV_BUILD" && mkdir -p "$root$E2E" "$root/result" "$root/old" && mount --bind "$E2E/result" "$root/result" &&
    cd "$root" && pivot_root . old && umount -l old && cd / || exit 1

. "$mv_top/tests/e2e/lib.sh"
e2e_private_files && e2e_private_network || exit 1
# Nothing of the host's starts, nor of an earlier installation
rm -rf /etc/fstab /etc/systemd/system /usr/local/lib/systemd /var/lib/mailvouch /var/lib/systemd/timers /var/log/journal /etc/mailvouch
# The scratch directory stays
mkdir -p /etc/systemd/system /etc/tmpfiles.d && ln -sf /dev/null /etc/tmpfiles.d/tmp.conf
cat > /etc/systemd/system/mailvouch-tests.service << EOF
[Unit]
SuccessAction=exit
FailureAction=exit
FailureActionExitStatus=1

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 $mv_top/tests/systemd/run.py
Environment=E2E=$E2E MV_BUILD=$MV_BUILD
StandardOutput=append:/result/out
StandardError=append:/result/out
EOF
exec env -i container=mailvouch PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set -sys_module,-sys_time,-sys_boot,-sys_rawio,-syslog \
    /lib/systemd/systemd --unit=mailvouch-tests.service --show-status=no --log-level=warning
