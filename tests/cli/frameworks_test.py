#!/usr/bin/python3
"""Real web frameworks, started by `tacit run`, find their secret in their environment."""

import os
import subprocess
import unittest

from scratch import Scratch, run_suites
from serving import free_port, serve_once

PROGRAMS = {}
PYTHON = "/usr/bin/python3"  # Debian's, whose packages these are

# Each answers a request with what it has as its secret, so that a test sees it arrived.
DJANGO = """
import os, sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

settings.configure(SECRET_KEY=os.environ["SECRET_KEY"], ROOT_URLCONF=__name__, DEBUG=False,
                   ALLOWED_HOSTS=["127.0.0.1"])
urlpatterns = [path("", lambda request: HttpResponse(settings.SECRET_KEY))]
execute_from_command_line(["app", "runserver", "--noreload", "127.0.0.1:" + sys.argv[1]])
"""
FLASK = """
import os, sys
from flask import Flask

app = Flask(__name__)
app.config.from_prefixed_env()  # FLASK_SECRET_KEY
app.route("/")(lambda: app.config["SECRET_KEY"])
app.run(host="127.0.0.1", port=int(sys.argv[1]))
"""
FASTAPI = """
import os, sys
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseSettings, SecretStr

class Settings(BaseSettings):
    secret_key: SecretStr

app = FastAPI()
app.get("/", response_class=PlainTextResponse)(lambda: Settings().secret_key.get_secret_value())
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
"""


def installed(*modules):
    done = subprocess.run([PYTHON, "-c", "import " + ", ".join(modules)], capture_output=True,
                          check=False)
    return done.returncode == 0


class FrameworksTest(unittest.TestCase):
    def setUp(self):
        self.scratch = Scratch(PROGRAMS["tacit"], PROGRAMS["tacitd"])
        self.addCleanup(self.scratch.__exit__)
        self.scratch.start_daemon()
        self.scratch.make_vault()
        self.scratch.run("printf 'key from the vault' | tacit set web/key", check=True)

    def serve(self, program, variable):
        """What the running program answers; it is ended as a terminal would end it."""
        path = os.path.join(self.scratch.work, "app.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(program)
        port = free_port()
        answer, said = serve_once(
            self.scratch,
            ["tacit", "run", "-e", f"{variable}=web/key", "--", PYTHON, path, str(port)], port)
        self.assertIsNotNone(answer, said)
        self.assertNotIn("key from the vault", said)
        return answer

    @unittest.skipUnless(installed("django"), "there is no Django")
    def test_django(self):
        self.assertEqual(self.serve(DJANGO, "SECRET_KEY"), "key from the vault")

    @unittest.skipUnless(installed("flask"), "there is no Flask")
    def test_flask(self):
        self.assertEqual(self.serve(FLASK, "FLASK_SECRET_KEY"), "key from the vault")

    @unittest.skipUnless(installed("fastapi", "uvicorn"), "there is no FastAPI")
    def test_fastapi_and_pydantic_settings(self):
        self.assertEqual(self.serve(FASTAPI, "SECRET_KEY"), "key from the vault")


if __name__ == "__main__":
    run_suites(PROGRAMS)
