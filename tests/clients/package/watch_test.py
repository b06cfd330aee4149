#!/usr/bin/python3
"""`tacit.watch`: changes in order, and every way in which a watch ends."""

import os
import signal
import subprocess
import threading

from house import PASSPHRASE, PYTHON, HouseTest, run

import tacit


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

    def test_a_daemon_that_dies_ends_it(self):
        with tacit.watch() as watch:
            self.scratch.daemon.kill()
            self.scratch.daemon.wait()
            try:
                with self.assertRaisesRegex(tacit.NoDaemonError, "went away"):
                    next(watch)
            finally:
                self.scratch.start_daemon()
                tacit.unlock(PASSPHRASE)

    def test_an_interrupt_ends_the_wait(self):
        program = ("import signal, sys, tacit\n"
                   "with tacit.watch() as watch:\n"
                   "    try:\n"
                   "        print('ready', flush=True)\n"
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
