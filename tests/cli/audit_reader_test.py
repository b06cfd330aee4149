#!/usr/bin/python3
"""The audit log that the daemon writes, read by the second reader, which knows FORMAT.md alone."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

from scratch import Scratch

READER = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "read_vault.py"


class AuditLog(unittest.TestCase):
    programs = []

    def test_every_record_is_as_the_format_says(self):
        with Scratch(*self.programs) as scratch:
            scratch.start_daemon()
            scratch.make_vault()
            scratch.run("printf v | tacit set mail; tacit get mail; tacit get mail; tacit lock; "
                        "tacit unlock --passphrase-file pass; tacit policy set mail ask; "
                        "tacit -c work policy set confirm; "
                        "tacit policy set mail open --passphrase-file pass", check=True)
            shown = scratch.run("tacit audit --json", check=True).stdout.decode()
            shown = [json.loads(line) for line in shown.splitlines()]
            scratch.stop_daemon()
            ran = subprocess.run(
                [sys.executable, READER, scratch.path("data", "tacit", "vault"), "--audit",
                 "--passphrase-file", os.path.join(scratch.work, "pass")],
                capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            read = json.loads(ran.stdout)
        self.assertGreater(len(read), len(shown) - 1)
        for mine, theirs in zip(read, shown):
            for field in ("sequence", "count", "rule", "event", "collection", "name", "method",
                          "change"):
                self.assertEqual(mine.get(field) or None, theirs.get(field), field)
        self.assertTrue(any(record.get("name") == "mail" and record["verb"] == 2
                            for record in read))
        changes = [(record["collection"], record["name"], record["change"])
                   for record in read if record.get("change")]
        self.assertEqual(changes, [
            ("default", "mail", "read: open -> ask; write: open -> ask"),
            ("work", "", "read: open -> confirm; write: open -> confirm"),
            ("default", "mail", "read: ask -> open; write: ask -> open")])
        self.assertIn("locked: the daemon stops", [record["event"] for record in read])


if __name__ == "__main__":
    AuditLog.programs = [sys.argv[sys.argv.index(option) + 1] for option in ("--tacit", "--tacitd")]
    unittest.main(argv=sys.argv[:1])
