#!/usr/bin/python3
"""`tacit.notebook` in real kernels, in nbconvert, in ipython on a terminal, and without any."""

import json
import os
import subprocess
import unittest

from house import (
    DEADLINE, DROPINS, PASSPHRASE, PYTHON, HouseTest, installed, run,
)
from terminal import CTRL_D, Terminal

import tacit
from tacit import _services, notebook

HAS_KERNELS = installed("jupyter_client", "ipykernel")
END_OF_FILE = "\x04"


class Kernel:
    """A real one. Answers its questions from a list; `asked` and `messages` are what came."""

    def __init__(self):
        from jupyter_client.manager import start_new_kernel
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", startup_timeout=DEADLINE, stderr=subprocess.DEVNULL)

    def run(self, code, answers=(), stdin=True):
        """The reply's content. Of the questions: (prompt, hidden)."""
        left, self.asked, self.messages = list(answers), [], []

        def answer(message):
            self.asked.append((message["content"]["prompt"], message["content"]["password"]))
            self.client.input(left.pop(0))

        def take(message):
            self.messages.append((message["msg_type"], message["content"]))

        return self.client.execute_interactive(
            code, stop_on_error=False, allow_stdin=stdin, stdin_hook=answer, output_hook=take,
            timeout=DEADLINE)["content"]

    def printed(self):
        return "".join(content["text"] for kind, content in self.messages if kind == "stream")

    def cleared(self):
        return "clear_output" in [kind for kind, _ in self.messages]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@unittest.skipUnless(HAS_KERNELS, "there is no python3-jupyter-client with python3-ipykernel")
