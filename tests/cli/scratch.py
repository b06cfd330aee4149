"""A home of a test's own: scratch XDG folders, and the real daemon in them."""

import argparse
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PASSPHRASE = "correct horse battery staple"
AGENT_MARKER = "TACIT_TEST_AGENT"  # what marks an agent for the daemons of tests
DEADLINE = 60  # seconds; generous, for sanitized builds on busy machines


class Scratch:
    """Use as a context manager: on leaving, its daemon is ended and its files are gone."""

    def __init__(self, tacit, tacitd):
        self.root = tempfile.mkdtemp(prefix="tacit-cli-")
        self.tacitd = os.path.abspath(tacitd)
        self.work = self._folder("work")
        bin_dir = self._folder("bin")
        os.symlink(os.path.abspath(tacit), os.path.join(bin_dir, "tacit"))
        for name in ("user-secrets", "tacit-keyring"):  # as they are installed
            os.symlink("tacit", os.path.join(bin_dir, name))
        self.keyring_dir = os.path.join(self._folder("libexec"), "tacit")
        os.mkdir(self.keyring_dir, 0o700)
        os.symlink("../../bin/tacit", os.path.join(self.keyring_dir, "keyring"))
        self.environment = {
            "HOME": self._folder("home"),
            "XDG_RUNTIME_DIR": self._folder("run"),
            "XDG_CONFIG_HOME": self._folder("config"),
            "XDG_DATA_HOME": self._folder("data"),
            "XDG_STATE_HOME": self._folder("state"),
            "PATH": bin_dir + ":/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "TACIT_AUTOSTART": "0",
            "TACIT_DAEMON": self.tacitd,
        }
        # Sanitizers take their options from here.
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        # As cheap a derivation as is allowed.
        self.write_config("[kdf]\ntarget_ms = 250\n")
        self.daemon = None

    def _folder(self, name):
        path = os.path.join(self.root, name)
        os.mkdir(path, 0o700)
        return path

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write_config(self, text):
        """Who runs the tests may be marked as an agent, which no test means unless it says so."""
        if "agents" not in text:
            text += f'\n[agents]\nmarkers = ["{AGENT_MARKER}"]\n'
        folder = self.path("config", "tacit")
        os.makedirs(folder, 0o700, exist_ok=True)
        with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop_daemon()
        finally:
            self._end_strays()
            shutil.rmtree(self.root, ignore_errors=True)

    def start_daemon(self):
        """Starts tacitd and waits until it says that it serves."""
        reader, writer = os.pipe()
        log = open(self.path("daemon.log"), "ab")
        self.daemon = subprocess.Popen(
            [self.tacitd, "--ready-fd", str(writer)], env=self.environment, pass_fds=[writer],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(writer)
        log.close()
        line = _read_line(reader)
        os.close(reader)
        if line != "ready":
            raise AssertionError(f"tacitd said {line!r}: {self.daemon_log()}")

    def stop_daemon(self):
        """Ends the daemon as a service manager would, and checks that it went cleanly."""
        if self.daemon is None:
            return
        daemon, self.daemon = self.daemon, None
        daemon.terminate()
        code = daemon.wait(DEADLINE)
        if code != 0:
            raise AssertionError(f"tacitd ended with {code}: {self.daemon_log()}")

    def daemon_log(self):
        try:
            with open(self.path("daemon.log"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def _end_strays(self):
        """Ends a daemon that the client started: whoever answers on the socket."""
        path = self.path("run", "tacit", "tacit.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except OSError:
                return
            credentials = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid = struct.unpack("3i", credentials)[0]
        pidfd = os.pidfd_open(pid)
        os.kill(pid, 15)
        ended, _, _ = select.select([pidfd], [], [], DEADLINE)
        os.close(pidfd)
        if not ended:
            os.kill(pid, 9)
            raise AssertionError(f"the daemon {pid} did not end on SIGTERM")

    def make_vault(self):
        """An unlocked vault that PASSPHRASE opens; the passphrase is in the file `pass` too."""
        path = os.path.join(self.work, "pass")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write(PASSPHRASE + "\n")
        self.run("tacit init --passphrase-file pass", check=True)

    def run(self, command, check=False):
        """Runs a shell command without a terminal."""
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.work, env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, check=False,
            start_new_session=True)
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: exit {done.returncode}\n{done.stderr.decode()}"
                                 f"{self.daemon_log()}")
        return done


def run_suites(programs, names=("tacit", "tacitd")):
    """The main of a file of tests: its options name programs, what else it is given unittest's."""
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument("--" + name, required=True)
    options, rest = parser.parse_known_args()
    programs.update(vars(options))
    os.umask(0o077)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)


def _read_line(descriptor):
    end = time.monotonic() + DEADLINE
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0, end - time.monotonic()))
        piece = os.read(descriptor, 4096) if ready else b""
        if not piece:
            break
        line += piece
    return line.decode(errors="replace").rstrip("\n")
