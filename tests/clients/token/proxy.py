"""A proxy by which names that no resolver knows lead to servers of the loopback."""

import http.client
import select
import socket
import urllib.parse

from index_server import IndexServer, QuietHandler

PATIENCE = 60


class Proxy(IndexServer):
    """Use as a context manager. `routes` has the port of the loopback that `host:port` leads to;
    `asked` are those that somebody wanted to be led to. Its `url` is for `https_proxy`."""

    def __init__(self, routes):
        self.asked = []
        proxy = self

        class Handler(QuietHandler):
            def do_CONNECT(self):
                proxy.asked.append(self.path)
                port = routes.get(self.path)
                if port is None:
                    self.send_error(502)
                    return
                with socket.create_connection(("127.0.0.1", port), PATIENCE) as server:
                    self.send_response_only(200)
                    self.end_headers()
                    _carry(self.connection, server)
                self.close_connection = True

            def do_GET(self):
                """Plain http: the target is a whole URL."""
                target = urllib.parse.urlsplit(self.path)
                host = target.netloc if ":" in target.netloc else target.netloc + ":80"
                proxy.asked.append(host)
                port = routes.get(host)
                if port is None:
                    self.send_error(502)
                    return
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = urllib.parse.urlunsplit(("", "", target.path, target.query, ""))
                connection.request(self.command, path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

        super().__init__(Handler)
        self.url = f"http://{self.host}"


def _carry(one, other):
    """Until both have nothing more to say."""
    ways = {one: other, other: one}
    while ways:
        for source in select.select(list(ways), [], [], PATIENCE)[0] or list(ways):
            try:
                data = source.recv(65536)
                if data:
                    ways[source].sendall(data)
                    continue
                ways.pop(source).shutdown(socket.SHUT_WR)
            except OSError:
                return