class Kernels(HouseTest):
    def setUp(self):
        if tacit.status().vault == "locked":
            tacit.unlock(PASSPHRASE)

    def kernel(self):
        kernel = Kernel()
        self.addCleanup(kernel.close)
        kernel.run("from tacit.notebook import get_secret, set_secret, delete_secret")
        return kernel

    def test_asks_once_hidden_and_clears_the_cell(self):
        kernel = self.kernel()
        reply = kernel.run("value = get_secret('github')", ["s3cret"])
        self.assertEqual(reply["status"], "ok", reply)
        self.assertEqual(kernel.asked, [("github[ada]", True)])
        self.assertTrue(kernel.cleared())
        again = self.kernel()  # another process
        for one in (kernel, again):
            one.run("print(get_secret('github') == 's3' + 'cret')")
            self.assertEqual((one.asked, one.cleared(), one.printed()), ([], False, "True\n"))

    def test_a_frontend_without_questions(self):
        kernel = self.kernel()
        reply = kernel.run("get_secret('unmet')", stdin=False)
        self.assertEqual(reply["ename"], "StdinNotImplementedError")
        reply = kernel.run("get_secret('unmet', default=None)", stdin=False)
        self.assertEqual(reply["status"], "ok")

    def test_nothing_typed_is_nothing_stored(self):
        kernel = self.kernel()
        self.assertEqual(kernel.run("get_secret('eof')", [END_OF_FILE])["ename"], "EOFError")
        self.assertEqual(kernel.run("get_secret('eof')", [""])["ename"], "UserDeniedError")
        kernel.run("print(get_secret('eof', default='none'))")
        self.assertEqual(kernel.printed(), "none\n")

    def test_the_cell_is_cleared_also_when_storing_fails(self):
        self.ok("tacit -c keyring policy set deny --verb write")
        try:
            kernel = self.kernel()
            kernel.run("%xmode Verbose")  # tracebacks with the values of variables
            reply = kernel.run("get_secret('unstorable')", ["hunter22"])
        finally:
            self.ok("tacit -c keyring policy set open --verb write --passphrase-file pass")
        self.assertEqual(reply["ename"], "PolicyDeniedError")
        self.assertTrue(kernel.cleared())
        self.assertIn("Secret", json.dumps(reply))
        self.assertNotIn("hunter22", json.dumps(reply) + json.dumps(kernel.messages))

    def test_a_locked_vault_asks_for_its_passphrase(self):
        tacit.set("kept (ada)", "v", "keyring")
        kernel = self.kernel()
        tacit.lock()
        reply = kernel.run("print(get_secret('kept'))", ["wrong", PASSPHRASE])
        self.assertEqual(reply["status"], "ok", reply)
        self.assertEqual(kernel.asked, [("Passphrase of the Tacit vault: ", True)] * 2)
        self.assertTrue(kernel.cleared())
        self.assertEqual(kernel.printed(), "v\n")
        tacit.lock()
        self.assertEqual(kernel.run("get_secret('kept')", [""])["ename"], "UserDeniedError")
        self.assertEqual(kernel.run("get_secret('kept')", ["no"] * 3)["ename"],
                         "WrongPassphraseError")
        self.assertEqual(tacit.status().vault, "locked")

    def test_a_locked_vault_is_told_where_nobody_can_be_asked(self):
        kernel = self.kernel()
        tacit.lock()
        for code in ("get_secret('kept')", "get_secret('kept', default=None)"):
            reply = kernel.run(code, stdin=False)
            self.assertEqual(reply["ename"], "LockedError")
            self.assertIn("the vault is locked", reply["evalue"])
        program = "from tacit.notebook import get_secret\nget_secret('kept', default=None)"
        self.assertIn("LockedError: the vault is locked", self.python(program, code=1))

    def test_old_notebooks_run_unchanged(self):
        kernel = self.kernel()
        for module in ("ipython_secrets", "jupyter_secrets"):
            kernel.run(f"import sys; sys.path.append({DROPINS!r})")
            reply = kernel.run(f"from {module} import *\nvalue = get_secret('{module}')", ["old"])
            self.assertEqual((reply["status"], kernel.asked), ("ok", [(f"{module}[ada]", True)]))
            kernel.run(f"set_secret('{module}', 'new', username='u')\n"
                       f"print(get_secret('{module}', username='u'))\ndelete_secret('{module}')")
            self.assertEqual(kernel.printed(), "new\n")

    @unittest.skipUnless(os.path.exists("/usr/bin/jupyter-nbconvert"), "there is no nbconvert")
    def test_nbconvert_fails_unmet_and_passes_once_it_is_stored(self):
        cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
                "id": "one", "source": "from tacit.notebook import get_secret\n"
                                       "print(len(get_secret('nightly')))"}
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = {"cells": [cell], "metadata": {"kernelspec": spec}, "nbformat": 4,
                "nbformat_minor": 5}
        with open(os.path.join(self.scratch.work, "book.ipynb"), "w", encoding="utf-8") as file:
            json.dump(book, file)
        convert = f"{PYTHON} /usr/bin/jupyter-nbconvert --to notebook --execute --stdout book.ipynb"
        failed = self.scratch.run(convert)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn(b"StdinNotImplementedError", failed.stderr)
        tacit.set("nightly (ada)", "secret-value", "keyring")
        done = self.ok(convert)
        self.assertIn('"12\\n"', done)
        self.assertNotIn("secret-value", done)


@unittest.skipUnless(HAS_KERNELS, "there is no python3-jupyter-client with python3-ipykernel")
class WithoutAVault(HouseTest):
    with_vault = False

    def test_it_is_offered_and_made(self):
        kernel = Kernel()
        self.addCleanup(kernel.close)
        kernel.run("from tacit.notebook import get_secret")
        for answers, what in ((["", ""], "no vault was made"),
                              (["one phrase", "another"], "not the same twice")):
            reply = kernel.run("get_secret('k')", answers)
            self.assertEqual(reply["ename"], "UserDeniedError")
            self.assertIn(what, reply["evalue"])
            self.assertEqual(tacit.status().vault, "none")
        reply = kernel.run("value = get_secret('k')", [PASSPHRASE, PASSPHRASE, "typed"])
        self.assertEqual(reply["status"], "ok", reply)
        self.assertIn("There is no Tacit vault yet.", kernel.asked[0][0])
        self.assertEqual(kernel.asked[2], ("k[ada]", True))
        self.assertIn("has no recovery key", kernel.printed())
        tacit.lock()
        tacit.unlock(PASSPHRASE)
        self.assertEqual(tacit.get("k (ada)", "keyring").text(), "typed")


