"""A package index that takes uploads with Basic auth, as twine sends them, on a port of its own."""

import email.parser
import email.policy

from index_server import IndexServer, QuietHandler, basic_auth


def uploaded_files(content_type, body):
    """The names of the files in what twine sends."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    return [part.get_filename() for part in form.iter_parts() if part.get_filename()]


class UploadIndex(IndexServer):
    """Use as a context manager. `uploads` are (user, file name) of those that were let in."""

    def __init__(self, username, password):
        self.uploads = []
        self.refused = 0
        index = self
        expected = basic_auth(username, password)

        class Handler(QuietHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Authorization") != expected:
                    index.refused += 1
                    self.send_response(401)
                else:
                    files = uploaded_files(self.headers["Content-Type"], body)
                    index.uploads.append((username, files))
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        super().__init__(Handler)
        self.url = f"http://{self.host}/legacy/"
