#!/usr/bin/python3
"""The agent for launchd, as it is installed: a property list that says what launchd.plist(5) asks for."""

import pathlib
import plistlib
import stat
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "launchd/tacitd.plist.in"
ACTIVATION = ROOT / "daemon/os/activation_macos.cpp"


class Agent(unittest.TestCase):
    def setUp(self):
        self.agent = plistlib.loads(TEMPLATE.read_bytes().replace(b"@bindir@", b"/opt/tacit/bin"))

    def test_runs_the_daemon_by_its_whole_path(self):
        self.assertEqual(self.agent["Label"], "tacitd")
        self.assertEqual(self.agent["ProgramArguments"], ["/opt/tacit/bin/tacitd"])
        # Started by the first that asks, and not kept alive: an ended daemon is a locked vault.
        self.assertFalse({"RunAtLoad", "KeepAlive"} & self.agent.keys())

    def test_listens_for_the_user_alone_where_clients_look(self):
        (name, listener), = self.agent["Sockets"].items()
        self.assertEqual(listener["SecureSocketWithKey"], "TACIT_SOCKET")
        self.assertEqual(listener["SockPathMode"], stat.S_IRUSR | stat.S_IWUSR)
        self.assertIn(f'kName[] = "{name}"', ACTIVATION.read_text(encoding="utf-8"))

    def test_keeps_files_and_cores_from_others(self):
        self.assertEqual(self.agent["Umask"], 0o077)
        for kind in ("SoftResourceLimits", "HardResourceLimits"):
            self.assertEqual(self.agent[kind]["Core"], 0)

    def test_says_nothing_else(self):
        self.assertEqual(set(self.agent), {"Label", "ProgramArguments", "Sockets", "Umask", "ProcessType",
                                           "SoftResourceLimits", "HardResourceLimits"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
