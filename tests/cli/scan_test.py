#!/usr/bin/python3
"""`tacit scan`: in trees, in real git repositories, and as a pre-commit hook."""

import base64
import json
import os
import shutil
import unittest
import urllib.parse

from scratch import Scratch, run_suites
from terminal import Terminal

PROGRAMS = {}
SECRET = "s3cret+value/of=the vault\xe4"
PIECE, OVERLAP = 8 << 20, 256 << 10  # of cli/scan/stream.h


class ScanTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        # The tests' own files beside the passphrase's would be in the way.
        self.tree = self.scratch.path("work", "tree")
        os.mkdir(self.tree)
        self.store("tacit://work/api key", SECRET.encode())

    def store(self, name, value):
        path = self.scratch.path("value")
        with open(path, "wb") as file:
            file.write(value)
        self.scratch.run(f"tacit set '{name}' --from-file {path}", check=True)
        os.unlink(path)

    def write(self, name, content):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def run_it(self, command):
        done = self.scratch.run(f"cd tree && {command}")
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def scan(self, options=""):
        """Exit code and what was found, as JSON tells it."""
        code, out, err = self.run_it(f"tacit scan --json {options}")
        self.assertIn(code, (0, 10), err)
        return code, json.loads(out)

    def places(self, options=""):
        code, told = self.scan(options)
        self.assertEqual(code, 10 if told["found"] else 0)
        return [(one["path"], one["line"], one["form"]) for one in told["found"]]


class Tree(ScanTest):
    def test_names_file_line_and_secret_and_never_the_value(self):
        self.write("a/config.py", f"# one\n\nkey = '{SECRET}'\n")
        self.write("clean.txt", "nothing\n")
        code, out, err = self.run_it("tacit scan")
        self.assertEqual((code, out), (10, "a/config.py:3: tacit://work/api%20key\n"))
        self.assertEqual(err, "tacit: looked for 1 value in 2 files, 51 bytes: 1 place\n")
        self.assertNotIn("s3cret", out + err)

    def test_every_form(self):
        raw = SECRET.encode()
        self.write("b64", "x" + base64.b64encode(b"pad" + raw).decode())
        self.write("hex", raw.hex().upper())
        self.write("url", "?k=" + urllib.parse.quote(raw, safe=""))
        self.assertEqual(self.places(),
                         [("b64", 1, "base64"), ("hex", 1, "hex"), ("url", 1, "url")])

    def test_no_false_alarms(self):
        self.write("near", SECRET[:-1] + "\n" + SECRET[1:].replace("v", "V") + "\n")
        self.write("random.bin", os.urandom(1 << 20))
        code, told = self.scan()
        self.assertEqual((code, told["found"], told["files"]), (0, [], 2))

    def test_hidden_and_binary_files_are_scanned_and_what_is_not_is_said(self):
        self.write(".hidden/.env", f"A={SECRET}")
        self.write("binary", b"\0\n\xff\n" + SECRET.encode() + b"\0")
        self.write(".git/config", SECRET)
        self.write("sub/.git/config", SECRET)
        os.symlink("binary", os.path.join(self.tree, "link"))
        os.symlink("/", os.path.join(self.tree, "root"))
        os.mkfifo(os.path.join(self.tree, "pipe"))
        self.scratch.run("printf short | tacit set short", check=True)
        code, out, err = self.run_it("tacit scan")
        self.assertEqual(code, 10)
        self.assertEqual(out, "binary:3: tacit://work/api%20key\n"
                              ".hidden/.env:1: tacit://work/api%20key\n")
        self.assertIn("not looked for: 1 value of under 8 bytes\n", err)
        self.assertIn("skipped: 2 `.git` (--history scans them), 2 symbolic links, 1 special file",
                      err)

    def test_paths(self):
        self.write("one/f", SECRET)
        self.write("two/f", SECRET)
        self.write("three", SECRET)
        self.assertEqual([path for path, _, _ in self.places("one ./two three")],
                         ["one/f", "./two/f", "three"])
        code, _, err = self.run_it("tacit scan absent")
        self.assertEqual(code, 4)
        self.assertIn("absent", err)

    def test_a_name_that_steers_a_terminal(self):
        self.write("a\x1b[31m\nb", SECRET)
        self.assertEqual(self.run_it("tacit scan")[1],
                         "a\\x1b[31m\\x0ab:1: tacit://work/api%20key\n")

    def test_across_the_pieces_of_a_large_file(self):
        raw = SECRET.encode()
        content = bytearray(b"\n" * (2 * PIECE + 1000))
        for at in (PIECE - 3, PIECE - OVERLAP - 2, 2 * PIECE - OVERLAP - 5, len(content) - len(raw)):
            content[at:at + len(raw)] = raw
        self.write("large", bytes(content))
        found = self.scan()[1]["found"]
        self.assertEqual(len(found), 4)
        for one in found:
            at = one["offset"]
            self.assertEqual(content[at:at + one["length"]], raw)
            self.assertEqual(one["line"], 1 + content[:at].count(b"\n"))

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_what_cannot_be_read_is_no_success(self):
        self.write("closed", "x")
        os.chmod(os.path.join(self.tree, "closed"), 0)
        code, _, err = self.run_it("tacit scan")
        self.assertEqual(code, 1)
        self.assertIn("cannot read closed", err)

    def test_one_collection(self):
        self.store("other", b"another value of mine")
        self.write("f", SECRET + "\nanother value of mine\n")
        self.assertEqual(self.places("-c work"), [("f", 1, "plain")])
        self.assertEqual(len(self.places()), 2)

    def test_locked(self):
        self.scratch.run("tacit lock", check=True)
        self.assertEqual(self.run_it("tacit scan")[0], 3)

    def test_a_bar_on_a_terminal(self):
        with open(os.path.join(self.tree, "large"), "wb") as file:
            file.truncate(1 << 30)
        terminal = Terminal(self.scratch, ["tacit", "scan", "tree"])
        self.addCleanup(terminal.__exit__)
        terminal.expect(r"\[#*\.*\] \d+%")
        terminal.expect("none found")
        self.assertEqual(terminal.wait(), 0)


