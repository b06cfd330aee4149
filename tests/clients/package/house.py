"""A vault in scratch folders for the tests of client/python, one for each class of tests."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
SOURCES = os.path.join(ROOT, "client/python/src")
DROPINS = os.path.join(ROOT, "client/python/dropins/src")
sys.path[:0] = [SOURCES, os.path.join(ROOT, "tests/cli")]
sys.dont_write_bytecode = True

from scratch import DEADLINE, PASSPHRASE, Scratch, run_suites  # noqa: E402, F401

PROGRAMS = {}
PYTHON = "/usr/bin/python3"  # Debian's, whose packages are used besides


def run():
    """The main of a file of tests."""
    run_suites(PROGRAMS, ("tacit", "tacitd", "library"))


def installed(*modules):
    """Whether Debian's Python has them."""
    done = subprocess.run([PYTHON, "-c", "import " + ", ".join(modules)], capture_output=True,
                          check=False)
    return done.returncode == 0


class HouseTest(unittest.TestCase):
    """This process and those that it starts find the vault of its class, and no other."""

    with_vault = True

    @classmethod
    def setUpClass(cls):
        cls.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        cls.addClassCleanup(cls.scratch.__exit__)
        cls.scratch.environment.update(
            TACIT_LIBRARY=os.path.abspath(PROGRAMS["library"]), PYTHONPATH=SOURCES,
            PYTHONDONTWRITEBYTECODE="1", USER="ada")
        before = dict(os.environ)
        cls.addClassCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.clear()
        os.environ.update(cls.scratch.environment)
        cls.scratch.start_daemon()
        if cls.with_vault:
            cls.scratch.make_vault()

    @classmethod
    def socket(cls):
        return cls.scratch.path("run", "tacit", "tacit.sock")

    def ok(self, command):
        """What a shell command prints that has to go well."""
        return self.scratch.run(command, check=True).stdout.decode()

    def python(self, program, *arguments, code=0, stdin="", **environment):
        """What a Python program prints; standard error, if it is expected to fail."""
        done = subprocess.run(
            [PYTHON, "-c", program, *arguments], env={**self.scratch.environment, **environment},
            cwd=self.scratch.work, input=stdin.encode(), capture_output=True, timeout=DEADLINE,
            check=False, start_new_session=True)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return (done.stderr if code else done.stdout).decode()
