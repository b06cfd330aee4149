#!/usr/bin/python3
"""What the user is asked on behalf of Python programs, by a prompter on a terminal."""

from concurrent.futures import ThreadPoolExecutor

from house import DEADLINE, PASSPHRASE, PYTHON, HouseTest, run
from terminal import Terminal

import tacit
from tacit import notebook


class WithAPrompter(HouseTest):
    def setUp(self):
        self.prompter = Terminal(self.scratch, ["tacit", "prompter", "--tty"])
        self.addCleanup(self.prompter.__exit__)
        self.prompter.answer("Passphrase for the vault.*: ", PASSPHRASE)
        self.prompter.expect("registered")
        self.thread = ThreadPoolExecutor(1)
        self.addCleanup(self.thread.shutdown)

    def result_of(self, waiting):
        return waiting.result(DEADLINE)

    def test_a_notebook_has_the_vault_unlocked_there(self):
        tacit.set("kept (ada)", "v", "keyring")
        tacit.lock()
        waiting = self.thread.submit(notebook.get_secret, "kept")
        self.prompter.answer("Passphrase for the vault.*: ", PASSPHRASE)
        self.assertEqual(self.result_of(waiting), "v")

    def test_consent(self):
        tacit.set("asked", "v")
        self.ok("tacit policy set asked ask")
        waiting = self.thread.submit(tacit.get, "asked")
        self.prompter.answer("Enter = no: ", "n")
        with self.assertRaises(tacit.UserDeniedError):
            self.result_of(waiting)
        waiting = self.thread.submit(tacit.get, "asked")
        self.prompter.answer("Enter = no: ", "y")
        self.assertEqual(self.result_of(waiting).text(), "v")
        with tacit.Client(interaction=False) as client, self.assertRaises(tacit.DeniedError):
            tacit.set("other", "v")
            self.ok("tacit policy set other confirm")
            client.get("other")

    def test_a_value_that_is_not_there_is_asked_for(self):
        waiting = self.thread.submit(tacit.get_or_ask, "token", "web", prompt="Token of X",
                                     attributes={"a": "b"})
        self.prompter.answer("Token of X.*Its value.*: ", "typed")
        self.prompter.answer("The same again.*: ", "typed")
        self.assertEqual(self.result_of(waiting).text(), "typed")
        self.assertEqual(tacit.describe("token", "web").attributes, {"a": "b"})
        self.assertEqual(tacit.get_or_ask("token", "web").text(), "typed")


class OnItsOwnTerminal(HouseTest):
    def test_get_or_ask(self):
        program = ("import tacit\n"
                   "print('<' + tacit.get_or_ask('key', prompt='Your key').text() + '>')")
        terminal = Terminal(self.scratch, [PYTHON, "-c", program])
        self.addCleanup(terminal.__exit__)
        terminal.expect(r"Your key \(not shown\): ")
        self.assertFalse(terminal.echoes())
        terminal.type("typed\n")
        terminal.answer("The same again: ", "typed")
        terminal.expect("<typed>")
        self.assertEqual(terminal.wait(), 0)
        self.assertEqual(tacit.get("key").text(), "typed")

    def test_nobody_to_ask(self):
        program = "import tacit; tacit.get_or_ask('absent')"
        self.assertIn("NoPrompterError", self.python(program, code=1))


if __name__ == "__main__":
    run()
