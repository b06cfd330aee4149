#!/usr/bin/python3
"""`tacit copy` and `generate --copy`: real xclip on a real X server, and the terminal's own
clipboard (OSC 52) on a pseudo-terminal."""

import base64
import ctypes
import os
import select
import shutil
import signal
import subprocess
import time
import unittest

from scratch import DEADLINE, Scratch, run_suites
from terminal import Terminal

PROGRAMS = {}
VALUE = "Tr0ub4dor-and-3-staples"
PR_SET_CHILD_SUBREAPER = 36


def keepers():
    """Processes that clear a clipboard later: orphans of `tacit`, which come to us."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if name == "tacit" and int(parent) == os.getpid() and state != "Z":
            found.append(int(pid))
    return found


def wait_for(pid):
    """Until the process is gone."""
    pidfd = os.pidfd_open(pid)
    ended, _, _ = select.select([pidfd], [], [], DEADLINE)
    os.close(pidfd)
    if not ended:
        raise AssertionError(f"{pid} did not end")
    os.waitpid(pid, 0)


def memory_of(pid):
    """All that can be read of a process's memory."""
    found = b""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(number, 16) for number in span.split("-"))
            if not rights.startswith("r"):
                continue
            try:
                mem.seek(begin)
                found += mem.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue
    return found


class Case(unittest.TestCase):
    def setUp(self):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.scratch = self.enterContext(Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"]))
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.scratch.run(f"printf %s {VALUE} | tacit set login --attribute user=ada", check=True)
        self.addCleanup(self.end_keepers)

    def end_keepers(self):
        for pid in keepers():
            os.kill(pid, signal.SIGKILL)
            wait_for(pid)

    def the_keeper(self):
        found = keepers()
        self.assertEqual(len(found), 1, found)
        return found[0]


@unittest.skipUnless(shutil.which("Xvfb") and shutil.which("xclip"),
                     "needs xvfb and xclip (packaging/deps test)")
class Xclip(Case):
    def setUp(self):
        super().setUp()
        reader, writer = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "64x64x24", "-nolisten", "tcp"],
            pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(writer)
        self.addCleanup(self.stop_server)
        with os.fdopen(reader) as file:
            number = file.readline().strip()
        self.assertTrue(number, "Xvfb did not start")
        self.scratch.environment["DISPLAY"] = ":" + number

    def stop_server(self):
        self.server.terminate()
        self.server.wait(DEADLINE)

    def held(self):
        return self.scratch.run("xclip -selection clipboard -out").stdout.decode()

    def test_it_is_there_and_then_cleared(self):
        done = self.scratch.run("tacit copy login --for 1s", check=True)
        self.assertEqual(done.stdout, b"")
        self.assertEqual(done.stderr.decode(),
                         "tacit: `login` is in the clipboard (xclip); it is cleared in 1 s\n")
        self.assertEqual(self.held(), VALUE)
        wait_for(self.the_keeper())
        self.assertEqual(self.held(), "")

    def test_what_was_copied_since_stays(self):
        self.scratch.run("tacit copy login --for 1s", check=True)
        self.scratch.run("printf other | xclip -selection clipboard -in >/dev/null 2>&1", check=True)
        wait_for(self.the_keeper())
        self.assertEqual(self.held(), "other")

    def test_told_to_end_it_clears_at_once(self):
        self.scratch.run("tacit copy login", check=True)
        keeper = self.the_keeper()
        os.kill(keeper, signal.SIGTERM)
        wait_for(keeper)
        self.assertEqual(self.held(), "")

    def test_nobody_clears_what_is_to_stay(self):
        self.scratch.run("tacit copy login --attribute user --for never", check=True)
        self.assertEqual(self.held(), "ada")
        self.assertEqual(keepers(), [])

    def test_the_value_is_in_no_argument_and_not_in_the_keeper(self):
        self.scratch.run("tacit copy login", check=True)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    self.assertNotIn(VALUE.encode(), file.read())
            except (FileNotFoundError, ProcessLookupError):
                pass
        memory = memory_of(self.the_keeper())
        self.assertTrue(b"TACIT_" in memory)  # it can be read at all
        self.assertFalse(VALUE.encode() in memory)

    def test_it_holds_nothing_open_of_its_caller(self):
        # The shell waits for its substitution until the last writer has gone.
        begin = time.monotonic()
        self.scratch.run('x="$(tacit copy login --for 10m 2>&1)"', check=True)
        self.assertLess(time.monotonic() - begin, DEADLINE)
        self.the_keeper()

    def test_json(self):
        done = self.scratch.run("tacit copy login --for 2m --json", check=True)
        self.assertEqual(done.stdout.decode(), '{"collection":"default","name":"login",'
                         '"by":"xclip","cleared_after_ms":120000}\n')
        self.assertEqual(done.stderr, b"")

    def test_a_generated_password(self):
        done = self.scratch.run("tacit generate fresh --length 20 --copy", check=True)
        self.assertEqual(done.stdout, b"")
        held = self.held()
        self.assertEqual(len(held), 20)
        self.assertEqual(self.scratch.run("tacit get fresh", check=True).stdout.decode(), held)

    def test_a_display_that_is_gone(self):
        self.scratch.environment["DISPLAY"] = ":65000"
        done = self.scratch.run("tacit copy login --by xclip")
        self.assertEqual(done.returncode, 1)
        self.assertIn("xclip failed", done.stderr.decode())
        self.assertNotIn(VALUE, done.stderr.decode())


