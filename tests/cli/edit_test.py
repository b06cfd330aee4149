#!/usr/bin/python3
"""`tacit edit` and `tacit project edit`: real editors, scripted ones, and what goes wrong."""

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

from scratch import AGENT_MARKER, DEADLINE, Scratch, run_suites
from terminal import CTRL_C, Terminal

PROGRAMS = {}
IN_MEMORY = "/dev/shm"


def is_in_memory(folder):
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, check=False)
    return done.stdout.decode().strip() in ("tmpfs", "ramfs")


@unittest.skipUnless(is_in_memory(IN_MEMORY), f"{IN_MEMORY} is not in memory")
class EditTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.runtime = tempfile.mkdtemp(prefix="tacit-edit-test-", dir=IN_MEMORY)
        self.addCleanup(shutil.rmtree, self.runtime)
        self.scratch.environment["XDG_RUNTIME_DIR"] = self.runtime
        self.scratch.start_daemon()
        self.scratch.make_vault()

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def run_it(self, command):
        done = self.scratch.run(command)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def editor(self, script):
        """The editor is a shell script from now on; the file is its $1."""
        path = self.scratch.path("work", "an editor")  # with a blank, which sh has to see quoted
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o700)
        self.scratch.environment["EDITOR"] = f"'{path}'"

    def left(self):
        """Every file of an editor's that is still there."""
        return [os.path.join(folder, name)
                for folder, _, names in os.walk(self.runtime)
                if "/tacit-edit-" in folder + "/" for name in names
                if "tacit-edit-" in os.path.relpath(folder, self.runtime)]

    def assert_nothing_left(self):
        self.assertEqual([name for name in os.listdir(self.runtime) if name != "tacit"], [])

    def assert_not_on_disk(self, text):
        found = subprocess.run(["grep", "-rlF", text, self.scratch.root], capture_output=True,
                               check=False)
        self.assertEqual(found.stdout.decode(), "")


