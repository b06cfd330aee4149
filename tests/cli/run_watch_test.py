#!/usr/bin/python3
"""`tacit run --watch`: the command is restarted when one of its secrets changes, and not else."""

import os
import re
import select
import signal
import subprocess
import time
import unittest

from scratch import DEADLINE, Scratch, run_suites

PROGRAMS = {}


class Watched:
    """A command under --watch, driven by what it and `tacit` print."""

    def __init__(self, scratch, options, script):
        self.text = ""
        self.seen = 0
        self.process = subprocess.Popen(
            ["tacit", "run", "--watch", *options, "--", "/bin/sh", "-c", script], cwd=scratch.work,
            env=scratch.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)

    def expect(self, pattern):
        end = time.monotonic() + DEADLINE
        while True:
            match = re.compile(pattern).search(self.text, self.seen)
            if match:
                self.seen = match.end()
                return match
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not piece:
                raise AssertionError(f"{pattern!r} was never printed:\n{self.text}")
            self.text += piece.decode()

    def group(self):
        """The command's: of the child of the process between."""
        def child(pid):
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                return [int(word) for word in file.read().split()]
        return next(grandchild for each in child(self.process.pid) for grandchild in child(each))

    def end(self):
        self.process.terminate()
        rest, _ = self.process.communicate(timeout=DEADLINE)
        self.text += rest.decode()
        return self.process.returncode


