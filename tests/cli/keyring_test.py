#!/usr/bin/python3
"""`keyring` as pip and uv run it: real pips and twine against an index that only Tacit has the
password of, the argument lists of pip and uv as they are, and where nobody answers."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from download_index import DownloadIndex
from scratch import DEADLINE, PASSPHRASE, Scratch, run_suites
from terminal import CTRL_D, Terminal
from upload_index import UploadIndex
from wheel import PACKAGE, WHEEL, make_wheel

PROGRAMS = {}
DEBIAN_PYTHON = "/usr/bin/python3"


def pip_version(python):
    """As numbers, or None where it has no pip."""
    done = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=DEADLINE)
    if done.returncode != 0:
        return None
    return tuple(int(part) for part in done.stdout.split()[1].decode().split(".")[:2]
                 if part.isdigit())


def newer_pip():
    """The first Python in this PATH whose pip has --keyring-provider, which is since 23.1."""
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        for folder in os.environ.get("PATH", "").split(":"):
            python = os.path.join(folder, name)
            if os.access(python, os.X_OK) and (pip_version(python) or (0,)) >= (23, 1):
                return python
    return None


class KeyringTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.environment["PATH"] = (
            f"{self.scratch.keyring_dir}:{self.scratch.environment['PATH']}")
        self.scratch.start_daemon()
        self.scratch.make_vault()

    def run_argv(self, *argv, **options):
        """As pip and uv start it: no shell, standard input is /dev/null unless something comes."""
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(argv, cwd=self.scratch.work, env=self.scratch.environment,
                              capture_output=True, check=False, timeout=DEADLINE,
                              start_new_session=True, **options)

    def store(self, service, username, password):
        done = self.run_argv("keyring", "set", service, username, input=password.encode())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def answer(self, *arguments):
        done = self.run_argv("keyring", *arguments)
        self.assertEqual(done.stderr, b"")
        return done.returncode, done.stdout.decode()


class Arguments(KeyringTest):
    """Exactly what the tools say, and what they make of the answer."""

    URL = "https://index.example.org/simple/"

    def test_pip_before_26_2(self):
        self.store(self.URL, "ada", "s3cret\n")
        self.assertEqual(self.answer("get", self.URL, "ada"), (0, "s3cret\n"))
        self.assertEqual(self.answer("get", "index.example.org", "ada"), (1, ""))

    def test_pip_since_26_2(self):
        self.store(self.URL, "ada", "s3cret \"\\\u00fc\n")
        options = ("--mode=creds", "--output=json", "get")
        for more in ((), ("ada",)):
            code, printed = self.answer(*options, self.URL, *more)
            self.assertEqual(code, 0)
            self.assertEqual(json.loads(printed),
                             {"username": "ada", "password": "s3cret \"\\\u00fc"})
        self.assertEqual(self.answer(*options, "index.example.org"), (1, ""))
        self.assertEqual(self.answer(*options, self.URL, "bob"), (1, ""))

    def test_uv(self):
        self.store("index.example.org:8443", "ada", "s3cret")  # uv adds no newline
        asked = ("https://index.example.org:8443/simple/", "index.example.org:8443",
                 "https://index.example.org:8443")
        self.assertEqual([self.answer("get", one, "ada") for one in asked],
                         [(1, ""), (0, "s3cret\n"), (1, "")])
        self.assertEqual([self.answer("get", one, "--mode", "creds") for one in asked],
                         [(1, ""), (0, "ada\ns3cret\n"), (1, "")])

    def test_none_hangs_and_none_prints_whatever_standard_input_is(self):
        self.store(self.URL, "ada", "s3cret")
        silent, closed = os.pipe()  # never written to, never closed while it runs
        self.addCleanup(os.close, silent)
        self.addCleanup(os.close, closed)
        for stdin in (subprocess.DEVNULL, silent):
            done = self.run_argv("keyring", "get", self.URL, "ada", stdin=stdin)
            self.assertEqual((done.returncode, done.stdout), (0, b"s3cret\n"))
            done = self.run_argv("keyring", "get", "missing", "ada", stdin=stdin)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (1, b"", b""))
        self.run_argv("tacit", "lock")
        for stdin in (subprocess.DEVNULL, silent):
            for arguments in (("get", self.URL, "ada"), ("get", self.URL, "--mode", "creds"),
                              ("del", self.URL, "ada")):
                done = self.run_argv("keyring", *arguments, stdin=stdin)
                self.assertEqual((done.returncode, done.stdout), (1, b""))
                self.assertIn(b"the vault is locked", done.stderr)

    def test_what_can_have_no_name_is_not_there(self):
        for service, username in (("x" * 1100, "ada"), ("x", "y" * 1100), (b"\xff", "ada"),
                                  ("x", b"\xff\xfe")):
            self.assertEqual(self.answer("get", service, username), (1, ""))
            self.assertEqual(self.answer("get", service, username, "--mode", "creds"), (1, ""))
            done = self.run_argv("keyring", "del", service, username)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"there is no password", done.stderr)
            done = self.run_argv("keyring", "set", service, username, input=b"p")
            self.assertEqual(done.returncode, 1)
            self.assertNotEqual(done.stderr, b"")
        self.assertEqual(self.answer("get", b"\xff", "--mode", "creds"), (1, ""))

    def test_a_daemon_that_does_not_answer_is_not_waited_for(self):
        self.store(self.URL, "ada", "s3cret")
        self.scratch.daemon.send_signal(signal.SIGSTOP)
        self.addCleanup(self.scratch.daemon.send_signal, signal.SIGCONT)
        for arguments in (("get", self.URL, "ada"), ("get", self.URL, "--mode", "creds"),
                          ("del", self.URL, "ada")):
            begin = time.monotonic()
            done = self.run_argv("keyring", *arguments)
            self.assertLess(time.monotonic() - begin, 10)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertEqual(done.stderr.count(b"\n"), 1)
            self.assertIn(b"does not answer", done.stderr)

    def test_many_at_once(self):
        writers = [subprocess.Popen(["keyring", "set", f"s{i % 4}", f"u{i}"],
                                    env=self.scratch.environment, stdin=subprocess.PIPE)
                   for i in range(24)]
        for i, writer in enumerate(writers):
            writer.communicate(f"p{i}".encode(), timeout=DEADLINE)
            self.assertEqual(writer.returncode, 0)
        for i in range(24):
            self.assertEqual(self.answer("get", f"s{i % 4}", f"u{i}"), (0, f"p{i}\n"))

    def test_nothing_lies_on_disk_in_plain(self):
        self.store("https://plain.example/", "some-user", "s3cr3t-4-disk")
        found = self.scratch.run("grep -rlE 's3cr3t-4-disk|plain.example|some-user' ..")
        self.assertEqual(found.stdout, b"")


class OnATerminal(KeyringTest):
    def test_set_asks_without_echo_also_for_the_passphrase(self):
        self.run_argv("tacit", "lock")
        with Terminal(self.scratch, ["keyring", "set", "https://h/", "ada"]) as terminal:
            terminal.answer("Passphrase for the vault: ", PASSPHRASE)
            terminal.answer("Password for ada at https://h/: ", "s3cret typed")
            self.assertEqual(terminal.wait(), 0, terminal.transcript)
        self.assertNotIn("s3cret", terminal.transcript)
        self.assertEqual(self.answer("get", "https://h/", "ada"), (0, "s3cret typed\n"))

    def test_leaving_the_question_stores_nothing(self):
        with Terminal(self.scratch, ["keyring", "set", "https://h/", "ada"]) as terminal:
            terminal.expect("Password for ada")
            terminal.type(CTRL_D)
            self.assertEqual(terminal.wait(), 1)
        self.assertEqual(self.answer("get", "https://h/", "ada"), (1, ""))

    def test_asked_for_the_passphrase_the_answer_alone_is_on_standard_output(self):
        self.store("https://h/", "ada", "s3cret")
        self.run_argv("tacit", "lock")
        script = "keyring get https://h/ ada >out; echo code=$?"
        with Terminal(self.scratch, ["sh", "-c", script]) as terminal:
            terminal.answer("Passphrase for the vault: ", PASSPHRASE)
            terminal.expect("code=0")
        with open(os.path.join(self.scratch.work, "out"), "rb") as file:
            self.assertEqual(file.read(), b"s3cret\n")

    def test_a_locked_vault_is_opened_by_the_prompter(self):
        self.store("https://h/", "ada", "s3cret")
        self.run_argv("tacit", "lock")
        with Terminal(self.scratch, ["tacit", "prompter", "--tty", "--no-credential"]) as prompter:
            prompter.expect("registered")
            get = subprocess.Popen(["keyring", "get", "https://h/", "--mode", "creds"],
                                   env=self.scratch.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
            prompter.answer("Passphrase[^\n]*: ?", PASSPHRASE)
            printed, said = get.communicate(timeout=DEADLINE)
        self.assertEqual((get.returncode, printed), (0, b"ada\ns3cret\n"), said)


class Pip(KeyringTest):
    """Downloads from an index that asks for a password which Tacit alone has."""

    def setUp(self):
        super().setUp()
        files = self.scratch.path("work", "files")
        os.mkdir(files)
        make_wheel(os.path.join(files, WHEEL))
        self.index = DownloadIndex(files, PACKAGE, {"ada": "s3cret-index"})
        self.index.__enter__()
        self.addCleanup(self.index.__exit__)
        # Debian's pip would import Debian's keyring: hidden, as in a venv without it.
        modules = self.scratch.path("work", "modules")
        os.mkdir(modules)
        with open(os.path.join(modules, "keyring.py"), "w", encoding="utf-8") as file:
            file.write("raise ImportError('hidden by a test')\n")
        self.scratch.environment.update(
            PYTHONPATH=modules, PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1",
            PIP_NO_CACHE_DIR="1", NO_PROXY="127.0.0.1", PIP_RETRIES="0")

    def download(self, python, user, *options):
        at = f"{user}@" if user else ""
        return self.run_argv(
            python, "-m", "pip", "download", "--no-deps", "--dest", "got", *options,
            "--index-url", self.index.url.replace("://", f"://{at}"), PACKAGE)

    def assert_downloads(self, python, *options):
        done = self.download(python, "ada", *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(os.path.exists(os.path.join(self.scratch.work, "got", WHEEL)))
        self.assertEqual(set(self.index.users), {"ada"})
        self.assertNotIn(b"s3cret-index", done.stdout + done.stderr)

    def assert_refused(self, done):
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse(self.index.users)

    @unittest.skipUnless(pip_version(DEBIAN_PYTHON), "there is no pip of Debian's here")
    def test_of_debian_by_the_url_and_by_the_host(self):
        self.assert_refused(self.download(DEBIAN_PYTHON, "ada"))
        self.store(self.index.host, "ada", "s3cret-index\n")
        self.assert_downloads(DEBIAN_PYTHON)
        shutil.rmtree(os.path.join(self.scratch.work, "got"))
        self.run_argv("keyring", "del", self.index.host, "ada")
        self.store(self.index.url, "ada", "s3cret-index")
        self.assert_downloads(DEBIAN_PYTHON)

    @unittest.skipUnless(pip_version(DEBIAN_PYTHON), "there is no pip of Debian's here")
    def test_of_debian_gets_nothing_of_a_locked_vault_or_of_look_alikes(self):
        port = self.index.host.rpartition(":")[2]
        for service in (f"127.0.0.1:{port[:-1]}", "127.0.0.1", f"https://{self.index.host}/simple/",
                        f"http://{self.index.host}/", f"{self.index.url}{PACKAGE}/"):
            self.store(service, "ada", "s3cret-index")
        self.assert_refused(self.download(DEBIAN_PYTHON, "ada"))
        self.store(self.index.host, "ada", "s3cret-index")
        self.run_argv("tacit", "lock")
        self.assert_refused(self.download(DEBIAN_PYTHON, "ada"))

    def test_newer_with_its_option(self):
        python = newer_pip()
        if python is None:
            self.skipTest("no python3 in PATH has a pip with --keyring-provider (23.1)")
        print("pip", ".".join(map(str, pip_version(python))), end=" ", flush=True)
        options = ("--no-input", "--keyring-provider", "subprocess")
        self.assert_refused(self.download(python, "ada", *options))
        self.store(self.index.host, "ada", "s3cret-index")
        self.assert_downloads(python, *options)
        shutil.rmtree(os.path.join(self.scratch.work, "got"))
        self.run_argv("keyring", "del", self.index.host, "ada")
        self.store(self.index.url, "ada", "s3cret-index")
        self.assert_downloads(python, *options)
        if pip_version(python) >= (26, 2):
            shutil.rmtree(os.path.join(self.scratch.work, "got"))
            done = self.download(python, "", *options)
            self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipUnless(os.path.exists("/usr/bin/twine"), "there is no twine here")
    def test_twine_by_its_environment(self):
        """twine imports the Python keyring and runs none: it is given the password."""
        with UploadIndex("ada", "s3cret-index") as index:
            self.store(index.url, "ada", "s3cret-index")
            del self.scratch.environment["PYTHONPATH"]
            done = self.scratch.run(
                f"TWINE_PASSWORD=$(keyring get {index.url} ada) && export TWINE_PASSWORD && "
                f"PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring TWINE_NON_INTERACTIVE=1 "
                f"TWINE_USERNAME=ada /usr/bin/twine upload --repository-url {index.url} files/{WHEEL}")
            self.assertEqual(index.uploads, [("ada", [WHEEL])], done.stdout + done.stderr)
            self.assertEqual(index.refused, 0)


if __name__ == "__main__":
    run_suites(PROGRAMS)