class OneSecret(EditTest):
    def test_shows_a_private_file_in_memory_and_stores_what_was_written(self):
        self.ok("printf 'first value' | tacit set x --attribute k=v --expires 90d")
        expires = json.loads(self.ok("tacit show x --json"))["expires"]
        self.editor('stat -c "%a" "$1" "$(dirname "$1")" >seen; stat -f -c %T "$1" >>seen\n'
                    'cat "$1" >>seen; printf "second value\\n" >"$1"')
        code, out, err = self.run_it("tacit edit x")
        self.assertEqual((code, out, err), (0, "", "tacit: changed: x\n"))
        with open(self.scratch.path("work", "seen"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "600\n700\ntmpfs\nfirst value\n")
        os.unlink(self.scratch.path("work", "seen"))
        self.assertEqual(self.ok("tacit get x"), "second value")
        shown = json.loads(self.ok("tacit show x --json"))
        self.assertEqual((shown["attributes"], shown["expires"]), ({"k": "v"}, expires))
        self.assert_nothing_left()

    def test_a_new_one_and_json(self):
        self.editor('printf "two\\nlines\\n" >"$1"')
        code, out, _ = self.run_it("tacit edit fresh --json")
        self.assertEqual((code, json.loads(out)["version"]), (0, 1))
        self.assertEqual(self.ok("tacit get fresh"), "two\nlines")

    def test_nothing_changed_nothing_stored(self):
        self.ok("printf 'v\\n' | tacit set x --exact")
        for script in ("true", 'touch "$1"', 'printf "v\\n\\n" >"$1"'):
            self.editor(script)
            self.assertEqual(self.run_it("tacit edit x")[0], 0)
        self.assertEqual(json.loads(self.ok("tacit show x --json"))["version"], 1)
        self.editor("true")
        code, _, err = self.run_it("tacit edit none")
        self.assertEqual((code, err), (0, "tacit: there is no `none` yet, and nothing was written; "
                                          "nothing was stored\n"))
        self.assertEqual(self.run_it("tacit get none")[0], 4)

    def test_an_editor_that_replaces_the_file_and_leaves_others(self):
        self.ok("printf old | tacit set x")
        self.editor('cp "$1" "$1~"; mkdir "$(dirname "$1")/sub"; cp "$1" "$(dirname "$1")/sub/.swp"\n'
                    'printf "new\\n" >"$1.tmp"; mv "$1.tmp" "$1"')
        self.assertEqual(self.run_it("tacit edit x")[0], 0)
        self.assertEqual(self.ok("tacit get x"), "new")
        self.assert_nothing_left()

    def test_what_is_removed_was_overwritten(self):
        self.ok("printf 'the old value' | tacit set x")
        held = self.scratch.path("work", "held")
        self.editor(f'exec 9<"$1"; (sleep 1000 <&9 & echo $! >{held}) >/dev/null 2>&1\n'
                    'printf "the new value\\n" >"$1"')
        self.assertEqual(self.run_it("tacit edit x")[0], 0)
        with open(held, encoding="utf-8") as file:
            pid = int(file.read())
        try:  # whoever still holds the file sees zeros
            with open(f"/proc/{pid}/fd/0", "rb") as file:
                self.assertEqual(set(file.read()), {0})
        finally:
            os.kill(pid, signal.SIGKILL)

    def test_an_editor_that_fails_or_dies_changes_nothing(self):
        self.ok("printf old | tacit set x")
        for script, said in (('printf new >"$1"; exit 3', "failed with 3"),
                             ('printf new >"$1"; kill -KILL $$', "ended by signal 9"),
                             ('rm "$1"', "removed its file"),
                             ('rm "$1"; ln -s /etc/passwd "$1"', "cannot open"),
                             ('rm "$1"; mkfifo "$1"', "no regular file")):
            self.editor(script)
            code, _, err = self.run_it("tacit edit x")
            self.assertEqual(code, 1, err)
            self.assertIn(said, err)
            self.assertEqual(self.ok("tacit get x"), "old")
            self.assert_nothing_left()
        self.scratch.environment["EDITOR"] = "no-such-editor"
        self.assertIn("failed with 127", self.run_it("tacit edit x")[2])

    def test_changed_meanwhile(self):
        self.ok("printf old | tacit set x")
        self.editor('printf "mine\\n" >"$1"; printf theirs | tacit set x')
        code, _, err = self.run_it("tacit edit x")
        self.assertEqual(code, 11)
        self.assertIn("changed meanwhile", err)
        kept, = self.left()
        self.assertIn(kept, err)
        with open(kept, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        self.assertEqual(self.ok("tacit get x"), "theirs")
        self.ok(f"tacit set x --from-file {kept}")
        self.assertEqual(self.ok("tacit get x"), "mine")

    def test_deleted_or_made_meanwhile(self):
        self.ok("printf old | tacit set x")
        self.editor('printf "mine\\n" >"$1"; tacit delete x')
        self.assertEqual(self.run_it("tacit edit x")[0], 11)
        self.editor('printf "mine\\n" >"$1"; printf theirs | tacit set y')
        self.assertEqual(self.run_it("tacit edit y")[0], 11)
        self.assertEqual(self.ok("tacit get y"), "theirs")

    def test_told_to_end_it_wipes(self):
        self.ok("printf old | tacit set x")
        self.editor('printf new >"$1"; echo here; exec sleep 1000')
        process = subprocess.Popen(["tacit", "edit", "x"], env=self.scratch.environment,
                                   cwd=self.scratch.work, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        self.assertEqual(process.stdout.readline(), b"here\n")
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), -signal.SIGTERM)
        self.assertEqual(process.stdout.read(), b"")  # its editor, which had it open, is gone too
        process.stdout.close()
        self.assert_nothing_left()
        self.assertEqual(self.ok("tacit get x"), "old")

    def test_only_in_memory_and_for_oneself(self):
        self.ok("printf old | tacit set x")
        self.editor('touch started')
        environment = self.scratch.environment
        environment["TACIT_SOCKET"] = os.path.join(self.runtime, "tacit", "tacit.sock")
        for folder, mode, said in ((self.scratch.path("run"), 0o700, "is not in memory (tmpfs)"),
                                   (self.runtime, 0o750, "not yours alone (0700)"),
                                   (self.scratch.path("absent"), None, "there is no runtime folder")):
            environment["XDG_RUNTIME_DIR"] = folder
            if mode is not None:
                os.chmod(folder, mode)
            code, _, err = self.run_it("tacit edit x")
            self.assertEqual(code, 1)
            self.assertIn(said, err)
        os.chmod(self.runtime, 0o700)
        self.assertFalse(os.path.exists(self.scratch.path("work", "started")))

    def test_no_text(self):
        self.ok("printf '\\377' | tacit set bytes")
        self.editor("touch started")
        code, _, err = self.run_it("tacit edit bytes")
        self.assertEqual(code, 1)
        self.assertIn("is no text", err)
        self.assertFalse(os.path.exists(self.scratch.path("work", "started")))

    def test_visual_comes_first_and_arguments_are_split(self):
        self.scratch.environment["EDITOR"] = "false"
        self.scratch.environment["VISUAL"] = "sh -c 'printf \"$0 $#\\n\" >\"$1\"' word"
        self.assertEqual(self.run_it("tacit edit x")[0], 0)
        self.assertEqual(self.ok("tacit get x"), "word 1")
        self.scratch.environment["TERM"] = "dumb"
        self.assertEqual(self.run_it("tacit edit x")[0], 1)


class RealEditors(EditTest):
    def terminal(self, *argv):
        terminal = Terminal(self.scratch, list(argv))
        self.addCleanup(terminal.__exit__)
        return terminal

    @unittest.skipUnless(shutil.which("vim"), "there is no vim")
    def test_vim(self):
        self.ok("printf 'the old value' | tacit set x")
        self.scratch.environment["EDITOR"] = "vim"
        with open(self.scratch.path("home", ".vimrc"), "w", encoding="utf-8") as file:
            file.write("set backup undofile swapfile viminfo='100\n"
                       f"set backupdir={self.scratch.root}/home undodir={self.scratch.root}/home\n")
        terminal = self.terminal("tacit", "edit", "x")
        terminal.expect("the old value")
        terminal.type("yyccthe new value\x1b:wq\r")
        terminal.expect("changed: x")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "the new value")
        self.assert_nothing_left()
        self.assert_not_on_disk("the old value")
        self.assert_not_on_disk("the new value")

    @unittest.skipUnless(shutil.which("nano"), "there is no nano")
    def test_nano_and_ctrl_c_is_its_own(self):
        self.ok("printf 'old' | tacit set x")
        self.scratch.environment["EDITOR"] = "nano"
        terminal = self.terminal("tacit", "edit", "x")
        terminal.expect("old")
        terminal.type(CTRL_C)  # nano: where the cursor stands
        terminal.expect("line")
        terminal.type("new \x0f\r\x18")
        terminal.expect("changed: x")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit get x"), "new old")
        self.assert_nothing_left()


