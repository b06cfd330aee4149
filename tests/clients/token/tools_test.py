#!/usr/bin/python3
"""Real pip and real twine, in the ways in which people have them, against an index that takes live
tokens alone."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from servers import Front, PACKAGE, ROOT, USER, WHEEL, faults, in_thread
from token_house import (
    DEADLINE, DEBIAN_PYTHON, DROPINS, RENEWAL_EXIT, SOURCES, Terminal, TokenTest, helper_of, run,
)

MINUTE = 60
LIFE, MARGIN = 20, 10  # seconds; what is handed out lives so long that a slow tool can use it
LEASE = 45  # that a helper without a sign of life keeps
HIDDEN = "raise ImportError('hidden by a test')\n"


def debian_has(*modules):
    done = subprocess.run([DEBIAN_PYTHON, "-c", "import " + ",".join(modules)],
                          capture_output=True, check=False)
    return done.returncode == 0


@unittest.skipUnless(debian_has("pip", "keyring", "twine", "venv"),
                     "pip, keyring, twine or venv of Debian's Python are not there")
class ToolsTest(TokenTest):
    options = {"interval": 1, "access_token_life": LIFE}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scratch.environment.update(
            PIP_CERT=cls.ca_file, PIP_CONFIG_FILE=os.devnull, PIP_NO_CACHE_DIR="1",
            PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_RETRIES="0", TWINE_CERT=cls.ca_file,
            REQUESTS_CA_BUNDLE=cls.ca_file, TWINE_NON_INTERACTIVE="1",
            PATH=f"{cls.scratch.keyring_dir}:{cls.scratch.environment['PATH']}")
        cls.wheel = os.path.join(cls.package_manager.wheels, WHEEL)
        cls.index = cls.package_manager.index_url.replace("://", f"://{USER}@")

    # Ways to have pip and twine: each is arguments and an environment.

    @property
    def by_backend(self):
        return {"PYTHONPATH": SOURCES, "PYTHON_KEYRING_BACKEND": "tacit.keyring_backend.Keyring"}

    @property
    def by_dropin(self):
        return {"PYTHONPATH": f"{SOURCES}:{DROPINS}",
                "PYTHON_KEYRING_BACKEND": "posit_keyring.backends.PackageManagerKeyring",
                "PACKAGEMANAGER_ADDRESS": self.front.address}

    @property
    def by_executable(self):
        """Debian's pip as in an environment where no Python keyring is."""
        modules = os.path.join(self.scratch.work, "hidden")
        os.makedirs(modules, exist_ok=True)
        with open(os.path.join(modules, "keyring.py"), "w", encoding="utf-8") as file:
            file.write(HIDDEN)
        return {"PYTHONPATH": modules}

    def config(self, name, text):
        path = os.path.join(self.scratch.work, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def pip(self, environment, python=DEBIAN_PYTHON, index=None, options=()):
        """Downloads the package into a folder of its own; what pip said."""
        folder = tempfile.mkdtemp(dir=self.scratch.work)
        if index:
            environment = {**environment, "PIP_INDEX_URL": index}
        done = self.run_argv(python, "-m", "pip", "download", "--no-deps", "--dest", folder, *options,
                             PACKAGE, environment=environment)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        self.assertEqual(os.listdir(folder), [WHEEL])
        shutil.rmtree(folder)
        return (done.stdout + done.stderr).decode()

    def twine(self, environment, *options, python=DEBIAN_PYTHON):
        done = self.run_argv(python, "-m", "twine", "upload", *options, self.wheel,
                             environment=environment)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr).decode())
        return (done.stdout + done.stderr).decode()

    def venv(self, *options):
        folder = os.path.join(self.scratch.work, "venv" + "".join(options))
        if not os.path.isdir(folder):
            self.ok(DEBIAN_PYTHON, "-m", "venv", *options, folder)
        return os.path.join(folder, "bin/python")

    @property
    def venv_with_dropin(self):
        """One that has Debian's keyring and twine, and our packages by `pip install`."""
        python = self.venv("--system-site-packages")
        for package in ("client/python", "client/python/dropins"):
            copy = os.path.join(tempfile.mkdtemp(dir=self.scratch.work), "python")
            shutil.copytree(os.path.join(ROOT, "client/python"), copy)
            self.ok(python, "-m", "pip", "install", "--no-deps", "--no-index", "--ignore-installed",
                    copy + package.removeprefix("client/python"))
        return python

    def identity(self):
        """The path of a file with an identity, as a build server has one."""
        got = []
        self.add_package_manager("first", "--replace")
        self.front.fail_always("poll", faults.edited(
            lambda content: got.append(content["id_token"]) if "id_token" in content else None))
        try:
            self.log_in("first")
        finally:
            self.front.fail_always("poll")
        self.ok("tacit", "token", "remove", "first")
        self.front.forget()
        return self.config("identity", got[0])


