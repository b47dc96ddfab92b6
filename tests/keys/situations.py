"""What keys go through, each in a world of its own: situation(judge, world)."""
import os
import shutil
import subprocess
import time

from servers import NEGATIVE_SECS, PRIMARY, RESOLVER, SECONDARY, TSIG, ask, wait_for, write
from hosts import DAY, Site, Traffic, Verifier

BASE = 1795435200 # 23 November 2026, 12:00 UTC


class Clock:
    """The time of the test: goes on as the real one does, and can be moved ahead."""
    def __init__(self):
        self.ahead = BASE - time.time()

    def now(self):
        return int(time.time() + self.ahead)

    def move(self, secs):
        self.ahead += secs


def days(site, clock, count):
    """The timer runs every day; after the last one it has not run yet."""
    for _ in range(count - 1):
        clock.move(DAY)
        site.auto(clock.now())
    clock.move(DAY)


def poison(site, selectors):
    """The resolver learns that these names do not exist, as late as it can."""
    return [ask(RESOLVER, site.name(s), "TXT", 2.0, True) for s in selectors]


def all_but(seen, words):
    return [line for line in seen.split("\n") if line and not any(w in line for w in words)]


def start(judge, world, site, clock):
    """From nothing to keys that sign."""
    code, out, err = site.auto(clock.now())
    judge.equal("keys are made and sent to DNS", (code, out.count(": created"), out.count("record sent to DNS")),
                (0, 2, 2), out + err)
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("seen", (code, site.states()), (0, "r:published e:published"), out + err)
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("signing", (code, site.states()), (0, "r:active e:active"), out + err)


def lag(judge, world, site, clock, before, after):
    """A key on its way while the secondary lags, and the resolver keeps that it does not exist."""
    new = site.selectors("created")
    for _ in range(3):
        code, out, err = site.auto(clock.now())
        judge.equal("waits for the secondary", (code, site.states()), (0, before), out + err)
        answers = poison(site, new)
    judge.check("the resolver keeps that it does not exist", all(a == (3, []) for a in answers), answers)
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("is seen on all servers", (code, site.states()), (0, before.replace("created", "published")), out + err)
    code, out, err = site.auto(clock.now())
    judge.equal("waits for caches", (code, out, site.states()), (0, "", before.replace("created", "published")), err)
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("signs", (code, site.states()), (0, after), out + err)


def rollover(judge, world):
    """A whole life with signed updates: at no moment is there a message that does not verify."""
    site, clock = Site(world, "site"), Clock()
    judge.equal("nothing is signed without a key", site.sign(clock.now())[0], None)
    code, out, err = site.auto(clock.now(), "--dry-run")
    judge.equal("the dry run tells", (code, out.count("would make a new key"), os.path.exists(site.keys)), (0, 2, False),
                out + err)
    code, out, err = site.auto(clock.now())
    judge.equal("made and sent", (code, site.states()), (0, "r:created e:created"), out + err)
    judge.check("not signed with a key that is not everywhere", site.sign(clock.now())[0] is None)
    lag(judge, world, site, clock, "r:created e:created", "r:active e:active")

    traffic = Traffic(world, site, clock.now())
    traffic.start()
    wait_for("mail", lambda: traffic.number > 5)

    def advance(secs):
        clock.move(secs)
        traffic.move(clock.now())
        return site.auto(clock.now())

    for _ in range(9):
        code, out, err = advance(DAY)
        judge.equal("a quiet day", (code, out), (0, ""), err)
    code, out, err = advance(DAY)
    judge.equal("the tenth day", (code, site.states()), (0, "r:active r:created e:active e:created"), out + err)
    lag(judge, world, site, clock, "r:active r:created e:active e:created", "r:retiring r:active e:retiring e:active")
    wait_for("mail with the new keys", lambda: len(traffic.selectors) == 4)
    traffic.sweep()
    code, out, err = advance(DAY - 60)
    judge.equal("mail is in flight", (code, out), (0, ""), err)
    traffic.sweep()
    code, out, err = advance(120)
    judge.equal("withdrawn, and the secondary lags", (code, out.count("record taken out of DNS"), site.states()),
                (0, 2, "r:retiring r:active e:retiring e:active"), out + err)
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("ended", (code, site.states(), out.count("private key destroyed")),
                (0, "r:revoked r:active e:revoked e:active", 2), out + err)
    wait_for("more mail", lambda n=traffic.number: traffic.number > n + 5)
    traffic.stop()
    judge.equal("messages that failed at any moment", traffic.faults, [])
    judge.equal("messages that could not be signed", traffic.unsigned, [])
    judge.check("there was traffic", traffic.number > 50 and traffic.verified > 300,
                "%d messages, %d verifications" % (traffic.number, traffic.verified))
    print("      %d messages, %d verifications" % (traffic.number, traffic.verified))
    pems = [name for name in os.listdir(site.keys + "/" + site.domain) if name.endswith(".pem")]
    judge.equal("private keys that are left", len(pems), 2)
    judge.equal("selectors are never used again", len(set(site.selectors())), 4)


