#!/usr/bin/python3
"""The daemon as a service of the system: an ordinary user in a booted Debian, with the package installed."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

from container import DEADLINE, UID, USER, Container
from trial import PROGRAMS, run

PASSPHRASE = "correct horse battery staple"
CONFIG = f"/home/{USER}/.config/tacit/config.toml"
PACKAGES = "systemd-sysv dbus-user-session libpam-systemd polkitd python3"
HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGING = os.path.join(HERE, "..", "..", "packaging")

# What systemctl shows of tacitd.service; a limit above the container's own shows in /proc only as that.
SHOWN = {
    "Type": "notify", "Restart": "on-failure", "UMask": "0077", "NoNewPrivileges": "yes",
    "LockPersonality": "yes", "MemoryDenyWriteExecute": "yes", "RestrictAddressFamilies": "AF_UNIX",
    "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native", "LimitCORE": "0", "LimitNOFILE": "65536", "TasksMax": "128",
    "MemoryMax": str(2560 << 20), "MemorySwapMax": "0",
    "UnsetEnvironment": "LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT",
}
FORBIDDEN_CALLS = {"mount", "ptrace", "setuid", "keyctl", "io_setup", "reboot", "swapon", "bpf",
                   "sched_setscheduler", "init_module"}


def until(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.05)


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = Container(PROGRAMS["bare"])
        cls.addClassCleanup(cls.box.__exit__)
        shutil.copy(PROGRAMS["deb"], cls.box.path("root", "tacit.deb"))
        cls.box.bare(f"apt-get update && apt-get install -y --no-install-recommends {PACKAGES} "
                     f"/root/tacit.deb && useradd --create-home --shell /bin/sh --uid {UID} {USER}")
        shutil.copy(os.path.join(HERE, "probe.py"), cls.box.path("usr", "local", "bin", "probe"))
        # A machine that can be suspended, and that only says how it found the vault when it was.
        cls.box.write("/etc/power/state", "mem\n")
        cls.box.write("/etc/systemd/system/systemd-logind.service.d/power.conf",
                      "[Service]\nBindPaths=/etc/power:/sys/power\n")
        cls.box.write("/etc/systemd/logind.conf.d/test.conf", "[Login]\nUserStopDelaySec=0\n")
        cls.box.write("/etc/systemd/system/systemd-suspend.service.d/pretend.conf",
                      "[Service]\nExecStart=\nExecStart=/bin/sh -c 'runuser -u "
                      f"{USER} -- env XDG_RUNTIME_DIR=/run/user/{UID} "
                      "tacit status --json >/run/at-suspend'\n")
        cls.box.boot()
        cls.box.as_root("mkfifo --mode=0622 /run/at-suspend")
        cls.box.as_user(f"umask 077; echo {PASSPHRASE} >pass")

    def setUp(self):
        self.settings("")
        self.session = self.box.login()
        self.addCleanup(self.end_session)
        if not os.path.exists(self.box.path("home", USER, ".local", "share", "tacit", "vault")):
            self.ok("tacit init --passphrase-file pass")
        self.ok("tacit unlock --passphrase-file pass")

    def end_session(self):
        self.session.logout()
        # The manager goes a while after the session; the next test is to see a new one.
        until(lambda: self.state_of_manager() == "inactive", "the user's manager stays")

    def ok(self, command):
        return self.session.ok(command)

    def settings(self, text):
        self.box.as_root(f"install -d -o {USER} -g {USER} /home/{USER}/.config {os.path.dirname(CONFIG)} && "
                         f"printf '{text}' >{CONFIG}")

    def status(self):
        return json.loads(self.box.as_user("tacit status --json"))

    def show(self, unit, name):
        return self.ok(f"systemctl --user show --value -p {name} {unit}")

    def state_of_manager(self):
        return self.box.as_root(f"systemctl show --value -p ActiveState user@{UID}.service").strip()

    def lock_screen(self):
        self.box.as_root(f"loginctl lock-session $(loginctl show-user --value -p Sessions {USER})")

    def suspend(self):
        """What the vault was like when the machine went to sleep."""
        until(lambda: not self.box.as_root(
            "busctl call org.freedesktop.login1 /org/freedesktop/login1 "
            "org.freedesktop.login1.Manager Suspend b false && echo done", check=False).endswith("progress\n"),
            "logind is still busy with a suspend")
        return json.loads(self.box.as_root("timeout 60 cat /run/at-suspend"))["state"]

    def test_the_first_that_asks_starts_it(self):
        self.ok("systemctl --user stop tacitd.service")
        self.assertEqual(self.show("tacitd.socket", "ActiveState"), "active")
        self.assertEqual(self.show("tacitd.service", "ActiveState"), "inactive")
        status = json.loads(self.ok("tacit status --json"))
        self.assertEqual(status["state"], "locked")
        self.assertEqual(self.show("tacitd.service", "MainPID"), str(status["pid"]))
        self.assertIn(f"/run/user/{UID}/tacit/tacit.sock", self.show("tacitd.service", "StatusText"))
        self.assertEqual(self.ok(f"stat -c %a /run/user/{UID}/tacit /run/user/{UID}/tacit/tacit.sock"),
                         "700\n600")
        self.assertRegex(self.box.as_root(f"readlink /proc/{status['pid']}/fd/*"), "socket:")

    def test_a_crash_is_survived(self):
        before = self.status()["pid"]
        self.box.as_root(f"kill -SEGV {before}")
        status = json.loads(self.ok("tacit status --json"))
        self.assertNotEqual(status["pid"], before)
        self.assertEqual(status["state"], "locked")
        self.assertEqual(self.show("tacitd.service", "MainPID"), str(status["pid"]))

    def test_a_start_that_fails_says_where_to_look(self):
        self.ok("systemctl --user stop tacitd.service")
        self.settings("nonsense\\n")
        code, said = self.session.run("tacit status")
        self.assertEqual(code, 5, said)
        self.assertIn("systemctl --user status tacitd.service", said)
        _, told = self.session.run("systemctl --user status tacitd.service")
        self.assertIn("config.toml:1", told)
        self.settings("")
        self.ok("systemctl --user reset-failed tacitd.service tacitd.socket; tacit status")

    def test_programs_of_other_units_get_their_secrets(self):
        self.box.write("/usr/local/bin/reads", "#!/usr/bin/python3\nimport tacit\nprint(tacit.get('of/python').text())\n", 0o755)
        unit = "systemd-run --user --quiet --wait --pipe"
        self.ok(f"{unit} sh -c 'echo a value | tacit set of/python'")
        self.assertEqual(self.ok(f"{unit} reads"), "a value")

    def test_each_setting_is_taken(self):
        for name, value in SHOWN.items():
            self.assertEqual(self.show("tacitd.service", name), value, name)
        allowed = set(self.show("tacitd.service", "SystemCallFilter").split())
        self.assertEqual(allowed & FORBIDDEN_CALLS, set())

    def test_each_setting_is_seen_in_the_process(self):
        self.ok("systemctl --user set-environment LD_AUDIT=/nowhere.so LD_LIBRARY_PATH=/nowhere")
        self.ok("systemctl --user restart tacitd.service")
        pid = self.status()["pid"]
        facts = dict(re.findall(r"^(\w+):\s*(.*)$", self.box.as_root(f"cat /proc/{pid}/status"), re.M))
        self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"], facts["Umask"]), ("1", "2", "0077"))
        plain = self.ok("systemd-run --user --quiet --wait --pipe cat /proc/self/status")
        plain_filters = int(re.search(r"Seccomp_filters:\s*(\d+)", plain).group(1))
        # One is the daemon's own; the unit makes several.
        self.assertGreater(int(facts["Seccomp_filters"]), plain_filters + 4)
        limits = self.box.as_root(f"cat /proc/{pid}/limits")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertNotIn("LD_", self.box.as_root(f"tr '\\0' '\\n' </proc/{pid}/environ"))
        self.assertIn("/tacitd.service", self.box.as_root(f"cat /proc/{pid}/cgroup"))

    def test_each_setting_holds(self):
        unit = self.box.as_root("cat /usr/lib/systemd/user/tacitd.service")
        unit = re.sub("(?m)^(Requires|After|Restart|RestartPrevent.*)=.*\n", "", unit)
        unit = unit.replace("Type=notify", "Type=oneshot").replace(
            "ExecStart=/usr/bin/tacitd", "ExecStart=/usr/bin/python3 /usr/local/bin/probe\n"
            f"StandardOutput=file:/run/user/{UID}/probe-says")
        self.box.write("/etc/systemd/user/probe.service", unit)
        self.ok("systemctl --user daemon-reload; systemctl --user set-environment LD_PRELOAD=/nowhere.so; "
                "systemctl --user start probe.service")
        verdicts = self.ok(f"cat /run/user/{UID}/probe-says")
        self.assertRegex(verdicts, r"\A(\S+ (done|refused)\n?)+\Z")
        said = dict(line.split() for line in verdicts.splitlines())
        self.assertEqual(said.pop("unix"), "done")
        self.assertEqual({what for what, verdict in said.items() if verdict != "refused"}, set())
        free = self.ok("systemd-run --user --quiet --wait --pipe python3 /usr/local/bin/probe")
        # Without the unit it is done: what is refused above is refused by the unit.
        for what in said.keys() - {"realtime", "keyring"}:  # these two by the container
            self.assertRegex(free, f"(?m)^{what} done$")

    def test_locks_before_the_machine_sleeps(self):
        for _ in range(2):  # the second time shows that it took the delay again
            until(lambda: "Tacit" in self.box.as_root("systemd-inhibit --list --mode=delay"),
                  "logind does not wait for the daemon")
            self.ok("tacit unlock --passphrase-file pass")
            self.assertEqual(self.status()["state"], "unlocked")
            self.assertEqual(self.suspend(), "locked")

    def test_locks_with_the_screen_where_that_is_wanted(self):
        self.settings("[session]\\nlock_on_screen_lock = true\\n")
        self.ok("systemctl --user restart tacitd.service; tacit unlock --passphrase-file pass")
        self.lock_screen()
        until(lambda: self.status()["state"] == "locked", "it stays unlocked")

    def test_locks_with_neither_where_that_is_not_wanted(self):
        self.settings("[session]\\nlock_on_sleep = false\\n")
        self.ok("systemctl --user restart tacitd.service; tacit unlock --passphrase-file pass")
        self.lock_screen()
        self.assertEqual(self.suspend(), "unlocked")

    def test_logout_ends_it(self):
        pid = self.status()["pid"]
        self.session.logout()
        until(lambda: self.state_of_manager() == "inactive", "the user's manager stays")
        self.assertEqual(self.box.as_root(f"test -e /proc/{pid} || echo gone"), "gone\n")
        self.session = self.box.login()
        self.assertEqual(json.loads(self.ok("tacit status --json"))["state"], "locked")

    def test_logout_locks_where_services_linger(self):
        self.box.as_root(f"loginctl enable-linger {USER}")
        try:
            pid = self.status()["pid"]
            self.session.logout()
            until(lambda: self.status()["state"] == "locked", "it stays unlocked")
            self.assertEqual(self.status()["pid"], pid)
        finally:
            self.box.as_root(f"loginctl disable-linger {USER}")

    def test_installed_below_home_it_comes_and_goes(self):
        home = f"/home/{USER}/.local"
        subprocess.run(["cmake", "--install", PROGRAMS["build"], "--prefix", home, "--strip"], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "DESTDIR": self.box.root})
        for script in ("enable", "uninstall"):
            shutil.copy(os.path.join(PACKAGING, script), self.box.path("usr", "local", "bin", script))
        self.box.as_root(f"chown -R {USER}: {home}; chmod 755 /usr/local/bin/*")
        self.assertIn("tacitd.socket", self.ok(f"enable {home}"))
        self.ok("systemctl --user restart tacitd.socket")
        pid = json.loads(self.ok(f"{home}/bin/tacit status --json"))["pid"]
        self.assertEqual(self.box.as_root(f"readlink /proc/{pid}/exe"), f"{home}/bin/tacitd\n")

        self.assertIn("your vault stays", self.ok("uninstall"))
        self.assertEqual(self.box.as_root(f"test -e /proc/{pid} || echo gone"), "gone\n")
        self.assertEqual(self.ok(f"find {home} ! -type d ! -path '{home}/share/tacit/vault/*' "
                                 f"! -path '{home}/state/*'"), "")
        self.assertEqual(self.show("tacitd.service", "FragmentPath"), "/usr/lib/systemd/user/tacitd.service")
        self.ok("systemctl --user enable --now tacitd.socket; tacit unlock --passphrase-file pass")

    def test_systemd_finds_nothing_to_say(self):
        units = "/usr/lib/systemd/user/tacitd.service /usr/lib/systemd/user/tacitd.socket " \
                "/usr/lib/systemd/user/tacit-prompter.service"
        self.assertEqual(self.ok(f"systemd-analyze --user verify --man=no {units}"), "")
        # Four fifths of what is left is asked of services that begin as root, or does nothing for a user's.
        self.ok("systemd-analyze --user security --no-pager --threshold=60 tacitd.service")


if __name__ == "__main__":
    sys.exit(run())
