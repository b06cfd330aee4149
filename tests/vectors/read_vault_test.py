#!/usr/bin/python3
"""The golden vaults, read by read_vault.py: a second reader made from FORMAT.md alone."""
import base64, json, pathlib, shutil, sqlite3, subprocess, sys, tempfile, unittest

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = sorted(HERE.glob("golden-*"))


def read(folder, option, secret):
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret)
        file.flush()
        return subprocess.run([sys.executable, HERE / "read_vault.py", folder / "vault", option,
                               file.name], capture_output=True, text=True, timeout=60)


def expected_items(golden):
    """What read_vault.py should print, without what the expectations leave open."""
    for item in json.loads((golden / "expected.json").read_text())["items"]:
        for version in item["versions"]:
            value = bytes.fromhex(version.pop("value_hex"))
            if not version["deleted"]:
                version["value"] = base64.b64encode(value).decode()
        yield item


class GoldenVaults(unittest.TestCase):
    maxDiff = None

    def check(self, golden, option, secret):
        ran = read(golden, option, secret)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        found = {(i["collection"], i["name"]): i for i in json.loads(ran.stdout)}
        wanted = {(i["collection"], i["name"]): i for i in expected_items(golden)}
        self.assertEqual(found.keys(), wanted.keys())
        for key, item in wanted.items():
            self.assertEqual(found[key]["live"], item["live"], key)
            for got, want in zip(found[key]["versions"], item["versions"], strict=True):
                self.assertEqual({field: got.get(field) for field in want}, want, key)

    def test_every_slot_opens_every_golden_vault(self):
        self.assertTrue(GOLDEN)
        for golden in GOLDEN:
            known = json.loads((golden / "expected.json").read_text())
            for option, secret in (("--passphrase-file", known["passphrase"].encode() + b"\n"),
                                   ("--recovery-key-file", known["recovery_key"].encode()),
                                   ("--key-file", (golden / "key-file").read_bytes())):
                with self.subTest(golden=golden.name, option=option):
                    self.check(golden, option, secret)

    def test_a_wrong_key_file_opens_nothing(self):
        ran = read(GOLDEN[0], "--key-file", bytes(64))
        self.assertEqual((ran.returncode, ran.stdout), (1, ""))
        self.assertIn("no slot opens", ran.stderr)

    def test_a_row_taken_away_is_noticed(self):
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch) / "golden"
            shutil.copytree(GOLDEN[0], copy)
            name = (copy / "vault" / "CURRENT").read_text().strip()
            with sqlite3.connect(copy / "vault" / name) as database:
                database.execute("DELETE FROM attribute "
                                 "WHERE tag = (SELECT tag FROM attribute LIMIT 1)")
            database.close()
            ran = read(copy, "--key-file", (copy / "key-file").read_bytes())
            self.assertEqual((ran.returncode, ran.stdout), (1, ""))
            self.assertIn("rows of attribute were changed", ran.stderr)


if __name__ == "__main__":
    unittest.main()
