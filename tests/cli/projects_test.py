#!/usr/bin/python3
"""Projects on a terminal, where folders are trusted, and the import of a real `pass`."""

import json
import os
import shutil
import subprocess
import unittest

from scratch import AGENT_MARKER, DEADLINE, Scratch, run_suites
from terminal import CTRL_D, Terminal

PROGRAMS = {}


class ProjectsTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def fails(self, command, code, message):
        done = self.scratch.run(command)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(message, done.stderr.decode())

    def shell(self, script):
        terminal = Terminal(self.scratch, ["/bin/sh", "-c", script])
        self.addCleanup(terminal.__exit__)
        return terminal

    def folder(self, *parts):
        return os.path.join(self.scratch.work, *parts)


class Trusting(ProjectsTest):
    def setUp(self):
        super().setUp()
        self.ok("mkdir web && cd web && tacit -c web project init && printf value | tacit set key")

    def test_a_copied_folder_is_trusted_with_both_folders_shown(self):
        self.ok("cp -r web copy")
        self.fails("cd copy && tacit get key", 8, "tacit project trust")
        terminal = self.shell("cd copy && tacit project trust; echo code=$?")
        terminal.expect("collection:  web")
        terminal.expect("asks in:     " + self.folder("copy"))
        terminal.expect("trusted in:  " + self.folder("web"))
        terminal.answer(r"\[y/N\]", "y")
        terminal.expect("code=0")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("moved", terminal.transcript)
        self.assertEqual(self.ok("cd copy && tacit get key"), "value")
        self.assertEqual(self.ok("cd web && tacit get key"), "value")

    def test_a_moved_folder_is_one_trust_and_the_old_place_gets_nothing(self):
        self.ok("mv web moved")
        terminal = self.shell("cd moved && tacit project trust; echo code=$?")
        terminal.expect("this is that folder, moved")
        terminal.answer(r"\[y/N\]", "y")
        terminal.expect(self.folder("web") + " is no longer trusted")
        terminal.expect("code=0")
        terminal.wait()
        self.assertEqual(self.ok("cd moved && tacit get key"), "value")
        self.ok("cp -r moved web")
        self.fails("cd web && tacit get key", 8, "not in " + self.folder("web"))

    def test_no_and_nothing_typed_leave_it_as_it_was(self):
        self.ok("cp -r web copy")
        for answer in ("n\n", "\n", CTRL_D):
            terminal = self.shell("cd copy && tacit project trust; echo code=$?")
            terminal.expect(r"\[y/N\]")
            terminal.type(answer)
            self.assertNotEqual(terminal.expect(r"code=(\d+)").group(1), "0")
            terminal.wait()
        self.fails("cd copy && tacit get key", 8, "not in " + self.folder("copy"))

    def test_what_was_typed_before_the_question_is_no_answer(self):
        self.ok("cp -r web copy")
        terminal = self.shell("cd copy && read go; tacit project trust; echo code=$?")
        terminal.type("go\ny\ny\n")
        terminal.answer(r"\[y/N\]", "n")
        terminal.expect("code=8")
        terminal.wait()

    def test_a_coding_agent_trusts_nothing(self):
        self.ok("cp -r web copy")
        terminal = self.shell(f"cd copy; export {AGENT_MARKER}=1; sh -c 'tacit project trust; echo code=$?'")
        match = terminal.expect(r"\[y/N\]|code=(\d+)")
        if match.group(1) is None:
            terminal.type("y\n")
            match = terminal.expect(r"code=(\d+)")
        self.assertEqual(match.group(1), "8", terminal.transcript)
        terminal.wait()
        self.fails("cd copy && tacit get key", 8, "not in " + self.folder("copy"))

    def test_a_known_project_comes_into_another_folder(self):
        self.ok("mkdir tree")
        terminal = self.shell("cd tree && tacit project link web; echo code=$?")
        terminal.answer(r"\[y/N\]", "y")
        terminal.expect("code=0")
        terminal.wait()
        self.assertEqual(self.ok("cd tree && tacit get key"), "value")
        self.fails("cd tree && tacit project link nothing", 4, "there is no project `nothing`")
        self.ok("mkdir other && cd other && tacit project init")
        self.fails("cd other && tacit project link web", 1, "this folder is the project")

    def test_a_collection_that_holds_secrets_is_given_after_a_yes(self):
        self.ok("mkdir shop; printf s | tacit -c shop set token")
        terminal = self.shell("cd shop && tacit -c shop project init; echo code=$?")
        terminal.expect("The collection shop holds secrets")
        terminal.expect(self.folder("shop"))
        terminal.answer(r"\[y/N\]", "y")
        terminal.expect("code=0")
        terminal.wait()
        self.assertEqual(self.ok("cd shop && tacit get token"), "s")

    def test_what_a_folder_is_called_plays_no_tricks_on_the_terminal(self):
        name = "a\x1b[2Jb"
        shutil.copytree(self.folder("web"), self.folder(name))
        terminal = Terminal(self.scratch, ["/bin/sh", "-c", 'cd "$0" && tacit project trust', name])
        self.addCleanup(terminal.__exit__)
        terminal.answer(r"\[y/N\]", "n")
        terminal.wait()
        self.assertIn(r"a\x1b[2Jb", terminal.transcript)
        self.assertNotIn("\x1b[2J", terminal.transcript)


