#!/usr/bin/python3
"""The servers that tokens are tested with, asked by nobody of ours: they have to be right too."""

import base64
import hashlib
import http.client
import json
import os
import ssl
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import servers
from servers import (
    DEVICE_GRANT, EXCHANGE_GRANT, TOKEN_TYPE, USER, Authority, Browser, Front, Proxy, Trap, approve,
    basic_auth, faults,
)


def setUpModule():
    missing = servers.missing()
    if missing:
        raise unittest.SkipTest(missing)


VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class ServersTest(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.authority = Authority(cls.folder)
        cls.tls = cls.authority.server_context()
        wheels = os.path.join(cls.folder, "wheels")
        os.mkdir(wheels)
        servers.make_wheel(os.path.join(wheels, servers.WHEEL))
        cls.front = cls.enterClassContext(Front(cls.tls, wheels=wheels, **cls.options))
        cls.client = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cls.authority.file)))

    def tearDown(self):
        self.assertEqual(self.front.violations, [])
        self.assertEqual(self.front.codes.early, [])

    def ask(self, path, form=None, login=None, timeout=30):
        """Status and content of an answer."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        request = urllib.request.Request(self.front.origin + path, data)
        if login:
            request.add_header("Authorization", basic_auth(*login))
        try:
            with self.client.open(request, timeout=timeout) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, body = refused.code, refused.read()
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body

    def ok(self, path, form=None, login=None):
        status, content = self.ask(path, form, login)
        self.assertEqual(status, 200, content)
        return content

    def device(self, **more):
        return self.ok("/device/auth", {"client_id": "public", "scope": "openid", **more})

    def poll(self, code, **more):
        return self.ask("/token", {"grant_type": DEVICE_GRANT, "client_id": "public",
                                   "device_code": code["device_code"], **more})

    def approve(self, code):
        text = approve(code["verification_uri"], code["user_code"], self.authority.file)
        self.assertIn("Success", text)

    def log_in(self, **more):
        code = self.device(**more)
        self.approve(code)
        self.front.codes.early.clear()
        time.sleep(code["interval"])
        status, content = self.poll(code)
        self.assertEqual(status, 200, content)
        return content

    def refresh(self, token):
        return self.ask("/token", {"grant_type": "refresh_token", "client_id": "public",
                                   "refresh_token": token})


class Standard(ServersTest):
    options = {"interval": 0.3, "access_token_life": 2}

    def test_discovery_names_the_front(self):
        found = self.ok("/.well-known/openid-configuration")
        self.assertEqual(found["issuer"], self.front.origin)
        for name in ("device_authorization_endpoint", "token_endpoint", "revocation_endpoint"):
            self.assertTrue(found[name].startswith(self.front.origin + "/"), found)

    def test_a_login_refreshes_that_rotate_and_a_reuse_that_ends_all(self):
        first = self.log_in(scope="openid offline_access")
        self.assertIsNotNone(self.front.live(first["access_token"]))
        status, second = self.refresh(first["refresh_token"])
        self.assertEqual(status, 200, second)
        self.assertNotEqual(first["refresh_token"], second["refresh_token"])
        self.assertEqual(second["expires_in"], 2)
        status, refused = self.refresh(first["refresh_token"])
        self.assertEqual((status, refused["error"]), (400, "invalid_grant"))
        self.assertIsNone(self.front.live(second["access_token"]))
        status, refused = self.refresh(second["refresh_token"])
        self.assertEqual((status, refused["error"]), (400, "invalid_grant"))

    def test_an_access_token_runs_out(self):
        token = self.log_in()["access_token"]
        end = time.monotonic() + 30
        while self.front.live(token) and time.monotonic() < end:
            time.sleep(0.2)
        self.assertIsNone(self.front.live(token))

    def test_a_revoked_token_is_dead(self):
        got = self.log_in()
        self.ok("/token/revocation", {"client_id": "public", "token": got["refresh_token"],
                                      "token_type_hint": "refresh_token"})
        self.assertEqual(self.refresh(got["refresh_token"])[0], 400)
        self.assertIsNone(self.front.live(got["access_token"]))

    def test_pending_denied_and_unknown(self):
        code = self.device()
        time.sleep(0.3)
        self.assertEqual(self.poll(code), (400, {
            "error": "authorization_pending",
            "error_description": "authorization request is still pending as the end-user hasn't yet "
                                 "completed the user interaction steps"}))
        text = approve(code["verification_uri_complete"], None, self.authority.file, agree=False)
        self.assertIn("interrupted", text)
        time.sleep(0.3)
        self.assertEqual(self.poll(code)[1]["error"], "access_denied")

    def test_an_early_poll_is_told_to_slow_down(self):
        code = self.device()
        self.assertEqual(self.poll(code), (400, {"error": "slow_down"}))
        self.assertEqual(len(self.front.codes.early), 1)
        self.front.codes.early.clear()

    def test_without_the_verifier_there_is_no_token(self):
        code = self.device(code_challenge=CHALLENGE, code_challenge_method="S256")
        self.approve(code)
        time.sleep(0.3)
        for wrong in ({}, {"code_verifier": "w" * 43}, {"code_verifier": CHALLENGE}):
            self.assertEqual(self.poll(code, **wrong), (400, {"error": "invalid_grant"}))
        self.assertEqual(self.front.codes.unproven, 3)
        self.front.codes.unproven = 0
        time.sleep(0.3)
        self.assertEqual(self.poll(code, code_verifier=VERIFIER)[0], 200)

    def test_clients_with_a_secret(self):
        login = tuple(urllib.parse.quote_plus(part)
                      for part in ("basic", self.front.provider.secrets["basic"]))
        begun = {"client_id": "basic", "scope": "openid"}
        self.ok("/device/auth", begun, login)
        self.assertEqual(self.ask("/device/auth", begun)[0], 401)
        self.assertEqual(self.ask("/device/auth", begun, ("basic", "wrong"))[0], 401)
        begun = {"client_id": "post", "scope": "openid"}
        self.ok("/device/auth", {**begun, "client_secret": self.front.provider.secrets["post"]})
        self.assertEqual(self.ask("/device/auth", begun)[0], 401)

    def test_an_exchange_takes_its_own_clients_tokens_alone(self):
        got = self.log_in()
        form = {"grant_type": EXCHANGE_GRANT, "subject_token": got["id_token"],
                "subject_token_type": f"{TOKEN_TYPE}:id_token"}
        second = self.ok("/token", {**form, "client_id": "public"})
        self.assertIsNotNone(self.front.live(second["access_token"]))
        self.assertNotEqual(second["access_token"], got["access_token"])
        status, refused = self.ask("/token", {**form, "client_id": "post",
                                              "client_secret": self.front.provider.secrets["post"]})
        self.assertEqual((status, refused["error"]), (400, "invalid_grant"))
        form["subject_token"] = got["id_token"][:-8] + "AAAAAAAA"
        self.assertEqual(self.ask("/token", {**form, "client_id": "public"})[1]["error"],
                         "invalid_grant")


class PackageManager(ServersTest):
    options = {"interval": 0.3, "access_token_life": 2, "prefix": "/ppm"}
    API = "/ppm/__api__"

    def begin(self):
        return self.ok(f"{self.API}/device", {"code_challenge_method": "S256",
                                              "code_challenge": CHALLENGE})

    def identity(self):
        code = self.begin()
        self.approve(code)
        time.sleep(0.3)
        status, content = self.ask(f"{self.API}/device_access", {
            "device_code": code["device_code"], "code_verifier": VERIFIER})
        self.assertEqual(status, 200, content)
        self.assertEqual(list(content), ["id_token"])
        return content["id_token"]

    def exchange(self, identity):
        return self.ask(f"{self.API}/token", {
            "grant_type": EXCHANGE_GRANT, "subject_token": identity,
            "subject_token_type": f"{TOKEN_TYPE}:id_token"})

    def test_its_index_takes_live_tokens_alone(self):
        status, got = self.exchange(self.identity())
        self.assertEqual((status, got["expires_in"]), (200, 2))
        page = f"/ppm/pypi/latest/simple/{servers.PACKAGE}/"
        self.assertIn(servers.WHEEL.encode(), self.ok(page, login=(USER, got["access_token"])))
        self.ok("/ppm", login=(USER, got["access_token"]))
        for login in (None, (USER, "x"), ("ada", got["access_token"])):
            self.assertEqual(self.ask(page, login=login)[0], 401)
            self.assertEqual(self.ask("/ppm", login=login)[0], 401)
        self.assertEqual(self.front.package_manager.refused, 2)
        end = time.monotonic() + 30
        while self.ask(page, login=(USER, got["access_token"]))[0] == 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.2)

    def test_who_knows_too_much_or_too_little_is_refused(self):
        for form in ({}, {"code_challenge_method": "plain", "code_challenge": CHALLENGE},
                     {"code_challenge_method": "S256", "code_challenge": "short"}):
            self.assertEqual(self.ask(f"{self.API}/device", form)[0], 400)
        self.ask(f"{self.API}/device", {"code_challenge_method": "S256", "scope": "x",
                                        "code_challenge": CHALLENGE, "client_id": "public"})
        self.assertEqual(len(self.front.violations), 5)
        self.front.violations.clear()
        self.assertEqual(self.exchange("x")[1]["error"], "invalid_grant")
        self.assertEqual(self.ask("/ppm//__api__/device", {})[0], 404)

    def test_without_an_expiry(self):
        self.front.package_manager.tells_expiry = False
        self.addCleanup(setattr, self.front.package_manager, "tells_expiry", True)
        self.assertNotIn("expires_in", self.exchange(self.identity())[1])


class Faults(ServersTest):
    PATH = "/.well-known/openid-configuration"

    def test_each_is_met_once_and_in_turn(self):
        self.front.forget()
        self.front.fail("discovery", faults.status(503), faults.error("slow_down"))
        self.assertEqual(self.ask(self.PATH)[0], 503)
        self.assertEqual(self.ask(self.PATH), (400, {"error": "slow_down"}))
        self.assertEqual(self.ask(self.PATH)[0], 200)
        self.assertEqual([one.status for one in self.front.requests("discovery")], [503, 400, 200])

    def test_no_answer(self):
        for fault in (faults.unheard, faults.lost_answer):
            self.front.fail("discovery", fault)
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
                self.ask(self.PATH)
        self.front.fail("discovery", faults.silent, faults.stalled_answer)
        for _ in range(2):
            with self.assertRaises(TimeoutError):
                self.ask(self.PATH, timeout=0.5)
        self.front.wait_for("discovery", 4)

    def test_too_much(self):
        self.front.fail("discovery", faults.oversized)
        connection = http.client.HTTPSConnection(
            self.front.host, context=ssl.create_default_context(cafile=self.authority.file))
        connection.request("GET", self.PATH)
        self.assertGreater(len(connection.getresponse().read()), faults.LARGE)
        self.front.fail("discovery", faults.endless)
        connection.request("GET", self.PATH)
        answer = connection.getresponse()
        self.assertEqual(len(answer.read(faults.LARGE)), faults.LARGE)
        answer.close()
        connection.close()
        self.front.wait_for("discovery", 2)

    def test_other_content_other_clocks(self):
        self.front.fail("discovery", faults.edited(lambda content: content.update(issuer=3)),
                        faults.says(b"\xff{", "text/html"), faults.gives([1]))
        self.assertEqual(self.ask(self.PATH)[1]["issuer"], 3)
        self.assertEqual(self.ask(self.PATH), (200, b"\xff{"))
        self.assertEqual(self.ask(self.PATH), (200, [1]))
        self.front.fail("discovery", faults.clock_off_by(-36000))
        with self.client.open(self.front.origin + self.PATH) as answer:
            dates = answer.headers.get_all("Date")
        self.assertEqual(len(dates), 1)
        told = time.mktime(time.strptime(dates[0], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
        self.assertLess(told, time.time() - 35000)

    def test_a_held_answer(self):
        held = faults.Held()
        self.front.fail("device", held)
        code = servers.in_thread(self.device)
        self.assertTrue(held.reached.wait(30))
        self.assertFalse(code.done())
        held.let_go.set()
        self.assertIn("device_code", code.result(30))


class Names(unittest.TestCase):
    """What a host has to do with an address is for the proxy to say."""

    def test_each_name_leads_to_its_server(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        authority = Authority(folder)
        right = self.enterContext(Trap(authority.server_context("ppm.example.com")))
        plain = self.enterContext(Trap())
        proxy = self.enterContext(Proxy({"ppm.example.com:443": right.server.server_port,
                                         "ppm.example.com:80": plain.server.server_port}))
        client = urllib.request.build_opener(
            urllib.request.ProxyHandler({"http": proxy.url, "https": proxy.url}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority.file)))
        for url in ("https://ppm.example.com/a", "http://ppm.example.com/b"):
            with self.assertRaisesRegex(urllib.error.HTTPError, "401"):
                client.open(url, timeout=30)
        with self.assertRaisesRegex(urllib.error.URLError, "502"):
            client.open("https://else.example.com/", timeout=30)
        self.assertEqual((right.paths, plain.paths), (["/a"], ["/b"]))
        self.assertEqual(proxy.asked,
                         ["ppm.example.com:443", "ppm.example.com:80", "else.example.com:443"])


@unittest.skipUnless(servers.has_browser(), "there is no chromium, chromedriver or selenium")
class InABrowser(ServersTest):
    def test_a_user_types_the_code_logs_in_and_agrees(self):
        code = self.device()
        with Browser([self.authority.fingerprint()]) as browser:
            said = browser.approve(code["verification_uri"], code["user_code"])
        self.assertIn(code["user_code"], "".join(said))
        self.assertEqual(self.poll(code)[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
