"""An authority of a test's own, and the certificates that it gives to servers of the loopback."""

import base64
import hashlib
import os
import ssl
import subprocess


def _openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout


class Authority:
    """Makes its files in `folder`. `file` is what its friends trust it by."""

    def __init__(self, folder, name="tests of Tacit"):
        self.folder = folder
        self._key = os.path.join(folder, "authority.key")
        self.file = os.path.join(folder, "authority.pem")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-days", "2", "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.file,
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def server_context(self, *names):
        """What a server of these names, and of the loopback, is wrapped by."""
        key, certificate = self.certify("server", *names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def certify(self, file, *names):
        """Paths of a key and of its certificate."""
        key, certificate = (os.path.join(self.folder, f"{file}.{end}") for end in ("key", "pem"))
        known = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"] + [f"DNS:{name}" for name in names]
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-days", "2", "-subj", f"/CN={file}", "-keyout", key, "-out", certificate,
                 "-CA", self.file, "-CAkey", self._key,
                 "-addext", "basicConstraints=critical,CA:FALSE",
                 "-addext", "subjectAltName=" + ",".join(known))
        return key, certificate

    def fingerprint(self, file="server"):
        """Of a certificate's key, as Chromium's list of keys to trust has it."""
        public = _openssl("x509", "-in", os.path.join(self.folder, f"{file}.pem"), "-noout", "-pubkey")
        lines = public.decode().split("\n")
        spki = base64.b64decode("".join(line for line in lines if not line.startswith("-")))
        return base64.b64encode(hashlib.sha256(spki).digest()).decode()
