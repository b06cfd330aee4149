"""A web server of a package index, on a port of its own."""

import base64
import http.server
import socket
import sys
import threading


def basic_auth(user, password):
    """The header by which somebody is let in."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def basic_login(header):
    """The user and password in it; (None, None): there is none, or no such header."""
    scheme, _, rest = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        user, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return (user, password) if colon else (None, None)


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, handler, tls):
        super().__init__(("127.0.0.1", 0), handler)
        self.tls = tls

    def finish_request(self, request, client_address):
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        try:  # in the thread of this connection: a silent client holds up nobody
            with self.tls.wrap_socket(request, server_side=True) as wrapped:
                super().finish_request(wrapped, client_address)
                wrapped.shutdown(socket.SHUT_WR)
        except OSError:  # it does not trust this server, or is gone
            pass

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client may end while it is answered
            super().handle_error(request, client_address)


class IndexServer:
    """Use as a context manager. `host` has the port. `tls`: the context of an SSL server."""

    def __init__(self, handler, tls=None):
        self.server = _Server(handler, tls)
        self.host = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
