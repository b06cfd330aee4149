"""A web server of a package index, on a port of its own."""

import base64
import http.server
import threading


def basic_auth(user, password):
    """The header by which somebody is let in."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


class IndexServer:
    """Use as a context manager. `host` has the port."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