class UserSecrets(ProjectsTest):
    def test_a_value_is_typed_without_being_shown(self):
        terminal = self.shell("mkdir app && cd app && user-secrets set KEY; echo code=$?")
        terminal.expect("Value for KEY: ")
        self.assertFalse(terminal.echoes())
        terminal.type("s3cret typed\n")
        terminal.expect("Set secret: KEY")
        terminal.expect("code=0")
        terminal.wait()
        self.assertNotIn("s3cret", terminal.transcript)
        self.assertEqual(self.ok("user-secrets -p app get KEY"), "s3cret typed\n")

    def test_first_uses_at_once_make_one_project(self):
        self.ok("mkdir app")
        running = [subprocess.Popen(["user-secrets", "set", f"K{i}", f"v{i}"],
                                    cwd=self.folder("app"), env=self.scratch.environment,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    start_new_session=True) for i in range(16)]
        for process in running:
            self.assertEqual(process.wait(DEADLINE), 0)
        listed = self.ok("user-secrets -p app list").splitlines()
        self.assertEqual(len(listed), 16, listed)
        self.assertEqual(self.ok("grep -c USER_SECRETS_ID app/.env"), "1\n")

    def test_all_of_more_than_one_batch_are_listed(self):
        self.ok("mkdir app && cd app && user-secrets init")
        flat = {f"K{i:04}": f"value {i}" for i in range(1100)}
        with open(self.folder("flat.json"), "w", encoding="utf-8") as file:
            json.dump(flat, file)
        self.assertEqual(self.ok("cd app && tacit import json ../flat.json"),
                         "1100 stored and checked, 0 there already\n")
        listed = self.ok("user-secrets -p app list")
        self.assertEqual(listed, "".join(f"  {key} = val***\n" for key in sorted(flat)))
        self.assertEqual(self.ok("user-secrets -p app clear"), "Cleared 1100 secret(s).\n")


    def test_json_of_a_pipe(self):
        """What can be read once is no file: it comes by standard input, which is said."""
        self.assertEqual(self.ok("echo '{\"name\": \"x\", \"value\": \"y\"}' | tacit import json -"),
                         "1 stored and checked, 0 there already\n")
        self.assertEqual(self.ok("tacit get x"), "y")
        for source in ("<(echo '{}')", "/dev/stdin"):
            done = self.scratch.run(f"echo '{{}}' | bash -c \"tacit import json {source}\"")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(b"| tacit import json -`", done.stderr)
        done = self.scratch.run("echo A=b | tacit import env /dev/stdin")
        self.assertIn(b"is a pipe or a device", done.stderr)


