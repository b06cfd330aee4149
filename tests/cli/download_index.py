"""A package index with Basic auth to download from, as pip reads one, on a port of its own."""

import base64
import http.server
import os
import threading


class DownloadIndex:
    """Serves the files of `folder`, all of one package, under `/simple/`. Use as a context manager.
    `users` are those that were let in, by request; `refused` the paths of the other requests."""

    def __init__(self, folder, package, passwords):
        self.users = []
        self.refused = []
        index = self
        known = {"Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(): user
                 for user, password in passwords.items()}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                user = known.get(self.headers.get("Authorization"))
                if user is None:
                    index.refused.append(self.path)
                    self.answer(401, b"", [("WWW-Authenticate", 'Basic realm="packages"')])
                    return
                index.users.append(user)
                name = self.path.rpartition("/")[2]
                if self.path == f"/simple/{package}/":
                    page = "".join(f'<a href="/files/{file}">{file}</a>'
                                   for file in os.listdir(folder))
                    self.answer(200, page.encode(), [("Content-Type", "text/html")])
                elif self.path.startswith("/files/") and name in os.listdir(folder):
                    with open(os.path.join(folder, name), "rb") as file:
                        self.answer(200, file.read(), [])
                else:
                    self.answer(404, b"", [])

            def answer(self, code, body, headers):
                self.send_response(code)
                for header in headers:
                    self.send_header(*header)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/simple/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