class WholeProject(EditTest):
    def setUp(self):
        super().setUp()
        self.ok("tacit collection create p; printf one | tacit -c p set A\n"
                "printf 'it'\"'\"'s\\ntwo' | tacit -c p set B; printf x | tacit -c p set a/b\n"
                "tacit collection create base; printf i | tacit -c base set INHERITED\n"
                "tacit collection inherit p base")

    def names(self):
        return self.ok("tacit -c p list").split()

    def test_shows_all_and_stores_what_changed(self):
        self.editor('cat "$1" >seen\n'
                    'sed -e "s/^A=one/A=\'1 #\'/" -e "s/^INH.*//" "$1" >new; cat new >"$1"\n'
                    'printf "C=\'three\nlines\nhere\'\\nINHERITED=own\\n" >>"$1"; rm new')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 0, err)
        self.assertEqual(err, "tacit: changed: A\ntacit: added: C\ntacit: added: INHERITED\n")
        with open(self.scratch.path("work", "seen"), encoding="utf-8") as file:
            shown = file.read()
        self.assertIn('\nA=one\nB="it\'s\ntwo"\n', shown)
        self.assertIn("#   INHERITED\n", shown)
        self.assertIn("#   a/b\n", shown)
        self.assertEqual(self.ok("tacit -c p get A"), "1 #")
        self.assertEqual(self.ok("tacit -c p get C"), "three\nlines\nhere")
        self.assertEqual(self.ok("tacit -c p get INHERITED"), "own")
        self.assertEqual(self.ok("tacit -c base get INHERITED"), "i")
        self.assertEqual(self.ok("tacit -c p get a/b"), "x")
        self.assertEqual(json.loads(self.ok("tacit -c p show B --json"))["version"], 1)
        self.assert_nothing_left()

    def test_deleting_is_asked_or_said(self):
        self.editor('printf "A=one\\n" >"$1"')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 1)
        self.assertIn("would delete B", err)
        self.assertEqual(self.names(), ["A", "B", "a/b"])
        code, out, _ = self.run_it("tacit -c p project edit --delete --json")
        self.assertEqual((code, json.loads(out)), (0, [{"name": "B", "change": "deleted"}]))
        self.assertEqual(self.names(), ["A", "a/b"])
        self.ok("tacit -c p restore B 1")

        self.editor('grep -v "^A=" "$1" >n; cat n >"$1"; rm n')
        terminal = Terminal(self.scratch, ["tacit", "-c", "p", "project", "edit"])
        self.addCleanup(terminal.__exit__)
        terminal.answer(r"Delete A\?", "y")
        terminal.expect("deleted: A")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.names(), ["B", "a/b"])

    def test_a_fault_is_told_with_its_line_and_may_be_mended(self):
        self.editor('if [ -e twice ]; then printf "A=two\\nB=b\\n" >"$1"; else\n'
                    'printf "A=two\\nnonsense\\n" >"$1"; touch twice; fi')
        terminal = Terminal(self.scratch, ["tacit", "-c", "p", "project", "edit"])
        self.addCleanup(terminal.__exit__)
        terminal.expect("the edited text:2: ")
        terminal.answer("Edit it again", "")
        terminal.expect("changed: B")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.ok("tacit -c p get A"), "two")
        self.editor('printf "nonsense\\n" >"$1"')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 2)
        self.assertIn(self.left()[0], err)

    def test_all_or_nothing_when_one_was_changed_meanwhile(self):
        self.editor('printf "A=mine\\nB=mine\\nC=mine\\n" >"$1"; printf theirs | tacit -c p set B')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 11, err)
        self.assertIn("`B` was changed meanwhile; nothing was stored", err)
        self.assertEqual(self.ok("tacit -c p get A"), "one")
        self.assertEqual(self.ok("tacit -c p get B"), "theirs")
        self.assertEqual(self.names(), ["A", "B", "a/b"])
        # Nothing was taken back either: it was one transaction.
        self.assertEqual(len(json.loads(self.ok("tacit -c p history A --json"))), 1)
        self.assertEqual(self.run_it("tacit -c p history C")[0], 4)
        with open(self.left()[0], encoding="utf-8") as file:
            self.assertEqual(file.read(), "A=mine\nB=mine\nC=mine\n")

    def test_one_that_may_not_be_written_keeps_all_from_it(self):
        self.ok("tacit -c p policy set B --verb write deny")
        self.editor('printf "A=mine\\nB=mine\\n" >"$1"')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 8, err)
        self.assertIn("`B`: ", err)
        self.assertNotIn("`A`", err)
        self.assertIn("nothing was stored", err)
        self.assertEqual(len(json.loads(self.ok("tacit -c p history A --json"))), 1)

    def test_more_than_one_transaction_takes_is_refused_whole(self):
        self.editor('{ printf "A="; head -c 600000 /dev/zero | tr "\\0" a; echo; printf "C=";\n'
                    'head -c 600000 /dev/zero | tr "\\0" c; echo; printf "B=b\\n"; } >"$1"')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 1, err)
        self.assertIn("one transaction (1,000 changes, 1 MiB)", err)
        self.assertEqual(self.ok("tacit -c p get A"), "one")

    def test_an_agent_does_not_get_them(self):
        self.scratch.environment[AGENT_MARKER] = "1"
        self.editor('touch started')
        code, _, err = self.run_it("tacit -c p project edit")
        self.assertEqual(code, 8, err)
        self.assertFalse(os.path.exists(self.scratch.path("work", "started")))


if __name__ == "__main__":
    run_suites(PROGRAMS)
