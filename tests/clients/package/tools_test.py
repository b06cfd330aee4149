#!/usr/bin/python3
"""Real pip and twine, which import keyring: only Tacit knows the password of a local index."""

import base64
import http.server
import os
import subprocess
import threading
import unittest

from house import PYTHON, ROOT, SOURCES, HouseTest, installed, run
from upload_index import UploadIndex

import tacit
from tacit import _services

BACKEND = os.path.join(ROOT, "client/python/build_backend")
WHEEL = "tacit-0.1.0-py3-none-any.whl"


class DownloadIndex:
    """Serves one wheel to who knows the password; `refused` counts the others."""

    def __init__(self, wheel, username, password):
        self.refused = 0
        index = self
        expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        name = os.path.basename(wheel)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = f'<a href="/files/{name}">{name}</a>'.encode()
                if self.path == f"/files/{name}":
                    with open(wheel, "rb") as file:
                        body = file.read()
                known = self.headers.get("Authorization") == expected
                index.refused += not known
                self.send_response(200 if known else 401)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body) if known else 0))
                self.end_headers()
                self.wfile.write(body if known else b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(installed("keyring", "pip"), "there is no python3-keyring with python3-pip")
class Tools(HouseTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        info = cls.scratch.path("info")
        subprocess.run([PYTHON, os.path.join(BACKEND, "tacit_build.py"), "metadata", info],
                       check=True, stdout=subprocess.DEVNULL)
        program = "import sys, tacit_build; tacit_build.build_wheel(sys.argv[1])"
        subprocess.run([PYTHON, "-c", program, cls.scratch.work], check=True,
                       env={**os.environ, "PYTHONPATH": BACKEND})
        cls.wheel = os.path.join(cls.scratch.work, WHEEL)
        # So that keyring finds the backend by its entry point, as when it is installed.
        cls.scratch.environment["PYTHONPATH"] = f"{SOURCES}:{info}"

    def download(self, index, user=""):
        return self.scratch.run(
            f"{PYTHON} -m pip download --no-deps --no-cache-dir --dest got --isolated"
            f" --disable-pip-version-check --index-url http://{user}{index.host}/simple/ tacit")

    def test_pip_downloads(self):
        index = DownloadIndex(self.wheel, "ada", "s3cret")
        self.addCleanup(index.close)
        _services.store(tacit.Client(), index.host, "ada", "s3cret")
        done = self.download(index)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(os.listdir(os.path.join(self.scratch.work, "got")), [WHEEL])
        self.assertEqual(self.download(index, "ada@").returncode, 0)
        self.assertNotIn(b"s3cret", done.stdout + done.stderr)

    def test_pip_without_the_password_does_not(self):
        index = DownloadIndex(self.wheel, "ada", "s3cret")
        self.addCleanup(index.close)
        self.assertNotEqual(self.download(index).returncode, 0)
        self.assertGreater(index.refused, 0)

    @unittest.skipUnless(installed("twine"), "there is no twine")
    def test_twine_uploads(self):
        with UploadIndex("__token__", "s3cret") as index:
            upload = (f"TWINE_NON_INTERACTIVE=1 {PYTHON} -m twine upload --disable-progress-bar"
                      f" --repository-url {index.url} {WHEEL}")
            self.assertNotEqual(self.scratch.run(upload).returncode, 0)
            self.assertEqual(index.uploads, [])
            _services.store(tacit.Client(), index.url, "__token__", "s3cret")
            done = self.scratch.run(upload)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(index.uploads, [("__token__", [WHEEL])])
            self.assertNotIn(b"s3cret", done.stdout + done.stderr)


if __name__ == "__main__":
    run()
