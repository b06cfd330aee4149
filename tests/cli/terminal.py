"""A pseudo-terminal with a process on it, driven by what it prints: no waiting by the clock."""

import os
import pty
import re
import select
import signal
import termios
import time

from scratch import DEADLINE

CTRL_C, CTRL_D, CTRL_U, CTRL_Z = "\x03", "\x04", "\x15", "\x1a"


class Terminal:
    """Runs `argv` as a session leader on a terminal of its own."""

    def __init__(self, scratch, argv):
        self.transcript = ""
        self._seen = 0
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(scratch.work)
                for number in (signal.SIGINT, signal.SIGPIPE):  # Python's own are not inherited
                    signal.signal(number, signal.SIG_DFL)
                os.execvpe(argv[0], argv, scratch.environment)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def _read(self, end):
        ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise AssertionError(f"nothing more was printed after:\n{self.transcript}")
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # EIO: the last process closed the terminal
            piece = b""
        self.transcript += piece.decode(errors="backslashreplace")
        return bool(piece)

    def expect(self, pattern):
        """Reads on until `pattern` (a regular expression) is printed; returns its match."""
        end = time.monotonic() + DEADLINE
        while True:
            match = re.compile(pattern, re.S).search(self.transcript, self._seen)
            if match:
                self._seen = match.end()
                return match
            if not self._read(end):
                raise AssertionError(f"{pattern!r} was never printed:\n{self.transcript}")

    def type(self, text):
        os.write(self.master, text.encode())

    def answer(self, pattern, text):
        self.expect(pattern)
        self.type(text + "\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def wait(self):
        """Reads to the end; returns the exit code, or minus the signal's number."""
        end = time.monotonic() + DEADLINE
        while self._read(end):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def wait_stopped(self):
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            self.pid = 0
            raise AssertionError(f"not stopped:\n{self.transcript}")
        return os.WSTOPSIG(status)
