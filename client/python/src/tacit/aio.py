"""The same for asyncio: ``await tacit.aio.get("name")``. Each call waits on a thread of a pool of
its own, so that neither the event loop nor what else runs in its default executor is held up by
one that waits for the user. A cancelled call goes on, unseen, until its deadline at most."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ._pool import CONNECTIONS
from .client import Client
from .errors import TacitError
from .items import Change, Item, Status
from .secret import Secret
from ._watch import Listener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, AsyncIterator, Callable, Iterable, List, Mapping, Type, TypeVar

    from .secret import SecretValue

    T = TypeVar("T")


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

    async def _run(self, call: Callable[..., T], *arguments: Any, **named: Any) -> T:
        if self._threads is None or self._process != os.getpid():
            # A forked child has none of its parent's threads.
            self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="tacit")
            self._process = os.getpid()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(call, *arguments, **named))

    async def get(self, name: str, collection: str | None = None) -> Secret:
        return await self._run(self._client.get, name, collection)

    async def get_item(
        self, name: str, collection: str | None = None, *, version: int = 0
    ) -> Item:
        return await self._run(self._client.get_item, name, collection, version=version)

    async def describe(
        self, name: str, collection: str | None = None, *, version: int = 0
    ) -> Item:
        return await self._run(self._client.describe, name, collection, version=version)

    async def get_or_ask(
        self,
        name: str,
        collection: str | None = None,
        *,
        prompt: str | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> Secret:
        return await self._run(
            self._client.get_or_ask, name, collection, prompt=prompt, attributes=attributes
        )

    async def set(
        self,
        name: str,
        value: SecretValue,
        collection: str | None = None,
        *,
        attributes: Mapping[str, str] | None = None,
        content_type: str | None = None,
        expires: float | None = None,
        expected_version: int | None = None,
    ) -> int:
        return await self._run(
            self._client.set, name, value, collection, attributes=attributes,
            content_type=content_type, expires=expires, expected_version=expected_version,
        )

    async def delete(
        self,
        name: str,
        collection: str | None = None,
        *,
        purge: bool = False,
        expected_version: int = 0,
    ) -> None:
        await self._run(
            self._client.delete, name, collection, purge=purge, expected_version=expected_version
        )

    async def list(
        self, collection: str | None = None, *, attributes: Mapping[str, str] | None = None
    ) -> List[Item]:
        return await self._run(self._client.list, collection, attributes=attributes)

    async def status(self) -> Status:
        return await self._run(self._client.status)

    async def unlock(self, passphrase: SecretValue) -> None:
        await self._run(self._client.unlock, passphrase)

    async def lock(self) -> bool:
        return await self._run(self._client.lock)

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
