"""A package index that takes uploads with Basic auth, as twine sends them, on a port of its own."""

import base64
import email.parser
import email.policy
import http.server
import threading


class UploadIndex:
    """Use as a context manager. `uploads` are (user, file name) of those that were let in."""

    def __init__(self, username, password):
        self.uploads = []
        self.refused = 0
        index = self
        expected = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Authorization") != expected:
                    index.refused += 1
                    self.send_response(401)
                else:
                    head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
                    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
                    names = [part.get_filename() for part in form.iter_parts()]
                    index.uploads.append((username, [name for name in names if name]))
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/legacy/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
