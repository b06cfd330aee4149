#!/usr/bin/python3
"""`tacit run --mask` on a terminal: the command has one of its own, and what it is does not show."""

import fcntl
import os
import select
import signal
import struct
import termios
import unittest

from scratch import Scratch, run_suites
from terminal import CTRL_C, CTRL_D, CTRL_Z, Terminal

PROGRAMS = {}
MASK = ["tacit", "run", "--mask", "-e", "T=token", "-e", "L=lines", "--"]


class TerminalTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.scratch.run("printf 's3cret value' | tacit set token", check=True)
        self.scratch.run("printf 'first line\nsecond line\n' | tacit set lines --exact", check=True)

    def terminal(self, *argv):
        terminal = Terminal(self.scratch, list(argv))
        self.addCleanup(terminal.__exit__)
        return terminal

    def masked(self, script):
        return self.terminal(*MASK, "/bin/sh", "-c", script)

    def resize(self, terminal, rows, columns):
        fcntl.ioctl(terminal.master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))


class Mask(TerminalTest):
    def test_colours_pass_and_values_do_not(self):
        terminal = self.masked(
            r'test -t 0 && test -t 1 && test -t 2 && printf "\033[31m%s\033[0m %s\n" "$T" red')
        terminal.expect("\x1b\\[31m\\*\\*\\*\x1b\\[0m red\r\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("s3cret", terminal.transcript)

    def test_split_and_of_several_lines(self):
        terminal = self.masked('printf "<s3cret"; printf " value>"; printf "<%s>" "$L"; '
                               'echo "$T" | base64')
        terminal.expect(r"<\*\*\*><\*\*\*\r\n>\*\*\*\S{0,4}\r\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("second", terminal.transcript)

    def test_a_prompt_without_newline_appears_and_is_answered(self):
        terminal = self.masked('printf "Name: "; read name; printf "%s and s3" "$name"; read more; '
                               'echo "$more"')
        terminal.answer("Name: ", "ada")
        terminal.answer("ada and s3", "4")  # may begin a value, and is let go
        terminal.expect("\r\n4\r\n")
        self.assertEqual(terminal.wait(), 0)

    def test_what_is_typed_without_echo_is_not_shown(self):
        terminal = self.masked('stty -echo; printf "Pass: "; read word; stty echo; echo; '
                               'echo "${#word} letters"')
        terminal.answer("Pass: ", "hunter2")
        terminal.expect("7 letters")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("hunter2", terminal.transcript)

    def test_ctrl_c_is_the_commands(self):
        terminal = self.masked('trap "echo caught; exit 9" INT; echo ready; while :; do read x; done')
        terminal.expect("ready\r\n")
        terminal.type(CTRL_C)
        terminal.expect("caught")
        self.assertEqual(terminal.wait(), 9)

    def test_death_by_ctrl_c_is_passed_on(self):
        terminal = self.masked("echo ready; exec cat")
        terminal.expect("ready\r\n")
        terminal.type(CTRL_C)
        self.assertEqual(terminal.wait(), -signal.SIGINT)

    def test_ctrl_d_ends_its_input(self):
        terminal = self.masked("echo ready; exec cat")
        terminal.expect("ready\r\n")
        terminal.type("s3cret value\n" + CTRL_D)
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(terminal.transcript.count("***"), 2)  # echoed and printed

    def test_the_size_is_the_terminals_and_a_change_of_it_is_passed_on(self):
        terminal = self.terminal("/bin/sh", "-c", "stty rows 30 cols 91; exec " + " ".join(MASK) +
                                 " sh -c 'trap \"stty size\" WINCH; stty size; read x; read y'")
        terminal.expect("30 91\r\n")
        self.resize(terminal, 40, 100)
        terminal.expect("40 100\r\n")
        terminal.type("\n\n")
        terminal.wait()

    def test_signals_and_exit_codes(self):
        for script, code in (("exit 42", 42), ("kill -TERM $$", -signal.SIGTERM),
                             ("kill -KILL $$", -signal.SIGKILL)):
            self.assertEqual(self.masked(script).wait(), code)
        terminal = self.masked('trap "echo got it; exit 7" USR1; echo ready; while :; do read x; done')
        terminal.expect("ready\r\n")
        os.kill(terminal.pid, signal.SIGUSR1)
        terminal.expect("got it")
        self.assertEqual(terminal.wait(), 7)

    def test_all_of_the_last_output_comes(self):
        terminal = self.masked("seq 20000")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.transcript.endswith("\r\n19999\r\n20000\r\n"))
        self.assertEqual(terminal.transcript.count("\n"), 20000)

    def test_what_is_redirected_is_masked_too(self):
        terminal = self.terminal("/bin/sh", "-c", " ".join(MASK) +
                                 " sh -c 'echo \"$T\"; test -t 2 && echo \"err $T\" >&2' >out")
        terminal.expect(r"err \*\*\*\r\n")
        self.assertEqual(terminal.wait(), 0)
        with open(os.path.join(self.scratch.work, "out"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "***\n")

    def test_it_dies_with_who_stands_before_it(self):
        terminal = self.masked("trap '' HUP TERM; echo pid $$.; while :; do sleep 1; done")
        pid = int(terminal.expect(r"pid (\d+)\.").group(1))
        pidfd = os.pidfd_open(pid)
        os.kill(terminal.pid, signal.SIGKILL)
        terminal.wait()
        ready, _, _ = select.select([pidfd], [], [], 30)
        os.close(pidfd)
        self.assertTrue(ready)


class JobControl(TerminalTest):
    def shell(self):
        self.scratch.environment["PS1"] = "at-prompt "
        shell = self.terminal("bash", "--norc", "--noprofile", "--noediting", "-i")
        shell.expect("at-prompt ")
        return shell

    def test_ctrl_z_stops_it_and_fg_brings_it_back(self):
        shell = self.shell()
        shell.type(" ".join(MASK) + " sh -c 'echo ready; read x; echo \"got <$x> $T\"; exit 3'\n")
        shell.expect("ready\r\n")
        shell.type(CTRL_Z)
        shell.expect("Stopped.*at-prompt ")
        self.assertTrue(shell.echoes())
        shell.type("echo meanwhile-$((40+2))\n")
        shell.expect("meanwhile-42\r\nat-prompt ")
        shell.type("fg\n")
        shell.expect("tacit run")
        shell.type("a word\n")
        shell.expect(r"got <a word> \*\*\*\r\nat-prompt ")
        shell.type("echo code-$?\n")
        shell.expect("code-3\r\nat-prompt ")
        self.assertTrue(shell.echoes())
        shell.type("exit\n")
        shell.wait()

    def test_without_its_own_terminal_it_gets_the_users_when_it_reads(self):
        shell = self.shell()
        shell.type(" ".join(MASK) + " sh -c 'echo ready; read x; echo \"got <$x> $T\"; exit 3' | cat\n")
        shell.expect("ready\r\n")
        shell.type("a word\n")
        shell.expect(r"got <a word> \*\*\*\r\nat-prompt ")
        shell.type("echo code-${PIPESTATUS[0]}\n")
        shell.expect("code-3\r\nat-prompt ")
        shell.type(" ".join(MASK) + " sh -c 'echo ready; read x' | cat\n")
        shell.expect("ready\r\n")
        shell.type(CTRL_C)
        shell.expect("at-prompt")
        shell.type("echo code-${PIPESTATUS[0]}\n")
        shell.expect("code-130\r\nat-prompt ")
        shell.type("exit\n")
        shell.wait()

    def test_in_the_background_it_leaves_the_terminal_alone(self):
        shell = self.shell()
        shell.type(" ".join(MASK) + " sh -c 'echo back-$((40+2)); read x; echo \"got <$x>\"' &\n")
        shell.expect("back-42")
        shell.type("echo mine-$((40+2))\n")
        shell.expect("mine-42\r\nat-prompt ")
        shell.type("fg\n")
        shell.expect("tacit run")
        shell.type("a word\n")
        shell.expect("got <a word>\r\n.*at-prompt ")
        shell.type("exit\n")
        shell.wait()


if __name__ == "__main__":
    run_suites(PROGRAMS)
