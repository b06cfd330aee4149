#!/usr/bin/python3
"""Who is asked before a secret is given, and how: on the terminal, by a prompter on a terminal, and
by a prompter through pinentry."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import unittest

from scratch import DEADLINE, PASSPHRASE, Scratch, run_suites
from terminal import CTRL_C, Terminal

PROGRAMS = {}
CANCELLED, NOT_CONFIRMED = "ERR 83886179 cancelled", "ERR 83886194 not confirmed"

# A pinentry that tells the test what it is asked and answers with the next line it was given;
# without one it waits for the next line of the pipe, for ever if need be.
PINENTRY = """#!/bin/sh
cd '{folder}' || exit
echo "start $$" >events
echo 'OK Pleased to meet you'
while read -r verb rest; do
  case $verb in
    GETPIN|CONFIRM|MESSAGE)
      echo "$verb" >events
      read -r answer <answers || exit
      eval "$answer" ;;
    BYE) echo OK; exit ;;
    *) printf '%s %s\\n' "$verb" "$rest" >>said; echo OK ;;
  esac
done
"""


# Leaves its parents and its terminal behind, as a daemon does, and starts a session on a terminal of
# its own; there it runs the command, after the process whose pid is given has ended (0: at once), and
# writes what came of it into the pipe `told`.
ESCAPE = """
import os, pty, select, subprocess, sys
root = int(sys.argv[1])
ended = os.pidfd_open(root) if root else None
if os.fork() == 0:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    child, terminal = pty.fork()
    if child != 0:
        os.waitpid(child, 0)
        os._exit(0)
    if root:
        select.select([ended], [], [])
    done = subprocess.run(sys.argv[2:], capture_output=True)
    with open("told", "w") as told:
        told.write(f"{done.returncode} {done.stdout.decode()}{done.stderr.decode()}")
    os._exit(0)
os.wait()
if not root:
    print(open("told").read(), end="")
