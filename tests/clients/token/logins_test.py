#!/usr/bin/python3
"""How the user logs in by a device: where that is shown, and what the server may say."""

import os
import signal
import stat
import time
import unittest

import servers
from servers import Browser, faults
from token_house import DEADLINE, Terminal, TokenTest, run


class OnATerminal(TokenTest):
    options = {"interval": 1, "device_code_life": 600}

    def setUp(self):
        super().setUp()
        self.add("web", "--replace")
        self.front.forget()

    def begin(self, *options):
        terminal = Terminal(self.scratch, ["tacit", "token", "login", "web", *options])
        self.addCleanup(terminal.__exit__)
        return terminal

    def ends(self, terminal, code):
        self.assertEqual(terminal.wait(), code, terminal.transcript)
        return terminal.transcript

    def test_get_asks_there_and_prints_the_token_alone(self):
        script = "tacit get web >out; echo code=$?"
        with Terminal(self.scratch, ["sh", "-c", script]) as terminal:
            self.approve(self.shown_on(terminal))
            terminal.expect("code=0")
        printed = os.path.join(self.scratch.work, "out")
        with open(printed, encoding="utf-8") as file:
            token = file.read()
        os.unlink(printed)
        self.assert_live(token)
        self.assertNotIn(token, terminal.transcript)
        self.assertEqual(self.ok("tacit", "get", "web"), token)
        self.assertEqual(self.front.count("device"), 1)
        self.assert_nowhere_in_plain(token[8:])

    def test_slow_down_is_five_seconds_more(self):
        self.front.fail("poll", self.slow_down)
        terminal = self.begin()
        self.approve(self.shown_on(terminal))
        self.ends(terminal, 0)
        first, second = self.front.requests("poll")
        self.assertGreaterEqual(second.at - first.at, 5.9)

    def slow_down(self, exchange):
        self.front.codes.slow_down(exchange.request.form)
        return faults.error("slow_down")(exchange)

    def test_the_user_says_no(self):
        terminal = self.begin()
        self.approve(self.shown_on(terminal), agree=False)
        self.assertNotEqual(terminal.wait(), 0)
        before = self.front.count("poll")
        said = self.refused("tacit", "get", "web")
        self.assertIn("tacit token login", said)
        self.assertEqual(self.front.count("poll"), before)

    def test_the_code_runs_out(self):
        self.front.fail("device", faults.edited(lambda content: content.update(expires_in=2)))
        begin = time.monotonic()
        terminal = self.begin()
        self.assertNotEqual(terminal.wait(), 0)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertLessEqual(self.front.count("poll"), 3)

    def test_ctrl_c_ends_it(self):
        terminal = self.begin()
        self.shown_on(terminal)
        terminal.type("\x03")
        self.assertNotEqual(terminal.wait(), 0)
        self.assertEqual(self.status("web")["state"], "none")
        # Nobody holds the lease any more.
        self.log_in("web")

    def test_a_poll_that_fails_is_made_again(self):
        self.front.fail("poll", faults.unheard)
        terminal = self.begin()
        self.approve(self.shown_on(terminal))
        self.ends(terminal, 0)
        first, second = self.front.requests("poll")
        self.assertGreaterEqual(second.at - first.at, 1.9, "it backs off")

    def test_what_the_server_names_itself_is_shown_without_control_characters(self):
        self.front.fail("device", faults.edited(lambda content: content.update(
            user_code="AB\x1b[2JCD\x07",
            verification_uri=content["verification_uri"] + "\x1b]0;x\x07")))
        terminal = self.begin()
        terminal.wait()
        self.assertNotIn("\x1b[2J", terminal.transcript)
        self.assertNotIn("\x1b]0;", terminal.transcript)

    def test_a_place_to_log_in_that_is_no_web_page_is_not_shown(self):
        for place in ("javascript:alert(1)", "file:///etc/passwd", "http://elsewhere.example/", 7):
            self.front.fail("device", faults.edited(lambda content, place=place: content.update(
                verification_uri=place, verification_uri_complete=place)))
            terminal = self.begin()
            self.assertNotEqual(terminal.wait(), 0, place)
        self.assertEqual(self.front.count("poll"), 0)

    def test_the_browser_is_started_without_a_shell(self):
        opener = os.path.join(self.scratch.work, "opener")
        with open(opener, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nprintf "%s\\n" "$#" "$@" >opened.new; mv opened.new opened\n')
        os.chmod(opener, stat.S_IRWXU)
        self.scratch.environment["BROWSER"] = opener
        self.addCleanup(self.scratch.environment.pop, "BROWSER")
        more = "&x=$(touch${IFS}hacked)"
        self.front.fail("device", faults.edited(lambda content: content.update(
            verification_uri_complete=content["verification_uri_complete"] + more)))
        terminal = self.begin("--browser")
        address, code = self.approve(self.shown_on(terminal))
        self.ends(terminal, 0)
        with open(os.path.join(self.scratch.work, "opened"), encoding="utf-8") as file:
            count, opened = file.read().splitlines()
        self.assertEqual((count, opened.split("&")[0]),
                         ("1", f"{address.split('?')[0]}?user_code={code}"))
        self.assertFalse(os.path.exists(os.path.join(self.scratch.work, "hacked")))


class WithoutATerminal(TokenTest):
    def setUp(self):
        super().setUp()
        self.add("web", "--replace")
        self.front.forget()

    def prompter(self):
        prompter = Terminal(self.scratch, ["tacit", "prompter", "--tty", "--no-credential"])
        self.addCleanup(prompter.__exit__)
        prompter.expect("registered")
        return prompter

    def test_nobody_is_there(self):
        said = self.refused("tacit", "get", "web")
        self.assertIn("tacit token login", said)
        self.assertEqual(self.front.log, [])
        said = self.refused("tacit", "get", "web", environment={"TACIT_NO_INPUT": "1"})
        self.assertIn("tacit token login", said)
        self.assertEqual(self.front.log, [])

    def test_the_prompter_shows_it(self):
        prompter = self.prompter()
        get = self.start("tacit", "get", "web")
        self.approve(self.shown_on(prompter))
        printed, said = get.communicate(timeout=DEADLINE)
        self.assertEqual(get.returncode, 0, said)
        self.assert_live(printed.decode())

    def test_at_the_prompter_the_user_refuses(self):
        prompter = self.prompter()
        get = self.start("tacit", "get", "web")
        self.shown_on(prompter)
        prompter.type("n\n")
        printed, said = get.communicate(timeout=DEADLINE)
        self.assertEqual(printed, b"")
        self.assertIn(get.returncode, (8, 12), said)
        polls = self.front.count("poll")
        # A lease that nobody holds is free: no more polls come with a later login.
        self.assertEqual(self.status("web")["state"], "none")
        self.assertEqual(self.front.count("poll"), polls)

    def test_it_ends_with_the_program_that_wants_it(self):
        prompter = self.prompter()
        get = self.start("tacit", "get", "web")
        self.shown_on(prompter)
        get.send_signal(signal.SIGKILL)
        get.communicate()
        self.log_in("web")  # which it could not, were the lease still held


@unittest.skipUnless(servers.has_browser(), "there is no chromium, chromedriver or selenium")
class InABrowser(TokenTest):
    def test_a_user_types_the_code_logs_in_and_agrees(self):
        self.add("web")
        terminal = Terminal(self.scratch, ["tacit", "token", "login", "web"])
        self.addCleanup(terminal.__exit__)
        shown = self.shown_on(terminal)
        address, code = self.place(shown)
        with Browser([self.authority.fingerprint()]) as browser:
            browser.approve(address.split("?")[0], code)
        self.assertEqual(terminal.wait(), 0, terminal.transcript)
        self.assert_live(self.ok("tacit", "get", "web"))


if __name__ == "__main__":
    run()
