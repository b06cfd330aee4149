#!/usr/bin/python3
"""The package manager's own dialect, and who gets its token by keyring: its server alone."""

import json
import os
import subprocess
import tempfile
import unittest

import servers
from servers import PACKAGE, USER, Proxy, Trap, faults
from token_house import (
    DEADLINE, DEBIAN_PYTHON, DROPINS, PROGRAMS, SOURCES, Terminal, TokenTest, run,
)

NAME = "ppm.example.com"
ELSEWHERE = (NAME + ".evil.org", "evil.org", "other.example.com")


def has_keyring():
    done = subprocess.run([DEBIAN_PYTHON, "-c", "import keyring"], capture_output=True, check=False)
    return done.returncode == 0


class PackageManagerTest(TokenTest):
    options = {"interval": 1, "prefix": "/ppm"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subject = cls.scratch.path("work", "identity")

    def write_identity(self):
        """What a build server has in a file: of a login of its own."""
        got = []
        self.front.fail_always("poll", faults.edited(
            lambda content: got.append(content["id_token"]) if "id_token" in content else None))
        try:
            self.log_in("ppm")
        finally:
            self.front.fail_always("poll")
        with open(self.subject, "w", encoding="utf-8") as file:
            file.write(f"\n {got[0]} \n")
        self.front.forget()


class Dialect(PackageManagerTest):
    def setUp(self):
        super().setUp()
        self.add_package_manager("ppm", "--replace")

    def test_a_login(self):
        self.log_in("ppm")
        token = self.ok("tacit", "get", "ppm")
        self.assert_live(token)
        self.assertEqual([one.path for one in self.front.log if one.kind in ("device", "exchange")],
                         ["/ppm/__api__/device", "/ppm/__api__/token"])
        self.assertEqual({one.path for one in self.front.requests("poll")},
                         {"/ppm/__api__/device_access"})
        self.assertEqual(self.ok("tacit", "get", "ppm"), token)
        self.assertEqual(self.front.count("exchange"), 1)

    def test_a_slash_at_the_addresss_end_is_not_doubled(self):
        self.ok("tacit", "token", "add", "slash", "--preset", "posit", "--ca-file", self.ca_file,
                "--address", self.front.address + "/")
        self.log_in("slash")
        self.assertEqual([one.path for one in self.front.log if "//" in one.path], [])

    def test_the_environment_says_where_and_who(self):
        self.write_identity()
        self.ok("tacit", "token", "add", "by-environment", "--preset", "posit", "--ca-file",
                self.ca_file, environment={"PACKAGEMANAGER_ADDRESS": self.front.address,
                                           "PACKAGEMANAGER_IDENTITY_TOKEN_FILE": self.subject})
        self.assert_live(self.ok("tacit", "get", "by-environment"))
        self.assertEqual((self.front.count("device"), self.front.count("exchange")), (0, 1))

    def test_an_identity_that_is_gone_or_no_good(self):
        self.write_identity()
        self.add_package_manager("ci", "--replace", "--subject-token-file", self.subject)
        with open(self.subject, encoding="utf-8") as file:
            good = file.read()
        for bad in ("", "no token", "x" * 300_000):
            with open(self.subject, "w", encoding="utf-8") as file:
                file.write(bad)
            self.refused("tacit", "token", "get", "ci", "--renew")
        os.unlink(self.subject)
        self.assertIn(self.subject, self.refused("tacit", "token", "get", "ci", "--renew"))
        with open(self.subject, "w", encoding="utf-8") as file:
            file.write(good)
        self.assert_live(self.renew("ci"))

    def test_without_an_expiry_it_is_tried_out(self):
        self.package_manager.tells_expiry = False
        self.addCleanup(setattr, self.package_manager, "tells_expiry", True)
        self.log_in("ppm")
        token = self.ok("tacit", "get", "ppm")
        checks = self.front.requests("check")
        self.assertTrue(all((one.user, one.password) == (USER, token) for one in checks), checks)
        self.write_identity()
        self.add_package_manager("ci", "--replace", "--subject-token-file", self.subject)
        first = self.ok("tacit", "get", "ci")
        self.front.forget()
        self.front.fail("check", faults.status(401))
        second = self.renew("ci")
        self.assertNotEqual(first, second)
        self.assert_live(second)

    def test_the_file_of_posit_keyring_is_imported(self):
        self.log_in("ppm")
        token = self.ok("tacit", "get", "ppm")
        path = os.path.join(self.scratch.work, "tokens.toml")
        with open(path, "w", encoding="utf-8") as file:
            for address, value in ((self.front.address, token), (f"https://{NAME}", "other")):
                file.write(f'[[connections]]\naddress = "{address}"\ntoken = "{value}"\n'
                           'auth_type = "sso"\n\n')
        self.ok("tacit", "token", "remove", "ppm")
        self.ok("tacit", "token", "add", "--import", path, "--ca-file", self.ca_file)
        got = self.ok("keyring", "get", self.package_manager.index_url, USER,
                      environment={"PATH": f"{self.scratch.keyring_dir}:/usr/bin:/bin"})
        self.assertEqual(got, token + "\n")
        self.assert_nowhere_but(token, path)

    def assert_nowhere_but(self, token, path):
        found = self.run_argv("grep", "-rlF", "-e", token, self.scratch.root)
        self.assertEqual(found.stdout.decode().split(), [path])


class Keyring(TokenTest):
    """The executable and the backend answer for the server's URLs alone."""

    options = {"interval": 1, "origin": f"https://{NAME}", "prefix": "/ppm"}

    # The same server in other words, and others.
    RIGHT = (f"https://{NAME}/ppm", f"https://{NAME}/ppm/", f"https://{NAME}/ppm/pypi/latest/simple/",
             f"https://{NAME}/ppm/upload/pypi/local", f"https://{NAME}:443/ppm/",
             f"https://PPM.Example.COM/ppm/x", f"HTTPS://{NAME}/ppm/x", f"https://{NAME}./ppm/x",
             f"https://{USER}@{NAME}/ppm/x", f"https://{NAME}/a/../ppm/x", f"https://{NAME}/%70pm/x")
    WRONG = (f"https://{NAME}.evil.org/ppm/", f"http://{NAME}/ppm/", f"https://{NAME}:8443/ppm/",
             f"https://{NAME}:444/ppm/", f"https://{NAME}/ppmx/", f"https://{NAME}/", f"https://{NAME}",
             f"https://{NAME}/ppm/../x", f"https://{NAME}/ppm%2fx", f"https://{NAME}/PPM/",
             f"https://evil.org/https://{NAME}/ppm/", f"https://{NAME}@evil.org/ppm/",
             f"https://{NAME}%00.evil.org/ppm/", f"https://{NAME}\\@evil.org/ppm/",
             f"https://x{NAME}/ppm/", f"https://{NAME}:443@evil.org/ppm/", f"ftp://{NAME}/ppm/",
             f"//{NAME}/ppm/", f"https:/{NAME}/ppm/", f"https://{NAME}:x/ppm/", f"https:{NAME}/ppm",
             f"https://{NAME}/ppm/%2e%2e/x", f"https://evil.org#{NAME}/ppm", "", "/", "x")

    @classmethod
    def start_servers(cls, wheels):
        context = cls.authority.server_context(NAME, *ELSEWHERE)
        cls.front = cls.enterClassContext(servers.Front(context, wheels=wheels, **cls.options))
        cls.package_manager = cls.front.package_manager
        cls.trap = cls.enterClassContext(Trap(context))
        cls.plain_trap = cls.enterClassContext(Trap())
        routes = {f"{NAME}:443": cls.front.server.server_port}
        for name in ELSEWHERE:
            routes[f"{name}:443"] = cls.trap.server.server_port
        for port in (444, 8443):
            routes[f"{NAME}:{port}"] = cls.trap.server.server_port
        for name in (NAME, *ELSEWHERE):
            routes[f"{name}:80"] = cls.plain_trap.server.server_port
        cls.proxy = cls.enterClassContext(Proxy(routes))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scratch.environment.update(
            https_proxy=cls.proxy.url, http_proxy=cls.proxy.url, NO_PROXY="", PYTHONPATH=SOURCES,
            PIP_CERT=cls.ca_file, PIP_CONFIG_FILE=os.devnull, PIP_NO_CACHE_DIR="1", PIP_RETRIES="0",
            PIP_DISABLE_PIP_VERSION_CHECK="1", TWINE_CERT=cls.ca_file, TWINE_NON_INTERACTIVE="1",
            PATH=f"{cls.scratch.keyring_dir}:{cls.scratch.environment['PATH']}")
        cls.logged_in = False

    def setUp(self):
        super().setUp()
        if not type(self).logged_in:
            self.add_package_manager("ppm")
            # The user's own way there is the proxy too.
            self.log_in_through_the_proxy()
            type(self).logged_in = True
        self.token = self.ok("tacit", "get", "ppm")

    def log_in_through_the_proxy(self):
        with Terminal(self.scratch, ["tacit", "token", "login", "ppm"]) as terminal:
            address, code = self.place(self.shown_on(terminal))
            page = servers.approve(address, code, self.ca_file, proxy=self.proxy.url)
            self.assertIn("Success", page)
            self.assertEqual(terminal.wait(), 0, terminal.transcript)
        self.assertIn(f"{NAME}:443", self.proxy.asked)

    def get(self, *arguments):
        done = self.run_argv("keyring", *arguments)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout.decode()

    def test_the_executable(self):
        for url in self.RIGHT:
            with self.subTest(url=url):
                self.assertEqual(self.get("get", url, USER), self.token + "\n")
                self.assertEqual(self.get("get", url, "--mode", "creds"), f"{USER}\n{self.token}\n")
                self.assertEqual(self.get("get", url, "ada"), "")
        for url in self.WRONG:
            with self.subTest(url=url):
                self.assertEqual(self.get("get", url, USER), "")
                self.assertEqual(self.get("get", url, "--mode", "creds"), "")

    @unittest.skipUnless(has_keyring(), "there is no python3-keyring")
    def test_the_backends(self):
        program = ("import json, sys, keyring\n"
                   "urls, user = json.load(sys.stdin)\n"
                   "def of(c): return None if c is None else [c.username, c.password]\n"
                   "print(json.dumps([[keyring.get_password(u, user), keyring.get_password(u, 'ada'),\n"
                   "  of(keyring.get_credential(u, None)), of(keyring.get_credential(u, user))]\n"
                   "  for u in urls]))")
        for backend in ("tacit.keyring_backend.Keyring",
                        "posit_keyring.backends.PackageManagerKeyring"):
            done = subprocess.run(
                [DEBIAN_PYTHON, "-c", program], cwd=self.scratch.work, capture_output=True,
                env={**self.scratch.environment, "PYTHON_KEYRING_BACKEND": backend,
                     "PYTHONPATH": f"{SOURCES}:{DROPINS}",
                     "PACKAGEMANAGER_ADDRESS": self.front.address},
                input=json.dumps([self.RIGHT + self.WRONG, USER]).encode(), timeout=DEADLINE,
                check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            answers = dict(zip(self.RIGHT + self.WRONG, json.loads(done.stdout)))
            for url in self.RIGHT:
                with self.subTest(backend=backend, url=url):
                    self.assertEqual(answers[url], [self.token, None, [USER, self.token],
                                                    [USER, self.token]])
            for url in self.WRONG:
                with self.subTest(backend=backend, url=url):
                    self.assertEqual(answers[url], 4 * [None])

    def test_what_is_there_by_itself_cannot_be_set_or_deleted(self):
        url = f"https://{NAME}/ppm/"
        program = ("import keyring, sys\n"
                   "from tacit.keyring_backend import Keyring\n"
                   "for call in (lambda: Keyring().set_password(sys.argv[1], sys.argv[2], 'x'),\n"
                   "             lambda: Keyring().delete_password(sys.argv[1], sys.argv[2])):\n"
                   "    try: call()\n"
                   "    except keyring.errors.KeyringError as error: print(error)\n")
        said = self.ok(DEBIAN_PYTHON, "-c", program, url, USER).splitlines()
        self.assertEqual(len(said), 2)
        for line in said:
            self.assertIn("tacit token remove", line)
        for arguments in (("del", url, USER), ("set", url, USER)):
            self.assertNotEqual(self.run_argv("keyring", *arguments).returncode, 0)
        self.assertEqual(self.get("get", url, USER), self.token + "\n")

    def pip(self, environment, url, *options):
        return self.run_argv(DEBIAN_PYTHON, "-m", "pip", "download", "--no-deps", "--dest",
                             tempfile.mkdtemp(dir=self.scratch.work), "--index-url", url, *options,
                             PACKAGE, environment=environment)

    def test_pip_takes_it_to_its_server_and_to_no_other(self):
        index = f"https://{USER}@{NAME}/ppm/pypi/latest/simple/"
        backend = {"PYTHON_KEYRING_BACKEND": "tacit.keyring_backend.Keyring"}
        for environment in (backend, {"PYTHONPATH": self.hidden_keyring()}):  # by the executable
            before = len(self.package_manager.downloads)
            done = self.pip(environment, index)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(len(self.package_manager.downloads), before + 1)
            self.assertNotIn(self.token.encode(), done.stdout + done.stderr)
            for url in (index.replace(NAME, NAME + ".evil.org"), index.replace(NAME, "evil.org"),
                        index.replace(NAME, NAME + ":8443"), index.replace("https", "http")):
                with self.subTest(url=url):
                    tried = len(self.trap.paths) + len(self.plain_trap.paths)
                    done = self.pip(environment, url, "--trusted-host", NAME)
                    self.assertNotEqual(done.returncode, 0)
                    self.assertGreater(len(self.trap.paths) + len(self.plain_trap.paths), tried)
        given = self.trap.authorizations + self.plain_trap.authorizations
        told = {servers.basic_login(one)[1] for one in given}
        self.assertLessEqual(told, {"", None}, "a look-alike was given a password")

    def hidden_keyring(self):
        modules = tempfile.mkdtemp(dir=self.scratch.work)
        with open(os.path.join(modules, "keyring.py"), "w", encoding="utf-8") as file:
            file.write("raise ImportError('hidden by a test')\n")
        return modules


if __name__ == "__main__":
    run()
