#!/usr/bin/python3
"""What `tacit` asks on a terminal, and where it must not ask."""

import json
import os
import re
import signal
import unittest

from scratch import PASSPHRASE, Scratch, run_suites
from terminal import CTRL_C, CTRL_D, CTRL_U, CTRL_Z, Terminal

PROGRAMS = {}


class PromptingTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()

    def terminal(self, *argv):
        terminal = Terminal(self.scratch, list(argv))
        self.addCleanup(terminal.__exit__)
        return terminal

    def tacit(self, *arguments):
        return self.terminal("tacit", *arguments)

    def shell(self, script):
        return self.terminal("/bin/sh", "-c", script)

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def status(self):
        return json.loads(self.ok("tacit status --json"))


class Init(PromptingTest):
    def test_asks_twice_and_two_groups_of_the_recovery_key(self):
        terminal = self.tacit("init")
        terminal.answer("New passphrase: ", "")
        terminal.answer("empty passphrase.*New passphrase: ", "one passphrase here")
        terminal.answer("same again: ", "another passphrase")
        terminal.answer("not the same.*New passphrase: ", PASSPHRASE)
        terminal.answer("same again: ", PASSPHRASE)
        key = terminal.expect(r"\n    ([0-9A-Za-z -]+)\r\n").group(1)
        groups = re.split("[- ]", key)
        numbers = []
        for _ in range(2):
            number, count = map(int, terminal.expect(r"Group (\d+) of (\d+)").groups())
            self.assertEqual(count, len(groups))
            numbers.append(number)
            terminal.answer(r"skips\): ", groups[number - 1].lower())
        terminal.expect("Both are right")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(len(set(numbers)), 2)
        for typed in (PASSPHRASE, "one passphrase here", "another passphrase"):
            self.assertNotIn(typed, terminal.transcript)
        status = self.status()
        self.assertEqual(status["state"], "unlocked")
        self.assertFalse(status["recovery_key_unconfirmed"])
        # The key that was shown opens the vault.
        self.ok("tacit lock")
        with open(os.path.join(self.scratch.work, "key"), "w", encoding="ascii") as file:
            file.write(key + "\n")
        self.ok("tacit unlock --recovery-file key")
        self.assertEqual(self.status()["state"], "unlocked")

    def test_skipping_the_groups_is_remembered(self):
        terminal = self.tacit("init")
        terminal.answer("New passphrase: ", PASSPHRASE)
        terminal.answer("same again: ", PASSPHRASE)
        terminal.answer(r"skips\): ", "")
        terminal.expect("will remind you")
        self.assertEqual(terminal.wait(), 0)
        done = self.scratch.run("tacit status")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"recovery key was never confirmed", done.stderr)
        self.assertEqual(self.scratch.run("tacit doctor").returncode, 10)

    def test_a_wrong_group_is_not_taken(self):
        terminal = self.tacit("init")
        terminal.answer("New passphrase: ", PASSPHRASE)
        terminal.answer("same again: ", PASSPHRASE)
        for _ in range(3):
            terminal.answer(r"skips\): ", "!")
            terminal.expect("not what is written")
        terminal.expect("Not confirmed")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(self.status()["recovery_key_unconfirmed"])

    def test_warns_of_a_weak_passphrase_and_takes_it(self):
        terminal = self.tacit("init")
        terminal.answer("New passphrase: ", "short")
        terminal.expect("only 5 characters")
        terminal.answer("same again: ", "short")
        terminal.answer(r"skips\): ", "")
        self.assertEqual(terminal.wait(), 0)

    def test_end_of_input_makes_nothing(self):
        terminal = self.tacit("init")
        terminal.expect("New passphrase: ")
        terminal.type(CTRL_D)
        self.assertEqual(terminal.wait(), 1)
        self.assertEqual(self.scratch.run("tacit status").returncode, 9)

    def test_any_verb_offers_it_and_goes_on(self):
        terminal = self.shell("printf hello | tacit set greeting && tacit get greeting")
        terminal.answer(r"no vault yet.*\[Y/n\] ", "")
        terminal.answer("New passphrase: ", PASSPHRASE)
        terminal.answer("same again: ", PASSPHRASE)
        terminal.answer(r"skips\): ", "")
        terminal.expect("hello")
        self.assertEqual(terminal.wait(), 0)

    def test_the_offer_can_be_declined(self):
        terminal = self.tacit("get", "greeting")
        terminal.answer(r"\[Y/n\] ", "n")
        self.assertEqual(terminal.wait(), 9)


