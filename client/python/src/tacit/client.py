"""Asking the daemon."""

from __future__ import annotations

import ctypes
import os

from ._native import library, text, text_or_none, texts, to_error
from ._pool import Pool
from .errors import InvalidArgumentError
from .items import Item, Status, item_from, items_from
from .secret import Owner, Passed, Secret, secret_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Iterable, List, Mapping, Type

    from .secret import SecretValue
    from ._watch import Watch

PATIENCE = 120.0  # seconds that the user has for an answer
REFERENCE = "tacit://"
_PASSPHRASE = 1  # enum tacit_slot_kind


class Client:
    """A connection to the user's daemon, for any number of threads and forked children.

    socket: its path; by default it is looked for. deadline: seconds for each call, the start of a
    daemon included. autostart: start one where none answers. interaction: whether the daemon may
    ask the user (by the prompter) before it answers, which it then waits two minutes for; by
    default unless TACIT_NO_INPUT is set.

    Nothing is connected before the first call. Every call may raise the errors of
    `tacit.errors`. Names are of the collection ``default`` where none is given; where a value is
    read, a name may also be a reference, ``tacit://collection/name``.
    """

    def __init__(
        self,
        *,
        socket: str | os.PathLike[str] | None = None,
        deadline: float = 10.0,
        autostart: bool = True,
        interaction: bool | None = None,
    ) -> None:
        if interaction is None:
            interaction = not os.environ.get("TACIT_NO_INPUT")
        path = None if socket is None else os.fsencode(socket)
        milliseconds = int((max(deadline, PATIENCE) if interaction else deadline) * 1000)

        def configure(handle: int) -> None:
            native = library()
            native.client_set_socket(handle, path)
            native.client_set_deadline(handle, milliseconds)
            native.client_set_autostart(handle, autostart)
            native.client_set_interaction(handle, bool(interaction))

        self._configure = configure
        self._pool = Pool(configure)

    def close(self) -> None:
        self._pool.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- Items

    def get(self, name: str, collection: str | None = None) -> Secret:
        """The value. NotFoundError, LockedError, ExpiredError, DeniedError..."""
        out = ctypes.c_void_p()
        if collection is None and name.startswith(REFERENCE):
            self._pool.call("get_reference", text(name, "reference"), out)
        else:
            self._pool.call("get", *_where(collection, name), out)
        return secret_of(_handle(out))

    def get_item(self, name: str, collection: str | None = None, *, version: int = 0) -> Item:
        """Value and metadata; version 0 is the newest."""
        out = ctypes.c_void_p()
        self._pool.call("get_item", *_where(collection, name), version, out)
        return _item_with_value(_handle(out))

    def describe(self, name: str, collection: str | None = None, *, version: int = 0) -> Item:
        """Metadata only."""
        out = ctypes.c_void_p()
        self._pool.call("describe", *_where(collection, name), version, out)
        handle = _handle(out)
        try:
            return item_from(handle)
        finally:
            library().item_free(handle)

    def get_or_ask(
        self,
        name: str,
        collection: str | None = None,
        *,
        prompt: str | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> Secret:
        """The value; if it is not there, the user is asked for it by the prompter, else on the
        terminal, and what was typed is stored and returned. UserDeniedError, NoPrompterError."""
        out = ctypes.c_void_p()
        changes = _Changes(attributes=attributes)
        with changes as handle:
            self._pool.call(
                "get_or_ask", *_where(collection, name), text_or_none(prompt, "prompt"), handle, out
            )
        return secret_of(_handle(out))

    def set(
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
        """Stores a value, durably, and returns its version.

        attributes: all that it shall have; None keeps those that it has. expires: seconds since
        the epoch. expected_version: what must be the newest (ChangedError); 0: there must be none.
        """
        version = ctypes.c_uint64()
        changes = _Changes(attributes, content_type, expires, expected_version)
        with Passed(value) as (data, size), changes as handle:
            self._pool.call("set", *_where(collection, name), data, size, handle, version)
        return version.value

    def delete(
        self,
        name: str,
        collection: str | None = None,
        *,
        purge: bool = False,
        expected_version: int = 0,
    ) -> None:
        """purge: forget its history too. NotFoundError; ChangedError if a version is expected."""
        self._pool.call("delete", *_where(collection, name), purge, expected_version)

    def list(
        self, collection: str | None = None, *, attributes: Mapping[str, str] | None = None
    ) -> List[Item]:
        """Metadata of all items, or of one collection's, or of those that have all of these
        attributes; by collection and name."""
        out = ctypes.c_void_p()
        where = text_or_none(collection, "collection")
        if attributes is None:
            self._pool.call("list", where, False, out)
        else:
            keys = texts([*attributes], "attribute")
            values = texts([*attributes.values()], "attribute")
            self._pool.call("search", keys, values, len(attributes), where, out)
        return items_from(_handle(out))

    def get_all(self, collection: str | None = None) -> List[Item]:
        """Everything in a collection and what it inherits, with values, in one round trip. Raises
        why the first one was not given."""
        out = ctypes.c_void_p()
        self._pool.call("get_all", text_or_none(collection, "collection"), out)
        return _found_items(_handle(out))

    def collections(self) -> dict[str, int]:
        """Their names, and how many items they have."""
        out = ctypes.c_void_p()
        self._pool.call("list_collections", out)
        native, handle = library(), _handle(out)
        try:
            return {
                native.collections_name(handle, i).decode(): native.collections_items(handle, i)
                for i in range(native.collections_count(handle))
            }
        finally:
            native.collections_free(handle)

    def watch(self, collection: str | None = None, names: Iterable[str] = ()) -> Watch:
        """Changes from now on, as an iterator that is in place when this returns: of everything,
        of a collection, or of some names in it. It ends with an error when the vault locks
        (LockedError) or the daemon goes; close it when done, or use it as a context manager."""
        from ._watch import Watch

        return Watch(self._configure, collection, names)

    # ---- Session

    def status(self) -> Status:
        out = ctypes.c_void_p()
        self._pool.call("get_status", out)
        return Status(_handle(out))

    def unlock(self, passphrase: SecretValue) -> None:
        """WrongPassphraseError."""
        with Passed(passphrase) as (data, size):
            self._pool.call("unlock", _PASSPHRASE, data, size, None, None)

    def lock(self) -> bool:
        """For every program of the user. False if it was locked before."""
        was_unlocked = ctypes.c_int()
        self._pool.call("lock", was_unlocked)
        return bool(was_unlocked.value)

    def create(self, passphrase: SecretValue) -> None:
        """Makes a vault that this passphrase opens, and leaves it unlocked. It has no recovery
        key: `tacit slot add recovery-key` gives it one."""
        with Passed(passphrase) as (data, size):
            self._pool.call("create", _PASSPHRASE, data, size, None)

    # ---- Projects; tacit.env is made of these

    def resolve_project(
        self, project: str, folder: str | os.PathLike[str], profile: str | None = None
    ) -> str:
        """The collection of a project in a folder. NotFoundError, UntrustedFolderError."""
        out = ctypes.c_void_p()
        self._pool.call("resolve_project", *_project(project, folder),
                        text_or_none(profile, "profile"), out)
        return _collection_of(_handle(out))

    def link_project(
        self, project: str, folder: str | os.PathLike[str], collection: str | None = None
    ) -> str:
        """Makes a project known, with this folder. Returns its collection."""
        out = ctypes.c_void_p()
        self._pool.call("link_project", *_project(project, folder),
                        text_or_none(collection, "collection"), out)
        return _collection_of(_handle(out))

    def get_project(
        self, project: str, folder: str | os.PathLike[str], profile: str | None = None
    ) -> List[Item]:
        """`get_all` of a project in a folder."""
        out = ctypes.c_void_p()
        self._pool.call("get_project", *_project(project, folder),
                        text_or_none(profile, "profile"), out)
        return _found_items(_handle(out))

    def clear_project(self, project: str) -> int:
        """Deletes its items and returns how many went. It stays a project."""
        count = ctypes.c_uint64()
        self._pool.call("clear_project", text(project, "project"), count)
        return count.value


class _Changes:
    """A tacit_changes for a ``with`` block; None where there is nothing to say."""

    def __init__(
        self,
        attributes: Mapping[str, str] | None = None,
        content_type: str | None = None,
        expires: float | None = None,
        expected_version: int | None = None,
    ) -> None:
        self._handle: int | None = None
        if all(it is None for it in (attributes, content_type, expires, expected_version)):
            return
        native = library()
        self._handle = handle = native.changes_new()
        if attributes is not None:
            native.changes_no_attributes(handle)
            for key, value in attributes.items():
                native.changes_attribute(handle, text(key, "attribute"), text(value, "attribute"))
        if content_type is not None:
            native.changes_content_type(handle, text(content_type, "content type"))
        if expires is not None:
            native.changes_expires(handle, int(expires * 1000))
        if expected_version is not None:
            native.changes_expected_version(handle, expected_version)

    def __enter__(self) -> int | None:
        return self._handle

    def __exit__(self, *_: object) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            library().changes_free(handle)

    __del__ = __exit__


def _handle(out: ctypes.c_void_p) -> int:
    assert out.value is not None  # a call that went well handed something over
    return out.value


def _where(collection: str | None, name: str) -> tuple[bytes | None, bytes]:
    return text_or_none(collection, "collection"), text(name, "name")


def _project(project: str, folder: str | os.PathLike[str]) -> tuple[bytes, bytes]:
    path = os.fsencode(folder)
    if b"\0" in path:
        raise InvalidArgumentError("a folder's path holds no NUL", "INVALID_ARGUMENT")
    return text(project, "project"), path


def _collection_of(project: int) -> str:
    native = library()
    try:
        name: str = native.project_collection(project).decode()
        return name
    finally:
        native.project_free(project)


def _item_with_value(handle: int, owner: Owner | None = None) -> Item:
    """Of a tacit_item, which becomes its value's unless it is an owner's already."""
    native = library()
    if owner is None:
        owner = Owner(handle, native.item_free)
    value = Secret(owner, native.item_value(handle), native.item_value_size(handle))
    return item_from(handle, value)


def _found_items(handle: int) -> List[Item]:
    """Of a tacit_found, which becomes the values'."""
    native = library()
    owner = Owner(handle, native.found_free)
    items: List[Item] = []
    for i in range(native.found_count(handle)):
        error = native.found_error(handle, i)
        if error is not None:
            raise to_error(error)
        items.append(_item_with_value(native.found_item(handle, i), owner))
    return items