def one_kill(site, now, syscall, number):
    """Kills "key auto" as it enters the system call for the n-th time. True when it came to that."""
    prefix = ("strace", "-f", "-qq", "-e", "signal=none", "-o", "/dev/null", "-e", "trace=" + syscall, "-e",
              "inject=%s:signal=SIGKILL:when=%d" % (syscall, number))
    code, _, _ = site.auto(now, prefix=prefix)
    return code in (-9, 137)


CHANGES = ("renameat", "fsync", "unlinkat", "fchmod", "mkdir")


def kill_everywhere(judge, site, clock, end_state, verifiers, name, restores):
    """Runs that are killed at every change of a file, then one that is not: all is as if nothing had happened."""
    kept, kills = site.snapshot() if restores else None, 0
    for syscall in CHANGES:
        for number in range(1, 60):
            if not one_kill(site, clock.now(), syscall, number):
                break
            kills += 1
            states = site.states() # which also shows that every file can be read
            message, why = site.sign(clock.now(), kills)
            faults = [f for v in verifiers for f in v.faults(message, clock.now())] if message else []
            judge.check("%s: killed at %s %d" % (name, syscall, number),
                        not faults and (message is not None) == ("r:active" in states), (states, why, faults))
            if restores:
                site.restore(kept)
    code, out, err = site.auto(clock.now())
    judge.equal("%s: goes on" % name, (code, site.states()), (0, end_state), out + err)
    return kills


def kills(judge, world):
    """kill -9 at every change of a file in the life of a key; then it goes on."""
    site, clock = Site(world, "site", extra="key_types = rsa"), Clock()
    verifiers = [Verifier(world, server) for server in (SECONDARY, PRIMARY)]
    # strace cannot show what it cannot do
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode != 0:
        judge.skip("all", "strace does not work here")
        return
    os.makedirs(site.keys + "/" + site.domain, mode=0o750)
    os.chmod(site.keys, 0o750)
    total = kill_everywhere(judge, site, clock, "r:created", verifiers, "making and publishing", False)
    judge.check("one key came of it, not many", len(site.selectors()) == 1, site.selectors())
    world.refresh_secondary()
    total += kill_everywhere(judge, site, clock, "r:published", verifiers, "seen", True)
    time.sleep(NEGATIVE_SECS + 1)
    total += kill_everywhere(judge, site, clock, "r:active", verifiers, "begins to sign", True)
    days(site, clock, 10)
    total += kill_everywhere(judge, site, clock, "r:active r:created", verifiers, "rolling", False)
    world.refresh_secondary()
    site.auto(clock.now())
    time.sleep(NEGATIVE_SECS + 1)
    total += kill_everywhere(judge, site, clock, "r:retiring r:active", verifiers, "changing over", True)
    clock.move(DAY + 1)
    total += kill_everywhere(judge, site, clock, "r:retiring r:active", verifiers, "withdrawing", False)
    world.refresh_secondary()
    total += kill_everywhere(judge, site, clock, "r:revoked r:active", verifiers, "ending", True)
    judge.check("it was killed often", total > 60, total)
    print("      killed %d times" % total)


