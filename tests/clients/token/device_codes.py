"""What oidc-provider leaves out of the device flow: an interval that is held to, and PKCE."""

import base64
import dataclasses
import hashlib
import threading
import time

from faults import Answer

EARLY = 0.05  # seconds that clocks and threads may take
SLOWER = 5    # RFC 8628, 3.5


@dataclasses.dataclass
class _Code:
    interval: float
    challenge: str
    polled: float


class DeviceCodes:
    """`early` are the polls that came before their time, `unproven` those without the verifier."""

    def __init__(self, interval):
        self.interval = interval
        self.early = []
        self.unproven = 0
        self._codes = {}
        self._lock = threading.Lock()

    def begun(self, content, form):
        """Adds what is missing to the answer to a request for a code."""
        if self.interval is not None:
            content["interval"] = self.interval
        with self._lock:
            self._codes[content["device_code"]] = _Code(
                5 if self.interval is None else self.interval, form.get("code_challenge"),
                time.monotonic())

    def slow_down(self, form):
        """The client was told to; from now on it has to."""
        with self._lock:
            code = self._codes.get(form.get("device_code"))
            if code:
                code.interval += SLOWER

    def refusal(self, form):
        """What a poll is answered that is not passed on, or None."""
        with self._lock:
            code = self._codes.get(form.get("device_code"))
            if code is None:
                return None  # the provider says what it thinks of it
            verifier = form.get("code_verifier")
            if code.challenge is not None and not _proves(verifier, code.challenge):
                self.unproven += 1
                return Answer.of({"error": "invalid_grant"}, 400)
            waited = time.monotonic() - code.polled
            code.polled = time.monotonic()
            if waited < code.interval - EARLY:
                self.early.append((waited, code.interval))
                code.interval += SLOWER
                return Answer.of({"error": "slow_down"}, 400)
        return None


def _proves(verifier, challenge):
    if verifier is None or not 43 <= len(verifier) <= 128:  # RFC 7636, 4.1
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
