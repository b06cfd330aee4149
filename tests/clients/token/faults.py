"""What a server may do instead of answering well. Each is a function of an Exchange (front.py)
that gives the answer, or None when there is none and the connection is to be closed."""

import dataclasses
import email.utils
import json
import threading
import time

LARGE = 2 * 1024 * 1024  # more than anybody has to read of a token endpoint


@dataclasses.dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: list = dataclasses.field(default_factory=list)

    @classmethod
    def of(cls, content, status=200):
        return cls(status, json.dumps(content).encode(), [("Content-Type", "application/json"),
                                                          ("Cache-Control", "no-store")])

    def content(self):
        return json.loads(self.body)


def status(code, body=b"", **headers):
    """Without asking anybody: what it says is all that happens."""
    lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return lambda exchange: Answer(code, body, lines)


def error(name, description=None, code=400):
    """RFC 6749, 5.2."""
    content = {"error": name}
    if description is not None:
        content["error_description"] = description
    return lambda exchange: Answer.of(content, code)


def says(body, content_type="application/json"):
    """Success, with such a body."""
    return status(200, body, Content_Type=content_type)


def gives(content):
    return lambda exchange: Answer.of(content)


def edited(change):
    """The true answer, whose content `change` was let at."""
    def fault(exchange):
        answer = exchange.forward()
        content = answer.content()
        change(content)
        return Answer.of(content, answer.status)
    return fault


def clock_off_by(seconds):
    """The true answer by a server whose clock is wrong."""
    def fault(exchange):
        answer = exchange.forward()
        answer.headers = [header for header in answer.headers if header[0].lower() != "date"]
        answer.headers.append(("Date", email.utils.formatdate(time.time() + seconds, usegmt=True)))
        return answer
    return fault


def too_much(content):
    """Success, which is well formed once one has read more than anybody has to."""
    return says(json.dumps(content).encode() + b" " * LARGE)


def oversized(exchange):
    """The true answer, which is well formed once one has read too much."""
    answer = exchange.forward()
    answer.body = answer.body + b" " * LARGE
    return answer


def endless(exchange):
    """An answer of which there is always more. It ends when the client goes."""
    exchange.send_raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(1024):  # 64 MiB is endless enough
        exchange.send_raw(chunk)


def unheard(exchange):
    """The connection ends, and nothing was done."""


def lost_answer(exchange):
    """It was done, and the connection ends before the client is told."""
    exchange.forward()


def silent(exchange):
    """Nothing is done, and no answer comes for as long as the client waits."""
    exchange.wait_until_gone()


def stalled_answer(exchange):
    """It was done, and the answer stops half-way."""
    answer = exchange.forward()
    half = answer.body[:len(answer.body) // 2]
    exchange.send_raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n%s" % (len(answer.body), half))
    exchange.wait_until_gone()


class Held:
    """The true answer, when the test lets it go: after it was done, or, with `before`, until it is.
    `reached` is set when the request is there (was done); `let_go` is for the test to set."""

    def __init__(self, before=False):
        self.before = before
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, exchange):
        answer = None if self.before else exchange.forward()
        self.reached.set()
        exchange.wait_for(self.let_go)
        return exchange.forward() if self.before else answer