@unittest.skipUnless(shutil.which("git"), "there is no git")
class GitTest(ScanTest):
    def setUp(self):
        super().setUp()
        self.scratch.environment.update(
            GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.org", GIT_COMMITTER_NAME="a",
            GIT_COMMITTER_EMAIL="a@example.org", GIT_CONFIG_NOSYSTEM="1")
        self.git("git init -q -b main")

    def git(self, command):
        done = self.scratch.run(f"cd tree && {command}")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode().strip()


class Git(GitTest):
    def test_staged_before_the_first_commit_and_after(self):
        self.write("f", SECRET)
        self.assertEqual(self.places("--staged"), [])
        self.git("git add f")
        self.write("f", "clean now, but not in the index")
        self.assertEqual(self.places("--staged"), [("f", 1, "plain")])
        self.git("git commit -q -m first")
        self.assertEqual(self.places("--staged"), [])
        self.write("sub/odd\nname", "\n" + SECRET)
        self.git("git add -A; git config diff.relative true; mkdir -p other")
        self.assertEqual(self.run_it("cd other && tacit scan --staged")[:2],
                         (10, "sub/odd\\x0aname:2: tacit://work/api%20key\n"))

    def test_staged_deletions_modes_and_submodules_are_no_content(self):
        self.write("f", SECRET)
        self.write("g", "clean")
        self.git("git add -A; git commit -q -m first")
        self.git("git init -q sub; git -C sub commit -q --allow-empty -m x; git add sub 2>&1")
        self.git("git rm -q f; chmod +x g; git add g")
        self.assertEqual(self.places("--staged"), [])

    def test_history_finds_what_was_taken_out_again(self):
        self.write("a/f", "one\n" + SECRET)
        self.git("git add -A; git commit -q -m first")
        first = self.git("git rev-parse HEAD")
        self.git("git mv a/f g; git commit -q -m renamed; git rm -q g; git commit -q -m gone")
        self.git("git checkout -q -b side HEAD~1; git checkout -q main")
        self.assertEqual(self.places(), [])
        found = self.scan("--history")[1]["found"]
        self.assertEqual([(one["commit"], one["line"]) for one in found], [(first, 2)])
        self.assertEqual(self.git(f"git cat-file blob {found[0]['blob']} | tail -n 1"), SECRET)
        self.assertIn(first[:12] + ":", self.run_it("tacit scan --history")[1])

    def test_history_of_messages_tags_and_the_stash(self):
        self.git(f"git commit -q --allow-empty -m '{SECRET}'")
        self.git("git commit -q --allow-empty -m second; git tag -a v1 -m '" + SECRET + "'")
        self.write("f", "clean")
        self.git("git add f; git commit -q -m third")
        self.write("f", SECRET)
        self.git("git stash -q")
        self.assertEqual(sorted(path for path, _, _ in self.places("--history")),
                         ["(message of a commit)", "(message of a tag)", "f"])

    def test_many_objects(self):
        for number in range(600):
            self.write(f"d{number % 7}/f{number}", f"file {number}\n" * (number % 50))
        self.write("d3/big", b"x" * (3 << 20) + SECRET.encode())
        self.git("git add -A; git commit -q -m all")
        self.assertEqual(self.places("--history"), [("d3/big", 1, "plain")])

    def test_where_there_is_no_repository(self):
        shutil.rmtree(os.path.join(self.tree, ".git"))
        for option in ("--staged", "--history", "--install-hook"):
            code, _, err = self.run_it(f"GIT_CEILING_DIRECTORIES={self.scratch.root} tacit scan "
                                       + option)
            self.assertEqual(code, 1)
            self.assertIn("failed", err)


