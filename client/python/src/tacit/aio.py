"""The same for asyncio: ``await tacit.aio.get("name")``. Each call waits on a thread of a pool of
its own, so that neither the event loop nor what else runs in its default executor is held up by
one that waits for the user. A cancelled call goes on, unseen, until its deadline at most."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps

from ._pool import CONNECTIONS
from .client import Client
from .errors import TacitError
from .items import Change
from ._watch import Listener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, AsyncIterator, Callable, Coroutine, Iterable, Type, TypeVar
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")
    T = TypeVar("T")


def _awaited(
    call: Callable[Concatenate[Client, P], T]
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    """A method that is to be awaited, of one of Client."""

    @wraps(call)
    async def method(self: AsyncClient, /, *arguments: P.args, **named: P.kwargs) -> T:
        return await self._run(partial(call, self._client, *arguments, **named))

    return method


class AsyncClient:
    """`Client`, which see for what the calls mean and raise."""

    def __init__(
        self,
        *,
        socket: str | os.PathLike[str] | None = None,
        deadline: float | None = None,
        autostart: bool = True,
        interaction: bool | None = None,
    ) -> None:
        self._client = Client(
            socket=socket, deadline=deadline, autostart=autostart, interaction=interaction
        )
        self._threads: ThreadPoolExecutor | None = None
        self._process = 0

    async def _run(self, call: Callable[[], T]) -> T:
        if self._threads is None or self._process != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="tacit")
            self._process = os.getpid()
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    get = _awaited(Client.get)
    get_item = _awaited(Client.get_item)
    describe = _awaited(Client.describe)
    token_for_url = _awaited(Client.token_for_url)
    get_or_ask = _awaited(Client.get_or_ask)
    set = _awaited(Client.set)
    delete = _awaited(Client.delete)
    list = _awaited(Client.list)
    status = _awaited(Client.status)
    unlock = _awaited(Client.unlock)
    lock = _awaited(Client.lock)

    async def watch(
        self, collection: str | None = None, names: Iterable[str] = ()
    ) -> AsyncIterator[Change | None]:
        """``async for change in client.watch():`` yields None once, when it is in place, then
        changes. Cancelling ends it."""
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Any] = asyncio.Queue()

        def deliver(event: Any) -> None:
            try:
                loop.call_soon_threadsafe(events.put_nowait, event)
            except RuntimeError:
                pass  # the loop is closed: nobody waits any more

        listener = Listener(self._client._configure, collection, names, deliver)
        try:
            while True:
                event = await events.get()
                if isinstance(event, TacitError):
                    raise event
                yield event
        finally:
            listener.stop()

    async def close(self) -> None:
        self._client.close()
        threads, self._threads = self._threads, None
        if threads is not None and self._process == os.getpid():
            threads.shutdown(wait=False)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: Type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


_default = AsyncClient()

get = _default.get
get_item = _default.get_item
describe = _default.describe
get_or_ask = _default.get_or_ask
set = _default.set
delete = _default.delete
list = _default.list
status = _default.status
watch = _default.watch