class Locked(PromptingTest):
    def setUp(self):
        super().setUp()
        self.scratch.make_vault()
        self.ok("printf 'the value' | tacit set x && tacit lock")

    def test_get_asks_and_goes_on(self):
        terminal = self.tacit("get", "x")
        terminal.expect("Passphrase for the vault: ")
        self.assertFalse(terminal.echoes())
        terminal.type(PASSPHRASE + "\n")
        terminal.expect("the value\r\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn(PASSPHRASE, terminal.transcript)

    def test_get_asks_inside_a_command_substitution(self):
        terminal = self.shell('value=$(tacit get x); echo "<$value>"')
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("<the value>")
        self.assertEqual(terminal.wait(), 0)

    def test_three_wrong_passphrases_exit_6(self):
        terminal = self.tacit("get", "x")
        for _ in range(3):
            terminal.answer("Passphrase for the vault: ", "wrong passphrase")
        terminal.expect("wrong passphrase, three times")
        self.assertEqual(terminal.wait(), 6)

    def test_the_second_try_may_be_right(self):
        terminal = self.tacit("get", "x")
        terminal.answer("Passphrase for the vault: ", "wrong passphrase")
        terminal.answer("try again.*Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("the value")
        self.assertEqual(terminal.wait(), 0)

    def test_the_terminals_line_editing_works(self):
        terminal = self.tacit("unlock")
        terminal.expect("Passphrase for the vault: ")
        terminal.type("a slip of the hand" + CTRL_U + PASSPHRASE + "x\x7f\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.status()["state"], "unlocked")

    def test_unlock_asks_nothing_when_it_is_open(self):
        self.ok("tacit unlock --passphrase-file pass")
        terminal = self.tacit("unlock")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript, "")

    def test_interrupt_restores_the_terminal_and_kills(self):
        terminal = self.tacit("get", "x")
        terminal.expect("Passphrase for the vault: ")
        self.assertFalse(terminal.echoes())
        terminal.type("half of it" + CTRL_C)
        terminal.expect("\n")
        self.assertEqual(terminal.wait(), -signal.SIGINT)

    def test_a_shell_sees_130_and_an_echoing_terminal(self):
        terminal = self.shell("trap : INT; tacit get x; echo code=$?; stty -a")
        terminal.expect("Passphrase for the vault: ")
        terminal.type(CTRL_C)
        terminal.expect("code=130")
        terminal.expect(r"[^-]echo\b")
        self.assertEqual(terminal.wait(), 0)

    def test_terminate_restores_the_terminal(self):
        terminal = self.shell("tacit get x; echo code=$?; stty -a")
        terminal.expect("Passphrase for the vault: ")
        children = f"/proc/{terminal.pid}/task/{terminal.pid}/children"
        with open(children, encoding="ascii") as file:
            os.kill(int(file.read().split()[0]), signal.SIGTERM)
        terminal.expect("code=143")
        terminal.expect(r"[^-]echo\b")
        self.assertEqual(terminal.wait(), 0)

    def test_a_stop_that_cannot_be_caught_does_no_harm(self):
        terminal = self.tacit("get", "x")
        terminal.expect("Passphrase for the vault: ")
        os.kill(terminal.pid, signal.SIGSTOP)  # cannot be caught: nothing to restore
        self.assertEqual(terminal.wait_stopped(), signal.SIGSTOP)
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.type(PASSPHRASE + "\n")
        terminal.expect("the value")
        self.assertEqual(terminal.wait(), 0)

    def test_suspending_in_a_shell_with_job_control(self):
        self.scratch.environment["TERM"] = "dumb"  # no line editing of its own
        terminal = self.terminal("/bin/bash", "--norc", "--noprofile", "-i")
        terminal.type("PS1='ready> '\n")
        terminal.expect("\nready> ")
        terminal.type("tacit get x\n")
        terminal.expect("Passphrase for the vault: ")
        terminal.type(CTRL_Z)
        terminal.expect("Stopped.*ready> ")
        terminal.type("fg\n")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("the value.*ready> ")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait(), 0)

    def test_a_background_job_fails_at_once(self):
        terminal = self.shell("set -m; tacit get x & wait $!; echo code=$?")
        terminal.expect("the vault is locked.*code=3")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("Passphrase for", terminal.transcript)

    def test_nobody_is_asked_where_nobody_can_answer(self):
        for command in ("tacit get x </dev/null", "tacit get x 2>err", "tacit --no-input get x",
                        "tacit get x --no-input", "TACIT_NO_INPUT=1 tacit get x",
                        "tacit get x <&-", "setsid --wait tacit get x"):
            with self.subTest(command):
                terminal = self.shell(command + "; echo code=$?")
                terminal.expect("code=3")
                self.assertEqual(terminal.wait(), 0)
                self.assertNotIn("Passphrase for", terminal.transcript)

    def test_run_asks_and_goes_on(self):
        terminal = self.tacit("run", "-e", "V=x", "--", "sh", "-c", 'echo "<$V>"')
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("<the value>")
        self.assertEqual(terminal.wait(), 0)

    def test_recovery_key_can_be_typed(self):
        self.ok("tacit unlock --passphrase-file pass && "
                "tacit slot add recovery-key --new-recovery-file key --passphrase-file pass && "
                "tacit lock")
        with open(os.path.join(self.scratch.work, "key"), encoding="ascii") as file:
            key = file.read().strip()
        terminal = self.tacit("unlock", "--recovery-key")
        terminal.answer("Recovery key: ", key.lower().replace("-", " "))
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.status()["state"], "unlocked")