class Osc52(Case):
    def terminal(self, script):
        return self.enterContext(Terminal(self.scratch, ["/bin/sh", "-c", script]))

    ENCODED = base64.b64encode(VALUE.encode()).decode()
    GIVEN = "\x1b\\]52;c;" + ENCODED.replace("+", "\\+") + "\x07"
    CLEARED = "\x1b\\]52;c;\x07"

    def test_it_goes_to_the_terminal_and_is_cleared(self):
        terminal = self.terminal("tacit copy login --for 1s; read line")
        terminal.expect(self.GIVEN)
        terminal.expect("`login` is in the clipboard \\(osc52\\) if this terminal allows it")
        terminal.expect(self.CLEARED)
        self.assertNotIn(VALUE, terminal.transcript)
        terminal.type("\n")
        self.assertEqual(terminal.wait(), 0)

    def test_a_newer_copy_is_not_cleared_by_an_older_one(self):
        terminal = self.terminal("tacit copy login --for 1s; echo one; read line;"
                                 "tacit copy login --for 1h; echo two; read line")
        terminal.expect("one")
        first = self.the_keeper()
        terminal.type("\n")
        terminal.expect("two")
        wait_for(first)
        second = self.the_keeper()
        os.kill(second, signal.SIGTERM)
        wait_for(second)
        terminal.expect(self.CLEARED)
        terminal.type("\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("\x1b]52;c;\x07"), 1)

    def test_it_is_cleared_when_the_shell_ends(self):
        # A terminal that is held open would not close.
        terminal = self.terminal("tacit copy login --for 1h; echo done; read line")
        terminal.expect("done")
        keeper = self.the_keeper()
        terminal.type("\n")
        terminal.expect(self.CLEARED)
        self.assertEqual(terminal.wait(), 0)
        wait_for(keeper)

    def test_in_tmux_it_is_passed_on(self):
        self.scratch.environment["TMUX"] = "/tmp/tmux,1,0"
        terminal = self.terminal("tacit copy login --for never")
        terminal.expect("\x1bPtmux;\x1b" + self.GIVEN + "\x1b\\\\")
        self.assertEqual(terminal.wait(), 0)

    def test_a_terminal_without_clipboard_is_said(self):
        self.scratch.environment["TERM"] = "dumb"
        done = self.scratch.run("tacit copy login")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no clipboard can be reached: wl-copy: there is no WAYLAND_DISPLAY; xclip: "
                      "there is no DISPLAY; osc52: ", done.stderr.decode())

    def test_a_value_that_no_terminal_takes(self):
        self.scratch.run("head -c 60000 /dev/zero | tr '\\0' a | tacit set long", check=True)
        terminal = self.terminal("tacit copy long")
        terminal.expect("longer than terminals take")
        self.assertEqual(terminal.wait(), 1)


if __name__ == "__main__":
    run_suites(PROGRAMS)
