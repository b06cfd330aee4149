#!/usr/bin/python3
"""An exception for each situation that a program tells apart, brought about at a real daemon."""

import os
import pickle
import re
import shutil
import signal

from house import PASSPHRASE, ROOT, HouseTest, run

import tacit


class Errors(HouseTest):
    def tearDown(self):
        if tacit.status().vault == "locked":
            tacit.unlock(PASSPHRASE)

    def raises(self, kind, reason, call):
        with self.assertRaises(kind) as caught:
            call()
        self.assertIs(type(caught.exception), kind)
        self.assertEqual(caught.exception.reason, reason)
        self.assertTrue(str(caught.exception))
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((str(again), again.reason), (str(caught.exception), reason))

    def test_locked_and_wrong_passphrase(self):
        tacit.lock()
        self.assertFalse(tacit.lock())
        self.raises(tacit.LockedError, "LOCKED", lambda: tacit.get("x"))
        self.raises(tacit.WrongPassphraseError, "WRONG_CREDENTIAL", lambda: tacit.unlock("no"))

    def test_no_such_item(self):
        self.raises(tacit.NotFoundError, "NOT_FOUND", lambda: tacit.get("absent"))
        self.raises(tacit.NotFoundError, "NOT_FOUND", lambda: tacit.delete("absent"))
        self.assertTrue(issubclass(tacit.NotFoundError, LookupError))

    def test_changed_meanwhile(self):
        tacit.set("raced", "1")
        self.raises(tacit.ChangedError, "VERSION_MISMATCH",
                    lambda: tacit.set("raced", "2", expected_version=7))
        self.raises(tacit.ChangedError, "VERSION_MISMATCH",
                    lambda: tacit.delete("raced", expected_version=7))
        with self.assertRaises(tacit.ChangedError):
            tacit.set("raced", "2", expected_version=0)
        self.assertEqual(tacit.get("raced").text(), "1")

    def test_expired(self):
        tacit.set("old", "x", expires=1)
        self.raises(tacit.ExpiredError, "EXPIRED", lambda: tacit.get("old"))

    def test_refused(self):
        tacit.set("closed", "x")
        tacit.set("asked", "x")
        self.ok("tacit policy set closed deny && tacit policy set asked ask")
        self.raises(tacit.PolicyDeniedError, "POLICY_DENIED", lambda: tacit.get("closed"))
        self.raises(tacit.NoPrompterError, "NO_PROMPTER", lambda: tacit.get("asked"))
        self.assertTrue(issubclass(tacit.NoPrompterError, tacit.DeniedError))

    def test_what_can_be_no_name(self):
        for name in ("", "a\0b", "\ud800", "x" * 1025):
            self.raises(tacit.InvalidArgumentError, "INVALID_ARGUMENT", lambda n=name: tacit.get(n))

        for call in (lambda: tacit.set("x", "1", attributes={"a": "b\0"}),
                     lambda: tacit.list(attributes={"a\0": "b"})):
            with self.assertRaisesRegex(tacit.InvalidArgumentError, "^an attribute holds no NUL"):
                call()

    def test_what_is_no_text_is_a_type_error_that_names_it(self):
        for what, call in (("name", lambda: tacit.get(None)),
                           ("name", lambda: tacit.get_item(b"x")),
                           ("name", lambda: tacit.delete(3)),
                           ("collection", lambda: tacit.get("x", 3)),
                           ("attribute", lambda: tacit.set("x", "1", attributes={"a": 1}))):
            with self.assertRaisesRegex(TypeError, f"^{what} must be a str, not "):
                call()

    def test_a_reference_is_for_get_alone(self):
        name = "tacit://web/db"
        for call in (lambda: tacit.set(name, "v"), lambda: tacit.delete(name),
                     lambda: tacit.get_or_ask(name)):
            self.raises(tacit.InvalidArgumentError, "INVALID_ARGUMENT", call)
        tacit.set("db", "v", "web")
        self.assertEqual(tacit.get(name).text(), "v")

    def test_no_daemon(self):
        with tacit.Client(socket="/nonexistent/tacit.sock", autostart=False) as client:
            self.raises(tacit.NoDaemonError, "NO_DAEMON", client.status)

    def test_no_answer_in_time(self):
        self.scratch.daemon.send_signal(signal.SIGSTOP)
        try:
            for may_ask in (False, True):
                with tacit.Client(deadline=0.3, interaction=may_ask) as client:
                    self.raises(tacit.DeadlineError, "TIMEOUT", client.status)
        finally:
            self.scratch.daemon.send_signal(signal.SIGCONT)
        self.assertTrue(issubclass(tacit.DeadlineError, TimeoutError))

    def test_every_reason_of_the_command_lines_table_is_told_apart(self):
        """What `tacit` has an exit code for has an exception."""
        with open(os.path.join(ROOT, "cli/exit_code.cpp"), encoding="utf-8") as file:
            reasons = re.findall(r"case Reason::k(\w+):", file.read())
        self.assertGreater(len(reasons), 10)
        for reason in reasons:
            word = re.sub(r"(?<!^)(?=[A-Z])", "_", reason).upper()
            self.assertIsNot(type(tacit.errors.error_for(word, "")), tacit.TacitError, word)

    def test_no_library(self):
        program = "import tacit\ntacit.get('x')"
        for file in ("/nonexistent/libtacit.so.0", __file__):
            said = self.python(program, code=1, TACIT_LIBRARY=file)
            self.assertIn("LibraryNotFoundError: TACIT_LIBRARY: ", said)
        said = self.python(program, code=1, TACIT_LIBRARY="libc.so.6")
        self.assertIn("libc.so.6 is older than this package", said)


class VaultsThatAreNotWell(HouseTest):
    with_vault = False

    def setUp(self):
        if self.scratch.daemon is None:
            self.scratch.start_daemon()
        shutil.rmtree(self.scratch.path("data", "tacit"), ignore_errors=True)

    def restart_with(self, change):
        vault = self.scratch.path("data", "tacit", "vault")
        tacit.lock()
        self.scratch.stop_daemon()
        change(vault)
        self.scratch.start_daemon()

    def test_none_damaged_rolled_back(self):
        with self.assertRaises(tacit.NoVaultError):
            tacit.get("x")
        with tacit.Client() as client:
            client.create(PASSPHRASE)
        tacit.set("x", "1")
        kept = self.scratch.path("kept")
        self.restart_with(lambda vault: shutil.copytree(vault, kept))
        tacit.unlock(PASSPHRASE)
        tacit.set("x", "2")

        def put_back(vault):
            shutil.rmtree(vault)
            shutil.copytree(kept, vault)

        self.restart_with(put_back)
        with self.assertRaises(tacit.RolledBackError):
            tacit.unlock(PASSPHRASE)
            tacit.set("x", "3")

        def damage(vault):
            with open(os.path.join(vault, "CURRENT"), encoding="utf-8") as file:
                name = file.read().strip()
            with open(os.path.join(vault, name), "r+b") as file:
                file.seek(20)
                file.write(b"\xff" * 4000)

        self.restart_with(damage)
        with self.assertRaises(tacit.VaultDamagedError):
            tacit.unlock(PASSPHRASE)
            tacit.get("x")


if __name__ == "__main__":
    run()
