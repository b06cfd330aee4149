"""A package index with Basic auth to download from, as pip reads one, on a port of its own."""

import os

from index_server import IndexServer, QuietHandler, basic_auth


def links_page(folder, at="/files/"):
    """The page of a package whose files are those of the folder."""
    return "".join(f'<a href="{at}{file}">{file}</a>' for file in os.listdir(folder)).encode()


class DownloadIndex(IndexServer):
    """Serves the files of `folder`, all of one package, under `/simple/`. Use as a context manager.
    `users` are those that were let in, by request; `refused` the paths of the other requests."""

    def __init__(self, folder, package, passwords):
        self.users = []
        self.refused = []
        index = self
        known = {basic_auth(user, password): user for user, password in passwords.items()}

        class Handler(QuietHandler):
            def do_GET(self):
                user = known.get(self.headers.get("Authorization"))
                if user is None:
                    index.refused.append(self.path)
                    self.answer(401, b"", [("WWW-Authenticate", 'Basic realm="packages"')])
                    return
                index.users.append(user)
                name = self.path.rpartition("/")[2]
                if self.path == f"/simple/{package}/":
                    self.answer(200, links_page(folder), [("Content-Type", "text/html")])
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

        super().__init__(Handler)
        self.url = f"http://{self.host}/simple/"
