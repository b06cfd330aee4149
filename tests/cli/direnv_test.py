#!/usr/bin/python3
"""`use tacit` in a real direnv."""

import os
import pathlib
import shutil
import unittest

from scratch import Scratch, run_suites

PROGRAMS = {}
LIBRARY = pathlib.Path(__file__).resolve().parents[2] / "packaging/direnv/tacit.sh"


@unittest.skipUnless(shutil.which("direnv"), "there is no direnv")
class DirenvTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        lib = self.scratch.path("config", "direnv", "lib")
        os.makedirs(lib)
        os.symlink(LIBRARY, os.path.join(lib, "tacit.sh"))
        self.scratch.run("printf 'it'\"'\"'s $HOME\\nand \"more\"' | tacit set TOKEN\n"
                         "printf pw | tacit -c work set db; printf other | tacit set OTHER",
                         check=True)

    def envrc(self, text):
        with open(os.path.join(self.scratch.work, ".envrc"), "w", encoding="utf-8") as file:
            file.write(text)
        self.scratch.run("direnv allow .", check=True)

    def shell(self, command):
        done = self.scratch.run(f"direnv exec . sh -c '{command}'")
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_the_named_ones_enter_the_shell_and_it_says_so(self):
        self.envrc("use tacit TOKEN PASSWORD=tacit://work/db\n")
        code, out, err = self.shell('echo "$TOKEN/$PASSWORD/${OTHER-unset}"')
        self.assertEqual((code, out), (0, "it's $HOME\nand \"more\"/pw/unset\n"), err)
        self.assertIn("these enter the shell and every program started from it: TOKEN PASSWORD",
                      err)
        self.assertNotIn("more", err)

    def test_the_shell_itself(self):
        self.envrc("use tacit TOKEN\n")
        script = 'eval "$(direnv export bash)"; printf %s "$TOKEN"; cd /; ' \
                 'eval "$(direnv export bash)"; echo "${TOKEN-gone}"'
        done = self.scratch.run(f"bash -c '{script}'")
        self.assertEqual(done.stdout.decode(), "it's $HOME\nand \"more\"gone\n")

    def test_all_or_none(self):
        self.envrc("use tacit TOKEN GONE\n")
        _, out, err = self.shell('echo "${TOKEN-unset}"')
        self.assertEqual(out, "unset\n")
        self.assertIn("GONE", err)
        self.assertIn("use tacit: nothing was set", err)
        self.assertNotIn("these enter the shell", err)
        self.envrc("use tacit TOKEN GONE || exit 1\n")
        self.assertNotEqual(self.shell("true")[0], 0)

    def test_never_everything(self):
        self.envrc("use tacit\n")
        _, out, err = self.shell('echo "${TOKEN-unset}"')
        self.assertEqual(out, "unset\n")
        self.assertIn("name the secrets", err)

    def test_no_command_in_a_word(self):
        for word in ("'TOKEN;touch evil'", "'A=TOKEN$(touch evil)'", "'$(touch evil)=TOKEN'"):
            self.envrc(f"use tacit {word}\n")
            self.assertIn("nothing was set", self.shell("true")[2])
        self.assertFalse(os.path.exists(os.path.join(self.scratch.work, "evil")))


if __name__ == "__main__":
    run_suites(PROGRAMS)
