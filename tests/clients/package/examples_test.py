#!/usr/bin/python3
"""The examples of client/python with real web frameworks."""

import os
import unittest

from house import PYTHON, ROOT, HouseTest, installed, run
from serving import free_port, serve_once

EXAMPLES = os.path.join(ROOT, "client/python/examples")
VALUE = "key from the vault"


class Examples(HouseTest):
    def serve(self, example, key):
        self.ok(f"printf '{VALUE}' | user-secrets set {key}")
        port = free_port()
        answer, said = serve_once(
            self.scratch, [PYTHON, os.path.join(EXAMPLES, example), str(port)], port)
        self.assertIsNotNone(answer, said)
        self.assertNotIn(VALUE, said)
        return answer

    @unittest.skipUnless(installed("django"), "there is no Django")
    def test_django(self):
        self.assertEqual(self.serve("django_app.py", "SECRET_KEY"), "a key of 18 characters")

    @unittest.skipUnless(installed("flask"), "there is no Flask")
    def test_flask(self):
        self.assertEqual(self.serve("flask_app.py", "FLASK_SECRET_KEY"), "a key of 18 characters")

    @unittest.skipUnless(installed("fastapi", "uvicorn"), "there is no FastAPI")
    def test_fastapi_and_pydantic_settings(self):
        self.assertEqual(self.serve("fastapi_app.py", "APP_SECRET_KEY"),
                         "a key of 18 characters, vault unlocked")


if __name__ == "__main__":
    run()