class SetAndGet(PromptingTest):
    def setUp(self):
        super().setUp()
        self.scratch.make_vault()

    def test_set_does_not_echo(self):
        terminal = self.tacit("set", "x")
        terminal.expect("Value for x: ")
        self.assertFalse(terminal.echoes())
        terminal.type("typed value\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("typed", terminal.transcript)
        self.assertEqual(self.ok("tacit get x"), "typed value")

    def test_export_shows_values_on_a_terminal_only_when_told_to(self):
        self.ok("printf s3cret | tacit set x")
        terminal = self.tacit("export")
        terminal.expect("--plain")
        self.assertEqual(terminal.wait(), 2)
        self.assertNotIn("s3cret", terminal.transcript)
        terminal = self.tacit("export", "--plain")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.expect("s3cret")
        self.assertEqual(terminal.wait(), 0)
        terminal = self.tacit("export", "-o", "file")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        self.assertEqual(terminal.wait(), 0)
        terminal = self.tacit("export", "-o", "second")
        terminal.answer("Passphrase for the vault: ", "wrong")
        self.assertEqual(terminal.wait(), 6)
        self.assertEqual(self.scratch.run("ls second").returncode, 2)
        self.assertNotIn("s3cret", terminal.transcript)

    def test_enter_alone_asks_before_it_stores_nothing(self):
        terminal = self.tacit("set", "x")
        terminal.answer("Value for x: ", "")
        terminal.answer(r"Store an empty value\? \[y/N\] ", "")
        self.assertEqual(terminal.wait(), 1)
        self.assertEqual(self.scratch.run("tacit get x").returncode, 4)
        terminal = self.tacit("set", "x")
        terminal.answer("Value for x: ", "")
        terminal.answer(r"\[y/N\] ", "y")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "")

    def test_multiline_ends_at_ctrl_d(self):
        terminal = self.tacit("set", "x", "--multiline")
        terminal.expect("Ctrl-D")
        terminal.expect("\n")
        terminal.type("first\n\nthird\n" + CTRL_D)
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "first\n\nthird")
        self.assertNotIn("third", terminal.transcript)

    def test_a_line_that_a_terminal_would_cut_is_refused(self):
        terminal = self.tacit("set", "x")
        terminal.expect("Value for x: ")
        terminal.type("v" * 5000 + "\n")
        terminal.expect("too long to be typed")
        self.assertEqual(terminal.wait(), 2)
        self.assertEqual(self.scratch.run("tacit get x").returncode, 4)

    def test_the_longest_line_that_fits_is_kept_whole(self):
        terminal = self.tacit("set", "x")
        terminal.answer("Value for x: ", "v" * 4094)
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "v" * 4094)

    def test_get_adds_a_newline_on_a_terminal_alone(self):
        self.ok("printf value | tacit set x")
        terminal = self.tacit("get", "x")
        terminal.expect("value\r\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "value")

    def test_if_absent_tells_before_it_asks(self):
        self.ok("printf value | tacit set x")
        terminal = self.tacit("set", "x", "--if-absent")
        terminal.expect("exists already")
        self.assertEqual(terminal.wait(), 1)
        self.assertNotIn("Value for", terminal.transcript)

    def test_set_with_no_input_fails_instead_of_hanging(self):
        terminal = self.tacit("set", "x", "--no-input")
        terminal.expect("nobody to ask")
        self.assertEqual(terminal.wait(), 2)

    def test_colour_only_without_no_color(self):
        terminal = self.tacit("get", "absent")
        self.assertEqual(terminal.wait(), 4)
        self.assertIn("\x1b[31mtacit:", terminal.transcript)
        self.scratch.environment["NO_COLOR"] = "1"
        terminal = self.tacit("get", "absent")
        self.assertEqual(terminal.wait(), 4)
        self.assertNotIn("\x1b", terminal.transcript)

    def test_changing_the_passphrase(self):
        terminal = self.tacit("passphrase")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.answer("New passphrase: ", "a wholly different one")
        terminal.answer("same again: ", "a wholly different one")
        self.assertEqual(terminal.wait(), 0)
        self.ok("tacit lock")
        terminal = self.tacit("unlock")
        terminal.answer("Passphrase for the vault: ", PASSPHRASE)
        terminal.answer("try again.*Passphrase for the vault: ", "a wholly different one")
        self.assertEqual(terminal.wait(), 0)


if __name__ == "__main__":
    run_suites(PROGRAMS)
