#!/usr/bin/python3
"""`import tacit`: what it gives, hides and raises, against the real daemon."""

import copy
import os
import pickle
import re
import shutil
import signal
import subprocess
import threading
import time
import traceback
import unittest

from house import PASSPHRASE, PYTHON, ROOT, HouseTest, run

import tacit


class Items(HouseTest):
    def test_a_value_comes_back_and_goes(self):
        self.assertEqual(tacit.set("token", "grüße"), 1)
        self.assertEqual(tacit.get("token").text(), "grüße")
        self.assertEqual(self.ok("tacit get token"), "grüße")
        self.assertEqual(tacit.set("token", "2"), 2)
        tacit.delete("token")
        with self.assertRaises(tacit.NotFoundError):
            tacit.get("token")

    def test_any_bytes_are_a_value(self):
        everything = bytes(range(256))
        for value in (b"", b"x", everything, bytearray(everything), memoryview(everything)):
            tacit.set("bytes", value)
            self.assertEqual(tacit.get("bytes").bytes(), bytes(value))
        self.assertEqual(everything, bytes(range(256)))
        largest = b"x" * (768 * 1024)
        tacit.set("bytes", largest)
        with tacit.get("bytes") as value:
            self.assertEqual(value.size, len(largest))
            tacit.set("copy", value)
        self.assertEqual(tacit.get("copy").bytes(), largest)
        with self.assertRaises(tacit.InvalidArgumentError):
            tacit.set("bytes", largest + b"x")
        with self.assertRaises(TypeError):
            tacit.set("bytes", 5)

    def test_what_was_stored_stays_the_callers(self):
        """Only what this package made itself is wiped."""
        text, raw, array = "a" * 50 + "ü", b"b" * 50, bytearray(b"c" * 50)
        for value in (text, raw, array):
            tacit.set("callers", value)
        self.assertEqual((text, raw, array), ("a" * 50 + "ü", b"b" * 50, bytearray(b"c" * 50)))
        tacit.wipe(array)
        self.assertEqual(array, bytes(50))

    def test_collections_and_references(self):
        tacit.set("db", "one", "web")
        tacit.set("db", "two", collection="shop")
        self.assertEqual(tacit.get("db", "web").text(), "one")
        self.assertEqual(tacit.get("tacit://shop/db").text(), "two")
        tacit.set("user", "x", "web", attributes={"username": "ada"})
        self.assertEqual(tacit.get("tacit://web/user?attribute=username").text(), "ada")
        self.assertEqual(tacit.collections()["web"], 2)
        self.assertEqual([item.name for item in tacit.list("web")], ["db", "user"])
        self.assertEqual([item.name for item in tacit.list(attributes={"username": "ada"})],
                         ["user"])
        with tacit.Client() as client:
            everything = client.get_all("web")
        self.assertEqual([item.value.text() for item in everything], ["one", "x"])

    def test_metadata(self):
        expires = time.time() + 3600
        tacit.set("meta", "v1", attributes={"a": "b", "c": ""}, content_type="text/plain")
        tacit.set("meta", "v2 is longer", expires=expires)
        item = tacit.describe("meta")
        self.assertEqual((item.collection, item.name, item.version), ("default", "meta", 2))
        self.assertEqual(item.attributes, {"a": "b", "c": ""})
        self.assertEqual((item.content_type, item.size, item.value), ("text/plain", 12, None))
        self.assertAlmostEqual(item.expires, expires, delta=0.01)
        self.assertAlmostEqual(item.modified, time.time(), delta=60)
        old = tacit.get_item("meta", version=1)
        self.assertEqual((old.value.text(), old.expires), ("v1", None))
        self.assertEqual(tacit.describe("meta", version=1).size, 2)

    def test_a_client_is_a_context_manager(self):
        with tacit.Client(socket=self.socket(), autostart=False) as client:
            client.set("within", "1")
        with self.assertRaisesRegex(tacit.InvalidArgumentError, "closed"):
            client.get("within")
        self.assertEqual(tacit.status().vault, "unlocked")


