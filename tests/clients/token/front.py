"""A server before oidc-provider that everybody asks: it holds clients to what the provider lets
pass, plays a package manager with a package index, misbehaves when it is told to, and remembers
who asked for what."""

import collections
import dataclasses
import http.client
import select
import socket
import threading
import time
import urllib.parse

from device_codes import DeviceCodes
from faults import Answer
from index_server import IndexServer, QuietHandler, basic_auth, basic_login
from package_manager import PackageManager
from provider import DEVICE_GRANT, EXCHANGE_GRANT, INDEX, Provider

PATIENCE = 60  # seconds that a test waits for a request
LARGEST = 16 * 1024 * 1024  # of a request
PROVIDER_KINDS = {"/device/auth": "device", "/token/revocation": "revocation",
                  "/.well-known/openid-configuration": "discovery"}
GRANT_KINDS = {DEVICE_GRANT: "poll", EXCHANGE_GRANT: "exchange", "refresh_token": "refresh"}


@dataclasses.dataclass
class Request:
    """One line of the log. `user` and `password`: of Basic authorisation; `status` 0: no answer."""
    kind: str
    method: str
    path: str
    host: str
    form: dict
    headers: dict
    user: str
    password: str
    at: float
    status: int = 0


class Exchange:
    """One request and what a fault may do with it."""

    def __init__(self, front, handler, request, body):
        self.front, self.handler, self.request, self.body = front, handler, request, body

    def forward(self):
        return self.front.answer_well(self)

    def send_raw(self, data):
        self.handler.wfile.write(data)
        self.handler.close_connection = True

    def wait_until_gone(self):
        select.select([self.handler.connection, self.front.ending], [], [], PATIENCE)

    def wait_for(self, event):
        if not event.wait(PATIENCE):
            raise AssertionError("the test never let an answer go")


class Front(IndexServer):
    """Use as a context manager: its provider is started with it.

    `origin` is its own address (another is for who reaches it through a proxy), `address` that of
    the package manager, at `prefix` below it. Kinds of requests are device, poll, refresh, exchange,
    revocation, discovery, check, index, upload and other. `violations` are what a client did that
    the protocol does not know."""

    def __init__(self, tls=None, origin=None, prefix="", interval=1, wheels=None, **provider):
        front = self
        self.log = []
        self.violations = []
        self._faults = collections.defaultdict(collections.deque)
        self._always = {}
        self._changed = threading.Condition()
        self.ending, self._end = socket.socketpair()

        class Handler(QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                front.serve(self)

            do_POST = do_GET

        super().__init__(Handler, tls)
        self.origin = origin or f"{'https' if tls else 'http'}://{self.host}"
        self.address = self.origin + prefix
        self.provider = Provider(self.origin, **provider)
        self.codes = DeviceCodes(interval)
        self.package_manager = PackageManager(self, prefix, wheels)

    def __enter__(self):
        self.provider.__enter__()
        return super().__enter__()

    def __exit__(self, *arguments):
        self._end.close()
        super().__exit__(*arguments)
        self.ending.close()
        self.provider.__exit__(*arguments)

    # For the tests.

    def fail(self, kind, *faults):
        """The next requests of the kind meet these, one each."""
        self._faults[kind].extend(faults)

    def fail_always(self, kind, fault=None):
        """All requests of the kind do, until it is said again without one."""
        if fault:
            self._always[kind] = fault
        else:
            self._always.pop(kind, None)

    def requests(self, kind):
        with self._changed:
            return [request for request in self.log if request.kind == kind]

    def count(self, kind):
        return len(self.requests(kind))

    def forget(self):
        with self._changed:
            self.log.clear()

    def wait_for(self, kind, count=1):
        """Until that many were answered, or given none."""
        def answered():
            return sum(one.kind == kind and one.status >= 0 for one in self.log) >= count
        with self._changed:
            if not self._changed.wait_for(answered, PATIENCE):
                raise AssertionError(f"{count} requests of kind {kind!r} never came")

    def live(self, token):
        """What the provider knows of an access token; None: it takes it no more."""
        form = urllib.parse.urlencode({"token": token}).encode()
        answer = self.ask_provider("POST", "/token/introspection", form, {
            "Authorization": basic_auth(INDEX, self.provider.secrets[INDEX]),
            "Content-Type": "application/x-www-form-urlencoded"})
        content = answer.content()
        return content if content.get("active") else None

    # For requests.

    def serve(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        if length > LARGEST:
            handler.send_error(413)
            return
        body = handler.rfile.read(length)
        request = self._request(handler, body)
        with self._changed:
            self.log.append(request)
            queue = self._faults[request.kind]
            fault = queue.popleft() if queue else self._always.get(request.kind)
        exchange = Exchange(self, handler, request, body)
        answer = None
        try:
            answer = fault(exchange) if fault else exchange.forward()
        finally:
            with self._changed:
                request.status = answer.status if answer else 0
                self._changed.notify_all()
        if answer is None:
            handler.close_connection = True
        else:
            _send(handler, answer)

    def _request(self, handler, body):
        path = handler.path.partition("?")[0]
        form = {}
        if handler.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            pairs = urllib.parse.parse_qsl(body.decode(errors="replace"), keep_blank_values=True)
            form = dict(pairs)
            if len(form) != len(pairs):
                self.violations.append(f"{path}: a parameter comes twice")
        kind = self.package_manager.kind_of(handler.command, path)
        if kind is None:
            kind = PROVIDER_KINDS.get(path, "other")
            if path == "/token":
                kind = GRANT_KINDS.get(form.get("grant_type"), "other")
        user, password = basic_login(handler.headers.get("Authorization"))
        return Request(kind, handler.command, handler.path, handler.headers.get("Host", ""), form,
                       dict(handler.headers), user, password, time.monotonic(), status=-1)

    def answer_well(self, exchange):
        request = exchange.request
        if self.package_manager.kind_of(request.method, request.path.partition("?")[0]):
            return self.package_manager.answer(exchange)
        if request.kind == "poll":
            refusal = self.codes.refusal(request.form)
            if refusal:
                return refusal
        answer = self.ask_provider(request.method, request.path, exchange.body, request.headers)
        if request.kind == "device" and answer.status == 200:
            content = answer.content()
            self.codes.begun(content, request.form)
            return Answer.of(content)
        return answer

    def ask_provider(self, method, path, body, headers):
        """The provider is told at which address its user sees it."""
        scheme, _, host = self.origin.partition("://")
        passed = {name: value for name, value in headers.items() if name.lower() not in (
            "host", "connection", "content-length", "accept-encoding")}
        passed.update({"X-Forwarded-Proto": scheme, "X-Forwarded-Host": host})
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.provider.url).netloc,
                                                timeout=PATIENCE)
        try:
            connection.request(method, path, body, passed)
            reply = connection.getresponse()
            kept = [header for header in reply.getheaders()
                    if header[0].lower() not in ("connection", "keep-alive", "content-length",
                                                 "transfer-encoding")]
            return Answer(reply.status, reply.read(), kept)
        finally:
            connection.close()


def _send(handler, answer):
    names = {name.lower() for name, _ in answer.headers}
    handler.send_response_only(answer.status)
    if "date" not in names:
        handler.send_header("Date", handler.date_time_string())
    for header in answer.headers:
        handler.send_header(*header)
    handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body)
