#!/usr/bin/python3
"""`tacit project check` and `tacit project setup`, by the project's tacit.toml."""

import json
import os
import unittest

from scratch import Scratch, run_suites
from terminal import Terminal

PROGRAMS = {}
MANIFEST = """\
[secrets.DATABASE_URL]
description = "where the data lies"
[secrets."api/token"]
env = "API_TOKEN"
[secrets.SESSION_KEY]
generate = { length = 64, alphabet = "hex" }
[secrets.HOST]
default = "localhost"
[secrets.SENTRY]
required = false
"""


class ManifestTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.scratch.run("tacit collection create p", check=True)
        self.manifest(MANIFEST)

    def manifest(self, text):
        with open(os.path.join(self.scratch.work, "tacit.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    def run_it(self, command):
        done = self.scratch.run(command)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def states(self):
        code, out, _ = self.run_it("tacit -c p project check --json")
        return code, {one["name"]: one["state"] for one in json.loads(out)["secrets"]}

    def test_check_says_what_is_missing(self):
        code, out, err = self.run_it("tacit -c p project check")
        self.assertEqual((code, out), (10, "DATABASE_URL: missing: where the data lies\n"
                                           "api/token: missing\nSESSION_KEY: missing\n"
                                           "HOST: missing\nSENTRY: missing, optional\n"))
        self.assertEqual(err, "tacit: `tacit project setup` asks for what is missing\n")
        self.ok("for n in DATABASE_URL api/token SESSION_KEY HOST; do\n"
                "printf v | tacit -c p set $n; done")
        self.assertEqual(self.states(), (0, {
            "DATABASE_URL": "there", "api/token": "there", "SESSION_KEY": "there", "HOST": "there",
            "SENTRY": "missing"}))

    def test_inherited_ones_are_there_and_expired_ones_are_not(self):
        self.manifest("[secrets.A]\n[secrets.B]\n")
        self.ok("printf v | tacit -c base set A; tacit collection inherit p base\n"
                "printf v | tacit -c p set B --expires 1s")
        while self.run_it("tacit -c p get B")[0] != 12:  # until it has expired
            pass
        self.assertEqual(self.states(), (10, {"A": "there", "B": "expired"}))

    def test_setup_asks_generates_and_stores(self):
        terminal = Terminal(self.scratch, ["tacit", "-c", "p", "project", "setup"])
        self.addCleanup(terminal.__exit__)
        terminal.answer(r"DATABASE_URL \(where the data lies\): ", "pg://db")
        terminal.answer("api/token: ", "t0ken")
        terminal.expect("generated: SESSION_KEY")
        terminal.answer(r"HOST \[Enter: the default\]: ", "")
        terminal.answer(r"SENTRY \[optional, Enter skips\]: ", "")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("t0ken", terminal.transcript)
        self.assertEqual(self.ok("tacit -c p get DATABASE_URL"), "pg://db")
        self.assertEqual(self.ok("tacit -c p get HOST"), "localhost")
        self.assertRegex(self.ok("tacit -c p get SESSION_KEY"), "^[0-9a-f]{64}$")
        self.assertEqual(self.ok("tacit -c p get api/token --attribute env"), "API_TOKEN")
        self.assertEqual(self.run_it("tacit -c p get SENTRY")[0], 4)
        self.assertEqual(self.states()[0], 0)

    def test_setup_without_a_terminal_does_what_needs_nobody(self):
        code, out, _ = self.run_it("tacit -c p project setup --json")
        self.assertEqual((code, json.loads(out)), (10, {
            "collection": "p", "stored": ["SESSION_KEY", "HOST"], "skipped": ["SENTRY"],
            "missing": ["DATABASE_URL", "api/token"]}))
        key = self.ok("tacit -c p get SESSION_KEY")
        code, _, err = self.run_it("tacit -c p project setup")
        self.assertEqual((code, err), (10, "tacit: still missing: DATABASE_URL\n"
                                           "tacit: still missing: api/token\n"))
        self.assertEqual(self.ok("tacit -c p get SESSION_KEY"), key)

    def test_never_a_value_in_it(self):
        for text in ('[secrets]\nTOKEN = "hunter2hunter2"\n',
                     '[secrets.TOKEN]\nvalue = "hunter2hunter2"\n'):
            self.manifest(text)
            code, _, err = self.run_it("tacit -c p project check")
            self.assertEqual(code, 2)
            self.assertIn("work/tacit.toml:2: ", err)
            self.assertIn("looks like a value", err)
            self.assertNotIn("hunter2", err)

    def test_unknown_keys_name_file_and_line(self):
        self.manifest("[secrets.A]\n\nrequird = true\n")
        code, _, err = self.run_it("tacit -c p project check")
        self.assertEqual(code, 2)
        self.assertIn("tacit.toml:3: unknown key `requird`; did you mean `required`?", err)

    def test_where_there_is_no_project_or_no_manifest(self):
        code, _, err = self.run_it("tacit project check")
        self.assertEqual(code, 4)
        self.assertIn("this folder is in no project", err)
        os.unlink(os.path.join(self.scratch.work, "tacit.toml"))
        code, _, err = self.run_it("tacit -c p project check")
        self.assertEqual(code, 4)
        self.assertIn("there is no", err)


if __name__ == "__main__":
    run_suites(PROGRAMS)