class Watch(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.set("token", "one")
        self.set("other", "x")

    def set(self, name, value, more=""):
        self.scratch.run(f"printf '{value}' | tacit set {name} {more}", check=True)

    def watched(self, script, *options):
        watched = Watched(self.scratch, options or ("-e", "T=token"), script)
        self.addCleanup(self.kill, watched)
        return watched

    @staticmethod
    def kill(watched):
        if watched.process.poll() is None:
            watched.process.kill()
        watched.process.wait()
        watched.process.stdout.close()

    def test_a_change_restarts_and_another_secrets_does_not(self):
        watched = self.watched('echo "value $T"; exec sleep 1000')
        watched.expect("value one\n")
        self.set("other", "y")
        self.set("token", "one", "--attribute a=b")  # the same value
        self.set("token", "two")
        watched.expect("tacit: changed: T; `/bin/sh` is restarted\n")
        watched.expect("value two\n")
        self.assertEqual(watched.end(), -signal.SIGTERM)
        self.assertEqual(watched.text.count("restarted"), 1)
        self.assertEqual(watched.text.count("value"), 2)

    def test_a_command_that_ends_is_not_restarted(self):
        watched = self.watched("exit 42")
        self.assertEqual(watched.process.wait(DEADLINE), 42)

    def test_it_is_asked_to_end_first_and_all_of_its_group_with_it(self):
        # Both of the group write to the same pipe, which is open as long as one of them lives.
        watched = self.watched('trap "echo $T ends; exit 0" TERM; sh -c \'trap "echo child ends; '
                               'exit 0" TERM; echo begins; while :; do sleep 0.1; done\' 2>/dev/null & wait')
        watched.expect("begins\n")
        self.set("token", "two")
        watched.expect("(one ends\nchild ends|child ends\none ends)\n")
        watched.expect("begins\n")
        os.killpg(watched.group(), signal.SIGTERM)
        self.assertEqual(watched.process.wait(DEADLINE), 0)

    def test_it_is_killed_when_it_does_not_end(self):
        watched = self.watched('trap "" TERM; echo "$T begins"; while :; do sleep 1; done')
        watched.expect("one begins\n")
        begun = time.monotonic()
        self.set("token", "two")
        watched.expect("two begins\n")
        self.assertGreaterEqual(time.monotonic() - begun, 10)
        watched.process.kill()

    def test_a_lock_is_waited_out(self):
        watched = self.watched('echo "value $T"; exec sleep 1000')
        watched.expect("value one\n")
        self.scratch.run("tacit lock", check=True)
        watched.expect("tacit: the vault is locked; the command runs on")
        self.scratch.run("tacit unlock --passphrase-file pass", check=True)
        self.set("token", "two")
        watched.expect("value two\n")
        self.assertEqual(watched.text.count("restarted"), 1)
        watched.end()

    def test_a_restart_of_the_daemon_is_waited_out(self):
        watched = self.watched('echo "value $T"; exec sleep 1000')
        watched.expect("value one\n")
        self.scratch.stop_daemon()
        watched.expect("tacit: the daemon is gone; the command runs on")
        self.scratch.start_daemon()
        watched.expect("tacit: the vault is locked; the command runs on")
        # While nobody watched: it is seen none the less.
        self.scratch.run("tacit unlock --passphrase-file pass && printf two | tacit set token",
                         check=True)
        watched.expect("value two\n")
        watched.end()

    def test_a_secret_that_goes_leaves_the_command_running(self):
        watched = self.watched('echo "value $T"; exec sleep 1000')
        watched.expect("value one\n")
        self.scratch.run("tacit delete token", check=True)
        watched.expect("tacit: T: .*; the command runs on with what it has\n")
        self.set("token", "two")
        watched.expect("value two\n")
        watched.end()

    def test_all_of_a_collection_with_what_is_new_in_it(self):
        self.scratch.run("printf a | tacit -c work set A", check=True)
        watched = self.watched('echo "<$A> <$B>"; exec sleep 1000', "-c", "work")
        watched.expect("<a> <>\n")
        self.scratch.run("printf b | tacit -c work set B", check=True)
        watched.expect("<a> <b>\n")
        watched.end()

    def test_what_goes_of_a_collection_leaves_the_command_running(self):
        self.scratch.run("printf a | tacit -c work set A; printf b | tacit -c work set B "
                         "--attribute env=VARIABLE", check=True)
        watched = self.watched('echo "<$A> <$VARIABLE>"; exec sleep 1000', "-c", "work")
        watched.expect("<a> <b>\n")
        self.scratch.run("tacit -c work delete B", check=True)
        watched.expect("tacit: deleted: B; the command runs on with what it has\n")
        self.scratch.run("printf c | tacit -c work set A", check=True)
        watched.expect("tacit: deleted: B; the command runs on with what it has\n")
        self.scratch.run("printf d | tacit -c work set B --attribute env=VARIABLE", check=True)
        watched.expect("changed: A, VARIABLE; `/bin/sh` is restarted\n")
        watched.expect("<c> <d>\n")
        # The secret is there; that it has another variable is a change.
        self.scratch.run("printf d | tacit -c work set B --attribute env=OTHER", check=True)
        watched.expect("<c> <>\n")
        watched.end()
        self.assertEqual(watched.text.count("restarted"), 2)

    def test_masked_with_each_starts_values(self):
        self.set("token", "first value")
        watched = self.watched('echo "value $T."; exec sleep 1000', "--mask", "-e", "T=token")
        watched.expect(r"value \*\*\*\.\n")
        self.set("token", "second value")
        watched.expect(r"value \*\*\*\.\n")
        watched.end()

    def test_narrowed_is_each_start_of_the_command(self):
        watched = self.watched('echo "value $T"; tacit get token; echo; tacit get other; '
                               'echo "code $?"; exec sleep 1000', "-e", "T=token", "--grant", "token")
        watched.expect("value one\none\ntacit: `other`: .*\ncode 8\n")
        self.set("token", "two")
        watched.expect("value two\ntwo\ntacit: `other`: .*\ncode 8\n")
        watched.end()

    def test_locked_and_nobody_to_ask(self):
        self.scratch.run("tacit lock", check=True)
        watched = self.watched("echo never")
        watched.expect("tacit: --watch: the vault is locked")
        self.assertEqual(watched.process.wait(DEADLINE), 125)
        self.assertNotIn("never", watched.text)


if __name__ == "__main__":
    run_suites(PROGRAMS)
