"""Connections of one Client: any number of threads, and children after a fork, may use it."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident
from weakref import WeakSet

from ._interrupt import interruptible, on_main_thread
from ._native import check, library
from .errors import InvalidArgumentError, TacitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

# Threads beyond these wait for one another. The daemon takes 64 connections of a process.
CONNECTIONS = 16


class _Slot:
    """A tacit_client, which one thread at a time may use, and what stops its calls."""

    __slots__ = ("lock", "handle", "stopper")

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.handle: int | None = None
        self.stopper: int | None = None

    def free(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            library().client_free(handle)
        stopper, self.stopper = self.stopper, None
        if stopper is not None:
            library().stopper_free(stopper)


class Pool:
    """`configure` is handed each new tacit_client."""

    def __init__(self, configure: Callable[[int], None]) -> None:
        self._configure = configure
        self._slots = [_Slot()]
        self._closed = False
        _pools.add(self)

    def call(self, function: str, *arguments: Any) -> None:
        """Calls tacit_`function` with a connection and the arguments; raises what it returns."""
        slot = self._take()
        try:
            self._call(slot, getattr(library(), function), arguments)
        finally:
            if self._closed:
                slot.free()
            slot.lock.release()

    def _call(self, slot: _Slot, function: Any, arguments: tuple[Any, ...]) -> None:
        handle = self._handle_of(slot)
        if slot.stopper is None or not on_main_thread():
            return check(function(handle, *arguments))
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            library().stopper_stop(slot.stopper)

        try:
            check(interruptible(lambda: function(handle, *arguments), stop))
        finally:
            if stopped:
                slot.free()  # it stays stopped

    def close(self) -> None:
        """Calls that are under way end in their own time, and their connections with them."""
        self._closed = True
        for slot in self._slots:
            if slot.lock.acquire(False):
                slot.free()
                slot.lock.release()

    def __del__(self) -> None:
        self.close()

    def _take(self) -> _Slot:
        if self._closed:
            raise InvalidArgumentError("this client was closed", "INVALID_ARGUMENT")
        slots = self._slots
        for slot in slots:
            if slot.lock.acquire(False):
                return slot
        if len(slots) < CONNECTIONS:
            slot = _Slot()
            slot.lock.acquire()
            slots.append(slot)
            return slot
        slot = slots[get_ident() // 64 % len(slots)]
        slot.lock.acquire()
        return slot

    def _handle_of(self, slot: _Slot) -> int:
        handle = slot.handle
        if handle is None:
            slot.handle = handle = new_client()
            self._configure(handle)
            slot.stopper = library().stopper_new()
            library().client_set_stopper(handle, slot.stopper)
        return handle

    def forget_other_threads(self) -> None:
        """In a forked child: what another thread was using is in no known state, and is left.
        The rest is made anew: a stopper would be the parent's too."""
        kept = []
        for slot in self._slots:
            if slot.lock.acquire(False):
                slot.free()
                slot.lock.release()
                kept.append(slot)
        self._slots = kept or [_Slot()]


def new_client() -> int:
    handle: int | None = library().client_new()
    if handle is None:
        raise TacitError("out of memory", "LIMIT")
    return handle


_pools: WeakSet[Pool] = WeakSet()


def _after_fork() -> None:
    for pool in _pools:
        pool.forget_other_threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
