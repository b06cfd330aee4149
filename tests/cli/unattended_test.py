#!/usr/bin/python3
"""What was made ready beforehand for programs that nobody attends: grants that outlive the daemon,
and a prompter with a real pinentry that opens a locked vault for whoever needs it."""

import json
import os
import shutil
import signal
import subprocess
import unittest

from scratch import DEADLINE, PASSPHRASE, Scratch, run_suites
from terminal import CTRL_C, Terminal

PROGRAMS = {}


class UnattendedTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.ok("printf 'the value' | tacit set x")

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def start(self, *argv):
        process = subprocess.Popen(argv, cwd=self.scratch.work, env=self.scratch.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


class PreparedGrants(UnattendedTest):
    def setUp(self):
        super().setUp()
        self.ok("tacit policy set x ask")

    def restart(self, kill=False):
        if kill:
            self.scratch.daemon.kill()
            self.scratch.daemon.wait()
            self.scratch.daemon = None
        else:
            self.scratch.stop_daemon()
        self.scratch.start_daemon()
        self.ok("tacit unlock --passphrase-file pass")

    def grants(self):
        return json.loads(self.ok("tacit grants --json"))

    def test_of_a_program_holds_after_restarts_with_its_uses_counted_through(self):
        job = self.scratch.path("work", "job")
        with open(job, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\ntacit get x\n")
        os.chmod(job, 0o700)
        self.assertEqual(self.scratch.run("./job").returncode, 8)
        self.ok(f"tacit grant x --program {job} --for 1h --uses 4 --passphrase-file pass")
        self.assertEqual(self.ok("./job"), "the value")
        self.restart()
        self.assertEqual(self.ok("./job"), "the value")
        self.assertEqual(self.grants()[0]["uses_left"], 2)
        self.restart(kill=True)
        self.assertEqual(self.grants()[0]["uses_left"], 2)
        self.assertEqual(self.ok("./job; ./job"), "the value" * 2)
        self.assertEqual(self.scratch.run("./job").returncode, 8)
        self.restart()
        self.assertEqual(self.scratch.run("./job").returncode, 8)
        self.assertEqual(self.grants(), [])

    def test_of_a_process_holds_for_it_and_its_children_after_a_restart(self):
        job = self.start("/bin/sh")

        def in_job(command):
            job.stdin.write(f"{command}; echo; echo code=$?\n".encode())
            job.stdin.flush()
            return job.stdout.readline().decode().rstrip("\n")

        self.ok(f"tacit grant x --pid {job.pid} --for 1h --passphrase-file pass")
        self.assertEqual(in_job("sh -c 'tacit get x'"), "the value")
        job.stdout.readline()
        self.restart()
        self.assertEqual(in_job("sh -c 'tacit get x'"), "the value")
        self.assertEqual(self.scratch.run("tacit get x").returncode, 8)


PINENTRY = shutil.which("pinentry-tty")


@unittest.skipUnless(PINENTRY, "there is no pinentry-tty here: packaging/deps test")
class OnDemandUnlock(UnattendedTest):
    """`tacit prompter` on a terminal, which asks by the real pinentry-tty."""

    def setUp(self):
        super().setUp()
        self.ok("tacit lock")
        self.prompter = Terminal(self.scratch, ["tacit", "prompter", "--pinentry", PINENTRY,
                                                "--no-credential"])
        self.addCleanup(self.prompter.__exit__)
        self.prompter.expect("registered")

    def state(self):
        return json.loads(self.ok("tacit status --json"))["state"]

    def test_the_program_that_asked_gets_its_value(self):
        get = self.start("tacit", "get", "x")
        self.prompter.expect("needs the vault, which is locked")
        self.prompter.answer("Passphrase[^\n]*: ?", "wrong passphrase")
        self.prompter.answer("(?i)wrong passphrase.*Passphrase[^\n]*: ?", PASSPHRASE)
        printed, said = get.communicate(timeout=DEADLINE)
        self.assertEqual((get.returncode, printed), (0, b"the value"), said)
        self.assertEqual(self.state(), "unlocked")
        self.assertNotIn(PASSPHRASE, self.prompter.transcript)
        # Open by now: nobody is asked again.
        self.assertEqual(self.ok("tacit get x"), "the value")
        self.assertEqual(self.prompter.transcript.count("which is locked"), 2)

    def test_one_question_for_all_that_wait(self):
        gets = [self.start("tacit", "get", "x") for _ in range(5)]
        self.prompter.answer("which is locked.*Passphrase[^\n]*: ?", PASSPHRASE)
        for get in gets:
            printed, said = get.communicate(timeout=DEADLINE)
            self.assertEqual((get.returncode, printed), (0, b"the value"), said)
        self.assertEqual(self.prompter.transcript.count("which is locked"), 1)

    def test_leaving_the_question_leaves_the_vault_locked(self):
        get = self.start("tacit", "get", "x")
        self.prompter.expect("Passphrase[^\n]*: ?")
        self.prompter.type(CTRL_C)
        _, said = get.communicate(timeout=DEADLINE)
        self.assertEqual(get.returncode, 3, said)
        self.assertEqual(self.state(), "locked")


if __name__ == "__main__":
    run_suites(PROGRAMS)
