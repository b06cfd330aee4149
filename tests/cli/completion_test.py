#!/usr/bin/python3
"""Completion by the real bash, zsh and fish, with names from the real daemon."""

import os
import re
import shutil
import unittest

from scratch import Scratch, run_suites
from terminal import Terminal

PROGRAMS = {}
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/completions")
FOLDER = os.path.realpath(FOLDER)
ESCAPES = re.compile(r"\x1b(\[[0-9;?>=]*[a-zA-Z]|[=>]|\][^\x07]*\x07|[()].)|[\x07\r]")


class Case(unittest.TestCase):
    def setUp(self):
        self.scratch = self.enterContext(Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"]))

    def open_vault(self):
        self.scratch.start_daemon()
        self.scratch.make_vault()
        for name in ("github-token", "github/deploy", "a name: with=signs"):
            self.scratch.run(f"printf x | tacit set '{name}'", check=True)
        self.scratch.run("printf x | tacit -c work set db", check=True)


class Asked(Case):
    """The verb that the files for the shells ask."""

    def offered(self, words):
        done = self.scratch.run("tacit __complete " + words, check=True)
        self.assertEqual(done.stderr, b"")
        lines = done.stdout.decode().splitlines()
        return lines[0], [line.split("\t")[0] for line in lines[1:]]

    def test_names_are_those_of_the_collection_that_is_meant(self):
        self.open_vault()
        self.assertEqual(self.offered("get git")[1], ["github-token", "github/deploy"])
        self.assertEqual(self.offered("-c work get ''")[1], ["db"])
        self.assertEqual(self.offered("get tacit://work/")[1], ["tacit://work/db"])
        self.assertEqual(self.offered("-c ''")[1], ["default", "work"])
        os.mkdir(self.scratch.path("work", "app"))
        self.scratch.run("cd app && tacit project init && printf x | tacit set of-app", check=True)
        done = self.scratch.run("cd app && tacit __complete get ''", check=True)
        self.assertEqual(done.stdout.decode(), "words\nof-app\n")
        self.assertEqual(self.offered("-g get github-")[1], ["github-token"])

    def test_a_copied_project_gives_no_names_and_asks_nothing(self):
        self.open_vault()
        os.mkdir(self.scratch.path("work", "app"))
        self.scratch.run("cd app && tacit project init && printf x | tacit set of-app", check=True)
        self.scratch.run("cp -r app copy", check=True)
        done = self.scratch.run("cd copy && tacit __complete get ''", check=True)
        self.assertEqual((done.stdout, done.stderr), (b"words\n", b""))

    def test_a_locked_vault_gives_no_names_and_stays_locked(self):
        self.open_vault()
        self.scratch.run("tacit lock", check=True)
        self.assertEqual(self.offered("get ''")[1], [])
        self.assertIn("--attribute", self.offered("get --a")[1])
        self.assertIn('"state":"locked"', self.scratch.run("tacit status --json").stdout.decode())

    def test_no_daemon_is_started(self):
        del self.scratch.environment["TACIT_AUTOSTART"]
        self.assertEqual(self.offered("get ''")[1], [])
        self.assertIn("unlock", self.offered("un")[1])
        self.assertFalse(os.path.exists(self.scratch.path("run", "tacit", "tacit.sock")))
        self.assertEqual(self.scratch.run("TACIT_AUTOSTART=0 tacit status").returncode, 5)

    def test_a_policy_is_kept(self):
        self.open_vault()
        self.scratch.run("tacit -c work policy set deny --verb list --passphrase-file pass",
                         check=True)
        self.assertEqual(self.offered("-c work get ''")[1], [])

    def test_nonsense_is_no_error(self):
        for words in ("", "frobnicate ''", "get --nonsense ''", "run --", "slot '' ''", "'' ''"):
            with self.subTest(words):
                self.assertIn(self.offered(words)[0], ("words", "commands"))


class Bash(Case):
    """bash completes a function's COMPREPLY; driven as readline does, by a pseudo-terminal."""

    def setUp(self):
        super().setUp()
        if shutil.which("bash") is None:
            self.skipTest("needs bash")
        self.open_vault()
        self.scratch.run("touch in-file.txt; mkdir a-folder", check=True)
        with open(self.scratch.path("work", "rc"), "w", encoding="utf-8") as file:
            file.write(f". {FOLDER}/tacit.bash\n"
                       # The line as it stands, and away with it.
                       "show() { printf '<%s>\\n' \"$READLINE_LINE\"; READLINE_LINE=; }\n"
                       "bind -x '\"\\C-o\": show'\n"
                       "bind 'set bell-style none'\nbind 'set show-all-if-ambiguous on'\n"
                       "bind 'set completion-query-items 0'\nbind 'set page-completions off'\n"
                       "bind 'set enable-bracketed-paste off'\nPS1='ready> '\n")
        self.terminal = self.enterContext(
            Terminal(self.scratch, ["bash", "--noprofile", "--rcfile", "rc", "-i"]))
        self.terminal.expect("ready> ")

    def completed(self, line):
        self.terminal.type(line + "\t\x0f")
        return self.terminal.expect(r"<([^<>]*)>").group(1)

    def test_lines(self):
        for line, wanted in (
                ("tacit gran", "tacit grant"),
                ("tacit colle", "tacit collection "),
                ("tacit slot rem", "tacit slot remove "),
                ("tacit get --attr", "tacit get --attribute "),
                ("tacit get github-", "tacit get github-token "),
                ("tacit get github/", "tacit get github/deploy "),
                ("tacit -c work get ", "tacit -c work get db "),
                ("tacit --collection=wo", "tacit --collection=work "),
                ("tacit get tacit://wo", "tacit get tacit://work/"),
                ("tacit get tacit://work/", "tacit get tacit://work/db "),
                ("tacit get a", r"tacit get a\ name:\ with=signs "),
                ("tacit get 'a", "tacit get 'a name: with=signs' "),
                ("tacit run -e TOKEN=github-", "tacit run -e TOKEN=github-token "),
                ("tacit run --only github-token,github/", "tacit run --only github-token,github/deploy "),
                ("tacit run -- echo in-f", "tacit run -- echo in-file.txt "),
                ("tacit run -- ech", "tacit run -- echo "),
                ("tacit set x --from-file in-", "tacit set x --from-file in-file.txt "),
                ("tacit project unlink a-", "tacit project unlink a-folder/"),
                ("tacit import env-", "tacit import env-secrets "),
                ("tacit generate --alphabet he", "tacit generate --alphabet hex "),
                ("tacit frob ", "tacit frob ")):
            with self.subTest(line):
                self.assertEqual(self.completed(line), wanted)

    def test_ambiguous_names_are_listed(self):
        self.terminal.type("tacit get gith\t\t\x0f")
        found = self.terminal.expect(r"(.*)<tacit get github>").group(1)
        self.assertIn("github-token", found)
        self.assertIn("github/deploy", found)


@unittest.skipUnless(shutil.which("zsh"), "needs zsh (packaging/deps test)")
class Zsh(Case):
    def setUp(self):
        super().setUp()
        self.open_vault()
        self.scratch.run("touch in-file.txt; mkdir a-folder", check=True)
        with open(self.scratch.path("home", ".zshrc"), "w", encoding="utf-8") as file:
            file.write(f"fpath=({FOLDER} $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
                       "unsetopt beep prompt_sp\nzle_highlight=(none)\nLISTMAX=1000\n"
                       "show() { zle -I; print -r -- \"<$BUFFER>\"; BUFFER= }\n"
                       "zle -N show\nbindkey '^O' show\nPS1='ready> '\n")
        self.scratch.environment["ZDOTDIR"] = self.scratch.path("home")
        self.terminal = self.enterContext(Terminal(self.scratch, ["zsh", "-d", "-i"]))
        self.terminal.expect("ready> ")

    def completed(self, line):
        self.terminal.type(line + "\t\x0f")
        return ESCAPES.sub("", self.terminal.expect(r"<([^<>]*)>").group(1))

    def test_lines(self):
        for line, wanted in (
                ("tacit colle", "tacit collection "),
                ("tacit slot rem", "tacit slot remove "),
                ("tacit get --attr", "tacit get --attribute "),
                ("tacit get github-", "tacit get github-token "),
                ("tacit -c work get ", "tacit -c work get db "),
                ("tacit get tacit://work/", "tacit get tacit://work/db "),
                ("tacit get a", "tacit get a\\ name:\\ with=signs "),
                ("tacit run -e TOKEN=github-", "tacit run -e TOKEN=github-token "),
                ("tacit run -- cat in-f", "tacit run -- cat in-file.txt "),
                ("tacit set x --from-file in-", "tacit set x --from-file in-file.txt "),
                ("tacit import env-", "tacit import env-secrets ")):
            with self.subTest(line):
                self.assertEqual(self.completed(line).rstrip(), wanted.rstrip())

    def test_descriptions_are_shown(self):
        self.terminal.type("tacit slot \t")
        self.terminal.expect("remove +-- +remove one")


@unittest.skipUnless(shutil.which("fish"), "needs fish (packaging/deps test)")
class Fish(Case):
    def offered(self, line):
        script = f"source {FOLDER}/tacit.fish; complete -C \"$LINE\""
        self.scratch.environment["LINE"] = line
        done = self.scratch.run(f"fish --no-config -c '{script}'", check=True)
        self.assertEqual(done.stderr, b"")
        return dict((line + "\t").split("\t")[:2] for line in done.stdout.decode().splitlines())

    def test_lines(self):
        self.open_vault()
        self.scratch.run("touch in-file.txt; mkdir a-folder", check=True)
        for line, wanted in (
                ("tacit colle", ["collection"]),
                ("tacit slot rem", ["remove"]),
                ("tacit get --attr", ["--attribute"]),
                ("tacit get github", ["github-token", "github/deploy"]),
                ("tacit -c work get ", ["db"]),
                ("tacit get tacit://work/", ["tacit://work/db"]),
                ("tacit get a", ["a name: with=signs"]),
                ("tacit run -e TOKEN=github-", ["TOKEN=github-token"]),
                ("tacit run -- cat in-f", ["in-file.txt"]),
                ("tacit set x --from-file in-", ["in-file.txt"]),
                ("tacit project unlink a-", ["a-folder/"]),
                ("tacit import env-", ["env-secrets"])):
            with self.subTest(line):
                self.assertEqual(sorted(self.offered(line)), wanted)

    def test_descriptions_are_shown(self):
        self.open_vault()
        self.assertEqual(self.offered("tacit slot rem"), {"remove": "remove one"})


if __name__ == "__main__":
    run_suites(PROGRAMS)