"""


class ConsentTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.ok("printf 'the value' | tacit set x && printf other | tacit set y")

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def fails(self, command, code, message):
        done = self.scratch.run(command)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, b"")
        self.assertIn(message, done.stderr.decode())

    def terminal(self, *argv):
        terminal = Terminal(self.scratch, list(argv))
        self.addCleanup(terminal.__exit__)
        return terminal

    def shell(self, script):
        return self.terminal("/bin/sh", "-c", script)

    def start(self, command, **more):
        """A program without a terminal, which may have to wait for somebody's answer."""
        process = subprocess.Popen(["/bin/sh", "-c", command], cwd=self.scratch.work,
                                   env={**self.scratch.environment, **more},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def ends(self, process, code, out=b""):
        printed, said = process.communicate(timeout=DEADLINE)
        self.assertEqual((process.returncode, printed), (code, out), said)
        return said.decode()


class OnTheTerminal(ConsentTest):
    def setUp(self):
        super().setUp()
        self.ok("tacit policy set x ask")

    def test_asks_with_the_passphrase_first_and_then_not_again_for_the_session(self):
        terminal = self.shell("tacit get x; tacit get x; tacit get x; echo code=$?")
        terminal.expect("A program wants to read secrets")
        terminal.expect(r"Program: /\S+")
        terminal.expect("Secrets: x in the collection default")
        terminal.answer("Enter = no: ", "s")
        terminal.expect("Passphrase for the vault")
        self.assertFalse(terminal.echoes())
        terminal.type(PASSPHRASE + "\n")
        terminal.expect("the value.*the value.*the value.*code=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("wants to read"), 1)
        self.assertNotIn(PASSPHRASE, terminal.transcript)

    def test_once_is_for_one_call(self):
        terminal = self.shell("tacit get x && tacit get x; echo code=$?")
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value")
        # Proven by now, so that the passphrase is not asked for a second time.
        terminal.answer("Enter = no: ", "y")
        terminal.expect("the value.*code=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("Passphrase for"), 1)

    def test_a_wrong_passphrase_is_asked_for_again(self):
        terminal = self.shell("tacit get x; echo code=$?")
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", "wrong passphrase")
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value.*code=0")
        self.assertEqual(terminal.wait(), 0)

    def test_no_is_exit_8(self):
        for answer in ("", "n"):
            terminal = self.shell("tacit get x; echo code=$?")
            terminal.answer("Enter = no: ", answer)
            terminal.expect("refused.*code=8")
            self.assertEqual(terminal.wait(), 0)
            self.assertNotIn("the value", terminal.transcript)

    def test_an_interrupt_is_a_no(self):
        terminal = self.shell("trap : INT; tacit get x; echo code=$?")
        terminal.expect("Enter = no: ")
        terminal.type(CTRL_C)
        terminal.expect("code=130")
        self.assertEqual(terminal.wait(), 0)

    def test_confirm_asks_each_time_and_offers_no_session(self):
        self.ok("tacit policy set x confirm")
        terminal = self.shell("tacit get x && tacit get x; echo code=$?")
        terminal.answer("this once.*Enter = no: ", "s")  # no answer here: asks again
        terminal.answer("this once.*Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value")
        terminal.answer("this once.*Enter = no: ", "y")
        terminal.expect("the value.*code=0")
        self.assertEqual(terminal.wait(), 0)

    def test_never_is_remembered_until_it_is_revoked(self):
        script = "tacit get x; echo first=$?; tacit get x; echo second=$?"
        terminal = self.shell(script + "; tacit grants; tacit grants revoke 1; echo third=$?")
        terminal.answer("Enter = no: ", "never")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("first=8.*second=8")
        terminal.expect("never [a-z, ]*read")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("third=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("wants to read"), 1)

    def test_never_without_the_passphrase_is_a_no_for_this_time(self):
        terminal = self.shell("tacit get x; echo first=$?; tacit get x; echo second=$?")
        terminal.answer("Enter = no: ", "never")
        terminal.answer("Passphrase for the vault.*: ", "")
        terminal.expect("first=8")
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value.*second=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("never", self.ok("tacit grants"))

    def test_an_older_version_that_had_a_stricter_rule_is_asked_about(self):
        self.ok("printf old | tacit set v && tacit policy set v confirm --verb read && "
                "printf newer | tacit set v && "
                f"echo '{PASSPHRASE}' >pass && chmod 600 pass && "
                "tacit policy set v open --passphrase-file pass")
        terminal = self.shell("tacit get v; tacit get v --version 1; echo code=$?")
        terminal.expect("newer")
        terminal.expect(r"Secrets: v \(version 1\) in the collection default")
        terminal.answer("this once.*Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("old.*code=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("wants to read"), 1)

    def test_a_narrowed_tree_is_asked_about_with_its_time(self):
        terminal = self.shell("tacit run --grant x --ttl 20m -- sh -c 'tacit get x && tacit get x'; "
                              "echo code=$?")
        terminal.expect("For how long: 20 min, by this process and all that it starts")
        terminal.answer("this once.*Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value.*the value.*code=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("wants to read"), 1)

    def test_one_question_is_one_refusal_in_the_log(self):
        self.ok("tacit policy set x confirm")
        terminal = self.shell("tacit get x; echo code=$?")
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("the value.*code=0")
        self.assertEqual(terminal.wait(), 0)
        verdicts = [json.loads(line)["verdict"]
                    for line in self.ok("tacit audit --item x --json").splitlines()
                    if json.loads(line)["verb"] == "read"]
        self.assertEqual(verdicts, ["denied", "allowed", "allowed"])

    def test_what_is_refused_for_good_asks_nothing_and_is_named(self):
        self.ok("tacit policy set x confirm && tacit policy set y pinned --program /bin/false")
        terminal = self.shell("tacit run -e X=x -e Y=y -- true; echo code=$?")
        terminal.expect("`y`.*pinned.*code=125")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("wants to read", terminal.transcript)

    def test_nobody_types_for_what_may_not_be_stored(self):
        self.ok("tacit -c w set z </dev/null; tacit -c w policy set confirm --verb write")
        terminal = self.shell("tacit -c w get new --ask; echo code=$?")
        terminal.expect("wants to change secrets")
        terminal.answer("Enter = no: ", "n")
        terminal.expect("code=8")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("The same again", terminal.transcript)

    def test_nobody_is_asked_where_nobody_can_answer(self):
        for command in ("tacit get x", "tacit get x --no-input", "TACIT_NO_INPUT=1 tacit get x",
                        "tacit run -e X=x -- true || exit 8"):
            self.fails(command, 8, "x")
        done = self.scratch.run("tacit get x")
        self.assertIn(b"tacit prompter", done.stderr)
        self.assertEqual(self.ok("tacit get y"), "other")

    def test_in_the_background_it_says_so_and_what_to_do(self):
        # `timeout` gives its command a process group of its own, which is not the terminal's.
        for command in ("get x", "get new --ask"):
            terminal = self.shell(f"timeout 20 tacit {command}; echo code=$?")
            terminal.expect("in the foreground of its terminal.*timeout.*--foreground")
            terminal.expect("code=8")
            self.assertEqual(terminal.wait(), 0)
            self.assertNotIn("on a terminal", terminal.transcript)
        terminal = self.shell("timeout --foreground 20 tacit get x; echo code=$?")
        terminal.answer("Enter = no: ", "n")
        terminal.expect("code=8")
        self.assertEqual(terminal.wait(), 0)

    def test_an_interactive_shell_is_called_that(self):
        shell = self.terminal("/bin/sh", "-i")
        shell.type("tacit get x\n")
        shell.expect(r"Program: /\S+ \(an interactive shell\), process \d+")
        shell.answer("Enter = no: ", "n")
        shell.type("exit\n")
        shell.wait()

    def test_run_puts_one_question_for_all(self):
        self.ok("tacit policy set y ask")
        terminal = self.shell("tacit run -e X=x -e Y=y -- sh -c 'echo \"<$X><$Y>\"'")
        terminal.expect("Secrets: x, y in the collection default")
        terminal.answer("Enter = no: ", "s")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("<the value><other>")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("wants to read"), 1)

    def test_tricks_in_a_name_are_shown(self):
        self.ok("printf v | tacit set \"$(printf 'a\\033[2J\\n\\342\\200\\256b')\"")
        self.ok("tacit policy set \"$(printf 'a\\033[2J\\n\\342\\200\\256b')\" confirm")
        terminal = self.shell("tacit get \"$(printf 'a\\033[2J\\n\\342\\200\\256b')\"")
        terminal.answer("Enter = no: ", "n")
        terminal.wait()
        question = terminal.transcript[:terminal.transcript.index("Enter = no")]
        self.assertNotIn("\x1b", question)
        self.assertNotIn("\u202e", question)

    def test_a_value_that_is_not_there_is_asked_for_and_kept(self):
        terminal = self.shell("tacit get new --ask --prompt 'Token of example.org'; echo; "
                              "tacit get new --ask")
        terminal.answer(r"Token of example.org \(not shown\): ", "secret one")
        terminal.answer("The same again: ", "another")
        terminal.answer("not the same.*not shown.: ", "secret one")
        terminal.answer("The same again: ", "secret one")
        terminal.expect("secret one.*secret one")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get new"), "secret one")

    def test_an_empty_value_is_never_kept(self):
        terminal = self.shell("tacit get new --ask; echo code=$?")
        terminal.answer("not shown.: ", "")
        terminal.expect("nothing was stored.*code=8")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.scratch.run("tacit get new").returncode, 4)
        self.fails("tacit get new --ask", 8, "tacit set")
        self.fails("tacit get new --ask --no-input", 8, "tacit set")

    def test_run_asks_for_what_is_missing(self):
        terminal = self.shell("tacit run --ask -e N=new -e Y=y -- sh -c 'echo \"<$N><$Y>\"'")
        terminal.answer(r"new \(not shown\): ", "typed")
        terminal.answer("The same again: ", "typed")
        terminal.expect("<typed><other>")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get new"), "typed")


class PrompterTest(ConsentTest):
    def setUp(self):
        super().setUp()
        self.ok("tacit policy set x ask")
        self.folder = os.path.join(self.scratch.root, "pinentry")
        os.mkdir(self.folder, 0o700)
        self.pipes = {}
        for name in ("events", "answers"):
            os.mkfifo(self.file(name), 0o600)
            self.pipes[name] = os.open(self.file(name), os.O_RDWR | os.O_CLOEXEC)
            self.addCleanup(os.close, self.pipes[name])
        self.heard = b""
        with open(self.file("fake"), "w", encoding="utf-8") as file:
            file.write(PINENTRY.format(folder=self.folder))
        os.chmod(self.file("fake"), 0o700)

    def file(self, name):
        return os.path.join(self.folder, name)

    def prompter(self, options="--no-credential"):
        prompter = self.start("exec tacit prompter " + options, PINENTRY=self.file("fake"))
        prompter.heard = ""
        return prompter

    def registered(self, options="--no-credential"):
        prompter = self.prompter(options)
        self.says(prompter, "registered")
        return prompter

    def says(self, prompter, text):
        """Reads its messages up to one that has `text`."""
        end = time.monotonic() + DEADLINE
        while True:
            lines = prompter.heard.split("\n")
            for position, line in enumerate(lines[:-1]):
                if text in line:
                    prompter.heard = "\n".join(lines[position + 1:])
                    return line
            ready, _, _ = select.select([prompter.stderr], [], [], max(0, end - time.monotonic()))
            piece = os.read(prompter.stderr.fileno(), 4096) if ready else b""
            if not piece:
                raise AssertionError(f"{text!r} was never said: {prompter.heard!r}"
                                     f"{self.scratch.daemon_log()}")
            prompter.heard += piece.decode()

    def event(self, expected):
        """Waits for the next event of the pinentry; `start` ones are told by their process."""
        end = time.monotonic() + DEADLINE
        while True:
            line, mark, rest = self.heard.partition(b"\n")
            if mark:
                self.heard = rest
                word, _, pid = line.decode().partition(" ")
                if word == "start":
                    self.window = int(pid)
                    continue
                self.assertEqual(word, expected)
                return
            ready, _, _ = select.select([self.pipes["events"]], [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"{expected} was never asked: {self.scratch.daemon_log()}")
            self.heard += os.read(self.pipes["events"], 4096)

    def answer(self, asked, *lines):
        self.event(asked)
        words = "; ".join(f"echo '{line}'" for line in lines)
        os.write(self.pipes["answers"], (words + "\n").encode())

    def said(self):
        with open(self.file("said"), encoding="utf-8") as file:
            return file.read()

    def window_is_gone(self):
        """Its process has ended and was reaped; waits for that."""
        try:
            descriptor = os.pidfd_open(self.window)
        except ProcessLookupError:
            return
        ended, _, _ = select.select([descriptor], [], [], DEADLINE)
        os.close(descriptor)
        self.assertTrue(ended, "the window is still there")


class ByPinentry(PrompterTest):
    def test_the_first_yes_needs_the_passphrase_and_proves(self):
        prompter = self.registered()
        get = self.start("exec tacit get x")
        self.answer("CONFIRM", "OK")
        self.assertIn("told when the passphrase was given", self.said())
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.ends(get, 0, b"the value")
        # A script without a name is let in for its process alone: the next asks, and is told what.
        get = self.start("tacit get x; exit $?")
        self.answer("CONFIRM", "OK")
        self.ends(get, 0, b"the value")
        self.assertIn("Secrets: x in the collection default", self.said())
        prompter.send_signal(signal.SIGTERM)
        self.assertEqual(prompter.wait(DEADLINE), -signal.SIGTERM)
        self.fails("tacit get x", 8, "tacit prompter")

    def test_proven_at_the_start(self):
        prompter = self.prompter("")
        self.answer("GETPIN", "D wrong passphrase", "OK")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.says(prompter, "registered; questions are asked by fake")
        self.assertIn("SETERROR Wrong passphrase", self.said())
        get = self.start("exec tacit get x")
        self.answer("CONFIRM", "OK")
        self.ends(get, 0, b"the value")

    def test_without_the_passphrase_it_says_what_that_means(self):
        prompter = self.prompter("")
        self.answer("GETPIN", CANCELLED)
        self.assertIn("without a passphrase", self.says(prompter, "registered"))

    def test_no_and_its_other_shapes_are_exit_8(self):
        self.registered()
        for answers in ([CANCELLED], [NOT_CONFIRMED, CANCELLED], [NOT_CONFIRMED] * 3,
                        ["ERR 83886142 timed out"]):
            get = self.start("exec tacit get x")
            for answer in answers:
                self.answer("CONFIRM", answer)
            self.ends(get, 8)

    def test_never_asks_no_more(self):
        self.registered()
        script = "tacit get x; tacit get x; tacit get x; exit 8"
        get = self.start(script)
        for proof in ([CANCELLED], ["D " + PASSPHRASE, "OK"]):
            # It is the user's to say, so that without the passphrase it is a no for this time.
            self.answer("CONFIRM", NOT_CONFIRMED)
            self.answer("CONFIRM", NOT_CONFIRMED)
            self.answer("CONFIRM", "OK")
            self.answer("GETPIN", *proof)
        self.ends(get, 8)
        self.assertIn("Ne_ver", self.said())
        self.assertTrue(json.loads(self.ok("tacit grants --json"))[0]["denied"])

    def test_a_denial_is_not_taken_back_while_the_vault_is_opened(self):
        prompter = self.prompter("")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.says(prompter, "registered")
        with open(self.scratch.path("work", "job"), "w", encoding="utf-8") as job:
            job.write("#!/bin/sh\ntacit get x\nexit $?\n")
        os.chmod(self.scratch.path("work", "job"), 0o700)
        get = self.start("exec ./job")
        for choice in (NOT_CONFIRMED, NOT_CONFIRMED, "OK"):
            self.answer("CONFIRM", choice)
        self.ends(get, 8)
        denial = json.loads(self.ok("tacit grants --json"))[-1]["id"]
        self.ok("tacit lock")
        revoke = self.start(f"exec tacit grants revoke {denial}")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.assertIn("passphrase", self.ends(revoke, 2))
        self.assertIn(f'"id":{denial},', self.ok("tacit grants --json"))

    def test_a_pinentry_that_fails_is_a_refusal_and_the_next_one_is_asked(self):
        prompter = self.registered()
        for misdeed in ("exit 1", "kill -9 $$", "echo 'D 50% off'", "echo garbage",
                        "head -c 2000000 /dev/zero | tr '\\0' x"):
            get = self.start("exec tacit get x")
            self.event("CONFIRM")
            os.write(self.pipes["answers"], (misdeed + "\n").encode())
            self.assertIn("pinentry", self.ends(get, 8))
            self.says(prompter, "asking failed: pinentry")
        get = self.start("exec tacit get x")
        self.answer("CONFIRM", "OK")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.ends(get, 0, b"the value")

    def test_a_program_that_goes_takes_its_window_with_it(self):
        self.registered()
        get = self.start("exec tacit get x")
        self.event("CONFIRM")
        os.killpg(get.pid, signal.SIGKILL)
        self.window_is_gone()
        get = self.start("exec tacit get x")
        self.answer("CONFIRM", CANCELLED)
        self.ends(get, 8)

    def test_a_signal_takes_the_window_away_and_denies(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            prompter = self.registered()
            get = self.start("exec tacit get x")
            self.event("CONFIRM")
            prompter.send_signal(number)
            self.assertEqual(prompter.wait(DEADLINE), -number)
            self.window_is_gone()
            self.ends(get, 8)

    def test_one_window_at_a_time_and_one_question_for_many(self):
        self.registered()
        gets = self.start("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "
                          "tacit get x & done; wait")
        self.answer("CONFIRM", "OK")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.ends(gets, 0, b"the value" * 20)
        self.assertEqual(self.heard.count(b"CONFIRM"), 0)

    def test_wakes_a_locked_vault(self):
        self.ok("tacit policy set x open --passphrase-file pass; tacit lock")
        self.registered()
        get = self.start("exec tacit get x")
        self.answer("GETPIN", "D wrong passphrase", "OK")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.ends(get, 0, b"the value")
        self.assertIn("needs the vault, which is locked", self.said())
        self.assertEqual(json.loads(self.ok("tacit status --json"))["state"], "unlocked")

    def test_a_value_is_asked_for_twice_and_kept(self):
        prompter = self.prompter("")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.says(prompter, "registered")
        get = self.start("exec tacit get new --ask --prompt 'The %token'")
        self.answer("GETPIN", "D 100%25 new", "OK")
        self.answer("GETPIN", "D other", "OK")
        self.answer("GETPIN", "D 100%25 new", "OK")
        self.answer("GETPIN", "D 100%25 new", "OK")
        self.ends(get, 0, b"100% new")
        self.assertIn('"The %25token"', self.said())
        self.assertEqual(self.ok("tacit get new"), "100% new")

    def test_a_value_that_is_refused_or_empty_is_not_kept(self):
        prompter = self.prompter("")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")
        self.says(prompter, "registered")
        get = self.start("exec tacit get new --ask")
        self.answer("GETPIN", CANCELLED)
        self.ends(get, 8)
        get = self.start("exec tacit get new --ask")
        for _ in range(3):
            self.answer("GETPIN", "OK")
        self.ends(get, 8)
        self.assertEqual(self.scratch.run("tacit get new").returncode, 4)

    def test_registers_again_when_the_daemon_was_away(self):
        prompter = self.registered()
        self.scratch.stop_daemon()
        self.says(prompter, "waiting for it")
        self.scratch.start_daemon()
        self.says(prompter, "registered")
        get = self.start("exec tacit get x")
        self.answer("GETPIN", "D " + PASSPHRASE, "OK")  # locked by now
        self.answer("CONFIRM", "OK")
        self.ends(get, 0, b"the value")

    def test_a_second_prompter_is_refused(self):
        self.registered()
        second = self.prompter()
        self.assertIn("another prompter", self.ends(second, 8))

    def test_no_pinentry_is_exit_8(self):
        self.fails("PINENTRY=/nowhere/pinentry tacit prompter", 8, "/nowhere/pinentry")
        self.fails("tacit prompter", 8, "neither a display nor a terminal")
        self.fails("tacit prompter --tty", 8, "no terminal")


class ByTheTerminalOfAPrompter(PrompterTest):
    def test_asks_and_answers_on_its_terminal(self):
        prompter = self.terminal("tacit", "prompter", "--tty")
        prompter.answer("Passphrase for the vault.*: ", "wrong passphrase")
        prompter.answer("Wrong passphrase.*: ", PASSPHRASE)
        prompter.expect("registered; questions are asked by terminal")
        get = self.start("exec tacit get x")
        prompter.expect("Secrets: x in the collection default")
        prompter.answer("Enter = no: ", "y")
        self.ends(get, 0, b"the value")
        get = self.start("exec tacit get x")
        prompter.answer("Enter = no: ", "n")
        self.ends(get, 8)
        prompter.type(CTRL_C)
        self.assertEqual(prompter.wait(), -signal.SIGINT)

    def test_a_question_that_went_away_leaves_the_terminal_to_the_next(self):
        prompter = self.terminal("tacit", "prompter", "--tty", "--no-credential")
        prompter.expect("registered without a passphrase")
        get = self.start("exec tacit get x")
        prompter.expect("Enter = no: ")
        os.killpg(get.pid, signal.SIGKILL)
        prompter.expect("\n")
        get = self.start("exec tacit get x")
        prompter.answer("Enter = no: ", "s")
        prompter.answer("Passphrase for the vault.*: ", PASSPHRASE)
        self.ends(get, 0, b"the value")

    def test_a_terminal_with_tacit_goes_to_the_prompter_first(self):
        prompter = self.terminal("tacit", "prompter", "--tty")
        prompter.answer("Passphrase for the vault.*: ", PASSPHRASE)
        prompter.expect("registered")
        get = self.terminal("tacit", "get", "x")
        prompter.answer("Enter = no: ", "y")
        get.expect("the value")
        self.assertEqual(get.wait(), 0)
        self.assertNotIn("wants to read", get.transcript)


class Narrowed(ConsentTest):
    def setUp(self):
        super().setUp()
        with open(self.scratch.path("work", "escape.py"), "w", encoding="utf-8") as file:
            file.write(ESCAPE)
        os.mkfifo(self.scratch.path("work", "told"))

    def told(self):
        with open(self.scratch.path("work", "told"), encoding="utf-8") as told:
            return told.read()

    def test_a_double_fork_with_a_terminal_of_its_own_stays_narrowed(self):
        escape = "python3 escape.py 0 tacit --no-input get "
        self.assertEqual(self.ok(escape + "y"), "0 other", "it is open to all who are known")
        self.assertEqual(self.ok("tacit run --grant x -- " + escape + "x"), "0 the value")
        refused = self.ok("tacit run --grant x -- " + escape + "y")
        self.assertRegex(refused, "^8 .*narrowed")

    def test_who_outlives_the_narrowed_program_must_ask(self):
        for name in ("x", "y"):
            self.ok("tacit run --grant x -- "
                    f"sh -c 'exec python3 escape.py $$ tacit --no-input get {name}'")
            self.assertRegex(self.told(), "^8 .*may have left a process tree that was narrowed")
        self.assertEqual(self.ok("python3 escape.py 0 tacit --no-input get y"), "0 other",
                         "started when nothing was narrowed any more")

    def test_who_outlives_it_neither_administers_nor_asks_for_the_user(self):
        for command in ("tacit --no-input policy set y deny", "tacit vault backup copy",
                        "tacit --no-input prompter --tty --no-credential"):
            self.ok(f"tacit run --grant x -- sh -c 'exec python3 escape.py $$ {command}'")
            self.assertRegex(self.told(), "^8 ", command)
        self.assertEqual(self.ok("tacit get y"), "other")

    def test_within_another_narrowed_tree_orphans_stay_narrowed(self):
        with open(self.scratch.path("work", "inner.sh"), "w", encoding="utf-8") as script:
            script.write("tacit run --grant x -- sh -c 'exec python3 escape.py $$ "
                         "tacit --no-input get y'\ncat told\n")
        self.assertRegex(self.ok("tacit run --grant x,y -- sh inner.sh"), "^8 .*may have left")

    def test_what_is_left_can_be_taken_away(self):
        narrowed = self.start("tacit run --grant x -- sh -c 'tacit get x; cat told; tacit get x'")
        self.assertEqual(narrowed.stdout.read(9), b"the value")
        self.ok("tacit grants revoke 1")
        with open(self.scratch.path("work", "told"), "w", encoding="utf-8") as told:
            told.write(" ")
        said = self.ends(narrowed, 8, b" ")
        self.assertIn("run out of time", said)

    def test_it_outlives_the_daemon(self):
        daemon, self.scratch.daemon = self.scratch.daemon, None
        narrowed = self.start(f"tacit run --grant x -- sh -c 'kill -9 {daemon.pid}; cat told; "
                              "tacit get x; tacit get y; tacit status >/dev/null && tacit get y'")
        daemon.wait(DEADLINE)
        self.scratch.start_daemon()
        self.ok("tacit unlock --passphrase-file pass")
        with open(self.scratch.path("work", "told"), "w", encoding="utf-8") as told:
            told.write("unlocked ")
        said = self.ends(narrowed, 8, b"unlocked the value")
        self.assertEqual(said.count("narrowed to other items"), 2, said)
        self.assertEqual(self.ok("tacit get y"), "other")


if __name__ == "__main__":
    run_suites(PROGRAMS)
