"""oidc-provider, started in a Node of its own, and what its clients are."""

import json
import os
import secrets
import select
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "build/node")
NODE = os.path.join(PACKAGES, "node_modules/.bin/node")  # newer than Debian's
STARTING = 60  # seconds, on a busy machine

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type"

# Those that may log in by a device, and how they show who they are.
AUTHENTICATION = {"public": "none", "basic": "client_secret_basic", "post": "client_secret_post",
                  "package-manager": "client_secret_basic"}
INDEX = "index"  # asks whether a token is live, and gets none


def is_installed():
    package = os.path.join(PACKAGES, "node_modules/oidc-provider")
    return os.path.exists(NODE) and os.path.isdir(package)


class Provider:
    """Use as a context manager. `url` is where it listens, `secrets` are those of its clients."""

    def __init__(self, origin=None, access_token_life=600, device_code_life=120):
        # A secret that the form of RFC 6749, 2.3.1 changes when it goes into the header.
        self.secrets = {name: "se%cret :+/" + secrets.token_hex(8)
                        for name, way in AUTHENTICATION.items() if way != "none"}
        self.secrets[INDEX] = secrets.token_hex(16)
        self._config = {"clients": self._clients(), "cookie_key": secrets.token_hex(16),
                        "access_token_life": access_token_life,
                        "device_code_life": device_code_life}
        if origin:
            self._config["origin"] = origin
        self._process = None
        self._said = tempfile.TemporaryFile()
        self.url = None

    def _clients(self):
        clients = [{
            "client_id": name, "token_endpoint_auth_method": way,
            "grant_types": [DEVICE_GRANT, "refresh_token", EXCHANGE_GRANT],
        } for name, way in AUTHENTICATION.items()]
        clients.append({"client_id": INDEX, "token_endpoint_auth_method": "client_secret_basic",
                        "grant_types": []})
        for client in clients:
            client.update(response_types=[], redirect_uris=[], application_type="native",
                          id_token_signed_response_alg="ES256")
            if client["client_id"] in self.secrets:
                client["client_secret"] = self.secrets[client["client_id"]]
        return clients

    def __enter__(self):
        self._process = subprocess.Popen(
            [NODE, os.path.join(HERE, "provider.mjs")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._said,
            env={"PATH": "/usr/bin:/bin", "TACIT_TEST_NODE_PACKAGES": PACKAGES})
        self._process.stdin.write(json.dumps(self._config).encode() + b"\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], STARTING)
        line = self._process.stdout.readline() if ready else b""
        if not line:
            self._process.kill()
            self._process.wait()
            self._said.seek(0)
            raise AssertionError("oidc-provider did not start: "
                                 + self._said.read().decode(errors="replace"))
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        return self

    def __exit__(self, *_):
        try:
            self._process.communicate(timeout=STARTING)  # closes its standard input
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
