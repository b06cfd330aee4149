#!/usr/bin/python3
"""The backend of the Python keyring, with Debian's keyring and its own tests."""

import os
import subprocess
import unittest

from house import DEADLINE, HERE, PASSPHRASE, PYTHON, ROOT, SOURCES, HouseTest, installed, run

import tacit

HAS_KEYRING = installed("keyring")
if HAS_KEYRING:
    import keyring.errors
    from tacit import _services
    from tacit.keyring_backend import Keyring


@unittest.skipUnless(HAS_KEYRING, "there is no python3-keyring")
class Backend(HouseTest):
    def setUp(self):
        if tacit.status().vault == "locked":
            tacit.unlock(PASSPHRASE)
        self.keyring = Keyring()

    def test_an_empty_password_is_one(self):
        self.keyring.set_password("empty", "u", "")
        self.assertEqual(self.keyring.get_password("empty", "u"), "")
        self.assertEqual(self.keyring.get_credential("empty", None).password, "")
        self.assertIsNone(self.keyring.get_password("empty", "other"))
        self.keyring.set_password("", "", "nobody's")
        self.assertEqual(self.keyring.get_password("", ""), "nobody's")

    def test_a_credential_without_a_username_is_the_last_changed(self):
        self.assertIsNone(self.keyring.get_credential("two", None))
        self.keyring.set_password("two", "b", "1")
        self.keyring.set_password("two", "a", "2")
        found = self.keyring.get_credential("two", None)
        self.assertEqual((found.username, found.password), ("a", "2"))
        self.keyring.set_password("two", "b", "3")
        found = self.keyring.get_credential("two", None)
        self.assertEqual((found.username, found.password), ("b", "3"))
        found = self.keyring.get_credential("two", "a")
        self.assertEqual((found.username, found.password), ("a", "2"))
        self.assertIsNone(self.keyring.get_credential("two", "c"))
        self.assertIsNone(self.keyring.get_credential("tw", None))
        self.assertIsNone(self.keyring.get_credential("Two", "a"))

    def test_items_are_those_of_the_keyring_executable(self):
        """The table of cli/keyring/README.md."""
        names = {
            ("https://pypi.example.org/simple/", "ada"): "https://pypi.example.org/simple/ (ada)",
            ("my app (test)", "a(b)"): "my app %28test%29 (a%28b%29)",
            ("https://h/a%20b", "u@example.org"): "https://h/a%2520b (u@example.org)",
            ("x", ""): "x ()",
            ("", "u"): " (u)",
            ("two\nlines", "ü"): "two%0Alines (ü)",
        }
        for pair, name in names.items():
            self.assertEqual(_services.name_of(*pair), name)
        self.ok("printf secret | tacit -c keyring set 'host:8443 (ada)'"
                " --attribute service=host:8443 --attribute username=ada --attribute own=1")
        self.assertEqual(self.keyring.get_credential("host:8443", None).password, "secret")
        self.keyring.set_password("host:8443", "ada", "changed")
        self.assertEqual(self.ok("tacit -c keyring get 'host:8443 (ada)'"), "changed")
        self.assertEqual(tacit.describe("host:8443 (ada)", "keyring").attributes,
                         {"service": "host:8443", "username": "ada", "own": "1"})
        # An item whose attributes claim another service than its name is nobody's.
        tacit.set("other (ada)", "planted", "keyring",
                  attributes={"service": "bank", "username": "ada"})
        self.assertIsNone(self.keyring.get_credential("bank", None))

    def test_errors_are_keyrings(self):
        with self.assertRaises(keyring.errors.PasswordDeleteError):
            self.keyring.delete_password("absent", "u")
        for service in ("nul\0", "x" * 2000, "\ud800"):
            self.assertIsNone(self.keyring.get_password(service, "u"))
            self.assertIsNone(self.keyring.get_credential(service, None))
            with self.assertRaises(keyring.errors.PasswordSetError):
                self.keyring.set_password(service, "u", "p")
            with self.assertRaises(keyring.errors.PasswordDeleteError):
                self.keyring.delete_password(service, "u")
        self.keyring.set_password("denied", "u", "p")
        self.ok("tacit -c keyring policy set 'denied (u)' deny")
        with self.assertRaises(keyring.errors.KeyringError):
            self.keyring.get_password("denied", "u")
        tacit.lock()
        for call in (lambda: self.keyring.get_password("a", "u"),
                     lambda: self.keyring.set_password("a", "u", "p"),
                     lambda: self.keyring.delete_password("a", "u"),
                     lambda: self.keyring.get_credential("a", None)):
            with self.assertRaises(keyring.errors.KeyringLocked):
                call()


@unittest.skipUnless(HAS_KEYRING, "there is no python3-keyring")
class OwnTests(HouseTest):
    @unittest.skipUnless(installed("pytest"), "there is no python3-pytest")
    def test_keyrings_own_tests(self):
        done = subprocess.run(
            [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             os.path.join(HERE, "keyring_suite.py")],
            capture_output=True, text=True, timeout=DEADLINE * 5, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"1\d passed")
        self.assertNotIn("skipped", done.stdout)
        self.assertEqual(tacit.list("keyring"), [], "they take away what they stored")


@unittest.skipUnless(HAS_KEYRING, "there is no python3-keyring")
class Installed(HouseTest):
    """As it is found by itself, through its entry point."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.info = cls.scratch.path("work")
        subprocess.run([PYTHON, os.path.join(ROOT, "client/python/build_backend/tacit_build.py"),
                        "metadata", cls.info], check=True, stdout=subprocess.DEVNULL)
        cls.scratch.environment["PYTHONPATH"] = f"{SOURCES}:{cls.info}"

    def keyring(self, arguments, **environment):
        changed = " ".join(f"{name}={value}" for name, value in environment.items())
        return self.scratch.run(f"{changed} {PYTHON} -m keyring {arguments}")

    def test_it_is_chosen_with_the_secret_service_beside_it(self):
        said = self.python("import keyring; print(keyring.get_keyring())")
        self.assertEqual(said, "tacit.keyring_backend.Keyring (priority: 11)\n")
        self.assertIn("tacit.keyring_backend.Keyring",
                      self.keyring("--list-backends").stdout.decode())

    def test_the_command_line_of_keyring(self):
        stored = self.scratch.run(f"echo pass-word | {PYTHON} -m keyring set host ada")
        self.assertEqual(stored.returncode, 0, stored.stderr)
        self.assertEqual(self.keyring("get host ada").stdout, b"pass-word\n")
        self.assertEqual(self.ok("tacit -c keyring get 'host (ada)'"), "pass-word")
        self.assertEqual(self.keyring("del host ada").returncode, 0)
        self.assertEqual(self.keyring("get host ada").returncode, 1)

    def test_without_libtacit_it_is_no_backend(self):
        for program in ("import keyring; print(keyring.get_keyring())",
                        "import keyring; print(keyring.backend.get_all_keyring())"):
            said = self.python(program, TACIT_LIBRARY="/nonexistent")
            self.assertNotIn("tacit", said)

    def test_by_name(self):
        said = self.python("import keyring; print(keyring.get_keyring())",
                           PYTHON_KEYRING_BACKEND="tacit.keyring_backend.Keyring",
                           PYTHONPATH=SOURCES)
        self.assertIn("tacit.keyring_backend.Keyring", said)


if __name__ == "__main__":
    run()
