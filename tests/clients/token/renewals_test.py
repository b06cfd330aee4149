#!/usr/bin/python3
"""A token that has run out is got anew: once for all who want it, never with a refresh token that may
be used up, and whatever the server does."""

import datetime
import os
import signal
import time

from servers import EXCHANGE_GRANT, Trap, faults
from token_house import DEADLINE, DEBIAN_PYTHON, SOURCES, TokenTest, helper_of, run

MANY = 64
THREADS_AND_CHILDREN = """
import os, threading, tacit
client = tacit.Client()
def show():
    os.write(1, (client.get("web").text() + "\\n").encode())
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        show()
        os._exit(0)
    children.append(child)
threads = [threading.Thread(target=show) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
for child in children: os.waitpid(child, 0)
"""


def until(status):
    """Seconds since the epoch."""
    return datetime.datetime.fromisoformat(status["valid_until"]).timestamp()


class RenewalTest(TokenTest):
    def expired(self, name="web", *options):
        """A token that has run out and can be refreshed."""
        self.add(name, "--replace", *options)
        self.log_in_for(1, name)
        self.wait_until(name, "state", "expired")
        self.front.forget()

    def get(self, name="web", *options):
        return self.ok("tacit", "get", name, *options)


class SingleFlight(RenewalTest):
    def test_many_processes_make_one_request(self):
        self.expired()
        getting = [self.start("tacit", "get", "web") for _ in range(MANY)]
        printed = set()
        for process in getting:
            out, said = process.communicate(timeout=DEADLINE)
            self.assertEqual(process.returncode, 0, said)
            printed.add(out.decode())
        self.assertEqual(len(printed), 1)
        self.assert_live(printed.pop())
        self.assertEqual(self.front.count("refresh"), 1)

    def test_they_wait_for_one_that_takes_long(self):
        self.expired()
        held = faults.Held()
        self.front.fail("refresh", held)
        getting = [self.start("tacit", "get", "web") for _ in range(8)]
        self.assertTrue(held.reached.wait(DEADLINE))
        self.assertEqual([process.poll() for process in getting], 8 * [None])
        held.let_go.set()
        printed = {process.communicate(timeout=DEADLINE)[0] for process in getting}
        self.assertEqual(len(printed), 1)
        self.assert_live(printed.pop().decode())
        self.assertEqual(self.front.count("refresh"), 1)

    def test_what_was_rotated_is_there_with_the_token(self):
        """Ten renewals one after another, each with the refresh token of the one before."""
        self.expired()
        seen = {self.get()}
        for _ in range(10):
            self.renew("web")
            seen.add(self.get())
        self.assertEqual(len(seen), 11)
        sent = [one.form["refresh_token"] for one in self.front.requests("refresh")]
        self.assertEqual(len(set(sent)), 11)
        self.assertEqual({one.status for one in self.front.requests("refresh")}, {200})
        self.assert_nowhere_in_plain(*sent)

    def test_a_due_one_that_cannot_be_renewed_is_good_while_it_lasts(self):
        self.add("due", "--margin", "4s", "--replace")
        self.log_in_for(8, "due")
        token = self.get("due")
        self.wait_until("due", "due", True)
        self.front.fail_always("refresh", faults.status(503))
        self.addCleanup(self.front.fail_always, "refresh")
        self.assertEqual(self.get("due"), token)
        self.assertGreaterEqual(self.front.count("refresh"), 1)
        self.front.fail_always("refresh")
        renewed = self.renew("due")
        self.assertNotEqual(renewed, token)

    def test_run_renews_too(self):
        self.expired()
        token = self.ok("tacit", "run", "-e", "T=web", "--", "printenv", "T").rstrip("\n")
        self.assert_live(token)
        self.assertEqual(self.front.count("refresh"), 1)

    def test_threads_and_forked_children_of_a_program_renew_too(self):
        self.expired()
        printed = self.ok(DEBIAN_PYTHON, "-c", THREADS_AND_CHILDREN,
                          environment={"PYTHONPATH": SOURCES}).split()
        self.assertEqual(len(printed), 12)
        self.assertEqual(len(set(printed)), 1)
        self.assert_live(printed[0])
        self.assertEqual(self.front.count("refresh"), 1)

    def test_no_token_stands_in_arguments_or_environments(self):
        self.expired()
        held = faults.Held()
        self.front.fail("refresh", held)
        process = self.start("tacit", "get", "web")
        self.assertTrue(held.reached.wait(DEADLINE))
        helper = helper_of(process)
        told = b""
        for pid in (process.pid, helper):
            for file in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{file}", "rb") as content:
                    told += content.read()
        held.let_go.set()
        process.communicate(timeout=DEADLINE)
        refresh = self.front.requests("refresh")[0].form["refresh_token"].encode()
        self.assertNotIn(refresh, told)
        self.assertNotIn(b"web", told.replace(b"get\0web", b""))  # the helper is told no name there