@unittest.skipUnless(shutil.which("gpg") and shutil.which("pass"), "needs packaging/deps test")
class Pass(ProjectsTest):
    KEY = "Ada <ada@example.org>"

    def setUp(self):
        super().setUp()
        # The agent's socket is in there, and its path has to be short.
        self.gnupg = self.scratch.path("g")
        os.mkdir(self.gnupg, 0o700)
        self.scratch.environment["GNUPGHOME"] = self.gnupg
        self.addCleanup(self.scratch.run, "gpgconf --kill all")
        self.ok(f"gpg --batch --quiet --passphrase '' --quick-generate-key '{self.KEY}' default default")
        self.ok(f"pass init '{self.KEY}'")

    def insert(self, name, text):
        done = subprocess.run(["pass", "insert", "--multiline", "--", name], input=text.encode(),
                              env=self.scratch.environment, cwd=self.scratch.work,
                              capture_output=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_everything_is_taken_over_and_then_deleted(self):
        self.insert("web/example.org", "pa ss\nuser: ada\nurl: https://example.org/\n")
        self.insert("otp", "pw\notpauth://totp/x?secret=Y\n")
        self.insert("-dash", "x")
        self.insert("ümlaut name", "multi")
        planned = json.loads(self.ok("tacit -c pass import pass --dry-run --json"))
        self.assertEqual({item["name"]: item["state"] for item in planned["items"]},
                         dict.fromkeys(["web/example.org", "otp", "otp/notes", "-dash",
                                        "ümlaut name"], "new"))
        self.assertEqual(self.ok("tacit -c pass list"), "")
        self.assertEqual(self.ok("tacit -c pass import pass"),
                         "5 stored and checked, 0 there already\n")
        self.assertEqual(self.ok("tacit -c pass get web/example.org"), "pa ss")
        self.assertEqual(self.ok("tacit -c pass get web/example.org --attribute user"), "ada")
        self.assertEqual(self.ok("tacit -c pass get otp/notes"), "otpauth://totp/x?secret=Y\n")
        self.assertEqual(self.ok("tacit -c pass get -- -dash"), "x")
        self.assertEqual(self.ok("tacit -c pass import pass --delete-source"),
                         "0 stored and checked, 5 there already; source deleted\n")
        left = [name for _, _, names in os.walk(self.scratch.path("home", ".password-store"))
                for name in names]
        self.assertEqual(left, [".gpg-id"])

    def test_an_entry_that_does_not_decrypt_is_named_and_nothing_is_stored(self):
        self.insert("a", "1")
        self.insert("b", "2")
        store = self.scratch.path("home", ".password-store")
        with open(os.path.join(store, "b.gpg"), "wb") as file:
            file.write(b"no message of OpenPGP")
        self.fails("tacit -c pass import pass --delete-source", 1, "b.gpg; nothing was stored")
        self.assertEqual(self.ok("tacit -c pass list"), "")
        self.assertTrue(os.path.exists(os.path.join(store, "a.gpg")))

    def put_gpg_first(self, script, mode):
        folder = self.scratch.path("first")
        os.mkdir(folder)
        with open(os.path.join(folder, "gpg"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(os.path.join(folder, "gpg"), mode)
        self.scratch.environment["PATH"] = f".:{folder}:" + self.scratch.environment["PATH"]

    def test_a_gpg_that_others_may_write_is_not_run(self):
        self.insert("a", "1")
        self.put_gpg_first("touch trapped; exec /usr/bin/gpg \"$@\"\n", 0o777)
        self.ok("tacit -c pass import pass")
        self.assertFalse(os.path.exists(self.folder("trapped")))

    def test_a_source_that_changes_meanwhile_is_not_deleted(self):
        self.insert("a", "1")
        self.insert("b", "2")
        store = self.scratch.path("home", ".password-store")
        self.put_gpg_first(f"/usr/bin/gpg \"$@\" && touch '{store}/b.gpg'\n", 0o700)
        self.fails("tacit -c pass import pass --delete-source", 11, "has changed since it was read")
        self.assertEqual(self.ok("tacit -c pass get a && tacit -c pass get b"), "12")
        for name in ("a.gpg", "b.gpg"):
            self.assertTrue(os.path.exists(os.path.join(store, name)))


if __name__ == "__main__":
    run_suites(PROGRAMS)
