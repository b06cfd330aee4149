#!/usr/bin/python3
"""Threads, forked children, spawned ones and servers that fork share the vault without a hitch."""

import asyncio
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from house import DEADLINE, PYTHON, HouseTest, installed, run

import tacit
import tacit.aio


def read(name):
    """What a child of multiprocessing runs."""
    return tacit.get(name).text()


def ends(pid):
    """The exit code of a child; it is killed if it hangs."""
    pidfd = os.pidfd_open(pid)
    try:
        if not select.select([pidfd], [], [], DEADLINE)[0]:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(pidfd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def forked(work):
    """The exit code of a forked child that runs `work`: 0 if that returned."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return ends(pid)


class Threads(HouseTest):
    def test_32_of_them_read_and_write(self):
        failures = []

        def work(index):
            try:
                for turn in range(20):
                    value = f"{index} {turn}"
                    tacit.set(f"of {index}", value)
                    assert tacit.get(f"of {index}").text() == value
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=[index]) for index in range(32)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(tacit.list()), 32)

    def test_one_secret_closed_under_its_readers(self):
        tacit.set("shared", "x" * 10000)
        for _ in range(50):
            secret = tacit.get("shared")

            def reader(secret=secret):
                try:
                    while True:
                        assert secret.text() == "x" * 10000
                except tacit.InvalidArgumentError:
                    return True

            with ThreadPoolExecutor(4) as pool:
                readers = [pool.submit(reader) for _ in range(4)]
                secret.close()
                self.assertTrue(all(one.result() for one in readers))


class Forks(HouseTest):
    def setUp(self):
        tacit.set("token", "value")

    def test_parent_and_child_go_on(self):
        kept = tacit.get("token")

        def child():
            assert kept.text() == "value"
            assert tacit.get("token").text() == "value"
            tacit.set("by child", "1")

        self.assertEqual(forked(child), 0)
        self.assertEqual(tacit.get("token").text(), "value")
        self.assertEqual(tacit.get("by child").text(), "1")

    def test_children_of_a_parent_whose_threads_are_in_the_middle_of_calls(self):
        stop = threading.Event()

        def busy():
            while not stop.is_set():
                tacit.get("token")

        threads = [threading.Thread(target=busy) for _ in range(8)]
        for one in threads:
            one.start()
        try:
            for _ in range(20):
                self.assertEqual(forked(lambda: [tacit.get("token") for _ in range(5)]), 0)
        finally:
            stop.set()
            for one in threads:
                one.join()

    def test_a_watch_is_its_own_processs(self):
        with tacit.watch() as watch:
            def child():
                try:
                    next(watch)
                except tacit.TacitError:
                    watch.close()
                    return
                raise AssertionError("it went on")

            self.assertEqual(forked(child), 0)
            tacit.set("after", "1")
            self.assertEqual(next(watch).name, "after")

    def test_asyncio_in_a_child(self):
        async def both():
            return [one.text() for one in await asyncio.gather(
                tacit.aio.get("token"), tacit.aio.get("token"))]

        self.assertEqual(asyncio.run(both()), ["value", "value"])
        self.assertEqual(forked(lambda: asyncio.run(both())), 0)

    def test_multiprocessing(self):
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with ProcessPoolExecutor(4, mp_context=context) as pool:
                found = list(pool.map(read, ["token"] * 16, timeout=DEADLINE))
            self.assertEqual(found, ["value"] * 16, method)


PREFORK = """
import tacit
tacit.get("token")  # before the fork

def app(environ, respond):
    respond("200 OK", [("Content-Type", "text/plain")])
    return [tacit.get("token").bytes()]
"""


class PreforkServer(HouseTest):
    @unittest.skipUnless(installed("gunicorn"), "there is no gunicorn")
    def test_gunicorn_preloaded(self):
        tacit.set("token", "served")
        with open(os.path.join(self.scratch.work, "prefork.py"), "w", encoding="utf-8") as file:
            file.write(PREFORK)
        with socket.socket() as listener, open(self.scratch.path("server.log"), "wb") as log:
            listener.bind(("127.0.0.1", 0))
            listener.listen(64)
            port = listener.getsockname()[1]
            server = subprocess.Popen(
                [PYTHON, "-m", "gunicorn", "--preload", "--workers", "4", "--bind",
                 f"fd://{listener.fileno()}", "prefork:app"],
                cwd=self.scratch.work, pass_fds=[listener.fileno()], stdout=log, stderr=log)
            try:
                for _ in range(40):  # the socket listens already: they wait for the server
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/",
                                                timeout=DEADLINE) as answer:
                        self.assertEqual(answer.read(), b"served")
            finally:
                server.terminate()
                server.wait(DEADLINE)


class Asyncio(HouseTest):
    def setUp(self):
        tacit.set("token", "value")

    def test_every_call(self):
        async def work():
            async with tacit.aio.AsyncClient() as client:
                self.assertEqual(await client.set("new", "1", attributes={"a": "b"}), 1)
                self.assertEqual((await client.get("new")).text(), "1")
                self.assertEqual((await client.get_item("new")).value.text(), "1")
                self.assertEqual((await client.describe("new")).attributes, {"a": "b"})
                self.assertIn("new", [item.name for item in await client.list()])
                await client.delete("new")
                with self.assertRaises(tacit.NotFoundError):
                    await client.get("new")
                self.assertEqual((await client.status()).vault, "unlocked")

        asyncio.run(work())

    def test_the_loop_goes_on_while_the_daemon_is_silent(self):
        async def work():
            async with tacit.aio.AsyncClient(deadline=DEADLINE) as client:
                await client.get("token")
                self.scratch.daemon.send_signal(signal.SIGSTOP)
                try:
                    waiting = asyncio.ensure_future(client.get("token"))
                    for _ in range(100):
                        await asyncio.sleep(0)
                    self.assertFalse(waiting.done())
                finally:
                    self.scratch.daemon.send_signal(signal.SIGCONT)
                return (await waiting).text()

        self.assertEqual(asyncio.run(work()), "value")

    def test_a_watch_that_is_cancelled_is_gone(self):
        async def work():
            heard = []
            ready = asyncio.Event()

            async def listen():
                async for change in tacit.aio.watch("watched"):
                    if change is None:
                        ready.set()
                    else:
                        heard.append(change.name)

            task = asyncio.ensure_future(listen())
            await ready.wait()
            await tacit.aio.set("a", "1", "watched")
            while not heard:
                await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            return heard

        self.assertEqual(asyncio.run(work()), ["a"])
        end = time.monotonic() + DEADLINE
        while any(one.name == "tacit watch" for one in threading.enumerate()):
            self.assertLess(time.monotonic(), end, "the watch's thread goes on")
            time.sleep(0.01)


if __name__ == "__main__":
    run()