class Ways(ToolsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ready = False

    def setUp(self):
        super().setUp()
        if not type(self).ready:
            self.add_package_manager("ppm", "--margin", f"{MARGIN}s",
                                     "--subject-token-file", self.identity())
            type(self).ready = True
        self.downloads = len(self.package_manager.downloads)
        self.uploads = len(self.package_manager.uploads)
        self.package_manager.refused = 0

    def assert_done(self, downloads=0, uploads=0):
        self.assertEqual(len(self.package_manager.downloads) - self.downloads, downloads)
        self.assertEqual(len(self.package_manager.uploads) - self.uploads, uploads)
        self.assertEqual(self.package_manager.refused, 0)
        self.assertLessEqual(self.front.count("exchange"), 2)
        self.assertEqual(self.front.count("device"), 0)

    def test_pip_by_its_environment(self):
        self.pip(self.by_backend, index=self.index)
        self.pip(self.by_executable, index=self.index)
        self.assert_done(downloads=2)

    def test_pip_by_its_file(self):
        path = self.config("pip.conf", f"[global]\nindex-url = {self.index}\n")
        self.pip({**self.by_backend, "PIP_CONFIG_FILE": path})
        self.pip({**self.by_executable, "PIP_CONFIG_FILE": path})
        self.assert_done(downloads=2)

    def test_pip_without_a_username(self):
        self.pip(self.by_backend, index=self.package_manager.index_url)
        self.assert_done(downloads=1)

    def test_pip_in_a_plain_environment(self):
        python = self.venv()
        self.pip({}, python, index=self.index)
        self.ok(python, "-m", "pip", "install", "--no-deps", PACKAGE,
                environment={"PIP_INDEX_URL": self.index})
        self.ok(python, "-c", "import tacit_test_nothing")
        self.assert_done(downloads=2)

    def test_twine_by_its_environment(self):
        where = {"TWINE_REPOSITORY_URL": self.package_manager.upload_url}
        self.twine({**self.by_backend, **where, "TWINE_USERNAME": USER})
        self.twine({**self.by_backend, **where})
        self.assert_done(uploads=2)

    def test_twine_by_its_file(self):
        path = self.config("pypirc", "[distutils]\nindex-servers =\n    package-manager\n\n"
                           f"[package-manager]\nrepository = {self.package_manager.upload_url}\n"
                           f"username = {USER}\n")
        self.twine(self.by_backend, "--config-file", path, "-r", "package-manager")
        self.twine(self.by_dropin, "--config-file", path, "-r", "package-manager")
        self.assert_done(uploads=2)

    def test_the_dropin_installed_in_an_environment(self):
        python = self.venv_with_dropin
        environment = {name: value for name, value in self.by_dropin.items() if name != "PYTHONPATH"}
        self.pip(environment, python, index=self.index)
        self.twine({**environment, "TWINE_REPOSITORY_URL": self.package_manager.upload_url,
                    "TWINE_USERNAME": USER}, python=python)
        self.assert_done(downloads=1, uploads=1)


class FirstUse(ToolsTest):
    """Somebody who has posit-keyring's settings and has told Tacit nothing."""

    def tearDown(self):
        super().tearDown()
        self.ok("tacit", "token", "remove", self.front.address.partition("://")[2])

    def test_the_address_alone_is_enough(self):
        environment = {**self.by_dropin, "PIP_INDEX_URL": self.index}
        argv = [DEBIAN_PYTHON, "-m", "pip", "download", "--no-deps", "--dest", "got", PACKAGE]
        done = self.run_argv(*argv, environment=environment)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"tacit token login", done.stderr)
        self.assertEqual(self.front.count("device"), 0, "nobody was there to log in")
        self.scratch.environment.update(environment)
        for name in environment:
            self.addCleanup(self.scratch.environment.pop, name, None)
        with Terminal(self.scratch, ["sh", "-c", f"{' '.join(argv)} >printed; echo code=$?"]) as terminal:
            self.approve(self.shown_on(terminal))
            terminal.expect("code=0")
        self.assertEqual(os.listdir(os.path.join(self.scratch.work, "got")), [WHEEL])
        with open(os.path.join(self.scratch.work, "printed"), encoding="utf-8") as file:
            self.assertNotIn("/device", file.read())

    def test_with_an_identity_nobody_is_asked(self):
        path = self.identity()
        environment = {**self.by_dropin, "PACKAGEMANAGER_IDENTITY_TOKEN_FILE": path}
        workers = [in_thread(lambda: self.pip(environment, index=self.index)) for _ in range(4)]
        for worker in workers:
            worker.result(DEADLINE)
        self.assertEqual((self.front.count("device"), self.front.count("exchange")), (0, 1))


