#!/usr/bin/python3
"""`import tacit`: what it gives, and how a secret hides itself."""

import copy
import pickle
import subprocess
import time
import traceback

from house import PYTHON, HouseTest, run

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


if __name__ == "__main__":
    run()
