"""A vault in scratch folders and the servers that its tokens come from, for each class of tests."""

import json
import os
import re
import subprocess
import time
import unittest

import servers
from servers import ROOT, Authority, Front, approve, faults

from scratch import DEADLINE, PASSPHRASE, Scratch, run_suites  # noqa: F401
from terminal import Terminal

PROGRAMS = {}
SOURCES = os.path.join(ROOT, "client/python/src")
DROPINS = os.path.join(ROOT, "client/python/dropins/src")
DEBIAN_PYTHON = "/usr/bin/python3"
RENEWAL_EXIT = 12  # cli/README.md
CODE = r"\b([A-Z]{4}-[A-Z]{4})\b"


def run():
    """The main of a file of tests."""
    missing = servers.missing()
    if missing:
        print(missing)
        raise SystemExit(77)
    run_suites(PROGRAMS, ("tacit", "tacitd", "library"))


def helper_of(process):
    """The pid of the one tacit-renew that it has started, itself or by another process."""
    parents, programs = {}, {}
    for one in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{one}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(one)] = int(file.read().rpartition(")")[2].split()[1])
            programs[int(one)] = os.path.basename(os.readlink(f"/proc/{one}/exe"))
        except OSError:
            pass  # it has ended
    below = {process.pid}
    while True:
        more = {pid for pid, parent in parents.items() if parent in below} - below
        if not more:
            break
        below |= more
    helper, = [pid for pid in below if programs.get(pid) == "tacit-renew"]
    return helper


class TokenTest(unittest.TestCase):
    """`options` are those of the front."""

    options = {}
    with_tls = True

    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        cls.addClassCleanup(cls.scratch.__exit__)
        folder = cls.scratch.path("servers")
        wheels = os.path.join(folder, "wheels")
        os.makedirs(wheels)
        servers.make_wheel(os.path.join(wheels, servers.WHEEL))
        cls.authority = Authority(folder) if cls.with_tls else None
        cls.ca_file = cls.authority.file if cls.with_tls else None
        cls.tls = cls.authority.server_context() if cls.with_tls else None
        cls.start_servers(wheels)
        cls.scratch.environment.update(
            PYTHONDONTWRITEBYTECODE="1", TACIT_LIBRARY=os.path.abspath(PROGRAMS["library"]),
            NO_PROXY="127.0.0.1")
        cls.scratch.start_daemon()
        cls.scratch.make_vault()

    @classmethod
    def start_servers(cls, wheels):
        cls.front = cls.enterClassContext(Front(cls.tls, wheels=wheels, **cls.options))
        cls.package_manager = cls.front.package_manager

    def setUp(self):
        self.front.forget()

    def tearDown(self):
        self.assertEqual(self.front.violations, [])
        self.assertEqual(self.front.codes.early, [])
        self.assertEqual(self.front.codes.unproven, 0)

    # Programs.

    def start(self, *argv, environment=None, **options):
        """As a tool starts it: no terminal, nothing to read, a session of its own."""
        for stream in ("stdout", "stderr"):
            options.setdefault(stream, subprocess.PIPE)
        return subprocess.Popen(argv, cwd=self.scratch.work, stdin=subprocess.DEVNULL,
                                env={**self.scratch.environment, **(environment or {})},
                                start_new_session=True, **options)

    def run_argv(self, *argv, deadline=DEADLINE, **options):
        with self.start(*argv, **options) as process:
            try:
                printed, said = process.communicate(timeout=deadline)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(argv, process.returncode, printed, said)

    def ok(self, *argv, **options):
        """What it prints, when it has to go well."""
        done = self.run_argv(*argv, **options)
        self.assertEqual(done.returncode, 0, f"{argv}: {done.stderr.decode()}\n"
                         f"{self.scratch.daemon_log()}")
        return done.stdout.decode()

    def refused(self, *argv, code=RENEWAL_EXIT, **options):
        """What it says, when it has to fail and to print nothing."""
        done = self.run_argv(*argv, **options)
        self.assertEqual((done.returncode, done.stdout), (code, b""), done.stderr.decode())
        return done.stderr.decode()

    # Tokens.

    def add(self, name, *options, client="public", front=None):
        """Of the standard's dialect, found by discovery."""
        trust = ("--ca-file", self.ca_file) if self.ca_file else ()
        return self.ok("tacit", "token", "add", name, "--issuer", (front or self.front).origin,
                       "--client-id", client, "--scope", "openid", "--scope", "offline_access",
                       *trust, *options)

    def add_package_manager(self, *options, environment=None):
        trust = ("--ca-file", self.ca_file) if self.ca_file else ()
        return self.ok("tacit", "token", "add", "--preset", "posit",
                       "--address", self.front.address, *trust, *options, environment=environment)

    def place(self, text, front=None):
        """Address and code that `text` tells the user."""
        return (re.search(re.escape((front or self.front).origin) + r"/device[^\s\x1b]*", text).group(0),
                re.search(CODE, text).group(1))

    def approve(self, text, agree=True, front=None):
        """Goes where `text` tells the user to go. Returns address and code."""
        address, code = self.place(text, front)
        page = approve(address, code, self.ca_file, agree)
        self.assertIn("Success" if agree else "interrupted", page)
        return address, code

    def shown_on(self, terminal, front=None):
        """What the user is told on the terminal, up to the code."""
        begin = len(terminal.transcript)
        terminal.expect(re.escape((front or self.front).origin) + r"/device")
        terminal.expect(CODE)
        return terminal.transcript[begin:]

    def log_in(self, name, *options):
        with Terminal(self.scratch, ["tacit", "token", "login", name, *options]) as terminal:
            self.approve(self.shown_on(terminal))
            self.assertEqual(terminal.wait(), 0, terminal.transcript)
            return terminal.transcript

    def log_in_for(self, seconds, name):
        """With a token that is said to live that long; those that are got by refreshing live as long
        as the provider says."""
        self.front.fail_always("poll", faults.edited(lambda content: (
            content.update(expires_in=seconds) if "access_token" in content else None)))
        try:
            self.log_in(name)
        finally:
            self.front.fail_always("poll")

    def status(self, name):
        told, = json.loads(self.ok("tacit", "token", "status", "--json", name))
        return told

    def wait_until(self, name, member, value):
        """Nobody tells when a token runs out."""
        end = time.monotonic() + DEADLINE
        while self.status(name)[member] != value:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def renew(self, name):
        """A new one though the old one is good still."""
        return self.ok("tacit", "token", "get", name, "--renew").rstrip("\n")

    def assert_live(self, token):
        self.assertIsNotNone(self.front.live(token), "the server does not know this token")

    def assert_nowhere_in_plain(self, *tokens):
        """Neither in a file of the vault's nor in a log."""
        for token in tokens:
            found = self.run_argv("grep", "-rlF", "-e", token, self.scratch.root)
            self.assertEqual(found.stdout, b"")