class AMinute(ToolsTest):
    """Tools in parallel, and a token that has run out three times before they are done. What takes
    as long without working, servers that say nothing, goes on meanwhile."""

    def test_pips_and_twines_with_a_token_of_twenty_seconds(self):
        self.add_package_manager("ppm", "--margin", f"{MARGIN}s",
                                 "--subject-token-file", self.identity())
        self.add("refreshed", "--margin", f"{MARGIN}s")
        self.log_in("refreshed")
        self.front.forget()
        self.package_manager.refused = 0
        upload = {"TWINE_REPOSITORY_URL": self.package_manager.upload_url}
        plain = self.venv()
        ways = [
            lambda: self.pip(self.by_backend, index=self.index),
            lambda: self.pip(self.by_executable, index=self.index),
            lambda: self.pip({}, plain, index=self.index),
            lambda: self.pip(self.by_dropin, index=self.index),
            lambda: self.twine({**self.by_backend, **upload}),
            lambda: self.twine({**self.by_dropin, **upload, "TWINE_USERNAME": USER}),
            lambda: self.ok("tacit", "run", "-e", "TWINE_PASSWORD=refreshed", "--", DEBIAN_PYTHON,
                            "-m", "twine", "upload", "-u", USER, self.wheel, environment=upload),
        ]
        end = time.monotonic() + MINUTE
        rounds = []

        def work(number):
            while time.monotonic() < end:
                ways[number % len(ways)]()
                rounds.append(number)
                number += 1

        beside = [in_thread(self.silences), in_thread(self.a_stuck_helper)]
        workers = [in_thread(work, number) for number in (0, 2, 4, 6)]
        for worker in workers:
            worker.result(MINUTE + DEADLINE)
        for one in beside:
            one.result(LEASE + DEADLINE)
        self.assertGreater(len(rounds), 2 * len(ways))
        self.assertEqual(self.package_manager.refused, 0, "a tool was given a dead token")
        most = (MINUTE + DEADLINE / 2) / (LIFE - MARGIN) + 1
        for kind in ("exchange", "refresh"):
            self.assertGreaterEqual(self.front.count(kind), 3)
            self.assertLessEqual(self.front.count(kind), most)
        sent = [one.form["refresh_token"] for one in self.front.requests("refresh")]
        self.assertEqual(len(sent), len(set(sent)), "a refresh token was used twice")
        print(f"{len(rounds)} runs of tools, {self.front.count('exchange')} exchanges, "
              f"{self.front.count('refresh')} refreshes", end=" ", flush=True)

    def silences(self):
        """Servers that take the connection and say nothing, or half of an answer."""
        with Front(self.tls) as silent:
            for name in ("mute", "half"):
                self.add(name, front=silent)
            begin = time.monotonic()
            silent.fail("device", faults.silent, faults.stalled_answer)
            for name in ("mute", "half"):
                with Terminal(self.scratch, ["tacit", "token", "login", name]) as terminal:
                    self.assertNotEqual(terminal.wait(), 0)
                self.assertLess(time.monotonic() - begin, 50)
                begin = time.monotonic()

    def a_stuck_helper(self):
        """It loses the lease, and nobody uses its refresh token again."""
        with Front(self.tls) as slow:
            self.add("stuck", front=slow)
            slow.fail_always("poll", faults.edited(lambda content: (
                content.update(expires_in=1) if "access_token" in content else None)))
            with Terminal(self.scratch, ["tacit", "token", "login", "stuck"]) as terminal:
                self.approve(self.shown_on(terminal, slow), front=slow)
                self.assertEqual(terminal.wait(), 0, terminal.transcript)
            self.wait_until("stuck", "state", "expired")
            held = faults.Held()
            slow.fail("refresh", held)
            first = self.start("tacit", "get", "stuck")
            self.assertTrue(held.reached.wait(DEADLINE))
            helper = helper_of(first)
            os.kill(helper, signal.SIGSTOP)
            held.let_go.set()
            begin = time.monotonic()
            self.refused("tacit", "get", "stuck", deadline=2 * LEASE)
            self.assertGreater(time.monotonic() - begin, LEASE / 2)
            os.kill(helper, signal.SIGCONT)
            first.communicate(timeout=DEADLINE)
            # Its answer was there all along. Whether it still took it, after so long, is its affair.
            done = self.run_argv("tacit", "get", "stuck")
            self.assertIn(done.returncode, (0, RENEWAL_EXIT))
            if done.returncode == 0:
                self.assertIsNotNone(slow.live(done.stdout.decode()))
            self.assertEqual(slow.count("refresh"), 1)


if __name__ == "__main__":
    run()
