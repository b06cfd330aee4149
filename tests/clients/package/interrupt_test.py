#!/usr/bin/python3
"""Ctrl-C ends whatever waits for the daemon, and other signals end nothing."""

import os
import signal
import subprocess
import time

from house import PYTHON, HouseTest, run

import tacit

# Says that it is ready when no thread of a call before is left: another one is then the next call's.
PROGRAM = """
import os, signal, sys, tacit, time
{before}
tacit.status()
client = tacit.Client(deadline=60)
while len(os.listdir('/proc/self/task')) > 1:
    time.sleep(0.01)
print('ready', flush=True)
sys.stdin.readline()
try:
    {call}
except KeyboardInterrupt:
    print('interrupted', flush=True)
sys.stdin.readline()
{after}
"""


class Interrupts(HouseTest):
    def setUp(self):
        tacit.set("there", "1")

    def program(self, call, before="", after=""):
        process = subprocess.Popen(
            [PYTHON, "-c", PROGRAM.format(call=call, before=before, after=after)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.__exit__, None, None, None)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def go_on(self, process):
        process.stdin.write(b"\n")
        process.stdin.flush()

    def waits(self, process):
        """Returns when its main thread waits while another one is in a call."""
        tasks = f"/proc/{process.pid}/task"
        while len(os.listdir(tasks)) < 2:
            self.assertIsNone(process.poll())
            time.sleep(0.01)

    def stop_daemon_for_now(self):
        daemon = self.scratch.daemon
        daemon.send_signal(signal.SIGSTOP)
        self.addCleanup(daemon.send_signal, signal.SIGCONT)
        return daemon

    def test_ends_a_call_that_waits(self):
        for call in ("client.get('there')", "client.set('there', '2')", "client.list()",
                     "tacit.get_or_ask('absent')"):
            with self.subTest(call):
                process = self.program(call, after="print(client.get('there').text())")
                daemon = self.stop_daemon_for_now()
                self.go_on(process)
                self.waits(process)
                begin = time.monotonic()
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.stdout.readline(), b"interrupted\n")
                self.assertLess(time.monotonic() - begin, 20)  # of sixty
                # And the client can be used on.
                daemon.send_signal(signal.SIGCONT)
                self.go_on(process)
                self.assertIn(process.stdout.readline(), (b"1\n", b"2\n"))
                self.assertEqual(process.wait(), 0)

    def test_a_handler_that_raises_nothing_leaves_the_call(self):
        process = self.program(
            "print(client.get('there').text(), seen, flush=True)",
            before="seen = []\nsignal.signal(signal.SIGUSR1, lambda *_: (seen.append(1), "
                   "print('seen', flush=True)))")
        daemon = self.stop_daemon_for_now()
        self.go_on(process)
        self.waits(process)
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.stdout.readline(), b"seen\n")
        daemon.send_signal(signal.SIGCONT)
        self.assertRegex(process.stdout.readline().decode(), r"[12] \[1\]")
        self.go_on(process)
        self.assertEqual(process.wait(), 0)

    def test_a_child_is_not_stopped_with_its_parent(self):
        """What stops the parent's calls is a pipe, which a fork would share."""
        client = tacit.Client()
        client.get("there")
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(writer)
            os.read(reader, 1)
            try:
                os._exit(0 if client.get("there").size == 1 else 1)
            finally:
                os._exit(2)
        os.close(reader)
        for slot in client._pool._slots:
            tacit._native.library().stopper_stop(slot.stopper)
        with self.assertRaises(tacit.CancelledError):
            client.get("there")
        os.close(writer)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


if __name__ == "__main__":
    run()
