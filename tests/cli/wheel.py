"""A package of ours that has nothing in it, made without a build tool."""

import base64
import hashlib
import zipfile

PACKAGE = "tacit-test-nothing"
WHEEL = "tacit_test_nothing-1.0-py3-none-any.whl"


def make_wheel(path):
    files = {
        "tacit_test_nothing.py": b"",
        "tacit_test_nothing-1.0.dist-info/METADATA":
            b"Metadata-Version: 2.1\nName: tacit-test-nothing\nVersion: 1.0\n",
        "tacit_test_nothing-1.0.dist-info/WHEEL":
            b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files["tacit_test_nothing-1.0.dist-info/RECORD"] = record.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