class CutOff(RenewalTest):
    def assert_in_doubt(self, name="web"):
        """It says so, and nobody sends the refresh token again by itself."""
        for _ in range(3):
            self.assertIn("tacit token login", self.refused("tacit", "get", name))
        self.assertEqual(self.front.count("refresh"), 1)
        status = self.status(name)
        self.assertTrue(status["in_doubt"], status)
        self.assertTrue(status["last_error"], status)
        self.log_in(name)
        self.assertFalse(self.status(name)["in_doubt"])
        self.assert_live(self.get(name))

    def test_an_answer_that_is_lost(self):
        self.expired()
        self.front.fail("refresh", faults.lost_answer)
        self.refused("tacit", "get", "web")
        self.assert_in_doubt()

    def test_a_helper_killed_between_answer_and_commit(self):
        self.expired()
        held = faults.Held()
        self.front.fail("refresh", held)
        process = self.start("tacit", "get", "web")
        self.assertTrue(held.reached.wait(DEADLINE))
        os.kill(helper_of(process), signal.SIGKILL)
        held.let_go.set()
        printed, said = process.communicate(timeout=DEADLINE)
        self.assertEqual((process.returncode, printed), (12, b""), said)
        self.assert_in_doubt()

    def test_a_program_killed_with_its_helper(self):
        self.expired()
        held = faults.Held()
        self.front.fail("refresh", held)
        process = self.start("tacit", "get", "web")
        self.assertTrue(held.reached.wait(DEADLINE))
        os.killpg(process.pid, signal.SIGKILL)
        held.let_go.set()
        process.communicate()
        self.assert_in_doubt()

    def test_nothing_was_sent_so_the_next_in_line_goes_on(self):
        """The helper of the first is killed while it does what can be done again: its subject is
        exchanged. Those who wait need seconds, not the lease's time."""
        subject = os.path.join(self.scratch.work, "subject")
        with open(subject, "w", encoding="utf-8") as file:
            file.write(self.identity() + "\n")
        self.add("by-file", "--replace", "--subject-token-file", subject,
                 "--exchange-subject", "id_token")
        held = faults.Held(before=True)
        self.front.fail("exchange", held)
        first = self.start("tacit", "get", "by-file")
        self.assertTrue(held.reached.wait(DEADLINE))
        second = self.start("tacit", "get", "by-file")
        begin = time.monotonic()
        os.kill(helper_of(first), signal.SIGKILL)
        printed, said = second.communicate(timeout=DEADLINE)
        self.assertEqual(second.returncode, 0, said)
        self.assertLess(time.monotonic() - begin, 10)
        self.assert_live(printed.decode())
        held.let_go.set()
        first.communicate(timeout=DEADLINE)
        self.assertEqual(self.front.count("exchange"), 2)

    def identity(self):
        """An id_token, as a build server finds one in a file."""
        got = []
        self.add("other", "--replace")
        self.front.fail_always("poll", faults.edited(
            lambda content: got.append(content["id_token"]) if "id_token" in content else None))
        self.log_in("other")
        self.front.fail_always("poll")
        return got[0]

    def test_the_daemon_ends_while_it_is_renewed(self):
        self.expired()
        held = faults.Held()
        self.front.fail("refresh", held)
        process = self.start("tacit", "get", "web")
        self.assertTrue(held.reached.wait(DEADLINE))
        self.scratch.daemon.kill()
        self.scratch.daemon.wait()
        held.let_go.set()
        process.communicate(timeout=DEADLINE)
        self.scratch.start_daemon()
        self.ok("tacit", "unlock", "--passphrase-file", "pass")
        self.assert_in_doubt()


