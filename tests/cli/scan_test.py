#!/usr/bin/python3
"""`tacit scan`: in trees, in real git repositories, and as a pre-commit hook."""

import base64
import json
import os
import random
import shutil
import textwrap
import unittest
import urllib.parse

from scratch import PASSPHRASE, Scratch, run_suites
from terminal import Terminal

PROGRAMS = {}
SECRET = "s3cret+value/of=the vault\xe4"
# Nobody's: what stands in it is random.
KEY = "-----BEGIN PRIVATE KEY-----\n" + textwrap.fill(
    base64.b64encode(random.Random(1).randbytes(160)).decode(), 64) + "\n-----END PRIVATE KEY-----\n"
PIECE, OVERLAP = 8 << 20, 256 << 10  # of cli/scan/stream.h


def wrapped(content, columns, line_end):
    return line_end.join(textwrap.wrap(base64.b64encode(content).decode(), columns))


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

    def test_a_value_stored_with_its_newline(self):
        self.store("line", b"another value of mine\n")
        self.write("f", "x = 'another value of mine'\n")
        self.assertEqual(self.places(), [("f", 1, "plain")])

    def test_a_key_in_every_layout(self):
        self.store("key", KEY.encode())
        lines = KEY.splitlines()
        self.write("crlf", "\r\n".join(lines))
        self.write("indented.yml", "tls:\n  key: |\n" + "".join(f"    {one}\n" for one in lines))
        self.write("key.json", json.dumps({"other": "x\n", "key": KEY}))
        self.write("lines.txt", f"# {lines[2]}\n> {lines[3]}\n")
        self.write("wrapped64", wrapped(KEY.encode(), 64, "\r\n"))
        self.write("wrapped76", wrapped(b"before it " + KEY.encode(), 76, "\n  "))
        self.write("wrapped.json", json.dumps(wrapped(b"x" * 31 + KEY.encode(), 76, "\n")))
        self.write("zz_public.pem", lines[0] + "\n" + lines[-1] + "\n" + lines[1][:-1] + "\n")
        self.assertEqual(self.places(), [
            ("crlf", 1, "plain"), ("indented.yml", 3, "plain"), ("key.json", 1, "plain"),
            ("lines.txt", 1, "plain"), ("lines.txt", 2, "plain"), ("wrapped.json", 1, "base64"),
            ("wrapped64", 1, "base64"), ("wrapped76", 1, "base64")])

    def test_every_place_of_many(self):
        self.write("f", f"{SECRET}\n" * 3000)
        self.assertEqual([line for _, line, _ in self.places()], list(range(1, 3001)))
        self.assertEqual(self.scan()[1]["untold"], 0)

    def test_places_that_are_too_many_are_counted(self):
        self.write("f", f"{SECRET}\n" * 9000)
        told = self.scan()[1]
        self.assertGreater(told["untold"], 1000)
        self.assertEqual(len(told["found"]) + told["untold"], 9000)
        self.assertIn(f"of values that stand in very many places of a file {told['untold']} places "
                      "are not told\n", self.run_it("tacit scan")[2])

    def test_a_value_of_many_items_at_many_places(self):
        for number in range(20):
            self.store(f"tacit://{'c' * 100}/{'n' * 100}{number}", SECRET.encode())
        self.write("f", f"{SECRET}\n" * 300)
        self.assertEqual(len(self.places()), 300 * 21)

    def test_names(self):
        self.store("token", b"name-of-a-token-1")
        self.write("a/name-of-a-token-1/b/c", SECRET)
        self.write("a/name-of-a-token-1/d.name-of-a-token-1.txt", "")
        os.symlink("/", os.path.join(self.tree, "name-of-a-token-1"))
        code, out, err = self.run_it("tacit scan")
        self.assertEqual(code, 10)
        self.assertEqual(sorted(out.splitlines()), [
            "***: tacit://default/token (in the name)",
            "a/***/b/c:1: tacit://work/api%20key",
            "a/***/d.***.txt: tacit://default/token (in the name)",
            "a/***: tacit://default/token (in the name)"])
        self.assertNotIn("name-of-a-token-1", out + err)
        found = self.scan("a")[1]["found"]
        self.assertEqual([(one["path"], one["in"], one["line"]) for one in found], [
            ("a/***", "name", 0), ("a/***/d.***.txt", "name", 0), ("a/***/b/c", "content", 1)])

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

    def test_a_collection_that_is_not_there(self):
        self.write("f", SECRET)
        code, out, err = self.run_it("tacit -c nope scan")
        self.assertEqual((code, out), (4, ""))
        self.assertEqual(err, "tacit: there is no collection `nope`; `tacit list --collections` shows "
                              "those that are\n")
        self.scratch.run("tacit collection create empty", check=True)
        self.assertEqual(self.run_it("tacit -c empty scan")[0], 0)

    def test_a_guarded_collection_is_asked_for_on_the_terminal(self):
        self.scratch.run("tacit -c work policy set confirm", check=True)
        self.write("f", SECRET)
        self.assertEqual(self.run_it("tacit -c work scan")[0], 8)
        terminal = Terminal(self.scratch, ["/bin/sh", "-c", "tacit -c work scan tree; exit $?"])
        self.addCleanup(terminal.__exit__)
        terminal.answer("Enter = no: ", "y")
        terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
        terminal.expect("tree/f:1: tacit://work/api%20key")
        self.assertEqual(terminal.wait(), 10)

    def test_the_message_of_a_commit(self):
        self.write("clean", "one\n")
        self.assertEqual(self.run_it("tacit scan --message clean"), (0, "", ""))
        self.write("message", f"one\n{SECRET}\n")
        self.assertEqual(self.run_it("tacit scan --message message")[:2],
                         (10, "message:2: tacit://work/api%20key\n"))
        # Of `git commit -v` what is below the scissors is a diff: to be told of a value taken out
        # would keep it in.
        self.write("verbose", f"one\n# {'-' * 24} >8 {'-' * 24}\n-{SECRET}\n")
        self.assertEqual(self.run_it("tacit scan --message verbose"), (0, "", ""))
        self.write("inside", f"a long line # {'-' * 24} >8 {'-' * 24}\n{SECRET}\n")
        self.assertEqual(self.run_it("tacit scan --message inside")[0], 10)

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

    def test_names_of_what_is_staged_and_of_history(self):
        self.store("token", b"name-of-a-token-1")
        self.write("clean", "clean")
        self.git("git add -A; git commit -q -m first; git mv clean name-of-a-token-1")
        code, out, _ = self.run_it("tacit scan --staged")
        self.assertEqual((code, out), (10, "***: tacit://default/token (in the name)\n"))
        # The same blob under another name, which is gone again.
        self.git("git commit -q -m second")
        second = self.git("git rev-parse HEAD")
        self.git("git mv name-of-a-token-1 other; git commit -q -m third")
        self.write("name-of-a-token-1-folder/file", "x")
        self.git("git add -A; git commit -q -m fourth")
        fourth = self.git("git rev-parse HEAD")
        code, out, _ = self.run_it("tacit scan --history")
        self.assertEqual((code, sorted(out.splitlines())), (10, sorted([
            second[:12] + ":***: tacit://default/token (in the name)",
            fourth[:12] + ":***-folder: tacit://default/token (in the name)"])))

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
            self.assertTrue(err.startswith(f"tacit: {option} needs a git repository, and this folder "
                                           "is in none (git: `fatal: "), err)
            self.assertEqual(err.count("\n"), 1)


