#!/usr/bin/python3
"""Real pip and twine, which import keyring: only Tacit knows the password of a local index."""

import os
import subprocess
import unittest

from house import PYTHON, ROOT, SOURCES, HouseTest, installed, run
from download_index import DownloadIndex
from upload_index import UploadIndex

import tacit
from tacit import _services

BACKEND = os.path.join(ROOT, "client/python/build_backend")
WHEEL = "tacit-0.1.0-py3-none-any.whl"


@unittest.skipUnless(installed("keyring", "pip"), "there is no python3-keyring with python3-pip")
class Tools(HouseTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        info = cls.scratch.path("info")
        subprocess.run([PYTHON, os.path.join(BACKEND, "tacit_build.py"), "metadata", info],
                       check=True, stdout=subprocess.DEVNULL)
        program = "import sys, tacit_build; tacit_build.build_wheel(sys.argv[1])"
        cls.folder = os.path.join(cls.scratch.work, "dist")
        os.mkdir(cls.folder)
        subprocess.run([PYTHON, "-c", program, cls.folder], check=True,
                       env={**os.environ, "PYTHONPATH": BACKEND})
        # So that keyring finds the backend by its entry point, as when it is installed.
        cls.scratch.environment["PYTHONPATH"] = f"{SOURCES}:{info}"

    def download(self, index, user=""):
        return self.scratch.run(
            f"{PYTHON} -m pip download --no-deps --no-cache-dir --dest got --isolated"
            f" --disable-pip-version-check --index-url http://{user}{index.host}/simple/ tacit")

    def test_pip_downloads(self):
        with DownloadIndex(self.folder, "tacit", {"ada": "s3cret"}) as index:
            _services.store(tacit.Client(), index.host, "ada", "s3cret")
            done = self.download(index)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(os.listdir(os.path.join(self.scratch.work, "got")), [WHEEL])
            self.assertEqual(self.download(index, "ada@").returncode, 0)
        self.assertNotIn(b"s3cret", done.stdout + done.stderr)

    def test_pip_without_the_password_does_not(self):
        with DownloadIndex(self.folder, "tacit", {"ada": "s3cret"}) as index:
            self.assertNotEqual(self.download(index).returncode, 0)
            self.assertGreater(len(index.refused), 0)

    @unittest.skipUnless(installed("twine"), "there is no twine")
    def test_twine_uploads(self):
        with UploadIndex("__token__", "s3cret") as index:
            upload = (f"TWINE_NON_INTERACTIVE=1 {PYTHON} -m twine upload --disable-progress-bar"
                      f" --repository-url {index.url} dist/{WHEEL}")
            self.assertNotEqual(self.scratch.run(upload).returncode, 0)
            self.assertEqual(index.uploads, [])
            _services.store(tacit.Client(), index.url, "__token__", "s3cret")
            done = self.scratch.run(upload)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual(index.uploads, [("__token__", [WHEEL])])
            self.assertNotIn(b"s3cret", done.stdout + done.stderr)


if __name__ == "__main__":
    run()