def two_hosts(judge, world):
    """Two hosts that share nothing but the zone, and two processes on one host: at the same time."""
    sites = [Site(world, "a", host="mx1"), Site(world, "b", host="mx2")]
    run_side_by_side(judge, world, sites, "hosts")


def shared_directory(judge, world):
    """Two hosts with one directory of keys."""
    sites = [Site(world, "a", host="mx1"), Site(world, "b", host="mx2", keys=world.home + "/a")]
    run_side_by_side(judge, world, sites, "hosts of one directory")


def side_by_side(sites, now, times=2):
    """Starts "key auto" of each site that often, all at once."""
    started = [subprocess.Popen([os.environ["MV_BUILD"] + "/mailvouch", "key", "auto", "--config", site.config, "--now",
                                 str(now)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
               for site in sites for _ in range(times)]
    return [(p.communicate(timeout=120)[0].decode(), p.returncode) for p in started]


def run_side_by_side(judge, world, sites, name):
    clock = Clock()
    stages = ((0, "r:created e:created"), (0, "r:published e:published"), (NEGATIVE_SECS + 1, "r:active e:active"),
              (0, "r:active r:created e:active e:created"), (0, "r:active r:published e:active e:published"),
              (NEGATIVE_SECS + 1, "r:retiring r:active e:retiring e:active"))
    for pause, states in stages:
        time.sleep(pause)
        if states.count("created") == 2 and "active" in states:
            clock.move(10 * DAY)
        outcomes = side_by_side(sites, clock.now())
        judge.equal("%s: all end well" % name, [code for _, code in outcomes], [0] * 4, outcomes)
        judge.equal("%s: %s" % (name, states), [site.states() for site in sites], [states] * 2, outcomes)
        world.refresh_secondary()
    verifier = Verifier(world, SECONDARY)
    for site in sites:
        message, why = site.sign(clock.now())
        judge.check("%s: %s signs" % (name, site.host), message is not None and not verifier.faults(message, clock.now()),
                    why)
        judge.check("%s: selectors of its own" % name, all(s.startswith(site.host + "-") for s in site.selectors()),
                    site.selectors())


def gone(judge, world):
    """Keys that sign, and are no more in DNS: an alarm, and mail waits; then the record comes back by itself."""
    site, clock = Site(world, "site"), Clock()
    start(judge, world, site, clock)
    rsa = [s for s in site.selectors("active") if s.endswith("-r")][0]
    judge.check("signs", site.sign(clock.now())[0] is not None)
    record = ask(PRIMARY, site.name(rsa))[1][0]
    world.update("update delete %s. TXT" % site.name(rsa))
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.check("an alarm", code == 1 and "ALARM" in out and "record sent to DNS" in out, (code, out, err))
    key = [k for k in site.list() if k["selector"] == rsa][0]
    judge.equal("stored", (key["state"], key["sight"]), ("active", "missing"))
    message, why = site.sign(clock.now())
    judge.check("mail does not leave with a key that is not in DNS", message is None or rsa.encode() not in message, why)
    exim = open(site.home + "/exim-dkim").read()
    judge.check("nor by Exim", rsa not in exim, exim)
    judge.equal("the record came back", ask(PRIMARY, site.name(rsa))[1], [record])
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("all is well again", (code, site.sign(clock.now())[0] is not None), (0, True), out + err)
    world.update("update delete %s. TXT" % site.name(rsa), "update add %s. 60 TXT \"v=DKIM1; k=rsa; p=AAAA\"" %
                 site.name(rsa))
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.check("somebody else's record: an alarm, and it is left alone",
                code == 1 and "shows another key" in out and "record sent" not in out, (code, out, err))
    code, out, err = site.run("key", "check", site.domain, now=clock.now())
    judge.check("key check tells where", code == 1 and "FAIL  ns2.example.org (127.0.0.3) shows another key" in out, out)
    code, out, err = site.run("key", "status", now=clock.now())
    judge.check("key status tells", code == 1 and "ALARM" in out and "shows another key" in out, out + err)


def private_key(judge, world):
    """A private key that is gone, or that everybody may read."""
    site, clock = Site(world, "site"), Clock()
    start(judge, world, site, clock)
    directory = site.keys + "/" + site.domain
    rsa, ed = sorted(site.selectors("active"), reverse=True)
    os.chmod("%s/%s.pem" % (directory, rsa), 0o644)
    code, out, err = site.auto(clock.now())
    judge.check("everybody may read it", code == 1 and "ALARM" in out and "everybody may read this private key" in out,
                (code, out, err))
    os.chmod("%s/%s.pem" % (directory, rsa), 0o640)
    os.rename("%s/%s.pem" % (directory, rsa), world.home + "/away")
    code, out, err = site.auto(clock.now())
    judge.check("it is gone", code == 1 and "ALARM" in out and "bring it back from a backup" in out, (code, out, err))
    code, out, err = site.run("key", "retire", site.domain, rsa, now=clock.now())
    judge.check("the last one is not retired", code == 1 and "--force" in err, (code, out, err))
    code, out, err = site.run("key", "roll", site.domain, "--type", "rsa", now=clock.now())
    judge.check("it is rolled by hand", code == 0 and ": created" in out, (code, out, err))
    code, out, err = site.auto(clock.now())
    world.refresh_secondary()
    site.auto(clock.now())
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("the new one signs", (site.states(), site.sign(clock.now())[0] is not None),
                ("r:retiring r:active e:active", True), out + err)
    clock.move(DAY + 60)
    site.auto(clock.now())
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("the lost one ends", (code, site.states()), (0, "r:revoked r:active e:active"), out + err)


def by_hand(judge, world):
    """publish = manual: a person is told what to do, and nothing goes on before it is done."""
    site, clock = Site(world, "site", publish="manual"), Clock()
    code, out, err = site.auto(clock.now())
    judge.equal("told", (code, out.count("TO DO"), out.count("mailvouch key publish")), (1, 2, 2), out + err)
    code, out, err = site.auto(clock.now())
    judge.equal("told again", (code, out.count("TO DO")), (1, 2), out + err)
    code, zone, err = site.run("key", "publish", site.domain, "--style", "oneline", now=clock.now())
    judge.equal("records", (code, len(zone.splitlines())), (0, 2), err)
    world.update(*["update add " + line for line in zone.splitlines()])
    code, out, err = site.auto(clock.now())
    judge.equal("the person has done it, the secondary lags: nothing to do", (code, out), (0, ""), err)
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("seen", (code, site.states()), (0, "r:published e:published"), out + err)
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("signs", (code, site.states()), (0, "r:active e:active"), out + err)
    old = site.selectors("active")
    code, out, err = site.run("key", "roll", site.domain, now=clock.now())
    judge.equal("rolled by hand", (code, out.count(": created")), (0, 2), out + err)
    code, out, err = site.run("key", "roll", site.domain, now=clock.now())
    judge.equal("once is enough", (code, out.count("on its way already")), (0, 2), out + err)
    code, out, err = site.auto(clock.now())
    judge.equal("told of the new ones", (code, out.count("TO DO")), (1, 2), out + err)
    for selector in site.selectors("created"):
        code, out, err = site.run("key", "publish", site.domain, selector, "--style", "bind", now=clock.now())
        world.update("update add " + out.replace("(", "").replace(")", "").replace("\n", " "))
    world.refresh_secondary()
    site.auto(clock.now())
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("changed over", (code, site.states()), (0, "r:retiring r:active e:retiring e:active"), out + err)
    clock.move(DAY + 60)
    code, out, err = site.auto(clock.now())
    judge.equal("told to take them out", (code, out.count("TO DO"), out.count("out of DNS")), (1, 2, 2), out + err)
    # RFC 6376 3.6.1: emptied is as good as taken out
    world.update("update delete %s. TXT" % site.name(old[0]), "update delete %s. TXT" % site.name(old[1]),
                 "update add %s. 60 TXT \"v=DKIM1; p=\"" % site.name(old[1]))
    world.refresh_secondary()
    code, out, err = site.auto(clock.now())
    judge.equal("ended", (code, site.states()), (0, "r:revoked r:active e:revoked e:active"), out + err)


HOOK = """#!/bin/sh
echo "$*" >> "%(log)s"
case $1 in
publish) change="update add $MAILVOUCH_NAME. $MAILVOUCH_TTL TXT $MAILVOUCH_STRINGS" ;;
withdraw) change="update delete $MAILVOUCH_NAME. TXT" ;;
*) exit 9 ;;
esac
printf 'server %(primary)s\\n%%s\\nsend\\n' "$change" | nsupdate -k "%(key)s"
"""


def hook(judge, world):
    """publish = hook: a program of the site."""
    program = world.home + "/hook"
    site, clock = Site(world, "site", publish="hook", extra="publish_hook = " + program), Clock()
    code, out, err = site.auto(clock.now())
    judge.check("no program: an alarm", code == 1 and out.count("cannot be found") == 2, (code, out, err))
    write(program, HOOK % {"log": world.home + "/hook.log", "primary": PRIMARY, "key": world.key_file}, 0o755)
    code, out, err = site.auto(clock.now())
    judge.equal("published", (code, out.count("record sent to DNS")), (0, 2), out + err)
    world.refresh_secondary()
    site.auto(clock.now())
    time.sleep(NEGATIVE_SECS + 1)
    code, out, err = site.auto(clock.now())
    judge.equal("signs", (code, site.states()), (0, "r:active e:active"), out + err)
    code, out, err = site.run("key", "retire", site.domain, site.selectors("active")[0], "--force", now=clock.now())
    judge.check("retired by hand", code == 0 and "-> retiring" in out, (code, out, err))
    clock.move(DAY + 60)
    code, out, err = site.auto(clock.now())
    judge.check("withdrawn", "record taken out of DNS" in out, out + err)
    log = open(world.home + "/hook.log").read().splitlines()
    judge.equal("what the program was told", sorted(line.split()[0] for line in log), ["publish"] * 3 + ["withdraw"])


def dns_away(judge, world):
    """DNS that does not answer changes nothing, and is told when it lasts."""
    site, clock = Site(world, "site"), Clock()
    start(judge, world, site, clock)
    world.secondary.stop()
    code, out, err = site.auto(clock.now())
    judge.equal("one server is away", (code, out, site.states()), (0, "", "r:active e:active"), err)
    code, out, err = site.run("key", "status", now=clock.now())
    judge.check("status tells which", "ns2.example.org (127.0.0.3)" in out, out + err)
    judge.check("still signs", site.sign(clock.now())[0] is not None)
    clock.move(DAY + 3600)
    code, out, err = site.auto(clock.now())
    judge.equal("after a day it is an alarm", (code, out.count("ALARM")), (1, 2), out + err)
    world.secondary.start()
    world.secondary.ready(site.domain)
    code, out, err = site.auto(clock.now())
    judge.equal("it is back", (code, out), (0, ""), err)
    world.resolver.stop()
    code, out, err = site.auto(clock.now())
    judge.equal("the resolver is away", (code, out, site.states()), (0, "", "r:active e:active"), err)
    code, out, err = site.run("key", "check", now=clock.now())
    judge.equal("key check says that DNS is not there", code, 69, out + err)


def what_was_there(judge, world):
    """A wildcard that caches may have kept, a record at the very name, an alias to another zone."""
    site, clock = Site(world, "wild", domain="wild.example.org", extra="key_types = rsa"), Clock()
    site.auto(clock.now())
    world.refresh_secondary()
    poison(site, site.selectors())
    code, out, err = site.auto(clock.now())
    key = site.list()[0]
    judge.equal("waits as long as the wildcard's TTL", (key["state"], key["usable"] - key["published"]),
                ("published", 7), out + err)

    site = Site(world, "collision", host="mx7", extra="key_types = rsa")
    site.run("key", "new", site.domain, "--type", "rsa", now=clock.now())
    world.update("update add %s. 60 TXT \"v=DKIM1; k=rsa; p=AAAA\"" % site.name(site.selectors()[0]))
    code, out, err = site.auto(clock.now())
    judge.check("another record at the name is left alone",
                code == 1 and "another record stands at" in out and ask(PRIMARY, site.name(site.selectors()[0]))[1] ==
                ["v=DKIM1; k=rsa; p=AAAA"], (code, out, err))
    code, out, err = site.run("key", "retire", site.domain, site.selectors()[0], now=clock.now())
    judge.check("given up", code == 0, out + err)
    code, out, err = site.auto(clock.now())
    judge.check("another one is made", "r:created" in site.states() and site.selectors()[1].endswith("-r2"),
                (site.states(), out, err))

    site = Site(world, "alias", host="mx8", publish="manual", extra="key_types = rsa")
    site.auto(clock.now())
    selector = site.selectors()[0]
    code, out, err = site.run("key", "publish", site.domain, selector, "--style", "oneline", now=clock.now())
    world.update("update add %s. 3 CNAME %s.sub.example.org." % (site.name(selector), selector))
    world.update("update add " + out.replace(site.name(selector) + ".", selector + ".sub.example.org."))
    world.refresh_secondary()
    code, out, err = site.run("key", "check", site.domain, now=clock.now())
    judge.check("an alias is followed to its own servers",
                "1 of 1 addresses show it" in out and "leads to another name" in out, out + err)
    code, out, err = site.auto(clock.now())
    judge.equal("and is good enough", (code, site.states()), (0, "r:published"), out + err)


def refusals(judge, world):
    """What is not done, with an exit code and a sentence."""
    site, clock = Site(world, "site"), Clock()
    rows = (
        ("no domain", 64, ("key", "new")), ("not a domain", 64, ("key", "new", "a..b")),
        ("an option that is not there", 64, ("key", "auto", "--force")), ("bits", 64, ("key", "new", "a.example", "--bits", "512")),
        ("type", 64, ("key", "new", "a.example", "--type", "dsa")), ("style", 64, ("key", "publish", "a.example", "--style", "x")),
        ("no key of that name", 64, ("key", "retire", site.domain, "nokey")), ("no keys", 1, ("key", "publish", site.domain)),
        ("time", 64, ("key", "auto", "--now", "-1")), ("no command", 64, ("key",)), ("another command", 64, ("key", "rotate")),
    )
    for name, want, args in rows:
        code, out, err = site.run(*args)
        judge.check(name, code == want and err != "" and out == "", (code, out, err))
    os.makedirs(site.keys, exist_ok=True)
    os.chmod(site.keys, 0o777)
    code, out, err = site.auto(clock.now())
    judge.check("a directory that everybody may write", code in (1, 78) and "chmod go-w" in out + err, (code, out, err))


EXIM = """spool_directory = {home}/spool
log_file_path = {home}/log/%slog
primary_hostname = mx1.example.org
keep_environment =
acl_not_smtp = accept
begin acl
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.6 byname
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  port = 2525
  hosts_try_chunking =
  hosts_avoid_tls = *
  dkim_domain = ${{extract{{domain}}{{${{lookup{{${{lc:${{domain:$h_from:}}}}}}lsearch{{{keys}}}}}}}}}
  dkim_selector = ${{extract{{selectors}}{{${{lookup{{$dkim_domain}}lsearch{{{keys}}}}}}}}}
  dkim_private_key = ${{extract{{directory}}{{${{lookup{{$dkim_domain}}lsearch{{{keys}}}}}}}}}/$dkim_selector.pem
  dkim_canon = relaxed
  dkim_strict = true
begin retry
* * F,1d,1h
"""


def user_of_its_own(judge, world):
    """The timer's user, and root, at work on the same keys."""
    write(world.home + "/group", open("/etc/group").read() + "mailvouch:x:4711:\n")
    write(world.home + "/passwd", open("/etc/passwd").read() + "mailvouch:x:4711:4711::/nonexistent:/bin/false\n")
    for name in ("group", "passwd"):
        subprocess.run(["mount", "--bind", "%s/%s" % (world.home, name), "/etc/" + name], check=True)
    site, clock = Site(world, "site"), Clock()
    os.chown(world.key_file, 4711, 4711)
    os.chown(site.home, 4711, 4711)
    os.chmod(site.home, 0o750)
    user = ("setpriv", "--reuid=4711", "--regid=4711", "--clear-groups", "--no-new-privs", "--inh-caps=-all")
    code, out, err = site.auto(clock.now(), prefix=user)
    judge.equal("the user makes and publishes", (code, out.count("record sent to DNS")), (0, 2), out + err)
    code, out, err = site.run("key", "new", site.domain, now=clock.now())
    judge.equal("root makes more", (code, out.count(": created")), (0, 2), out + err)
    files = [os.path.join(d, f) for d, _, fs in os.walk(site.keys) for f in fs] + [site.keys]
    judge.equal("all belong to the user and the group", {os.stat(f)[4:6] for f in files}, {(4711, 4711)}, files)
    world.refresh_secondary()
    code, out, err = site.auto(clock.now(), prefix=user)
    judge.check("the user publishes those of root too", code == 0 and out.count("record sent to DNS") == 2, out + err)
    world.refresh_secondary()
    site.auto(clock.now(), prefix=user)
    time.sleep(NEGATIVE_SECS + 1)
    for _ in range(2):
        code, out, err = site.auto(clock.now(), prefix=user)
    judge.equal("one of each type signs, the others retire", (code, site.states()),
                (0, "r:retiring r:active e:retiring e:active"), out + err)
    for name in ("group", "passwd"):
        subprocess.run(["umount", "/etc/" + name], check=True)


def exim(judge, world):
    """Exim's own dkim_* options with the file that is kept for them."""
    if not shutil.which("exim4"):
        judge.skip("all", "exim4 is missing")
        return
    from sink import Sink
    site, clock = Site(world, "site"), Clock()
    home = world.home + "/exim"
    for directory in (home, home + "/spool", home + "/log"):
        os.makedirs(directory)
        shutil.chown(directory, "Debian-exim", "Debian-exim")
    # Exim reads the keys as a member of the group that they are given to
    with open("/etc/group") as f:
        write(world.home + "/group", f.read() + "mailvouch:x:4711:Debian-exim\n")
    subprocess.run(["mount", "--bind", world.home + "/group", "/etc/group"], check=True)
    write(home + "/exim.conf", EXIM.format(home=home, keys=site.home + "/exim-dkim"))
    sink = Sink("127.0.0.6", 2525)

    def send(number):
        shutil.rmtree(home + "/spool/db", ignore_errors=True) # what Exim knows of hosts to be tried later
        message = "From: Alice <alice@%s>\nTo: bob@example.net\nSubject: %d\n\nHello\n" % (site.domain, number)
        subprocess.run(["exim4", "-C", home + "/exim.conf", "-odf", "-f", "alice@" + site.domain, "bob@example.net"],
                       input=message.encode(), check=True, capture_output=True, timeout=60)

    code, out, err = site.auto(clock.now())
    judge.equal("keys belong to the group", os.stat(site.keys).st_gid, 4711)
    send(1)
    log = open(home + "/log/mainlog").read()
    judge.check("without a key that signs, the mail waits", not sink.messages and "DKIM" in log, log)
    world.refresh_secondary()
    site.auto(clock.now())
    time.sleep(NEGATIVE_SECS + 1)
    site.auto(clock.now())
    send(2)
    verifier = Verifier(world, SECONDARY)
    if judge.check("sent", len(sink.messages) == 1, open(home + "/log/mainlog").read()):
        message = sink.messages[0]
        judge.equal("two signatures", message.count(b"DKIM-Signature:"), 2, message)
        judge.equal("that verify", verifier.faults(message, time.time()), [])
    sink.stop()
    subprocess.run(["umount", "/etc/group"], check=True)


ALL = [rollover, kills, two_hosts, shared_directory, gone, private_key, by_hand, hook, dns_away, what_was_there, refusals,
       user_of_its_own, exim]
