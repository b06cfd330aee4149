"""The shape of Posit Package Manager: logging in by a device, a token for an identity, and an index
of Python packages that takes live tokens alone."""

import os
import urllib.parse

from download_index import links_page
from faults import Answer
from index_server import basic_auth
from provider import EXCHANGE_GRANT, DEVICE_GRANT, TOKEN_TYPE
from upload_index import uploaded_files
from wheel import PACKAGE

CLIENT = "package-manager"  # what it is to the provider; its own clients have no name
USER = "__token__"
CALLS = {"/__api__/device": "device", "/__api__/device_access": "poll",
         "/__api__/token": "exchange"}
SIMPLE = "/pypi/latest/simple/"
FILES = "/pypi/latest/files/"
UPLOAD = "/upload/pypi/local"


class PackageManager:
    """`downloads` are files, `uploads` (path, files) of those that were let in; `refused` counts those
    that came with another password. `tells_expiry`: whether a token comes with how long it lives."""

    def __init__(self, front, prefix, wheels):
        self.front, self.prefix, self.wheels = front, prefix, wheels
        self.downloads = []
        self.uploads = []
        self.refused = 0
        self.tells_expiry = True

    @property
    def index_url(self):
        return self.front.address + SIMPLE

    @property
    def upload_url(self):
        return self.front.address + UPLOAD

    def kind_of(self, method, path):
        """Of a request that is the package manager's; None: it is not."""
        if not path.startswith(self.prefix):
            return None
        path = path[len(self.prefix):]
        if method == "POST":
            if path.rstrip("/") == UPLOAD:
                return "upload"
            return CALLS.get(path)
        if path in ("", "/"):
            return "check"
        return "index" if path.startswith((SIMPLE, FILES)) else None

    def answer(self, exchange):
        kind = exchange.request.kind
        if kind in ("check", "index", "upload"):
            return self._for_the_user(exchange, kind)
        form = exchange.request.form
        for name in ("client_id", "client_secret", "scope"):
            if name in form:
                self.front.violations.append(f"{exchange.request.path}: {name} is given")
        if "Authorization" in exchange.request.headers:
            self.front.violations.append(f"{exchange.request.path}: a client shows who it is")
        return {"device": self._device, "poll": self._poll, "exchange": self._exchange}[kind](form)

    def _ask(self, path, **form):
        return self.front.ask_provider("POST", path, urllib.parse.urlencode(form).encode(), {
            "Authorization": _client(self.front.provider.secrets[CLIENT]),
            "Content-Type": "application/x-www-form-urlencoded"})

    def _device(self, form):
        if form.get("code_challenge_method") != "S256" or len(form.get("code_challenge", "")) != 43:
            self.front.violations.append("a device without S256")
            return Answer.of({"error": "invalid_request"}, 400)
        answer = self._ask("/device/auth", client_id=CLIENT, scope="openid")
        content = answer.content()
        if answer.status == 200:
            self.front.codes.begun(content, form)
        return Answer.of(content, answer.status)

    def _poll(self, form):
        refusal = self.front.codes.refusal(form)
        if refusal:
            return refusal
        answer = self._ask("/token", grant_type=DEVICE_GRANT,
                           device_code=form.get("device_code", ""))
        content = answer.content()
        if answer.status == 200:
            content = {"id_token": content["id_token"]}
        return Answer.of(content, answer.status)

    def _exchange(self, form):
        if (form.get("grant_type") != EXCHANGE_GRANT
                or form.get("subject_token_type") != f"{TOKEN_TYPE}:id_token"):
            self.front.violations.append("an exchange of something else than an id_token")
            return Answer.of({"error": "invalid_request"}, 400)
        answer = self._ask("/token", grant_type=EXCHANGE_GRANT,
                           subject_token=form.get("subject_token", ""),
                           subject_token_type=f"{TOKEN_TYPE}:id_token")
        content = answer.content()
        if not self.tells_expiry:
            content.pop("expires_in", None)
        return Answer.of(content, answer.status)

    def _for_the_user(self, exchange, kind):
        request = exchange.request
        if request.user != USER or self.front.live(request.password) is None:
            if kind != "check" and request.password:
                self.refused += 1
            return Answer(401, b"", [("WWW-Authenticate", 'Basic realm="packages"')])
        if kind == "check":
            return Answer(200, b"here is the package manager")
        if kind == "upload":
            files = uploaded_files(request.headers["Content-Type"], exchange.body)
            self.uploads.append((request.path, files))
            return Answer(200)
        return self._page(request.path[len(self.prefix):])

    def _page(self, path):
        if path == f"{SIMPLE}{PACKAGE}/":
            return Answer(200, links_page(self.wheels, self.prefix + FILES),
                          [("Content-Type", "text/html")])
        name = path.rpartition("/")[2]
        if path.startswith(FILES) and name in os.listdir(self.wheels):
            self.downloads.append(name)
            with open(os.path.join(self.wheels, name), "rb") as file:
                return Answer(200, file.read())
        return Answer(404)


def _client(secret):
    return basic_auth(*(urllib.parse.quote_plus(part) for part in (CLIENT, secret)))
