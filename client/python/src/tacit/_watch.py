"""Following changes: a thread that waits in libtacit, and an iterator that takes what it hears."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from ._closing import Closing
from ._native import CHANGE_CALLBACK, check, library, text_or_none, texts
from ._pool import new_client
from .errors import TacitError
from .items import Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Type, Union

    # A change; an error, after which nothing comes; None: the watch is in place.
    Event = Union[Change, TacitError, None]

_READY = 0
_KINDS = {1: "set", 2: "deleted", 3: "overflow"}


class Listener:
    """Hands every event of a watch to `deliver`, on a thread of its own, until it is stopped."""

    def __init__(
        self,
        configure: Callable[[int], None],
        collection: str | None,
        names: Iterable[str],
        deliver: Callable[[Event], None],
    ) -> None:
        wanted = [*names]
        self._where = text_or_none(collection, "collection")
        self._names = texts(wanted, "name")
        self._count = len(wanted)
        self._deliver = deliver
        self._lock = threading.Lock()
        native = library()
        self._stopper: int | None = native.stopper_new()
        if self._stopper is None:
            raise TacitError("no descriptors are left for a watch", "LIMIT")
        self._client = new_client()
        configure(self._client)
        self._thread = threading.Thread(target=self._listen, name="tacit watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """From any thread; nothing is delivered after the thread has ended."""
        with self._lock:
            if self._stopper is not None:
                library().stopper_stop(self._stopper)

    def join(self) -> None:
        self._thread.join()

    def _listen(self) -> None:
        native = library()
        try:
            check(
                native.watch_until(
                    self._client, self._where, self._names, self._count,
                    CHANGE_CALLBACK(self._hear), None, self._stopper,
                )
            )
        except TacitError as error:
            self._deliver(error)
        finally:
            native.client_free(self._client)
            with self._lock:
                stopper, self._stopper = self._stopper, None
            native.stopper_free(stopper)

    def _hear(
        self, context: Any, kind: int, collection: bytes, name: bytes, version: int
    ) -> int:
        if kind == _READY:
            self._deliver(None)
        elif kind in _KINDS:
            self._deliver(Change(_KINDS[kind], collection.decode(), name.decode(), version))
        return 1


class Watch(Closing):
    """An iterator over changes; see `Client.watch`. For one thread, and not for a forked child."""

    def __init__(
        self, configure: Callable[[int], None], collection: str | None, names: Iterable[str]
    ) -> None:
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._process = os.getpid()
        self._ended: BaseException | None = None
        self._listener = Listener(configure, collection, names, self._events.put)
        try:
            self._next()
        except BaseException:  # also an interrupt
            self._listener.stop()
            raise

    def close(self) -> None:
        """Ends the iteration."""
        if self._ended is None and self._process == os.getpid():
            self._ended = StopIteration()
            self._listener.stop()
            self._listener.join()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> Change:
        event = self._next()
        assert isinstance(event, Change)
        return event

    def _next(self) -> Event:
        if self._process != os.getpid():
            raise TacitError("a watch belongs to the process that began it")
        if self._ended is not None:
            raise self._ended
        event: Event = self._events.get()
        if isinstance(event, TacitError):
            self._ended = StopIteration()
            raise event
        return event

    def __del__(self) -> None:
        listener = getattr(self, "_listener", None)
        if listener is not None and self._process == os.getpid():
            listener.stop()