class Signatures(HouseTest):
    """What seeds ipython_secrets promised or got wrong, in this process."""

    def asked(self, answer, *arguments, **named):
        """(what get_secret gives, the prompts)."""
        prompts = []

        def getpass(prompt):
            prompts.append(prompt)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        before, notebook.getpass.getpass = notebook.getpass.getpass, getpass
        try:
            return notebook.get_secret(*arguments, **named), prompts
        finally:
            notebook.getpass.getpass = before

    def test_default_is_given_unasked_and_not_stored(self):
        for default in ("d", None, ""):
            self.assertEqual(self.asked("x", "absent", default=default), (default, []))
        self.assertIsNone(_services.find(tacit.Client(), "absent", "ada"))

    def test_force_prompt_asks_whatever_there_is(self):
        notebook.set_secret("forced", "old")
        self.assertEqual(self.asked("new", "forced", force_prompt=True, default="d"),
                         ("new", ["forced[ada]"]))
        self.assertEqual(self.asked("x", "forced"), ("new", []))

    def test_prompts(self):
        self.assertEqual(self.asked("1", "p1", prompt=""), ("1", [""]))
        self.assertEqual(self.asked("1", "p2", prompt="Tell: "), ("1", ["Tell: "]))
        self.assertEqual(self.asked("1", "p3", "my-account"), ("1", ["p3[my-account]"]))

    def test_usernames_mean_the_same_everywhere(self):
        notebook.set_secret("names", "of nobody", username="")
        notebook.set_secret("names", "of ada")
        self.assertEqual(notebook.get_secret("names", username=""), "of nobody")
        self.assertEqual(notebook.get_secret("names", ""), "of nobody")
        self.assertEqual(notebook.get_secret("names", "ada"), "of ada")
        self.assertEqual(notebook.get_secret("names"), "of ada")
        user = os.environ.pop("USER")
        try:
            notebook.set_secret("unset", "1")
            self.assertEqual(notebook.get_secret("unset"), "1")
        finally:
            os.environ["USER"] = user

    def test_deleting(self):
        notebook.set_secret("gone", "1")
        notebook.delete_secret("gone", username="ada")
        with self.assertRaises(tacit.NotFoundError) as caught:
            notebook.delete_secret("gone")
        if installed("keyring"):
            from keyring.errors import PasswordDeleteError
            self.assertIsInstance(caught.exception, PasswordDeleteError)

    def test_an_interrupt_stores_nothing(self):
        for error in (KeyboardInterrupt(), EOFError()):
            with self.assertRaises(type(error)):
                self.asked(error, "interrupted")
        self.assertEqual(self.asked("x", "interrupted", default=None), (None, []))

    def test_nobody_is_asked_for_what_cannot_be_kept(self):
        """In a container without a daemon it asked on every call."""
        program = ("import getpass\ndef never(prompt): raise SystemExit('asked')\n"
                   "getpass.getpass = never\nfrom tacit.notebook import get_secret\n"
                   "get_secret('x', force_prompt=True)")
        said = self.python(program, code=1, TACIT_SOCKET="/nonexistent/tacit.sock")
        self.assertIn("NoDaemonError", said)


@unittest.skipUnless(installed("IPython"), "there is no ipython3")
class OnATerminal(HouseTest):
    def test_ipython_asks_without_echo(self):
        terminal = Terminal(self.scratch, [
            "/usr/bin/python3", "-m", "IPython", "--simple-prompt", "--no-banner"])
        self.addCleanup(terminal.__exit__)
        terminal.expect(r"In \[1\]: ")
        terminal.type("from tacit.notebook import get_secret\n")
        terminal.expect(r"In \[2\]: ")
        terminal.type("len(get_secret('tty'))\n")
        terminal.expect(r"tty\[ada\]")
        self.assertFalse(terminal.echoes())
        terminal.type("hidden-one\n")
        terminal.expect(r"Out\[2\]: 10")
        terminal.expect(r"In \[3\]: ")
        self.assertNotIn("hidden-one", terminal.transcript)
        self.assertEqual(tacit.get("tty (ada)", "keyring").text(), "hidden-one")
        terminal.type("get_secret('other')\n")
        terminal.expect(r"other\[ada\]")
        terminal.type(CTRL_D)
        terminal.expect("EOFError")
        terminal.expect(r"In \[4\]: ")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait(), 0)


if __name__ == "__main__":
    run()
