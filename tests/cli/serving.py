"""Web programs that a test starts and asks."""

import os
import select
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from scratch import DEADLINE


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer_of(process, port):
    """What the program serves at /. None: it ended, or never answered."""
    pidfd = os.pidfd_open(process.pid)
    try:
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=DEADLINE) as got:
                    return got.read().decode()
            except urllib.error.HTTPError:
                return None
            except OSError:  # it does not listen yet, and tells nobody when it does
                if select.select([pidfd], [], [], 0.05)[0]:
                    return None
        return None
    finally:
        os.close(pidfd)


def serve_once(scratch, argv, port):
    """Starts a program that serves at the port, asks it, and ends it as a terminal would. Returns
    its answer (None: it gave none) and what it wrote to its outputs."""
    with open(scratch.path("app.log"), "w+b") as log:
        process = subprocess.Popen(
            argv, env=scratch.environment, cwd=scratch.work, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True)
        try:
            answer = answer_of(process, port)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.seek(0)
        return answer, log.read().decode(errors="replace")