class SecretsHideThemselves(HouseTest):
    def setUp(self):
        tacit.set("pin", "4711")
        self.secret = tacit.get("pin")

    def test_in_text_and_tracebacks(self):
        shown = [repr(self.secret), str(self.secret), f"{self.secret}", f"{self.secret:>20}",
                 repr([self.secret]), repr(tacit.get_item("pin"))]
        self.assertNotIn("4711", "".join(shown))
        try:
            value = tacit.get("pin")
            raise RuntimeError(value)
        except RuntimeError:
            self.assertNotIn("4711", traceback.format_exc())

    def test_in_errors_about_them(self):
        tacit.set("binary", b"\xff4711")
        with self.assertRaises(UnicodeDecodeError) as caught:
            tacit.get("binary").text()
        self.assertNotIn("4711", "".join(traceback.format_exception(caught.exception)))
        with self.assertRaises(tacit.InvalidArgumentError) as caught:
            tacit.set("text", "4711\ud800")
        self.assertNotIn("4711", "".join(traceback.format_exception(caught.exception)))

    def test_they_are_neither_pickled_nor_copied(self):
        with self.assertRaises(TypeError):
            pickle.dumps(self.secret)
        self.assertIs(copy.copy(self.secret), self.secret)
        self.assertIs(copy.deepcopy(self.secret), self.secret)
        with self.assertRaises(TypeError):
            hash(self.secret)

    def test_they_compare(self):
        self.assertEqual(self.secret, tacit.get("pin"))
        self.assertEqual(self.secret, "4711")
        self.assertEqual(self.secret, b"4711")
        self.assertNotEqual(self.secret, "4712")
        self.assertNotEqual(self.secret, 4711)

    def test_what_a_program_has_from_elsewhere_hides_too(self):
        for value in ("grüße", "", b"raw", bytearray(b"raw")):
            secret = tacit.Secret.of(value)
            self.assertEqual(secret, value)
            self.assertEqual(repr(secret), "<tacit.Secret>")
            tacit.set("from elsewhere", secret)
            self.assertEqual(tacit.get("from elsewhere"), secret)
            secret.close()

    def test_closed_is_closed(self):
        array = self.secret.bytearray()
        self.secret.close()
        self.assertEqual(array, b"4711")
        self.assertIn("closed", repr(self.secret))
        for read in (self.secret.text, self.secret.bytes, self.secret.bytearray):
            with self.assertRaises(tacit.InvalidArgumentError):
                read()

    def test_closing_overwrites_the_memory(self):
        tacit.set("long", "x" * 4000)
        self.assertFalse(in_memory_after("v = tacit.get('long'); v.close()"))
        self.assertTrue(in_memory_after("v = tacit.get('long')"), "the search finds nothing at all")


SEARCH = """
import re
with open("/proc/self/maps") as file:
    lines = [line.split()[:2] for line in file]
found = False
with open("/proc/self/mem", "rb", 0) as memory:
    for span, mode in lines:
        begin, end = (int(one, 16) for one in span.split("-"))
        if mode.startswith("rw"):
            memory.seek(begin)
            found = found or re.search(b"x{3500}", memory.read(end - begin)) is not None
print(found)
"""


def in_memory_after(statement):
    """Whether the value can be found in a process that has run the statement."""
    done = subprocess.run([PYTHON, "-c", f"import tacit\n{statement}\n{SEARCH}"],
                          capture_output=True, check=True)
    return done.stdout == b"True\n"


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

    def test_no_daemon(self):
        with tacit.Client(socket="/nonexistent/tacit.sock", autostart=False) as client:
            self.raises(tacit.NoDaemonError, "NO_DAEMON", client.status)

    def test_no_answer_in_time(self):
        self.scratch.daemon.send_signal(signal.SIGSTOP)
        try:
            with tacit.Client(deadline=0.3, interaction=False) as client:
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


class Watching(HouseTest):
    def test_changes_come_in_order(self):
        with tacit.watch("watched") as watch:
            tacit.set("a", "1", "watched")
            tacit.set("elsewhere", "1")
            tacit.delete("a", "watched")
            first, second = next(watch), next(watch)
        self.assertEqual((first.kind, first.collection, first.name, first.version),
                         ("set", "watched", "a", 1))
        self.assertEqual((second.kind, second.name), ("deleted", "a"))
        with self.assertRaises(StopIteration):
            next(watch)

    def test_of_some_names(self):
        with tacit.watch("some", ["b"]) as watch:
            tacit.set("a", "1", "some")
            tacit.set("b", "1", "some")
            self.assertEqual(next(watch).name, "b")

    def test_a_lock_ends_it(self):
        with tacit.watch() as watch:
            tacit.lock()
            with self.assertRaises(tacit.LockedError):
                next(watch)
            self.assertEqual(list(watch), [])
            with self.assertRaises(tacit.LockedError):
                tacit.watch()
            tacit.unlock(PASSPHRASE)

    def test_an_interrupt_ends_the_wait(self):
        program = ("import signal, sys, tacit\n"
                   "with tacit.watch() as watch:\n"
                   "    print('ready', flush=True)\n"
                   "    try:\n"
                   "        next(watch)\n"
                   "    except KeyboardInterrupt:\n"
                   "        print('interrupted')\n")
        with subprocess.Popen([PYTHON, "-c", program], stdout=subprocess.PIPE) as process:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.stdout.read(), b"interrupted\n")
        self.assertEqual(process.returncode, 0)

    def test_many_leave_nothing_behind(self):
        before = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            tacit.watch().close()
        self.assertEqual((threading.active_count(), len(os.listdir("/proc/self/fd"))), before)


if __name__ == "__main__":
    run()
