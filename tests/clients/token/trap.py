"""A server that looks like another, and keeps whatever it is given."""

from index_server import IndexServer, QuietHandler


class Trap(IndexServer):
    """Use as a context manager. It asks everybody for a password. `authorizations` are those that it
    was given, `paths` what it was asked for."""

    def __init__(self, tls=None):
        self.authorizations = []
        self.paths = []
        trap = self

        class Handler(QuietHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                trap.paths.append(self.path)
                if "Authorization" in self.headers:
                    trap.authorizations.append(self.headers["Authorization"])
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="packages"')
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET

        super().__init__(Handler, tls)
        self.url = f"{'https' if tls else 'http'}://{self.host}"
