"""Asking the daemon."""

from __future__ import annotations

import ctypes
import os

from ._arguments import Changes, collection_of, found_items, handed_over, is_reference
from ._arguments import item_with_value, project_in, where
from ._closing import Closing
from ._native import library, text, text_or_none, texts
from ._pool import Pool
from .items import Item, Status, Token, item_from, items_from
from .secret import Passed, Secret, secret_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable, List, Mapping

    from .secret import SecretValue
    from ._watch import Watch

DEADLINE = 10.0  # seconds
PATIENCE = 120.0  # the same where the user may be asked, and has to answer
MOST_MILLISECONDS = 2**31 - 1
_PASSPHRASE = 1  # enum tacit_slot_kind


class Client(Closing):
    """A connection to the user's daemon, for any number of threads and forked children.

    socket: its path; by default it is looked for. deadline: seconds for each call, the start of a
    daemon and the user's answer included; by default ten, or two minutes where the user may be
    asked. autostart: start one where none answers. interaction: whether the daemon may ask the
    user (by the prompter) before it answers; by default unless TACIT_NO_INPUT is set.

    Nothing is connected before the first call. Every call may raise the errors of
    `tacit.errors`. Names are of the collection ``default`` where none is given; `get` takes a
    reference as well, ``tacit://collection/name``.
    """

    def __init__(
        self,
        *,
        socket: str | os.PathLike[str] | None = None,
        deadline: float | None = None,
        autostart: bool = True,
        interaction: bool | None = None,
    ) -> None:
        if interaction is None:
            interaction = not os.environ.get("TACIT_NO_INPUT")
        if deadline is None:
            deadline = PATIENCE if interaction else DEADLINE
        path = None if socket is None else os.fsencode(socket)
        milliseconds = min(int(deadline * 1000), MOST_MILLISECONDS)

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

    # ---- Items

    def get(self, name: str, collection: str | None = None) -> Secret:
        """The value. NotFoundError, LockedError, ExpiredError, DeniedError..."""
        out = ctypes.c_void_p()
        if is_reference(collection, name):
            self._pool.call("get_reference", text(name, "reference"), out)
        else:
            self._pool.call("get", *where(collection, name), out)
        return secret_of(handed_over(out))

    def get_item(self, name: str, collection: str | None = None, *, version: int = 0) -> Item:
        """Value and metadata; version 0 is the newest."""
        out = ctypes.c_void_p()
        self._pool.call("get_item", *where(collection, name), version, out)
        return item_with_value(handed_over(out))

    def describe(self, name: str, collection: str | None = None, *, version: int = 0) -> Item:
        """Metadata only."""
        out = ctypes.c_void_p()
        self._pool.call("describe", *where(collection, name), version, out)
        handle = handed_over(out)
        try:
            return item_from(handle)
        finally:
            library().item_free(handle)

    def token_for_url(self, url: str, username: str | None = None) -> Token | None:
        """The token that is for what is at a URL, HOST or HOST:PORT; `get` gives its value and has
        it renewed when it has run out. username: ``__token__`` or the token's own; None: any."""
        out = ctypes.c_void_p()
        self._pool.call("token_for_url", text(url, "URL"), text_or_none(username, "username"), out)
        if out.value is None:
            return None
        try:
            return Token.read(out.value)
        finally:
            library().token_free(out.value)

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
        changes = Changes(attributes=attributes)
        with changes as handle:
            self._pool.call(
                "get_or_ask", *where(collection, name), text_or_none(prompt, "prompt"), handle, out
            )
        return secret_of(handed_over(out))

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
        changes = Changes(attributes, content_type, expires, expected_version)
        with Passed(value) as (data, size), changes as handle:
            self._pool.call("set", *where(collection, name), data, size, handle, version)
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
        self._pool.call("delete", *where(collection, name), purge, expected_version)

    def list(
        self, collection: str | None = None, *, attributes: Mapping[str, str] | None = None
    ) -> List[Item]:
        """Metadata of all items, or of one collection's, or of those that have all of these
        attributes; by collection and name."""
        out = ctypes.c_void_p()
        among = text_or_none(collection, "collection")
        if attributes is None:
            self._pool.call("list", among, False, out)
        else:
            keys = texts([*attributes], "attribute")
            values = texts([*attributes.values()], "attribute")
            self._pool.call("search", keys, values, len(attributes), among, out)
        return items_from(handed_over(out))

    def get_all(self, collection: str | None = None) -> List[Item]:
        """Everything in a collection and what it inherits, with values, in one round trip. Raises
        why the first one was not given."""
        out = ctypes.c_void_p()
        self._pool.call("get_all", text_or_none(collection, "collection"), out)
        return found_items(handed_over(out))

    def collections(self) -> dict[str, int]:
        """Their names, and how many items they have."""
        out = ctypes.c_void_p()
        self._pool.call("list_collections", out)
        native, handle = library(), handed_over(out)
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
        return Status(handed_over(out))

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
        self._pool.call("resolve_project", *project_in(project, folder),
                        text_or_none(profile, "profile"), out)
        return collection_of(handed_over(out))

    def link_project(
        self, project: str, folder: str | os.PathLike[str], collection: str | None = None
    ) -> str:
        """Makes a project known, with this folder. Returns its collection."""
        out = ctypes.c_void_p()
        self._pool.call("link_project", *project_in(project, folder),
                        text_or_none(collection, "collection"), out)
        return collection_of(handed_over(out))

    def get_project(
        self, project: str, folder: str | os.PathLike[str], profile: str | None = None
    ) -> List[Item]:
        """`get_all` of a project in a folder."""
        out = ctypes.c_void_p()
        self._pool.call("get_project", *project_in(project, folder),
                        text_or_none(profile, "profile"), out)
        return found_items(handed_over(out))

    def clear_project(self, project: str) -> int:
        """Deletes its items and returns how many went. It stays a project."""
        count = ctypes.c_uint64()
        self._pool.call("clear_project", text(project, "project"), count)
        return count.value