class Hook(GitTest):
    def commit(self):
        done = self.scratch.run("cd tree && git commit -q -m x")
        return done.returncode, done.stderr.decode()

    def test_keeps_a_secret_out_of_a_commit(self):
        code, _, err = self.run_it("tacit scan --install-hook")
        self.assertEqual((code, err), (0, "tacit: installed .git/hooks/pre-commit, which scans what "
                                          "is staged before each commit\n"
                                          "tacit: installed .git/hooks/commit-msg, which scans the "
                                          "message of each commit\n"))
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

    def test_keeps_a_secret_out_of_a_message(self):
        hook = os.path.join(self.tree, ".git", "hooks", "commit-msg")
        os.makedirs(os.path.dirname(hook), exist_ok=True)
        with open(hook, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho \"mine: $(head -1 $1)\" >&2\n")
        os.chmod(hook, 0o700)
        self.assertIn("is now .git/hooks/commit-msg.before-tacit and runs after it",
                      self.run_it("tacit scan --install-hook")[2])
        self.write("f", "clean")
        self.git("git add f")
        code, _, err = self.run_it(f"git commit -q -m 'one\n\nfor {SECRET}'")
        self.assertEqual(code, 1)
        self.assertIn("commit-msg: a secret is in the message; nothing was committed", err)
        self.assertNotIn("mine:", err)
        code, _, err = self.run_it("git commit -q -m 'one'")
        self.assertEqual(code, 0)
        self.assertIn("mine: one", err)
        # One of them is gone: it comes back.
        self.run_it("rm .git/hooks/commit-msg .git/hooks/commit-msg.before-tacit")
        err = self.run_it("tacit scan --install-hook")[2]
        self.assertIn("already", err)
        self.assertIn("installed .git/hooks/commit-msg", err)
        # What is taken out is in the diff below the message, and may be committed.
        self.write("f", SECRET)
        self.git("git add f; git commit -q --no-verify -m two; git rm -q f")
        self.git("GIT_EDITOR='sed -i 1s/^/three/' git commit -q -v")

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