class Hook(GitTest):
    def commit(self):
        done = self.scratch.run("cd tree && git commit -q -m x")
        return done.returncode, done.stderr.decode()

    def test_keeps_a_secret_out_of_a_commit(self):
        code, _, err = self.run_it("tacit scan --install-hook")
        self.assertEqual((code, err), (0, "tacit: installed .git/hooks/pre-commit, which scans what "
                                          "is staged before each commit\n"))
        self.write("f", "clean")
        self.git("git add f")
        self.assertEqual(self.commit()[0], 0)
        self.write("f", SECRET)
        self.git("git add f")
        code, err = self.commit()
        self.assertEqual(code, 1)
        self.assertIn("a secret is staged; nothing was committed", err)
        self.write("f", "clean again")
        self.assertEqual(self.scratch.run("cd tree && git commit -qam y").returncode, 0)
        self.write("f", SECRET)  # `commit -a` has an index of its own
        self.assertEqual(self.scratch.run("cd tree && git commit -qam z").returncode, 1)
        self.assertIn("already", self.run_it("tacit scan --install-hook")[2])

    def test_what_cannot_be_scanned_is_not_committed(self):
        self.run_it("tacit scan --install-hook")
        self.write("f", "clean")
        self.git("git add f")
        self.scratch.run("tacit lock", check=True)
        code, err = self.commit()
        self.assertEqual(code, 1)
        self.assertIn("could not be scanned (exit 3)", err)

    def test_a_hook_that_is_there_is_kept_and_called(self):
        hook = os.path.join(self.tree, ".git", "hooks", "pre-commit")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        with open(hook, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho mine >&2; [ ! -e refuse ]\n")
        os.chmod(hook, 0o700)
        code, _, err = self.run_it("tacit scan --install-hook")
        self.assertEqual(code, 0)
        self.assertIn("is now .git/hooks/pre-commit.before-tacit and runs after it", err)
        self.write("f", "clean")
        self.git("git add f")
        self.assertEqual(self.commit(), (0, self.commit_said("mine")))
        self.write("g", "clean")
        self.write("refuse", "")
        self.git("git add g")
        self.assertEqual(self.commit()[0], 1)
        self.run_it("rm .git/hooks/pre-commit; echo '#!/bin/sh' >.git/hooks/pre-commit")
        code, _, err = self.run_it("tacit scan --install-hook")
        self.assertEqual(code, 1)
        self.assertIn("is there already, and would be lost", err)

    @staticmethod
    def commit_said(last):
        return "tacit: looked for 1 value in 1 file, 5 bytes: none found\n" + last + "\n"

    def test_hooks_path(self):
        self.git("git config core.hooksPath my-hooks")
        code, _, err = self.run_it("mkdir -p sub && cd sub && tacit scan --install-hook")
        self.assertEqual(code, 0, err)
        self.assertTrue(os.access(os.path.join(self.tree, "my-hooks", "pre-commit"), os.X_OK))
        self.write("f", SECRET)
        self.git("git add f")
        self.assertEqual(self.commit()[0], 1)


if __name__ == "__main__":
    run_suites(PROGRAMS)
