"""Calls of libtacit that Ctrl-C ends within a moment, as it ends those of Python itself.

Python runs the handlers of signals on its main thread, between two instructions of a program: not
while that is in a call of C. So there the call is made on a thread of its own, and what the main
thread waits for is a lock, which an interrupt ends."""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, start_new_thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

if sys.platform.startswith("linux"):
    from _thread import get_native_id

    def on_main_thread() -> bool:
        return get_native_id() == os.getpid()

else:

    def on_main_thread() -> bool:
        import threading

        return threading.current_thread() is threading.main_thread()


def interruptible(call: Callable[[], Any], stop: Callable[[], None]) -> Any:
    """What `call` returns, which takes no thread of Python for its own. Where an exception comes
    to this thread meanwhile: `stop` is called, `call` has ended, and the exception goes on."""
    begin = allocate_lock()  # whoever takes it decides whether `call` is made
    ended = allocate_lock()
    ended.acquire()
    results: list[Any] = []

    def work() -> None:
        if not begin.acquire(False):
            return
        try:
            results.append((call(), None))
        except BaseException as error:
            results.append((None, error))
        finally:
            ended.release()

    try:
        try:
            start_new_thread(work, ())
        except RuntimeError:  # there are too many, or the interpreter ends
            work()
        ended.acquire()
    except BaseException:
        if not begin.acquire(False):
            stop()
            while not results:
                try:
                    ended.acquire()
                except BaseException:  # one more
                    continue
        raise
    result, error = results[0]
    if error is not None:
        raise error
    return result