class WhatServersSay(RenewalTest):
    """Each answer is refused with a word of what is wrong with it, and costs nothing but itself."""

    TOKEN = {"access_token": "made-up", "token_type": "Bearer"}

    def assert_fails(self, spoilt, name="web"):
        """Whoever is told to tries again, since the server did nothing with what it was sent."""
        self.front.fail("refresh", spoilt)
        before = self.front.count("refresh")
        said = self.refused("tacit", "token", "get", name, "--renew")
        self.assertEqual(self.front.count("refresh"), before + 1)
        self.assertLess(len(said), 1000)
        self.assertTrue(said.replace("\n", "").isprintable(), said)
        return said

    def assert_renews(self, name="web"):
        self.assert_live(self.renew(name))
        self.assertEqual(self.status(name)["last_error"], "")

    def test_a_refusal_for_now(self):
        """The server did not take the refresh token: it is good still, and nobody doubts it."""
        self.expired()
        for spoilt in (faults.status(503), faults.status(429, Retry_After="1"),
                       faults.error("temporarily_unavailable", code=503)):
            self.assert_fails(spoilt)
            status = self.status("web")
            self.assertEqual((status["in_doubt"], status["renewable"]), (False, True))
            self.assertTrue(status["last_error"])
        self.assert_renews()
        self.assertEqual(len({one.form["refresh_token"]
                              for one in self.front.requests("refresh")}), 1)

    def test_a_refusal_for_good(self):
        self.expired()
        said = self.assert_fails(faults.error("invalid_grant", "gone \x1b[31mfor good" + "x" * 5000))
        self.assertIn("tacit token login", said)
        self.assertFalse(self.status("web")["renewable"])
        self.refused("tacit", "get", "web")
        self.assertEqual(self.front.count("refresh"), 1)

    def test_nonsense(self):
        self.expired()
        for spoilt in (
                faults.too_much(self.TOKEN), faults.endless, faults.says(b""), faults.says(b"\xff{"),
                faults.says(b"<html>", "text/html"), faults.says(b'{"access_token":'),
                faults.says(b"[" * 100000), faults.gives([]), faults.gives({}),
                faults.gives({**self.TOKEN, "access_token": 7}),
                faults.gives({**self.TOKEN, "access_token": ""}),
                faults.gives({**self.TOKEN, "access_token": "a\nb"}),
                faults.gives({**self.TOKEN, "refresh_token": ["x"]}),
                faults.status(204), faults.error("\x1b[2J", "\x07", 400), faults.gives("\ud800")):
            self.assert_fails(spoilt)
        self.assert_renews()

    def test_odd_lives(self):
        self.expired()
        for life in ("600", -1, 0, 1e400, 2 ** 63, True, None, [600]):
            with self.subTest(life=life):
                self.front.fail("refresh", faults.gives({**self.TOKEN, "expires_in": life}))
                done = self.run_argv("tacit", "token", "get", "web", "--renew")
                self.assertIn((done.returncode, done.stdout), [(0, b"made-up\n"), (12, b"")],
                              done.stderr)
        self.assert_renews()

    def test_another_place_gets_nothing(self):
        self.expired()
        with Trap() as trap:
            for code in (301, 302, 303, 307, 308):
                self.assert_fails(faults.status(code, Location=trap.url + "/token"))
            self.assertEqual(trap.paths, [])
        self.assert_renews()

    def test_wrong_clocks(self):
        self.expired()
        for off in (-36000, 36000):
            self.front.fail("refresh", faults.clock_off_by(off))
            token = self.renew("web")
            self.assert_live(token)
            self.assertAlmostEqual(until(self.status("web")), time.time() + 600, delta=60)
            self.assertEqual(self.get(), token)


