#!/usr/bin/python3
"""A C program that uses libtacit asks on its terminal for a secret that is not there."""

import os
import signal
import unittest

from scratch import Scratch, run_suites
from terminal import CTRL_C, CTRL_D, Terminal

PROGRAMS = {}


class LibraryAsks(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        os.symlink(os.path.abspath(PROGRAMS["asker"]), self.scratch.path("bin", "asker"))
        self.scratch.start_daemon()
        self.scratch.make_vault()

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def asker(self, *arguments):
        return self.shell("exec asker " + " ".join(arguments))

    def shell(self, script):
        terminal = Terminal(self.scratch, ["/bin/sh", "-c", script])
        self.addCleanup(terminal.__exit__)
        return terminal

    def test_asks_twice_without_echo_and_stores(self):
        terminal = self.asker("token", "'Token of example.org'")
        terminal.expect(r"Token of example.org \(not shown\): ")
        self.assertFalse(terminal.echoes())
        terminal.type("the secret\n")
        terminal.answer("The same again: ", "another")
        terminal.answer("not the same.*not shown.: ", "the secret")
        terminal.answer("The same again: ", "the secret")
        terminal.expect("<the secret>")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("the secret"), 1)  # printed by the program
        self.assertEqual(self.ok("tacit get token"), "the secret")
        again = self.asker("token")
        again.expect("<the secret>")
        self.assertEqual(again.wait(), 0)
        self.assertNotIn("not shown", again.transcript)

    def test_the_name_is_shown_without_tricks(self):
        terminal = self.asker("\"$(printf 'a\\033[2J\\342\\200\\256b')\"")
        terminal.answer(r"a\\x1b\[2J\\u\{202e\}b \(not shown\): ", "")
        self.assertEqual(terminal.wait(), 1)

    def test_nothing_typed_is_a_refusal_and_is_not_stored(self):
        terminal = self.asker("token")
        terminal.answer("not shown.: ", "")
        terminal.expect("USER_DENIED: .*nothing was stored")
        self.assertEqual(terminal.wait(), 1)
        self.assertEqual(self.scratch.run("tacit get token").returncode, 4)

    def test_end_of_input_breaks_it_off(self):
        terminal = self.asker("token")
        terminal.expect("not shown.: ")
        terminal.type(CTRL_D)
        terminal.expect("CANCELLED: ")
        self.assertEqual(terminal.wait(), 1)

    def test_an_interrupt_restores_the_terminal_and_is_the_programs_own(self):
        terminal = self.shell("trap : INT; asker token; echo code=$?")
        terminal.expect("not shown.: ")
        self.assertFalse(terminal.echoes())
        terminal.type(CTRL_C)
        terminal.expect("code=130")
        self.assertTrue(terminal.echoes())
        self.assertEqual(terminal.wait(), 0)
        terminal = self.asker("token")
        terminal.expect("not shown.: ")
        os.kill(terminal.pid, signal.SIGTERM)
        self.assertEqual(terminal.wait(), -signal.SIGTERM)

    def test_who_may_not_ask_says_what_to_do(self):
        for script, what in (("asker token < /dev/null", "another standard input"),
                             ("asker token 2> /dev/null", "standard error"),
                             ("TACIT_NO_INPUT=1 asker token", "TACIT_NO_INPUT"),
                             ("timeout 20 asker token", "--foreground")):
            terminal = self.shell(script)
            terminal.expect("NO_PROMPTER: .*; or .*" + what)
            self.assertNotEqual(terminal.wait(), 0)
            self.assertNotIn("not shown", terminal.transcript)
        done = self.scratch.run("asker token")
        self.assertIn(b"run this on a terminal", done.stdout)

    def test_no_value_is_asked_for_that_may_not_be_stored(self):
        self.ok("tacit -c default policy set ask --verb write")
        terminal = self.asker("token")
        terminal.expect("NO_PROMPTER: ")
        self.assertEqual(terminal.wait(), 1)
        self.assertNotIn("not shown", terminal.transcript)

    def test_a_locked_vault_is_not_opened_for_it(self):
        self.ok("tacit lock")
        terminal = self.asker("token")
        terminal.expect("LOCKED: ")
        self.assertEqual(terminal.wait(), 1)
        self.assertNotIn("assphrase for", terminal.transcript)


if __name__ == "__main__":
    run_suites(PROGRAMS, ("tacit", "tacitd", "asker"))
