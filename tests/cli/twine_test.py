#!/usr/bin/python3
"""The three functions of cli/README.md with real twine: bare `twine` refuses, `dev.twine` and
`prod.twine` upload, each to its index with its credential, and the production one asks each time."""

import os
import pathlib
import re
import unittest

from scratch import PASSPHRASE, Scratch, run_suites
from terminal import Terminal
from upload_index import UploadIndex
from wheel import WHEEL, make_wheel

PROGRAMS = {}
README = pathlib.Path(__file__).resolve().parents[2] / "cli/README.md"


def functions():
    """As they are told to users."""
    text = README.read_text(encoding="utf-8")
    return re.search(r"```sh\n(twine\(\).*?)```", text, re.DOTALL).group(1)


class Twine(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.development = UploadIndex("dev", "")
        self.production = UploadIndex("__token__", "s3cret-token")
        for index in (self.development, self.production):
            index.__enter__()
            self.addCleanup(index.__exit__)
        login = "--attribute env=TWINE_PASSWORD --attribute env.username=TWINE_USERNAME"
        for profile, user, password, index in (
                ("dev", "dev", "", self.development),
                ("prod", "__token__", "s3cret-token", self.production)):
            self.ok(f"printf '{password}' | tacit -c pypi/{profile} set login "
                    f"--attribute username={user} {login}; "
                    f"printf '{index.url}' | tacit -c pypi/{profile} set TWINE_REPOSITORY_URL")
        make_wheel(os.path.join(self.scratch.work, WHEEL))
        # Real twine, by the interpreter that it is installed for, and asking nobody by itself.
        self.scratch.environment.update(TWINE_NON_INTERACTIVE="1",
                                        PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")
        with open(os.path.join(self.scratch.work, "functions"), "w", encoding="utf-8") as file:
            file.write(functions())

    def ok(self, command):
        return self.scratch.run(command, check=True).stdout.decode()

    def bash(self, command):
        with open(os.path.join(self.scratch.work, "script"), "w", encoding="utf-8") as file:
            file.write(f". ./functions\n{command}\n")
        return self.scratch.run("bash script")

    def test_bare_twine_refuses(self):
        done = self.bash(f"twine upload {WHEEL}")
        self.assertEqual((done.returncode, done.stderr), (1, b"Use dev.twine or prod.twine\n"))
        self.assertFalse(self.development.uploads + self.production.uploads)

    def test_dev_uploads_with_its_own_values_an_empty_one_among_them(self):
        done = self.bash(f"dev.twine upload {WHEEL}; echo shell:$TWINE_USERNAME$TWINE_PASSWORD")
        self.assertEqual(self.development.uploads, [("dev", [WHEEL])], done.stdout + done.stderr)
        self.assertTrue(done.stdout.endswith(b"shell:\n"), done.stdout)
        self.assertFalse(self.production.uploads)
        self.assertEqual(self.development.refused + self.production.refused, 0)

    def test_prod_asks_each_time(self):
        self.ok("tacit -c pypi/prod policy set login confirm")
        done = self.bash(f"prod.twine upload {WHEEL}")
        self.assertEqual(done.returncode, 125)  # nobody there to ask
        self.assertFalse(self.production.uploads)
        for _ in range(2):
            with Terminal(self.scratch, ["bash", "-c",
                                         f". ./functions; prod.twine upload {WHEEL}"]) as terminal:
                terminal.expect("login in the collection pypi/prod")
                terminal.answer("Enter = no: ", "y")
                terminal.answer("Passphrase for the vault.*: ", PASSPHRASE)
                self.assertEqual(terminal.wait(), 0, terminal.transcript)
        self.assertEqual(self.production.uploads, 2 * [("__token__", [WHEEL])])
        self.assertFalse(self.development.uploads)
        found = self.ok("grep -rl s3cret-token .. | wc -l")
        self.assertEqual(found.strip(), "0")


if __name__ == "__main__":
    run_suites(PROGRAMS)