class Recipes(RenewalTest):
    def test_clients_that_show_who_they_are(self):
        for client, way in (("basic", "basic"), ("post", "post")):
            secret = self.front.provider.secrets[client]
            path = os.path.join(self.scratch.work, "secret")
            with open(path, "w", encoding="utf-8") as file:
                file.write(secret)
            self.ok("tacit", "set", f"secret-{client}", "--from-file", path)
            os.unlink(path)
            self.add(client, "--client-secret", f"secret-{client}", "--client-auth", way,
                     client=client)
            self.log_in_for(1, client)
            self.wait_until(client, "state", "expired")
            self.assert_live(self.get(client))
            self.assert_nowhere_in_plain(secret)

    def test_an_exchange_after_each_login_and_refresh(self):
        self.add("second", "--replace", "--exchange-subject", "id_token")
        self.log_in("second")
        token = self.get("second")
        self.assert_live(token)
        exchange = self.front.requests("exchange")
        self.assertEqual([one.form["grant_type"] for one in exchange], [EXCHANGE_GRANT])
        self.renew("second")
        self.assertNotEqual(self.get("second"), token)
        self.assertEqual((self.front.count("refresh"), self.front.count("exchange")), (1, 2))

    def test_revoked_is_dead_at_the_server(self):
        self.add("gone")
        self.log_in("gone")
        token = self.get("gone")
        self.ok("tacit", "token", "revoke", "gone")
        self.assertIsNone(self.front.live(token))
        self.assertGreaterEqual(self.front.count("revocation"), 1)
        self.assertIn("tacit token login", self.refused("tacit", "get", "gone"))
        self.ok("tacit", "token", "remove", "gone")
        self.refused("tacit", "get", "gone", code=4)

    def test_discovery_that_claims_to_be_another(self):
        for spoilt in (faults.edited(lambda content: content.update(issuer="https://else.example")),
                       faults.edited(lambda content: content.update(
                           token_endpoint="http://else.example/token")),
                       faults.edited(lambda content: content.pop("token_endpoint")),
                       faults.oversized, faults.says(b"{"), faults.status(503)):
            self.front.fail("discovery", spoilt)
            done = self.run_argv("tacit", "token", "add", "web", "--issuer", self.front.origin,
                                 "--client-id", "public", "--ca-file", self.ca_file)
            self.assertNotEqual(done.returncode, 0)
        self.refused("tacit", "get", "web", code=4)

    def test_a_server_that_is_not_trusted_gets_nothing(self):
        self.expired("strange")
        self.ok("tacit", "token", "add", "strange", "--replace", "--client-id", "public",
                "--device-endpoint", self.front.origin + "/device/auth",
                "--token-endpoint", self.front.origin + "/token")
        done = self.run_argv("tacit", "token", "login", "strange")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.front.log, [])
        for endpoint in ("http://ppm.example.com/token", "ftp://127.0.0.1/token", "//x/token"):
            done = self.run_argv("tacit", "token", "add", "plain", "--client-id", "public",
                                 "--device-endpoint", endpoint, "--token-endpoint", endpoint)
            self.assertNotEqual(done.returncode, 0)
        self.refused("tacit", "get", "plain", code=4)


if __name__ == "__main__":
    run()
